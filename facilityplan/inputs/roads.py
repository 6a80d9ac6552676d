"""Roads from a line layer, OpenStreetMap or GraphML, as one canonical table cut at junctions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from facilityplan.config.schema import RoadsSource
from facilityplan.domain.columns import ROADS
from facilityplan.errors import Fault
from facilityplan.inputs import osm_tags
from facilityplan.inputs.closed_roads import close_roads
from facilityplan.inputs.coordinates import WGS84, Frame, check_crs_known, crs_of
from facilityplan.inputs.cutting import ATTRIBUTES, Lines, cut_lines, match_vertices
from facilityplan.inputs.fields import (
    check_duplicate_headers,
    check_missing_columns,
    check_numbers,
    check_renaming,
    parse_boolean,
    parse_number,
)
from facilityplan.inputs.files import GRAPHML_LIMITS, LAYER_LIMITS, OSM_LIMITS, Files, ending_of
from facilityplan.inputs.findings import Findings, fault, shown, some
from facilityplan.inputs.graphml import GraphFileError, read_graph
from facilityplan.inputs.layers import read_layer
from facilityplan.inputs.osm import OsmFileError, broken, check_osm_file, read_ways
from facilityplan.inputs.rawtable import RawTable
from facilityplan.inputs.tables import RoadTable

FIELD = "inputs.roads"
ROAD_BUFFER_M = 2_000.0  # roads this far outside the county still serve it
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING, shapely.GeometryType.LINEARRING)
# Values of `oneway` in extracts that write B both, F with, T against the drawn direction.
BOTH_FORWARD_TO = {"B": osm_tags.BOTH, "F": osm_tags.FORWARD, "T": osm_tags.BACKWARD}


def read_roads(source: RoadsSource, frame: Frame, files: Files, findings: Findings) -> RoadTable | None:
    """Return the roads within 2 km of the county, in its CRS; None, with faults, where that fails."""
    known = {**LAYER_LIMITS, **OSM_LIMITS, **GRAPHML_LIMITS}
    form = source.format
    if form == "auto":
        ending = ending_of(source.file, known)
        form = ("osm_pbf" if ending in (".pbf", ".osm.pbf") else "osm_xml" if ending in OSM_LIMITS else
                "graphml" if ending in GRAPHML_LIMITS else "lines")
    reader = {"osm_pbf": _osm_lines, "osm_xml": _osm_lines, "graphml": _graph_lines, "lines": _layer_lines}[form]
    lines = reader(source, frame, files, findings)
    if lines is None:
        return None
    keep = None if frame.boundary is None else frame.boundary.buffer(ROAD_BUFFER_M)
    roads = cut_lines(lines, frame.crs, keep)
    if frame.boundary is not None and not findings.extend(check_roads_present(roads, lines, source.file)):
        return None
    return close_roads(source, roads, frame, findings)


def check_roads_present(roads: RoadTable, lines: Lines, file: str) -> list[Fault]:
    """no_roads: no road comes within 2 km of the county."""
    if len(roads.edges):
        return []
    return [fault("no_roads", f"县界内外 2 km 没有任何道路（文件中有 {len(lines.attributes)} 条可用线）",
                  f"no road comes within 2 km of the county (usable lines in the file: {len(lines.attributes)})",
                  "检查道路文件的范围、坐标系与道路等级列",
                  "check the extent, the coordinate system and the road classes of the file", file=file)]


def _osm_lines(source: RoadsSource, frame: Frame, files: Files, findings: Findings) -> Lines | None:
    opened = files.open(source.file, OSM_LIMITS, FIELD)
    if opened is None or not findings.extend(check_osm_file(opened[0], source.file, FIELD)):
        return None
    try:
        ways = read_ways(opened[0], "highway", lambda tags: osm_tags.road_class(tags) is not None)
    except OsmFileError as error:
        findings.add(broken(source.file, FIELD, error))
        return None
    missing, cut = sum(w.missing for w in ways), sum(w.missing > 0 for w in ways)
    if missing:
        findings.note(f"{source.file}：{cut} 条道路引用了文件中没有的 {missing} 个节点，缺失处断开",
                      f"{source.file}: {cut} ways refer to {missing} nodes that the file lacks; they are parted there")
    refs, lonlat, rows = [], [], []
    for way in ways:
        direction = osm_tags.direction(way.tags)
        row = (osm_tags.road_class(way.tags), direction != osm_tags.BOTH, osm_tags.is_bridge(way.tags.get("bridge")),
               osm_tags.maxspeed_kmh(way.tags.get("maxspeed")), way.tags.get("name"))
        step = -1 if direction == osm_tags.BACKWARD else 1
        for ids, places in way.runs:
            refs.append(ids[::step])
            lonlat.append(places[::step])
            rows.append(row)
    return _lines(refs, lonlat, rows, frame)


def _lines(keys: list[np.ndarray], xy: list[np.ndarray], rows: list[tuple], frame: Frame) -> Lines:
    sizes = np.array([len(k) for k in keys], dtype=np.int64)
    places = np.concatenate(xy) if xy else np.empty((0, 2))
    x, y = frame.to_county(places[:, 0], places[:, 1], WGS84)
    return Lines(np.column_stack([x, y]), np.concatenate(keys) if keys else np.empty(0, np.int64),
                 np.repeat(np.arange(len(sizes)), sizes), _attributes(rows))


def _attributes(rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(ATTRIBUTES), dtype=object)
    return frame.astype({"oneway": bool, "bridge": bool, "maxspeed_kmh": float})


def _graph_lines(source: RoadsSource, frame: Frame, files: Files, findings: Findings) -> Lines | None:
    opened = files.open(source.file, GRAPHML_LIMITS, FIELD)
    if opened is None:
        return None
    try:
        crs, xy, key, line, attributes = read_graph(opened[0])
    except GraphFileError as error:
        findings.add(fault("broken_file", f"GraphML 读不出来（{shown(error, 200)}）",
                           f"the GraphML cannot be read ({shown(error, 200)})", "用 osmnx.save_graphml 重新保存",
                           "save it again with osmnx.save_graphml", file=source.file, field=FIELD))
        return None
    if not findings.extend(check_crs_known(crs, FIELD, source.file)):
        return None
    xy = np.column_stack(frame.to_county(xy[:, 0], xy[:, 1], crs))
    return Lines(xy, key, line, _attributes(list(attributes.itertuples(index=False, name=None))))


def _layer_lines(source: RoadsSource, frame: Frame, files: Files, findings: Findings) -> Lines | None:
    renamed = {c.name: source.columns.get(c.name, c.name) for c in ROADS}
    raw = read_layer(source, FIELD, files, findings, columns=sorted(set(renamed.values())))
    if raw is None or not findings.extend(check_lines(raw)):
        return None
    if not all([findings.extend(check_renaming(raw, ROADS, source.columns, FIELD)),
                findings.extend(check_missing_columns(raw, list(ROADS), renamed, (), FIELD)),
                findings.extend(check_duplicate_headers(raw, renamed))]):
        return None
    crs = crs_of(raw, source.crs, FIELD, findings)
    attributes = _layer_attributes(raw, renamed, findings)
    if crs is None or attributes is None:
        return None
    usable = ~(shapely.is_missing(raw.geometry) | shapely.is_empty(raw.geometry))
    usable &= np.isfinite(shapely.bounds(raw.geometry)).all(axis=1)
    usable &= attributes["road_class"].notna().to_numpy()
    if not usable.all():
        findings.note(f"{raw.file}：{(~usable).sum()} 条道路没有图形或等级，未使用",
                      f"{raw.file}: {(~usable).sum()} roads without a shape or a class were left out")
    parts, row = shapely.get_parts(raw.geometry[usable], return_index=True)
    rows = np.flatnonzero(usable)[row]
    xy, line = shapely.get_coordinates(parts, return_index=True)
    backward = (attributes["direction"].to_numpy() == osm_tags.BACKWARD)[rows][line]
    if backward.any():
        parts = np.where((attributes["direction"].to_numpy() == osm_tags.BACKWARD)[rows], shapely.reverse(parts), parts)
        xy = shapely.get_coordinates(parts)
    if not findings.extend(check_roads_swapped(raw, xy, crs, frame)):
        return None
    xy = np.column_stack(frame.to_county(xy[:, 0], xy[:, 1], crs))
    if not findings.extend(check_road_coordinates(raw, xy, rows[line])):
        return None
    return Lines(xy, match_vertices(xy), line, attributes.iloc[rows][list(ATTRIBUTES)].reset_index(drop=True))


def _layer_attributes(raw: RawTable, renamed: dict[str, str], findings: Findings) -> pd.DataFrame | None:
    """Return ATTRIBUTES and ``direction`` by row of a line layer."""
    def column(name: str) -> np.ndarray:
        header = renamed[name]
        empty = np.full(raw.rows, None, dtype=object)
        return raw.columns[raw.headers.index(header)] if header in raw.headers else empty

    oneway = column("oneway")
    ok = findings.extend(check_directions(raw, renamed["oneway"], oneway))
    speed = column("maxspeed_kmh")
    if renamed["maxspeed_kmh"] == "maxspeed_kmh":
        ok &= findings.extend(check_numbers(raw, "maxspeed_kmh", speed))
        kmh = np.array([parse_number(s) for s in speed])
    else:  # renamed, so it may be OpenStreetMap's own text, such as "30 mph"
        kmh = np.array([osm_tags.maxspeed_kmh(s) for s in speed])
    if not ok:
        return None
    letters = "B" in oneway
    direction = np.array([_direction(t, letters) or osm_tags.BOTH for t in oneway], dtype=np.int8)
    return pd.DataFrame({
        "road_class": column("road_class"), "oneway": direction != osm_tags.BOTH,
        "bridge": np.array([osm_tags.is_bridge(t) for t in column("bridge")], dtype=bool),
        "maxspeed_kmh": np.where(kmh > 0, kmh, np.nan), "name": column("name"), "direction": direction})


def _direction(text: str | None, letters: bool) -> int | None:
    """Return the direction that ``text`` means; None where it means none. ``letters``: the column uses B, F and T."""
    if letters and text in BOTH_FORWARD_TO:
        return BOTH_FORWARD_TO[text]
    if text is None or text.lower() in ("reversible", "alternating"):
        return osm_tags.BOTH
    if text.lower() in ("-1", "reverse"):
        return osm_tags.BACKWARD
    yes = parse_boolean(text)
    return None if yes is None else osm_tags.FORWARD if yes else osm_tags.BOTH


def check_directions(raw: RawTable, header: str, oneway: np.ndarray) -> list[Fault]:
    """bad_boolean: `oneway` holds something that is no direction."""
    letters = "B" in oneway
    strange = {t: i for i, t in reversed(list(enumerate(oneway))) if _direction(t, letters) is None}
    if not strange:
        return []
    first = min(strange.values())
    return [fault("bad_boolean", f"单行列有不认识的值：{some(sorted(strange))}",
                  f"the one-way column holds values that are not known: {some(sorted(strange))}",
                  "写 true/false（-1 表示逆绘制方向单行）",
                  "write true/false (-1 = one way against the drawn direction)",
                  field=header, **raw.place(first))]


def check_lines(raw: RawTable) -> list[Fault]:
    """not_lines or empty_table: the road layer holds points or polygons, or nothing."""
    if raw.geometry is None or not raw.rows:
        return [fault("empty_table", "道路图层是空的", "the road layer is empty", "检查图层名与导出步骤",
                      "check the layer's name and how it was exported", file=raw.file, field=FIELD)]
    present = ~shapely.is_missing(raw.geometry)
    wrong = np.flatnonzero(present & ~np.isin(shapely.get_type_id(raw.geometry), LINES))
    if not len(wrong):
        return []
    return [fault("not_lines", f"道路图层中有 {len(wrong)} 个不是线（如 {raw.geometry[wrong[0]].geom_type}）",
                  f"{len(wrong)} shapes of the road layer are not lines (such as {raw.geometry[wrong[0]].geom_type})",
                  "用道路中心线图层", "use the layer of road centre lines", **raw.place(wrong[0]))]


def check_roads_swapped(raw: RawTable, xy: np.ndarray, crs: str, frame: Frame) -> list[Fault]:
    """swapped_coordinates: the roads meet the county only when east and north are exchanged."""
    if frame.surroundings is None:
        return []
    west, south, east, north = frame.surroundings.bounds
    for turned in (False, True):
        x, y = frame.to_county(*(xy.T[::-1] if turned else xy.T), crs)
        if ((west <= x) & (x <= east) & (south <= y) & (y <= north)).any():
            break
    else:
        return []
    return [fault("swapped_coordinates", "道路的经度与纬度对调了", "longitude and latitude of the roads are exchanged",
                  "重新导出道路，x 为经度", "export the roads again, with x as longitude",
file=raw.file)] if turned else []


def check_road_coordinates(raw: RawTable, xy: np.ndarray, row: np.ndarray) -> list[Fault]:
    """coordinates_out_of_range: a vertex cannot be projected."""
    bad = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if not len(bad):
        return []
    return [fault("coordinates_out_of_range", f"{len(np.unique(row[bad]))} 条道路的坐标超出范围",
                  f"the coordinates of {len(np.unique(row[bad]))} roads are out of range", "检查道路图层的坐标系",
                  "check the coordinate system of the road layer", **raw.place(int(row[bad[0]])))]
