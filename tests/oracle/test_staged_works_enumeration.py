"""Works in years against enumeration on random tiny counties: feasibility and the value of every stage."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from solved import solved, stage_values
from staged_works_tiny import StagedWorksOracle, staged_works_county

from facilityplan.model.choice import choice_of, decisions_of
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.solver import Solver

MOST_PLANS = 12_000


def agrees(seed: int, solver: Solver) -> bool | None:
    """Solve one county and compare; True where it has a plan, None where it is too large to enumerate."""
    config, inputs, access = staged_works_county(seed)
    oracle = StagedWorksOracle(config, inputs, access)
    if oracle.size() > MOST_PLANS:
        return None
    best = oracle.best()
    data = planning_data(config, inputs, access)
    if (found := solved(data, best, seed, solver)) is None:
        return False
    decisions, report = found
    assert stage_values(report, config) == best, f"county {seed}"
    assert all(s.gap == 0 and s.bound == s.value for s in report.stages)
    assert set(decisions.work_years) == set(decisions.works)
    again = decisions_of(data, choice_of(data, decisions))
    assert again == decisions
    assert evaluate(data, again).feasible
    return True


@pytest.mark.parametrize("block", [0, pytest.param(1, marks=pytest.mark.campaign)])
def test_works_in_years_equal_enumeration_on_tiny_counties(block):
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver) for seed in range(40 * block, 40 * block + 40)]
    assert sum(found is not None for found in possible) > 20
    assert sum(bool(found) for found in possible) > 3
    assert any(found is False for found in possible)  # both kinds come up


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(12))
def test_works_in_years_equal_enumeration_on_many_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(1_000 + 80 * block, 1_080 + 80 * block):
            agrees(seed, solver)
