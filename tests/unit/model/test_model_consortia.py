"""The block of consortia: its data, who lends doctors, which parts share rows, and conflicts that name its rules."""

from __future__ import annotations

import dataclasses
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from model_counties import hand_county, hand_county_of_consortia
from model_tiny_consortia import tiny_county_of_consortia

from facilityplan.errors import Infeasible
from facilityplan.model.build import split_blocks
from facilityplan.model.consortia import parts_without
from facilityplan.model.gather import planning_data
from facilityplan.model.hosts import RULE_BIT
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.staff_pools import by_pool, pool_names, settle_pools


def changed(**block):
    data = hand_county_of_consortia()
    return dataclasses.replace(data, consortia=dataclasses.replace(data.consortia, **block))


def test_bands_are_rounded_inwards():
    block = dataclasses.replace(hand_county_of_consortia().consortia, people=np.array([1_000, 1_001, 1_000]))
    assert block.band(2) == (1_051, 1_950)  # 0.7 and 1.3 times 1,500.5
    assert dataclasses.replace(block, balance=Fraction(0)).band(2) == (1_501, 1_500)  # nobody can be cut in two


def test_parts_without_a_lead_and_lonely_townships_are_exempt():
    links = ((0, 1), (2, 3))
    assert parts_without(links, 6, np.array([1, 4])).tolist() == [False, False, True, True, True, True]
    assert parts_without((), 2, np.array([0])).tolist() == [True, True]


def test_a_way_round_counts_as_joined():
    """Four townships in a ring, the lead in the first: the second way round is as good as the first."""
    block = dataclasses.replace(
        hand_county_of_consortia().consortia, townships=np.arange(4), links=((0, 1), (1, 2), (2, 3), (0, 3)),
        exempt=np.zeros(4, bool), home=np.array([0, 1], np.int32))
    assert block.cut_off(np.array([0, 1, 0, 0])) == []
    assert block.cut_off(np.array([0, 1, 0, 1])) == [2, 3]


def test_doctors_are_lent_from_where_most_are_and_hired_where_most_lack():
    data = hand_county_of_consortia()
    doctors = dataclasses.replace(data.doctors, pool=np.array([5, 1]))
    data = dataclasses.replace(data, doctors=doctors)
    together, apart = np.array([0, 0]), np.array([0, 1])
    lent = settle_pools(data, together, np.array([2, 3]))
    assert (lent.hires.tolist(), lent.moved.tolist()) == ([0, 0], [-2, 2])
    hired = settle_pools(data, together, np.array([4, 4]))
    assert (hired.hires.tolist(), hired.moved.tolist()) == ([0, 2], [-1, 1])
    alone = settle_pools(data, apart, np.array([2, 3]))
    assert (alone.hires.tolist(), alone.moved.tolist()) == ([0, 2], [0, 0])
    free = settle_pools(dataclasses.replace(data, dropped=frozenset({"consortium_staff"})), apart, np.array([2, 3]))
    assert free.moved.tolist() == [-2, 2]
    assert settle_pools(hand_county(), np.zeros(0), np.array([9, 0])).hires.tolist() == [7, 0]


def test_hires_of_an_earlier_year_are_hires_of_the_pool():
    """What a pool hired for an earlier year fills where most lack first; who is then too many waits there."""
    data = hand_county_of_consortia()
    data = dataclasses.replace(data, doctors=dataclasses.replace(data.doctors, pool=np.array([5, 1])))
    together = np.array([0, 0])
    before = by_pool(data, together, np.array([1, 2]))
    assert before.tolist() == [0, 0, 3, 0]  # the pools: two townships, then the consortium of each lead
    assert pool_names(data, together) == {2: "院1"}
    assert pool_names(dataclasses.replace(data, dropped=frozenset({"consortium_staff"})), together) == {2: "county"}
    settled = settle_pools(data, together, np.array([4, 3]), before)
    assert (settled.hires.tolist(), settled.moved.tolist()) == ([0, 3], [0, 0])
    less = settle_pools(data, together, np.array([4, 3]), by_pool(data, together, np.array([1, 0])))
    assert (less.hires.tolist(), less.moved.tolist()) == ([0, 1], [-1, 1])


@pytest.mark.parametrize(("block", "dropped", "parts"), [
    # pool_staff joins clinics and consortia; sub-centres asked of each join those; capital joins clinics and centres
    ({}, (), [{"clinics", "sub_centres", "consortia"}]),
    ({"pool_staff": False, "merge_inside": False}, ("capital_budget",), [{"consortia", "sub_centres"}, {"clinics"}]),
    ({"pool_staff": False}, ("capital_budget",), [{"clinics", "sub_centres", "consortia"}]),  # mergers across lines
    ({"pool_staff": False, "merge_inside": False, "catchments_inside": False, "min_sub_centres": 0},
     ("capital_budget",), [{"consortia"}, {"sub_centres"}, {"clinics"}]),
    ({"pool_staff": False, "catchments_inside": False, "min_sub_centres": 0}, ("consortium_mergers", "capital_budget"),
     [{"consortia"}, {"sub_centres"}, {"clinics"}]),
    ({"pool_staff": False, "merge_inside": False, "catchments_inside": False, "min_sub_centres": 0}, (),
     [{"consortia"}, {"clinics", "sub_centres"}]),
])
def test_blocks_that_share_rows_are_solved_together(block, dropped, parts):
    data = dataclasses.replace(changed(**block), dropped=frozenset(dropped))
    assert [set(part) for part in split_blocks(data)] == parts


def test_todays_consortia_are_not_asked_where_new_ones_are_formed():
    config, inputs, access = tiny_county_of_consortia(3)
    data = planning_data(config, inputs, access)
    assert not (data.pairs.broken & RULE_BIT["same_consortium"]).any()


def test_conflicts_name_the_rules_on_consortia():
    data = hand_county_of_consortia()
    block = dataclasses.replace(data.consortia, min_count=2, max_count=2, min_townships=2, balance=None,
                                assigned=np.array([-1, -1], np.int32), min_sub_centres=0, pool_staff=False)
    data = dataclasses.replace(data, consortia=block, max_blank=None, circle_floors=(), sub_centres=None,
                               money=dataclasses.replace(data.money, capital_limit=None))
    with Solver(in_process=True) as solver, pytest.raises(Infeasible) as raised:
        solve_data(data, solver, time_limit_s=60)
    assert set(raised.value.rules) == {"consortium_count", "consortium_townships"}
    assert {f.field for f in raised.value.faults} == {"rules.consortia.min_count", "rules.consortia.min_townships"}
