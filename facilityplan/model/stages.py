"""What a stage of the objective came to, how much of its tolerance was used, and taking back what nobody needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facilityplan.domain.decisions import Decisions
from facilityplan.errors import NoUsablePlan, Text
from facilityplan.model.arrays import Arrays
from facilityplan.model.choice import choice_of
from facilityplan.model.evaluate import clinic_doctors, objective_value, recurrent_cost
from facilityplan.model.evaluate_staffing import overload_in_all
from facilityplan.model.objectives import in_plan_units, part_name, stage_name
from facilityplan.model.sets import PlanningData
from facilityplan.model.solver import Solver
from facilityplan.model.ties import FrozenRow, frozen_row, minimise
from facilityplan.model.types import PartResult, StageResult, ToleranceUse

BOUND_ROUNDING = 1e-3  # model units, which are whole numbers: more than floats lose, less than one unit


def stage_result(
    data: PlanningData,
    k: int,
    value: int,
    solved: Sequence[tuple[int, float, float]],
    parts: tuple[PartResult, ...] = (),
) -> StageResult:
    """Return the k-th stage in the plan's units.

    ``value``: recounted from the decisions; ``solved``: (value, bound, seconds) of each part of the plan when the stage
    was solved. A bound above what the decisions come to is an error (NoUsablePlan), never a rounding matter.
    """
    stage, name = data.objectives[k], stage_name(data, k)
    bound = sum(one[1] for one in solved)
    if bound > value + BOUND_ROUNDING:  # the recount is right; a bound that it beats bounds nothing
        low, high = in_plan_units(data, stage, value), in_plan_units(data, stage, bound)
        raise NoUsablePlan(
            Text(
                f"模型与复核不一致：{name} 的下界 {high:,.1f} 高于复核值 {low:,.1f}；请报告此问题",
                f"model and recount disagree: the bound of {name}, {high:,.1f}, is above its recounted value "
                f"{low:,.1f}; please report this",
            )
        )
    best = min(value, sum(one[0] for one in solved)) if stage.tolerance else value
    shown, shown_best = in_plan_units(data, stage, value), in_plan_units(data, stage, best)
    shown_bound = in_plan_units(data, stage, bound) if bound < best else shown_best
    tolerance = None
    if stage.tolerance:
        allowed = in_plan_units(data, stage, best + stage.tolerance.of(best)) - shown_best
        tolerance = ToleranceUse(shown_best, allowed, shown - shown_best)
    gap = (shown_best - shown_bound) / max(1.0, abs(shown_best)) if bound < best else 0.0
    return StageResult(name, shown, shown_bound, gap, sum(one[2] for one in solved), parts, tolerance)


def parts_of(data: PlanningData, k: int, decisions: Decisions) -> tuple[PartResult, ...]:
    """Return what each part of a weighted stage comes to, in its own unit; empty for other stages."""
    stage = data.objectives[k]
    if not stage.parts:
        return ()
    choice = choice_of(data, decisions)
    doctors = clinic_doctors(data, decisions)
    recurrent, overload = recurrent_cost(data, choice, doctors, decisions), overload_in_all(data, choice, doctors)
    return tuple(
        PartResult(
            part_name(data, part.stage),
            float(part.weight),
            in_plan_units(data, part.stage, objective_value(data, choice, part.stage, recurrent, overload)),
        )
        for part in stage.parts
    )


def take_back(
    solver: Solver,
    base: Arrays,
    frozen: list[FrozenRow],
    loose: Sequence[tuple[int, np.ndarray]],
    values: np.ndarray,
    deadline: float,
) -> tuple[np.ndarray, bool]:
    """Take back what was given away of stages with a tolerance and no later stage needs; tighten ``frozen`` in place.

    Without it the choice among equally good plans could spend a tolerance for nothing. Returns the values and whether
    it is proven; ``loose`` holds each such stage's place in ``frozen`` and its cost, the most important first.
    """
    for place, cost in loose:
        solution = minimise(solver, base.with_rows(frozen), cost, values, deadline)
        if solution.status != "optimal":
            return values, False
        values = solution.values
        name = frozen[place][0].removeprefix("stage[").removesuffix("]")
        frozen[place] = frozen_row(name, cost, round(solution.objective))
    return values, True
