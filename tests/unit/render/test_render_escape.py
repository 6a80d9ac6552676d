from __future__ import annotations

import html
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_plan import NAUGHTY

from facilityplan.render.escape import (
    CUT_MARK,
    XLSX_CELL_LIMIT,
    file_name,
    html_attr,
    html_text,
    json_for_script,
    visible,
    xlsx_text,
)

ANY_TEXT = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_html_text_holds_nothing_that_a_parser_or_template_reads(text):
    written = html_text(text)
    assert not re.search(r"[<>\"'`${}=\\]", written)
    assert re.sub(r"&#\d+;", "", written).count("&") == 0
    assert html.unescape(written) == visible(text)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_every_sink_gives_the_visible_text_back(text):
    assert html.unescape(html_text(text)) == visible(text)
    assert html_attr(text) == html_text(text)
    written = json_for_script({"name": text, text: [text, 1, None]})
    assert json.loads(written) == {"name": visible(text), visible(text): [visible(text), 1, None]}
    assert not re.search("[<>&\u2028\u2029]", written)


def test_controls_are_seen_and_letters_stay():
    assert visible("a\x00b\x07\x7f\x1b[31m") == "a␀b␇␡␛[31m"
    assert visible("\ud800\x85￾") == "��\ufffd"
    assert visible("德清县 🏥 e\u0301 \u202e") == "德清县 🏥 e\u0301 \u202e"


def test_json_refuses_what_json_has_not():
    with pytest.raises(ValueError, match="Out of range"):
        json_for_script({"x": float("nan")})


def test_a_cell_is_cut_with_a_mark_and_never_through_a_character():
    for text in ("长" * 40_000, "🏥" * 20_000, "x" + "🏥" * 20_000):
        cut = xlsx_text(text)
        units = len(cut.encode("utf-16-le")) // 2
        assert XLSX_CELL_LIMIT - 1 <= units <= XLSX_CELL_LIMIT
        assert cut.endswith(CUT_MARK)
        assert text.startswith(cut.removesuffix(CUT_MARK))
    assert xlsx_text("x" * XLSX_CELL_LIMIT) == "x" * XLSX_CELL_LIMIT
    assert xlsx_text("two\nlines\x00") == "two\nlines␀"


@pytest.mark.parametrize("text", [*NAUGHTY, "", ".", "..", "CON", "nul.txt", "a/b\\c:d*e?", " trailing. "])
def test_a_file_name_is_one_plain_name(text):
    name = file_name(text)
    assert name and len(name) <= 81
    assert not re.search(r"[\x00-\x1f/\\:*?\"<>|]", name)
    assert name not in {".", ".."} and name[-1] not in " ."
    assert not re.match(r"(?i)(con|nul|prn|aux|com\d|lpt\d)(\.|$)", name)
