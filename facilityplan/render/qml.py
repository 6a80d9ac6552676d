"""Styles for QGIS, built from our own words and colours only."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from facilityplan.render import palette
from facilityplan.render.words import WORDS, say

_MARKERS = {"circle": "circle", "square": "square", "diamond": "diamond", "triangle": "triangle", "hexagon": "hexagon"}
_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def styles(limit_min: int) -> dict[str, str]:
    """Return QML by layer. ``limit_min``: the circle's limit, where the cells' shades turn from blue to orange."""
    shades = [(str(k), _shade_label(shade), "fill", _fill(_rgba(shade.colour, 235), None, 0))
              for k, shade in enumerate(palette.minute_classes(limit_min), start=1)]
    return {"boundary": _single("fill", _fill("252,252,250,0", palette.MUTED, 0.5)),
            "cells": _categories("class_after", shades),
            "villages": _single("marker", _marker("circle", palette.MUTED, "#ffffff", 1.2)),
            "merges": _single("line", _arrow(palette.MERGE_LINE)),
            "visits": _single("line", _line(palette.SERVICE_LINE, 0.35, dashed=True)),
            "routes": _categories("weekday", [
                (str(day), " ".join(WORDS[f"weekday_{day}"]), "line", _line(colour, 0.7, dashed=False))
                for day, colour in enumerate(palette.CATCHMENT_LINES, 1)]),  # Monday to Saturday
            "facilities": _categories("symbol", [
                (key, " ".join(WORDS[f"symbol_{key}"]), "marker",
                 _marker(_MARKERS[symbol.shape], symbol.fill, symbol.stroke, symbol.radius * 0.55))
                for key, symbol in palette.SYMBOLS.items() if key not in ("today", "no_doctor", "no_clinic")])}


def _shade_label(shade: palette.MinuteClass) -> str:
    low, high = (None if value is None else f"{value:g}" for value in (shade.low, shade.high))
    if low is None:
        return " ".join(WORDS["unreachable"])
    if high is None:
        return " / ".join(say("more_than", low=low))
    return " / ".join(say("up_to", high=high) if shade.low == 0 else say("from_to", low=low, high=high))


def _rgba(colour: str, alpha: int = 255) -> str:
    return ",".join(str(part) for part in (*palette.rgb(colour), alpha))


def _layer(kind: str, options: dict[str, object]) -> str:
    inner = "".join(f"<Option type=\"QString\" name={quoteattr(key)} value={quoteattr(str(value))}/>"
                    for key, value in options.items())
    return f'<layer class="{kind}" enabled="1" locked="0" pass="0"><Option type="Map">{inner}</Option></layer>'


def _marker(shape: str, fill: str, stroke: str, size_mm: float) -> str:
    return _layer("SimpleMarker", {"name": shape, "color": _rgba(fill), "outline_color": _rgba(stroke),
                                   "outline_width": 0.3, "outline_width_unit": "MM", "size": f"{size_mm:g}",
                                   "size_unit": "MM"})


def _fill(rgba: str, outline: str | None, width_mm: float) -> str:
    return _layer("SimpleFill", {"color": rgba, "outline_color": _rgba(outline or palette.MUTED),
                                 "outline_style": "solid" if outline else "no", "outline_width": width_mm,
                                 "outline_width_unit": "MM", "style": "solid"})


def _arrow(colour: str) -> str:
    return _layer("ArrowLine", {"arrow_width": 0.4, "arrow_start_width": 0.4, "head_length": 2, "head_thickness": 1.4,
                                "head_type": 0, "is_curved": 0, "is_repeated": 0}).replace(
        "</layer>", f'<symbol type="fill" name="@0@0" alpha="1">{_fill(_rgba(colour), None, 0)}</symbol></layer>')


def _line(colour: str, width_mm: float, *, dashed: bool) -> str:
    return _layer("SimpleLine", {"line_color": _rgba(colour), "line_width": f"{width_mm:g}", "line_width_unit": "MM",
                                 "line_style": "dash" if dashed else "solid", "capstyle": "round",
                                 "joinstyle": "round"})


def _symbol(kind: str, name: str, layer: str) -> str:
    return f'<symbol type="{kind}" name={quoteattr(name)} alpha="1" clip_to_extent="1" force_rhr="0">{layer}</symbol>'


def _single(kind: str, layer: str) -> str:
    return (f'{_HEAD}<qgis version="3.28"><renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0">'
            f'<symbols>{_symbol(kind, "0", layer)}</symbols></renderer-v2></qgis>')


def _categories(attribute: str, rows: list[tuple[str, str, str, str]]) -> str:
    categories = "".join(f'<category value={quoteattr(value)} label={quoteattr(label)} symbol="{k}" render="true"/>'
                         for k, (value, label, _, _) in enumerate(rows))
    symbols = "".join(_symbol(kind, str(k), layer) for k, (_, _, kind, layer) in enumerate(rows))
    return (f'{_HEAD}<qgis version="3.28"><renderer-v2 type="categorizedSymbol" attr={quoteattr(attribute)} '
            f'symbollevels="0" enableorderby="0"><categories>{categories}</categories><symbols>{symbols}</symbols>'
            "</renderer-v2></qgis>")
