"""Planted corruption of balances beside service modes: subsidies follow people to whose staff serve them."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pytest
from test_verify_corruptions import rules_failed, small
from test_verify_modes import MODES, decided
from test_verify_works import capital, county, facility

from facilityplan.plan import Plan, verify_plan

PER_PERSON, TEAM, POSTED = 80.25, 120_000, 150_000


def config(form: str = "no_worse", scope: str = "institution", **costs: float):
    raw = small.config(modes={**MODES, "same_township": True},
                       balance={"form": form, "scope": scope}).model_dump(mode="json")
    raw["costs"] |= {"health_subsidy_per_person": capital(PER_PERSON), "clinic_subsidy": capital(30_000)}
    raw["costs"]["circuit_team"]["value"] = costs.get("team", 0)
    raw["costs"]["posted_doctor"]["value"] = costs.get("posted", POSTED)
    return type(small.config()).model_validate(raw)


@cache
def shown():
    """The config whose balances are told, and asked of nobody."""
    raw = config(team=TEAM).model_dump(mode="json")
    return type(small.config()).model_validate({**raw, "rules": {**raw["rules"], "without": ["balance"]}})


@cache
def plan() -> Plan:
    return small.make_plan(shown(), county(), decided())


def test_subsidies_follow_the_people_to_whose_staff_serve_them():
    rows = plan().facilities.set_index("id")
    assert verify_plan(shown(), county(), plan()).failures == ()
    assert rows["balance_cny_after"].isna()["C08"] and rows["balance_cny_after"].isna()["C09"]
    gained = rows.loc["C07", "balance_cny_after"] - rows.loc["C07", "balance_cny_before"]
    assert gained == round(PER_PERSON * 800) + 0, "C08's people are visited by the doctors of C07"
    assert rows.loc["T11", "balance_cny_after"] == 50_000 - TEAM, "its team visits a village that brings nothing"
    kept = rows.loc["C05", "balance_cny_after"] - rows.loc["C05", "balance_cny_before"]
    assert kept == -POSTED, "C05 had no doctor to pay today"
    total = [rows[f"balance_cny_{when}"].sum() for when in ("before", "after")]
    metrics = plan().metrics
    assert metrics["balance_cny_before"] == total[0] and metrics["balance_cny_after"] <= total[1]


BROKEN: list[tuple[str, str, dict[str, Any], str]] = [
    # what is planted, the rule that must fail, config, what the failure must name
    ("a base that its teams cost more than it has", "balance", {"team": TEAM}, "T11 has a balance of -70000"),
    ("a clinic that posted staff cost more than it has", "balance", {"form": "non_negative"}, "C05 has a balance"),
    ("a township that its services cost more than today", "balance", {"scope": "township", "team": 900_000}, "西乡"),
    ("a county that its services cost more", "balance", {"scope": "county", "team": 2_000_000}, "the county has"),
]  # fmt: skip


@pytest.mark.parametrize("case", BROKEN, ids=[c[0] for c in BROKEN])
def test_a_balance_that_services_break_is_found(case):
    _, rule, changes, named = case
    cfg = config(**changes)
    verification = verify_plan(cfg, county(), small.make_plan(cfg, county(), decided()))
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures


TAMPERED = {
    "what the visited bring": facility("C07", "balance_cny_after", 1.0),
    "what a team costs": facility("T11", "balance_cny_after", 50_000.0),
    "what posted staff cost": facility("C05", "balance_cny_after", 0.0),
    "balance of all": lambda p: dataclasses.replace(p, metrics={**p.metrics, "balance_cny_after": 0.0}),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_balance_is_refused(what):
    verification = verify_plan(shown(), county(), TAMPERED[what](plan()))
    assert rules_failed(verification) == {"metrics" if what == "balance of all" else "facilities"}
    assert "balance_cny_after is" in verification.failures[0]
