"""Fewer than ten people stand on no page and no sheet, whatever counts them; what counts sites is shown exactly."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html import unescape

import openpyxl
import pytest

from facilityplan.model.types import PartResult, StageResult, ToleranceUse
from facilityplan.render import render_map, render_report, render_workbook
from facilityplan.render.fairness import fairness_notes, stage_details
from facilityplan.render.few import few_or_none
from facilityplan.render.mergers import figures
from facilityplan.render.summary import number, stage_name, stage_rows

FEW = "<\xa010"


def cells(plan, inputs, lang="zh") -> dict[str, list[list]]:
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(plan, inputs, lang=lang)))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


@pytest.mark.parametrize(("name", "value", "text"), [
    ("uncovered[circle]", 3.2, FEW), ("uncovered", 0.0, None), ("uncovered", 10.0, None), ("overload", 9.9, FEW),
    ("uncovered", -3.0, ">\xa0-10"), ("host_size", 4.0, FEW), ("objective", 4.0, FEW), ("host_limit", 4.0, None),
    ("cost", 3.0, None), ("max_minutes[circle]", 3.0, None)])
def test_only_what_counts_people_is_held_back(name, value, text):
    assert few_or_none(name, value) == text


def test_a_floor_under_sites_is_counted_out_and_one_under_people_is_not(made):
    floor = made.plan.attributes[0]
    sites = {**floor, "sites_with_before": 3, "sites_with_after": 4, "sites_after": 8}
    near = {**floor, "count": "people", "people_near_before": 3.0, "people_near_after": 4.0, "people": 8_000.0}
    for row, shown in ((sites, ["3", "4", "8"]), (near, [FEW, FEW, "8,000"])):
        plan = replace(made.plan, attributes=(row,))
        page = unescape(render_report(plan, made.inputs))
        told = [re.findall(r'<td class="number">(.*?)</td>', line)[:3] for line in page.split("<tr>")]
        assert shown in told
        wanted = [int(t.replace(",", "")) if t != FEW else t for t in shown]
        assert any(wanted == line[2:5] for sheet in cells(plan, made.inputs).values() for line in sheet)


def test_a_refusal_s_few_people_are_in_no_output(made):
    refusals = made.plan.refusals.copy()
    row = refusals.index[~refusals["accepted"].astype(bool)][0]
    refusals.loc[row, ["rule", "figure", "limit"]] = ["host_size", 7.25, 8.5]
    plan = replace(made.plan, refusals=refusals)
    data = json.loads(re.search(r'id="plan-data"[^>]*>(.*?)</script>', render_map(plan, made.inputs), re.DOTALL)[1])
    told = [one[2:4] for why in data["sites"]["why"] for one in why if one[1] == "host_size"]
    assert [FEW, FEW] in told and not any(7.2 in one or 8.5 in one for one in told)
    assert figures(refusals.loc[row]).en == f" ({FEW} against {FEW})"


def test_stages_parts_and_tolerances_count_out_no_few_people(made):
    stages = (StageResult("uncovered", 3.0, 2.5, 0.0, 0.1, tolerance=ToleranceUse(3.0, 4.0, 5.0)),
              StageResult("weighted", 30.0, 30.0, 0.0, 0.1,
                          parts=(PartResult("uncovered", 2.0, 6.0), PartResult("cost", 1.0, 7.0))))
    plan = replace(made.plan, solve=replace(made.plan.solve, stages=stages))
    first, second = stage_rows(plan)
    assert first.printed(first.value) == first.printed(first.bound) == FEW
    assert "3" not in first.name.en and f"{FEW} of a tolerance of {FEW}" in first.name.en
    details = stage_details(stages[1], lambda name: stage_name(plan, name), number=number)
    assert f"{FEW} × 2" in details.en and "7 × 1" in details.en and "6 ×" not in second.name.en
    overview = cells(plan, made.inputs)["总览"]
    [line] = [one for one in overview if str(one[0]).startswith("1. ")]
    assert line[1:3] == [FEW, FEW]


def test_people_by_year_and_those_left_out_of_fairness(made):
    years = {"2026": {"clinics_open": 5, "people_within_circle": 7.0}}
    block = {"people": 8.0, "people_without_way": 3.0, "kappa": 0.1}
    [note] = fairness_notes(replace(made.plan, metrics={**made.plan.metrics, "fairness": {"circle": block}}))
    assert f"{FEW} people; {FEW} whom" in note.en
    plan = replace(made.plan, metrics={**made.plan.metrics, "by_stage": years})
    page = unescape(render_report(plan, made.inputs))
    assert f'<td>2026</td><td class="number">5</td><td class="number">{FEW}</td>' in page


def test_english_lists_are_parted_as_english_is(made):
    towns = made.plan.catchments[0]["townships"]
    page = render_report(made.plan, made.inputs)
    zh, en = (re.search(rf'<article lang="{lang}">(.*?)</article>', page, re.DOTALL)[1] for lang in ("zh-CN", "en"))
    assert "</bdi>, <bdi>".join(towns) in en and "</bdi>、<bdi>".join(towns) in zh
    assert "</bdi>、<bdi>" not in en and "</bdi>, <bdi>" not in zh
    for lang, between in (("zh", "、"), ("en", ", ")):
        text = str(cells(made.plan, made.inputs, lang))
        assert between.join(towns) in text
