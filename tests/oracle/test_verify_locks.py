"""Planted corruption of locks and caps on closures: each is found, by the name of the rule broken."""

from __future__ import annotations

import pytest
from test_verify_corruptions import rules_failed, small

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.plan import verify_plan


def lock(site, do, host=None, **more):
    return {"locks": [{"site": site, "do": do, "host": host, "reason": "理由", **more}]}


# The valid plan closes C01 (into T02), C03b (C03), C05 (S06) and C08 (C07), and builds K12.
PLANTED = [
    # what is planted, the rule that must fail, config rules, what the failure must name
    ("kept clinic closed", "locks", lock("C08", "keep"), "C08 is locked to keep"),
    ("closed clinic kept", "locks", lock("C04", "close"), "C04 is locked to close"),
    ("merged elsewhere", "locks", lock("C08", "merge_into", "C04"), "with host C07"),
    ("not merged at all", "locks", lock("C02", "merge_into", "T02"), "with host nothing"),
    ("forbidden merger made", "locks", lock("C08", "forbid_merge_into", "C07"), "forbid_merge_into C07"),
    ("candidate not to be built is", "locks", lock("K12", "forbid"), "K12 is locked to forbid"),
    ("hospital locked closed", "locks", lock("T02", "close"), "T02 is locked to close"),
    ("private clinic locked closed", "locks", lock("P07", "close"), "P07 is locked to close"),
    ("site that is none", "locks", lock("C99", "keep"), "it is no facility"),
    ("too many closures in the county", "closures_total", {"closures": {"max_total": 3}}, "4 clinics close"),
    ("too many closures in a township", "closures_township", {"closures": {"max_per_township": 1}}, "2 clinics of 西"),
    ("too large a share of a township", "closures_township", {"closures": {"max_share_per_township": 0.39}}, "2 of 5"),
]


@pytest.mark.parametrize(("planted", "rule", "rules", "named"), PLANTED, ids=[c[0] for c in PLANTED])
def test_broken_lock_or_cap_is_found_alone(planted, rule, rules, named):
    config = small.config(**rules)
    usual = small.make_plan()
    verification = verify_plan(config, small.county(), usual)
    assert rule in rules_failed(verification) <= {rule, "facilities"}  # the table does not tell of the lock either
    assert any(f.startswith(f"{rule}:") and named in f for f in verification.failures), verification.failures
    dropped = small.config(**rules, without=[rule])
    assert verify_plan(dropped, small.county(), usual).failures == ()


def test_candidate_to_be_built_that_is_not():
    config = small.config(**lock("K12", "build"), max_blank_villages=None)
    decided = Decisions({i: d for i, d in small.decisions().sites.items() if i != "K12"}, small.decisions().catchments,
                        small.decisions().hires, {"东乡": 2, "西乡": 0})
    assert rules_failed(verify_plan(config, small.county(), small.make_plan(config, decided=decided))) == {"locks"}


def test_a_private_clinic_closed_is_caught_whatever_is_locked():
    config = small.config(**lock("P07", "keep"))
    sites = {**small.decisions().sites, "P07": SiteDecision(Action.CLOSE, "C07", 0)}
    base = small.decisions()
    plan = small.make_plan(config, decided=Decisions(sites, base.catchments, base.hires, base.reserve))
    assert {"one_mode", "locks"} <= rules_failed(verify_plan(config, small.county(), plan))


def test_obeyed_locks_pass_and_stand_in_the_table():
    config = small.config(locks=[
        {"site": "C08", "do": "merge_into", "host": "C07", "reason": "群众同意", "reason_en": "agreed"},
        {"site": "C04", "do": "keep", "reason": "=刚改建"}, {"site": "C05", "do": "close", "reason": "危房"},
        {"site": "K12", "do": "build", "reason": "已立项"}], closures={"max_total": 4, "max_share_per_township": 0.4})
    plan = small.make_plan(config)
    assert verify_plan(config, small.county(), plan).failures == ()
    table = plan.facilities.set_index("id")
    assert table.at["C08", "locked"] == "锁定并入 C07：群众同意"
    assert table.at["C08", "locked_en"] == "locked: merge into C07: agreed"
    assert table.at["C04", "locked_en"] == "locked: keep: =刚改建"
    assert table.at["C02", "locked"] is None


def test_an_override_lifts_host_rules_for_its_pair_only():
    """C09 and C02 are not adjacent; C01 and T02 take more than 7 minutes."""
    base = small.decisions()
    sites = {**base.sites, "C09": SiteDecision(Action.CLOSE, "C02", 0), "C02": SiteDecision(Action.KEEP, doctors=3)}
    decided = Decisions(sites, base.catchments, base.hires, base.reserve)
    rules = lock("C09", "merge_into", "C02", override=["adjacent"])
    config = small.config(hosts={"limit_min": 30}, **rules)
    plan = small.make_plan(config, decided=decided)
    assert verify_plan(config, small.county(), plan).failures == ()
    assert any("C09 并入 C02" in note.zh for note in plan.notes)
    plain = small.config(hosts={"limit_min": 30}, **lock("C09", "merge_into", "C02"))
    failed = verify_plan(plain, small.county(), small.make_plan(plain, decided=decided))
    assert rules_failed(failed) == {"adjacent"}
    other = small.config(hosts={"limit_min": 7}, **lock("C08", "merge_into", "C07", override=["host_limit"]))
    assert rules_failed(verify_plan(other, small.county(), small.make_plan(other))) == {"host_limit"}
