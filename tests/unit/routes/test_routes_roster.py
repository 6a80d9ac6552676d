"""A base's week: every visit on its days, inside the hours and with the teams that there are."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_routes_rounds import problem

from facilityplan.routes.roster import roster
from facilityplan.routes.rounds import Problem, shortest_rounds

PLENTY = 10**9


def check(week, base: Problem, teams: int, per_week: int, week_ds: int = PLENTY) -> None:
    visits: dict[int, list[int]] = {}
    total = 0
    for day, rounds in week.days.items():
        assert 1 <= day <= (5 if per_week < 6 else 6)
        assert [team for team, _ in rounds] == sorted({team for team, _ in rounds})
        assert all(1 <= team <= teams and stops and base.duration(stops) <= base.day_ds for team, stops in rounds)
        total += sum(base.duration(stops) for _, stops in rounds)
        for k, n in Counter(k for _, stops in rounds for k in stops).items():
            assert n == 1
            visits.setdefault(k, []).append(day)
    assert total <= week_ds
    assert sorted([*visits, *week.left_out]) == list(range(len(base.visit)))
    assert all(len(days) == per_week for days in visits.values())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), visits=st.integers(0, 7), teams=st.integers(0, 3), per_week=st.integers(1, 6),
       day=st.sampled_from([100, 250, 420]))
def test_every_week_keeps_hours_teams_and_days(seed, visits, teams, per_week, day):
    base = problem(seed, visits, day)
    week = roster(base, teams, per_week, PLENTY)
    check(week, base, teams, per_week)
    alone = [k for k in range(visits) if base.duration((k,)) <= base.day_ds]
    if teams and len(alone) <= teams * (5 if per_week < 6 else 6) // per_week:
        assert week.left_out == tuple(k for k in range(visits) if k not in alone), "a round each would do"


def test_a_round_keeps_its_team_and_its_days():
    base = problem(4, 6)
    week = roster(base, 2, 2, PLENTY)
    drivers: dict[tuple[int, ...], set[int]] = {}
    for rounds in week.days.values():
        for team, stops in rounds:
            drivers.setdefault(stops, set()).add(team)
    assert week.left_out == () and all(len(teams) == 1 for teams in drivers.values())


def test_the_day_that_rounds_leave_over_is_used():
    """One team, two visits a week: two rounds fill four days; the fifth goes onto Wednesday, one moves."""
    drive = np.full((6, 6), 600 * 10)
    np.fill_diagonal(drive, 0)
    base = Problem(drive, 600 * np.array([100, 100, 100, 60, 150]), 600 * 245)
    week = roster(base, 1, 2, PLENTY)
    check(week, base, 1, 2)
    assert week.left_out == () and len(week.days[3]) == 1


def test_no_rounds_undercut_the_least_drive():
    for seed in range(10):
        base = problem(seed, 5, 1_000)
        rounds = shortest_rounds(base, 5)
        assert 0 < base.least_drive() <= sum(map(base.length, rounds))


def test_the_hours_of_a_week_are_kept_by_leaving_out_the_longest():
    base = problem(9, 4, 420)
    whole = roster(base, 2, 2, PLENTY)
    need = sum(base.duration(stops) for rounds in whole.days.values() for _, stops in rounds)
    less = roster(base, 2, 2, need - 600)
    check(less, base, 2, 2, need - 600)
    assert whole.left_out == () and len(less.left_out) == 1
    assert max(range(4), key=lambda k: base.duration((k,))) in less.left_out
