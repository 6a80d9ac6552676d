"""Works and money against enumeration on random tiny counties: feasibility and the value of every stage."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from works_tiny import WorksOracle, works_county

from facilityplan.errors import Infeasible
from facilityplan.model.gather import planning_data
from facilityplan.model.objectives import UNIT_SCALE
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


def agrees(seed: int, solver: Solver) -> bool:
    """Solve one county and compare; True where it has a plan."""
    config, inputs, access = works_county(seed)
    best = WorksOracle(config, inputs, access).best()
    data = planning_data(config, inputs, access)
    try:
        decisions, report = solve_data(data, solver, time_limit_s=60, explain=False)
    except Infeasible:
        assert best is None, f"county {seed}: called infeasible, enumeration found {best}"
        return False
    assert best is not None, f"county {seed}: enumeration finds no plan, the model {decisions}"
    assert report.status == "optimal"
    assert report.reproducible
    values = tuple(
        round(s.value * UNIT_SCALE[o.minimise]) for s, o in zip(report.stages, config.objectives, strict=True)
    )
    assert values == best, f"county {seed}"
    assert all(s.gap == 0 and s.bound == s.value for s in report.stages)
    return True


@pytest.mark.parametrize("block", range(4))
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
