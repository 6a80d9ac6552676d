from __future__ import annotations

import sqlite3
from contextlib import closing
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from sample_plan import CELL_M, CRS, sample

from facilityplan.render import write_geopackage
from facilityplan.render.escape import visible
from facilityplan.render.summary import site_symbol

LAYERS = ["boundary", "cells", "villages", "merges", "facilities"]


@pytest.fixture(scope="module")
def path(made, tmp_path_factory):
    target = tmp_path_factory.mktemp("gpkg") / "plan.gpkg"
    write_geopackage(made.plan, made.inputs, target)
    return target


def content(path):
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_the_layers_hold_the_plan(made, path):
    plan = made.plan
    assert sorted(name for name, kind in pyogrio.list_layers(path) if kind) == sorted(LAYERS)
    sizes = {"boundary": 1, "cells": len(plan.cells), "villages": len(plan.villages),
             "facilities": len(plan.facilities), "merges": (plan.facilities["action"] == "close").sum()}
    for layer, size in sizes.items():
        table = gpd.read_file(path, layer=layer)
        assert len(table) == size and table.crs == CRS
    sites = gpd.read_file(path, layer="facilities")
    assert list(sites["id"]) == list(plan.facilities["id"])
    assert list(sites["symbol"]) == list(site_symbol(plan.facilities, made.inputs)[plan.facilities["id"]])
    where = made.inputs.facilities.set_index("id").geometry
    assert all(sites.geometry.distance(where.loc[sites["id"]].reset_index(drop=True)) < 0.01)
    merges = gpd.read_file(path, layer="merges")
    for row in merges.itertuples():
        ends = shapely.get_coordinates(row.geometry)
        assert np.allclose(ends[0], shapely.get_coordinates(where[row.clinic]))
        assert np.allclose(ends[1], shapely.get_coordinates(where[row.host]))


@pytest.mark.parametrize("raster_crs", [CRS, "EPSG:4326"])
def test_cells_are_the_raster_s_squares(raster_crs, tmp_path):
    one = sample(villages=9, cells=150, road_edges=40, raster_crs=raster_crs)
    write_geopackage(one.plan, one.inputs, tmp_path / "a.gpkg")
    cells = gpd.read_file(tmp_path / "a.gpkg", layer="cells")
    centre = shapely.get_coordinates(cells.geometry.centroid)
    assert np.abs(centre - one.inputs.cells[["x", "y"]].to_numpy()).max() < 1.0
    if raster_crs == CRS:
        assert np.allclose(cells.geometry.area, CELL_M**2)
    lost = one.plan.cells["minutes_after"].isna().to_numpy()
    assert (cells["minutes_after"].isna().to_numpy() == lost).all() and lost.any()
    assert cells["outside_after"].to_numpy(bool)[lost].all()


def test_every_layer_has_a_style_that_qgis_takes_by_itself(path):
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("select f_table_name, f_geometry_column, useAsDefault, styleQML from layer_styles").fetchall()
        geometry = dict(db.execute("select table_name, column_name from gpkg_geometry_columns"))
        assert db.execute("select data_type from gpkg_contents where table_name = 'layer_styles'").fetchone() == (
            "attributes",)
    assert [row[0] for row in rows] == LAYERS
    for layer, column, default, style in rows:
        assert default == 1 and column == geometry[layer]
        root = ElementTree.fromstring(style)
        assert root.tag == "qgis" and root.find(".//symbol/layer") is not None
        drawn = {"Point": "marker", "LineString": "line", "Polygon": "fill", "MultiPolygon": "fill"}
        kinds = {drawn[kind] for kind in gpd.read_file(path, layer=layer).geom_type}
        assert {one.get("type") for one in root.findall("renderer-v2/symbols/symbol")} == kinds, layer
        if layer in ("cells", "facilities"):
            categories = [category.get("value") for category in root.iter("category")]
            attribute = root.find("renderer-v2").get("attr")
            assert set(gpd.read_file(path, layer=layer)[attribute].astype(str)) <= set(categories)


def test_credit_and_caution_are_in_the_metadata(path):
    with closing(sqlite3.connect(path)) as db:
        (text,) = db.execute("select metadata from gpkg_metadata").fetchone()
        described = [row[0] for row in db.execute("select description from gpkg_contents where data_type = 'features'")]
    for expected in ("© OpenStreetMap contributors", "ODbL", "WorldPop", "演示数据", "Demonstration", "未经审核"):
        assert expected in text and all(expected in one for one in described)


def test_the_same_plan_gives_the_same_content(made, path, tmp_path):
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    write_geopackage(made.plan, made.inputs, tmp_path / "again.gpkg")
    assert content(tmp_path / "again.gpkg") == content(path)
    write_geopackage(made.plan, made.inputs, tmp_path / "again.gpkg")  # over an existing file
    assert content(tmp_path / "again.gpkg") == content(path)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


def test_names_are_bound_never_pasted(evil, tmp_path):
    target = tmp_path / "evil.gpkg"
    write_geopackage(evil.plan, evil.inputs, target)
    villages = gpd.read_file(target, layer="villages")
    assert list(villages["name"]) == [visible(name) for name in evil.plan.villages["name"]]
    sites = gpd.read_file(target, layer="facilities")
    assert list(sites["name"]) == [visible(name) for name in evil.plan.facilities["name"]]
    with closing(sqlite3.connect(target)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        assert db.execute("select count(*) from layer_styles").fetchone() == (5,)


def test_a_plan_without_mergers_has_an_empty_layer(made, tmp_path):
    from dataclasses import replace

    plan = replace(made.plan, facilities=made.plan.facilities[made.plan.facilities["action"] != "close"])
    write_geopackage(plan, made.inputs, tmp_path / "none.gpkg")
    assert len(gpd.read_file(tmp_path / "none.gpkg", layer="merges")) == 0
