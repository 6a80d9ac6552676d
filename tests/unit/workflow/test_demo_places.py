"""The further demo places end to end: their default scenario is proven, verified and called a demonstration."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import facilityplan
from facilityplan.config import list_scenarios
from facilityplan.render.summary import headline

ROOT = Path(__file__).parents[3]
CONFIGS = {place: ROOT / "configs" / f"{place}.yaml" for place in ("xiaoyi", "chizhou")}


@pytest.fixture(scope="module")
def chizhou(tmp_path_factory):
    (run,) = facilityplan.run(CONFIGS["chizhou"], out=tmp_path_factory.mktemp("chizhou"))
    return run, json.loads((run.folder / "plan.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def xiaoyi(tmp_path_factory):
    (run,) = facilityplan.run(CONFIGS["xiaoyi"], out=tmp_path_factory.mktemp("xiaoyi"))
    return run, json.loads((run.folder / "plan.json").read_text("utf-8"))


def proven(document):
    solve = document["solve"]
    return (solve["status"] == "optimal" and solve["reproducible"] and document["verified"]["ok"]
            and all(s["gap"] == 0 and s["value"] == s["bound"] for s in solve["objectives"]))


def test_xiaoyi_is_proven_verified_and_called_a_demonstration(xiaoyi):
    run, document = xiaoyi
    assert proven(document)
    assert document["data_basis"] == "synthetic"
    assert headline(run.plan).verdict in {"verdict_synthetic_met", "verdict_synthetic_not_met"}
    for name in ("map.html", "report.html"):
        page = (run.folder / name).read_text("utf-8")
        banner = re.search(r'<(\w+)[^>]*id="banner".*?</\1>', page, re.S)
        assert "演示数据：合成地理" in banner[0] and "Demonstration: synthetic geography" in banner[0], name


def test_duizhen_is_the_sub_centre_and_the_walking_circle_grows(xiaoyi):
    _, document = xiaoyi
    assert [f["id"] for f in document["facilities"] if f["sub_centre"]] == ["141181-T06"]
    walk = document["metrics"]["walk"]
    assert walk["share_within_before"] < 0.9 <= walk["share_within_after"]
    assert document["metrics"]["clinics_built"] >= 5
    assert document["metrics"]["annual_cost_cny"] <= document["metrics"]["annual_cost_cny_before"]


def test_chizhou_strengthens_three_hospitals_in_each_county_and_no_catchment_crosses_a_line(chizhou):
    run, document = chizhou
    assert proven(document)
    assert headline(run.plan).verdict in {"verdict_synthetic_met", "verdict_synthetic_not_met"}
    centres = Counter(f["id"][:6] for f in document["facilities"] if f["sub_centre"])
    assert centres == {"341702": 3, "341721": 3, "341722": 3, "341723": 3}
    assert all(v["catchment_of"][:6] == v["id"][:6] for v in document["villages"])
    assert all(f["merged_into"][:6] == f["id"][:6] for f in document["facilities"] if f["merged_into"])


@pytest.mark.campaign
@pytest.mark.parametrize(("place", "scenario"), [(p, s) for p, c in CONFIGS.items() for s in list_scenarios(c)])
def test_every_scenario_of_the_places_has_a_proven_plan(place, scenario, tmp_path):
    (run,) = facilityplan.run(CONFIGS[place], scenarios=[scenario], out=tmp_path)
    assert proven(json.loads((run.folder / "plan.json").read_text("utf-8")))
