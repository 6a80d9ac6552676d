"""Every travel time equals networkx's on random multigraphs full of loops, one-way roads, islands, ties and ends."""

import os
import sys
import time
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "network"))

from network_helpers import DRIVE, EBIKE, WALK, awkward_points, awkward_roads, county_roads, networkx_times

from facilityplan.access import prepare_geography
from facilityplan.access.times import ladder_times, nearest, travel_times
from facilityplan.config import load_config
from facilityplan.inputs import read_inputs
from facilityplan.network import build_network, snap
from facilityplan.units import UNREACHABLE_DS

ROOT = Path(__file__).parents[2]
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
    origins = snap(network, roads, rng.random((40, 2)) * 16_000, np.arange(40))
    sites = snap(network, roads, rng.random((60, 2)) * 16_000, np.arange(60))
    wanted = networkx_times(roads, MODES[mode_id], origins, sites)
    assert (wanted >= 0).sum() > 8 * 40 + 1024  # more pairs than the kernel makes room for at first
    assert np.array_equal(dense(travel_times(network, origins, sites, 10**9)), wanted)
    is_open = rng.random(60) < 0.5
    found = nearest(network, origins, sites, is_open)
    ds, site = lowest_nearest(wanted, is_open)
    assert np.array_equal(found.ds, ds)
    assert np.array_equal(found.site, site)


def real_county(config_name, data_root):
    if not data_root.is_dir():
        pytest.skip(f"needs the data folder {data_root.name}, which does not ship")
    config = load_config(ROOT / "configs" / config_name).config
    return config, read_inputs(config, data_root)


@pytest.mark.parametrize(("config_name", "folder"), [("deqing.yaml", ROOT / "data"), pytest.param(
    "grande_comore.yaml", Path(os.environ.get("FACILITYPLAN_SHARED", ROOT.parent / "shared")) / "data",
    marks=pytest.mark.shared_data)])
def test_whole_counties_equal_networkx_on_a_sample_of_cells(config_name, folder):
    config, inputs = real_county(config_name, folder)
    geography = prepare_geography(config, inputs)
    rng = np.random.default_rng(11)
    rows = np.sort(rng.choice(len(inputs.cells), 40, replace=False))
    for mode, network in geography.networks.items():
        cells = snap(network, inputs.roads, inputs.cells[["x", "y"]].to_numpy()[rows], rows)
        assert np.array_equal(cells.edge, geography.cells[mode].edge[rows])
        wanted = networkx_times(inputs.roads, config.modes[mode], cells, geography.facilities[mode])
        assert np.array_equal(dense(travel_times(network, cells, geography.facilities[mode], 10**9)), wanted)
        ds, site = lowest_nearest(wanted, np.ones(wanted.shape[1], dtype=bool))
        every = np.ones(wanted.shape[1], dtype=bool)
        found = nearest(network, geography.cells[mode], geography.facilities[mode], every)
        assert np.array_equal(found.ds[rows], ds)
        assert np.array_equal(found.site[rows], site)


def test_searches_keep_up_with_scipy_and_leave_networkx_behind_in_one_run():
    """170 sites within 30 min on a county's roads, one core; "all" also joins 12,700 cells and sorts their sites."""
    rng = np.random.default_rng(1)
    roads = county_roads(rng)
    network = build_network(roads, "ebike", EBIKE)
    origins = snap(network, roads, rng.random((12_700, 2)) * 31_000, np.arange(12_700))
    sites = snap(network, roads, rng.random((170, 2)) * 31_000, np.arange(170))
    tails = np.repeat(np.arange(len(network.node_xy)), np.diff(network.indptr))
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(zip(tails.tolist(), network.heads.tolist(), network.arc_ds.tolist(), strict=True))
    matrix = csr_array((network.arc_ds.astype(float), network.heads, network.indptr), shape=(len(network.node_xy),) * 2)

    def seconds(work, times=3):
        taken = []
        for _ in range(times):
            start = time.process_time()
            work()
            taken.append(time.process_time() - start)
        return min(taken)

    nobody = snap(network, roads, np.empty((0, 2)), np.arange(0))
    ours = seconds(lambda: travel_times(network, nobody, sites, 18_000))
    whole = seconds(lambda: travel_times(network, origins, sites, 18_000))
    peer = seconds(lambda: [nx.single_source_dijkstra_path_length(graph, k, cutoff=18_000)
                            for k in range(0, 1700, 100)], 1) * 10
    scipy = seconds(lambda: dijkstra(matrix, indices=np.arange(170) * 60, limit=18_000))
    print(f"search {ours:.4f} s, all {whole:.4f} s, networkx {peer:.3f} s, scipy {scipy:.4f} s")
    assert ours < scipy * 2
    assert whole < peer / 4
