"""The workbook for the bureau: one sheet for each question, bilingual headers, nothing that Excel could run."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from facilityplan.domain import columns
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.texts import plain
from facilityplan.plan.types import Plan
from facilityplan.render.book_money import write_bill, write_budget, write_staff
from facilityplan.render.book_sites import (
    exact_people,
    write_kept,
    write_mergers,
    write_outside,
    write_service_modes,
    write_sub_centres,
    write_without_clinic,
)
from facilityplan.render.calendar import write_calendar
from facilityplan.render.compliance import write_compliance
from facilityplan.render.consortia import consortia_sheet
from facilityplan.render.fairness import fairness_rows
from facilityplan.render.few import few_or_none
from facilityplan.render.groupings import groupings_sheet
from facilityplan.render.prices import write_prices
from facilityplan.render.services import write_services
from facilityplan.render.sheets import Writer, new_book
from facilityplan.render.summary import (
    Counts,
    Headline,
    any_given,
    counts,
    further_standards,
    headline,
    leaving_text,
    proof_text,
    stage_rows,
    verification_text,
)
from facilityplan.render.words import EVERY, WORDS, county_name, scenario_name, standard_text
from facilityplan.render.works import write_money


def render_workbook(plan: Plan, inputs: Inputs, *, lang: str = "zh") -> bytes:
    """Return ``plan.xlsx``. Texts stay texts, whatever they begin with; the same plan gives the same bytes.

    ``lang`` names the sheets; headers are in both languages.
    """
    buffer = io.BytesIO()
    credit = "; ".join(f"{one.name}: {one.credit} ({one.licence})" for one in plan.sources)
    banner = "" if plan.data_basis == "real" else " · ".join(WORDS[f"banner_{plan.data_basis}"])
    book = new_book(buffer, f"{county_name(plan).in_language(lang)} {WORDS['map_title'].in_language(lang)}",
                    "\n".join(part for part in (banner, credit) if part))
    writer = Writer(book, banner, lang)
    _write_overview(writer, plan, inputs, headline(plan))
    write_mergers(writer, plan)
    write_sub_centres(writer, plan)
    write_service_modes(writer, plan)
    write_calendar(writer, plan)
    write_outside(writer, plan)
    write_staff(writer, plan)
    write_budget(writer, plan)
    write_bill(writer, plan)
    write_compliance(writer, plan)
    write_prices(writer, plan)
    write_kept(writer, plan)
    write_without_clinic(writer, plan)
    write_services(writer, plan)
    write_money(writer, plan)
    consortia_sheet(writer, plan)
    groupings_sheet(writer, plan)
    _write_definitions(writer, plan)
    book.close()
    return buffer.getvalue()


def _write_overview(writer: Writer, plan: Plan, inputs: Inputs, head: Headline) -> None:
    sheet = writer.sheet("sheet_overview")
    sheet.set_column(0, 0, 58)
    sheet.set_column(1, 3, 18)
    sheet.hide_gridlines(2)
    county, scenario = county_name(plan), scenario_name(plan)
    writer.cell(sheet, 0, 0, f"{county.zh} {WORDS['map_title'].zh}", style=writer.title)
    writer.cell(sheet, 1, 0, f"{county.en} · {WORDS['map_title'].en}")
    row = 2
    if plan.data_basis != "real":
        writer.cell(sheet, row, 0, " · ".join(WORDS[f"banner_{plan.data_basis}"]), style=writer.warning)
        row += 1
    for text in (scenario, WORDS[head.verdict], standard_text(plan.standards[0]), proof_text(head),
                 verification_text(plan, head)):
        style = writer.strong if text is WORDS[head.verdict] else writer.wrapped
        writer.cell(sheet, row, 0, "\n".join(text), style=style)
        row += 1
    row += 1
    for column, key in enumerate(("head_item", "head_before", "head_after", "head_unit")):
        writer.cell(sheet, row, column, " ".join(WORDS[key]), style=writer.header)
    for key, before, after, unit, code in overview_rows(plan, inputs, head):
        row += 1
        writer.cell(sheet, row, 0, " ".join(WORDS[key]))
        for column, value in ((1, before), (2, after)):
            writer.cell(sheet, row, column, exact_people(value) if unit == "unit_people" and value is not None
                        else plain(value), code)
        writer.cell(sheet, row, 3, " ".join(WORDS[unit]) if unit else None)
    for standard, block in ((plan.standards[0], plan.metrics), *further_standards(plan)):
        moves = leaving_text(block)
        row += 1
        writer.cell(sheet, row, 0, "\n".join(standard_text(standard)), style=writer.wrapped)
        for column, when in enumerate(("before", "after"), start=1):
            share = getattr(head, f"share_{when}") if block is plan.metrics else block[f"share_within_{when}"]
            writer.cell(sheet, row, column, plain(share), "0.0%")
        if moves is not None:
            writer.cell(sheet, row, 3, "\n".join(moves), style=writer.wrapped)
    for standard, measure, before, after in fairness_rows(plan):
        row += 1
        item = [f"{name} · {word}" for name, word in zip(standard, measure, strict=True)]
        writer.cell(sheet, row, 0, "\n".join(item), style=writer.wrapped)
        writer.cell(sheet, row, 1, before, "#,##0.00")
        writer.cell(sheet, row, 2, after, "#,##0.00")
        writer.cell(sheet, row, 3, " ".join(WORDS["unit_minutes"]))
    if plan.bill is not None:
        row = _write_ranges(writer, sheet, plan, row + 1)
    row += 2
    for column, key in enumerate(("stages", "head_value", "head_bound", "head_gap")):
        writer.cell(sheet, row, column, " ".join(WORDS[key]), style=writer.header)
    for rank, stage in enumerate(stage_rows(plan), start=1):
        row += 1
        writer.cell(sheet, row, 0, "\n".join(f"{rank}. {name}" for name in stage.name), style=writer.wrapped)
        code = "#,##0.00" if stage.digits else "#,##0"
        for column, figure in ((1, stage.value), (2, stage.bound)):
            shown = few_or_none(stage.key, figure) or (figure if math.isfinite(figure) else None)
            writer.cell(sheet, row, column, shown, code)
        writer.cell(sheet, row, 3, "\n".join(dict.fromkeys(stage.gap)), style=writer.wrapped)
    if any_given(plan):
        row += 1
        writer.cell(sheet, row, 0, "\n".join(WORDS["stages_given"]), style=writer.wrapped)
    sheet.print_area(0, 0, row, 3)


def _write_ranges(writer: Writer, sheet: Any, plan: Plan, row: int) -> int:
    """Write the plan's two sums of money with both ends of their ranges; return the last row."""
    for key, amount in (("figure_annual", plan.bill.recurrent), ("figure_capital", plan.bill.capital)):
        row += 1
        writer.cell(sheet, row, 0, " ".join(say_range(key)))
        for column, value in ((1, amount.low), (2, amount.high)):
            writer.cell(sheet, row, column, value, "#,##0")
        writer.cell(sheet, row, 3, " ".join(WORDS["unit_cny"]))
    return row


def say_range(key: str) -> tuple[str, ...]:
    """Return "…: low, high" of a figure, in both languages."""
    return tuple(f"{EVERY[key][k]}{EVERY['colon'][k]}{EVERY['head_low'][k]}, {EVERY['head_high'][k]}" for k in (0, 1))


def overview_rows(plan: Plan, inputs: Inputs, head: Headline, tally: Counts | None = None
                  ) -> list[tuple[str, Any, Any, str, str]]:
    """Return (word, today, plan, unit's word, number format) of every figure in the overview."""
    metrics, tally = plan.metrics, tally or counts(plan, inputs)
    people, minutes, whole = "#,##0", "0.0", "#,##0"
    return [
        ("figure_people", metrics["people"], metrics["people"], "unit_people", people),
        ("figure_group_people", head.people, head.people, "unit_people", people),
        ("figure_inside", head.inside_before, head.inside_after, "unit_people", people),
        ("figure_share", head.share_before, head.share_after, "", "0.0%"),
        ("figure_outside", head.people - head.inside_before, head.people - head.inside_after, "unit_people", people),
        ("figure_minutes", metrics["mean_minutes_before"], metrics["mean_minutes_after"], "unit_minutes", minutes),
        ("figure_unreachable", metrics.get("people_unreachable_before"), metrics["people_unreachable"], "unit_people",
         people),
        ("figure_beyond", metrics.get("people_beyond_horizon_before"), metrics["people_beyond_horizon"], "unit_people",
         people),
        ("figure_blank", None, metrics["blank_villages"], "unit_sites", whole),
        ("figure_clinics", metrics.get("clinics_before"), tally.kept + tally.built, "unit_sites", whole),
        ("figure_kept", None, tally.kept, "unit_sites", whole),
        ("figure_merged", None, tally.merged, "unit_sites", whole),
        ("figure_built", None, tally.built, "unit_sites", whole),
        ("figure_sub_centres", None, tally.sub_centres, "unit_sites", whole),
        ("figure_clinic_doctors", metrics.get("clinic_doctors_before"), metrics.get("clinic_doctors_after"),
         "unit_doctors", whole),
        ("figure_reserve", None, metrics.get("doctors_in_reserve"), "unit_doctors", whole),
        ("figure_hires", None, metrics.get("hires"), "unit_doctors", whole),
        ("figure_annual", metrics.get("annual_cost_cny_before"), metrics["annual_cost_cny"], "unit_cny", whole),
        ("figure_capital", None, metrics["capital_cost_cny"], "unit_cny", whole),
    ]


def _write_definitions(writer: Writer, plan: Plan) -> None:
    """Standards, assumptions, sources, then what every column means."""
    sheet = writer.sheet("sheet_definitions")
    for column, width in enumerate((24, 60, 60, 16)):
        sheet.set_column(column, column, width)
    row = 0
    if writer.banner:
        writer.cell(sheet, 0, 0, writer.banner, style=writer.banner_row)
        row = 2
    blocks: list[tuple[str, list[Sequence[Any]]]] = [
        ("notes", [("", *standard_text(one)) for one in plan.standards]
         + [("", *note) for note in plan.notes]
         + [("", *text) for text in (WORDS["limit_small"], EVERY["note_rounding"], EVERY["note_ranges"])]),
        ("sources", [(one.name, one.credit, one.licence) for one in plan.sources]),
        ("head_column", [(column.name, column.zh, column.en, column.unit)
                         for table in (columns.PLAN_VILLAGES, columns.PLAN_FACILITIES, columns.PLAN_STAFFING)
                         for column in table])]
    for key, rows in blocks:
        writer.cell(sheet, row, 0, " ".join(WORDS[key]), style=writer.header)
        for values in rows:
            row += 1
            for column, value in enumerate(values):
                writer.cell(sheet, row, column, value, style=writer.wrapped)
        row += 2
    sheet.print_area(0, 0, row - 2, 3)
