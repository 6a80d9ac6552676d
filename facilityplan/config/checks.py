"""Checks that join several settings. Each is one function that yields faults and leaves out what could not be read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from facilityplan.config import messages
from facilityplan.config.messages import meant, unknown_reference
from facilityplan.config.norms import ROAD_CLASSES
from facilityplan.config.resolve import UNKNOWN, View
from facilityplan.domain.columns import TABLES
from facilityplan.domain.rules import DROPPABLE, RULES
from facilityplan.errors import Fault, Text

OSM_ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.xml", ".osm.gz", ".osm.bz2")
MODE, STANDARD, RULE = Text("出行方式", "travel mode"), Text("标准", "standard"), Text("规则", "rule")
Check = Callable[[View], Iterator[Fault]]
Path = tuple[str | int, ...]


def _fault(view: View, code: str, path: Path, what: Text, remedy: Text) -> Fault:
    return messages.fault(code, view.origin(*path), view.field(*path), what, remedy)


def _texts(value: Any) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _standard_ids(view: View) -> list[str] | None:
    """Ids of the standards, or None where the list could not be read."""
    if view.value("standards") is UNKNOWN or not isinstance(view.value("standards"), list):
        return None
    return [i for n in view.keys("standards") if isinstance(i := view.value("standards", n, "id"), str)]


def references(view: View) -> Iterator[Fault]:
    """Modes, standards and rules that are called by a name must exist."""
    modes = [str(k) for k in view.keys("modes")]
    called = [("standards", n, "mode") for n in view.keys("standards")] + [("rules", "sub_centres", "mode")]
    for path in called:
        mode = view.value(*path)
        if isinstance(mode, str) and modes and mode not in modes:
            yield unknown_reference(view.origin(*path), view.field(*path), MODE, mode, modes)
    standards = _standard_ids(view)
    if standards is not None:
        called = [("objectives", n, "standard") for n in view.keys("objectives")]
        called += [("rules", "circle_share", n, "standard") for n in view.keys("rules", "circle_share")]
        called += [("rules", "no_harm", "standards", n) for n in view.keys("rules", "no_harm", "standards")]
        for path in called:
            name = view.value(*path)
            if isinstance(name, str) and name not in standards:
                yield unknown_reference(view.origin(*path), view.field(*path), STANDARD, name, standards)
    for n in view.keys("rules", "without"):
        rule, path = view.value("rules", "without", n), ("rules", "without", n)
        if not isinstance(rule, str) or rule in DROPPABLE:
            continue
        if rule in RULES:
            names = RULES[rule]
            yield _fault(view, "rule_not_droppable", path,
                         Text(f"规则“{rule}”（{names.zh}）不能去掉", f"the rule “{rule}” ({names.en}) cannot be dropped"),
                         Text("从 without 里删去：没有它就不成方案", "take it out of without: a plan is not a plan without it"))
        else:
            yield unknown_reference(view.origin(*path), view.field(*path), RULE, rule, sorted(DROPPABLE))


def duplicates(view: View) -> Iterator[Fault]:
    """Ids of standards, stages of the objective and entries of plain lists stand once."""
    seen: dict[Any, Path] = {}
    for n in view.keys("standards"):
        path: Path = ("standards", n, "id")
        name = view.value(*path)
        if isinstance(name, str) and name in seen:
            yield _fault(view, "duplicate_id", path, Text(f"有两条标准的编号都是“{name}”", f"two standards have the id “{name}”"),
                         Text("改掉其中一个编号", "give one of them another id"))
        seen.setdefault(name, path)
    first = (_standard_ids(view) or [None])[0]
    stages: set[Any] = set()
    for n in view.keys("objectives"):
        path = ("objectives", n)
        kind, standard = view.value(*path, "minimise"), view.value(*path, "standard")
        if kind is UNKNOWN or standard is UNKNOWN:
            continue
        stage = (kind, standard or first if kind in ("uncovered", "person_minutes") else None)
        if stage in stages:
            yield _fault(view, "duplicate_objective", path, Text("这个目标前面已经有了", "this stage stands further up already"),
                         Text("删去后面的一个：同一目标排两次不起作用", "take the later one away: a stage has no effect twice"))
        stages.add(stage)
    for path in (("rules", "without"), ("rules", "no_harm", "standards"), ("rules", "no_harm", "exempt_villages"),
                 ("rules", "sub_centres", "required"), ("rules", "sub_centres", "forbidden")):
        values = _texts(view.value(*path))
        for n, value in enumerate(values):
            if value in values[:n]:
                yield _fault(view, "duplicate_entry", (*path, n), Text(f"“{value}”列了两次", f"“{value}” is listed twice"),
                             Text("只留一个", "keep one"))


def objectives(view: View) -> Iterator[Fault]:
    """A stage asks only for what the plan decides."""
    on = view.value("rules", "sub_centres", "max_count") not in (0, UNKNOWN)
    known = view.value("rules", "sub_centres", "max_count") is not UNKNOWN
    for n in view.keys("objectives"):
        kind, standard = view.value("objectives", n, "minimise"), view.value("objectives", n, "standard")
        if kind == "sub_centre_minutes" and known and not on:
            yield _fault(view, "sub_centres_off", ("objectives", n, "minimise"),
                         Text("目标里有到次中心的时间，但没有要选次中心", "a stage minimises the way to sub-centres, but none are chosen"),
                         Text("删去这一目标，或在 rules.sub_centres 里写 max_count",
                              "take the stage away, or give rules.sub_centres a max_count"))
        if kind in ("cost", "changes", "sub_centre_minutes") and isinstance(standard, str):
            yield _fault(view, "standard_not_used", ("objectives", n, "standard"),
                         Text(f"目标“{kind}”与标准无关", f"the stage “{kind}” has no standard"),
                         Text("删去 standard", "take standard away"))


def budget(view: View) -> Iterator[Fault]:
    """Recurrent money is given once: as a share of today's or in yuan."""
    share, yuan = (view.value("rules", "budget", k) for k in ("recurrent_share_of_today", "recurrent_cny"))
    if isinstance(share, int | float) and isinstance(yuan, int | float):
        yield _fault(view, "two_budgets", ("rules", "budget", "recurrent_cny"),
                     Text("年度运行经费给了两次：占现状的比例和金额", "the recurrent budget is given twice: as a share and in yuan"),
                     Text("recurrent_share_of_today 与 recurrent_cny 只留一个；情景里可把另一个写成 null",
                          "keep recurrent_share_of_today or recurrent_cny; a scenario can set the other one to null"))


def sub_centres(view: View) -> Iterator[Fault]:
    """Counts, required and forbidden sub-centres agree with one another."""
    at = ("rules", "sub_centres")
    low, high = view.value(*at, "min_count"), view.value(*at, "max_count")
    required, forbidden = _texts(view.value(*at, "required")), _texts(view.value(*at, "forbidden"))
    if isinstance(low, int) and isinstance(high, int):
        if low > high:
            yield _fault(view, "min_above_max", (*at, "min_count"),
                         Text(f"次中心至少 {low} 个，至多 {high} 个，互相矛盾", f"at least {low} sub-centres but at most {high}"),
                         Text("让 min_count 不大于 max_count", "make min_count at most max_count"))
        elif len(set(required)) > high:
            yield _fault(view, "too_many_required", (*at, "required"),
                         Text(f"指定了 {len(set(required))} 个次中心，上限是 {high} 个",
                              f"{len(set(required))} sub-centres are required, {high} is the most"),
                         Text("提高 max_count，或少指定几个", "raise max_count, or require fewer"))
    for n, name in enumerate(required):
        if name in forbidden:
            yield _fault(view, "required_and_forbidden", (*at, "required", n),
                         Text(f"“{name}”既被指定又被排除", f"“{name}” is both required and forbidden"),
                         Text("从 required 或 forbidden 里删去", "take it out of required or of forbidden"))


def costs(view: View) -> Iterator[Fault]:
    """A cost lies inside its range."""
    for name in view.keys("costs"):
        low, value, high = (view.value("costs", name, k) for k in ("low", "value", "high"))
        if isinstance(value, int | float) and isinstance(low, int | float) and low > value:
            yield _fault(view, "cost_range", ("costs", name, "low"),
                         Text(f"下限 {low:g} 高于取值 {value:g}", f"the lower end {low:g} is above the value {value:g}"),
                         Text("让 low ≤ value ≤ high", "make low ≤ value ≤ high"))
        if isinstance(value, int | float) and isinstance(high, int | float) and value > high:
            yield _fault(view, "cost_range", ("costs", name, "high"),
                         Text(f"上限 {high:g} 低于取值 {value:g}", f"the upper end {high:g} is below the value {value:g}"),
                         Text("让 low ≤ value ≤ high", "make low ≤ value ≤ high"))


def modes(view: View) -> Iterator[Fault]:
    """Speeds are given by OpenStreetMap's road classes, at least one a mode."""
    for mode in view.keys("modes"):
        path = ("modes", mode, "speeds_kmh")
        classes = view.keys(*path)
        if not classes and isinstance(view.value(*path), dict):
            yield _fault(view, "no_roads", path, Text("没有一类道路可走", "no class of road may be used"),
                         Text("至少写一类道路的速度", "give the speed on one class of road at least"))
        for name in classes:
            if name not in ROAD_CLASSES:
                yield messages.fault("unknown_road_class", view.key_origin(*path, name), view.field(*path, name),
                                     Text(f"没有“{name}”这类道路", f"there is no road class “{name}”"), meant(str(name), ROAD_CLASSES))


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
    remedy = Text("用县域所在的三度带，如 EPSG:4549（CGCS2000，中央经线 120°E）", "choose the zone of the county, such as EPSG:4549 (CGCS2000, 120° E)")
    if isinstance(name, str):
        crs, path = _crs(name), ("county", "crs")
        if crs is None:
            code = re.fullmatch(r"\s*([0-9]{4,6})\s*", name)
            yield _fault(view, "unknown_crs", path, Text(f"不认识坐标系“{name}”", f"the coordinate system “{name}” is not known"),
                         Text(f"写成 EPSG:{code[1]}", f"write EPSG:{code[1]}") if code else remedy)
        elif not crs.is_projected or any(a.unit_name not in ("metre", "meter") for a in crs.axis_info):
            yield _fault(view, "crs_not_metric", path,
                         Text(f"“{name}”（{crs.name}）不是以米为单位的投影坐标系", f"“{name}” ({crs.name}) is not a projected system in metres"),
                         remedy)
        elif crs.area_of_use is not None and crs.area_of_use.east - crs.area_of_use.west > 30:
            yield _fault(view, "crs_too_wide", path,
                         Text(f"“{name}”（{crs.name}）覆盖太广，量出的距离不真", f"“{name}” ({crs.name}) covers too much: distances in it are not true"),
                         remedy)
    for source in ("boundary", "roads", "villages", "facilities", "adjacency"):
        name = view.value("inputs", source, "crs")
        if isinstance(name, str) and _crs(name) is None:
            yield _fault(view, "unknown_crs", ("inputs", source, "crs"),
                         Text(f"不认识坐标系“{name}”", f"the coordinate system “{name}” is not known"),
                         Text("写成 EPSG:编号，如 EPSG:4490（CGCS2000 经纬度）", "write EPSG:code, such as EPSG:4490"))


def files(view: View) -> Iterator[Fault]:
    """Files lie below the data root, in a known encoding, with known columns; OSM keys go with OSM files."""
    for source in ("boundary", "roads", "people", "villages", "facilities", "adjacency"):
        at: Path = ("inputs", source)
        name = view.value(*at, "file")
        if isinstance(name, str) and not _below_root(name):
            yield _fault(view, "path_outside", (*at, "file"),
                         Text(f"“{name}”不是数据文件夹下的相对路径", f"“{name}” is not a relative path below the data root"),
                         Text("写相对路径，用 / 分隔，不含 ..、盘符、网址；数据文件夹用 --data-root 指定",
                              "write a relative path with /, without .., drive or URL; --data-root names the folder"))
        encoding = view.value(*at, "encoding")
        if isinstance(encoding, str) and not _is_encoding(encoding):
            yield _fault(view, "unknown_encoding", (*at, "encoding"),
                         Text(f"不认识编码“{encoding}”", f"the encoding “{encoding}” is not known"),
                         Text("常用 utf-8 或 gb18030", "utf-8 and gb18030 are usual"))
        known = [column.name for column in TABLES.get(source, ())]
        for column in view.keys(*at, "columns"):
            if known and column not in known:
                yield messages.fault("unknown_column", view.key_origin(*at, "columns", column), view.field(*at, "columns", column),
                                     Text(f"没有名为“{column}”的字段", f"there is no column “{column}” of ours"),
                                     Text(f"{meant(str(column), known).zh}（冒号前写我们的字段名，冒号后写文件里的列名）",
                                          f"{meant(str(column), known).en} (our name before the colon, the file's after it)"))
    yield from _osm(view)


def _below_root(name: str) -> bool:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    return bool(name.strip()) and "\\" not in name and ":" not in name and not posix.is_absolute() \
        and not windows.drive and ".." not in posix.parts and name != "."


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
            yield _fault(view, "osm_only", (*at, key), Text(f"“{name}”不是 OSM 文件，用不上 {key}", f"“{name}” is no OSM file: {key} has no use"),
                         Text(f"删去 {key}，表格的列名写在 columns", f"take {key} away; name a table's columns under columns"))
        if is_osm and not tags:
            yield _fault(view, "osm_nothing_chosen", (*at, "file"),
                         Text(f"没有写 {key}，OSM 文件里什么都不会取", f"without {key} nothing is taken from the OSM file"),
                         Text("写上 osm_places: [village, town]" if key == "osm_places" else "写上 osm_tags: {amenity=clinic: village_clinic}",
                              "add osm_places: [village, town]" if key == "osm_places" else
                              "add osm_tags: {amenity=clinic: village_clinic}"))
    for tag in view.keys("inputs", "facilities", "osm_tags"):
        if not re.fullmatch(r"[^=]+=[^=]+", str(tag)):
            path = ("inputs", "facilities", "osm_tags", tag)
            yield messages.fault("bad_osm_tag", view.key_origin(*path), view.field(*path),
                                 Text(f"“{tag}”不是“键=值”形式的 OSM 标签", f"“{tag}” is not an OSM tag of the form key=value"),
                                 Text("例如 amenity=clinic", "for example amenity=clinic"))


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
            yield _fault(view, "no_people_65", ("standards", n),
                         Text("这条标准只看 65 岁及以上人口，但数据里没有他们的数", "this standard counts people of 65 and over, but no data tell their number"),
                         Text("在 inputs.people 里写 share_65（占总人口的比例）或 band_65，或删去这条标准",
                              "give inputs.people a share_65 or a band_65, or take the standard away"))


def basemap(view: View) -> Iterator[Fault]:
    """A tile address is an https template with {z}, {x} and {y}."""
    address = view.value("output", "basemap")
    if not isinstance(address, str):
        return
    rest = re.sub(r"\{(z|x|y|s|r)\}", "0", address)
    fits = re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~/?=&%,+-]*", rest)
    if not fits or not all(f"{{{k}}}" in address for k in "zxy"):
        yield _fault(view, "bad_basemap", ("output", "basemap"),
                     Text("底图地址要以 https:// 开头并含 {z}、{x}、{y}", "a tile address begins with https:// and holds {z}, {x} and {y}"),
                     Text("形如 https://tiles.example.org/{z}/{x}/{y}.png；不用底图就删去",
                          "such as https://tiles.example.org/{z}/{x}/{y}.png; take it away for no background"))


_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}


def scenario_names(view: View) -> Iterator[Fault]:
    """A scenario's id becomes a folder: the same on every system, and only once."""
    seen: dict[str, str] = {}
    for name in map(str, view.keys("scenarios")):
        origin, field = view.key_origin("scenarios", name), view.field("scenarios", name)
        if name.lower() in _RESERVED:
            yield messages.fault("bad_name", origin, field, Text(f"“{name}”在 Windows 上不能作文件夹名", f"“{name}” cannot be a folder on Windows"),
                                 Text("换一个编号", "choose another id"))
        if name.lower() in seen:
            yield messages.fault("duplicate_id", origin, field,
                                 Text(f"“{name}”与“{seen[name.lower()]}”只差大小写，会写进同一个文件夹",
                                      f"“{name}” and “{seen[name.lower()]}” differ in case only and share a folder"),
                                 Text("换一个编号", "choose another id"))
        seen.setdefault(name.lower(), name)


ALL: tuple[Check, ...] = (references, duplicates, objectives, budget, sub_centres, costs, modes, coordinate_systems, files,
                          older_people, basemap, scenario_names)


def check(view: View) -> list[Fault]:
    """Run every check."""
    return [fault for each in ALL for fault in each(view)]
