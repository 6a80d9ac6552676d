"""Roads to networkx graphs as osmnx makes them, and back: what others computed can be used here, and the reverse.

An osmnx graph holds one arc for each direction of travel. Here a street is one edge, so arcs that mirror each other
(same two nodes, same line, same class, neither marked one-way) become one edge again. An arc whose mirror image is
missing, as at the rim of a clipped graph, is a one-way road: that is what the graph allows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from facilityplan.inputs.coordinates import transform
from facilityplan.inputs.cutting import ATTRIBUTES, Lines, cut_lines
from facilityplan.inputs.osm_tags import is_bridge, maxspeed_kmh
from facilityplan.inputs.tables import RoadTable
from facilityplan.network.types import RoadNetwork
from facilityplan.units import UNREACHABLE_DS

_TRUE = frozenset({"true", "yes", "1", "-1"})


def to_networkx(roads: RoadTable, network: RoadNetwork | None = None) -> nx.MultiDiGraph:
    """Return the roads as osmnx has them: nodes with x, y; arcs with osmid, highway, length, oneway, geometry and more.

    ``osmid`` is our edge id. With a ``network``, only what its mode may use, with ``travel_time`` in seconds and exact
    deciseconds as ``arc_ds``. `osmnx.save_graphml`, `graph_to_gdfs` and the routing functions take it as it is.
    """
    graph = nx.MultiDiGraph(crs=roads.edges.crs.to_string())
    for node, x, y in roads.nodes[["node", "x", "y"]].itertuples(index=False):
        graph.add_node(int(node), x=float(x), y=float(y))
    for row in roads.edges.itertuples(index=False):
        values: dict[str, Any] = {"osmid": int(row.edge), "highway": row.road_class, "length": float(row.length_m),
                                  "oneway": bool(row.oneway)}
        if row.bridge:
            values["bridge"] = "yes"
        if row.maxspeed_kmh == row.maxspeed_kmh:  # not NaN
            values["maxspeed"] = repr(float(row.maxspeed_kmh))
        if isinstance(row.name, str):
            values["name"] = row.name
        for backward, ds in ((False, _arc_ds(network, row.edge, "edge_forward_ds")),
                             (True, _arc_ds(network, row.edge, "edge_backward_ds"))):
            if (network is None and backward and row.oneway) or ds == UNREACHABLE_DS:
                continue
            timed = {} if ds is None else {"arc_ds": int(ds), "travel_time": int(ds) / 10}
            tail, head = (row.v, row.u) if backward else (row.u, row.v)
            line = shapely.reverse(row.geometry) if backward else row.geometry
            graph.add_edge(int(tail), int(head), **values, **timed, reversed=backward, geometry=line)
    return graph


def from_osmnx(graph: nx.MultiDiGraph | nx.MultiGraph, crs: str) -> RoadTable:
    """Return an osmnx graph as a canonical RoadTable in ``crs`` (projected, metres).

    Nodes need x and y, in the CRS that ``graph.graph["crs"]`` names. Streets meet at nodes only, never at the inner
    vertices of a line; lengths are those of the lines in ``crs``. Of several highway values the first counts. Nodes
    without a street are left out. Raises KeyError where coordinates or the CRS are missing.
    """
    source = str(graph.graph["crs"])
    nodes = sorted(graph.nodes, key=lambda n: (float(graph.nodes[n]["x"]), float(graph.nodes[n]["y"]), str(n)))
    number = {node: i for i, node in enumerate(nodes)}
    place = np.array([(float(graph.nodes[n]["x"]), float(graph.nodes[n]["y"])) for n in nodes]).reshape(-1, 2)
    ends, shapes, rows = [], [], []
    for u, v, shape, row in _streets(graph, number, place):
        ends.append((u, v))
        shapes.append(shape)
        rows.append(row)
    size = np.array([len(shape) for shape in shapes], dtype=np.int64)
    line = np.repeat(np.arange(len(size)), size)
    key = len(nodes) + np.arange(len(line), dtype=np.int64)
    last = np.cumsum(size) - 1
    if len(size):
        key[last - size + 1], key[last] = np.array(ends).T
    xy = np.concatenate(shapes) if shapes else np.empty((0, 2))
    table = pd.DataFrame(rows, columns=list(ATTRIBUTES)).astype({"oneway": bool, "bridge": bool, "maxspeed_kmh": float})
    return cut_lines(Lines(np.column_stack(transform(xy[:, 0], xy[:, 1], source, crs)), key, line, table), crs)


def _streets(graph: nx.MultiDiGraph | nx.MultiGraph, number: dict, place: np.ndarray
             ) -> Iterator[tuple[int, int, np.ndarray, tuple]]:
    """Yield (u, v, coordinates, ATTRIBUTES) for every street, mirrored arcs folded."""
    found: dict[tuple, set[bool]] = {}
    for tail, head, values in graph.edges(data=True):
        u, v = number[tail], number[head]
        shape = _line(values.get("geometry"), place[u], place[v])
        oneway = _first(values.get("oneway")).lower() in _TRUE
        if not graph.is_directed() and str(values.get("from", tail)) == str(head) != str(tail):
            u, v = v, u  # undirected graphs forget which end comes first; osmnx notes it, the line follows it
        forward = oneway or (u, shape.tolist()) <= (v, shape[::-1].tolist())
        if not forward:
            u, v, shape = v, u, shape[::-1]
        row = (_first(values.get("highway")), is_bridge(_first(values.get("bridge")) or None),
               maxspeed_kmh(";".join(_all(values.get("maxspeed")))), " / ".join(_all(values.get("name"))) or None)
        identity = (u, v, shape.shape, shape.tobytes(), oneway, row[0], row[1], str(row[2]), row[3])
        found.setdefault(identity, set()).add(forward)
        if not graph.is_directed() and not oneway:
            found[identity] = {True, False}
    for (u, v, size, line, oneway, road_class, bridge, speed, name), ways in found.items():
        shape = np.frombuffer(line).reshape(size)
        ring = u == v and not oneway and np.array_equal(shape, shape[::-1])
        both = not oneway and (len(ways) == 2 or ring)
        if not both and not oneway and True not in ways:
            u, v, shape = v, u, shape[::-1]
        yield u, v, shape, (road_class, not both, bridge, float(speed), name)


def _line(geometry: object, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    if geometry is None or geometry != geometry:
        return np.array([start, end])
    line = shapely.from_wkt(geometry) if isinstance(geometry, str) else geometry
    return np.ascontiguousarray(shapely.get_coordinates(line))


def _all(value: object) -> list[str]:
    """Return an attribute's values as texts: osmnx keeps several as a list, GraphML that list as a text."""
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        try:
            value = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            return [str(value)]
    if isinstance(value, list | tuple | set):
        return [str(v) for v in value]
    return [] if value is None or value != value else [str(value)]


def _first(value: object) -> str:
    return next(iter(_all(value)), "")


def _arc_ds(network: RoadNetwork | None, edge: int, direction: str) -> int | None:
    return None if network is None else getattr(network, direction)[edge]
