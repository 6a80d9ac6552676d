"""Coordinate systems: into the county's CRS and out to WGS 84, with the faults that a plausible map would hide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from facilityplan.errors import Fault
from facilityplan.inputs.findings import Findings, fault, shown
from facilityplan.inputs.rawtable import RawTable

WGS84 = "EPSG:4326"
COUNTY_MARGIN_M = 1_000.0  # a site may stand so far outside the boundary, which is often simplified
AREA_OF_USE_MARGIN_DEG = 3.0


@lru_cache(maxsize=64)
def _crs(text: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(text)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_crs(source), _crs(target), always_xy=True)


def transform(x: np.ndarray, y: np.ndarray, source: str, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Return x, y (float64) in ``target``; what cannot be transformed becomes inf. East or longitude comes first."""
    if same_crs(source, target):
        return np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    try:
        out_x, out_y = _transformer(source, target).transform(np.asarray(x, float), np.asarray(y, float))
    except ProjError:  # no way between the two systems
        out_x = out_y = np.full(np.shape(x), np.inf)
    return np.asarray(out_x), np.asarray(out_y)


@lru_cache(maxsize=64)
def same_crs(a: str, b: str) -> bool:
    """Whether two CRS texts mean the same system, axis order left aside."""
    return a == b or _crs(a).equals(_crs(b), ignore_axis_order=True)


@dataclass(frozen=True)
class Frame:
    """The county's projected CRS and, once it has been read, its boundary (in that CRS)."""

    crs: str
    boundary: BaseGeometry | None = None

    def with_boundary(self, boundary: BaseGeometry) -> Frame:
        """Return a copy that knows the boundary."""
        shapely.prepare(boundary)
        return replace(self, boundary=boundary)

    @cached_property
    def surroundings(self) -> BaseGeometry | None:
        """The boundary with the margin inside which sites count as the county's."""
        if self.boundary is None:
            return None
        around = self.boundary.buffer(COUNTY_MARGIN_M)
        shapely.prepare(around)
        return around

    def to_county(self, x: np.ndarray, y: np.ndarray, source: str) -> tuple[np.ndarray, np.ndarray]:
        """Return county x, y in metres."""
        return transform(x, y, source, self.crs)

    def to_wgs84(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return longitude, latitude of county coordinates."""
        return transform(x, y, self.crs, WGS84)

    def geometries(self, geometry: np.ndarray, source: str) -> np.ndarray:
        """Return shapely geometries moved into the county CRS (object array; None stays None)."""
        if same_crs(source, self.crs):
            return geometry
        xy = shapely.get_coordinates(geometry)
        return shapely.set_coordinates(geometry.copy(), np.column_stack(self.to_county(xy[:, 0], xy[:, 1], source)))


def check_county_crs(crs: str) -> list[Fault]:
    """bad_crs, geographic_crs, crs_not_metres: the county's CRS must be projected, in metres."""
    remedy = ("写以米为单位的投影坐标系，如 EPSG:4549（CGCS2000 / 3 度带 120E）",
              "write a projected coordinate system in metres, such as EPSG:4549")
    faults = check_crs_known(crs, "county.crs", None)
    if faults:
        return faults
    parsed = _crs(crs)
    if parsed.is_geographic:
        return [fault("geographic_crs", f"{shown(crs)} 是经纬度坐标系，不能量距离",
                      f"{shown(crs)} is in degrees, distances cannot be measured in it", *remedy, field="county.crs")]
    if not parsed.is_projected or any(a.unit_name not in ("metre", "meter") for a in parsed.axis_info[:2]):
        return [fault("crs_not_metres", f"{shown(crs)} 不是以米为单位的投影坐标系",
                      f"{shown(crs)} is not a projected system in metres", *remedy, field="county.crs")]
    return []


def check_crs_known(crs: str, field: str, file: str | None) -> list[Fault]:
    """bad_crs: PROJ does not know the coordinate system."""
    try:
        _crs(crs)
    except CRSError:
        return [fault("bad_crs", f"不认识坐标系 {shown(crs)}", f"the coordinate system {shown(crs)} is not known",
                      "写 EPSG 代码，如 EPSG:4326", "write an EPSG code, such as EPSG:4326", file=file, field=field)]
    return []


def check_crs_given(raw: RawTable, said: str | None, field: str) -> list[Fault]:
    """missing_crs: neither the file nor the config says what the coordinates mean."""
    if raw.crs or said:
        return []
    xy = shapely.get_coordinates(raw.geometry)
    degrees = len(xy) and np.all(np.abs(xy) <= (180, 90))
    guess = WGS84 if degrees else "EPSG:…"
    return [fault("missing_crs", "文件没有坐标系（.prj 等）", "the file carries no coordinate system (such as a .prj)",
                  f"在配置中写 {field}.crs: {guess}", f"write {field}.crs: {guess} in the config",
                  file=raw.file, field=f"{field}.crs")]


def crs_of(raw: RawTable, said: str | None, field: str, findings: Findings) -> str | None:
    """Return the CRS of a layer: its own, else the config's; None, with a fault, where neither is good."""
    if not findings.extend(check_crs_given(raw, said, field)):
        return None
    crs = raw.crs or said
    assert crs is not None
    if not findings.extend(check_crs_known(crs, f"{field}.crs", raw.file)):
        return None
    if raw.crs and said and not check_crs_known(said, f"{field}.crs", raw.file) and not same_crs(raw.crs, said):
        findings.note(f"{raw.file} 自带坐标系，配置中的 {said} 未使用",
                      f"{raw.file} carries its own coordinate system; the config's {said} was not used")
    return crs


def check_area_of_use(frame: Frame) -> list[Fault]:
    """wrong_crs, swapped_coordinates: the county lies far from where its coordinate system is meant to be used."""
    area = _crs(frame.crs).area_of_use
    if area is None or frame.boundary is None:
        return []
    point = frame.boundary.representative_point()
    lon, lat = (float(v) for v in frame.to_wgs84(np.array(point.x), np.array(point.y)))
    margin = AREA_OF_USE_MARGIN_DEG
    wraps = area.west > area.east  # the area crosses the date line

    def fits(lon: float, lat: float) -> bool:
        return ((wraps or area.west - margin <= lon <= area.east + margin)
                and area.south - margin <= lat <= area.north + margin)

    if fits(lon, lat):
        return []
    if fits(lat, lon):
        return [fault("swapped_coordinates", "边界的经度与纬度对调了",
                      "longitude and latitude of the boundary are exchanged",
                      "重新导出边界，x 为经度", "export the boundary again, with x as longitude",
                      field="inputs.boundary.file")]
    return [fault("wrong_crs", f"县域在 {lon:.2f}, {lat:.2f}，不在 {frame.crs} 的适用范围（{area.name}）",
                  f"the county is at {lon:.2f}, {lat:.2f}, outside the area of {frame.crs} ({area.name})",
                  "改 county.crs 为本地的投影带，或检查边界文件的坐标系",
                  "set county.crs to the local zone, or check the boundary's coordinate system", field="county.crs")]


def check_in_range(raw: RawTable, x: np.ndarray, y: np.ndarray, crs: str, ids: np.ndarray | None = None,
                   skip: np.ndarray | None = None) -> list[Fault]:
    """coordinates_out_of_range: longitude or latitude beyond the globe, or metres beyond the projection."""
    lon, lat = transform(x, y, crs, WGS84)
    good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if skip is not None:
        good |= skip
    return [fault("coordinates_out_of_range", f"坐标 {x[i]:.10g}, {y[i]:.10g} 超出 {shown(crs, 30)} 的范围",
                  f"the coordinates {x[i]:.10g}, {y[i]:.10g} are beyond the range of {shown(crs, 30)}",
                  "检查坐标与 crs；带 lon、lat 的表默认是 WGS 84 经纬度",
                  "check the coordinates and crs; a table with lon, lat is in WGS 84 unless crs says otherwise",
                  id=None if ids is None else ids[i], **raw.place(i)) for i in np.flatnonzero(~good)]


def check_swapped(raw: RawTable, swapped: np.ndarray, ids: np.ndarray | None = None) -> list[Fault]:
    """swapped_coordinates: points that lie in the county only when east and north are exchanged."""
    rows = np.flatnonzero(swapped)
    if not len(rows):
        return []
    if 2 * len(rows) >= raw.rows:
        return [fault("swapped_coordinates", f"{raw.rows} 行中有 {len(rows)} 行的经度与纬度对调了",
                      f"longitude and latitude are exchanged in {len(rows)} of {raw.rows} rows",
                      "在 columns 中对调 lon 与 lat（或 X 与 Y）", "exchange lon and lat (or X and Y) under columns:",
                      file=raw.file)]
    return [fault("swapped_coordinates", "这一行的经度与纬度对调了", "longitude and latitude are exchanged in this row",
                  "对调这两个数", "exchange the two figures", id=None if ids is None else ids[i], **raw.place(i))
            for i in rows]


def check_inside_county(raw: RawTable, outside_m: np.ndarray, ids: np.ndarray | None = None) -> list[Fault]:
    """outside_county: points more than 1 km outside the boundary (``outside_m``: metres outside; NaN = inside)."""
    rows = np.flatnonzero(outside_m > COUNTY_MARGIN_M)
    if len(rows) >= 3 and len(rows) == raw.rows:
        return [fault("outside_county", f"{raw.rows} 行全部在县界之外，最近的也有 {outside_m.min() / 1000:,.1f} km",
                      f"all {raw.rows} rows lie outside the county, the nearest {outside_m.min() / 1000:,.1f} km away",
                      "检查坐标系、县界文件，以及是否用错了县的表",
                      "check the coordinate system, the boundary, and whether the table is another county's",
                      file=raw.file)]
    return [fault("outside_county", f"在县界外 {outside_m[i] / 1000:,.1f} km",
                  f"lies {outside_m[i] / 1000:,.1f} km outside the county", "改正坐标，或删除该行",
                  "correct the coordinates, or leave the row out", id=None if ids is None else ids[i], **raw.place(i))
            for i in rows]


def place_points(raw: RawTable, x: np.ndarray, y: np.ndarray, crs: str, ids: np.ndarray, frame: Frame,
                 findings: Findings) -> np.ndarray:
    """Return county x, y (float64 (rows, 2)) of points given in ``crs``, with every fault of their position."""
    known = np.isfinite(x) & np.isfinite(y)
    px, py = frame.to_county(x, y, crs)
    finite = known & np.isfinite(px) & np.isfinite(py)
    swapped = np.zeros(len(x), dtype=bool)
    if frame.surroundings is not None:
        inside = np.zeros(len(x), dtype=bool)
        inside[finite] = shapely.contains_xy(frame.surroundings, px[finite], py[finite])
        away = np.flatnonzero(known & ~inside)
        sx, sy = frame.to_county(y[away], x[away], crs)
        ok = np.isfinite(sx) & np.isfinite(sy)
        swapped[away[ok]] = shapely.contains_xy(frame.surroundings, sx[ok], sy[ok])
        out = np.full(len(x), np.nan)
        rest = np.flatnonzero(finite & ~inside & ~swapped)
        out[rest] = shapely.distance(frame.boundary, shapely.points(px[rest], py[rest]))
    in_range = findings.extend(check_in_range(raw, x, y, crs, ids, skip=swapped | ~known))
    findings.extend(check_swapped(raw, swapped, ids))
    if frame.surroundings is not None and in_range:
        findings.extend(check_inside_county(raw, out, ids))
    return np.column_stack([px, py])
