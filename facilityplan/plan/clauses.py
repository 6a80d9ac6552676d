"""Every clause of a config answered by the plan: plan.json `compliance`, one record a clause.

A clause is met where all its measures are, not met where any is not, and not decidable where the data leave that open:
the figure may still lie on both sides of its target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from facilityplan.config.clauses import Clause, Measure
from facilityplan.errors import Text
from facilityplan.plan.clause_figures import TOLERANCE, Figure
from facilityplan.plan.clause_texts import measure_name, names_of, sentence, unit_key, unit_of
from facilityplan.plan.indicators import Situation
from facilityplan.plan.indicators_system import COUNT

Record = Mapping[str, Any]
MET, NOT_MET, NOT_DECIDABLE = "met", "not_met", "not_decidable"


def compliance(s: Situation) -> tuple[Record, ...]:
    """Return the answer to every clause, in the order of the config; () where it has none."""
    names = names_of(s.config, s.inputs)
    return tuple(answer(clause, [COUNT[m.indicator](m, s) for m in clause.measures], s.config.county.data_basis, names)
                 for clause in s.config.clauses)


def answer(clause: Clause, figures: Sequence[Figure], data_basis: str, names: Mapping[str, Text]) -> Record:
    """Return the record of one clause, its measures' figures given in their order."""
    measures = [_measure(clause, m, f, data_basis) for m, f in zip(clause.measures, figures, strict=True)]
    verdicts = [row["verdict"] for row in measures]
    verdict = next((v for v in (NOT_MET, NOT_DECIDABLE) if v in verdicts), MET)
    # The figure that stands for the clause is that of the first measure that decides its verdict.
    head = measures[verdicts.index(verdict)]
    needs = sorted({need for row in measures if row["verdict"] == verdict == NOT_DECIDABLE for need in row["needs"]})
    bases = {row["data_basis"] for row in measures}
    record = {
        "clause": clause.id, "verdict": verdict, "figure": head["figure"], "target": head["target"],
        "data_basis": "assumed" if "assumed" in bases else data_basis,
        "needs": needs, "standing": clause.standing, "name_zh": clause.text_zh, "name_en": clause.text_en,
        "document": clause.source.document, "section": clause.source.section, "measures": measures}
    text = sentence(clause, record, data_basis, names)
    return record | {"text_zh": text.zh, "text_en": text.en}


def _measure(clause: Clause, m: Measure, f: Figure, data_basis: str) -> dict[str, Any]:
    name, unit = measure_name(m), unit_of(m)
    known = f.low is not None and f.low == f.high
    return {
        "id": m.id, "indicator": m.indicator, "name_zh": name.zh, "name_en": name.en,
        "verdict": decide(m, f), "figure": f.low if known else None, "low": f.low, "high": f.high,
        "comparison": m.comparison, "target": m.target, "target_high": m.target_high,
        "unit": unit_key(m), "unit_zh": unit.zh, "unit_en": unit.en,
        "standing": m.standing or clause.standing, "data_basis": "assumed" if f.assumed else data_basis,
        "needs": list(f.needs), "short_of": list(f.short_of)}


def decide(m: Measure, f: Figure) -> str:
    """Return whether the measure is met by every figure between the two ends, by none of them, or by some."""
    if f.low is None or f.high is None:
        return NOT_DECIDABLE
    least = m.target if m.comparison != "at_most" else None
    most = {"at_least": None, "at_most": m.target, "equals": m.target, "between": m.target_high}[m.comparison]
    slack = TOLERANCE * max(1.0, abs(m.target), abs(m.target_high or 0.0))
    if (least is None or f.low >= least - slack) and (most is None or f.high <= most + slack):
        return MET
    if (least is not None and f.high < least - slack) or (most is not None and f.low > most + slack):
        return NOT_MET
    return NOT_DECIDABLE
