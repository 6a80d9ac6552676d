"""Which days of the week somebody comes: days far apart, and no day fuller than it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import combinations

WORKING_DAYS = (1, 2, 3, 4, 5)  # Monday to Friday, ISO
LONG_WEEK = (*WORKING_DAYS, 6)  # where visits are on six days
WEEK = 7

Days = tuple[int, ...]


def days_open(per_week: int) -> Days:
    """Return the days on which visits may be: working days, and Saturday only where they are not enough."""
    return WORKING_DAYS if per_week <= len(WORKING_DAYS) else LONG_WEEK


@cache
def patterns(per_week: int) -> tuple[Days, ...]:
    """Return every choice of ``per_week`` days, those most evenly apart first, then the earliest."""
    return tuple(sorted(combinations(days_open(per_week), per_week), key=lambda days: (unevenness(days), days)))


def unevenness(days: Days) -> int:
    """Return the sum of squares of the gaps between visits, from week to week."""
    return sum((b - a) ** 2 for a, b in zip(days, (*days[1:], days[0] + WEEK), strict=True))


def spread(count: int, per_week: int, most: int | None = None) -> list[Days]:
    """Return the days of ``count`` visitors' rounds, each ``per_week`` days, at most ``most`` on a day.

    First so that the days stay as even as they can (their counts differ by one at most), which always keeps ``most``
    where count · per_week ≤ most · days; then pairs of rounds exchange their days as long as that puts the days of a
    round more evenly apart. None for ``most``: as few on the fullest day as there can be.
    """
    open_days = days_open(per_week)
    if most is None:
        most = -(-count * per_week // len(open_days))
    load: Counter[int] = Counter()
    chosen: list[Days] = []
    for _ in range(count):
        best = min(patterns(per_week), key=lambda days: (*_fullness(load, days), unevenness(days), days))
        load.update(best)
        chosen.append(best)
    while _exchange(chosen, load, per_week, most):
        pass
    return sorted(chosen)


def _fullness(load: Counter[int], days: Days) -> tuple[int, int]:
    after = load + Counter(days)
    return max(after.values()), sum(n * n for n in after.values())


def _exchange(chosen: list[Days], load: Counter[int], per_week: int, most: int) -> bool:
    """Give two rounds other days that are more evenly apart together; return whether there were any."""
    for i, j in combinations(range(len(chosen)), 2):
        now = unevenness(chosen[i]) + unevenness(chosen[j])
        rest = load - Counter(chosen[i]) - Counter(chosen[j])
        for a in patterns(per_week):
            if 2 * unevenness(a) >= now:  # the second is no more even than the first
                break
            b = next((b for b in _from(a, per_week) if _fits(rest, a, b, most)), None)
            if b is not None and unevenness(a) + unevenness(b) < now:
                chosen[i], chosen[j] = a, b
                load.clear()
                load.update(rest + Counter(a) + Counter(b))
                return True
    return False


def _from(days: Days, per_week: int) -> Sequence[Days]:
    every = patterns(per_week)
    return every[every.index(days):]


def _fits(rest: Counter[int], a: Days, b: Days, most: int) -> bool:
    return all(n <= most for n in (rest + Counter(a) + Counter(b)).values())
