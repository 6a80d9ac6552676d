"""Checks of what a config says about files, coordinate systems and addresses."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath, PureWindowsPath

from pyproj import CRS
from pyproj.exceptions import CRSError

from facilityplan.config import messages
from facilityplan.config.messages import meant
from facilityplan.config.resolve import UNKNOWN, Path, View, fault_at
from facilityplan.domain.columns import TABLES
from facilityplan.errors import Fault, Text

OSM_ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.xml", ".osm.gz", ".osm.bz2")


@cache
def _crs(text: str) -> CRS | None:
    if not re.fullmatch(r"[A-Za-z]{2,10}:[0-9]{1,7}", text):
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None


def coordinate_systems(view: View) -> Iterator[Fault]:
    """The county's CRS is a projected one in metres, narrow enough for distances to be true."""
    name = view.value("county", "crs")
    remedy = Text(
        "用县域所在的三度带，如 EPSG:4549（CGCS2000，中央经线 120°E）",
        "choose the zone of the county, such as EPSG:4549 (CGCS2000, 120° E)",
    )
    if isinstance(name, str):
        crs, path = _crs(name), ("county", "crs")
        if crs is None:
            code = re.fullmatch(r"\s*([0-9]{4,6})\s*", name)
            yield fault_at(
                view,
                "unknown_crs",
                path,
                Text(f"不认识坐标系“{name}”", f"the coordinate system “{name}” is not known"),
                Text(f"写成 EPSG:{code[1]}", f"write EPSG:{code[1]}") if code else remedy,
            )
        elif not crs.is_projected or any(a.unit_name not in ("metre", "meter") for a in crs.axis_info):
            yield fault_at(
                view,
                "crs_not_metric",
                path,
                Text(
                    f"“{name}”（{crs.name}）不是以米为单位的投影坐标系",
                    f"“{name}” ({crs.name}) is not a projected system in metres",
                ),
                remedy,
            )
        elif crs.area_of_use is not None and crs.area_of_use.east - crs.area_of_use.west > 30:
            yield fault_at(
                view,
                "crs_too_wide",
                path,
                Text(
                    f"“{name}”（{crs.name}）覆盖太广，量出的距离不真",
                    f"“{name}” ({crs.name}) covers too much: distances in it are not true",
                ),
                remedy,
            )
    for source in ("boundary", "roads", "villages", "facilities", "water", "adjacency"):
        name = view.value("inputs", source, "crs")
        if isinstance(name, str) and _crs(name) is None:
            yield fault_at(
                view,
                "unknown_crs",
                ("inputs", source, "crs"),
                Text(f"不认识坐标系“{name}”", f"the coordinate system “{name}” is not known"),
                Text("写成 EPSG:编号，如 EPSG:4490（CGCS2000 经纬度）", "write EPSG:code, such as EPSG:4490"),
            )


def files(view: View) -> Iterator[Fault]:
    """Files lie below the data root, in a known encoding, with known columns; OSM keys go with OSM files."""
    for source in ("boundary", "roads", "people", "villages", "facilities", "water", "adjacency"):
        at: Path = ("inputs", source)
        name = view.value(*at, "file")
        if isinstance(name, str) and not _below_root(name):
            yield fault_at(
                view,
                "path_outside",
                (*at, "file"),
                Text(f"“{name}”不是数据文件夹下的相对路径", f"“{name}” is not a relative path below the data root"),
                Text(
                    "写相对路径，用 / 分隔，不含 ..、盘符、网址；数据文件夹用 --data-root 指定",
                    "write a relative path with /, without .., drive or URL; --data-root names the folder",
                ),
            )
        encoding = view.value(*at, "encoding")
        if isinstance(encoding, str) and not _is_encoding(encoding):
            yield fault_at(
                view,
                "unknown_encoding",
                (*at, "encoding"),
                Text(f"不认识编码“{encoding}”", f"the encoding “{encoding}” is not known"),
                Text("常用 utf-8 或 gb18030", "utf-8 and gb18030 are usual"),
            )
        known = [column.name for column in TABLES.get(source, ())]
        for column in view.keys(*at, "columns"):
            if known and column not in known:
                yield messages.fault(
                    "unknown_column",
                    view.key_origin(*at, "columns", column),
                    view.field(*at, "columns", column),
                    Text(f"没有名为“{column}”的字段", f"there is no column “{column}” of ours"),
                    Text(
                        f"{meant(str(column), known).zh}（冒号前写我们的字段名，冒号后写文件里的列名）",
                        f"{meant(str(column), known).en} (our name before the colon, the file's after it)",
                    ),
                )
    yield from _osm(view)


def _below_root(name: str) -> bool:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    return (
        bool(name.strip())
        and "\\" not in name
        and ":" not in name
        and not posix.is_absolute()
        and not windows.drive
        and ".." not in posix.parts
        and name != "."
    )


def _is_encoding(name: str) -> bool:
    try:
        "县".encode(name)
    except (LookupError, UnicodeError, ValueError):
        return _is_single_byte(name)
    return True


def _is_single_byte(name: str) -> bool:
    try:
        return isinstance(codecs.decode(b"a", name), str)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return False


def _osm(view: View) -> Iterator[Fault]:
    for source, key in (("villages", "osm_places"), ("facilities", "osm_tags")):
        at = ("inputs", source)
        name, tags = view.value(*at, "file"), view.value(*at, key)
        if not isinstance(name, str) or tags is UNKNOWN or tags is None:
            continue
        is_osm = name.lower().endswith(OSM_ENDINGS)
        if tags and not is_osm:
            yield fault_at(
                view,
                "osm_only",
                (*at, key),
                Text(f"“{name}”不是 OSM 文件，用不上 {key}", f"“{name}” is no OSM file: {key} has no use"),
                Text(f"删去 {key}，表格的列名写在 columns", f"take {key} away; name a table's columns under columns"),
            )
        if is_osm and not tags:
            yield fault_at(
                view,
                "osm_nothing_chosen",
                (*at, "file"),
                Text(f"没有写 {key}，OSM 文件里什么都不会取", f"without {key} nothing is taken from the OSM file"),
                Text(
                    "写上 osm_places: [village, town]"
                    if key == "osm_places"
                    else "写上 osm_tags: {amenity=clinic: village_clinic}",
                    "add osm_places: [village, town]"
                    if key == "osm_places"
                    else "add osm_tags: {amenity=clinic: village_clinic}",
                ),
            )
    for tag in view.keys("inputs", "facilities", "osm_tags"):
        if not re.fullmatch(r"[^=]+=[^=]+", str(tag)):
            path = ("inputs", "facilities", "osm_tags", tag)
            yield messages.fault(
                "bad_osm_tag",
                view.key_origin(*path),
                view.field(*path),
                Text(f"“{tag}”不是“键=值”形式的 OSM 标签", f"“{tag}” is not an OSM tag of the form key=value"),
                Text("例如 amenity=clinic", "for example amenity=clinic"),
            )


def older_people(view: View) -> Iterator[Fault]:
    """A standard for people of 65 and over needs to know where they live."""
    at = ("inputs", "people")
    band, share, rule = (view.value(*at, k) for k in ("band_65", "share_65", "rule"))
    table = view.value("inputs", "villages", "file")
    from_osm = isinstance(table, str) and table.lower().endswith(OSM_ENDINGS)
    if band is not None or share is not None or rule is UNKNOWN or not from_osm:
        return
    for n in view.keys("standards"):
        if view.value("standards", n, "group") == "age65":
            yield fault_at(
                view,
                "no_people_65",
                ("standards", n),
                Text(
                    "这条标准只看 65 岁及以上人口，但数据里没有他们的数",
                    "this standard counts people of 65 and over, but no data tell their number",
                ),
                Text(
                    "在 inputs.people 里写 share_65（占总人口的比例）或 band_65，或删去这条标准",
                    "give inputs.people a share_65 or a band_65, or take the standard away",
                ),
            )


def basemap(view: View) -> Iterator[Fault]:
    """A tile address is an https template with {z}, {x} and {y}."""
    address = view.value("output", "basemap")
    if not isinstance(address, str):
        return
    rest = re.sub(r"\{(z|x|y|s|r)\}", "0", address)
    fits = re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~/?=&%,+-]*", rest)
    if not fits or not all(f"{{{k}}}" in address for k in "zxy"):
        yield fault_at(
            view,
            "bad_basemap",
            ("output", "basemap"),
            Text(
                "底图地址要以 https:// 开头并含 {z}、{x}、{y}",
                "a tile address begins with https:// and holds {z}, {x} and {y}",
            ),
            Text(
                "形如 https://tiles.example.org/{z}/{x}/{y}.png；不用底图就删去",
                "such as https://tiles.example.org/{z}/{x}/{y}.png; take it away for no background",
            ),
        )
