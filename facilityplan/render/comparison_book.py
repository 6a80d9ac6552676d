"""A comparison as a workbook: the report's tables, one sheet each, exact figures, nothing that Excel could run."""

from __future__ import annotations

import io
import re
from typing import Any

from facilityplan.compare import Comparison
from facilityplan.domain.basis import NOTICES
from facilityplan.errors import Text
from facilityplan.render.comparison_tables import Table, tables, word
from facilityplan.render.sheets import Field, Writer, new_book

FORMATS = {"people": "#,##0.0", "minutes": "0.0", "change": "0.0", "person_minutes": "#,##0", "share": "0.0%",
           "count": "#,##0", "cny": "#,##0"}
SHEETS = {"figures": Text("数字", "figures"), "who": Text("得失", "gain and lose"),
          "decisions": Text("安排", "decisions"), "villages": Text("村", "villages"),
          "worst": Text("受损最大", "worst hit"), "flips": Text("结论", "verdicts")}


def render_comparison_book(comparison: Comparison) -> bytes:
    """Return ``comparison.xlsx``. The same comparison gives the same bytes."""
    buffer = io.BytesIO()
    county = comparison.base.document["county"]
    book = new_book(buffer, f"{county} {word('compare_title').zh}")
    notices = sorted({run.document["data_basis"] for run in comparison.runs} & set(NOTICES))
    writer = Writer(book, " · ".join(part for basis in notices for part in NOTICES[basis]))
    _write_runs(writer, comparison)
    for table in tables(comparison):
        pair = re.match(r"([A-F])：", table.title.zh)
        name = SHEETS[table.key]
        _write(writer, table, f"{pair[1] + ' ' if pair else ''}{name.zh} {name.en}")
    book.close()
    return buffer.getvalue()


def _write_runs(writer: Writer, comparison: Comparison) -> None:
    sheet = writer.sheet_named("方案 plans")
    sheet.set_column(0, 0, 6)
    sheet.set_column(1, 1, 70)
    writer.cell(sheet, 0, 0, " · ".join(word("compare_title")), style=writer.title)
    if writer.banner:
        writer.cell(sheet, 1, 0, writer.banner, style=writer.banner_row)
    row = 3
    for run in comparison.runs:
        proven = word("compare_proven" if run.document["solve"]["status"] == "optimal" else "compare_not_proven")
        writer.cell(sheet, row, 0, run.label, style=writer.strong)
        writer.cell(sheet, row, 1, f"{' / '.join(run.name)} · {' / '.join(proven)}")
        row += 1
    for text in comparison.caveats:
        row += 1
        writer.cell(sheet, row, 1, "\n".join(text), style=writer.wrapped)


def _write(writer: Writer, table: Table, name: str) -> None:
    sheet = writer.sheet_named(name[:31])
    if not table.rows:
        writer.cell(sheet, 0, 0, " / ".join(table.empty))
        return
    row_units = table.row_units or ("",) * len(table.rows)
    if not table.row_units:
        fields = [Field(header, _column(k), FORMATS.get(unit, ""))
                  for k, (header, unit) in enumerate(zip(table.headers, table.units, strict=True))]
        writer.fill(sheet, fields, table.rows)
        return
    for k, header in enumerate(table.headers):
        writer.cell(sheet, 0, k, f"{header.zh}\n{header.en}", style=writer.header)
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, len(table.headers) - 1, 16)
    sheet.freeze_panes(1, 1)
    for r, (row, unit) in enumerate(zip(table.rows, row_units, strict=True), start=1):
        for k, value in enumerate(row):
            writer.cell(sheet, r, k, _plain(value), FORMATS.get(unit, ""))


def _column(k: int) -> Any:
    return lambda row: _plain(row[k])


def _plain(value: Any) -> Any:
    return " / ".join(value) if isinstance(value, Text) else value
