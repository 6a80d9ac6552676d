"""Each of Chizhou's six clauses answered one way where nothing is done and another way where all of it is."""

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
from facilityplan.errors import Text
from facilityplan.inputs import Inputs, read_inputs
from facilityplan.model.types import SolveReport
from facilityplan.plan import build_plan
from facilityplan.plan.claims import Ledger, claims_of
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_clauses import check_compliance

ROOT = Path(__file__).parents[2]
CLAUSES = tuple(f"R-CZ-{k}" for k in range(1, 7))
COUNTIES = ("341702", "341721", "341722", "341723")


@cache
def county():
    config = load_config(ROOT / "configs" / "chizhou.yaml", scenario="everything").config
    inputs = read_inputs(config, ROOT / "data")
    geography = prepare_geography(config, inputs)
    return config, inputs, geography, compute_access(config, inputs, geography)


def answers(inputs: Inputs, decisions: Decisions):
    config, _, geography, access = county()
    refusals = pd.DataFrame({name: [] for name in ("clinic", "host", "accepted", "rule", "figure", "limit", "minutes")})
    plan = build_plan(SimpleNamespace(config=config, scenario="everything", scenario_name=Text("甲", "a")), inputs,
                      geography, access, decisions, SolveReport("optimal", (), 0.1, True), refusals)
    ledger = Ledger()
    check_compliance(Recount(config, inputs, claims_of(plan)), ledger)
    assert ledger.failures == []
    return {row["clause"]: row for row in plan.compliance}


def standing(inputs: Inputs) -> dict[str, SiteDecision]:
    table = inputs.facilities[inputs.facilities["status"] == "existing"]
    return {i: SiteDecision(Action.KEEP, doctors=None if np.isnan(n) else int(n))
            for i, n in zip(table["id"], table["doctors"], strict=True)}


def leads(inputs: Inputs) -> dict[str, str]:
    """Each county is a consortium, as the config assigns them."""
    assigned = county()[0].rules.consortia.assigned
    return {town: assigned[town] for town in sorted(set(inputs.villages["township"]))}


@cache
def poor():
    """Nothing done: no centre, no catchment, no work, no bed for Chinese medicine."""
    inputs = county()[1]
    inputs = dataclasses.replace(inputs, facilities=inputs.facilities.assign(tcm_beds=0.0, recommended_standard=False))
    config = county()[0]
    idle = {service.id: () for service in config.rules.centres}
    return answers(inputs, Decisions(standing(inputs), {}, {}, {}, consortia=leads(inputs), centre_hosts=idle,
                                     centre_of={service: {} for service in idle}))


@cache
def rich():
    """Three hospitals strengthened in each county, every service at every county's lead, works within the money."""
    config, inputs = county()[:2]
    inputs = dataclasses.replace(inputs, facilities=inputs.facilities.assign(recommended_standard=True))
    sites, works = standing(inputs), [w for w in config.rules.works if w.id not in ("ermin", "dongzhi_tcm")]
    for work in works:
        sites[work.facility] = dataclasses.replace(sites[work.facility], action=Action.UPGRADE)
    grouping = leads(inputs)
    table = inputs.facilities.set_index("id")
    hospitals = table.index[(table["kind"] == "township_hospital") & (table["beds"] >= 80)]
    catchments = {}
    for code in COUNTIES:
        chosen = [i for i in hospitals if i.startswith(code)][:3]
        assert len(chosen) == 3
        for i in chosen:
            sites[i] = dataclasses.replace(sites[i], action=Action.UPGRADE, sub_centre=True)
        catchments |= {town: chosen[0] for town, lead in grouping.items() if lead.startswith(code)}
    hosts = {service.id: tuple(service.required) for service in config.rules.centres}
    uses = {service: {town: next(h for h in where if h[:6] == lead[:6]) for town, lead in grouping.items()}
            for service, where in hosts.items()}
    return answers(inputs, Decisions(sites, catchments, {}, {}, consortia=grouping, centre_hosts=hosts,
                                     centre_of=uses, works=tuple(sorted(w.id for w in works))))


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_is_answered_by_a_constant(clause):
    assert tuple(poor()) == tuple(rich()) == CLAUSES
    assert (poor()[clause]["verdict"], rich()[clause]["verdict"]) == ("not_met", "met"), (
        poor()[clause]["text_en"], rich()[clause]["text_en"])
