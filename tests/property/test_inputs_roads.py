"""Cutting lines: against a graph built segment by segment, and the same whatever the order or the drawing direction."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from facilityplan.inputs import RoadTable
from facilityplan.inputs.cutting import Lines, cut_lines, match_vertices

CRS = "EPSG:4549"
POINT = st.tuples(st.integers(0, 4), st.integers(0, 4))
LINE = st.tuples(st.lists(POINT, min_size=2, max_size=6), st.sampled_from(["primary", "track"]), st.booleans(),
                 st.sampled_from([None, "甲", "乙"]))
LINES = st.lists(LINE, max_size=8)


def cut(lines: list[tuple]) -> RoadTable:
    xy = np.array([p for points, *_ in lines for p in points], dtype=float).reshape(-1, 2) * 100
    rows = np.repeat(np.arange(len(lines)), [len(points) for points, *_ in lines])
    attributes = pd.DataFrame({
        "road_class": pd.Series([c for _, c, *_ in lines], dtype=object),
        "oneway": np.array([o for _, _, o, _ in lines], dtype=bool), "bridge": False, "maxspeed_kmh": np.nan,
        "name": pd.Series([n for *_, n in lines], dtype=object)})
    return cut_lines(Lines(xy, match_vertices(xy) if len(xy) else np.empty(0, np.int64), rows, attributes), CRS)


def length(points: list[tuple[int, int]]) -> float:
    return float(np.hypot(*np.diff(np.array(points, dtype=float) * 100, axis=0).T).sum())


@settings(max_examples=80, deadline=None)
@given(LINES)
def test_pieces_are_the_lines_cut_at_shared_vertices(lines):
    table = cut(lines)
    edges, nodes = table.edges, table.nodes
    assert (edges["length_m"] > 0).all()
    np.testing.assert_allclose(shapely.length(edges.geometry.to_numpy()), edges["length_m"])
    # Every vertex that two lines, or two visits, share is a node; so is every end; nothing else is.
    visits: dict[tuple[int, int], int] = {}
    ends = set()
    for points, *_ in lines:
        walk = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
        if len(walk) < 2:
            continue
        ends |= {walk[0], walk[-1]}
        for p in walk:
            visits[p] = visits.get(p, 0) + 1
    expected = sorted((100.0 * x, 100.0 * y) for x, y in ends | {p for p, n in visits.items() if n > 1})
    assert sorted(map(tuple, nodes[["x", "y"]].to_numpy().tolist())) == expected
    place = {n: (x, y) for n, x, y in nodes.itertuples(index=False)}
    for edge in edges.itertuples():
        assert edge.geometry.coords[0] == place[edge.u]
        assert edge.geometry.coords[-1] == place[edge.v]
        assert not set(edge.geometry.coords[1:-1]) & set(place.values())


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_shortest_paths_survive_the_cutting(lines):
    """Against networkx on every single segment, direction included."""
    table = cut(lines)
    whole, pieces = nx.MultiDiGraph(), nx.MultiDiGraph()
    for points, _, oneway, _ in lines:
        for a, b in pairwise(points):
            metres = length([a, b])
            whole.add_edge(a, b, metres=metres)
            if not oneway:
                whole.add_edge(b, a, metres=metres)
    place = {n: (round(x / 100), round(y / 100)) for n, x, y in table.nodes.itertuples(index=False)}
    for e in table.edges.itertuples():
        pieces.add_edge(place[e.u], place[e.v], metres=e.length_m)
        if not e.oneway:
            pieces.add_edge(place[e.v], place[e.u], metres=e.length_m)
    for node in pieces:
        want = nx.single_source_dijkstra_path_length(whole, node, weight="metres")
        got = nx.single_source_dijkstra_path_length(pieces, node, weight="metres")
        assert got.keys() == want.keys() & set(place.values())
        for other, metres in got.items():
            assert abs(metres - want[other]) < 1e-6


@settings(max_examples=60, deadline=None)
@given(LINES, st.randoms(use_true_random=False))
def test_order_and_drawing_direction_do_not_matter(lines, dice):
    base = cut(lines)
    again = [(points if oneway or dice.random() < 0.5 else points[::-1], kind, oneway, name)
             for points, kind, oneway, name in lines]
    dice.shuffle(again)
    table = cut(again)
    assert_frame_equal(table.nodes, base.nodes, check_exact=True)
    assert_frame_equal(table.edges, base.edges, check_exact=True)


@settings(max_examples=30, deadline=None)
@given(LINES)
def test_a_line_given_twice_counts_once(lines):
    table = cut(lines)
    doubled = cut(lines + lines)
    assert doubled.edges["length_m"].sum() - table.edges["length_m"].sum() < 1e-6
