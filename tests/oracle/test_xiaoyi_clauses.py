"""Each of Xiaoyi's seven clauses answered one way today and another way where decisions or data differ."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest
from clause_answers import Place, standing

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.domain.sites import is_candidate
from facilityplan.inputs import Inputs

CLAUSES = tuple(f"R-XY-{k}" for k in range(1, 8))


@cache
def county() -> Place:
    return Place.of("xiaoyi", "works")


def with_facilities(inputs: Inputs, **columns) -> Inputs:
    return dataclasses.replace(inputs, facilities=inputs.facilities.assign(**columns))


@cache
def poor():
    """Nothing done, no Chinese medicine, no bed reserved."""
    inputs = with_facilities(county().inputs, tcm=False, reserved_beds=0.0)
    return county().answers(inputs, Decisions(standing(inputs), {}, {}, {}))


@cache
def rich():
    """Every candidate clinic built, the works and levels done, 兑镇 chosen, clinics in the committee's building."""
    config, inputs = county().config, county().inputs
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
    return county().answers(inputs, Decisions(sites, dict.fromkeys(towns, "141181-T06"), {}, {},
                                              works=tuple(sorted(w.id for w in works))))


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_is_answered_by_a_constant(clause):
    assert tuple(poor()) == tuple(rich()) == CLAUSES
    assert (poor()[clause]["verdict"], rich()[clause]["verdict"]) == ("not_met", "met"), (
        poor()[clause]["text_en"], rich()[clause]["text_en"])


def test_every_clause_is_decided_on_the_demonstration_data():
    assert not [row["clause"] for row in (*poor().values(), *rich().values()) if row["verdict"] == "not_decidable"]
