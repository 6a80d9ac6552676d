from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from sample_plan import NAUGHTY, sample

from facilityplan.domain import columns
from facilityplan.render import render_workbook
from facilityplan.render.escape import CUT_MARK, xlsx_text

SHEETS = ["总览 Overview", "合并清单 Mergers", "保留与新建 Kept and built", "次中心 Sub-centres",
          "服务中心 Service centres", "机构属性 What sites offer", "次中心负荷 Load of sub-centres",
          "未覆盖人口 People outside", "无卫生室的村 Without a clinic", "分年预算 By year",
          "口径说明 Definitions"]

FEW = "<\u00a010"


@pytest.fixture(scope="module")
def content(made):
    return render_workbook(made.plan, made.inputs)


@pytest.fixture(scope="module")
def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def rows(sheet):
    banner, header, *body = sheet.iter_rows(values_only=True)
    assert "演示" in banner[0] and "Demonstration" in banner[0]
    return [cell.split("\n")[-1] for cell in header], body


def test_the_sheets_and_their_bilingual_headers(book):
    assert book.sheetnames == SHEETS
    declared = {column.en: column.zh for column in (*columns.PLAN_FACILITIES, *columns.PLAN_VILLAGES)}
    for name in SHEETS[1:6]:
        sheet = book[name]
        assert sheet.freeze_panes and sheet.auto_filter.ref and sheet.column_dimensions["B"].width > 8
        for cell in sheet[2]:
            zh, en = cell.value.split("\n")
            assert zh and en
            assert declared.get(en, zh) == zh
    assert book[SHEETS[0]]["A1"].value.startswith("德清县")


def test_totals_equal_the_plan_s_metrics(made, book):
    metrics, overview = made.plan.metrics, {}
    for item, before, after, *_ in book[SHEETS[0]].iter_rows(values_only=True):
        overview[str(item).split(" ")[0]] = (before, after)
    assert overview["人口"][1] == round(metrics["people"])
    assert overview["圈内人口"] == tuple(
        round(metrics[f"people_within_circle_{when}"]) for when in ("before", "after"))
    assert overview["年运行费用"][1] == metrics["annual_cost_cny"]
    assert overview["建设投资"][1] == metrics["capital_cost_cny"]
    header, body = rows(book[SHEETS[7]])
    outside = [row[header.index("people outside the circle under the plan")] for row in body]
    assert all(figure == FEW or figure == 0 or figure >= 10 for figure in outside)
    listed = made.plan.villages["people_out_after"]
    assert sum(figure for figure in outside if figure != FEW) == sum(round(n) for n in listed if n >= 10)
    header, kept = rows(book[SHEETS[2]])
    header_merged, merged = rows(book[SHEETS[1]])
    assert len(kept) + len(merged) == len(made.plan.facilities)
    assert sum(row[header.index("capital cost")] for row in kept) + sum(
        row[header_merged.index("capital cost")] for row in merged) == metrics["capital_cost_cny"]
    assert overview["并入他处"][1] == len(merged)


def test_few_people_stand_on_no_sheet(made):
    plan = made.plan
    villages, sites = plan.villages.copy(), plan.facilities.copy()
    exact = (4.219, 5.318, 6.417, 7.516, 8.615)
    villages.loc[0, ["people", "people_out_before", "people_out_after"]] = exact[0], exact[1], exact[2]
    villages.loc[0, "no_clinic_because"] = "no_candidate_site"
    sites.loc[0, ["people_served", "people_nearest"]] = exact[3], exact[4]
    metrics = {**plan.metrics, "people_unreachable": exact[0], "people_leaving_circle": exact[1]}
    content = render_workbook(replace(plan, villages=villages, facilities=sites, metrics=metrics), made.inputs)
    cells = [cell.value for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet for cell in row]
    assert not {value for value in cells if isinstance(value, float)} & set(exact)
    assert cells.count(FEW) >= 7
    assert any(isinstance(value, str) and "人出圈" in value and FEW in value for value in cells)
    assert any(isinstance(value, str) and "机器读取的记录，保留原值" in value for value in cells)


def test_the_stages_stand_in_the_overview_with_what_they_rest_on():
    one = sample(status="feasible", gap=0.0421, villages=9, cells=100, road_edges=40)
    sheet = openpyxl.load_workbook(io.BytesIO(render_workbook(one.plan, one.inputs)))[SHEETS[0]]
    rows = [row for row in sheet.iter_rows(values_only=True) if str(row[0])[:3] in ("1. ", "2. ", "3. ")]
    assert [row[0].split("\n")[1] for row in rows] == [
        "1. fewest people outside", "2. fewest person-minutes", "3. least cost"]
    assert ["given the stage above" in row[3] and "以上级" in row[3] for row in rows] == [False, False, True]


def test_every_merger_is_listed_with_its_host(made, book):
    header, body = rows(book[SHEETS[1]])
    got = {row[0]: row for row in body}
    sites = made.plan.facilities.set_index("id")
    for clinic in sites[sites["action"] == "close"].itertuples():
        row = got[clinic.Index]
        assert row[header.index("id of its host")] == clinic.merged_into
        assert row[header.index("name of its host")] == sites.loc[clinic.merged_into, "name"]
        assert row[header.index("To its host")] == 6.4


def test_an_unproven_demonstration_says_both(made, book):
    texts = [str(row[0]) for row in book[SHEETS[0]].iter_rows(values_only=True)]
    assert any("演示数据" in text and "Demonstration" in text for text in texts)
    assert any("演示未达标" in text and "Demo not met" in text for text in texts)
    assert any("Proven optimal" in text for text in texts)


def test_the_same_plan_gives_the_same_bytes(made, content):
    assert render_workbook(made.plan, made.inputs) == content


def test_nothing_runs_and_nothing_is_lost(evil):
    content = render_workbook(evil.plan, evil.inputs)
    book = openpyxl.load_workbook(io.BytesIO(content))
    texts = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert cell.hyperlink is None
                if isinstance(cell.value, str):
                    texts.add(cell.value)
    for name in (*evil.plan.facilities["name"], *evil.plan.facilities["township"].dropna()):
        # openpyxl gives a carriage return or _xHHHH_ back as written; these names hold neither
        assert xlsx_text(name) in texts, name[:40]
    assert any(text.endswith(CUT_MARK) for text in texts)
    assert len(set(NAUGHTY)) == len(NAUGHTY)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any("externalLink" in name or "vba" in name.lower() for name in archive.namelist())


def test_a_plan_with_nothing_merged_or_outside_is_still_a_workbook(made):
    plan = replace(made.plan, facilities=made.plan.facilities[made.plan.facilities["action"] != "close"],
                   villages=made.plan.villages.assign(people_out_before=0.0, people_out_after=0.0),
                   refusals=made.plan.refusals.iloc[:0])
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(plan, made.inputs)))
    assert book[SHEETS[1]].max_row == 2 and book[SHEETS[7]].max_row == 2, "banner and header"
