"""Every sink for text that came from data, and the one way of writing to it.

| sink | function |
|---|---|
| text and quoted attributes of HTML | `html_text`, `html_attr` |
| ``<script type="application/json">`` | `json_for_script` (the page then writes with ``textContent``) |
| a cell of a workbook | `xlsx_text` |
| a text field of a GeoPackage | `visible`, always as a bound parameter |
| a file name | `file_name` |

`visible` goes first everywhere, so that one name looks the same in every output.
"""

from __future__ import annotations

import json
import re
from typing import Any

XLSX_CELL_LIMIT = 32_767  # UTF-16 units that one Excel cell holds
CUT_MARK = "…〔截断 cut〕"

_CONTROLS = {
    **{code: 0x2400 + code for code in range(0x20)},  # ␀ … ␟
    0x7F: 0x2421,  # ␡
    **dict.fromkeys([*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], 0xFFFD),
}
_CONTROLS_BUT_LINE_BREAKS = {code: sign for code, sign in _CONTROLS.items() if code != ord("\n")}
# Letters, digits and punctuation that mean nothing to HTML, JavaScript or a template language. `html.escape` is not
# enough: `${…}` and backticks would still run where a page builds script from text.
_UNSAFE_IN_HTML = re.compile(r"[^\w .,:()（），。、；：“”《》·–—…%/+≤≥ \-]")
_UNSAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_RESERVED_FILE_NAMES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def visible(text: object) -> str:
    """Return ``text`` with control characters, lone surrogates and non-characters made visible (␀, �)."""
    text = str(text)
    return text if text.isprintable() else text.translate(_CONTROLS)


def html_text(text: object) -> str:
    """Escape for HTML text and for quoted attributes: numeric entities for all but letters, digits and safe marks."""
    return _UNSAFE_IN_HTML.sub(lambda match: f"&#{ord(match.group())};", visible(text))


html_attr = html_text


def json_for_script(value: Any) -> str:
    """Return compact JSON that cannot end, or open, a script element. NaN and infinity raise ValueError."""
    text = json.dumps(_visible_deep(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda match: _UNSAFE_IN_SCRIPT[match.group()], text)


def _visible_deep(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): _visible_deep(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_visible_deep(item) for item in value]
    return value


def xlsx_text(text: object) -> str:
    """Return what an Excel cell can hold: controls visible (line breaks stay), cut with a mark at 32,767 UTF-16 units.

    Formulas are not a matter of escaping: the workbook is opened with ``strings_to_formulas=False``.
    """
    clean = str(text)
    clean = clean if clean.isprintable() else clean.translate(_CONTROLS_BUT_LINE_BREAKS)
    if 2 * len(clean) <= XLSX_CELL_LIMIT or _utf16_units(clean) <= XLSX_CELL_LIMIT:
        return clean
    room = XLSX_CELL_LIMIT - _utf16_units(CUT_MARK)
    return clean.encode("utf-16-le")[: 2 * room].decode("utf-16-le", errors="ignore") + CUT_MARK


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def file_name(text: object, *, limit: int = 80) -> str:
    """Return a name that is one plain file name on Linux, macOS and Windows: no folders, no reserved names."""
    name = re.sub(r"[^\w.\- ]+", "_", str(text).translate(_CONTROLS)).strip(" ._")[:limit].strip(" ._")
    return f"_{name}" if not name or _RESERVED_FILE_NAMES.match(name) else name
