"""The rules as the planner named them: each entry of a list, each named hospital, each end of a range is one member.

A rule that takes one setting is one member. Members are taken away from planning data one at a time, so that a conflict
names the entry and its line, not only the family.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facilityplan.domain.fairness import LIMIT_RULES
from facilityplan.errors import Text
from facilityplan.model.conflict_works import works_parts
from facilityplan.model.evaluate_fairness import rule_of
from facilityplan.model.sets import PlanningData
from facilityplan.model.sets_locks import LockRow

MOST = 60  # a rule with more members than this stays one


@dataclass(frozen=True)
class Member:
    """One member of a rule: what tells it from the others, its key in the config, and the data without it."""

    rule: str
    label: Text  # empty where the rule is one member
    field: str
    without: Callable[[PlanningData], PlanningData]


def members_of(data: PlanningData, rule: str, field: str) -> list[Member]:
    """Return the members of a rule in the order of the config; ``field`` is the key of the whole rule."""
    found = _SPLIT[rule](data, rule, field) if rule in _SPLIT else []
    return found if 1 < len(found) <= MOST else _named(found, rule, field)


def _named(found: list[Member], rule: str, field: str) -> list[Member]:
    """A rule of one member: dropped whole, but under the key and name of that member where there is one."""

    def dropped(data: PlanningData) -> PlanningData:
        return dataclasses.replace(data, dropped=data.dropped | {rule})

    only = found[0] if len(found) == 1 else None
    return [Member(rule, only.label if only else Text("", ""), only.field if only else field, dropped)]


def _circle(data: PlanningData, rule: str, field: str) -> list[Member]:
    members, item = [], -1
    for floor in data.circle_floors:
        item += floor.township is None  # an entry is the county's floor, then those of its townships
        name = data.ladders[floor.ladder].standard
        label = _place(data, name, floor.township)
        members.append(Member(rule, label, f"{field}.{item}", _less("circle_floors", floor)))
    return members


def _fairness(data: PlanningData, rule: str, field: str) -> list[Member]:
    return [
        Member(
            rule,
            _place(data, data.ladders[limit.ladder].standard, limit.township),
            f"{field}.{limit.item}",
            _less("fairness", limit),
        )
        for limit in data.fairness
        if rule_of(limit) == rule
    ]


def _locks(data: PlanningData, rule: str, field: str) -> list[Member]:
    def label(lock: LockRow) -> Text:
        host = [data.site_ids[lock.host]] if lock.host >= 0 else []
        return _same(" ".join([data.site_ids[lock.site], lock.do, *host]))

    return [Member(rule, label(lock), field, _less("locks", lock)) for lock in data.locks]


def _no_harm(data: PlanningData, rule: str, field: str) -> list[Member]:
    def off(ladder: int) -> Callable[[PlanningData], PlanningData]:
        def without(some: PlanningData) -> PlanningData:
            ladders = list(some.ladders)
            nobody = np.full(ladders[ladder].cells, -1, dtype=np.int64)
            ladders[ladder] = dataclasses.replace(ladders[ladder], limit_ds=nobody)
            return dataclasses.replace(some, ladders=tuple(ladders))

        return without

    held = [k for k, ladder in enumerate(data.ladders) if (ladder.limit_ds >= 0).any()]
    return [Member(rule, _same(data.ladders[k].standard), field, off(k)) for k in held]


def _hospitals(data: PlanningData, rule: str, field: str) -> list[Member]:
    name = rule.removeprefix("sub_centre_")

    def off(k: int) -> Callable[[PlanningData], PlanningData]:
        def without(some: PlanningData) -> PlanningData:
            named = getattr(some.sub_centres, name).copy()
            named[k] = False
            return dataclasses.replace(some, sub_centres=dataclasses.replace(some.sub_centres, **{name: named}))

        return without

    block = data.sub_centres
    chosen = [] if block is None else np.flatnonzero(getattr(block, name)).tolist()
    return [Member(rule, _same(data.site_ids[block.hospitals[k]]), field, off(k)) for k in chosen]


def _count(data: PlanningData, rule: str, _: str) -> list[Member]:
    block = data.sub_centres

    def change(**ends: int) -> Callable[[PlanningData], PlanningData]:
        return lambda some: dataclasses.replace(some, sub_centres=dataclasses.replace(some.sub_centres, **ends))

    least, most = Text(f"至少 {block.min_count} 个", f"at least {block.min_count}"), Text(
        f"至多 {block.max_count} 个", f"at most {block.max_count}"
    )
    return [
        Member(rule, least, "rules.sub_centres.min_count", change(min_count=0)),
        Member(rule, most, "rules.sub_centres.max_count", change(max_count=len(block.hospitals))),
    ]


def _works(data: PlanningData, rule: str, _: str) -> list[Member]:
    return [Member(rule, label, field, without) for label, field, without in works_parts(data, rule)]


def _less(name: str, entry: object) -> Callable[[PlanningData], PlanningData]:
    """Take one entry of a tuple of the planning data away."""

    def without(data: PlanningData) -> PlanningData:
        rest = tuple(other for other in getattr(data, name) if other is not entry)
        return dataclasses.replace(data, **{name: rest})

    return without


def _place(data: PlanningData, standard: str, township: int | None) -> Text:
    return _same(standard if township is None else f"{standard}, {data.townships[township]}")


def _same(text: str) -> Text:
    return Text(text, text)


_SPLIT: dict[str, Callable[[PlanningData, str, str], list[Member]]] = {
    "circle_share": _circle,
    **dict.fromkeys(LIMIT_RULES.values(), _fairness),
    "locks": _locks,
    "no_harm": _no_harm,
    "sub_centre_required": _hospitals,
    "sub_centre_forbidden": _hospitals,
    "sub_centre_count": _count,
    **dict.fromkeys(("works_required", "works_forbidden", "funding_amount", "levels"), _works),
}
