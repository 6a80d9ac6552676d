"""GeoPackage, GeoJSON and Shapefile layers as raw tables, read with pyogrio through Arrow."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from facilityplan.config.schema import TableSource
from facilityplan.errors import Fault
from facilityplan.inputs.files import LAYER_LIMITS, TABLE_LIMITS, Files
from facilityplan.inputs.findings import Findings, fault, shown
from facilityplan.inputs.rawtable import RawTable, text_of
from facilityplan.inputs.tables_text import check_encoding, codec_of, note_layers, read_csv, read_excel

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON", ".shp": "ESRI Shapefile"}
OWN_CRS = re.compile(rb'"crs"\s*:\s*\{')
# GDAL hands the bytes of a Shapefile through unchanged under this name, so that they are decoded strictly here:
# GDAL's own recoding drops or replaces what it cannot decode and only warns.
RAW_BYTES = "ISO-8859-1"


def read_table(source: TableSource, field: str, files: Files, findings: Findings) -> RawTable | None:
    """Read any table or layer that a config may name; None, with faults, where that fails.

    ``field`` is the dotted config key of ``source``, for messages.
    """
    opened = files.open(source.file, {**TABLE_LIMITS, **LAYER_LIMITS}, field)
    if opened is None:
        return None
    path, ending = opened
    if ending == ".xlsx":
        return read_excel(path, source.file, source.layer, field, findings)
    if ending in TABLE_LIMITS:
        return read_csv(path, source.file, source.encoding, field, findings)
    return read_opened_layer(path, ending, source, field, findings)


def read_layer(source: TableSource, field: str, files: Files, findings: Findings, *,
               columns: Sequence[str] | None = None) -> RawTable | None:
    """Read a layer with geometry (no CSV, no workbook); ``columns`` = headers wanted, all for None."""
    opened = files.open(source.file, LAYER_LIMITS, field)
    return None if opened is None else read_opened_layer(*opened, source, field, findings, columns=columns)


def read_opened_layer(path: Path, ending: str, source: TableSource, field: str, findings: Findings, *,
                      columns: Sequence[str] | None = None) -> RawTable | None:
    """Read one layer of an opened file. Text comes out as str, geometry as shapely objects in two dimensions."""
    file = source.file
    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        if not findings.extend(check_layer(layers, source.layer, file, field)):
            return None
        if source.layer is None and len(layers) > 1:
            note_layers(layers, file, field, findings)
        shapefile = ending == ".shp"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # several layers: the first is taken, as for workbooks
            meta, table = pyogrio.read_arrow(path, layer=source.layer or layers[0],
                                             columns=None if shapefile else columns,
                                             encoding=RAW_BYTES if shapefile else None)
    except Exception as error:  # pyogrio raises its own errors, GDAL's, and Unicode errors
        findings.add(fault("broken_file", f"图层读不出来（{shown(error, 200)}）",
                           f"the layer cannot be read ({shown(error, 200)})", "用 QGIS 打开检查并重新导出",
                           "open it in QGIS and export it again", file=file, field=field))
        return None
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    geometry, headers, arrays = None, [], []
    for position, name in enumerate(table.column_names):  # by position: two columns may bear one name
        if name == geometry_name:
            geometry = shapely.from_wkb(table.column(position).to_numpy(), on_invalid="ignore")
            if shapely.has_z(geometry).any():
                geometry = shapely.force_2d(geometry)
        elif columns is None or shapefile or name in columns:
            try:
                arrays.append(_text_column(table.column(position)))
            except UnicodeDecodeError:
                findings.add(fault("wrong_encoding", f"“{shown(name)}”列不是 UTF-8 文字",
                                   f"the column {shown(name)} is not text in UTF-8", "用 QGIS 打开后以 UTF-8 重新导出",
                                   "open it in QGIS with its own encoding and export it as UTF-8",
                file=file, field=name))
                return None
            headers.append(name)
    if shapefile:
        encoding = _shapefile_encoding(path, source)
        data = "\n".join([*headers, *(t for a in arrays for t in a if t is not None)]).encode(RAW_BYTES)
        if not findings.extend(check_encoding(data, encoding, file, f"{field}.encoding")):
            return None
        codec = codec_of(encoding)
        # A dbf cuts its headers after ten bytes, maybe inside a character: the torn rest is dropped.
        headers = [n.encode(RAW_BYTES).decode(codec, "ignore") for n in headers]
        arrays = [np.array([None if t is None else t.encode(RAW_BYTES).decode(codec) for t in a], dtype=object)
                  for a in arrays]
    crs = meta["crs"]
    if ending in (".geojson", ".json") and source.crs and not _geojson_says_crs(path):
        crs = None  # GDAL says WGS 84 where the file says nothing: then the config may speak
    return RawTable(file, tuple(headers), tuple(arrays), table.num_rows, geometry, crs)


def check_layer(layers: list[str], layer: str | None, file: str, field: str) -> list[Fault]:
    """missing_layer: the file has no layer of that name, or none at all."""
    if (layer is None and layers) or layer in layers:
        return []
    listed = ", ".join(shown(n) for n in layers)
    return [fault("missing_layer", f"没有图层 {shown(layer)}；有：{listed}",
                  f"there is no layer {shown(layer)}; there are: {listed}", f"改 {field}.layer",
                  f"change {field}.layer", file=file, field=f"{field}.layer")]


def _text_column(column: pa.ChunkedArray) -> np.ndarray:
    """Return an Arrow column as text. Whole numbers go through Arrow, so that long codes keep every digit."""
    kind = column.type
    if pa.types.is_integer(kind):
        return column.cast(pa.string()).to_numpy(zero_copy_only=False)
    values = column.to_pylist()
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        values = [None if v is None else v.isoformat() for v in values]
    return np.array([text_of(v) for v in values] + [None], dtype=object)[:-1]


def _shapefile_encoding(path: Path, source: TableSource) -> str:
    """The config's encoding where it is written; else the .cpg's; else the config's default."""
    if "encoding" in source.model_fields_set:
        return source.encoding
    cpg = next((p for p in (path.with_suffix(".cpg"), path.with_suffix(".CPG")) if p.is_file()), None)
    said = cpg.read_bytes()[:40].decode("ascii", "ignore").strip() if cpg else ""
    try:
        b"".decode(codec_of(said))
    except LookupError:
        return source.encoding
    return said or source.encoding


def _geojson_says_crs(path: Path) -> bool:
    """Whether a GeoJSON file carries the old ``crs`` member, which stands near its beginning or end."""
    with path.open("rb") as stream:
        head = stream.read(65_536)
        stream.seek(max(0, path.stat().st_size - 4_096))
        return bool(OWN_CRS.search(head) or OWN_CRS.search(stream.read()))
