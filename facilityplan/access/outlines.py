"""The health circle drawn: the area from which a site is within the limit, by the rule that the travel times follow."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

from facilityplan.access.compute import counts_for
from facilityplan.access.times import nearest
from facilityplan.access.types import Geography
from facilityplan.config.schema import Config, Standard
from facilityplan.inputs.tables import Inputs
from facilityplan.network.snapping import snap
from facilityplan.units import DECISECONDS_PER_MINUTE

_MAX_POINTS = 250_000  # a larger county gets a wider step, so that drawing stays a matter of seconds


def circle_outline(config: Config, inputs: Inputs, geography: Geography, standard: Standard,
                   open_ids: Collection[str], step_m: float = 150.0) -> BaseGeometry:
    """Return the area inside the circle (polygon or multipolygon, county CRS, clipped to the boundary; may be empty).

    Squares of ``step_m`` belong where a person at their centre reaches, road and walk included, a site of the
    standard's kinds among ``open_ids`` within the limit. Squares are dissolved and their steps cut to diagonals, which
    leaves the area as it is but for half a square an outline. ``.area`` is in m2.
    """
    del config
    step = max(step_m, float(np.sqrt(inputs.boundary.area / _MAX_POINTS)))
    left, bottom, right, top = inputs.boundary.bounds
    columns, rows = int((right - left) // step) + 1, int((top - bottom) // step) + 1
    x, y = np.meshgrid(left + (np.arange(columns) + 0.5) * step, bottom + (np.arange(rows) + 0.5) * step)
    around = inputs.boundary.buffer(step, quad_segs=2)
    shapely.prepare(around)
    wanted = shapely.contains_xy(around, x, y)
    network, sites = geography.networks[standard.mode], geography.facilities[standard.mode]
    xy = np.column_stack([x[wanted], y[wanted]])
    points = snap(network, inputs.roads, xy, np.arange(len(xy)))
    is_open = counts_for(standard, inputs) & inputs.facilities["id"].isin(sorted(open_ids)).to_numpy(bool)
    inside = np.zeros(wanted.shape, dtype=np.uint8)
    inside[wanted] = nearest(network, points, sites, is_open).ds <= DECISECONDS_PER_MINUTE * standard.limit_min
    return shapely.intersection(outline_of(inside, left, bottom, step), inputs.boundary)


def outline_of(inside: np.ndarray, left: float, bottom: float, step_m: float) -> BaseGeometry:
    """Return the outline of squares where ``inside`` (uint8, row 0 at the bottom) is 1, corners cut by half a step."""
    grid = Affine(step_m, 0, left, 0, step_m, bottom)
    polygons = [shapely.Polygon(*_rings(found["coordinates"], step_m))
                for found, _ in shapes(inside, mask=inside.astype(bool), connectivity=4, transform=grid)]
    valid = [p if p.is_valid else p.buffer(0) for p in polygons if not p.is_empty]
    return shapely.union_all(valid) if valid else shapely.MultiPolygon()


def _rings(coordinates: list, step_m: float) -> tuple[np.ndarray, list[np.ndarray]]:
    shell, *holes = (_cut_corners(np.asarray(ring)[:, :2], step_m) for ring in coordinates)
    return shell, holes


def _cut_corners(ring: np.ndarray, step_m: float) -> np.ndarray:
    """Replace each corner of a closed rectilinear ring by two points half a step before and after it."""
    corners = ring[:-1]
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    half = step_m / 2
    towards = [way * (half / np.hypot(*way.T))[:, None] for way in (before, after)]
    points = np.stack([corners + towards[0], corners + towards[1]], axis=1).reshape(-1, 2)
    return points[np.any(points != np.roll(points, 1, axis=0), axis=1)]
