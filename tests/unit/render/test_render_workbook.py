from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from sample_plan import NAUGHTY, sample

from facilityplan.domain import columns
from facilityplan.domain.rules import RULE_NAMES
from facilityplan.plan.write import plan_json
from facilityplan.render import render_workbook
from facilityplan.render.escape import CUT_MARK, xlsx_text

SHEETS = ["总览", "合并清单", "次中心", "服务方式", "未覆盖人口", "预算分年", "保留与新建", "无卫生室的村", "服务中心",
          "机构属性", "次中心负荷", "口径说明"]
ENGLISH = ["Overview", "Mergers", "Sub-centres", "Service modes", "People outside", "Budget by year", "Kept and built",
           "Without a clinic", "Service centres", "What sites offer", "Load of sub-centres", "Definitions"]

FEW = "<\u00a010"


@pytest.fixture(scope="module")
def content(made):
    return render_workbook(made.plan, made.inputs)


@pytest.fixture(scope="module")
def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def rows(sheet):
    """Return (English headers, body) of a sheet of a table: under the banner, and under its totals where it has any."""
    header, body, _ = parts(sheet)
    return header, body


def parts(sheet):
    banner, *rest = sheet.iter_rows(values_only=True)
    assert "演示" in banner[0] and "Demonstration" in banner[0]
    totals = rest.pop(0) if rest[0][0] == "合计 Total" else None
    header, *body = rest
    return [cell.split("\n")[-1] for cell in header], body, totals


def test_the_sheets_and_their_bilingual_headers(book):
    assert book.sheetnames == SHEETS
    tables = (*columns.PLAN_FACILITIES, *columns.PLAN_VILLAGES, *columns.PLAN_STAFFING)
    declared = {column.en: column.zh for column in tables}
    for name in SHEETS[1:-1]:
        sheet = book[name]
        top = int(sheet.auto_filter.ref.split(":")[0][1:])
        assert sheet.freeze_panes == f"C{top + 1}" and sheet.column_dimensions["B"].width > 8
        assert sheet.print_area and sheet.print_title_rows == f"$1:${top}"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0, "one page wide"
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize in (8, 9)
        for cell in sheet[top]:
            zh, en = cell.value.split("\n")
            assert zh and en
            assert declared.get(en, zh) == zh
    assert book["总览"]["A1"].value.startswith("德清县")


def test_the_sheets_are_called_in_the_language_asked_for(made):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(made.plan, made.inputs, lang="en")))
    assert book.sheetnames == ENGLISH
    assert book.properties.title == "Deqing village clinic plan"
    assert "OpenStreetMap contributors" in book.properties.description and "演示" in book.properties.description


def test_totals_equal_the_plan_s_figures_exactly(made, book):
    document = json.loads(plan_json(made.plan))
    metrics, overview = document["metrics"], {}
    for item, before, after, *_ in book["总览"].iter_rows(values_only=True):
        overview[str(item).split(" ")[0]] = (before, after)
    inside = tuple(metrics[f"people_within_circle_{when}"] for when in ("before", "after"))
    assert overview["人口"][1] == metrics["people"] and overview["圈内人口"] == inside
    assert overview["年运行费用"][1] == metrics["annual_cost_cny"]
    assert overview["建设投资"][1] == metrics["capital_cost_cny"]
    totals = {name: dict(zip(*parts(book[name])[::2], strict=True)) for name in SHEETS[1:7]}
    assert totals["服务方式"]["people"] == metrics["people"]
    for when, one in zip(("today", "under the plan"), inside, strict=True):
        assert totals["未覆盖人口"][f"people outside the circle {when}"] == round(metrics["people"] - one, 6)
    merged = [site for site in document["facilities"] if site["action"] == "close"]
    assert overview["并入他处"][1] == len(merged) == len(rows(book["合并清单"])[1])
    (listed_as, merged_rows), (kept_as, kept) = (rows(book[name]) for name in ("合并清单", "保留与新建"))
    assert len(kept) + len(merged_rows) == len(made.plan.facilities)
    assert {row[0] for row in (*kept, *merged_rows)} == set(made.plan.facilities["id"])
    assert sum(row[kept_as.index("capital cost")] for row in kept) + sum(
        row[listed_as.index("capital cost")] for row in merged_rows) == metrics["capital_cost_cny"]
    capital = [totals[name]["capital cost"] for name in ("合并清单", "保留与新建")]
    assert sum(capital) == totals["预算分年"]["Capital in the year (CNY)"] == metrics["capital_cost_cny"]
    assert capital[0] == sum(site["capital_cost_cny"] for site in merged)
    people = {village["id"]: village["people"] for village in document["villages"]}
    assert totals["合并清单"]["people"] == pytest.approx(sum(people[site["village"]] for site in merged), abs=1e-6)
    assert totals["保留与新建"]["recurrent cost a year"] == sum(
        site["annual_cost_cny"] for site in document["facilities"])


def test_people_in_rows_are_whole_and_few_of_them_not_counted_out(made, book):
    header, body = rows(book["未覆盖人口"])
    outside = [row[header.index("people outside the circle under the plan")] for row in body]
    assert all(figure == FEW or figure == 0 or figure >= 10 for figure in outside)
    listed = made.plan.villages["people_out_after"]
    assert sum(figure for figure in outside if figure != FEW) == sum(round(n) for n in listed if n >= 10)


def test_every_village_has_its_service_mode(made, book):
    header, body = rows(book["服务方式"])
    assert [row[0] for row in body] == list(made.plan.villages["id"])
    modes = [row[header.index("service mode")] for row in body]
    assert {mode.split(" ")[1] for mode in modes} <= {"keep", "merge", "none"}


def test_a_merger_says_why_and_what_was_refused_by_which_rule(made, book):
    header, body = rows(book["合并清单"])
    refused = made.plan.refusals[~made.plan.refusals["accepted"].astype(bool)]
    names = dict(zip(made.plan.facilities["id"], made.plan.facilities["name"], strict=True))
    for row in body:
        why, said = row[header.index("why this host")], row[header.index("hosts refused, and by which rule")]
        assert "hosts considered" in why
        for pair in refused[refused["clinic"] == row[0]].itertuples():
            assert f"{names[pair.host]}: {RULE_NAMES[pair.rule].en}" in said
    assert any(row[header.index("hosts refused, and by which rule")] for row in body)


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
    sheet = openpyxl.load_workbook(io.BytesIO(render_workbook(one.plan, one.inputs)))["总览"]
    rows = [row for row in sheet.iter_rows(values_only=True) if str(row[0])[:3] in ("1. ", "2. ", "3. ")]
    assert [row[0].split("\n")[1] for row in rows] == [
        "1. fewest people outside", "2. fewest person-minutes", "3. least cost"]
    assert ["given the stage above" in row[3] and "以上级" in row[3] for row in rows] == [False, False, True]


def test_every_merger_is_listed_with_its_host(made, book):
    header, body = rows(book["合并清单"])
    got = {row[0]: row for row in body}
    sites = made.plan.facilities.set_index("id")
    for clinic in sites[sites["action"] == "close"].itertuples():
        row = got[clinic.Index]
        assert row[header.index("id of its host")] == clinic.merged_into
        assert row[header.index("name of its host")] == sites.loc[clinic.merged_into, "name"]
        assert row[header.index("To its host")] == 6.4


def test_an_unproven_demonstration_says_both(made, book):
    texts = [str(row[0]) for row in book["总览"].iter_rows(values_only=True)]
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
    assert book["合并清单"].max_row == 3 and book["未覆盖人口"].max_row == 3, "banner, totals and header"
