"""Chosen mesh edges as drawn roads: bends rounded, water crossed on bridges, cut wherever roads meet."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString
from shapely.ops import substring

from facilityplan.demo.mesh import Mesh
from facilityplan.demo.roads import CLASSES
from facilityplan.demo.terrain import Terrain

ABUTMENT_M = 12.0
ONE_WAY_SHARE = 0.03
SPEED_LIMITS = {"trunk": 80.0, "primary": 70.0, "secondary": 60.0}


def draw_roads(mesh: Mesh, rank: np.ndarray, terrain: Terrain, crs: str, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the road layer: columns of domain.columns.ROADS and LineStrings on a 0.1 m grid, county CRS.

    Any two lines that meet share an exact vertex at the ends of both; none crosses another.
    """
    chains = _chains(mesh, rank)
    streets = {pair for pair, street in zip(map(tuple, mesh.uv.tolist()), mesh.street.tolist(), strict=True) if street}
    angular = [all((min(p, q), max(p, q)) in streets for p, q in pairwise(points)) for points, _ in chains]
    lines = _uncrossed([mesh.xy[points] for points, _ in chains], angular)
    rows = []
    for (_, k), line in zip(chains, lines, strict=True):
        for piece, bridge in _cut_at_water(line, terrain):
            rows.append((CLASSES[k], bridge, piece))
    roads = gpd.GeoDataFrame({"road_class": [r[0] for r in rows], "oneway": False, "bridge": [r[1] for r in rows]},
                             geometry=[r[2] for r in rows], crs=crs)
    roads["maxspeed_kmh"] = roads["road_class"].map(SPEED_LIMITS).astype(float)
    roads["name"] = np.where(roads["road_class"] == "trunk", "示范干线", None)
    start = shapely.get_coordinates(shapely.get_point(roads.geometry.values, 0))
    end = shapely.get_coordinates(shapely.get_point(roads.geometry.values, -1))
    roads = roads.iloc[np.lexsort([roads.length.to_numpy(), end[:, 1], end[:, 0], start[:, 1], start[:, 0]])]
    roads = roads.reset_index(drop=True)
    roads["oneway"] = _one_way(roads, rng)
    return roads[["road_class", "oneway", "bridge", "maxspeed_kmh", "name", "geometry"]]


def _chains(mesh: Mesh, rank: np.ndarray) -> list[tuple[list[int], int]]:
    """Return (mesh points along the chain, rank): from junction to junction, class change or end."""
    at: dict[int, list[int]] = {}
    roads = np.flatnonzero(rank < len(CLASSES)).tolist()
    uv = mesh.uv.tolist()
    for edge in roads:
        for point in uv[edge]:
            at.setdefault(point, []).append(edge)
    ends = {p for p, edges in at.items() if len(edges) != 2 or rank[edges[0]] != rank[edges[1]]}
    seen: set[int] = set()

    def follow(point: int, edge: int) -> list[int]:
        points = [point]
        while True:
            seen.add(edge)
            u, v = uv[edge]
            point = v if u == point else u
            points.append(point)
            if point in ends or point == points[0]:
                return points
            edge = next(e for e in at[point] if e != edge)

    chains = [(follow(point, edge), int(rank[edge])) for point in sorted(ends) for edge in at[point]
              if edge not in seen]
    # What is left are rings without a junction: cut them at their lowest point.
    chains += [(follow(uv[edge][0], edge), int(rank[edge])) for edge in roads if edge not in seen]
    return [piece for chain in chains for piece in _without_ring(*chain)]


def _without_ring(points: list[int], rank: int) -> list[tuple[list[int], int]]:
    """Cut a chain that returns to its own start in the middle: such a line has no two ends to tell apart."""
    if points[0] != points[-1]:
        return [(points, rank)]
    middle = len(points) // 2
    return [(points[:middle + 1], rank), (points[middle:], rank)]


def _rounded(xy: np.ndarray, passes: int = 2) -> np.ndarray:
    """Round the corners of a line (Chaikin), its ends kept, coordinates to 0.1 m."""
    for _ in range(passes):
        if len(xy) < 3:
            break
        before, after = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        inner = np.stack([before, after], axis=1).reshape(-1, 2)[1:-1]
        xy = np.concatenate([xy[:1], inner, xy[-1:]])
    xy = np.round(xy, 1)
    return xy[np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]]


def _uncrossed(corners: list[np.ndarray], angular: list[bool]) -> list[LineString]:
    """Round every line but the angular ones; where lines would cross or touch, both keep their corners.

    The mesh is planar, so this ends.
    """
    lines = [LineString(_rounded(xy, 0 if keep else 2)) for xy, keep in zip(corners, angular, strict=True)]
    plain = list(angular)
    for _ in range(20):
        tree = shapely.STRtree(lines)
        a, b = tree.query(lines, predicate="intersects")
        a, b = a[a < b], b[a < b]
        array = np.array(lines, dtype=object)
        met = shapely.intersection(array[a], array[b])
        ends = shapely.boundary(array)
        fine = (shapely.get_type_id(met) % 4 == 0) & shapely.covers(ends[a], met) & shapely.covers(ends[b], met)
        bad = {*a[~fine].tolist(), *b[~fine].tolist(), *np.flatnonzero(~shapely.is_simple(array)).tolist()}
        bad = sorted(k for k in bad if not plain[k])
        if not bad:
            return lines
        for k in bad:
            plain[k], lines[k] = True, LineString(_rounded(corners[k], 0))
    raise RuntimeError("roads still cross after 20 rounds")


def _cut_at_water(line: LineString, terrain: Terrain) -> list[tuple[LineString, bool]]:
    """Return the line in pieces (piece, is a bridge), the pieces sharing exact end points."""
    if terrain.barrier.is_empty or not terrain.barrier.intersects(line):
        return [(line, False)]
    over = line.intersection(terrain.barrier)
    spans: list[list[float]] = []
    for part in sorted(sorted(line.project(shapely.Point(c)) for c in (g.coords[0], g.coords[-1]))
                       for g in getattr(over, "geoms", [over]) if g.length > 1):  # a bend that brushes the edge is none
        low, high = max(part[0] - ABUTMENT_M, 0), min(part[1] + ABUTMENT_M, line.length)
        if spans and low <= spans[-1][1] + 20:
            spans[-1][1] = high
        else:
            spans.append([low, high])
    cuts = sorted({0.0, line.length, *(d for span in spans for d in span if 15 < d < line.length - 15)})
    pieces = []
    for low, high in pairwise(cuts):
        xy = np.round(np.array(substring(line, low, high).coords), 1)
        xy = xy[np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]]
        middle = (low + high) / 2
        pieces.append((LineString(xy), any(a <= middle <= b for a, b in spans)))
    return pieces


def _one_way(roads: gpd.GeoDataFrame, rng: np.random.Generator) -> np.ndarray:
    """Make a few streets one-way, only where everybody can still get in and out."""
    ends = np.stack([shapely.get_coordinates(shapely.get_point(roads.geometry.values, k)) for k in (0, -1)], axis=1)
    _, node = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    u, v = node.reshape(-1, 2).T
    n = int(node.max()) + 1
    candidates = (roads["road_class"] == "residential").to_numpy() & (roads.length < 300).to_numpy()
    one_way = candidates & (rng.random(len(roads)) < ONE_WAY_SHARE)
    while True:
        tail, head = np.r_[u, v[~one_way]], np.r_[v, u[~one_way]]
        graph = coo_matrix((np.ones(len(tail)), (tail, head)), shape=(n, n))
        part = connected_components(graph, directed=True, connection="strong")[1]
        trapped = one_way & (part[u] != part[v])
        if not trapped.any():
            return one_way
        one_way &= ~trapped
