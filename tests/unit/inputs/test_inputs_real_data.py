"""Grande Comore from OpenStreetMap and WorldPop, and the shipped demo county: figures and speed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.mask
import shapely
from inputs_county import ALL_COSTS, COST

from facilityplan.config.schema import Config
from facilityplan.inputs import Inputs, read_inputs

PBF = "comores-latest.osm.pbf"
DEMO = Path(__file__).resolve().parents[3] / "data"


def config(inputs: dict, crs: str, speeds: tuple[str, ...]) -> Config:
    return Config.model_validate_json(json.dumps({
        "schema_version": 1, "county": {"name": "县", "name_en": "county", "crs": crs, "data_basis": "real"},
        "inputs": inputs, "modes": {"walk": {"name": "步行", "name_en": "walk", "off_road_kmh": 4.5,
                                             "speeds_kmh": dict.fromkeys(speeds, 4.5)}},
        "standards": [{"id": "circle", "name": "圈", "name_en": "circle", "mode": "walk", "limit_min": 15}],
        "costs": dict.fromkeys(ALL_COSTS, COST), "objectives": [{"minimise": "uncovered"}]}))


@pytest.fixture(scope="module")
def island(comoros: Path) -> tuple[Inputs, float]:
    settings = config({
        "boundary": {"file": "grande_comore_boundary.geojson"}, "roads": {"file": PBF},
        "people": {"file": "com_ppp_2020_UNadj.tif", "share_65": 0.03},
        "villages": {"file": PBF, "osm_places": ["city", "town", "village", "hamlet"], "township": "nearest_hospital"},
        "facilities": {"file": PBF, "candidates": "villages_without_clinic", "osm_tags": {
            "amenity=hospital": "township_hospital", "amenity=clinic": "village_clinic",
            "amenity=doctors": "village_clinic"}}}, "EPSG:32738", ("primary", "secondary", "tertiary", "residential"))
    start = time.process_time()
    read = read_inputs(settings, comoros)
    return read, time.process_time() - start


@pytest.mark.shared_data
def test_the_island_in_figures(island: tuple[Inputs, float], comoros: Path):
    read, seconds = island
    assert seconds < 20  # 2 to 3 on a free core
    km = read.roads.edges["length_m"].sum() / 1000
    assert 900 < km < 1_100
    with rasterio.open(comoros / "com_ppp_2020_UNadj.tif") as raster:
        boundary = json.loads((comoros / "grande_comore_boundary.geojson").read_text())["features"][0]["geometry"]
        cut, _ = rasterio.mask.mask(raster, [boundary], nodata=-99999.0)
        assert read.raster_shape == raster.shape
    held = cut[0] > 0
    assert read.cells["people"].sum() == pytest.approx(cut[0][held].sum(), rel=1e-4)
    assert set(read.cells["cell"]) == set(np.flatnonzero(held.ravel()))
    assert 60 < len(read.villages) < 100
    assert read.villages["township"].notna().all()
    assert read.facilities["kind"].value_counts()["township_hospital"] >= 10
    assert (read.facilities["status"] == "candidate").sum() > 40


@pytest.mark.shared_data
def test_islands_of_the_network_are_kept(island: tuple[Inputs, float]):
    import networkx as nx

    edges = island[0].roads.edges
    graph = nx.Graph(zip(edges["u"], edges["v"], strict=True))
    sizes = sorted(map(len, nx.connected_components(graph)))
    assert len(sizes) > 3
    assert sizes[-1] / sum(sizes) > 0.9


@pytest.mark.skipif(not (DEMO / "deqing" / "roads.gpkg").is_file(), reason="the demo county's data are not there yet")
def test_the_demo_county_is_read_fast():
    settings = config({
        "boundary": {"file": "deqing/boundary.geojson"}, "roads": {"file": "deqing/roads.gpkg", "layer": "roads"},
        "people": {"file": "deqing/people.tif", "band_65": 2}, "villages": {"file": "deqing/villages.csv"},
        "facilities": {"file": "deqing/facilities.csv"}}, "EPSG:4549", ("primary", "secondary", "tertiary"))
    read_inputs(settings, DEMO)  # imports and PROJ's tables
    start = time.process_time()
    read = read_inputs(settings, DEMO)
    assert time.process_time() - start < 1.5  # 0.4 on a free core
    assert abs(read.cells["people"].sum() - 548_568) < 0.5  # the census total
    assert shapely.contains_xy(read.boundary, read.cells["x"], read.cells["y"]).all()
    assert not any("GCJ-02" in n.en for n in read.notes)
