"""PyVRP's rounds against brute force on small bases, the same every time."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from facilityplan.routes.rounds import Problem, shortest_rounds


def problem(seed: int, visits: int, day: int = 420) -> Problem:
    """Visits on a plane, ways there longer than ways back, and no triangle inequality to lean on."""
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 30_000, (visits + 1, 2))
    drive = np.abs(xy[:, None] - xy[None]).sum(axis=2) + rng.integers(0, 3_000, (visits + 1, visits + 1))
    np.fill_diagonal(drive, 0)
    return Problem(drive.astype(np.int64), 600 * rng.integers(60, 190, visits), 600 * day)


def best(given: Problem, vehicles: int) -> int | None:
    """Least driving over every way of parting the visits into at most so many rounds; None where none fits."""
    count = len(given.visit)
    shortest: dict[int, int] = {}
    for size in range(1, count + 1):
        for stops in permutations(range(count), size):
            if given.duration(stops) <= given.day_ds:
                key = sum(1 << k for k in stops)
                shortest[key] = min(shortest.get(key, 1 << 60), given.length(stops))
    found: dict[tuple[int, int], int | None] = {}

    def least(left: int, rounds: int) -> int | None:
        if not left:
            return 0
        if not rounds:
            return None
        if (left, rounds) not in found:
            lowest = left & -left
            ways = [length + rest for stops, length in shortest.items() if stops & lowest and stops & left == stops
                    and (rest := least(left ^ stops, rounds - 1)) is not None]
            found[left, rounds] = min(ways, default=None)
        return found[left, rounds]

    return least((1 << count) - 1, vehicles)


@pytest.mark.parametrize("visits", [1, 2, 4, 6])
@pytest.mark.parametrize("vehicles", [2, 3])
def test_rounds_are_the_shortest_on_small_bases(visits, vehicles):
    compared = 0
    for seed in range(6):
        given = problem(100 * visits + seed, visits)
        rounds, least = shortest_rounds(given, vehicles), best(given, vehicles)
        assert (rounds is None) == (least is None)
        if rounds is not None:
            assert sum(map(given.length, rounds)) == least and len(rounds) <= vehicles and given.fits(rounds)
            assert sorted(k for stops in rounds for k in stops) == list(range(visits))
            compared += 1
    assert compared >= (2 if visits == 6 and vehicles == 2 else 4) or visits == 6


@pytest.mark.campaign
def test_rounds_are_the_shortest_on_many_small_bases():
    for seed in range(150):
        given = problem(7_000 + seed, 3 + seed % 5)
        rounds, least = shortest_rounds(given, 1 + seed % 4), best(given, 1 + seed % 4)
        assert (rounds is None) == (least is None), seed
        assert rounds is None or sum(map(given.length, rounds)) == least, seed


def test_the_same_problem_gives_the_same_rounds():
    given = problem(5, 18)
    first = shortest_rounds(given, 9)
    assert first is not None and all(shortest_rounds(given, 9) == first for _ in range(2))


def test_as_many_as_fit_where_not_all_do():
    given = problem(3, 6)
    given = Problem(given.drive, np.full(6, 600 * 150), 600 * 420)
    assert shortest_rounds(given, 2) is None and best(given, 2) is None
    some = shortest_rounds(given, 2, leave_out=True)
    assert len({k for stops in some for k in stops}) == sum(map(len, some)) == 4 and given.fits(some)


def test_no_visits_and_no_way():
    nobody = Problem(np.zeros((1, 1), dtype=np.int64), np.zeros(0, dtype=np.int64), 600)
    assert shortest_rounds(nobody, 2) == ()
    cut_off = problem(1, 2)
    drive = cut_off.drive.copy()
    drive[2, :2] = 2**31 - 1  # no way back from the second place, not even by way of the first
    assert shortest_rounds(Problem(drive, cut_off.visit, cut_off.day_ds), 2) is None
    left = shortest_rounds(Problem(drive, cut_off.visit, cut_off.day_ds), 2, leave_out=True)
    assert left == ((0,),)
