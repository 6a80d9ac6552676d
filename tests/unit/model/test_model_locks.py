"""Locks in the model: conflicts name the host rule and the lock; an override makes the pair; refusals name locks."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from model_counties import hand_county

from facilityplan.errors import Infeasible
from facilityplan.model.sets_locks import ClosureData, LockRow
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.why import refusals

ADJACENT = 1
FREE = {"max_blank": None, "circle_floors": (), "sub_centres": None}


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


def county(*locks, **changes):
    data = hand_county()
    money = dataclasses.replace(data.money, recurrent_limit=None, capital_limit=None)
    doctors = dataclasses.replace(data.doctors, max_hires=6)
    return dataclasses.replace(data, locks=locks, money=money, doctors=doctors, **{**FREE, **changes})


def test_a_refused_merger_that_is_locked_names_the_host_rule_and_the_lock(solver):
    with pytest.raises(Infeasible) as caught:
        solve_data(county(LockRow(0, "merge_into", 2)), solver, time_limit_s=20)
    assert set(caught.value.rules) == {"adjacent", "locks"}
    (fault,) = [f for f in caught.value.faults if f.field == "rules.locks"]
    assert "卫 1 merge_into 卫_1" in fault.remedy.en


def test_an_override_makes_the_pair(solver):
    decisions, _ = solve_data(county(LockRow(0, "merge_into", 2, ADJACENT)), solver, time_limit_s=20)
    assert decisions.sites["卫 1"].merged_into == "卫_1"


def test_a_clinic_locked_closed_that_no_harm_keeps_open_is_a_conflict_of_both(solver):
    data = county(LockRow(2, "close"), LockRow(3, "forbid"), LockRow(4, "forbid"))
    with pytest.raises(Infeasible) as caught:
        solve_data(data, solver, time_limit_s=20)
    assert set(caught.value.rules) == {"locks", "no_harm"}


def test_too_few_closures_allowed_says_how_many_are_needed(solver):
    data = county(closures=ClosureData(0, None))
    money = dataclasses.replace(data.money, recurrent_limit=480_000)
    with pytest.raises(Infeasible) as caught:
        solve_data(dataclasses.replace(data, money=money), solver, time_limit_s=20)
    (fault,) = [f for f in caught.value.faults if f.field == "rules.closures.max_total"]
    assert "at least 1 clinics" in fault.remedy.en


def test_refusals_name_the_lock_and_the_cap(solver):
    kept, _ = solve_data(county(), solver, time_limit_s=20)
    assert not any(d.merged_into for d in kept.sites.values())
    table = refusals(county(LockRow(0, "keep")), kept).set_index(["clinic", "host"])
    assert table.at[("卫 1", "卫-1"), "rule"] == "locks"
    assert table.at[("卫-1", "卫 1"), "rule"] != "locks"
    table = refusals(county(closures=ClosureData(0, None)), kept).set_index(["clinic", "host"])
    assert "closures_total" in set(table["rule"])
