"""Planted corruption of service modes in years: who is served by when, with which teams and whose money."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pytest
from test_verify_corruptions import rules_failed, small
from test_verify_modes import VISITED
from test_verify_modes import config as config_with_modes
from test_verify_modes import decided as decided_with_modes
from test_verify_stages import metric

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.plan import Plan, verify_plan

YEARS = {"C01": 2026, "C03b": 2025, "C05": 2025, "C08": 2027, "C09": 2026, "T11": 2027}
STAGES = [
    {"year": 2025, "capital_cny": 50_000, "max_closures": 2, "recurrent_share_of_today": 1.5},
    {"year": 2026, "capital_cny": 180_000, "carry_over": True},
    {"year": 2027, "capital_cny": 1_300_000},
]  # fmt: skip


def config(**rules: Any):
    stages = [{**stage, **rules.pop(f"stage{k}", {})} for k, stage in enumerate(STAGES)]
    cfg = config_with_modes(**{"stages": stages, **rules})
    raw = cfg.model_dump(mode="json")
    return type(cfg).model_validate({**raw, "objectives": [*raw["objectives"], {"minimise": "delay"}]})


def decided(*, visit: int | None = 2027, years: dict[str, int | None] | None = None,
            **sites: SiteDecision | None) -> Decisions:
    """The plan with every service; ``visit``: the year in which V12's visits begin."""
    when = {**YEARS, **(years or {})}
    base = decided_with_modes(visits={"V12": dataclasses.replace(VISITED["V12"], stage=visit)}, **sites)
    made = {i: dataclasses.replace(d, stage=when.get(i)) for i, d in base.sites.items()}
    return dataclasses.replace(base, sites=made)


@cache
def valid() -> Plan:
    return small.make_plan(config(), decided=decided())


def test_a_plan_with_every_service_in_years_passes():
    plan = valid()
    assert verify_plan(config(), small.county(), plan).failures == ()
    year = plan.villages.set_index("id")["stage"]
    assert (year["V05"], year["V08"], year["V09"], year["V12"]) == (2025, 2027, 2026, 2027)
    by_stage = plan.metrics["by_stage"]
    assert [row["visited"] for row in by_stage.values()] == [0, 1, 3]
    assert [row["circuit_teams"] for row in by_stage.values()] == [0, 1, 2]
    assert [row["clinics_posted"] for row in by_stage.values()] == [1, 1, 1]
    assert [row["clinics_merged"] for row in by_stage.values()] == [1, 1, 0]
    assert sum(row["capital_cost_cny"] for row in by_stage.values()) == plan.metrics["capital_cost_cny"]
    assert by_stage["2027"]["annual_cost_cny"] == plan.metrics["annual_cost_cny"]
    assert by_stage["2027"]["clinic_doctors"] == plan.metrics["clinic_doctors_after"]
    assert plan.facilities.set_index("id").at["C05", "service"] == "posted"


PLANTED: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    # what is planted, the rule that must fail, config rules, years and decisions, what the failure must name
    ("visits without a year", "stage_once", {}, {"visit": None}, "visits to V12 begin in year nothing"),
    ("visits in a year that is none", "stage_once", {}, {"visit": 2031}, "visits to V12 begin in year 2031"),
    ("service without a year", "stage_once", {}, {"years": {"C09": None}}, "C09 is close in year nothing"),
    ("posted without a year", "stage_once", {}, {"years": {"C05": None}}, "C05 is keep in year nothing"),
    ("closed to be visited, beyond the cap", "stage_closures", {"stage0": {"max_closures": 1}},
     {"years": {"C09": 2025}}, "2 clinics close in 2025"),
    ("a vehicle before its money", "stage_capital", {}, {"years": {"C09": 2025}}, "works of 2025"),
    ("teams too dear on the way", "stage_recurrent", {"stage1": {"recurrent_cny": 2_000_000}}, {}, "end of 2026"),
    ("no doctor left before the posted ones come", "stage_doctors",
     {"doctors": {"people_per_doctor_cap": 100}}, {"years": {"C05": 2027}}, "at the end of 2025"),
]  # fmt: skip


@pytest.mark.parametrize("case", PLANTED, ids=[c[0] for c in PLANTED])
def test_broken_year_of_a_service_is_found(case):
    _, rule, rules, changes, named = case
    cfg = config(**rules)
    plan = small.make_plan(cfg, decided=decided(**changes))
    verification = verify_plan(cfg, small.county(), plan)
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


def test_a_guest_before_its_new_clinic_is_found():
    cfg = config(hosts={"new_sites": True, "adjacent": False, "same_township": False, "limit_min": 200})
    made = decided(K12=SiteDecision(Action.BUILD, doctors=1), C08=SiteDecision(Action.CLOSE, "K12", 0),
                   years={"K12": 2027, "C08": 2025})
    made = dataclasses.replace(made, visits={})
    verification = verify_plan(cfg, small.county(), small.make_plan(cfg, decided=made))
    assert "stage_once: C08 moves to K12 in 2025, which is built in 2027" in verification.failures


def year_of(village: str, value: int):
    def edit(plan: Plan) -> Plan:
        table = plan.villages.copy()
        table.loc[table["id"] == village, "stage"] = value
        return dataclasses.replace(plan, villages=table)
    return edit


TAMPERED = {
    "teams on the way": (metric("2026", "circuit_teams", 2), "metrics", "2026.circuit_teams is 2, recounted 1"),
    "visited on the way": (metric("2026", "visited", 3), "metrics", "2026.visited is 3, recounted 1"),
    "posted on the way": (metric("2025", "clinics_posted", 0), "metrics", "2025.clinics_posted is 0"),
    "vehicles of a year": (metric("2026", "capital_cost_cny", 20_001.0), "metrics", "2026.capital_cost_cny"),
    "cost of a year with teams": (metric("2026", "annual_cost_cny", 1.0), "metrics", "2026.annual_cost_cny is 1"),
    "year of a village's visits": (year_of("V12", 2025), "villages", "V12: stage is 2025, recounted 2027"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_tampered_year_of_a_service_is_refused(what):
    edit, rule, named = TAMPERED[what]
    verification = verify_plan(config(), small.county(), edit(valid()))
    assert rules_failed(verification) == {rule}
    assert any(named in f for f in verification.failures), verification.failures
