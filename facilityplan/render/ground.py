"""The county drawn still: one ground for a whole page, and places put on a window of it. Plain SVG, no script.

The ground (people by minutes, water, roads, outline) is a ``<symbol>`` that a page holds once; every figure shows a
window of it with ``<use>`` and draws its own places, so that marks and names keep their size whatever the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from rasterio.enums import Resampling
from rasterio.warp import reproject
from shapely.geometry.base import BaseGeometry

from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette
from facilityplan.render.markup import Html, join, tag
from facilityplan.render.overlay import png_data_uri

SIDE = 1_000.0  # units of the drawing along the longer side of the county
PIXELS = 900  # of the people's picture along the same side
GROUND_ID = "ground"
ROADS = palette.ROAD_GROUPS[:4]  # down to tertiary ones: smaller roads would only grey the sheet
Box = tuple[float, float, float, float]  # x, y, width, height
NAME_LENGTH = 16  # characters of a label; tables hold the whole name


@dataclass(frozen=True)
class Frame:
    """From the county's metres to the drawing: x right, y down."""

    west: float
    north: float
    scale: float  # units of the drawing for a metre
    width: float
    height: float

    def at(self, xy: np.ndarray) -> np.ndarray:
        """Return points (n, 2), metres, in units of the drawing."""
        return (np.asarray(xy, float) - (self.west, self.north)) * (self.scale, -self.scale)


def frame_of(inputs: Inputs) -> Frame:
    """Return the frame of the county: its outline with a margin."""
    west, south, east, north = inputs.boundary.bounds
    margin = 0.02 * max(east - west, north - south)
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    scale = SIDE / max(east - west, north - south)
    return Frame(west, north, scale, (east - west) * scale, (north - south) * scale)


def ground(plan: Plan, inputs: Inputs, frame: Frame, water: BaseGeometry | None = None) -> Html:
    """Return the hidden element that holds the ground; it belongs into the page once."""
    parts = [_area(inputs.boundary, frame, fill=palette.LAND), _area(water, frame, fill=palette.WATER),
             _people(plan, inputs, frame), *_roads(inputs, frame),
             _area(inputs.boundary, frame, fill="none", stroke=palette.MUTED,
                   vector_effect="non-scaling-stroke", **{"stroke-width": "1.4"})]
    symbol = tag("symbol", *parts, id=GROUND_ID, viewBox=f"0 0 {_n(frame.width)} {_n(frame.height)}")
    return tag("svg", symbol, width=0, height=0, class_="store", aria_hidden="true")


def use_ground(frame: Frame) -> Html:
    """Return the reference that shows the ground inside a figure."""
    return tag("use", href=f"#{GROUND_ID}", width=_n(frame.width), height=_n(frame.height))


def _area(shape: BaseGeometry | None, frame: Frame, **attributes: object) -> Html | None:
    if shape is None or shape.is_empty:
        return None
    thin = shapely.simplify(shape, 0.8 / frame.scale)
    rings = shapely.get_parts(shapely.get_rings(shapely.get_parts(thin)))
    path = "".join(_path(frame.at(shapely.get_coordinates(ring)), closed=True) for ring in rings)
    return tag("path", d=path, fill_rule="evenodd", **attributes) if path else None


def _roads(inputs: Inputs, frame: Frame) -> list[Html]:
    edges = inputs.roads.edges
    road_class, lines = edges["road_class"].to_numpy(object), edges.geometry.to_numpy()
    found = []
    for _, names, colour, width in reversed(ROADS):
        chosen = lines[np.isin(road_class.astype(str), names)]
        if not len(chosen):
            continue
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(chosen)))
        thin = shapely.simplify(merged, 1.5 / frame.scale, preserve_topology=False)
        path = "".join(_path(frame.at(shapely.get_coordinates(line))) for line in thin)
        found.append(tag("path", d=path, fill="none", stroke=colour, opacity="0.6",
                         vector_effect="non-scaling-stroke", **{"stroke-width": f"{width * 0.6:g}"}))
    return found


def _people(plan: Plan, inputs: Inputs, frame: Frame) -> Html | None:
    """People's cells as a picture in the county's projection, shaded by minutes under the plan."""
    cells = plan.cells
    if cells.empty:
        return None
    row, column = np.divmod(cells["cell"].to_numpy(np.int64), inputs.raster_shape[1])
    top, left = int(row.min()) - 1, int(column.min()) - 1
    grid = np.zeros((int(row.max()) - top + 2, int(column.max()) - left + 2), np.uint8)
    limit = plan.standards[0].limit_min
    grid[row - top, column - left] = palette.classify(
        cells["minutes_after"].to_numpy(float), cells["state_after"].to_numpy(object), limit)
    a, b, c, d, e, f = inputs.raster_transform
    size = SIDE / frame.scale / PIXELS
    image = np.zeros((int(np.ceil(frame.height / frame.scale / size)), int(np.ceil(frame.width / frame.scale / size))),
                     np.uint8)
    reproject(grid, image, src_transform=Affine(a, b, c + left * a + top * b, d, e, f + left * d + top * e),
              src_crs=inputs.raster_crs, dst_transform=Affine(size, 0, frame.west, 0, -size, frame.north),
              dst_crs=inputs.crs, resampling=Resampling.nearest, init_dest_nodata=False)
    colours = [(*palette.rgb(shade.colour), 255) for shade in palette.minute_classes(limit)]
    return tag("image", href=png_data_uri(image, colours), x=0, y=0, width=_n(image.shape[1] * size * frame.scale),
               height=_n(image.shape[0] * size * frame.scale), opacity="0.75", image_rendering="pixelated")


def _path(xy: np.ndarray, *, closed: bool = False) -> str:
    """Return one line as a path of whole tenths, relative, so that it stays short."""
    tenths = np.rint(xy * 10).astype(np.int64)
    keep = np.concatenate([[True], (np.diff(tenths, axis=0) != 0).any(axis=1)])
    tenths = tenths[keep]
    if len(tenths) < (3 if closed else 2):
        return ""
    steps = np.diff(tenths, axis=0)
    rest = " ".join(f"{_t(x)} {_t(y)}" for x, y in steps.tolist())
    return f"M{_t(int(tenths[0, 0]))} {_t(int(tenths[0, 1]))}l{rest}{'z' if closed else ''}"


def _t(tenths: int) -> str:
    whole, part = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}" if part == 0 else f"{sign}{whole}.{part}"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def mark(key: str, x: float, y: float, scale: float = 1.0) -> Html:
    """Return the mark of a kind of place (`palette.SYMBOLS`) at a point; radius times ``scale``."""
    one = palette.SYMBOLS[key]
    r = one.radius * scale
    paint = {"fill": one.fill, "stroke": one.stroke, "stroke-width": _n(1.3 * scale)}
    if one.shape == "circle":
        shape = tag("circle", cx=_n(x), cy=_n(y), r=_n(r), **paint)
    else:
        corners = "L".join(f"{_n(x + r * dx)} {_n(y + r * dy)}" for dx, dy in _SHAPES[one.shape])
        shape = tag("path", d=f"M{corners}z", **paint)
    glyph = _glyph(one, x, y, r, scale)
    return shape if glyph is None else join([shape, glyph])


_SHAPES: dict[str, Sequence[tuple[float, float]]] = {
    "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    "diamond": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
    "triangle": [(0, -1.1), (1.05, 0.8), (-1.05, 0.8)],
    "hexagon": [(0, -1), (0.87, -0.5), (0.87, 0.5), (0, 1), (-0.87, 0.5), (-0.87, -0.5)],
}


def _glyph(one: palette.Symbol, x: float, y: float, r: float, scale: float) -> Html | None:
    ink = one.stroke if one.fill == "#ffffff" else "#ffffff"
    g = r * 0.48
    if one.glyph == "dot":
        return tag("circle", cx=_n(x), cy=_n(y), r=_n(r * 0.34), fill=ink)
    lines = {"x": f"M{_n(x - g)} {_n(y - g)}L{_n(x + g)} {_n(y + g)}M{_n(x + g)} {_n(y - g)}L{_n(x - g)} {_n(y + g)}",
             "plus": f"M{_n(x - g)} {_n(y)}H{_n(x + g)}M{_n(x)} {_n(y - g)}V{_n(y + g)}"}
    if one.glyph not in lines:
        return None
    return tag("path", d=lines[one.glyph], fill="none", stroke=ink, **{"stroke-width": _n(1.5 * scale)})


def arrow(a: np.ndarray, b: np.ndarray, colour: str, scale: float = 1.0, *, dashed: bool = False) -> Html | None:
    """Return an arrow from ``a`` to ``b`` that stops short of both marks; nothing where they touch."""
    way = b - a
    length = float(np.hypot(*way))
    if length < 8 * scale:
        return None
    unit = way / length
    start, tip = a + unit * 5 * scale, b - unit * 6.5 * scale
    side = np.array([-unit[1], unit[0]]) * 2.6 * scale
    root = tip - unit * 6 * scale
    head = "M" + "L".join(f"{_n(p[0])} {_n(p[1])}" for p in (tip, root + side, root - side)) + "z"
    line = tag("path", d=f"M{_n(start[0])} {_n(start[1])}L{_n(root[0])} {_n(root[1])}", fill="none", stroke=colour,
               **{"stroke-width": _n(1.6 * scale)}, stroke_dasharray=_n(4 * scale) if dashed else None)
    return join([line, tag("path", d=head, fill=colour)])


def label(text: str, x: float, y: float, size: float, *, bold: bool = False, anchor: str = "middle") -> Html:
    """Return a name with a light edge, cut where it is very long."""
    shown = text if len(text) <= NAME_LENGTH else text[:NAME_LENGTH] + "…"
    return tag("text", shown, x=_n(x), y=_n(y), class_="name", **{
        "font-size": _n(size), "text-anchor": anchor, "stroke-width": _n(size * 0.28),
        "font-weight": "650" if bold else None})


def labels(places: Sequence[tuple[str, float, float]], size: float, frame: Box, gap: float, *, bold: bool = False,
           taken: Sequence[Box] = ()) -> list[Html]:
    """Return names below their places, or above where that is taken; one that fits neither way is left out.

    ``frame``: the window; ``gap``: from a place down to the foot of its name; ``taken``: what names may not cover, as
    boxes of x, y, width and height.
    """
    boxes = [(x, y, x + width, y + height) for x, y, width, height in taken]
    x0, y0, width, height = frame
    found = []
    for text, x, place in places:
        half = size * 0.5 * sum(1.0 if ord(c) > 0x2E7F else 0.55 for c in text[:NAME_LENGTH])
        x = min(max(x, x0 + half + 2), x0 + width - half - 2)
        for y in (place + gap, place - gap + size * 0.6):
            box = (x - half, y - size * 0.85, x + half, y + size * 0.2)
            inside = box[1] >= y0 and box[3] <= y0 + height
            if inside and not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in boxes):
                boxes.append(box)
                found.append(label(text, x, y, size, bold=bold))
                break
    return found


def scale_bar(frame: Frame, window: Box, unit: float, word: str) -> Html:
    """Return a bar of a round length at the lower left of a window; ``unit``: size of its text."""
    x0, y0, width, height = window
    metres = width / frame.scale / 5
    power = 10 ** np.floor(np.log10(metres))
    length = max(step * power for step in (1, 2, 5) if step * power <= metres)
    x, y, long = x0 + unit, y0 + height - unit, length * frame.scale
    bar = tag("path", d=f"M{_n(x)} {_n(y - unit * 0.4)}v{_n(unit * 0.4)}h{_n(long)}v{_n(-unit * 0.4)}", fill="none",
              stroke=palette.INK, **{"stroke-width": _n(unit * 0.11)})
    said = word.format(n=f"{length / 1000:g}")
    return join([bar, label(said, x + long / 2, y - unit * 0.55, unit * 0.85)])


def coordinates(inputs: Inputs, frame: Frame) -> Mapping[str, np.ndarray]:
    """Return the point of every facility, in units of the drawing, by id."""
    xy = frame.at(shapely.get_coordinates(inputs.facilities.geometry))
    return dict(zip(inputs.facilities["id"], xy, strict=True))
