"""Which villages are adjacent: a supplied table, else territories on the road network that meet on a road."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from facilityplan.network.kernels import LABEL, NO_STATE
from facilityplan.network.search import node_states
from facilityplan.network.snapping import usable_edges
from facilityplan.network.types import RoadNetwork, SnappedPoints


def village_adjacency(network: RoadNetwork, villages: SnappedPoints,
                      table: pd.DataFrame | None = None) -> frozenset[tuple[str, str]]:
    """Return unordered pairs (a < b) of adjacent villages; those of ``table`` where one is supplied.

    Otherwise each road junction belongs to the village whose joint on the road (village point snapped to it, the walk
    to the point itself left out, so that every village has some territory) is reached soonest from there; ties go to
    the smallest id. Along every usable edge stand, in order, the village of its first end, the villages whose joints
    lie on it by (share of the way, id), and the village of its other end: neighbours in that row are adjacent.

    Territories therefore meet only where a road leads from one into the other. Water without a bridge, a ridge without
    a road and the sea between islands are barriers, however near two villages are in a straight line.
    """
    ids = villages.ids
    if table is not None:
        return _ordered(zip(table["village_a"], table["village_b"], strict=True))
    states = node_states(network, villages, np.ones(len(ids), dtype=bool), with_walk=False)
    owner = np.where(states == NO_STATE, -1, states & LABEL).astype(np.int64)
    usable = usable_edges(network)
    on_edge = np.flatnonzero(villages.edge >= 0)
    plain = usable.copy()
    plain[villages.edge[on_edge]] = False
    ends = owner[network.edge_uv[plain]]
    met = ends[(ends[:, 0] != ends[:, 1]) & (ends >= 0).all(axis=1)]
    pairs = [(ids[a], ids[b]) for a, b in np.unique(np.sort(met, axis=1), axis=0).tolist()]
    order = on_edge[np.lexsort((on_edge, villages.fraction[on_edge], villages.edge[on_edge]))]
    starts = np.flatnonzero(np.diff(villages.edge[order], prepend=-1))
    for row in np.split(order, starts[1:]) if len(order) else ():
        u, v = network.edge_uv[villages.edge[row[0]]]
        along = [k for k in (owner[u], *row, owner[v]) if k >= 0]
        pairs += [(ids[a], ids[b]) for a, b in pairwise(along) if a != b]
    return _ordered(pairs)


def _ordered(pairs) -> frozenset[tuple[str, str]]:
    return frozenset((min(a, b), max(a, b)) for a, b in pairs if a != b)
