"""Colours and shapes. Minutes: blue inside the circle, orange outside; decisions: Okabe-Ito, and a shape for each.

Nothing is told by colour alone: decisions differ in shape too, and the circle's limit is where blue turns to orange,
which every common kind of colour blindness can tell apart (tests/unit/render/test_render_palette.py simulates them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Okabe & Ito 2008, "Color Universal Design".
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"

INK, PAPER, LAND, MUTED, WATER = "#1d2733", "#eef0ee", "#fcfcfa", "#5b6775", "#dce7ea"


@dataclass(frozen=True)
class MinuteClass:
    """One shade: minutes in (low, high]; ``high`` None = more than ``low``; both None = unreachable."""

    low: float | None
    high: float | None
    colour: str
    inside: bool


def minute_classes(limit_min: int) -> tuple[MinuteClass, ...]:
    """Return the shades for a circle of ``limit_min``: thirds of it inside; to twice, four times and beyond outside.

    A value beyond the horizon takes the last class with a number, an unreachable one the last class of all.
    """
    third = limit_min / 3
    return (
        MinuteClass(0, third, "#a9d0ea", True),
        MinuteClass(third, 2 * third, "#4f9dcf", True),
        MinuteClass(2 * third, limit_min, "#1c5c99", True),
        MinuteClass(limit_min, 2 * limit_min, "#f6a63c", False),
        MinuteClass(2 * limit_min, 4 * limit_min, "#d8590f", False),
        MinuteClass(4 * limit_min, None, "#8a2a06", False),
        MinuteClass(None, None, "#26201d", False),
    )


def classify(minutes: np.ndarray, state: np.ndarray, limit_min: int) -> np.ndarray:
    """Return the class of each cell, 1-based (uint8): the row of `minute_classes` plus one.

    ``minutes``: float64 (cells,), NaN unless ``state`` is "value"; ``state``: value, beyond or unreachable.
    """
    edges = np.array([limit_min / 3, 2 * limit_min / 3, limit_min, 2 * limit_min, 4 * limit_min])
    number = np.searchsorted(edges, np.nan_to_num(np.asarray(minutes, float), nan=np.inf), side="left") + 1
    return np.where(np.asarray(state) == "unreachable", 7, number).astype(np.uint8)


# How much the way changes under the plan: keys of plan.metrics ADDED_BINS and the word `added_<key>`.
CHANGE_COLOURS = {
    "nearer": "#2f7fb5", "same": "#d9ddd9", "up_to_2": "#fbd29b", "up_to_5": "#f0922b", "up_to_10": "#c2410c",
    "over_10": "#7a2405", "lost": "#26201d", "gained": GREEN, "none": "#8a8f94",
}
CHANGE_EDGES_DS = (0, 1_200, 3_000, 6_000)  # deciseconds added: the same up to 0, then up to 2, 5, 10 minutes


def classify_change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the change of each cell, 1-based (uint8): the place in CHANGE_COLOURS plus one.

    ``before``, ``after``: minutes, float64 (cells,), NaN where there is no figure.
    """
    has_before, has_after = np.isfinite(before), np.isfinite(after)
    added = np.rint(np.nan_to_num(after) * 600) - np.rint(np.nan_to_num(before) * 600)
    number = np.where(added < 0, 1, 2 + np.searchsorted(CHANGE_EDGES_DS, added, side="left"))
    keys = list(CHANGE_COLOURS)
    states = [(has_before & ~has_after, "lost"), (~has_before & has_after, "gained"),
              (~has_before & ~has_after, "none")]
    return np.select([where for where, _ in states], [1 + keys.index(key) for _, key in states],
                     number).astype(np.uint8)


@dataclass(frozen=True)
class Symbol:
    """How a kind of place is drawn: shape, fill, outline, size in pixels, and the mark inside."""

    shape: str
    fill: str
    stroke: str
    radius: float
    glyph: str = ""


# The key is also the word's key: `symbol_<key>`.
SYMBOLS = {
    "kept": Symbol("circle", GREEN, "#ffffff", 4.5),
    "host": Symbol("circle", GREEN, "#00402e", 6.5, "dot"),
    "merged": Symbol("diamond", "#ffffff", VERMILION, 5.5, "x"),
    "built": Symbol("triangle", ORANGE, "#4d3500", 7.0),
    "circuit": Symbol("hexagon", "#ffffff", PURPLE, 5.5, "dot"),
    "neighbour": Symbol("triangle", "#ffffff", GREEN, 6.0),
    "posted": Symbol("square", GREEN, "#00402e", 5.0, "dot"),
    "today": Symbol("circle", GREEN, "#ffffff", 4.5),
    "no_doctor": Symbol("circle", "#ffffff", MUTED, 4.5),
    "private": Symbol("circle", "#b9c0c7", "#ffffff", 3.5),
    "no_clinic": Symbol("square", "#ffffff", MUTED, 3.0),
    "hospital_left": Symbol("square", "#ffffff", BLUE, 6.0, "x"),
    "hospital_works": Symbol("square", ORANGE, "#4d3500", 7.5, "plus"),
    "hospital": Symbol("square", BLUE, "#ffffff", 7.0, "plus"),
    "sub_centre": Symbol("hexagon", PURPLE, "#ffffff", 10.5, "plus"),
    "county_hospital": Symbol("square", INK, "#ffffff", 9.0, "plus"),
}
MERGE_LINE = VERMILION
SERVICE_LINE = PURPLE
OUTSIDE_HALO = VERMILION
CIRCLE_BEFORE, CIRCLE_AFTER = "#6b7683", BLUE
CATCHMENT_LINES = ("#a8507f", "#5b4a9c", "#00795a", "#8a6100", "#B5460F", "#2f7fb5")  # told apart by number too
LOAD, LOAD_OVER, LOAD_ROOM = "#1c5c99", VERMILION, "#c9d1d8"

# OSM highway class → (group, colour, width in pixels). Groups are drawn from the last to the first.
ROAD_GROUPS = (
    ("road_trunk", ("motorway", "motorway_link", "trunk", "trunk_link"), "#b08a5b", 2.2),
    ("road_primary", ("primary", "primary_link"), "#b9a27f", 1.8),
    ("road_secondary", ("secondary", "secondary_link"), "#bfb5a3", 1.4),
    ("road_tertiary", ("tertiary", "tertiary_link"), "#c4c3bd", 1.1),
    ("road_local", (), "#d2d3d1", 0.8),  # whatever is not named elsewhere
    ("road_path", ("track", "path", "footway", "cycleway", "bridleway", "steps", "pedestrian"), "#dcdcd8", 0.6),
)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return ``#rrggbb`` as three numbers of 0–255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
