"""Planted corruption of consortia: the verifier passes a valid grouping and fails each broken one by its rule's name.

The small county in four columns: 西乡 (V01, V05, V09), 中乡 (V02, V06, V10), 东乡 (V03, V07, V11) and 边乡 (V04, V08,
V12 and the island V13) touch in that order. T02 leads the western pair, T11 the eastern one, and each pair lends
doctors.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pandas as pd
import pytest
from test_verify_corruptions import ELSEWHERE, rules_failed, small

from facilityplan.domain.decisions import SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.domain.rules import RULES
from facilityplan.inputs import Inputs
from facilityplan.plan import Plan, verify_plan
from facilityplan.plan.write import plan_json

TOWNS = {"西乡": ("V01", "V05", "V09"), "中乡": ("V02", "V06", "V10"), "东乡": ("V03", "V07", "V11"),
         "边乡": ("V04", "V08", "V12", "V13")}
GROUPING = {"西乡": "T02", "中乡": "T02", "东乡": "T11", "边乡": "T11"}
CONSORTIA: dict[str, Any] = {
    "leads": ["T02", "T11", "H06"], "fixed_leads": ["T11"], "max_count": 2, "balance_share": 0.4, "min_townships": 2,
    "assigned": {"边乡": "T11"}, "min_sub_centres": 0, "pool_staff": True, "max_minutes": 60}


@cache
def county() -> Inputs:
    of = {village: town for town, villages in TOWNS.items() for village in villages}
    usual = small.county()
    villages, facilities = usual.villages.copy(), usual.facilities.copy()
    villages["township"] = villages["id"].map(of)
    facilities["township"] = facilities["village"].map(of)
    return dataclasses.replace(usual, villages=villages, facilities=facilities)


def config(**consortia: Any):
    without = consortia.pop("without", [])
    rules = consortia.pop("rules", {})
    rules = {"hosts": {"same_township": False}, "consortia": {**CONSORTIA, **consortia}, "without": without, **rules}
    made = small.config(**rules)
    objectives = (*made.objectives, made.objectives[0].model_copy(update={"minimise": "consortium_minutes"}))
    return made.model_copy(update={"objectives": objectives})


def decided(**changes: Any):
    base = small.decisions(**changes.get("sites", {}))
    return dataclasses.replace(
        base, catchments=dict.fromkeys(TOWNS, "T11"), hires=changes.get("hires", {}),
        reserve=changes.get("reserve", {"东乡": 1}),
        consortia={t: lead for t, lead in {**GROUPING, **changes.get("grouping", {})}.items() if lead is not None})


def plan(cfg=None, inputs=None, **changes: Any) -> Plan:
    return small.make_plan(cfg or config(), inputs or county(), decided(**changes))


@cache
def valid() -> Plan:
    return plan()


def test_valid_grouping_passes():
    verification = verify_plan(config(), county(), valid())
    assert verification.failures == ()
    assert [one["lead"] for one in valid().consortia] == ["T02", "T11"]
    assert valid().consortia[0]["townships"] == ["中乡", "西乡"]
    assert valid().consortia[1]["joining"] == []
    assert valid().consortia[1]["today"] == "乙"
    assert sum(one["share_of_people"] for one in valid().consortia) == pytest.approx(1)
    assert '"consortia"' in plan_json(valid()).decode()


STAFF = ["consortium_staff"]
BROKEN: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    # what is planted, the rule that must fail, config of consortia, decisions, what the failure must name
    ("township in no consortium", "consortium_member", {"assigned": {}, "without": STAFF, "merge_inside": False,
                                                        "min_townships": 1, "balance_share": None},
     {"grouping": {"边乡": None}}, "边乡"),
    ("township that does not exist", "consortium_member", {}, {"grouping": {"南乡": "T02"}}, "南乡"),
    ("lead that is not listed", "consortium_member", {"leads": ["H06", "T11"]}, {}, "T02 leads a consortium"),
    ("lead that is a clinic", "consortium_member", {"leads": ["S06", "T11"]},
     {"grouping": {"西乡": "S06", "中乡": "S06"}}, "S06, a station"),
    ("lead whose township belongs to another", "consortium_member",
     {"without": [*STAFF, "consortium_contiguous"], "merge_inside": False, "min_townships": 1, "balance_share": None},
     {"grouping": {"中乡": "T11"}}, "its own township 中乡"),
    ("fixed lead not used", "consortium_leads", {"fixed_leads": ["H06"]}, {}, "H06"),
    ("too few consortia", "consortium_count", {"min_count": 3, "max_count": 3}, {}, "2 consortia"),
    ("too many consortia", "consortium_count", {"max_count": 1}, {}, "asked are 1 to 1"),
    ("too large", "consortium_balance", {"balance_share": 0.02}, {}, "people, allowed are"),
    ("too few townships", "consortium_townships", {"min_townships": 3}, {}, "T02 has 2 townships"),
    ("in two pieces", "consortium_contiguous",
     {"without": STAFF, "merge_inside": False, "min_townships": 1, "balance_share": None},
     {"grouping": {"西乡": "T11"}}, "西乡 not joined to 东乡"),
    ("not where it was assigned", "consortium_assigned", {"assigned": {"西乡": "T11"}}, {}, "西乡 belongs to T02"),
    ("too far from the lead", "consortium_limit", {"max_minutes": 5}, {}, "to T11, allowed are 5"),
    ("consortium without a sub-centre", "consortium_sub_centres", {"min_sub_centres": 1}, {}, "T02 has 0 sub-centres"),
    ("catchment across the line", "consortium_catchments", {"catchments_inside": True}, {}, "中乡 of T02"),
    ("merger across the line", "consortium_mergers",
     {"without": STAFF, "contiguous": False, "min_townships": 1, "balance_share": None},
     {"grouping": {"西乡": "T11"}}, "C01 of T11 merges into T02 of T02"),
    ("doctor lent across the line", "consortium_staff", {}, {"reserve": {"西乡": 1}}, "T02 borrow 1"),
]


@pytest.mark.parametrize(("planted", "rule", "settings", "changes", "named"), BROKEN, ids=[c[0] for c in BROKEN])
def test_broken_rule_is_found_alone(planted, rule, settings, changes, named):
    cfg = config(**settings)
    verification = verify_plan(cfg, county(), plan(cfg, **changes))
    # a grouping that no model would decide upsets what is counted by consortium
    upset = {"consortia", "objectives", "refusals", "doctor_balance", "consortium_contiguous"}
    upset = upset if rule == "consortium_member" else set()
    assert {rule} <= rules_failed(verification) <= {rule} | upset, verification.failures
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


@pytest.mark.parametrize(("planted", "rule", "settings", "changes", "named"),
                         [c for c in BROKEN if c[1] != "consortium_member"],
                         ids=[c[0] for c in BROKEN if c[1] != "consortium_member"])
def test_dropped_rule_is_not_held_against_the_plan(planted, rule, settings, changes, named):
    cfg = config(**{**settings, "without": [*settings.get("without", []), rule]})
    assert verify_plan(cfg, county(), plan(cfg, **changes)).failures == ()


def test_every_rule_on_consortia_was_planted():
    assert {rule for _, rule, *_ in BROKEN} == {rule for rule in RULES if rule.startswith("consortium_")}


def record(k: int, **changes: Any):
    def edit(one: Plan) -> Plan:
        records = [dict(r) for r in one.consortia]
        records[k] |= changes
        return dataclasses.replace(one, consortia=tuple(records))
    return edit


def column(table: str, key: str, value: Any):
    def edit(one: Plan) -> Plan:
        frame = getattr(one, table).copy()
        frame.loc[frame["id"] == key, "consortium"] = value
        return dataclasses.replace(one, **{table: frame})
    return edit


TAMPERED = {
    "people": (record(0, people=1.0), "consortia", "T02: people is 1"),
    "share": (record(1, share_of_people=0.9), "consortia", "share_of_people is 0.9"),
    "townships": (record(0, townships=["中乡"]), "consortia", "townships"),
    "doctors": (record(0, doctors=1), "consortia", "T02: doctors is 1"),
    "facilities": (record(1, facilities=99), "consortia", "facilities is 99"),
    "sub-centres": (record(0, sub_centres=["T11"]), "consortia", "sub_centres"),
    "mean minutes": (record(1, mean_minutes=1.0), "consortia", "mean_minutes is 1"),
    "farthest minutes": (record(1, farthest_minutes=1.0), "consortia", "farthest_minutes is 1"),
    "name of the lead": (record(0, lead_name="别院"), "consortia", "lead_name is 别院"),
    "doctors moved": (record(1, doctors_moved={"东乡": 9}), "consortia", "doctors_moved"),
    "today's consortium": (record(0, today="丙"), "consortia", "today is 丙"),
    "a township said to join": (record(0, joining=["西乡"]), "consortia", "joining"),
    "a figure that nobody can count": (record(0, beds=10), "consortia", "figures of T02"),
    "consortium left out": (lambda one: dataclasses.replace(one, consortia=one.consortia[1:]), "consortia", "T02"),
    "listed twice": (lambda one: dataclasses.replace(one, consortia=one.consortia * 2), "consortia", "twice"),
    "village's consortium": (column("villages", "V01", "T11"), "villages", "V01: consortium is T11, recounted T02"),
    "facility's consortium": (column("facilities", "C01", None), "facilities", "C01: consortium is nothing"),
    "objective": (lambda one: dataclasses.replace(one, solve=dataclasses.replace(one.solve, stages=(
        *one.solve.stages[:-1], dataclasses.replace(one.solve.stages[-1], value=7.0, bound=7.0)))), "objectives",
        "consortium_minutes is 7"),
    "refused by a line that both lie inside": (lambda one: dataclasses.replace(one, refusals=one.refusals.assign(
        rule=one.refusals["rule"].where(one.refusals["rule"] != "objective", "consortium_mergers"))), "refusals",
        "is refused by consortium_mergers, but both belong to"),
    "a doctor from nowhere": (lambda one: dataclasses.replace(one, decisions=dataclasses.replace(
        one.decisions, reserve={"东乡": 2})), "doctor_balance", "borrow 1 doctors more than they lend"),
}


def test_the_check_of_consortia_was_planted():
    assert {check for _, check, _ in TAMPERED.values()} >= set(ELSEWHERE["test_verify_consortia"])


@pytest.mark.parametrize("planted", TAMPERED)
def test_tampered_consortium_is_refused(planted):
    edit, rule, named = TAMPERED[planted]
    verification = verify_plan(config(), county(), edit(valid()))
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


def test_consortia_where_none_are_asked_are_refused():
    base = small.make_plan()
    grouped = dataclasses.replace(base, decisions=dataclasses.replace(base.decisions, consortia={"西乡": "T02"}))
    assert "consortium_member" in rules_failed(verify_plan(small.config(), small.county(), grouped))


def test_a_lead_that_a_village_cannot_reach_is_refused():
    on_the_island = county().facilities["id"] == "T11"
    facilities = county().facilities.copy()
    facilities.loc[on_the_island, "geometry"] = county().villages.geometry.iloc[12]
    inputs = dataclasses.replace(county(), facilities=facilities)
    verification = verify_plan(config(), inputs, plan(inputs=inputs))
    assert any(f.startswith("consortium_member: 东乡: villages V03") for f in verification.failures)


def test_an_island_is_exempt_and_named():
    villages = county().villages.copy()
    villages.loc[villages["id"] == "V13", "township"] = "岛乡"
    inputs = dataclasses.replace(county(), villages=villages)
    base = decided(grouping={"岛乡": "T11"})
    base = dataclasses.replace(base, catchments={**base.catchments, "岛乡": "T11"})
    made = small.make_plan(config(), inputs, base)
    assert verify_plan(config(), inputs, made).failures == ()
    assert any("岛乡" in note.zh for note in made.notes)


def test_water_that_nothing_bridges_parts_a_consortium():
    """The verifier reads adjacency for itself: without the link between 西乡 and 中乡 the same grouping fails."""
    pairs = [("V01", "V05"), ("V02", "V03"), ("V03", "V04"), ("V01", "V02"), ("V05", "V06"), ("V07", "V08"),
             ("V03", "V01")]
    inputs = dataclasses.replace(county(), adjacency=pd.DataFrame(pairs, columns=["village_a", "village_b"]))
    assert verify_plan(config(), inputs, plan(inputs=inputs)).ok
    apart = [p for p in pairs if p not in {("V01", "V02"), ("V05", "V06")}]
    parted = dataclasses.replace(inputs, adjacency=pd.DataFrame(apart, columns=["village_a", "village_b"]))
    cfg = config(rules={"hosts": {"same_township": False, "adjacent": False}})
    assert rules_failed(verify_plan(cfg, parted, plan(cfg, parted))) == {"consortium_contiguous"}


def test_a_host_of_another_consortium_of_todays_data_is_allowed_where_the_plan_forms_its_own():
    assert not verify_plan(config(), county(), valid()).failures
    site = {"C08": SiteDecision(Action.CLOSE, "C07", 0)}
    assert valid().decisions.sites["C08"] == site["C08"]
