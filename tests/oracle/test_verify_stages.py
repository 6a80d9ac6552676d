"""Planted corruption of stages: what stands, works and costs at the end of each year is counted again."""

from __future__ import annotations

import dataclasses

import pytest
import test_verify_consortia as consortia
from test_verify_corruptions import rules_failed, small

from facilityplan.domain.decisions import Decisions
from facilityplan.plan import verify_plan

YEARS = {"C01": 2026, "C03b": 2025, "C05": 2025, "C08": 2027, "K12": 2026, "T11": 2027}
STAGES = [
    {"year": 2025, "capital_cny": 50_000, "max_closures": 2, "max_closures_per_township": 1},
    {"year": 2026, "capital_cny": 400_000, "recurrent_share_of_today": 1.2},
    {"year": 2027, "capital_cny": 900_000, "carry_over": True},
]


def config(**changes):
    """The small county in three years; ``changes`` of single stages by their number."""
    stages = [{**stage, **changes.pop(f"stage{k}", {})} for k, stage in enumerate(STAGES)]
    cfg = small.config(stages=stages, **changes)
    raw = cfg.model_dump(mode="json")
    return type(cfg).model_validate({**raw, "objectives": [*raw["objectives"], {"minimise": "delay"}]})


def decided(**years) -> Decisions:
    """The valid plan's decisions with a year for each change."""
    base, when = small.decisions(), {**YEARS, **years}
    return Decisions({i: dataclasses.replace(d, stage=when.get(i)) for i, d in base.sites.items()}, base.catchments,
                     base.hires, base.reserve)


def test_a_valid_plan_in_years_passes():
    plan = small.make_plan(config(), decided=decided())
    verification = verify_plan(config(), small.county(), plan)
    assert verification.failures == ()
    by_stage = plan.metrics["by_stage"]
    assert list(by_stage) == ["2025", "2026", "2027"]
    assert [by_stage[y]["clinics_open"] for y in by_stage] == [9, 9, 8]
    assert [by_stage[y]["capital_cost_cny"] for y in by_stage] == [40_002, 320_001, 920_001]
    assert by_stage["2027"]["annual_cost_cny"] == plan.metrics["annual_cost_cny"]
    assert by_stage["2027"]["clinic_doctors"] == plan.metrics["clinic_doctors_after"]
    assert by_stage["2027"]["people_within_circle"] == plan.metrics["people_within_circle_after"]
    villages = plan.villages.set_index("id")["stage"]
    assert (villages["V01"], villages["V08"], villages["V12"]) == (2026, 2027, 2026)
    assert villages.isna()["V03"], "C03 stays when C03b closes"
    assert villages.isna()["V11"]


PLANTED = [
    # what is planted, the rule that must fail, config, years, what the failure must name
    ("change without a year", "stage_once", {}, {"C05": None}, "C05 is close in year nothing"),
    ("change in a year that is none", "stage_once", {}, {"C05": 2031}, "C05 is close in year 2031"),
    ("year for a clinic that stays", "stage_once", {}, {"C02": 2026}, "C02 is keep in year 2026"),
    ("too many closures in a year", "stage_closures", {"stage0": {"max_closures": 1}}, {}, "2 clinics close in 2025"),
    ("too many closures of a township in a year", "stage_closures", {}, {"C05": 2026, "C08": 2025},
     "东乡 close in 2025"),
    ("works before the money is there", "stage_capital", {}, {"K12": 2025}, "works of 2025 cost 340002"),
    ("carried over, but too little", "stage_capital", {"stage2": {"capital_cny": 840_000}}, {}, "of 2027 cost 1240002"),
    ("nothing may be carried over", "stage_capital", {"stage2": {"carry_over": False}}, {}, "of 2027 cost 920001"),
    ("too dear on the way", "stage_recurrent", {"stage0": {"recurrent_share_of_today": 0.9}}, {}, "end of 2025"),
    ("too dear on the way, yuan", "stage_recurrent", {"stage1": {"recurrent_share_of_today": None,
                                                                 "recurrent_cny": 2_000_000}}, {}, "end of 2026"),
    ("no doctor left for a clinic not yet closed", "stage_doctors", {
        "stage0": {"retire_share": 0.12}, "stage1": {"retire_share": 0.0}, "stage2": {"retire_share": 0.0},
        "doctors": {"people_per_doctor_cap": 400}}, {}, "at the end of 2025"),
]


@pytest.mark.parametrize(("planted", "rule", "rules", "years", "named"), PLANTED, ids=[c[0] for c in PLANTED])
def test_broken_year_is_found(planted, rule, rules, years, named):
    cfg = config(**rules)
    plan = small.make_plan(cfg, decided=decided(**years))
    verification = verify_plan(cfg, small.county(), plan)
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures
    if rule != "stage_once":
        allowed = {rule, "doctor_capacity"} if rule == "stage_doctors" else {rule}
        assert rules_failed(verification) <= allowed
        without = type(cfg).model_validate(
            {**(raw := cfg.model_dump(mode="json")), "rules": {**raw["rules"], "without": [rule]}})
        assert rule not in rules_failed(verify_plan(without, small.county(), plan))


def pooled_plan(**changes):
    """Four townships in two consortia that pool their staff; by 2025 all who retire have, and hosts need many."""
    stages = [{**stage, "retire_share": share} for stage, share in zip(STAGES, (0.12, 0.0, 0.0), strict=True)]
    cfg = consortia.config(rules={"stages": stages, "doctors": {"people_per_doctor_cap": 400}},
                           without=changes.pop("without", []))
    raw = cfg.model_dump(mode="json")
    cfg = type(cfg).model_validate({**raw, "objectives": [*raw["objectives"], {"minimise": "delay"}]})
    base = consortia.decided(**changes)
    dated = {i: dataclasses.replace(d, stage=YEARS.get(i)) for i, d in base.sites.items()}
    plan = small.make_plan(cfg, consortia.county(), dataclasses.replace(base, sites=dated))
    return plan, verify_plan(cfg, consortia.county(), plan)


def test_pool_that_is_short_in_an_earlier_year_is_found():
    """东乡 alone lacks one of five in 2025, which 边乡 lends it; in 2026 both together lack one of eight."""
    plan, verification = pooled_plan()
    assert rules_failed(verification) == {"stage_doctors", "doctor_capacity"}
    of_t11 = [f for f in verification.failures if "consortium of T11" in f]
    assert of_t11 == ["stage_doctors: consortium of T11 needs 8 doctors at the end of 2026; 7 of today's are left and "
                      "0 are hired"]
    assert [plan.metrics["by_stage"][y]["hires"] for y in ("2025", "2026", "2027")] == [4, 6, 6]
    _, dropped = pooled_plan(without=["stage_doctors"])
    assert "stage_doctors" not in rules_failed(dropped)


def test_hires_anywhere_in_a_pool_count_for_all_of_it():
    plan, verification = pooled_plan(hires={"边乡": 1}, reserve={"东乡": 1, "边乡": 1})
    assert not [f for f in verification.failures if "consortium of T11" in f or "metrics" in f]
    assert [plan.metrics["by_stage"][y]["hires"] for y in ("2025", "2026", "2027")] == [4, 6, 6]
    _, across = pooled_plan(without=["consortium_staff"])
    assert any("the consortia needs 20 doctors at the end of 2025; 16" in f for f in across.failures)


OF_THEIR_OWN = [  # planted by a test below
    ("harm on the way", "stage_no_harm"),
]


def test_harm_on_the_way_is_found():
    """V12 lives on C08 until K12 is built: in the end nobody is harmed, between the two its people are."""
    raw = config(no_harm={"form": "strict", "delta_min": 2,
                          "exempt_villages": [v for v in small.PEOPLE if v != "V12"]}).model_dump(mode="json")
    raw["standards"][0]["kinds"] = ["village_clinic", "station"]
    raw["rules"]["circle_share"] = []
    cfg = type(config()).model_validate(raw)
    together = small.make_plan(cfg, decided=decided(C08=2026))
    assert verify_plan(cfg, small.county(), together).failures == ()
    before = small.make_plan(cfg, decided=decided(C08=2025, C03b=2026))
    verification = verify_plan(cfg, small.county(), before)
    assert rules_failed(verification) == {"stage_no_harm"}
    assert "past its limit at the end of 2025" in verification.failures[0]


def metric(year, key, value):
    def edit(plan):
        by_stage = {y: dict(f) for y, f in plan.metrics["by_stage"].items()}
        by_stage[year][key] = value
        return dataclasses.replace(plan, metrics={**plan.metrics, "by_stage": by_stage})
    return edit


def field(table, row, value):
    def edit(plan):
        frame = getattr(plan, table).copy()
        frame.loc[frame["id"] == row, "stage"] = value
        return dataclasses.replace(plan, **{table: frame})
    return edit


TAMPERED = {
    "village's year": (field("villages", "V08", 2025), "villages", "V08: stage is 2025, recounted 2027"),
    "facility's year": (field("facilities", "C08", 2025), "facilities", "C08: stage is 2025, recounted 2027"),
    "clinics open": (metric("2025", "clinics_open", 10), "metrics", "by_stage.2025.clinics_open is 10, recounted 9"),
    "doctors on the way": (metric("2026", "clinic_doctors", 3), "metrics", "by_stage.2026.clinic_doctors is 3"),
    "capital of a year": (metric("2025", "capital_cost_cny", 0.0), "metrics", "by_stage.2025.capital_cost_cny is 0"),
    "recurrent cost of a year": (metric("2026", "annual_cost_cny", 1.0), "metrics", "2026.annual_cost_cny is 1"),
    "people inside on the way": (metric("2025", "people_within_circle", 1.0), "metrics", "people_within_circle is 1"),
    "delay": (lambda plan: dataclasses.replace(plan, solve=dataclasses.replace(plan.solve, stages=(
        *plan.solve.stages[:-1], dataclasses.replace(plan.solve.stages[-1], value=1.0, bound=1.0)))), "objectives",
        "delay is 1, the decisions come to 6"),
}


@pytest.mark.parametrize("planted", TAMPERED)
def test_tampered_year_is_refused(planted):
    edit, rule, named = TAMPERED[planted]
    verification = verify_plan(config(), small.county(), edit(small.make_plan(config(), decided=decided())))
    assert rules_failed(verification) == {rule}
    assert any(named in f for f in verification.failures), verification.failures
