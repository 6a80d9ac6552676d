"""Loess country (Xiaoyi): a plain in the east, ridges and valleys cut by gullies, rock mountains in the far west."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter
from shapely.geometry import Polygon
from shapely.ops import unary_union

from facilityplan.demo.drainage import coarse_centres, coarse_shape, drain, flow_lines, heights, refined
from facilityplan.demo.place import DemoPlace
from facilityplan.demo.terrain import Terrain, frame_of, lake, smooth_noise, water_of

GRID_M = 200.0
GULLY_KM2 = (1.0, 14.0)  # a gully with less is crossed on a bank of earth, with more it is a valley with a floor
GULLY_HALF_M = (14.0, 26.0)
RIVER_KM2 = 45.0
VALLEY_KM2 = 6.0


def make_loess(place: DemoPlace, rng: np.random.Generator) -> Terrain:
    """Invent valleys that drain to the east, heights between the two that the place gives, gullies and rivers."""
    frame = frame_of(place)
    low, high = place.landscape["elevation_m"]
    min_x, _, max_x, _ = place.outline.bounds
    shape = coarse_shape(frame, GRID_M)
    xs, ys = coarse_centres(frame.west, frame.north, shape, GRID_M)
    near = place.outline.buffer(1500)
    shapely.prepare(near)
    inside = shapely.contains_xy(near, xs, ys)

    # The plain's western edge is wavy; its share of the ground comes out as drawn.
    edge = sum((max_x - min_x) * size * np.sin(2 * np.pi * (ys - ys.min()) / ((max_x - min_x) * length)
                                               + rng.uniform(0, 2 * np.pi)) for size, length in ((0.03, 0.5),
                                                                                                  (0.015, 0.17)))
    strictly = shapely.contains_xy(place.outline, xs, ys)
    east = (xs - edge) - np.quantile((xs - edge)[strictly], rng.uniform(*place.hills_share))
    upland = 1 / (1 + np.exp(np.clip(east / 900, -40, 40)))
    resistance = np.exp(0.75 * rng.standard_normal(shape) + 0.45 * smooth_noise(shape, 4, rng))
    outlets = inside & (xs > max_x - 2500)
    drainage = drain(frame, GRID_M, inside, outlets, resistance)

    # Slopes grow westwards: terraces first, then ridges, then rock.
    west = np.clip(-east / (0.75 * (max_x - min_x)), 0, 1)
    steepness = (0.004 + upland * (0.05 + 0.045 * west)).ravel()
    height, rise = heights(drainage, steepness, 0.42, VALLEY_KM2)
    # Loess tops are broad: heights far above the floor are drawn together, so that ridges are table-like.
    elevation = gaussian_filter(refined(drainage, height, frame), 1.2)
    elevation += 1.5 * smooth_noise(elevation.shape, 12, rng)
    lowest, highest = elevation[frame.inside].min(), elevation[frame.inside].max()
    scale = (high - low) / (highest - lowest)
    elevation = low + (elevation - lowest) * scale

    rivers = [line.buffer(4 + 0.9 * np.sqrt(area)) for line, area in flow_lines(drainage, RIVER_KM2, 1e9, rng)]
    water = water_of(place, [*rivers, *(lake(x, y, radius, rng) for x, y, radius in place.lakes)])
    in_hills = refined(drainage, upland.ravel(), frame) > 0.5
    gullies = _gullies(place, drainage, frame, in_hills, water, rng)
    wet = np.zeros(frame.inside.shape, bool)
    for body in (water, gullies):
        if not body.is_empty:
            wet |= shapely.contains_xy(body, frame.xs, frame.ys)
    return Terrain(frame.west, frame.north, frame.inside, elevation, in_hills, wet, water, gullies,
                   np.maximum(refined(drainage, rise, frame) * scale, 0))


def _gullies(place, drainage, frame, in_hills, water, rng):
    bodies = []
    for line, _ in flow_lines(drainage, *GULLY_KM2, rng):
        half = rng.uniform(*GULLY_HALF_M)
        x, y = line.interpolate(0.5, normalized=True).coords[0]
        row = int(np.clip((frame.north - y) // 100, 0, in_hills.shape[0] - 1))
        column = int(np.clip((x - frame.west) // 100, 0, in_hills.shape[1] - 1))
        if in_hills[row, column]:
            bodies.append(line.buffer(half))
    dry = unary_union([water.buffer(30), *(shapely.Point(t.seat).buffer(700) for t in place.towns)])
    cut = unary_union(bodies).intersection(place.outline).difference(dry) if bodies else Polygon()
    parts = [p for p in getattr(cut, "geoms", [cut]) if p.area > 8000]  # no crumbs
    return shapely.set_precision(unary_union(parts).simplify(2), 0.1) if parts else Polygon()
