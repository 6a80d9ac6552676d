"""What a reader does with the whole map: a link to it, one township of it, a page of A3."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sample_plan import sample

from facilityplan.render import render_map

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def one():
    return sample()


@pytest.fixture(scope="module")
def html(one):
    return render_map(one.plan, one.inputs, one.outlines)


def test_a_link_brings_back_place_view_layers_township_and_language(open_page, html, tmp_path):
    opened = open_page(html, locale="zh-CN")
    page = opened.page
    page.locator("[data-view=before]").click()
    page.locator("[data-layer=road_local]").uncheck()
    page.evaluate("map_facilityplan.setView(map_facilityplan.getCenter(), 13, { animate: false })")
    page.evaluate("map_facilityplan.panBy([120, 60], { animate: false })")
    want = page.evaluate("[map_facilityplan.getCenter().lat, map_facilityplan.getCenter().lng]")
    page.locator("#share").click()
    page.wait_for_function("document.getElementById('linked').textContent !== ''")
    link = page.url
    assert "#map=" in link and link.startswith(opened.url)
    other = page.context.new_page()
    other.goto(link)
    other.wait_for_selector("html[data-ready]", state="attached")
    got = other.evaluate("[map_facilityplan.getCenter().lat, map_facilityplan.getCenter().lng, "
                         "map_facilityplan.getZoom()]")
    assert got[:2] == pytest.approx(want, abs=2e-4) and got[2] == 13
    assert other.locator("[data-view=before]").get_attribute("aria-pressed") == "true"
    assert not other.locator("[data-layer=road_local]").is_checked()
    assert other.locator("[data-layer=minutes]").is_checked()
    other.close()


@pytest.mark.parametrize("address", ["map=nan,1,2", "map=1,2", "map=99,999,99", "view=sideways", "off=<script>",
                                     "township=nowhere", "map=%E0%A4%A", "off="])
def test_an_address_that_makes_no_sense_is_passed_over(open_page, html, tmp_path, address):
    opened = open_page(html)
    page = opened.page.context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{opened.url}#{address}")
    page.wait_for_selector("html[data-ready]", state="attached")
    assert problems == [] and page.locator("#township").input_value() == ""
    page.close()


def test_one_township_is_gone_to_and_the_lists_are_its_own(open_page, html, one):
    opened = open_page(html)
    page = opened.page
    merged = one.plan.facilities[one.plan.facilities["action"] == "close"]
    township = merged["township"].iloc[0]
    zoom = page.evaluate("map_facilityplan.getZoom()")
    page.locator("#township").select_option(township)
    assert page.evaluate("map_facilityplan.getZoom()") > zoom
    here = (merged["township"] == township).sum()
    assert page.locator("#merge-list summary .count").inner_text().strip() == str(here)
    page.locator("#township").select_option("")
    assert page.locator("#merge-list summary .count").inner_text().strip() == str(len(merged))
    opened.check_quiet()


@pytest.mark.parametrize(("date", "said"), [("2023-12-31", "数据日期：OpenStreetMap（2023-12-31）"),
                                            (None, "数据日期：未注明")])
def test_the_print_view_has_title_status_sources_date_and_room_for_the_review_number(open_page, one, date, said):
    first, *others = one.plan.sources
    plan = replace(one.plan, sources=(first.model_copy(update={"date": date}), *others))
    opened = open_page(render_map(plan, one.inputs, one.outlines))
    page = opened.page
    page.locator("#print-view").click()
    text = page.locator("#app").inner_text()
    for wanted in ("内部工作用图，未经审核", "审图号：______", said, "已证明最优", "现状"):
        assert wanted in text, wanted
    box = page.locator("#app").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(400 / 262, rel=0.02)
    for hidden in ("#lists", ".search", "#share", "#views"):
        assert not page.locator(hidden).is_visible(), hidden
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(pages) == 1
    page.locator("#print-back").click()
    assert page.locator("#lists").is_visible()
    opened.check_quiet()
