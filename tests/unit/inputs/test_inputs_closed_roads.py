"""Closed roads: a point means a whole bridge or one piece of road; the verifier finds the same pieces by itself."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from facilityplan.config.schema import ClosedRoad, RoadsSource
from facilityplan.inputs.closed_roads import bridge_of_edge, close_roads, road_name
from facilityplan.inputs.coordinates import WGS84, Frame, transform
from facilityplan.inputs.findings import Findings
from facilityplan.inputs.tables import RoadTable
from facilityplan.network.graph import build_network, edge_speeds
from facilityplan.plan.recount_closed import closed_edges
from facilityplan.plan.recount_travel import RoadRecount

CRS = "EPSG:4549"
X, Y = 500_000.0, 3_400_000.0


class _Mode:
    speeds_kmh, off_road_kmh, obeys_oneway = {"primary": 18.0, "path": 4.5}, 4.5, True


def roads():
    """Two carriageways of one bridge in two pieces each, a path beside them, a bridge elsewhere, plain roads."""
    rows = [((0, 0), (100, 0), True, True), ((100, 0), (200, 0), True, True),      # 0, 1: eastward
            ((200, 15), (100, 15), True, True), ((100, 15), (0, 15), True, True),  # 2, 3: westward
            ((0, -8), (200, -8), True, False),                                     # 4: path on the same bridge
            ((0, 900), (200, 900), True, False),                                   # 5: another bridge
            ((200, 0), (400, 0), False, False), ((200, 15), (400, 15), False, False)]
    ends = sorted({p for a, b, *_ in rows for p in (a, b)})
    number = {p: k for k, p in enumerate(ends)}
    lines = [shapely.LineString([(X + x, Y + y) for x, y in (a, b)]) for a, b, *_ in rows]
    edges = gpd.GeoDataFrame({
        "edge": range(len(rows)), "u": [number[a] for a, *_ in rows], "v": [number[b] for _, b, *_ in rows],
        "road_class": ["path" if k == 4 else "primary" for k in range(len(rows))],
        "length_m": [line.length for line in lines], "oneway": [one for *_, one in rows],
        "bridge": [bridge for *_, bridge, _ in rows], "maxspeed_kmh": np.nan,
        "name": pd.Series(["长桥", "长桥", "长桥", None, "小路", None, None, None], dtype=object),
        "geometry": lines}, geometry="geometry", crs=CRS)
    nodes = pd.DataFrame({"node": range(len(ends)), "x": [X + x for x, _ in ends], "y": [Y + y for _, y in ends]})
    return RoadTable(nodes, edges)


def closed_at(x, y, what="bridge", **more):
    lon, lat = transform(np.array([X + x]), np.array([Y + y]), CRS, WGS84)
    return ClosedRoad(lon=float(lon[0]), lat=float(lat[0]), what=what, reason="冲毁", **more)


class _Config:
    def __init__(self, *closed):
        self.inputs = type("I", (), {"roads": RoadsSource(file="x.gpkg", closed=closed)})
        self.county = type("C", (), {"crs": CRS})


def both(*closed):
    table, findings = roads(), Findings()
    read = close_roads(RoadsSource(file="x.gpkg", closed=closed), table, Frame(CRS), findings)
    return read.closed, closed_edges(_Config(*closed), table) if not findings.faults else None, findings


def test_pieces_that_join_both_carriageways_and_the_path_beside_are_one_bridge():
    assert bridge_of_edge(roads()).tolist() == [0, 0, 0, 0, 0, 1, -1, -1]
    assert road_name(roads(), np.arange(5)) == "长桥" and road_name(roads(), np.array([5])) is None


def test_any_point_of_the_bridge_closes_all_of_it_for_reader_and_verifier_alike():
    for point in ((50, 0), (150, 14), (100, -9), (10, 40)):
        read, recounted, findings = both(closed_at(*point))
        assert read == recounted == {0, 1, 2, 3, 4}
        assert not findings.faults and "冲毁" in findings.notes[0].zh
    assert both(closed_at(100, 905))[0] == {5}
    read, recounted, _ = both(closed_at(100, 905), closed_at(0, 0))
    assert read == recounted == set(range(6))


def test_a_piece_of_road_is_closed_alone():
    read, recounted, findings = both(closed_at(300, 1, "road", reason_en="a slide"))
    assert read == recounted == {6} and "a slide" in findings.notes[0].en


@pytest.mark.parametrize(("point", "what"), [((300, 400), "bridge"), ((300, 400), "road"), ((5e6, 5e6), "bridge")])
def test_nothing_near_the_point_is_a_fault_that_names_the_entry(point, what):
    _, _, findings = both(closed_at(50, 0), closed_at(*point, what=what))
    assert [(f.code, f.field) for f in findings.faults] == [("nothing_to_close", "inputs.roads.closed.1")]


def test_roads_without_any_bridge_say_so():
    table, findings = roads(), Findings()
    table.edges["bridge"] = False
    close_roads(RoadsSource(file="x.gpkg", closed=(closed_at(50, 0),)), table, Frame(CRS), findings)
    assert [f.code for f in findings.faults] == ["nothing_to_close"]


def test_nobody_travels_on_a_closed_edge():
    table = RoadTable(roads().nodes, roads().edges, frozenset({0, 1}))
    assert np.isnan(edge_speeds(table, _Mode())[[0, 1]]).all() and not np.isnan(edge_speeds(table, _Mode())[2:]).any()
    assert not {0, 1} & set(build_network(table, "m", _Mode()).arc_edge.tolist())
    recount = RoadRecount(table, _Mode(), {0, 1})
    assert not recount.usable[[0, 1]].any() and recount.usable[2:].all()
