"""The files: same bytes from the same seed, formats that users have, small enough to ship."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio

from facilityplan.demo import generate, load_place, write
from facilityplan.demo.write import FILES
from facilityplan.domain.columns import FACILITIES, ROADS, VILLAGES, names

DATA = Path(__file__).resolve().parents[3] / "data"


def test_same_bytes_every_time(small, tmp_path):
    first, second = write(small, tmp_path / "a"), write(small, tmp_path / "b")
    assert [p.name for p in first] == list(FILES)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert write(small, tmp_path / "a")[3].read_bytes() == second[3].read_bytes()  # over an older file too


def test_shipped_files_are_what_the_generator_makes(county, tmp_path):
    shipped = DATA / county.place.id
    for path in write(county, tmp_path):
        assert path.read_bytes() == (shipped / path.name).read_bytes(), (
            f"{path.name} differs: run python -m facilityplan.demo {county.place.id} data/{county.place.id}")


def test_command_writes_the_shipped_files(tmp_path):
    done = subprocess.run([sys.executable, "-m", "facilityplan.demo", "small", str(tmp_path)], check=True,
                          capture_output=True, text=True, cwd=DATA.parent)
    assert [Path(line).name for line in done.stdout.split()] == list(FILES)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (DATA / "small" / name).read_bytes(), name


@pytest.mark.parametrize(("place", "most"), [("deqing", 6_000_000), ("small", 300_000), ("xiaoyi", 4_000_000),
                                             ("chizhou", 12_000_000)])
def test_shipped_files_are_small(place, most):
    assert sum(p.stat().st_size for p in (DATA / place).iterdir()) <= most


@pytest.mark.parametrize("place", ["chizhou", "deqing", "small", "xiaoyi"])
def test_readme_says_that_it_is_a_demonstration(place):
    text = (DATA / place / "README.md").read_text("utf-8")
    assert "虚构" in text and "nvented" in text
    if place == "deqing":
        assert "不是德清县的规划" in text and "Not the county's plan" in text and "王公郎" in text
    if place == "chizhou":
        assert "不是池州市的规划" in text and "Not the city's plan" in text
    if place == "xiaoyi":
        assert "不是孝义市的规划" in text and "Not the city's plan" in text and "224" in text


def test_chizhou_ships_each_countys_totals():
    """Read from the files that ship: making the city takes minutes."""
    place = load_place("chizhou")
    villages = pd.read_csv(DATA / "chizhou" / "villages.csv", dtype={"id": str})
    code = villages["id"].str[:6]
    for county in place.counties:
        mine = villages[code == county.code]
        assert mine["people"].sum() == county.people and mine["people_65"].sum() == county.people_65
        assert mine.loc[mine.kind == "village", "people"].sum() == county.people_rural
        points = gpd.GeoSeries(gpd.points_from_xy(mine.lon, mine.lat), crs=4326).to_crs(place.crs)
        assert points.within(county.outline.buffer(1)).all()
        assert (mine["consortium"] == county.name[:2]).all()
    facilities = pd.read_csv(DATA / "chizhou" / "facilities.csv", dtype={"id": str, "village": str})
    assert facilities["kind"].value_counts()[["village_clinic", "township_hospital"]].tolist() == [615, 59]
    assert facilities["beds"].sum() == 9_539 and facilities["name"].is_unique
    assert (facilities["id"].str[:6] == facilities["village"].str[:6]).all()
    clinics = facilities[facilities["kind"].isin(["village_clinic", "station"])]
    assert clinics["name"].str.fullmatch(r"示范(卫生室|服务站|民营诊所) (贵池|东至|石台|青阳)[A-T]\d\d").all()
    with rasterio.open(DATA / "chizhou" / "people.tif") as raster:
        bands = raster.read(masked=True)
    assert round(float(bands[0].sum(dtype="float64"))) == place.people
    assert round(float(bands[1].sum(dtype="float64"))) == place.people_65


@pytest.mark.campaign
def test_chizhou_is_what_the_generator_makes(tmp_path):
    place = load_place("chizhou")
    for path in write(generate(place, place.default_seed), tmp_path):
        assert path.read_bytes() == (DATA / "chizhou" / path.name).read_bytes(), path.name


def test_what_ships_stays_under_25_megabytes():
    assert sum(p.stat().st_size for p in DATA.rglob("*") if p.is_file()) < 25_000_000


def test_roads_file(county):
    path = DATA / county.place.id / "roads.gpkg"
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["roads"]
    roads = gpd.read_file(path, layer="roads")
    assert set(roads.columns) - {"geometry"} == set(names(ROADS))
    assert roads.crs.to_epsg() == int(county.place.crs.split(":")[1])
    assert roads["oneway"].dtype == bool and roads["bridge"].dtype == bool
    assert roads.geometry.geom_equals_exact(county.roads.geometry, 0).all()  # nothing lost by writing


def test_people_file(county):
    with rasterio.open(DATA / county.place.id / "people.tif") as raster:
        assert raster.count == 2 and raster.dtypes == ("float32", "float32") and raster.nodata == -9999
        assert raster.compression.name == "deflate" and raster.res == (100, 100)
        assert raster.crs.to_epsg() == int(county.place.crs.split(":")[1])
        bands = raster.read(masked=True)
        assert raster.index(*(county.villages.loc[0, ["x", "y"]])) is not None
    assert abs(float(bands[0].sum(dtype="float32")) - county.place.people) < 0.5
    assert abs(float(bands[1].sum(dtype="float64")) - county.place.people_65) < 0.5
    assert (bands.mask[0] == ~county.terrain.inside).all()
    assert (np.asarray(bands[0].filled(0)) == county.people).all()


@pytest.mark.parametrize(("file", "columns"), [("villages.csv", VILLAGES), ("facilities.csv", FACILITIES)])
def test_tables(county, file, columns):
    path = DATA / county.place.id / file
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert table.columns.tolist() == [c.name for c in columns]
    for column in columns:
        if column.name not in table:
            continue
        values = table[column.name]
        if not column.nullable:
            assert (values != "").all(), column.name
        filled = values[values != ""]
        if column.unit == "CNY/year":  # accounts are invented for hospitals alone
            assert set(table["kind"][values != ""]) == {"county_hospital", "township_hospital"}, column.name
        if column.type == "integer":
            assert filled.str.fullmatch(r"\d+").all(), column.name  # 3, not 3.0
        if column.type == "boolean":
            assert filled.isin(["true", "false"]).all(), column.name


def test_background_files(county):
    boundary = gpd.read_file(DATA / county.place.id / "boundary.geojson")
    water = gpd.read_file(DATA / county.place.id / "water.geojson")
    assert boundary.crs.to_epsg() == 4326 and len(boundary) == 1
    area = boundary.to_crs(county.place.crs).area.iloc[0]
    assert area == pytest.approx(county.place.outline.area, rel=1e-4)
    assert 0 < water.to_crs(county.place.crs).area.sum() < 0.05 * area
