from __future__ import annotations

import re
from dataclasses import replace

import pytest
from browser_sizes import PHONE
from sample_plan import naughty, sample

from facilityplan.render import render_map
from facilityplan.render.escape import visible

pytestmark = pytest.mark.browser
MACHINE = {"plan", "json", "CSV", "Parquet", "GeoPackage"}  # names of files and formats
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Texts of the page that are words of ours: not data, not the switch of languages.
OWN_TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  for (let node; (node = walker.nextNode());)
    if (node.data.trim() && !node.parentElement.closest("script, style, noscript, .data, #languages, #banner"))
      texts.push(node.data.trim());
  return texts;
}"""


@pytest.fixture(scope="module")
def one():
    return sample()


@pytest.fixture(scope="module")
def html(one):
    return render_map(one.plan, one.inputs, one.outlines)


@pytest.fixture(scope="module")
def small_html():
    small = sample(villages=9, cells=100, road_edges=40)
    return render_map(small.plan, small.inputs, small.outlines)


def on_map(page, name):
    return page.evaluate("name => map_facilityplan.hasLayer(window[name])", name)


def test_it_opens_with_no_network_and_speaks_both_languages(open_page, html):
    opened = open_page(html)
    page = opened.page
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert "演示未达标" in page.inner_text("#verdict")
    zh = page.evaluate(OWN_TEXTS)
    assert set(re.findall(r"[A-Za-z]{2,}", " ".join(zh))) <= {"km", "Leaflet", "BSD", "Clause", "JavaScript", *MACHINE}
    page.click("[data-lang=en]")
    assert page.get_attribute("html", "lang") == "en"
    assert "Demo not met" in page.inner_text("#verdict") and "Deqing" in page.title()
    assert not [text for text in page.evaluate(OWN_TEXTS) if CHINESE.search(text)]
    assert page.get_attribute("[data-lang=en]", "aria-pressed") == "true"
    labels = page.eval_on_selector_all("[aria-label]", "nodes => nodes.map((node) => node.getAttribute('aria-label'))")
    assert labels and not any(CHINESE.search(label) for label in labels)
    page.click("[data-lang=zh]")
    assert page.evaluate(OWN_TEXTS) == zh
    opened.check_quiet()


@pytest.mark.parametrize(("spoken", "tries"), [
    ("zh-CN", [("", None, "zh-CN"), ("", "en", "en"), ("#lang=en", "zh", "en")]),
    ("zh-TW", [("", None, "zh-CN")]),
    ("en-US", [("", None, "en"), ("", "zh", "zh-CN"), ("#lang=zh", "en", "zh-CN"), ("#lang=xx", None, "en")]),
    ("fr-FR", [("", None, "en")])])
def test_the_first_language_is_the_address_s_then_the_one_chosen_then_the_browser_s(
        open_page, small_html, spoken, tries):
    opened = open_page(small_html, locale=spoken)
    page = opened.page
    for address, kept, lang in tries:
        page.evaluate("kept => kept ? localStorage.setItem('facilityplan-lang', kept) : localStorage.clear()", kept)
        page.goto("about:blank")
        page.goto(opened.url + address)
        page.wait_for_selector("html[data-ready]", state="attached")
        assert page.get_attribute("html", "lang") == lang, (address, kept)
        assert ("Demo not met" in page.inner_text("#verdict")) is (lang == "en")
    other = "zh" if lang == "en" else "en"
    page.click(f"[data-lang={other}]")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[other], "a choice lasts"


def test_stages_are_listed_as_they_were_solved_and_hold_given_a_stopped_one(open_page):
    stopped = sample(status="feasible", gap=0.0421, villages=9, cells=100, road_edges=40)
    page = open_page(render_map(stopped.plan, stopped.inputs, stopped.outlines)).page
    page.click("#stages summary")
    rows = page.eval_on_selector_all("#stages tbody tr", "rows => rows.map((row) => row.innerText)")
    assert [row.split()[1] for row in rows] == ["圈外人口最少", "人·分钟最少", "费用最低"]
    assert ["以上级所得为前提" in row for row in rows] == [False, False, True]
    page.click("[data-lang=en]")
    assert "given the stage above" in page.locator("#stages tbody tr").nth(2).inner_text()


def test_a_village_without_a_clinic_says_who_serves_it_and_why(open_page):
    one = sample(villages=9, cells=100, road_edges=40)
    villages = one.plan.villages.assign(no_clinic_because=None)
    villages.loc[2, ["mode", "served_by", "no_clinic_because"]] = ["none", "C0000", "no_candidate_site"]
    page = open_page(render_map(replace(one.plan, villages=villages), one.inputs, one.outlines)).page
    page.fill("#search", villages["name"][2])
    page.locator(".search [data-go^=village]").first.click()
    text = page.inner_text(".leaflet-popup .card")
    assert one.plan.facilities.set_index("id").loc["C0000", "name"] in text and "现无卫生室，也无备选点" in text
    page.click("[data-lang=en]")
    assert "none today, no candidate site" in page.inner_text(".leaflet-popup .card")


def test_a_village_says_which_hospital_hosts_the_services_it_uses_and_the_hospital_for_whom(open_page):
    one = sample(villages=9, cells=100, road_edges=40)
    [service] = one.plan.centres
    plan = replace(one.plan, centres=({**service, "name": "影像", "name_en": "imaging"},))
    opened = open_page(render_map(plan, one.inputs, one.outlines))
    page, host = opened.page, one.plan.facilities.set_index("id").loc[service["hosts"][0], "name"]
    page.fill("#search", one.plan.villages["name"][2])
    page.locator(".search [data-go^=village]").first.click()
    card = page.locator(".leaflet-popup .card")
    assert "使用的服务中心" in card.inner_text() and "影像 · 资源共享中心" in card.inner_text()
    card.locator("li", has_text="影像").locator("button").click()
    assert host in card.inner_text() and "影像（资源共享中心：" in card.inner_text()
    page.click("[data-lang=en]")
    assert "imaging (shared centre: " in card.inner_text()
    opened.check_quiet()


def test_both_languages_are_in_the_banner(open_page, html):
    text = open_page(html).page.inner_text("#banner")
    assert "演示数据：合成地理，非该县规划" in text
    assert "Demonstration: synthetic geography, not the county's plan" in text


def test_before_and_after_change_what_is_drawn(open_page, html, one):
    page = open_page(html).page
    assert on_map(page, "image_overlay_minutes_after") and not on_map(page, "image_overlay_minutes_before")
    assert on_map(page, "feature_group_after_merged")
    after = page.inner_text("#legend")
    page.click("[data-view=before]")
    assert on_map(page, "image_overlay_minutes_before") and not on_map(page, "image_overlay_minutes_after")
    assert not on_map(page, "feature_group_after_merged") and on_map(page, "feature_group_before_today")
    assert page.inner_text("#legend") != after and "并入" not in page.inner_text("#legend")
    page.click("[data-view=after]")
    assert page.inner_text("#legend") == after
    merged = int((one.plan.facilities["action"] == "close").sum())
    assert page.evaluate("feature_group_after_merged.getLayers().length") == merged


def test_layers_can_be_switched_off_and_stay_off(open_page, html):
    page = open_page(html).page
    for key, layer in (("minutes", "image_overlay_minutes_after"), ("outside", "image_overlay_outside_after"),
                       ("merged", "feature_group_after_merged"), ("hospital", "feature_group_after_hospital")):
        box = page.locator(f"[data-layer={key}]")
        assert box.is_checked() and on_map(page, layer)
        box.uncheck()
        assert not on_map(page, layer)
    page.click("[data-lang=en]")
    assert not page.locator("[data-layer=minutes]").is_checked()
    page.click("[data-view=before]")
    assert not on_map(page, "image_overlay_minutes_before")
    page.click("[data-view=after]")
    page.locator("[data-layer=minutes]").check()
    assert on_map(page, "image_overlay_minutes_after")


def test_a_village_of_the_list_is_gone_to(open_page, html, one):
    opened = open_page(html)
    page = opened.page
    out = one.plan.villages.sort_values(["people_out_after", "id"], ascending=[False, True])
    first = page.locator("#outside-list [data-go]").first
    assert out["name"].iloc[0] in first.inner_text()
    assert page.locator("#outside-list [data-go]").count() == (out["people_out_after"] > 0).sum()
    zoom = page.evaluate("map_facilityplan.getZoom()")
    first.click()
    assert page.evaluate("map_facilityplan.getZoom()") > zoom
    card = page.locator(".leaflet-popup .card")
    assert out["name"].iloc[0] in card.inner_text()
    centre = page.evaluate("(() => { const c = map_facilityplan.getBounds(); return "
                           f"c.contains([{out['lat'].iloc[0]}, {out['lon'].iloc[0]}]); }})()")
    assert centre is True
    opened.check_quiet()


def test_a_merger_s_card_says_where_to_and_why_and_leads_to_its_host(open_page, html, one):
    opened = open_page(html)
    page, sites = opened.page, one.plan.facilities.set_index("id")
    clinic = sites[sites["action"] == "close"].iloc[0]
    page.click("#merge-list summary")
    page.locator("#merge-list [data-go]").first.click()
    text = page.inner_text(".leaflet-popup .card")
    host = sites.loc[clinic["merged_into"]]
    for expected in (clinic["name"], host["name"], "并入他处", "6.4 分钟", "采纳", clinic["township"]):
        assert expected in text
    page.locator(".card dd .link", has_text=host["name"]).click()
    text = page.inner_text(".leaflet-popup .card")
    assert text.startswith(host["name"]) and "保留并承接他村" in text and clinic["name"] in text
    page.click("[data-lang=en]")
    assert "Kept, takes others over" in page.inner_text(".leaflet-popup .card")
    opened.check_quiet()


def test_a_marker_on_the_map_opens_its_card(open_page, html, one):
    page = open_page(html).page
    place = page.evaluate("""() => {
      map_facilityplan.setView(feature_group_after_sub_centre.getLayers()[0].getLatLng(), 15, { animate: false });
      const at = map_facilityplan.latLngToContainerPoint(feature_group_after_sub_centre.getLayers()[0].getLatLng());
      const box = map_facilityplan.getContainer().getBoundingClientRect();
      return [box.x + at.x, box.y + at.y];
    }""")
    page.mouse.click(*place)
    name = one.plan.facilities.loc[one.plan.facilities["sub_centre"], "name"].iloc[0]
    assert name in page.inner_text(".leaflet-popup .card")


def test_names_are_found_by_keyboard_alone(open_page, html, one):
    page = open_page(html).page
    name = one.plan.facilities["name"].iloc[7]
    page.focus("#search")
    page.keyboard.type(name[:4])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert name[:4] in page.inner_text(".leaflet-popup .card h3")
    page.fill("#search", "no such place")
    assert "没有匹配" in page.inner_text(".search")


def test_every_control_can_be_reached_and_is_named(open_page, html):
    page = open_page(html).page
    nameless = page.eval_on_selector_all("button, input, a[href], summary, [role=group]", """nodes => nodes.filter(
      (node) => !(node.getAttribute('aria-label') || node.textContent.trim() || (node.labels && node.labels.length))
    ).map((node) => node.outerHTML)""")
    assert nameless == []
    tabs = page.eval_on_selector_all("button, input, summary", "nodes => nodes.map((node) => node.tabIndex)")
    assert len(tabs) > 20 and min(tabs) >= 0


def test_the_legend_tells_proof_and_gap(open_page, html):
    page = open_page(html).page
    assert "已证明最优（差距 0 %）" in page.inner_text("#proof")
    unproven = sample(status="feasible", gap=0.0421, villages=9, cells=100, road_edges=40)
    page = open_page(render_map(unproven.plan, unproven.inputs, unproven.outlines)).page
    warning = page.locator("#proof .warn").first
    assert warning.inner_text() == "未证明最优，差距 4.21\u00a0%"
    page.click("[data-lang=en]")
    assert warning.inner_text() == "Not proven optimal, gap 4.21\u00a0%"
    assert "Proven optimal" not in page.inner_text("#panel")


def test_it_fits_a_phone(open_page, html):
    opened = open_page(html, viewport=PHONE)
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    ground, panel = page.locator("#ground").bounding_box(), page.locator("#panel").bounding_box()
    assert ground["width"] == PHONE["width"] and panel["y"] >= ground["y"] + ground["height"]
    page.locator("#outside-list [data-go]").first.click()
    assert page.locator(".leaflet-popup .card").is_visible()
    assert page.evaluate("window.scrollY") < 200  # the map is back in view
    opened.check_quiet()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_are_shown_as_they_are_and_nothing_runs(open_page, one, lang):
    evil = naughty(one)
    opened = open_page(render_map(evil.plan, evil.inputs, evil.outlines, lang=lang),
                       locale={"zh": "zh-CN", "en": "en-GB"}[lang])
    page, plan = opened.page, evil.plan
    page.evaluate("for (const node of document.querySelectorAll('details')) node.open = true")
    texts = "nodes => nodes.map((node) => node.textContent)"
    shown = set(page.eval_on_selector_all("#panel .data, #credit .data", texts))
    out = plan.villages[plan.villages["people_out_after"] > 0]
    merged = plan.facilities[plan.facilities["action"] == "close"]
    for text in (*out["name"], *out["township"], *merged["name"], *(note.in_language(lang) for note in plan.notes),
                 *(source.credit for source in plan.sources), plan.county if lang == "zh" else plan.county_en,
                 plan.scenario_name.in_language(lang), plan.review_number):
        assert visible(text) in shown, text[:60]
    # Every card, every search, both views and both languages.
    count = page.locator("#panel [data-go]").count()
    names = [visible(name) for name in (*plan.facilities["name"], *plan.villages["name"])]
    for index in range(0, count, 5):
        page.evaluate("k => document.querySelectorAll('#panel [data-go]')[k].click()", index)
        assert page.text_content(".leaflet-popup .card h3") in names
    page.evaluate("map_facilityplan.setZoom(14, { animate: false })")
    labels = page.eval_on_selector_all(".name.village .data", texts)
    assert labels and set(labels) <= {visible(name) for name in plan.villages["name"]}
    page.fill("#search", "alert(")
    assert page.locator(".search [data-go]").count() > 0
    page.click("[data-view=before]")
    page.click("[data-lang=en]")
    page.click("[data-lang=zh]")
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelectorAll('#app script, #app iframe, #app img[src=x]').length") == 0
    opened.check_quiet()


# What a county is made of, the most megabytes of its map, and the most milliseconds until the browser paints first (by
# the clock) and until the whole map is drawn (of the page's own thread, so that busy neighbours do not count).
SIZES = {
    "middling": ({"villages": 60, "townships": 6, "cells": 5_000, "road_edges": 12_000}, 1.5, 5_000, 2_000),
    "large": ({"villages": 300, "townships": 18, "cells": 25_000, "road_edges": 60_000}, 5.0, 2_000, 2_000),
}


@pytest.mark.parametrize("name", ["middling", pytest.param("large", marks=pytest.mark.campaign)])
def test_a_county_stays_light(open_page, name):
    """The large one has 300 sites, 20,000 cells and 60,000 road edges. Measured: 1.3 MB; first paint 0.3 s by the
    clock; the whole map 0.6 to 0.9 s of the page's thread, 2.6 to 4.5 s by the clock with eight others on two cores."""
    size, megabytes, first_ms, whole_ms = SIZES[name]
    county = sample(**size)
    if name == "large":
        assert len(county.plan.cells) >= 20_000 and len(county.inputs.roads.edges) == 60_000
        assert len(county.plan.facilities) >= 300
    html = render_map(county.plan, county.inputs, county.outlines)
    page = open_page(html).page
    clock = page.context.new_cdp_session(page)
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy_ms() -> float:
        return 1_000 * next(one["value"] for one in clock.send("Performance.getMetrics")["metrics"]
                            if one["name"] == "TaskDuration")

    before = busy_ms()
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    whole = busy_ms() - before
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"\n{name}: {len(html.encode()) / 1e6:.2f} MB, first paint {paint:.0f} ms, whole map {whole:.0f} ms of work")
    assert len(html.encode()) < megabytes * 1e6 and paint < first_ms and 0 < whole < whole_ms
