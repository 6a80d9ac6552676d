"""Fairness in every output: the measures before and after in plain words, tolerances and the parts of weighted stages.

Absent where the config asks for no fairness.
"""

from __future__ import annotations

from collections.abc import Callable

from facilityplan.domain.fairness import MEASURES
from facilityplan.errors import Text
from facilityplan.model.types import PartResult, StageResult
from facilityplan.plan.types import Plan
from facilityplan.render.few import few_or_none, people
from facilityplan.render.words import WORDS, say, say_each

DIGITS = {"worst_decile": 2, "kolm_pollak": 2}  # of stages whose unit is a mean of minutes; the others are whole


def fairness_rows(plan: Plan) -> list[tuple[Text, Text, float | None, float | None]]:
    """Return (standard, measure in plain words, minutes today, minutes under the plan)."""
    names = {one.id: Text(one.name, one.name_en) for one in plan.standards}
    rows = []
    for standard, block in plan.metrics.get("fairness", {}).items():
        for measure in MEASURES:
            key = f"{measure.removesuffix('_minutes')}_minutes"
            word = WORDS[f"fairness_{measure}"]
            rows.append((names[standard], word, block[f"{key}_before"], block[f"{key}_after"]))
    return rows


def fairness_notes(plan: Plan) -> list[Text]:
    """Return what the figures count, by standard: whose minutes, who is left out, the aversion to inequality."""
    names = {one.id: Text(one.name, one.name_en) for one in plan.standards}
    return [
        say_each(
            "fairness_note",
            name=names[standard],
            people=_same(people(block["people"])),
            out=_same(people(block["people_without_way"])),
            kappa=_same(f"{block['kappa']:.4g}"),
        )
        for standard, block in plan.metrics.get("fairness", {}).items()
    ]


def digits_of(stage: StageResult | PartResult) -> int:
    """Return the decimals with which the value of a stage, or of a part of one, is printed."""
    return DIGITS.get(stage.name.partition("[")[0], 0)


def stage_details(stage: StageResult, name_of: Callable[[str], Text], *, number: Callable[..., str]) -> Text | None:
    """Return the parts of a weighted stage and how much of its tolerance was used; None where there is neither."""
    texts = []
    if stage.parts:
        parts = [(name_of(p.name), few_or_none(p.name, p.value) or number(p.value, digits=digits_of(p)), p.weight)
                 for p in stage.parts]
        texts.append(Text(*(sep.join(f"{name[k]} {value} × {weight:g}" for name, value, weight in parts)
                            for k, sep in enumerate(("；", "; ")))))
    if stage.tolerance:
        digits = 2 if stage.tolerance.allowed < 10 else 0
        used, allowed = (few_or_none(stage.name, x) or number(x, digits=digits)
                         for x in (stage.tolerance.used, stage.tolerance.allowed))
        texts.append(say("tolerance_used", used=used, allowed=allowed))
    if not texts:
        return None
    return Text("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


def _same(text: str) -> Text:
    return Text(text, text)
