"""The page and workbook of a robustness run: figures, few people held back, hostile names, same bytes."""

from __future__ import annotations

import dataclasses
import io
import re

import openpyxl
import pytest
from sample_plan import NAUGHTY
from sample_robust import record

from facilityplan.compare.robust_document import document
from facilityplan.plan.texts import canonical_json, plain
from facilityplan.render import render_robust_book, render_robust_page
from facilityplan.render.escape import html_text


@pytest.fixture(scope="module")
def page(made):
    return render_robust_page(record(made))


def book(one, lang="zh"):
    return openpyxl.load_workbook(io.BytesIO(render_robust_book(one, lang=lang)))


def test_the_page_answers_in_both_languages(made, page):
    n = sum(s.in_base for s in record(made).robustness.of_base("merger"))
    assert f"{n - 2} of {n} mergers stay in every case that has a plan" in page
    assert f"{n - 2}/{n} 个合并在每种有方案的情形中都保留" in page
    assert "1 cases are not proven" in page and "1 种情形未证明最优" in page
    assert "1 cases have no plan" in page and page.count('class="chart"') == 6
    assert "no harm: nobody inside leaves the circle" in page


def test_fewer_than_ten_people_are_not_told(made, page):
    assert html_text(">\u00a0-10") in page and html_text("−4") not in page
    more = render_robust_page(record(made, people_fewer=40.0))
    assert html_text("−40") in more
    cells = [c.value for row in book(record(made))["情形"].iter_rows() for c in row]
    assert ">\u00a0-10" in cells
    towns = re.search(r"The most used bridge</h2>.*?</section>", page, re.S)[0]
    assert html_text("<\u00a010") in towns


def test_hostile_names_stay_text(made, evil):
    one = record(evil)
    page = render_robust_page(one)
    assert "<script" not in page and "<img" not in page and "${alert" not in page
    assert html_text(NAUGHTY[0]) in page and "7919*7919" not in page.replace(html_text(NAUGHTY[2]), "")
    for sheet in book(one):
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    assert canonical_json(plain(document(one)))


def test_a_merger_is_marked_case_by_case(made):
    rows = list(book(record(made))["合并"].iter_rows(values_only=True))
    header = next(k for k, row in enumerate(rows) if row[0] and "Decided" in str(row[0]))
    marks = {str(cell).split(" / ")[-1] for row in rows[header + 1:] for cell in row if isinstance(cell, str)}
    assert {"stays", "elsewhere", "gone", "no plan", "still not"} <= marks
    assert book(record(made), "en").sheetnames == ["read me", "cases", "mergers", "centres", "other decisions"]


def test_the_same_record_gives_the_same_bytes(made, page):
    again = record(made)
    assert render_robust_page(again) == page
    assert render_robust_book(again) == render_robust_book(record(made))


def test_a_plan_without_mergers_bridge_or_cases_of_a_kind_still_makes_a_page(made):
    one = record(made)
    bare = dataclasses.replace(one.robustness, standings=(), cases=one.robustness.cases[:1])
    for has_bridges in (True, False):
        page = render_robust_page(dataclasses.replace(one, robustness=bare, bridge=None, has_bridges=has_bridges))
        assert "the plan merges no clinic" in page and page.count('class="chart"') == 4
