"""Which days of the week a village is visited on: a suggestion, drawn from the plan alone.

The plan decides who comes and on how many days a week. On which days is a matter of rosters, so nothing is solved here:
each sender's visits are spread so that no day has more of them than it must.
"""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from facilityplan.domain.kinds import ServiceMode

WORKING_DAYS = (1, 2, 3, 4, 5)  # Monday to Friday, ISO
ALL_DAYS = (1, 2, 3, 4, 5, 6, 7)
VISITED = (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR)


def visiting_days(villages: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    """Return the suggested days (1 = Monday … 7 = Sunday) of each visited village, by village id.

    ``villages``: domain.columns.PLAN_VILLAGES. Villages that one facility's staff visit are placed one after another,
    those with most days first, then with most people, then by id: each takes the days that leave the sender's fullest
    day emptiest, then the visits most even, then the days most evenly apart, then the earliest ones. Working days only,
    unless a village is visited on more than five.
    """
    visited = villages[villages["mode"].isin([str(mode) for mode in VISITED]) & (villages["days_per_week"] > 0)]
    order = visited.sort_values(["host", "days_per_week", "people", "id"], ascending=[True, False, False, True])
    taken: dict[str, list[int]] = {}
    days = {}
    for row in order.itertuples(index=False):
        visits = taken.setdefault(row.host, [0] * 8)
        week = WORKING_DAYS if row.days_per_week <= len(WORKING_DAYS) else ALL_DAYS
        chosen = min(combinations(week, min(int(row.days_per_week), len(week))),
                     key=lambda some: (_fullness(visits, some), _unevenness(some), some))
        for day in chosen:
            visits[day] += 1
        days[row.id] = chosen
    return dict(sorted(days.items()))


def _fullness(visits: list[int], some: tuple[int, ...]) -> tuple[int, int]:
    after = [n + (day in some) for day, n in enumerate(visits)]
    return max(after), sum(n * n for n in after)


def _unevenness(some: tuple[int, ...]) -> int:
    """Sum of squares of the gaps between visits, from week to week."""
    gaps = [b - a for a, b in zip(some, (*some[1:], some[0] + len(ALL_DAYS)), strict=True)]
    return sum(gap * gap for gap in gaps)
