"""The consortia of a plan on map, report and workbook; nothing where the plan forms none."""

from __future__ import annotations

from facilityplan.plan.types import Plan
from facilityplan.render.few import people, public_people
from facilityplan.render.lists import listed, listed_text
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.summary import number, percent
from facilityplan.render.words import WORDS

# Told apart by a number as well: a township's label and the legend carry the same one.
COLOURS = ("#5b4a9c", "#B5460F", "#00795a", "#a8507f", "#8a6100", "#2f7fb5", "#0072B2", "#6b5a4a")


def consortia_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's table of consortia; None where there are none."""
    if not plan.consortia:
        return None

    def say(key: str) -> str:
        return WORDS[key].in_language(lang)

    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))

    rows = [(data(one["lead_name"]), listed(one["townships"], lang), people(one["people"]),
             percent(one["share_of_people"]), f"{one['doctors']:,}", f"{one['facilities']:,}",
             listed([names[i] for i in one["sub_centres"]], lang), number(one["mean_minutes"]),
             listed(one["joining"], lang))
            for one in plan.consortia]
    heads = ("head_lead", "head_its_townships", "head_people", "head_share", "head_doctors", "head_facilities",
             "list_sub_centres", "head_minutes_to_lead", "head_joining")
    return tag("section", tag("h2", say("list_consortia")), tag("p", say("consortia_text")),
               table([say(key) for key in heads], rows, numbers=(2, 3, 4, 5, 7)))


def consortia_sheet(writer: Writer, plan: Plan) -> None:
    """Write the workbook's sheet of consortia, where there are any."""
    if not plan.consortia:
        return
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
    writer.table("sheet_consortia", [
        Field(WORDS["head_lead"], lambda one: one["lead_name"]),
        Field(WORDS["head_its_townships"], lambda one: listed_text(one["townships"], writer.lang)),
        Field(WORDS["head_people"], lambda one: public_people(one["people"]), "#,##0"),
        Field(WORDS["head_share"], lambda one: one["share_of_people"], "0.0%"),
        Field(WORDS["head_doctors"], lambda one: one["doctors"], "#,##0"),
        Field(WORDS["head_facilities"], lambda one: one["facilities"], "#,##0"),
        Field(WORDS["list_sub_centres"], lambda one: listed_text([names[i] for i in one["sub_centres"]], writer.lang)),
        Field(WORDS["head_minutes_to_lead"], lambda one: one["mean_minutes"], "0.0"),
        Field(WORDS["head_farthest_to_lead"], lambda one: one["farthest_minutes"], "0.0"),
        Field(WORDS["head_today"], lambda one: one["today"]),
        Field(WORDS["head_joining"], lambda one: listed_text(one["joining"], writer.lang)),
    ], plan.consortia)
