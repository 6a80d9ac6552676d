"""What was fixed in advance, and the plan year by year, as the report and the workbook show them."""

from __future__ import annotations

from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.few import people
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.summary import number
from facilityplan.render.words import WORDS

# columns of facilities that are shown only where they hold something
OPTIONAL = ("stage", "posts_vacant_before", "posts_vacant_after", "posts_by_norm", "patients", "people_over_capacity",
            "locked", "locked_en", "services", "equipped", "funding_source", "balance_cny_before", "balance_cny_after")
PEOPLE = "people_within_circle"  # the one figure by year that counts people


def given_columns(plan: Plan) -> list[str]:
    """Return the optional columns of facilities that hold anything in this plan."""
    return [name for name in OPTIONAL if plan.facilities[name].notna().any()]


def locked_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's list of sites fixed in advance, with reasons; None where there are none."""
    listed = plan.facilities[plan.facilities["locked"].notna()]
    if listed.empty:
        return None
    title, *said = (WORDS[key].in_language(lang) for key in ("list_locked", "head_township", "head_locked"))
    column = "locked" if lang == "zh" else "locked_en"
    return tag("section", tag("h2", title), table(["", *said], (
        (data(row.name), data(row.township), data(getattr(row, column))) for row in listed.itertuples(index=False))))


def by_stage_rows(plan: Plan) -> tuple[list[Text], list[list[float]]]:
    """Return the headers and rows of the plan year by year; no rows where it has no years."""
    by_stage = plan.metrics.get("by_stage", {})
    keys = list(next(iter(by_stage.values()), {}))
    headers = [WORDS["year"], *(WORDS[f"by_stage_{key}"] for key in keys)]
    return headers, [[int(year), *figures.values()] for year, figures in by_stage.items()]


def by_stage_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's table by year; None where the plan has no years."""
    headers, rows = by_stage_rows(plan)
    if not rows:
        return None
    keys = next(iter(plan.metrics["by_stage"].values()))
    return tag("section", tag("h2", WORDS["list_by_stage"].in_language(lang)), table(
        [header.in_language(lang) for header in headers],
        ([str(row[0]), *(people(value) if key == PEOPLE else number(value, digits=0)
                         for key, value in zip(keys, row[1:], strict=True))] for row in rows),
        numbers=range(1, len(headers))))
