"""Shortest paths from points to sites: the compiled kernels behind functions that speak of points and sites.

Travel is from person to facility, so every search runs from the sites over the reversed graph.

Nodes keep the order of RoadTable, by (x, y). Hilbert order was measured on random planar graphs, 170 bounded searches:
11,000 nodes 5.2 ms in random order, 5.0 ms by x, 4.8 ms in Hilbert order; 300,000 nodes 29.3, 14.7 and 5.5 ms. It pays
for a province, not for a county, where renumbering would cost more than it saves.
"""

from __future__ import annotations

import numpy as np

from facilityplan.network import kernels
from facilityplan.network.types import RoadNetwork, SnappedPoints
from facilityplan.units import UNREACHABLE_DS


def site_seeds(network: RoadNetwork, sites: SnappedPoints, chosen: np.ndarray, *,
               with_walk: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (node, deciseconds, site position) of both ends of the edges that the ``chosen`` sites (bool) lie on."""
    rows = np.flatnonzero(chosen & (sites.edge >= 0)).astype(np.int32)
    node = network.edge_uv[sites.edge[rows]].T.ravel()
    lead = np.concatenate([sites.from_u_ds[rows], sites.from_v_ds[rows]]).astype(np.int64)
    total = lead + np.tile(sites.walk_ds[rows] if with_walk else 0 * rows, 2)
    ds = np.where((lead < UNREACHABLE_DS) & (total < UNREACHABLE_DS), total, UNREACHABLE_DS).astype(np.int32)
    return np.ascontiguousarray(node), ds, np.tile(rows, 2)


def node_states(network: RoadNetwork, sites: SnappedPoints, chosen: np.ndarray, *,
                with_walk: bool = True) -> np.ndarray:
    """Return each node's state (int64): time to its nearest ``chosen`` site << 32 | the site's position.

    kernels.NO_STATE where there is no way. ``with_walk`` adds the walk from the road to the site.
    """
    seeds = site_seeds(network, sites, chosen, with_walk=with_walk)
    space = _working_space(network, len(seeds[0]))
    limit = np.full(len(network.node_xy), UNREACHABLE_DS - 1, dtype=np.int32)
    kernels.run(kernels.settle_all, *network.reversed_csr(), *seeds, limit, *space)
    return space[2]


def nearest_from_states(network: RoadNetwork, origins: SnappedPoints, sites: SnappedPoints, chosen: np.ndarray,
                        states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (deciseconds int32, site position int32) of each origin's nearest ``chosen`` site, given `node_states`."""
    rows = np.flatnonzero(chosen & (sites.edge >= 0)).astype(np.int32)
    edge_ptr, by_edge = _group(sites.edge[rows], len(network.edge_uv))
    ds, label = np.empty(len(origins.edge), dtype=np.int32), np.empty(len(origins.edge), dtype=np.int32)
    kernels.run(kernels.join_nearest, states, network.edge_uv, network.edge_forward_ds, network.edge_backward_ds,
                origins.edge, origins.fraction, origins.walk_ds, origins.to_u_ds, origins.to_v_ds,
                sites.fraction, sites.walk_ds, edge_ptr, rows[by_edge], ds, label)
    return ds, label


def pairs_within(network: RoadNetwork, origins: SnappedPoints, sites: SnappedPoints, searched: np.ndarray,
                 origin_limit_ds: np.ndarray, node_limit_ds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (indptr, site, deciseconds) by origin: every pair within the origin's limit, in order of (time, site).

    ``searched`` (bool by site) leaves sites out. A search stops at nodes beyond ``node_limit_ds`` (int32 by node): pass
    the cutoff, or anything that no wanted route exceeds.
    """
    nodes = len(network.indptr) - 1
    rows = np.flatnonzero(origins.edge >= 0).astype(np.int32)
    node = network.edge_uv[origins.edge[rows]].T.ravel()
    leg = np.concatenate([origins.to_u_ds[rows], origins.to_v_ds[rows]])
    who = np.tile(rows, 2)
    can = leg < UNREACHABLE_DS
    node_ptr, by_node = _group(node[can], nodes)
    edge_ptr, by_edge = _group(origins.edge[rows], len(network.edge_uv))
    indptr, heads, arc_ds = network.reversed_csr()
    edge = np.where(searched, sites.edge, -1).astype(np.int32)
    pointer = np.zeros(len(edge) + 1, dtype=np.int64)
    space = (*_working_space(network, 2), np.full(len(origins.edge), UNREACHABLE_DS, dtype=np.int64),
             np.empty(len(origins.edge), dtype=np.int32), pointer)
    room, start = 8 * len(origins.edge) + 1024, 0
    origin, ds = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    while True:
        start = kernels.run(
            kernels.times_within, indptr, heads, arc_ds, node_limit_ds, network.edge_uv, network.edge_forward_ds,
            network.edge_backward_ds, edge, sites.fraction, sites.walk_ds, sites.from_u_ds, sites.from_v_ds,
            origins.fraction, origins.walk_ds, origin_limit_ds,
            node_ptr, who[can][by_node], leg[can][by_node], edge_ptr, rows[by_edge], *space, origin, ds, start)
        if start == len(edge):
            return _by_origin(pointer, origin, ds, len(origins.edge))
        origin, ds = (np.concatenate([a, np.empty(room, dtype=np.int32)]) for a in (origin, ds))
        room *= 2


def _by_origin(site_pointer: np.ndarray, origin: np.ndarray, ds: np.ndarray,
               origins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (indptr, site, deciseconds) by origin of pairs listed by site."""
    pairs, sites = int(site_pointer[-1]), len(site_pointer) - 1
    indptr = np.zeros(origins + 1, dtype=np.int64)
    np.cumsum(np.bincount(origin[:pairs], minlength=origins), out=indptr[1:])
    out_site, out_ds = np.empty(pairs, dtype=np.int32), np.empty(pairs, dtype=np.int32)
    kernels.run(kernels.sort_by_origin, site_pointer, origin, ds, indptr, indptr.copy(),
                np.empty(pairs, dtype=np.int64), np.empty(sites + 1, dtype=np.int64),
                np.zeros(sites + 1, dtype=np.int32), out_site, out_ds)
    return indptr, out_site, out_ds


def _working_space(network: RoadNetwork, seeds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return keys and nodes of a heap, states and the list of touched nodes, as the searches want them."""
    heap, nodes = len(network.heads) + seeds + 1, len(network.node_xy)
    return (np.empty(heap, dtype=np.int64), np.empty(heap, dtype=np.int32),
            np.full(nodes, kernels.NO_STATE, dtype=np.int64), np.empty(nodes + 1, dtype=np.int32))


def _group(key: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (indptr int64, order) that list the positions of ``key`` by group, lowest position first."""
    indptr = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=groups), out=indptr[1:])
    return indptr, np.argsort(key, kind="stable")
