"""Works and money against enumeration on random tiny counties: feasibility and the value of every stage."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from solved import solved, stage_values
from works_tiny import WorksOracle, works_county

from facilityplan.model.gather import planning_data
from facilityplan.model.solver import Solver


def agrees(seed: int, solver: Solver) -> bool:
    """Solve one county and compare; True where it has a plan."""
    config, inputs, access = works_county(seed)
    best = WorksOracle(config, inputs, access).best()
    data = planning_data(config, inputs, access)
    if (found := solved(data, best, seed, solver)) is None:
        return False
    _, report = found
    assert stage_values(report, config) == best, f"county {seed}"
    assert all(s.gap == 0 and s.bound == s.value for s in report.stages)
    return True


@pytest.mark.parametrize("block", [0, *(pytest.param(k, marks=pytest.mark.campaign) for k in (1, 2, 3))])
def test_works_equal_enumeration_on_tiny_counties(block):
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver) for seed in range(30 * block, 30 * block + 30)]
    assert 4 < sum(possible) < 30  # both kinds come up


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(12))
def test_works_equal_enumeration_on_600_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(1_000 + 50 * block, 1_050 + 50 * block):
            agrees(seed, solver)
