"""The workbook's sheets of places: mergers, sites that stay, service modes, sub-centres, people outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from facilityplan.domain import columns
from facilityplan.domain.columns import Column
from facilityplan.domain.kinds import ACTION_NAMES, KIND_NAMES, MODE_NAMES, NO_CLINIC_NAMES, Action
from facilityplan.errors import Text
from facilityplan.plan.texts import plain
from facilityplan.plan.types import Plan
from facilityplan.render.calendar import weekdays_field
from facilityplan.render.few import is_few, people, public_people
from facilityplan.render.fixed import given_columns
from facilityplan.render.lists import listed_text
from facilityplan.render.mergers import Merger, mergers
from facilityplan.render.sheets import NUMBER_FORMATS, Field, Writer
from facilityplan.render.summary import without_clinic
from facilityplan.render.words import EVERY

CHOICES = {**{str(k): v for k, v in KIND_NAMES.items()}, **{str(k): v for k, v in MODE_NAMES.items()},
           **{str(k): v for k, v in ACTION_NAMES.items()}, **{str(k): v for k, v in NO_CLINIC_NAMES.items()}}
VILLAGE = {column.name: column for column in columns.PLAN_VILLAGES}
SITE = {column.name: column for column in columns.PLAN_FACILITIES}


def exact_people(count: float) -> float | str:
    """Return a total of people as a sheet holds it: with every digit that plan.json has, and "< 10" under ten."""
    return people(count) if is_few(count) else plain(float(count))


def _fields(table: tuple[Column, ...], names: Sequence[str], totals: dict[str, Any] | None = None) -> list[Field]:
    by_name = {column.name: column for column in table}
    return [_field(by_name[name], total=(totals or {}).get(name)) for name in names]


def _field(column: Column, *, total: Any = None) -> Field:
    return Field(Text(column.zh, column.en), lambda row: shown(column, getattr(row, column.name)),
                 NUMBER_FORMATS.get("integer" if column.type == "integer" else column.unit, ""), total)


def shown(column: Column, value: Any) -> Any:
    """Return a value as a sheet shows it: choices in words, people whole and few of them not counted out."""
    if column.choices and value is not None and str(value) in CHOICES:
        return " ".join(CHOICES[str(value)])
    if column.unit == "person":
        return public_people(value)
    return None if column.type == "text" and pd.isna(value) else plain(value, column.name)


def _named(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["id"], table["name"], strict=True))


def write_mergers(writer: Writer, plan: Plan) -> None:
    """Write 合并清单: every merger, who it touches, what it costs, why, and what was refused by which rule."""
    rows = mergers(plan)
    touched = plan.villages[plan.villages["id"].isin({m.village.id for m in rows if m.village is not None})]

    def clinic(name: str, total: Any = None) -> Field:
        inner = _field(SITE[name])
        return Field(inner.header, lambda m: inner.value(m.clinic), inner.number_format, total)

    def village(name: str, header: Text | None = None, total: Any = None) -> Field:
        inner = _field(VILLAGE[name])
        return Field(header or inner.header, lambda m: None if m.village is None else inner.value(m.village),
                     inner.number_format, total)

    def host(key: str, name: str, number_format: str = "") -> Field:
        return Field(EVERY[key], lambda m: None if m.host is None else shown(SITE[name], getattr(m.host, name)),
                     number_format)

    def total(name: str) -> float | str:
        return exact_people(touched[name].sum())

    saved = [m.saves_cny for m in rows if m.saves_cny is not None]

    def sentence(key: str, value: Any) -> Field:
        return Field(EVERY[key], value, wide=True)

    writer.table("sheet_mergers", [
        *(clinic(name) for name in ("id", "name", "kind", "township", "village")),
        village("name", EVERY["head_village_name"]), clinic("merged_into"), host("head_host_name", "name"),
        Field(EVERY["minutes_to_host"], lambda m: plain(m.minutes), "0.0"),
        village("people", total=total("people")), village("people_65", total=total("people_65")),
        village("minutes_before"), village("minutes_after"),
        village("people_out_before", total=total("people_out_before")),
        village("people_out_after", total=total("people_out_after")),
        clinic("doctors_before", _sum([m.clinic.doctors_before for m in rows])),
        host("head_host_doctors_before", "doctors_before", "#,##0"), host("head_host_doctors", "doctors", "#,##0"),
        clinic("capital_cost_cny", _sum([m.clinic.capital_cost_cny for m in rows])),
        Field(EVERY["head_saves"], lambda m: m.saves_cny, "#,##0", sum(saved) if saved else None),
        *(clinic(name) for name in given_columns(plan)),
        sentence("head_why_zh", lambda m: m.why.zh), sentence("head_why_en", lambda m: m.why.en),
        sentence("head_refused_zh", _refused(0)), sentence("head_refused_en", _refused(1))], rows)


def _refused(k: int) -> Any:
    def value(merger: Merger) -> str:
        return merger.refused[k]

    return value


def _sum(values: Sequence[Any]) -> float:
    return plain(float(sum(value for value in values if value is not None and not pd.isna(value))))


def write_kept(writer: Writer, plan: Plan) -> None:
    """Write 保留与新建: every site that stays, is built, or is served by visiting staff."""
    guests = plan.facilities["merged_into"].dropna().value_counts()
    left = plan.facilities[plan.facilities["action"] != Action.CLOSE]
    money = {name: _sum(list(left[name])) for name in ("capital_cost_cny", "annual_cost_cny")}
    writer.table("sheet_kept", [
        *_fields(columns.PLAN_FACILITIES, ["id", "name", "kind", "action", "township", "village", "lon", "lat"]),
        Field(EVERY["head_guests"], lambda row: int(guests.get(row.id, 0)), "#,##0", int(guests.sum())),
        *_fields(columns.PLAN_FACILITIES, ["doctors_before", "doctors", "people_served", "people_nearest",
                                           "capital_cost_cny", "annual_cost_cny", *given_columns(plan)], money)],
        left.itertuples(index=False))


def write_service_modes(writer: Writer, plan: Plan) -> None:
    """Write 服务方式: how every village and community is served, from where and on how many days a week."""
    names, villages = _named(plan.facilities), plan.villages
    totals = {name: exact_people(plan.metrics["people"] if name == "people" else villages[name].sum())
              for name in ("people", "people_65")}
    writer.table("sheet_services", [
        *_fields(columns.PLAN_VILLAGES, ["id", "name", "township", "mode", "host"]),
        Field(EVERY["head_served_from"], lambda row: names.get(row.host)),
        *_fields(columns.PLAN_VILLAGES, ["host_new_site", "days_per_week"]), *weekdays_field(plan, writer.lang or "zh"),
        *_fields(columns.PLAN_VILLAGES, ["people", "people_65", "minutes_before",
                                         "minutes_after", "minutes_after_p90", "minutes_periodic", "served_by"],
                 totals),
        Field(EVERY["served_by"], lambda row: names.get(row.served_by)),
        *_fields(columns.PLAN_VILLAGES, [*(["stage"] if villages["stage"].notna().any() else []), "catchment_of"])],
        villages.itertuples(index=False))


def write_sub_centres(writer: Writer, plan: Plan) -> None:
    """Write 次中心: each sub-centre and the townships of its catchment."""
    by_centre = dict(iter(plan.villages.groupby("catchment_of")))
    chosen = plan.facilities[plan.facilities["sub_centre"]]

    def townships(row: Any) -> str:
        towns = sorted(set(by_centre[row.id]["township"])) if row.id in by_centre else []
        return listed_text(towns, writer.lang)

    everybody = plan.villages.loc[plan.villages["catchment_of"].isin(chosen["id"]), "people"].sum()
    writer.table("sheet_sub_centres", [
        *_fields(columns.PLAN_FACILITIES, ["id", "name", "township", "lon", "lat"]),
        Field(EVERY["head_catchment_townships"], townships),
        Field(EVERY["head_catchment_people"],
              lambda row: public_people(by_centre[row.id]["people"].sum()) if row.id in by_centre else 0.0, "#,##0",
              exact_people(everybody)),
        *_fields(columns.PLAN_FACILITIES, ["doctors", "capital_cost_cny"],
                 {"capital_cost_cny": _sum(list(chosen["capital_cost_cny"]))})], chosen.itertuples(index=False))


def write_outside(writer: Writer, plan: Plan) -> None:
    """Write 未覆盖人口: villages with people outside the first standard's circle, today or under the plan."""
    metrics = plan.metrics
    totals = {f"people_out_{when}": exact_people(_outside(metrics, when)) for when in ("before", "after")}
    out = plan.villages[(plan.villages["people_out_before"] > 0) | (plan.villages["people_out_after"] > 0)]
    out = out.sort_values(["people_out_after", "people_out_before", "id"], ascending=[False, False, True])
    writer.table("sheet_outside", _fields(columns.PLAN_VILLAGES, [
        "id", "name", "township", "mode", "people", "people_out_before", "people_out_after", "minutes_before",
        "minutes_after", "minutes_after_p90", "lon", "lat"], totals), out.itertuples(index=False))


def _outside(metrics: Any, when: str) -> float:
    return metrics.get("group_people", metrics["people"]) - metrics[f"people_within_circle_{when}"]


def write_without_clinic(writer: Writer, plan: Plan) -> None:
    """Write 无卫生室的村: villages without a clinic of which none merged, why, and who serves them."""
    names = _named(plan.facilities)
    writer.table("sheet_no_clinic", [
        *_fields(columns.PLAN_VILLAGES, ["id", "name", "township", "people", "served_by"]),
        Field(EVERY["served_by"], lambda row: names.get(row.served_by)),
        *_fields(columns.PLAN_VILLAGES, ["minutes_after", "minutes_after_p90", "people_out_after",
                                         "no_clinic_because", "lon", "lat"])],
        without_clinic(plan).itertuples(index=False))
