"""Where people live: towns, communities, villages and hamlets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.special import ndtri

from facilityplan.demo.family import Family
from facilityplan.demo.mesh import Disc, Mesh
from facilityplan.demo.place import DemoPlace, Unit
from facilityplan.demo.terrain import Terrain

TRIES = 11
APART_M = 150.0  # villages lie so far apart at least, so that each has ground of its own
MOST_REDRAWS = 200
DIRECTIONS = {"东": (1, 0), "南": (0, -1), "西": (-1, 0), "北": (0, 1)}


@dataclass(frozen=True)
class Settlements:
    """Units in the order of ``place.units``; hamlets grouped by unit (communities have none)."""

    point: np.ndarray  # int (units,), mesh point at which the unit is centred
    xy: np.ndarray  # float64 (units, 2)
    village_people: np.ndarray  # int (units,), 0 for communities
    town_people: np.ndarray  # int (towns,), people of a town's communities
    hamlet_point: np.ndarray  # int (hamlets,)
    hamlet_unit: np.ndarray  # int (hamlets,)
    hamlet_share: np.ndarray  # float64 (hamlets,), of its village's people; sums to 1 by village


def make_discs(place: DemoPlace, rng: np.random.Generator) -> tuple[list[Disc], np.ndarray]:
    """Share the urban people among the towns and give each a built-up disc. Returns discs and people by town."""
    communities = np.array([sum(u.kind == "community" and u.township == t.name for u in place.units)
                            for t in place.towns])
    # A lone community is a rural market town; its built-up area is smaller than a community of the county town.
    weight = communities * np.where(communities <= 3, 0.6, 1.0) * np.exp(rng.normal(0, 0.12, len(communities)))
    people = np.zeros(len(weight), int)
    for k, county in enumerate(place.counties):
        mine = np.array(place.town_county) == k
        people[mine] = whole_shares(county.people - county.people_rural, weight[mine])
    radius = 100 * np.sqrt(np.maximum(people, 600) / place.family.town_people_per_ha / np.pi)
    discs = []
    for town, r in zip(place.towns, radius, strict=True):
        bulges = tuple((lobes, size * rng.uniform(0.6, 1.2), rng.uniform(0, 2 * np.pi))
                       for lobes, size in ((1, 0.10), (2, 0.17), (3, 0.10), (5, 0.06)))
        discs.append(Disc(*town.seat, float(r), rng.uniform(0, np.pi / 2), bulges))
    return discs, people


def settle(place: DemoPlace, terrain: Terrain, mesh: Mesh, discs: list[Disc], town_people: np.ndarray,
           rng: np.random.Generator) -> Settlements:
    """Place communities and villages, size the villages, and scatter their hamlets."""
    town_of = _territories(place, mesh, discs)
    family = place.family
    rise = terrain.rise_at(*mesh.xy.T)
    points = _unit_points(place, mesh, discs, town_of, rise, rng)
    point = _match_names(place, mesh, points, rng)
    xy = mesh.xy[point]
    rural = np.array([u.kind == "village" for u in place.units])
    # One draw from each of n equal slices of the normal: log-normal sizes without the luck of a small sample.
    normal = ndtri((rng.permutation(len(rural)) + rng.random(len(rural))) / len(rural))
    size = np.exp(family.size_sigma * normal) * np.where(mesh.hill[point], family.hill_size, 1.0)
    median = np.median(size[rural])
    people = np.zeros(len(rural), int)
    for k, county in enumerate(place.counties):
        mine = rural & (np.array(place.unit_county) == k)
        people[mine] = whole_shares(county.people_rural, np.clip(size[mine], 0.25 * median, 3.2 * median))
    hamlets = _hamlets(family, mesh, point, xy, people, rise, rng)
    return Settlements(point, xy, people, town_people, *hamlets)


def whole_shares(total: int, weight: np.ndarray) -> np.ndarray:
    """Split ``total`` into whole numbers in proportion to ``weight`` (largest remainder, first come on ties)."""
    exact = total * weight / weight.sum()
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[:total - whole.sum()]] += 1
    return whole


def _territories(place: DemoPlace, mesh: Mesh, discs: list[Disc]) -> np.ndarray:
    """Return the town of every mesh point: a power diagram of the seats, area by number of villages."""
    seats = np.array([t.seat for t in place.towns])
    units = np.array([sum(1.0 if u.kind == "village" else 0.4 for u in place.units if u.township == t.name)
                      for t in place.towns])
    square = ((mesh.xy[:, None, :] - seats[None]) ** 2).sum(axis=2)
    if len(place.counties) > 1:  # no town reaches over a county line
        county = np.full(len(mesh.xy), -1)
        for k, one in enumerate(place.counties):
            county[shapely.contains_xy(one.outline, *mesh.xy.T)] = k
        other = (county[:, None] >= 0) & (county[:, None] != np.array(place.town_county)[None])
        square[other] = np.inf
    hilly = mesh.hill[square.argmin(axis=0)]
    target = units * np.where(hilly, place.family.hill_area, 1.0)
    target *= len(mesh.xy) / target.sum()
    between = ((seats[:, None] - seats[None]) ** 2).sum(axis=2)
    weight = np.zeros(len(seats))
    step = between[between > 0].min() * 0.5 if len(seats) > 1 else 0.0
    for k in range(120):
        area = np.bincount((square - weight).argmin(axis=1), minlength=len(seats))
        weight += step * np.clip((target - area) / target, -1, 1) * (1 - k / 150)
        # A seat stays well inside its own territory: no weight may exceed another's by 0.4 of their distance squared.
        for a in range(len(seats)):
            others = np.arange(len(seats)) != a
            weight[a] = min(weight[a], (weight + 0.4 * between[a])[others].min()) if others.any() else 0.0
    town = (square - weight).argmin(axis=1)
    for k, disc in enumerate(discs):  # the middle of a built-up area is never another town's
        town[square[:, k] <= (0.6 * disc.radius) ** 2] = k
    return town


def _unit_points(place, mesh, discs, town_of, rise, rng) -> dict[tuple[str, str], list[int]]:
    """Return mesh points by (township, kind): each new one the best of some tries, far from those before."""
    chosen: dict[tuple[str, str], list[int]] = {}
    taken = np.empty((0, 2))
    for k, town in enumerate(place.towns):
        n = sum(u.kind == "community" and u.township == town.name for u in place.units)
        spots = [mesh.nearest(*town.seat)] if n else []
        ground = np.flatnonzero((discs[k].depth(*mesh.xy.T) <= max(0.9, 500 / discs[k].radius)) & (town_of == k))
        while len(spots) < n:
            tries = rng.choice(ground, TRIES)
            far = np.hypot(*(mesh.xy[tries, None] - mesh.xy[spots][None]).transpose(2, 0, 1)).min(axis=1)
            spots.append(int(tries[far.argmax()]))
        chosen[town.name, "community"] = spots
        taken = np.concatenate([taken, mesh.xy[spots]])
    built_up = np.min([d.depth(*mesh.xy.T) / (1 + 350 / d.radius) for d in discs], axis=0)
    liked = _liking(place.family, mesh, rise, place.family.village_rise_m) * (built_up > 1)
    queue = [k for k, t in enumerate(place.towns)
             for _ in range(sum(u.kind == "village" and u.township == t.name for u in place.units))]
    for k in rng.permutation(queue):
        town = place.towns[k]
        share = liked * (town_of == k)
        for _ in range(MOST_REDRAWS):
            tries = rng.choice(len(share), rng.integers(1, TRIES), p=share / share.sum())
            far = np.hypot(*(mesh.xy[tries, None] - taken[None]).transpose(2, 0, 1)).min(axis=1)
            if far.max() >= APART_M:
                break
        spot = int(tries[far.argmax()])
        chosen.setdefault((town.name, "village"), []).append(spot)
        taken = np.concatenate([taken, mesh.xy[[spot]]])
    return chosen


def _liking(family: Family, mesh: Mesh, rise: np.ndarray, scale_m: float) -> np.ndarray:
    """Return how much each mesh point is liked to live at: low ground in the hills."""
    falling = np.exp(-np.clip(rise - family.like_from_m, 0, None) / scale_m)
    return falling if family.rise_in_plain else np.where(mesh.hill, falling, 1.0)


def _match_names(place: DemoPlace, mesh: Mesh, points: dict, rng: np.random.Generator) -> np.ndarray:
    """Give names to points: a town's namesake near its seat, east to the east, named mergers side by side."""
    group_of = {n.unit: n.group for n in place.named_clinics}
    point = {}
    for (township, kind), spots in points.items():
        units = [u for u in place.units if u.township == township and u.kind == kind]
        xy, seat = mesh.xy[spots], np.array(place.town(township).seat)
        reach = np.hypot(*(xy - seat).T)
        wish = rng.uniform(0, 0.5, (len(units), len(spots)))
        grouped = [k for k, u in enumerate(units) if u.id in group_of]
        for k, unit in enumerate(units):
            wish[k] += _name_wish(unit, township, xy - seat, reach)
        if grouped:
            core = grouped[0] if kind == "community" else max(grouped, key=lambda k: units[k].name[:2] == township[:2])
            middle = int(wish[core].argmin())
            if units[core].name[:2] != township[:2]:  # no namesake: the two spots that lie closest together
                gaps = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) + np.eye(len(xy)) * 1e9
                middle = int(gaps.min(axis=1).argmin())
            away = np.hypot(*(xy - xy[middle]).T)
            for k in grouped:
                wish[k] = 20 * away / max(away.max(), 1) * (2 if k == core else 1)
        for k, spot in zip(*linear_sum_assignment(wish), strict=True):
            point[units[k].id] = spots[spot]
    return np.array([point[u.id] for u in place.units])


def _name_wish(unit: Unit, township: str, offset: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Return how little each spot suits a name (smaller is better)."""
    far = reach / max(reach.max(), 1)
    if unit.name[:2] == township[:2]:
        return 6 * far
    side = [DIRECTIONS[c] for c in unit.name[1:2] if c in DIRECTIONS and unit.name[0] in "城舍"]
    if side:
        return 2 - 2 * (offset @ np.array(side[0])) / np.maximum(reach, 1) + 2 * far
    return np.zeros(len(far))


def _hamlets(family: Family, mesh: Mesh, point, xy, people, rise, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    away, owner = cKDTree(xy).query(mesh.xy)
    # Some villages cluster round their middle, others are strung out over the fields.
    reach = rng.choice(family.hamlet_reach_m, len(point), p=[0.35, 0.4, 0.25])
    liked = np.exp(-away / reach[owner]) * _liking(family, mesh, rise, family.hamlet_rise_m)
    hamlet_point, hamlet_unit, hamlet_share = [], [], []
    for unit in np.flatnonzero(people):
        ground = np.flatnonzero((owner == unit) & (away > 0))
        n = min(max(2, round(people[unit] / family.hamlet_people)) - 1, len(ground))
        key = np.log(liked[ground] + 1e-12) + rng.gumbel(size=len(ground))  # weighted, without replacement
        others = ground[np.argsort(-key, kind="stable")[:n]]
        alpha = np.r_[4.5, np.full(n, 2.2)]  # the middle is the largest hamlet more often than not
        hamlet_point.append(np.r_[point[unit], others])
        hamlet_unit.append(np.full(n + 1, unit))
        hamlet_share.append(rng.dirichlet(alpha))
    return np.concatenate(hamlet_point), np.concatenate(hamlet_unit), np.concatenate(hamlet_share)
