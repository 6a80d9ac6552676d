"""Stages against enumeration on random tiny counties: every change with every year, feasibility and each objective."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from model_tiny_stages import StagedOracle, staged_county
from test_model_enumeration import agrees

from facilityplan.model.solver import Solver


@pytest.mark.parametrize("block", range(2))
def test_stages_equal_enumeration_on_tiny_counties(block):
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver, staged_county, StagedOracle) for seed in range(25 * block, 25 * block + 25)]
    assert 3 < sum(possible) < 23  # both kinds come up


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_stages_equal_enumeration_on_500_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(50 * block, 50 * block + 50):
            agrees(seed, solver, staged_county, StagedOracle)
