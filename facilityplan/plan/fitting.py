"""Solve, route, and solve once more where the routes do not fit.

The model charges each visit its way out and back. Rounds are shorter, so what it allows nearly always fits the teams'
days; where a base's week does not, visits there are charged more and the plan is solved a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from facilityplan.access.types import Access, Geography
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.errors import Infeasible, NoUsablePlan, Text
from facilityplan.inputs.tables import Inputs
from facilityplan.model import CorrectedHours, solve_plan
from facilityplan.model.types import SolveReport
from facilityplan.plan.calendar import week_of
from facilityplan.routes import CircuitWeek, Week
from facilityplan.units import DECISECONDS_PER_MINUTE

Solved = tuple[Decisions, SolveReport, Week, Text | None]
ALIKE = 1e-9  # share of a stage's value: two solves that come to the same


def solve_and_route(config: Config, inputs: Inputs, geography: Geography, access: Access,
                    progress: Callable[[Text], None]) -> Solved:
    """Return decisions, what the solver says of them, the week of visits, and a note where it was solved twice.

    Raises as model.solve_plan does. A plan over several years is solved once: its teams are counted by year.
    """
    decisions, report = solve_plan(config, inputs, access, progress)
    week = week_of(config, inputs, geography, decisions)
    if not week.unscheduled or config.rules.stages:
        return decisions, report, week, None
    before = len(week.unscheduled)
    progress(Text(f"巡回路线有 {before} 处排不进，改正工时后再求解一次",
                  f"{before} places of circuit rounds do not fit the days: solving once more with corrected hours"))
    try:
        again, second = solve_plan(config, inputs, access, progress, _corrected(config, week))
    except (Infeasible, NoUsablePlan):
        return decisions, report, week, Text(
            "巡回路线排不进的地方，改正工时后再求解没有找到方案；保留第一次的方案",
            "solved once more with corrected hours of circuit visits, which found no plan: the first one stands")
    other = week_of(config, inputs, geography, again)
    if len(other.unscheduled) >= before:
        return decisions, report, week, Text(
            f"改正巡回工时后再求解，仍有 {len(other.unscheduled)} 处排不进；保留第一次的方案",
            f"solved once more with corrected hours of circuit visits, {len(other.unscheduled)} places still do not "
            "fit: the first plan stands")
    return again, as_asked(report, second), other, Text(
        f"按单独往返计工时的方案有 {before} 处巡回排不进每天的工时；改正这些卫生院的巡回工时后重新求解，"
        f"现有 {len(other.unscheduled)} 处排不进。差距对照的是未改正工时的问题",
        f"{before} places of circuit rounds did not fit the days of the plan that charges each visit its way out and "
        f"back; solved again with corrected hours at their hospitals, {len(other.unscheduled)} do not. The gap is "
        "against the problem without corrected hours")


def as_asked(first: SolveReport, again: SolveReport) -> SolveReport:
    """Return what is proven of the second plan for the problem that the config states.

    Corrected hours only rule plans out, so the bounds of the first solve hold for the second plan: stage by stage, up
    to the first one in which it does worse. From there on it is "feasible", with the gap to that bound.
    """
    for k, (bounding, stage) in enumerate(zip(first.stages, again.stages, strict=True)):
        best = stage.value if stage.tolerance is None else stage.tolerance.best
        scale = max(1.0, abs(best))
        if best - bounding.bound > ALIKE * scale:
            worse = replace(stage, bound=bounding.bound, gap=(best - bounding.bound) / scale)
            return replace(again, status="feasible", stages=(*again.stages[:k], worse, *again.stages[k + 1:]))
    return again


def _corrected(config: Config, week: Week) -> CorrectedHours:
    """Charge so much more at each base whose week does not fit that what did fit takes all the hours of its teams."""
    rule = config.rules.modes.circuit
    factor, never = {}, set()
    for base in (one for one in week.circuits if one.unscheduled):
        too_long = {p.key for p in base.unscheduled if base.alone_ds[p.key] > base.day_ds}
        never |= {(base.base, key) for key in too_long}
        if len(too_long) < len(base.unscheduled):
            factor[base.base] = _factor(base, rule.team_minutes_week)
    return CorrectedHours(factor, frozenset(never))


def _factor(base: CircuitWeek, team_minutes: int) -> Fraction:
    took = Fraction(base.out_and_back_ds + base.visit_ds, DECISECONDS_PER_MINUTE)
    return max(Fraction(1), base.teams * team_minutes / took) if took else Fraction(1)
