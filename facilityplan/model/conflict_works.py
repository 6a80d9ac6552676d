"""Works, sources and levels as the planner named them: one member of the rule for each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from facilityplan.errors import Text
from facilityplan.model.sets import PlanningData

# what tells it from the others, its key in the config, the data without it
Part = tuple[Text, str, Callable[[PlanningData], PlanningData]]


def works_parts(data: PlanningData, rule: str) -> list[Part]:
    """Return the required or forbidden works, the limited sources, or the levels asked, in the order of the data."""
    works = data.works
    if works is None:
        return []
    if rule in ("works_required", "works_forbidden"):
        name = rule.removeprefix("works_")
        chosen = np.flatnonzero(getattr(works, name)).tolist()
        return [(_same(works.ids[p]), f"rules.works.{works.ids[p]}.{name}", _unset(name, p)) for p in chosen]
    if rule == "funding_amount":
        return [(_same(works.source_ids[s]), f"rules.funding.{works.source_ids[s]}.amount_cny", _unlimited(s))
                for s, amount in enumerate(works.amount) if amount is not None]  # fmt: skip
    return [(_same(f"{floor.kind} {floor.min_level}"), f"rules.levels.{n}", _less(n))
            for n, floor in enumerate(works.levels)]  # fmt: skip


def _with(data: PlanningData, **changes: object) -> PlanningData:
    return dataclasses.replace(data, works=dataclasses.replace(data.works, **changes))


def _unset(name: str, p: int) -> Callable[[PlanningData], PlanningData]:
    def without(data: PlanningData) -> PlanningData:
        flags = getattr(data.works, name).copy()
        flags[p] = False
        return _with(data, **{name: flags})

    return without


def _unlimited(s: int) -> Callable[[PlanningData], PlanningData]:
    def without(data: PlanningData) -> PlanningData:
        return _with(data, amount=tuple(None if k == s else a for k, a in enumerate(data.works.amount)))

    return without


def _less(n: int) -> Callable[[PlanningData], PlanningData]:
    """Ask nothing of one level; it keeps its place, so that others taken away keep theirs."""

    def without(data: PlanningData) -> PlanningData:
        levels = tuple(dataclasses.replace(f, least=0) if k == n else f for k, f in enumerate(data.works.levels))
        return _with(data, levels=levels)

    return without


def _same(text: str) -> Text:
    return Text(text, text)
