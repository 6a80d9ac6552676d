"""Each of Chizhou's six clauses answered one way where nothing is done and another way where all of it is."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest
from clause_answers import Place, standing

from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import Action
from facilityplan.inputs import Inputs

CLAUSES = tuple(f"R-CZ-{k}" for k in range(1, 7))
COUNTIES = ("341702", "341721", "341722", "341723")


@cache
def county() -> Place:
    return Place.of("chizhou", "everything")


def leads(inputs: Inputs) -> dict[str, str]:
    """Each county is a consortium, as the config assigns them."""
    assigned = county().config.rules.consortia.assigned
    return {town: assigned[town] for town in sorted(set(inputs.villages["township"]))}


@cache
def poor():
    """Nothing done: no centre, no catchment, no work, no bed for Chinese medicine."""
    inputs = county().inputs
    inputs = dataclasses.replace(inputs, facilities=inputs.facilities.assign(tcm_beds=0.0, recommended_standard=False))
    config = county().config
    idle = {service.id: () for service in config.rules.centres}
    return county().answers(inputs, Decisions(standing(inputs), {}, {}, {}, consortia=leads(inputs), centre_hosts=idle,
                                              centre_of={service: {} for service in idle}))


@cache
def rich():
    """Three hospitals strengthened in each county, every service at every county's lead, works within the money."""
    config, inputs = county().config, county().inputs
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
    return county().answers(inputs, Decisions(sites, catchments, {}, {}, consortia=grouping, centre_hosts=hosts,
                                              centre_of=uses, works=tuple(sorted(w.id for w in works))))


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_is_answered_by_a_constant(clause):
    assert tuple(poor()) == tuple(rich()) == CLAUSES
    assert (poor()[clause]["verdict"], rich()[clause]["verdict"]) == ("not_met", "met"), (
        poor()[clause]["text_en"], rich()[clause]["text_en"])
