"""The limits of fairness as rows, and the rows that give the measures' columns their meaning.

Symbols as in ``facilityplan.model.measures``. A limit bounds a measure from above and s_S, p, b may lie above what the
decisions make them but never below: a plan obeys the row with the true values exactly where it obeys the limit.
"""

from __future__ import annotations

from facilityplan.model.evaluate_fairness import place_of, rule_of
from facilityplan.model.measures import reach_sets
from facilityplan.model.program import Program


def define_fairness(program: Program) -> None:
    """The meaning of the measures' columns (worst_decile, max_minutes). Not a rule, so not droppable."""
    for measure in program.measures.values():
        for label, terms, least in measure.rows:
            program.row("measure", label, terms, ">=", least)


def constrain_mean_minutes_limit(program: Program) -> None:
    """Mean minutes at most L: Σ_i w_i m_i ≤ ⌊L W⌋, W = Σ_i w_i, in the county or a township (tenths · minutes).

    Or L = today's figure. Source: config rules.fairness.
    """
    _limit(program, "mean_minutes")


def constrain_worst_decile_limit(program: Program) -> None:
    """Mean minutes of the worst-off tenth at most L: Σ_m min(W, 10 F(m)) ≤ ⌊L W⌋ (tenths · minutes · 10).

    The columns p and b stand in the row itself; see measures. Source: config rules.fairness.
    """
    _limit(program, "worst_decile")


def constrain_kolm_pollak_limit(program: Program) -> None:
    """Kolm–Pollak's equivalent minutes at most L: Σ_i φ_i(m_i) ≤ ⌊W φ(L)⌋, φ(m) = e^{κ m} in whole units.

    Source: config rules.fairness; Kolm–Pollak for burdens: Sheriff and Maguire 2020, Logan et al. 2021; linear in
    Horton et al., arXiv 2401.15452.
    """
    _limit(program, "kolm_pollak")


def constrain_max_minutes_limit(program: Program) -> None:
    """Nobody with a way farther than L minutes: Σ_{j∈S_i(L)} Y_j ≥ 1 for each cell i, inclusion-minimal sets only.

    S_i(L): the sites within L whole minutes of cell i; no column of the ladder is needed. Source: config
    rules.fairness.
    """
    for limit in program.data.fairness:
        if limit.measure != "max_minutes":
            continue
        name = f"{limit.item}, {place_of(program.data, limit)}"
        least, sets = reach_sets(program, limit.ladder, limit.township)
        if least > limit.limit:
            program.row("max_minutes_limit", name, [], ">=", 1)
            continue
        for sites in sets(limit.limit):
            label = "+".join(program.data.site_ids[j] for j in sites)
            program.row("max_minutes_limit", f"{name}, {label}", [(program.opening(j), 1) for j in sites], ">=", 1)


def _limit(program: Program, measure: str) -> None:
    for limit in program.data.fairness:
        if limit.measure == measure:
            known = program.measures[measure, limit.ladder, limit.curve, limit.township]
            name = f"{limit.item}, {place_of(program.data, limit)}"
            program.row(rule_of(limit), name, known.terms, "<=", limit.limit - known.constant)
