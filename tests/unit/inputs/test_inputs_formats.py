"""The same county in every format that users bring: layers, workbooks, encodings, OpenStreetMap, GraphML, rasters."""

from __future__ import annotations

import zipfile

import networkx as nx
import numpy as np
import openpyxl
import osmium
import pandas as pd
import pytest
import rasterio
import shapely
from inputs_county import ROADS, VILLAGES, County, collection, feature, line, lonlat, ring
from inputs_files import NODES, WAYS, road_frame, village_frame, write_osm
from pandas.testing import assert_frame_equal

from facilityplan.inputs import osm_tags
from facilityplan.inputs import people as people_module


@pytest.mark.parametrize(("name", "options"), [
    ("roads.gpkg", {"layer": "roads"}), ("roads.shp", {}), ("roads.geojson", {})])
def test_roads_in_every_line_format(county: County, name: str, options: dict):
    base = county.read().roads.edges
    road_frame().to_file(county.root / name, **options)
    columns = {"road_class": "road_class"}
    county.inputs["roads"] = {"file": name, "columns": columns, **options}
    got = county.read()
    assert_frame_equal(got.roads.edges, base)
    if name.endswith(".shp"):
        assert {"roads.shp", "roads.dbf", "roads.shx", "roads.prj", "roads.cpg"} <= set(got.digests)


def test_projected_layers_and_height_values(county: County):
    base = county.read().roads.edges
    flat = road_frame("EPSG:4549")
    flat.set_geometry([shapely.force_3d(g, 7.0) for g in flat.geometry]).to_file(county.root / "r.gpkg")
    county.inputs["roads"] = {"file": "r.gpkg"}
    got = county.read().roads.edges
    assert not got.geometry.has_z.any()
    np.testing.assert_allclose(got["length_m"], base["length_m"], atol=0.01)


def test_a_layer_without_crs_needs_the_config(county: County):
    frame = road_frame("EPSG:4549")
    frame.to_file(county.root / "r.shp")
    (county.root / "r.prj").unlink()
    county.inputs["roads"] = {"file": "r.shp"}
    faults = county.faults()
    assert [f.code for f in faults] == ["missing_crs"]
    county.inputs["roads"]["crs"] = "EPSG:4549"
    assert len(county.read().roads.edges) == 6
    frame.to_file(county.root / "r.shp")  # with its .prj: the config's crs is not used, and that is said
    county.inputs["roads"]["crs"] = "EPSG:4326"
    assert "carries its own coordinate system" in county.notes()


def test_a_shapefile_lacks_its_parts(county: County):
    road_frame().to_file(county.root / "r.shp")
    (county.root / "r.dbf").unlink()
    county.inputs["roads"] = {"file": "r.shp"}
    assert [(f.code, f.file) for f in county.faults()] == [("missing_file", "r.dbf")]


@pytest.mark.parametrize(("written", "cpg", "said", "code"), [
    ("gb18030", True, None, None), ("gb18030", False, "gb18030", None), ("gb18030", False, "GBK", None),
    ("gb18030", False, None, "wrong_encoding"), ("utf-8", True, None, None), ("utf-8", False, None, None),
    ("utf-8", True, "gbk", "wrong_encoding")])
def test_shapefile_encodings(county: County, written: str, cpg: bool, said: str | None, code: str | None):
    village_frame().to_file(county.root / "v.shp", encoding=written)
    if not cpg:
        (county.root / "v.cpg").unlink()
    county.inputs["villages"] = {"file": "v.shp", "columns": {"id": "编号", "township": "乡镇"}}
    if said:
        county.inputs["villages"]["encoding"] = said
    if code:
        assert county.codes() == [code]
        return
    got = county.read().villages
    assert got["name"].tolist() == ["村䶮甲", "村乙", "钟管镇下塘", "丁"]
    assert got["id"].tolist() == ["00", "01", "02", "03"]


def test_villages_from_a_geopackage_with_number_codes(county: County):
    frame = village_frame()
    frame["编号"] = [330521001001000001, 330521001001000002, 330521001001000003, 330521001001000004]
    frame.to_file(county.root / "v.gpkg", layer="村")
    frame.iloc[:1].to_file(county.root / "v.gpkg", layer="其他")
    county.inputs["villages"] = {"file": "v.gpkg", "layer": "村", "columns": {"id": "编号", "township": "乡镇"}}
    county.facilities(["c,室,village_clinic,330521001001000002,{},{},1,".format(*lonlat(4500, 1500))])
    got = county.read()
    assert got.villages["id"].tolist() == [f"33052100100100000{k}" for k in (1, 2, 3, 4)]
    county.inputs["villages"]["layer"] = "没有"
    assert county.codes() == ["missing_layer"]


def test_workbooks(county: County):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    page = book.create_sheet("卫生室")
    page.append(["id", "name", "kind", "village", "lon", "lat", "doctors", "备注"])
    for k, p in enumerate(VILLAGES):
        lon, lat = lonlat(*p)
        page.append([7 + k, f"=室{k}" if k == 0 else f"室{k}", "村卫生室", f"0{k}", lon, lat, float(k), None])
        page.cell(k + 2, 1).number_format = "000"
    page.cell(2, 2).value = "=cmd"
    page.cell(2, 2).data_type = "s"
    page.append([None] * 8)
    book.save(county.root / "f.xlsx")
    county.inputs["facilities"] = {"file": "f.xlsx", "layer": "卫生室"}
    got = county.read().facilities
    assert got["id"].tolist() == ["007", "008", "009", "010"]  # as Excel shows them
    assert got["kind"].unique().tolist() == ["village_clinic"]
    assert got["name"].iloc[0] == "=cmd"
    assert got["doctors"].tolist() == [0, 1, 2, 3]
    county.inputs["facilities"]["layer"] = "Sheet9"
    assert county.codes() == ["missing_layer"]
    county.inputs["facilities"] = {"file": "f.xlsx"}
    assert county.codes() == ["empty_table"]


def test_a_workbook_that_unpacks_to_far_more_is_refused(county: County):
    with zipfile.ZipFile(county.root / "f.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    county.inputs["facilities"] = {"file": "f.xlsx"}
    assert county.codes() == ["file_too_large"]
    (county.root / "f.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert county.codes() == ["broken_file"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_csv_delimiters_and_encodings(county: County, delimiter: str, encoding: str):
    base = county.read().villages
    text = (county.root / "villages.csv").read_text("utf-8").replace(",", delimiter).replace("\n", "\r\n")
    county.text("villages.csv", text + "\r\n", encoding)
    county.inputs["villages"]["encoding"] = encoding
    assert_frame_equal(county.read().villages, base)


def test_a_table_in_metres(county: County):
    base = county.read().villages
    rows = [f"0{k},村{k},village,{'甲乡' if k < 2 else '乙乡'},{500_000 + x},{3_380_000 + y},{100 + k}"
            for k, (x, y) in enumerate(VILLAGES)]
    county.villages(rows, "id,name,kind,township,X,Y,people")
    county.inputs["villages"] |= {"crs": "EPSG:4549", "columns": {"lon": "X", "lat": "Y"}}
    got = county.read().villages
    np.testing.assert_allclose(got[["lon", "lat"]], base[["lon", "lat"]], atol=1e-7)
    assert got.geometry.distance(base.geometry).max() < 0.02
    county.inputs["villages"]["columns"] = {"lon": "Y", "lat": "X"}
    assert county.codes() == ["swapped_coordinates"]


# --- OpenStreetMap ------------------------------------------------------------------------------------------------

def test_osm_roads(county: County):
    write_osm(county, "x.osm", NODES, WAYS)
    county.inputs["roads"] = {"file": "x.osm"}
    got = county.read()
    edges = got.roads.edges
    summary = sorted((e.road_class, round(e.length_m), bool(e.oneway), bool(e.bridge)) for e in edges.itertuples())
    assert summary == [
        ("path", 2121, False, False), ("path", 6000, False, False),  # parted where the node is missing
        ("primary", 1500, False, False), ("primary", 1500, False, False), ("primary", 3000, False, False),
        ("service", 2121, False, False), ("tertiary", 3000, True, False), ("tertiary", 3000, True, False),
        ("track", 1500, False, True)]
    assert edges.query("road_class == 'primary'")["maxspeed_kmh"].tolist() == [50] * 3
    assert edges["maxspeed_kmh"].isna().sum() == 6
    against = edges.query("oneway").geometry.apply(lambda g: g.coords[0][1] > g.coords[-1][1])
    assert against.all()
    same_place = got.roads.nodes.duplicated(["x", "y"], keep=False)
    assert same_place.sum() == 2  # nodes 3 and 8
    assert "1 ways refer to 1 nodes that the file lacks" in county.notes()


def test_osm_nodes_may_stand_after_ways(county: County):
    write_osm(county, "x.osm", NODES, WAYS)
    county.inputs["roads"] = {"file": "x.osm"}
    base = county.read()
    write_osm(county, "x.osm", dict(reversed(NODES.items())), dict(reversed(WAYS.items())), nodes_last=True)
    again = county.read()
    assert_frame_equal(again.roads.edges, base.roads.edges)
    assert again.notes == base.notes


def test_osm_pbf_equals_xml(county: County):
    write_osm(county, "x.osm", NODES, WAYS)
    county.inputs["roads"] = {"file": "x.osm"}
    base = county.read().roads.edges
    with osmium.SimpleWriter(str(county.root / "x.osm.pbf")) as out:
        for thing in osmium.FileProcessor(str(county.root / "x.osm")):
            out.add(thing)
    county.inputs["roads"] = {"file": "x.osm.pbf"}
    assert_frame_equal(county.read().roads.edges, base)
    data = (county.root / "x.osm.pbf").read_bytes()
    (county.root / "x.osm.pbf").write_bytes(data[: len(data) // 2])
    assert county.codes() == ["broken_file"]
    county.text("x.osm", "<osm version='0.6'><node id='1'")
    county.inputs["roads"] = {"file": "x.osm"}
    assert county.codes() == ["broken_file"]


@pytest.mark.parametrize(("tags", "direction"), [
    ({"highway": "primary"}, 0), ({"highway": "primary", "oneway": "yes"}, 1), ({"highway": "primary",
    "oneway": "-1"}, -1),
    ({"highway": "motorway"}, 1), ({"highway": "motorway", "oneway": "no"}, 0), ({"highway": "motorway",
    "oneway": "-1"}, -1),
    ({"highway": "tertiary", "junction": "roundabout"}, 1), ({"highway": "tertiary", "junction": "circular"}, 1),
    ({"highway": "tertiary", "oneway": "reversible"}, 0), ({"highway": "primary", "oneway": "1"}, 1)])
def test_osm_directions(tags: dict, direction: int):
    assert osm_tags.direction(tags) == direction


@pytest.mark.parametrize(("said", "kmh"), [
    ("50", 50), ("50 km/h", 50), ("30 mph", 48.28032), ("60;40", 40), ("none", None), ("RU:urban", None), ("", None),
    (None, None), ("0", None), ("walk", None), ("-5", None), ("12.5", 12.5), ("CN:rural;70", 70)])
def test_osm_speeds(said: str | None, kmh: float | None):
    got = osm_tags.maxspeed_kmh(said)
    assert np.isnan(got) if kmh is None else got == pytest.approx(kmh)


def test_osm_villages_and_facilities(county: County):
    square = {21: (4400, 4400), 22: (4600, 4400), 23: (4600, 4600), 24: (4400, 4600)}
    inner = {31: (4500, 4500), 32: (1500, 1500), 33: (4500, 1500), 34: (1510, 1500), 35: (1500, 4500), 36: (-9000, 0),
             37: (4300, 4300), 38: (4500, 4520)}
    tagged = {
        31: {"amenity": "hospital", "name": "医院"}, 32: {"place": "village", "name": "甲"},
        33: {"place": "hamlet", "population": "120"}, 35: {"place": "village", "name": "丙"},
        34: {"amenity": "clinic;doctors", "name": "诊所", "beds": "4", "operator:type": "private"},
        36: {"place": "village", "name": "县外"}, 37: {"amenity": "pharmacy"},
        38: {"amenity": "clinic", "name": "院内诊所"}}
    ways = {**WAYS, 41: ([21, 22, 23, 24, 21], {"amenity": "hospital"})}
    write_osm(county, "x.osm", {**NODES, **square, **inner}, ways, tagged)
    county.config["inputs"] |= {
        "roads": {"file": "x.osm"},
        "villages": {"file": "x.osm", "osm_places": ["village", "hamlet"], "township": "nearest_hospital"},
        "facilities": {"file": "x.osm", "candidates": "villages_without_clinic", "osm_tags": {
            "amenity=hospital": "township_hospital", "amenity=clinic": "village_clinic"}}}
    got = county.read()
    assert got.villages[["id", "name"]].to_numpy().tolist() == [["n32", "甲"], ["n33", "n33"], ["n35", "丙"]]
    assert got.villages["township"].unique().tolist() == ["医院"]
    sites = got.facilities.set_index("id")
    assert sites.index.tolist() == ["candidate-n33", "n34", "n38", "w41"]  # n38 stands in n35's territory
    assert sites.loc["w41", "name"] == "医院"  # the node inside was the same hospital and gave its name
    assert sites.loc["n34", ["kind", "ownership", "beds", "village"]].tolist() == ["village_clinic", "private",
    4, "n32"]
    np.testing.assert_allclose(sites.loc["w41", ["lon", "lat"]].astype(float), lonlat(4500, 4500), atol=2e-3)
    notes = county.notes()
    assert "n31 = w41" in notes
    assert "1 villages have no name" in notes


def test_osm_places_that_are_not_there(county: County):
    write_osm(county, "x.osm", NODES, WAYS)
    county.inputs["villages"] = {"file": "x.osm", "osm_places": ["village"], "township": "nearest_hospital"}
    county.inputs["facilities"] = {"file": "x.osm", "osm_tags": {"amenity=clinic": "village_clinic"}}
    assert county.codes() == ["empty_table", "empty_table"]


# --- GraphML ------------------------------------------------------------------------------------------------------

def test_graphml_folds_two_way_streets(county: County):
    ox = pytest.importorskip("osmnx")
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for n, p in NODES.items():
        graph.add_node(n, x=lonlat(*p)[0], y=lonlat(*p)[1])
    bend = shapely.LineString([lonlat(*NODES[1]), lonlat(800, 3300), lonlat(*NODES[2])])
    graph.add_edge(1, 2, highway="primary", oneway=False, geometry=bend, maxspeed=["50", "30"], name=["甲路", "乙路"])
    graph.add_edge(2, 1, highway="primary", oneway=False, geometry=bend.reverse(), maxspeed=["50", "30"], reversed=True)
    graph.add_edge(2, 3, highway=["residential", "tertiary"], oneway=False)  # straight: no geometry
    graph.add_edge(3, 2, highway=["residential", "tertiary"], oneway=False)
    graph.add_edge(3, 4, highway="secondary", oneway=True, bridge="yes")
    graph.add_edge(3, 6, highway="construction", oneway=True)
    loop = shapely.LineString([lonlat(*NODES[5]), lonlat(3200, 200), lonlat(2900, 300), lonlat(*NODES[5])])
    graph.add_edge(5, 5, highway="service", oneway=False, geometry=loop)
    graph.add_edge(5, 5, highway="service", oneway=False, geometry=loop.reverse())
    ox.save_graphml(graph, county.root / "g.graphml")
    county.inputs["roads"] = {"file": "g.graphml"}
    got = county.read().roads
    assert sorted(got.edges[["road_class", "oneway", "bridge"]].to_numpy().tolist()) == [
        ["primary", False, False], ["residential", False, False], ["secondary", True, True], ["service", False, False]]
    assert got.edges["maxspeed_kmh"].tolist()[0] == 30
    assert got.edges["name"].tolist()[0] == "甲路 / 乙路"
    assert len(got.edges.geometry.iloc[0].coords) == 3
    assert len(got.nodes) == 5


def test_graphml_reads_osmnx_projection_and_refuses_others(county: County):
    ox = pytest.importorskip("osmnx")
    graph = nx.MultiDiGraph(crs="EPSG:4549")
    graph.add_node(1, x=500_000.0, y=3_383_000.0)
    graph.add_node(2, x=506_000.0, y=3_383_000.0)
    graph.add_edge(1, 2, highway="tertiary", oneway=True)
    ox.save_graphml(graph, county.root / "g.graphml")
    county.inputs["roads"] = {"file": "g.graphml"}
    assert county.read().roads.edges["length_m"].tolist() == [6000.0]
    nx.write_graphml(nx.path_graph(3), county.root / "g.graphml")
    assert county.codes() == ["broken_file"]
    county.text("g.graphml", "<graphml><graph>")
    assert county.codes() == ["broken_file"]


# --- rasters ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("mark", "tagged", "config"), [
    (-99999.0, -99999.0, None), (-99999.0, None, None), (-9999.0, None, -9999.0), (np.nan, np.nan, None),
    (np.nan, None, np.nan), (-3.4028235e38, -3.4028234663852886e38, None)])
def test_nodata(county: County, mark: float, tagged: float | None, config: float | None):
    bands = np.full((1, 16, 16), 10.0, dtype="float32")
    bands[0, 2:4, 2:4] = mark
    bands[0, 0, 0] = -99999.0  # outside the county: nobody minds
    county.raster(bands, nodata=tagged)
    if config is not None:
        people = {"file": "people.tif", "share_65": 0.2, "nodata": config}
        read = _with_people(county, people)
    else:
        read = county.read()
    assert read.cells["people"].sum() == pytest.approx(10 * (144 - 4))
    untagged = any("-99999 that are not tagged" in n.en for n in read.notes)
    assert untagged == (mark == -99999.0 and tagged is None)


def _with_people(county: County, people: dict):
    from facilityplan.config.schema import Config, PeopleSource
    from facilityplan.inputs import read_inputs

    config = Config.model_validate(county.config, strict=False)
    inputs = config.inputs.model_copy(update={"people": PeopleSource.model_validate(people)})
    return read_inputs(config.model_copy(update={"inputs": inputs}), county.root)


def test_bands_scale_and_mask(county: County):
    bands = np.full((2, 16, 16), 1000, dtype="int16")
    bands[1] = 100
    bands[1, 5, 5] = 2000  # more older people than people
    county.raster(bands)
    with rasterio.open(county.root / "people.tif", "r+") as raster:
        raster.scales = (0.01, 0.01)
        raster.offsets = (0.0, 0.0)
    county.inputs["people"] = {"file": "people.tif", "band_65": 2}
    got = county.read()
    assert got.cells["people"].sum() == pytest.approx(1440)
    assert got.cells["people_65"].max() == pytest.approx(10)
    assert "1 cells had more people of 65 and over" in county.notes()


def test_a_raster_of_degrees(county: County):
    west, north = lonlat(-500, 6500)
    bands = np.full((1, 90, 90), 1.0, dtype="float32")
    county.raster(bands, crs="EPSG:4326", transform=rasterio.Affine(0.000833, 0, west, 0, -0.000833, north))
    got = county.read()
    assert len(got.cells) == pytest.approx(36e6 / (80 * 92.4), rel=0.03)
    assert shapely.contains_xy(got.boundary, got.cells["x"], got.cells["y"]).all()
    np.testing.assert_allclose(got.cells["lon"], west + 0.000833 * (got.cells["cell"] % 90 + 0.5), atol=1e-8)


def test_strips_give_the_same_cells(county: County, monkeypatch: pytest.MonkeyPatch):
    bands = np.random.default_rng(3).random((1, 16, 16)).astype("float32")
    county.raster(bands, blockysize=2, tiled=False)
    base = county.read().cells
    monkeypatch.setattr(people_module, "STRIP_PIXELS", 12)
    assert_frame_equal(county.read().cells, base)


def test_a_raster_that_claims_far_more_than_it_holds(county: County):
    # 200,000 x 200,000 pixels of 4 bytes = 160 GB in a file of a few KB: only the county's window is read.
    claim = 200_000
    county.raster(np.full((1, 16, 16), 1.0, dtype="float32"))
    with rasterio.open(county.root / "people.tif", "w", driver="GTiff",
                       width=claim, height=claim, count=1, dtype="float32",
                       crs="EPSG:4549", transform=rasterio.Affine(0.1, 0, 499_000, 0, -0.1, 3_387_000), sparse_ok=True,
                       tiled=True, blockxsize=8192, blockysize=8192, bigtiff="yes"):
        pass
    faults = county.faults()
    assert [f.code for f in faults] == ["raster_too_large"]
    assert (county.root / "people.tif").stat().st_size < 100_000
    with rasterio.open(county.root / "people.tif", "w", driver="GTiff",
                       width=claim, height=claim, count=1, dtype="float32",
                       crs="EPSG:4549", transform=rasterio.Affine(500, 0, 499_000, 0, -500, 3_387_000), sparse_ok=True,
                       tiled=True, blockxsize=16384, blockysize=16384, bigtiff="yes"):
        pass
    assert county.codes() == ["raster_too_large"]  # one block is 1 GB


def test_files_beside_a_raster_are_not_read(county: County):
    base = county.read().cells
    speaks = '<PAMDataset><PAMRasterBand band="1"><NoDataValue>10</NoDataValue></PAMRasterBand></PAMDataset>'
    county.text("people.tif.aux.xml", speaks)
    county.text("people.tfw", "1\n0\n0\n-1\n0\n0\n")
    assert_frame_equal(county.read().cells, base)


def test_a_ring_with_a_hole_and_islands(county: County):
    hole = ring((2000, 2000), (4000, 2000), (4000, 4000), (2000, 4000))
    outer = ring((0, 0), (6000, 0), (6000, 6000), (0, 6000))
    island = ring((2700, 2700), (3300, 2700), (3300, 3300), (2700, 3300))
    county.json("boundary.geojson", collection(feature("MultiPolygon", [[outer, hole], [island]])))
    county.json("roads.geojson", collection(*ROADS, line((5000, 5000), (5500, 5500))))
    got = county.read()
    assert got.boundary.geom_type == "MultiPolygon"
    assert len(got.cells) == 144 - 16 + 4
    assert len(got.roads.edges) == 7  # an edge that meets no other stays


def test_a_boundary_with_exchanged_axes(county: County):
    # Where both axes are possible latitudes, only the county's coordinate system tells.
    county.config["county"]["crs"] = "EPSG:32738"
    square = [[43.3, -11.7], [43.4, -11.7], [43.4, -11.6], [43.3, -11.6], [43.3, -11.7]]
    county.json("boundary.geojson", collection(feature("Polygon", [[[y, x] for x, y in square]])))
    assert "swapped_coordinates" in county.codes()


def test_pandas_types_are_plain(county: County):
    got = county.read()
    for table in (got.villages, got.facilities, got.cells, got.roads.edges):
        for name, kind in table.dtypes.items():
            assert kind.kind in "fiOb", (name, kind)
    assert isinstance(got.cells.index, pd.RangeIndex)
