"""Travel times counted a second time, for the verifier alone: own snapping, own graph, scipy's shortest paths.

Nothing here is shared with `network` or `access`; only the published rules are the same. Times are integer deciseconds:
an arc takes round-half-up(length_m / speed_kmh * 36), at least 1; a part of an arc round-half-up(share * arc); a walk
round-half-up(walk_m / off_road_kmh * 36). A joint within ``SAME_JOINT`` of an edge's end is that end, and two joints on
one edge as close as that are one: that takes no time, one-way or not. Inside, no way is numpy's inf, outside ``NEVER``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from facilityplan.config.schema import TravelMode
from facilityplan.inputs.tables import RoadTable
from facilityplan.plan.recount_snap import TIE_M, NearestEdge

NEVER = -1  # no way at all; compared by name, never by size
MOTOR_KMH = 30.0  # a mode faster than this on any class is a motor mode and keeps posted speeds
BATCH = 32  # searches held in memory at once
SAME_JOINT = 1e-9  # share of an edge's length
_NO_WAY = np.inf
_HALF = 0.5 + 1e-8  # exact halves must not hang on the last bit of a float


def round_half_up(value: np.ndarray) -> np.ndarray:
    """Round to the nearest integer, halves upward (float64; inf stays inf)."""
    return np.floor(np.asarray(value, dtype=float) + _HALF)


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

    def __init__(self, roads: RoadTable, mode: TravelMode, closed: Collection[int] = ()) -> None:
        """``closed``: edges that nobody may use, as `recount_closed` finds them; those of ``roads`` are not trusted."""
        edges = roads.edges
        self.mode = mode
        self.geometry = edges.geometry.to_numpy()
        self.u, self.v = edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)
        self.nodes = len(roads.nodes)
        self.node_xy = roads.nodes[["x", "y"]].to_numpy(float)
        kmh = {c: mode.speeds_kmh.get(c, mode.speeds_kmh.get(str(c).removesuffix("_link")))  # a link goes as its class
               for c in edges["road_class"].unique()}
        speed = edges["road_class"].map(kmh).to_numpy(float)
        posted = edges["maxspeed_kmh"].to_numpy(float)
        if mode.speeds_kmh and max(mode.speeds_kmh.values()) > MOTOR_KMH:
            speed = np.where((posted > 0) & (posted < speed), posted, speed)
        self.usable = ~np.isnan(speed) & ~np.isin(np.arange(len(edges)), sorted(closed))
        self.top_kmh = max([mode.off_road_kmh, *speed[self.usable]])
        length = edges["length_m"].to_numpy(float)
        with np.errstate(invalid="ignore"):
            whole = np.where(length > 0, np.maximum(np.floor(length / speed * 36 + 0.5), 1), 0)
        self.forward = np.where(self.usable, whole, _NO_WAY)
        closed = edges["oneway"].to_numpy(bool) & mode.obeys_oneway
        self.backward = np.where(self.usable & ~closed, whole, _NO_WAY)

    # -- points onto roads ---------------------------------------------------------------------------------------

    @cached_property
    def _nearest_edge(self) -> NearestEdge:
        rows = np.flatnonzero(self.usable)
        return NearestEdge(self.geometry[rows], rows)

    def join(self, xy: np.ndarray) -> Joints:
        """Join points (n, 2) in metres, county CRS, to their nearest usable edge; ties go to the smallest edge."""
        xy = np.asarray(xy, dtype=float).reshape(-1, 2)
        edge = self._nearest_edge.of(xy) if self.usable.any() else np.full(len(xy), -1, dtype=np.int64)
        return self._joints(shapely.points(xy), edge)

    def _joints(self, points: np.ndarray, edge: np.ndarray) -> Joints:
        on = edge >= 0
        if not on.any():
            nowhere = np.full(len(points), _NO_WAY)
            return Joints(edge, np.zeros(len(points)), nowhere, nowhere, nowhere, nowhere, nowhere, nowhere)
        share, walk_m = np.zeros(len(points)), np.full(len(points), np.nan)
        lines = self.geometry[edge[on]]
        length = shapely.length(lines)
        along = shapely.line_locate_point(lines, points[on])
        share[on] = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
        share = np.where(share <= SAME_JOINT, 0.0, np.where(share >= 1 - SAME_JOINT, 1.0, share))
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
        tail, head = np.concatenate([tail, self.nodes + starts[finite]]), np.concatenate([head, nodes[finite]])
        graph = csr_array((np.concatenate([time * scale, lead[finite]]), (tail, head)), shape=(total, total))
        found = dijkstra(graph, directed=True, indices=np.arange(self.nodes, total), limit=limit)
        return found[:, : self.nodes]

    def _labelled(self, sites: Joints, rows: np.ndarray, scale: int, *, with_walk: bool) -> np.ndarray:
        """Return (deciseconds + 1) * scale + row of the site reached soonest from every node; inf = none.

        One run on the reversed graph. Time and row travel together, so that the shortest path is also the one to the
        lowest row at a tie; sums stay far below 2**53 and are exact.
        """
        here = sites.take(rows)
        walk = here.walk if with_walk else np.zeros(len(rows))
        nodes = np.concatenate([self.u[here.edge], self.v[here.edge]])
        lead = np.concatenate([(walk + here.from_u + 1) * scale + rows, (walk + here.from_v + 1) * scale + rows])
        if not len(rows):
            return np.full(self.nodes, _NO_WAY)
        start = np.zeros(len(nodes), dtype=np.int64)
        first = self._unique_arcs(start, nodes, lead)  # two sites may share a junction: the better one leads there
        return self._distances(start[first], nodes[first], lead[first], scale, backwards=True)[0]

    def nearest(self, origins: Joints, sites: Joints, is_open: np.ndarray) -> Nearest:
        """Return the nearest open site of every origin, person to facility, the lowest row at a tie. Never cut off."""
        rows = np.flatnonzero(np.asarray(is_open, dtype=bool) & (sites.edge >= 0))
        scale = len(is_open) + 1
        reach = self._labelled(sites, rows, scale, with_walk=True)
        best = np.full(len(origins.edge), _NO_WAY)
        on = np.flatnonzero(origins.edge >= 0)
        if len(rows) and len(on):
            here, there = origins.take(on), sites.take(rows)
            best[on] = here.walk * scale + np.minimum(here.to_u * scale + reach[self.u[here.edge]],
                                                      here.to_v * scale + reach[self.v[here.edge]])
            for i, j, along in _same_edge(here, there, self):
                best[on[i]] = min(best[on[i]], (here.walk[i] + along + there.walk[j] + 1) * scale + rows[j])
        found = np.isfinite(best)
        whole = np.where(found, best, 0).astype(np.int64)
        return Nearest(ds=np.where(found, whole // scale - 1, NEVER), site=np.where(found, whole % scale, -1))

    def meeting(self, points: Joints) -> set[tuple[int, int]]:
        """Return unordered pairs (a < b) of points whose territories meet on a road.

        A junction belongs to the point whose joint is reached soonest from it, walks left out, the lowest row at a tie.
        Along a usable edge stand its first end's owner, the points that join it by (share, row), its other end's owner;
        neighbours in that row meet.
        """
        rows = np.flatnonzero(points.edge >= 0)
        scale = len(points.edge) + 1
        reach = self._labelled(points, rows, scale, with_walk=False)
        owned = np.isfinite(reach)
        owner = np.where(owned, np.where(owned, reach, 0).astype(np.int64) % scale, -1)
        standing: dict[int, list[int]] = {}
        for row in sorted(rows.tolist(), key=lambda k: (points.share[k], k)):
            standing.setdefault(int(points.edge[row]), []).append(row)
        plain = self.usable.copy()
        plain[list(standing)] = False
        pairs = set(zip(owner[self.u[plain]].tolist(), owner[self.v[plain]].tolist(), strict=True))
        for edge, inside in standing.items():
            line = [k for k in (int(owner[self.u[edge]]), *inside, int(owner[self.v[edge]])) if k >= 0]
            pairs.update(pairwise(line))
        return {(min(a, b), max(a, b)) for a, b in pairs if a != b and a >= 0 and b >= 0}

    def times_between(self, origins: Joints, sites: Joints, limit_ds: int | None = None) -> np.ndarray:
        """Return deciseconds (origins, sites), int64, NEVER where there is no way or it takes longer than the limit.

        One run forwards from every origin.
        """
        return self._pairs(origins, sites, limit_ds, backwards=False)

    def times_to(self, origins: Joints, sites: Joints, limit_ds: int | None = None) -> np.ndarray:
        """Return the same as `times_between` by one run backwards from every site."""
        return self._pairs(sites, origins, limit_ds, backwards=True).T

    def _pairs(self, starts: Joints, ends: Joints, limit_ds: int | None, *, backwards: bool) -> np.ndarray:
        rows = np.arange(len(starts.edge))
        parts = [self._some_pairs(starts.take(rows[k:k + BATCH]), ends, limit_ds, backwards=backwards)
                 for k in range(0, len(rows), BATCH)]
        return np.vstack(parts) if parts else np.empty((0, len(ends.edge)), dtype=np.int64)

    def _some_pairs(self, starts: Joints, ends: Joints, limit_ds: int | None, *, backwards: bool) -> np.ndarray:
        limit = np.inf if limit_ds is None else float(limit_ds)
        total = np.full((len(starts.edge), len(ends.edge)), _NO_WAY)
        on, there = np.flatnonzero(starts.edge >= 0), np.flatnonzero(ends.edge >= 0)
        if len(on) and len(there):
            here, goal = starts.take(on), ends.take(there)
            from_start = (here.from_u, here.from_v) if backwards else (here.to_u, here.to_v)
            into_end = (goal.to_u, goal.to_v) if backwards else (goal.from_u, goal.from_v)
            number = np.tile(np.arange(len(on)), 2)
            nodes = np.concatenate([self.u[here.edge], self.v[here.edge]])
            lead = np.concatenate([here.walk + from_start[0], here.walk + from_start[1]]) + 1  # no leading arc of 0
            first = self._unique_arcs(number, nodes, lead)
            far = self._distances(number[first], nodes[first], lead[first], 1, backwards=backwards, limit=limit + 1)
            through = np.minimum(far[:, self.u[goal.edge]] + into_end[0], far[:, self.v[goal.edge]] + into_end[1])
            total[np.ix_(on, there)] = through + goal.walk - 1
            pairs = _same_edge(goal, here, self) if backwards else _same_edge(here, goal, self)
            for a, b, along in pairs:
                i, j = (b, a) if backwards else (a, b)
                total[on[i], there[j]] = min(total[on[i], there[j]], here.walk[i] + along + goal.walk[j])
        fits = np.isfinite(total) & (total <= limit)
        return np.where(fits, np.where(fits, total, 0).astype(np.int64), NEVER)

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
        import networkx as nx  # for this sample only: a tenth of a second that other commands need not wait

        point = shapely.Point(*xy)
        distance = shapely.distance(self.geometry, point)
        distance[~self.usable] = np.inf
        edge = int(np.flatnonzero(distance <= distance.min() + TIE_M)[0])
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
    time = np.where(allowed, round_half_up(share * np.where(allowed, arc, 0)), _NO_WAY)
    return np.where(share <= SAME_JOINT, 0.0, time)


def _along(start: float, end: float, forward: float, backward: float) -> float:
    """Time from one joint to another on the same edge, where the direction allows it."""
    if abs(end - start) <= SAME_JOINT:
        return 0.0
    ways = [float(round_half_up((end - start) * forward))] if end > start and np.isfinite(forward) else []
    if end < start and np.isfinite(backward):
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
