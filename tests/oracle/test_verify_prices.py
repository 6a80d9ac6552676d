"""What named mergers cost: both sides are proven plans that do and do not make it; planted lies in prices fail."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest
from test_verify_corruptions import ELSEWHERE, rules_failed, small

from facilityplan.access import compute_access
from facilityplan.errors import Infeasible, NoUsablePlan, Text
from facilityplan.model import prices as pricing
from facilityplan.model.prices import Side, better, makes, price_named
from facilityplan.model.types import SolveReport, StageResult
from facilityplan.plan import Plan, verify_plan
from facilityplan.plan.prices import price_records

NAMED = [{"id": "both", "name": "甲", "name_en": "a", "site": "C03b", "host": "C03"},
         {"id": "alone", "name": "乙", "name_en": "b", "site": "C01"},
         {"id": "never", "name": "丙", "name_en": "c", "site": "C04", "host": "C09"}]  # in two townships


def config(price: bool = True):
    whole = small.config()
    return type(whole).model_validate(whole.model_dump(mode="json") | {"named": {"mergers": NAMED, "price": price}})


@cache
def priced():
    cfg, inputs = config(), small.county()
    access = compute_access(cfg, inputs, small._usual_geography())
    return cfg, price_named(cfg, inputs, access, lambda _: None)


@cache
def plan() -> Plan:
    cfg, prices = priced()
    return dataclasses.replace(small.make_plan(cfg, decided=small.decisions()),
                               prices=price_records(cfg, small.county(), prices))


def test_each_side_does_what_it_says_and_the_free_optimum_is_the_better_one():
    both, alone, never = priced()[1]
    for price in (both, alone):
        assert isinstance(price.made, Side) and isinstance(price.not_made, Side)
        assert makes(price.made.decisions, price.merger) and not makes(price.not_made.decisions, price.merger)
        free, other = (price.made, price.not_made) if price.in_free_optimum else (price.not_made, price.made)
        assert free.values <= other.values
        assert {free.report.status, other.report.status} == {"optimal"}
    assert never.made == "infeasible" and isinstance(never.not_made, Side) and not never.in_free_optimum


def test_the_record_subtracts_what_the_decisions_come_to():
    for row, price in zip(plan().prices[:2], priced()[1], strict=False):
        made, left = row["with"]["figures"], row["without"]["figures"]
        assert [made[s.name] for s in price.made.report.stages] == list(price.made.values)
        assert row["difference"] == {key: made[key] - left[key] for key in made}
        assert made["capital_cost_cny"] > 0
    assert plan().prices[2]["with"] is None and plan().prices[2]["difference"] is None
    assert [row["status"]["with"] for row in plan().prices] == ["optimal", "optimal", "infeasible"]


def test_a_side_without_a_plan_keeps_the_reason(monkeypatch):
    for error, reason in ((Infeasible, "infeasible"), (NoUsablePlan, "not_found")):
        def failing(*_, error=error, **__):
            raise error(Text("无", "none"))

        monkeypatch.setattr(pricing, "solve_data", failing)
        cfg, inputs = config(), small.county()
        found = price_named(cfg, inputs, compute_access(cfg, inputs, small._usual_geography()), lambda _: None)
        assert {side for price in found for side in (price.made, price.not_made)} == {reason}
        records = price_records(cfg, inputs, found)
        assert all(row["status"] == {"with": reason, "without": reason} for row in records)
        assert verify_plan(cfg, inputs, dataclasses.replace(plan(), prices=records)).failures == ()


def test_of_several_ways_the_best_is_proven_only_where_all_the_others_are():
    def side(status: str, value: float) -> Side:
        return Side(None, SolveReport(status, (StageResult("cost", value, value, 0.0, 0.0),), 0.0, False, {}, {}))

    cheap, dear, guess = side("optimal", 1.0), side("optimal", 2.0), side("feasible", 3.0)
    assert better([dear, cheap, "infeasible"]) is cheap
    for other in (guess, "not_found"):
        best = better([cheap, other])
        assert best.values == cheap.values and best.report.status == "feasible"
    assert better([]) == better(["infeasible"] * 2) == "infeasible"
    assert better(["infeasible", "not_found"]) == "not_found"


def test_nothing_is_priced_unless_asked():
    cfg = config(price=False)
    assert price_named(cfg, small.county(), None, lambda _: None) == ()
    told = dataclasses.replace(plan(), prices=())
    assert "prices" in rules_failed(verify_plan(config(), small.county(), told))
    assert "prices" in rules_failed(verify_plan(cfg, small.county(), plan()))


def test_true_prices_pass():
    assert verify_plan(config(), small.county(), plan()).failures == ()


def altered(k: int, **changes) -> Plan:
    rows = [dict(row) for row in plan().prices]
    rows[k] |= changes
    return dataclasses.replace(plan(), prices=tuple(rows))


LIES = {
    "a difference": lambda row: {"difference": dict.fromkeys(row["difference"], 1.0)},
    "no difference": lambda row: {"difference": None},
    "sides changed round": lambda row: {"with": row["without"], "without": row["with"]},
    "the plan without makes it": lambda row: {"without": {**row["without"], "merged_into": row["with"]["merged_into"]}},
    "another clinic's host": lambda row: {"with": {**row["with"], "merged_into": {"C10": "C09"}}},
    "proof of nothing": lambda row: {"status": {**row["status"], "with": "not_found"}},
    "no status": lambda row: {"status": {}},
    "the better side": lambda row: {"in_free_optimum": not row["in_free_optimum"]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_a_price_is_found(lie):
    told = altered(1, **LIES[lie](plan().prices[1]))
    assert rules_failed(verify_plan(config(), small.county(), told)) == set(ELSEWHERE["test_verify_prices"])
