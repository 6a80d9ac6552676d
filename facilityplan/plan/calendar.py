"""The week of visits as the plan holds it: who is visited when, the circuit teams' routes, what they save in driving.

`plan.json` keys: ``routes`` (a team's day each), ``circuit_weeks`` (a base each) and ``calendar`` (a visited place
each). Of a plan over several years it is the week after the last of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from facilityplan.access.types import Geography
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import ServiceMode
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.counts import site_people
from facilityplan.plan.periodic import PERIODIC
from facilityplan.routes import CircuitWeek, Place, Route, Week, routes_of
from facilityplan.units import DECISECONDS_PER_MINUTE, PEOPLE_SCALE, people_tenths


def week_of(config: Config, inputs: Inputs, geography: Geography, decisions: Decisions) -> Week:
    """Return the week of all visits that ``decisions`` make."""
    places = _places(config, inputs, decisions)
    teams = {i: d.teams for i, d in decisions.sites.items() if d.teams}
    return routes_of(config, inputs, geography, places, teams)


def _places(config: Config, inputs: Inputs, decisions: Decisions) -> list[Place]:
    """Return every place that is visited by somebody who exists: clinics in order of the table, then villages."""
    facilities, rule = inputs.facilities, config.rules.modes.circuit
    senders = set(facilities["id"])
    found = []
    tenths = None
    for row, (site, village) in enumerate(zip(facilities["id"], facilities["village"], strict=True)):
        made = decisions.sites.get(site)
        if made is None or made.service not in PERIODIC or made.served_from not in senders:
            continue
        tenths = site_people(inputs, tenths=True) if tenths is None else tenths
        visit = _visit_ds(rule, tenths[row]) if made.service is ServiceMode.CIRCUIT else 0
        found.append(Place(site, site, village if isinstance(village, str) else None, made.service, made.served_from,
                           tenths[row], visit))
    cells = inputs.cells
    for village, made in sorted(decisions.visits.items()):
        if made.service not in PERIODIC or made.served_from not in senders:
            continue
        here = (cells["village"] == village).to_numpy(bool)
        people = Fraction(int(people_tenths(cells["people"].to_numpy()[here]).sum()))
        visit = _visit_ds(rule, people) if made.service is ServiceMode.CIRCUIT else 0
        found.append(Place(village, None, village, made.service, made.served_from, people, visit))
    return found


def _visit_ds(rule: Any, tenths: Fraction) -> int:
    """Return ⌈fixed + people / 100 · per 100⌉ minutes of one visit, in deciseconds. Whole minutes, rounded up once."""
    per_person = Fraction(str(rule.visit_minutes_per_100)) / 100
    return DECISECONDS_PER_MINUTE * math.ceil(rule.visit_minutes_fixed + per_person * tenths / PEOPLE_SCALE)


# -- as plan.json holds it ---------------------------------------------------------------------------------------------


def week_blocks(week: Week) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return the plan's blocks ``routes``, ``circuit_weeks`` and ``calendar``."""
    return {"routes": tuple(map(_route, week.routes)), "circuit_weeks": tuple(map(_circuit, week.circuits)),
            "calendar": tuple({**_place(one.place), "service": str(one.place.service), "from": one.place.sender,
                               "weekdays": list(one.weekdays)} for one in week.calendar)}


def _place(place: Place) -> dict[str, Any]:
    return {"site": place.site, "village": place.village}


def _route(route: Route) -> dict[str, Any]:
    stops = [{**_place(stop.place), "driving_minutes": _minutes(stop.drive_ds), "arrives": clock(stop.arrive_ds),
              "visiting_minutes": _minutes(stop.place.visit_ds), "leaves": clock(stop.leave_ds)}
             for stop in route.stops]
    return {"base": route.base, "weekday": route.weekday, "team": route.team, "leaves": clock(route.begin_ds),
            "stops": stops, "back_minutes": _minutes(route.back_ds), "returns": clock(route.end_ds),
            "driving_minutes": _minutes(route.drive_ds), "visiting_minutes": _minutes(route.visit_ds),
            "minutes": _minutes(route.drive_ds + route.visit_ds)}


def _circuit(week: CircuitWeek) -> dict[str, Any]:
    return {"base": week.base, "teams": week.teams, "team_minutes_day": _minutes(week.day_ds),
            "driving_minutes": _minutes(week.drive_ds), "driving_minutes_out_and_back": _minutes(week.out_and_back_ds),
            "visiting_minutes": _minutes(week.visit_ds), "unscheduled": [_place(p) for p in week.unscheduled]}


def _minutes(ds: int) -> float:
    return ds / DECISECONDS_PER_MINUTE


def clock(ds: int) -> str:
    """Return a time of day in deciseconds as "08:30", rounded up to the minute: nobody is there before."""
    minutes = -(-int(ds) // DECISECONDS_PER_MINUTE)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


# -- in words ----------------------------------------------------------------------------------------------------------


def week_notes(week: Week, inputs: Inputs, *, in_years: bool) -> Iterable[Text]:
    """Yield what planners must know of the week: the driving that rounds save, and who found no place in it."""
    if not week.circuits:
        return
    drive = sum(one.drive_ds for one in week.circuits) / DECISECONDS_PER_MINUTE
    single = sum(one.out_and_back_ds for one in week.circuits) / DECISECONDS_PER_MINUTE
    saved = (single - drive) / single if single else 0.0
    last = ("；分年方案为最后一年之后的情形", "; of the years, the state after the last") if in_years else ("", "")
    yield Text(
        f"巡回路线：每周 {len(week.routes)} 条，行车 {drive:,.0f} 分钟，比每次单独往返（方案按此计工时）的 "
        f"{single:,.0f} 分钟少 {100 * saved:.0f}%；路线由启发式求得，不保证最短；休息时间未计入{last[0]}",
        f"Circuit routes: {len(week.routes)} a week, {drive:,.0f} min of driving, {100 * saved:.0f} % less than the "
        f"{single:,.0f} min of going out and back for each visit, which is what the plan charges. Routes come from a "
        f"heuristic and need not be the shortest; breaks are not counted{last[1]}")
    if week.unscheduled:
        names = {("site", i): name for i, name in zip(inputs.facilities["id"], inputs.facilities["name"], strict=True)}
        names |= {("village", i): name for i, name in zip(inputs.villages["id"], inputs.villages["name"], strict=True)}
        listed = [names[p.key] for p in week.unscheduled[:8]]
        more = len(week.unscheduled) - len(listed)
        n = len(week.unscheduled)
        yield Text(f"{n} 处巡回点没有排进每天的工时：{'、'.join(listed)}{f' 等，另有 {more} 处' if more else ''}；"
                   "请增加巡回队或每天工时，或改用其他服务方式",
                   f"{n} places of circuit rounds found no room in the days: {', '.join(listed)}"
                   f"{f' and {more} more' if more else ''}; add a team or longer days, or serve them otherwise")


