"""Lines and outlines for a page: to degrees, thinned, and packed into text four to five characters a point."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from facilityplan.inputs.tables import RoadTable
from facilityplan.render.palette import ROAD_GROUPS

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # nothing that HTML or JSON escapes
DEGREE_UNITS = 100_000  # a unit is 1e-5 degree, about a metre
POINT_BUDGET = 220_000  # points of roads in one page: about 1 MB
TOLERANCES_M = (3.0, 8.0, 15.0, 30.0, 60.0)


def to_lonlat(xy: np.ndarray, crs: str) -> np.ndarray:
    """Return x, y (float64 (n, 2), ``crs``) as longitude and latitude, WGS 84."""
    lon, lat = _transformer(crs).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


@cache
def _transformer(crs: str) -> Transformer:
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)  # a third of a second each, so made once


def pack(lonlat: np.ndarray, lengths: Sequence[int] | np.ndarray) -> str:
    """Pack lines into text: for each its number of points, then zigzag differences of latitude and longitude.

    ``lonlat``: float64 (points, 2), the lines end to end; ``lengths``: points of each line. A number is written in
    base 32, lowest digit first, a digit of 32 and more saying that another follows. `unpack` in draw.js reads it.
    """
    lengths = np.asarray(lengths, dtype=np.int64)
    if not len(lengths):
        return ""
    units = np.rint(np.asarray(lonlat)[:, ::-1] * DEGREE_UNITS).astype(np.int64)
    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), np.int64))
    zigzag = np.where(steps < 0, -2 * steps - 1, 2 * steps)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    stream = np.insert(zigzag.reshape(-1), 2 * starts, lengths)
    digits = np.stack([stream >> (5 * k) for k in range(6)], axis=1)
    more = digits[:, 1:] > 0
    used = np.concatenate([np.ones((len(stream), 1), bool), more], axis=1)
    codes = (digits & 31) + 32 * np.concatenate([more, np.zeros((len(stream), 1), bool)], axis=1)
    letters = np.frombuffer(ALPHABET.encode("ascii"), np.uint8)
    return letters[codes[used]].tobytes().decode("ascii")


def pack_geometries(geometries: np.ndarray, crs: str) -> str:
    """Pack the lines and rings of ``geometries`` (shapely, ``crs``), one line each."""
    parts = shapely.get_parts(shapely.get_rings(geometries) if _polygonal(geometries) else geometries)
    parts = parts[~shapely.is_empty(parts)]
    lengths = shapely.get_num_coordinates(parts)
    return pack(to_lonlat(shapely.get_coordinates(parts), crs), lengths)


def _polygonal(geometries: np.ndarray) -> bool:
    return len(geometries) > 0 and bool((shapely.get_dimensions(geometries) == 2).all())


def pack_area(geometry: BaseGeometry | None, crs: str, *, tolerance_m: float, smallest_m2: float = 0.0) -> str:
    """Pack the rings of a polygon, or the lines of a line geometry, thinned to ``tolerance_m``; "" for no geometry.

    Polygons and holes of less than ``smallest_m2`` are left out: at a county's scale they are specks.
    """
    if geometry is None or geometry.is_empty:
        return ""
    parts = shapely.get_parts(shapely.get_parts([geometry]))
    if smallest_m2 > 0:
        parts = np.array([_without_specks(part, smallest_m2) for part in parts if part.area >= smallest_m2],
                         dtype=object)
        if not len(parts):
            return ""
    thin = shapely.simplify(parts, tolerance_m, preserve_topology=True)
    dimension = shapely.get_dimensions(thin)
    chosen = thin[(dimension == dimension.max()) & (dimension > 0) & ~shapely.is_empty(thin)]
    return pack_geometries(chosen, crs)


def _without_specks(part: BaseGeometry, smallest_m2: float) -> BaseGeometry:
    holes = [ring for ring in part.interiors if shapely.Polygon(ring).area >= smallest_m2]
    return shapely.Polygon(part.exterior, holes)


def pack_roads(roads: RoadTable, crs: str) -> list[tuple[str, str]]:
    """Merge roads by class group into few long lines and pack each group: (group, packed), the smallest roads first.

    Thinning starts at 3 m and grows only where the page would otherwise hold more than POINT_BUDGET points.
    """
    road_class = roads.edges["road_class"].to_numpy(object)
    lines = roads.edges.geometry.to_numpy()
    named = {name: group for group, names, *_ in ROAD_GROUPS for name in names}
    group_of = np.array([named.get(name, "road_local") for name in road_class], dtype=object)
    merged = {}
    for group, *_ in reversed(ROAD_GROUPS):
        chosen = lines[group_of == group]
        if len(chosen):
            merged[group] = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(chosen)))
    for tolerance_m in TOLERANCES_M:
        thin = {group: shapely.simplify(parts, tolerance_m, preserve_topology=False) for group, parts in merged.items()}
        if sum(int(shapely.get_num_coordinates(parts).sum()) for parts in thin.values()) <= POINT_BUDGET:
            break
    return [(group, pack_geometries(parts, crs)) for group, parts in thin.items()]
