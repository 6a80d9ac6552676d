"""Service centres, attribute floors and finer sub-centres against enumeration on random tiny counties."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from model_tiny_centres import CentreOracle, county_with_centres
from test_model_enumeration import agrees

from facilityplan.model.solver import Solver


def test_centres_equal_enumeration_on_tiny_counties():
    with Solver(in_process=True) as solver:
        possible = [agrees(seed, solver, county_with_centres, CentreOracle) for seed in range(30)]
    assert 5 < sum(possible) < 25  # both kinds come up


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_centres_equal_enumeration_on_500_tiny_counties(block):
    with Solver(in_process=True) as solver:
        for seed in range(60 * block, 60 * block + 60):
            agrees(seed, solver, county_with_centres, CentreOracle)
