from __future__ import annotations

import pytest

from facilityplan.demo import DemoCounty, generate, load_place


@pytest.fixture(scope="session")
def small() -> DemoCounty:
    place = load_place("small")
    return generate(place, place.default_seed)


@pytest.fixture(scope="session")
def deqing() -> DemoCounty:
    place = load_place("deqing")
    return generate(place, place.default_seed)


@pytest.fixture(scope="session")
def xiaoyi() -> DemoCounty:
    place = load_place("xiaoyi")
    return generate(place, place.default_seed)


@pytest.fixture(params=["small", "deqing", "xiaoyi"])
def county(request: pytest.FixtureRequest) -> DemoCounty:
    return request.getfixturevalue(request.param)
