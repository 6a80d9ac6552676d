"""What each named merger costs, on report, console and workbook; nothing where the config asks for no prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.few import few_or_none
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.summary import number, stage_name
from facilityplan.render.words import WORDS
from facilityplan.render.words_clauses import CLAUSE_WORDS

CAPITAL = "capital_cost_cny"


def price_lines(plan: Plan) -> list[Text]:
    """Return one line a named merger, for a console: what it adds to every stage that it moves."""
    lines = []
    for row in plan.prices:
        told = [(figure_name(plan, key), f"{value:+,.0f}") for key, value in (row["difference"] or {}).items() if value]
        texts = [("；".join(f"{name.zh} {value}" for name, value in told) or CLAUSE_WORDS["price_nothing"].zh),
                 ("; ".join(f"{name.en} {value}" for name, value in told) or CLAUSE_WORDS["price_nothing"].en)]
        if row["difference"] is None:
            texts = list(proof(row))
        elif not proven(row):
            texts = [f"{texts[0]}（{proof(row).zh}）", f"{texts[1]} ({proof(row).en})"]
        lines.append(Text(f"  点名合并“{row['name_zh']}”的代价：{texts[0]}",
                          f"  the price of “{row['name_en']}”: {texts[1]}"))
    return lines


def prices_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's table: each named merger, where it goes, and what the optimum with it has more or less."""
    if not plan.prices:
        return None

    def say(key: str) -> str:
        return CLAUSE_WORDS[key].in_language(lang)

    keys = moved(plan)
    heads = [say("price_merger"), say("price_free"), say("price_into"),
             say("price_proof"), *(data(figure_name(plan, key).in_language(lang)) for key in keys)]
    names = _names(plan)
    rows = []
    for row in plan.prices:
        differences = [_signed(row["difference"], key) for key in keys]
        into = "–" if row["with"] is None else host_names(row, names)
        said = proof(row).in_language(lang)
        rows.append((data(Text(row["name_zh"], row["name_en"]).in_language(lang)),
                     WORDS["yes" if row["in_free_optimum"] else "no"].in_language(lang), data(into),
                     said if proven(row) else tag("b", said), *differences))
    return tag("section", tag("h2", say("prices")), tag("p", say("prices_text"), class_="hint"),
               table(heads, rows, numbers=range(4, 4 + len(keys))))


def write_prices(writer: Writer, plan: Plan) -> None:
    """Write the sheet of prices; none where there are none."""
    if not plan.prices:
        return
    names, word = _names(plan), CLAUSE_WORDS
    figures = [Field(figure_name(plan, key), lambda row, key=key: _cell(row["difference"], key), "#,##0")
               for key in moved(plan)]
    writer.fill(writer.sheet_named(word["sheet_prices"].in_language(writer.lang or "zh")), [
        Field(word["price_merger"], lambda row: f"{row['name_zh']}\n{row['name_en']}"),
        Field(word["price_free"], lambda row: bool(row["in_free_optimum"])),
        Field(word["price_into"], lambda row: None if row["with"] is None else host_names(row, names)),
        Field(word["price_proof"], lambda row: "\n".join(proof(row))), *figures], plan.prices)


def moved(plan: Plan) -> list[str]:
    """Return the figures that any named merger moves, in the order of the stages, the capital last."""
    keys = [key for row in plan.prices for key in row["difference"] or {}]
    return [key for key in dict.fromkeys(keys) if any((row["difference"] or {}).get(key) for row in plan.prices)]


def figure_name(plan: Plan, key: str) -> Text:
    """Return a figure's name: that of its stage, or the capital."""
    return WORDS["figure_capital"] if key == CAPITAL else stage_name(plan, key)


def proven(row: Mapping[str, Any]) -> bool:
    """Are the plans with and without the merger both proven optimal?"""
    return all(status == "optimal" for status in row["status"].values())


def proof(row: Mapping[str, Any]) -> Text:
    """Return what is known of the two plans. Impossible is said only of what is proven so."""
    made, left = row["status"]["with"], row["status"]["without"]
    if row["with"] is None:
        key = "price_impossible" if made == "infeasible" else "price_not_found"
    elif row["without"] is None:
        key = "price_unavoidable" if left == "infeasible" else "price_not_found_without"
    else:
        key = "price_proven" if proven(row) else "price_not_proven"
    return CLAUSE_WORDS[key]


def host_names(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return which clinic goes where under the plan with the merger."""
    return "; ".join(f"{names.get(i, i)} → {names.get(host, host)}" for i, host in row["with"]["merged_into"].items())


def _names(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))


def _signed(difference: Mapping[str, float] | None, key: str) -> str:
    value = None if difference is None else difference.get(key)
    if value is None:
        return "–"
    return few_or_none(key, value) or f"{'+' if value > 0 else ''}{number(value, digits=0)}"


def _cell(difference: Mapping[str, float] | None, key: str) -> float | str | None:
    value = None if difference is None else difference.get(key)
    return None if value is None else few_or_none(key, value) or value
