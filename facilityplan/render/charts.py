"""Charts as inline SVG, drawn by matplotlib: the same figures give the same bytes, without any style or script.

Matplotlib lays out and draws; words and names are put in afterwards, by our own escaping, where it left a mark. So a
chart is drawn once for both languages, needs no Chinese font, and no text from data passes through matplotlib at all.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from facilityplan.errors import Text
from facilityplan.render import palette
from facilityplan.render.markup import Html, tag

WIDTH_IN = 5.8
ROW_NAME_LENGTH = 26  # characters of a name beside a bar
TODAY, PLAN = "#8a97a5", palette.BLUE  # what is today's and what is the plan's, in every chart
GRID, SOFT = "#dfe3e6", "#55616e"
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "facilityplan", "font.family": "DejaVu Sans", "font.size": 9.0,
         "text.parse_math": False, "path.simplify": False, "text.color": palette.INK}
_KEPT = frozenset({"d", "x", "y", "width", "height", "transform", "fill", "stroke", "stroke-width", "stroke-linejoin",
                   "stroke-linecap", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "text-anchor",
                   "font-size", "font-weight"})
_SVG_TAGS = frozenset({"g", "path", "text", "use", "defs", "rect"})


@dataclass(frozen=True)
class Chart:
    """A drawn chart: matplotlib's SVG, and the texts that stand in place of its marks."""

    svg: str
    texts: Mapping[str, Text] = field(default_factory=dict)

    def html(self, lang: str, label: str, prefix: str) -> Html:
        """Return it as an element. ``label``: for those who do not see it; ``prefix``: of ids, unique in the page."""
        root = ET.fromstring(self.svg)
        words = {mark: text.in_language(lang) for mark, text in self.texts.items()}
        used = {value.removeprefix("#") for one in root.iter() for key, value in one.attrib.items()
                if key.endswith("href")}
        children = [_element(child, words, used, prefix) for child in root]
        return tag("svg", *children, viewBox=root.attrib["viewBox"], class_="chart", role="img", aria_label=label)


def _element(source: ET.Element, words: Mapping[str, str], used: set[str], prefix: str) -> Html | None:
    """Return one of matplotlib's elements with plain attributes only: inline styles are not allowed in our pages."""
    name = source.tag.rpartition("}")[2]
    if name not in _SVG_TAGS:
        return None
    written = dict(source.attrib)
    for rule in filter(None, (part.strip() for part in written.pop("style", "").split(";"))):
        key, value = (part.strip() for part in rule.split(":", 1))
        if key == "font":
            size = re.search(r"([\d.]+)px", value)
            written["font-size"] = size[1] if size else "9"
            if "bold" in value or "700" in value:
                written["font-weight"] = "700"
        else:
            written[key] = value.removesuffix("px")
    plain = {key: " ".join(value.split()) for key, value in written.items() if key in _KEPT}
    for key, value in written.items():
        if key.endswith("href"):
            plain["href"] = f"#{prefix}{value.removeprefix('#')}"
        if key == "id" and value in used:
            plain["id"] = f"{prefix}{value}"
    text = (source.text or "").strip() if name == "text" else None
    children = [_element(child, words, used, prefix) for child in source]
    if name in ("g", "defs") and not any(children):
        return None
    return tag(name, None if text is None else words.get(text, text), *children, **plain)


class Canvas:
    """A figure with one pair of axes, and the marks in it that stand for texts."""

    def __init__(self, height_in: float, *, left: float, right: float = 0.03, top: float = 0.04,
                 bottom: float = 0.16) -> None:
        """Margins are shares of the figure."""
        self.figure = Figure(figsize=(WIDTH_IN, height_in), dpi=72)
        FigureCanvasSVG(self.figure)
        self.axes: Axes = self.figure.add_axes((left, bottom, 1 - left - right, 1 - top - bottom))
        self.axes.patch.set_visible(False)
        self.figure.patch.set_visible(False)
        for side in ("top", "right", "left", "bottom"):
            self.axes.spines[side].set_visible(False)
        self.axes.tick_params(length=0, labelsize=8.5, labelcolor=SOFT, pad=4)
        self.axes.set_axisbelow(True)
        self.texts: dict[str, Text] = {}

    def mark(self, text: Text) -> str:
        """Return a mark that will read ``text``."""
        name = f"T{len(self.texts)}"
        self.texts[name] = text
        return name

    def finish(self) -> Chart:
        """Draw it."""
        buffer = io.StringIO()
        for artist in self.axes.findobj():
            artist.set_clip_on(False)
        unsaid = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self.figure.savefig(buffer, format="svg", metadata=unsaid)
        return Chart(buffer.getvalue(), dict(self.texts))


@contextmanager
def _style() -> Iterator[None]:
    """Draw by matplotlib's own defaults and ours: what a machine's matplotlibrc says must not move a byte."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def minutes_chart(before: np.ndarray, after: np.ndarray, weight: np.ndarray, limit_min: int,
                  words: Mapping[str, Text]) -> Chart:
    """People by whole minutes one way, today and under the plan, with the circle's limit.

    ``before``, ``after``: float64 minutes by cell, infinity = beyond the horizon, NaN = no route; ``weight``: people by
    cell. Fewer than ten people in a minute are not drawn. ``words``: today, plan, limit, minutes, people.
    """
    end = 2 * limit_min
    with _style():
        canvas = Canvas(2.5, left=0.125, bottom=0.19, top=0.1)
        axes = canvas.axes
        counts = [_by_minute(minutes, weight, end) for minutes in (before, after)]
        edges = np.arange(end + 1)
        axes.stairs(counts[0], edges, fill=True, color="#d5dbe1", linewidth=0)
        axes.stairs(counts[1], edges, color=PLAN, linewidth=1.7)
        top = max(float(max(c.max() for c in counts)), 1.0) * 1.12
        axes.set_xlim(0, end)
        axes.set_ylim(0, top)
        axes.vlines(limit_min, 0, top, color=palette.VERMILION, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.text(limit_min + end * 0.012, top, canvas.mark(words["limit"]), color="#a8430a", va="top", size=8.5)
        axes.grid(axis="y", color=GRID, linewidth=0.7)
        axes.set_xticks(np.arange(0, end + 1, 5))
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_xlabel(canvas.mark(words["minutes"]), size=8.5, color=SOFT, labelpad=3)
        axes.text(-0.012, 1.03, canvas.mark(words["people"]), transform=axes.transAxes, color=SOFT, size=8.5,
                  ha="right", va="bottom")
        _legend(canvas, 0.62, words)
        return canvas.finish()


def _legend(canvas: Canvas, x: float, words: Mapping[str, Text]) -> None:
    axes = canvas.axes
    for k, (key, colour, height) in enumerate((("today", "#d5dbe1", 0.07), ("plan", PLAN, 0.02))):
        y = 0.72 - 0.13 * k
        axes.add_patch(mpl.patches.Rectangle((x, y - height / 2 + 0.025), 0.045, height, transform=axes.transAxes,
                                             color=colour, linewidth=0))
        axes.text(x + 0.06, y, canvas.mark(words[key]), transform=axes.transAxes, size=8.5)


def _by_minute(minutes: np.ndarray, weight: np.ndarray, end: int) -> np.ndarray:
    """Return people by whole minute (rounded up) below ``end``; the last one holds all who are farther, to infinity;
    few are left out."""
    known = ~np.isnan(minutes)
    whole = np.clip(np.ceil(np.minimum(minutes[known], end) - 1e-9).astype(int) - 1, 0, end - 1)
    counts = np.bincount(whole, weights=weight[known], minlength=end)[:end]
    return np.where(counts < 10, 0.0, counts)


def change_chart(names: Sequence[Text], before: Sequence[float], after: Sequence[float], words: Mapping[str, Text]
                 ) -> Chart:
    """One line a name, from today's figure to the plan's. ``words``: today, plan, minutes."""
    n = len(names)
    height = 0.72 + 0.235 * n
    with _style():
        canvas = Canvas(height, left=0.23, right=0.07, bottom=0.46 / height, top=0.26 / height)
        axes = canvas.axes
        rows = np.arange(n)[::-1]
        was, will = np.asarray(before, float), np.asarray(after, float)
        worse = will > was + 0.05
        colours = np.where(worse, palette.VERMILION, palette.GREEN)
        axes.hlines(rows, np.minimum(was, will), np.maximum(was, will), colors=list(colours), linewidth=2.6, alpha=0.55)
        axes.plot(was, rows, "o", color="white", markeredgecolor=TODAY, markeredgewidth=1.5, markersize=5.5)
        axes.plot(will, rows, "o", color=PLAN, markersize=5)
        top = float(np.nanmax(np.concatenate([was, will, [1.0]])))
        for y, a, b in zip(rows, was, will, strict=True):
            if abs(b - a) >= 0.05:
                axes.text(max(a, b) + top * 0.02, y, f"{b - a:+.1f}", va="center", size=8, color=SOFT)
        axes.set_xlim(0, top * 1.05)
        axes.set_ylim(-0.6, n - 0.4)
        axes.set_yticks(rows, [canvas.mark(name) for name in names], color=palette.INK)
        axes.grid(axis="x", color=GRID, linewidth=0.7)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(6, integer=True))
        axes.set_xlabel(canvas.mark(words["minutes"]), size=8.5, color=SOFT, labelpad=3)
        for x, key in ((0.0, "today"), (0.3, "plan")):
            filled = key == "plan"
            axes.plot([x + 0.012], [1 + 0.13 / height * 1.15], "o", transform=axes.transAxes, markersize=5.5,
                      color=PLAN if filled else "white", markeredgecolor=PLAN if filled else TODAY, markeredgewidth=1.5)
            axes.text(x + 0.035, 1 + 0.13 / height, canvas.mark(words[key]), transform=axes.transAxes, size=8.5,
                      va="center")
        return canvas.finish()


def cost_chart(bars: Sequence[tuple[Text, Sequence[float], float, float]], parts: Sequence[Text], unit: Text) -> Chart:
    """Stacked bars with the range of their sum. ``bars``: (name, parts, low, high); ``parts``: names of the parts."""
    n = len(bars)
    height = 1.0 + 0.5 * n
    colours = (palette.BLUE, palette.SKY, palette.GREEN, palette.ORANGE, palette.PURPLE, TODAY)
    with _style():
        canvas = Canvas(height, left=0.12, right=0.05, bottom=0.44 / height, top=0.4 / height)
        axes = canvas.axes
        at = np.zeros(n)
        rows = np.arange(n)[::-1].astype(float)
        for k in range(len(parts)):
            widths = np.array([bar[1][k] for bar in bars])
            axes.barh(rows, widths, left=at, height=0.46, color=colours[k % len(colours)], linewidth=0)
            at = at + widths
        low, high = (np.array([bar[k] for bar in bars]) for k in (2, 3))
        axes.hlines(rows, low, high, color=palette.INK, linewidth=1.1)
        for ends in (low, high):
            axes.vlines(ends, rows - 0.12, rows + 0.12, color=palette.INK, linewidth=1.1)
        axes.set_ylim(-0.6, n - 0.4)
        axes.set_xlim(0, max(float(high.max()), float(at.max()), 1e-9) * 1.04)
        axes.set_yticks(rows, [canvas.mark(bar[0]) for bar in bars], color=palette.INK)
        axes.grid(axis="x", color=GRID, linewidth=0.7)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        axes.set_xlabel(canvas.mark(unit), size=8.5, color=SOFT, labelpad=3)
        for k, name in enumerate(parts):
            x, y = k / max(1, len(parts)), 1 + 0.16 / height
            axes.add_patch(mpl.patches.Rectangle((x, y), 0.02, 0.1 / height * 1.6, transform=axes.transAxes,
                                                 color=colours[k % len(colours)], linewidth=0))
            axes.text(x + 0.03, y, canvas.mark(name), transform=axes.transAxes, size=8.5)
        return canvas.finish()


@dataclass(frozen=True)
class Pair:
    """One row of a tornado: an assumption with its cases; ``value`` None = that case has no plan."""

    name: Text
    cases: Sequence[tuple[str, float | None, float | None]]  # (low, high or lost; value; hollow mark, None = none)


WAYS = {"high": (palette.VERMILION, "^", 0.19), "low": (palette.BLUE, "v", -0.19), "lost": (palette.PURPLE, "s", 0.0)}


def tornado_chart(pairs: Sequence[Pair], base: float, unit: Text, words: Mapping[str, Text], *, whole: bool = False
                  ) -> Chart:
    """Bars from the base's figure to that of each case, the assumption that moves it most on top.

    ``words``: low, high, lost, no_plan, and same_plan where hollow marks are drawn; ``whole``: figures are counts.
    """
    def reach(pair: Pair) -> float:
        return max((abs(v - base) for _, *values in pair.cases for v in values if v is not None), default=0.0)

    ordered = sorted(pairs, key=reach, reverse=True)  # stable: what moves nothing keeps its order
    height = 0.86 + 0.34 * len(ordered)
    with _style():
        canvas = Canvas(height, left=0.4, right=0.05, bottom=0.46 / height, top=0.34 / height)
        axes = canvas.axes
        rows = np.arange(len(ordered))[::-1].astype(float)
        known = [v for pair in ordered for _, *values in pair.cases for v in values if v is not None]
        low, high = min([base, *known]), max([base, *known])
        room = max(high - low, 1.0 if whole else abs(base) * 1e-3, 1e-9)
        drawn: set[str] = set()
        for y, pair in zip(rows, ordered, strict=True):
            for change, value, hollow in pair.cases:
                colour, shape, shift = WAYS[change]
                drawn.add(change)
                if value is None:
                    axes.text(base + room * 0.015, y + shift, canvas.mark(words["no_plan"]), va="center", size=7.5,
                              color="#8a2a06")
                    drawn.add("no_plan")
                    continue
                axes.barh([y + shift], [value - base], left=base, height=0.3, color=colour, alpha=0.75, linewidth=0)
                axes.plot([value], [y + shift], shape, color=colour, markersize=4.2)
                if hollow is not None:
                    drawn.add("same_plan")
                    axes.plot([hollow], [y + shift], "D", color="white", markeredgecolor=palette.INK,
                              markeredgewidth=1, markersize=4.2)
        axes.axvline(base, color=palette.INK, linewidth=1.2)
        axes.set_xlim(low - 0.06 * room, high + 0.06 * room)
        axes.set_ylim(-0.6, len(ordered) - 0.4)
        axes.set_yticks(rows, [canvas.mark(_cut(pair.name)) for pair in ordered], color=palette.INK)
        axes.grid(axis="x", color=GRID, linewidth=0.7)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4, integer=whole))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        axes.set_xlabel(canvas.mark(unit), size=8.5, color=SOFT, labelpad=3)
        shown = [key for key in ("low", "high", "lost", "same_plan") if key in drawn]
        for k, key in enumerate(shown):
            x, y = -0.6 + 0.34 * k, 1 + 0.13 / height
            colour, shape = WAYS[key][:2] if key in WAYS else ("white", "D")
            axes.plot([x + 0.012], [y + 0.03 / height], shape, transform=axes.transAxes, markersize=5, color=colour,
                      markeredgecolor=palette.INK if key == "same_plan" else colour)
            axes.text(x + 0.035, y, canvas.mark(words[key]), transform=axes.transAxes, size=8.5)
        return canvas.finish()


def _cut(name: Text) -> Text:
    """Return a name that fits beside its bar, on a phone too."""
    return Text(*(part if len(part) <= most else part[:most - 1] + "…"
                  for part, most in zip(name, (14, ROW_NAME_LENGTH), strict=True)))


def warm_up() -> None:
    """Draw a chart for nobody: matplotlib's first one finds its fonts and formats, and takes twice as long."""
    nothing = Text("", "")
    cost_chart([(nothing, [1.0], 0.5, 1.5)], [nothing], nothing).html("en", "", "")
