"""From roads to one travel mode's directed graph: speeds by edge first, then times, arcs and connected parts."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from facilityplan.config.schema import TravelMode
from facilityplan.inputs.tables import RoadTable
from facilityplan.network.types import RoadNetwork
from facilityplan.units import UNREACHABLE_DS

MOTOR_KMH = 30.0  # a mode faster than this on any road class is a motor mode and keeps posted speeds
DS_PER_KMH_METRE = 36  # metres / (km/h) * 36 = deciseconds


def edge_speeds(roads: RoadTable, mode: TravelMode) -> np.ndarray:
    """Return km/h by edge (float64); NaN where ``mode`` may not use it, or where the road is closed.

    A class such as ``primary_link`` that has no speed of its own takes that of its main class. Posted speeds cap motor
    modes only (any speed above 30 km/h): a sign of 40 km/h means nothing to somebody on foot.
    """
    classes = roads.edges["road_class"].astype("category")
    by_class = [mode.speeds_kmh.get(c, mode.speeds_kmh.get(str(c).removesuffix("_link"), np.nan))
                for c in classes.cat.categories]
    codes = classes.cat.codes.to_numpy()
    speed = np.append(np.array(by_class, dtype=float), np.nan)[codes]  # code -1, no class at all, takes the last: NaN
    if max(mode.speeds_kmh.values(), default=0.0) > MOTOR_KMH:
        posted = roads.edges["maxspeed_kmh"].to_numpy(dtype=float, na_value=np.nan)
        speed = np.where((posted > 0) & (posted < speed), posted, speed)
    speed[sorted(roads.closed)] = np.nan
    return speed


def travel_ds(length_m: np.ndarray, speed_kmh: np.ndarray) -> np.ndarray:
    """Return deciseconds (int32): round-half-up(length / speed * 36), at least 1 for any length; NaN = UNREACHABLE_DS.

    What would not fit into int32 is UNREACHABLE_DS too.
    """
    with np.errstate(invalid="ignore"):
        ds = np.floor(np.asarray(length_m, dtype=float) / speed_kmh * DS_PER_KMH_METRE + 0.5)
    ds = np.where(np.asarray(length_m) > 0, np.maximum(ds, 1), ds)
    return np.where(ds < UNREACHABLE_DS, ds, UNREACHABLE_DS).astype(np.int32)  # NaN compares false


def build_network(roads: RoadTable, mode_id: str, mode: TravelMode) -> RoadNetwork:
    """Return the graph that ``mode`` travels on. Arcs lie in order of (tail, head, edge).

    One-way roads lead from u to v only, where the mode obeys them. Parts are numbered by their count of nodes, the
    largest first, ties by smallest node.
    """
    edges = roads.edges
    nodes = len(roads.nodes)
    uv = np.column_stack([edges["u"].to_numpy(np.int32), edges["v"].to_numpy(np.int32)]).reshape(-1, 2)
    forward = travel_ds(edges["length_m"].to_numpy(float), edge_speeds(roads, mode))
    closed = edges["oneway"].to_numpy(bool) & mode.obeys_oneway
    backward = np.where(closed, UNREACHABLE_DS, forward)
    tail = np.concatenate([uv[:, 0], uv[:, 1]])
    head = np.concatenate([uv[:, 1], uv[:, 0]])
    ds = np.concatenate([forward, backward])
    edge = np.tile(np.arange(len(uv), dtype=np.int32), 2)
    order = np.lexsort((edge, head, tail))
    order = order[ds[order] < UNREACHABLE_DS]
    indptr = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail[order], minlength=nodes), out=indptr[1:])
    return RoadNetwork(
        mode=mode_id,
        node_xy=np.ascontiguousarray(roads.nodes[["x", "y"]].to_numpy(float)),
        indptr=indptr, heads=head[order], arc_ds=ds[order], arc_edge=edge[order],
        edge_uv=np.ascontiguousarray(uv), edge_forward_ds=forward, edge_backward_ds=backward,
        component=_parts(nodes, uv[forward < UNREACHABLE_DS]),
        off_road_kmh=mode.off_road_kmh)


def _parts(nodes: int, uv: np.ndarray) -> np.ndarray:
    """Number the connected parts of the usable edges, the largest 0; -1 for nodes without a usable edge."""
    part = np.full(nodes, -1, dtype=np.int32)
    used = np.zeros(nodes, dtype=bool)
    used[uv.ravel()] = True
    if used.any():
        graph = csr_array((np.ones(len(uv), dtype=np.int8), (uv[:, 0], uv[:, 1])), shape=(nodes, nodes))
        _, raw = connected_components(graph, directed=False)
        _, first, inverse, count = np.unique(raw[used], return_index=True, return_inverse=True, return_counts=True)
        rank = np.empty(len(count), dtype=np.int32)
        rank[np.lexsort((first, -count))] = np.arange(len(count))
        part[used] = rank[inverse]
    return part
