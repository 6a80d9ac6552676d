"""From raw text to the declared columns: renamed, parsed, checked against `domain.columns`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from facilityplan.domain.characters import FORMULA, hidden_in
from facilityplan.domain.columns import Column
from facilityplan.domain.kinds import KIND_NAMES, Ownership, Status, UnitKind
from facilityplan.errors import Fault
from facilityplan.inputs.findings import Findings, fault, shown, some
from facilityplan.inputs.rawtable import RawTable

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
TRUE = frozenset({"true", "t", "yes", "y", "1", "是", "有"})
FALSE = frozenset({"false", "f", "no", "n", "0", "否", "无"})
CHINESE_VALUES = {
    **{name.zh: str(kind) for kind, name in KIND_NAMES.items()}, "卫生室": "village_clinic", "服务站": "station",
    "卫生院": "township_hospital", "现有": str(Status.EXISTING), "备选": str(Status.CANDIDATE),
    "公立": str(Ownership.PUBLIC), "民营": str(Ownership.PRIVATE), "私立": str(Ownership.PRIVATE),
    "村": str(UnitKind.VILLAGE), "社区": str(UnitKind.COMMUNITY),
}
# Headers that bureaus really use, to say in the remedy what a missing column could be mapped from.
USUAL_HEADERS = {
    "id": ("编号", "编码", "代码", "机构代码", "行政区划代码", "code", "fid", "osm_id", "objectid"),
    "name": ("名称", "机构名称", "村名", "name_zh", "mc"),
    "kind": ("类别", "类型", "机构类别", "type", "category"),
    "township": ("乡镇", "乡镇街道", "街道", "所属乡镇", "town"),
    "lon": ("经度", "x", "lng", "long", "longitude", "jd"),
    "lat": ("纬度", "y", "latitude", "wd"),
    "road_class": ("道路等级", "等级", "highway", "fclass", "class", "type"),
    "people": ("人口", "常住人口", "总人口", "population", "pop"),
    "village_a": ("村甲", "a", "from"), "village_b": ("村乙", "b", "to"),
}
COUNTED_UNITS = frozenset({"person", "doctor", "bed", "m2", "km/h", "CNY/year", "count"})  # never below zero
LEVELS = (1, 2, 3)
ID_LENGTH = 200


def read_fields(raw: RawTable, declared: tuple[Column, ...], renamed: Mapping[str, str], field: str,
                findings: Findings, *, not_needed: Collection[str] = (), keys: Collection[str] = ("id",)
                ) -> pd.DataFrame | None:
    """Return a frame with every declared column, one row for each row of ``raw``; None where a column is missing.

    Text is object (None = empty), integer and number are float64 (NaN = empty), boolean is object (True, False, None).
    ``renamed``: our name → the file's header. ``not_needed``: columns that may be absent or empty here though declared
    otherwise. ``keys``: columns in which every row must differ. A value with a fault comes out empty.
    """
    declared_here = [c for c in declared if not (c.name in ("lon", "lat") and raw.geometry is not None)]
    source = {c.name: renamed.get(c.name, c.name) for c in declared_here}
    ok = findings.extend(check_renaming(raw, declared, renamed, field))
    ok &= findings.extend(check_missing_columns(raw, declared_here, source, not_needed, field))
    ok &= findings.extend(check_duplicate_headers(raw, source))
    ok &= findings.extend(check_empty_table(raw))
    if not ok:
        return None
    if source.get("id") in raw.headers:
        raw = replace(raw, ids=raw.columns[raw.headers.index(source["id"])])
    frame: dict[str, np.ndarray] = {}
    for column in declared:
        header = source.get(column.name)
        if header is None or header not in raw.headers:
            frame[column.name] = np.full(raw.rows, np.nan if column.type in ("integer", "number") else None,
                                         dtype=float if column.type in ("integer", "number") else object)
            continue
        text = raw.columns[raw.headers.index(header)]
        must = not column.nullable and column.required and column.name not in not_needed
        if must and findings.extend(check_empty_column(raw, header, text)):
            findings.extend(check_missing_values(raw, header, text))
        if column.type == "text" and not column.choices:
            findings.extend(check_no_hidden_characters(raw, header, text))
        if column.name == "id":
            findings.extend(check_ids(raw, header, text))
        frame[column.name] = parse_column(raw, column, header, text, findings)
    table = pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in frame.items()})
    for key in keys:
        findings.extend(check_duplicate_ids(raw, source[key], table[key].to_numpy()))
    return table


def parse_column(raw: RawTable, column: Column, header: str, text: np.ndarray, findings: Findings) -> np.ndarray:
    """Return one column parsed to its declared type."""
    if column.type == "boolean":
        findings.extend(check_booleans(raw, header, text))
        return np.array([parse_boolean(t) for t in text] + [None], dtype=object)[:-1]
    if column.type in ("integer", "number"):
        findings.extend(check_numbers(raw, header, text))
        values = np.array([parse_number(t) for t in text], dtype=float)
        if column.type == "integer":
            findings.extend(check_integers(raw, header, values))
            values = np.where(values == np.rint(values), values, np.nan)
        if column.unit in COUNTED_UNITS:
            findings.extend(check_not_negative(raw, header, values))
        if column.name == "level":
            findings.extend(check_levels(raw, header, values))
        return values
    if column.choices:
        findings.extend(check_choices(raw, header, text, column.choices))
        return np.array([_choice(t, column.choices) for t in text] + [None], dtype=object)[:-1]
    return text


def parse_number(text: str | None) -> float:
    """Return the number that ``text`` is, else NaN. ``nan``, ``1,000`` and ``1_000`` are not numbers."""
    return float(text) if text is not None and NUMBER.fullmatch(text) and np.isfinite(float(text)) else np.nan


def parse_boolean(text: str | None) -> bool | None:
    """Return yes or no, in either language; None for an empty cell or anything else."""
    word = None if text is None else text.lower()
    return True if word in TRUE else False if word in FALSE else None


def _choice(text: str | None, choices: Collection[str]) -> str | None:
    value = CHINESE_VALUES.get(text or "", text)
    return str(value) if value in tuple(map(str, choices)) else None


def check_renaming(raw: RawTable, declared: tuple[Column, ...], renamed: Mapping[str, str], field: str) -> list[Fault]:
    """unknown_column: `columns:` names a column of ours that does not exist."""
    ours = [c.name for c in declared]
    faults = []
    for name in renamed:
        if name not in ours:
            near = difflib.get_close_matches(name, ours, 1)
            faults.append(fault("unknown_column", f"没有名为 {shown(name)} 的列", f"there is no column {shown(name)}",
                                f"可用的列：{', '.join(ours)}" + (f"；是否指 {near[0]}？" if near else ""),
                                f"the columns are: {', '.join(ours)}" + (f"; did you mean {near[0]}?" if near else ""),
                                file=raw.file, field=f"{field}.columns.{shown(name)}"))
    return faults


def check_missing_columns(raw: RawTable, declared: list[Column], source: Mapping[str, str],
                          not_needed: Collection[str], field: str) -> list[Fault]:
    """missing_column: a required column, or one that `columns:` points at, is not in the file."""
    faults = []
    free = [h for h in raw.headers if h and h not in source.values()]
    for column in declared:
        header = source[column.name]
        needed = column.required and column.name not in not_needed
        if header in raw.headers or (not needed and header == column.name):
            continue
        usual = {column.zh, *USUAL_HEADERS.get(column.name, ())}
        near = [h for h in free if h.lower() in usual] or difflib.get_close_matches(header, free, 2)
        guess = near[0] if near else "…"
        have = some(raw.headers, 30)
        faults.append(fault(
            "missing_column", f"缺少“{shown(header)}”列（{column.zh}）",
            f"there is no column {shown(header)} ({column.en})",
            f"在 {field}.columns 中写 {column.name}: {shown(guess)}；文件中有：{have}",
            f"write {column.name}: {shown(guess)} under {field}.columns; the file has: {have}",
            file=raw.file, field=column.name))
    return faults


def check_duplicate_headers(raw: RawTable, source: Mapping[str, str]) -> list[Fault]:
    """duplicate_header: two columns bear the name of one that is read."""
    return [fault("duplicate_header", f"有 {raw.headers.count(h)} 列都叫“{shown(h)}”",
                  f"{raw.headers.count(h)} columns are called {shown(h)}", "删除或改名多余的列",
                  "delete or rename the others", file=raw.file, field=h)
            for h in dict.fromkeys(source.values()) if raw.headers.count(h) > 1]


def check_empty_table(raw: RawTable) -> list[Fault]:
    """empty_table: there are headers and no rows."""
    return [] if raw.rows else [fault("empty_table", "表中没有数据行", "the table has no rows", "检查导出时的筛选条件",
                                      "check the filters of the export", file=raw.file)]


def check_empty_column(raw: RawTable, header: str, text: np.ndarray) -> list[Fault]:
    """empty_column: a required column holds nothing at all."""
    if any(t is not None for t in text):
        return []
    return [fault("empty_column", f"“{shown(header)}”列全空", f"the column {shown(header)} is empty",
                  "填写该列，或在 columns 中指向另一列", "fill it, or point at another column under columns:",
                  file=raw.file, field=header)]


def check_missing_values(raw: RawTable, header: str, text: np.ndarray) -> list[Fault]:
    """missing_value: a required cell is empty."""
    return [fault("missing_value", f"“{shown(header)}”为空", f"{shown(header)} is empty", "填写该单元格",
                  "fill the cell",
                  field=header, **raw.place(i)) for i, t in enumerate(text) if t is None]


def check_numbers(raw: RawTable, header: str, text: np.ndarray) -> list[Fault]:
    """bad_number: a cell of a number column is not a number."""
    return [fault("bad_number", f"“{shown(t)}”不是数字", f"{shown(t)} is not a number",
                  "只写数字，不带单位与千位分隔符；不详则留空",
                  "write digits only, without units or thousands separators; leave it empty where not known",
                  field=header, **raw.place(i))
            for i, t in enumerate(text) if t is not None and np.isnan(parse_number(t))]


def check_integers(raw: RawTable, header: str, values: np.ndarray) -> list[Fault]:
    """not_integer: a count has decimals."""
    return [fault("not_integer", f"{values[i]:g} 不是整数", f"{values[i]:g} is not a whole number", "写整数",
                  "write a whole number", field=header, **raw.place(i))
            for i in np.flatnonzero(~np.isnan(values) & (values != np.rint(values)))]


def check_not_negative(raw: RawTable, header: str, values: np.ndarray) -> list[Fault]:
    """negative_number: a count or size is below zero."""
    return [fault("negative_number", f"{values[i]:g} 小于 0", f"{values[i]:g} is below zero", "写 0 或正数；不详则留空",
                  "write zero or more; leave it empty where not known", field=header, **raw.place(i))
            for i in np.flatnonzero(values < 0)]


def check_levels(raw: RawTable, header: str, values: np.ndarray) -> list[Fault]:
    """unknown_value: a capability level is not 1, 2 or 3."""
    return [fault("unknown_value", f"能力等级 {values[i]:g} 不存在", f"there is no level {values[i]:g}",
                  "可用：1、2、3",
                  "it can be 1, 2 or 3", field=header, **raw.place(i))
            for i in np.flatnonzero(~np.isnan(values) & ~np.isin(values, LEVELS))]


def check_booleans(raw: RawTable, header: str, text: np.ndarray) -> list[Fault]:
    """bad_boolean: a cell of a yes-or-no column is neither."""
    return [fault("bad_boolean", f"“{shown(t)}”不是“是”或“否”", f"{shown(t)} is neither yes nor no",
                  "写 true/false、是/否或 1/0", "write true/false, yes/no or 1/0", field=header, **raw.place(i))
            for i, t in enumerate(text) if t is not None and parse_boolean(t) is None]


def check_choices(raw: RawTable, header: str, text: np.ndarray, choices: Collection[str]) -> list[Fault]:
    """unknown_value: a cell holds none of the values allowed."""
    listed = ", ".join(map(str, choices))
    return [fault("unknown_value", f"“{shown(t)}”不是可用的值", f"{shown(t)} is not one of the values",
                  f"可用：{listed}",
                  f"it can be: {listed}", field=header, **raw.place(i))
            for i, t in enumerate(text) if t is not None and _choice(t, choices) is None]


def check_duplicate_ids(raw: RawTable, header: str, ids: np.ndarray) -> list[Fault]:
    """duplicate_id: two rows bear one id."""
    first: dict[str, int] = {}
    faults = []
    for i, value in enumerate(ids):
        if value is None:
            continue
        if first.setdefault(value, i) != i:
            faults.append(fault("duplicate_id", f"编号 {shown(value)} 与第 {first[value] + 1} 行重复",
                                f"the id {shown(value)} stands in row {first[value] + 1} too", "每行用不同的编号",
                                "give every row an id of its own", **{"field": header, "id": value, **raw.place(i)}))
    return faults


def check_ids(raw: RawTable, header: str, ids: np.ndarray) -> list[Fault]:
    """bad_id: an id that a spreadsheet would take for a formula, or one longer than 200 characters.

    A name of that kind is written with a tab before it; an id has to stay what it is.
    """
    faults = []
    for i, value in enumerate(ids):
        if value is not None and value.startswith(FORMULA):
            faults.append(fault("bad_id", f"编号 {shown(value)} 以 {value[0]} 开头，表格软件会当作公式",
                                f"the id {shown(value)} begins with {value[0]}: spreadsheets take it for a formula",
                                "换一个以字母、数字或汉字开头的编号，其他表中一并改",
                                "begin the id with a letter or figure, here and where other tables name it",
                                field=header, **_cut(raw.place(i))))
        elif value is not None and len(value) > ID_LENGTH:
            faults.append(fault("bad_id", f"编号有 {len(value)} 个字符，上限 {ID_LENGTH}",
                                f"the id has {len(value)} characters; {ID_LENGTH} is the limit",
                                "换一个短的编号；是否把名称列当成了编号列？",
                                "give it a shorter one; has another column been taken for the ids?",
                                field=header, **_cut(raw.place(i))))
    return faults


def check_no_hidden_characters(raw: RawTable, header: str, text: np.ndarray) -> list[Fault]:
    """control_character: a text holds a character that nobody sees; a line break inside a cell is one."""
    found = ((i, hidden_in(t)) for i, t in enumerate(text) if t is not None)
    return [fault("control_character", f"“{shown(header)}”中有看不见的字符 {hidden}",
                  f"{shown(header)} holds the invisible character {hidden}",
                  "删去该字符（换行、零宽空格等），或重新输入",
                  "delete it (a line break, a zero-width space …), or type the text again",
                  field=header, **_cut(raw.place(i))) for i, hidden in found if hidden]


def _cut(place: dict[str, object]) -> dict[str, object]:
    return {**place, "id": shown(place["id"])} if "id" in place else place


def check_part_of_whole(raw: RawTable, table: pd.DataFrame, part: str, whole: str) -> list[Fault]:
    """part_exceeds_whole: a part, such as doctors of 60 and over, is larger than the whole."""
    a, b = table[part].to_numpy(), table[whole].to_numpy()
    return [fault("part_exceeds_whole", f"{part} = {a[i]:g} 大于 {whole} = {b[i]:g}",
                  f"{part} = {a[i]:g} is more than {whole} = {b[i]:g}", "核对这两个数", "check both figures",
                  field=part, id=table["id"].iloc[i], **raw.place(i)) for i in np.flatnonzero(a > b)]
