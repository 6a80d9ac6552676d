"""Points of a table or of OpenStreetMap, and objects that OpenStreetMap holds twice."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from facilityplan.config.schema import TableSource
from facilityplan.domain.columns import Column
from facilityplan.errors import Fault
from facilityplan.inputs.coordinates import WGS84, Frame, check_crs_known, crs_of, place_points, transform
from facilityplan.inputs.findings import Findings, fault
from facilityplan.inputs.osm import OsmObject
from facilityplan.inputs.rawtable import RawTable

SAME_OBJECT_M = 50.0
POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class Placed:
    """Where the rows of a table lie."""

    xy: np.ndarray  # float64 (rows, 2), county CRS
    lonlat: np.ndarray  # float64 (rows, 2), WGS 84
    polygons: np.ndarray | None = None  # object (rows,), county CRS, where every row has an area


def place_rows(raw: RawTable, table: pd.DataFrame, source: TableSource, field: str, frame: Frame, findings: Findings
               ) -> Placed | None:
    """Place the rows of a table by its lon, lat columns or by its geometry; None, with faults, where that fails.

    Columns lon, lat are WGS 84 unless the config gives a ``crs``: then they hold east and north in that system.
    A polygon is placed at a point inside it.
    """
    ids = table["id"].to_numpy()
    if raw.geometry is None:
        crs = source.crs or WGS84
        if not findings.extend(check_crs_known(crs, f"{field}.crs", None)):
            return None
        x, y = table["lon"].to_numpy(dtype=float), table["lat"].to_numpy(dtype=float)
        polygons = None
    else:
        maybe = crs_of(raw, source.crs, field, findings)
        if maybe is None or not findings.extend(check_places(raw)):
            return None
        crs = maybe
        areas = np.isin(shapely.get_type_id(raw.geometry), POLYGONS)
        inner = np.where(areas, shapely.point_on_surface(raw.geometry), shapely.centroid(raw.geometry))
        x, y = shapely.get_x(inner), shapely.get_y(inner)
        polygons = frame.geometries(raw.geometry, crs) if areas.all() else None
        if polygons is not None:
            polygons = shapely.make_valid(polygons)
    xy = place_points(raw, x, y, crs, ids, frame, findings)
    # A row without a usable place has its fault; a stand-in lets the other checks go on.
    xy[~np.isfinite(xy).all(axis=1)] = 0.0
    lonlat = np.column_stack(transform(x, y, crs, WGS84))
    return Placed(xy, lonlat, polygons)


def check_places(raw: RawTable) -> list[Fault]:
    """missing_geometry, not_points: a row has no place, or is a line."""
    assert raw.geometry is not None
    empty = shapely.is_missing(raw.geometry) | shapely.is_empty(raw.geometry)
    wrong = ~empty & ~np.isin(shapely.get_type_id(raw.geometry), (*POINTS, *POLYGONS))
    return [*(fault("missing_geometry", "这一行没有位置", "this row has no place", "补上点位，或删除该行",
                    "add its point, or leave the row out", **raw.place(i)) for i in np.flatnonzero(empty)),
            *(fault("not_points", f"这一行是 {raw.geometry[i].geom_type}，不是点或面",
                    f"this row is a {raw.geometry[i].geom_type}, not a point or an area", "用点图层或面图层",
                    "use a layer of points or areas", **raw.place(i)) for i in np.flatnonzero(wrong))]


def to_geoframe(table: pd.DataFrame, declared: tuple[Column, ...], frame: Frame) -> gpd.GeoDataFrame:
    """Return the declared columns sorted by id with a RangeIndex; geometry from the columns x, y (county CRS)."""
    table = table.sort_values("id", kind="stable", ignore_index=True)
    points = gpd.points_from_xy(table["x"].to_numpy(float), table["y"].to_numpy(float), crs=frame.crs)
    columns = {c.name: text_or_none(table[c.name]) if c.type in ("text", "boolean") else table[c.name].astype(float)
               for c in declared}
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=points)


def text_or_none(values: pd.Series) -> pd.Series:
    """Return ``values`` as object dtype with None where they are missing."""
    return values.astype(object).where(values.notna(), None)


def place_objects(objects: list[OsmObject], frame: Frame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return (table with id, name, x, y, lon, lat; shapes in the county CRS) of OpenStreetMap objects."""
    shapes = frame.geometries(np.array([o.geometry for o in objects] + [None], dtype=object)[:-1], WGS84)
    inner = shapely.point_on_surface(shapes)
    x, y = shapely.get_x(inner), shapely.get_y(inner)
    lon, lat = frame.to_wgs84(x, y)
    name = [o.tags.get("name", "").strip() or None for o in objects]
    table = pd.DataFrame({"id": pd.Series([o.id for o in objects], dtype=object), "name": pd.Series(name, dtype=object),
                          "x": x, "y": y, "lon": lon, "lat": lat})
    return table, shapes


def drop_twins(table: pd.DataFrame, shapes: np.ndarray, sort: str, file: str, findings: Findings) -> pd.DataFrame:
    """Drop objects that OpenStreetMap holds twice: of one sort, and either one is a point inside the other's area
    with the same name or one without, or both bear the same name within 50 m. Areas stay before points, then the
    lower id; the one that stays takes the other's name where it has none.

    ``table`` has id, name and the column ``sort``; ``shapes`` are its geometries in metres.
    """
    if len(table) < 2:
        return table
    numbers = table["id"].str[1:].astype("int64").to_numpy()
    is_area = shapely.get_dimensions(shapes) == 2
    order = np.lexsort((numbers, ~is_area))
    tree = shapely.STRtree(shapes)
    rank = np.argsort(order)
    gone: dict[int, int] = {}
    table = table.copy()
    names, sorts = table["name"].to_numpy(dtype=object, copy=True), table[sort].to_numpy()
    for i in order:
        if i in gone:
            continue
        for j in sorted(tree.query(shapes[i], predicate="dwithin", distance=SAME_OBJECT_M)):
            if j in gone or sorts[i] != sorts[j] or rank[j] <= rank[i]:
                continue
            inside = is_area[i] and not is_area[j] and shapely.intersects(shapes[i], shapes[j])
            if (names[i] == names[j] and names[i] is not None) or (inside and None in (names[i], names[j])):
                gone[j] = i
                names[i] = names[i] or names[j]
    table["name"] = pd.Series(names, dtype=object)
    if gone:
        pairs = ", ".join(f"{table['id'].iloc[j]} = {table['id'].iloc[i]}" for j, i in sorted(gone.items()))
        findings.note(f"{file}：{len(gone)} 个对象重复，只计一次（{pairs}）",
                      f"{file}: {len(gone)} objects are there twice and count once ({pairs})")
    return table[~np.isin(np.arange(len(table)), list(gone))].reset_index(drop=True)
