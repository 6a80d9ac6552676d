from __future__ import annotations

import pytest

from facilityplan.demo import DemoCounty


@pytest.fixture(scope="session")
def small(demo_county) -> DemoCounty:
    return demo_county("small")


@pytest.fixture(scope="session")
def deqing(demo_county) -> DemoCounty:
    return demo_county("deqing")


@pytest.fixture(scope="session")
def xiaoyi(demo_county) -> DemoCounty:
    return demo_county("xiaoyi")


@pytest.fixture(params=["small", "deqing", "xiaoyi"])
def county(request: pytest.FixtureRequest) -> DemoCounty:
    return request.getfixturevalue(request.param)
