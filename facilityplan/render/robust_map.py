"""The county with the plan's mergers by how well they hold, its sub-centres with a count, and the most used bridge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facilityplan.compare.robust_document import RobustRecord
from facilityplan.inputs.coordinates import WGS84, transform
from facilityplan.render import palette
from facilityplan.render.ground import arrow, coordinates, frame_of, labels, mark, scale_bar, use_ground
from facilityplan.render.markup import Html, join, tag
from facilityplan.render.words import WORDS

# Told apart by the line as well: whole, dashed, and a lighter dashed one.
LINES = {"always": ("#00664a", False, 1.25), "mostly": ("#c2410c", True, 1.0), "seldom": ("#6b6f75", True, 0.75),
         "never": ("#6b6f75", True, 0.75), "unknown": ("#6b6f75", True, 0.75)}
SHOWN = ("always", "mostly", "seldom")  # never and unknown look as seldom does


def robust_map(record: RobustRecord, title: str, km: str) -> Html:
    """Return the county's figure. The page holds the ground once."""
    frame = frame_of(record.inputs)
    at = coordinates(record.inputs, frame)
    found = record.robustness
    parts: list[Html | None] = []
    mergers = [one for one in found.of_base("merger") if one.decision.id in at and one.decision.to in at]
    for one in reversed(mergers):  # what holds best lies on top
        colour, dashed, scale = LINES[one.verdict]
        parts.append(arrow(at[one.decision.id], at[str(one.decision.to)], colour, scale, dashed=dashed))
        parts.append(mark("merged", *at[one.decision.id], 0.7))
    names = []
    for one in found.of_base("sub_centre"):
        x, y = at[one.decision.id]
        parts.append(mark("sub_centre", x, y, 0.9))
        names.append((f"{record.facility(one.decision.id)[:10]} {len(one.held)}/{one.of}", float(x), float(y)))
    if record.bridge is not None:
        x, y = transform(np.array([record.bridge.lon]), np.array([record.bridge.lat]), WGS84, record.inputs.crs)
        parts.append(bridge_mark(*frame.at(np.array([[x[0], y[0]]]))[0]))
    window = (0.0, 0.0, frame.width, frame.height)
    return tag("svg", use_ground(frame), *parts, *labels(names, 17, window, 24, bold=True),
               scale_bar(frame, window, 17.0, km), class_="map", role="img", aria_label=title,
               viewBox=" ".join(f"{part:.1f}" for part in window))


def bridge_mark(x: float, y: float, scale: float = 1.0) -> Html:
    """Return the mark of the bridge: two arcs of a bridge's sign in purple, with a light edge."""
    w, h = 11 * scale, 5 * scale
    lines = (f"M{x - w:.1f} {y - h:.1f}q{w * 0.35:.1f} {h:.1f} {w * 2:.1f} 0"
             f"M{x - w:.1f} {y + h:.1f}q{w * 0.35:.1f} {-h:.1f} {w * 2:.1f} 0")
    return join([tag("path", d=lines, fill="none", stroke=colour, **{"stroke-width": f"{width * scale:g}"})
                 for colour, width in (("#ffffff", 5.5), ("#7b2d74", 2.6))])


def legend(say: Callable[..., str], record: RobustRecord, lang: str) -> Html:
    """Return what the figure's marks mean. ``say``: word by key."""
    items = []
    used = {one.verdict for one in record.robustness.of_base("merger")}
    for verdict in SHOWN:
        if verdict in used or (verdict == "seldom" and used & {"never", "unknown"}):
            colour, dashed, scale = LINES[verdict]
            drawn = arrow(np.array([-4.0, 9.0]), np.array([24.0, 9.0]), colour, 0.9 * scale, dashed=dashed)
            items.append(tag("li", _icon(drawn), say(f"robust_verdict_{verdict}")))
    if used:
        items.append(tag("li", _icon(mark("merged", 9, 9, 0.85)), WORDS["symbol_merged"].in_language(lang)))
    if record.robustness.of_base("sub_centre"):
        items.append(tag("li", _icon(mark("sub_centre", 9, 9, 0.85)), say("robust_sub_centre_legend")))
    if record.bridge is not None:
        items.append(tag("li", _icon(bridge_mark(9, 9, 0.7)), say("robust_bridge_legend")))
    return tag("ul", *items, class_="legend")


def outcome_mark(outcome: str, x: float = 9, y: float = 9) -> Html:
    """Return the mark of what becomes of a decision: a disc stays, a diamond goes elsewhere, a cross is gone."""
    if outcome == "held":
        return tag("circle", cx=x, cy=y, r=5, fill="#00795a")
    if outcome == "moved":
        return tag("path", d=f"M{x} {y - 6}L{x + 6} {y}L{x} {y + 6}L{x - 6} {y}z", fill="#f0b429", stroke="#7a4a00",
                   **{"stroke-width": "1.2"})
    if outcome == "gone":
        return tag("path", d=f"M{x - 4} {y - 4}L{x + 4} {y + 4}M{x + 4} {y - 4}L{x - 4} {y + 4}", fill="none",
                   stroke=palette.VERMILION, **{"stroke-width": "2.4"})
    return tag("path", d=f"M{x - 4} {y}H{x + 4}", fill="none", stroke=palette.MUTED, **{"stroke-width": "2"})


def _icon(drawn: Html | None) -> Html:
    return tag("svg", drawn, viewBox="0 0 18 18", aria_hidden="true")
