"""What named mergers cost: both sides are proven plans that do and do not make it; planted lies in prices fail."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest
from test_verify_corruptions import ELSEWHERE, rules_failed, small

from facilityplan.access import compute_access
from facilityplan.model.prices import makes, price_named
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
        assert price.made is not None and price.not_made is not None
        assert makes(price.made.decisions, price.merger) and not makes(price.not_made.decisions, price.merger)
        free, other = (price.made, price.not_made) if price.in_free_optimum else (price.not_made, price.made)
        assert free.values <= other.values
        assert {free.report.status, other.report.status} == {"optimal"}
    assert never.made is None and never.not_made is not None and not never.in_free_optimum


def test_the_record_subtracts_what_the_decisions_come_to():
    for row, price in zip(plan().prices[:2], priced()[1], strict=False):
        made, left = row["with"]["figures"], row["without"]["figures"]
        assert [made[s.name] for s in price.made.report.stages] == list(price.made.values)
        assert row["difference"] == {key: made[key] - left[key] for key in made}
        assert made["capital_cost_cny"] > 0
    assert plan().prices[2]["with"] is None and plan().prices[2]["difference"] is None


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
    "the better side": lambda row: {"in_free_optimum": not row["in_free_optimum"]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_a_price_is_found(lie):
    told = altered(1, **LIES[lie](plan().prices[1]))
    assert rules_failed(verify_plan(config(), small.county(), told)) == set(ELSEWHERE["test_verify_prices"])
