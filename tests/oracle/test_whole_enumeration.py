"""Every block on and off together against enumeration of all decisions on random tiny counties."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from solved import solved
from whole_tiny import BLOCKS, MOST_PLANS, MOST_UNITS, WholeOracle, whole_county
from whole_years_tiny import WholeInYears, in_years

from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.objectives import in_plan_units
from facilityplan.model.solver import Solver


def agrees(seed: int, solver: Solver, seen: Counter, *, years: bool = False, most: int = MOST_PLANS) -> bool | None:
    """Solve one county and compare; True where it has a plan, None where it is too large to enumerate or to prove."""
    config, inputs, access, on = whole_county(seed)
    if years:
        config = in_years(random.Random(f"years {seed}"), config)
    oracle = (WholeInYears if years else WholeOracle)(config, inputs, access)
    if oracle.size() > most:
        return None
    best = oracle.best()
    data = planning_data(config, inputs, access)
    units = [v * o.scale if o.parts else v for v, o in zip(best or (), data.objectives, strict=False)]
    if units and max(units) > MOST_UNITS:
        return None
    if (found := solved(data, best, seed, solver)) is None:
        return False
    decisions, report = found
    recount = evaluate(data, decisions)
    assert recount.feasible, f"county {seed} with {sorted(on)}: {recount.breaches}"
    values = tuple(v / o.scale if o.parts else v for v, o in zip(recount.objectives, data.objectives, strict=True))
    assert values == best, f"county {seed} with {sorted(on)}"
    for stage, objective, value in zip(report.stages, data.objectives, recount.objectives, strict=True):
        assert stage.value == in_plan_units(data, objective, value)
    seen.update(on)
    seen["all"] += on == frozenset(BLOCKS)
    if years and config.rules.consortia and config.rules.doctors:
        seen["pools"] += config.rules.consortia.pool_staff
    seen["later"] += any(site.stage not in (None, 2025) for site in decisions.sites.values())
    return True


@pytest.mark.parametrize("counties", [range(29, 63), pytest.param(range(80), marks=pytest.mark.campaign)])
def test_everything_together_equals_enumeration_on_tiny_counties(counties):
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        found = [agrees(seed, solver, seen) for seed in counties]
    assert sum(bool(f) for f in found) > 5 and sum(f is False for f in found) > 2  # both kinds come up
    assert seen["all"] and set(BLOCKS) <= set(seen)


def test_everything_together_in_years_equals_enumeration_on_tiny_counties():
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        found = [agrees(seed, solver, seen, years=True, most=300) for seed in range(80)]
    assert sum(bool(f) for f in found) > 5 and sum(f is False for f in found) > 5
    assert seen["all"] and seen["later"] and seen["pools"] and set(BLOCKS) <= set(seen)


@pytest.mark.parametrize(("seed", "years"), [
    (1_130_069, True),  # visits to a village without any site asked for today's consortium where new ones are formed
    (5_896, True)])  # a share of a cost below zero was taken away from it: later stages had no plan
def test_counties_that_once_disagreed(seed, years):
    with Solver(in_process=True) as solver:
        assert agrees(seed, solver, Counter(), years=years) is not None


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(40))
def test_everything_together_equals_enumeration_on_2000_tiny_counties(block):
    """Counties too large to enumerate do not count: each block of fifty goes on until fifty were compared. Every other
    block lays years on top."""
    seen: Counter = Counter()
    compared, seed = 0, 1_000_000 + 10_000 * block
    years = block % 2 == 1
    with Solver(in_process=True) as solver:
        while compared < 50:
            compared += agrees(seed, solver, seen, years=years, most=1_500 if years else MOST_PLANS) is not None
            seed += 1
    assert sum(seen.values())
