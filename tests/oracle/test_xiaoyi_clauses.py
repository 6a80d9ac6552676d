"""Each of Xiaoyi's seven clauses answered one way today and another way where decisions or data differ."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from facilityplan.access import compute_access, prepare_geography
from facilityplan.config import load_config
from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.domain.sites import is_candidate
from facilityplan.errors import Text
from facilityplan.inputs import Inputs, read_inputs
from facilityplan.model.types import SolveReport
from facilityplan.plan import build_plan
from facilityplan.plan.claims import Ledger, claims_of
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_clauses import check_compliance

ROOT = Path(__file__).parents[2]
CLAUSES = tuple(f"R-XY-{k}" for k in range(1, 8))


@cache
def county():
    config = load_config(ROOT / "configs" / "xiaoyi.yaml", scenario="works").config
    inputs = read_inputs(config, ROOT / "data")
    geography = prepare_geography(config, inputs)
    return config, inputs, geography, compute_access(config, inputs, geography)


def answers(inputs: Inputs, decisions: Decisions):
    config, _, geography, access = county()
    refusals = pd.DataFrame({name: [] for name in ("clinic", "host", "accepted", "rule", "figure", "limit", "minutes")})
    plan = build_plan(SimpleNamespace(config=config, scenario="works", scenario_name=Text("甲", "a")), inputs,
                      geography, access, decisions, SolveReport("optimal", (), 0.1, True), refusals)
    ledger = Ledger()
    check_compliance(Recount(config, inputs, claims_of(plan)), ledger)
    assert ledger.failures == []
    return {row["clause"]: row for row in plan.compliance}


def with_facilities(inputs: Inputs, **columns) -> Inputs:
    return dataclasses.replace(inputs, facilities=inputs.facilities.assign(**columns))


def standing(inputs: Inputs) -> dict[str, SiteDecision]:
    table = inputs.facilities[inputs.facilities["status"] == "existing"]
    return {i: SiteDecision(Action.KEEP, doctors=None if np.isnan(n) else int(n))
            for i, n in zip(table["id"], table["doctors"], strict=True)}


@cache
def poor():
    """Nothing done, no Chinese medicine, no bed reserved."""
    inputs = with_facilities(county()[1], tcm=False, reserved_beds=0.0)
    return answers(inputs, Decisions(standing(inputs), {}, {}, {}))


@cache
def rich():
    """Every candidate clinic built, the works and levels done, 兑镇 chosen, clinics in the committee's building."""
    config, inputs = county()[:2]
    inputs = with_facilities(inputs, committee_building=True)
    sites = standing(inputs)
    works = [w for w in config.rules.works if w.required or w.id == "duizhen_level"]
    for work in works:
        sites[work.facility] = dataclasses.replace(
            sites[work.facility], action=Action.REBUILD if work.kind == "rebuild" else Action.UPGRADE)
    sites["141181-T06"] = dataclasses.replace(sites["141181-T06"], action=Action.UPGRADE, sub_centre=True)
    candidates = inputs.facilities["id"][is_candidate(inputs.facilities)]
    sites |= {i: SiteDecision(Action.BUILD, doctors=1) for i in candidates}
    towns = sorted(set(inputs.villages["township"]))
    return answers(inputs, Decisions(sites, dict.fromkeys(towns, "141181-T06"), {}, {},
                                     works=tuple(sorted(w.id for w in works))))


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_is_answered_by_a_constant(clause):
    assert tuple(poor()) == tuple(rich()) == CLAUSES
    assert (poor()[clause]["verdict"], rich()[clause]["verdict"]) == ("not_met", "met"), (
        poor()[clause]["text_en"], rich()[clause]["text_en"])


def test_every_clause_is_decided_on_the_demonstration_data():
    assert not [row["clause"] for row in (*poor().values(), *rich().values()) if row["verdict"] == "not_decidable"]
