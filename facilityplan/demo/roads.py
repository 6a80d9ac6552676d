"""Roads: seats by Gabriel graph, villages by spanning tree and more, hamlets by spurs, streets by joggled grids."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from facilityplan.demo.family import Family
from facilityplan.demo.mesh import Mesh
from facilityplan.demo.place import DemoPlace
from facilityplan.demo.settlements import Settlements

CLASSES = ("trunk", "primary", "secondary", "tertiary", "unclassified", "residential")
REUSE = 0.75  # a way along roads that are there costs so much of a new one


class Builder:
    """Mesh edges chosen so far and their class, as a rank in CLASSES."""

    def __init__(self, mesh: Mesh, family: Family) -> None:
        self.mesh = mesh
        self.family = family
        self.rank = np.full(len(mesh.uv), len(CLASSES))  # len(CLASSES) = no road yet
        self._costs: dict[float, list[float]] = {}  # kept up to date by lay(): rebuilding them took most of the time

    def build(self, start: int, goal: int, road_class: str, *, cross: bool, longest: float) -> bool:
        """Lay the cheapest way from start to goal; False where there is none within ``longest`` (cost)."""
        bridge = self.family.bridge_m[road_class] if cross else np.inf
        path = self.mesh.route(start, {goal}, self.costs(bridge), longest)
        if path is None:
            return False
        self.lay(path, road_class)
        return True

    def costs(self, bridge: float) -> list[float]:
        """Return what every edge costs a new road: less along roads, ``bridge`` more over water without one."""
        if bridge not in self._costs:
            cost = self.mesh.cost * np.where(self.rank < len(CLASSES), REUSE, 1.0)
            cost[self.mesh.wet & (self.rank == len(CLASSES))] += bridge
            self._costs[bridge] = cost.tolist()
        return self._costs[bridge]

    def lay(self, path: Iterable[int], road_class: str) -> None:
        """Make the edges roads of the class, unless they are of a higher one."""
        path = list(path)
        self.rank[path] = np.minimum(self.rank[path], CLASSES.index(road_class))
        for cost in self._costs.values():
            for edge in path:
                cost[edge] = REUSE * self.mesh.cost[edge]

    def road_points(self) -> set[int]:
        """Return the mesh points that lie on a road."""
        return set(self.mesh.uv[self.rank < len(CLASSES)].ravel().tolist())


def make_roads(place: DemoPlace, mesh: Mesh, settled: Settlements, rng: np.random.Generator) -> np.ndarray:
    """Return the rank of every mesh edge in CLASSES; len(CLASSES) = no road. All roads hang together."""
    builder = Builder(mesh, place.family)
    _between_seats(place, builder, rng)
    builder.lay(np.flatnonzero(mesh.street & ~mesh.wet & (rng.random(len(mesh.uv)) < 0.74)), "residential")
    _between_villages(builder, settled, rng)
    _join_parts(builder)  # before the hamlets, so that none hangs on a part that is left out
    _to_hamlets(builder, settled, rng)
    return builder.rank


def neighbour_graphs(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (pairs, is_gabriel, is_relative_neighbour) over the Delaunay pairs of points, pairs sorted."""
    if len(xy) < 4:
        pairs = np.array([(a, b) for a in range(len(xy)) for b in range(a + 1, len(xy))]).reshape(-1, 2)
    else:
        s = Delaunay(xy).simplices
        pairs = np.unique(np.sort(np.concatenate([s[:, [0, 1]], s[:, [1, 2]], s[:, [0, 2]]]), axis=1), axis=0)
    tree = cKDTree(xy)
    a, b = xy[pairs[:, 0]], xy[pairs[:, 1]]
    gap = np.hypot(*(a - b).T)
    gabriel = tree.query((a + b) / 2)[0] >= gap / 2 * (1 - 1e-9)
    relative = np.array([gabriel[k] and not any(
        max(np.hypot(*(xy[c] - a[k])), np.hypot(*(xy[c] - b[k]))) < gap[k] * (1 - 1e-9)
        for c in tree.query_ball_point(a[k], gap[k]) if c not in pairs[k]) for k in range(len(pairs))])
    return pairs, gabriel, relative


def _between_seats(place: DemoPlace, builder: Builder, rng: np.random.Generator) -> None:
    mesh = builder.mesh
    xy = np.array([t.seat for t in place.towns])
    seats = [mesh.nearest(*seat) for seat in xy]
    pairs, gabriel, relative = neighbour_graphs(xy)
    gap = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    towns_by_size = np.argsort([-sum(u.township == t.name and u.kind == "community" for u in place.units)
                                for t in place.towns], kind="stable")
    # The through road: from the largest town along relative neighbours to the farthest.
    first = int(towns_by_size[0])
    trunk = _tree_path(pairs[relative], gap[relative], first, int(np.hypot(*(xy - xy[first]).T).argmax()))
    for only, road_class in ((relative, "primary"), (gabriel & ~relative, "secondary")):
        for k in sorted(np.flatnonzero(only), key=lambda k: (gap[k], k)):
            a, b = pairs[k]
            chosen = "trunk" if (a, b) in trunk or (b, a) in trunk else road_class
            builder.build(seats[a], seats[b], chosen, cross=True, longest=1e9)
    # Roads leave the county: from the outermost seats to the nearest ground on the border.
    rim = np.array([place.outline.exterior.interpolate(s, normalized=True).coords[0] for s in np.arange(0, 1, 0.01)])
    angles = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(7) / 7
    centre = xy.mean(axis=0)
    for angle in angles:
        direction = np.array([np.cos(angle), np.sin(angle)])
        gate = rim[(((rim - centre) / np.hypot(*(rim - centre).T)[:, None]) @ direction).argmax()]
        nearest = int(np.hypot(*(xy - gate).T).argmin())
        builder.build(seats[nearest], mesh.nearest(*gate), "secondary", cross=True, longest=1e9)


def _tree_path(pairs: np.ndarray, gap: np.ndarray, start: int, goal: int) -> set[tuple[int, int]]:
    """Return the pairs on the shortest way from start to goal over a small graph."""
    best, came, todo = {start: 0.0}, {}, {start}
    while todo:
        here = min(todo, key=lambda n: (best[n], n))
        todo.remove(here)
        for (a, b), length in zip(pairs.tolist(), gap, strict=True):
            if here in (a, b):
                there = b if here == a else a
                if best[here] + length < best.get(there, np.inf):
                    best[there], came[there] = best[here] + length, here
                    todo.add(there)
    path = set()
    while goal in came:
        path.add((came[goal], goal))
        goal = came[goal]
    return path


def _between_villages(builder: Builder, settled: Settlements, rng: np.random.Generator) -> None:
    """Spanning tree, then most Gabriel pairs in the plain and some of the relative neighbours in the hills."""
    mesh, xy, family = builder.mesh, settled.xy, builder.family
    pairs, gabriel, relative = neighbour_graphs(xy)
    gap = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    n = len(xy)
    tree = minimum_spanning_tree(coo_matrix((gap, pairs.T), shape=(n, n))).tocoo()
    in_tree = {(min(a, b), max(a, b)) for a, b in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    draw, over_water, class_draw = rng.random((3, len(pairs)))
    for k in sorted(range(len(pairs)), key=lambda k: (tuple(pairs[k]) not in in_tree, gap[k], k)):
        a, b = pairs[k].tolist()
        needed = (a, b) in in_tree
        hilly = mesh.hill[settled.point[a]] or mesh.hill[settled.point[b]]
        wanted = (draw[k] < family.hill_relative if hilly and relative[k]
                  else draw[k] < family.plain_gabriel and gabriel[k] and not hilly)
        if not needed and not wanted:
            continue
        road_class = "tertiary" if class_draw[k] < (0.62 if needed else 0.30) else "unclassified"
        start, goal = int(settled.point[a]), int(settled.point[b])
        cost_limit = gap[k] * (family.hill_longest if hilly else family.plain_longest)
        cross = over_water[k] < family.village_over_water
        laid = builder.build(start, goal, road_class, cross=cross, longest=cost_limit)
        if needed and not laid:
            builder.build(start, goal, road_class, cross=True, longest=1e9)


def _to_hamlets(builder: Builder, settled: Settlements, rng: np.random.Generator) -> None:
    """Every hamlet gets a spur to the nearest road it can reach, half of those in the plain a second way."""
    mesh, family = builder.mesh, builder.family
    order = rng.permutation(len(settled.hamlet_point))
    on_road = builder.road_points()
    cost = np.where(mesh.wet, np.inf, mesh.cost).tolist()
    over_water = (mesh.cost + mesh.wet * family.bridge_m["unclassified"]).tolist()
    spurs = []
    for k in order:
        start = int(settled.hamlet_point[k])
        if start in on_road:
            continue
        path = mesh.route(start, on_road, cost, family.hamlet_longest) or mesh.route(start, on_road, over_water)
        if path is None:
            raise RuntimeError(f"hamlet at mesh point {start} cannot reach any road")
        builder.lay(path, "residential" if rng.random() < (0.42 if mesh.hill[start] else 0.55) else "unclassified")
        on_road.update(mesh.uv[path].ravel().tolist())
        spurs.append((start, path))
    degree = np.bincount(mesh.uv[builder.rank < len(CLASSES)].ravel(), minlength=len(mesh.xy))
    for start, _ in spurs:
        if degree[start] > 1 or rng.random() >= family.hamlet_two_ways[int(mesh.hill[start])]:
            continue
        here = [edge for _, edge in mesh.neighbours[start] if builder.rank[edge] < len(CLASSES)]
        near = {start, *(p for p, _ in mesh.neighbours[start])}
        closed = list(cost)
        for edge in here:
            closed[edge] = np.inf
        second = mesh.route(start, on_road - near, closed, 900)
        if second:
            builder.lay(second, "unclassified")
            on_road.update(mesh.uv[second].ravel().tolist())
    _lanes(builder, settled, on_road, rng)


def _lanes(builder: Builder, settled: Settlements, on_road: set[int], rng: np.random.Generator) -> None:
    """Lanes that lead from a hamlet to its last houses and no farther."""
    mesh = builder.mesh
    for start in sorted({int(p) for p in settled.hamlet_point}):
        free = [(p, e) for p, e in mesh.neighbours[start]
                if p not in on_road and not mesh.wet[e] and mesh.length[e] < 280]
        for k in rng.permutation(len(free))[:rng.choice(3, p=builder.family.lanes)]:
            builder.lay([free[k][1]], "residential")
            on_road.add(free[k][0])


def _join_parts(builder: Builder) -> None:
    """Streets cut off from the rest are joined where a short dry way exists, and left out otherwise."""
    mesh = builder.mesh
    while True:
        roads = np.flatnonzero(builder.rank < len(CLASSES))
        parent = _parts(len(mesh.xy), mesh.uv[roads])
        sizes = np.bincount(parent[mesh.uv[roads, 0]], minlength=len(mesh.xy))
        main = int(sizes.argmax())
        stray = sorted(set(parent[mesh.uv[roads, 0]].tolist()) - {main})
        if not stray:
            return
        inside = roads[parent[mesh.uv[roads, 0]] == stray[0]]
        goals = set(mesh.uv[roads[parent[mesh.uv[roads, 0]] == main]].ravel().tolist())
        path = mesh.route(int(mesh.uv[inside, 0].min()), goals, np.where(mesh.wet, np.inf, mesh.cost).tolist(), 1500)
        if path is None:
            builder.rank[inside] = len(CLASSES)
        else:
            builder.lay(path, "residential")


def _parts(points: int, uv: np.ndarray) -> np.ndarray:
    graph = coo_matrix((np.ones(len(uv)), uv.T), shape=(points, points))
    return connected_components(graph, directed=False)[1]
