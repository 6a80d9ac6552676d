"""The verifier's own count of fairness: limits, figures, weighted stages and tolerances, from times and decisions.

The worst-off tenth is sorted out person by person; Kolm–Pollak is summed cell by cell. Nothing of the model is used.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from facilityplan.config.fairness import FairnessLimit, standards_asked
from facilityplan.config.objectives import Objective, WeightedPart
from facilityplan.config.schema import Standard
from facilityplan.domain.fairness import (
    KAPPA_DIGITS,
    KAPPA_RANGE,
    KP_RATIO,
    KP_TOTAL,
    KP_UNIT,
    LIMIT_RULES,
    MEASURES,
    STAGES,
    TENTH,
    dead_sites,
)
from facilityplan.plan.claims import Ledger, StageClaim, figure
from facilityplan.plan.recount_base import HORIZON_MIN, Recount, share_of
from facilityplan.plan.recount_travel import NEVER

CLOSE = 1e-6  # relative, and in the unit of a figure: the rounding of what is printed


def check_mean_minutes_limit(r: Recount, ledger: Ledger) -> None:
    """Mean whole minutes are no more than asked."""
    _check(r, ledger, "mean_minutes")


def check_max_minutes_limit(r: Recount, ledger: Ledger) -> None:
    """Nobody with a way goes farther than asked."""
    _check(r, ledger, "max_minutes")


def check_worst_decile_limit(r: Recount, ledger: Ledger) -> None:
    """The worst-off tenth's mean minutes are no more than asked."""
    _check(r, ledger, "worst_decile")


def check_kolm_pollak_limit(r: Recount, ledger: Ledger) -> None:
    """Kolm–Pollak's equivalent minutes are no more than asked."""
    _check(r, ledger, "kolm_pollak")


def _check(r: Recount, ledger: Ledger, measure: str) -> None:
    for rule in r.rules.fairness:
        if rule.measure != measure:
            continue
        standard = r.config.standard(rule.standard)
        township = np.array([r.township_of.get(v) for v in r.cell_village], dtype=object)
        places = [None, *sorted({t for t in township if t is not None})] if rule.per_township else [None]
        for place in places:
            mask = np.ones(len(township), dtype=bool) if place is None else township == place
            count = Fairness(r, standard, rule.kappa, mask)
            value, limit = count.whole(measure, "after"), _limit(rule, count)
            where = standard.id if place is None else f"{standard.id} in {place}"
            ledger.check(
                LIMIT_RULES[measure], value <= limit,
                f"{where}: {measure} comes to {count.minutes(measure, value):.4f} minutes, "
                f"{count.minutes(measure, math.floor(limit)):.4f} are allowed")  # fmt: skip


def _limit(rule: FairnessLimit, count: Fairness) -> Fraction:
    if rule.no_worse_than_today:
        return Fraction(count.whole(rule.measure, "before"))
    minutes = share_of(rule.limit, 1)
    if rule.measure == "max_minutes":
        return minutes
    if rule.measure == "kolm_pollak":
        return Fraction(math.floor(count.phi(minutes) * count.people / count.divisor))
    return minutes * count.people


class Fairness:
    """The measures of one standard's people in some cells: times before and after in whole minutes."""

    def __init__(self, r: Recount, standard: Standard, kappa: float | None, mask: np.ndarray | None = None) -> None:
        tenths = np.rint(r.weight(standard) * 10).astype(np.int64)
        way = _way(r, standard) & (tenths > 0)
        self.whole_minutes = {}
        for when in ("before", "after"):
            whole = r.nearest(standard, when).whole_minutes()
            self.whole_minutes[when] = np.where((whole == NEVER) | (whole > HORIZON_MIN), HORIZON_MIN, whole)
        served = way & r.nearest(standard, "before").within(HORIZON_MIN)
        today = self.whole_minutes["before"]
        self.kappa = Decimal(str(kappa)) if kappa is not None else _kappa(tenths[served], today[served])
        self._curve(list(zip(tenths[way].tolist(), today[way].tolist(), strict=True)))
        counted = way if mask is None else way & mask
        self.tenths, self.rows = tenths[counted], np.flatnonzero(counted)
        self.people = int(self.tenths.sum())  # tenths of people
        self.left_out = int(tenths[~way].sum()) if mask is None else 0

    def whole(self, measure: str, when: str) -> int:
        """Return a measure in its whole units (see domain.fairness)."""
        times = self.whole_minutes[when][self.rows]
        people = sorted(zip(times.tolist(), self.tenths.tolist(), strict=True), reverse=True)
        if measure == "max_minutes":
            return people[0][0] if people else 0
        if measure == "mean_minutes":
            return sum(m * w for m, w in people)
        if measure == "kolm_pollak":
            return sum(math.floor(Fraction(w * self.table[m], self.divisor) + Fraction(1, 2)) for m, w in people)
        left, total = self.people, 0  # in tenths of tenths, so that a tenth of all people is whole
        for m, w in people:
            taken = min(left, TENTH * w)
            total += taken * m
            left -= taken
        return total

    def minutes(self, measure: str, value: float) -> float:
        """Turn whole units of a measure into minutes."""
        if measure == "max_minutes":
            return float(value)
        if not self.people:
            return 0.0
        if measure != "kolm_pollak":
            return value / self.people
        mean = value * self.divisor / self.people
        if mean > self.table[self.bend]:
            return self.bend + (mean - self.table[self.bend]) / self.slope
        return max(0.0, math.log(mean / KP_UNIT) / float(self.kappa))

    def phi(self, minutes: Fraction) -> Fraction:
        """Return φ of any number of minutes, in units of 1 / KP_UNIT."""
        if minutes > self.bend:
            return self.table[self.bend] + self.slope * (minutes - self.bend)
        with localcontext() as context:
            context.prec = 50
            return Fraction(KP_UNIT * (self.kappa * minutes.numerator / minutes.denominator).exp())

    def _curve(self, today: list[tuple[int, int]]) -> None:
        with localcontext() as context:
            context.prec = 50
            self.bend = min(HORIZON_MIN, math.floor(Decimal(KP_RATIO).ln() / self.kappa))
            grown = [KP_UNIT * (self.kappa * m).exp() for m in range(self.bend + 1)]
            self.table = [int(x.to_integral_value(ROUND_HALF_UP)) for x in grown]
            self.slope = int((self.kappa * grown[-1]).to_integral_value(ROUND_HALF_UP))
        self.table += [self.table[-1] + self.slope * k for k in range(1, HORIZON_MIN - self.bend + 1)]
        total = sum(w * self.table[m] for w, m in today)
        self.divisor = KP_UNIT
        while total > KP_TOTAL * self.divisor:
            self.divisor *= 10


def _kappa(tenths: np.ndarray, minutes: np.ndarray) -> Decimal:
    """Mean minutes by mean squared minutes of today, to six decimals, within bounds."""
    low, high = map(Decimal, map(str, KAPPA_RANGE))
    squares = sum(int(w) * int(m) ** 2 for w, m in zip(tenths, minutes, strict=True))
    if not squares:
        return high
    ratio = Fraction(sum(int(w) * int(m) for w, m in zip(tenths, minutes, strict=True)), squares)
    return min(high, max(low, Decimal(math.floor(ratio * 10**KAPPA_DIGITS + Fraction(1, 2))) / 10**KAPPA_DIGITS))


def _way(r: Recount, standard: Standard) -> np.ndarray:
    """Cells with some counted site within the horizon, open or not, candidates too (bool).

    A candidate hospital site to which no work leads can never be open and does not count.
    """
    kinds, table = [str(k) for k in standard.kinds], r.inputs.facilities
    every = table["kind"].astype(str).isin(kinds).to_numpy(bool)
    every = every & ~dead_sites(table, {work.to for work in r.rules.works if work.kind == "relocate"})
    points = (r.joints(standard.mode, "cells"), r.joints(standard.mode, "facilities"))
    return r.roads(standard.mode).nearest(*points, every).within(HORIZON_MIN)


# -- figures ---------------------------------------------------------------------------------------------------------


def fairness_figures(r: Recount) -> dict[str, Any]:
    """Return `metrics.fairness` as the verifier counts it; empty where the config asks for no fairness."""
    blocks = {}
    for name, kappa in standards_asked(r.config).items():
        count = Fairness(r, r.config.standard(name), kappa)
        block: dict[str, Any] = {"people": count.people / 10, "people_without_way": count.left_out / 10}
        for measure in MEASURES:
            for when in ("before", "after"):
                value = count.minutes(measure, count.whole(measure, when)) if count.people else None
                block[f"{measure.removesuffix('_minutes')}_minutes_{when}"] = value
        block |= {"kappa": float(count.kappa), "kappa_straight_from_min": count.bend,
                  "kolm_pollak_unit": count.divisor / KP_UNIT}  # fmt: skip
        blocks[name] = block
    return blocks


# -- stages ----------------------------------------------------------------------------------------------------------


def part_value(r: Recount, one: Objective | WeightedPart) -> float:
    """Return a measure of fairness that a stage or a part of one minimises, in minutes."""
    count = Fairness(r, r.config.standard(one.standard), one.kappa)
    return count.minutes(one.minimise, count.whole(one.minimise, "after"))


def weighted_units(r: Recount, part: WeightedPart, value: float) -> float:
    """Return what a part adds to a weighted sum before its weight; ``value`` in the part's own unit."""
    if part.minimise not in STAGES or part.minimise == "max_minutes":
        return value
    count = Fairness(r, r.config.standard(part.standard), part.kappa)
    whole = count.whole(part.minimise, "after")
    return whole / 100 if part.minimise == "worst_decile" else whole * count.divisor / (KP_UNIT * 10)


def check_parts(objective: Objective, names: list[str], values: list[float], claim: StageClaim, ledger: Ledger) -> None:
    """The parts of a weighted stage stand beside it with their names, weights and values."""
    got = [(p.get("name"), p.get("weight")) for p in claim.parts]
    wanted = [(name, part.weight) for name, part in zip(names, objective.weighted, strict=True)]
    if ledger.check("objectives", got == wanted, f"{claim.name} has the parts {got}, asked are {wanted}"):
        for part, value in zip(claim.parts, values, strict=True):
            ok = math.isclose(part.get("value", math.nan), value, rel_tol=CLOSE, abs_tol=1e-5)
            ledger.check("objectives", ok, f"{claim.name}: {part['name']} is {figure(part.get('value'))}, "
                                           f"the decisions come to {figure(value)}")  # fmt: skip


def check_tolerance(r: Recount, objective: Objective, claim: StageClaim, ledger: Ledger) -> None:
    """A stage is worse than its best by no more than its tolerance, and says by how much."""
    asked, said = objective.tolerance, claim.tolerance
    if asked is None or said is None or claim.value is None:
        ledger.check("objectives", asked is None and said is None,
                     f"{claim.name}: tolerance asked {asked}, said {said}")  # fmt: skip
        return
    best, allowed, used = (float(said.get(key, math.nan)) for key in ("best", "allowed", "used"))
    slack = CLOSE * max(1.0, abs(best)) + 1e-5
    if objective.minimise == "kolm_pollak":
        count = Fairness(r, r.config.standard(objective.standard), objective.kappa)
        sums = [float(count.phi(share_of(x, 1))) for x in (best, best + allowed)]
        most = sums[0] * (1 + asked.share) - sums[1] + CLOSE * sums[0] >= 0
    else:
        most = allowed <= (asked.value if asked.value is not None else asked.share * abs(best)) + slack
    ledger.check("objectives", most, f"{claim.name}: a tolerance of {allowed:.10g} is more than asked for")
    ledger.check("objectives", -slack <= used <= allowed + slack,
                 f"{claim.name}: {used:.10g} of a tolerance of {allowed:.10g} are used")  # fmt: skip
    ledger.check("objectives", abs(claim.value - best - used) <= slack,
                 f"{claim.name}: {claim.value:.10g} is not its best {best:.10g} and {used:.10g}")  # fmt: skip
