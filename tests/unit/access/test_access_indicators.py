"""Indicators: every one says whom it speaks of."""

import numpy as np
import pytest

from facilityplan.access.indicators import mean_minutes, people_inside, percentile_minutes, share_inside, states
from facilityplan.units import UNREACHABLE_DS

DS = np.array([600, 9000, 9001, 144_000, 144_001, UNREACHABLE_DS], dtype=np.int32)
PEOPLE = np.array([10.0, 20.0, 30.0, 20.0, 15.0, 5.0])


def test_states():
    assert states(DS).tolist() == ["value"] * 4 + ["beyond", "unreachable"]


def test_inside_means_whole_minutes_rounded_up():
    assert people_inside(DS, PEOPLE, 15) == 30  # 9,001 ds is already the sixteenth minute
    assert share_inside(DS, PEOPLE, 15) == pytest.approx(0.30)
    assert share_inside(DS[:0], PEOPLE[:0], 15) is None


def test_the_mean_speaks_of_those_within_the_horizon():
    mean, people = mean_minutes(DS, PEOPLE)
    assert people == 80
    assert mean == pytest.approx((600 * 10 + 9000 * 20 + 9001 * 30 + 144_000 * 20) / 80 / 600)
    assert mean_minutes(DS[4:], PEOPLE[4:]) == (None, 0.0)


@pytest.mark.parametrize(("share", "minutes"), [(0.1, 1), (0.1001, 15), (0.3, 15), (0.6, 9001 / 600), (0.8, 240),
                                                (0.81, None), (1.0, None)])
def test_percentile_is_what_that_share_of_everybody_does_not_exceed(share, minutes):
    shuffled = np.array([3, 0, 5, 1, 4, 2])
    assert percentile_minutes(DS[shuffled], PEOPLE[shuffled], share) == (minutes if minutes is None
                                                                         else pytest.approx(minutes))


def test_percentile_of_nobody():
    assert percentile_minutes(DS[:0], PEOPLE[:0], 0.9) is None
