"""Works and money, as the report, the workbook and the map show them; nothing where the block is off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.summary import number
from facilityplan.render.words import WORDS

MONEY_FORMAT = "#,##0"
KINDS = ("rebuild", "relocate", "strengthen", "level_up")


def works_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's money table: works with ranges and who pays, what each source gives, saving and balance."""
    if plan.money is None:
        return None

    def say(key: str) -> str:
        return WORDS[key].in_language(lang)

    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
    other = plan.money.other
    rows = [(data(_name(work, lang)), data(names.get(work["facility"])), say(f"work_{work['kind']}"),
             _when(work, say), _yuan(work["capital_cost_cny"]), _range(work),
             data(_sources(plan, work["funding"], lang))) for work in plan.money.works]
    rows.append((say("capital_other"), "–", "–", "–", _yuan(other["capital_cost_cny"]), _range(other),
                 data(_sources(plan, other["funding"], lang))))
    metrics = plan.metrics
    total = {"capital_low_cny": metrics["capital_low_cny"], "capital_high_cny": metrics["capital_high_cny"]}
    rows.append((tag("b", say("total")), "", "", f"{metrics['works_done']} / {metrics['works']}",
                 _yuan(metrics["capital_cost_cny"]), _range(total), ""))
    parts: list[Any] = [tag("p", say("works_text"), class_="hint"), table(
        [say(key) for key in ("head_work", "head_institution", "head_kind", "head_done", "figure_capital", "head_range",
                              "head_paid_by")], rows, numbers=(4, 5))]
    if plan.money.funding:
        parts.append(table([say(key) for key in ("head_source", "head_debt", "head_amount", "head_used")], (
            (data(_name(source, lang)), say("yes" if source["debt"] else "no"),
             "–" if source["amount_cny"] is None else _yuan(source["amount_cny"]), _yuan(source["used_cny"]))
            for source in plan.money.funding), numbers=(2, 3)))
    if years := funding_years(plan):
        parts.append(tag("h3", say("funding_by_stage")))
        parts.append(table([say("head_source"), *years], (
            (data(_name(source, lang)), *(_yuan(n) for n in source["by_stage"].values()))
            for source in plan.money.funding), numbers=range(1, len(years) + 1)))
    unknown = metrics["institutions_without_balance"]
    parts.append(table([say(f"head_{key}") for key in ("item", "before", "after")], [
        (say("figure_saving"), "", _yuan(metrics["annual_saving_cny"])),
        (say("figure_balance"), _yuan(metrics["balance_cny_before"]), _yuan(metrics["balance_cny_after"]))],
        numbers=(1, 2)))
    if unknown:
        parts.append(tag("p", say("balance_unknown").format(n=unknown), class_="hint"))
    return tag("section", tag("h2", say("works_money")), join(parts))


def funding_years(plan: Plan) -> list[str]:
    """Return the years by which sources give money; none where the plan has no years or no sources."""
    funding = plan.money.funding if plan.money is not None else ()
    return list(funding[0].get("by_stage", {})) if funding else []


def _when(work: Mapping[str, Any], say: Any) -> str:
    """Done or not; in a plan by years, the year."""
    year = work.get("stage")
    return say("yes" if work["done"] else "no") if year is None else str(year)


def write_money(writer: Writer, plan: Plan) -> None:
    """Write the money sheets: by work, and by source."""
    if plan.money is None:
        return
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))

    def works(key: str, value: Any, number_format: str = "") -> Field:
        return Field(WORDS[key], value, number_format)

    writer.table("sheet_works", [
        works("head_work", lambda w: w["name"]), works("head_work_en", lambda w: w["name_en"]),
        works("head_institution", lambda w: names.get(w["facility"])),
        works("head_kind", lambda w: " ".join(WORDS[f"work_{w['kind']}"])),
        works("head_done", lambda w: bool(w["done"])),
        *([works("year", lambda w: w["stage"])] if any("stage" in w for w in plan.money.works) else []),
        works("figure_capital", lambda w: w["capital_cost_cny"], MONEY_FORMAT),
        works("head_low", lambda w: w["capital_low_cny"], MONEY_FORMAT),
        works("head_high", lambda w: w["capital_high_cny"], MONEY_FORMAT),
        works("head_recurrent", lambda w: w["recurrent_cny"], MONEY_FORMAT),
        works("head_paid_by", lambda w: _sources(plan, w["funding"], "zh")),
        works("head_standing", lambda w: w["standing"]), works("head_figure_source", lambda w: w["source"]),
    ], plan.money.works)
    writer.table("sheet_funding", [
        works("head_source", lambda s: s["name"]), works("head_source_en", lambda s: s["name_en"]),
        works("head_debt", lambda s: bool(s["debt"])),
        works("head_amount", lambda s: s["amount_cny"], MONEY_FORMAT),
        works("head_used_works", lambda s: s["used_for_works_cny"], MONEY_FORMAT),
        works("head_used", lambda s: s["used_cny"], MONEY_FORMAT),
    ], plan.money.funding)
    if years := funding_years(plan):
        writer.table("sheet_funding_years", [
            works("head_source", lambda s: s["name"]), works("head_source_en", lambda s: s["name_en"]),
            *(Field(Text(year, year), lambda s, year=year: s["by_stage"][year], MONEY_FORMAT) for year in years),
        ], plan.money.funding)


def site_works(plan: Plan, site: str) -> list[list[Any]] | None:
    """Return [name zh, name en, yuan, sources zh, sources en] of each work done at a site; None where there is none."""
    if plan.money is None:
        return None
    found = [[w["name"], w["name_en"], round(w["capital_cost_cny"]), *(
        "; ".join(filter(None, (str(w.get("stage") or ""), _sources(plan, w["funding"], lang))))
        for lang in ("zh", "en"))] for w in plan.money.works if w["done"] and site in (w["facility"], w["to"])]
    return found or None


def _name(row: Mapping[str, Any], lang: str) -> str:
    return Text(row["name"], row["name_en"]).in_language(lang)


def _sources(plan: Plan, paid: Mapping[str, float], lang: str) -> str:
    """Who pays how much, in the order of the sources."""
    return "; ".join(f"{_name(source, lang)} {_yuan(paid[source['id']])}" for source in plan.money.funding
                     if source["id"] in paid)


def _range(row: Mapping[str, Any]) -> str:
    return f"{_yuan(row['capital_low_cny'])} – {_yuan(row['capital_high_cny'])}"


def _yuan(amount: float) -> str:
    return number(amount, digits=0)
