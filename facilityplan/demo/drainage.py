"""Valleys as water makes them: a tree of flow lines over a coarse grid, and the heights that go with it.

Every cell drains to the neighbour from which it was reached at least cost from the outlets, over ground of uneven
resistance: that gives branching valleys. Heights then rise along the tree, gently where much water flows and steeply
where little does (the slope-area law of river profiles, exponent 0.45), so that valleys are graded and divides high.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from math import sqrt

import numpy as np
from scipy.ndimage import map_coordinates
from shapely.geometry import LineString

from facilityplan.demo.terrain import Frame

CONCAVITY = 0.45
STEPS = tuple((dr, dc) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc)


@dataclass(frozen=True)
class Drainage:
    """Flow over a grid of ``cell_m``; flat arrays, row by row from the north-west."""

    cell_m: float
    west: float
    north: float
    shape: tuple[int, int]
    order: np.ndarray  # int, cells from the outlets upwards; a cell comes after the one it drains to
    parent: np.ndarray  # int, the cell that each drains to; -1 = an outlet, or not drained
    area_km2: np.ndarray  # float64, ground that drains through each

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x, y of every cell's centre (flat)."""
        xs, ys = coarse_centres(self.west, self.north, self.shape, self.cell_m)
        return xs.ravel(), ys.ravel()


def coarse_shape(frame: Frame, cell_m: float) -> tuple[int, int]:
    """Return rows and columns of a grid of ``cell_m`` over the frame."""
    rows, columns = frame.inside.shape
    return int(np.ceil(rows * 100 / cell_m)), int(np.ceil(columns * 100 / cell_m))


def coarse_centres(west: float, north: float, shape: tuple[int, int], cell_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Return x, y of the cell centres of such a grid (rows × columns)."""
    return np.meshgrid(west + cell_m * (np.arange(shape[1]) + 0.5), north - cell_m * (np.arange(shape[0]) + 0.5))


def drain(frame: Frame, cell_m: float, inside: np.ndarray, outlets: np.ndarray, resistance: np.ndarray) -> Drainage:
    """Let the cells of ``inside`` (bool, coarse grid) drain to the outlets, over ground of ``resistance`` per metre."""
    rows, columns = inside.shape
    dear = (resistance * cell_m).ravel().tolist()
    open_ = inside.ravel().tolist()
    best = [float("inf")] * (rows * columns)
    parent = [-1] * (rows * columns)
    done = [False] * (rows * columns)
    queue = []
    for cell in np.flatnonzero((outlets & inside).ravel()).tolist():
        best[cell] = 0.0
        heappush(queue, (0.0, cell))
    order = []
    while queue:
        cost, here = heappop(queue)
        if done[here]:
            continue
        done[here] = True
        order.append(here)
        row, column = divmod(here, columns)
        for dr, dc in STEPS:
            r, c = row + dr, column + dc
            if not (0 <= r < rows and 0 <= c < columns):
                continue
            there = r * columns + c
            if done[there] or not open_[there]:
                continue
            total = cost + (dear[here] + dear[there]) / 2 * sqrt(dr * dr + dc * dc)
            if total < best[there]:
                best[there], parent[there] = total, here
                heappush(queue, (total, there))
    area = [(cell_m / 1000) ** 2] * (rows * columns)
    for here in reversed(order):
        if parent[here] >= 0:
            area[parent[here]] += area[here]
    return Drainage(cell_m, frame.west, frame.north, (rows, columns), np.array(order), np.array(parent), np.array(area))


def heights(drainage: Drainage, steepness: np.ndarray, steepest: float, valley_km2: float) -> tuple[np.ndarray,
                                                                                                    np.ndarray]:
    """Return (height, rise), metres, flat: height above the outlets, rise above the nearest valley floor downstream.

    ``steepness`` (by cell) is the slope where 1 km2 drains through; ``steepest`` the slope at most; a valley is where
    ``valley_km2`` or more drain through.
    """
    slope = np.minimum(steepness * drainage.area_km2 ** -CONCAVITY, steepest)
    x, y = drainage.centres()
    down = np.where(drainage.parent >= 0, drainage.parent, np.arange(len(x)))
    step = (np.hypot(x - x[down], y - y[down]) * slope).tolist()
    parent, in_valley = drainage.parent.tolist(), (drainage.area_km2 >= valley_km2).tolist()
    height, floor = [0.0] * len(x), [0.0] * len(x)
    for here in drainage.order.tolist():
        below = parent[here]
        if below < 0:
            continue
        height[here] = height[below] + step[here]
        floor[here] = height[here] if in_valley[here] else floor[below]
    height = np.array(height)
    return height, height - np.array(floor)


def refined(drainage: Drainage, values: np.ndarray, frame: Frame) -> np.ndarray:
    """Return values (flat, coarse) on the frame's grid, interpolated."""
    at = [(frame.north - frame.ys) / drainage.cell_m - 0.5, (frame.xs - frame.west) / drainage.cell_m - 0.5]
    return map_coordinates(values.reshape(drainage.shape), at, order=1, mode="nearest")


def flow_lines(drainage: Drainage, least_km2: float, most_km2: float, rng: np.random.Generator) -> list[
        tuple[LineString, float]]:
    """Return flow lines (rounded line, km2 drained at its lower end) where at least and at most so much drains through.

    Each runs from its head, or from where it joins, down to the next line or to a larger stream.
    """
    x, y = drainage.centres()
    x = x + rng.uniform(-0.3, 0.3, len(x)) * drainage.cell_m
    y = y + rng.uniform(-0.3, 0.3, len(y)) * drainage.cell_m
    parent, area = drainage.parent.tolist(), drainage.area_km2.tolist()
    part = [k for k in drainage.order.tolist() if least_km2 <= area[k] <= most_km2]
    fed = {parent[k] for k in part}
    heads = sorted((k for k in part if k not in fed), key=lambda k: (-area[k], k))
    seen: set[int] = set()
    lines = []
    for head in heads:
        path = [head]
        seen.add(head)
        while parent[path[-1]] >= 0:
            path.append(parent[path[-1]])
            if path[-1] in seen or area[path[-1]] > most_km2:
                break
            seen.add(path[-1])
        if len(path) > 1:
            lines.append((LineString(_rounded(np.c_[x[path], y[path]])), area[path[-2]]))
    return lines


def _rounded(xy: np.ndarray) -> np.ndarray:
    for _ in range(2):
        if len(xy) < 3:
            break
        before, after = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        xy = np.concatenate([xy[:1], np.stack([before, after], axis=1).reshape(-1, 2)[1:-1], xy[-1:]])
    return xy
