"""The cheapest repair of a conflict: how much each limit would have to give, if all give together as little as can be.

An elastic program: the rows of rules that set a number take a column each that says by how much they are exceeded.
What is minimised is the sum of shares given, a share of the limit itself: 3 % more money and 2 % more minutes cost 5 %.
Every other rule stays hard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facilityplan.domain.fairness import LIMIT_RULES
from facilityplan.domain.rules import RULE_NAMES
from facilityplan.errors import Text
from facilityplan.model.evaluate_fairness import in_minutes, place_of, rule_of
from facilityplan.model.program import Program
from facilityplan.model.sets import PlanningData
from facilityplan.model.solver import Solver
from facilityplan.units import PEOPLE_SCALE


@dataclass(frozen=True)
class Give:
    """By how much one limit gives way, in the plan's units and as a share of the limit."""

    rule: str
    place: int  # which of the rule's limits
    text: Text
    share: float


ELASTIC = frozenset({"recurrent_budget", "capital_budget", "circle_share", *LIMIT_RULES.values()}) - {
    "max_minutes_limit"  # cover rows: nobody is a little farther
}


def cheapest_repair(program: Program, solver: Solver, time_limit_s: float) -> list[Give] | None:
    """Return what gives way; None where no giving way of these rules is enough, or the clock ended first.

    ``program`` was built with ``elastic=ELASTIC`` and has every row of the rules in force.
    """
    limits = _limits(program.data)
    cost = np.zeros(len(program.variables))
    known = []
    count: dict[str, int] = {}
    for rule, variable in program.gives:
        k = count.get(rule, 0)
        count[rule] = k + 1
        if k >= len(limits.get(rule, ())):
            return None
        known.append((rule, k, program.column(variable)))
        cost[known[-1][2]] = 1.0 / max(1, limits[rule][k])
    solution = solver.solve(program.arrays(), cost, time_limit_s=time_limit_s, integer_objective=False)
    if solution.status != "optimal":
        return None
    gives = []
    for rule, k, column in known:
        units = round(float(solution.values[column]))
        if units > 0:
            gives.append(Give(rule, k, _said(program.data, rule, k, units), units / max(1, limits[rule][k])))
    return gives


def _limits(data: PlanningData) -> dict[str, list[int]]:
    """Return each elastic rule's limits in model units, in the order of its rows."""
    found: dict[str, list[int]] = {
        "recurrent_budget": [data.money.recurrent_limit or 0],
        "capital_budget": [data.money.capital_limit or 0],
        "circle_share": [floor.total for floor in data.circle_floors],
    }
    for limit in data.fairness:
        found.setdefault(rule_of(limit), []).append(limit.limit)
    return found


def _said(data: PlanningData, rule: str, k: int, units: int) -> Text:
    name = RULE_NAMES[rule]
    if rule in ("recurrent_budget", "capital_budget"):
        return Text(f"{name.zh}：增加 {units:,} 元", f"{name.en}: {units:,} yuan more")
    if rule == "circle_share":
        floor = data.circle_floors[k]
        share = f"{100 * (1 - (floor.allowed_out + units) / max(1, floor.total)):.1f}"
        place = data.ladders[floor.ladder].standard
        place += "" if floor.township is None else f", {data.townships[floor.township]}"
        people = f"{units / PEOPLE_SCALE:,.0f}"
        return Text(
            f"{name.zh}（{place}）：降到 {share} %（再有 {people} 人在圈外）",
            f"{name.en} ({place}): down to {share} % ({people} people more outside)",
        )
    limit = [one for one in data.fairness if rule_of(one) == rule][k]
    curve = None if limit.curve is None else data.curves[limit.curve]
    minutes = f"{in_minutes(limit.measure, limit.limit + units, limit.people, curve):.2f}"
    place = place_of(data, limit)
    return Text(f"{name.zh}（{place}）：放宽到 {minutes} 分钟", f"{name.en} ({place}): up to {minutes} minutes")
