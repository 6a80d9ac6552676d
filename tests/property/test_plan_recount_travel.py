"""The verifier's own roads, snapping, paths and territories agree with `network` and `access` on random roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from facilityplan.access import nearest, travel_times, village_adjacency
from facilityplan.config.schema import TravelMode
from facilityplan.inputs.tables import RoadTable
from facilityplan.network import build_network, snap
from facilityplan.plan.recount_travel import NEVER, RoadRecount
from facilityplan.units import UNREACHABLE_DS

MODES = [
    TravelMode(name="车", name_en="car", off_road_kmh=4.5, speeds_kmh={"primary": 60, "residential": 30}),
    TravelMode(name="电", name_en="e-bike", off_road_kmh=4.5, speeds_kmh={"residential": 18, "track": 7}),
    TravelMode(name="步", name_en="walk", off_road_kmh=3, obeys_oneway=False,
               speeds_kmh={"primary": 3, "residential": 3, "track": 3, "steps": 1}),
]
CLASSES = ["primary", "primary_link", "residential", "track", "steps", "motorway"]


def random_roads(rng: np.random.Generator, nodes: int, edges: int, *, lattice: bool) -> RoadTable:
    """Roads with bends, one-way lanes, parallel edges, closed ways, islands; on a lattice many exact ties arise."""
    xy = np.unique(rng.integers(0, 8, (nodes, 2)) * 100.0 if lattice else rng.uniform(0, 900, (nodes, 2)), axis=0)
    n = len(xy)
    rows = []
    for _ in range(edges):
        u, v = rng.integers(0, n, 2)
        if u == v:
            continue
        bend = [] if lattice or rng.random() < 0.6 else [(xy[u] + xy[v]) / 2 + rng.normal(0, 40, 2)]
        line = shapely.LineString([xy[u], *bend, xy[v]])
        copies = 2 if rng.random() < 0.15 else 1
        for _ in range(copies):
            rows.append((u, v, str(rng.choice(CLASSES, p=[0.2, 0.1, 0.4, 0.15, 0.1, 0.05])), line.length,
                         bool(rng.random() < 0.25), float(rng.choice([np.nan, 20, 40, 0])), line))
    frame = gpd.GeoDataFrame({
        "edge": np.arange(len(rows)), "u": [r[0] for r in rows], "v": [r[1] for r in rows],
        "road_class": [r[2] for r in rows], "length_m": [r[3] for r in rows], "oneway": [r[4] for r in rows],
        "bridge": False, "maxspeed_kmh": [r[5] for r in rows], "name": None}, geometry=[r[6] for r in rows],
        crs="EPSG:4549")
    return RoadTable(pd.DataFrame({"node": np.arange(n), "x": xy[:, 0], "y": xy[:, 1]}), frame)


def points(rng: np.random.Generator, roads: RoadTable, count: int, *, lattice: bool) -> np.ndarray:
    """Points near roads, on them, at junctions; on a lattice halfway between roads."""
    xy = rng.integers(-1, 17, (count, 2)) * 50.0 if lattice else rng.uniform(-100, 1_000, (count, 2))
    at = rng.random(count) < 0.3
    xy[at] = roads.nodes[["x", "y"]].to_numpy()[rng.integers(0, len(roads.nodes), at.sum())]
    return xy


def never_for(ds: np.ndarray) -> np.ndarray:
    return np.where(ds == UNREACHABLE_DS, NEVER, ds)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), lattice=st.booleans(), mode=st.sampled_from(range(3)))
def test_times_nearest_and_territories_agree(seed, lattice, mode):
    rng = np.random.default_rng(seed)
    roads = random_roads(rng, int(rng.integers(4, 30)), int(rng.integers(3, 45)), lattice=lattice)
    if not len(roads.edges):
        return
    network = build_network(roads, "m", MODES[mode])
    recount = RoadRecount(roads, MODES[mode])
    xy_a, xy_b = points(rng, roads, 25, lattice=lattice), points(rng, roads, 9, lattice=lattice)
    cells, sites = snap(network, roads, xy_a, np.arange(25)), snap(network, roads, xy_b, np.arange(9))
    own_cells, own_sites = recount.join(xy_a), recount.join(xy_b)
    assert own_cells.edge.tolist() == cells.edge.tolist()
    on = cells.edge >= 0
    assert np.array_equal(own_cells.walk[on], cells.walk_ds[on])

    is_open = rng.random(9) < 0.6
    theirs, ours = nearest(network, cells, sites, is_open), recount.nearest(own_cells, own_sites, is_open)
    assert ours.ds.tolist() == never_for(theirs.ds).tolist()
    assert ours.site.tolist() == theirs.site.tolist()

    limit = int(rng.integers(500, 20_000))
    table = travel_times(network, cells, sites, limit)
    dense = np.full((25, 9), NEVER)
    dense[np.repeat(np.arange(25), np.diff(table.indptr)), table.site] = table.ds
    assert recount.times_between(own_cells, own_sites, limit).tolist() == dense.tolist()
    assert recount.times_to(own_cells, own_sites, limit).tolist() == dense.tolist()

    ids = np.array([f"v{k}" for k in range(9)], dtype=object)
    villages = snap(network, roads, xy_b, ids)
    met = {(ids[a], ids[b]) for a, b in recount.meeting(own_sites)}
    assert met == set(village_adjacency(network, villages))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), lattice=st.booleans(), mode=st.sampled_from(range(3)))
def test_scipy_and_networkx_give_the_same_second_opinion(seed, lattice, mode):
    rng = np.random.default_rng(seed)
    roads = random_roads(rng, 20, 35, lattice=lattice)
    recount = RoadRecount(roads, MODES[mode])
    if not recount.usable.any():
        return
    xy, sites = points(rng, roads, 12, lattice=lattice), recount.join(points(rng, roads, 6, lattice=lattice))
    is_open = rng.random(6) < 0.7
    found = recount.nearest(recount.join(xy), sites, is_open)
    for k, ds in enumerate(found.ds.tolist()):
        slow = recount.slow_nearest(xy[k], sites, is_open, ds if ds != NEVER else 40_000)
        assert slow == (None if ds == NEVER else ds)


def test_a_claim_that_is_too_long_is_seen_by_the_second_opinion():
    rng = np.random.default_rng(3)
    roads = random_roads(rng, 20, 40, lattice=True)
    recount = RoadRecount(roads, MODES[2])
    sites = recount.join(points(rng, roads, 4, lattice=True))
    xy = points(rng, roads, 8, lattice=True)
    found = recount.nearest(recount.join(xy), sites, np.ones(4, dtype=bool))
    for k in np.flatnonzero(found.ds != NEVER):
        assert recount.slow_nearest(xy[k], sites, np.ones(4, dtype=bool), int(found.ds[k]) + 600) == found.ds[k]


def test_no_usable_road_means_no_way():
    rng = np.random.default_rng(0)
    roads = random_roads(rng, 6, 8, lattice=False)
    nothing = TravelMode(name="船", name_en="boat", off_road_kmh=4.5, speeds_kmh={"ferry": 10})
    recount = RoadRecount(roads, nothing)
    joints = recount.join(np.array([[0.0, 0.0], [5.0, 5.0]]))
    assert joints.edge.tolist() == [-1, -1]
    assert recount.nearest(joints, joints, np.array([True, True])).ds.tolist() == [NEVER, NEVER]
    assert (recount.times_between(joints, joints) == NEVER).all()
    assert recount.meeting(joints) == set()


@pytest.mark.campaign
@settings(max_examples=3_000, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), lattice=st.booleans(), mode=st.sampled_from(range(3)))
def test_campaign_of_random_roads(seed, lattice, mode):
    test_times_nearest_and_territories_agree.hypothesis.inner_test(seed, lattice, mode)
