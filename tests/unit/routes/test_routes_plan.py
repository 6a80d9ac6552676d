"""The week of a small county: names and orders do not matter, clocks add up, ways follow the roads."""

from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pytest
import shapely
import small_county as small

from facilityplan.access import prepare_geography, travel_times
from facilityplan.domain.decisions import SiteDecision, Visit
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.plan.calendar import clock, week_blocks, week_of
from facilityplan.routes import routes_of
from facilityplan.routes.paths import Ways
from facilityplan.units import DECISECONDS_PER_MINUTE

CIRCUIT = {"max_people": 2_000, "max_minutes": 60, "days_per_week": 2, "visit_minutes_fixed": 30,
           "visit_minutes_per_100": 5, "team_minutes_week": 2_000, "max_teams_per_base": 3, "doctors_per_team": 1,
           "max_doctor_share": 0.5}
VISITED = ("C01", "C02", "C05", "C08", "C09", "C10")


def config(**changes):
    return small.config(modes={"circuit": {**CIRCUIT, **changes}})


def decided(teams: int = 2):
    made = {i: SiteDecision(Action.CLOSE, doctors=0, service=ServiceMode.CIRCUIT, served_from="T02") for i in VISITED}
    base = small.decisions(**made, T02=SiteDecision(Action.KEEP, doctors=13, teams=teams), K12=None)
    return dataclasses.replace(base, visits={"V12": Visit(ServiceMode.CIRCUIT, "T02")})


@pytest.fixture(scope="module")
def week():
    return week_of(config(), small.county(), prepare_geography(config(), small.county()), decided())


def test_clocks_follow_from_the_ways_and_the_visits(week):
    assert week.unscheduled == () and len(week.calendar) == 7 and all(len(one.weekdays) == 2 for one in week.calendar)
    for route in week.routes:
        now = route.begin_ds
        for stop in route.stops:
            assert stop.arrive_ds == now + stop.drive_ds and stop.leave_ds == stop.arrive_ds + stop.place.visit_ds
            assert stop.place.visit_ds % DECISECONDS_PER_MINUTE == 0
            now = stop.leave_ds
        assert route.end_ds == now + route.back_ds and route.begin_ds == 510 * DECISECONDS_PER_MINUTE
    only = week.circuits[0]
    assert only.drive_ds == sum(r.drive_ds for r in week.routes) < only.out_and_back_ds
    assert clock(510 * 600) == "08:30" and clock(510 * 600 + 1) == "08:31" and clock(0) == "00:00"


def test_ways_take_the_time_that_they_should(week):
    """The parts of a way, each a share of an edge, take together what the kernel says of its ends."""
    inputs, geography = small.county(), prepare_geography(config(), small.county())
    points, network = geography.facilities["drive"], geography.networks["drive"]
    times = travel_times(network, points, points, 100_000)
    ways = Ways(network, inputs.roads)
    compared = 0
    for a, b in product(range(len(points.edge)), repeat=2):
        pairs = slice(times.indptr[a], times.indptr[a + 1])
        hit = np.flatnonzero(times.site[pairs] == b)
        if a == b or not len(hit):
            continue
        ds, parts = int(times.ds[pairs][hit[0]]), ways._parts(points, a, b)
        driven = sum(abs(end - start) * int((network.edge_forward_ds if end > start else network.edge_backward_ds)[e])
                     for e, start, end in parts if start != end)
        assert driven == pytest.approx(ds - points.walk_ds[a] - points.walk_ds[b], abs=1.01)  # two shares are rounded
        compared += 1
    assert compared > 100
    where = {("site", i): p for i, p in zip(inputs.facilities["id"], inputs.facilities.geometry, strict=True)}
    where |= {("village", i): p for i, p in zip(inputs.villages["id"], inputs.villages.geometry, strict=True)}
    assert len(week.legs) >= 5
    for (a, b), line in week.legs.items():
        ends = shapely.get_coordinates(line)
        assert tuple(ends[0]) == (where[a].x, where[a].y) and tuple(ends[-1]) == (where[b].x, where[b].y)
        assert line.length > where[a].distance(where[b]), "no straight line"


def test_the_order_of_places_does_not_matter(week):
    given, inputs = config(), small.county()
    geography = prepare_geography(given, inputs)
    places = [one.place for one in week.calendar]
    for seed in range(2):
        mixed = [places[k] for k in np.random.default_rng(seed).permutation(len(places))]
        assert week_blocks(routes_of(given, inputs, geography, mixed, {"T02": 2})) == week_blocks(week)


def test_names_do_not_matter(week):
    given, inputs = config(), small.county()
    new = {i: f"Z{99 - k:02d}" for k, i in enumerate(inputs.facilities["id"])}  # the order of ids is turned round
    facilities = inputs.facilities.assign(id=inputs.facilities["id"].map(new))
    renamed = dataclasses.replace(inputs, facilities=facilities)
    places = [dataclasses.replace(p, id=new.get(p.site, p.id), site=new.get(p.site), sender=new[p.sender])
              for p in (one.place for one in week.calendar)]
    found = routes_of(given, renamed, prepare_geography(given, renamed), places, {new["T02"]: 2})
    before = [(r.weekday, r.team, [new.get(s.place.site, s.place.id) for s in r.stops], r.end_ds) for r in week.routes]
    assert [(r.weekday, r.team, [s.place.id for s in r.stops], r.end_ds) for r in found.routes] == before
    assert {(a[1], b[1]) for a, b in found.legs} == {(new.get(a[1], a[1]), new.get(b[1], b[1])) for a, b in week.legs}


def test_a_base_without_teams_visits_nobody():
    given, inputs = config(), small.county()
    found = week_of(given, inputs, prepare_geography(given, inputs), decided(teams=0))
    assert found.routes == () and len(found.unscheduled) == 7
    assert all(one.weekdays == () for one in found.calendar)
