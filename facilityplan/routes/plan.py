"""From who is visited by whom to the week: a roster for each base of circuit teams, days for a neighbour's visits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from facilityplan.access.times import travel_times
from facilityplan.access.types import Geography
from facilityplan.config.schema import Config
from facilityplan.config.service_modes import CircuitRules
from facilityplan.domain.kinds import ServiceMode
from facilityplan.inputs.tables import Inputs
from facilityplan.network.types import SnappedPoints
from facilityplan.routes.paths import Ways
from facilityplan.routes.roster import roster
from facilityplan.routes.rounds import Problem
from facilityplan.routes.types import CircuitWeek, Key, Place, Route, Stop, Visits, Week
from facilityplan.routes.week import Days, spread
from facilityplan.units import DECISECONDS_PER_MINUTE, UNREACHABLE_DS


def routes_of(config: Config, inputs: Inputs, geography: Geography, places: Sequence[Place],
              teams: dict[str, int]) -> Week:
    """Return the week of all ``places``. ``teams``: how many each base has (facility id → number).

    Travel is by rules.modes.travel_mode along the roads, from the base to the places, between them and back. A village
    without a clinic is visited at its point, a clinic that closes at the clinic.
    """
    rules, days = config.rules.modes, dict[Key, Days]()
    for sender in sorted({p.sender for p in places if p.service is ServiceMode.NEIGHBOUR}):
        visited = sorted((p for p in places if p.sender == sender and p.service is ServiceMode.NEIGHBOUR),
                         key=lambda p: (-p.people, p.key))
        week = spread(len(visited), rules.neighbour.days_per_week)
        days |= {p.key: on for p, on in zip(visited, week, strict=True)}
    routes: list[Route] = []
    circuits, legs = [], {}
    for base in sorted({p.sender for p in places if p.service is ServiceMode.CIRCUIT}):
        visited = [p for p in places if p.sender == base and p.service is ServiceMode.CIRCUIT]
        made, week, ways = _circuit(rules.circuit, inputs, geography, rules.travel_mode, base, visited,
                                    teams.get(base, 0))
        routes += made
        circuits.append(week)
        legs |= ways
    for route in routes:
        for stop in route.stops:
            days[stop.place.key] = (*days.get(stop.place.key, ()), route.weekday)
    calendar = [Visits(p, tuple(sorted(days.get(p.key, ())))) for p in sorted(places, key=lambda p: p.key)]
    return Week(tuple(routes), tuple(circuits), tuple(calendar), legs)


def _circuit(rule: CircuitRules, inputs: Inputs, geography: Geography, mode: str, base: str, visited: list[Place],
             teams: int) -> tuple[list[Route], CircuitWeek, dict]:
    network = geography.networks[mode]
    points, xy = _points(inputs, geography, mode, base, visited)
    drive = _dense(travel_times(network, points, points, UNREACHABLE_DS), len(points.edge))
    # Names must not matter: visits are put in order by what they are, and by name only where they are alike.
    alike = [(int(drive[0, k]), int(drive[k, 0]), p.visit_ds, *xy[k].tolist(), p.key) for k, p in enumerate(visited, 1)]
    order = sorted(range(len(visited)), key=alike.__getitem__)
    rows = np.array([0, *(k + 1 for k in order)])
    places, drive = [visited[k] for k in order], drive[np.ix_(rows, rows)]
    problem = Problem(drive, np.array([p.visit_ds for p in places], dtype=np.int64),
                      min(rule.team_minutes_day, rule.team_minutes_week) * DECISECONDS_PER_MINUTE)
    week = roster(problem, teams, rule.days_per_week, teams * rule.team_minutes_week * DECISECONDS_PER_MINUTE)
    begin = rule.day_begins_min * DECISECONDS_PER_MINUTE
    routes = [_route(base, day, team, begin, [(k + 1, places[k]) for k in stops], drive)
              for day, rounds in sorted(week.days.items()) for team, stops in rounds]
    out_and_back = drive[0, 1:] + drive[1:, 0]
    served = [k for k in range(len(places)) if k not in week.left_out]
    ways, at = Ways(network, inputs.roads), [("site", base), *(p.key for p in places)]
    ordered = _take(points, rows)
    legs = {(at[a], at[b]): ways.between(ordered, a, b, xy[rows]) for a, b in sorted(_legs(week.days.values()))}
    return routes, CircuitWeek(
        base, teams, problem.day_ds, sum(r.drive_ds for r in routes),
        rule.days_per_week * sum(int(out_and_back[k]) for k in served), sum(r.visit_ds for r in routes),
        tuple(sorted((places[k] for k in week.left_out), key=lambda p: p.key)),
        {places[k].key: problem.duration((k,)) for k in week.left_out}), legs


def _route(base: str, weekday: int, team: int, begin: int, stops: Iterable[tuple[int, Place]], drive: np.ndarray
           ) -> Route:
    at, now, made = 0, begin, []
    for row, place in stops:
        way = int(drive[at, row])
        made.append(Stop(place, way, now + way, now + way + place.visit_ds))
        at, now = row, made[-1].leave_ds
    return Route(base, weekday, team, begin, tuple(made), int(drive[at, 0]))


def _legs(days: Iterable[list[tuple[int, tuple[int, ...]]]]) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for rounds in days:
        for _, stops in rounds:
            way = (0, *(k + 1 for k in stops), 0)
            found.update(pairwise(way))
    return found


def _points(inputs: Inputs, geography: Geography, mode: str, base: str, visited: list[Place]
            ) -> tuple[SnappedPoints, np.ndarray]:
    """Return the base and the places on the roads, and where they are (float64 (n, 2), county CRS)."""
    sites = {i: row for row, i in enumerate(inputs.facilities["id"])}
    villages = {i: row for row, i in enumerate(inputs.villages["id"])}
    parts, xy = [], []
    for site, village in ((base, None), *((p.site, p.village) for p in visited)):
        table, on_road, row = ((inputs.facilities, geography.facilities, sites[site]) if site is not None
                               else (inputs.villages, geography.villages, villages[village]))
        parts.append(_take(on_road[mode], np.array([row])))
        point = table.geometry.iloc[row]
        xy.append((point.x, point.y))
    joined = SnappedPoints(**{name: np.concatenate([getattr(part, name) for part in parts])
                              for name in SnappedPoints.__dataclass_fields__})
    return joined, np.array(xy)


def _dense(times: object, count: int) -> np.ndarray:
    """Return all pairs as a table (int64), UNREACHABLE_DS where there is no way, 0 from a point to itself."""
    table = np.full((count, count), int(UNREACHABLE_DS), dtype=np.int64)
    table[np.repeat(np.arange(count), np.diff(times.indptr)), times.site] = times.ds
    np.fill_diagonal(table, 0)
    return table


def _take(points: SnappedPoints, rows: np.ndarray) -> SnappedPoints:
    return SnappedPoints(**{name: getattr(points, name)[rows] for name in points.__dataclass_fields__})
