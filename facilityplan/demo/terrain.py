"""The lie of the land: a plain with canals to the east, hills to the west, all on a grid of 100 m cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter, map_coordinates
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from facilityplan.demo.place import DemoPlace

CELL_M = 100.0
PEAK_M = 700.0
MARGIN_CELLS = 3


@dataclass(frozen=True)
class Terrain:
    """Grids are (rows, columns), row 0 in the north; cell (0, 0) has its upper left corner at (west, north)."""

    west: float
    north: float
    inside: np.ndarray  # bool: the cell's centre lies in the county
    elevation: np.ndarray  # float64, metres
    hill: np.ndarray  # bool: hill country, the rest is plain
    wet: np.ndarray  # bool: the cell's centre lies in water
    water: BaseGeometry  # canals and lakes inside the county; a polygon with holes

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.inside.shape

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x, y of every cell's centre (float64, rows × columns)."""
        rows, columns = self.shape
        return np.meshgrid(self.west + CELL_M * (np.arange(columns) + 0.5),
                           self.north - CELL_M * (np.arange(rows) + 0.5))

    def cell_of(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return row, column of the cells that hold the points, clipped to the grid."""
        rows, columns = self.shape
        return (np.clip(np.floor((self.north - np.asarray(y)) / CELL_M).astype(int), 0, rows - 1),
                np.clip(np.floor((np.asarray(x) - self.west) / CELL_M).astype(int), 0, columns - 1))

    def elevation_at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the elevation in metres at points, interpolated between cell centres."""
        at = [(self.north - np.asarray(y)) / CELL_M - 0.5, (np.asarray(x) - self.west) / CELL_M - 0.5]
        return map_coordinates(self.elevation, at, order=1, mode="nearest")

    def is_hill(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Tell whether points lie in the hills."""
        return self.hill[self.cell_of(x, y)]


def make_terrain(place: DemoPlace, rng: np.random.Generator) -> Terrain:
    """Invent hills in the west and canals and lakes in the plain to the east of them."""
    min_x, min_y, max_x, max_y = place.outline.bounds
    west, north = CELL_M * np.floor(min_x / CELL_M), CELL_M * np.ceil(max_y / CELL_M)
    shape = int(np.ceil((north - min_y) / CELL_M)), int(np.ceil((max_x - west) / CELL_M))
    xs, ys = np.meshgrid(west + CELL_M * (np.arange(shape[1]) + 0.5), north - CELL_M * (np.arange(shape[0]) + 0.5))
    inside = shapely.contains_xy(place.outline, xs, ys)
    width = max_x - min_x

    # Ground to the west of the wavy edge is hill; the edge is shifted so that the hills' share comes out as drawn.
    edge = sum(width * size * np.sin(2 * np.pi * (ys - min_y) / (width * length) + rng.uniform(0, 2 * np.pi))
               for size, length in ((0.035, 0.55), (0.018, 0.21), (0.008, 0.09)))
    east_of_edge = xs - edge
    share = rng.uniform(*place.hills_share)
    shift = np.quantile(east_of_edge[inside], share)
    into_hills = (shift - east_of_edge) / (0.33 * width)
    hilliness = 1 / (1 + np.exp(-into_hills * 22))
    relief = 0.30 * _noise(shape, 8, rng) + 0.22 * _noise(shape, 18, rng) + 0.45
    height = np.clip(into_hills, 0, 1.2) ** 0.7 * np.clip(relief, 0.03, 1.15)
    elevation = 5 + 2 * _noise(shape, 12, rng) + hilliness * (20 + (PEAK_M - 60) * height)

    water = _water(place, rng, edge_x=lambda y: float(np.interp(y, ys[::-1, 0], (shift + edge)[::-1, 0])))
    wet = shapely.contains_xy(water, xs, ys) if not water.is_empty else np.zeros(shape, bool)
    return Terrain(float(west), float(north), inside, elevation, hilliness > 0.5, wet, water)


def _noise(shape: tuple[int, int], sigma_cells: float, rng: np.random.Generator) -> np.ndarray:
    """Return smooth noise of mean 0 and standard deviation 1."""
    field = gaussian_filter(rng.standard_normal(shape), sigma_cells, mode="reflect")
    return (field - field.mean()) / field.std()


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
    for x, y, radius in place.lakes:
        turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        r = radius * (1 + sum(size * np.cos(k * turn + rng.uniform(0, 2 * np.pi))
                              for k, size in ((2, 0.22), (3, 0.16), (5, 0.10), (8, 0.06))))
        bodies.append(Polygon(np.c_[x + r * np.cos(turn), y + r * np.sin(turn)]).buffer(0))
    # Seats stand on dry ground: a canal goes round the middle of a town in a moat that is filled in here.
    dry = unary_union([Point(town.seat).buffer(120) for town in place.towns])
    water = unary_union(bodies).intersection(place.outline).difference(dry) if bodies else Polygon()
    return shapely.set_precision(water.simplify(2), 0.1)


def _wiggle(along: np.ndarray, rng: np.random.Generator, span: float) -> np.ndarray:
    return sum(span * size * np.sin(2 * np.pi * along / (span * length) + rng.uniform(0, 2 * np.pi))
               for size, length in ((0.016, 0.42), (0.008, 0.19), (0.004, 0.083)))
