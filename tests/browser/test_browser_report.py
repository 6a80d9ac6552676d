from __future__ import annotations

import re

import pytest
from browser_sizes import PHONE
from sample_plan import naughty, sample

from facilityplan.render import render_notices, render_report
from facilityplan.render.escape import visible

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def one():
    return sample()


def test_the_report_switches_language_without_any_script(open_page, one):
    opened = open_page(render_report(one.plan, one.inputs), ready="main")
    page = opened.page
    assert page.is_visible("article[lang='zh-CN']") and not page.is_visible("article[lang=en]")
    page.click("label[for=lang-en]")
    assert page.is_visible("article[lang=en]") and not page.is_visible("article[lang='zh-CN']")
    page.focus("#lang-en")
    page.keyboard.press("ArrowLeft")
    assert page.is_visible("article[lang='zh-CN']")
    page.emulate_media(media="print")
    assert page.is_visible("#banner") and not page.is_visible(".languages")
    opened.check_quiet()


def test_the_report_fits_a_phone(open_page, one):
    page = open_page(render_report(one.plan, one.inputs), viewport=PHONE, ready="main").page
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_names_are_shown_as_they_are_and_nothing_runs(open_page, one):
    evil = naughty(one)
    opened = open_page(render_report(evil.plan, evil.inputs), ready="main")
    shown = set(opened.page.eval_on_selector_all("bdi", "nodes => nodes.map((node) => node.textContent)"))
    merged = evil.plan.facilities[evil.plan.facilities["action"] == "close"]
    for text in (*merged["name"], *merged["township"], evil.plan.county, evil.plan.county_en,
                 *(note.zh for note in evil.plan.notes), *(source.credit for source in evil.plan.sources)):
        assert visible(text) in shown, text[:60]
    opened.check_quiet()


@pytest.mark.parametrize("render", [render_report, render_notices])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_on_a4_in_the_language_shown(open_page, one, render, lang):
    opened = open_page(render(one.plan, one.inputs, lang=lang), ready="main")
    page = opened.page
    content = page.pdf(prefer_css_page_size=True)
    assert content.startswith(b"%PDF")
    assert set(re.findall(rb"/MediaBox \[([^\]]+)\]", content)) == {b"0 0 594.95996 841.91998"}
    page.emulate_media(media="print")
    shown = {code: page.is_visible(f"article[lang='{code}']") for code in ("zh-CN", "en")}
    assert shown == {"zh-CN": lang == "zh", "en": lang == "en"}
    page.set_viewport_size({"width": 680, "height": 960})  # what A4 leaves between the margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    opened.check_quiet()


def test_the_notices_fit_a_phone_and_their_links_lead_to_sheets(open_page, one):
    opened = open_page(render_notices(one.plan, one.inputs), viewport=PHONE, ready="main")
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    links = page.eval_on_selector_all("article[lang='zh-CN'] a", "links => links.map((a) => a.getAttribute('href'))")
    assert links and all(page.locator(link).count() == 1 for link in links)
    page.click("article[lang='zh-CN'] a >> nth=1")
    assert page.evaluate("location.hash") == links[1]
