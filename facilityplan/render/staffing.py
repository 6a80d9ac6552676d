"""Staff by township and patients against doctors, as the report tells them."""

from __future__ import annotations

import pandas as pd

from facilityplan.plan.types import Plan
from facilityplan.render.few import people
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.words import WORDS, say

SITES_SHOWN = 20
HEADS = ("head_township", "head_doctors_today", "head_retiring", "head_hired_here", "head_moving", "head_doctors_after",
         "head_vacant", "head_to_fill")


def staffing_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's section on staff; None where doctors are no part of the plan."""
    staff = plan.staffing
    if staff is None:
        return None

    def word(key: str, **values: object) -> str:
        return say(key, **values).in_language(lang)

    sums = staff.drop(columns="name").apply(lambda column: column.fillna(0).sum())
    rows = [_row(data(row.name_), row) for row in staff.rename(columns={"name": "name_"}).itertuples(index=False)]
    rows.append(_row(tag("b", word("whole_county")), sums))
    ages = word("ages_text", young=int(sums["doctors_under_40"]), middle=int(sums["doctors_40_59"]),
                old=int(sums["doctors_60_plus"]), unknown=int(sums["doctors_age_unknown"]),
                left=int(sums["doctors_60_plus_after"]))
    return tag("section", tag("h2", word("staffing")), tag("p", word("staffing_text")),
               table([word(key) for key in HEADS], rows, numbers=range(1, len(HEADS))), tag("p", ages),
               *_patients(plan, lang))


def _row(name: object, row: object) -> tuple[object, ...]:
    def whole(key: str) -> str:
        value = getattr(row, key)
        return "–" if pd.isna(value) else f"{int(value):,}"

    return (name, *(whole(f"doctors_{key}") for key in ("before", "retiring", "hired", "moving", "after")),
            f"{whole('posts_vacant_before')} → {whole('posts_vacant_after')}",
            f"{whole('posts_to_fill_before')} → {whole('posts_to_fill_after')}")


def _patients(plan: Plan, lang: str) -> list[Html]:
    told = plan.metrics.get("patients")
    if told is None:
        return []
    over = plan.facilities[plan.facilities["people_over_capacity"].fillna(0) > 0]
    over = over.sort_values(["people_over_capacity", "id"], ascending=[False, True])
    text = say("patients_text", capacity=f"{told['capacity_per_doctor']:,}",
               before=people(told["people_over_capacity_before"]), after=people(told["people_over_capacity"]),
               sites=told["sites_over_capacity"]).in_language(lang)
    heads = [WORDS[key].in_language(lang) for key in ("head_township", "patients", "people_over_capacity")]
    rows = [(data(row.name_), data(row.township), people(row.patients), people(row.people_over_capacity))
            for row in over.rename(columns={"name": "name_"}).head(SITES_SHOWN).itertuples(index=False)]
    return [tag("p", text), table(["", *heads], rows, numbers=(2, 3))] if rows else [tag("p", text)]

