"""The workbook for the bureau: one sheet for each question, bilingual headers, nothing that Excel could run."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from facilityplan.domain import columns
from facilityplan.domain.columns import Column
from facilityplan.domain.kinds import ACTION_NAMES, KIND_NAMES, MODE_NAMES, NO_CLINIC_NAMES, Action
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render.compliance import write_compliance
from facilityplan.render.consortia import consortia_sheet
from facilityplan.render.fairness import fairness_rows
from facilityplan.render.fixed import by_stage_rows, given_columns
from facilityplan.render.services import write_services
from facilityplan.render.sheets import NUMBER_FORMATS, Field, Writer, new_book
from facilityplan.render.summary import (
    Headline,
    any_given,
    counts,
    further_standards,
    headline,
    leaving_text,
    merged_sites,
    minutes_to_host,
    proof_text,
    public_people,
    stage_rows,
    verification_text,
    without_clinic,
)
from facilityplan.render.words import WORDS, county_name, scenario_name, standard_text
from facilityplan.render.works import write_money

CHOICES = {**{str(k): v for k, v in KIND_NAMES.items()}, **{str(k): v for k, v in MODE_NAMES.items()},
           **{str(k): v for k, v in ACTION_NAMES.items()}, **{str(k): v for k, v in NO_CLINIC_NAMES.items()}}


def render_workbook(plan: Plan, inputs: Inputs) -> bytes:
    """Return ``plan.xlsx``. Texts stay texts, whatever they begin with; the same plan gives the same bytes."""
    buffer = io.BytesIO()
    book = new_book(buffer, f"{plan.county} {WORDS['map_title'].zh}")
    banner = "" if plan.data_basis == "real" else " · ".join(WORDS[f"banner_{plan.data_basis}"])
    writer = Writer(book, banner)
    head = headline(plan)
    _write_overview(writer, plan, inputs, head)
    write_compliance(writer, plan)
    _write_mergers(writer, plan)
    _write_kept(writer, plan)
    _write_services(writer, plan)
    _write_sub_centres(writer, plan)
    write_services(writer, plan)
    write_money(writer, plan)
    consortia_sheet(writer, plan)
    _write_outside(writer, plan)
    _write_without_clinic(writer, plan)
    _write_by_stage(writer, plan)
    _write_definitions(writer, plan)
    book.close()
    return buffer.getvalue()


def _fields(table: tuple[Column, ...], names: Sequence[str]) -> list[Field]:
    by_name = {column.name: column for column in table}
    return [_field(by_name[name]) for name in names]


def _field(column: Column) -> Field:
    def value(row: Any) -> Any:
        found = getattr(row, column.name)
        if column.choices and found is not None and str(found) in CHOICES:
            return " ".join(CHOICES[str(found)])
        if column.unit == "person":
            return public_people(found)
        return None if column.type == "text" and pd.isna(found) else found

    number_format = NUMBER_FORMATS.get("integer" if column.type == "integer" else column.unit, "")
    return Field(Text(column.zh, column.en), value, number_format)


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
            writer.cell(sheet, row, column, public_people(value) if unit == "unit_people" else value, code)
        writer.cell(sheet, row, 3, " ".join(WORDS[unit]) if unit else None)
    for standard, block in ((plan.standards[0], plan.metrics), *further_standards(plan)):
        moves = leaving_text(block)
        row += 1
        writer.cell(sheet, row, 0, "\n".join(standard_text(standard)), style=writer.wrapped)
        for column, when in enumerate(("before", "after"), start=1):
            share = getattr(head, f"share_{when}") if block is plan.metrics else block[f"share_within_{when}"]
            writer.cell(sheet, row, column, share, "0.0%")
        if moves is not None:
            writer.cell(sheet, row, 3, "\n".join(moves), style=writer.wrapped)
    for standard, measure, before, after in fairness_rows(plan):
        row += 1
        item = [f"{name} · {word}" for name, word in zip(standard, measure, strict=True)]
        writer.cell(sheet, row, 0, "\n".join(item), style=writer.wrapped)
        writer.cell(sheet, row, 1, before, "#,##0.00")
        writer.cell(sheet, row, 2, after, "#,##0.00")
        writer.cell(sheet, row, 3, " ".join(WORDS["unit_minutes"]))
    row += 2
    for column, key in enumerate(("stages", "head_value", "head_bound", "head_gap")):
        writer.cell(sheet, row, column, " ".join(WORDS[key]), style=writer.header)
    for rank, stage in enumerate(stage_rows(plan), start=1):
        row += 1
        writer.cell(sheet, row, 0, "\n".join(f"{rank}. {name}" for name in stage.name), style=writer.wrapped)
        code = "#,##0.00" if stage.digits else "#,##0"
        writer.cell(sheet, row, 1, stage.value, code)
        writer.cell(sheet, row, 2, stage.bound if math.isfinite(stage.bound) else None, code)
        writer.cell(sheet, row, 3, "\n".join(dict.fromkeys(stage.gap)), style=writer.wrapped)
    if any_given(plan):
        writer.cell(sheet, row + 1, 0, "\n".join(WORDS["stages_given"]), style=writer.wrapped)


def overview_rows(plan: Plan, inputs: Inputs, head: Headline) -> list[tuple[str, Any, Any, str, str]]:
    """Return (word, today, plan, unit's word, number format) of every figure in the overview."""
    metrics, tally = plan.metrics, counts(plan, inputs)
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


def _named(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["id"], table["name"], strict=True))


def _write_mergers(writer: Writer, plan: Plan) -> None:
    names, villages, minutes = _named(plan.facilities), plan.villages.set_index("id"), minutes_to_host(plan)
    declared = {column.name: column for column in columns.PLAN_VILLAGES}

    def of_village(name: str) -> Field:
        column = declared[name]
        shown = public_people if column.unit == "person" else lambda value: value
        return Field(Text(column.zh, column.en),
                     lambda row: shown(villages[name].get(row.village)) if row.village in villages.index else None,
                     NUMBER_FORMATS.get(column.unit, ""))

    fields = [
        *_fields(columns.PLAN_FACILITIES, ["id", "name", "kind", "township", "village"]),
        Field(WORDS["head_village_name"], lambda row: of_village("name").value(row)),
        *_fields(columns.PLAN_FACILITIES, ["merged_into"]),
        Field(WORDS["head_host_name"], lambda row: names.get(row.merged_into)),
        Field(WORDS["minutes_to_host"], lambda row: minutes.get(row.id), "0.0"),
        *(of_village(name) for name in ("people", "people_65", "minutes_before", "minutes_after", "people_out_before",
                                        "people_out_after")),
        *_fields(columns.PLAN_FACILITIES, ["doctors_before", "capital_cost_cny", *given_columns(plan)])]
    merged = merged_sites(plan)
    writer.table("sheet_mergers", fields, merged.itertuples(index=False))


def _write_kept(writer: Writer, plan: Plan) -> None:
    guests = plan.facilities["merged_into"].dropna().value_counts()
    fields = [*_fields(columns.PLAN_FACILITIES, ["id", "name", "kind", "action", "township", "village", "lon", "lat"]),
              Field(WORDS["head_guests"], lambda row: int(guests.get(row.id, 0)), "#,##0"),
              *_fields(columns.PLAN_FACILITIES, ["doctors_before", "doctors", "people_served", "people_nearest",
                                                 "capital_cost_cny", "annual_cost_cny", *given_columns(plan)])]
    stays = plan.facilities[plan.facilities["action"] != Action.CLOSE]
    writer.table("sheet_kept", fields, stays.itertuples(index=False))


def _write_services(writer: Writer, plan: Plan) -> None:
    """Villages with circuit, neighbour or posted service; no sheet where none of them is offered."""
    if "villages_by_mode" not in plan.metrics:
        return
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
    fields = [*_fields(columns.PLAN_VILLAGES, ["id", "name", "township", "mode", "host"]),
              Field(WORDS["head_served_from"], lambda row: names.get(row.host)),
              *_fields(columns.PLAN_VILLAGES, ["days_per_week", "people", "minutes_after", "minutes_periodic"])]
    rows = plan.villages[plan.villages["mode"].isin(["circuit", "neighbour", "posted"])]
    writer.table("sheet_services", fields, rows.itertuples(index=False))


def _write_sub_centres(writer: Writer, plan: Plan) -> None:
    by_centre = dict(iter(plan.villages.groupby("catchment_of")))

    def townships(row: Any) -> str:
        return "、".join(sorted(set(by_centre[row.id]["township"]))) if row.id in by_centre else ""

    fields = [*_fields(columns.PLAN_FACILITIES, ["id", "name", "township", "lon", "lat"]),
              Field(WORDS["head_catchment_townships"], townships),
              Field(WORDS["head_catchment_people"],
                    lambda row: public_people(by_centre[row.id]["people"].sum()) if row.id in by_centre else 0.0,
                    "#,##0"),
              *_fields(columns.PLAN_FACILITIES, ["doctors", "capital_cost_cny"])]
    writer.table("sheet_sub_centres", fields, plan.facilities[plan.facilities["sub_centre"]].itertuples(index=False))


def _write_by_stage(writer: Writer, plan: Plan) -> None:
    headers, rows = by_stage_rows(plan)
    if rows:
        fields = [Field(header, lambda row, k=k: row[k], "#,##0" if k else "0") for k, header in enumerate(headers)]
        writer.table("sheet_by_stage", fields, rows)


def _write_outside(writer: Writer, plan: Plan) -> None:
    fields = _fields(columns.PLAN_VILLAGES, [
        "id", "name", "township", "mode", "people", "people_out_before", "people_out_after", "minutes_before",
        "minutes_after", "minutes_after_p90", "lon", "lat"])
    out = plan.villages[(plan.villages["people_out_before"] > 0) | (plan.villages["people_out_after"] > 0)]
    out = out.sort_values(["people_out_after", "people_out_before", "id"], ascending=[False, False, True])
    writer.table("sheet_outside", fields, out.itertuples(index=False))


def _write_without_clinic(writer: Writer, plan: Plan) -> None:
    names = _named(plan.facilities)
    fields = [*_fields(columns.PLAN_VILLAGES, ["id", "name", "township", "people", "served_by"]),
              Field(WORDS["served_by"], lambda row: names.get(row.served_by)),
              *_fields(columns.PLAN_VILLAGES, ["minutes_after", "minutes_after_p90", "people_out_after",
                                               "no_clinic_because", "lon", "lat"])]
    writer.table("sheet_no_clinic", fields, without_clinic(plan).itertuples(index=False))


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
         + [("", *note) for note in plan.notes] + [("", *WORDS["limit_small"])]),
        ("sources", [(one.name, one.credit, one.licence) for one in plan.sources]),
        ("head_column", [(column.name, column.zh, column.en, column.unit)
                         for table in (columns.PLAN_VILLAGES, columns.PLAN_FACILITIES) for column in table])]
    for key, rows in blocks:
        writer.cell(sheet, row, 0, " ".join(WORDS[key]), style=writer.header)
        for values in rows:
            row += 1
            for column, value in enumerate(values):
                writer.cell(sheet, row, column, value, style=writer.wrapped)
        row += 2
