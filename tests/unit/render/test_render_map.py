from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sample_plan import NAUGHTY, sample

from facilityplan.render import render_map
from facilityplan.render.escape import visible
from facilityplan.render.mapdata import Limits
from facilityplan.render.mapvalues import FEW

LOADS = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=|@import|url\((?!data:|#default#VML)")


def block(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="plan-data">(.*?)</script>', page, re.DOTALL)[1])


@pytest.fixture(scope="module")
def page(made):
    return render_map(made.plan, made.inputs, made.outlines)


def test_the_page_is_whole_and_loads_nothing(page):
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")
    assert not LOADS.search(re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL))
    assert "sourceMappingURL" not in page and "cdn." not in page
    assert len(page.encode()) < 2_000_000


def test_the_policy_allows_the_page_s_own_code_and_no_request(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "default-src 'none'" in policy and "img-src data:;" in policy and "unsafe" not in policy
    assert "http" not in policy
    for kind, name in (("script", "script-src"), ("style", "style-src")):
        found = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        allowed = re.search(rf"{name} ([^;]+)", policy)[1].split()
        digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found]
        assert [f"'sha256-{digest}'" for digest in digests] == allowed and found


def test_the_same_plan_gives_the_same_bytes_in_any_process(made, page):
    assert render_map(made.plan, made.inputs, made.outlines) == page
    code = ("import sys, hashlib; sys.path.insert(0, sys.argv[1]); from sample_plan import sample; "
            "from facilityplan.render import render_map; s = sample(); "
            "print(hashlib.sha256(render_map(s.plan, s.inputs, s.outlines).encode()).hexdigest())")
    here = Path(__file__).parent
    result = subprocess.run([sys.executable, "-c", code, str(here)], capture_output=True, text=True, check=True,
                            env={**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(here.parents[2])})
    assert result.stdout.strip() == hashlib.sha256(page.encode()).hexdigest()


def test_a_demonstration_says_so_in_both_languages_before_any_script_runs(made, page):
    assert "演示数据：合成地理，非该县规划" in page and "Demonstration: synthetic geography" in page
    real = render_map(replace(made.plan, data_basis="real"), made.inputs, made.outlines)
    assert 'id="banner"' not in real
    assert block(real)["head"]["verdict"] == "verdict_real_not_met"
    assert block(page)["head"]["verdict"] == "verdict_synthetic_not_met"


def test_an_unproven_plan_says_so(made):
    plan = sample(status="feasible", gap=0.0421, villages=9, cells=100, road_edges=40)
    head = block(render_map(plan.plan, plan.inputs, plan.outlines))["head"]
    assert head["proven"] is False
    assert head["proof"] == ["未证明最优，差距 4.21\u00a0%", "Not proven optimal, gap 4.21\u00a0%"]


def test_data_reach_the_page_as_data_only(evil):
    page = render_map(evil.plan, evil.inputs, evil.outlines)
    data = block(page)
    assert data["villages"]["name"] == [visible(name) for name in evil.plan.villages["name"]]
    assert data["sites"]["name"] == [visible(name) for name in evil.plan.facilities["name"]]
    assert "{{ 7919*7919 }}" in json.dumps(data) and "62710561" not in page, "no template is run on a name"
    outside = page.replace(re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)[1], "")
    for text in NAUGHTY:
        if len(text) > 6 and text not in ("村'; DROP TABLE villages;--",):
            assert text not in outside, f"{text!r} stands outside the data"
    assert outside.count("<script") == outside.count("</script>") == 9  # data, Leaflet, Folium, six of ours
    raw = re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)[1]
    assert not re.search("[<>&\u2028\u2029\x00-\x08]", raw)


def test_nothing_from_data_passes_through_folium(evil, monkeypatch):
    """Folium gets numbers and our own names: every text that it is handed comes from us."""
    import branca.element

    seen = []
    original = branca.element.Element.__init__

    def spy(self, template=None, template_name=None):
        seen.append(template)
        original(self, template, template_name)

    monkeypatch.setattr(branca.element.Element, "__init__", spy)
    render_map(evil.plan, evil.inputs, evil.outlines)
    assert len(seen) > 20
    texts = "".join(text for text in seen if text)
    assert not any(text in texts for text in NAUGHTY)


def test_small_numbers_of_people_are_not_in_the_page(made):
    plan = made.plan
    cells = plan.cells.copy()
    cells[["minutes_before", "minutes_after"]] = 3.0
    cells[["state_before", "state_after"]] = "value"
    cells.loc[0, "minutes_after"] = 20.0
    cells.loc[0, "people"] = 7.25
    villages = plan.villages.assign(people_out_before=0.0, people_out_after=[7.25] + [0.0] * (len(plan.villages) - 1))
    metrics = {**plan.metrics, "people_within_circle_before": cells["people"].sum(),
               "people_within_circle_after": cells["people"].sum() - 7.25}
    page = render_map(replace(plan, cells=cells, villages=villages, metrics=metrics), made.inputs, made.outlines)
    data = block(page)
    assert data["villages"]["out_after"][:2] == [FEW, 0]
    assert [row["people"][1] for row in data["minutes"]][3] == FEW
    assert next(row for row in data["head"]["figures"] if row[0] == "figure_outside")[1:3] == [0, FEW]
    assert "7.25" not in re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)[1]


def test_columns_fit_the_plan(made, page):
    data, sites, villages = block(page), made.plan.facilities, made.plan.villages
    assert data["sites"]["id"] == list(sites["id"]) and data["villages"]["id"] == list(villages["id"])
    merged = [row for row, action in enumerate(sites["action"]) if action == "close"]
    assert merged
    for row in merged:
        assert data["sites"]["after"][row] == "merged"
        assert sites["id"][data["sites"]["host"][row]] == sites["merged_into"][row]
        assert data["sites"]["after"][data["sites"]["host"][row]] == "host"
        assert data["sites"]["why"][row][0][1] == ""  # the accepted host comes first
    built = [row for row, action in enumerate(sites["action"]) if action == "build"]
    assert built and all(data["sites"]["before"][row] is None for row in built)
    assert {"today", "no_doctor", "private", "hospital", "county_hospital"} <= set(data["sites"]["before"])
    total = sum(row["people"][1] for row in data["minutes"] if row["people"][1] != FEW)
    assert total == pytest.approx(made.plan.metrics["people"], abs=12)
    inside = sum(row["people"][1] for row in data["minutes"] if row["inside"])
    assert inside == pytest.approx(made.plan.metrics["people_within_circle_after"], abs=2)


def test_a_page_without_outlines_refusals_or_sub_centres_still_stands(made):
    plan = replace(made.plan, refusals=made.plan.refusals.iloc[:0],
                   facilities=made.plan.facilities.assign(sub_centre=False),
                   villages=made.plan.villages.assign(catchment_of=None))
    data = block(render_map(plan, made.inputs, {"before": None}))
    assert data["lines"]["before"] == data["lines"]["after"] == data["lines"]["water"] == ""
    assert set(data["villages"]["catchment"]) == {None}


def test_water_is_drawn_where_it_is_given(made):
    lake = made.inputs.boundary.centroid.buffer(500)
    assert len(block(render_map(made.plan, made.inputs, made.outlines, water=lake))["lines"]["water"]) > 20


@pytest.mark.parametrize(("address", "origin"), [
    ("https://{s}.tile.example.org/{z}/{x}/{y}.png", "https://*.tile.example.org"),
    ("https://tile.example.org:8443/{z}/{x}/{y}.png", "https://tile.example.org:8443"),
    ("http://tile.example.org/{z}/{x}/{y}.png", None), ("javascript:alert(1)//", None),
    ("https://x.org; script-src *//{z}", None), (None, None)])
def test_a_background_map_is_let_in_only_by_a_plain_https_origin(made, address, origin):
    page = render_map(made.plan, made.inputs, made.outlines, basemap=address)
    images = re.search(r"img-src ([^;]+);", page)[1].split()
    assert images == (["data:"] if origin is None else ["data:", origin])


def test_the_review_number_and_credits_are_in_the_page(made):
    head = block(render_map(replace(made.plan, review_number="浙S(2024)12号"), made.inputs, made.outlines))["head"]
    assert head["review_number"] == "浙S(2024)12号"
    assert ["OpenStreetMap", "© OpenStreetMap contributors", "ODbL 1.0", None] in head["sources"]


def test_a_raster_in_degrees_gives_the_same_bounds(made):
    degrees = sample(raster_crs="EPSG:4326")
    pages = [render_map(one.plan, one.inputs, one.outlines) for one in (made, degrees)]
    bounds = [re.search(r'image_overlay_minutes_after = L\.imageOverlay\(\s*"[^"]+",\s*(\[\[.*?\]\])', page)[1]
              for page in pages]
    assert np.abs(np.subtract(*(json.loads(text) for text in bounds))).max() < 0.01


def test_loads_are_of_clinics_and_sub_centres_where_the_rules_limit_them(made):
    plan, rows = made.plan, {key: k for k, key in enumerate(made.plan.facilities["id"])}
    assert set(block(render_map(plan, made.inputs, made.outlines))["sites"]["load"]) == {None}
    limits = Limits(people_per_doctor=1_500, catchment_people=200_000)
    loads = block(render_map(plan, made.inputs, made.outlines, limits=limits))["sites"]["load"]
    for site in plan.facilities.itertuples(index=False):
        load = loads[rows[site.id]]
        if site.sub_centre:
            assert load[1] == 200_000
        elif site.kind != "village_clinic" or site.action == "close" or not site.doctors:
            assert load is None
        elif load is not None:
            assert load == [FEW if site.people_served < 10 else round(site.people_served), 1_500 * site.doctors]
    assert any(loads)
