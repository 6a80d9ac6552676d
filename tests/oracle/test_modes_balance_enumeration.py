"""Service modes and operating balances against enumeration on random tiny counties."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from modes_balance_tiny import ModesBalanceOracle, county_with_modes_and_balance
from solved import solved, stage_values

from facilityplan.model.gather import planning_data
from facilityplan.model.solver import Solver

MOST_PLANS = 600


def agrees(seed: int, solver: Solver, seen: Counter) -> bool | None:
    """Solve one county and compare; True where it has a plan, None where it is too large to enumerate."""
    config, inputs, access = county_with_modes_and_balance(seed)
    oracle = ModesBalanceOracle(config, inputs, access)
    if oracle.size() > MOST_PLANS:
        return None
    best = oracle.best()
    data = planning_data(config, inputs, access)
    if (found := solved(data, best, seed, solver)) is None:
        return False
    decisions, report = found
    assert stage_values(report, config) == best, f"county {seed}"
    seen.update(str(d.service) for d in decisions.sites.values() if d.service is not None)
    return True


@pytest.mark.parametrize("block", [0, pytest.param(1, marks=pytest.mark.campaign)])
def test_modes_and_balance_equal_enumeration_on_tiny_counties(block):
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        found = [agrees(seed, solver, seen) for seed in range(60 * block, 60 * block + 60)]
    assert sum(f is not None for f in found) >= 25
    assert sum(bool(f) for f in found) > 5 and any(f is False for f in found)  # both kinds come up
    assert seen


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_modes_and_balance_equal_enumeration_on_many_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(1_000 + 120 * block, 1_120 + 120 * block):
            agrees(seed, solver, Counter())
