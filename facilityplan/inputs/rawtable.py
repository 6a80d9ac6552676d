"""A table as the file has it: headers and text, before any column is renamed or parsed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RawTable:
    """Headers, columns of text and, for a layer, geometry. Row ``i`` is data row ``i + 1`` of the file."""

    file: str
    headers: tuple[str, ...]
    columns: tuple[np.ndarray, ...]  # object (rows,): str, or None where the cell is empty
    rows: int
    geometry: np.ndarray | None = None  # object (rows,): shapely geometry or None, in ``crs``
    crs: str | None = None  # what the file itself says of its coordinate system
    lines: np.ndarray | None = None  # int (rows,): 1-based line of a text file
    ids: np.ndarray | None = None  # object (rows,): the rows' ids once they are known, for messages

    def line(self, row: int) -> int | None:
        """Return the line of the text file that holds row ``row`` (0-based), where there is one."""
        return None if self.lines is None else int(self.lines[row])

    def place(self, row: int) -> dict[str, object]:
        """Return where row ``row`` (0-based) stands, as keywords for a fault."""
        place: dict[str, object] = {"file": self.file, "row": row + 1, "line": self.line(row)}
        return place if self.ids is None or self.ids[row] is None else {**place, "id": self.ids[row]}


BLANK = " \t\r\n\u3000\ufeff\u00a0"


def clean(text: str) -> str | None:
    """Return ``text`` without the blanks around it; None where nothing is left. Other characters stay as they are."""
    return text.strip(BLANK) or None


def text_of(value: object) -> str | None:
    """Return a cell's value as text: whole numbers without a point, nothing for an empty cell."""
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return clean(value if isinstance(value, str) else str(value))
