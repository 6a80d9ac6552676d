"""Roads made for tests: small random multigraphs full of awkward cases, and county-sized ones for timing."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from facilityplan.config.schema import TravelMode
from facilityplan.inputs.tables import RoadTable

CRS = "EPSG:4549"
WALK = TravelMode(name="步行", name_en="walk", off_road_kmh=4.5, obeys_oneway=False,
                  speeds_kmh={"primary": 4.5, "tertiary": 4.5, "residential": 4.5, "footway": 4.5})
EBIKE = TravelMode(name="电动车", name_en="e-bike", off_road_kmh=4.5,
                   speeds_kmh={"primary": 20, "tertiary": 18, "residential": 15, "footway": 6})
DRIVE = TravelMode(name="驾车", name_en="drive", off_road_kmh=4.5,
                   speeds_kmh={"primary": 60, "tertiary": 40, "residential": 25})


def road_table(node_xy, lines) -> RoadTable:
    """Make a RoadTable of ``lines``: (u, v, road class, one-way, inner points[, maxspeed])."""
    node_xy = np.asarray(node_xy, dtype=float).reshape(-1, 2)
    rows = []
    for edge, (u, v, road_class, oneway, inner, *rest) in enumerate(lines):
        line = shapely.LineString([node_xy[u], *inner, node_xy[v]])
        rows.append((edge, u, v, road_class, line.length, oneway, False, rest[0] if rest else np.nan, None, line))
    columns = ["edge", "u", "v", "road_class", "length_m", "oneway", "bridge", "maxspeed_kmh", "name", "geometry"]
    edges = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=CRS)
    edges = edges.astype({"length_m": float, "oneway": bool, "bridge": bool, "maxspeed_kmh": float})
    nodes = pd.DataFrame({"node": np.arange(len(node_xy)), "x": node_xy[:, 0], "y": node_xy[:, 1]})
    return RoadTable(nodes, edges)


def awkward_roads(rng: np.random.Generator, nodes: int = 14, lines: int = 22) -> RoadTable:
    """Random roads on a lattice of 100 m: parallel and one-way edges, loops, islands, edges nobody may use, ties."""
    xy = np.unique(rng.integers(0, 8, size=(nodes, 2)) * 100.0, axis=0)
    rows = []
    for _ in range(lines):
        u, v = rng.integers(0, len(xy), size=2)
        inner = []
        if u == v or rng.random() < 0.3:
            inner = (xy[[u, v]].mean(axis=0) + rng.integers(-2, 3, size=(2, 2)) * 50.0).tolist()
            if u == v and shapely.LineString([xy[u], *inner, xy[v]]).length == 0:
                continue
        rows.append((int(u), int(v), rng.choice(["primary", "tertiary_link", "residential", "footway", "motorway"]),
                     bool(rng.random() < 0.4), inner, float(rng.choice([np.nan, 30.0, 48.28032]))))
    return road_table(xy, rows)


def awkward_points(rng: np.random.Generator, roads: RoadTable, count: int) -> np.ndarray:
    """Points on junctions, on roads, at shared places and anywhere."""
    anywhere = rng.integers(-2, 18, size=(count, 2)) * 50.0
    junctions = roads.nodes[["x", "y"]].to_numpy()[rng.integers(0, len(roads.nodes), count)]
    lines = roads.edges.geometry.to_numpy()
    if len(lines):
        on_road = shapely.get_coordinates(shapely.line_interpolate_point(
            lines[rng.integers(0, len(lines), count)], rng.choice([0.0, 0.25, 0.5, 0.7, 1.0], count), normalized=True))
    else:
        on_road = anywhere
    pick = rng.integers(0, 3, count)[:, None]
    return np.where(pick == 0, anywhere, np.where(pick == 1, junctions, on_road))


def county_roads(rng: np.random.Generator, nodes: int = 11_000, width_m: float = 31_000) -> RoadTable:
    """A county's worth of roads: a thinned Delaunay graph with bent edges, some of them one-way."""
    xy = rng.random((nodes, 2)) * width_m
    xy = xy[np.lexsort((xy[:, 1], xy[:, 0]))]
    mesh = Delaunay(xy)
    pairs = np.unique(np.sort(np.concatenate([mesh.simplices[:, [0, 1]], mesh.simplices[:, [1, 2]],
                                              mesh.simplices[:, [0, 2]]]), axis=1), axis=0)
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    tree = minimum_spanning_tree(csr_array((length, (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))).tocoo()
    shorter = rng.random(len(pairs)) * length < np.quantile(length, 0.08)
    pairs = np.unique(np.concatenate([np.column_stack([tree.row, tree.col]), pairs[shorter]]), axis=0)
    classes = rng.choice(["primary", "tertiary", "residential", "footway"], len(pairs), p=[0.1, 0.25, 0.6, 0.05])
    oneway = rng.random(len(pairs)) < 0.05
    bends = xy[pairs].mean(axis=1)[:, None, :] + rng.normal(0, 15, (len(pairs), 2, 2))
    return road_table(xy, [(int(u), int(v), c, bool(o), b.tolist())
                           for (u, v), c, o, b in zip(pairs, classes, oneway, bends, strict=True)])


def networkx_times(roads: RoadTable, mode: TravelMode, origins, sites) -> np.ndarray:
    """Times (origins, sites) in deciseconds by networkx, -1 = no way: every point becomes a node of its own.

    ``origins``, ``sites`` are SnappedPoints, of which only edge, fraction and walk_m are read; the times are made here.
    """
    graph = nx.DiGraph()
    speeds, motor = mode.speeds_kmh, max(mode.speeds_kmh.values()) > 30

    def way(a, b, ds):
        if not graph.has_edge(a, b) or graph[a][b]["ds"] > ds:
            graph.add_edge(a, b, ds=int(ds))

    allowed = {}
    for row in roads.edges.itertuples():
        speed = speeds.get(row.road_class) or speeds.get(row.road_class.replace("_link", ""))
        if speed is None:
            continue
        if motor and row.maxspeed_kmh < speed:
            speed = row.maxspeed_kmh
        ds = max(int(np.floor(row.length_m / speed * 36 + 0.5)), 1 if row.length_m else 0)
        back = not (row.oneway and mode.obeys_oneway)
        allowed[row.edge] = (row.u, row.v, ds, back)
        way(row.u, row.v, ds)
        if back:
            way(row.v, row.u, ds)

    def part(share, ds):
        return int(np.floor(share * ds + 0.5 + 1e-8))

    for name, points in (("o", origins), ("s", sites)):
        for k in range(len(points.edge)):
            if points.edge[k] < 0:
                continue
            u, v, ds, back = allowed[int(points.edge[k])]
            f, walk = points.fraction[k], part(points.walk_m[k] / mode.off_road_kmh, 36)
            ways = [(u, f, f == 0 or back, True), (v, 1 - f, True, f == 1 or back)]
            for node, share, out, into in ways:
                if name == "o" and out:
                    way(("o", k), node, walk + part(share, ds))
                if name == "s" and into:
                    way(node, ("s", k), walk + part(share, ds))
    for o in range(len(origins.edge)):
        for s in range(len(sites.edge)):
            if origins.edge[o] >= 0 and origins.edge[o] == sites.edge[s]:
                _, _, ds, back = allowed[int(origins.edge[o])]
                step = sites.fraction[s] - origins.fraction[o]
                if step >= -1e-9 or back:
                    way(("o", o), ("s", s), part(abs(step), ds) + sum(
                        part(p.walk_m[k] / mode.off_road_kmh, 36) for p, k in ((origins, o), (sites, s))))
    out = np.full((len(origins.edge), len(sites.edge)), -1, dtype=np.int64)
    for o in range(len(origins.edge)):
        if ("o", o) in graph:
            found = nx.single_source_dijkstra_path_length(graph, ("o", o), weight="ds")
            for s in range(len(sites.edge)):
                out[o, s] = found.get(("s", s), -1)
    return out
