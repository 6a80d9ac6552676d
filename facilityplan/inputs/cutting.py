"""Lines cut at their junctions, and the canonical road table: the same roads give the same table in any order."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from facilityplan.inputs.tables import RoadTable

MATCH_M = 0.01  # vertices of a line layer closer than this are one point
ATTRIBUTES = ("road_class", "oneway", "bridge", "maxspeed_kmh", "name")


@dataclass(frozen=True)
class Lines:
    """Lines before cutting. Vertices with one key are one point, and lines that share a point meet there."""

    xy: np.ndarray  # float64 (vertices, 2), county CRS
    key: np.ndarray  # int64 (vertices,), which point of the ground or of OpenStreetMap a vertex is
    line: np.ndarray  # int64 (vertices,), which line it belongs to, ascending
    attributes: pd.DataFrame  # one row for each line: ATTRIBUTES


def match_vertices(xy: np.ndarray) -> np.ndarray:
    """Return a key for each vertex, equal where vertices lie within ``MATCH_M`` of one another (chains included)."""
    points, key = np.unique(xy, axis=0, return_inverse=True)
    key = key.reshape(-1)
    pairs = cKDTree(points).query_pairs(MATCH_M, output_type="ndarray")
    if len(pairs):
        joined = coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2)
        key = connected_components(joined, directed=False)[1][key]
    return key.astype(np.int64)


def cut_lines(lines: Lines, crs: str, keep: BaseGeometry | None = None) -> RoadTable:
    """Cut ``lines`` at every point that two lines, or two visits of one line, share; nothing is cut at mere crossings.

    ``keep``: edges that do not touch this area are left out. Two-way edges are drawn from their lower to their higher
    node, and equal edges are listed once.
    """
    xy, key = _one_place_each(lines.xy, lines.key)
    same = np.zeros(len(key), dtype=bool)  # a vertex repeated at once adds nothing
    same[1:] = (key[1:] == key[:-1]) & (lines.line[1:] == lines.line[:-1])
    xy, key, line = xy[~same], key[~same], lines.line[~same]
    if len(key):
        _, size = np.unique(line, return_counts=True)
        alone = np.repeat(size == 1, size)
        xy, key, line = xy[~alone], key[~alone], line[~alone]
    if not len(key):
        return _road_table(np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.int64),
                           np.empty(0, dtype=object), lines.attributes.iloc[:0], crs)
    first = np.r_[True, line[1:] != line[:-1]]
    last = np.r_[first[1:], True]
    visits = np.bincount(key)
    node = first | last | (visits[key] > 1)
    # Each segment (vertex i to i + 1 of one line) belongs to the piece that its last node began.
    starts = np.flatnonzero(node & ~last)
    ends = np.flatnonzero(node & ~first)
    count = ends - starts + 1
    take = np.repeat(starts - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(count.sum())
    geometry = shapely.linestrings(xy[take], indices=np.repeat(np.arange(len(starts)), count))
    if keep is not None:
        shapely.prepare(keep)
        kept = shapely.intersects(keep, geometry)
        starts, ends, geometry = starts[kept], ends[kept], geometry[kept]
    used, ends_of = np.unique(np.r_[key[starts], key[ends]], return_inverse=True)
    place = np.zeros((len(used), 2))
    place[ends_of] = np.r_[xy[starts], xy[ends]]
    u, v = ends_of[: len(starts)], ends_of[len(starts):]
    return _road_table(place, u, v, geometry, lines.attributes.iloc[line[starts]], crs)


def _one_place_each(xy: np.ndarray, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give every vertex of a key the lowest (x, y) of that key, so that pieces meet exactly; keys become 0..k-1."""
    _, key = np.unique(key, return_inverse=True)
    order = np.lexsort((xy[:, 1], xy[:, 0], key))
    lowest = order[np.r_[True, np.diff(key[order]) > 0]] if len(key) else order
    return xy[lowest][key], key


def _road_table(place: np.ndarray, u: np.ndarray, v: np.ndarray, geometry: np.ndarray, attributes: pd.DataFrame,
                crs: str) -> RoadTable:
    """Number nodes by (x, y) and edges by (u, v, length, geometry, attributes); drop edges of no length and repeats."""
    rank = np.lexsort((place[:, 1], place[:, 0]))
    number = np.empty(len(rank), dtype=np.int64)
    number[rank] = np.arange(len(rank))
    u, v = number[u], number[v]
    edges = attributes[list(ATTRIBUTES)].reset_index(drop=True)
    oneway = edges["oneway"].to_numpy(dtype=bool)
    turn = ~oneway & ((u > v) | (u == v) & _backward_ring(geometry, u == v))
    geometry = np.where(turn, shapely.reverse(geometry), geometry)
    u, v = np.where(turn, v, u), np.where(turn, u, v)
    edges.insert(0, "u", u)
    edges.insert(1, "v", v)
    edges["length_m"] = shapely.length(geometry)
    edges["wkb"] = shapely.to_wkb(geometry)
    edges["geometry"] = geometry
    edges = edges[edges["length_m"] > 0]
    words = edges[["road_class", "name"]].fillna("").astype(str).add_prefix("sort_")
    edges = edges.assign(**words, sort_speed=edges["maxspeed_kmh"].fillna(-1.0))
    by = ["u", "v", "length_m"]
    tied = edges.duplicated(by, keep=False)
    full = [*by, "wkb", "sort_road_class", "oneway", "bridge", "sort_speed", "sort_name"]
    edges.loc[~tied, "wkb"] = b""  # comparing bytes is slow: only ties need it
    edges = edges.sort_values(by if not tied.any() else full, kind="stable")
    edges = edges[~edges.duplicated(full)].reset_index(drop=True)
    # Nodes that only dropped edges used go too, and the numbers close up.
    used = np.unique(edges[["u", "v"]].to_numpy())
    edges["u"], edges["v"] = np.searchsorted(used, edges["u"]), np.searchsorted(used, edges["v"])
    sorted_place = place[rank][used]
    nodes = pd.DataFrame({"node": np.arange(len(used), dtype=np.int64), "x": sorted_place[:, 0],
                          "y": sorted_place[:, 1]})
    edges.insert(0, "edge", np.arange(len(edges), dtype=np.int64))
    columns = ["edge", "u", "v", "road_class", "length_m", "oneway", "bridge", "maxspeed_kmh", "name", "geometry"]
    for column, kind in (("u", np.int64), ("v", np.int64), ("oneway", bool), ("bridge", bool),
                         ("maxspeed_kmh", float), ("road_class", object), ("name", object)):
        edges[column] = edges[column].astype(kind)
    return RoadTable(nodes, gpd.GeoDataFrame(edges[columns], geometry="geometry", crs=crs))


def _backward_ring(geometry: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """Rings that read lower backwards: compares the second vertex with the last but one, on to the first difference."""
    backward = np.zeros(len(geometry), dtype=bool)
    for i in np.flatnonzero(ring):
        points = shapely.get_coordinates(geometry[i])
        backward[i] = points[::-1].tolist() < points.tolist()
    return backward
