"""Planted corruption of works and money: the verifier passes valid plans and names the rule of each corrupted one."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pandas as pd
import pytest
from shapely.geometry import Point
from test_verify_corruptions import ELSEWHERE, KEEP, UPGRADE, WORKS_RULES, rules_failed, small

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.plan import Plan, verify_plan

RELOCATE, REBUILD, BUILD = Action.RELOCATE, Action.REBUILD, Action.BUILD


def capital(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "CNY"}


WORKS = [
    {"id": "lift", "name": "提级", "name_en": "lift", "facility": "T02", "kind": "level_up",
     "capital": capital(400_000), "adds": {"doctors": 2}, "sources": ["county"]},
    {"id": "move", "name": "迁建", "name_en": "move", "facility": "T11", "kind": "relocate", "to": "N07",
     "capital": capital(2_000_000.5), "recurrent_cny": -10_000, "together_with": ["wing"]},
    {"id": "room", "name": "诊室", "name_en": "room", "facility": "C07", "kind": "strengthen",
     "capital": capital(60_000), "adds": {"rooms": 1}},
    {"id": "wing", "name": "楼", "name_en": "wing", "facility": "T11", "kind": "strengthen",
     "capital": capital(300_000), "adds": {"beds": 10}},
    {"id": "yard", "name": "改扩建", "name_en": "yard", "facility": "T11", "kind": "rebuild",
     "capital": capital(700_000), "required": False},
]  # fmt: skip
FUNDING = [
    {"id": "county", "name": "县", "name_en": "county", "amount_cny": 2_500_000},
    {"id": "own", "name": "自有", "name_en": "own", "amount_cny": 2_500_000},
    {"id": "loan", "name": "借款", "name_en": "loan", "debt": True},
]
RULES = {"works": WORKS, "funding": FUNDING, "no_debt": True, "budget": {"capital_cny": None},
         "levels": [{"kind": "township_hospital", "min_level": 2, "min_count": 2}]}  # fmt: skip


def config(**rules: Any):
    """The small county's config with works; subsidies as the norms have them."""
    whole = small.config(**{**RULES, **rules}).model_dump(mode="json")
    whole["costs"] |= {"health_subsidy_per_person": capital(80.25), "clinic_subsidy": capital(30_000)}
    return type(small.config()).model_validate(whole)


@cache
def county():
    """The small county with a candidate site of T11 in V07, and what T11 earns and spends."""
    inputs = small.county()
    table = inputs.facilities.copy()
    x, y = small.village_xy("V07")
    lon, lat = small.lonlat(x + 60, y + 40)
    place = {**dict.fromkeys(table.columns), "id": "N07", "name": "新址", "kind": "township_hospital",
             "status": "candidate", "ownership": "public", "village": "V07", "township": "东乡", "lon": lon, "lat": lat,
             "geometry": Point(x + 60, y + 40)}  # fmt: skip
    row = type(table)([place], geometry="geometry", crs=table.crs)
    for column in table.columns:
        if column != "geometry":
            row[column] = row[column].astype(table[column].dtype)
    table = pd.concat([table, row]).sort_values("id", ignore_index=True)
    table["income_cny"] = [900_000.4 if i == "T11" else None for i in table["id"]]
    table["spending_cny"] = [850_000.0 if i == "T11" else None for i in table["id"]]
    table[["income_cny", "spending_cny"]] = table[["income_cny", "spending_cny"]].astype(float)
    return dataclasses.replace(inputs, facilities=table)


def decided(*works: str, **sites: SiteDecision | None) -> Decisions:
    """The small county's plan with works done: T02 lifted (two doctors more), T11 wherever ``works`` have it."""
    moved = "move" in works
    own = {"T02": SiteDecision(UPGRADE, doctors=15 if "lift" in works else 13),
           "T11": SiteDecision(RELOCATE, doctors=0) if moved else SiteDecision(
               REBUILD if "yard" in works else UPGRADE, doctors=25, sub_centre=True)}  # fmt: skip
    if "lift" not in works:
        own["T02"] = SiteDecision(KEEP, doctors=13)
    if "room" in works:
        own["C07"] = SiteDecision(UPGRADE, doctors=2)
    if moved:
        own["N07"] = SiteDecision(BUILD, doctors=25, sub_centre=True)
    base = small.decisions(**{**own, **sites})
    centre = "N07" if moved else "T11"
    return dataclasses.replace(base, catchments={"西乡": centre, "东乡": centre}, works=tuple(sorted(works)))


def plan_of(cfg, made: Decisions) -> Plan:
    return small.make_plan(cfg, county(), made)


@cache
def moved_plan() -> Plan:
    return plan_of(config(), decided("lift", "move", "wing"))


def test_valid_plans_pass():
    plan = moved_plan()
    verification = verify_plan(config(), county(), plan)
    assert verification.failures == ()
    assert plan.metrics["works_done"] == 3
    assert plan.metrics["annual_saving_cny"] == plan.metrics["annual_cost_cny_before"] - plan.metrics["annual_cost_cny"]
    row = plan.facilities.set_index("id")
    assert row.loc["T11", "action"] == "relocate" and row.loc["N07", "action"] == "build"
    assert row.loc["T11", "balance_cny_before"] == 50_000
    assert row.loc["T11", "balance_cny_after"] == 60_000  # 10,000 less to run
    assert pd.isna(row.loc["T02", "balance_cny_before"]) and row.loc["T11", "funding_source"] == "county; own"
    split = {w["id"]: w["funding"] for w in plan.money.works}
    assert split["lift"] == {"county": 400_000} and sum(split["move"].values()) == 2_000_001
    yard = plan_of(config(), decided("lift", "room", "yard"))
    assert verify_plan(config(), county(), yard).failures == ()


BROKEN: list[tuple[str, str, dict[str, Any], tuple[str, ...], dict[str, SiteDecision], str]] = [
    # what is planted, the rule that must fail, config rules, works done, decisions, what the failure must name
    ("two works that exclude each other", "works_together", {}, ("lift", "wing", "yard"), {}, "wing and yard"),
    ("required work left out", "works_required", {"works": [{**w, "required": w["id"] == "room"} for w in WORKS]},
     ("lift", "wing"), {}, "room is required"),
    ("forbidden work done", "works_forbidden", {"works": [{**w, "forbidden": w["id"] == "wing"} for w in WORKS]},
     ("lift", "wing"), {}, "wing is forbidden"),
    ("a source gives more than it has", "funding_amount", {"funding": [{**FUNDING[0], "amount_cny": 300_000},
     *FUNDING[1:]]}, ("lift",), {}, "lift costs 400000"),
    ("only debt could pay", "no_debt", {"works": [{**w, "sources": ["loan"]} for w in WORKS], "no_debt": False},
     ("lift",), {}, "loan, which is debt"),
    ("too few reach the level", "levels", {"levels": [{"kind": "township_hospital", "min_level": 3, "min_count": 1}]},
     ("lift",), {}, "0 of 2"),
    ("a share too few", "levels", {"levels": [{"kind": "township_hospital", "min_level": 3, "min_share": 0.5}]},
     ("lift",), {}, "asked 1"),
    ("the county loses", "balance", {"balance": {"form": "non_negative", "scope": "county"}}, ("lift",), {}, "county"),
    ("a township loses", "balance", {"balance": {"form": "non_negative", "scope": "township"}}, ("lift",), {}, "西乡"),
    ("a clinic loses", "balance", {"balance": {"form": "non_negative", "scope": "institution"}}, ("lift",), {}, "C03"),
    ("a hospital earns less than today", "balance",
     {"balance": {"form": "no_worse", "scope": "institution"},
      "works": [{**w, "recurrent_cny": 5_000} for w in WORKS]}, ("lift", "wing"), {}, "T11 has a balance of 45000"),
    ("a sub-centre short of beds but for a work", "sub_centre_eligible", {"sub_centres": {"min_beds": 90}}, ("lift",),
     {}, "beds 80"),
    ("a work where the clinic closes", "work_site", {"works": [*WORKS, {**WORKS[2], "id": "spare", "facility": "C08"}]},
     ("lift", "spare"), {}, "spare"),
    ("moved without a work", "relocation", {}, ("lift",), {"T11": SiteDecision(RELOCATE, doctors=0),
     "N07": SiteDecision(BUILD, doctors=25, sub_centre=True)}, "T11"),
    ("stays though it moves", "relocation", {}, ("lift", "move"), {"T11": SiteDecision(KEEP, doctors=25)}, "T11"),
    ("its doctors lost on the way", "relocation", {}, ("lift", "move"),
     {"N07": SiteDecision(BUILD, doctors=20, sub_centre=True)}, "N07 opens with 20"),
    ("new place left out", "relocation", {}, ("lift", "move"), {"N07": None}, "N07 is not open"),
    ("more doctors than rooms, the work's one counted", "doctor_rooms", {"doctors": {"max_per_site": 1}},
     ("lift", "room"), {"C07": SiteDecision(UPGRADE, doctors=5)}, "room for 3"),
    ("action that fits no work", "one_mode", {}, ("lift", "yard"),
     {"T11": SiteDecision(UPGRADE, doctors=25, sub_centre=True)}, "T11"),
]  # fmt: skip


@pytest.mark.parametrize(("planted", "rule", "rules", "works", "sites", "named"), BROKEN, ids=[c[0] for c in BROKEN])
def test_broken_rule_is_found(planted, rule, rules, works, sites, named):
    cfg = config(**rules)
    plan = plan_of(cfg, decided(*works, **sites))
    judge = cfg if rule != "no_debt" else config(**{**rules, "no_debt": True})
    verification = verify_plan(judge, county(), plan)
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


def test_every_rule_of_the_block_was_planted():
    assert {rule for _, rule, *_ in BROKEN} >= WORKS_RULES
    assert {check for _, check, _ in TAMPERED.values()} >= set(ELSEWHERE["test_verify_works"])


@pytest.mark.parametrize("case", [c for c in BROKEN if c[1] in WORKS_RULES - {"work_site", "relocation"}],
                         ids=lambda c: c[0])
def test_a_dropped_rule_is_not_held_against_the_plan(case):
    _, rule, rules, works, sites, _ = case
    cfg = config(**{**rules, "without": [rule]})
    verification = verify_plan(cfg, county(), plan_of(cfg, decided(*works, **sites)))
    assert rule not in rules_failed(verification), verification.failures


def money(edit):
    def tamper(plan: Plan) -> Plan:
        return dataclasses.replace(plan, money=edit(plan.money))
    return tamper


def work(name: str, **changes: Any):
    return money(lambda m: dataclasses.replace(
        m, works=tuple({**w, **changes} if w["id"] == name else w for w in m.works)))


def metric(key: str, value: float):
    return lambda plan: dataclasses.replace(plan, metrics={**plan.metrics, key: value})


def facility(of: str, column: str, value: Any):
    def edit(plan: Plan) -> Plan:
        table = plan.facilities.copy()
        table[column] = table[column].astype(object)
        table.loc[table["id"] == of, column] = value
        return dataclasses.replace(plan, facilities=table)
    return edit


TAMPERED = {
    "capital of a work": (work("lift", capital_cost_cny=1.0), "money", "lift: capital_cost_cny is 1"),
    "range of a work": (work("lift", capital_high_cny=400_000.0), "money", "lift: capital_high_cny"),
    "a work called official": (work("wing", standing="official"), "money", "wing: standing is official"),
    "done though it is not": (work("yard", done=True), "money", "yard: done"),
    "a work not done is paid for": (work("yard", funding={"own": 5.0}), "money", "yard is not done"),
    "a work left out": (money(lambda m: dataclasses.replace(m, works=m.works[1:])), "money", "works: missing"),
    "paid by half": (work("lift", funding={"county": 200_000.0}), "funding_amount", "lift costs 400000"),
    "paid by a source that may not": (work("lift", funding={"own": 400_000.0}), "funding_amount", "own may not"),
    "paid with a loan": (work("wing", funding={"loan": 300_000.0}), "no_debt", "loan, which is debt"),
    "a negative share": (work("wing", funding={"own": 400_000.0, "county": -100_000.0}), "funding_amount", "wing"),
    "what a source gives": (money(lambda m: dataclasses.replace(
        m, funding=({**m.funding[0], "used_cny": 0.0}, *m.funding[1:]))), "money", "county: used_cny is 0"),
    "other capital": (money(lambda m: dataclasses.replace(m, other={**m.other, "capital_low_cny": 0.0})), "money",
                      "other capital: capital_low_cny"),
    "nothing told of money": (lambda plan: dataclasses.replace(plan, money=None), "money", "not told"),
    "balance in the table": (facility("T11", "balance_cny_after", 1.0), "facilities", "T11: balance_cny_after is 1"),
    "balance of one not known": (facility("T02", "balance_cny_before", 0.0), "facilities", "T02: balance_cny_before"),
    "source in the table": (facility("T02", "funding_source", "own"), "facilities", "funding_source is own"),
    "saving": (metric("annual_saving_cny", 0.0), "metrics", "annual_saving_cny is 0"),
    "range of the whole": (metric("capital_high_cny", 0.0), "metrics", "capital_high_cny is 0"),
    "balance of all": (metric("balance_cny_after", 0.0), "metrics", "balance_cny_after is 0"),
    "works done": (metric("works_done", 2), "metrics", "works_done is 2"),
    "a work that no config has": (lambda plan: dataclasses.replace(plan, decisions=dataclasses.replace(
        plan.decisions, works=(*plan.decisions.works, "zoo"))), "work_site", "zoo is done"),
}  # fmt: skip


@pytest.mark.parametrize("planted", TAMPERED)
def test_tampered_money_is_refused(planted):
    edit, rule, named = TAMPERED[planted]
    verification = verify_plan(config(), county(), edit(moved_plan()))
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures
