"""Sheets of a workbook: one look for all of them, texts only ever as texts, the same content gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter

from facilityplan.errors import Text
from facilityplan.render.escape import xlsx_text
from facilityplan.render.words import WORDS

CREATED = datetime(2000, 1, 1)  # fixed: two runs of one plan give the same bytes
NUMBER_FORMATS = {"integer": "#,##0", "person": "#,##0.0", "min": "0.0", "CNY": "#,##0", "CNY/year": "#,##0",
                  "degree": "0.000000"}
WIDEST, NARROWEST = 42, 9


@dataclass(frozen=True)
class Field:
    """One column of a sheet: header in both languages, how it is printed, and where its value comes from."""

    header: Text
    value: Callable[[Any], Any]
    number_format: str = ""


def new_book(buffer: io.BytesIO, title: str) -> xlsxwriter.Workbook:
    """Return a workbook in which no text from data becomes a formula, link or number."""
    book = xlsxwriter.Workbook(buffer, {
        "in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": False})
    book.set_properties({"title": xlsx_text(title)[:200], "created": CREATED})
    return book


class Writer:
    """Sheets with a frozen bilingual header row, a filter and fitting widths, under the banner where there is one."""

    def __init__(self, book: xlsxwriter.Workbook, banner: str) -> None:
        self.banner = banner
        font = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        self.book, self.font = book, font
        self.plain = book.add_format(font)
        self.wrapped = book.add_format({**font, "text_wrap": True})
        self.title = book.add_format({**font, "font_size": 16, "bold": True})
        self.strong = book.add_format({**font, "bold": True, "text_wrap": True})
        self.warning = book.add_format({**font, "bold": True, "bg_color": "#FFD866", "text_wrap": True})
        self.banner_row = book.add_format({**font, "bold": True, "bg_color": "#FFD866"})
        self.header = book.add_format({**font, "bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF1",
                                       "bottom": 1})
        self.formats = {code: book.add_format({**font, "num_format": code})
                        for code in sorted({*NUMBER_FORMATS.values(), "0.0%", "#,##0.00"})}

    def sheet(self, key: str) -> xlsxwriter.worksheet.Worksheet:
        """Add a sheet that is called by a word, in both languages."""
        return self.sheet_named(" ".join(WORDS[key]))

    def sheet_named(self, name: str) -> xlsxwriter.worksheet.Worksheet:
        """Add a sheet; Excel allows 31 characters."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if self.banner:
            sheet.set_footer(f"&C{self.banner.replace('&', '&&')}")
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: Any, number_format: str = "", style: Any = None) -> None:
        """Write one value by its own type; text only ever as text."""
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            sheet.write_blank(row, column, None, style or self.plain)
        elif isinstance(value, bool):
            sheet.write_string(row, column, " ".join(WORDS["yes" if value else "no"]), style or self.plain)
        elif isinstance(value, str):
            sheet.write_string(row, column, xlsx_text(value), style or self.plain)
        else:
            sheet.write_number(row, column, float(value), style or self.formats.get(number_format, self.plain))

    def table(self, key: str, fields: Sequence[Field], rows: Iterable[Any]) -> None:
        """Write a sheet of one table."""
        self.fill(self.sheet(key), fields, rows)

    def fill(self, sheet: Any, fields: Sequence[Field], rows: Iterable[Any]) -> None:
        """Write one table: bilingual header, filter, frozen panes, print titles."""
        widths = [max(NARROWEST, _width(field.header.zh), min(18, _width(field.header.en))) for field in fields]
        top = 1 if self.banner else 0
        if self.banner:
            for column in range(len(fields)):
                self.cell(sheet, 0, column, self.banner if column == 0 else None, style=self.banner_row)
        for column, field in enumerate(fields):
            self.cell(sheet, top, column, f"{field.header.zh}\n{field.header.en}", style=self.header)
        last = top
        for last, row in enumerate(rows, start=top + 1):
            for column, field in enumerate(fields):
                value = field.value(row)
                self.cell(sheet, last, column, value, field.number_format)
                if isinstance(value, str):
                    widths[column] = max(widths[column], min(WIDEST, _width(value)))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(WIDEST, width + 2))
        sheet.set_row(top, 48)
        sheet.freeze_panes(top + 1, min(2, len(fields)))
        sheet.autofilter(top, 0, max(top + 1, last), len(fields) - 1)
        sheet.repeat_rows(0, top)


def _width(text: str) -> int:
    """Rough width in characters: a Chinese one takes two."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text[:WIDEST])
