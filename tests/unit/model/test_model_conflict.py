"""No plan: the rules in conflict are named, with what it would take."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from model_counties import county_like, hand_county

from facilityplan.domain.rules import DROPPABLE
from facilityplan.errors import Infeasible, NoUsablePlan
from facilityplan.model import conflict
from facilityplan.model.sets import CircleFloor, ObjectiveStage
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.units import PEOPLE_SCALE


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


def conflict_of(data, solver) -> Infeasible:
    with pytest.raises(Infeasible) as raised:
        solve_data(data, solver, time_limit_s=60)
    return raised.value


def possible(data):
    return dataclasses.replace(data, max_blank=None, circle_floors=(), sub_centres=None,
                               money=dataclasses.replace(data.money, capital_limit=None))  # fmt: skip


def test_the_least_budget_is_named_and_works(solver):
    data = possible(hand_county())
    poor = dataclasses.replace(data, money=dataclasses.replace(data.money, recurrent_limit=400_000))
    error = conflict_of(poor, solver)
    assert "recurrent_budget" in error.rules
    assert error.exit_code == 3
    [fault] = [f for f in error.faults if f.field == "rules.budget"]
    least = int(fault.remedy.en.split("at least ")[1].split(" yuan")[0].replace(",", ""))
    assert fault.remedy.zh != fault.remedy.en
    for limit, works in ((least, True), (least - 1, False)):
        tried = dataclasses.replace(data, money=dataclasses.replace(data.money, recurrent_limit=limit))
        if works:
            solve_data(tried, solver, time_limit_s=30)
        else:
            conflict_of(tried, solver)


def test_the_set_is_minimal(solver):
    data = county_like(5, 40, 1_500, 4, budget=0.80)
    error = conflict_of(data, solver)
    assert set(error.rules) <= DROPPABLE
    assert "recurrent_budget" in error.rules
    search = conflict._Search(data, frozenset({"clinics"}), solver, 1e18)
    others = [r for r in DROPPABLE if r not in error.rules]
    assert search.possible(frozenset(others)) is False  # these rules alone conflict
    for rule in error.rules:
        assert search.possible(frozenset([*others, rule])) is True  # and none of them is idle


def test_sub_centres_required_and_not_eligible(solver):
    data = hand_county()
    block = dataclasses.replace(data.sub_centres, required=np.array([False, True]), forbidden=np.array([False, False]))
    error = conflict_of(dataclasses.replace(data, sub_centres=block), solver)
    assert set(error.rules) == {"sub_centre_eligible", "sub_centre_required"}
    assert all("dropping it alone makes a plan possible" in f.remedy.en for f in error.faults)


def test_hires_needed_are_counted(solver):
    data = possible(hand_county())
    data = dataclasses.replace(data, doctors=dataclasses.replace(data.doctors, pool=np.array([0, 0]), max_hires=0),
                               money=dataclasses.replace(data.money, recurrent_limit=None, doctors_base=0))  # fmt: skip
    error = conflict_of(data, solver)
    [fault] = [f for f in error.faults if f.field == "rules.doctors.max_hires"]
    least = int(fault.remedy.en.split("at least ")[1].split(" ")[0])
    enough = dataclasses.replace(data, doctors=dataclasses.replace(data.doctors, max_hires=least))
    decisions, _ = solve_data(enough, solver, time_limit_s=30)
    assert sum(decisions.hires.values()) == least


def test_what_the_clock_leaves_open_is_said(solver, monkeypatch):
    data = possible(hand_county())
    poor = dataclasses.replace(data, money=dataclasses.replace(data.money, recurrent_limit=400_000))
    monkeypatch.setattr(conflict, "SEARCH_S", -1.0)
    error = conflict_of(poor, solver)
    assert "not decided" in str(error)
    assert "未能判定" in error.in_language("zh")


def test_a_rule_is_called_in_conflict_or_undecided_never_both(solver, monkeypatch):
    answered = conflict._Search.possible
    data = possible(hand_county())
    poor = dataclasses.replace(data, money=dataclasses.replace(data.money, recurrent_limit=400_000))

    def partly(self, without, **more):  # the clock leaves one rule open
        return None if "doctor_capacity" in without else answered(self, without, **more)

    monkeypatch.setattr(conflict._Search, "possible", partly)
    error = conflict_of(poor, solver)
    assert "recurrent_budget" in error.rules
    said = str(error).splitlines()[0].split(". The least")[0]
    for rule in error.rules:
        assert said.count(conflict.RULE_NAMES[rule].en) == 1, rule
    assert {f.code for f in error.faults} >= {"undecided"}


def test_the_best_share_is_named_and_works_though_no_stage_counts_it(solver):
    data = possible(hand_county())
    data = dataclasses.replace(data, money=dataclasses.replace(data.money, recurrent_limit=None),
                               objectives=(ObjectiveStage("cost"),))  # fmt: skip
    total = int(data.ladders[0].weight.sum())

    def asking(allowed):
        return dataclasses.replace(data, circle_floors=(CircleFloor(0, None, allowed, total),))

    error = conflict_of(asking(-1), solver)  # better than everybody inside: never possible
    [fault] = [f for f in error.faults if f.field.startswith("rules.circle_share")]
    people = int(fault.remedy.en.split("(")[1].split(" people outside")[0].replace(",", ""))
    solve_data(asking(people * PEOPLE_SCALE), solver, time_limit_s=60)
    if people:
        conflict_of(asking(people * PEOPLE_SCALE - 1), solver)


def test_a_solver_that_contradicts_itself_is_not_believed(solver):
    with pytest.raises(NoUsablePlan, match="contradicts itself"):
        conflict.infeasible(hand_county(), frozenset({"clinics", "sub_centres"}), solver)


def test_stopped_without_a_plan_is_not_infeasible(solver):
    with pytest.raises(NoUsablePlan) as raised:
        solve_data(hand_county(), solver, time_limit_s=-1.0)
    assert raised.value.exit_code == 4
