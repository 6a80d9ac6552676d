"""The yardsticks themselves, on shapes small enough to count by hand, and against networkx."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString

from facilityplan.demo import statistics as st


def lines(*coordinates) -> np.ndarray:
    return np.array([LineString(c) for c in coordinates], dtype=object)


def test_lines_are_cut_at_shared_vertices_only():
    # The second line meets the first at a vertex of both; the third crosses it without one (a flyover).
    graph = st.graph_of(lines([(0, 0), (10, 0), (20, 0)], [(10, 0), (10, 10)], [(5, -5), (5, 5)]))
    assert len(graph.xy) == 6 and len(graph.length) == 4
    assert sorted(graph.length.tolist()) == [10, 10, 10, 10]
    assert graph.line.tolist() == [0, 0, 1, 2]


def test_shape_of_a_cross_with_a_bend():
    # A four-way crossing with four dead ends; one arm bends at a vertex that two lines share (degree 2: not counted).
    graph = st.graph_of(lines([(-10, 0), (0, 0)], [(0, 0), (10, 0)], [(10, 0), (10, 7)], [(0, -10), (0, 0), (0, 10)]))
    shape = st.road_shape(graph)
    assert shape["mean_degree"] == pytest.approx((4 + 1 + 1 + 1 + 1) / 5)
    assert shape["dead_ends"] == pytest.approx(0.8) and shape["four_way"] == pytest.approx(0.2)


def test_entropy_of_one_direction_and_of_all():
    straight = st.road_shape(st.graph_of(lines([(0, 0), (10, 0)], [(0, 5), (10, 5)])))
    assert straight["orientation_entropy"] == pytest.approx(np.log(2) / np.log(36))
    turns = np.radians(np.arange(0, 180, 10))
    star = st.graph_of(lines(*[[(k * 100, 0), (k * 100 + np.cos(t), np.sin(t))] for k, t in enumerate(turns)]))
    assert st.road_shape(star)["orientation_entropy"] == pytest.approx(1.0)


def test_detour_of_a_square_walked_round():
    graph = st.graph_of(lines([(0, 0), (1000, 0)], [(1000, 0), (1000, 1000)], [(1000, 1000), (1000, 1001)],
                              [(1000, 0), (1000, -1)]))
    nodes = np.array([k for k, xy in enumerate(graph.xy.tolist()) if xy in ([0, 0], [1000, 1000])])
    found = st.detours(graph, nodes, 1000, 2000, np.random.default_rng(0))
    assert found == pytest.approx(2000 / np.hypot(1000, 1000))


def test_spacing_and_crowding():
    mean, cv = st.spacing(np.array([(0, 0), (3, 0), (100, 0), (105, 0)], float))
    assert mean == pytest.approx(4) and cv == pytest.approx(0.25)
    empty, top, top_populated = st.crowding(np.r_[np.zeros(80), np.full(18, 1), [40, 42]])
    assert (empty, top) == (0.8, pytest.approx(90 / 100)) and top_populated == pytest.approx(82 / 100)


def test_minutes_by_hand():
    roads = gpd.GeoDataFrame({"road_class": ["trunk"]}, geometry=lines([(0, 0), (3000, 0)]))
    cells, sites = np.array([(500.0, 75.0), (2500.0, 0.0)]), np.array([(1000.0, -150.0)])
    walked = st.minutes_to_nearest(roads, cells, sites, kmh=4.5)
    assert walked == pytest.approx([1 + 500 / 75 + 2, 1500 / 75 + 2])  # 4.5 km/h = 75 m a minute
    driven = st.minutes_to_nearest(roads, cells, sites, kmh=None)
    assert driven == pytest.approx([1 + 500 / 70 * 0.06 + 2, 1500 / 70 * 0.06 + 2])


def test_minutes_against_networkx(small):
    """Sites and cells as nodes of their own, joined to both ends of their nearest edge; same edge: straight along."""
    xs, ys = small.terrain.centres()
    lived_in = small.people > 0
    cells = np.c_[xs[lived_in], ys[lived_in]][::7]
    sites = small.facilities[["x", "y"]].to_numpy()
    graph = st.graph_of(small.roads.geometry.values)
    peer = nx.MultiGraph()
    for u, v, metres in zip(graph.u.tolist(), graph.v.tolist(), graph.length, strict=True):
        peer.add_edge(u, v, weight=metres / 75)
    joined = {}
    for kind, points in (("site", sites), ("cell", cells)):
        for k, xy in enumerate(points):
            point = shapely.Point(xy)
            edge = int(np.argmin(shapely.distance(graph.geometry, point)))
            at, walk = graph.geometry[edge].project(point), graph.geometry[edge].distance(point) / 75
            peer.add_edge((kind, k), int(graph.u[edge]), weight=walk + at / 75)
            peer.add_edge((kind, k), int(graph.v[edge]), weight=walk + (graph.length[edge] - at) / 75)
            joined.setdefault(edge, []).append((kind, k, at, walk))
    for here in joined.values():
        for kind, k, at, walk in here:
            for other, j, other_at, other_walk in here:
                if (kind, other) == ("cell", "site"):
                    peer.add_edge(("cell", k), ("site", j), weight=walk + abs(at - other_at) / 75 + other_walk)
    times = nx.multi_source_dijkstra_path_length(peer, {("site", k) for k in range(len(sites))})
    expected = np.array([times["cell", k] for k in range(len(cells))])
    found = st.minutes_to_nearest(small.roads, cells, sites, kmh=4.5)
    assert np.abs(found - expected).max() < 1e-6
