"""The sentence that answers a clause: figure, target, what they rest on, what is missing; in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.config.clauses import Clause, Measure
from facilityplan.config.schema import Config
from facilityplan.domain.basis import VERDICTS
from facilityplan.domain.indicators import INDICATORS
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs

NOT_DECIDABLE = Text("尚不能判定", "Not decidable yet")
COMPARISONS = {"at_least": Text("不少于 {a}", "at least {a}"), "at_most": Text("不多于 {a}", "at most {a}"),
               "equals": Text("等于 {a}", "exactly {a}"), "between": Text("介于 {a} 与 {b}", "between {a} and {b}")}
STANDINGS = {"binding": Text("文件要求", "asked for by the document"),
             "aim": Text("文件鼓励", "an aim of the document"),
             "assumed": Text("目标为假定", "the target is assumed")}
ASSUMED = Text("（含假定金额）", " (on assumed amounts)")
UNITS = {"count": Text("", ""), "share": Text("", ""), "min": Text(" 分钟", " min"), "CNY": Text(" 元", " CNY"),
         "people": Text(" 人", " people"), "": Text("", "")}
NAMED_MOST = 6  # of what is missing, so many are named


def verdict_text(verdict: str, data_basis: str) -> Text:
    """Return a verdict in words: on invented data never plainly "met"."""
    if verdict == "not_decidable":
        return NOT_DECIDABLE
    return VERDICTS[data_basis, verdict == "met"].text


def measure_name(m: Measure) -> Text:
    """Return the measure's name, the indicator's own where it has none."""
    own = INDICATORS[m.indicator].name
    return Text(m.name or own.zh, m.name_en or own.en)


def unit_key(m: Measure) -> str:
    """Return how a figure is written: as a share, a number, minutes, yuan."""
    is_share = m.share or (m.indicator == "ratio" and m.per is None)
    return "share" if is_share else INDICATORS[m.indicator].unit


def unit_of(m: Measure) -> Text:
    """Return the unit as it follows a figure."""
    own = UNITS[unit_key(m)]
    return Text(f" {m.unit}" if m.unit else own.zh, f" {m.unit_en}" if m.unit_en else own.en)


def figure_text(row: Mapping[str, Any]) -> Text:
    """Return a measure's figure in words, its range where it is not known."""
    low, high = row["low"], row["high"]
    if low is None or high is None:
        return Text("无数据", "no data")
    number = written(low, row) if low == high else f"{written(low, row)}–{written(high, row)}"
    return Text(f"{number}{row['unit_zh']}", f"{number}{row['unit_en']}")


def target_text(row: Mapping[str, Any]) -> Text:
    """Return a measure's target in words."""
    form = COMPARISONS[row["comparison"]]
    a, b = written(row["target"], row), "" if row["target_high"] is None else written(row["target_high"], row)
    return Text(form.zh.format(a=a, b=b) + row["unit_zh"], form.en.format(a=a, b=b) + row["unit_en"])


def written(value: float, row: Mapping[str, Any]) -> str:
    """Return a figure with as many digits as its unit wants; never rounded across its target."""
    if row["unit"] == "share":
        digits = next(d for d in (1, 2, 3, 4, 6) if d == 6 or _keeps_side(round(100 * value, d), value, row, 100))
        return f"{100 * value:,.{digits}f} %"
    if abs(value - round(value)) < 1e-9:
        return f"{round(value):,}"
    digits = next(d for d in (0 if row["unit"] == "CNY" else 2, 3, 4, 6) if d == 6 or _keeps_side(
        round(value, d), value, row, 1))
    return f"{value:,.{digits}f}"


def _keeps_side(shown: float, value: float, row: Mapping[str, Any], scale: float) -> bool:
    targets = [t for t in (row["target"], row["target_high"]) if t is not None]
    return all(((shown > scale * t) == (scale * value > scale * t) and (shown < scale * t) == (
        scale * value < scale * t)) or abs(value - t) < 1e-9 for t in targets)


def names_of(config: Config, inputs: Inputs) -> dict[str, Text]:
    """Return the names of what a clause may fall short of, by id: facilities, works, named mergers, villages."""
    found = {i: Text(name, name) for table in (inputs.villages, inputs.facilities)
             for i, name in zip(table["id"], table["name"], strict=True)}
    return found | {one.id: Text(one.name, one.name_en) for one in (*config.rules.works, *config.rules.centres,
                                                                *config.named.mergers)}


def sentence(clause: Clause, record: Mapping[str, Any], data_basis: str, names: Mapping[str, Text]) -> Text:
    """Return one sentence on a clause: what it asks, each figure against its target, the verdict, what is missing."""
    verdict = verdict_text(record["verdict"], data_basis)
    parts = [_part(row, clause, names) for row in record["measures"]]
    zh = f"{clause.text_zh}：{'；'.join(p.zh for p in parts)}。{verdict.zh}"
    en = f"{clause.text_en}: {'; '.join(p.en for p in parts)}. {verdict.en}"
    if record["needs"]:
        zh += f"，还缺：{'、'.join(record['needs'])}"
        en += f", for want of {', '.join(record['needs'])}"
    zh, en = f"{zh}（{STANDINGS[clause.standing].zh}）。", f"{en} ({STANDINGS[clause.standing].en})."
    return Text(f"{zh}{clause.note or ''}", f"{en} {clause.note_en}" if clause.note_en else en)


def _part(row: Mapping[str, Any], clause: Clause, names: Mapping[str, Text]) -> Text:
    figure, target = figure_text(row), target_text(row)
    aside = ASSUMED if row["data_basis"] == "assumed" else Text("", "")
    own = STANDINGS[row["standing"]] if row["standing"] != clause.standing else None
    asked = Text(f"目标{target.zh}{f'，{own.zh}' if own else ''}", f"target {target.en}{f', {own.en}' if own else ''}")
    missing = [names.get(i, Text(i, i)) for i in row["short_of"]]
    if missing and row["verdict"] != "met":
        named = "、".join(t.zh for t in missing[:NAMED_MOST]), ", ".join(t.en for t in missing[:NAMED_MOST])
        more = ("等", " and others") if len(missing) > NAMED_MOST else ("", "")
        asked = Text(f"{asked.zh}；缺 {named[0]}{more[0]}", f"{asked.en}; not: {named[1]}{more[1]}")
    return Text(f"{row['name_zh']} {figure.zh}{aside.zh}（{asked.zh}）",
                f"{row['name_en']} {figure.en}{aside.en} ({asked.en})")
