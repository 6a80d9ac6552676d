"""Whatever is decided, the plan's tables and figures and the verifier's own count agree; only rules may be broken."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.domain.rules import DROPPABLE, RULES
from facilityplan.plan import verify_plan

_SPEC = importlib.util.spec_from_file_location(
    "plan_small_county", Path(__file__).parents[1] / "unit" / "plan" / "small_county.py")
small = sys.modules.setdefault("plan_small_county", importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(small)

CLINICS = ["C01", "C02", "C03", "C03b", "C04", "C05", "C07", "C08", "C09", "C10", "S06"]
HOSPITALS = {"T02": 12, "T11": 25}


def random_decisions(rng: np.random.Generator) -> Decisions:
    """Any decisions that are decisions: each clinic open or merged into something open, doctors as they fall."""
    merged = set(rng.choice(CLINICS, rng.integers(0, 7), replace=False))
    hosts = [c for c in CLINICS if c not in merged] + list(HOSPITALS)
    sites = {c: SiteDecision(Action.CLOSE, str(rng.choice(hosts)), 0) if c in merged
             else SiteDecision(Action.KEEP, doctors=int(rng.integers(0, 5))) for c in CLINICS}
    centre = str(rng.choice(list(HOSPITALS)))
    for hospital, own in HOSPITALS.items():
        sites[hospital] = SiteDecision(Action.UPGRADE if hospital == centre else Action.KEEP,
                                       doctors=own + int(rng.integers(0, 3)), sub_centre=hospital == centre)
    sites |= {"H06": SiteDecision(Action.KEEP, doctors=220), "P07": SiteDecision(Action.KEEP, doctors=1)}
    if rng.random() < 0.5:
        sites["K12"] = SiteDecision(Action.BUILD, doctors=int(rng.integers(0, 3)))
    return Decisions(dict(sorted(sites.items())), {"东乡": centre, "西乡": centre},
                     {"东乡": int(rng.integers(0, 4)), "西乡": 0}, {"东乡": 0, "西乡": int(rng.integers(0, 4))})


def check(seed: int, form: str) -> None:
    rng = np.random.default_rng(seed)
    decided = random_decisions(rng)
    strict = small.config(no_harm={"form": form})
    plan = small.make_plan(strict, decided=decided)
    failed = {f.split(":")[0] for f in verify_plan(strict, small.county(), plan).failures}
    assert failed <= set(RULES), failed  # rules may be broken by chance, figures never disagree
    free = small.config(no_harm={"form": form}, without=sorted(DROPPABLE))
    plan = small.make_plan(free, decided=decided)
    assert verify_plan(free, small.county(), plan).failures == ()
    metrics = plan.metrics
    assert sum(metrics["added_minutes"].values()) == pytest.approx(metrics["group_people"])
    assert metrics["people"] == pytest.approx(plan.villages["people"].sum())


@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), form=st.sampled_from(["inside_stays_inside", "strict", "off"]))
def test_plan_and_recount_agree_on_any_decisions(seed, form):
    check(seed, form)


@pytest.mark.campaign
@settings(max_examples=1_000, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), form=st.sampled_from(["inside_stays_inside", "strict", "off"]))
def test_campaign_of_random_decisions(seed, form):
    check(seed, form)


@settings(max_examples=4, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_fewer_open_sites_bring_nobody_nearer(seed):
    rng = np.random.default_rng(seed)
    decided = random_decisions(rng)
    before = small.make_plan(small.config(), decided=decided)
    kept = sorted(i for i in CLINICS if decided.sites[i].action is Action.KEEP)
    if len(kept) < 2:
        return
    sites = {**decided.sites, kept[0]: SiteDecision(Action.CLOSE, "T02", 0)}
    after = small.make_plan(small.config(), decided=dataclasses.replace(decided, sites=sites))
    old, new = (np.nan_to_num(p.cells["minutes_after"].to_numpy(float), nan=np.inf) for p in (before, after))
    assert (new >= old).all()
    assert after.metrics["people_within_circle_after"] <= before.metrics["people_within_circle_after"]
