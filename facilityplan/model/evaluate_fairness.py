"""The measures of fairness from times alone: no ladder, no PuLP. Every reported figure comes from here.

Whole units: mean_minutes tenths of people · minutes; max_minutes minutes; worst_decile tenths of people · minutes
· TENTH; kolm_pollak as Curve says. Only people who have a way count (domain.fairness).
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from facilityplan.domain.fairness import KP_UNIT, LIMIT_RULES, MEASURES, TENTH
from facilityplan.model.sets_fairness import Curve, FairnessLimit
from facilityplan.units import DECISECONDS_PER_MINUTE, HORIZON_MIN, PEOPLE_SCALE

if TYPE_CHECKING:
    from facilityplan.model.sets import LadderInput, ObjectiveStage, PlanningData


def has_way(ladder: LadderInput) -> np.ndarray:
    """Return which cells have people of the group and a counted site, open or not, within the horizon (bool)."""
    filled = np.diff(ladder.indptr) > 0
    way = np.zeros(ladder.cells, dtype=bool)
    way[filled] = ladder.ds[ladder.indptr[:-1][filled]] <= HORIZON_MIN * DECISECONDS_PER_MINUTE
    return way & (ladder.weight > 0)


def counted_cells(data: PlanningData, ladder: int, township: int | None) -> np.ndarray:
    """Return which cells a measure looks at: those with a way, in a township or (None) in the county (bool)."""
    cells, village = has_way(data.ladders[ladder]), data.ladders[ladder].village
    if township is None:
        return cells
    return cells & (village >= 0) & (data.village_township[village] == township)


def measure_value(measure: str, weight: np.ndarray, minutes: np.ndarray, curve: Curve | None) -> int:
    """Return a measure of people (tenths) and their whole minutes (int64 both) in its whole units; 0 of nobody.

    worst_decile: Σ_m min(W, TENTH · people farther than m), which is TENTH times the person-minutes of the farthest
    tenth of all W people, the last person shared so that it is a tenth exactly: ties and order do not matter.
    """
    if not len(weight):
        return 0
    if measure == "mean_minutes":
        return int((weight * minutes).sum())
    if measure == "max_minutes":
        return int(minutes.max())
    if measure == "kolm_pollak":
        return int(curve.of(weight, minutes).sum())
    at = np.bincount(minutes, weights=weight, minlength=HORIZON_MIN + 1).astype(np.int64)
    total = int(weight.sum())
    farther = total - np.cumsum(at)
    return int(np.minimum(total, TENTH * farther).sum())


def in_minutes(measure: str, value: int, people: int, curve: Curve | None) -> float:
    """Turn a measure's whole units into minutes; ``people`` in tenths, those it counts."""
    if measure == "max_minutes":
        return float(value)
    if people == 0:
        return 0.0
    if measure != "kolm_pollak":
        return value / people
    mean = value * curve.divisor / people  # of φ, in units of 1 / KP_UNIT
    bend = int(curve.cost[curve.bend])
    if mean > bend:
        return curve.bend + (mean - bend) / int(curve.cost[curve.bend + 1] - bend)
    return max(0.0, math.log(mean / KP_UNIT) / float(curve.kappa))


def whole_limit(measure: str, minutes: Fraction, people: int, curve: Curve | None) -> int:
    """Turn a limit in minutes into the measure's whole units, rounded down."""
    if measure == "max_minutes":
        return math.floor(minutes)
    if measure != "kolm_pollak":
        return math.floor(minutes * people)
    if minutes > curve.bend:
        bend = int(curve.cost[curve.bend])
        each = bend + (minutes - curve.bend) * int(curve.cost[curve.bend + 1] - bend)
    else:
        with localcontext() as context:
            context.prec = 50
            exponent = curve.kappa * Decimal(minutes.numerator) / Decimal(minutes.denominator)
            each = Fraction(KP_UNIT * exponent.exp())
    return math.floor(each * people / curve.divisor)


def stage_value(data: PlanningData, stage: ObjectiveStage, minutes: np.ndarray) -> int:
    """Return a stage that minimises a measure of fairness in its whole units; ``minutes`` charged, by cell."""
    counted = counted_cells(data, stage.ladder, None)
    curve = None if stage.curve is None else data.curves[stage.curve]
    return measure_value(stage.name, data.ladders[stage.ladder].weight[counted], minutes[counted], curve)


def limit_value(data: PlanningData, limit: FairnessLimit, minutes: np.ndarray) -> int:
    """Return the measure that a limit bounds in its whole units."""
    counted = counted_cells(data, limit.ladder, limit.township)
    curve = None if limit.curve is None else data.curves[limit.curve]
    return measure_value(limit.measure, data.ladders[limit.ladder].weight[counted], minutes[counted], curve)


def limit_left(data: PlanningData, limit: FairnessLimit, value: int) -> float:
    """Return how many minutes are left of a limit; less than none where it is broken."""
    curve = None if limit.curve is None else data.curves[limit.curve]
    left = in_minutes(limit.measure, limit.limit, limit.people, curve) - in_minutes(
        limit.measure, value, limit.people, curve
    )
    return max(0.0, left) if value <= limit.limit else min(-1e-9, left)


def place_of(data: PlanningData, limit: FairnessLimit) -> str:
    """Return the standard and the place of a limit."""
    place = "county" if limit.township is None else data.townships[limit.township]
    return f"{data.ladders[limit.ladder].standard}, {place}"


def rule_of(limit: FairnessLimit) -> str:
    """Return the rule that a limit belongs to."""
    return LIMIT_RULES[limit.measure]


def plan_units(data: PlanningData, stage: ObjectiveStage) -> Fraction:
    """Return the plan's units in one model unit of a stage inside a weighted sum.

    People, person-minutes, yuan, changes, minutes of the farthest; worst_decile its person-minutes, kolm_pollak
    Σ people · e^{κ m}.
    """
    if stage.name == "kolm_pollak":
        return Fraction(data.curves[stage.curve].divisor, KP_UNIT * PEOPLE_SCALE)
    if stage.name == "worst_decile":
        return Fraction(1, PEOPLE_SCALE * TENTH)
    plain = ("max_minutes", "cost", "capital", "changes", "delay")
    return Fraction(1) if stage.name in plain else Fraction(1, PEOPLE_SCALE)


def is_measure(name: str) -> bool:
    """Is a stage of that name a measure of fairness?"""
    return name in MEASURES
