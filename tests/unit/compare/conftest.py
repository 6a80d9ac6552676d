"""Four runs of the small county, made once: the default, the cheapest, one with visits, one with sub-centres."""

from pathlib import Path

import pytest

from facilityplan import workflow

ROOT = Path(__file__).parents[3]
SCENARIOS = ("default", "cheapest", "contact", "sub_centres")


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    workflow.run(ROOT / "configs" / "rules.yaml", scenarios=SCENARIOS, out=out)
    return [out / name for name in SCENARIOS]
