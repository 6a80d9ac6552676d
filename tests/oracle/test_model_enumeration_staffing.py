"""Staffing in depth against enumeration on random tiny counties, stage by stage."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from model_tiny_staffing import staffed
from model_tiny_stages import StagedOracle, staged_county
from modes_tiny import county_with_modes
from staged_modes_tiny import staged_county_with_modes
from test_model_enumeration import agrees
from test_modes_enumeration import agrees as agrees_with_modes
from tiny_counties import tiny_county

from facilityplan.config.schema import Config
from facilityplan.errors import Infeasible
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.objectives import in_plan_units
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


def staffed_county(seed: int):
    return staffed(seed, tiny_county(seed))


@pytest.mark.parametrize("block", range(2))
def test_staffing_equals_enumeration_on_tiny_counties(block):
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver, staffed_county) for seed in range(30 * block, 30 * block + 30)]
    assert 8 < sum(possible) < 28  # both kinds come up


def staffed_county_with_modes(seed: int):
    """In half of them posted staff cost little, so that some are posted where patients are."""
    config, inputs, access = staffed(seed, county_with_modes(seed))
    raw, rng = config.model_dump(mode="json"), random.Random(40_000 + seed)
    if rng.random() < 0.5 and config.rules.doctors is not None:
        raw["costs"]["posted_doctor"]["value"] = 20_000
        raw["rules"]["modes"]["posted"] = {
            "min_people": 0, "max_people": 5_000, "max_minutes": 40, "without_doctor": True,
            "staff": rng.randint(1, 3), "max_doctor_share": 0.45, "max_per_hospital": None}  # fmt: skip
        if access.circuit is None:
            return config, inputs, access
    return Config.model_validate(raw), inputs, access


@pytest.mark.parametrize("block", [0, pytest.param(1, marks=pytest.mark.campaign)])
def test_staffing_with_modes_equals_enumeration(block):
    """Posted doctors count where they work, whoever is visited goes to the nearest open site and needs doctors."""
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        seeds = range(5_000 + 40 * block, 5_000 + 40 * block + 40)
        found = [agrees_with_modes(seed, solver, seen, staffed_county_with_modes) for seed in seeds]
    assert sum(bool(f) for f in found) > 5
    assert seen["posted"] and seen["neighbour"] + seen["circuit"]


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_staffing_with_modes_equals_enumeration_on_500_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(200_000 + 50 * block, 200_000 + 50 * block + 50):
            agrees_with_modes(seed, solver, Counter(), staffed_county_with_modes)


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(20))
def test_staffing_equals_enumeration_on_1000_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(50 * block, 50 + 50 * block):
            agrees(seed, solver, staffed_county)


def staffed_county_in_stages(seed: int):
    return staffed(seed, staged_county(seed))


@pytest.mark.parametrize("block", [0, pytest.param(1, marks=pytest.mark.campaign)])
def test_staffing_in_stages_equals_enumeration(block):
    """Posts, least doctors and patients are looked at in the last year; who was hired before counts there."""
    with Solver(in_process=True) as solver:
        seeds = range(7_000 + 25 * block, 7_000 + 25 * block + 25)
        possible = [agrees(seed, solver, staffed_county_in_stages, StagedOracle) for seed in seeds]
    assert 3 < sum(possible) < 23  # both kinds come up


@pytest.mark.parametrize("seed", range(8_000, 8_020))
def test_staffing_with_modes_in_stages_agrees_with_its_recount(seed):
    """Not enumerated: the plan obeys every rule by the recount, which gives the same values."""
    config, inputs, access = staffed(seed, staged_county_with_modes(seed))
    data = planning_data(config, inputs, access)
    with Solver(in_process=True) as solver:
        try:
            decisions, report = solve_data(data, solver, time_limit_s=60, explain=False)
        except Infeasible:
            return
    recount = evaluate(data, decisions)
    assert recount.feasible, recount.breaches
    for stage, objective, value in zip(report.stages, data.objectives, recount.objectives, strict=True):
        assert stage.value == in_plan_units(data, objective, value)


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_staffing_in_stages_equals_enumeration_on_500_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(300_000 + 50 * block, 300_000 + 50 * block + 50):
            agrees(seed, solver, staffed_county_in_stages, StagedOracle)
