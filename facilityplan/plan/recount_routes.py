"""The verifier's checks of the week: routes of circuit teams and the calendar of visits, recounted from raw inputs.

Shortest paths between all stops are its own (`recount_travel`). It does not ask whether routes are the shortest: the
plan does not say so.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from facilityplan.domain.kinds import ServiceMode
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, Site
from facilityplan.plan.recount_modes import CIRCUIT, NEIGHBOUR, served
from facilityplan.plan.recount_travel import NEVER, Joints

Key = tuple[str | None, str | None]  # facility id, village id, as plan.json names a place
FIVE_DAYS, SIX_DAYS = range(1, 6), range(1, 7)
TOLERANCE_MIN = 1e-6 + 1e-9  # plan.json rounds minutes to six digits


@dataclass(frozen=True)
class _Visited:
    site: Site
    service: ServiceMode
    sender: str


def _key(site: Site) -> Key:
    return (site.id if site.row >= 0 else None, site.village)


def _visited(r: Recount) -> dict[Key, _Visited]:
    """Everybody who is visited by somebody who exists, by a service that is offered."""
    return {_key(site): _Visited(site, service, str(sender)) for site, service, sender in served(r)
            if service in (CIRCUIT, NEIGHBOUR) and getattr(r.rules.modes, str(service)) is not None
            and sender in r.sites}


def _open_days(per_week: int) -> range:
    return FIVE_DAYS if per_week <= len(FIVE_DAYS) else SIX_DAYS


def _named(place: Mapping[str, Any]) -> Key:
    return place["site"], place["village"]


# -- the calendar ------------------------------------------------------------------------------------------------------


def check_calendar(r: Recount, ledger: Ledger) -> None:
    """Every place that is visited is there once, with who comes and on which days, as many as the mode has.

    Days of circuit rounds are those of the routes; a neighbour's visits fill no day more than they must.
    """
    wanted, rows = _visited(r), list(r.claims.blocks.get("calendar", ()))
    named = [_named(row) for row in rows]
    order = sorted(wanted, key=lambda key: ("village", key[1]) if key[0] is None else ("site", key[0]))
    if not ledger.check("calendar", named == order, lambda: f"the calendar lists {len(named)} places in order, visited "
                        f"are {len(order)}: missing {[k for k in order if k not in named][:5]}, "
                        f"not expected {[k for k in named if k not in order][:5]}"):
        return
    on_routes: dict[Key, list[int]] = defaultdict(list)
    for route in r.claims.blocks.get("routes", ()):
        for stop in route["stops"]:
            on_routes[_named(stop)].append(route["weekday"])
    fullest: dict[str, Counter[int]] = defaultdict(Counter)
    for key, row in zip(named, rows, strict=True):
        visited, days = wanted[key], row["weekdays"]
        said = row["service"], row["from"]
        ledger.check("calendar", said == (str(visited.service), visited.sender),
                     lambda key=key, said=said, v=visited: f"{key}: {said}, decided {v.service} from {v.sender}")
        per_week = getattr(r.rules.modes, str(visited.service)).days_per_week
        ledger.check("calendar", all(type(d) is int and d in _open_days(per_week) for d in days)
                     and days == sorted(set(days)), f"{key}: weekdays are {days}")
        if visited.service is CIRCUIT:
            ledger.check("calendar", days == sorted(on_routes[key]),
                         f"{key}: weekdays are {days}, routes come on {sorted(on_routes[key])}")
            continue
        ledger.check("calendar", len(days) == per_week, f"{key}: {len(days)} days, visited on {per_week} a week")
        fullest[visited.sender].update(days)
    for sender, load in sorted(fullest.items()):
        rule = r.rules.modes.neighbour
        most = -(-sum(load.values()) // len(_open_days(rule.days_per_week)))
        ledger.check("calendar", max(load.values()) <= most,
                     f"{sender}: {max(load.values())} visits on one day, {most} would do")


# -- routes ------------------------------------------------------------------------------------------------------------


class _Base:
    """A hospital's circuit places, and the deciseconds between them by rules.modes.travel_mode."""

    def __init__(self, r: Recount, base: str, places: list[_Visited]) -> None:
        mode = r.rules.modes.travel_mode
        sites, villages = r.joints(mode, "facilities"), r.joints(mode, "villages")
        at = [sites.take(np.array([r.sites[base].row]))]
        for place in places:
            row = place.site.row
            at.append(sites.take(np.array([row])) if row >= 0
                      else villages.take(np.array([r.village_row[place.site.village]])))
        points = Joints(**{f.name: np.concatenate([getattr(one, f.name) for one in at]) for f in fields(Joints)})
        self._ds = r.roads(mode).times_between(points, points)
        self._row = {_key(p.site): k for k, p in enumerate(places, 1)}
        rule = r.rules.modes.circuit
        per_person = Fraction(str(rule.visit_minutes_per_100)) / 1000  # of a tenth of a person
        self.visit = {_key(p.site): math.ceil(rule.visit_minutes_fixed + per_person * p.site.tenths) for p in places}

    def __contains__(self, key: Key) -> bool:
        return key in self._row

    def drive(self, a: Key | None, b: Key | None) -> int:
        """Return deciseconds from one place to another, None for the base; NEVER where there is no way."""
        ends = [0 if key is None else self._row[key] for key in (a, b)]
        return 0 if ends[0] == ends[1] else int(self._ds[ends[0], ends[1]])

    def alone(self, key: Key) -> int:
        """Return the deciseconds of going to one place only, NEVER where there is no way."""
        ways = self.drive(None, key), self.drive(key, None)
        return NEVER if NEVER in ways else sum(ways) + 600 * self.visit[key]


def _clock(ds: int) -> str:
    return "{:02d}:{:02d}".format(*divmod(-(-ds // 600), 60))


def _same(minutes: Any, ds: int) -> bool:
    return isinstance(minutes, int | float) and abs(minutes - ds / 600) <= TOLERANCE_MIN


def check_routes(r: Recount, ledger: Ledger) -> None:
    """Routes start and end at their base, visit its places only, on as many days as the mode has, within the hours.

    Each way takes the shortest path's time and each clock time follows from it; sums by base add up.
    """
    routes, weeks = (list(r.claims.blocks.get(key, ())) for key in ("routes", "circuit_weeks"))
    by_base: dict[str, list[_Visited]] = defaultdict(list)
    for visited in _visited(r).values():
        if visited.service is CIRCUIT:
            by_base[visited.sender].append(visited)
    bases = {base: _Base(r, base, places) for base, places in sorted(by_base.items())}
    order = [(route["base"], route["weekday"], route["team"]) for route in routes]
    ledger.check("routes", order == sorted(set(order)), "routes are not in order, or a team has two on one day")
    strange = sorted({str(base) for base, *_ in order} - set(bases))
    if not ledger.check("routes", not strange, f"routes from {strange}, which visit nobody"):
        return
    for route in routes:
        _check_route(r, bases[route["base"]], route, ledger)
    named = [week["base"] for week in weeks]
    if ledger.check("routes", named == list(bases), f"circuit_weeks are of {named}, teams set out from {list(bases)}"):
        for week in weeks:
            base = week["base"]
            _check_week(r, bases[base], by_base[base], week, [one for one in routes if one["base"] == base], ledger)


def _check_route(r: Recount, base: _Base, route: Mapping[str, Any], ledger: Ledger) -> None:
    rule, name = r.rules.modes.circuit, f"{route['base']}, day {route['weekday']}, team {route['team']}"
    made = r.decisions.sites.get(route["base"])
    ledger.check("routes", type(route["team"]) is int and 1 <= route["team"] <= (made.teams if made else 0),
                 f"{name}: the base has {made.teams if made else 0} teams")
    ledger.check("routes", route["weekday"] in _open_days(rule.days_per_week), f"{name}: no day of rounds")
    stops = [_named(stop) for stop in route["stops"]]
    if not ledger.check("routes", bool(stops) and all(stop in base for stop in stops) and len({*stops}) == len(stops),
                        f"{name}: stops are {stops}, not places of this base, each once"):
        return
    now, driving, at = 600 * rule.day_begins_min, 0, None
    ledger.check("routes", route["leaves"] == _clock(now), f"{name}: leaves at {route['leaves']}, not {_clock(now)}")
    for stop, key in zip(route["stops"], stops, strict=True):
        way, stay = base.drive(at, key), base.visit[key]
        ledger.check("routes", way != NEVER and _same(stop["driving_minutes"], way),
                     f"{name}: {figure(stop['driving_minutes'])} min to {key}, recounted {way / 600:.6f}")
        ledger.check("routes", _same(stop["visiting_minutes"], 600 * stay),
                     f"{name}: {figure(stop['visiting_minutes'])} min at {key}, recounted {stay}")
        told = stop["arrives"], stop["leaves"]
        due = _clock(now + way), _clock(now + way + 600 * stay)
        ledger.check("routes", told == due, f"{name}: at {key} from {told[0]} to {told[1]}, recounted {due}")
        now, driving, at = now + way + 600 * stay, driving + way, key
    back = base.drive(at, None)
    ledger.check("routes", back != NEVER and _same(route["back_minutes"], back),
                 f"{name}: {figure(route['back_minutes'])} min back, recounted {back / 600:.6f}")
    ledger.check("routes", route["returns"] == _clock(now + back),
                 f"{name}: returns at {route['returns']}, recounted {_clock(now + back)}")
    driving, visiting = driving + back, 600 * sum(base.visit[key] for key in stops)
    for key, ds in (("driving_minutes", driving), ("visiting_minutes", visiting), ("minutes", driving + visiting)):
        ledger.check("routes", _same(route[key], ds),
                     f"{name}: {key} is {figure(route[key])}, recounted {ds / 600:.6f}")
    ledger.check("routes", driving + visiting <= _day_ds(r),
                 f"{name}: {(driving + visiting) / 600:.2f} min, a day has {_day_ds(r) / 600:g}")


def _day_ds(r: Recount) -> int:
    rule = r.rules.modes.circuit
    return 600 * min(rule.team_minutes_day, rule.team_minutes_week)


def _check_week(r: Recount, base: _Base, places: Iterable[_Visited], week: Mapping[str, Any],
                routes: list[Mapping[str, Any]], ledger: Ledger) -> None:
    rule, name = r.rules.modes.circuit, week["base"]
    made = r.decisions.sites.get(name)
    teams = made.teams if made else 0
    ledger.check("routes", week["teams"] == teams, f"{name}: teams is {week['teams']}, decided {teams}")
    ledger.check("routes", _same(week["team_minutes_day"], _day_ds(r)),
                 f"{name}: team_minutes_day is {figure(week['team_minutes_day'])}")
    days: dict[Key, list[int]] = defaultdict(list)
    driving = 0
    for route in routes:
        way = [None, *map(_named, route["stops"]), None]
        if any(key is not None and key not in base for key in way):
            return  # said above
        driving += sum(base.drive(a, b) for a, b in pairwise(way))
        for key in way[1:-1]:
            days[key].append(route["weekday"])
    idle = [day for day in _open_days(rule.days_per_week) if sum(one["weekday"] == day for one in routes) < teams]
    left = [_named(place) for place in week["unscheduled"]]
    ledger.check("routes", len(set(left)) == len(left), f"{name}: unscheduled lists a place twice")
    for place in places:
        key = _key(place.site)
        wanted = 0 if key in left else rule.days_per_week
        ledger.check("routes", len(set(days[key])) == len(days[key]) == wanted,
                     f"{key}: routes come on {sorted(days[key])}, {wanted} days a week were due")
        alone = base.alone(key)
        room = len(idle) >= rule.days_per_week and alone != NEVER and alone <= _day_ds(r)
        ledger.check("routes", key not in left or not room,
                     f"{key} is left out although a team of {name} is idle on {idle}")
    ledger.check("routes", all(key in base for key in left), f"{name}: unscheduled {left} are not its places")
    served_ = [key for key in days if key not in left]
    visiting = 600 * sum(base.visit[key] * len(days[key]) for key in served_)
    single = rule.days_per_week * sum(base.drive(None, key) + base.drive(key, None) for key in served_)
    for key, ds in (("driving_minutes", driving), ("visiting_minutes", visiting),
                    ("driving_minutes_out_and_back", single)):
        ledger.check("routes", _same(week[key], ds), f"{name}: {key} is {figure(week[key])}, recounted {ds / 600:.6f}")
    ledger.check("routes", driving + visiting <= 600 * teams * rule.team_minutes_week,
                 f"{name}: {(driving + visiting) / 600:.2f} min a week, {teams} teams have "
                 f"{teams * rule.team_minutes_week}")
