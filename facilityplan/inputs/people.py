"""People by cell from a GeoTIFF, read by windows: only cells whose centre lies in the county, only people > 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.windows import Window

from facilityplan.config.schema import PeopleSource
from facilityplan.errors import Fault
from facilityplan.inputs.coordinates import Frame, check_crs_known, transform
from facilityplan.inputs.files import MEGABYTE, RASTER_LIMITS, Files
from facilityplan.inputs.findings import Findings, fault, shown

FIELD = "inputs.people"
UNTAGGED_NODATA = -99999.0  # WorldPop's mark, which some of its files do not tag
PIXEL_LIMIT = 200_000_000  # pixels of the county's window; a province at 100 m has 40 million
BLOCK_LIMIT = 256 * MEGABYTE  # bytes that one block of the file unpacks to
STRIP_PIXELS = 4_000_000  # pixels read at a time
MOST_PEOPLE_PER_KM2 = 1e6  # the densest square kilometres on earth hold some 200,000
LEAST_CEILING = 10_000.0  # people that even a small cell may hold: one tower block
# Nothing beside the file itself is read: no world file, overview or .aux.xml could speak for it unseen.
GDAL_ENV = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_GEOREF_SOURCES": "INTERNAL", "GDAL_PAM_ENABLED": "NO",
            "GDAL_CACHEMAX": 256}


@dataclass(frozen=True)
class Raster:
    """The people raster: its cells inside the county, and where its pixels lie."""

    file: str
    cells: pd.DataFrame  # cell (int64), x, y, lon, lat, people, people_65 (NaN = not known), sorted by cell
    transform: tuple[float, float, float, float, float, float]
    crs: str
    shape: tuple[int, int]  # rows, columns

    def cell_at(self, x: float, y: float, county_crs: str) -> tuple[int, int] | None:
        """Return (row, column) of the pixel that holds a county point; None outside the raster."""
        rx, ry = transform(np.array([x]), np.array([y]), county_crs, self.crs)
        if not (np.isfinite(rx[0]) and np.isfinite(ry[0])):
            return None
        a, _, c, _, e, f = self.transform
        column, row = int(np.floor((rx[0] - c) / a)), int(np.floor((ry[0] - f) / e))
        return (row, column) if 0 <= row < self.shape[0] and 0 <= column < self.shape[1] else None


def read_people(source: PeopleSource, frame: Frame, files: Files, findings: Findings) -> Raster | None:
    """Return the county's cells; None, with faults, where that fails. ``frame`` must know the boundary."""
    opened = files.open(source.file, RASTER_LIMITS, FIELD)
    if opened is None or frame.boundary is None:
        return None
    try:
        with rasterio.Env(**GDAL_ENV), rasterio.open(opened[0], driver="GTiff") as raster:
            return _read(raster, source, frame, findings)
    except rasterio.errors.RasterioError as error:
        findings.add(_broken(source.file, error))
    except (MemoryError, ValueError, OSError) as error:
        findings.add(_broken(source.file, error))
    return None


def _broken(file: str, error: BaseException) -> Fault:
    return fault("broken_file", f"栅格读不出来（{shown(error, 200)}）",
                 f"the raster cannot be read ({shown(error, 200)})",
                 "重新下载，或用 QGIS 重新导出 GeoTIFF", "download it again, or export it as GeoTIFF from QGIS",
                 file=file, field=FIELD)


def _read(raster: rasterio.DatasetReader, source: PeopleSource, frame: Frame, findings: Findings) -> Raster | None:
    file = source.file
    if not all([findings.extend(check_bands(raster.count, source)), findings.extend(check_raster_crs(raster, file)),
                findings.extend(check_north_up(raster, file)), findings.extend(check_blocks(raster, file))]):
        return None
    crs = raster.crs.to_string()
    if not findings.extend(check_crs_known(crs, FIELD, file)):
        return None
    window = county_window(raster, crs, frame)
    if not findings.extend(check_window(window, crs, raster, file)):
        return None
    assert window is not None
    if not findings.extend(check_pixels(window, file)):
        return None
    _note_uncovered(raster, crs, frame, findings, file)
    most = most_people(raster, crs, frame)
    strips = list(_strips(raster, window, source, crs, frame, most))
    bad = pd.concat([s[1] for s in strips], ignore_index=True)
    findings.extend(check_people(bad, most, file))
    untagged = sum(s[2] for s in strips)
    if untagged:
        findings.note(f"{file} 有 {untagged:,} 个像元为未标注的 −99999，按无数据处理",
                      f"{file} has {untagged:,} cells of -99999 that are not tagged; they count as no data")
    cells = pd.concat([s[0] for s in strips], ignore_index=True)
    if not findings.extend(check_some_people(cells, bad, file)):
        return None
    cells = cells[cells["people"] > 0].reset_index(drop=True)
    too_old = (cells["people_65"] > cells["people"]).to_numpy()
    if source.band_65 is not None and not findings.extend(check_bands_not_exchanged(too_old, source)):
        return None
    if too_old.any():
        findings.note(f"{file} 有 {too_old.sum():,} 个像元的 65 岁及以上人口多于总人口，已取总人口",
                      f"{file}: {too_old.sum():,} cells had more people of 65 and over than people; they were cut")
        cells["people_65"] = np.minimum(cells["people_65"], cells["people"])
    cells["lon"], cells["lat"] = frame.to_wgs84(cells["x"].to_numpy(), cells["y"].to_numpy())
    return Raster(file, cells, tuple(raster.transform)[:6], crs, raster.shape)


def county_window(raster: rasterio.DatasetReader, crs: str, frame: Frame) -> Window | None:
    """Return the raster's pixels that the county's extent touches; None where there are none."""
    assert frame.boundary is not None
    edge = shapely.get_coordinates(shapely.segmentize(shapely.box(*frame.boundary.bounds), 1_000.0))
    x, y = transform(edge[:, 0], edge[:, 1], frame.crs, crs)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    a, _, c, _, e, f = tuple(raster.transform)[:6]
    columns, rows = (x - c) / a, (y - f) / e
    top, bottom = max(0, int(np.floor(rows.min()))), min(raster.height, int(np.ceil(rows.max())) + 1)
    left, right = max(0, int(np.floor(columns.min()))), min(raster.width, int(np.ceil(columns.max())) + 1)
    return Window(left, top, right - left, bottom - top) if bottom > top and right > left else None


def centres(raster: rasterio.DatasetReader, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x, y of pixel centres in the raster's CRS (the raster is not rotated)."""
    a, _, c, _, e, f = tuple(raster.transform)[:6]
    return c + a * (columns + 0.5), f + e * (rows + 0.5)


def _strips(raster: rasterio.DatasetReader, window: Window, source: PeopleSource, crs: str, frame: Frame,
            most: float) -> Iterator[tuple[pd.DataFrame, pd.DataFrame, int]]:
    """Yield (good cells, faulty cells, number of untagged -99999) for strips of the window."""
    whole = int(max(1, STRIP_PIXELS // window.width))
    block = raster.block_shapes[source.band - 1][0]
    step = max(block, whole // block * block)
    columns = np.arange(window.col_off, window.col_off + window.width, dtype=np.int64)
    start = window.row_off
    while start < window.row_off + window.height:
        # Strips end where blocks end, so that no block is unpacked twice.
        stop = min((start // step + 1) * step, window.row_off + window.height)
        part = Window(window.col_off, start, window.width, stop - start)
        people, known, untagged = _band(raster, source.band, part, source.nodata)
        older = older_known = None
        if source.band_65 is not None:
            older, older_known, _ = _band(raster, source.band_65, part, source.nodata)
        wanted = known & (people != 0)
        if older is not None:
            wanted |= older_known & (older != 0)
        row, column = np.nonzero(wanted)
        x, y = frame.to_county(*centres(raster, start + row, columns[column]), crs)
        inside = shapely.contains_xy(frame.boundary, x, y)
        at = row[inside], column[inside]
        cell = (start + at[0]).astype(np.int64) * raster.width + columns[at[1]]
        values = np.where(known[at], people[at], 0.0)
        if older is not None:
            values_65 = np.where(older_known[at], older[at], 0.0)
        else:
            values_65 = values * (np.nan if source.share_65 is None else source.share_65)
        good = np.isfinite(values) & (values >= 0) & (values <= most)
        if older is not None:
            good &= np.isfinite(values_65) & (values_65 >= 0)
        table = pd.DataFrame({"cell": cell, "x": x[inside], "y": y[inside], "people": values, "people_65": values_65})
        yield table[good], table[~good], _untagged_inside(untagged, columns, start, raster, crs, frame)
        start = stop


def _band(raster: rasterio.DatasetReader, band: int, part: Window, nodata: float | None
          ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (values float64, known, untagged -99999) of a band in a window; what a mask or tag hides is not known."""
    read = raster.read(band, window=part, masked=True)
    known = ~np.ma.getmaskarray(read)
    data = np.asarray(read.data, dtype=np.float64)
    if nodata is not None:
        known &= ~(np.isnan(data) if np.isnan(nodata) else data == float(np.asarray(nodata, dtype=read.dtype)))
    untagged = known & (data == UNTAGGED_NODATA)
    scale, offset = raster.scales[band - 1], raster.offsets[band - 1]
    if (scale, offset) != (1.0, 0.0):
        data = data * scale + offset
    return data, known & ~untagged, untagged


def _untagged_inside(untagged: np.ndarray, columns: np.ndarray, start: int, raster: rasterio.DatasetReader, crs: str,
                     frame: Frame) -> int:
    """Return how many untagged -99999 lie in the county."""
    row, column = np.nonzero(untagged)
    if not len(row):
        return 0
    x, y = frame.to_county(*centres(raster, start + row, columns[column]), crs)
    return int(shapely.contains_xy(frame.boundary, x, y).sum())


def _note_uncovered(raster: rasterio.DatasetReader, crs: str, frame: Frame, findings: Findings, file: str) -> None:
    edge = shapely.get_coordinates(shapely.segmentize(shapely.box(*raster.bounds), max(raster.res) * 1000))
    x, y = frame.to_county(edge[:, 0], edge[:, 1], crs)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return
    assert frame.boundary is not None
    share = shapely.Polygon(np.column_stack([x, y])).buffer(0).intersection(frame.boundary).area / frame.boundary.area
    if share < 0.995:
        findings.note(f"{file} 只覆盖县域面积的 {share:.1%}", f"{file} covers only {share:.1%} of the county's area")


def check_bands(count: int, source: PeopleSource) -> list[Fault]:
    """missing_band: the raster has fewer bands than the config asks for."""
    return [fault("missing_band", f"栅格有 {count} 个波段，没有第 {band} 个",
                  f"the raster has {count} bands, no band {band}",
                  f"改 {FIELD}.{key}（从 1 数起）", f"change {FIELD}.{key} (counted from 1)", file=source.file,
                  field=f"{FIELD}.{key}")
            for key, band in (("band", source.band), ("band_65", source.band_65))
            if band is not None and not 1 <= band <= count]


def check_bands_not_exchanged(too_old: np.ndarray, source: PeopleSource) -> list[Fault]:
    """part_exceeds_whole: most cells hold more older people than people, so the bands must be the wrong way round."""
    if 2 * too_old.sum() <= len(too_old):
        return []
    return [fault("part_exceeds_whole",
                  f"{len(too_old):,} 个像元中有 {too_old.sum():,} 个的 65 岁及以上人口多于总人口",
                  f"in {too_old.sum():,} of {len(too_old):,} cells there are more people of 65 and over than people",
                  f"{FIELD}.band 与 {FIELD}.band_65 写反了吗？",
                  f"are {FIELD}.band and {FIELD}.band_65 exchanged?", file=source.file, field=f"{FIELD}.band_65")]


def check_raster_crs(raster: rasterio.DatasetReader, file: str) -> list[Fault]:
    """missing_crs: the GeoTIFF does not say where it lies."""
    if raster.crs is not None and not raster.transform.is_identity:
        return []
    return [fault("missing_crs", "栅格没有坐标系或位置信息", "the raster carries no coordinate system or position",
                  "用 QGIS 的“指定投影”写入坐标系，导出 GeoTIFF",
                  "assign its projection in QGIS and export it as GeoTIFF", file=file, field=FIELD)]


def check_north_up(raster: rasterio.DatasetReader, file: str) -> list[Fault]:
    """rotated_raster: the raster's rows do not run east."""
    if raster.transform.b == 0 and raster.transform.d == 0:
        return []
    return [fault("rotated_raster", "栅格是旋转的", "the raster is rotated", "用 gdalwarp 转成正北向上",
                  "turn it north up with gdalwarp", file=file, field=FIELD)]


def check_blocks(raster: rasterio.DatasetReader, file: str) -> list[Fault]:
    """raster_too_large: one block of the file would unpack to more memory than a reader may take."""
    size = max(h * w * np.dtype(t).itemsize for (h, w), t in zip(raster.block_shapes, raster.dtypes, strict=True))
    if size <= BLOCK_LIMIT:
        return []
    return [fault("raster_too_large", f"栅格的一个块解压后有 {size / MEGABYTE:,.0f} MB",
                  f"one block of the raster unpacks to {size / MEGABYTE:,.0f} MB", "按县界裁剪，用分块（tiled）GeoTIFF",
                  "clip it to the county and save it as a tiled GeoTIFF", file=file, field=FIELD)]


def check_window(window: Window | None, crs: str, raster: rasterio.DatasetReader, file: str) -> list[Fault]:
    """raster_outside_county: no pixel lies in the county."""
    if window is not None:
        return []
    bounds = ", ".join(f"{v:.6g}" for v in raster.bounds)
    return [fault("raster_outside_county", f"栅格范围（{bounds}，{shown(crs, 30)}）与县域不相交",
                  f"the raster ({bounds}, {shown(crs, 30)}) does not meet the county",
                  "检查边界与栅格的坐标系、经纬度是否对调",
                  "check the coordinate systems of boundary and raster, and whether the boundary's longitude and "
                  "latitude are exchanged", file=file, field=FIELD)]


def check_pixels(window: Window, file: str) -> list[Fault]:
    """raster_too_large: the county's window has more pixels than may be read."""
    pixels = int(window.width) * int(window.height)
    if pixels <= PIXEL_LIMIT:
        return []
    return [fault("raster_too_large", f"县域范围内有 {pixels:,} 个像元，上限 {PIXEL_LIMIT:,}",
                  f"the county's window has {pixels:,} pixels; the limit is {PIXEL_LIMIT:,}",
                  "把栅格重采样到 100 m 左右（人口求和）", "resample the raster to some 100 m (sum of people)",
                  file=file, field=FIELD)]


def most_people(raster: rasterio.DatasetReader, crs: str, frame: Frame) -> float:
    """Return how many people a cell can hold at most: a million on a square kilometre, ten thousand on less."""
    row, column = raster.height / 2, raster.width / 2
    corners = centres(raster, row + np.array([0, 0, 1, 1]), column + np.array([0, 1, 1, 0]))
    area_km2 = shapely.Polygon(np.column_stack(frame.to_county(*corners, crs))).area / 1e6
    return max(MOST_PEOPLE_PER_KM2 * area_km2, LEAST_CEILING) if np.isfinite(area_km2) else np.inf


def check_people(bad: pd.DataFrame, most: float, file: str) -> list[Fault]:
    """nan_people, negative_people, implausible_people: a cell in the county holds no number, fewer than no people, or
    more than can live there (``most``)."""
    faults = []
    for cell, people, older in zip(bad["cell"], bad["people"], bad["people_65"], strict=True):
        value = people if not np.isfinite(people) or people < 0 or people > most else older
        if np.isfinite(value) and value >= 0:
            faults.append(fault("implausible_people", f"像元人口为 {value:g}，不可能有这么多人",
                                f"a cell holds {value:g} people, more than can live there",
                                f"若这是“无数据”，写 {FIELD}.nodata: {value:g}；否则检查波段与单位",
                                f"if that means no data, write {FIELD}.nodata: {value:g}; else check band and unit",
                                file=file, id=str(cell)))
        elif np.isfinite(value):
            faults.append(fault("negative_people", f"像元人口为 {value:g}", f"a cell holds {value:g} people",
                                f"若这是“无数据”，写 {FIELD}.nodata: {value:g}",
                                f"if that means no data, write {FIELD}.nodata: {value:g}", file=file, id=str(cell)))
        else:
            faults.append(fault("nan_people", f"像元人口为 {value}，不是数",
                                f"a cell holds {value}, which is no number",
                                f"若这是“无数据”，在文件中标注：gdal_translate -a_nodata {value}",
                                f"if that means no data, tag it in the file: gdal_translate -a_nodata {value}",
                                file=file, id=str(cell)))
    return faults


def check_some_people(cells: pd.DataFrame, bad: pd.DataFrame, file: str) -> list[Fault]:
    """no_people: nobody lives in the county, says the raster."""
    if len(bad) or cells["people"].sum() > 0:
        return []
    return [fault("no_people", "县域内没有一个像元有人口", "no cell of the county holds any people", "检查波段与坐标系",
                  "check the band and the coordinate system", file=file, field=FIELD)]
