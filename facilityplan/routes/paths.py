"""The way itself between two points on the roads, as a line to be drawn."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString
from shapely.ops import substring

from facilityplan.inputs.tables import RoadTable
from facilityplan.network.kernels import NO_STATE, along_edge
from facilityplan.network.search import node_states
from facilityplan.network.types import RoadNetwork, SnappedPoints
from facilityplan.units import UNREACHABLE_DS


class Ways:
    """Quickest ways along one mode's roads."""

    def __init__(self, network: RoadNetwork, roads: RoadTable) -> None:
        self._network, self._lines = network, roads.edges.geometry.to_numpy()
        self._states: dict[int, np.ndarray] = {}

    def between(self, points: SnappedPoints, a: int, b: int, xy: np.ndarray) -> LineString:
        """Return the way from point ``a`` to point ``b``; the walk between point and road is a straight line.

        ``xy``: where the points are (float64 (points, 2), county CRS). A straight line where there is no way.
        """
        parts = self._parts(points, a, b)
        lines = [shapely.get_coordinates(substring(self._lines[edge], start, end, normalized=True))
                 for edge, start, end in parts]
        corners = np.vstack([xy[[a]], *lines, xy[[b]]])
        moved = np.concatenate([[True], np.any(corners[1:] != corners[:-1], axis=1)])
        corners = corners[moved]
        return LineString(corners if len(corners) > 1 else np.vstack([xy[[a]], xy[[b]]]))

    def _parts(self, points: SnappedPoints, a: int, b: int) -> list[tuple[int, float, float]]:
        """Return (edge, share of its length where it is entered, and left) along the way."""
        net, first, last = self._network, int(points.edge[a]), int(points.edge[b])
        if first < 0 or last < 0:
            return []
        to_b = self._to(points, b)
        choices = [(int(leg[a]) + int(to_b[net.edge_uv[first, side]]), side)
                   for side, leg in ((0, points.to_u_ds), (1, points.to_v_ds))]
        best, side = min(choices)
        if first == last:
            start, end = float(points.fraction[a]), float(points.fraction[b])
            direct = along_edge(start, end, net.edge_forward_ds[first], net.edge_backward_ds[first])
            if direct < UNREACHABLE_DS and direct + int(points.walk_ds[b]) <= best:
                return [(first, start, end)]
        if best >= UNREACHABLE_DS:
            return []
        parts = [(first, float(points.fraction[a]), float(side))]
        return parts + self._onward(points, b, int(net.edge_uv[first, side]), to_b)

    def _onward(self, points: SnappedPoints, b: int, node: int, to_b: np.ndarray) -> list[tuple[int, float, float]]:
        net, last, parts, seen = self._network, int(points.edge[b]), [], set()
        ends = {int(net.edge_uv[last, side]): (side, int(leg[b]) + int(points.walk_ds[b]))
                for side, leg in ((1, points.from_v_ds), (0, points.from_u_ds))}
        while node not in seen:
            seen.add(node)
            if node in ends and ends[node][1] == to_b[node]:
                return [*parts, (last, float(ends[node][0]), float(points.fraction[b]))]
            for arc in range(net.indptr[node], net.indptr[node + 1]):
                head = int(net.heads[arc])
                if to_b[head] + net.arc_ds[arc] == to_b[node] and head not in seen:
                    edge = int(net.arc_edge[arc])
                    forward = int(net.edge_uv[edge, 0]) == node
                    parts.append((edge, 0.0, 1.0) if forward else (edge, 1.0, 0.0))
                    node = head
                    break
        return []  # roads without length led round in a circle; a straight line is drawn

    def _to(self, points: SnappedPoints, b: int) -> np.ndarray:
        """Return every node's deciseconds to point ``b`` (int64), UNREACHABLE_DS where there is no way."""
        if b not in self._states:
            only = np.zeros(len(points.edge), dtype=bool)
            only[b] = True
            states = node_states(self._network, points, only)
            self._states[b] = np.where(states == NO_STATE, np.int64(UNREACHABLE_DS), states >> 32)
        return self._states[b]
