"""The map: one page that opens with no network, in Chinese and English, before and after the plan."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from shapely.geometry.base import BaseGeometry

from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette
from facilityplan.render.escape import html_text, json_for_script
from facilityplan.render.mapdata import Limits, map_data
from facilityplan.render.overlay import RING, halo, png_data_uri, warp_cells
from facilityplan.render.page import asset
from facilityplan.render.summary import outside
from facilityplan.render.words import HTML_LANG, WORDS, county_name, scenario_name

SCRIPTS = ("draw", "layers", "cards", "panel", "view", "map")
PANES = {"base": 210, "minutes": 220, "outside": 230, "circle": 300, "places": 450, "names": 460}
MINUTES_ALPHA = 235
HALO_COLOURS = [(*palette.rgb(palette.OUTSIDE_HALO), 46), (*palette.rgb(palette.OUTSIDE_HALO), 230)]


def render_map(plan: Plan, inputs: Inputs, outlines: Mapping[str, BaseGeometry | None] | None = None, *,
               lang: str = "zh", water: BaseGeometry | None = None, basemap: str | None = None,
               limits: Limits | None = None) -> str:
    """Return ``map.html``: one file, under 5 MB, that asks the network for nothing.

    ``outlines``: "before" and "after", the outline of the first standard's circle (county CRS; may be missing);
    ``lang``: "zh" or "en", the language where neither the address (#lang=zh), a stored choice nor the browser names it;
    ``water``: lakes and canals to draw (county CRS); ``limits``: what a site can carry, for load against capacity;
    ``basemap``: tile address (https, with {z}, {x}, {y}); only then does the page fetch anything.
    The same plan gives the same bytes.
    """
    from facilityplan.render import offline_folium as offline  # Folium takes half a second to import

    style, leaflet = offline.leaflet()
    data = map_data(plan, inputs, outlines or {}, water, lang, limits or Limits()) | {"basemap": basemap}
    title = f"{county_name(plan).in_language(lang)} · {WORDS['map_title'].in_language(lang)} · " \
            f"{scenario_name(plan).in_language(lang)}"
    page = offline.Page(
        asset("map.html"),
        slots={"title": f"<title>{html_text(title)}</title>", "banner": _banner(plan), "noscript": _both("noscript"),
               "data": json_for_script(data)},
        styles=[style, asset("map.css")], lang=HTML_LANG[lang],
        scripts=[leaflet, *(asset(f"{name}.js") for name in SCRIPTS)],
        images=_tile_origins(basemap))
    (south, west), (north, east) = data["bounds"]
    leaflet_map = offline.place(offline.OfflineMap(
        location=[(south + north) / 2, (west + east) / 2], tiles=None, zoom_start=10, zoom_control=False,
        prefer_canvas=True, attribution_control=False, zoom_snap=0.25, zoom_delta=1, min_zoom=7, max_zoom=18,
        wheel_px_per_zoom_level=90), page, "facilityplan")
    for name, z_index in PANES.items():
        offline.place(offline.OfflinePane(name, z_index=z_index, pointer_events=name in ("places", "names")),
                      leaflet_map, name)
    _add_cells(plan, inputs, leaflet_map)
    for when in ("before", "after"):
        for symbol in palette.SYMBOLS:
            offline.place(offline.OfflineGroup(name=symbol, control=False, show=False), leaflet_map, f"{when}_{symbol}")
    return page.render()


def _add_cells(plan: Plan, inputs: Inputs, leaflet_map: object) -> None:
    """Add five images: people shaded by minutes and the places outside the circle, before and after, and the change."""
    from facilityplan.render import offline_folium as offline

    standard, cells = plan.standards[0], plan.cells
    values: dict[str, np.ndarray] = {}
    for when in ("before", "after"):
        minutes = cells[f"minutes_{when}"]
        values[f"minutes_{when}"] = palette.classify(minutes.to_numpy(float), cells[f"state_{when}"].to_numpy(object),
                                                     standard.limit_min)
        values[f"outside_{when}"] = outside(minutes, standard).astype(np.uint8)
    values["change"] = palette.classify_change(*(cells[f"minutes_{when}"].to_numpy(float)
                                                 for when in ("before", "after")))
    warped = warp_cells(cells["cell"].to_numpy(), values, inputs.raster_transform, inputs.raster_crs,
                        inputs.raster_shape)
    shades = [(*palette.rgb(shade.colour), MINUTES_ALPHA) for shade in palette.minute_classes(standard.limit_min)]
    changes = [(*palette.rgb(colour), MINUTES_ALPHA) for colour in palette.CHANGE_COLOURS.values()]
    for key, image in warped.images.items():
        ring = key.startswith("outside")
        uri = (png_data_uri(halo(image, 2 * RING), HALO_COLOURS) if ring
               else png_data_uri(image, changes if key == "change" else shades))
        offline.place(offline.OfflineImage(uri, [list(corner) for corner in warped.bounds], pixelated=False,
                                           control=False, show=False, pane="outside" if ring else "minutes"),
                      leaflet_map, key)


def _tile_origins(basemap: str | None) -> tuple[str, ...]:
    """Return the origins a background map may come from; anything but a plain https address gets none."""
    match = re.match(r"(https://)(\{s\}\.)?([A-Za-z0-9.-]+(?::\d+)?)/", basemap or "")
    return () if match is None else (f"{match[1]}{'*.' if match[2] else ''}{match[3]}",)


def _banner(plan: Plan) -> str:
    """Both languages at once: nobody should have to switch to learn that this is a demonstration."""
    if plan.data_basis == "real":
        return ""
    key = f"banner_{plan.data_basis}"
    return f'<header id="banner">{_both(key)}</header>'


def _both(key: str) -> str:
    return f'<span lang="zh-CN">{html_text(WORDS[key].zh)}</span> <span lang="en">{html_text(WORDS[key].en)}</span>'
