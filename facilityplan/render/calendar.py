"""The week of visits as map, workbook, report and notices show it: who comes when, and the circuit teams' routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely import LineString

from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render.lines import pack_geometries
from facilityplan.render.lists import listed_text
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.summary import number
from facilityplan.render.voice import ROWS_SHOWN, Voice
from facilityplan.render.words import EVERY, WORDS, say

Key = tuple[str, str]  # "site" or "village", and its id
THIN_M = 5.0


class Coming(NamedTuple):
    """Somebody's coming on one day of the week; team and times where a route says them."""

    weekday: int
    team: int | None
    arrives: str | None
    leaves: str | None


def key_of(place: Mapping[str, Any]) -> Key:
    """Return the key of a stop or of a row of the calendar."""
    return ("village", place["village"]) if place["site"] is None else ("site", place["site"])


def comings(plan: Plan) -> dict[Key, list[Coming]]:
    """Return, for each visited clinic, and for each village of a visited clinic or place, when somebody comes."""
    found: dict[Key, list[Coming]] = {}
    on_routes: dict[Key, list[Coming]] = {}
    for route in plan.routes:
        for stop in route["stops"]:
            on_routes.setdefault(key_of(stop), []).append(
                Coming(route["weekday"], route["team"], stop["arrives"], stop["leaves"]))
    for row in plan.calendar:
        days = on_routes.get(key_of(row)) or [Coming(day, None, None, None) for day in row["weekdays"]]
        village = None if row["village"] is None else ("village", row["village"])
        for key in dict.fromkeys((key_of(row), village)):
            if key is not None:
                found.setdefault(key, []).extend(days)
    return {key: sorted(days, key=lambda one: (one.weekday, one.arrives or "")) for key, days in found.items()}


def comings_text(days: Iterable[Coming], lang: str) -> str:
    """Return days with their times, one after another."""
    return listed_text((WORDS[f"weekday_{one.weekday}"].in_language(lang)
                        + (f" {one.arrives}–{one.leaves}" if one.arrives else "") for one in days), lang)


# -- the map -----------------------------------------------------------------------------------------------------------


def calendar_map(plan: Plan, inputs: Inputs, site_row: Mapping[str, int], village_row: Mapping[str, int]
                 ) -> dict[str, Any]:
    """Return the page's ``comings`` by site and village, and ``routes`` with the lines that they follow, each once."""
    when = comings(plan)
    rows = {"site": site_row, "village": village_row}
    lines: dict[str, int] = {}
    routes = []
    for route in plan.routes:
        line = shapely.simplify(route_line(plan, inputs, route), THIN_M)
        code = pack_geometries(np.array([line], dtype=object), inputs.crs)
        stops = [[kind, rows[kind].get(key), stop["arrives"], stop["leaves"]]
                 for stop in route["stops"] for kind, key in (key_of(stop),)]
        routes.append([site_row.get(route["base"]), route["weekday"], route["team"], route["leaves"], route["returns"],
                       stops, lines.setdefault(code, len(lines))])
    return {"routes": routes, "route_lines": list(lines), **{
        f"{kind}_comings": [[list(one) for one in when.get((kind, key), ())] for key in rows[kind]] for kind in rows}}


def route_line(plan: Plan, inputs: Inputs, route: Mapping[str, Any]) -> LineString:
    """Return a route along the roads (county CRS); straight from stop to stop where the plan does not hold the way."""
    way: list[Key] = [("site", route["base"]), *map(key_of, route["stops"]), ("site", route["base"])]
    parts = []
    for a, b in pairwise(way):
        leg = plan.legs.get((a, b))
        parts.append(np.array([_xy(inputs, a), _xy(inputs, b)]) if leg is None else shapely.get_coordinates(leg))
    return LineString(np.vstack(parts))


def _xy(inputs: Inputs, key: Key) -> tuple[float, float]:
    table_ = inputs.villages if key[0] == "village" else inputs.facilities
    point = table_.geometry.iloc[int(np.flatnonzero((table_["id"] == key[1]).to_numpy())[0])]
    return point.x, point.y


# -- the workbook ------------------------------------------------------------------------------------------------------


def write_calendar(writer: Writer, plan: Plan) -> None:
    """Write 巡回日历: a row for each team, and for each clinic whose doctors go out; a column for each day.

    Minutes are a week's; their totals are those of ``circuit_weeks``.
    """
    if not plan.calendar:
        return
    names, lang = _names(plan), writer.lang or "zh"
    rows = [*_team_rows(plan, names, lang), *_neighbour_rows(plan, names, lang)]
    days = sorted({1, 2, 3, 4, 5, *(day for row in rows for day in row["days"])})

    def total(key: str) -> float | None:
        return sum(week[key] for week in plan.circuit_weeks) if plan.circuit_weeks else None

    writer.table("sheet_calendar", [
        Field(EVERY["head_base"], lambda row: row["base"]),
        Field(EVERY["head_base_name"], lambda row: names.get(("site", row["base"]))),
        Field(EVERY["head_team"], lambda row: row["team"]),
        Field(EVERY["head_driving"], lambda row: row["driving"], "0.0", total("driving_minutes")),
        Field(EVERY["head_visiting"], lambda row: row["visiting"], "0.0", total("visiting_minutes")),
        *(Field(WORDS[f"weekday_{day}"], lambda row, day=day: row["days"].get(day), wide=True, width=32)
          for day in days)], rows)
    if any(week["unscheduled"] for week in plan.circuit_weeks):
        writer.table("sheet_unscheduled", [
            Field(EVERY["head_base_name"], lambda row: names.get(("site", row[0]))),
            Field(EVERY["head_place"], lambda row: names.get(key_of(row[1])))],
            [(week["base"], place) for week in plan.circuit_weeks for place in week["unscheduled"]])


def _team_rows(plan: Plan, names: Mapping[Key, str], lang: str) -> Iterable[dict[str, Any]]:
    teams: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for route in plan.routes:
        teams.setdefault((route["base"], route["team"]), []).append(route)
    for (base, team), routes in sorted(teams.items()):
        yield {"base": base, "team": " ".join(say("team_n", n=team)),
               "driving": sum(one["driving_minutes"] for one in routes),
               "visiting": sum(one["visiting_minutes"] for one in routes),
               "days": {one["weekday"]: _day(one, names, lang) for one in routes}}


def _day(route: Mapping[str, Any], names: Mapping[Key, str], lang: str) -> str:
    stops = [f"{k}. {names.get(key_of(stop))} {stop['arrives']}–{stop['leaves']}"
             for k, stop in enumerate(route["stops"], 1)]
    ends = [say(f"route_{end}", time=route[end]).in_language(lang) for end in ("leaves", "returns")]
    return "\n".join((ends[0], *stops, ends[1]))


def _neighbour_rows(plan: Plan, names: Mapping[Key, str], lang: str) -> Iterable[dict[str, Any]]:
    hosts: dict[str, dict[int, list[str]]] = {}
    for row in plan.calendar:
        if row["service"] == "neighbour":
            for day in row["weekdays"]:
                hosts.setdefault(row["from"], {}).setdefault(day, []).append(str(names.get(key_of(row))))
    for host, days in sorted(hosts.items()):
        yield {"base": host, "team": " ".join(WORDS["symbol_neighbour"]), "driving": None, "visiting": None,
               "days": {day: listed_text(places, lang) for day, places in days.items()}}


def weekdays_field(plan: Plan, lang: str) -> list[Field]:
    """Return the column of the weekdays on which somebody comes to a village; none where nobody is visited."""
    when = comings(plan)
    if not when:
        return []
    return [Field(EVERY["weekdays"], lambda row: listed_text(
        (WORDS[f"weekday_{day}"].in_language(lang)
         for day in sorted({one.weekday for one in when.get(("village", row.id), ())})), lang) or None)]


def _names(plan: Plan) -> dict[Key, str]:
    return {**{("site", i): name for i, name in zip(plan.facilities["id"], plan.facilities["name"], strict=True)},
            **{("village", i): name for i, name in zip(plan.villages["id"], plan.villages["name"], strict=True)}}


# -- report ------------------------------------------------------------------------------------------------------------


def routes_table(voice: Voice) -> Html | None:
    """Return the report's table of routes: who sets out when, in what order, how long; None where there are none."""
    plan, names = voice.plan, _names(voice.plan)
    if not plan.routes:
        return None
    rows = [(data(names.get(("site", one["base"]))), voice.say("team_n", n=one["team"]),
             voice.say(f"weekday_{one['weekday']}"), f"{one['leaves']}–{one['returns']}",
             join(part for k, stop in enumerate(one["stops"]) for part in (
                 voice.say("and_so") if k else None, data(names.get(key_of(stop))),
                 f" {stop['arrives']}–{stop['leaves']}")),
             number(one["driving_minutes"], digits=0), number(one["visiting_minutes"], digits=0))
            for one in plan.routes[:ROWS_SHOWN]]
    drive, single = (sum(week[key] for week in plan.circuit_weeks)
                     for key in ("driving_minutes", "driving_minutes_out_and_back"))
    return join([tag("h3", voice.say("routes")), tag("p", voice.say(
        "routes_text", n=len(plan.routes), drive=number(drive, digits=0), single=number(single, digits=0))), table(
        [voice.say(key) for key in ("head_base_name", "head_team", "day_label", "head_hours", "head_stops",
                                    "head_driving_day", "head_visiting_day")], rows, numbers=(5, 6)),
        voice.cut(len(plan.routes))])


def unscheduled_risk(voice: Voice) -> Html | None:
    """Return the risk that places found no room in the days of their teams."""
    left = [place for week in voice.plan.circuit_weeks for place in week["unscheduled"]]
    names = _names(voice.plan)
    return join([voice.say("risk_unscheduled", n=len(left)), voice.listed(
        str(names.get(key_of(place))) for place in left[:8])]) if left else None
