"""Who crosses which bridge, against networkx: every cell's shortest path walked edge by edge on the small county."""

from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from facilityplan.access import nearest
from facilityplan.access.bridges import cells_by_bridge, most_used_bridge
from facilityplan.access.geography import prepare_geography
from facilityplan.config import load_config
from facilityplan.inputs import read_inputs
from facilityplan.units import UNREACHABLE_DS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def small():
    config = load_config(ROOT / "configs" / "rules.yaml").config
    inputs = read_inputs(config, ROOT / "data")
    return config, inputs, prepare_geography(config, inputs)


def walked(network, cells, sites, is_open):
    """Edges of every cell's way by networkx, with the number of shortest ways there are; None = out of reach."""
    graph = nx.DiGraph()
    tails = np.repeat(np.arange(len(network.indptr) - 1), np.diff(network.indptr))
    for tail, head, ds, edge in zip(tails.tolist(), network.heads.tolist(), network.arc_ds.tolist(),
                                    network.arc_edge.tolist(), strict=True):
        if graph.get_edge_data(tail, head, {"ds": ds + 1})["ds"] > ds:
            graph.add_edge(tail, head, ds=ds, edge=edge)
    for j in np.flatnonzero(is_open).tolist():
        for node, lead in zip(network.edge_uv[sites.edge[j]].tolist(), (sites.from_u_ds[j], sites.from_v_ds[j]),
                              strict=True):
            if lead < UNREACHABLE_DS:
                total = int(lead) + int(sites.walk_ds[j])
                if graph.get_edge_data(node, "to", {"ds": total + 1})["ds"] > total:
                    graph.add_edge(node, "to", ds=total, edge=int(sites.edge[j]))
    far, ways = nx.single_source_dijkstra(graph.reverse(copy=True), "to", weight="ds")
    times = nearest(network, cells, sites, is_open)
    found = []
    for row, edge in enumerate(cells.edge.tolist()):
        legs = [(int(leg) + int(cells.walk_ds[row]) + far[node], node) for leg, node in zip(
            (cells.to_u_ds[row], cells.to_v_ds[row]), network.edge_uv[edge].tolist(), strict=True)
            if leg < UNREACHABLE_DS and node in far]
        best, node = min(legs)
        way = ways[node][::-1]
        through = {graph[a][b]["edge"] for a, b in pairwise(way)}
        found.append((best - int(times.ds[row]), {edge} | (through if best == times.ds[row] else set())))
    return found


def test_the_people_on_every_road_are_those_whose_shortest_way_leads_over_it(small):
    config, inputs, geography = small
    mode = config.standards[0].mode
    network, cells, sites = geography.networks[mode], geography.cells[mode], geography.facilities[mode]
    is_open = (inputs.facilities["status"] != "candidate").to_numpy(bool)
    by_edge = cells_by_bridge(network, cells, sites, is_open, np.arange(len(inputs.roads.edges)))
    ours = [set() for _ in range(len(cells.edge))]
    for edge, rows in enumerate(by_edge):
        for row in rows:
            ours[row].add(edge)
    theirs = walked(network, cells, sites, is_open)
    assert all(extra >= 0 for extra, _ in theirs)
    differ = [row for row, (_, edges) in enumerate(theirs) if edges != ours[row]]
    assert len(ours) > 300 and len(differ) <= 0.02 * len(ours), "but for ties, the ways are the same"


def test_the_bridge_with_most_people_is_named_with_its_townships(small):
    config, inputs, geography = small
    is_open = (inputs.facilities["status"] != "candidate").to_numpy(bool)
    found = most_used_bridge(inputs, geography, config.standards[0].mode, is_open)
    assert found is not None and inputs.roads.edges["bridge"].iloc[list(found.edges)].all()
    assert sum(people for _, people in found.townships) == pytest.approx(found.people) and found.people > 0
    nobody = most_used_bridge(inputs, geography, config.standards[0].mode, np.zeros_like(is_open))
    assert nobody is None
