"""axe-core on map, report and notices in both languages: nothing serious or critical (the comparison has its own)."""

from __future__ import annotations

import pytest
from browser_sizes import PHONE
from sample_plan import sample

from facilityplan.render import render_map, render_notices, render_report

pytestmark = pytest.mark.browser
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def one():
    return sample(villages=16, townships=3, cells=200, road_edges=60)


@pytest.mark.parametrize("lang", LOCALES)
def test_the_map(open_page, one, axe, lang):
    html = render_map(one.plan, one.inputs, one.outlines)
    page = open_page(html, locale=LOCALES[lang], viewport=PHONE if lang == "en" else None).page
    page.evaluate("for (const node of document.querySelectorAll('details')) node.open = true")
    for view in ("change", "before", "after"):
        page.click(f"[data-view={view}]")
    page.locator("#merge-list [data-go]").first.click()
    assert [found for found in axe(page) if found[0] in (*GRAVE, "moderate")] == []
    page.keyboard.press("Escape")
    page.click("#print-view")
    assert [found for found in axe(page) if found[0] in (*GRAVE, "moderate")] == []


@pytest.mark.parametrize("render", [render_report, render_notices])
def test_report_and_notices(open_page, one, axe, render):
    page = open_page(render(one.plan, one.inputs), ready="main").page
    for lang in LOCALES:
        page.check(f"#lang-{lang}", force=True)
        assert [found for found in axe(page) if found[0] in GRAVE] == []


def test_the_engine_finds_what_is_wrong(open_page, axe):
    """A page with four faults: the tests above can fail."""
    page = open_page("<!doctype html><html><title>x</title><body><main><h1>x</h1><img src='data:,'><input>"
                     "<p style='color:#bbb'>pale</p></main></body></html>", ready="main").page
    assert {"image-alt", "label", "color-contrast", "html-has-lang"} <= {rule for _, rule, _ in axe(page)}
