"""Consortia against enumeration on random tiny counties: feasibility, every stage, and the plan itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from model_tiny_consortia import ConsortiaOracle, tiny_county_of_consortia
from solved import solved, stage_values

from facilityplan.model.choice import choice_of, decisions_of
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.solver import Solver


def agrees(seed: int, solver: Solver) -> bool:
    """Solve one county and compare; True where it has a plan."""
    config, inputs, access = tiny_county_of_consortia(seed)
    oracle = ConsortiaOracle(config, inputs, access)
    best = oracle.best()
    data = planning_data(config, inputs, access)
    if (found := solved(data, best, seed, solver)) is None:
        return False
    decisions, report = found
    assert stage_values(report, config) == best, f"county {seed}"
    oracle.grouping = dict(decisions.consortia)
    assert oracle.grouping in [grouping for grouping, _ in oracle.groupings()]
    merged = {i: d.merged_into for i, d in decisions.sites.items() if d.merged_into is not None}
    assert oracle._fits(oracle.grouping, merged)
    assert oracle.weigh_clinics(merged, [i for i in oracle.candidates if i in decisions.sites]) is not None
    again = decisions_of(data, choice_of(data, decisions))
    assert again == decisions
    assert evaluate(data, again).feasible
    return True


@pytest.mark.parametrize("block", [0, *(pytest.param(k, marks=pytest.mark.campaign) for k in (1, 2, 3))])
def test_consortia_equal_enumeration_on_tiny_counties(block):
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver) for seed in range(30 * block, 30 * block + 30)]
    assert 5 < sum(possible) < 30  # both kinds come up


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(12))
def test_consortia_equal_enumeration_on_600_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(1_000 + 50 * block, 1_000 + 50 * block + 50):
            agrees(seed, solver)
