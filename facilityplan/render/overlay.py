"""People's cells as a small palette PNG in Web Mercator: 20,000 vector squares are too heavy for a page."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from affine import Affine
from PIL import Image
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import array_bounds
from rasterio.warp import calculate_default_transform, reproject

MERCATOR = CRS.from_epsg(3857)
EARTH_RADIUS_M = 6_378_137.0  # of Web Mercator's sphere
PIXELS_PER_CELL = 3  # nearest neighbour then moves a cell's edge by a sixth of a cell at most
LARGEST_SIDE = 3_000  # pixels; browsers on phones refuse images of 4,096 and more
RING = 2  # cells round a place outside the circle that its halo reaches


@dataclass(frozen=True)
class CellImages:
    """Images over one and the same window: rows of pixels from the north, ``bounds`` as Leaflet takes them."""

    images: dict[str, np.ndarray]  # uint8 (height, width), 0 = nothing there
    bounds: tuple[tuple[float, float], tuple[float, float]]  # ((south, west), (north, east)), degrees WGS 84


def warp_cells(cell: np.ndarray, values: dict[str, np.ndarray], transform: tuple[float, ...], crs: str,
               shape: tuple[int, int]) -> CellImages:
    """Place values of cells on Web Mercator by nearest neighbour, cropped to the cells.

    ``cell``: int (cells,) row · columns + column in the raster of ``shape`` (rows, columns); ``values``: name → uint8
    (cells,), 0 = transparent; ``transform``, ``crs``: of the raster, any projected or geographic system.
    """
    row, column = np.divmod(np.asarray(cell, dtype=np.int64), shape[1])
    if not len(row):
        return CellImages({name: np.zeros((1, 1), np.uint8) for name in values}, ((0.0, 0.0), (0.001, 0.001)))
    margin = RING + 1
    top, left = row.min() - margin, column.min() - margin
    height, width = int(row.max() - top + margin + 1), int(column.max() - left + margin + 1)
    a, b, c, d, e, f = transform
    window = Affine(a, b, c + left * a + top * b, d, e, f + left * d + top * e)
    source_crs = CRS.from_user_input(crs)
    target, target_width, target_height = _target_grid(window, source_crs, width, height)
    images = {}
    for name, value in values.items():
        grid = np.zeros((height, width), np.uint8)
        grid[row - top, column - left] = value
        image = np.zeros((target_height, target_width), np.uint8)
        reproject(grid, image, src_transform=window, src_crs=source_crs, dst_transform=target, dst_crs=MERCATOR,
                  resampling=Resampling.nearest, init_dest_nodata=False)
        images[name] = image
    west, south, east, north = array_bounds(target_height, target_width, target)
    return CellImages(images, ((_latitude(south), _longitude(west)), (_latitude(north), _longitude(east))))


def _target_grid(window: Affine, crs: CRS, width: int, height: int) -> tuple[Affine, int, int]:
    bounds = array_bounds(height, width, window)
    coarse, across, down = calculate_default_transform(crs, MERCATOR, width, height, *bounds)
    finer = max(1.0, min(PIXELS_PER_CELL, LARGEST_SIDE / max(across, down)))
    a, b, c, d, e, f = coarse[:6]
    grid = Affine(a / finer, b / finer, c, d / finer, e / finer, f)
    return grid, int(np.ceil(across * finer)), int(np.ceil(down * finer))


def _longitude(x: float) -> float:
    return float(np.degrees(x / EARTH_RADIUS_M))


def _latitude(y: float) -> float:
    return float(np.degrees(np.arctan(np.sinh(y / EARTH_RADIUS_M))))


def halo(image: np.ndarray, pixels: int) -> np.ndarray:
    """Ring the marked pixels: 1 up to ``pixels`` from them (a wash), 2 in the outermost row of that (its edge)."""
    inner = _grown(image > 0, pixels - 1)
    return np.where(inner, 1, np.where(_grown(inner, 1), 2, 0)).astype(np.uint8)


def _grown(mask: np.ndarray, pixels: int) -> np.ndarray:
    """Grow a mask (bool) by so many pixels in the eight directions."""
    later, earlier = slice(1, None), slice(None, -1)
    for _ in range(pixels):
        wide = mask.copy()
        wide[:, later] |= mask[:, earlier]
        wide[:, earlier] |= mask[:, later]
        mask = wide.copy()
        mask[later] |= wide[earlier]
        mask[earlier] |= wide[later]
    return mask


def png_data_uri(image: np.ndarray, colours: list[tuple[int, int, int, int]]) -> str:
    """Return ``image`` (uint8, 0 = transparent) as a palette PNG; ``colours``: RGBA of 1, 2, …"""
    picture = Image.fromarray(image, mode="P")
    picture.putpalette([0, 0, 0, *(part for colour in colours for part in colour[:3])])
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=6, transparency=bytes([0, *(colour[3] for colour in colours)]))
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
