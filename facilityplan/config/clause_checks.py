"""Checks of clauses: indicators exist and have their own parameters, ids stand once, targets make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from facilityplan.config.messages import fault, listed, meant, unknown_reference
from facilityplan.config.resolve import UNKNOWN, Path, View, fault_at
from facilityplan.domain.columns import FACILITIES, VILLAGES
from facilityplan.domain.indicators import INDICATORS, PARAMETERS
from facilityplan.errors import Fault, Text

MODE, STANDARD = Text("出行方式", "travel mode"), Text("标准", "standard")
WORK, MERGER, SERVICE = Text("项目", "work"), Text("点名合并", "named merger"), Text("服务", "service")
FIGURES = ("integer", "number")


class _Known(NamedTuple):
    """The ids that measures may point at."""

    modes: list[str]
    standards: list[str]
    works: list[str]
    services: list[str]
    mergers: list[str]


def clauses(view: View) -> Iterator[Fault]:
    """Every clause can be answered: its indicators are known, take what is written and point at what exists."""
    yield from _ids_once(view, ("clauses",))
    yield from _ids_once(view, ("named", "mergers"))
    known = _Known([str(k) for k in view.keys("modes")], _ids(view, "standards"), _ids(view, "rules", "works"),
                   _ids(view, "rules", "centres"), _ids(view, "named", "mergers"))
    for n in view.keys("clauses"):
        measures = ("clauses", n, "measures")
        yield from _ids_once(view, measures)
        for k in view.keys(*measures):
            yield from _measure(view, (*measures, k), known)


def _ids_once(view: View, at: Path) -> Iterator[Fault]:
    seen: set[str] = set()
    for n in view.keys(*at):
        name = view.value(*at, n, "id")
        if isinstance(name, str) and name in seen:
            yield fault_at(view, "duplicate_id", (*at, n, "id"),
                           Text(f"有两项的编号都是“{name}”", f"two of them have the id “{name}”"),
                           Text("改掉其中一个编号", "give one of them another id"))
        seen.add(name)


def _measure(view: View, at: Path, known: _Known) -> Iterator[Fault]:
    name = view.value(*at, "indicator")
    if not isinstance(name, str):
        return
    if name not in INDICATORS:
        yield fault_at(view, "unknown_indicator", (*at, "indicator"),
                       Text(f"没有名为“{name}”的指标", f"there is no indicator “{name}”"),
                       meant(name, sorted(INDICATORS)))
        return
    rule, given = INDICATORS[name], _given(view, at)
    for key in (k for k in rule.needs if k not in given and view.value(*at, k) is not UNKNOWN):
        yield fault_at(view, "parameter_missing", at,
                       Text(f"指标 {name} 要写 {key}", f"the indicator {name} needs {key}"),
                       Text(f"补上 {key}", f"add {key}"))
    takes = (*rule.needs, *rule.may)
    for key in sorted(given - set(takes)):
        words = listed(takes) if takes else Text("（无）", "none")
        yield fault("parameter_not_taken", view.key_origin(*at, key), view.field(*at, key),
                    Text(f"指标 {name} 不用 {key}", f"the indicator {name} takes no {key}"),
                    Text(f"删去；它的参数是 {words.zh}", f"take it away; its parameters are: {words.en}"))
    yield from _target(view, at)
    yield from _attribute(view, at, given)
    yield from _references(view, at, known)
    for key in ("numerator", "denominator"):
        for k in view.keys(*at, key):
            yield from _total(view, (*at, key, k))


def _given(view: View, at: Path) -> set[str]:
    values = {key: view.value(*at, key) for key in PARAMETERS}
    return {key for key, value in values.items() if value not in (None, UNKNOWN, False, (), [])
            or (key == "value" and value is False)}


def _target(view: View, at: Path) -> Iterator[Fault]:
    form, low, high = (view.value(*at, k) for k in ("comparison", "target", "target_high"))
    if UNKNOWN in (form, low, high):
        return
    if (form == "between") != (high is not None):
        yield fault_at(view, "target_high", at if high is None else (*at, "target_high"),
                       Text("between 要写 target_high，其他对照不写",
                            "between needs target_high, and only between does"),
                       Text("补上 target_high，或把 comparison 改为 between",
                            "add target_high, or make the comparison between"))
    elif high is not None and high < low:
        yield fault_at(view, "target_high", (*at, "target_high"),
                       Text("上限低于下限", "the upper end is below the lower one"),
                       Text("对调两个数", "change the two round"))


def _attribute(view: View, at: Path, given: set[str]) -> Iterator[Fault]:
    if "column" not in given:
        return
    column = view.value(*at, "column")
    declared = {c.name: c.type for c in FACILITIES}.get(column)
    if ("value" in given) == ("at_least" in given):
        yield fault_at(view, "value_or_least", at,
                       Text("value 与 at_least 要写一个，只写一个", "write one of value and at_least"),
                       Text("是否列写 value，数值列写 at_least", "value for a yes/no column, at_least for figures"))
    elif declared is not None and (declared == "boolean") != ("value" in given):
        wanted = "value" if declared == "boolean" else "at_least"
        figures = declared == "boolean" or declared in FIGURES
        yield fault_at(view, "column_of_another_type", (*at, "column"),
                       Text(f"“{column}”列的类型是 {declared}", f"the column {column} holds {declared} values"),
                       Text(f"改用 {wanted}", f"use {wanted}") if figures else
                       Text("换一列", "name another column"))


def _total(view: View, at: Path) -> Iterator[Fault]:
    table, column = view.value(*at, "table"), view.value(*at, "column")
    if UNKNOWN in (table, column):
        return
    declared = {c.name: c.type for c in (FACILITIES if table == "facilities" else VILLAGES)}.get(column)
    if declared is not None and declared not in FIGURES:
        yield fault_at(view, "column_of_another_type", (*at, "column"),
                       Text(f"“{column}”列的类型是 {declared}，不能求和",
                            f"the column {column} holds {declared} values: nothing to add up"),
                       Text("换一列", "name another column"))
    if table == "villages":
        for key in ("kinds", "sites"):
            if view.value(*at, key) not in (UNKNOWN, (), []):
                yield fault_at(view, "parameter_not_taken", (*at, key),
                               Text(f"{key} 只用于机构表", f"{key} is for the table of facilities"),
                               Text("删去", "take it away"))


def _references(view: View, at: Path, known: _Known) -> Iterator[Fault]:
    yield from _one(view, (*at, "mode"), MODE, known.modes)
    yield from _one(view, (*at, "standard"), STANDARD, known.standards)
    for key, noun, ids in (("works", WORK, known.works), ("services", SERVICE, known.services),
                           ("mergers", MERGER, known.mergers)):
        # Works and services may stand in one scenario only: in others a clause that names them finds none.
        if key in ("works", "services") and not ids:
            continue
        for k in view.keys(*at, key):
            yield from _one(view, (*at, key, k), noun, ids)


def _ids(view: View, *at: str) -> list[str]:
    return [i for n in view.keys(*at) if isinstance(i := view.value(*at, n, "id"), str)]


def _one(view: View, path: Path, noun: Text, known: list[Any]) -> Iterator[Fault]:
    name = view.value(*path)
    if isinstance(name, str) and name not in known:
        yield unknown_reference(view.origin(*path), view.field(*path), noun, name, known)
