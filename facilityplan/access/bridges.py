"""Who crosses which bridge on the way to the nearest open site: people counted along shortest-path trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from facilityplan.access.times import nearest
from facilityplan.access.types import Geography
from facilityplan.inputs.closed_roads import bridge_of_edge, road_name
from facilityplan.inputs.coordinates import WGS84, transform
from facilityplan.inputs.tables import Inputs
from facilityplan.network import kernels
from facilityplan.network.search import node_states
from facilityplan.network.types import RoadNetwork, SnappedPoints
from facilityplan.units import UNREACHABLE_DS


@dataclass(frozen=True)
class BridgeUse:
    """One bridge and the people whose assigned trip crosses it."""

    lon: float  # WGS 84, a point on its longest piece
    lat: float
    road_name: str | None
    road_class: str  # OSM highway class of its longest piece
    length_m: float  # of all its pieces
    edges: tuple[int, ...]  # ids of RoadTable
    people: float
    townships: tuple[tuple[str, float], ...]  # township → its people who cross, most first


def most_used_bridge(inputs: Inputs, geography: Geography, mode: str, is_open: np.ndarray) -> BridgeUse | None:
    """Return the bridge that most people cross on their way to the nearest of the facilities ``is_open`` (bool).

    None where the roads have no bridge that anybody crosses. Ties go to the bridge with the lowest edge id.
    """
    bridge = bridge_of_edge(inputs.roads)
    people = inputs.cells["people"].to_numpy(float)
    crossing = cells_by_bridge(geography.networks[mode], geography.cells[mode], geography.facilities[mode], is_open,
                               bridge)
    used = np.array([people[rows].sum() for rows in crossing])
    if not len(used) or used.max() <= 0:
        return None
    best = int(np.argmax(np.round(used, 6)))
    edges = np.flatnonzero(bridge == best)
    table = inputs.roads.edges.iloc[edges]
    longest = table.loc[table["length_m"].idxmax()]
    middle = shapely.line_interpolate_point(longest.geometry, 0.5, normalized=True)
    lon, lat = (float(value[0]) for value in transform(np.array([middle.x]), np.array([middle.y]), inputs.crs, WGS84))
    township = inputs.villages.set_index("id")["township"]
    by_town = pd.Series(people[crossing[best]]).groupby(
        inputs.cells["village"].iloc[crossing[best]].map(township).fillna("–").to_numpy(object)).sum()
    towns = sorted(((str(name), float(n)) for name, n in by_town.items() if n > 0), key=lambda one: (-one[1], one[0]))
    return BridgeUse(round(lon, 6), round(lat, 6), road_name(inputs.roads, edges), str(longest["road_class"]),
                     float(table["length_m"].sum()), tuple(edges.tolist()), float(used[best]), tuple(towns))


def cells_by_bridge(network: RoadNetwork, cells: SnappedPoints, sites: SnappedPoints, is_open: np.ndarray,
                    bridge: np.ndarray) -> list[np.ndarray]:
    """Return for each bridge (numbers of ``bridge``, by edge, -1 = none) the rows of the cells whose way crosses it.

    A way is the shortest one to the cell's nearest open site, as `access.nearest` finds it; of two that tie the first
    arc counts. Whoever joins the road on a bridge, or whose site stands on one, crosses it.
    """
    count = int(bridge.max(initial=-1)) + 1
    if not count:
        return []
    states = node_states(network, sites, is_open)
    reached = states != kernels.NO_STATE
    ds = np.where(reached, states >> 32, UNREACHABLE_DS)
    label = np.where(reached, states & 0xFFFFFFFF, -1).astype(np.int64)
    towards, over = _next_on_the_way(network, ds, label, reached)
    found = nearest(network, cells, sites, is_open)
    crossed: list[list[int]] = [[] for _ in range(count)]
    of_node: dict[int, frozenset[int]] = {}

    def bridges_from(node: int) -> frozenset[int]:
        """Bridges between ``node`` and its site, the site's own edge included; kept for all nodes on the way."""
        way = []
        while node not in of_node:
            way.append(node)
            if towards[node] < 0:
                end = bridge[sites.edge[label[node]]]
                of_node[node] = frozenset() if end < 0 else frozenset([int(end)])
                break
            node = int(towards[node])
        for one in reversed(way):
            if one not in of_node:
                here = int(bridge[over[one]])
                beyond = of_node[int(towards[one])]
                of_node[one] = beyond if here < 0 else beyond | {here}
        return of_node[way[0]] if way else of_node[node]

    for row in np.flatnonzero((found.site >= 0) & (found.ds < UNREACHABLE_DS)).tolist():
        edge = int(cells.edge[row])
        own = {int(bridge[edge])} - {-1}
        through = [(int(leg) + int(ds[node]), int(node))
                   for leg, node in zip((cells.to_u_ds[row], cells.to_v_ds[row]), network.edge_uv[edge], strict=True)
                   if leg < UNREACHABLE_DS and reached[node] and label[node] == found.site[row]]
        quickest = min(through, default=None)
        if quickest is not None and quickest[0] + int(cells.walk_ds[row]) <= int(found.ds[row]):
            own |= bridges_from(quickest[1])
        for number in own:
            crossed[number].append(row)
    return [np.array(rows, dtype=np.int64) for rows in crossed]


def _next_on_the_way(network: RoadNetwork, ds: np.ndarray, label: np.ndarray, reached: np.ndarray
                     ) -> tuple[np.ndarray, np.ndarray]:
    """Return (next node, edge to it) of every node on its way to its site; -1 where the site stands on an edge there.

    An arc is on the way where it takes exactly the difference of its ends' times and both lead to one site.
    """
    nodes = len(network.indptr) - 1
    tails = np.repeat(np.arange(nodes), np.diff(network.indptr))
    heads = network.heads.astype(np.int64)
    on_way = reached[tails] & reached[heads] & (label[tails] == label[heads]) & (network.arc_ds > 0)
    on_way &= ds[tails] == ds[heads] + network.arc_ds
    towards, over = np.full(nodes, -1, dtype=np.int64), np.full(nodes, -1, dtype=np.int64)
    rows = np.flatnonzero(on_way)[::-1]  # arcs lie in order of (tail, head, edge): the first of them is written last
    towards[tails[rows]], over[tails[rows]] = heads[rows], network.arc_edge[rows]
    return towards, over
