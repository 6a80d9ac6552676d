"""The comparison's pages in Chromium with the network off: every control, and figures as comparison.json has them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from browser_sizes import PHONE

from facilityplan import workflow
from facilityplan.comparing import compare_runs
from facilityplan.plan.texts import canonical_json, sealed_manifest
from facilityplan.runfolder import sha256_of

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
SCENARIOS = ("default", "cheapest", "sub_centres")
NAUGHTY = "<img src=x onerror=\"window.alerted=1\">{{ 7*7 }}</script>=1+1"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    workflow.run(ROOT / "configs" / "rules.yaml", scenarios=SCENARIOS, out=out)
    return [out / name for name in SCENARIOS]


@pytest.fixture(scope="module")
def compared(runs, tmp_path_factory):
    _, folder = compare_runs(runs, out=tmp_path_factory.mktemp("compared") / "all")
    return folder


def test_the_maps_move_together_and_the_panel_says_what_the_json_says(compared, open_page):
    opened = open_page((compared / "map.html").read_text("utf-8"))
    page, said = opened.page, json.loads((compared / "comparison.json").read_bytes())
    assert page.locator(".pane").count() == len(said["runs"])
    page.evaluate("map_A.setView([map_A.getCenter().lat, map_A.getCenter().lng], 12, { animate: false })")
    assert page.evaluate("map_B.getZoom() === 12 && map_C.getZoom() === 12")
    page.evaluate("map_C.panBy([80, 40], { animate: false })")
    apart = page.evaluate("Math.abs(map_A.getCenter().lat - map_C.getCenter().lat)")
    assert apart < 1e-9
    annual = next(row for row in said["figures"] if row["key"] == "figure_annual")["after"]
    row = page.locator("[data-table=figures] tbody tr", has_text="年运行费用")
    assert [cell.replace(",", "") for cell in row.locator("td").all_inner_texts()[2:]] == [f"{v:.0f}" for v in annual]
    for pair in said["pairs"]:
        section = page.locator(f".decisions[data-run={pair['run']}]")
        assert section.locator("button .main").all_inner_texts() == [d["name"] for d in pair["decisions"]]
    opened.check_quiet()


def test_every_control_works_in_both_languages(compared, open_page):
    opened = open_page((compared / "map.html").read_text("utf-8"), locale="en-GB")
    page = opened.page
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Plans compared" in page.locator("h1").inner_text()
    page.locator("[data-view=change]").click()
    assert "change against A" in page.locator(".pane[data-run=B] h2").inner_text().replace("Change", "change")
    assert "Minutes" in page.locator(".pane[data-run=A] h2").inner_text()
    assert page.locator("#legend").inner_text().count("min") >= 6
    page.locator(".decisions[data-run=B] button").first.click()
    assert page.evaluate("map_A.getZoom() >= 13.5 && map_B.getZoom() === map_A.getZoom()")
    assert "Moved to" in page.locator("#status").inner_text()
    page.locator("[data-lang=zh]").click()
    assert page.locator("html").get_attribute("lang") == "zh-CN" and "方案比较" in page.locator("h1").inner_text()
    opened.check_quiet()


def test_a_phone_shows_one_map_below_the_other(compared, open_page):
    opened = open_page((compared / "map.html").read_text("utf-8"), viewport=PHONE)
    boxes = [opened.page.locator(f".pane[data-run={label}]").bounding_box() for label in "AB"]
    assert boxes[0]["x"] == boxes[1]["x"] and boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"] - 1
    assert opened.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_axe_finds_nothing_serious(compared, open_page, axe, locale):
    page = open_page((compared / "map.html").read_text("utf-8"), locale=locale).page
    page.locator("[data-view=change]").click()
    report = open_page((compared / "report.html").read_text("utf-8"), ready="main", locale=locale).page
    assert [found for one in (page, report) for found in axe(one) if found[0] in ("serious", "critical")] == []


def test_names_from_data_stay_text_on_every_page(runs, tmp_path, open_page):
    bad = shutil.copytree(runs[1], tmp_path / "bad")
    plan, manifest = (json.loads((bad / name).read_bytes()) for name in ("plan.json", "manifest.json"))
    plan["scenario_name"] = {"zh": NAUGHTY, "en": NAUGHTY}
    for row in (*plan["facilities"], *plan["villages"]):
        row["name"] = NAUGHTY
    (bad / "plan.json").write_bytes(canonical_json(plan))
    manifest["files"]["plan.json"] = sha256_of(bad / "plan.json")
    (bad / "manifest.json").write_bytes(sealed_manifest(manifest))
    _, folder = compare_runs([bad, runs[0]], out=tmp_path / "out")
    opened = open_page((folder / "map.html").read_text("utf-8"))
    assert opened.page.locator(".pane[data-run=A] h2 .data").inner_text() == NAUGHTY
    opened.check_quiet()
    report = open_page((folder / "report.html").read_text("utf-8"), ready="main")
    assert NAUGHTY in report.page.locator("ul.runs").first.inner_text()
    report.check_quiet()
