"""CSV and Excel as raw tables. Everything is text: ``007`` keeps its zeros and an id ``NA`` stays an id."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np

from facilityplan.errors import Fault
from facilityplan.inputs.files import MEGABYTE
from facilityplan.inputs.findings import Findings, fault, shown
from facilityplan.inputs.rawtable import RawTable, text_of

ROW_LIMIT, COLUMN_LIMIT = 1_000_000, 1_000
UNPACKED_LIMIT, UNPACKED_RATIO = 500 * MEGABYTE, 200
CHINESE = re.compile("[\u4e00-\u9fff]")
SUPERSETS = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "936": "gb18030", "utf8": "utf-8-sig",
             "utf-8": "utf-8-sig"}


def codec_of(encoding: str) -> str:
    """Return the codec to decode ``encoding`` with: GBK by its superset GB 18030, UTF-8 with or without a mark."""
    return SUPERSETS.get(encoding.strip().lower().replace("_", "-"), encoding.strip())


def check_encoding(data: bytes, encoding: str, file: str, field: str) -> list[Fault]:
    """wrong_encoding: the bytes are not text in ``encoding``; the remedy names one in which they are."""
    try:
        text = data.decode(codec_of(encoding))
    except LookupError:
        return [fault("wrong_encoding", f"没有名为 {shown(encoding)} 的编码", f"there is no encoding {shown(encoding)}",
                      "写 utf-8 或 gb18030", "write utf-8 or gb18030", file=file, field=field)]
    except UnicodeError as error:  # some codecs do not say where
        line = data.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else None
        other = next((e for e in ("utf-8", "gb18030", "utf-16", "big5") if _reads_as(data, e)), None)
        zh = f"在配置中写 encoding: {other}" if other else "把文件另存为 UTF-8"
        en = f"write encoding: {other} in the config" if other else "save the file as UTF-8"
        return [fault("wrong_encoding", f"文件不是 {encoding} 编码", f"the file is not text in {encoding}", zh, en,
                      file=file, line=line, field=field)]
    if codec_of(encoding) != "utf-8-sig" and not data.isascii() and _reads_as(data, "utf-8") \
            and CHINESE.search(data.decode("utf-8")) and text != data.decode("utf-8"):
        return [fault("wrong_encoding", f"文件其实是 UTF-8 编码，不是 {encoding}", f"the file is UTF-8, not {encoding}",
                      "在配置中写 encoding: utf-8", "write encoding: utf-8 in the config", file=file, field=field)]
    return []


def _reads_as(data: bytes, encoding: str) -> bool:
    """Whether ``data`` decodes, and for the Chinese encodings shows some common Chinese."""
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return False
    return "\x00" not in text and (encoding == "utf-8" or CHINESE.search(text) is not None)


def read_csv(path: Path, file: str, encoding: str, field: str, findings: Findings) -> RawTable | None:
    """Read a CSV, its fields parted by comma, semicolon or tab; None, with faults, where that fails."""
    data = path.read_bytes()
    if not findings.extend(check_encoding(data, encoding, file, f"{field}.encoding")):
        return None
    text = data.decode(codec_of(encoding)).removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda d: (first.count(d), d == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, lines, before = [], [], 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        # Not where the reader stopped, which for an open quote is the end of the file, but where the row began.
        findings.add(fault("broken_file", f"从这一行起读不通（{error}）",
                           f"from this line on it cannot be read ({error})",
                           "检查该行的引号与长度", "check the quotes and the length of this line",
                           file=file, line=before + 1))
        return None
    return _from_rows(rows, lines, file, findings)


def read_excel(path: Path, file: str, sheet: str | None, field: str, findings: Findings) -> RawTable | None:
    """Read one sheet of an .xlsx workbook (the first unless named); formulas give the values last saved with them."""
    import openpyxl

    if not findings.extend(check_unpacked_size(path, file, field)):
        return None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever the XML or zip beneath it raises
        findings.add(_broken(file, error))
        return None
    try:
        if not findings.extend(check_sheet(book.sheetnames, sheet, file, field)):
            return None
        if sheet is None and len(book.sheetnames) > 1:
            note_layers(book.sheetnames, file, field, findings)
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()  # a workbook may claim any size
        rows, lines = [], []
        for number, cells in enumerate(page.iter_rows(max_row=ROW_LIMIT), 1):
            row = [_excel_text(cell) for cell in cells[:COLUMN_LIMIT]]
            if any(row):
                rows.append(row)
                lines.append(number)
    except Exception as error:
        findings.add(_broken(file, error))
        return None
    finally:
        book.close()
    width = max((len(r) for r in rows), default=0)
    rows = [r + [""] * (width - len(r)) for r in rows]
    return _from_rows(rows, lines, file, findings)


def check_unpacked_size(path: Path, file: str, field: str) -> list[Fault]:
    """file_too_large: the workbook would unpack to far more than it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except Exception as error:  # zipfile raises several kinds for damaged archives
        return [_broken(file, error)]
    if unpacked > UNPACKED_LIMIT or (unpacked > MEGABYTE and unpacked > UNPACKED_RATIO * path.stat().st_size):
        return [fault("file_too_large", f"工作簿解压后有 {unpacked / MEGABYTE:,.0f} MB",
                      f"the workbook unpacks to {unpacked / MEGABYTE:,.0f} MB", "另存为 .csv", "save it as .csv",
                      file=file, field=field)]
    return []


def check_sheet(names: list[str], sheet: str | None, file: str, field: str) -> list[Fault]:
    """missing_layer: the workbook has no sheet of that name."""
    if (sheet is None and names) or sheet in names:
        return []
    listed = ", ".join(shown(n) for n in names)
    return [fault("missing_layer", f"没有工作表 {shown(sheet)}；有：{listed}",
                  f"there is no sheet {shown(sheet)}; there are: {listed}",
                  f"改 {field}.layer", f"change {field}.layer", file=file, field=f"{field}.layer")]


def note_layers(layers: list[str], file: str, field: str, findings: Findings) -> None:
    """Note which of several layers or sheets was taken where the config names none."""
    rest_zh, rest_en = "、".join(shown(n) for n in layers[1:9]), ", ".join(shown(n) for n in layers[1:9])
    findings.note(f"{file} 有 {len(layers)} 个图层（表），取第一个 {shown(layers[0])}；"
                  f"另有 {rest_zh}，可用 {field}.layer 指定",
                  f"{file} has {len(layers)} layers and the first, {shown(layers[0])}, was taken; the others are "
                  f"{rest_en} (choose one with {field}.layer)")


def _broken(file: str, error: Exception) -> Fault:
    return fault("broken_file", f"工作簿读不出来（{shown(error)}）", f"the workbook cannot be read ({shown(error)})",
                 "用 Excel 或 WPS 打开后另存为 .xlsx", "open it and save it as .xlsx again", file=file)


def _excel_text(cell: object) -> str:
    """Return a cell as text; a number shown as 000123 keeps its leading zeros."""
    value = getattr(cell, "value", None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        form = str(getattr(cell, "number_format", ""))
        text = text_of(float(value) if isinstance(value, float) else value) or ""
        return text.zfill(len(form)) if form and set(form) == {"0"} and text.isdigit() else text
    return text_of(value) or ""


def _from_rows(rows: list[list[str]], lines: list[int], file: str, findings: Findings) -> RawTable | None:
    if not rows:
        findings.add(fault("empty_table", "表中没有任何内容", "there is nothing in the table", "检查导出步骤",
                           "check how it was exported", file=file))
        return None
    headers = [h.strip() for h in rows[0]]
    if not findings.extend(check_row_lengths(rows, lines, file)):
        return None
    body = rows[1:]
    columns = tuple(np.array([text_of(r[k]) for r in body], dtype=object) for k in range(len(headers)))
    return RawTable(file, tuple(headers), columns, len(body), lines=np.array(lines[1:], dtype=np.int64))


def check_row_lengths(rows: list[list[str]], lines: list[int], file: str) -> list[Fault]:
    """ragged_row: a row has more or fewer cells than the header."""
    width = len(rows[0])
    return [fault("ragged_row", f"表头有 {width} 列，这一行有 {len(row)} 列",
                  f"the header has {width} columns, this row {len(row)}",
                  "检查该行多出或缺少的分隔符、引号", "look for a delimiter or quote too many or too few in this row",
                  file=file, line=line, row=number)
            for number, (row, line) in enumerate(zip(rows, lines, strict=True)) if len(row) != width]
