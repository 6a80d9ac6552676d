"""The measures of fairness as linear functions over the program's columns, with the rows that give them meaning.

Symbols: m_i minutes of cell i, w_i its people (tenths), W all people counted, F(m) people farther than m, s_S nothing
in S is open (the access ladder), Y_j site j is open. Rows bound from below what is minimised or limited from above, and
any value above the true one is allowed: minimising or limiting it is then exact (s is one-sided, model.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from facilityplan.domain.fairness import STAGES, TENTH
from facilityplan.model.evaluate_fairness import counted_cells, rule_of
from facilityplan.model.ladder import Levels, levels_of, minimal_sets, steps, sum_over
from facilityplan.units import HORIZON_MIN

if TYPE_CHECKING:
    from facilityplan.model.program import Program, Terms

Key = tuple[str, int, int | None, int | None]  # measure, ladder, curve, township


@dataclass
class Measure:
    """Σ terms + constant, in the measure's whole units; ``rows`` (label, terms, least) define its own columns."""

    terms: Terms
    constant: int
    rows: list[tuple[str, Terms, int]] = field(default_factory=list)


def add_measures(program: Program) -> dict[Key, Measure]:
    """Add the columns of every measure that a stage minimises or a limit in force bounds; no rows yet."""
    data = program.data
    stages = [o for stage in data.objectives for o in stage.flat() if o.name in STAGES]
    keys = {(o.name, o.ladder, o.curve, None): None for o in stages}
    # a limit on the farthest needs no columns: see constrain_max_minutes_limit
    keys |= {
        (f.measure, f.ladder, f.curve, f.township): None
        for f in data.fairness
        if data.holds(rule_of(f)) and f.measure != "max_minutes"
    }
    return {key: _BUILD[key[0]](program, *key[1:]) for key in keys}


def _mean(program: Program, k: int, _: int | None, township: int | None) -> Measure:
    """Σ_i w_i m_i, tenths of people · minutes."""
    ladder = program.data.ladders[k]
    weight = np.where(counted_cells(program.data, k, township), ladder.weight, 0)
    cost = sum_over(ladder, *program.ladder.levels[k], lambda cell, minute: weight[cell] * minute)
    return Measure([(program.closed[p], c) for p, c in cost.coefficients.items()], cost.constant)


def _kolm_pollak(program: Program, k: int, curve: int | None, township: int | None) -> Measure:
    """Σ_i φ_i(m_i), φ_i(m) = w_i e^{κ m} in whole units, through its increments on the ladder."""
    ladder, shape = program.data.ladders[k], program.data.curves[curve]
    counted = counted_cells(program.data, k, township)
    weight = np.where(counted, ladder.weight, 0)
    cost = sum_over(ladder, *program.ladder.levels[k], lambda cell, minute: shape.of(weight[cell], minute))
    return Measure([(program.closed[p], c) for p, c in cost.coefficients.items()], cost.constant)


def _worst_decile(program: Program, k: int, _: int | None, township: int | None) -> Measure:
    """Σ_m min(W, 10 F(m)) = Σ_m [(W − 10 F₀(m)) b_m + 10 F₀(m) + 10 Σ_S w_Sm p_Sm], p_Sm ≥ s_S − b_m, b_m ∈ {0, 1}.

    F₀(m) people farther than m whatever is open, w_Sm people farther than m exactly where S is closed. b_m = 1 charges
    the whole tenth, b_m = 0 the people counted: the conditional value at risk (Rockafellar and Uryasev 2000) at whole
    minutes, one threshold η after the other, so that no product of η and s is needed.
    """
    data = program.data
    x, position = program.ladder.levels[k]
    counted = counted_cells(data, k, township)
    total = int(data.ladders[k].weight[counted].sum())
    name = _name(program, "worst_decile", k, township)
    measure = Measure([], 0)
    for minute, (base, sets) in enumerate(_farther(program, k, x, position, counted)):
        if TENTH * base >= total:
            measure.constant += total
            continue
        measure.constant += TENTH * base
        if TENTH * (base + sum(sets.values())) <= total:
            measure.terms += [(program.closed[p], TENTH * w) for p, w in sets.items()]
            continue
        full = program.variable(f"tenth_full[{name}, {minute}]", 0, 1)
        measure.terms.append((full, total - TENTH * base))
        for p, w in sets.items():
            over = program.variable(f"beyond[{name}, {minute}, {p}]", 0, 1, integer=False)
            measure.terms.append((over, TENTH * w))
            measure.rows.append((f"{name}, {minute}, {p}", [(over, 1), (full, 1), (program.closed[p], -1)], 0))
    return measure


def _max_minutes(program: Program, k: int, _: int | None, township: int | None) -> Measure:
    """m₀ + Σ_{m ≥ m₀} r_m, r_m ≥ 1 − Σ_{j∈S} Y_j, r_m ≥ r_{m+1}: r_m = 1 where somebody is farther than m.

    S: the sites within m minutes of a cell, inclusion-minimal ones; m₀ the least worst time that any plan can have.
    The p-centre in radius form (Elloumi, Labbé, Pochet 2004).
    """
    name = _name(program, "max_minutes", k, township)
    least, reach = reach_sets(program, k, township)
    measure, before = Measure([], least), None
    for minute in range(least, HORIZON_MIN):
        sets = reach(minute)
        if not sets:
            break
        over = program.variable(f"farther[{name}, {minute}]", 0, 1)
        measure.terms.append((over, 1))
        for sites in sets:
            label = f"{name}, {minute}, {'+'.join(program.data.site_ids[j] for j in sites)}"
            measure.rows.append((label, [(over, 1)] + [(program.opening(j), 1) for j in sites], 1))
        if before is not None:
            measure.rows.append((f"{name}, {minute} after {minute - 1}", [(before, 1), (over, -1)], 0))
        before = over
    return measure


def reach_sets(program: Program, k: int, township: int | None):
    """Return (least worst minute, minute → inclusion-minimal sets of which one must be open for nobody to be farther).

    Cells that a site always open serves within the minute, and sets that contain a no-harm set, ask nothing.
    """
    data, ladder = program.data, program.data.ladders[k]
    counted = counted_cells(data, k, township)
    x = levels_of(ladder, data.permanent | program.ladder.forced_open)
    following, first = steps(x)
    least = int(first[counted].max(initial=0))
    held = [frozenset(sites) for sites in program.ladder.no_harm]

    def sets(minute: int) -> list[tuple[int, ...]]:
        active = np.flatnonzero((x.minute <= minute) & (minute < following) & counted[x.cell])
        found = {frozenset(x.site[x.begin[e] : x.stop[e]].tolist()) for e in active.tolist()}
        return minimal_sets(s for s in found if not any(h <= s for h in held))

    return least, sets


def _farther(program: Program, k: int, x: Levels, position: np.ndarray, counted: np.ndarray):
    """Yield for m = 0, 1, … (people farther than m whatever is open, {set: people farther than m where it is closed}).

    Tenths of people.
    """
    ladder = program.data.ladders[k]
    following, first = steps(x)
    known = (position >= 0) & counted[x.cell]
    weight = ladder.weight[x.cell]
    least = np.bincount(first[counted], weights=ladder.weight[counted], minlength=HORIZON_MIN + 1).astype(np.int64)
    base = int(ladder.weight[counted].sum()) - np.cumsum(least)
    for minute in range(HORIZON_MIN):
        active = np.flatnonzero(known & (x.minute <= minute) & (minute < following))
        people = np.zeros(int(position[active].max(initial=-1)) + 1, dtype=np.int64)
        np.add.at(people, position[active], weight[active])
        yield int(base[minute]), {int(p): int(people[p]) for p in np.flatnonzero(people)}


def _name(program: Program, measure: str, k: int, township: int | None) -> str:
    place = "county" if township is None else program.data.townships[township]
    return f"{measure}, {program.data.ladders[k].standard}, {place}"


_BUILD = {
    "mean_minutes": _mean,
    "max_minutes": _max_minutes,
    "worst_decile": _worst_decile,
    "kolm_pollak": _kolm_pollak,
}
