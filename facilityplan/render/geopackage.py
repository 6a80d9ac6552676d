"""The plan as a GeoPackage with styles that QGIS applies by itself: villages, facilities, cells, merges, boundary."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import Transformer

from facilityplan.domain.kinds import ACTION_NAMES, KIND_NAMES, MODE_NAMES
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette, qml
from facilityplan.render.calendar import key_of, route_line
from facilityplan.render.escape import visible
from facilityplan.render.summary import headline, merged_sites, outside, proof_text, site_symbol
from facilityplan.render.words import WORDS, county_name, scenario_name

CREATED = "2000-01-01T00:00:00.000Z"  # fixed: two runs of one plan give the same content


def write_geopackage(plan: Plan, inputs: Inputs, path: str | Path) -> None:
    """Write ``plan.gpkg`` with the layers boundary, cells (squares), villages, merges (lines) and facilities.

    Where somebody is visited or posted, ``visits`` (lines), and the circuit teams' ``routes`` along the roads. All
    in the county CRS. An existing file is replaced. The content depends on the plan alone.
    """
    path = Path(path)
    path.unlink(missing_ok=True)
    layers = {"boundary": _boundary(plan, inputs), "cells": _cells(plan, inputs), "villages": _villages(plan, inputs),
              "merges": _merges(plan, inputs)}
    layers |= {name: lines for name, lines in (("visits", _visits(plan, inputs)), ("routes", _routes(plan, inputs)))
               if len(lines)}
    layers["facilities"] = _facilities(plan, inputs)
    with _fixed_date():
        for name, table in layers.items():
            geometry_type = {"boundary": "MultiPolygon", "cells": "Polygon",
                             **dict.fromkeys(("merges", "visits", "routes"), "LineString")}.get(name, "Point")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", geometry_type=geometry_type,
                                        append=path.exists(), promote_to_multi=name == "boundary")
    _describe(plan, path, list(layers))


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": CREATED})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _clean(table: pd.DataFrame) -> pd.DataFrame:
    """Make control characters visible in every text column: the format cannot hold them."""
    table = table.copy()
    for name in table.columns:
        if table[name].dtype == object or isinstance(table[name].dtype, pd.StringDtype):
            code, texts = pd.factorize(table[name])  # cells repeat few villages and sites
            clean = np.array([*(visible(text) for text in texts), None], dtype=object)
            table[name] = pd.Series(clean[code], index=table.index, dtype=object)
    return table


def _points(table: pd.DataFrame, places: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    where = dict(zip(places["id"], places.geometry, strict=True))
    return gpd.GeoDataFrame(_clean(table), geometry=[where[key] for key in table["id"]], crs=crs)


def _boundary(plan: Plan, inputs: Inputs) -> gpd.GeoDataFrame:
    county, scenario = county_name(plan), scenario_name(plan)
    head = headline(plan)
    table = pd.DataFrame({
        "county": [county.zh], "county_en": [county.en], "scenario": [" / ".join(scenario)],
        "data_basis": [plan.data_basis], "verdict": [" / ".join(WORDS[head.verdict])],
        "proof": [" / ".join(proof_text(head))]})
    return gpd.GeoDataFrame(_clean(table), geometry=[inputs.boundary], crs=inputs.crs)


def _cells(plan: Plan, inputs: Inputs) -> gpd.GeoDataFrame:
    """People's cells as the raster's squares, drawn in the county CRS."""
    row, column = np.divmod(plan.cells["cell"].to_numpy(np.int64), inputs.raster_shape[1])
    ring = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], float)
    across, down = column[:, None] + ring[:, 0], row[:, None] + ring[:, 1]
    a, b, c, d, e, f = inputs.raster_transform
    x, y = a * across + b * down + c, d * across + e * down + f
    if inputs.raster_crs != inputs.crs:
        x, y = Transformer.from_crs(inputs.raster_crs, inputs.crs, always_xy=True).transform(x, y)
    table = _clean(plan.cells)
    limit = plan.standards[0].limit_min
    for when in ("before", "after"):
        table[f"class_{when}"] = palette.classify(plan.cells[f"minutes_{when}"].to_numpy(float),
                                                  plan.cells[f"state_{when}"].to_numpy(object), limit).astype(int)
        table[f"outside_{when}"] = outside(plan.cells[f"minutes_{when}"], plan.standards[0])
    return gpd.GeoDataFrame(table, geometry=shapely.polygons(np.stack([x, y], axis=-1)), crs=inputs.crs)


def _villages(plan: Plan, inputs: Inputs) -> gpd.GeoDataFrame:
    table = plan.villages.copy()
    table["mode_zh"] = [MODE_NAMES[mode].zh for mode in table["mode"]]
    table["mode_en"] = [MODE_NAMES[mode].en for mode in table["mode"]]
    return _points(table, inputs.villages, inputs.crs)


def _facilities(plan: Plan, inputs: Inputs) -> gpd.GeoDataFrame:
    table = plan.facilities.copy()
    symbol = site_symbol(plan.facilities, inputs)
    table["symbol"] = [symbol[key] for key in table["id"]]
    for name, words in (("kind", KIND_NAMES), ("action", ACTION_NAMES)):
        table[f"{name}_zh"] = [words[value].zh for value in table[name]]
        table[f"{name}_en"] = [words[value].en for value in table[name]]
    return _points(table, inputs.facilities, inputs.crs)


def _merges(plan: Plan, inputs: Inputs) -> gpd.GeoDataFrame:
    where = dict(zip(inputs.facilities["id"], shapely.get_coordinates(inputs.facilities.geometry), strict=True))
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
    merged = merged_sites(plan)
    table = pd.DataFrame({
        "clinic": list(merged["id"]), "clinic_name": list(merged["name"]), "host": list(merged["merged_into"]),
        "host_name": [names[host] for host in merged["merged_into"]], "township": list(merged["township"]),
    }, dtype=object)
    pairs = [np.array([where[guest], where[host]])
             for guest, host in zip(merged["id"], merged["merged_into"], strict=True)]
    lines = shapely.linestrings(np.array(pairs)) if pairs else []
    return gpd.GeoDataFrame(_clean(table), geometry=list(lines), crs=inputs.crs)


def _visits(plan: Plan, inputs: Inputs) -> gpd.GeoDataFrame:
    """Straight lines from those who send staff to whom they serve, but for places on a circuit team's route."""
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
    sites = dict(zip(inputs.facilities["id"], shapely.get_coordinates(inputs.facilities.geometry), strict=True))
    villages = dict(zip(inputs.villages["id"], shapely.get_coordinates(inputs.villages.geometry), strict=True))
    on_route = {key_of(stop) for route in plan.routes for stop in route["stops"]}
    posted = plan.facilities[plan.facilities["service"] == "posted"]
    served = [(key_of(row), row["service"], row["from"], row["weekdays"]) for row in plan.calendar]
    served += [(("site", i), "posted", sender, [])
               for i, sender in zip(posted["id"], posted["served_from"], strict=True)]
    served = [one for one in served if one[0] not in on_route]
    table = pd.DataFrame({
        "place": [key[1] for key, *_ in served], "kind": [key[0] for key, *_ in served],
        "service": [service for _, service, *_ in served], "served_from": [sender for *_, sender, _ in served],
        "served_from_name": [names.get(sender) for *_, sender, _ in served],
        "weekdays": [" ".join(map(str, days)) for *_, days in served]}, dtype=object)
    lines = [shapely.LineString([sites[sender], (sites if key[0] == "site" else villages)[key[1]]])
             for key, _, sender, _ in served]
    return gpd.GeoDataFrame(_clean(table), geometry=lines, crs=inputs.crs)


def _routes(plan: Plan, inputs: Inputs) -> gpd.GeoDataFrame:
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
    table = pd.DataFrame({
        **{key: [route[key] for route in plan.routes] for key in (
            "base", "weekday", "team", "leaves", "returns", "driving_minutes", "visiting_minutes")},
        "base_name": [names.get(route["base"]) for route in plan.routes],
        "stops": [" → ".join(key_of(stop)[1] for stop in route["stops"]) for route in plan.routes]})
    return gpd.GeoDataFrame(_clean(table), geometry=[route_line(plan, inputs, route) for route in plan.routes],
                            crs=inputs.crs)


def _describe(plan: Plan, path: Path, layers: list[str]) -> None:
    """Add the styles (QGIS reads ``layer_styles``), names in both languages and the sources' credit."""
    styles = qml.styles(plan.standards[0].limit_min)
    credit = "; ".join(f"{one.name}: {one.credit} ({one.licence})" for one in plan.sources)
    basis = "" if plan.data_basis == "real" else " / ".join(WORDS[f"banner_{plan.data_basis}"])
    county = county_name(plan)
    title = f"{county.zh} {WORDS['map_title'].zh} / {county.en} {WORDS['map_title'].en}"
    description = visible(". ".join(part for part in (title, basis, " / ".join(WORDS["internal_map"]), credit) if part))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
                   "f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), "
                   "f_geometry_column TEXT(256), "
                   "styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, "
                   "owner TEXT(30), ui TEXT(30), update_time DATETIME)")
        db.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
                   "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)", (CREATED,))
        columns = dict(db.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        for layer in layers:
            name = WORDS[f"gpkg_{layer}"]
            db.execute("UPDATE gpkg_contents SET identifier = ?, description = ?, last_change = ? WHERE table_name = ?",
                       (f"{name.zh} {name.en}", description, CREATED, layer))
            db.execute("INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                       "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
                       "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
                       (layer, columns[layer], layer, styles[layer], f"{name.zh} {name.en}", CREATED))
        _write_metadata(db, description)


def _write_metadata(db: sqlite3.Connection, description: str) -> None:
    """Store title, caution and credit as the GeoPackage's own metadata (extension gpkg_metadata)."""
    db.execute("CREATE TABLE IF NOT EXISTS gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, "
               "md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL, "
               "mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '')")
    db.execute("CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, "
               "column_name TEXT, row_id_value INTEGER, timestamp DATETIME NOT NULL, md_file_id INTEGER NOT NULL, "
               "md_parent_id INTEGER)")
    db.execute("CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, "
               "extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, "
               "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))")
    for table in ("gpkg_metadata", "gpkg_metadata_reference"):
        db.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', "
                   "'http://www.geopackage.org/spec120/#extension_metadata', 'read-write')", (table,))
    db.execute("INSERT INTO gpkg_metadata (id, md_scope, md_standard_uri, mime_type, metadata) "
               "VALUES (1, 'dataset', 'http://purl.org/dc/terms/', 'text/plain', ?)", (description,))
    db.execute("INSERT INTO gpkg_metadata_reference (reference_scope, timestamp, md_file_id) "
               "VALUES ('geopackage', ?, 1)", (CREATED,))
