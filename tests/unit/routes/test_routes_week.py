"""Days of the week: as even as they can be, far apart, never more than there are teams."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from facilityplan.routes.week import days_open, patterns, spread, unevenness


def load(chosen) -> Counter[int]:
    return Counter(day for days in chosen for day in days)


def test_days_are_far_apart():
    assert spread(1, 1) == [(1,)] and spread(1, 2) == [(1, 4)] and spread(1, 3) == [(1, 3, 5)]
    assert spread(2, 2, 1) == [(1, 4), (2, 5)]
    assert spread(1, 5) == [(1, 2, 3, 4, 5)] and spread(1, 6) == [(1, 2, 3, 4, 5, 6)] and spread(0, 2) == []
    assert patterns(2)[0] == (1, 4) and unevenness((1, 4)) == 9 + 16 and unevenness((3,)) == 49


@pytest.mark.parametrize(("per_week", "teams"), [*product(range(1, 7), (1, 2, 3))])
def test_as_many_rounds_as_there_are_team_days_always_find_days(per_week, teams):
    most = teams * len(days_open(per_week)) // per_week
    for count in range(most + 1):
        chosen = spread(count, per_week, teams)
        assert len(chosen) == count and all(days in patterns(per_week) for days in chosen)
        assert max(load(chosen).values(), default=0) <= teams


def test_two_teams_and_five_rounds_on_two_days_are_never_on_consecutive_days():
    chosen = spread(5, 2, 2)
    assert all(b - a > 1 for a, b in chosen) and set(load(chosen).values()) == {2}


@pytest.mark.parametrize(("count", "per_week"), [*product((3, 7, 17), (1, 2, 3, 4))])
def test_no_day_is_fuller_than_it_must_be(count, per_week):
    assert max(load(spread(count, per_week)).values()) == -(-count * per_week // 5)
