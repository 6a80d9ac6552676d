"""Figures that tell a county from a toy: road shape, settlement spacing, crowding and access on the road.

They are computed from tables and lines alone, so that real roads are measured with the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

STREETS = frozenset({"residential", "living_street", "service"})
DRIVE_KMH = {"trunk": 70.0, "primary": 60.0, "secondary": 50.0, "tertiary": 40.0, "unclassified": 30.0,
             "residential": 20.0}
WALK_KMH = 4.5
BEARING_BINS = 36


@dataclass(frozen=True)
class Graph:
    """Lines cut at every vertex that two of them share. Lengths in metres along the line."""

    xy: np.ndarray  # float64 (nodes, 2)
    u: np.ndarray  # int (edges,)
    v: np.ndarray  # int (edges,)
    length: np.ndarray  # float64 (edges,)
    line: np.ndarray  # int (edges,) position of the line that the edge is a part of
    geometry: np.ndarray  # object (edges,) LineString


def graph_of(lines: np.ndarray) -> Graph:
    """Cut LineStrings (object array, metres) at shared vertices and at their ends."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    _, vertex, uses = np.unique(coordinates, axis=0, return_inverse=True, return_counts=True)
    vertex = vertex.ravel()
    first = np.r_[True, owner[1:] != owner[:-1]]
    last = np.r_[first[1:], True]
    cut = first | last | (uses[vertex] > 1)
    stops = np.flatnonzero(cut)
    starts_here = stops[:-1][owner[stops[:-1]] == owner[stops[1:]]]
    ends_here = stops[1:][owner[stops[:-1]] == owner[stops[1:]]]
    node_of_vertex = np.full(len(uses), -1)
    nodes = np.unique(vertex[cut])
    node_of_vertex[nodes] = np.arange(len(nodes))
    xy = np.empty((len(nodes), 2))
    xy[node_of_vertex[vertex[stops]]] = coordinates[stops]
    step = np.r_[0.0, np.hypot(*np.diff(coordinates, axis=0).T)]
    along = np.cumsum(step)
    geometry = np.array([shapely.LineString(coordinates[a:b + 1]) for a, b in zip(starts_here, ends_here, strict=True)],
                        dtype=object)
    return Graph(xy, node_of_vertex[vertex[starts_here]], node_of_vertex[vertex[ends_here]],
                 along[ends_here] - along[starts_here], owner[starts_here], geometry)


def road_shape(graph: Graph) -> dict[str, float]:
    """Return mean degree, share of dead ends and of 4-way nodes, and orientation entropy (1 = every way alike).

    Nodes where a road merely goes on (degree 2) do not count. Bearings are those from junction to junction, in 36
    bins, both ways (Boeing 2019, 10.1007/s41109-019-0189-1).
    """
    degree = np.bincount(np.r_[graph.u, graph.v], minlength=len(graph.xy))
    counted = degree[(degree != 2) & (degree > 0)]
    ends = np.array(_between_junctions(graph, degree)).reshape(-1, 2)
    across = graph.xy[ends[:, 1]] - graph.xy[ends[:, 0]]
    across = across[np.hypot(*across.T) > 0]
    bearing = np.degrees(np.arctan2(across[:, 0], across[:, 1]))
    width = 360 / BEARING_BINS
    bins = np.bincount((np.round(np.r_[bearing, bearing + 180] / width) % BEARING_BINS).astype(int),
                       minlength=BEARING_BINS)
    share = bins[bins > 0] / bins.sum()
    return {"mean_degree": float(counted.mean()), "dead_ends": float((counted == 1).mean()),
            "four_way": float((counted == 4).mean()),
            "orientation_entropy": float(-(share * np.log(share)).sum() / np.log(BEARING_BINS))}


def _between_junctions(graph: Graph, degree: np.ndarray) -> list[tuple[int, int]]:
    at: dict[int, list[int]] = {}
    for edge, (u, v) in enumerate(zip(graph.u.tolist(), graph.v.tolist(), strict=True)):
        at.setdefault(u, []).append(edge)
        at.setdefault(v, []).append(edge)
    seen: set[int] = set()
    ends = []
    for start in np.flatnonzero((degree != 2) & (degree > 0)).tolist():
        for edge in at[start]:
            here = start
            while edge not in seen:
                seen.add(edge)
                u, v = int(graph.u[edge]), int(graph.v[edge])
                here = v if u == here else u
                if degree[here] != 2:
                    ends.append((start, here))
                    break
                edge = next((e for e in at[here] if e != edge), edge)
    return ends


def distances(graph: Graph, origins: np.ndarray, limit_m: float = np.inf) -> np.ndarray:
    """Return road distances in metres, (origins, nodes); inf beyond the limit or where there is no way."""
    n = len(graph.xy)
    ordered = np.lexsort([graph.length])  # coo sums duplicates: keep the shortest of parallel edges
    pair = np.sort(np.c_[graph.u, graph.v], axis=1)[ordered]
    _, keep = np.unique(pair, axis=0, return_index=True)
    matrix = coo_matrix((graph.length[ordered][keep], pair[keep].T), shape=(n, n)).tocsr()
    return dijkstra(matrix, directed=False, indices=origins, limit=limit_m)


def detours(graph: Graph, nodes: np.ndarray, low_m: float, high_m: float, rng: np.random.Generator,
            pairs: int = 4000) -> np.ndarray:
    """Return road distance over straight line for random pairs of ``nodes`` that far apart, connected ones only."""
    origins = rng.choice(nodes, min(100, len(nodes)), replace=False)
    far = distances(graph, origins, high_m * 12)[:, nodes]
    straight = np.hypot(*(graph.xy[origins][:, None] - graph.xy[nodes][None]).transpose(2, 0, 1))
    ratio = far / np.maximum(straight, 1e-9)
    fits = np.isfinite(far) & (straight >= low_m) & (straight <= high_m)
    found = ratio[fits]
    return rng.choice(found, min(pairs, len(found)), replace=False)


def junctions(graph: Graph) -> np.ndarray:
    """Return the nodes of the largest connected part where roads fork or end."""
    n = len(graph.xy)
    part = connected_components(coo_matrix((np.ones(len(graph.u)), (graph.u, graph.v)), shape=(n, n)),
                                directed=False)[1]
    degree = np.bincount(np.r_[graph.u, graph.v], minlength=n)
    return np.flatnonzero((part == np.bincount(part).argmax()) & (degree != 2))


def spacing(xy: np.ndarray) -> tuple[float, float]:
    """Return the mean distance (m) from each point to the nearest other, and its coefficient of variation."""
    nearest = cKDTree(xy).query(xy, k=2)[0][:, 1]
    return float(nearest.mean()), float(nearest.std() / nearest.mean())


def crowding(people: np.ndarray) -> tuple[float, float, float]:
    """Return the share of cells that are empty, and of people in the top tenth of all and of populated cells."""
    def top(values: np.ndarray) -> float:
        values = np.sort(values)[::-1]
        return float(values[:round(len(values) / 10)].sum() / values.sum())
    return float((people == 0).mean()), top(people), top(people[people > 0])


def people_near(xy: np.ndarray, people: np.ndarray, lines: np.ndarray, within_m: float) -> float:
    """Return the share of people whose cell centre lies within ``within_m`` of a line."""
    hit, distance = shapely.STRtree(lines).query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    away = np.full(len(xy), np.inf)
    away[hit[0]] = distance
    return float(people[away <= within_m].sum() / people.sum())


def minutes_to_nearest(roads: gpd.GeoDataFrame, cells: np.ndarray, sites: np.ndarray, *, kmh: float | None,
                       off_road_kmh: float = WALK_KMH) -> np.ndarray:
    """Return minutes from cells (n, 2) to the nearest of the sites (m, 2) along the roads; None = drive by class.

    Both ends walk in a straight line to the nearest road. One-way streets are taken as two-way: for figures, not plans.
    """
    graph = graph_of(roads.geometry.values)
    speed = np.full(len(graph.u), kmh or 0.0)
    if kmh is None:
        speed = roads["road_class"].map(DRIVE_KMH).to_numpy(float)[graph.line]
    minutes = graph.length / speed * 0.06
    tree = shapely.STRtree(graph.geometry)
    site_edge, site_at, site_walk = _join(graph, tree, sites)
    cell_edge, cell_at, cell_walk = _join(graph, tree, cells)
    n, m = len(graph.xy), len(sites)
    best = np.full(n, np.inf)
    # One more node stands for "arrived"; every site's two ways to its edge's ends lead there.
    ends = np.r_[graph.u[site_edge], graph.v[site_edge]]
    walk = np.tile(site_walk / off_road_kmh * 0.06, 2)
    weight = np.r_[site_at, 1 - site_at] * np.tile(minutes[site_edge], 2) + walk
    for node, value in zip(ends, weight, strict=True):
        best[node] = min(best[node], value)
    used = np.flatnonzero(np.isfinite(best))
    u, v = np.r_[graph.u, np.full(len(used), n)], np.r_[graph.v, used]
    w = np.r_[minutes, best[used] + 1e-9]
    order = np.lexsort([w])
    pair = np.sort(np.c_[u, v], axis=1)[order]
    _, keep = np.unique(pair, axis=0, return_index=True)
    reach = dijkstra(coo_matrix((w[order][keep], pair[keep].T), shape=(n + 1, n + 1)).tocsr(), directed=False,
                     indices=n)[:n]
    result = np.minimum(reach[graph.u[cell_edge]] + cell_at * minutes[cell_edge],
                        reach[graph.v[cell_edge]] + (1 - cell_at) * minutes[cell_edge])
    sites_on: dict[int, list[int]] = {}
    for k in range(m):
        sites_on.setdefault(int(site_edge[k]), []).append(k)
    for c in np.flatnonzero(np.isin(cell_edge, list(sites_on))).tolist():  # both on one edge: straight along it
        edge = int(cell_edge[c])
        for k in sites_on[edge]:
            direct = abs(cell_at[c] - site_at[k]) * minutes[edge] + site_walk[k] / off_road_kmh * 0.06
            result[c] = min(result[c], direct)
    return result + cell_walk / off_road_kmh * 0.06


def _join(graph: Graph, tree: shapely.STRtree, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each point the nearest edge, the fraction of its length from u, and the walk to it in metres."""
    points = shapely.points(xy)
    hit, distance = tree.query_nearest(points, all_matches=False, return_distance=True)
    edge, walk = np.zeros(len(xy), int), np.zeros(len(xy))
    edge[hit[0]], walk[hit[0]] = hit[1], distance
    fraction = shapely.line_locate_point(graph.geometry[edge], points, normalized=True)
    return edge, fraction, walk
