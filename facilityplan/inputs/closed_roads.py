"""Roads that a planner takes as closed: which edges a point on the map means, bridges as wholes.

A bridge is drawn in pieces, and a wide one in two carriageways with paths beside them. Pieces marked as a bridge belong
together where they meet at a node or where the middle of one lies within BESIDE_M of the other's line.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from facilityplan.config.schema import RoadsSource
from facilityplan.inputs.coordinates import WGS84, Frame
from facilityplan.inputs.findings import Findings, fault
from facilityplan.inputs.tables import RoadTable

BESIDE_M = 30.0  # carriageways and paths of one bridge lie closer than this to one another
FOUND_WITHIN_M = 100.0  # a point farther than this from what it means is a fault


def bridge_of_edge(roads: RoadTable) -> np.ndarray:
    """Return the bridge of every edge (int64), numbered by lowest edge id; -1 for edges that are no bridge."""
    number = np.full(len(roads.edges), -1, dtype=np.int64)
    rows = np.flatnonzero(roads.edges["bridge"].to_numpy(bool))
    if not len(rows):
        return number
    lines = roads.edges.geometry.to_numpy()[rows]
    ends = np.concatenate([roads.edges[end].to_numpy(np.int64)[rows] for end in ("u", "v")])
    nodes, node = np.unique(ends, return_inverse=True)
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    a, b = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=BESIDE_M)
    n = len(rows)  # one graph: pieces first, then the nodes at which they meet
    tail = np.concatenate([np.tile(np.arange(n), 2), a])
    head = np.concatenate([n + node, b])
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(n + len(nodes),) * 2)
    part = connected_components(graph, directed=False)[1][:n]
    _, first, inverse = np.unique(part, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number[rows] = rank[inverse]
    return number


def close_roads(source: RoadsSource, roads: RoadTable, frame: Frame, findings: Findings) -> RoadTable:
    """Return ``roads`` with what ``source.closed`` names closed, each with a note; faults where nothing lies there."""
    if not source.closed or not len(roads.edges):
        return roads
    bridge = bridge_of_edge(roads)
    lines = roads.edges.geometry.to_numpy()
    closed: set[int] = set()
    for k, one in enumerate(source.closed):
        x, y = frame.to_county(np.array([one.lon]), np.array([one.lat]), WGS84)
        rows = np.flatnonzero(bridge >= 0) if one.what == "bridge" else np.arange(len(lines))
        if not np.isfinite([*x, *y]).all() or not len(rows):
            far, edge = np.inf, -1
        else:
            metres = shapely.distance(lines[rows], shapely.Point(x[0], y[0]))
            far, edge = float(metres.min()), int(rows[np.argmin(metres)])
        if far > FOUND_WITHIN_M:
            kind = ("桥梁", "bridge") if one.what == "bridge" else ("道路", "road")
            there = ("", "") if not np.isfinite(far) else (f"（最近的相距 {far:,.0f} 米）",
                                                          f" (the nearest is {far:,.0f} m away)")
            findings.add(fault(
                "nothing_to_close", f"封闭点 {one.lon}, {one.lat} 的 {FOUND_WITHIN_M:.0f} 米内没有{kind[0]}{there[0]}",
                f"no {kind[1]} lies within {FOUND_WITHIN_M:.0f} m of the closed point {one.lon}, {one.lat}{there[1]}",
                "把点放到该桥或道路上（WGS 84 经纬度）；普通道路写 what: road",
                "put the point on it (longitude and latitude, WGS 84); write what: road for a road that is no bridge",
                field=f"inputs.roads.closed.{k}"))
            continue
        closed |= set(np.flatnonzero(bridge == bridge[edge]).tolist()) if one.what == "bridge" else {edge}
        kind = ("桥梁", "bridge") if one.what == "bridge" else ("道路", "road")
        named = road_name(roads, np.array([edge]))
        called = ("", "") if named is None else (f"“{named}”", f" “{named}”")
        reason_en = one.reason if one.reason_en is None else one.reason_en
        findings.note(f"按封闭计算的{kind[0]}{called[0]}（{one.lon:.5f}, {one.lat:.5f}）：{one.reason}",
                      f"taken as closed: the {kind[1]}{called[1]} at {one.lon:.5f}, {one.lat:.5f}: {reason_en}")
    return dataclasses.replace(roads, closed=frozenset(closed))


def road_name(roads: RoadTable, edges: np.ndarray) -> str | None:
    """Return the name that most of ``edges`` (ids) bear by length, None where none has a name."""
    table = roads.edges.iloc[edges]
    named = table[table["name"].notna()]
    if named.empty:
        return None
    length = named.groupby("name")["length_m"].sum()
    return str(min(length.index, key=lambda name: (-length[name], name)))
