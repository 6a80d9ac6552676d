"""Every control of the map, and what it shows held against the plan.json of the same run. The network is off."""

from __future__ import annotations

import re
from collections import Counter

import pytest

pytestmark = pytest.mark.browser
TEN_THOUSAND_YUAN = 10_000


@pytest.fixture(scope="module")
def run(run_folder, plan_of_run):
    return (run_folder / "map.html").read_text("utf-8"), plan_of_run


def shown(people: float) -> str:
    return "< 10" if 0 < people < 10 else f"{round(people):,}"


def number(text: str) -> str:
    return text.replace("\u00a0", " ").strip()


def test_the_head_and_its_figures(run, open_page):
    html, plan = run
    page = open_page(html).page
    metrics, figures = plan["metrics"], {}
    for block in page.locator(".figures > div").all():
        figures[block.locator("dt").inner_text()] = number(block.locator("dd").inner_text())
    assert figures["并入他处"] == str(metrics["clinics_merged"])
    assert figures["次中心"] == str(sum(site["sub_centre"] for site in plan["facilities"]))
    assert figures["人均单程分钟"].split(" → ") == [f"{metrics[f'mean_minutes_{when}']:.1f}"
                                                    for when in ("before", "after")]
    people = metrics["group_people"]
    assert figures["圈外人口"].split(" → ") == [shown(people - metrics[f"people_within_circle_{when}"])
                                                for when in ("before", "after")]
    assert float(figures["年运行费用（万元）"].split(" → ")[1].replace(",", "")) == pytest.approx(
        metrics["annual_cost_cny"] / TEN_THOUSAND_YUAN, abs=0.5)
    assert ("已证明最优" in page.inner_text("#proof")) == (plan["solve"]["status"] == "optimal")


def test_each_view_s_classes_add_up_to_the_plan_s_people(run, open_page):
    html, plan = run
    page = open_page(html, locale="en-GB").page
    limit, metrics = plan["standards"][0]["limit_min"], plan["metrics"]
    for when in ("before", "after"):
        page.click(f"[data-view={when}]")
        rows = page.locator("#shades .shade").all_inner_texts()
        inside = [row for row in rows if re.search(r"(\d+) min", row) and int(re.search(r"(\d+) min", row)[1]) <= limit
                  and not row.startswith(">")]
        total = sum(int(row.split("\n")[-1].replace(",", "")) for row in inside if "<\u00a0" not in row)
        assert total == pytest.approx(metrics[f"people_within_circle_{when}"], abs=12)
    page.click("[data-view=change]")
    rows = [number(row.split("\n")[-1]) for row in page.locator("#shades .shade").all_inner_texts()]
    assert rows == [shown(value) for value in metrics["added_minutes"].values() if value]
    assert page.evaluate("map_facilityplan.hasLayer(image_overlay_change)")


def test_decisions_are_counted_listed_and_filtered(run, open_page):
    html, plan = run
    opened = open_page(html)
    page, sites = opened.page, plan["facilities"]
    merged = [site for site in sites if site["action"] == "close" and site["service"] is None]
    assert merged
    assert page.locator("li:has([data-layer=merged]) .count").inner_text() == str(len(merged))
    assert page.locator("#merge-list summary .count").inner_text().strip() == str(len(merged))
    page.select_option("#decision", "merged")
    lit = page.evaluate("Object.keys(window).filter((key) => key.startsWith('feature_group_after_'))"
                        ".flatMap((key) => window[key].getLayers()).filter((one) => !one.options.dim).length")
    assert lit == len(merged)
    assert "只看安排：并入他处；其余淡显" in page.inner_text("#key")
    by_township = Counter(site["township"] for site in merged)
    township, here = by_township.most_common()[0]
    page.focus("#township")
    page.select_option("#township", township)
    assert page.locator("#merge-list summary .count").inner_text().strip() == str(here)
    assert page.evaluate("document.activeElement.id") == "township"  # the keyboard stays where it was
    assert "township=" not in page.url
    page.click("#share")
    page.wait_for_function("document.getElementById('linked').textContent !== ''")
    assert "decision=merged" in page.url and "township=" in page.url
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector("html[data-ready]", state="attached")
    assert [again.input_value(f"#{key}") for key in ("decision", "township")] == ["merged", township]
    opened.check_quiet()


def test_villages_outside_are_those_of_the_plan_in_their_order(run, open_page):
    html, plan = run
    page = open_page(html).page
    for when in ("before", "after"):
        page.click(f"[data-view={when}]")
        out = [v for v in plan["villages"] if round(v[f"people_out_{when}"], 6) > 0]
        out.sort(key=lambda v: -(v[f"people_out_{when}"] if v[f"people_out_{when}"] >= 10 else 0.5))
        rows = page.locator("#outside-list .list button")
        assert [number(text) for text in rows.locator(".value").all_inner_texts()] == [
            f"{shown(v[f'people_out_{when}'])} 人" for v in out]


def test_visits_by_weekday_are_those_of_the_plan(run, open_page):
    html, plan = run
    opened = open_page(html)
    page = opened.page
    visited = {v["name"]: v for v in plan["villages"] if v["mode"] in ("circuit", "neighbour")}
    names = {row["id"]: row["name"] for table in ("facilities", "villages") for row in plan[table]}
    on_route = {(stop["site"] or stop["village"]) for route in plan["routes"] for stop in route["stops"]}
    assert on_route and any(v["mode"] == "neighbour" for v in visited.values())

    def drawn(test):
        return page.evaluate(f"Object.values(map_facilityplan._layers).filter((one) => {test}).length")

    seen = Counter()
    for day in range(1, 8):
        page.click(f"#service-list [data-day='{day}']")
        rows = page.locator("#service-list .list button").all()
        told = {row.locator(".main").inner_text(): row.locator(".value").inner_text() for row in rows}
        seen.update(told.keys())
        today = [route for route in plan["routes"] if route["weekday"] == day]
        stops = [stop for route in today for stop in route["stops"]]
        assert drawn("one.options.dashArray === '5 5'") == len(told) - len(stops)
        assert drawn("one.options.weight === 2.6") == len(today)
        labels = page.locator(".name.stop").all_inner_texts()
        assert sorted(labels) == sorted(f"{k} · {stop['arrives']}" for route in today
                                        for k, stop in enumerate(route["stops"], 1))
        village = {v["id"]: v["name"] for v in plan["villages"]}
        for stop in stops:
            assert f"{stop['arrives']}–{stop['leaves']}" in told[village[stop["village"]]]
        assert page.evaluate("document.activeElement.dataset.day") == str(day)
    assert seen == {name: v["days_per_week"] for name, v in visited.items()}
    page.click("#service-list [data-day='']")
    assert not page.locator(".name.stop").count()
    for row in page.locator("#service-list .list button").all():
        assert names[visited[row.locator(".main").inner_text()]["host"]] in row.locator(".sub").inner_text()
    route = plan["routes"][0]
    page.fill("#search", route["base"])
    page.click("#results button")
    card = page.locator(".leaflet-popup article").inner_text()
    assert f"{route['leaves']}–{route['returns']}" in card and "第 1 队" in card
    assert all(stop["arrives"] in card for stop in route["stops"])
    opened.check_quiet()


def test_loads_are_people_against_what_the_rules_allow(run, open_page):
    html, plan = run
    page = open_page(html).page
    page.click("#load-list summary")
    rows = {row.locator(".main").inner_text(): number(row.locator(".value").inner_text())
            for row in page.locator("#load-list .list button").all()}
    sites = {site["name"]: site for site in plan["facilities"]}
    assert rows
    for name, text in rows.items():
        load, room = text.split(" / ")
        site = sites[name]
        if site["sub_centre"]:
            people = sum(v["people"] for v in plan["villages"] if v["catchment_of"] == site["id"])
            assert (load, room) == (shown(people), "90,000")
        else:
            assert load == shown(site["people_served"])
            assert int(room.replace(",", "")) == 1_500 * site["doctors"]
    page.check("[data-layer=loads]")
    assert "负荷占容量的比例" in page.inner_text("#key")


def test_areas_have_the_plan_s_townships_and_people(run, open_page):
    html, plan = run
    page = open_page(html).page
    page.click("#consortium-list summary")
    page.click("#centre-list summary")
    rows = page.locator("#consortium-list .list button")
    assert rows.count() == len(plan["consortia"])
    for row, one in zip(rows.all(), plan["consortia"], strict=True):
        assert number(row.locator(".value").inner_text()) == f"{shown(one['people'])} 人"
        assert all(township in row.inner_text() for township in one["townships"])
    centres = {v["catchment_of"] for v in plan["villages"]} - {None}
    assert page.locator("#centre-list .list button").count() == len(centres)
    key = page.locator("#key")
    assert "医共体" in key.inner_text() and "片区" not in key.inner_text()
    page.check("[data-layer=catchments]")
    assert "片区" in key.inner_text()
    page.uncheck("[data-layer=consortia]")
    assert "医共体" not in key.inner_text()


def test_the_key_holds_what_is_on_and_nothing_else(run, open_page):
    html, _ = run
    page = open_page(html).page
    boxes = page.locator("[data-layer]")
    keys = boxes.evaluate_all("nodes => nodes.map((node) => node.dataset.layer)")
    before = page.locator("#key li").count()
    assert before > 8
    for key in keys:
        page.locator(f"[data-layer={key}]").uncheck()
    assert page.locator("#key li").all_inner_texts() in (["县界"], ["水面", "县界"])
    assert page.evaluate("document.activeElement.dataset.layer") == keys[-1]
    for key in keys:
        page.locator(f"[data-layer={key}]").check()
    assert page.locator("#key li").count() >= before


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_print_view_holds_all_of_its_key(run, open_page, locale):
    html, _ = run
    page = open_page(html, locale=locale).page
    for key in ("loads", "catchments", "circle_other"):
        page.check(f"[data-layer={key}]")
    page.click("#print-view")
    sheet = page.locator("#app").bounding_box()
    for last in ("#key li:last-child", "#credit", "#print-foot", ".figures"):
        for box in (one.bounding_box() for one in page.locator(last).all()):
            assert box["y"] + box["height"] <= sheet["y"] + sheet["height"] + 1, last
            assert box["x"] + box["width"] <= sheet["x"] + sheet["width"] + 1, last
    page.keyboard.press("Escape")
    assert page.locator("#lists").is_visible() and page.evaluate("document.activeElement.id") == "print-view"


def test_the_keyboard_reaches_a_card_and_comes_back(run, open_page):
    html, _ = run
    page = open_page(html).page
    page.focus("#merge-list summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    from_ = page.evaluate("document.activeElement.dataset.go")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('.card') !== null")
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert page.evaluate("document.activeElement.dataset.go") == from_
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    for goal in ("answer", "filters", "lists"):
        page.focus(f"[data-jump={goal}]")
        page.keyboard.press("Enter")
        box, bar = page.locator(f"#{goal}").bounding_box(), page.locator("#bar").bounding_box()
        assert box["y"] >= bar["y"] + bar["height"] - 2 or goal == "lists"
