"""What the plan says follows from the decisions: modes, hosts, states, denominators, money."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import small_county as small

from facilityplan.domain.columns import PLAN_CELLS, PLAN_FACILITIES, PLAN_VILLAGES, REFUSALS, names
from facilityplan.domain.decisions import SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.plan import verify_plan
from facilityplan.plan.counts import yuan
from facilityplan.plan.metrics import metric_key, weighted_mean, weighted_p90


@pytest.fixture(scope="module")
def plan():
    return small.make_plan()


def by_id(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("id")


def test_tables_are_as_declared(plan):
    for table, columns in ((plan.villages, PLAN_VILLAGES), (plan.facilities, PLAN_FACILITIES),
                           (plan.cells, PLAN_CELLS), (plan.refusals, REFUSALS)):
        assert list(table.columns) == names(columns)
        for column in columns:
            if not column.nullable:
                assert not table[column.name].isna().any(), column.name
            if column.choices:
                assert set(table[column.name].dropna()) <= {str(c) for c in column.choices}


def test_modes_and_hosts(plan):
    villages = by_id(plan.villages)
    assert villages["mode"].to_dict() == {
        "V01": "merge", "V02": "keep", "V03": "keep", "V04": "keep", "V05": "merge", "V06": "keep", "V07": "keep",
        "V08": "merge", "V09": "keep", "V10": "keep", "V11": "none", "V12": "keep", "V13": "none"}
    assert villages.loc[["V01", "V05", "V08"], "host"].tolist() == ["T02", "S06", "C07"]
    assert villages.loc["V03", "host"] is None  # C03b merges, but C03 of the same village stays
    assert villages.loc["V08", "minutes_to_host"] == pytest.approx(5.89)
    assert not villages["host_new_site"].any()
    assert villages.loc["V08", "days_per_week"] == 0
    assert set(villages["catchment_of"]) == {"T11"}


def test_a_village_whose_clinics_all_merge_goes_with_the_larger_one():
    decided = small.decisions(C03=SiteDecision(Action.CLOSE, "C07", 0), C03b=SiteDecision(Action.CLOSE, "C04", 0))
    villages = by_id(small.make_plan(small.config(), decided=decided).villages)
    assert (villages.loc["V03", "mode"], villages.loc["V03", "host"]) == ("merge", "C07")


def test_a_private_clinic_keeps_its_village():
    decided = small.decisions(C07=SiteDecision(Action.CLOSE, "C03", 0), C08=SiteDecision(Action.KEEP, doctors=1))
    villages = by_id(small.make_plan(small.config(), decided=decided).villages)
    assert (villages.loc["V07", "mode"], villages.loc["V07", "host"]) == ("keep", None)


def test_blank_villages_have_neither_site_nor_host(plan):
    assert plan.metrics["blank_villages"] == 1  # V13; V11 has a hospital
    without = small.make_plan(small.config(), decided=small.decisions(K12=None))
    assert without.metrics["blank_villages"] == 2
    assert "K12" not in set(without.facilities["id"])
    assert by_id(without.villages).loc["V12", "mode"] == "none"


def test_a_village_without_a_clinic_says_why_and_who_serves_it(plan):
    villages = by_id(plan.villages)
    assert villages["no_clinic_because"].dropna().to_dict() == {"V11": "hospital_here", "V13": "no_candidate_site"}
    assert villages.loc["V11", "served_by"] == "T11"
    assert villages.loc["V13", "served_by"] is None, "nobody there reaches any site"
    users = plan.cells.dropna(subset=["site_after"]).groupby(["village", "site_after"])["people"].sum()
    most = users.unstack(0).idxmax()
    assert villages["served_by"].dropna().to_dict() == most.to_dict()
    without = small.make_plan(small.config(), decided=small.decisions(K12=None))
    assert by_id(without.villages).loc["V12", "no_clinic_because"] == "candidate_not_built"
    assert by_id(without.villages).loc["V12", "served_by"] != "K12"


def test_denominators_add_up(plan):
    for block in (plan.metrics, plan.metrics["elderly"]):
        assert sum(block["added_minutes"].values()) == pytest.approx(block["group_people"])
        for key in ("people", "group_people", "people_within_circle_before", "people_within_circle_after",
                    "people_with_minutes_before", "people_with_minutes_after"):
            assert block["urban"][key] + block["rural"][key] == pytest.approx(block[key])
        assert block["people_with_minutes_after"] <= block["group_people"]
        assert (block["people_within_circle_before"] - block["people_leaving_circle"] + block["people_entering_circle"]
                == pytest.approx(block["people_within_circle_after"]))
    assert plan.metrics["elderly"]["group_people"] == pytest.approx(plan.cells["people_65"].sum())
    assert plan.metrics["people"] == pytest.approx(plan.cells["people"].sum()) == plan.villages["people"].sum()
    assert plan.villages["people_out_after"].sum() == pytest.approx(
        plan.metrics["group_people"] - plan.metrics["people_within_circle_after"])
    assert plan.facilities["people_nearest"].sum() + plan.metrics["people_unreachable"] == pytest.approx(
        plan.metrics["people"])


def test_states_tell_far_from_unreachable(plan):
    states = plan.cells.groupby("state_after")["people"].sum()
    assert states["unreachable"] == plan.metrics["people_unreachable"] == pytest.approx(36.06)
    assert states["beyond"] == plan.metrics["people_beyond_horizon"] == pytest.approx(8.03)
    beyond = plan.cells[plan.cells["state_after"] == "beyond"].iloc[0]
    assert beyond["site_after"] == "K12"
    assert np.isnan(beyond["minutes_after"])


def test_the_second_standard_counts_its_own_group_and_mode(plan):
    assert plan.metrics["elderly"]["people_leaving_circle"] > 0
    assert plan.metrics["people_leaving_circle"] == 0
    assert plan.metrics["circle_met"] == "demo_met"
    assert "circle_met" not in plan.metrics["elderly"]  # no target, no verdict


@pytest.mark.parametrize(("basis", "met", "not_met"), [
    ("real", ("met", "达标", "Met"), ("not_met", "未达标", "Not met")),
    ("synthetic", ("demo_met", "演示达标", "Demo met"), ("demo_not_met", "演示未达标", "Demo not met")),
    ("assumed", ("met_on_assumed_data", "按假定数据达标", "Met on assumed data"),
     ("not_met_on_assumed_data", "按假定数据未达标", "Not met on assumed data"))])
def test_a_verdict_says_what_the_data_rest_on_and_the_verifier_agrees(basis, met, not_met):
    for target, said in ((0.5, met), (1.0, not_met)):
        config = small.config()
        first = config.standards[0].model_copy(update={"target_share": target})
        county = config.county.model_copy(update={"data_basis": basis})
        config = config.model_copy(update={"county": county, "standards": (first, *config.standards[1:])})
        made = small.make_plan(config)
        assert tuple(made.metrics[key] for key in ("circle_met", "circle_met_zh", "circle_met_en")) == said
        assert verify_plan(config, small.county(), made).failures == ()
        plainly = dataclasses.replace(made, metrics={**made.metrics, "circle_met": "met"})
        assert verify_plan(config, small.county(), plainly).ok is (said[0] == "met")


def test_when_the_first_standard_is_of_the_elderly_its_weight_rules():
    config = small.config()
    turned = config.model_copy(update={"standards": config.standards[::-1], "objectives": config.objectives[2:]})
    config = turned.model_copy(update={"rules": turned.rules.model_copy(update={"no_harm": small.config(
        no_harm={"form": "off"}).rules.no_harm, "hosts": small.config(hosts={"limit_min": 60}).rules.hosts})})
    plan = small.make_plan(config, small.county())
    cells = plan.cells
    assert plan.metrics["people"] == pytest.approx(cells["people"].sum())
    assert plan.metrics["people_within_circle_after"] == pytest.approx(
        cells["people_65"][cells["minutes_after"] <= 15].sum())
    assert verify_plan(config, small.county(), plan).failures == ()


def test_money(plan):
    sites = by_id(plan.facilities)
    assert sites.loc["C03", "annual_cost_cny"] == 40_000 + 22_625 + 2 * 100_000
    assert sites.loc["T02", "annual_cost_cny"] == 100_000  # the clinic doctor that it hosts, none of its own
    assert sites.loc["P07", "annual_cost_cny"] == sites.loc["H06", "annual_cost_cny"] == 0
    assert sites.loc["C08", "capital_cost_cny"] == 20_001
    assert plan.metrics["capital_cost_cny"] == 300_000 + 900_000 + 4 * 20_001
    assert plan.metrics["annual_cost_cny"] == sites["annual_cost_cny"].sum() + 100_000  # one doctor in reserve
    assert plan.metrics["annual_cost_cny_before"] == pytest.approx(
        sum(40_000 + 250 * a for a in (80, 120, 90.5, 60, 60, 60, 100, 70, 66, 90, 150)) + 18 * 100_000)


def test_yuan_round_half_up_as_written():
    assert [yuan(v) for v in (0.5, 1.5, 2.5, 20_000.5, 1.005e2, 0.49)] == [1, 2, 3, 20_001, 101, 0]


def test_without_doctor_rules_doctors_follow_their_clinic():
    config = small.config(doctors=None)
    assert config.rules.doctors is None
    decided = small.decisions()
    sites = {i: dataclasses.replace(d, doctors=0 if d.action is Action.CLOSE else None)
             for i, d in decided.sites.items()}
    decided = dataclasses.replace(decided, sites=sites, hires={}, reserve={})
    plan = small.make_plan(config, decided=decided)
    doctors = by_id(plan.facilities)["doctors"]
    assert doctors[["C03", "C07", "T02", "S06"]].tolist() == [3, 3, 14, 3]
    assert plan.metrics["clinic_doctors_after"] == plan.metrics["clinic_doctors_before"] == 18
    assert verify_plan(config, small.county(), plan).failures == ()


def test_binding_and_notes(plan):
    assert plan.binding == {"circle": False, "elderly": True}
    assert any("hardly binds" in note.en and "约束" in note.zh for note in plan.notes)
    assert any("no doctor in post" in note.en for note in plan.notes)
    assert plan.notes[0].en == "made by hand"


def test_worst_villages_are_the_worst_first(plan):
    worst = plan.metrics["worst_villages"]
    assert [w["village"] for w in worst] == ["V01", "V08"]
    assert worst[0]["added_minutes"] == pytest.approx(worst[0]["minutes_after"] - worst[0]["minutes_before"])


def test_weighted_figures():
    nan = float("nan")
    values, weights = np.array([1.0, 2.0, nan, 9.0]), np.array([5.0, 4.0, 0.0, 1.0])
    assert weighted_mean(values, weights) == pytest.approx(2.2)
    assert weighted_p90(values, weights) == 2.0
    assert weighted_p90(np.array([1.0, nan]), np.array([8.0, 2.0])) is None
    assert weighted_p90(np.array([]), np.array([])) is None
    assert weighted_mean(np.array([nan]), np.array([1.0])) is None
    assert weighted_p90(np.array([3.0]), np.array([0.1])) == 3.0


def test_a_standard_named_like_a_figure_does_not_overwrite_it():
    standard = small.config().standards[1].model_copy(update={"id": "people"})
    assert metric_key(standard, {"people": 1.0}) == "standard:people"


def test_a_village_without_cells_has_people_zero_and_no_minutes():
    inputs = small.county()
    inputs = dataclasses.replace(inputs, cells=inputs.cells[inputs.cells["village"] != "V13"].reset_index(drop=True))
    plan = small.make_plan(small.config(), inputs)
    row = by_id(plan.villages).loc["V13"]
    assert row["people"] == 0
    assert np.isnan(row["minutes_after"])
    assert verify_plan(small.config(), inputs, plan).failures == ()
