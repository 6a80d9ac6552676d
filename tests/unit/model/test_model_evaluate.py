"""The recount finds each rule broken, one tampered decision at a time."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from model_blocks_centres import centre_county
from model_counties import hand_county

from facilityplan.domain.decisions import SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.model.choice import choice_of, decisions_of
from facilityplan.model.evaluate import evaluate
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


@pytest.fixture(scope="module")
def solved():
    data = hand_county()
    with Solver(in_process=True) as solver:
        decisions, report = solve_data(data, solver, time_limit_s=30)
    return data, decisions, report


def tampered(decisions, sites=(), **other):
    return dataclasses.replace(decisions, sites={**decisions.sites, **dict(sites)}, **other)


def test_the_plan_by_hand(solved):
    """The hand county's plan, reasoned on paper.

    Village 丁 must not stay blank: 新1, the cheaper site, is built. Clinics may not all stay: 80 · 5,000 = 400,000 yuan
    are left for running and hiring when three doctors are paid, and four clinics cost 255,000 and one hire 100,000.
    """
    _, decisions, report = solved
    assert {i: d.action.value for i, d in decisions.sites.items()} == {
        "卫 1": "keep", "卫-1": "keep", "卫_1": "keep", "新1": "build", "院1": "upgrade", "院2": "keep"}  # fmt: skip
    assert decisions.hires == {"东镇": 0, "西镇": 1}
    assert decisions.catchments == {"东镇": "院1", "西镇": "院1"}
    assert report.status == "optimal"
    assert report.stages[3].value == 60_000 + 70_000 + 65_000 + 60_000 + 4 * 100_000
    assert report.slacks["recurrent_budget"] == 700_000 - report.stages[3].value


def test_nothing_is_broken_and_decisions_read_back(solved):
    data, decisions, _ = solved
    recount = evaluate(data, decisions)
    assert recount.feasible
    again = decisions_of(data, choice_of(data, decisions))
    assert again == decisions


def test_each_rule_is_missed_where_it_is_broken(solved):
    data, good, _ = solved
    close = lambda host: SiteDecision(Action.CLOSE, merged_into=host, doctors=0)  # noqa: E731
    money = data.money

    def broken(decisions, data=data):
        return evaluate(data, decisions).broken_rules

    assert "one_mode" in broken(tampered(good, {"卫 1": SiteDecision(Action.CLOSE, doctors=0)}))
    assert "one_mode" in broken(tampered(good, {"院2": SiteDecision(Action.CLOSE)}))
    assert "host_open" in broken(tampered(good, {"卫 1": close("卫-1"), "卫-1": close("卫_1")}))
    assert "host_open" in broken(tampered(good, {"卫 1": close("新1")}))
    assert "host_limit" in broken(tampered(good, {"卫 1": close("院2")})) or "adjacent" in broken(
        tampered(good, {"卫 1": close("院2")}))  # fmt: skip
    assert "no_harm" in broken(tampered(good, {"卫-1": close("卫_1"), "卫 1": close("院1")}))
    without_site = tampered(good)
    del without_site.sites["新1"]
    assert "blank_villages" in broken(without_site)
    assert "circle_share" in broken(good, dataclasses.replace(data, circle_floors=tuple(
        dataclasses.replace(f, allowed_out=-1) for f in data.circle_floors)))  # fmt: skip
    assert "doctor_capacity" in broken(tampered(good, {"卫-1": SiteDecision(Action.KEEP, doctors=0)}))
    assert "doctor_rooms" in broken(tampered(good, {"卫-1": SiteDecision(Action.KEEP, doctors=3)}))
    assert "doctor_balance" in broken(tampered(good, reserve={"东镇": 1, "西镇": 0}))
    assert "hires" in broken(tampered(good, hires={"东镇": 1, "西镇": 1}, reserve={"东镇": 1, "西镇": 0}))
    assert "recurrent_budget" in broken(
        good, dataclasses.replace(data, money=dataclasses.replace(money, recurrent_limit=1))
    )
    assert "capital_budget" in broken(
        good, dataclasses.replace(data, money=dataclasses.replace(money, capital_limit=1))
    )
    both = {
        "院1": SiteDecision(Action.KEEP, doctors=9),
        "院2": SiteDecision(Action.UPGRADE, doctors=12, sub_centre=True),
    }
    assert {"sub_centre_eligible", "sub_centre_required", "sub_centre_forbidden", "sub_centre_catchment"} <= broken(
        tampered(good, both))  # fmt: skip
    assert "sub_centre_count" in broken(tampered(good, {"院1": SiteDecision(Action.KEEP, doctors=9)}))
    assert "sub_centre_catchment" in broken(tampered(good, catchments={"东镇": "院1"}))
    small = dataclasses.replace(data.sub_centres, max_people=10)
    assert "sub_centre_load" in broken(good, dataclasses.replace(data, sub_centres=small))


def test_a_dropped_rule_is_not_looked_at(solved):
    data, good, _ = solved
    poor = dataclasses.replace(data, money=dataclasses.replace(data.money, recurrent_limit=1))
    assert evaluate(poor, good).broken_rules == {"recurrent_budget"}
    assert not evaluate(dataclasses.replace(poor, dropped=frozenset({"recurrent_budget"})), good).breaches


def test_a_cell_with_nothing_in_reach_is_charged_the_horizon(solved):
    data, good, _ = solved
    alone = dataclasses.replace(data.ladders[1], ds=data.ladders[1].ds * 1_000, limit_ds=np.full(5, -1))
    recount = evaluate(dataclasses.replace(data, ladders=(data.ladders[0], alone), circle_floors=()), good)
    assert recount.objectives[1] == 240 * alone.weight.sum()


def test_finer_rules_of_sub_centres_are_recounted_without_works_too():
    """Few people suffice for a catchment until more are asked."""
    data = dataclasses.replace(centre_county(), centres=(), attributes=(), objectives=hand_county().objectives)
    with Solver(in_process=True) as solver:
        decisions, _ = solve_data(data, solver, time_limit_s=30)
    assert data.works is None and any(d.sub_centre for d in decisions.sites.values())
    more = dataclasses.replace(data, sub_centres=dataclasses.replace(data.sub_centres, min_people=10**9))
    assert "sub_centre_min_people" in evaluate(more, decisions).broken_rules
