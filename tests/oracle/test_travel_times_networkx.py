"""Every travel time equals networkx's on random multigraphs full of loops, one-way roads, islands, ties and ends."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "network"))

from network_helpers import DRIVE, EBIKE, WALK, awkward_points, awkward_roads, county_roads, networkx_times

from facilityplan.access.times import ladder_times, nearest, travel_times
from facilityplan.network import build_network, snap
from facilityplan.units import UNREACHABLE_DS

MODES = {"walk": WALK, "ebike": EBIKE, "drive": DRIVE}


def case(seed, mode_id, **size):
    rng = np.random.default_rng(seed)
    roads = awkward_roads(rng, **size)
    network = build_network(roads, mode_id, MODES[mode_id])
    origins = snap(network, roads, awkward_points(rng, roads, 12), np.arange(12))
    sites = snap(network, roads, awkward_points(rng, roads, 7), np.array([f"s{k}" for k in range(7)], dtype=object))
    return rng, roads, network, origins, sites


def dense(times):
    out = np.full((len(times.origin_ids), len(times.site_ids)), -1, dtype=np.int64)
    for o in range(len(out)):
        row = slice(times.indptr[o], times.indptr[o + 1])
        out[o, times.site[row]] = times.ds[row]
        keys = list(zip(times.ds[row], times.site[row], strict=True))
        assert keys == sorted(set(keys))
    return out


def lowest_nearest(wanted, is_open):
    """(ds, site) of the nearest open site by a plain scan, the lowest position first."""
    masked = np.where((wanted >= 0) & is_open, wanted, UNREACHABLE_DS)
    ds = masked.min(axis=1)
    return ds, np.where(ds < UNREACHABLE_DS, masked.argmin(axis=1), -1)


@pytest.mark.parametrize("mode_id", MODES)
@pytest.mark.parametrize("seed", range(60))
def test_pairs_nearest_and_ladders_equal_networkx(seed, mode_id):
    rng, roads, network, origins, sites = case(seed, mode_id, nodes=4 + seed % 12, lines=seed % 25)
    wanted = networkx_times(roads, MODES[mode_id], origins, sites)
    assert np.array_equal(dense(travel_times(network, origins, sites, 10**9)), wanted)
    cutoff = int(rng.integers(0, 4000))
    assert np.array_equal(dense(travel_times(network, origins, sites, cutoff)), np.where(wanted <= cutoff, wanted, -1))
    is_open = rng.random(7) < 0.6
    found = nearest(network, origins, sites, is_open)
    ds, site = lowest_nearest(wanted, is_open)
    assert np.array_equal(found.ds, ds)
    assert np.array_equal(found.site, site)
    counted, permanent = rng.random(7) < 0.8, rng.random(7) < 0.3
    limit = np.minimum(lowest_nearest(wanted, counted & permanent)[0], 240 * 600)[:, None]
    assert np.array_equal(dense(ladder_times(network, origins, sites, counted, permanent)),
                          np.where((wanted <= limit) & counted, wanted, -1))


def test_awkward_cases_are_all_there():
    """The campaign above means nothing if its cases are tame: count what it holds."""
    names = ["same_edge", "at_end_of_oneway", "no_way", "tie", "zero_walk", "island", "no_edge", "loop"]
    seen = dict.fromkeys(names, 0)
    for seed in range(60):
        for mode_id in MODES:
            _, roads, network, origins, sites = case(seed, mode_id, nodes=4 + seed % 12, lines=seed % 25)
            on = origins.edge >= 0
            edges = roads.edges.iloc[origins.edge[on]]
            wanted = dense(travel_times(network, origins, sites, 10**9))
            seen["same_edge"] += int(np.isin(origins.edge[on], sites.edge).sum())
            seen["at_end_of_oneway"] += int((edges["oneway"].to_numpy() & np.isin(origins.fraction[on], [0, 1])).sum())
            seen["loop"] += int((edges["u"] == edges["v"]).sum())
            seen["no_way"] += int((wanted < 0).sum())
            seen["tie"] += int(sum(len(set(row[row >= 0])) < (row >= 0).sum() for row in wanted))
            seen["zero_walk"] += int((origins.walk_ds[on] == 0).sum())
            seen["island"] += int((network.component > 0).any())
            seen["no_edge"] += int((~on).sum())
    assert min(seen.values()) >= 20, seen


@pytest.mark.parametrize("mode_id", ["ebike", "drive"])
def test_county_sized_graph_equals_networkx_on_a_sample(mode_id):
    rng = np.random.default_rng(7)
    roads = county_roads(rng, nodes=3000, width_m=16_000)
    network = build_network(roads, mode_id, MODES[mode_id])
    origins = snap(network, roads, rng.random((25, 2)) * 16_000, np.arange(25))
    sites = snap(network, roads, rng.random((40, 2)) * 16_000, np.arange(40))
    wanted = networkx_times(roads, MODES[mode_id], origins, sites)
    assert (wanted >= 0).mean() > 0.5
    assert np.array_equal(dense(travel_times(network, origins, sites, 10**9)), wanted)
    is_open = rng.random(40) < 0.5
    found = nearest(network, origins, sites, is_open)
    ds, site = lowest_nearest(wanted, is_open)
    assert np.array_equal(found.ds, ds)
    assert np.array_equal(found.site, site)
