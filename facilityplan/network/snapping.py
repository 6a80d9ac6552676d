"""Points onto roads. No edge is ever split: a point keeps its edge, the share of the way along it, and the walk.

The rule, which the verifier follows too:

- The joint lies on the nearest edge that the mode may use, whatever connected part it belongs to; `on_islands` reports
  points that end up away from the largest part. Edges within 1e-6 m of the nearest tie: the smallest edge id wins.
- A joint within 1e-9 of an edge's end (as a share of its length) *is* the end: it costs nothing to leave by that end,
  one-way or not, because the person stands at the junction. This makes ties at a junction harmless.
- A part of an edge takes round-half-up(share * the whole edge's deciseconds), the walk
  round-half-up(metres / off-road km/h * 36); half less 1e-8 counts as half, so that no exact half hangs on float noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from facilityplan.inputs.tables import RoadTable
from facilityplan.network.graph import DS_PER_KMH_METRE
from facilityplan.network.kernels import END, HALF, nearest_segments, run
from facilityplan.network.types import RoadNetwork, SnappedPoints
from facilityplan.units import UNREACHABLE_DS

_BRANCHES = 4  # children of a box


@dataclass(frozen=True)
class Joints:
    """Where points meet the road, before any times: by point, edge (-1 = none), share from u, metres away."""

    edge: np.ndarray  # int32
    fraction: np.ndarray  # float64, NaN where there is no edge
    walk_m: np.ndarray  # float64, NaN where there is no edge


class RoadIndex:
    """Segments of the usable edges in a tree of boxes; shared by modes that use the same edges."""

    def __init__(self, roads: RoadTable, usable: np.ndarray) -> None:
        """Index the edges of ``roads`` where ``usable`` (bool by edge) holds."""
        ids = np.flatnonzero(usable)
        xy, line = shapely.get_coordinates(roads.edges.geometry.to_numpy()[ids], return_index=True)
        inner = line[1:] == line[:-1]
        start, end = xy[:-1][inner], xy[1:][inner]
        line = line[:-1][inner]
        step = np.hypot(*(end - start).T)
        along = np.concatenate([[0.0], np.cumsum(step)])
        first = np.searchsorted(line, np.arange(len(ids)))
        # summed line by line, so that no other line's length blurs the last digits
        start_m = along[:-1] - along[first][line] if len(ids) else along[:-1]
        order = _tiles((start + end) / 2)
        self.segments = np.ascontiguousarray(np.hstack([start, end])[order])
        self.segment_edge = ids[line].astype(np.int32)[order]
        self.start_m = start_m[order]
        self.boxes, self.level_start = _box_tree(self.segments)
        self.length_m = np.zeros(len(usable) + 1)  # the last one answers for edge -1
        self.length_m[ids] = shapely.length(roads.edges.geometry.to_numpy()[ids])

    def locate(self, xy: np.ndarray) -> Joints:
        """Return the joints of points ``xy`` (n, 2), metres, county CRS."""
        xy = np.asarray(xy, dtype=float).reshape(-1, 2)
        edge, along, far = np.full(len(xy), -1, dtype=np.int32), np.full(len(xy), np.nan), np.full(len(xy), np.nan)
        if len(self.segments):
            depth = _BRANCHES * len(self.level_start)
            run(nearest_segments, xy, self.segments, self.segment_edge, self.start_m, self.boxes, self.level_start,
                np.empty(depth, dtype=np.int64), np.empty(depth, dtype=np.int64), np.empty(depth), edge, along, far)
        length = self.length_m[edge]
        with np.errstate(invalid="ignore", divide="ignore"):
            fraction = np.where(length > 0, along / length, 0.0)
        fraction[edge < 0] = np.nan
        fraction = np.where(fraction <= END, 0.0, np.where(fraction >= 1 - END, 1.0, fraction))
        return Joints(edge, fraction, far)


def usable_edges(network: RoadNetwork) -> np.ndarray:
    """Return which edges the mode may use in either direction (bool by edge)."""
    return (network.edge_forward_ds < UNREACHABLE_DS) | (network.edge_backward_ds < UNREACHABLE_DS)


def snap(network: RoadNetwork, roads: RoadTable, xy: np.ndarray, ids: np.ndarray) -> SnappedPoints:
    """Join points ``xy`` (n, 2), metres, county CRS, with ``ids`` (n,) to their nearest usable edge."""
    return join(network, RoadIndex(roads, usable_edges(network)).locate(xy), ids)


def join(network: RoadNetwork, joints: Joints, ids: np.ndarray) -> SnappedPoints:
    """Give ``joints`` the mode's times to and from both ends of their edges."""
    on = joints.edge >= 0
    forward = np.append(network.edge_forward_ds, UNREACHABLE_DS)[joints.edge]  # edge -1 takes the last
    backward = np.append(network.edge_backward_ds, UNREACHABLE_DS)[joints.edge]
    walk = np.floor(np.nan_to_num(joints.walk_m, nan=0.0) / network.off_road_kmh * DS_PER_KMH_METRE + HALF)
    to_end = 1 - joints.fraction
    return SnappedPoints(
        ids=np.asarray(ids), edge=joints.edge, fraction=joints.fraction, walk_m=joints.walk_m,
        walk_ds=np.where(on & (walk < UNREACHABLE_DS), walk, UNREACHABLE_DS).astype(np.int32),
        to_u_ds=_part(joints.fraction, backward), to_v_ds=_part(to_end, forward),
        from_u_ds=_part(joints.fraction, forward), from_v_ds=_part(to_end, backward))


def on_islands(network: RoadNetwork, points: SnappedPoints) -> np.ndarray:
    """Return which points joined a road outside the largest connected part (bool)."""
    on = points.edge >= 0
    out = np.zeros(len(on), dtype=bool)
    out[on] = network.component[network.edge_uv[points.edge[on], 0]] > 0
    return out


def _part(share: np.ndarray, whole_ds: np.ndarray) -> np.ndarray:
    """Time of a share of an edge (int32): nothing takes no time whatever the direction."""
    ds = np.floor(np.nan_to_num(share) * whole_ds + HALF)
    ds = np.where(whole_ds < UNREACHABLE_DS, ds, UNREACHABLE_DS)
    return np.where(share <= END, 0, ds).astype(np.int32)


def _tiles(centre: np.ndarray) -> np.ndarray:
    """Return an order of points (n, 2) that keeps neighbours together: vertical strips, each from south to north."""
    strips = max(int(np.sqrt(len(centre) / _BRANCHES)), 1)
    strip = np.empty(len(centre), dtype=np.int64)
    strip[np.argsort(centre[:, 0], kind="stable")] = np.arange(len(centre)) * strips // max(len(centre), 1)
    return np.lexsort((centre[:, 1], strip))


def _box_tree(segments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (boxes x0 y0 x1 y1, start of each level and the end) of a tree over ``segments``, leaves first."""
    low, high = np.minimum(segments[:, :2], segments[:, 2:]), np.maximum(segments[:, :2], segments[:, 2:])
    levels, start = [], [0]
    while len(low) and (not levels or len(low) > 1):
        groups = np.arange(0, len(low), _BRANCHES)
        low, high = np.minimum.reduceat(low, groups), np.maximum.reduceat(high, groups)
        levels.append(np.hstack([low, high]))
        start.append(start[-1] + len(groups))
    boxes = np.concatenate(levels) if levels else np.empty((0, 4))
    return np.ascontiguousarray(boxes), np.array(start, dtype=np.int64)
