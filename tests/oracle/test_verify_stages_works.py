"""Planted corruption of works in years: what is ready when, and who pays in which year, is counted again."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pytest
from test_verify_corruptions import rules_failed
from test_verify_stages import metric
from test_verify_works import RULES, WORKS, county
from test_verify_works import config as works_config
from test_verify_works import decided as works_decided
from test_verify_works import plan_of as plan_with_works

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.plan import Plan, verify_plan

YEARS = {"C01": 2026, "C03b": 2025, "C05": 2025, "C08": 2027, "K12": 2026}
WORK_YEARS = {"lift": 2026, "move": 2026, "wing": 2025, "room": 2026, "yard": 2027}
STAGES = [
    {"year": 2025, "capital_cny": 400_000, "funding": [{"source": "county", "amount_cny": 400_000}]},
    {"year": 2026, "capital_cny": 4_000_000, "funding": [{"source": "county", "amount_cny": 1_200_000}],
     "carry_over": True},
    {"year": 2027, "capital_cny": 900_000},
]  # fmt: skip
LEVELS = [{**RULES["levels"][0], "year": 2026}]


def config(**rules: Any):
    """The small county with works in three years; ``stage0`` … change single stages."""
    stages = [{**stage, **rules.pop(f"stage{k}", {})} for k, stage in enumerate(STAGES)]
    cfg = works_config(**{"stages": stages, "levels": LEVELS, **rules})
    raw = cfg.model_dump(mode="json")
    return type(cfg).model_validate({**raw, "objectives": [*raw["objectives"], {"minimise": "delay"}]})


def decided(*works: str, centre: int = 2026, years: dict[str, int | None] | None = None,
            **sites: SiteDecision | None) -> Decisions:
    """The plan with works done, each change and work with its year; ``centre``: the sub-centre's."""
    base = works_decided(*works, **sites)
    when = {**YEARS, **WORK_YEARS, **(years or {})}
    made = {}
    for i, d in base.sites.items():
        last = max((when[w["id"]] for w in WORKS if w["id"] in works and i in (w["facility"], w.get("to"))),
                   default=None)
        made[i] = dataclasses.replace(d, stage=when.get(i, centre if d.sub_centre else last))
    return dataclasses.replace(base, sites=made, work_years={w: when[w] for w in works if when[w] is not None})


def plan_of(cfg, made: Decisions) -> Plan:
    return plan_with_works(cfg, made)


@cache
def moved_plan() -> Plan:
    return plan_of(config(), decided("lift", "move", "wing"))


def test_valid_plans_pass():
    plan = moved_plan()
    assert verify_plan(config(), county(), plan).failures == ()
    works = {w["id"]: w["stage"] for w in plan.money.works}
    assert works == {"lift": 2026, "move": 2026, "room": None, "wing": 2025, "yard": None}
    year = plan.facilities.set_index("id")["stage"]
    assert (year["N07"], year["T11"], year["T02"], year["C08"]) == (2026, 2026, 2026, 2027)
    by_stage = plan.metrics["by_stage"]
    assert [row["works_done"] for row in by_stage.values()] == [1, 2, 0]
    assert sum(row["capital_cost_cny"] for row in by_stage.values()) == plan.metrics["capital_cost_cny"]
    assert by_stage["2027"]["annual_cost_cny"] == plan.metrics["annual_cost_cny"]
    county_fund = plan.money.funding[0]
    assert sum(county_fund["by_stage"].values()) == county_fund["used_cny"]
    assert county_fund["by_stage"]["2025"] <= 400_000
    room = plan_of(config(), decided("lift", "room", "yard"))
    assert verify_plan(config(), county(), room).failures == ()


BEDS = {"sub_centres": {"min_beds": 90}}
CROWDED = {"doctors": {"people_per_doctor_cap": 800, "max_per_site": 1, "max_hires": 30},
           "budget": {"capital_cny": None, "recurrent_share_of_today": None}}  # fmt: skip
PLANTED: list[tuple[str, str, dict[str, Any], tuple[str, ...], dict[str, Any], str]] = [
    # what is planted, the rule that must fail, config rules, works done, years and decisions, what the failure names
    ("work without a year", "stage_once", {}, ("lift", "wing"), {"years": {"wing": None}},
     "wing is done in year nothing"),
    ("work in a year that is none", "stage_once", {}, ("lift", "wing"), {"years": {"wing": 2031}}, "in year 2031"),
    ("moved in a year of its own", "stage_once", {}, ("lift", "move"),
     {"T11": SiteDecision(Action.RELOCATE, doctors=0, stage=2027), "years": {"T11": 2027}}, "T11 is relocate in year"),
    ("works before the money is there", "stage_capital", {}, ("lift", "wing"), {"years": {"lift": 2025}},
     "works of 2025"),
    ("running costs of a work on the way", "stage_recurrent",
     {"stage1": {"recurrent_cny": 2_320_000}, "works": [{**w, "recurrent_cny": 700_000} for w in WORKS]},
     ("lift", "wing"), {}, "end of 2026"),
    ("sub-centre before the beds are there", "stage_ready", BEDS, ("lift", "wing"),
     {"years": {"wing": 2027}}, "T11 has beds 80 at the end of 2026"),
    ("sub-centre where the hospital is not yet", "stage_ready", {}, ("lift", "move"), {"centre": 2025},
     "N07 does not stand yet at the end of 2025"),
    ("host without the room for its doctors", "stage_ready", CROWDED, ("lift", "room"),
     {"years": {"C08": 2026, "room": 2027}}, "C07 needs 3 doctors at the end of 2026 and has room for 2"),
    ("work before it can be ready", "stage_earliest", {"works": [{**w, "earliest": 2027} for w in WORKS]},
     ("lift",), {}, "lift is done in 2026, before 2027"),
    ("a source gives more than it has in the year", "stage_funding",
     {"stage0": {"funding": [{"source": "county", "amount_cny": 10}, {"source": "own", "amount_cny": 10}]}},
     ("lift", "wing"), {}, "county gives 340002.00 yuan by 2025, it has 10.00"),
    ("carried over, but too little", "stage_funding",
     {"stage1": {"funding": [{"source": "county", "amount_cny": 300_000}]},
      "works": [{**w, "sources": ["county"]} for w in WORKS]}, ("lift", "wing"), {}, "by 2026, it has 700000.00"),
    ("level reached too late", "levels", {"levels": [{**LEVELS[0], "year": 2025}]}, ("lift",), {}, "by 2025"),
]  # fmt: skip


def planted(rules: dict[str, Any], works: tuple[str, ...], changes: dict[str, Any], rule: str) -> tuple[Any, Plan]:
    """The config, and a plan that breaks its rule: money is split as if no year had a limit."""
    made = decided(*works, **changes)
    return config(**rules), plan_of(config(**rules, **({"without": [rule]} if rule == "stage_funding" else {})), made)


@pytest.mark.parametrize("case", PLANTED, ids=[c[0] for c in PLANTED])
def test_broken_year_of_a_work_is_found(case):
    _, rule, rules, works, changes, named = case
    cfg, plan = planted(rules, works, changes, rule)
    verification = verify_plan(cfg, county(), plan)
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures
    if rule != "stage_once":
        raw = cfg.model_dump(mode="json")
        without = type(cfg).model_validate({**raw, "rules": {**raw["rules"], "without": [rule]}})
        assert rule not in rules_failed(verify_plan(without, county(), plan))


def money(edit):
    return lambda plan: dataclasses.replace(plan, money=edit(plan.money))


def by_year(m, year, **changes):
    rows = m.other["by_stage"]
    return dataclasses.replace(m, other={**m.other, "by_stage": {**rows, year: {**rows[year], **changes}}})


TAMPERED = {
    "year of a work": (money(lambda m: dataclasses.replace(m, works=({**m.works[0], "stage": 2025}, *m.works[1:]))),
                       "money", "lift: stage is 2025, recounted 2026"),
    "what a source gives in a year": (money(lambda m: dataclasses.replace(m, funding=(
        {**m.funding[0], "by_stage": {**m.funding[0]["by_stage"], "2025": 5.0}}, *m.funding[1:]))), "money",
        "county: by_stage"),
    "other capital of a year": (money(lambda m: by_year(m, "2025", capital_cost_cny=5.0)), "money",
                                "other capital: by_stage"),
    "other capital paid by half": (money(lambda m: by_year(m, "2025", funding={"county": 5.0})), "money",
                                   "other capital of 2025"),
    "other capital paid twice": (money(lambda m: dataclasses.replace(m, other={**m.other, "funding": {"own": 1.0}})),
                                 "money", "in all"),
    "works of a year": (metric("2026", "works_done", 5), "metrics", "by_stage.2026.works_done is 5, recounted 2"),
    "capital of a year": (metric("2026", "capital_cost_cny", 0.0), "metrics", "2026.capital_cost_cny is 0"),
    "cost of a year": (metric("2025", "annual_cost_cny", 0.0), "metrics", "2025.annual_cost_cny is 0"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_tampered_year_of_a_work_is_refused(what):
    edit, rule, named = TAMPERED[what]
    verification = verify_plan(config(), county(), edit(moved_plan()))
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


def test_no_source_is_told_where_there_is_none():
    cfg = config(funding=[], no_debt=False, stage0={"funding": []}, stage1={"funding": []},
                 works=[{**w, "sources": []} for w in WORKS])
    plan = plan_of(cfg, decided("lift", "wing"))
    assert verify_plan(cfg, county(), plan).failures == ()
    assert plan.money.funding == () and [w["funding"] for w in plan.money.works] == [{}] * len(WORKS)
    assert {year: row["funding"] for year, row in plan.money.other["by_stage"].items()} == {
        "2025": {}, "2026": {}, "2027": {}}
