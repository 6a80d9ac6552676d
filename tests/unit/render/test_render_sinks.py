"""Hostile names in every file of a run: nothing runs, nothing is lost, and each sink gives the exact text back."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import geopandas as gpd
import openpyxl
import pytest

from facilityplan.plan.texts import read_csv
from facilityplan.plan.write import files_of
from facilityplan.render import render_map, render_notices, render_report, render_workbook, write_geopackage
from facilityplan.render.escape import visible, xlsx_text
from facilityplan.render.mergers import mergers

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and the text kept apart as data."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names, self.attributes, self.data, self.open = set(), set(), [], []
        self.feed(page)

    def handle_starttag(self, name, attributes):
        self.names.add(name)
        self.attributes |= {key for key, _ in attributes}
        if name == "bdi":
            self.open.append("")

    def handle_endtag(self, name):
        if name == "bdi":
            self.data.append(self.open.pop())

    def handle_data(self, text):
        if self.open:
            self.open[-1] += text


@pytest.fixture(scope="module")
def files(evil):
    return files_of(evil.plan)


def test_plan_json_holds_every_text_as_it_is(evil, files):
    document = json.loads(files["plan.json"])
    assert [row["name"] for row in document["facilities"]] == list(evil.plan.facilities["name"])
    assert [row["name"] for row in document["villages"]] == list(evil.plan.villages["name"])
    assert document["county"] == evil.plan.county


@pytest.mark.parametrize("name", ["villages", "facilities"])
def test_no_cell_of_a_csv_is_a_formula_and_each_reads_back(evil, files, name):
    content = files[f"{name}.csv"]
    header, rows = read_csv(content)
    table = getattr(evil.plan, name)
    column = next(k for k, head in enumerate(header) if head == "name")
    assert [row[column] for row in rows] == list(table["name"])
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@")) or NUMBER.fullmatch(cell), cell[:40]


@pytest.mark.parametrize("render", [render_report, render_notices])
def test_a_page_holds_names_as_text_and_no_element_of_theirs(evil, render):
    page = Page(render(evil.plan, evil.inputs))
    assert not page.names & {"script", "img", "iframe", "object", "link", "form", "base"}
    assert not {key for key in page.attributes if key.startswith("on") or key in ("style", "src", "srcdoc")}
    shown = set(page.data)
    for merger in mergers(evil.plan):
        for name in (merger.clinic.name, merger.village.name, merger.host.name):
            assert visible(name) in shown, name[:40]


def test_the_map_holds_them_in_its_data_block_only(evil):
    page = render_map(evil.plan, evil.inputs, evil.outlines)
    block = re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)[1]
    texts = json.dumps(json.loads(block), ensure_ascii=False)
    for name in evil.plan.facilities["name"].head(40):
        assert json.dumps(visible(name), ensure_ascii=False)[1:-1] in texts, name[:40]


def test_workbook_and_geopackage_hold_them_as_text(evil, tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(evil.plan, evil.inputs, lang="en")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    shown = {cell.value for cell in cells}
    for merger in mergers(evil.plan):
        assert {xlsx_text(merger.clinic.name), xlsx_text(merger.village.name)} <= shown
    write_geopackage(evil.plan, evil.inputs, tmp_path / "evil.gpkg")
    table = gpd.read_file(tmp_path / "evil.gpkg", layer="facilities")
    assert list(table["name"]) == [visible(name) for name in evil.plan.facilities["name"]]
