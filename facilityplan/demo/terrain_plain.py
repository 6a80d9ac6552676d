"""Plain, water and hills (Deqing): canals and lakes in a plain to the east, hills to the west."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from facilityplan.demo.place import DemoPlace
from facilityplan.demo.terrain import Terrain, frame_of, lake, smooth_noise, water_of

PEAK_M = 700.0


def make_plain(place: DemoPlace, rng: np.random.Generator) -> Terrain:
    """Invent hills in the west and canals and lakes in the plain to the east of them."""
    min_x, min_y, max_x, _ = place.outline.bounds
    frame = frame_of(place)
    xs, ys, inside, shape = frame.xs, frame.ys, frame.inside, frame.inside.shape
    width = max_x - min_x

    # Ground to the west of the wavy edge is hill; the edge is shifted so that the hills' share comes out as drawn.
    edge = sum(width * size * np.sin(2 * np.pi * (ys - min_y) / (width * length) + rng.uniform(0, 2 * np.pi))
               for size, length in ((0.035, 0.55), (0.018, 0.21), (0.008, 0.09)))
    east_of_edge = xs - edge
    share = rng.uniform(*place.hills_share)
    shift = np.quantile(east_of_edge[inside], share)
    into_hills = (shift - east_of_edge) / (0.33 * width)
    hilliness = 1 / (1 + np.exp(-into_hills * 22))
    relief = 0.30 * smooth_noise(shape, 8, rng) + 0.22 * smooth_noise(shape, 18, rng) + 0.45
    height = np.clip(into_hills, 0, 1.2) ** 0.7 * np.clip(relief, 0.03, 1.15)
    elevation = 5 + 2 * smooth_noise(shape, 12, rng) + hilliness * (20 + (PEAK_M - 60) * height)

    water = _water(place, rng, edge_x=lambda y: float(np.interp(y, ys[::-1, 0], (shift + edge)[::-1, 0])))
    wet = shapely.contains_xy(water, xs, ys) if not water.is_empty else np.zeros(shape, bool)
    return Terrain(frame.west, frame.north, inside, elevation, hilliness > 0.5, wet, water, Polygon(), elevation)


def _water(place: DemoPlace, rng: np.random.Generator, edge_x) -> BaseGeometry:
    min_x, min_y, max_x, max_y = place.outline.bounds
    middle = (min_y + max_y) / 2
    start = edge_x(middle) + 0.04 * (max_x - min_x)
    span = max_x - start
    bodies = []
    for k in range(place.canals_north_south):
        x = start + span * (k + 0.5 + rng.uniform(-0.18, 0.18)) / place.canals_north_south
        along = np.arange(min_y - 500, max_y + 501, 120.0)
        across = x + _wiggle(along, rng, span)
        bodies.append(LineString(np.c_[across, along]).buffer(rng.uniform(22, 45)))
    for k in range(place.canals_east_west):
        y = min_y + (max_y - min_y) * (k + 0.5 + rng.uniform(-0.2, 0.2)) / place.canals_east_west
        along = np.arange(edge_x(y) + 0.02 * (max_x - min_x), max_x + 501, 120.0)
        bodies.append(LineString(np.c_[along, y + _wiggle(along, rng, span)]).buffer(rng.uniform(22, 45)))
    bodies += [lake(x, y, radius, rng) for x, y, radius in place.lakes]
    return water_of(place, bodies)


def _wiggle(along: np.ndarray, rng: np.random.Generator, span: float) -> np.ndarray:
    return sum(span * size * np.sin(2 * np.pi * along / (span * length) + rng.uniform(0, 2 * np.pi))
               for size, length in ((0.016, 0.42), (0.008, 0.19), (0.004, 0.083)))
