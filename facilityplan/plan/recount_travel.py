"""Travel times counted a second time, for the verifier alone: own snapping, own graph, scipy's shortest paths.

Nothing here is shared with `network` or `access`; only the published rules are the same. Times are integer deciseconds:
an arc takes round-half-up(length_m / speed_kmh * 36), at least 1; a part of an arc round-half-up(share * arc); a walk
round-half-up(walk_m / off_road_kmh * 36). Unreachable is numpy's inf inside and ``NEVER`` outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from facilityplan.config.schema import TravelMode
from facilityplan.inputs.tables import RoadTable

NEVER = -1  # no way at all; compared by name, never by size
MOTOR_KMH = 30.0  # a mode faster than this on any class is a motor mode and keeps posted speeds
SNAP_TIE_M = 1e-6  # edges this close to the nearest one count as equally near: the smallest edge id wins
_NO_WAY = np.inf


def round_half_up(value: np.ndarray) -> np.ndarray:
    """Round to the nearest integer, halves upward (float64; inf stays inf)."""
    return np.floor(np.asarray(value, dtype=float) + 0.5)


@dataclass(frozen=True)
class Joints:
    """Points joined to their nearest usable edge. Arrays by point; times in deciseconds, inf where not allowed."""

    edge: np.ndarray  # int64, position among all edges; -1 = no usable road at all
    share: np.ndarray  # float64, share of the edge's length from u to the joint
    walk_m: np.ndarray  # float64
    walk: np.ndarray  # float64
    to_u: np.ndarray  # joint → u
    to_v: np.ndarray
    from_u: np.ndarray  # u → joint
    from_v: np.ndarray

    def take(self, rows: np.ndarray) -> Joints:
        """Return the joints of ``rows`` (positions or mask)."""
        return Joints(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Nearest:
    """Nearest open site by origin: exact deciseconds (NEVER = no way) and the site's row (-1 = none)."""

    ds: np.ndarray  # int64
    site: np.ndarray  # int64

    def within(self, limit_min: int) -> np.ndarray:
        """Return which origins have a site within ``limit_min`` whole minutes (rounded up), bool."""
        return (self.ds != NEVER) & (self.ds <= 600 * limit_min)

    def whole_minutes(self) -> np.ndarray:
        """Return minutes rounded up (int64); NEVER where there is no way."""
        return np.where(self.ds == NEVER, NEVER, -(-self.ds // 600))


class RoadRecount:
    """One mode's roads as the verifier sees them."""

    def __init__(self, roads: RoadTable, mode: TravelMode) -> None:
        edges = roads.edges
        self.mode = mode
        self.geometry = edges.geometry.to_numpy()
        self.u, self.v = edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)
        self.nodes = len(roads.nodes)
        self.node_xy = roads.nodes[["x", "y"]].to_numpy(float)
        speed = edges["road_class"].map(dict(mode.speeds_kmh)).to_numpy(float)
        posted = edges["maxspeed_kmh"].to_numpy(float)
        if mode.speeds_kmh and max(mode.speeds_kmh.values()) > MOTOR_KMH:
            speed = np.where(posted < speed, posted, speed)
        self.usable = ~np.isnan(speed)
        self.top_kmh = max([mode.off_road_kmh, *speed[self.usable]])
        length = edges["length_m"].to_numpy(float)
        with np.errstate(invalid="ignore"):
            whole = np.where(length > 0, np.maximum(round_half_up(length / speed * 36), 1), 0)
        self.forward = np.where(self.usable, whole, _NO_WAY)
        closed = edges["oneway"].to_numpy(bool) & mode.obeys_oneway
        self.backward = np.where(self.usable & ~closed, whole, _NO_WAY)

    # -- points onto roads ---------------------------------------------------------------------------------------

    @cached_property
    def _tree(self) -> tuple[np.ndarray, shapely.STRtree]:
        rows = np.flatnonzero(self.usable)
        return rows, shapely.STRtree(self.geometry[rows])

    def join(self, xy: np.ndarray) -> Joints:
        """Join points (n, 2) in metres, county CRS, to their nearest usable edge; ties go to the smallest edge."""
        points = shapely.points(np.asarray(xy, dtype=float).reshape(-1, 2))
        edge = np.full(len(points), -1, dtype=np.int64)
        rows, tree = self._tree
        if len(rows) and len(points):
            (who, _), far = tree.query_nearest(points, return_distance=True, all_matches=False)
            reach = np.zeros(len(points))
            reach[who] = far
            # the tolerance makes ties at a junction independent of the last bit of a distance
            origin, hit = tree.query(points, predicate="dwithin", distance=reach + SNAP_TIE_M)
            edge[:] = np.iinfo(np.int64).max
            np.minimum.at(edge, origin, rows[hit])
        return self._joints(points, edge)

    def _joints(self, points: np.ndarray, edge: np.ndarray) -> Joints:
        on = edge >= 0
        share, walk_m = np.zeros(len(points)), np.full(len(points), np.nan)
        lines = self.geometry[edge[on]]
        length = shapely.length(lines)
        along = shapely.line_locate_point(lines, points[on])
        share[on] = np.clip(np.divide(along, length, out=np.zeros_like(along), where=length > 0), 0.0, 1.0)
        walk_m[on] = shapely.distance(lines, points[on])
        walk = np.where(on, round_half_up(walk_m / self.mode.off_road_kmh * 36), _NO_WAY)
        forward = np.where(on, self.forward[edge], _NO_WAY)
        backward = np.where(on, self.backward[edge], _NO_WAY)
        return Joints(edge, share, walk_m, walk, to_u=_part(share, backward), to_v=_part(1 - share, forward),
                      from_u=_part(share, forward), from_v=_part(1 - share, backward))

    # -- shortest paths ------------------------------------------------------------------------------------------

    @cached_property
    def _arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tails, heads and times of all arcs; of parallel arcs only the quickest (scipy would add them up)."""
        tail = np.concatenate([self.u, self.v])
        head = np.concatenate([self.v, self.u])
        time = np.concatenate([self.forward, self.backward])
        keep = np.isfinite(time) & (tail != head)
        tail, head, time = tail[keep], head[keep], time[keep]
        order = np.lexsort((time, head, tail))
        tail, head, time = tail[order], head[order], time[order]
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        return tail[first], head[first], time[first]

    def _distances(self, starts: np.ndarray, nodes: np.ndarray, lead: np.ndarray, scale: int, *, backwards: bool,
                   limit: float = np.inf) -> np.ndarray:
        """Return distances (starts, nodes) from extra nodes joined to ``nodes`` by arcs of ``lead``.

        Road arcs count ``scale`` times their deciseconds. A leading arc must be > 0: scipy takes 0 for no arc.
        """
        tail, head, time = self._arcs
        if backwards:
            tail, head = head, tail
        count = int(starts.max(initial=-1)) + 1
        finite = np.isfinite(lead)
        total = self.nodes + count
        graph = csr_array((np.concatenate([time * scale, lead[finite]]),
                           (np.concatenate([tail, self.nodes + starts[finite]]), np.concatenate([head, nodes[finite]]))),
                          shape=(total, total))
        if count == 0:
            return np.empty((0, self.nodes))
        found = dijkstra(graph, directed=True, indices=np.arange(self.nodes, total), limit=limit)
        return found[:, : self.nodes]

    def nearest(self, origins: Joints, sites: Joints, is_open: np.ndarray) -> Nearest:
        """Return the nearest open site of every origin, person to facility, the lowest row at a tie. Never cut off.

        One run on the reversed graph. Time and row travel together as time * (sites + 1) + row, so that the shortest
        path is also the one to the lowest row; sums stay far below 2**53 and are exact.
        """
        rows = np.flatnonzero(np.asarray(is_open, dtype=bool) & (sites.edge >= 0))
        scale = len(is_open) + 1
        here = sites.take(rows)
        lead_u = (here.walk + here.from_u + 1) * scale + rows  # + 1: no leading arc of 0
        lead_v = (here.walk + here.from_v + 1) * scale + rows
        nodes = np.concatenate([self.u[here.edge], self.v[here.edge]])
        lead = np.concatenate([lead_u, lead_v])
        best = np.full(len(origins.edge), _NO_WAY)
        if len(rows):
            order = np.lexsort((lead, nodes))  # two sites may share a junction: the better one leads there
            nodes, lead = nodes[order], lead[order]
            first = np.ones(len(nodes), dtype=bool)
            first[1:] = nodes[1:] != nodes[:-1]
            reach = self._distances(np.zeros(int(first.sum()), dtype=np.int64), nodes[first], lead[first], scale,
                                    backwards=True)[0]
            on = origins.edge >= 0
            u, v = self.u[origins.edge], self.v[origins.edge]
            through = np.minimum(origins.to_u * scale + reach[u], origins.to_v * scale + reach[v])
            best = np.where(on, origins.walk * scale + through, _NO_WAY)
            for i, j, along in _same_edge(origins, here, self):
                best[i] = min(best[i], (origins.walk[i] + along + here.walk[j] + 1) * scale + rows[j])
        found = np.isfinite(best)
        whole = np.where(found, best, 0).astype(np.int64)
        return Nearest(ds=np.where(found, whole // scale - 1, NEVER), site=np.where(found, whole % scale, -1))

    def times_between(self, origins: Joints, sites: Joints, limit_ds: int | None = None) -> np.ndarray:
        """Return deciseconds (origins, sites), int64, NEVER where there is no way or it takes longer than the limit.

        One run from every origin, forwards.
        """
        count = len(origins.edge)
        on = np.flatnonzero(origins.edge >= 0)
        nodes = np.concatenate([self.u[origins.edge[on]], self.v[origins.edge[on]]])
        lead = np.concatenate([origins.walk[on] + origins.to_u[on], origins.walk[on] + origins.to_v[on]]) + 1
        out = np.full((count, len(sites.edge)), NEVER, dtype=np.int64)
        if not len(on):
            return out
        starts = np.tile(np.arange(len(on)), 2)
        first = self._unique_arcs(starts, nodes, lead)
        far = self._distances(starts[first], nodes[first], lead[first], 1, backwards=False,
                              limit=np.inf if limit_ds is None else float(limit_ds + 1))
        there = sites.edge >= 0
        u, v = self.u[sites.edge], self.v[sites.edge]
        total = np.minimum(far[:, u] + sites.from_u, far[:, v] + sites.from_v) + sites.walk - 1
        total[:, ~there] = _NO_WAY
        for i, j, along in _same_edge(origins.take(on), sites, self):
            total[i, j] = min(total[i, j], origins.walk[on[i]] + along + sites.walk[j])
        fits = np.isfinite(total) & (total <= (np.inf if limit_ds is None else limit_ds))
        out[on] = np.where(fits, np.where(fits, total, 0).astype(np.int64), NEVER)
        return out

    @staticmethod
    def _unique_arcs(starts: np.ndarray, nodes: np.ndarray, lead: np.ndarray) -> np.ndarray:
        order = np.lexsort((lead, nodes, starts))
        s, n = starts[order], nodes[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (s[1:] != s[:-1]) | (n[1:] != n[:-1])
        return order[first]

    # -- a second opinion ----------------------------------------------------------------------------------------

    def slow_nearest(self, xy: np.ndarray, sites: Joints, is_open: np.ndarray, claimed_ds: int) -> int | None:
        """Return the time of one point to its nearest open site by brute-force snapping and networkx.

        Only roads within reach of ``claimed_ds`` at the mode's top speed are looked at: any quicker way lies there.
        None where nothing is found within that reach.
        """
        point = shapely.Point(*xy)
        distance = shapely.distance(self.geometry, point)
        distance[~self.usable] = np.inf
        edge = int(np.flatnonzero(distance <= distance.min() + SNAP_TIE_M)[0])
        origin = self._joints(np.array([point]), np.array([edge]))
        radius = claimed_ds / 36_000 * self.top_kmh * 1000 * 1.05 + 100
        near = np.flatnonzero(self.usable & (distance <= radius))
        graph = nx.DiGraph()

        def way(a: object, b: object, ds: float) -> None:
            if np.isfinite(ds) and ds < graph.get_edge_data(a, b, {"ds": np.inf})["ds"]:
                graph.add_edge(a, b, ds=int(ds))

        for e in near.tolist():
            way(int(self.u[e]), int(self.v[e]), self.forward[e])
            way(int(self.v[e]), int(self.u[e]), self.backward[e])
        way("from", int(self.u[edge]), origin.walk[0] + origin.to_u[0])
        way("from", int(self.v[edge]), origin.walk[0] + origin.to_v[0])
        within = set(near.tolist())
        for j in np.flatnonzero(is_open & (sites.edge >= 0)).tolist():
            e = int(sites.edge[j])
            if e in within:
                way(int(self.u[e]), "to", sites.walk[j] + sites.from_u[j])
                way(int(self.v[e]), "to", sites.walk[j] + sites.from_v[j])
                if e == edge:
                    along = _along(origin.share[0], sites.share[j], self.forward[e], self.backward[e])
                    way("from", "to", origin.walk[0] + along + sites.walk[j])
        if "from" not in graph or "to" not in graph or not nx.has_path(graph, "from", "to"):
            return None
        return int(nx.dijkstra_path_length(graph, "from", "to", weight="ds"))


def _part(share: np.ndarray, arc: np.ndarray) -> np.ndarray:
    allowed = np.isfinite(arc)
    return np.where(allowed, round_half_up(share * np.where(allowed, arc, 0)), _NO_WAY)


def _along(start: float, end: float, forward: float, backward: float) -> float:
    """Time from one joint to another on the same edge, where the direction allows it."""
    ways = [float(round_half_up((end - start) * forward))] if end >= start and np.isfinite(forward) else []
    if end <= start and np.isfinite(backward):
        ways.append(float(round_half_up((start - end) * backward)))
    return min(ways, default=_NO_WAY)


def _same_edge(origins: Joints, sites: Joints, roads: RoadRecount):
    """Yield (origin, site, deciseconds along the edge) for pairs that join the same edge."""
    by_edge: Mapping[int, list[int]] = {}
    for j, edge in enumerate(sites.edge.tolist()):
        if edge >= 0:
            by_edge.setdefault(edge, []).append(j)
    for i in np.flatnonzero(np.isin(origins.edge, list(by_edge))).tolist():
        edge = int(origins.edge[i])
        for j in by_edge[edge]:
            along = _along(origins.share[i], sites.share[j], roads.forward[edge], roads.backward[edge])
            if np.isfinite(along):
                yield i, j, along
