"""Planted corruption: the verifier passes a valid plan and fails each corrupted one by the name of the rule broken."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.domain.rules import DROPPABLE, RULES
from facilityplan.plan import Plan, verify_plan
from facilityplan.plan.recount_travel import RoadRecount
from facilityplan.plan.verify import CONSISTENCY_CHECKS, RULE_CHECKS

_SPEC = importlib.util.spec_from_file_location(
    "plan_small_county", Path(__file__).parents[1] / "unit" / "plan" / "small_county.py")
small = sys.modules.setdefault("plan_small_county", importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(small)

KEEP, CLOSE, UPGRADE = Action.KEEP, Action.CLOSE, Action.UPGRADE


def rules_failed(verification) -> set[str]:
    return {f.split(":")[0] for f in verification.failures}


def changed(*, sites: dict[str, SiteDecision | None] | None = None, catchments: dict[str, str] | None = None,
            hires: dict[str, int] | None = None, reserve: dict[str, int] | None = None) -> Decisions:
    base = small.decisions(**(sites or {}))
    return Decisions(base.sites, base.catchments if catchments is None else catchments,
                     {**base.hires, **(hires or {})}, {**base.reserve, **(reserve or {})})


# -- the valid plan ---------------------------------------------------------------------------------------------------


def test_valid_plan_passes_with_many_checks():
    verification = verify_plan(small.config(), small.county(), small.make_plan())
    assert verification.failures == ()
    assert verification.ok
    assert verification.checks > 1_000


def test_every_rule_has_a_check_of_its_own_name():
    assert set(RULE_CHECKS) == set(RULES)
    assert {rule: check.__name__ for rule, check in RULE_CHECKS.items()} == {rule: f"check_{rule}" for rule in RULES}


# -- rules: a decision or a config that breaks one, every table and figure consistent with it -------------------------

TO_THE_WEST = {"C03b": SiteDecision(CLOSE, "C02", 0), "C02": SiteDecision(KEEP, doctors=3),
               "C10": SiteDecision(KEEP, doctors=1)}
BROKEN_RULES: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    # what is planted, the rule that must fail, config rules, decisions, what the failure must name
    ("guest of a guest", "host_open", {"hosts": {"host_at_least_guest": False}},
     {"sites": {"C09": SiteDecision(CLOSE, "C05", 0)}, "reserve": {"西乡": 1}}, "itself a guest"),
    ("its own host", "host_open", {}, {"sites": {"C08": SiteDecision(CLOSE, "C08", 0)}}, "into itself"),
    ("candidate as host", "host_open", {"hosts": {"host_at_least_guest": False}},
     {"sites": {"C08": SiteDecision(CLOSE, "K12", 0)}}, "may host nobody"),
    ("private clinic as host", "host_open", {}, {"sites": {"C08": SiteDecision(CLOSE, "P07", 0)}}, "P07"),
    ("county hospital as host", "host_open", {}, {"sites": {"C05": SiteDecision(CLOSE, "H06", 0)}}, "H06"),
    ("closed without a host", "one_mode", {}, {"sites": {"C05": SiteDecision(CLOSE, None, 0)}}, "C05"),
    ("open with a host", "one_mode", {}, {"sites": {"C05": SiteDecision(KEEP, "S06", 1),
                                                     "C10": SiteDecision(KEEP, doctors=1)}}, "C05"),
    ("private clinic closed", "one_mode", {}, {"sites": {"P07": SiteDecision(CLOSE, "C07", 0)}}, "P07"),
    ("township hospital closed", "one_mode", {},
     {"sites": {"T02": SiteDecision(CLOSE, None, 0), "C01": SiteDecision(KEEP, doctors=1)}}, "T02"),
    ("candidate kept, not built", "one_mode", {}, {"sites": {"K12": SiteDecision(KEEP, doctors=1)}}, "K12"),
    ("upgraded, yet no sub-centre", "one_mode", {}, {"sites": {"T02": SiteDecision(UPGRADE, doctors=13)}}, "T02"),
    ("host not adjacent", "adjacent", {"hosts": {"limit_min": 30}},
     {"sites": {"C09": SiteDecision(CLOSE, "C02", 0), "C02": SiteDecision(KEEP, doctors=3)}}, "V09"),
    ("host of another township", "same_township", {"hosts": {"same_consortium": False}},
     {"sites": TO_THE_WEST}, "东乡"),
    ("host of another consortium", "same_consortium", {"hosts": {"same_township": False}},
     {"sites": TO_THE_WEST}, "乙"),
    ("host too far", "host_limit", {"hosts": {"limit_min": 7}}, {}, "C01 to T02 takes 7.1"),
    ("host smaller than its guest", "host_size", {}, {"sites": {"C10": SiteDecision(CLOSE, "C09", 0),
                                                               "C09": SiteDecision(KEEP, doctors=3)}}, "1300"),
    ("more than so many nearer hosts", "max_hosts", {"hosts": {"max_hosts": 1}},
     {"sites": {"C08": SiteDecision(CLOSE, "C04", 0), "C04": SiteDecision(KEEP, doctors=2)}, "reserve": {"东乡": 0}},
     "C08 merges into C04"),
    ("somebody leaves the circle on foot", "no_harm", {"no_harm": {"standards": ["elderly"]}}, {}, "elderly: cell"),
    ("somebody goes farther, strict form", "no_harm", {"no_harm": {"form": "strict", "delta_min": 2}}, {}, "V08"),
    ("too few inside the circle", "circle_share", {"circle_share": [{"standard": "elderly", "min_share": 0.99}]}, {},
     "elderly"),
    ("too few inside in one township", "circle_share",
     {"circle_share": [{"standard": "elderly", "min_share": 0.9, "per_township": True}]}, {}, "东乡"),
    ("a mean above its limit", "mean_minutes_limit", {"fairness": [{"measure": "mean_minutes", "limit": 2.5}]}, {},
     "circle: mean_minutes"),
    ("somebody too far", "max_minutes_limit",
     {"fairness": [{"measure": "max_minutes", "standard": "elderly", "no_worse_than_today": True}]}, {}, "elderly"),
    ("a worst tenth above its limit", "worst_decile_limit",
     {"fairness": [{"measure": "worst_decile", "limit": 6, "per_township": True}]}, {}, "in 东乡"),
    ("equivalent minutes above today's", "kolm_pollak_limit",
     {"fairness": [{"measure": "kolm_pollak", "standard": "elderly", "no_worse_than_today": True}]}, {}, "kolm_pollak"),
    ("village left blank", "blank_villages", {"max_blank_villages": 0},
     {"sites": {"K12": None}, "reserve": {"东乡": 2}}, "V12"),
    ("host with too few doctors", "doctor_capacity", {}, {"sites": {"C07": SiteDecision(KEEP, doctors=1)},
                                                          "reserve": {"东乡": 2}}, "2300 people"),
    ("hospital with no doctor for its guest", "doctor_capacity", {}, {"sites": {"T02": SiteDecision(KEEP, doctors=12)},
                                                                      "reserve": {"西乡": 1}}, "T02"),
    ("open clinic without a doctor", "doctor_capacity", {}, {"sites": {"C04": SiteDecision(KEEP, doctors=0)},
                                                             "reserve": {"东乡": 2}}, "C04"),
    ("more doctors than rooms", "doctor_rooms", {"doctors": {"max_per_site": 1}},
     {"sites": {"K12": SiteDecision(Action.BUILD, doctors=2)}, "reserve": {"东乡": 0}}, "K12 has 2"),
    ("a doctor from nowhere", "doctor_balance", {}, {"sites": {"C09": SiteDecision(KEEP, doctors=2)}}, "西乡"),
    ("a doctor lost", "doctor_balance", {}, {"reserve": {"东乡": 0}}, "东乡"),
    ("nobody retires", "doctor_balance", {"doctors": {"retire_share": 0.0}}, {}, "of today's stay"),
    ("less than no reserve", "doctor_balance", {}, {"sites": {"C09": SiteDecision(KEEP, doctors=2)},
                                                    "reserve": {"西乡": -1}}, "-1"),
    ("hospital robbed of its own doctors", "doctor_balance", {},
     {"sites": {"T11": SiteDecision(Action.UPGRADE, doctors=24, sub_centre=True)}, "reserve": {"东乡": 2}}, "T11"),
    ("more hires than allowed", "hires", {}, {"hires": {"东乡": 4}, "reserve": {"东乡": 5}}, "4 doctors"),
    ("over the recurrent budget, share", "recurrent_budget", {"budget": {"recurrent_share_of_today": 0.8}}, {},
     "yuan a year"),
    ("over the recurrent budget, yuan", "recurrent_budget", {"budget": {"recurrent_cny": 2_000_000}}, {}, "2000000"),
    ("over the capital budget", "capital_budget", {"budget": {"capital_cny": 1_280_003}}, {}, "1280004"),
    ("ineligible sub-centre", "sub_centre_eligible", {"sub_centres": {"min_beds": 81}}, {}, "beds 80"),
    ("sub-centre of too low a level", "sub_centre_eligible", {"sub_centres": {"min_level": 3}}, {}, "level 2"),
    ("too few sub-centres", "sub_centre_count", {"sub_centres": {"min_count": 2, "max_count": 2}}, {}, "1 sub-centres"),
    ("required sub-centre missing", "sub_centre_required",
     {"sub_centres": {"required": ["T11", "T02"], "forbidden": []}}, {}, "T02"),
    ("forbidden sub-centre chosen", "sub_centre_forbidden", {"sub_centres": {"required": [], "forbidden": ["T11"]}}, {},
     "T11"),
    ("township without a catchment", "sub_centre_catchment", {}, {"catchments": {"西乡": "T11"}}, "东乡"),
    ("catchment of no sub-centre", "sub_centre_catchment", {}, {"catchments": {"西乡": "T02", "东乡": "T11"}}, "T02"),
    ("catchment too large", "sub_centre_load", {"sub_centres": {"max_people": 15_000}}, {}, "at most 15000"),
]


UPSETTING = {"private clinic closed", "township hospital closed", "candidate kept, not built",
             "catchment of no sub-centre", "its own host", "candidate as host", "private clinic as host",
             "county hospital as host"}
CASE = ("planted", "rule", "rules", "decided", "named")


@pytest.mark.parametrize(CASE, BROKEN_RULES, ids=[c[0] for c in BROKEN_RULES])
def test_broken_rule_is_found_alone(planted, rule, rules, decided, named):
    config, inputs = small.config(**rules), small.county()
    plan = small.make_plan(config, decided=changed(**decided))
    verification = verify_plan(config, inputs, plan)
    assert not verification.ok
    # what no model would ever decide upsets the model's own recount, which reports and refusals come from
    counted = {"objectives", "metrics", "facilities", "refusals", "doctor_balance", "staffing"}
    upset = counted if planted in UPSETTING else set()
    assert {rule} <= rules_failed(verification) <= {rule} | upset, verification.failures
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


@pytest.mark.parametrize(CASE,
                         [c for c in BROKEN_RULES if c[1] in DROPPABLE and c[0] != "a doctor from nowhere"],
                         ids=[c[0] for c in BROKEN_RULES if c[1] in DROPPABLE and c[0] != "a doctor from nowhere"])
def test_dropped_rule_is_not_held_against_the_plan(planted, rule, rules, decided, named):
    config, inputs = small.config(**rules, without=[rule]), small.county()
    verification = verify_plan(config, inputs, small.make_plan(config, decided=changed(**decided)))
    assert rule not in rules_failed(verification), verification.failures


# Planted in test_verify_works.py, and checks planted in other files: each of them asserts that they are.
WORKS_RULES = {"work_site", "relocation", "works_together", "works_required", "works_forbidden", "funding_amount",
               "no_debt", "balance", "levels"}
ELSEWHERE = {"test_verify_centres": ["centres", "attributes", "catchments"], "test_verify_consortia": ["consortia"],
             "test_verify_works": ["money"], "test_verify_clauses": ["compliance"], "test_verify_prices": ["prices"],
             "test_verify_routes": ["routes", "calendar"], "test_groupings": ["groupings"]}


def test_every_rule_was_planted():
    others = sorted(set(Path(__file__).parent.glob("test_verify_*.py")) - {Path(__file__)})
    blocks = {rule for path in others
              for rule in re.findall(r'^    \("[^"]+", "(\w+)"', path.read_text("utf-8"), re.MULTILINE)}
    assert {rule for _, rule, *_ in BROKEN_RULES} | blocks >= set(RULES)


def test_a_hospital_whose_figure_is_missing_is_not_eligible():
    inputs = small.county()
    facilities = inputs.facilities.copy()
    facilities.loc[facilities["id"] == "T11", "beds"] = pd.NA
    inputs = dataclasses.replace(inputs, facilities=facilities)
    verification = verify_plan(small.config(), inputs, small.make_plan(inputs=inputs))
    assert rules_failed(verification) == {"sub_centre_eligible"}
    assert "beds nothing" in verification.failures[0]


def test_a_supplied_adjacency_table_rules():
    pairs = pd.DataFrame({"village_a": ["V02"], "village_b": ["V01"]})
    inputs = small.county(adjacency=pairs)
    verification = verify_plan(small.config(), inputs, small.make_plan(inputs=inputs))
    assert rules_failed(verification) == {"adjacent"}
    assert {f.split()[1] for f in verification.failures} == {"C05", "C08"}


# -- tables, figures and claims tampered with after the plan was made -------------------------------------------------


def edited(plan: Plan, table: str, row: tuple[str, Any], column: str, value: Any) -> Plan:
    """Return the plan with one field of one table changed; ``row`` is (key column, key)."""
    frame = getattr(plan, table).copy()
    key, wanted = row
    hit = frame.index[frame[key] == wanted]
    assert len(hit) == 1
    frame[column] = frame[column].astype(object)
    frame.at[hit[0], column] = value
    return dataclasses.replace(plan, **{table: frame})


def village(column: str, value: Any, of: str = "V08"):
    return lambda plan: edited(plan, "villages", ("id", of), column, value)


def facility(column: str, value: Any, of: str = "C07"):
    return lambda plan: edited(plan, "facilities", ("id", of), column, value)


def cell(column: str, value: Any, of: int = 28 * 7 + 3):
    return lambda plan: edited(plan, "cells", ("cell", of), column, value)


def refusal(clinic: str, host: str, column: str, value: Any):
    def edit(plan: Plan) -> Plan:
        table = plan.refusals.copy()
        hit = table.index[(table["clinic"] == clinic) & (table["host"] == host)]
        assert len(hit) == 1
        table[column] = table[column].astype(object)
        table.at[hit[0], column] = value
        return dataclasses.replace(plan, refusals=table)
    return edit


def metric(key: str, value: Any):
    return lambda plan: dataclasses.replace(plan, metrics={**plan.metrics, key: value})


def without_metric(key: str):
    return lambda plan: dataclasses.replace(plan, metrics={k: v for k, v in plan.metrics.items() if k != key})


def nested_metric(key: str, inner: str, value: Any):
    return lambda plan: dataclasses.replace(plan, metrics={**plan.metrics, key: {**plan.metrics[key], inner: value}})


def stage(k: int, **changes: Any):
    def edit(plan: Plan) -> Plan:
        stages = list(plan.solve.stages)
        stages[k] = dataclasses.replace(stages[k], **changes)
        return dataclasses.replace(plan, solve=dataclasses.replace(plan.solve, stages=tuple(stages)))
    return edit


def status(value: str):
    return lambda plan: dataclasses.replace(plan, solve=dataclasses.replace(plan.solve, status=value))


def rows(table: str, pick):
    return lambda plan: dataclasses.replace(plan, **{table: pick(getattr(plan, table)).reset_index(drop=True)})


def decision(site: str, value: SiteDecision | None):
    def edit(plan: Plan) -> Plan:
        sites = {**plan.decisions.sites, site: value}
        return dataclasses.replace(plan, decisions=dataclasses.replace(
            plan.decisions, sites={i: d for i, d in sites.items() if d is not None}))
    return edit


def standard(**changes: Any):
    return lambda plan: dataclasses.replace(
        plan, standards=(plan.standards[0].model_copy(update=changes), *plan.standards[1:]))


TAMPERED = {
    "village mode": (village("mode", "keep"), "villages", "V08: mode is keep, recounted merge"),
    "village host": (village("host", "C04"), "villages", "V08: host is C04, recounted C07"),
    "village without its host": (village("host", None), "villages", "host"),
    "village people": (village("people", 900.0), "villages", "V08: people is 900"),
    "village minutes": (village("minutes_after", 3.0), "villages", "minutes_after is 3"),
    "village p90": (village("minutes_after_p90", 3.0), "villages", "minutes_after_p90"),
    "village minutes to its host": (village("minutes_to_host", 1.0), "villages", "minutes_to_host"),
    "village days a week": (village("days_per_week", 7), "villages", "days_per_week"),
    "village people outside": (village("people_out_after", 0.0, "V13"), "villages", "V13: people_out_after is 0"),
    "village catchment": (village("catchment_of", "T02"), "villages", "catchment_of"),
    "village name": (village("name", "别村"), "villages", "name is 别村"),
    "village longitude": (village("lon", 120.5), "villages", "lon is 120.5"),
    "village host called new": (village("host_new_site", True), "villages", "host_new_site is True"),
    "village elderly": (village("people_65", 0.0), "villages", "people_65 is 0"),
    "village people outside today": (village("people_out_before", 0.0, "V13"), "villages", "people_out_before is 0"),
    "village served by another": (village("served_by", "C04"), "villages", "V08: served_by is C04, recounted C07"),
    "village without a clinic, for another reason": (village("no_clinic_because", "hospital_here", "V13"), "villages",
                                                     "V13: no_clinic_because is hospital_here, recounted no_candid"),
    "village with a clinic said to have none": (village("no_clinic_because", "no_candidate_site", "V02"), "villages",
                                                "V02: no_clinic_because is no_candidate_site"),
    "village dropped": (rows("villages", lambda t: t[t["id"] != "V13"]), "villages", "V13"),
    "village listed twice": (rows("villages", lambda t: pd.concat([t, t.tail(1)])), "villages", "14 rows"),
    "facility action": (facility("action", "close", "C04"), "facilities", "C04: action is close"),
    "facility host": (facility("merged_into", "C04", "C08"), "facilities", "merged_into"),
    "facility doctors": (facility("doctors", 3), "facilities", "C07: doctors is 3"),
    "facility people served": (facility("people_served", 1500.0), "facilities", "people_served"),
    "facility people nearest": (facility("people_nearest", 0.0), "facilities", "people_nearest"),
    "facility annual cost": (facility("annual_cost_cny", 1.0), "facilities", "annual_cost_cny is 1"),
    "facility capital cost": (facility("capital_cost_cny", 20_000.0, "C08"), "facilities", "recounted 20001"),
    "facility kind": (facility("kind", "station"), "facilities", "kind is station"),
    "facility latitude": (facility("lat", 31.0), "facilities", "lat is 31"),
    "facility doctors today": (facility("doctors_before", None), "facilities", "doctors_before is nothing"),
    "facility sub-centre": (facility("sub_centre", False, "T11"), "facilities", "T11: sub_centre"),
    "built candidate missing": (rows("facilities", lambda t: t[t["id"] != "K12"]), "facilities", "K12"),
    "doctors who retire, by township": (
        lambda plan: edited(plan, "staffing", ("name", "西乡"), "doctors_retiring", 0), "staffing", "doctors_retiring"),
    "cell minutes": (cell("minutes_after", 1.5), "cells", "minutes_after is 1.5"),
    "cell minutes by one decisecond": (lambda plan: cell(
        "minutes_after", plan.cells["minutes_after"].iloc[28] + 1 / 600)(plan), "cells", "minutes_after"),
    "cell people": (cell("people", 1.0), "cells", "people is 1"),
    "cell village": (cell("village", "V07"), "cells", "village is V07"),
    "cell place": (cell("lat", 30.0), "cells", "lat is 30"),
    "cell site": (cell("site_after", "C08"), "cells", "site_after is C08"),
    "cell dropped": (rows("cells", lambda t: t.iloc[1:]), "cells", "3"),
    "cells out of order": (rows("cells", lambda t: t.iloc[::-1]), "cells", "out of order"),
    "unreachable hidden as a large number": (lambda plan: cell("state_after", "value", 48 * 7 + 3)(
        cell("minutes_after", 9_999.0, 48 * 7 + 3)(plan)), "cells", "9999"),
    "beyond the horizon called reached": (cell("minutes_after", 239.0, 47 * 7 + 3), "cells", "239"),
    "people within the circle inflated": (metric("people_within_circle_after", 15_705.5), "metrics",
                                          "people_within_circle_after is 15705.5"),
    "people unreachable hidden": (metric("people_unreachable", 0.0), "metrics", "people_unreachable is 0"),
    "mean minutes": (metric("mean_minutes_after", 1.9), "metrics", "mean_minutes_after"),
    "blank villages": (metric("blank_villages", 0), "metrics", "blank_villages is 0, recounted 1"),
    "verdict": (metric("circle_met", "not_met"), "metrics", "circle_met is not_met"),
    "annual cost": (metric("annual_cost_cny", 2_000_000.0), "metrics", "annual_cost_cny"),
    "capital cost": (metric("capital_cost_cny", 0.0), "metrics", "capital_cost_cny"),
    "second standard's figure": (nested_metric("elderly", "people_leaving_circle", 0.0), "metrics",
                                 "elderly.people_leaving_circle"),
    "distribution of added minutes": (nested_metric("added_minutes", "up_to_5", 0.0), "metrics", "up_to_5"),
    "worst village left out": (metric("worst_villages", []), "metrics", "leaves out"),
    "worst villages in the wrong order": (lambda plan: metric(
        "worst_villages", plan.metrics["worst_villages"][::-1])(plan), "metrics", "not in order"),
    "worst village that is none": (lambda plan: metric("worst_villages", [
        *plan.metrics["worst_villages"], {"village": "V99"}])(plan), "metrics", "V99, which is no village"),
    "metric missing": (without_metric("people_beyond_horizon"), "metrics", "people_beyond_horizon"),
    "metric nobody can count": (metric("people_within_circle_periodic_after", 15_000.0), "metrics", "periodic"),
    "people do not add up": (metric("people", 15_706.5), "sums", "metrics.people says 15706.5"),
    "optimal with a gap": (stage(3, bound=2_000_000.0, gap=0.16), "status", "called optimal"),
    "optimal without a bound": (stage(3, bound=None, gap=None), "status", "has no bound"),
    "bound above the value": (stage(3, bound=9e9, gap=0.0), "status", "above its value"),
    "gap that does not fit": (lambda plan: status("feasible")(stage(3, bound=2_000_000.0, gap=0.001)(plan)), "status",
                              "does not fit"),
    "gap without a bound": (lambda plan: status("feasible")(stage(3, bound=None, gap=0.0)(plan)), "status", "no bound"),
    "stage without a value": (stage(3, value=None), "status", "cost has no value"),
    "status of no plan": (status("infeasible"), "status", "infeasible"),
    "objective value": (lambda plan: stage(3, value=2.0, bound=2.0)(plan), "objectives", "cost is 2"),
    "objective by half a person": (lambda plan: stage(
        0, value=plan.solve.stages[0].value - 0.5, bound=plan.solve.stages[0].value - 0.5)(plan), "objectives",
        "uncovered"),
    "stage missing": (lambda plan: dataclasses.replace(plan, solve=dataclasses.replace(
        plan.solve, stages=plan.solve.stages[:-1])), "status", "changes"),
    "two hosts": (lambda plan: dataclasses.replace(plan, refusals=pd.concat([plan.refusals, pd.DataFrame([{
        "clinic": "C08", "host": "C04", "accepted": True, "rule": None}])])), "refusals", "C08 → C04"),
    "merger not listed": (rows("refusals", lambda t: t[t["host"] != "T02"]), "refusals", "C01 merges into T02"),
    "refused by no rule": (rows("refusals", lambda t: t.assign(rule=None)), "refusals", "C02 → C03"),
    "refused by a rule it obeys": (refusal("C02", "C03", "rule", "adjacent"), "refusals", "does not break"),
    "refused by the objective, yet it breaks a rule": (refusal("C02", "C03", "rule", "objective"), "refusals",
                                                      "same_township"),
    "refused by people who are not there": (refusal("C04", "C08", "figure", 700.0), "refusals", "figure is 700"),
    "minutes of a merger": (refusal("C08", "C07", "minutes", 4.0), "refusals", "takes 4 min, recounted 5.89"),
    "minutes of a merger refused": (refusal("C02", "C03", "minutes", 4.0), "refusals", "C02 → C03 takes 4 min"),
    "refused pair that is none": (refusal("C02", "C03", "host", "C77"), "refusals", "C02 → C77 is no pair"),
    "listed twice": (rows("refusals", lambda t: pd.concat([t, t])), "refusals", "twice"),
    "limit of the standard": (standard(limit_min=20), "standards", "limit_min is 20"),
    "target of the standard": (standard(target_share=0.5), "standards", "target_share"),
    "standard missing": (lambda plan: dataclasses.replace(plan, standards=plan.standards[:1]), "standards",
                         "not the config's"),
    "binding": (lambda plan: dataclasses.replace(plan, binding={**plan.binding, "circle": True}), "standards",
                "binding is True"),
    "county": (lambda plan: dataclasses.replace(plan, county="别县"), "standards", "别县"),
    "called real": (lambda plan: dataclasses.replace(plan, data_basis="real"), "standards", "data_basis"),
    "merged into nowhere": (decision("C08", SiteDecision(CLOSE, "C99", 0)), "host_open", "C99"),
    "unknown site decided": (decision("C98", SiteDecision(KEEP, doctors=1)), "one_mode", "C98"),
    "clinic without a decision": (decision("C04", None), "one_mode", "C04 has no decision"),
    "clinic as sub-centre": (decision("C02", SiteDecision(KEEP, None, 2, True)), "sub_centre_eligible", "C02"),
    "closed sub-centre": (decision("T11", SiteDecision(CLOSE, None, 0, True)), "sub_centre_eligible", "T11 is closed"),
    "doctors un-hired": (lambda plan: dataclasses.replace(plan, decisions=dataclasses.replace(
        plan.decisions, hires={"东乡": -1, "西乡": 0}, reserve={"东乡": 0, "西乡": 0})), "hires", "东乡 hires -1"),
    "decision turned round": (decision("C10", SiteDecision(CLOSE, "S06", 0)), "doctor_balance", "西乡"),
}


@pytest.mark.parametrize("planted", TAMPERED)
def test_tampered_plan_is_refused(planted):
    edit, rule, named = TAMPERED[planted]
    verification = verify_plan(small.config(), small.county(), edit(small.make_plan()))
    assert not verification.ok
    assert rule in rules_failed(verification), verification.failures
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


def test_every_consistency_check_was_planted():
    here = {rule for _, rule, _ in TAMPERED.values()} | {"second_opinion"}  # by a wrong shortest path, below
    assert here | {check for checks in ELSEWHERE.values() for check in checks} >= set(CONSISTENCY_CHECKS)
    for file in ELSEWHERE:
        text = (Path(__file__).parent / f"{file}.py").read_text("utf-8")
        assert f'set(ELSEWHERE["{file}"])' in text, f"{file} does not assert that it plants its checks"


def test_doctors_in_reserve_where_doctors_are_no_part_of_the_plan_are_refused():
    config = small.config(doctors=None)
    verification = verify_plan(config, small.county(), small.make_plan(config))
    assert "doctor_balance: doctors are no part of this plan, but reserve is" in verification.failures


def test_a_sub_centre_that_a_village_cannot_reach_is_refused():
    inputs = small.county()
    on_the_island = inputs.facilities["id"] == "T02"
    facilities = inputs.facilities.copy()
    facilities.loc[on_the_island, "geometry"] = inputs.villages.geometry.iloc[12]
    inputs = dataclasses.replace(inputs, facilities=facilities)
    verification = verify_plan(small.config(), inputs, small.make_plan(inputs=inputs))
    assert "sub_centre_catchment: 东乡: villages V13 cannot reach T11" in verification.failures


@pytest.mark.parametrize("wrong_by", [1, -1, 600])
def test_a_wrong_shortest_path_is_seen_by_the_second_opinion(monkeypatch, wrong_by):
    honest = RoadRecount.nearest

    def nearest(self, *args):
        found = honest(self, *args)
        return dataclasses.replace(found, ds=np.where(found.ds > 0, found.ds + wrong_by, found.ds))

    plan = small.make_plan()
    monkeypatch.setattr(RoadRecount, "nearest", nearest)
    assert "second_opinion" in rules_failed(verify_plan(small.config(), small.county(), plan))


def test_people_that_are_no_number_are_refused():
    plan = small.make_plan()
    cells = plan.cells.copy()
    cells.loc[0, "people"] = np.nan
    verification = verify_plan(small.config(), small.county(), dataclasses.replace(plan, cells=cells))
    assert {"cells", "sums"} <= rules_failed(verification)


def test_other_inputs_than_the_plans_are_refused():
    inputs = small.county()
    roads = dataclasses.replace(inputs.roads, edges=inputs.roads.edges.assign(
        length_m=inputs.roads.edges["length_m"] * 1.01))
    verification = verify_plan(small.config(), dataclasses.replace(inputs, roads=roads), small.make_plan())
    assert {"cells", "villages", "objectives"} <= rules_failed(verification)


def test_a_malformed_plan_is_refused_and_raises_nothing():
    plan = small.make_plan()
    broken = dataclasses.replace(plan, villages=pd.DataFrame(), cells=pd.DataFrame({"cell": [1]}), metrics={})
    verification = verify_plan(small.config(), small.county(), broken)
    assert {"villages", "cells", "metrics", "sums"} <= rules_failed(verification)
