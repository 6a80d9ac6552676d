"""Every rounding and every reading of the tables that the model rests on."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from tiny_counties import tiny_county

from facilityplan.access.types import NearestTimes, TravelTimes
from facilityplan.model.gather import clinic_load, counted_sites, no_harm_limit, planning_data
from facilityplan.model.gather_rules import exact, whole_yuan
from facilityplan.model.hosts import RULE_BIT, host_pairs
from facilityplan.units import UNREACHABLE_DS


def test_yuan_round_half_up_and_shares_are_read_as_written():
    assert [whole_yuan(x) for x in (0.5, 1.5, 2.5, 40_000.49, 1e7)] == [1, 2, 3, 40_000, 10_000_000]
    assert exact(0.95) * 100 == 95  # the float 0.95 is a little less
    assert exact(0.1) + exact(0.2) == exact(0.3)


def test_no_harm_limits():
    today = np.array([0, 9_000, 9_001, 200_000, UNREACHABLE_DS])
    assert no_harm_limit(today, 15, "inside_stays_inside", 0).tolist() == [9_000, 9_000, 9_001, 200_000, -1]
    assert no_harm_limit(today, 15, "inside_stays_inside", 5).tolist() == [9_000, 9_000, 12_001, 203_000, -1]
    assert no_harm_limit(today, 15, "strict", 10).tolist() == [6_000, 15_000, 15_001, 206_000, -1]


def test_people_of_a_village_are_shared_among_its_clinics_without_rounding():
    decided, candidate = np.array([1, 1, 1, 0, 0], bool), np.array([0, 0, 0, 1, 1], bool)
    load, scale = clinic_load(decided, candidate, np.array([0, 0, 1, 2, 1]), np.array([1_001, 500, 70]))
    assert scale == 20  # tenths, halved
    assert load.tolist() == [1_001, 1_001, 1_000, 140, 0]


def test_counted_sites_end_with_the_first_permanent_one():
    times = TravelTimes("ebike", 144_000, np.arange(2), np.array(["a", "b", "c", "d"], object), np.array([0, 4, 4]),
                        np.array([0, 1, 2, 3], np.int32), np.array([600, 700, 700, 900], np.int32))  # fmt: skip
    site_of = np.array([3, 0, 1, 2])  # where the ids stand among the sites
    counted, permanent = np.array([True, True, True, False]), np.array([True, False, False, False])
    today = NearestTimes(np.array([700, UNREACHABLE_DS]), np.array([1, -1]))
    indptr, site, ds = counted_sites(times, site_of, counted, permanent, today, np.array([9_000, -1]))
    assert indptr.tolist() == [0, 1, 1]
    assert site.tolist() == [0]  # 3 does not count; 0 is permanent and ends the list, though 1 is as near
    assert ds.tolist() == [700]


def test_a_limit_beyond_the_known_times_keeps_todays_site():
    times = TravelTimes("ebike", 144_000, np.arange(1), np.array(["a", "b"], object), np.array([0, 0]),
                        np.zeros(0, np.int32), np.zeros(0, np.int32))  # fmt: skip
    today = NearestTimes(np.array([150_000], np.int32), np.array([1], np.int32))
    _, site, ds = counted_sites(
        times, np.array([0, 1]), np.ones(2, bool), np.zeros(2, bool), today, np.array([150_000])
    )
    assert (site.tolist(), ds.tolist()) == ([1], [150_000])


def pairs(**changes):
    """Clinics 0, 1, 2 in villages 0, 1, 1 and hospital 3 in village 2."""
    base = {
        "decided": np.array([1, 1, 1, 0], bool), "hospital": np.array([0, 0, 0, 1], bool),
        "village": np.array([0, 1, 1, 2]), "township": np.array([0, 0, 0, 1]), "consortium": np.array([0, 0, -1, 1]),
        "village_people": np.array([500, 400, 100]), "rank": np.arange(4),
        "ds": np.full((4, 4), 9_000, np.int32), "limit_min": 15, "adjacent_villages": [(1, 0)],
        "adjacent": True, "same_township": True, "same_consortium": True, "host_at_least_guest": True,
    }  # fmt: skip
    found = host_pairs(**{**base, **changes})
    return {(int(g), int(h)): {r for r, bit in RULE_BIT.items() if b & bit}
            for g, h, b in zip(found.guest, found.host, found.broken, strict=True)}  # fmt: skip


def test_host_rules():
    found = pairs()
    assert (3, 0) not in found  # a hospital is nobody's guest
    assert found[1, 0] == set()
    assert found[0, 1] == {"host_size"}
    assert found[1, 2] == set()  # one village
    assert found[0, 3] == {"adjacent", "same_township", "same_consortium"}  # a hospital need not be large
    assert found[2, 3] == {"adjacent", "same_township"}  # its consortium is not known
    assert pairs(ds=np.full((4, 4), 9_001, np.int32))[1, 0] == {"host_limit"}
    assert pairs(adjacent=False, same_township=False, same_consortium=False, host_at_least_guest=False)[0, 3] == set()


def test_nearest_hosts_only():
    config, inputs, access = tiny_county(3)
    data = planning_data(config, inputs, access)
    for most in (1, 2, 8):
        limited = dataclasses.replace(data, max_hosts=most)
        guests = data.pairs.guest[limited.allowed_pairs()]
        assert np.bincount(guests, minlength=1).max(initial=0) <= most
    everybody = dataclasses.replace(data, max_hosts=1, dropped=data.dropped | {"max_hosts"})
    assert everybody.allowed_pairs().sum() == dataclasses.replace(data, max_hosts=99).allowed_pairs().sum()


@pytest.mark.parametrize("seed", range(3))
def test_figures_add_up(seed):
    config, inputs, access = tiny_county(seed)
    data = planning_data(config, inputs, access)
    assert data.village_people.sum() == np.rint(inputs.cells["people"] * 10).sum()
    decided_villages = {v for v, d in zip(data.site_village, data.decided, strict=True) if d}
    assert data.load[data.decided].sum() * 10 == sum(data.village_people[list(decided_villages)]) * data.load_scale
    if data.doctors is not None:
        assert data.doctors.pool.sum() == data.money.doctors_base
