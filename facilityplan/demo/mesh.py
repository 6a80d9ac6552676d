"""A random planar mesh over the county. Roads are chosen from its edges, so that roads meet only at its points."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import hypot, inf

import numpy as np
import shapely
from scipy.spatial import Delaunay, cKDTree

from facilityplan.demo.place import DemoPlace
from facilityplan.demo.terrain import Terrain

SPACING_M = 205.0  # open country
STREET_M = 165.0  # town grids
SHORE_M = 22.0  # points keep so far from water and gullies
LONGEST_M = 700.0
GREED = 0.75  # of the straight line to go; low enough for roads to follow others


@dataclass(frozen=True)
class Disc:
    """The built-up area of a town: its middle, mean radius (m), turn of its street grid (radians), and bulges."""

    x: float
    y: float
    radius: float
    turn: float
    bulges: tuple[tuple[int, float, float], ...] = ()  # (lobes, size as a share of the radius, turn)

    def depth(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return how far points lie from the middle (0) towards the edge (1) and beyond."""
        angle = np.arctan2(np.asarray(y) - self.y, np.asarray(x) - self.x)
        reach = 1 + sum(size * np.cos(lobes * angle + turn) for lobes, size, turn in self.bulges)
        return np.hypot(np.asarray(x) - self.x, np.asarray(y) - self.y) / (self.radius * reach)


@dataclass(frozen=True)
class Mesh:
    """Points and the undirected edges between them (u < v). ``street`` marks edges of a town's street grid."""

    xy: np.ndarray  # float64 (points, 2)
    uv: np.ndarray  # int (edges, 2)
    length: np.ndarray  # float64 (edges,), metres
    cost: np.ndarray  # float64 (edges,), metres made dearer by slope and chance
    wet: np.ndarray  # bool (edges,): crosses water or a gully
    street: np.ndarray  # bool (edges,)
    hill: np.ndarray  # bool (points,)
    neighbours: list[list[tuple[int, int]]] = field(repr=False)  # per point: (other point, edge)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_xs", self.xy[:, 0].tolist())  # plain floats: arrays are slow one by one
        object.__setattr__(self, "_ys", self.xy[:, 1].tolist())

    def nearest(self, x: float, y: float) -> int:
        """Return the point nearest to (x, y)."""
        return int(np.argmin((self.xy[:, 0] - x) ** 2 + (self.xy[:, 1] - y) ** 2))

    def route(self, start: int, goals: frozenset[int] | set[int], edge_cost: np.ndarray | list[float],
              limit: float = inf) -> list[int] | None:
        """Return the edges of the cheapest way from ``start`` to any of ``goals``; None beyond ``limit``.

        Edges of infinite cost are closed. A single goal is sought in its direction first (A*, a little greedy).
        """
        xs, ys = self._xs, self._ys
        aim = next(iter(goals)) if len(goals) == 1 else None

        def to_go(point: int) -> float:
            return 0.0 if aim is None else GREED * hypot(xs[point] - xs[aim], ys[point] - ys[aim])

        best, came, queue, done = {start: 0.0}, {}, [(to_go(start), start)], set()
        while queue:
            _, here = heappop(queue)
            if here in done:
                continue
            done.add(here)
            if here in goals:
                edges = []
                while here != start:
                    here, edge = came[here]
                    edges.append(edge)
                return edges[::-1]
            cost = best[here]
            for there, edge in self.neighbours[here]:
                total = cost + edge_cost[edge]
                if total <= limit and total < best.get(there, inf) and there not in done:
                    best[there], came[there] = total, (here, edge)
                    heappush(queue, (total + to_go(there), there))
        return None


def make_mesh(place: DemoPlace, terrain: Terrain, discs: list[Disc], rng: np.random.Generator) -> Mesh:
    """Scatter points, joggled grids in the towns and joggled triangles elsewhere, and join them (Delaunay)."""
    points, grid = _points(place, terrain, discs, rng)
    simplices = Delaunay(points).simplices
    pairs = np.sort(np.concatenate([simplices[:, [0, 1]], simplices[:, [1, 2]], simplices[:, [0, 2]]]), axis=1)
    uv = np.unique(pairs, axis=0)
    vector = points[uv[:, 1]] - points[uv[:, 0]]
    length = np.hypot(*vector.T)
    keep = length <= LONGEST_M
    shapely.prepare(place.outline)  # an edge that leaves the county is none of ours
    keep[keep] = shapely.contains(place.outline, shapely.linestrings(points[uv[keep]]))
    uv, vector, length = uv[keep], vector[keep], length[keep]

    wet = np.zeros(len(uv), bool)
    if not terrain.barrier.is_empty:
        shapely.prepare(terrain.barrier)
        lines = shapely.linestrings(np.stack([points[uv[:, 0]], points[uv[:, 1]]], axis=1))
        wet = shapely.intersects(terrain.barrier, lines)
    height = terrain.elevation_at(*points.T)
    grade = np.abs(height[uv[:, 1]] - height[uv[:, 0]]) / length
    mean_height = (height[uv[:, 0]] + height[uv[:, 1]]) / 2
    family = place.family
    cost = length * (1 + family.slope_cost * np.minimum(grade, 0.6))
    cost *= 1 + np.clip(mean_height - family.high_from_m, 0, None) / family.high_per_m
    cost *= np.exp(rng.normal(0, 0.12, len(uv)))
    same_grid = (grid[uv[:, 0], 0] >= 0) & (grid[uv[:, 0], 0] == grid[uv[:, 1], 0])
    street = same_grid & (np.abs(grid[uv[:, 0], 1:] - grid[uv[:, 1], 1:]).sum(axis=1) == 1)

    neighbours: list[list[tuple[int, int]]] = [[] for _ in points]
    for edge, (u, v) in enumerate(uv.tolist()):
        neighbours[u].append((v, edge))
        neighbours[v].append((u, edge))
    return Mesh(points, uv, length, cost, wet, street, terrain.is_hill(*points.T), neighbours)


def _points(place: DemoPlace, terrain: Terrain, discs: list[Disc], rng: np.random.Generator):
    """Return points (n, 2) and for each (town or −1, grid column, grid row)."""
    min_x, min_y, max_x, max_y = place.outline.bounds
    row_m = SPACING_M * np.sqrt(3) / 2
    columns, rows = int((max_x - min_x) / SPACING_M) + 2, int((max_y - min_y) / row_m) + 2
    c, r = np.meshgrid(np.arange(columns), np.arange(rows))
    country = np.c_[(min_x + SPACING_M * (c + 0.5 * (r % 2))).ravel(), (min_y + row_m * r).ravel()]
    country += rng.uniform(-0.36, 0.36, country.shape) * SPACING_M
    parts, grids = [], []
    taken = np.zeros(len(country), bool)
    for k, disc in enumerate(discs):
        n = int(1.5 * disc.radius / STREET_M) + 2
        i, j = (a.ravel() for a in np.meshgrid(np.arange(-n, n + 1), np.arange(-n, n + 1)))
        local = STREET_M * np.c_[i, j] * (1 + 0.10 * np.sin(disc.turn * 7 + 0.9 * np.c_[j, i]))
        local = local + rng.normal(0, 0.065 * STREET_M, local.shape)
        cos, sin = np.cos(disc.turn), np.sin(disc.turn)
        xy = np.c_[disc.x + cos * local[:, 0] - sin * local[:, 1], disc.y + sin * local[:, 0] + cos * local[:, 1]]
        # Towns that touch share the ground: each point belongs to the town in which it lies deepest.
        depth = np.stack([d.depth(*xy.T) for d in discs])
        mine = (depth.argmin(axis=0) == k) & (depth[k] <= 1)
        parts.append(xy[mine])
        grids.append(np.c_[np.full(mine.sum(), k), i[mine], j[mine]])
        taken |= disc.depth(*country.T) <= 1 + 0.35 * STREET_M / disc.radius
    parts.append(country[~taken])
    grids.append(np.full((int((~taken).sum()), 3), -1))
    points, grid = np.concatenate(parts), np.concatenate(grids)
    inner = place.outline.buffer(-40)
    dry = shapely.contains_xy(inner, *points.T)
    if not terrain.barrier.is_empty:
        dry &= ~shapely.contains_xy(terrain.barrier.buffer(SHORE_M), *points.T)
    points, grid = np.round(points[dry], 1), grid[dry]
    close = cKDTree(points).query_pairs(60.0, output_type="ndarray")  # where two town grids meet
    alone = np.ones(len(points), bool)
    alone[close[:, 1]] = False
    return points[alone], grid[alone]
