"""The robustness page in Chromium with the network off: both languages, axe, a phone's width, print."""

from __future__ import annotations

import pytest
from browser_sizes import PHONE
from sample_plan import naughty, sample
from sample_robust import record

from facilityplan.render import render_robust_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_html():
    return render_robust_page(record(naughty(sample(villages=16, townships=3, cells=200, road_edges=60))))


def test_it_opens_offline_in_both_languages_without_a_grave_finding(open_page, page_html, axe):
    opened = open_page(page_html, ready="main")
    page = opened.page
    for lang, heading in (("zh", "龙卷风图"), ("en", "Tornado")):
        page.check(f"#lang-{lang}", force=True)
        assert page.locator("h2:visible", has_text=heading).count() == 1
        page.locator("summary:visible").click()
        assert [found for found in axe(page) if found[0] in ("serious", "critical")] == []
    opened.check_quiet()


def test_it_fits_a_phone(open_page, page_html):
    page = open_page(page_html, ready="main", viewport=PHONE).page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert page.locator("svg.marks:visible").first.bounding_box()["height"] > 10
