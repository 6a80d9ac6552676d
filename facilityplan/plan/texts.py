"""The texts that a run folder is written in, free of any model: the writer writes them, the verifier reads them back.

Floats are rounded to 6 decimals (degrees to 7) in JSON and CSV alike, which write the same figure with the same digits.

Spreadsheets run a CSV cell that begins with = + - @ as a formula, quoted or not, and these files are made to be opened
in one. Such text gets a leading TAB, and so does text that begins with a TAB or carriage return: dropping one leading
TAB always gives the exact text back (`unguarded`). Numbers such as -5 are harmless and stay as they are, and plan.json
holds every text untouched.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.domain.basis import notice
from facilityplan.domain.columns import Column, csv_names

DECIMALS = 6
MORE_DECIMALS = {"lon": 7, "lat": 7, "gap": 12, "target_share": 15}  # keys that need them
BOM = b"\xef\xbb\xbf"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """Return JSON in the one form that the run folder uses: UTF-8, one space of indent, no NaN, a final newline."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def sealed_manifest(fields: Mapping[str, Any]) -> bytes:
    """Return manifest.json with a seal: the SHA-256 of the manifest without it. One changed byte breaks it."""
    body = {key: value for key, value in fields.items() if key != "seal"}
    return canonical_json({**body, "seal": hashlib.sha256(canonical_json(body)).hexdigest()})


def plain(value: Any, name: str = "") -> Any:
    """Return ``value`` as JSON knows it: rounded floats, None for what is missing or not finite."""
    if isinstance(value, Mapping):
        return {str(key): plain(item, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, name) for item in value]
    if value is None or value is pd.NA or isinstance(value, (bool, np.bool_)):
        return None if value is None or value is pd.NA else bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        digits = MORE_DECIMALS.get(name, DECIMALS)
        return round(float(value), digits) + 0.0 if math.isfinite(value) else None  # + 0.0: no -0.0
    return str(value)


def records(columns: tuple[Column, ...], table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plan.json holds them, keys in the declared order."""
    names = [column.name for column in columns]
    return [plain(dict(zip(names, row, strict=True))) for row in table[names].itertuples(index=False, name=None)]


def table_csv(columns: tuple[Column, ...], table: pd.DataFrame, data_basis: str) -> bytes:
    """Return a table as CSV: UTF-8 with BOM, text quoted and guarded, numbers with the digits of plan.json.

    Each row says what the data rest on (`domain.columns.CSV_BASIS`): a table may be opened without the map beside it.
    """
    lines = [",".join(csv_names(columns))]
    lines += [",".join(map(_field, with_basis(list(record.values()), data_basis)))
              for record in records(columns, table)]
    return BOM + "".join(f"{line}\r\n" for line in lines).encode()


def with_basis(row: list[Any], data_basis: str) -> list[Any]:
    """Return a row with the values of CSV_BASIS after its first."""
    return [row[0], data_basis, notice(data_basis) or None, *row[1:]]


def basis_metadata(data_basis: str) -> dict[str, str]:
    """Return what a Parquet file says of itself: what the data rest on."""
    return {"data_basis": data_basis, "notice": notice(data_basis)}


def _field(value: Any) -> str:
    if isinstance(value, str):
        return '"' + guarded(value).replace('"', '""') + '"'
    return "" if value is None else json.dumps(value)


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: a TAB before a dangerous first character."""
    dangerous = text.startswith(_FORMULA_STARTS) and not _NUMBER.match(text)
    return "\t" + text if dangerous else text


def unguarded(text: str) -> str:
    """Return the exact text behind `guarded`: one leading TAB dropped."""
    return text[1:] if text.startswith("\t") else text


def read_csv(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Return (header, rows) of a CSV that `table_csv` wrote, texts exact again. Raises ValueError on anything else."""
    if not content.startswith(BOM):
        raise ValueError("no byte order mark")
    try:
        rows = list(csv.reader(io.StringIO(content[len(BOM):].decode(), newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if not rows:
        raise ValueError("empty file")
    return rows[0], [[unguarded(field) for field in row] for row in rows[1:]]


def as_csv_text(value: Any) -> str:
    """Return a value of plan.json as the text that stands in the CSV, unguarded."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
