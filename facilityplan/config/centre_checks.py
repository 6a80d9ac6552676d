"""Checks of service centres, attribute floors and the finer rules of sub-centres, one function each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from facilityplan.config.fairness_checks import measures
from facilityplan.config.messages import unknown_reference
from facilityplan.config.resolve import Path, View, fault_at
from facilityplan.errors import Fault, Text

MODE = Text("出行方式", "travel mode")
YES_NO = frozenset({"tcm", "smart", "committee_building"})


def centres(view: View) -> Iterator[Fault]:
    """Ids stand once; counts, required and forbidden hospitals of each service agree; a share needs its limit."""
    yield from _ids_once(view, ("rules", "centres"), Text("服务", "services"))
    for n in view.keys("rules", "centres"):
        at: Path = ("rules", "centres", n)
        yield from _known_mode(view, (*at, "mode"))
        yield from _entries_once(view, [(*at, name) for name in ("kinds", "required", "forbidden", "users")])
        low, high = view.value(*at, "min_count"), view.value(*at, "max_count")
        required, forbidden = _texts(view.value(*at, "required")), _texts(view.value(*at, "forbidden"))
        if _number(low) and _number(high) and low > high:
            yield fault_at(
                view, "min_above_max", (*at, "min_count"),
                Text(f"至少 {low} 所、至多 {high} 所，互相矛盾", f"at least {low} hosts but at most {high}"),
                Text("让 min_count 不大于 max_count", "make min_count at most max_count"))
        elif _number(high) and len(set(required)) > high:
            yield fault_at(
                view, "too_many_required", (*at, "required"),
                Text(f"指定了 {len(set(required))} 所，上限是 {high} 所",
                     f"{len(set(required))} hosts are required, {high} is the most"),
                Text("提高 max_count，或少指定几所", "raise max_count, or require fewer"))
        for k, name in enumerate(required):
            if name in forbidden:
                yield fault_at(
                    view, "required_and_forbidden", (*at, "required", k),
                    Text(f"“{name}”既被指定又被排除", f"“{name}” is both required and forbidden"),
                    Text("从 required 或 forbidden 里删去", "take it out of required or of forbidden"))
        if _number(view.value(*at, "min_share")) and view.value(*at, "limit_min") is None:
            yield fault_at(
                view, "limit_missing", (*at, "min_share"),
                Text("有人口比例下限，却没有说多少分钟以内", "a share of people is asked: within how many minutes?"),
                Text("写上 limit_min", "give limit_min"))


def attributes(view: View) -> Iterator[Fault]:
    """Ids stand once; each floor asks for something that its column and way of counting can answer."""
    yield from _ids_once(view, ("rules", "attributes"), Text("属性下限", "attribute floors"))
    for n in view.keys("rules", "attributes"):
        at: Path = ("rules", "attributes", n)
        yield from _known_mode(view, (*at, "mode"))
        yield from _entries_once(view, [(*at, "kinds")])
        if view.value(*at, "min_count") is None and view.value(*at, "min_share") is None:
            yield fault_at(
                view, "no_floor", at,
                Text("没有写下限，这一条不起作用", "it sets no floor, so it does nothing"),
                Text("写 min_count 或 min_share", "give min_count or min_share"))
        yield from _counting(view, at)
        yield from _column(view, at)


def _counting(view: View, at: Path) -> Iterator[Fault]:
    count = view.value(*at, "count")
    for name in ("mode", "limit_min"):
        given = view.value(*at, name)
        if count == "people" and given is None:
            yield fault_at(
                view, "limit_missing", at, Text(f"按人口计须写 {name}", f"counting people needs {name}"),
                Text(f"写上 {name}", f"give {name}"))
        elif count == "sites" and isinstance(given, str | int):
            yield fault_at(
                view, "limit_not_used", (*at, name),
                Text(f"按机构计用不到 {name}", f"counting sites makes no use of {name}"),
                Text(f"删去 {name}，或写 count: people", f"take {name} away, or write count: people"))


def _column(view: View, at: Path) -> Iterator[Fault]:
    column, least = view.value(*at, "column"), view.value(*at, "at_least")
    if not isinstance(column, str):
        return
    if column in YES_NO and _number(least):
        yield fault_at(
            view, "value_not_used", (*at, "at_least"),
            Text(f"“{column}”是是否列，没有大小", f"“{column}” is a yes/no column and has no size"),
            Text("删去 at_least，用 value", "take at_least away and use value"))
    if column not in YES_NO and least is None:
        yield fault_at(
            view, "value_missing", (*at, "column"),
            Text(f"“{column}”是数值列，没有说至少多少", f"“{column}” is a column of figures: at least how much?"),
            Text("写上 at_least", "give at_least"))
    value = view.value(*at, "value")
    equips = _number(view.value(*at, "equip_cny"))
    if value is False and (column not in YES_NO or equips):
        yield fault_at(
            view, "value_not_used", (*at, "value"),
            Text("value: false 只用于是否列，且不能添置", "value: false is for yes/no columns, and cannot be equipped"),
            Text("删去 value", "take value away"))
    if equips and column not in YES_NO:
        yield fault_at(
            view, "cannot_equip", (*at, "equip_cny"),
            Text(f"“{column}”不是添置得来的", f"“{column}” is nothing that a site is equipped with"),
            Text("删去 equip_cny", "take equip_cny away"))


def equipment_in_stages(view: View) -> Iterator[Fault]:
    """Equipment has no year: it cannot be bought in a plan that is carried out in stages."""
    for n in view.keys("rules", "attributes") if view.keys("rules", "stages") else ():
        path: Path = ("rules", "attributes", n, "equip_cny")
        if _number(view.value(*path)):
            yield fault_at(
                view, "equipment_in_stages", path,
                Text("分年实施的方案尚不能安排添置", "a plan in stages cannot buy equipment: it has no year"),
                Text("删去 equip_cny，或不写 rules.stages", "take equip_cny away, or plan without rules.stages"))


def finer_sub_centres(view: View) -> Iterator[Fault]:
    """The least people of a catchment are not more than the most."""
    at: Path = ("rules", "sub_centres")
    low, high = view.value(*at, "min_people"), view.value(*at, "max_people")
    if _number(low) and _number(high) and low > high:
        yield fault_at(
            view, "min_above_max", (*at, "min_people"),
            Text(f"片区人口至少 {low}、至多 {high}，互相矛盾", f"at least {low} people but at most {high}"),
            Text("让 min_people 不大于 max_people", "make min_people at most max_people"))


def stages(view: View) -> Iterator[Fault]:
    """A stage asks only for centres that the plan chooses."""
    chosen = {"centre_minutes": bool(view.keys("rules", "centres")),
              "sub_centre_worst": view.value("rules", "sub_centres", "max_count") != 0}
    where = {"centre_minutes": "rules.centres", "sub_centre_worst": "rules.sub_centres.max_count"}
    for path in measures(view):
        kind = view.value(*path, "minimise")
        if isinstance(kind, str) and chosen.get(kind) is False:
            yield fault_at(
                view, "centres_off", (*path, "minimise"),
                Text(f"目标“{kind}”要有可选的中心，但方案不选", f"the stage “{kind}” needs centres; none are chosen"),
                Text(f"删去这一目标，或写 {where[kind]}", f"take the stage away, or give {where[kind]}"))


def _known_mode(view: View, path: Path) -> Iterator[Fault]:
    mode, known = view.value(*path), [str(k) for k in view.keys("modes")]
    if isinstance(mode, str) and known and mode not in known:
        yield unknown_reference(view.origin(*path), view.field(*path), MODE, mode, known)


def _ids_once(view: View, at: Path, noun: Text) -> Iterator[Fault]:
    seen: set[str] = set()
    for n in view.keys(*at):
        name = view.value(*at, n, "id")
        if isinstance(name, str) and name in seen:
            yield fault_at(
                view, "duplicate_id", (*at, n, "id"),
                Text(f"有两项{noun.zh}的编号都是“{name}”", f"two {noun.en} have the id “{name}”"),
                Text("改掉其中一个编号", "give one of them another id"))
        seen.add(name if isinstance(name, str) else "")


def _entries_once(view: View, paths: list[Path]) -> Iterator[Fault]:
    for path in paths:
        values = _texts(view.value(*path))
        for n, value in enumerate(values):
            if value in values[:n]:
                yield fault_at(view, "duplicate_entry", (*path, n),
                               Text(f"“{value}”列了两次", f"“{value}” is listed twice"), Text("只留一个", "keep one"))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: Any) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list | tuple) else []


CHECKS = (centres, attributes, equipment_in_stages, finer_sub_centres, stages)
