"""Every control of the report and of the notices, and what they say held against the plan.json of the same run. The
network is off, and the pages have no scripts."""

from __future__ import annotations

import re

import pytest
from browser_sizes import DESKTOP, PHONE

pytestmark = pytest.mark.browser
PAGES = ("report", "notices")
CODES = {"zh": "zh-CN", "en": "en"}


@pytest.fixture(scope="module")
def run(run_folder, plan_of_run):
    return {page: (run_folder / f"{page}.html").read_text("utf-8") for page in PAGES}, plan_of_run


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip()


def shown(people: float) -> str:
    return "< 10" if 0 < people < 10 else f"{round(people):,}"


def article(page, lang: str):
    return page.locator(f"article[lang='{CODES[lang]}']")


def rows_of(section) -> list[list[str]]:
    return [[plain(cell.inner_text()) for cell in row.locator("td").all()]
            for row in section.locator("tbody tr").all()]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_every_control_does_what_it_says(run, open_page, name, viewport):
    """Both languages by mouse and by keyboard; every link leads to what is there and seen in the language shown."""
    opened = open_page(run[0][name], viewport=viewport, ready="main")
    page = opened.page
    controls = page.locator("a[href], button, input, select, textarea, summary, [tabindex], [onclick]")
    kinds = {control.evaluate("node => node.type || node.localName") for control in controls.all()}
    assert kinds <= {"radio", "a"}, "a control that no test knows of"
    for lang, other in (("en", "zh"), ("zh", "en")):
        page.click(f"label[for=lang-{lang}]")
        assert article(page, lang).is_visible() and not article(page, other).is_visible()
        links = article(page, lang).locator("a[href]")
        assert links.count() > 2
        for k in range(links.count()):
            links.nth(k).click()
            target = page.locator(page.evaluate("location.hash"))
            assert target.count() == 1 and target.is_visible(), links.nth(k).inner_text()
            top = target.evaluate("node => node.getBoundingClientRect().top")
            assert -2 <= top < viewport["height"], "the target is on the screen"
    page.focus("#lang-zh")
    page.keyboard.press("ArrowRight")
    assert article(page, "en").is_visible()
    opened.check_quiet()


@pytest.mark.parametrize("lang", CODES)
def test_the_report_s_figures_are_the_plan_s(run, open_page, lang):
    pages, plan = run
    page = open_page(pages["report"], ready="main").page
    page.check(f"#lang-{lang}", force=True)
    metrics, sites = plan["metrics"], plan["facilities"]
    tiles = [plain(tile.inner_text()) for tile in article(page, lang).locator(".tiles > *").all()]
    figures = {re.sub(r"^[\d.,<–→ %]+", "", tile): re.match(r"[\d.,<–→ %]*", tile)[0].strip() for tile in tiles}
    words = {"zh": ("并入他处", "次中心", "人均单程分钟", "圈外人口"),
             "en": ("Merged", "Sub-centres", "Mean minutes, one way", "People outside the circle")}[lang]
    outside = [shown(metrics["group_people"] - metrics[f"people_within_circle_{when}"]) for when in ("before", "after")]
    expected = (str(metrics["clinics_merged"]), str(sum(site["sub_centre"] for site in sites)),
                " → ".join(f"{metrics[f'mean_minutes_{when}']:.1f}" for when in ("before", "after")),
                " → ".join(outside))
    assert tuple(figures[word] for word in words) == expected, figures
    by_name = {site["name"]: site for site in sites}
    merged = rows_of(article(page, lang).locator(f"#list-merges-{lang}"))
    assert {row[0] for row in merged} == {site["name"] for site in sites if site["action"] == "close"
                                         and site["merged_into"]}
    for row in merged:
        host = next(site for site in sites if site["id"] == by_name[row[0]]["merged_into"])
        assert host["name"] in row
    centres = rows_of(article(page, lang).locator(f"#list-sub-centres-{lang}"))
    assert {row[0] for row in centres} == {site["name"] for site in sites if site["sub_centre"]}
    load = {site["name"]: sum(v["people"] for v in plan["villages"] if v["catchment_of"] == site["id"])
            for site in sites if site["sub_centre"]}
    assert {row[0]: row[2] for row in centres} == {name: shown(people) for name, people in load.items()}
    stages = rows_of(article(page, lang).locator(f"#method-{lang}"))
    assert len([row for row in stages if row[0].isdigit()]) == len(plan["solve"]["objectives"])
    text = plain(article(page, lang).inner_text())
    assert f"{plan['verified']['checks']:,}" in text
    assert ("已证明最优" if lang == "zh" else "Proven optimal") in text and plan["solve"]["status"] == "optimal"


@pytest.mark.parametrize("lang", CODES)
def test_notices_stand_for_every_village_whose_service_changes_and_no_other(run, open_page, lang):
    pages, plan = run
    page = open_page(pages["notices"], ready="main").page
    page.check(f"#lang-{lang}", force=True)
    changed = {v["id"] for v in plan["villages"] if v["mode"] in ("merge", "circuit", "neighbour", "posted")}
    closed = {site["village"] for site in plan["facilities"] if site["action"] == "close"}
    names = {v["id"]: v["name"] for v in plan["villages"]}
    notices = article(page, lang).locator("section.notice")
    told = [plain(notice.inner_text()) for notice in notices.all()]
    assert len(told) >= len(changed)
    for village in changed | closed:
        assert sum(names[village] in text.split("\n")[0] for text in told) >= 1, village
    hosts = {site["id"]: site["name"] for site in plan["facilities"]}
    for v in plan["villages"]:
        if v["mode"] == "merge":
            assert any(names[v["id"]] in text and hosts[v["host"]] in text for text in told)
    unit = "分钟" if lang == "zh" else "min"
    assert all(unit in text for text in told)
