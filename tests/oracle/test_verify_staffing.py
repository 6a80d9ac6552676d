"""Planted corruption of staffing in depth: patients, posts and least doctors are recounted, each lie is found."""

from __future__ import annotations

import dataclasses

import pytest
from test_verify_corruptions import rules_failed, small

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.plan import verify_plan

PATIENTS = {"patients": {"capacity_per_doctor": 1000, "overload_people": 4000, "visits_per_person": 5.5}}


def doctors(**more):
    return {"doctors": more}


# The valid plan: C01 into T02, C03b into C03 (1,600 people, 2 doctors), C05 into S06 (3,500, 3), C08 into C07.
PLANTED = [
    # what is planted, the rule that must fail, config rules, what the failure must name
    ("too many patients in all", "patient_overload", {"patients": {"capacity_per_doctor": 900, "overload_people": 500}},
     "at most 500"),
    ("too large a share of patients", "patient_overload",
     {"patients": {"capacity_per_doctor": 900, "overload_share": 0.01}}, "beyond their sites' capacity"),
    ("too many elderly patients", "patient_overload",
     {"patients": {"standard": "elderly", "capacity_per_doctor": 50, "overload_people": 10}}, "at most 10"),
    ("a host too small for its people", "doctor_minimum",
     doctors(min_by_people=[{"from_people": 3400, "doctors": 4}]), "S06 has 3 doctors for 3500 people"),
    ("a clinic too small, nothing exempt", "doctor_minimum",
     doctors(min_by_people=[{"from_people": 600, "doctors": 2}], exempt_shortfall_today=False), "C09 has 1 doctors"),
    ("a candidate too small", "doctor_minimum", doctors(min_by_people=[{"from_people": 300, "doctors": 2}]),
     "K12 has 1 doctors"),
    ("posts left empty in the county", "fill_posts",
     doctors(people_per_doctor_norm=800, fill_posts={"min_share": 0.95}), "the county has 16 doctors for 21 posts"),
    ("posts left empty in a township", "fill_posts",
     doctors(fill_posts={"min_share": 0.99, "per_township": True}), "东乡 has 7 doctors for 8 posts"),
]


@pytest.mark.parametrize(("planted", "rule", "rules", "named"), PLANTED, ids=[c[0] for c in PLANTED])
def test_broken_staffing_rule_is_found_alone(planted, rule, rules, named):
    config = small.config(**rules)
    plan = small.make_plan(config)
    verification = verify_plan(config, small.county(), plan)
    assert rules_failed(verification) == {rule}, verification.failures
    assert any(named in f for f in verification.failures), verification.failures
    dropped = small.config(**rules, without=[rule])
    assert verify_plan(dropped, small.county(), small.make_plan(dropped)).failures == ()


@pytest.fixture(scope="module")
def crowded():
    config = small.config(**PATIENTS)
    return config, small.make_plan(config)


def test_patients_are_counted_and_a_valid_plan_passes(crowded):
    config, plan = crowded
    assert verify_plan(config, small.county(), plan).failures == ()
    table, told = plan.facilities.set_index("id"), plan.metrics["patients"]
    over = table["people_over_capacity"].dropna()
    assert told["people_over_capacity"] == pytest.approx(over.sum())
    assert told["sites_over_capacity"] == (over > 0).sum() > 0
    assert told["visits_a_year"] == pytest.approx(told["people"] * 5.5)
    assert table.at["C10", "people_over_capacity"] == pytest.approx(max(0, table.at["C10", "patients"] - 2000))
    assert table.at["H06", "people_over_capacity"] == 0  # its own 220 doctors count
    assert table["patients"].sum() <= told["people"] + 1e-6


def edited(plan, frame, row, column, value):
    table = getattr(plan, frame).copy()
    table[column] = table[column].astype(object)
    table.loc[table[row[0]] == row[1], column] = value
    return dataclasses.replace(plan, **{frame: table})


TAMPERED = {
    "overload hidden": ("facilities", ("id", "C10"), "people_over_capacity", -1.0),
    "patients moved": ("facilities", ("id", "C07"), "patients", 1.0),
    "a site's vacancies": ("facilities", ("id", "C05"), "posts_vacant_before", 0),
    "a site's posts by the norm": ("facilities", ("id", "S06"), "posts_by_norm", 3),
    "a site's retirements": ("facilities", ("id", "C01"), "doctors_retiring", 0),
    "a township's doctors after": ("staffing", ("name", "东乡"), "doctors_after", 8),
    "a township's hires": ("staffing", ("name", "东乡"), "doctors_hired", 1),
    "a township's moves": ("staffing", ("name", "西乡"), "doctors_moving", 0),
    "a township's old doctors": ("staffing", ("name", "西乡"), "doctors_60_plus_after", 9),
    "a township's young doctors": ("staffing", ("name", "西乡"), "doctors_under_40", 5),
    "a township's posts to fill": ("staffing", ("name", "东乡"), "posts_to_fill_after", 0),
    "a township's posts": ("staffing", ("name", "东乡"), "posts", None),
}


@pytest.mark.parametrize("planted", TAMPERED)
def test_tampered_staffing_is_refused(planted, crowded):
    frame, row, column, value = TAMPERED[planted]
    config, plan = crowded
    verification = verify_plan(config, small.county(), edited(plan, frame, row, column, value))
    assert rules_failed(verification) == {frame}
    assert any(row[1] in f and column in f for f in verification.failures), verification.failures


def test_tampered_patient_figures_are_refused(crowded):
    config, plan = crowded
    told = {**plan.metrics["patients"], "people_over_capacity": 0.0}
    lied = dataclasses.replace(plan, metrics={**plan.metrics, "patients": told, "posts_to_fill_after": 0})
    verification = verify_plan(config, small.county(), lied)
    assert rules_failed(verification) == {"metrics"}
    assert len(verification.failures) == 2


def test_staff_by_township_must_be_there_exactly_where_doctors_are():
    usual = small.make_plan()
    missing = dataclasses.replace(usual, staffing=None)
    assert rules_failed(verify_plan(small.config(), small.county(), missing)) == {"staffing"}
    config = small.config(doctors=None)
    base = small.decisions()
    plain = Decisions(base.sites, base.catchments, {}, {})
    without = small.make_plan(config, decided=plain)
    assert without.staffing is None and "posts_by_norm" not in without.metrics
    lied = verify_plan(config, small.county(), dataclasses.replace(without, staffing=usual.staffing))
    assert "staffing" in rules_failed(lied)


def test_headcount_and_ages_by_hand():
    """西乡: C01 2 (one of 60 retires), C02 2, C05 0, C09 1, C10 2, S06 3 = 10 doctors; C01's other one goes to T02."""
    row = small.make_plan().staffing.set_index("name").loc["西乡"]
    assert (row.doctors_before, row.doctors_retiring, row.doctors_hired, row.doctors_after) == (10, 1, 0, 9)
    assert row.doctors_moving == 1
    assert (row.doctors_under_40, row.doctors_40_59, row.doctors_60_plus, row.doctors_60_plus_after) == (2, 2, 2, 1)
    assert row.doctors_age_unknown == 4
    assert (row.posts, row.posts_vacant_before) == (10, 1)
    assert row.posts_by_norm == 9  # 8,500 people and a few
    assert (row.posts_to_fill_before, row.posts_to_fill_after) == (0, 0)


def test_a_shortfall_of_today_is_exempt_only_without_guests():
    rules = doctors(min_by_people=[{"from_people": 700, "doctors": 2}])
    config, base = small.config(**rules), small.decisions()
    usual = {**base.sites, "C04": SiteDecision(Action.KEEP, doctors=2)}
    reserve = {**base.reserve, "东乡": 0}
    plan = small.make_plan(config, decided=Decisions(usual, base.catchments, base.hires, reserve))
    assert verify_plan(config, small.county(), plan).failures == ()  # C09: 700 people, one doctor today and after
    sites = {**usual, "C05": SiteDecision(Action.CLOSE, "C09", 0)}
    config = small.config(**rules, hosts={"host_at_least_guest": False, "limit_min": 30})
    plan = small.make_plan(config, decided=Decisions(sites, base.catchments, base.hires, reserve))
    assert rules_failed(verify_plan(config, small.county(), plan)) == {"doctor_minimum"}  # with a guest it needs two
