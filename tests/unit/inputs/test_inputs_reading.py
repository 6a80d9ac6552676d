"""A sound county: what comes out, in which order and types, and that the order of rows does not matter."""

from __future__ import annotations

import hashlib
import json
import random

import numpy as np
import pytest
from inputs_county import PIXEL, ROADS, SIZE, VILLAGES, County, collection, feature, line, lonlat, ring
from pandas.testing import assert_frame_equal

from facilityplan.domain import columns
from facilityplan.inputs.territories import nearest_point


def test_tables_follow_the_declaration(county: County):
    got = county.read()
    assert list(got.cells) == columns.names(columns.CELLS)
    assert list(got.villages) == [*columns.names(columns.VILLAGES), "geometry"]
    assert list(got.facilities) == [*columns.names(columns.FACILITIES), "geometry"]
    for table, declared in ((got.villages, columns.VILLAGES), (got.facilities, columns.FACILITIES)):
        for column in declared:
            kind = "f" if column.type in ("integer", "number") else "O"
            assert table[column.name].dtype.kind == kind, column.name
        assert table["id"].is_monotonic_increasing
        assert table.crs == county.config["county"]["crs"]
    assert got.villages["id"].tolist() == ["00", "01", "02", "03"]  # leading zeros kept
    assert got.facilities["status"].unique().tolist() == ["existing"]
    assert got.facilities["township"].tolist() == ["甲乡", "甲乡", "乙乡", "乙乡"]  # from the village
    assert got.facilities["doctors"].tolist() == [1, 2, 3, 4]
    assert got.facilities["beds"].isna().all()
    assert got.facilities["tcm"].tolist() == [None] * 4


def test_cells_are_those_whose_centre_is_inside(county: County):
    got = county.read()
    n = int(SIZE / PIXEL)
    assert len(got.cells) == n * n
    assert got.cells["people"].sum() == pytest.approx(10 * n * n)
    assert got.cells["people_65"].sum() == pytest.approx(2 * n * n)
    row, column = np.divmod(got.cells["cell"].to_numpy(), got.raster_shape[1])
    a, _, c, _, e, f = got.raster_transform
    np.testing.assert_allclose(got.cells["x"], c + a * (column + 0.5))
    np.testing.assert_allclose(got.cells["y"], f + e * (row + 0.5))
    by_village = got.cells.groupby("village")["people"].sum()
    np.testing.assert_allclose(by_village[got.villages["id"]], got.villages["people"])
    assert by_village.tolist() == [n * n / 4 * 10] * 4  # four quarters
    assert "more people" not in county.notes()
    assert "1,440 in the raster, 406 in the villages' table; the raster rules" in county.notes()


def test_roads_are_cut_at_shared_vertices_only(county: County):
    county.json("roads.geojson", collection(*ROADS, line((500, 2000), (500, 4000), bridge="yes", name="桥")))
    roads = county.read().roads
    # The bridge crosses the western arm without a shared vertex: it stays whole, and so does the arm.
    bridge = roads.edges[roads.edges["bridge"]]
    assert bridge["length_m"].tolist() == pytest.approx([2000.0], abs=0.05)
    assert bridge["name"].tolist() == ["桥"]
    # (0,3000)-(3000,3000) is not cut at (1500,3000): that line has no vertex there. The arm drawn on top is an edge
    # of its own.
    assert sorted(round(v) for v in roads.edges["length_m"]) == [1500, 1500, 2000, 3000, 3000, 3000, 3000]
    assert roads.nodes["node"].tolist() == list(range(len(roads.nodes)))
    assert roads.nodes.sort_values(["x", "y"]).index.tolist() == roads.nodes.index.tolist()
    for edge in roads.edges.itertuples():
        first, last = edge.geometry.coords[0], edge.geometry.coords[-1]
        assert first == tuple(roads.nodes.loc[edge.u, ["x", "y"]])
        assert last == tuple(roads.nodes.loc[edge.v, ["x", "y"]])


def test_vertices_match_at_a_centimetre(county: County):
    # Two ends 2 mm apart on either side of a rounding step, and two 5 cm apart.
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    content = {"type": "FeatureCollection", "crs": crs,
               "features": [_metres((500100.0, 3381000.004), (500200.004, 3381000.004)),
                            _metres((500200.006, 3381000.004), (500300.0, 3381000.0)),
                            _metres((500300.0, 3381000.05), (500400.0, 3381000.0)),
                            _metres((503000.0, 3380000.0), (503000.0, 3386000.0))]}
    county.json("roads.geojson", content)
    roads = county.read().roads
    assert len(roads.edges) == 4
    assert len(roads.nodes) == 7  # eight ends, two of them one point


def _metres(*points: tuple[float, float]) -> dict:
    return feature("LineString", [list(p) for p in points], road_class="tertiary")


def test_the_order_of_rows_does_not_matter(county: County):
    roads = [*ROADS, line((3000, 3000), (4500, 1500), oneway=True), line((4500, 4500), (3000, 3000), oneway="-1"),
             line((3000, 3000), (4500, 4500), name="甲"), line((3000, 3000), (4500, 4500), name="乙")]
    county.json("roads.geojson", collection(*roads))
    base = county.read()
    villages = (county.root / "villages.csv").read_text("utf-8").splitlines()
    facilities = (county.root / "facilities.csv").read_text("utf-8").splitlines()
    dice = random.Random(4)
    for _ in range(5):
        dice.shuffle(roads)
        county.json("roads.geojson", collection(*roads))
        county.villages(dice.sample(villages[1:], 4))
        county.facilities(dice.sample(facilities[1:], 4))
        again = county.read()
        assert_frame_equal(again.roads.nodes, base.roads.nodes, check_exact=True)
        assert_frame_equal(again.roads.edges, base.roads.edges, check_exact=True)
        assert_frame_equal(again.cells, base.cells, check_exact=True)
        assert_frame_equal(again.villages, base.villages, check_exact=True)
        assert_frame_equal(again.facilities, base.facilities, check_exact=True)
        assert again.notes == base.notes


def test_a_two_way_road_reads_the_same_drawn_either_way(county: County):
    base = county.read()
    turned = [{**f, "geometry": {**f["geometry"], "coordinates": f["geometry"]["coordinates"][::-1]}} for f in ROADS]
    county.json("roads.geojson", collection(*turned))
    assert_frame_equal(county.read().roads.edges, base.roads.edges, check_exact=True)


def test_one_way_roads_keep_their_direction(county: County):
    county.json("roads.geojson", collection(*ROADS, line((3000, 3000), (4500, 1500), oneway=True),
                                            line((3000, 3000), (4500, 4500), oneway="-1")))
    edges = county.read().roads.edges.query("oneway")
    ends = {tuple(round(c / 100) for c in (*e.coords[0], *e.coords[-1])) for e in edges.geometry}
    assert ends == {(5030, 33830, 5045, 33815), (5045, 33845, 5030, 33830)}


def test_letters_for_direction(county: County):
    letters = [line((3000, 3000), (4500, 1500), oneway="F"), line((3000, 3000), (4500, 4500), oneway="T"),
               line((3000, 3000), (1500, 4500), oneway="B")]
    county.json("roads.geojson", collection(*letters))
    edges = county.read().roads.edges
    assert edges["oneway"].sum() == 2
    turned = edges[edges["oneway"] & (edges.geometry.apply(lambda g: g.coords[0][0] > g.coords[-1][0]))]
    assert len(turned) == 1  # T: against the drawn direction


def test_digests_cover_every_file(county: County):
    got = county.read()
    assert sorted(got.digests) == ["boundary.geojson", "facilities.csv", "people.tif", "roads.geojson", "villages.csv"]
    for name, digest in got.digests.items():
        assert digest == hashlib.sha256((county.root / name).read_bytes()).hexdigest()


def test_table_rules_the_people(county: County):
    bands = np.full((1, 16, 16), 10.0, dtype="float32")
    bands[0, 8:, 8:] = 0  # the south-east quarter, village 01, has nobody
    county.raster(bands)
    county.inputs["people"]["rule"] = "table"
    got = county.read()
    assert got.villages["people"].tolist() == pytest.approx([100, 101, 102, 103])
    sums = got.cells.groupby("village")["people"].sum()
    np.testing.assert_allclose(sums, [100, 101, 102, 103])
    lonely = got.cells[got.cells["village"] == "01"]
    assert len(lonely) == 1
    assert got.cells["cell"].is_unique
    assert got.cells["cell"].is_monotonic_increasing
    village = got.villages.set_index("id").loc["01"]
    assert (lonely["x"].iloc[0], lonely["y"].iloc[0]) == (village.geometry.x, village.geometry.y)
    assert got.cells["people_65"].sum() == pytest.approx(0.2 * 406)


def test_older_people_from_the_table(county: County):
    del county.inputs["people"]["share_65"]
    rows = [f"{k},村,甲乡,{lonlat(*p)[0]},{lonlat(*p)[1]},100,{10 * (k + 1)}" for k, p in enumerate(VILLAGES)]
    county.villages(rows, "id,name,township,lon,lat,people,people_65")
    county.facilities([f"h,院,township_hospital,,{lonlat(*VILLAGES[0])[0]},{lonlat(*VILLAGES[0])[1]},3,5"])
    by_raster = county.read()  # the raster's 360 people a village, the table's shares
    np.testing.assert_allclose(by_raster.villages["people_65"], [36, 72, 108, 144])
    county.inputs["people"]["rule"] = "table"
    np.testing.assert_allclose(county.read().villages["people_65"], [10, 20, 30, 40])


def test_older_people_of_the_band_are_scaled_to_the_table(county: County):
    bands = np.full((2, 16, 16), 10.0, dtype="float32")
    bands[1] = 1.0
    bands[1, :, :4] = 9.0
    county.raster(bands)
    county.inputs["people"] = {"file": "people.tif", "band_65": 2, "rule": "table"}
    rows = [f"0{k},村,甲乡,{lonlat(*p)[0]},{lonlat(*p)[1]},{p65[0]},{p65[1]}"
            for k, (p, p65) in enumerate(zip(VILLAGES, [(360, 60), (360, 360), (100, 10), (360, "")], strict=True))]
    county.villages(rows, "id,name,township,lon,lat,people,people_65")
    got = county.read()
    assert got.villages["people_65"].tolist()[:3] == pytest.approx([60, 360, 10])
    assert got.villages["people_65"].tolist()[3] == pytest.approx(36)  # not in the table: the band's
    assert (got.cells["people_65"] <= got.cells["people"] + 1e-6).all()


def test_village_polygons_own_their_cells(county: County):
    extents = [(0, 1000), (1000, 1000), (2000, 1000), (3000, 2000)]
    strips = [feature("Polygon", [ring((x, 0), (x + w, 0), (x + w, SIZE), (x, SIZE))], id=f"0{k}", name=f"村{k}",
                      township="甲乡") for k, (x, w) in enumerate(extents)]
    county.json("villages.geojson", collection(*strips))  # the last 1,000 m belong to no polygon
    county.inputs["villages"] = {"file": "villages.geojson"}
    got = county.read()
    sums = got.cells.groupby("village")["people"].sum()
    assert sums.tolist() == [240, 240, 240, 720]  # cells in no polygon go to the nearest one
    assert got.facilities.set_index("id")["village"].to_dict() == {f"c{k}": f"0{k}" for k in range(4)}


def test_candidate_sites_and_nearest_villages(county: County):
    at = [lonlat(x + 100, y) for x, y in VILLAGES]
    county.facilities([f"c0,室,village_clinic,,{at[0][0]},{at[0][1]},,",
                       f"h,院,township_hospital,,{at[3][0]},{at[3][1]},,"])
    county.inputs["facilities"]["candidates"] = "villages_without_clinic"
    got = county.read()
    assert got.facilities["id"].tolist() == ["c0", "candidate-01", "candidate-02", "candidate-03", "h"]
    assert got.facilities["village"].tolist() == ["00", "01", "02", "03", "03"]
    sites = got.facilities[got.facilities["status"] == "candidate"]
    assert sites["kind"].unique().tolist() == ["village_clinic"]
    assert sites["township"].tolist() == ["甲乡", "乙乡", "乙乡"]
    points = got.villages.set_index("id").loc[sites["village"]]
    assert [g.equals(p) for g, p in zip(sites.geometry, points.geometry, strict=True)] == [True] * 3
    assert "2 facilities name no village" in county.notes()


def test_townships_after_the_nearest_hospital(county: County):
    county.inputs["villages"]["township"] = "nearest_hospital"
    at = [lonlat(*p) for p in VILLAGES]
    at[3] = lonlat(4500, 4000)
    county.facilities([f"h0,甲院,township_hospital,,{at[0][0]},{at[0][1]},,",
                       f"h3,乙院,township_hospital,,{at[3][0]},{at[3][1]},,",
                       f"c,室,village_clinic,01,{at[1][0]},{at[1][1]},,"])
    got = county.read()
    assert got.villages["township"].tolist() == ["甲院", "乙院", "甲院", "乙院"]
    assert got.facilities.set_index("id")["township"].to_dict() == {"c": "乙院", "h0": "甲院", "h3": "乙院"}


def test_ties_go_to_the_first_place():
    places = np.array([(0.0, 0.0), (100.0, 0.0), (0.0, 100.0), (100.0, 100.0)])
    assert nearest_point(np.array([(50.0, 50.0), (50.0, 0.0), (80.0, 90.0), (100.0, 50.00001)]),
places).tolist() == [0, 0, 3, 1]


def test_adjacency_is_normalized(county: County):
    county.text("pairs.csv", "village_a,village_b\n03,01\n00,01\n01,00\n")
    county.inputs["adjacency"] = {"file": "pairs.csv"}
    assert county.read().adjacency.to_numpy().tolist() == [["00", "01"], ["01", "03"]]


def test_strange_names_are_kept(county: County):
    wild = ['=cmd|1', '{{ 7*7 }}', 'bell[0m', "x" * 40_000, '<script>', '村"引号"', "NULL", "NA"]
    rows = []
    for k, name in enumerate(wild):
        lon, lat = lonlat(500 + 600 * k, 3000)
        quoted = '"' + name.replace('"', '""') + '"'
        rows.append(f"{['NA', 'NULL', 'nan', '007', '7', 'None', 'true', '1e5'][k]},{quoted},甲乡,{lon},{lat}")
    county.villages(rows, "id,name,township,lon,lat")
    county.facilities(["c,室,village_clinic,NA,{},{},,".format(*lonlat(3000, 3000))])
    got = county.read()
    assert sorted(got.villages["name"]) == sorted(wild)
    assert got.villages["id"].tolist() == sorted(["NA", "NULL", "nan", "007", "7", "None", "true", "1e5"])
    assert got.facilities["village"].tolist() == ["NA"]


def test_boundary_of_several_parts_in_another_crs(county: County):
    half = SIZE / 2
    parts = [feature("Polygon", [ring((x, 0), (x + half, 0), (x + half, SIZE), (x, SIZE))]) for x in (0, half)]
    whole = county.read().boundary
    county.json("boundary.geojson", collection(*parts))
    assert county.read().boundary.symmetric_difference(whole).area < 100
    assert county.read().boundary.geom_type == "Polygon"
    county.json("boundary.geojson", collection(*parts[::-1]))
    again = county.read().boundary
    county.json("boundary.geojson", collection(*parts))
    assert again.wkb == county.read().boundary.wkb


def test_roads_far_outside_are_left_out(county: County):
    far = [line((9000, 3000), (12000, 3000)), line((6500, 3000), (7500, 3000), name="近")]
    county.json("roads.geojson", collection(*ROADS, *far))
    names = county.read().roads.edges["name"].dropna().tolist()
    assert names == ["近"]
    assert county.read().roads.edges.total_bounds[2] < 500_000 + 8_000


def test_a_geojson_without_crs_takes_the_configs(county: County):
    county.json("roads.geojson", collection(_metres((500100.0, 3381000.0), (505200.0, 3383000.0))))
    assert "no_roads" in county.codes() or "coordinates_out_of_range" in county.codes()
    county.inputs["roads"]["crs"] = "EPSG:4549"
    assert len(county.read().roads.edges) == 1


def test_json_config_is_not_changed(county: County):
    before = json.dumps(county.config)
    county.read()
    assert json.dumps(county.config) == before


def test_people_and_villages_far_from_roads_are_noted(county: County):
    county.json("roads.geojson", collection(line((0, -900), (6000, -900))))
    county.facilities(["c,室,village_clinic,00,{},{},1,".format(*lonlat(1500, 1500))])
    county.villages([f"0{k},村{k},village,甲乡,{lonlat(*p)[0]},{lonlat(*p)[1]},1" for k, p in enumerate(VILLAGES)])
    notes = county.notes()
    assert "2 villages are more than 5 km from any road: 村2, 村3" in notes
    assert "48 cells (480 people) are more than 5 km from any road" in notes  # rows of centres from 4,250 m on
