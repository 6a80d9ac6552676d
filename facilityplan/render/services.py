"""Service centres, attribute floors and the load of sub-centres, as the report, the workbook and the map show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.few import people, public_people
from facilityplan.render.lists import listed, listed_text
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.summary import number
from facilityplan.render.words_services import OFFER_WORDS

# word, value of a row, kind: text, words, list, people, minutes, count, or counted (people or count, by the row)
Column = tuple[str, Callable[[Any], Any], str]


def _say(word: str) -> Text:
    return OFFER_WORDS[f"offer_{word}"]


def services_hosted(plan: Plan, facility: str) -> list[list[str]]:
    """Return (zh, en) of each service that a facility hosts: its name, its type and the townships that use it there."""
    found = []
    for record in plan.centres:
        for host in (one for one in record["by_host"] if one["host"] == facility):
            kind, towns = _say(f"type_{record['type']}"), host["townships"]
            found.append([f"{record['name']}（{kind.zh}：{'、'.join(towns)}）",
                          f"{record['name_en']} ({kind.en}: {', '.join(towns)})"])
    return found


def services_used(plan: Plan, site_row: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return each service's name and type (zh, en) and, by village, the row of the hospital that its township uses."""
    return [{"name": [record["name"], record["name_en"]],
             "type": list(_say(f"type_{record['type']}")),
             "host": [site_row.get(record["assignments"].get(town)) for town in plan.villages["township"]]}
            for record in plan.centres]


def service_sections(plan: Plan, lang: str) -> Iterable[Html]:
    """Yield the report's sections on centres, attributes and the load of sub-centres; none where a block is off."""
    for title, columns, rows in _tables(plan):
        if rows:
            head = [_say(word).in_language(lang) for word, *_ in columns]
            figures = [k for k, (_, _, kind) in enumerate(columns) if kind in ("people", "minutes", "count", "counted")]
            body = ([_html(value(row), _kind(kind, row), lang) for _, value, kind in columns] for row in rows)
            yield tag("section", tag("h2", _say(title).in_language(lang)), table(head, body, numbers=figures))


def write_services(writer: Writer, plan: Plan) -> None:
    """Write a sheet for each block that is on."""
    for title, columns, rows in _tables(plan):
        if rows:
            fields = [Field(_say(word), lambda row, v=value, k=kind: _plain(v(row), _kind(k, row), writer.lang),
                            {"people": "#,##0", "minutes": "0.0", "count": "#,##0", "counted": "#,##0"}.get(kind, ""))
                      for word, value, kind in columns]
            writer.fill(writer.sheet_named(_say(title).in_language(writer.lang or "zh")), fields, rows)


def _tables(plan: Plan) -> Iterable[tuple[str, list[Column], list[Any]]]:
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))

    def name(of: Mapping[str, Any]) -> Text:
        return Text(of["name"], of["name_en"])

    services: list[Column] = [
        ("service", lambda r: name(r[0]), "words"), ("type", lambda r: _say(f"type_{r[0]['type']}"), "words"),
        ("host", lambda r: names.get(r[1]["host"]), "text"), ("townships", lambda r: r[1]["townships"], "list"),
        ("people", lambda r: r[1]["people"], "people"), ("most", lambda r: r[1]["max_people"], "people"),
        ("mean", lambda r: r[1]["mean_minutes"], "minutes"), ("worst", lambda r: r[1]["worst_minutes"], "minutes"),
        ("institutions", lambda r: len(r[1]["institutions"]), "count"), ("limit", lambda r: r[0]["limit_min"], "count"),
        ("within", lambda r: r[0]["people_within"], "people")]
    yield "services", services, [(one, host) for one in plan.centres for host in one["by_host"]]
    yield "attributes", _ATTRIBUTES, list(plan.attributes)
    catchments: list[Column] = [
        ("sub_centre", lambda r: names.get(r["id"]), "text"), ("townships", lambda r: r["townships"], "list"),
        ("people", lambda r: r["people"], "people"), ("least", lambda r: r["min_people"], "people"),
        ("most", lambda r: r["max_people"], "people"), ("mean", lambda r: r["mean_minutes"], "minutes"),
        ("worst", lambda r: r["worst_minutes"], "minutes"), ("islands", lambda r: r["islands"], "list")]
    yield "catchments", catchments, list(plan.catchments)


def _kind(kind: str, row: Any) -> str:
    """Return what a row's figure is: a floor under an attribute counts people or sites."""
    return {"people": "people", "sites": "count"}[row["count"]] if kind == "counted" else kind


def _counted(when: str) -> Callable[[Any], Any]:
    return lambda r: r[f"people_near_{when}"] if r["count"] == "people" else r[f"sites_with_{when}"]


def _asked(record: Mapping[str, Any]) -> str:
    parts = [] if record["min_count"] is None else [f"{record['min_count']:,}"]
    return " · ".join(parts + ([] if record["min_share"] is None else [f"{100 * record['min_share']:g} %"]))


_ATTRIBUTES: list[Column] = [
    ("floor", lambda r: Text(r["name"], r["name_en"]), "words"),
    ("unit", lambda r: _say("persons" if r["count"] == "people" else "sites"), "words"),
    ("before", _counted("before"), "counted"), ("after", _counted("after"), "counted"),
    ("whole", lambda r: r["people"] if r["count"] == "people" else r["sites_after"], "counted"),
    ("asked", _asked, "text"), ("equipped", lambda r: len(r["equipped"]), "count"),
    ("unknown", lambda r: r["sites_not_known"], "count")]


def _html(value: Any, kind: str, lang: str) -> Html | str:
    if kind == "words":
        return data(value.in_language(lang))
    if kind == "list":
        return listed(value, lang)
    if kind == "text" or value is None:
        return data(value)
    return number(value) if kind == "minutes" else people(value) if kind == "people" else f"{value:,}"


def _plain(value: Any, kind: str, lang: str | None) -> Any:
    if kind == "words":
        return " ".join(value)
    if kind == "list":
        return listed_text(value, lang)
    return public_people(value) if kind == "people" else value
