"""Planted corruption of the week: routes, their sums by base and the calendar. Each is found, by name."""

from __future__ import annotations

import copy
import dataclasses
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_verify_corruptions import CLOSE, ELSEWHERE, KEEP, changed, rules_failed, small
from test_verify_modes import MODES

from facilityplan.domain.decisions import SiteDecision, Visit
from facilityplan.domain.kinds import ServiceMode
from facilityplan.plan import verify_plan

CIRCUIT, NEIGHBOUR = ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR
ROUNDS = {**MODES["circuit"], "team_minutes_week": 1000, "team_minutes_day": 200, "max_doctor_share": 0.2}


def config(**circuit: Any):
    return small.config(modes={**MODES, "circuit": {**ROUNDS, **circuit}})


def decided(teams: int = 1):
    """T02 visits three clinics in two rounds, T11 the village V12 and one clinic, C07's doctors two more."""
    def by(service: ServiceMode, sender: str) -> SiteDecision:
        return SiteDecision(CLOSE, doctors=0, service=service, served_from=sender)

    base = changed(sites={
        **{i: by(CIRCUIT, "T02") for i in ("C05", "C09", "C10")}, "C04": by(CIRCUIT, "T11"),
        **{i: by(NEIGHBOUR, "C07") for i in ("C03", "C08")}, "K12": None,
        "T02": SiteDecision(KEEP, doctors=13, teams=teams),
        "T11": SiteDecision(KEEP, doctors=25, sub_centre=True, teams=1)})
    return dataclasses.replace(base, visits={"V12": Visit(CIRCUIT, "T11")})


@cache
def honest(day: int = 200):
    given = config(team_minutes_day=day)
    return given, small.make_plan(given, decided=decided())


def failures(plan, given=None):
    verification = verify_plan(given or config(), small.county(), plan)
    return [f for f in verification.failures if f.split(":")[0] in ("routes", "calendar")]


def test_an_honest_week_passes():
    given, plan = honest()
    assert failures(plan, given) == []
    near, far = ("C10",), ("C09", "C05")
    assert [(r["base"], r["weekday"], tuple(s["site"] or s["village"] for s in r["stops"])) for r in plan.routes] == [
        ("T02", 1, near), ("T02", 2, far), ("T02", 4, near), ("T02", 5, far), ("T11", 1, ("C04", "V12")),
        ("T11", 4, ("C04", "V12"))]
    assert [c["weekdays"] for c in plan.calendar if c["service"] == "neighbour"] == [[1, 3, 5]] * 2


def test_what_does_not_fit_into_a_day_is_said_and_believed_only_where_no_team_is_idle():
    given, plan = honest(60)
    left = {p["site"] for week in plan.circuit_weeks for p in week["unscheduled"]}
    assert left >= {"C09"} and failures(plan, given) == []
    assert any("found no room in the days" in note.en for note in plan.notes)
    lazy_given, lazy = honest()
    blocks = {"routes": (), "calendar": tuple({**c, "weekdays": [] if c["service"] == "circuit" else c["weekdays"]}
                                              for c in lazy.calendar)}
    weeks = tuple({**w, "driving_minutes": 0.0, "visiting_minutes": 0.0, "driving_minutes_out_and_back": 0.0,
                   "unscheduled": [{"site": c["site"], "village": c["village"]} for c in lazy.calendar
                                   if c["from"] == w["base"]]} for w in lazy.circuit_weeks)
    found = failures(dataclasses.replace(lazy, circuit_weeks=weeks, **blocks), lazy_given)
    assert found and all("is left out although a team of" in f for f in found)


def block(key: str, edit):
    def tamper(plan):
        rows = copy.deepcopy(list(getattr(plan, key)))
        changed_rows = edit(rows)
        return dataclasses.replace(plan, **{key: tuple(rows if changed_rows is None else changed_rows)})
    return tamper


def put(row: dict[str, Any], key: str, value: Any) -> None:
    assert row[key] != value
    row[key] = value


def longest(routes):
    return max(routes, key=lambda one: (len(one["stops"]), -one["weekday"]))


PLANTED = {
    "a route dropped": (block("routes", lambda rows: rows[1:]), "routes", "days a week were due"),
    "a village visited once more": (block("routes", lambda rows: [rows[0], {**rows[0], "weekday": 3}, *rows[1:]]),
                                    "routes", "not in order"),
    "a third day": (block("routes", lambda rows: sorted([*rows, {**rows[0], "weekday": 3}], key=lambda r: (
        r["base"], r["weekday"], r["team"]))), "routes", "routes come on [1, 3, 4]"),
    "two days run into one": (block("routes", lambda rows: put(rows[0], "team", 2)), "routes", "the base has 1 teams"),
    "a team that the base does not have": (block("routes", lambda rows: put(rows[0], "team", 3)), "routes", "1 teams"),
    "on a Sunday": (block("routes", lambda rows: put(rows[-1], "weekday", 7)), "routes", "no day of rounds"),
    "another base's village": (block("routes", lambda rows: put(
        rows[0]["stops"][0], "site", rows[-1]["stops"][0]["site"] or "C04")), "routes", "not places of this base"),
    "no stop": (block("routes", lambda rows: put(rows[0], "stops", [])), "routes", "stops are []"),
    "starts at another base": (block("routes", lambda rows: put(rows[0], "base", "H06")), "routes", "visit nobody"),
    "too quick a way": (block("routes", lambda rows: put(rows[0]["stops"][0], "driving_minutes", 0.5)), "routes",
                        "0.5 min to"),
    "too short a visit": (block("routes", lambda rows: put(rows[0]["stops"][0], "visiting_minutes", 5.0)), "routes",
                          "5 min at"),
    "too quick a way back": (block("routes", lambda rows: put(rows[0], "back_minutes", 0.5)), "routes", "0.5 min back"),
    "stops the other way round": (block("routes", lambda rows: longest(rows)["stops"].reverse()), "routes",
                                  "recounted"),
    "arrives too early": (block("routes", lambda rows: put(rows[0]["stops"][0], "arrives", "08:31")), "routes",
                          "from 08:31"),
    "leaves too early": (block("routes", lambda rows: put(rows[0]["stops"][0], "leaves", "08:40")), "routes", "08:40"),
    "another start": (block("routes", lambda rows: put(rows[0], "leaves", "09:00")), "routes", "leaves at 09:00"),
    "another return": (block("routes", lambda rows: put(rows[0], "returns", "17:00")), "routes", "returns at 17:00"),
    "less driving": (block("routes", lambda rows: put(rows[0], "driving_minutes", 1.0)), "routes",
                     "driving_minutes is 1"),
    "fewer visiting minutes": (block("routes", lambda rows: put(rows[0], "visiting_minutes", 1.0)), "routes",
                               "visiting_minutes is 1"),
    "a shorter day": (block("routes", lambda rows: put(rows[0], "minutes", 1.0)), "routes", "minutes is 1"),
    "a week's driving": (block("circuit_weeks", lambda rows: put(rows[0], "driving_minutes", 1.0)), "routes",
                         "T02: driving_minutes is 1"),
    "more saved than there was": (block("circuit_weeks", lambda rows: put(
        rows[0], "driving_minutes_out_and_back", 900.0)), "routes", "driving_minutes_out_and_back is 900"),
    "a week's visits": (block("circuit_weeks", lambda rows: put(rows[0], "visiting_minutes", 1.0)), "routes",
                        "T02: visiting_minutes is 1"),
    "teams of a base": (block("circuit_weeks", lambda rows: put(rows[0], "teams", 4)), "routes", "T02: teams is 4"),
    "hours of a day": (block("circuit_weeks", lambda rows: put(rows[0], "team_minutes_day", 480.0)), "routes",
                       "team_minutes_day is 480"),
    "left out and yet visited": (block("circuit_weeks", lambda rows: put(rows[0], "unscheduled", [
        {"site": "C09", "village": "V09"}])), "routes", "0 days a week were due"),
    "left out, of another base": (block("circuit_weeks", lambda rows: put(rows[0], "unscheduled", [
        {"site": None, "village": "V12"}])), "routes", "are not its places"),
    "a base dropped": (block("circuit_weeks", lambda rows: rows[1:]), "routes", "circuit_weeks are of"),
    "nobody's calendar": (block("calendar", lambda rows: rows[1:]), "calendar", "missing"),
    "calendar out of order": (block("calendar", lambda rows: rows[::-1]), "calendar", "in order"),
    "another sender": (block("calendar", lambda rows: put(rows[0], "from", "T99")), "calendar", "T99"),
    "another service": (block("calendar", lambda rows: put(rows[-1], "service", "neighbour")), "calendar", "decided"),
    "another day": (block("calendar", lambda rows: put(
        next(r for r in rows if r["service"] == "circuit"), "weekdays", [2, 3])), "calendar", "weekdays are [2, 3]"),
    "a day that is none": (block("calendar", lambda rows: put(
        next(r for r in rows if r["service"] == "neighbour"), "weekdays", [0, 1, 9])), "calendar", "[0, 1, 9]"),
    "fewer days of a neighbour": (block("calendar", lambda rows: put(
        next(r for r in rows if r["service"] == "neighbour"), "weekdays", [1])), "calendar", "visited on 3 a week"),
    "the whole week left out": (lambda plan: dataclasses.replace(plan, routes=(), circuit_weeks=(), calendar=()),
                                "routes", "circuit_weeks are of []"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_tampered_week_is_refused(planted):
    edit, rule, named = PLANTED[planted]
    given, plan = honest()
    found = failures(edit(plan), given)
    assert any(f.startswith(f"{rule}:") and named in f for f in found), found


def test_longer_days_than_the_config_has_are_refused():
    """The honest week of longer days, held against shorter ones."""
    _, plan = honest()
    found = failures(plan, config(team_minutes_day=100))
    assert any("min, a day has 100" in f for f in found), found
    found = failures(plan, config(team_minutes_week=300))
    assert any("min a week, 1 teams have 300" in f for f in found), found
    found = failures(plan, config(day_begins_min=480))
    assert any("leaves at 08:30, not 08:00" in f for f in found), found


def test_a_neighbour_day_fuller_than_it_must_be_is_refused():
    given = small.config(modes={**MODES, "circuit": ROUNDS, "neighbour": {**MODES["neighbour"], "days_per_week": 2}})
    plan = small.make_plan(given, decided=decided())
    assert failures(plan, given) == []
    rows = copy.deepcopy(list(plan.calendar))
    for row in rows:
        if row["service"] == "neighbour":
            row["weekdays"] = [1, 2]
    found = failures(dataclasses.replace(plan, calendar=tuple(rows)), given)
    assert found == ["calendar: C07: 2 visits on one day, 1 would do"]


def test_this_file_plants_its_checks():
    assert {rule for _, rule, _ in PLANTED.values()} == set(ELSEWHERE["test_verify_routes"])
    assert "routes" not in rules_failed(verify_plan(small.config(), small.county(), small.make_plan()))
