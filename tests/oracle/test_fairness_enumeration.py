"""Fairness, weighted stages and tolerances against enumeration: every county asks for them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_model_enumeration import agrees

from facilityplan.model.solver import Solver


def test_fairness_equals_enumeration_on_tiny_counties():
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver, fairness=1.0) for seed in range(5_000, 5_030)]
    assert 5 < sum(possible) < 30  # both kinds come up


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(20))
def test_fairness_equals_enumeration_on_1000_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(5_000 + 50 * block, 5_050 + 50 * block):
            agrees(seed, solver, fairness=1.0)
