"""Sheets of a workbook: one look for all of them, texts only ever as texts, the same content gives the same bytes.

A sheet of a table is, from the top: the banner where the data are not real, the totals where it has any, the header,
the rows. The totals stand above the header so that no filter or sorting moves them; they are values, counted before any
figure was rounded.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter

from facilityplan.errors import Text
from facilityplan.plan.texts import plain
from facilityplan.render.escape import xlsx_text
from facilityplan.render.words import EVERY

CREATED = datetime(2000, 1, 1)  # fixed: two runs of one plan give the same bytes
NUMBER_FORMATS = {"integer": "#,##0", "person": "#,##0.0", "min": "0.0", "CNY": "#,##0", "CNY/year": "#,##0",
                  "degree": "0.000000"}
WIDEST, NARROWEST = 42, 9
A3, A4 = 8, 9  # Excel's numbers of paper sizes
A4_CHARACTERS = 150  # a wider sheet prints on A3: on A4 it would be too small to read


@dataclass(frozen=True)
class Field:
    """One column of a sheet: header in both languages, how it is printed, and where its value comes from."""

    header: Text
    value: Callable[[Any], Any]
    number_format: str = ""
    total: Any = None  # what stands above its header: a number, or a text in place of one under ten people
    wide: bool = False  # a sentence: wrapped, and given room
    width: int = 60  # of a wide column, in characters


def new_book(buffer: io.BytesIO, title: str, comments: str = "") -> xlsxwriter.Workbook:
    """Return a workbook in which no text from data becomes a formula, link or number. ``comments``: shown among its
    properties; who must be credited."""
    book = xlsxwriter.Workbook(buffer, {
        "in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": False})
    book.set_properties({"title": xlsx_text(title)[:200], "comments": xlsx_text(comments)[:2000], "created": CREATED})
    return book


class Writer:
    """Sheets with a frozen bilingual header row, a filter and fitting widths, under the banner where there is one."""

    def __init__(self, book: xlsxwriter.Workbook, banner: str, lang: str | None = None) -> None:
        """``lang`` names the sheets; None = both languages."""
        self.banner, self.lang = banner, lang
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
        codes = sorted({*NUMBER_FORMATS.values(), "0.0%", "#,##0.00", "0"})
        self.formats = {code: book.add_format({**font, "num_format": code}) for code in codes}
        sums = {**font, "bold": True, "top": 1, "bg_color": "#F5F7F9"}
        self.sums = {code: book.add_format({**sums, "num_format": code}) for code in codes}
        self.sum_text = book.add_format(sums)

    def sheet(self, key: str) -> xlsxwriter.worksheet.Worksheet:
        """Add a sheet that is called by a word."""
        return self.sheet_named(EVERY[key].in_language(self.lang) if self.lang else " ".join(EVERY[key]))

    def sheet_named(self, name: str) -> xlsxwriter.worksheet.Worksheet:
        """Add a sheet; Excel allows 31 characters."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.set_footer(f"&L{self.banner.replace('&', '&&')[:180]}&R&A  &P / &N")
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: Any, number_format: str = "", style: Any = None) -> None:
        """Write one value by its own type; text only ever as text."""
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            sheet.write_blank(row, column, None, style or self.plain)
        elif isinstance(value, bool):
            sheet.write_string(row, column, " ".join(EVERY["yes" if value else "no"]), style or self.plain)
        elif isinstance(value, str):
            sheet.write_string(row, column, xlsx_text(value), style or self.plain)
        else:
            sheet.write_number(row, column, float(value), style or self.formats.get(number_format, self.plain))

    def table(self, key: str, fields: Sequence[Field], rows: Iterable[Any]) -> None:
        """Write a sheet of one table."""
        self.fill(self.sheet(key), fields, rows)

    def fill(self, sheet: Any, fields: Sequence[Field], rows: Iterable[Any]) -> None:
        """Write one table: totals, bilingual header, filter, frozen panes, print titles, the area that is printed."""
        widths = [max(NARROWEST, _width(field.header.zh), min(18, _width(field.header.en))) for field in fields]
        summed = any(field.total is not None for field in fields)
        top = bool(self.banner) + summed
        if self.banner:
            for column in range(len(fields)):
                self.cell(sheet, 0, column, self.banner if column == 0 else None, style=self.banner_row)
        if summed:
            self._write_totals(sheet, top - 1, fields)
        for column, field in enumerate(fields):
            self.cell(sheet, top, column, f"{field.header.zh}\n{field.header.en}", style=self.header)
        last = top
        for last, row in enumerate(rows, start=top + 1):
            for column, field in enumerate(fields):
                value = field.value(row)
                self.cell(sheet, last, column, value, field.number_format, self.wrapped if field.wide else None)
                if isinstance(value, str) and not field.wide:
                    widths[column] = max(widths[column], min(WIDEST, _width(value)))
        widths = [field.width if field.wide else min(WIDEST, width + 2)
                  for field, width in zip(fields, widths, strict=True)]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(A3 if sum(widths) > A4_CHARACTERS else A4)
        sheet.set_row(top, 48)
        sheet.freeze_panes(top + 1, min(2, len(fields)))
        sheet.autofilter(top, 0, max(top + 1, last), len(fields) - 1)
        sheet.repeat_rows(0, top)
        sheet.print_area(0, 0, max(top, last), len(fields) - 1)

    def _write_totals(self, sheet: Any, row: int, fields: Sequence[Field]) -> None:
        for column, field in enumerate(fields):
            word = " ".join(EVERY["total"]) if column == 0 and field.total is None else field.total
            value = plain(word)
            style = self.sum_text if value is None or isinstance(value, str) else self.sums.get(field.number_format)
            self.cell(sheet, row, column, value, style=style or self.sum_text)


def _width(text: str) -> int:
    """Rough width in characters: a Chinese one takes two."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text[:WIDEST])
