"""Charts: the figures they draw, nothing but plain attributes, names only by our own escaping, the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from sample_plan import NAUGHTY

import facilityplan
from facilityplan.errors import Text
from facilityplan.render.charts import _by_minute, change_chart, cost_chart, minutes_chart
from facilityplan.render.escape import visible

WORDS = {key: Text(f"{key}字", key) for key in ("today", "plan", "limit", "minutes", "people")}


def townships(names):
    n = len(names)
    return change_chart([Text(name, name) for name in names], np.arange(n) + 1.0, np.arange(n) + 1.5, WORDS)


def test_names_from_data_stand_as_they_are_and_nothing_else_comes_of_them():
    names = [name for name in NAUGHTY if name.strip()]
    page = townships(names).html("zh", "label", "p-")
    texts = [one.text for one in ET.fromstring(page).iter("text")]
    for name in names:
        assert visible(name) in texts, name[:40]
    assert "style" not in page and "<script" not in page and "url(" not in page
    assert not re.search(r"\{\{|\$\{|`", page)


def test_only_plain_attributes_are_left_and_ids_are_the_page_s_own():
    page = townships(["甲镇", "乙镇"]).html("en", "minutes", "x-")
    root = ET.fromstring(page)
    assert root.attrib["role"] == "img" and root.attrib["aria-label"] == "minutes"
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    links = {one.attrib["href"] for one in root.iter() if "href" in one.attrib}
    assert ids and all(i.startswith("x-") for i in ids) and links == {f"#{i}" for i in ids}
    assert {name for one in root.iter() for name in one.attrib} <= {
        "viewBox", "class", "role", "aria-label", "d", "x", "y", "width", "height", "transform", "fill", "stroke",
        "stroke-width", "stroke-linejoin", "stroke-linecap", "stroke-dasharray", "opacity", "fill-opacity",
        "stroke-opacity", "text-anchor", "font-size", "font-weight", "id", "href"}


def test_a_chart_is_drawn_once_and_says_its_words_in_either_language():
    chart = townships(["甲镇", "乙镇"])
    zh, en = chart.html("zh", "", "a-"), chart.html("en", "", "a-")
    assert "today字" in zh and "today字" not in en and ">today<" in en
    assert re.sub(r">[^<]*<", "><", zh) == re.sub(r">[^<]*<", "><", en)
    assert zh == townships(["甲镇", "乙镇"]).html("zh", "", "a-"), "the same figures, the same bytes"
    assert "+0.5" in zh


@pytest.mark.parametrize(("few", "drawn"), [(9.0, False), (11.0, True)])
def test_minutes_with_fewer_than_ten_people_are_not_drawn(few, drawn):
    weight = np.array([500.0, few])
    minutes = np.array([2.5, 20.5])
    one = minutes_chart(minutes, minutes, weight, 15, WORDS).html("en", "", "")
    none = minutes_chart(minutes[:1], minutes[:1], weight[:1], 15, WORDS).html("en", "", "")
    assert (one != none) is drawn


def test_costs_stack_to_their_sum():
    bars = [(Text("现状", "Today"), [4.0, 6.0], 7.0, 13.0), (Text("方案", "Plan"), [3.0, 5.0], 5.6, 10.4)]
    root = ET.fromstring(cost_chart(bars, [Text("甲", "clinics"), Text("乙", "doctors")], Text("元", "CNY")).html(
        "en", "", ""))
    edges = [[float(x) for x in re.findall(r"[ML] ([\d.]+) ", one.attrib["d"])] for one in root.iter("path")
             if one.attrib.get("fill", "none") not in ("none", "#000000")]
    bars_drawn = [edge for edge in edges if max(edge) - min(edge) > 30]
    widths = sorted(max(edge) - min(edge) for edge in bars_drawn)
    assert widths == pytest.approx([w * widths[-1] / 6 for w in (3.0, 4.0, 5.0, 6.0)], abs=0.01)


def test_the_last_minute_holds_all_who_are_farther_and_nobody_without_a_way():
    def heights(far: float) -> np.ndarray:
        return _by_minute(np.array([2.5, 29.5, far, np.nan]), np.array([50.0, 20.0, 300.0, 900.0]), 30)

    assert heights(np.inf).tolist() == heights(31.0).tolist() == heights(200.0).tolist()
    assert heights(np.inf)[29] == 320.0 and heights(np.inf)[2] == 50.0 and heights(np.inf).sum() == 370.0
    assert heights(29.0)[28] == 300.0


def test_both_axes_of_the_minutes_say_what_they_count():
    minutes = np.array([2.5, 20.5])
    chart = minutes_chart(minutes, minutes, np.array([500.0, 30.0]), 15, WORDS)
    texts = [one.text for one in ET.fromstring(chart.html("zh", "", "")).iter("text")]
    assert "people字" in texts and "minutes字" in texts


HOSTILE_RC = """
lines.linewidth: 9
lines.markersize: 30
font.size: 31
axes.facecolor: red
axes.grid: True
axes.edgecolor: lime
axes.linewidth: 7
axes.xmargin: 0.4
axes.unicode_minus: False
axes.labelweight: bold
axes.prop_cycle: cycler('color', ['r', 'g'])
grid.linestyle: :
xtick.direction: in
xtick.labelsize: 22
ytick.right: True
patch.linewidth: 8
patch.force_edgecolor: True
figure.autolayout: True
figure.facecolor: yellow
path.sketch: 10, 50, 5
savefig.bbox: tight
savefig.pad_inches: 2
savefig.facecolor: pink
svg.fonttype: path
svg.id: mine
mathtext.default: bf
text.antialiased: False
"""
DRAW = """
import sys
import numpy as np
from facilityplan.errors import Text
from facilityplan.render.charts import change_chart, cost_chart, minutes_chart
words = {key: Text(key, key) for key in ("today", "plan", "limit", "minutes", "people")}
a = Text("a", "a")
charts = [minutes_chart(np.array([2.5, 20.5]), np.array([3.5, 22.5]), np.array([500.0, 30.0]), 15, words),
          change_chart([a, a], [1.0, 2.0], [2.0, 1.5], words),
          cost_chart([(a, [4.0, 6.0], 7.0, 13.0)], [a, a], a)]
sys.stdout.write("".join(chart.svg + chart.html("en", "", "") for chart in charts))
"""


def test_the_matplotlibrc_of_a_machine_moves_no_byte(tmp_path):
    def drawn(rc: str) -> bytes:
        path = tmp_path / "matplotlibrc"
        path.write_text(rc, "utf-8")
        done = subprocess.run([sys.executable, "-c", DRAW], check=True, capture_output=True, cwd=tmp_path,
                              env={**os.environ, "MATPLOTLIBRC": str(path),
                                   "PYTHONPATH": str(Path(facilityplan.__file__).parents[1])})
        assert b"rrors" not in done.stderr and b"Bad" not in done.stderr, done.stderr
        return done.stdout

    plain = drawn("")
    assert plain.count(b"<svg") == 6 and drawn(HOSTILE_RC) == plain
