"""Adjacency by territories on the road network."""

import numpy as np
import pandas as pd
from access_helpers import EBIKE, road_table

from facilityplan.access import village_adjacency
from facilityplan.network import build_network, snap


def adjacency(nodes, lines, villages, table=None):
    roads = road_table(nodes, lines)
    network = build_network(roads, "ebike", EBIKE)
    ids = np.array(sorted(villages), dtype=object)
    return village_adjacency(network, snap(network, roads, [villages[i] for i in ids], ids), table)


LINE = [(x * 100, 0) for x in range(7)]
ROAD = [(k, k + 1, "primary", False, []) for k in range(6)]


def test_villages_along_a_road_touch_their_neighbours_only():
    assert adjacency(LINE, ROAD, {"a": (0, 0), "b": (300, 0), "c": (600, 0)}) == {("a", "b"), ("b", "c")}


def test_water_without_a_bridge_is_a_barrier():
    nodes = [*LINE, *[(x * 100, 50) for x in range(7)]]
    bank = [(k + 7, k + 8, "primary", False, []) for k in range(6)]
    villages = {"a": (0, 0), "b": (600, 0), "south": (300, 50)}
    assert adjacency(nodes, ROAD + bank, villages) == {("a", "b")}
    bridge = [(0, 7, "primary", False, [])]
    assert adjacency(nodes, ROAD + bank + bridge, villages) == {("a", "b"), ("a", "south")}


def test_roads_nobody_may_use_make_no_neighbours():
    cut = [*ROAD[:2], (2, 3, "motorway", False, []), *ROAD[3:]]
    assert adjacency(LINE, cut, {"a": (0, 0), "b": (600, 0)}) == frozenset()


def test_a_village_in_the_middle_of_one_road_lies_between_the_others():
    villages = {"a": (0, 0), "m": (50, 3), "z": (100, 0)}
    assert adjacency(LINE[:2], ROAD[:1], villages) == {("a", "m"), ("m", "z")}


def test_villages_at_one_place_are_adjacent_and_neither_disappears():
    assert adjacency(LINE, ROAD, {"a": (0, 0), "b": (0, 4), "c": (600, 0)}) == {("a", "b"), ("a", "c")}


def test_the_walk_from_road_to_village_does_not_cost_it_its_territory():
    assert ("a", "far") in adjacency(LINE, ROAD, {"a": (0, 0), "far": (300, 5000), "z": (600, 0)})


def test_a_supplied_table_rules_and_is_put_in_order():
    table = pd.DataFrame({"village_a": ["c", "a", "a"], "village_b": ["a", "c", "a"]})
    assert adjacency(LINE, ROAD, {"a": (0, 0), "b": (300, 0), "c": (600, 0)}, table) == {("a", "c")}


def test_islands_and_villages_without_roads_stay_alone():
    nodes = [*LINE, (0, 9000), (90, 9000)]
    villages = {"a": (0, 0), "b": (600, 0), "island": (30, 9000)}
    assert adjacency(nodes, [*ROAD, (7, 8, "primary", False, [])], villages) == {("a", "b")}
    assert adjacency(LINE, [(0, 1, "motorway", False, [])], villages) == frozenset()
