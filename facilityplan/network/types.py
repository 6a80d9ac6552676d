"""The road network as arrays, ids beside them, and points snapped onto it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RoadNetwork:
    """One travel mode's directed graph in CSR form. Arc k leads from its tail to ``heads[k]``.

    Edges the mode may not use have no arcs. Times are integer deciseconds, int32.
    """

    mode: str
    node_xy: np.ndarray  # float64 (nodes, 2), metres, county CRS; row = node id of RoadTable
    indptr: np.ndarray  # int64 (nodes + 1,)
    heads: np.ndarray  # int32 (arcs,)
    arc_ds: np.ndarray  # int32 (arcs,) travel time of the arc
    arc_edge: np.ndarray  # int32 (arcs,) edge id of RoadTable
    edge_uv: np.ndarray  # int32 (edges, 2) u, v of every edge of RoadTable
    edge_forward_ds: np.ndarray  # int32 (edges,) time u → v; UNREACHABLE_DS where not allowed
    edge_backward_ds: np.ndarray  # int32 (edges,) time v → u; UNREACHABLE_DS where not allowed
    component: np.ndarray  # int32 (nodes,) weakly connected part, 0 = the largest; -1 = no usable edge
    off_road_kmh: float

    def reversed_csr(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (indptr, heads, arc_ds) of the graph with every arc turned round."""
        nodes = len(self.indptr) - 1
        tails = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(self.indptr))
        order = np.argsort(self.heads, kind="stable")
        indptr = np.zeros(nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.heads, minlength=nodes), out=indptr[1:])
        return indptr, np.ascontiguousarray(tails[order]), np.ascontiguousarray(self.arc_ds[order])


@dataclass(frozen=True)
class SnappedPoints:
    """Points on their nearest usable edge; no edge is split. A point joins the road at ``fraction`` of the edge."""

    ids: np.ndarray  # object or int64 (points,)
    edge: np.ndarray  # int32 (points,), -1 = no usable road at all
    fraction: np.ndarray  # float64 (points,) share of the edge's length from u
    walk_m: np.ndarray  # float64 (points,) straight line to the road
    walk_ds: np.ndarray  # int32 (points,) at the mode's off-road speed
    to_u_ds: np.ndarray  # int32 (points,) from the joint along the edge to u (v → u direction), or UNREACHABLE_DS
    to_v_ds: np.ndarray  # int32 (points,) from the joint along the edge to v
    from_u_ds: np.ndarray  # int32 (points,) from u along the edge to the joint
    from_v_ds: np.ndarray  # int32 (points,) from v along the edge to the joint
