"""The lie of the land on a grid of 100 m cells, and what the terrain families share in inventing it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter, map_coordinates
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from facilityplan.demo.place import DemoPlace

CELL_M = 100.0


@dataclass(frozen=True)
class Terrain:
    """Grids are (rows, columns), row 0 in the north; cell (0, 0) has its upper left corner at (west, north)."""

    west: float
    north: float
    inside: np.ndarray  # bool: the cell's centre lies in the county
    elevation: np.ndarray  # float64, metres
    hill: np.ndarray  # bool: hill country, the rest is plain
    wet: np.ndarray  # bool: the cell's centre lies in water or in a gully
    water: BaseGeometry  # canals, rivers and lakes inside the county; a polygon with holes
    gullies: BaseGeometry  # ravines that cut roads as water does; empty but in loess country
    rise: np.ndarray  # float64, metres above the nearest valley floor; the elevation itself beside a plain

    @cached_property
    def barrier(self) -> BaseGeometry:
        """What a road crosses on a bridge only."""
        return self.water if self.gullies.is_empty else unary_union([self.water, self.gullies])

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

    def rise_at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the metres above the nearest valley floor at points, interpolated between cell centres."""
        at = [(self.north - np.asarray(y)) / CELL_M - 0.5, (np.asarray(x) - self.west) / CELL_M - 0.5]
        return map_coordinates(self.rise, at, order=1, mode="nearest")

    def is_hill(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Tell whether points lie in the hills."""
        return self.hill[self.cell_of(x, y)]


@dataclass(frozen=True)
class Frame:
    """The grid of a place, before anything is put on it."""

    west: float
    north: float
    xs: np.ndarray  # float64 (rows, columns), cell centres
    ys: np.ndarray
    inside: np.ndarray  # bool


def frame_of(place: DemoPlace) -> Frame:
    """Return the grid over a place's outline."""
    min_x, min_y, max_x, max_y = place.outline.bounds
    west, north = CELL_M * np.floor(min_x / CELL_M), CELL_M * np.ceil(max_y / CELL_M)
    shape = int(np.ceil((north - min_y) / CELL_M)), int(np.ceil((max_x - west) / CELL_M))
    xs, ys = np.meshgrid(west + CELL_M * (np.arange(shape[1]) + 0.5), north - CELL_M * (np.arange(shape[0]) + 0.5))
    return Frame(float(west), float(north), xs, ys, shapely.contains_xy(place.outline, xs, ys))


def smooth_noise(shape: tuple[int, int], sigma_cells: float, rng: np.random.Generator) -> np.ndarray:
    """Return smooth noise of mean 0 and standard deviation 1."""
    field = gaussian_filter(rng.standard_normal(shape), sigma_cells, mode="reflect")
    return (field - field.mean()) / field.std()


def lake(x: float, y: float, radius: float, rng: np.random.Generator) -> Polygon:
    """Return a lake with bays round a middle; ``radius`` is its mean."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    r = radius * (1 + sum(size * np.cos(k * turn + rng.uniform(0, 2 * np.pi))
                          for k, size in ((2, 0.22), (3, 0.16), (5, 0.10), (8, 0.06))))
    return Polygon(np.c_[x + r * np.cos(turn), y + r * np.sin(turn)]).buffer(0)


def water_of(place: DemoPlace, bodies: list[BaseGeometry], dry_m: float = 120) -> BaseGeometry:
    """Join bodies of water within the outline.

    Seats stand on dry ground: a canal goes round the middle of a town in a moat that is filled in here.
    """
    dry = unary_union([Point(town.seat).buffer(dry_m) for town in place.towns])
    water = unary_union(bodies).intersection(place.outline).difference(dry) if bodies else Polygon()
    return shapely.set_precision(water.simplify(2), 0.1)
