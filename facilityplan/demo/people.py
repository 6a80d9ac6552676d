"""People by cell of 100 m: whole persons that sum to the census totals, each cell in the nearest unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from facilityplan.demo.mesh import Disc, Mesh
from facilityplan.demo.place import DemoPlace
from facilityplan.demo.settlements import Settlements, whole_shares
from facilityplan.demo.terrain import Terrain


@dataclass(frozen=True)
class People:
    """Grids of the terrain's shape; ``unit`` is −1 where nobody lives."""

    people: np.ndarray  # int
    people_65: np.ndarray  # int
    unit: np.ndarray  # int, position in place.units of the nearest unit


def people_the_county(place: DemoPlace, terrain: Terrain, mesh: Mesh, discs: list[Disc], settled: Settlements,
                      road_lines: np.ndarray, rng: np.random.Generator) -> People:
    """Put everybody into cells: villagers round their hamlets, townspeople densest round the seat."""
    xs, ys = terrain.centres()
    ground = np.flatnonzero(terrain.inside & ~terrain.wet)
    xy = np.c_[xs.ravel()[ground], ys.ravel()[ground]]
    owner = cKDTree(settled.xy).query(xy)[1]
    tree = shapely.STRtree(road_lines)
    to_road = np.full(len(xy), np.inf)
    hit, distance = tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    to_road[hit[0]] = distance
    count = np.zeros(len(xy), int)
    _townspeople(place, discs, settled, xy, owner, to_road, count, rng)
    _villagers(place, mesh, settled, xy, owner, to_road, count, rng)
    old = _elderly(place, settled, mesh, owner, count, rng)

    grids = [np.zeros(terrain.inside.size, int), np.zeros(terrain.inside.size, int),
             np.full(terrain.inside.size, -1)]
    for grid, values in zip(grids, (count, old, np.where(count > 0, owner, -1)), strict=True):
        grid[ground] = values
    return People(*(grid.reshape(terrain.shape) for grid in grids))


def _townspeople(place, discs, settled, xy, owner, to_road, count, rng) -> None:
    town_of_unit = np.array([[t.name for t in place.towns].index(u.township) if u.kind == "community" else -1
                             for u in place.units])
    for k, disc in enumerate(discs):
        total = int(settled.town_people[k])
        if total == 0:
            continue
        depth = disc.depth(*xy.T)
        ground = np.flatnonzero((town_of_unit[owner] == k) & (depth < 1.6))
        rough = depth[ground] + 0.12 * rng.standard_normal(len(ground)) + np.minimum(to_road[ground], 600) / 700
        n = min(len(ground), max(1, round(total / place.family.town_people_per_ha)))
        built = ground[np.argsort(rough, kind="stable")[:n]]
        density = np.exp(-1.7 * depth[built] ** 2 + 0.8 * rng.standard_normal(n))
        count[built] += whole_shares(total - n, density) + 1


def _villagers(place, mesh, settled, xy, owner, to_road, count, rng) -> None:
    tree = cKDTree(xy)
    dear = np.minimum(to_road, 400)
    for unit in np.flatnonzero(settled.village_people):
        hamlets = np.flatnonzero(settled.hamlet_unit == unit)
        people = whole_shares(int(settled.village_people[unit]), settled.hamlet_share[hamlets])
        for hamlet, total in zip(hamlets.tolist(), people.tolist(), strict=True):
            if total == 0:
                continue
            at = mesh.xy[settled.hamlet_point[hamlet]]
            near, reach = np.array([], int), 420.0
            if not (owner == unit).any():
                raise RuntimeError(f"unit {place.units[unit].id} has no ground of its own")
            while len(near) == 0:  # on a narrow strip between canals the nearest dry ground may lie farther off
                near = np.array(sorted(tree.query_ball_point(at, reach)), int)
                near, reach = near[owner[near] == unit], reach * 1.5
            away = np.hypot(*(xy[near] - at).T)
            score = away + 1.6 * dear[near] + 45 * rng.standard_normal(len(near))
            n = min(len(near), max(1, round(total / place.family.rural_people_per_cell)))
            cells = near[np.argsort(score, kind="stable")[:n]]
            count[cells] += whole_shares(total, rng.gamma(2.5, size=n))


def _elderly(place, settled, mesh, owner, count, rng) -> np.ndarray:
    """Return people of 65 and over by cell: more of them in villages, most in the hills; the census total exactly."""
    rural = settled.village_people > 0
    share = np.where(rural, rng.normal(0.230, 0.030, len(rural)) + place.family.hill_65 * mesh.hill[settled.point],
                     rng.normal(0.117, 0.020, len(rural)))
    expected = count * np.clip(share, 0.06, 0.36)[owner] * np.exp(rng.normal(0, 0.18, len(count)))
    county = np.array(place.unit_county)[owner]
    old = np.zeros(len(count), int)
    for k, totals in enumerate(place.counties):
        mine = county == k
        old[mine] = _old_of(totals.people_65, expected[mine], count[mine])
    return old


def _old_of(total: int, expected: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return whole people of 65 and over by cell that sum to ``total``; nobody can be older than there are people."""
    for _ in range(50):
        expected = np.minimum(expected * total / expected.sum(), 0.7 * count)
    old = np.minimum(whole_shares(total, expected), count)
    short = total - int(old.sum())
    room = np.flatnonzero(count > old)[:max(short, 0)]
    old[room] += 1
    return old
