"""A graph passes through osmnx, in memory, as GraphML and as GeoDataFrames, and comes back unchanged."""

import sys
from pathlib import Path

import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "network"))

from network_helpers import CRS, DRIVE, EBIKE, awkward_roads, county_roads, road_table

from facilityplan.inputs.cutting import ATTRIBUTES, Lines, cut_lines
from facilityplan.network import build_network
from facilityplan.network.bridge import from_osmnx, to_networkx


def canonical(roads):
    """The same roads as the readers would hand them on."""
    lines = roads.edges.geometry.to_numpy()
    xy, line = shapely.get_coordinates(lines, return_index=True)
    key = 10_000_000 + np.arange(len(xy))
    size = np.bincount(line, minlength=len(lines))
    key[np.cumsum(size) - 1], key[np.cumsum(size) - size] = roads.edges["v"], roads.edges["u"]
    return cut_lines(Lines(xy, key, line, roads.edges[list(ATTRIBUTES)]), CRS)


def assert_same(a, b):
    pd.testing.assert_frame_equal(a.nodes, b.nodes, check_exact=True)
    columns = [c for c in a.edges.columns if c != "geometry"]
    pd.testing.assert_frame_equal(pd.DataFrame(a.edges[columns]), pd.DataFrame(b.edges[columns]), check_exact=True)
    assert shapely.to_wkb(a.edges.geometry.to_numpy()).tolist() == shapely.to_wkb(b.edges.geometry.to_numpy()).tolist()
    assert a.edges.crs == b.edges.crs


def through_graphml(graph, tmp_path):
    osmnx.save_graphml(graph, tmp_path / "g.graphml")
    return osmnx.load_graphml(tmp_path / "g.graphml")


def through_geodataframes(graph, tmp_path):
    nodes, edges = osmnx.graph_to_gdfs(graph)
    return osmnx.graph_from_gdfs(nodes, edges, graph_attrs=graph.graph)


@pytest.mark.parametrize("journey", [lambda g, _: g, through_graphml, through_geodataframes])
@pytest.mark.parametrize("seed", range(12))
def test_roads_come_back_unchanged(seed, journey, tmp_path):
    roads = canonical(awkward_roads(np.random.default_rng(seed), lines=24))
    assert len(roads.edges) > 10
    assert_same(from_osmnx(journey(to_networkx(roads), tmp_path), CRS), roads)


def test_a_county_comes_back_unchanged(tmp_path):
    roads = canonical(county_roads(np.random.default_rng(3), nodes=1500))
    assert_same(from_osmnx(through_graphml(to_networkx(roads), tmp_path), CRS), roads)


def test_undirected_osmnx_graphs_keep_every_street():
    roads = canonical(county_roads(np.random.default_rng(4), nodes=300))
    back = from_osmnx(osmnx.convert.to_undirected(to_networkx(roads)), CRS)
    assert_same(back, roads)


@pytest.mark.parametrize("mode", [EBIKE, DRIVE])
def test_osmnx_routes_take_as_long_as_ours(mode):
    roads = canonical(county_roads(np.random.default_rng(5), nodes=600))
    network = build_network(roads, "m", mode)
    graph = to_networkx(roads, network)
    assert graph.number_of_edges() == len(network.heads)
    ours = nx.MultiDiGraph()
    tails = np.repeat(np.arange(len(network.node_xy)), np.diff(network.indptr))
    ours.add_weighted_edges_from(zip(tails.tolist(), network.heads.tolist(), network.arc_ds.tolist(), strict=True))
    assert (nx.single_source_dijkstra_path_length(graph, 7, weight="arc_ds")
            == nx.single_source_dijkstra_path_length(ours, 7))
    route = osmnx.shortest_path(graph, 7, 300, weight="travel_time")
    assert route is not None and route[0] == 7 and route[-1] == 300


def test_lists_units_and_missing_mirrors_of_real_osmnx_graphs():
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for node, (x, y) in {11: (120.0, 30.0), 12: (120.01, 30.0), 13: (120.02, 30.0)}.items():
        graph.add_node(node, x=x, y=y)
    two_way = {"highway": ["residential", "tertiary"], "maxspeed": ["30 mph", "50"], "oneway": False, "bridge": "yes"}
    graph.add_edge(11, 12, **two_way, reversed=False)
    graph.add_edge(12, 11, **two_way, reversed=True)
    graph.add_edge(13, 12, highway="primary", oneway=False, name="['a', 'b']")  # the way back was clipped off
    edges = from_osmnx(graph, CRS).edges
    assert edges["road_class"].tolist() == ["residential", "primary"]
    assert edges["oneway"].tolist() == [False, True]
    assert edges["bridge"].tolist() == [True, False]
    assert edges["maxspeed_kmh"].iloc[0] == pytest.approx(48.28, abs=0.01)
    assert edges["name"].iloc[1] == "a / b"
    assert edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [2, 1]]
    assert edges["length_m"].tolist() == pytest.approx([964.6, 964.6], abs=0.5)


def test_two_one_way_roads_that_mirror_each_other_stay_two():
    roads = canonical(road_table([(0, 0), (100, 0)], [(0, 1, "primary", True, []), (1, 0, "primary", True, [])]))
    assert len(roads.edges) == 2
    assert_same(from_osmnx(to_networkx(roads), CRS), roads)
