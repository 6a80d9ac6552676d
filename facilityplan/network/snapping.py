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
from facilityplan.network.kernels import END, HALF, nearest_segments
from facilityplan.network.types import RoadNetwork, SnappedPoints
from facilityplan.units import UNREACHABLE_DS

_MAX_GRID = 2_000_000  # squares; bounds memory where a few roads lie very far apart


@dataclass(frozen=True)
class Joints:
    """Where points meet the road, before any times: by point, edge (-1 = none), share from u, metres away."""

    edge: np.ndarray  # int32
    fraction: np.ndarray  # float64, NaN where there is no edge
    walk_m: np.ndarray  # float64, NaN where there is no edge


class RoadIndex:
    """Segments of the usable edges in a grid of squares; shared by modes that use the same edges."""

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
        self.segments = np.ascontiguousarray(np.hstack([start, end]))
        self.segment_edge = ids[line].astype(np.int32)
        # summed line by line, as GEOS does, so that no far-off line's length blurs the last digits
        self.start_m = np.ascontiguousarray(along[:-1] - along[first][line]) if len(ids) else along[:-1]
        self.length_m = np.zeros(len(usable) + 1)  # the last one answers for edge -1
        self.length_m[ids] = shapely.length(roads.edges.geometry.to_numpy()[ids])
        self._make_grid(start, end, step)

    def _make_grid(self, start: np.ndarray, end: np.ndarray, step: np.ndarray) -> None:
        if not len(start):
            self.left, self.bottom, self.size, self.columns, self.rows = 0.0, 0.0, 1.0, 1, 1
            self.cell_ptr, self.cell_segments = np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int32)
            return
        (self.left, self.bottom), (right, top) = (np.minimum(start, end).min(axis=0).tolist(),
                                                  np.maximum(start, end).max(axis=0).tolist())
        width, height = right - self.left, top - self.bottom
        self.size = max(25.0, np.sqrt(width * height / len(start)), max(width, height) / _MAX_GRID,
                        np.sqrt(width * height / _MAX_GRID))
        self.columns, self.rows = int(width // self.size) + 1, int(height // self.size) + 1
        # pieces no longer than a square lie in at most two columns and two rows
        pieces = np.maximum(np.ceil(step / self.size).astype(np.int64), 1)
        segment = np.repeat(np.arange(len(start)), pieces)
        k = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = np.column_stack([k, k + 1]) / pieces[segment][:, None]
        delta = (end - start)[segment]
        ends = start[segment][:, None, :] + share[:, :, None] * delta[:, None, :]
        column = ((ends[:, :, 0] - self.left) // self.size).astype(np.int64).clip(0, self.columns - 1)
        row = ((ends[:, :, 1] - self.bottom) // self.size).astype(np.int64).clip(0, self.rows - 1)
        cells = np.concatenate([row[:, i] * self.columns + column[:, j] for i in (0, 1) for j in (0, 1)])
        packed = np.sort(cells * len(start) + np.tile(segment, 4))
        packed = packed[np.diff(packed, prepend=-1) > 0]  # np.unique hashes integers, five times slower here
        self.cell_segments = (packed % len(start)).astype(np.int32)
        self.cell_ptr = np.zeros(self.columns * self.rows + 1, dtype=np.int64)
        np.cumsum(np.bincount(packed // len(start), minlength=self.columns * self.rows), out=self.cell_ptr[1:])

    def locate(self, xy: np.ndarray) -> Joints:
        """Return the joints of points ``xy`` (n, 2), metres, county CRS."""
        xy = np.ascontiguousarray(xy, dtype=float).reshape(-1, 2)
        edge, along, far = np.full(len(xy), -1, dtype=np.int32), np.full(len(xy), np.nan), np.full(len(xy), np.nan)
        if len(self.segments):
            nearest_segments(xy, self.segments, self.segment_edge, self.start_m, self.cell_ptr, self.cell_segments,
                             self.left, self.bottom, float(self.size), self.columns, self.rows, edge, along, far)
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

