"""Lower Yangtze hill country (Chizhou): a plain with lakes along the great river, hills and mountains behind it."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter
from shapely.geometry import LineString, Polygon

from facilityplan.demo.drainage import coarse_centres, coarse_shape, drain, flow_lines, heights, refined
from facilityplan.demo.place import DemoPlace
from facilityplan.demo.terrain import Terrain, frame_of, lake, smooth_noise, water_of

GRID_M = 400.0
RIVER_KM2 = 120.0
VALLEY_KM2 = 8.0
BASE_M = 12.0


def make_river_country(place: DemoPlace, rng: np.random.Generator) -> Terrain:
    """Invent valleys that drain to the great river, mountains away from it and where the place has massifs."""
    frame = frame_of(place)
    bank = LineString(place.landscape["river"]["line"])
    half = place.landscape["river"]["half_width_m"]
    shape = coarse_shape(frame, GRID_M)
    xs, ys = coarse_centres(frame.west, frame.north, shape, GRID_M)
    near = place.outline.buffer(2500)
    shapely.prepare(near)
    inside = shapely.contains_xy(near, xs, ys)
    from_river = shapely.distance(shapely.points(xs, ys), bank)

    # Ground rises with the distance from the river, sooner here and later there, and most in the massifs.
    behind = from_river + 3500 * smooth_noise(shape, 14, rng) + 1500 * smooth_noise(shape, 5, rng)
    strictly = shapely.contains_xy(place.outline, xs, ys)
    foot = np.quantile(behind[strictly], 1 - rng.uniform(*place.hills_share))
    upland = 1 / (1 + np.exp(np.clip(-(behind - foot) / 700, -40, 40)))
    massif = sum(weight * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * radius ** 2))
                 for x, y, radius, weight in place.landscape["massifs"])
    resistance = np.exp(0.75 * rng.standard_normal(shape) + 0.45 * smooth_noise(shape, 4, rng)) * (1 + 2.5 * massif)
    drainage = drain(frame, GRID_M, inside, inside & (from_river < 900), resistance)
    far = np.clip((behind - foot) / 30_000, 0, 1)
    steepness = (0.0012 + upland * (0.028 + 0.055 * far + 0.11 * massif)).ravel()
    height, rise = heights(drainage, steepness, 0.45, VALLEY_KM2)
    elevation = BASE_M + gaussian_filter(refined(drainage, height, frame), 1.5)
    scale = (place.landscape["peak_m"] - BASE_M) / (elevation[frame.inside].max() - BASE_M)
    elevation = BASE_M + (elevation - BASE_M) * scale

    rivers = [line.buffer(6 + 1.6 * np.sqrt(area)) for line, area in flow_lines(drainage, RIVER_KM2, 1e9, rng)]
    wide = bank.buffer(half).intersection(place.outline)
    water = water_of(place, [wide, *rivers, *(lake(x, y, radius, rng) for x, y, radius in place.lakes)], 250)
    wet = shapely.contains_xy(water, frame.xs, frame.ys)
    hill = refined(drainage, upland.ravel(), frame) > 0.5
    return Terrain(frame.west, frame.north, frame.inside, elevation, hill, wet, water, Polygon(),
                   np.maximum(refined(drainage, rise, frame) * scale, 0))


