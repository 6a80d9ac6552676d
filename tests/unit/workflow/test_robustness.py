"""`facilityplan robust` on the small county, a bridge planted where its loss changes the plan."""

import html
import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import yaml

from facilityplan import robustness, workflow
from facilityplan.access.bridges import cells_by_bridge
from facilityplan.access.geography import prepare_geography
from facilityplan.cli import main
from facilityplan.compare.assumptions import with_changes
from facilityplan.config import load_config
from facilityplan.inputs import read_inputs
from facilityplan.plan import verify_plan

ROOT = Path(__file__).parents[3]
NAUGHTY = "<script>alert(1)</script>=1+1`${x}"
FILES = {"robust.html", "robust.json", "robust.xlsx", "manifest.json"}
KEPT = ("costs.doctor.low", "costs.high", "bridge.lost")  # of 17 cases: the others are like them


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A small county whose budget is an amount of its own, with one bridge: the third busiest road."""
    root = tmp_path_factory.mktemp("robust")
    shutil.copytree(ROOT / "data" / "small", root / "data" / "small")
    config = yaml.safe_load((ROOT / "configs" / "rules.yaml").read_text("utf-8"))
    del config["scenarios"], config["default_scenario"]
    config["rules"]["budget"] = {"recurrent_cny": 2_655_000}
    (root / "one.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    loaded = load_config(root / "one.yaml")
    inputs = read_inputs(loaded.config, root / "data")
    geography = prepare_geography(loaded.config, inputs)
    is_open = (inputs.facilities["status"] != "candidate").to_numpy(bool)
    by_edge = cells_by_bridge(geography.networks["ebike"], geography.cells["ebike"], geography.facilities["ebike"],
                              is_open, np.arange(len(inputs.roads.edges)))
    people = inputs.cells["people"].to_numpy(float)
    busiest = np.argsort([-people[rows].sum() for rows in by_edge], kind="stable")
    edges = inputs.roads.edges.copy()
    edges["bridge"] = edges["edge"] == busiest[2]
    edges.loc[edges["bridge"], "name"] = NAUGHTY
    table = gpd.GeoDataFrame(edges[["road_class", "oneway", "bridge", "maxspeed_kmh", "name"]],
                             geometry=edges.geometry, crs=inputs.crs)
    table.to_file(root / "data" / "small" / "roads.gpkg", layer="roads", driver="GPKG")
    return root


@pytest.fixture(scope="module")
def found(county):
    patch = pytest.MonkeyPatch()
    for name in ("cost_cases", "speed_cases"):
        every = getattr(robustness, name)
        patch.setattr(robustness, name, lambda *given, every=every: [c for c in every(*given) if c.id in KEPT])
    yield robustness.robust(county / "one.yaml", out=county / "out")
    patch.undo()


def test_each_case_is_solved_verified_and_held_against_the_base(found):
    base, cases = found.robustness.base, {case.id: case for case in found.robustness.cases}
    assert tuple(cases) == KEPT
    assert all(case.checks > 1000 and case.status == "optimal" for case in found.robustness.planned)
    assert base.figures.annual_base_plan_cny == base.figures.annual_cny
    cheap = cases["costs.doctor.low"].figures
    assert cheap.annual_base_plan_cny < base.figures.annual_cny and cheap.merged < base.figures.merged


def test_the_loss_of_the_bridge_changes_the_plan_and_the_core_says_so(found):
    lost = next(case for case in found.robustness.cases if case.id == "bridge.lost")
    assert found.bridge.people > 0 and found.bridge.road_name == NAUGHTY
    assert lost.decisions != found.robustness.base.decisions
    unsteady = [s for s in found.robustness.of_base("merger") if "bridge.lost" in (*s.moved, *s.gone)]
    steady = [s for s in found.robustness.of_base("merger") if s.verdict == "always"]
    assert unsteady and steady


def test_a_case_without_a_plan_is_shown_with_the_rules_in_conflict(found):
    dear = next(case for case in found.robustness.cases if case.id == "costs.high")
    assert not dear.has_plan and dear.status == "infeasible" and dear.proven
    assert "年度运行经费上限" in dear.without_plan[0].zh
    page = (found.folder / "robust.html").read_text("utf-8")
    assert "没有方案的情形" in page and "Cases without a plan" in page and "annual recurrent budget" in page
    document = json.loads((found.folder / "robust.json").read_bytes())
    assert [c["id"] for c in document["cases"] if c["decisions"] is None] == ["costs.high"]
    assert document["cases_with_plan"] == 2
    assert all(one["of"] == 2 for one in document["core"]["merger"])


def test_a_case_is_a_run_that_its_settings_repeat(found, county):
    lost = next(case for case in found.robustness.cases if case.id == "bridge.lost")
    prepared = workflow.Prepared(county / "data", workflow.silent)
    closed = load_config(county / "one.yaml", overrides=lost.overrides)
    plan = workflow.verified_plan(closed, prepared)
    assert plan.metrics["people_within_circle_after"] == lost.figures.people_within
    assert plan.metrics["annual_cost_cny"] == lost.figures.annual_cny
    assert any("桥" in note.zh and NAUGHTY in note.zh for note in plan.notes)


def test_the_verifier_refuses_a_plan_that_ignores_the_closed_bridge(found, county):
    """It finds the bridge from the config's point: nothing in the inputs that it is handed is marked as closed."""
    lost = next(case for case in found.robustness.cases if case.id == "bridge.lost")
    opened = load_config(county / "one.yaml")
    prepared = workflow.Prepared(county / "data", workflow.silent)
    ignoring, raw = workflow.verified_plan(opened, prepared), prepared.read(opened.config)
    assert raw.roads.closed == frozenset() and ignoring.verified.ok
    verdict = verify_plan(load_config(county / "one.yaml", overrides=lost.overrides).config, raw, ignoring)
    assert not verdict.ok and any(text.startswith(("cells:", "villages:")) for text in verdict.failures)


def test_the_files_are_sealed_and_hold_no_live_markup(found):
    assert {p.name for p in found.folder.iterdir()} == FILES and found.folder.name == "default.robust"
    page = (found.folder / "robust.html").read_text("utf-8")
    assert NAUGHTY not in page and "alert" in page and "<script" not in page
    assert all(html.unescape(link).startswith(("#", "data:"))
               for link in re.findall(r"(?:src|href)=\"([^\"]*)\"", page))
    for path in found.folder.glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.campaign
def test_the_same_county_gives_the_same_bytes_twice(found, county, tmp_path):
    again = robustness.robust(county / "one.yaml", out=tmp_path)
    for name in FILES - {"manifest.json"}:
        assert (again.folder / name).read_bytes() == (found.folder / name).read_bytes(), name


def test_the_user_s_own_settings_give_way_to_the_case_s():
    mine = ("costs.doctor.value=5", "costs.doctor={unit: x}", "rules.hosts.limit_min=10")
    assert with_changes(mine, ["costs.doctor.value=7"]) == ("rules.hosts.limit_min=10", "costs.doctor.value=7")
    assert with_changes(["modes.ebike.speeds_kmh.track=3"], ["modes.ebike.speeds_kmh={track: 2}"]) == (
        "modes.ebike.speeds_kmh={track: 2}",)


@pytest.mark.parametrize("words", [["--costs", "0"], ["--costs", "1"], ["--speeds", "-0.2"], ["--speeds", "nan"],
                                   ["--speeds", "x"], ["-s", "nowhere"], ["--set", "no equals"]])
def test_what_makes_no_sense_is_a_usage_error(county, words, capsys):
    assert main(["robust", str(county / "one.yaml"), "--lang", "en", *words]) == 2
    assert capsys.readouterr().err.strip()
