"""Service modes and joint sites in years against enumeration on random tiny counties."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from solved import solved, stage_values
from staged_modes_tiny import StagedModesOracle, staged_county_with_modes

from facilityplan.model.choice import choice_of, decisions_of
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.solver import Solver

MOST_PLANS = 250


def agrees(seed: int, solver: Solver, seen: Counter) -> bool | None:
    """Solve one county and compare; True where it has a plan, None where it is too large to enumerate."""
    config, inputs, access = staged_county_with_modes(seed)
    oracle = StagedModesOracle(config, inputs, access)
    if oracle.size() > MOST_PLANS:
        return None
    best = oracle.best()
    data = planning_data(config, inputs, access)
    if (found := solved(data, best, seed, solver)) is None:
        return False
    decisions, report = found
    assert stage_values(report, config) == best, f"county {seed}"
    years = {s.year for s in config.rules.stages}
    for decision in decisions.sites.values():
        assert (decision.stage in years) == (decision.service is not None or decision.sub_centre
                                             or decision.action in ("close", "build"))
        seen[decision.service and str(decision.service), decision.stage] += 1
    assert all(visit.stage in years for visit in decisions.visits.values())
    again = decisions_of(data, choice_of(data, decisions))
    assert again == decisions
    assert evaluate(data, again).feasible
    return True


@pytest.mark.parametrize(("counties", "least"), [(range(60, 90), 8),
                                                 pytest.param(range(60, 130), 20, marks=pytest.mark.campaign)])
def test_modes_in_years_equal_enumeration_on_tiny_counties(counties, least):
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        found = [agrees(seed, solver, seen) for seed in counties]
    assert sum(f is not None for f in found) >= least
    assert sum(bool(f) for f in found) > 5 and any(f is False for f in found)  # both kinds come up
    assert any(service and year > 2025 for service, year in seen if year)


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_modes_in_years_equal_enumeration_on_many_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(1_000 + 120 * block, 1_120 + 120 * block):
            agrees(seed, solver, Counter())
