"""What was fixed in advance, as the report and the workbook show it."""

from __future__ import annotations

from facilityplan.plan.types import Plan
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.words import WORDS

# columns of facilities that are shown only where they hold something
OPTIONAL = ("locked", "locked_en", "funding_source", "balance_cny_before", "balance_cny_after")


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
