"""Stages of the objective, Kolm–Pollak curves and limits of fairness as whole numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np

from facilityplan.access.types import NearestTimes
from facilityplan.config.objectives import Objective, WeightedPart
from facilityplan.config.schema import Config
from facilityplan.domain.fairness import KAPPA_DIGITS, KAPPA_RANGE, KP_RATIO, KP_TOTAL, KP_UNIT, OF_A_STANDARD
from facilityplan.model.evaluate_fairness import has_way, measure_value, plan_units, whole_limit
from facilityplan.model.gather_rules import exact, ladder_of
from facilityplan.model.sets import ObjectiveStage, PlanningData
from facilityplan.model.sets_fairness import Curve, FairnessLimit, StagePart, Tolerance
from facilityplan.units import DECISECONDS_PER_MINUTE, HORIZON_MIN, minutes_whole


def with_fairness(data: PlanningData, config: Config, today: Mapping[str, NearestTimes]) -> PlanningData:
    """Return the planning data with the config's stages, curves and limits of fairness.

    ``today`` by standard id, cells in the order of the ladders.
    """
    minutes = {
        k: np.minimum(minutes_whole(today[ladder.standard].ds).astype(np.int64), HORIZON_MIN)
        for k, ladder in enumerate(data.ladders)
    }
    reached = {
        k: today[ladder.standard].ds <= HORIZON_MIN * DECISECONDS_PER_MINUTE for k, ladder in enumerate(data.ladders)
    }
    curves: list[Curve] = []

    def curve_of(kappa: float | None, ladder: int) -> int:
        one = data.ladders[ladder]
        served = has_way(one) & reached[ladder]
        chosen = kappa_of(kappa, one.weight[served], minutes[ladder][served])
        for k, known in enumerate(curves):
            if (known.ladder, known.kappa) == (ladder, chosen):
                return k
        way = has_way(one)
        curves.append(curve_for(ladder, chosen, one.weight[way], minutes[ladder][way]))
        return len(curves) - 1

    def stage_of(one: Objective | WeightedPart) -> ObjectiveStage:
        if one.minimise not in OF_A_STANDARD:
            return ObjectiveStage(one.minimise, late=one.late)
        ladder = ladder_of(config, one.standard)
        return ObjectiveStage(
            one.minimise, ladder, curve_of(one.kappa, ladder) if one.minimise == "kolm_pollak" else None
        )

    stages = [
        (one, stage_of(one) if one.minimise else None, [stage_of(part) for part in one.weighted])
        for one in config.objectives
    ]
    limits = []
    for item, rule in enumerate(config.rules.fairness):
        ladder = ladder_of(config, rule.standard)
        curve = curve_of(rule.kappa, ladder) if rule.measure == "kolm_pollak" else None
        limits.append((item, rule, ladder, curve))
    data = dataclasses.replace(data, curves=tuple(curves))
    fairness = []
    for item, rule, ladder, curve in limits:
        one, way = data.ladders[ladder], has_way(data.ladders[ladder])
        township = np.where(one.village >= 0, data.village_township[one.village], -1)
        places = [None] + ([int(t) for t in np.unique(township[way]) if t >= 0] if rule.per_township else [])
        for place in places:
            own = way if place is None else way & (township == place)
            people = int(one.weight[own].sum())
            shape = None if curve is None else curves[curve]
            if rule.no_worse_than_today:
                most = measure_value(rule.measure, one.weight[own], minutes[ladder][own], shape)
            else:
                most = whole_limit(rule.measure, exact(rule.limit), people, shape)
            fairness.append(FairnessLimit(item, rule.measure, ladder, curve, place, most, people))
    return dataclasses.replace(
        data, fairness=tuple(fairness), objectives=tuple(_stage(data, *each) for each in stages)
    )


def _stage(
    data: PlanningData, one: Objective, single: ObjectiveStage | None, parts: list[ObjectiveStage]
) -> ObjectiveStage:
    if single is not None:
        units = 1 / plan_units(data, single)
        if single.name == "worst_decile":  # a stage of its own speaks of the mean, not of person-minutes
            units = Fraction(int(data.ladders[single.ladder].weight[has_way(data.ladders[single.ladder])].sum()))
        return dataclasses.replace(single, tolerance=_tolerance(one, units))
    weights = [Decimal(str(part.weight)) for part in one.weighted]
    factors = [Fraction(w) * plan_units(data, stage) for w, stage in zip(weights, parts, strict=True)]
    common = math.lcm(*(f.denominator for f in factors))
    shared = math.gcd(*(int(f * common) for f in factors))
    scale = Fraction(common, shared)
    return ObjectiveStage(
        "weighted",
        parts=tuple(StagePart(s, w, int(f * scale)) for s, w, f in zip(parts, weights, factors, strict=True)),
        scale=scale,
        tolerance=_tolerance(one, scale),
    )


def _tolerance(one: Objective, model_units: Fraction) -> Tolerance | None:
    if one.tolerance is None:
        return None
    if one.tolerance.share is not None:
        return Tolerance(exact(one.tolerance.share), None)
    return Tolerance(None, math.floor(exact(one.tolerance.value) * model_units))


def kappa_of(asked: float | None, weight: np.ndarray, m: np.ndarray) -> Decimal:
    """Return κ as asked, else κ = ε · Σ w m ÷ Σ w m² at ε = 1 from today's whole minutes, to six decimals.

    ``weight`` and ``m`` (int64) of those whom a site serves today. Kept within KAPPA_RANGE, at whose upper end it is
    where nobody travels at all. Source: Logan, Anderson, Williams and Conrow 2021, 10.1016/j.compenvurbsys.2020.101590.
    """
    if asked is not None:
        return Decimal(str(asked))
    squares = int((weight * m * m).sum())
    low, high = (Decimal(str(end)) for end in KAPPA_RANGE)
    if squares == 0:
        return high
    ratio = Fraction(int((weight * m).sum()), squares)
    kappa = Decimal(math.floor(ratio * 10**KAPPA_DIGITS + Fraction(1, 2))).scaleb(-KAPPA_DIGITS)
    return min(high, max(low, kappa))


def curve_for(ladder: int, kappa: Decimal, weight: np.ndarray, minutes: np.ndarray) -> Curve:
    """Return the curve of one κ; ``weight`` and ``minutes`` of today (int64, cells with a way) set its divisor."""
    with localcontext() as context:
        context.prec = 50
        bend = min(HORIZON_MIN, int(Decimal(KP_RATIO).ln() / kappa))
        cost = [int((KP_UNIT * (kappa * m).exp()).to_integral_value(ROUND_HALF_UP)) for m in range(bend + 1)]
        slope = int((KP_UNIT * kappa * (kappa * bend).exp()).to_integral_value(ROUND_HALF_UP))
    cost += [cost[-1] + slope * k for k in range(1, HORIZON_MIN - bend + 2)]
    table = np.array(cost, dtype=np.int64)
    total, divisor = sum(int(w) * int(table[m]) for w, m in zip(weight, minutes, strict=True)), KP_UNIT
    while total > KP_TOTAL * divisor:
        divisor *= 10
    return Curve(ladder, kappa, bend, table, divisor)
