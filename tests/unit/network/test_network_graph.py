"""Speeds, times, directions, parts and the turned-round graph."""

import numpy as np
import pytest
from network_helpers import DRIVE, EBIKE, WALK, awkward_roads, road_table

from facilityplan.config.schema import TravelMode
from facilityplan.network import build_network
from facilityplan.network.graph import edge_speeds, travel_ds
from facilityplan.units import UNREACHABLE_DS

SQUARE = [(0, 0), (0, 100), (100, 0), (100, 100)]


def test_links_go_as_their_main_class_unless_they_have_a_speed_of_their_own():
    mode = TravelMode(name="", name_en="", off_road_kmh=4, speeds_kmh={"primary": 20, "trunk": 25, "trunk_link": 12})
    roads = road_table(SQUARE, [(0, 1, c, False, []) for c in ("primary_link", "trunk_link", "track_link", "track")])
    assert edge_speeds(roads, mode)[:2].tolist() == [20, 12]
    assert np.isnan(edge_speeds(roads, mode)[2:]).all()


@pytest.mark.parametrize(("mode", "speeds"), [(DRIVE, [40, 60, 60, 60]), (EBIKE, [20, 20, 20, 20])])
def test_posted_speeds_cap_motor_modes_only(mode, speeds):
    lines = [(0, 1, "primary", False, [], posted) for posted in (40.0, np.nan, 80.0, 0.0)]
    assert edge_speeds(road_table(SQUARE, lines), mode).tolist() == speeds


def test_posted_speed_is_a_cap_for_a_mode_faster_than_30_and_for_none_at_30():
    roads = road_table(SQUARE, [(0, 1, "primary", False, [], 10.0)])
    for fastest, speed in ((30, 20), (30.1, 10)):
        mode = TravelMode(name="", name_en="", off_road_kmh=4, speeds_kmh={"primary": 20, "trunk": fastest})
        assert edge_speeds(roads, mode).tolist() == [speed]


def test_arc_times_round_half_up_and_saturate():
    # 12.5 m at 36 km/h = 12.5 ds; no length, no time; any length at least 1 ds; no speed, no way
    lengths = np.array([12.5, 0.0, 1e-9, 10.0, 1e12])
    ds = travel_ds(lengths, np.array([36, 36, 36, np.nan, 1.0]))
    assert ds.tolist() == [13, 0, 1, UNREACHABLE_DS, UNREACHABLE_DS]


def test_one_way_roads_bind_those_who_obey():
    roads = road_table(SQUARE, [(0, 1, "primary", True, []), (3, 1, "primary", True, [])])
    ride, walk = build_network(roads, "ebike", EBIKE), build_network(roads, "walk", WALK)
    assert list(zip(np.repeat(range(4), np.diff(ride.indptr)), ride.heads, strict=True)) == [(0, 1), (3, 1)]
    assert ride.edge_backward_ds.tolist() == [UNREACHABLE_DS] * 2
    assert (walk.edge_backward_ds == walk.edge_forward_ds).all()
    assert len(walk.heads) == 4


def test_unusable_edges_have_no_arcs_and_parts_are_numbered_largest_first():
    roads = road_table([*SQUARE, (500, 0), (500, 50)],
                       [(4, 5, "primary", False, []), (0, 1, "motorway", False, []), (0, 2, "primary", True, []),
                        (2, 3, "primary", False, [])])
    network = build_network(roads, "ebike", EBIKE)
    assert network.component.tolist() == [0, -1, 0, 0, 1, 1]
    assert 1 not in network.arc_edge
    assert network.edge_forward_ds[1] == network.edge_backward_ds[1] == UNREACHABLE_DS


@pytest.mark.parametrize("seed", range(5))
def test_turning_round_twice_gives_the_same_arcs(seed):
    network = build_network(awkward_roads(np.random.default_rng(seed)), "ebike", EBIKE)

    def arcs(indptr, heads, ds):
        return sorted(zip(np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)).tolist(), heads.tolist(), ds.tolist(),
                          strict=True))

    indptr, heads, ds = network.reversed_csr()
    there = arcs(network.indptr, network.heads, network.arc_ds)
    assert arcs(indptr, heads, ds) == sorted((head, tail, d) for tail, head, d in there)
    assert (indptr.dtype, heads.dtype, ds.dtype) == (np.int64, np.int32, np.int32)


def test_no_roads_at_all_make_an_empty_graph():
    network = build_network(road_table([], []), "walk", WALK)
    assert len(network.heads) == 0
    assert network.indptr.tolist() == [0]
