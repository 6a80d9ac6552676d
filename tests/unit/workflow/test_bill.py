"""Bill and staff of a plan: each column adds up to what plan.json says, whatever blocks are on."""

from __future__ import annotations

from pathlib import Path

import pytest

import facilityplan

ROOT = Path(__file__).parents[3]
SCENARIOS = ("stage_funding", "posted_pool", "consortium_staff", "mode_eligible")


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    runs = facilityplan.run(ROOT / "configs" / "rules.yaml", scenarios=SCENARIOS, out=tmp_path_factory.mktemp("bill"))
    return {run.plan.scenario: run.plan for run in runs}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_bill_adds_up_to_what_the_verifier_recounted(plans, scenario):
    plan = plans[scenario]
    bill, metrics = plan.bill, plan.metrics
    assert bill.recurrent.value == metrics["annual_cost_cny"]
    assert bill.recurrent_before.value == metrics["annual_cost_cny_before"]
    assert bill.capital.value == metrics["capital_cost_cny"]
    for recurrent, total in ((True, bill.recurrent), (False, bill.capital)):
        lines = [line for line in bill.lines if line.recurrent is recurrent]
        for end in ("low", "value", "high"):
            assert sum(getattr(line.after, end) for line in lines) == getattr(total, end)
        assert total.low <= total.value <= total.high
        for line in lines:
            assert line.after.low <= line.after.value <= line.after.high
            if line.unit is not None:
                assert line.after.value == line.count_after * line.unit.value
    if "capital_low_cny" in metrics:
        assert (bill.capital.low, bill.capital.high) == (metrics["capital_low_cny"], metrics["capital_high_cny"])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_staff_by_township_balance_and_add_up(plans, scenario):
    staff, metrics = plans[scenario].staff, plans[scenario].metrics
    assert staff["before"].sum() == metrics["clinic_doctors_before"]
    assert staff["after"].sum() == metrics["clinic_doctors_after"]
    assert staff["reserve"].sum() == metrics["doctors_in_reserve"] and staff["hired"].sum() == metrics["hires"]
    assert (staff["before"] - staff["retired"] + staff["hired"] + staff["lent"] == staff["after"]).all()
    assert staff["lent"].sum() == 0 and staff["people"].sum() == pytest.approx(metrics["people"])
    assert staff["posted"].sum() == metrics.get("posted_doctors", 0)


def test_doctors_lent_are_those_that_the_consortia_name(plans):
    plan = plans["consortium_staff"]
    moved = {town: n for one in plan.consortia for town, n in one["doctors_moved"].items()}
    lent = plan.staff.set_index("township")["lent"]
    assert lent[lent != 0].to_dict() == moved


def test_capital_by_year_is_that_of_the_plan(plans):
    check_capital_by_year(plans["stage_funding"])
    assert not plans["posted_pool"].bill.capital_by_year


def test_vehicles_fall_in_the_year_in_which_teams_begin(tmp_path):
    """Circuits in years: the teams' vehicles are paid when the first villages are visited."""
    late = ["rules.stages=[{year: 2025, max_closures: 3}, {year: 2026, max_closures: 3}, {year: 2027}]"]
    config = ROOT / "configs" / "rules.yaml"
    (run,) = facilityplan.run(config, scenarios=["mode_eligible"], overrides=late, out=tmp_path)
    teams = [figures["circuit_teams"] for figures in run.plan.metrics["by_stage"].values()]
    assert teams[0] > 0  # not only in the last year, in which what has no year of its own is paid
    check_capital_by_year(run.plan)


def check_capital_by_year(plan):
    spent = {int(year): figures["capital_cost_cny"] for year, figures in plan.metrics["by_stage"].items()}
    assert {year: amount.value for year, amount in plan.bill.capital_by_year.items()} == spent
    assert sum(spent.values()) > 0
