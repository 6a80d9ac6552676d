from __future__ import annotations

from collections import Counter

import pandas as pd

from facilityplan.plan.week import visiting_days


def villages(*rows):
    return pd.DataFrame(rows, columns=["id", "mode", "host", "days_per_week", "people"])


def test_days_are_as_many_as_the_plan_says_and_spread_over_the_working_week():
    table = villages(("a", "circuit", "h", 2, 100.0), ("b", "circuit", "h", 3, 50.0), ("c", "keep", None, 7, 900.0),
                     ("d", "neighbour", "k", 1, 30.0), ("e", "posted", "h", 7, 30.0), ("f", "circuit", "h", 5, 10.0))
    days = visiting_days(table)
    assert {key: len(some) for key, some in days.items()} == {"a": 2, "b": 3, "d": 1, "f": 5}
    assert days["b"] == (1, 3, 5) and days["a"] == (2, 4) and days["f"] == (1, 2, 3, 4, 5) and days["d"] == (1,)


def test_no_day_of_a_sender_is_fuller_than_it_must_be():
    table = villages(*((f"v{i:02d}", "circuit", "h", 1 + i % 3, 400.0 - i) for i in range(17)))
    visits = Counter(day for some in visiting_days(table).values() for day in some)
    total = int(table["days_per_week"].sum())
    assert sum(visits.values()) == total and max(visits.values()) == -(-total // 5)


def test_more_than_five_days_take_the_weekend_and_the_order_of_rows_does_not_matter():
    table = villages(("a", "neighbour", "h", 6, 10.0), ("b", "neighbour", "h", 7, 9.0), ("c", "circuit", "x", 2, 1.0))
    days = visiting_days(table)
    assert days["b"] == (1, 2, 3, 4, 5, 6, 7) and len(days["a"]) == 6
    assert visiting_days(table.iloc[::-1]) == days
    assert visiting_days(table.iloc[:0]) == {}
