"""Points onto roads: nearest usable edge, ties, ends, times along the edge."""

import numpy as np
import pytest
import shapely
from network_helpers import DRIVE, EBIKE, WALK, awkward_points, awkward_roads, county_roads, road_table

from facilityplan.access.times import nearest, travel_times
from facilityplan.network import build_network, snap
from facilityplan.network.snapping import RoadIndex, on_islands, usable_edges
from facilityplan.units import UNREACHABLE_DS


def brute_force(roads, usable, xy):
    """(edge, fraction, metres) by shapely, one point and one edge at a time."""
    lines = roads.edges.geometry.to_numpy()
    rows = []
    for point in shapely.points(xy):
        distance = np.where(usable, shapely.distance(lines, point), np.inf)
        edge = int(np.flatnonzero(distance <= distance.min() + 1e-6)[0])
        fraction = lines[edge].project(point) / lines[edge].length
        rows.append((edge, fraction, distance[edge]))
    return rows


def assert_equal(roads, xy, joints, rows):
    edge, fraction, far = map(np.array, zip(*rows, strict=True))
    assert joints.edge.tolist() == edge.tolist()
    np.testing.assert_allclose(joints.walk_m, far, atol=1e-7)
    # a line may come equally near twice; then the joint must at least be one of the two places
    foot = shapely.line_interpolate_point(roads.edges.geometry.to_numpy()[edge], joints.fraction, normalized=True)
    np.testing.assert_allclose(shapely.distance(foot, shapely.points(xy)), far, atol=1e-6)
    assert (np.abs(joints.fraction - fraction) > 2e-9).mean() <= 0.1


@pytest.mark.parametrize("seed", range(40))
def test_equals_shapely_on_awkward_roads(seed):
    rng = np.random.default_rng(seed)
    roads = awkward_roads(rng, lines=3 + seed % 20)
    usable = usable_edges(build_network(roads, "m", [WALK, EBIKE, DRIVE][seed % 3]))
    if usable.any():
        xy = awkward_points(rng, roads, 30) + rng.choice([0.0, 7.3], (30, 2))
        assert_equal(roads, xy, RoadIndex(roads, usable).locate(xy), brute_force(roads, usable, xy))


def test_equals_shapely_in_a_county_and_far_outside_it():
    rng = np.random.default_rng(1)
    roads = county_roads(rng, nodes=800, width_m=9_000)
    xy = np.concatenate([rng.random((300, 2)) * 9_000, (rng.random((60, 2)) - 0.5) * 60_000])
    usable = usable_edges(build_network(roads, "ebike", EBIKE))
    assert_equal(roads, xy, RoadIndex(roads, usable).locate(xy), brute_force(roads, usable, xy))


def test_a_few_roads_very_far_apart_are_still_found():
    roads = road_table([(0, 0), (0, 10), (3e6, 4e6), (3e6, 4e6 + 10)], [(0, 1, "primary", False, []),
                                                                       (2, 3, "primary", False, [])])
    index = RoadIndex(roads, np.ones(2, dtype=bool))
    assert index.locate(np.array([[1e6, 1e6], [2.9e6, 3.9e6]])).edge.tolist() == [0, 1]


def test_ties_go_to_the_smallest_edge_and_cost_nothing_at_a_junction():
    roads = road_table([(0, 0), (100, 0), (200, 0)], [(1, 0, "primary", True, []), (1, 2, "primary", False, [])])
    points = snap(build_network(roads, "ebike", EBIKE), roads, np.array([[100.0, 30.0], [100.0, 0.0]]), np.arange(2))
    assert points.edge.tolist() == [0, 0]
    assert points.fraction.tolist() == [0, 0]
    assert points.to_u_ds.tolist() == [0, 0]  # at the junction itself: free to leave, though the road leads away
    assert points.from_v_ds.tolist() == [UNREACHABLE_DS] * 2
    assert points.walk_ds.tolist() == [240, 0]


def test_times_along_the_edge_follow_its_directions():
    roads = road_table([(0, 0), (100, 0)], [(0, 1, "tertiary", True, [])])  # 18 km/h: 200 ds
    ride = snap(build_network(roads, "ebike", EBIKE), roads, np.array([[25.0, 9.0]]), np.array(["a"]))
    assert (ride.to_u_ds[0], ride.to_v_ds[0], ride.from_u_ds[0], ride.from_v_ds[0]) == (
        UNREACHABLE_DS, 150, 50, UNREACHABLE_DS)
    walk = snap(build_network(roads, "walk", WALK), roads, np.array([[25.0, 9.0]]), np.array(["a"]))
    assert (walk.to_u_ds[0], walk.to_v_ds[0], walk.from_u_ds[0], walk.from_v_ds[0]) == (200, 600, 200, 600)
    assert walk.walk_ds[0] == 72


def test_only_edges_the_mode_may_use_count_even_on_an_island():
    roads = road_table([(0, 0), (100, 0), (0, 50), (100, 50), (0, 90), (9, 90), (0, 500), (900, 500)],
                       [(0, 1, "motorway", False, []), (2, 3, "footway", False, []), (4, 5, "primary", False, []),
                        (6, 7, "primary", False, [(50, 510)])])
    xy = np.array([[50.0, 1.0], [50.0, 600.0]])
    ride = build_network(roads, "ebike", EBIKE)
    points = snap(ride, roads, xy, np.arange(2))
    assert points.edge.tolist() == [1, 3]
    assert on_islands(ride, points).tolist() == [False, True]
    assert snap(build_network(roads, "drive", DRIVE), roads, xy, np.arange(2)).edge.tolist() == [2, 3]


def test_no_usable_road_leaves_points_in_the_air():
    roads = road_table([(0, 0), (100, 0)], [(0, 1, "motorway", False, [])])
    for table in (roads, road_table([], [])):
        points = snap(build_network(table, "walk", WALK), table, np.array([[5.0, 5.0]]), np.array(["p"]))
        assert points.edge.tolist() == [-1]
        assert np.isnan(points.walk_m[0])
        assert (points.walk_ds[0], points.to_u_ds[0], points.from_v_ds[0]) == (UNREACHABLE_DS,) * 3


def test_no_points_are_fine():
    roads = road_table([(0, 0), (100, 0)], [(0, 1, "primary", False, [])])
    assert len(snap(build_network(roads, "walk", WALK), roads, np.empty((0, 2)), np.array([])).edge) == 0


def test_read_only_arrays_are_fine():
    """Pandas hands out read-only arrays, which the compiled kernels would take for another type."""
    roads = county_roads(np.random.default_rng(2), nodes=50, width_m=900)
    network = build_network(roads, "walk", WALK)
    points = snap(network, roads, frozen(np.random.default_rng(2).random((9, 2)) * 900), np.arange(9))
    for thing in (network, points):
        for value in vars(thing).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
    assert (nearest(network, points, points, np.ones(9, dtype=bool)).ds == 2 * points.walk_ds).all()
    assert len(travel_times(network, points, points, 10**6).ds) == 81


def frozen(array):
    array.flags.writeable = False
    return array
