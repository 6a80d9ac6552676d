"""What page and workbook both show of a robustness run: outcomes by case, cases by number, sentences."""

from __future__ import annotations

from typing import Literal

from facilityplan.compare.robust import Case, Robustness, Standing, kept
from facilityplan.compare.robust_document import RobustRecord
from facilityplan.domain.rules import RULES
from facilityplan.errors import Text
from facilityplan.render.few import few_or_none
from facilityplan.render.summary import percent
from facilityplan.render.words_robust import robust_word

Outcome = Literal["held", "moved", "gone", "no_plan"]
CENTRES = ("sub_centre", "centre")
OTHERS = ("closure", "build", "circuit", "neighbour", "posted", "work", "consortium", "catchment")


def outcome(standing: Standing, case: Case) -> Outcome:
    """Return what becomes of a decision of the base in a case."""
    if not case.has_plan:
        return "no_plan"
    if case.id in standing.held:
        return "held"
    return "moved" if case.id in standing.moved else "gone"


def status_text(case: Case) -> Text:
    """Return how a case was solved."""
    if case.status == "feasible":
        return robust_word("robust_status_feasible", gap=percent(case.gap, digits=2))
    return robust_word(f"robust_status_{case.status}")


def case_title(case: Case) -> Text:
    """Return a case's name with its direction."""
    if case.change is None or case.kind == "bridge":
        return case.name
    way = robust_word(f"robust_way_{case.change}")
    return Text(f"{case.name.zh}（{way.zh}）", f"{case.name.en} ({way.en})")


def rule_names(case: Case) -> Text:
    """Return the rules that the base's plan breaks in a case, named; empty where it breaks none."""
    return Text("、".join(RULES[rule].zh for rule in case.base_breaks),
                "; ".join(RULES[rule].en for rule in case.base_breaks))


def people_change(base: Case, case: Case) -> str:
    """Return the change of people inside the circle, signed, "< 10" or "> -10" for few; "–" without a plan."""
    if base.figures is None or case.figures is None:
        return "–"
    change = case.figures.people_within - base.figures.people_within
    if (few := few_or_none("uncovered", change)) is not None:
        return few
    return "0" if round(change) == 0 else f"{'+' if change > 0 else '−'}{abs(change):,.0f}"


def stage_change(base: Case, case: Case) -> tuple[str, float] | None:
    """Return (name of the first objective stage, its change against the base); None where they cannot be compared."""
    if not base.stages or not case.stages or base.stages[0][0] != case.stages[0][0]:
        return None
    return base.stages[0][0], case.stages[0][1] - base.stages[0][1]


def shares(case: Case) -> str:
    """Return the share of people inside the circle, today and under the case's plan."""
    f = case.figures
    if f is None or not f.group_people:
        return "–"
    return f"{percent(f.people_within_today / f.group_people)} → {percent(f.people_within / f.group_people)}"


def mergers_kept(found: Robustness, case: Case) -> int | None:
    """Return how many of the base's mergers a case's plan makes too; None without a plan."""
    return kept(found.base, case, "merger") if case.has_plan else None


def lost_in(record: RobustRecord, standing: Standing) -> Text:
    """Return the cases in which a decision does not stay, with where it goes instead."""
    texts = []
    for case in record.robustness.cases:
        if not case.has_plan or case.id in standing.held:
            continue
        title, to = case_title(case), standing.moved.get(case.id)
        there = "" if to is None else f" → {record.facility(to)}"
        texts.append(Text(title.zh + there, title.en + there))
    return Text("；".join(text.zh for text in texts), "; ".join(text.en for text in texts))
