"""Consortia on map, report and workbook: there where the plan forms them, escaped, and nowhere else."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest

from facilityplan.render import render_map, render_report, render_workbook

HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}"


@pytest.fixture(scope="module")
def grouped(made):
    sites = made.plan.facilities
    hospitals = sites[sites["kind"] == "township_hospital"].reset_index(drop=True)
    towns = sorted(set(made.plan.villages["township"]))
    lead, other = hospitals["id"].iloc[0], hospitals["id"].iloc[-1]
    records = tuple({
        "lead": one, "lead_name": HOSTILE, "townships": mine, "people": 9_000.4, "share_of_people": 0.5, "doctors": 30,
        "facilities": 12, "sub_centres": [one], "mean_minutes": 11.25,
        "farthest_minutes": 40.0, "today": "=甲", "doctors_moved": {},
        "joining": mine[:1]} for one, mine in ((lead, towns[:1]), (other, towns[1:])))
    of = {t: r["lead"] for r in records for t in r["townships"]}
    villages = made.plan.villages.assign(consortium=made.plan.villages["township"].map(of))
    return replace(made.plan, consortia=records, villages=villages)


def map_data(page: str) -> dict:
    return json.loads(re.search(r'<script[^>]*id="plan-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_the_map_numbers_colours_and_lists_them(grouped, made):
    data = map_data(render_map(grouped, made.inputs))
    rows = [row for row, *_ in data["consortia"]]
    assert [data["sites"]["id"][row] for row in rows] == [one["lead"] for one in grouped.consortia]
    assert len({colour for _, colour, *_ in data["consortia"]}) == 2
    assert set(data["villages"]["consortium"]) == set(rows)
    assert map_data(render_map(made.plan, made.inputs))["consortia"] == []


def test_the_report_has_their_table_and_escapes_names(grouped, made):
    page = render_report(grouped, made.inputs)
    assert page.count("County consortia") == 1 and page.count("县域医共体</h2>") == 1
    assert "<img src=x" not in page
    assert re.search("50.0.{0,8}%", page)
    assert "11.3" in page or "11.2" in page
    assert "County consortia" not in render_report(made.plan, made.inputs)


def test_the_workbook_has_a_sheet_of_them(grouped, made):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(grouped, made.inputs)))
    [sheet] = [book[name] for name in book.sheetnames if name == "医共体"]
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert HOSTILE in cells and "=甲" in cells and 9_000 in cells
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    plain = openpyxl.load_workbook(io.BytesIO(render_workbook(made.plan, made.inputs)))
    assert not [name for name in plain.sheetnames if name == "医共体"]
