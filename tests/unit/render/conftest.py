"""Plans to render, made once for all tests of the outputs."""

from __future__ import annotations

import pytest
from sample_plan import naughty, sample


@pytest.fixture(scope="session")
def made():
    return sample()


@pytest.fixture(scope="session")
def evil(made):
    return naughty(made)
