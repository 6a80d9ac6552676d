"""The verifier's check of `compliance`: every clause is answered, its figures are true, its verdict follows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from facilityplan.config.clauses import Clause, Measure, NamedMerger
from facilityplan.errors import Text
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.clause_texts import names_of, sentence
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_indicators import RECOUNT, Found

CLOSE = 1e-6  # plan.json keeps so many digits
RELATIVE = 1e-9
PLANS, NO_PLAN = ("optimal", "feasible"), ("infeasible", "not_found")  # what a side of a price may be


def check_compliance(r: Recount, ledger: Ledger) -> None:
    """Every clause of the config stands there once, in its order, with figures, targets and verdict recounted."""
    claimed = r.claims.blocks.get("compliance", ())
    names = [row.get("clause") for row in claimed]
    wanted = [clause.id for clause in r.config.clauses]
    if not ledger.check("compliance", names == wanted, f"clauses answered are {names}, the config has {wanted}"):
        return
    known = names_of(r.config, r.inputs)
    for clause, row in zip(r.config.clauses, claimed, strict=True):
        _check_clause(r, ledger, clause, row, known)


def _check_clause(r: Recount, ledger: Ledger, clause: Clause, row: Mapping[str, Any], known: Mapping[str, Text]
                  ) -> None:
    measures = list(row.get("measures", ()))
    if not ledger.check("compliance", [m.get("id") for m in measures] == [m.id for m in clause.measures],
                        f"{clause.id}: its measures are not the config's"):
        return
    verdicts = []
    for measure, said in zip(clause.measures, measures, strict=True):
        found = RECOUNT[measure.indicator](measure, r)
        where = f"{clause.id}.{measure.id}"
        ends = (("low", found.low), ("high", found.high), ("target", measure.target),
                ("target_high", measure.target_high),
                ("figure", found.low if found.low is not None and _same(found.low, found.high) else None))
        for key, value in ends:
            ledger.check("compliance", _same(said.get(key), value),
                         f"{where}: {key} is {figure(said.get(key))}, recounted {figure(value)}")
        ledger.check("compliance", list(said.get("short_of", ())) == list(found.short_of),
                     f"{where}: falls short of {said.get('short_of')}, recounted {list(found.short_of)}")
        verdicts.append(verdict(measure, found))
        ledger.check("compliance", said.get("verdict") == verdicts[-1],
                     f"{where}: {said.get('verdict')}, recounted {verdicts[-1]}")
        ledger.check("compliance", verdicts[-1] != "not_decidable" or found.low is not None or bool(said.get("needs")),
                     f"{where}: not decidable, and nothing is named that would decide it")
    worst = "not_met" if "not_met" in verdicts else "not_decidable" if "not_decidable" in verdicts else "met"
    ledger.check("compliance", row.get("verdict") == worst, f"{clause.id}: {row.get('verdict')}, recounted {worst}")
    head = measures[verdicts.index(worst)]
    for key in ("figure", "target"):
        ledger.check("compliance", _same(row.get(key), head.get(key)),
                     f"{clause.id}: {key} is {figure(row.get(key))}, that of its deciding measure {figure(head[key])}")
    text = sentence(clause, row, r.config.county.data_basis, known)
    ledger.check("compliance", (row.get("text_zh"), row.get("text_en")) == tuple(text),
                 f"{clause.id}: the sentence is not that of its figures")


def check_prices(r: Recount, ledger: Ledger) -> None:
    """Every named merger is priced where the config asks for it, differences add up, and the better side is the free
    optimum's. The optima themselves are the solver's: they are not found again here."""
    claimed = r.claims.blocks.get("prices", ())
    wanted = [m.id for m in r.config.named.mergers] if r.config.named.price else []
    if not ledger.check("prices", [row.get("id") for row in claimed] == wanted,
                        f"priced are {[row.get('id') for row in claimed]}, the config names {wanted}"):
        return
    for merger, row in zip(r.config.named.mergers if wanted else (), claimed, strict=True):
        _check_price(merger, row, ledger)


def _check_price(merger: NamedMerger, row: Mapping[str, Any], ledger: Ledger) -> None:
    made, left = row.get("with"), row.get("without")
    status = dict(row.get("status") or {})
    ledger.check("prices", list(status) == ["with", "without"] and all(
        status[key] in (NO_PLAN if row.get(key) is None else PLANS) for key in status),
        f"{merger.id}: its statuses {status} are not those of its sides")
    ends = {merger.site, merger.host} - {None}
    ledger.check("prices", made is None or _joins(merger, made["merged_into"]),
                 f"{merger.id}: the plan with it does not make it")
    ledger.check("prices", left is None or not _joins(merger, left["merged_into"]),
                 f"{merger.id}: the plan without it makes it")
    ledger.check("prices", all(set(side["merged_into"]) <= ends for side in (made, left) if side is not None),
                 f"{merger.id}: tells of other clinics than its own")
    if made is None or left is None:
        ledger.check("prices", row.get("difference") is None, f"{merger.id}: has a difference but not two sides")
        return
    figures = [side["figures"] for side in (made, left)]
    told = row.get("difference") or {}
    ledger.check("prices", list(figures[0]) == list(figures[1]) == list(told) and all(
        _same(told[key], figures[0][key] - figures[1][key]) for key in told),
        f"{merger.id}: its difference is not that of its two sides")
    stages = [key for key in figures[0] if key != "capital_cost_cny"]
    first = next((d for key in stages if abs(d := figures[0][key] - figures[1].get(key, 0.0)) > CLOSE), 0.0)
    proven = status.get("with") == status.get("without") == "optimal"
    ledger.check("prices", not proven or (first <= 0 if row.get("in_free_optimum") else first >= 0),
                 f"{merger.id}: the free optimum is not the better side")


def _joins(merger: NamedMerger, into: Mapping[str, str]) -> bool:
    if merger.host is None:
        return merger.site in into
    return into.get(merger.site) == merger.host or into.get(merger.host) == merger.site


def verdict(m: Measure, found: Found) -> str:
    """Return what the ends between which a figure lies say of a measure."""
    if found.low is None or found.high is None:
        return "not_decidable"
    held = {_holds(m, found.low), _holds(m, found.high)}
    if m.comparison in ("equals", "between") and held == {False}:  # both ends beside the target, but on which sides?
        top = m.target if m.target_high is None else m.target_high
        return "not_met" if (found.low > top) == (found.high > top) else "not_decidable"
    return "not_decidable" if len(held) > 1 else "met" if held == {True} else "not_met"


def _holds(m: Measure, value: float) -> bool:
    def near(target: float) -> bool:
        return math.isclose(value, target, rel_tol=RELATIVE, abs_tol=RELATIVE)

    low = m.comparison == "at_most" or value >= m.target or near(m.target)
    top = {"at_most": m.target, "equals": m.target, "between": m.target_high}.get(m.comparison)
    return low and (top is None or value <= top or near(top))


def _same(said: Any, truth: Any) -> bool:
    if said is None or truth is None:
        return said is None and truth is None
    return isinstance(said, int | float) and math.isclose(said, truth, rel_tol=RELATIVE, abs_tol=CLOSE)
