"""The workbook's sheets of staff and money. Every total is the one that the verifier recounted."""

from __future__ import annotations

from typing import Any

from facilityplan.domain.columns import PLAN_STAFFING
from facilityplan.errors import Text
from facilityplan.plan.bill import Line
from facilityplan.plan.texts import plain
from facilityplan.plan.types import Plan
from facilityplan.render.book_sites import exact_people
from facilityplan.render.few import public_people
from facilityplan.render.fixed import PEOPLE, by_stage_rows
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.words import EVERY

WHOLE = "#,##0"
# of domain.columns.PLAN_STAFFING: what the balance of doctors does not say
MOVES_AGES_POSTS = (
    "doctors_moving", "doctors_under_40", "doctors_40_59", "doctors_60_plus", "doctors_60_plus_after",
    "doctors_age_unknown", "posts", "posts_vacant_before", "posts_vacant_after", "posts_by_norm",
    "posts_to_fill_before", "posts_to_fill_after")


def write_staff(writer: Writer, plan: Plan) -> None:
    """Write 人员: the balance of clinic doctors by township."""
    if plan.staff is None:
        return
    metrics, staff = plan.metrics, plan.staff
    totals = {name: int(staff[name].sum()) for name in staff.columns if name not in ("township", "people")}
    totals |= {"before": metrics["clinic_doctors_before"], "after": metrics["clinic_doctors_after"],
               "reserve": metrics["doctors_in_reserve"], "hired": metrics["hires"]}

    def column(name: str, key: str) -> Field:
        return Field(EVERY[key], lambda row: int(getattr(row, name)), WHOLE, totals[name])

    writer.table("sheet_staff", [
        Field(EVERY["head_township"], lambda row: row.township),
        Field(EVERY["head_people"], lambda row: public_people(row.people), WHOLE, exact_people(metrics["people"])),
        column("before", "head_staff_before"), column("retired", "head_retired"), column("hired", "head_hired"),
        column("lent", "head_lent"), column("after", "head_staff_after"), column("at_clinics", "head_at_clinics"),
        column("at_hospitals", "head_at_hospitals"), column("reserve", "head_in_reserve"),
        column("posted", "head_posted"),
        Field(EVERY["head_people_per_doctor"], lambda row: round(row.people / row.after) if row.after else None, WHOLE),
        *_posts_and_ages(plan)], staff.itertuples(index=False))


def _posts_and_ages(plan: Plan) -> list[Field]:
    """Return moves, ages and posts by township, where doctors are part of the plan."""
    if plan.staffing is None:
        return []
    told = plan.staffing.set_index("name")
    declared = {column.name: column for column in PLAN_STAFFING}

    def field(name: str) -> Field:
        def value(row: Any) -> int | None:
            town = "" if row.township == "–" else row.township
            return plain(told.at[town, name], name) if town in told.index else None

        return Field(Text(declared[name].zh, declared[name].en), value, WHOLE, int(told[name].fillna(0).sum()))

    return [field(name) for name in MOVES_AGES_POSTS]


def write_budget(writer: Writer, plan: Plan) -> None:
    """Write 预算分年: by year where the plan has years, else in one row."""
    headers, rows = by_stage_rows(plan)
    bill, metrics = plan.bill, plan.metrics
    capital = EVERY["figure_capital"]
    total = plain(metrics["capital_cost_cny"])
    if not rows:
        writer.table("sheet_by_stage", [
            Field(EVERY["year"], lambda _: " ".join(EVERY["head_no_year"])),
            Field(capital, lambda _: total, WHOLE, total),
            *(_ends("head_capital", lambda _: bill.capital, bill.capital) if bill else ()),
            Field(EVERY["figure_annual"], lambda _: plain(metrics["annual_cost_cny"]), WHOLE),
            *(_ends("head_annual", lambda _: bill.recurrent, None) if bill else ())], [None])
        return
    sums = {"capital_cost_cny": total, "clinics_merged": metrics.get("clinics_merged"),
            "clinics_built": metrics.get("clinics_built")}
    keys = ["year", *next(iter(metrics["by_stage"].values()))]
    # A range stands only beside the figure that it is a range of.
    spent = {int(year): figures["capital_cost_cny"] for year, figures in metrics["by_stage"].items()}
    by_year = bill.capital_by_year if bill else {}
    by_year = by_year if {year: amount.value for year, amount in by_year.items()} == spent else {}
    writer.table("sheet_by_stage", [
        *(Field(header, lambda row, k=k: row[k] if keys[k] != PEOPLE else public_people(row[k]),
                WHOLE if k else "0", sums.get(keys[k])) for k, header in enumerate(headers)),
        *(_ends("head_capital", lambda row: by_year.get(row[0]), bill.capital) if by_year else ())], rows)


def _ends(key: str, amount: Any, total: Any) -> list[Field]:
    """Return the columns of both ends of a range. ``amount``: row → Amount or None."""
    def end(name: str) -> Field:
        def value(row: Any) -> int | None:
            found = amount(row)
            return None if found is None else getattr(found, name)

        return Field(EVERY[f"{key}_{name}"], value, WHOLE, None if total is None else getattr(total, name))

    return [end("low"), end("high")]


def write_bill(writer: Writer, plan: Plan) -> None:
    """Write 费用构成: every item with unit cost, range and number, today and under the plan."""
    bill = plan.bill
    if bill is None:
        return
    for recurrent, key in ((True, "line_recurrent"), (False, "line_capital")):
        if not any(line.recurrent is recurrent for line in bill.lines):
            continue
        total = bill.recurrent if recurrent else bill.capital
        lang = writer.lang or "zh"
        sheet = writer.sheet_named("·".join(EVERY[word].in_language(lang) for word in ("sheet_bill", key)))
        writer.fill(sheet, _bill_fields(total, bill.recurrent_before if recurrent else None),
                    [line for line in bill.lines if line.recurrent is recurrent])


def _bill_fields(total: Any, before: Any) -> list[Field]:
    def unit(end: str, key: str) -> Field:
        return Field(EVERY[key], lambda line: None if line.unit is None else plain(getattr(line.unit, end)), WHOLE)

    def said(line: Line) -> str | None:
        return None if line.unit is None else " ".join(EVERY[f"standing_{line.unit.standing}"])

    today = [Field(EVERY["head_count_before"], lambda line: line.count_before, WHOLE),
             Field(EVERY["head_amount_before"], lambda line: line.before.value, WHOLE,
                   None if before is None else before.value)]
    return [
        Field(EVERY["head_line"], lambda line: " ".join(EVERY[f"line_{line.key}"])),
        unit("value", "head_unit_cost"), unit("low", "head_unit_low"), unit("high", "head_unit_high"),
        *(today if before is not None else ()),
        Field(EVERY["head_count_after"], lambda line: line.count_after, WHOLE),
        Field(EVERY["head_amount_after"], lambda line: line.after.value, WHOLE, total.value),
        Field(EVERY["head_amount_low"], lambda line: line.after.low, WHOLE, total.low),
        Field(EVERY["head_amount_high"], lambda line: line.after.high, WHOLE, total.high),
        Field(EVERY["head_standing"], said),
        Field(EVERY["head_figure_source"], lambda line: None if line.unit is None else line.unit.source)]
