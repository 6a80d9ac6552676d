"""Locks and caps on closures against enumeration on random tiny counties; fewer of them never make a plan worse."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from model_tiny_locks import locked_county
from test_model_enumeration import agrees

from facilityplan.errors import Infeasible
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


def test_locks_equal_enumeration_on_tiny_counties():
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver, locked_county) for seed in range(30)]
    assert 5 < sum(possible) < 25  # both kinds come up


def values(data, solver):
    try:
        return [s.value for s in solve_data(data, solver, time_limit_s=60, explain=False)[1].stages]
    except Infeasible:
        return None


@pytest.mark.parametrize(("counties", "least"), [(22, 4), pytest.param(60, 12, marks=pytest.mark.campaign)])
def test_fewer_locks_never_make_the_plan_worse(counties, least):
    """Each lock that overrides nothing, taken away alone: the stages' values get no worse, a plan stays a plan."""
    compared = 0
    with Solver(in_process=True) as solver:
        for seed in range(counties):
            data = planning_data(*locked_county(seed))
            free = [lock for lock in data.locks if not lock.override]
            locked = values(data, solver) if free and data.holds("locks") else None
            if locked is None:
                continue
            for lock in free:
                fewer = values(dataclasses.replace(data, locks=tuple(k for k in data.locks if k is not lock)), solver)
                assert fewer is not None, (seed, lock)
                assert fewer <= locked, (seed, lock)
                compared += 1
    assert compared > least


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_locks_equal_enumeration_on_500_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(50 * block, 50 * block + 50):
            agrees(seed, solver, locked_county)
