"""What must hold for travel times on any roads: order, symmetry, monotony, saturation."""

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "network"))

from network_helpers import DRIVE, EBIKE, WALK, awkward_points, awkward_roads, road_table

from facilityplan.access.times import ladder_times, nearest, travel_times
from facilityplan.inputs.tables import RoadTable
from facilityplan.network import build_network, snap
from facilityplan.network.types import SnappedPoints
from facilityplan.units import UNREACHABLE_DS

SEEDS = st.integers(0, 10**6)
MODES = st.sampled_from([WALK, EBIKE, DRIVE])
few = settings(max_examples=60, deadline=None)


def make(seed, mode, origins=8, sites=6):
    rng = np.random.default_rng(seed)
    roads = awkward_roads(rng, nodes=4 + seed % 11, lines=seed % 23)
    network = build_network(roads, "m", mode)
    places = [snap(network, roads, awkward_points(rng, roads, n), np.arange(n)) for n in (origins, sites)]
    return rng, roads, network, *places


def dense(times):
    out = np.full((len(times.origin_ids), len(times.site_ids)), UNREACHABLE_DS, dtype=np.int64)
    out[np.repeat(np.arange(len(out)), np.diff(times.indptr)), times.site] = times.ds
    return out


def every(network, origins, sites):
    return dense(travel_times(network, origins, sites, 10**9))


def take(points, rows):
    return SnappedPoints(**{f.name: getattr(points, f.name)[rows] for f in fields(points)})


@few
@given(SEEDS, MODES)
def test_order_of_points_changes_nothing(seed, mode):
    rng, _, network, origins, sites = make(seed, mode)
    o, s = rng.permutation(8), rng.permutation(6)
    assert np.array_equal(every(network, take(origins, o), take(sites, s)), every(network, origins, sites)[o][:, s])


@few
@given(SEEDS, MODES)
def test_order_and_ids_of_roads_change_no_time(seed, mode):
    """Ids decide ties between edges, and at a shared junction any of the tied edges must give the same times.

    Points that come equally near two roads away from a junction are another matter: they are left out.
    """
    rng, roads, network, _, _ = make(seed, mode)
    xy = rng.random((8, 2)) * 700
    xy[:4] = roads.nodes[["x", "y"]].to_numpy()[rng.integers(0, len(roads.nodes), 4)]
    order = rng.permutation(len(roads.edges))
    edges = roads.edges.iloc[order].reset_index(drop=True)
    edges["edge"] = np.arange(len(edges))
    moved = RoadTable(roads.nodes, edges)
    again = build_network(moved, "m", mode)
    assert np.array_equal(network.component, again.component)
    a, b = snap(network, roads, xy, np.arange(8)), snap(again, moved, xy, np.arange(8))
    alike = (a.edge < 0) | (order[b.edge] == a.edge if len(order) else True) | (
        np.isin(a.fraction, [0, 1]) & np.isin(b.fraction, [0, 1]))
    ends = alike & (a.edge >= 0)
    at = [np.where(p.fraction[ends] == 0, n.edge_uv[p.edge[ends], 0], n.edge_uv[p.edge[ends], 1])
          for p, n in ((a, network), (b, again))]
    keep = np.flatnonzero(alike)
    if len(at[0]):
        alike[ends] &= (at[0] == at[1]) | (order[b.edge[ends]] == a.edge[ends])
        keep = np.flatnonzero(alike)
    assert np.array_equal(every(network, take(a, keep), take(a, keep)), every(again, take(b, keep), take(b, keep)))


@few
@given(SEEDS)
def test_walking_takes_as_long_there_as_back(seed):
    _, _, network, origins, sites = make(seed, WALK)
    assert np.array_equal(every(network, origins, sites), every(network, sites, origins).T)


@few
@given(SEEDS, MODES, st.floats(1.0, 3.0))
def test_faster_is_never_slower(seed, mode, factor):
    _, roads, network, _, _ = make(seed, mode)
    faster = mode.model_copy(update={"speeds_kmh": {k: v * factor for k, v in mode.speeds_kmh.items()}})
    if max(mode.speeds_kmh.values()) <= 30 < max(faster.speeds_kmh.values()):
        return  # it becomes a motor mode, which posted speeds hold back
    other = build_network(roads, "m", faster)
    xy = awkward_points(np.random.default_rng(seed), roads, 8)
    base, points = snap(network, roads, xy, np.arange(8)), snap(other, roads, xy, np.arange(8))
    assert (every(other, points, points) <= every(network, base, base)).all()


@few
@given(SEEDS, MODES)
def test_one_more_open_site_never_makes_anybody_farther(seed, mode):
    rng, _, network, origins, sites = make(seed, mode)
    fewer = rng.random(6) < 0.5
    more = fewer | (rng.random(6) < 0.5)
    a, b = nearest(network, origins, sites, fewer), nearest(network, origins, sites, more)
    assert (b.ds <= a.ds).all()
    same = (a.ds == b.ds) & (a.site >= 0)
    assert (b.site[same] <= a.site[same]).all()


@few
@given(SEEDS, MODES, st.integers(0, 6000), st.integers(0, 6000))
def test_a_cutoff_only_leaves_out(seed, mode, cut, more):
    _, _, network, origins, sites = make(seed, mode)
    near, far = (dense(travel_times(network, origins, sites, c)) for c in (cut, cut + more))
    assert np.array_equal(near, np.where(far <= cut, far, UNREACHABLE_DS))


@few
@given(SEEDS, MODES)
def test_ladders_and_nearest_agree(seed, mode):
    rng, _, network, origins, sites = make(seed, mode)
    permanent = rng.random(6) < 0.4
    ladder = ladder_times(network, origins, sites, np.ones(6, dtype=bool), permanent)
    best = nearest(network, origins, sites, permanent)
    for o in range(8):
        row = slice(ladder.indptr[o], ladder.indptr[o + 1])
        first = [(ds, j) for ds, j in zip(ladder.ds[row], ladder.site[row], strict=True) if permanent[j]]
        if best.ds[o] <= 144_000:
            assert first[0] == (best.ds[o], best.site[o])
            assert ladder.ds[row].max() == best.ds[o]


@pytest.mark.parametrize("length_km", [5_000, 200_000, 400_000])
def test_endless_roads_saturate_and_never_wrap(length_km):
    """Three edges in a row, whose sum passes int32 (or each of which does): no way, never a negative time."""
    nodes = [(k * length_km * 1000.0, 0) for k in range(4)]
    roads = road_table(nodes, [(k, k + 1, "primary", False, []) for k in range(3)])
    network = build_network(roads, "walk", WALK)
    points = snap(network, roads, np.array(nodes), np.arange(4))
    wanted = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) * length_km * 8000
    wanted = np.where((wanted >= UNREACHABLE_DS), UNREACHABLE_DS, wanted)
    if length_km == 400_000:  # not even the single edge can be travelled
        assert len(network.heads) == 0
        return
    found = np.stack([nearest(network, points, points, np.arange(4) == k).ds for k in range(4)], axis=1)
    assert np.array_equal(found, wanted)
    assert np.array_equal(dense(travel_times(network, points, points, 2**31 - 2)), wanted)


def test_a_walk_too_long_for_int32_is_no_way():
    roads = road_table([(0, 0), (100, 0)], [(0, 1, "primary", False, [])])
    network = build_network(roads, "walk", WALK)
    points = snap(network, roads, np.array([[0.0, 1e9], [0.0, 2e8], [50.0, 0.0]]), np.arange(3))
    assert points.walk_ds.tolist() == [UNREACHABLE_DS, 1_600_000_000, 0]
    here = np.array([False, True, False])
    assert nearest(network, points, points, here).ds.tolist() == [UNREACHABLE_DS, UNREACHABLE_DS, 1_600_000_400]
    assert dense(travel_times(network, points, points, 2**31 - 2))[:, 1].tolist() == [
        UNREACHABLE_DS, UNREACHABLE_DS, 1_600_000_400]


def test_speeds_are_set_on_every_edge_before_anything_else():
    """Two stretches at different speeds in a row take the sum of both, not the length at either's speed."""
    nodes = [(0, 0), (1000, 0), (2000, 0)]
    roads = road_table(nodes, [(0, 1, "primary", False, []), (1, 2, "footway", False, [])])
    network = build_network(roads, "ebike", EBIKE)
    points = snap(network, roads, np.array(nodes, dtype=float), np.arange(3))
    assert every(network, points, points)[0].tolist() == [0, 1800, 1800 + 6000]
