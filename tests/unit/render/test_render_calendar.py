"""The week of visits on every output: the same days, times and minutes as the plan has, and names as mere text."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from contextlib import closing

import openpyxl
import pyogrio
import pytest
from sample_plan import naughty, sample, with_rounds

from facilityplan.render import render_map, render_notices, render_report, render_workbook, write_geopackage
from facilityplan.render.calendar import comings, comings_text, route_line
from facilityplan.render.escape import xlsx_text


@pytest.fixture(scope="module")
def made():
    return with_rounds()


@pytest.fixture(scope="module")
def evil():
    return naughty(with_rounds())


def page_data(made):
    html = render_map(made.plan, made.inputs, made.outlines)
    return html, json.loads(re.search(r'<script type="application/json" id="plan-data">(.*?)</script>', html, re.S)[1])


def test_who_comes_when_by_clinic_and_village(made):
    when, rows = comings(made.plan), made.plan.calendar
    circuit = [(day, 1, "08:43", "10:23") for day in (1, 4)]
    assert [tuple(one) for one in when[("site", rows[0]["site"])]] == circuit
    assert when[("village", rows[0]["village"])] == when[("site", rows[0]["site"])]
    assert [tuple(one) for one in when[("site", rows[2]["site"])]] == [(1, None, None, None), (4, None, None, None)]
    assert comings_text(when[("village", rows[3]["village"])], "zh") == "周一 10:35–12:15、周四 10:35–12:15"
    assert comings_text(when[("village", rows[2]["village"])], "en") == "Mon, Thu"
    assert comings(sample().plan) == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sheets_totals_and_stops_are_those_of_the_plan(made, lang):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(made.plan, made.inputs, lang=lang)))
    sheet = book["巡回日历" if lang == "zh" else "Calendar of rounds"]
    _, totals, header, team, neighbour = sheet.iter_rows(values_only=True)
    week = made.plan.circuit_weeks[0]
    assert totals[3:5] == (week["driving_minutes"], week["visiting_minutes"]) == team[3:5]
    assert [cell.split("\n")[-1] for cell in header[5:]] == ["Mon", "Tue", "Wed", "Thu", "Fri"]
    names = dict(zip(made.plan.facilities["id"], made.plan.facilities["name"], strict=True))
    first = made.plan.routes[0]["stops"][0]["site"]
    assert f"1. {names[first]} 08:43–10:23\n2. " in team[5] and team[5] == team[8] and team[6] == team[9]
    assert team[7] is None and neighbour[5] == names[made.plan.calendar[2]["site"]]
    left = book["未排进日历" if lang == "zh" else "Not in the calendar"]
    assert left.max_row == 3
    modes = list(book["服务方式" if lang == "zh" else "Service modes"].iter_rows(values_only=True))
    column = next(k for k, cell in enumerate(modes[2]) if str(cell).endswith("Days"))
    said = {row[0]: row[column] for row in modes[3:]}
    assert said[made.plan.calendar[0]["village"]] == ("周一、周四" if lang == "zh" else "Mon, Thu")


def test_the_map_has_every_route_along_its_way(made):
    html, page = page_data(made)
    assert [(one[1], one[2], len(one[5])) for one in page["routes"]] == [(1, 1, 2), (2, 1, 1), (4, 1, 2), (5, 1, 1)]
    assert len(page["route_lines"]) == 2 and page["routes"][0][6] == page["routes"][2][6]
    assert page["sites"]["id"][page["routes"][0][0]] == made.plan.routes[0]["base"]
    assert sum(bool(one) for one in page["village_comings"]) == 4
    line = route_line(made.plan, made.inputs, made.plan.routes[0])
    way = next(iter(made.plan.legs.values()))
    assert list(way.coords)[1] in list(line.coords), "the leg follows the road where the plan holds the way"
    assert page_data(sample())[1]["routes"] == [] and len(html) < 5_000_000


def test_notices_and_report_tell_days_and_times(made):
    notices, report = render_notices(made.plan, made.inputs), render_report(made.plan, made.inputs)
    assert notices.count("周一 08:43–10:23、周四 08:43–10:23") == 1 and "Mon 10:35–12:15, Thu 10:35–12:15" in notices
    assert "08:43–10:23" in report and "08:30–15:00" in report
    assert "没有排进巡回队每天的工时" in report and "found no room in their teams" in report
    assert "没有排进巡回队" not in render_report(sample().plan, sample().inputs)


def test_the_geopackage_has_routes_and_visits_with_styles(made, tmp_path):
    path = tmp_path / "plan.gpkg"
    write_geopackage(made.plan, made.inputs, path)
    routes, visits = (pyogrio.read_dataframe(path, layer=name) for name in ("routes", "visits"))
    assert routes["weekday"].tolist() == [1, 2, 4, 5] and (routes.geometry.length > 0).all()
    assert visits["service"].tolist() == ["neighbour"] and visits["weekdays"].tolist() == ["1 4"]
    with closing(sqlite3.connect(path)) as db:
        styled = dict(db.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    assert "SimpleLine" in styled["routes"] and 'value="5"' in styled["routes"] and "SimpleLine" in styled["visits"]
    other = tmp_path / "without.gpkg"
    write_geopackage(sample().plan, sample().inputs, other)
    assert not {"routes", "visits"} & set(pyogrio.list_layers(other)[:, 0])


def test_hostile_names_stay_text_everywhere(evil, tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(evil.plan, evil.inputs)))
    names = dict(zip(evil.plan.facilities["id"], evil.plan.facilities["name"], strict=True))
    rows = list(book["巡回日历"].iter_rows())
    assert all(cell.data_type in ("s", "n") for row in rows for cell in row), "no formula"
    assert rows[3][1].value == xlsx_text(names[evil.plan.routes[0]["base"]])
    _, page = page_data(evil)
    assert len(page["routes"]) == 4
    for html in (render_notices(evil.plan, evil.inputs), render_report(evil.plan, evil.inputs)):
        assert "<script>alert" not in html and "<img" not in html
    write_geopackage(evil.plan, evil.inputs, tmp_path / "evil.gpkg")
    assert len(pyogrio.read_dataframe(tmp_path / "evil.gpkg", layer="routes")) == 4
