"""Consortia and catchments against today's, in report and workbook; nothing where the plan groups no townships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.plan.types import Plan
from facilityplan.render.few import people, public_people
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.summary import percent
from facilityplan.render.words import EVERY, say

FIGURES = ("groups", "largest", "smallest", "imbalance", "apart")


def groupings_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's tables: balance, pieces and size before and after; the townships that change."""
    if not plan.groupings:
        return None

    def word(key: str) -> str:
        return EVERY[key].in_language(lang)

    parts: list[Html] = []
    for one in plan.groupings:
        changing = say("groupings_changing", n=len(one["changes"]), people=people(one["people_changing"]),
                       share=percent(one["people_changing"] / one["people"] if one["people"] else None))
        rows = [(word(f"groupings_{key}"), *(_shown(one, key, when) for when in ("before", "after")))
                for key in FIGURES]
        parts += [tag("h3", word(f"groupings_{one['id']}")), tag("p", word(f"groupings_{one['id']}_today")),
                  table(["", word("view_before"), word("view_after")], rows, numbers=(1, 2))]
        if one["tolerance"] is not None:
            parts.append(tag("p", say("groupings_tolerance", share=percent(one["tolerance"])).in_language(lang)))
        parts.append(tag("p", changing.in_language(lang)))
        if one["changes"]:
            parts.append(table([word("head_township"), word("groupings_from"), word("groupings_to"),
                                word("head_people")],
                               ((data(c["township"]), data(c["from"]), data(c["to"]), people(c["people"]))
                                for c in one["changes"]), numbers=(3,)))
    return tag("section", tag("h2", word("list_groupings")), *parts)


def _shown(one: Mapping[str, Any], key: str, when: str) -> str:
    value = one[f"{key}_{when}"]
    if key == "apart":
        return str(len(value))
    if key == "imbalance":
        return percent(value)
    if key == "groups":
        return str(value)
    return "–" if value is None else people(value)


def groupings_sheet(writer: Writer, plan: Plan) -> None:
    """Write the workbook's sheet: one row a township that changes, and the figures of each grouping above."""
    if not plan.groupings:
        return
    rows = [(one, change) for one in plan.groupings for change in one["changes"] or [None]]

    def figure(key: str) -> Any:
        return lambda row: len(row[0][key]) if isinstance(row[0][key], list) else row[0][key]

    def changed(key: str) -> Any:
        return lambda row: None if row[1] is None else row[1][key]

    writer.table("list_groupings", [
        Field(EVERY["groupings_kind"], lambda row: EVERY[f"groupings_{row[0]['id']}"].in_language(writer.lang or "zh")),
        Field(EVERY["head_township"], changed("township")),
        Field(EVERY["groupings_from"], changed("from")), Field(EVERY["groupings_to"], changed("to")),
        Field(EVERY["head_people"],
              lambda row: None if row[1] is None else public_people(row[1]["people"]), "#,##0"),
        *(Field(say(f"groupings_{key}_{when}"), figure(f"{key}_{when}"), "0.0%" if key == "imbalance" else "#,##0")
          for key in FIGURES for when in ("before", "after")),
        Field(EVERY["groupings_allowed"], lambda row: row[0]["tolerance"], "0.0%")], rows)
