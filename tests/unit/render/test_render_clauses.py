"""Clauses and prices on report, console and workbook: both languages, demo in every verdict, hostile names as text."""

from __future__ import annotations

import io
from dataclasses import replace
from html import unescape

import openpyxl
import pytest
from sample_plan import sample

from facilityplan.config.clauses import Clause
from facilityplan.errors import Text
from facilityplan.plan.clause_figures import Figure, exact
from facilityplan.plan.clauses import answer
from facilityplan.render import render_report, render_workbook
from facilityplan.render.compliance import compliance_lines
from facilityplan.render.prices import price_lines

HOSTILE = "<img src=x>{{7*7}}=SUM(A1)"
MERGED = {"merged_into": {"C001": "C002"}, "figures": {"cost": 5.0, "capital_cost_cny": 20.0}}
KEPT = {"merged_into": {}, "figures": {"cost": 7.0, "capital_cost_cny": 20.0}}


def answered(name: str, *figures: Figure) -> dict:
    clause = Clause.model_validate({
        "id": "R-1", "text_zh": name, "text_en": name, "source": {"document": "文件"}, "standing": "aim",
        "note": "附注", "measures": [{"id": f"m{k}", "indicator": "sub_centres", "target": 2, "sites": ["C1"]}
                                    for k in range(len(figures))]})
    return dict(answer(clause, figures, "synthetic", {"C1": Text(HOSTILE, HOSTILE)}))


@pytest.fixture(scope="module")
def told():
    made = sample()
    return replace(made, plan=replace(
        made.plan, data_basis="synthetic",
        compliance=(answered(HOSTILE, exact(3), Figure(1.0, 1.0, short_of=("C1",))), answered("乙", exact(2)),
                    answered("丙", Figure(None, None, ("facilities.x",)))),
        prices=({"id": "a", "name_zh": HOSTILE, "name_en": "a", "site": "C001", "host": None, "in_free_optimum": False,
                 "status": {"with": "optimal", "without": "optimal"}, "with": MERGED, "without": KEPT,
                 "difference": {"cost": -2.0, "capital_cost_cny": 0.0}},
                {"id": "b", "name_zh": "乙", "name_en": "b", "site": "C003", "host": None, "in_free_optimum": False,
                 "status": {"with": "infeasible", "without": "optimal"}, "with": None, "without": KEPT,
                 "difference": None})))


def test_the_report_shows_each_clause_and_each_price_in_both_languages(told):
    page = render_report(told.plan, told.inputs)
    for text in ("逐条对照", "Clause by clause", "演示未达标", "Demo not met", "Demo met", "尚不能判定", "facilities.x",
                 "点名合并的代价", "not possible under the rules", "-2"):
        assert text in page, text
    assert "<img" not in page.replace("<img src=x>", "", 0) and "{{7*7}}" not in page
    without = render_report(replace(told.plan, compliance=(), prices=()), told.inputs)
    assert "逐条对照" not in without and "点名合并的代价" not in without


def test_the_workbook_has_one_row_a_measure_and_no_formula(told):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(told.plan, told.inputs)))
    sheet = book["合规对照"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows() if any(c.value == "R-1" for c in row)]
    assert len(rows) == 4 and "演示未达标\nDemo not met" in rows[0] and "facilities.x" in rows[3]
    prices = book["点名合并代价"]
    assert any(-2 in [cell.value for cell in row] for row in prices.iter_rows())
    for page in (sheet, prices):
        assert not [c for row in page.iter_rows() for c in row if c.data_type == "f" or c.hyperlink]
    plain = openpyxl.load_workbook(io.BytesIO(render_workbook(replace(told.plan, compliance=(), prices=()),
                                                              told.inputs)))
    assert not {"合规对照", "点名合并代价"} & set(plain.sheetnames)


def test_the_console_counts_verdicts_and_never_says_plainly_met(told):
    lines = compliance_lines(told.plan)
    assert lines[0] == Text("条款 3 条：演示达标 1，演示未达标 1，尚不能判定 1",
                            "3 clauses: Demo met 1, Demo not met 1, Not decidable yet 1")
    assert ["the price of “a”" in price_lines(told.plan)[0].en, "“b”" in price_lines(told.plan)[1].en] == [True, True]
    assert "-2" in price_lines(told.plan)[0].en and "not possible" in price_lines(told.plan)[1].en
    assert compliance_lines(replace(told.plan, compliance=())) == []
    assert price_lines(replace(told.plan, prices=())) == []


def priced(told, **row):
    return replace(told.plan, prices=({**told.plan.prices[0], **row},))


def said_of_prices(plan, inputs):
    """Console, report in both languages and sheet."""
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(plan, inputs)))["点名合并代价"]
    cells = "\n".join(str(cell.value) for row in book.iter_rows() for cell in row if cell.value is not None)
    page = render_report(plan, inputs)
    tables = [part.split("</section>")[0] for part in page.split("<h2>The price of named mergers</h2>")[1:]]
    return ["\n".join(line.en for line in price_lines(plan)), *tables, cells]


@pytest.mark.parametrize(("status", "missing", "said", "never"), [
    ({"with": "infeasible", "without": "optimal"}, "with", "not possible under the rules", "none found"),
    ({"with": "not_found", "without": "optimal"}, "with", "none found in time", "possible"),
    ({"with": "optimal", "without": "infeasible"}, "without", "unavoidable under the rules", "found in time"),
    ({"with": "optimal", "without": "not_found"}, "without", "no plan without it was found in time", "unavoidable"),
    ({"with": "optimal", "without": "feasible"}, None, "not proven", "both sides proven"),
    ({"with": "feasible", "without": "optimal"}, None, "not proven", "both sides proven"),
])
def test_a_side_is_impossible_only_where_that_is_proven_and_an_unproven_price_says_so(
        told, status, missing, said, never):
    gone = {} if missing is None else {missing: None, "difference": None}
    outputs = said_of_prices(priced(told, status=status, **gone), told.inputs)
    assert len(outputs) == 3
    for text in outputs:
        assert said in text and never not in text


@pytest.mark.parametrize(("value", "shown"), [(3.0, "<\xa010"), (-3.0, ">\xa0-10"), (12.0, "12")])
def test_the_price_of_a_merger_counts_out_no_few_people(told, value, shown):
    plan = priced(told, difference={"uncovered": value, "capital_cost_cny": 0.0})
    _, report, sheet = said_of_prices(plan, told.inputs)
    assert f">{shown}<" in unescape(report).replace(">+12<", ">12<") and shown in sheet
    assert ("3" in sheet) is False and ">+3<" not in report and ">-3<" not in report
