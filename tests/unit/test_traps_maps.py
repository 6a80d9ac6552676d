"""Traps of maps and workbooks that were measured (design/traps.md), each with the sentence it comes from."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "render"))

from sample_plan import sample

import facilityplan
from facilityplan.render import render_map
from facilityplan.render.offline_folium import OfflineGroup, OfflineMap, RawText

RENDER = Path(facilityplan.__file__).parent / "render"
BOMB = "{{ cycler.__init__.__globals__.os.getpid() }}"


def calls(path: Path):
    return [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]


@pytest.mark.parametrize("text", [BOMB, "{% x %}", "{# gone #}", "${1+1} `x`"])
def test_text_given_to_our_page_is_printed_and_never_parsed(text: str):
    """A village named `{{ cycler… }}` ran while the map was built …; `{% x %}` crashes the build."""
    page = OfflineMap(location=[30.5, 120.0], tiles=None)
    group = OfflineGroup(name="layer")
    group.add_to(page)
    page.get_root().html.add_child(RawText(text), name="ours")
    page.get_root().script.add_child(RawText(f"// {text}"), name="ours")
    written = page.get_root().render()
    assert written.count(text) == 2


def test_folium_elements_of_text_are_not_used():
    """…closes all but `folium.Element(str)`, which must not be used with data."""
    for path in sorted(RENDER.rglob("*.py")):
        for call in calls(path):
            name = ast.unparse(call.func)
            if name.rsplit(".", 1)[-1] in ("Element", "Html", "JavascriptLink", "CssLink", "IFrame", "Popup", "Tooltip",
                                           "GeoJson", "Choropleth", "Marker", "CircleMarker", "PolyLine"):
                ours = path.name != "offline_folium.py" and name == "Html"  # markup.Html: a str that we wrote
                assert ours, f"{path}:{call.lineno}: {name}"


def test_a_large_county_is_a_small_page():
    """20k cells + 400 facilities + 60k edges: naive markers and lines 54 MB …; PNG overlay and merged roads 3 MB.

    A quarter of that; the whole of it is drawn in tests/browser.
    """
    one = sample(villages=60, townships=6, cells=5_000, road_edges=15_000)
    page = render_map(one.plan, one.inputs, one.outlines)
    assert len(page.encode()) < 900_000


def test_the_workbook_is_told_to_make_no_formulas_and_no_links():
    """`strings_to_formulas=False, strings_to_urls=False` wrote none; pandas writes them with either engine."""
    for path in sorted(RENDER.parent.rglob("*.py")):
        for call in calls(path):
            name = ast.unparse(call.func)
            unsafe = name.endswith((".to_excel", "ExcelWriter", ".write_formula", ".write_url"))
            assert not unsafe, f"{path}:{call.lineno}: {name}"
            if name == "xlsxwriter.Workbook":
                options = ast.literal_eval(call.args[1])
                assert options["strings_to_formulas"] is False and options["strings_to_urls"] is False
