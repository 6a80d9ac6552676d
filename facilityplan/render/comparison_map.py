"""Plans side by side on maps that move together: minutes of each, or their change against the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from facilityplan.compare import Comparison, Pair, RunRecord
from facilityplan.compare.minutes import BANDS
from facilityplan.domain.kinds import MODE_NAMES
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.render import palette
from facilityplan.render.comparison_report import SHOW, banner
from facilityplan.render.comparison_tables import decided, tables, word
from facilityplan.render.escape import html_text, json_for_script
from facilityplan.render.lines import pack_area, pack_roads
from facilityplan.render.map import MINUTES_ALPHA, PANES
from facilityplan.render.mapdata import OUTLINE_TOLERANCE_M, bounds_of, road_style
from facilityplan.render.overlay import png_data_uri, warp_cells
from facilityplan.render.page import asset
from facilityplan.render.summary import site_symbol
from facilityplan.render.words import HTML_LANG, WORDS
from facilityplan.render.words_compare import COMPARE_WORDS

CHANGE_COLOURS = dict(zip(BANDS, ("#1c5c99", "#4f9dcf", "#a9d0ea", "#dfe2df", "#fbd29b", "#f0922b", "#c2410c",
                                  "#26201d", palette.GREEN, "#8a8f94"), strict=True))
LISTED = 80  # decisions and villages in the panel, each


def render_comparison_map(comparison: Comparison, inputs: Mapping[str, Inputs], *, lang: str = "zh") -> str:
    """Return the comparison's ``map.html``: one file, no request. ``inputs``: by the label of the run they belong to.

    Roads, water and the county's outline are those of the first run's inputs.
    """
    from facilityplan.render import offline_folium as offline  # Folium takes half a second to import

    style, leaflet = offline.leaflet()
    data = _data(comparison, inputs, lang)
    title = f"{comparison.base.document['county']} · {word('compare_title').in_language(lang)}"
    page = offline.Page(
        asset("compare.html"),
        slots={"title": f"<title>{html_text(title)}</title>", "banner": banner(comparison) or "",
               "noscript": " ".join(f'<span lang="{HTML_LANG[one]}">{html_text(text)}</span>'
                                    for one, text in zip(HTML_LANG, WORDS["noscript"], strict=True)),
               "data": json_for_script(data)},
        styles=[style, asset("map.css"), asset("compare.css")],
        scripts=[leaflet, asset("draw.js"), asset("compare.js")], lang=HTML_LANG[lang])
    (south, west), (north, east) = data["bounds"]
    changes = {pair.run.label: pair for pair in comparison.pairs}
    for run in comparison.runs:
        leaflet_map = offline.place(offline.OfflineMap(
            location=[(south + north) / 2, (west + east) / 2], tiles=None, zoom_start=10, zoom_control=False,
            prefer_canvas=True, attribution_control=False, zoom_snap=0.25, zoom_delta=1, min_zoom=7, max_zoom=18,
            wheel_px_per_zoom_level=90), page, run.label)
        for name, z_index in PANES.items():
            offline.place(offline.OfflinePane(name, z_index=z_index, pointer_events=name in ("places", "names")),
                          leaflet_map, f"{name}_{run.label}")
        _add_images(run, changes.get(run.label), inputs[run.label], leaflet_map)
    return page.render()


def _add_images(run: RunRecord, pair: Pair | None, inputs: Inputs, leaflet_map: object) -> None:
    from facilityplan.render import offline_folium as offline

    cells = run.cells
    values = {"minutes": palette.classify(cells["minutes_after"].to_numpy(float), cells["state_after"].to_numpy(object),
                                          run.standard.limit_min)}
    classes = palette.minute_classes(run.standard.limit_min)
    shades = {"minutes": [(*palette.rgb(one.colour), MINUTES_ALPHA) for one in classes]}
    if pair is not None and pair.cells is not None:
        values["change"] = pair.cells.band + 1
        shades["change"] = [(*palette.rgb(CHANGE_COLOURS[band]), MINUTES_ALPHA) for band in BANDS]
    warped = warp_cells(cells["cell"].to_numpy(), values, inputs.raster_transform, inputs.raster_crs,
                        inputs.raster_shape)
    for key, image in warped.images.items():
        offline.place(offline.OfflineImage(png_data_uri(image, shades[key]), [list(c) for c in warped.bounds],
                                           pixelated=False, control=False, show=False, pane="minutes"),
                      leaflet_map, f"{key}_{run.label}")


def _data(comparison: Comparison, inputs: Mapping[str, Inputs], lang: str) -> dict[str, Any]:
    base = inputs[comparison.base.label]
    west, south, east, north = bounds_of(base)
    villages = comparison.base.villages
    return {
        "lang": lang,
        "words": {key: list(text) for key, text in {**WORDS, **COMPARE_WORDS}.items()},
        "few": [-1, 10],
        "bounds": [[south, west], [north, east]],
        "county": [comparison.base.document["county"], comparison.base.document["county_en"]],
        "symbols": {key: [s.shape, s.fill, s.stroke, s.radius, s.glyph] for key, s in palette.SYMBOLS.items()},
        "colours": {"merge": palette.MERGE_LINE, "land": palette.LAND, "water": palette.WATER,
                    "boundary": palette.MUTED},
        "minutes": [[s.low, s.high, s.colour] for s in palette.minute_classes(comparison.base.standard.limit_min)],
        "changes": [[band, CHANGE_COLOURS[band]] for band in BANDS],
        "caveats": [list(text) for text in comparison.caveats],
        "runs": [_run(run, inputs[run.label], any(p.run is run and p.comparable for p in comparison.pairs))
                 for run in comparison.runs],
        "decisions": [_decisions(comparison, pair) for pair in comparison.pairs],
        "tables": [_table(one) for one in tables(comparison) if one.key in ("figures", "who", "flips")],
        "villages": {"name": list(villages["name"]), "lat": _round(villages["lat"]), "lon": _round(villages["lon"])},
        "sources": [[s["name"], s["credit"], s["licence"]] for s in comparison.base.document["sources"]],
        "lines": {"boundary": pack_area(base.boundary, base.crs, tolerance_m=OUTLINE_TOLERANCE_M),
                  "water": pack_area(base.water, base.crs, tolerance_m=OUTLINE_TOLERANCE_M),
                  "roads": [[*road_style(group), packed] for group, packed in pack_roads(base.roads, base.crs)]},
    }


def _run(run: RunRecord, inputs: Inputs, has_change: bool) -> dict[str, Any]:
    sites = run.facilities
    row = {key: k for k, key in enumerate(sites["id"])}
    symbol = site_symbol(sites, inputs)
    return {
        "label": run.label, "name": list(run.name), "change": has_change,
        "proven": run.document["solve"]["status"] == "optimal",
        "sites": {
            "id": list(sites["id"]), "name": list(sites["name"]), "lat": _round(sites["lat"]),
            "lon": _round(sites["lon"]), "symbol": [symbol[key] for key in sites["id"]],
            "host": [row.get(value) for value in sites["merged_into"]],
            "decision": [list(decided(run, s.action, _text(s.merged_into) or _text(s.served_from), _text(s.service),
                                      bool(s.sub_centre))) for s in sites.itertuples(index=False)]},
        "modes": [list(MODE_NAMES[mode]) if mode in MODE_NAMES else [mode, mode] for mode in run.villages["mode"]],
    }


def _decisions(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    base, run = comparison.base, pair.run
    rows = []
    for row in pair.decisions.head(LISTED).itertuples(index=False):
        home = base if row.id in base.facilities.index else run
        site = home.facilities.loc[row.id]
        before = decided(base, row.action_base, *map(_text, (row.host_base, row.service_base)),
                         bool(row.sub_centre_base))
        after = decided(run, row.action_run, *map(_text, (row.host_run, row.service_run)), bool(row.sub_centre_run))
        carried = None if pd.isna(row.person_minutes) else SHOW(row.person_minutes, "person_minutes")
        rows.append([row.name, _text(row.township) or "", round(float(site["lat"]), 6), round(float(site["lon"]), 6),
                     list(before), list(after), carried])
    return {"label": run.label, "total": len(pair.decisions), "rows": rows}


def _table(one: Any) -> dict[str, Any]:
    """A table with its cells as pairs of printed texts."""
    rows = [[list(v) if isinstance(v, Text) else [SHOW(v, unit or one.row_units[k]) if unit != "text" else v] * 2
             for v, unit in zip(row, one.units, strict=True)] for k, row in enumerate(one.rows)]
    return {"key": one.key, "title": list(one.title), "headers": [list(h) for h in one.headers], "rows": rows,
            "numbers": [unit != "text" for unit in one.units], "empty": list(one.empty) if one.empty else None,
            "hint": list(one.hint) if one.hint else None}


def _round(values: pd.Series) -> list[float]:
    return [round(float(value), 6) for value in values]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
