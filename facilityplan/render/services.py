"""Service centres, attribute floors and the load of sub-centres, as the report, the workbook and the map show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.summary import number, people, public_people

SAID = {
    "services": Text("服务中心", "Service centres"),
    "attributes": Text("机构属性", "What sites offer"),
    "catchments": Text("次中心负荷", "Load of sub-centres"),
    "service": Text("服务", "Service"), "type": Text("类型", "Type"), "host": Text("承担医院", "Hosted by"),
    "townships": Text("使用的乡镇", "Townships that use it"), "people": Text("服务人口", "People"),
    "most": Text("人口上限", "People at most"), "least": Text("人口下限", "People at least"),
    "mean": Text("平均分钟", "Mean minutes"), "worst": Text("最远村分钟", "Farthest village, min"),
    "institutions": Text("使用机构数", "Institutions that use it"),
    "within": Text("全部中心时限内人口", "People near any centre"), "limit": Text("时限（分钟）", "Limit, min"),
    "floor": Text("属性", "Attribute"), "before": Text("现状", "Today"), "after": Text("方案", "Plan"),
    "whole": Text("方案合计", "Of all, plan"), "asked": Text("下限", "Asked"), "equipped": Text("添置", "Equipped"),
    "unknown": Text("未填写", "Not known"), "unit": Text("单位", "Counted"),
    "sites": Text("机构（个）", "sites"), "persons": Text("人", "people"), "sub_centre": Text("次中心", "Sub-centre"),
    "islands": Text("不相连的乡镇", "Townships not connected"),
}
TYPES = {"emergency": Text("急诊急救中心", "emergency centre"), "shared": Text("资源共享中心", "shared centre"),
         "clinical": Text("临床服务中心", "clinical centre")}
Column = tuple[str, Callable[[Any], Any], str]  # word, value of a row, kind: text, words, people, minutes or count


def service_names(plan: Plan, services: str | None) -> list[list[str]]:
    """Return the names (zh, en) of the services that a facility hosts."""
    names = {record["id"]: [record["name"], record["name_en"]] for record in plan.centres}
    listed = services.split(";") if isinstance(services, str) else []
    return [names[service] for service in listed if service in names]


def service_sections(plan: Plan, lang: str) -> Iterable[Html]:
    """Yield the report's sections on centres, attributes and the load of sub-centres; none where a block is off."""
    for title, columns, rows in _tables(plan):
        if rows:
            head = [SAID[word].in_language(lang) for word, *_ in columns]
            figures = [k for k, (_, _, kind) in enumerate(columns) if kind in ("people", "minutes", "count")]
            body = ([_html(value(row), kind, lang) for _, value, kind in columns] for row in rows)
            yield tag("section", tag("h2", SAID[title].in_language(lang)), table(head, body, numbers=figures))


def write_services(writer: Writer, plan: Plan) -> None:
    """Write a sheet for each block that is on."""
    for title, columns, rows in _tables(plan):
        if rows:
            fields = [Field(SAID[word], lambda row, v=value, k=kind: _plain(v(row), k),
                            {"people": "#,##0", "minutes": "0.0", "count": "#,##0"}.get(kind, ""))
                      for word, value, kind in columns]
            writer.fill(writer.sheet_named(SAID[title].in_language(writer.lang or "zh")), fields, rows)


def _tables(plan: Plan) -> Iterable[tuple[str, list[Column], list[Any]]]:
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))

    def name(of: Mapping[str, Any]) -> Text:
        return Text(of["name"], of["name_en"])

    services: list[Column] = [
        ("service", lambda r: name(r[0]), "words"), ("type", lambda r: TYPES[r[0]["type"]], "words"),
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


def _counted(when: str) -> Callable[[Any], Any]:
    return lambda r: r[f"people_near_{when}"] if r["count"] == "people" else r[f"sites_with_{when}"]


def _asked(record: Mapping[str, Any]) -> str:
    parts = [] if record["min_count"] is None else [f"{record['min_count']:,}"]
    return " · ".join(parts + ([] if record["min_share"] is None else [f"{100 * record['min_share']:g} %"]))


_ATTRIBUTES: list[Column] = [
    ("floor", lambda r: Text(r["name"], r["name_en"]), "words"),
    ("unit", lambda r: SAID["persons" if r["count"] == "people" else "sites"], "words"),
    ("before", _counted("before"), "people"), ("after", _counted("after"), "people"),
    ("whole", lambda r: r["people"] if r["count"] == "people" else r["sites_after"], "people"),
    ("asked", _asked, "text"), ("equipped", lambda r: len(r["equipped"]), "count"),
    ("unknown", lambda r: r["sites_not_known"], "count")]


def _html(value: Any, kind: str, lang: str) -> Html | str:
    if kind == "words":
        return data(value.in_language(lang))
    if kind == "list":
        return join(part for k, one in enumerate(value) for part in ("、" if k else None, data(one)))
    if kind == "text" or value is None:
        return data(value)
    return number(value) if kind == "minutes" else people(value) if kind == "people" else f"{value:,}"


def _plain(value: Any, kind: str) -> Any:
    if kind == "words":
        return " ".join(value)
    if kind == "list":
        return "、".join(value)
    return public_people(value) if kind == "people" else value
