"""Counties for the model's tests, made directly as planning data: no roads, no files."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np

from facilityplan.model.consortia import ConsortiaData
from facilityplan.model.hosts import host_pairs
from facilityplan.model.sets import (
    CircleFloor,
    DoctorData,
    LadderInput,
    MoneyData,
    ObjectiveStage,
    PlanningData,
    SubCentreData,
)
from facilityplan.units import UNREACHABLE_DS


def ladder_input(standard, limit_min, weight, village, ds, permanent, limit_ds):
    """Ladder from a dense (cells, sites) table of deciseconds, -1 = not counted or no way."""
    indptr, sites, times = [0], [], []
    for cell in range(len(weight)):
        order = [(int(t), s) for s, t in enumerate(ds[cell]) if t >= 0]
        for t, s in sorted(order):
            sites.append(s)
            times.append(t)
            if permanent[s]:
                break
        indptr.append(len(sites))
    return LadderInput(
        standard,
        limit_min,
        np.asarray(weight, np.int64),
        np.asarray(village, np.int32),
        np.array(indptr, np.int64),
        np.array(sites, np.int32),
        np.array(times, np.int32),
        np.asarray(limit_ds, np.int64),
    )


def county_like(
    seed: int,
    villages: int = 142,
    cells: int = 12_000,
    townships: int = 13,
    *,
    budget: float = 0.95,
    delta_min: int = 0,
    speed_kmh: float = 18.0,
    retire: float = 0.05,
    hires: int = 0,
) -> PlanningData:
    """A synthetic county with the size and ranges of Deqing (design: demo.md), straight lines times a detour of 1.4."""
    rng = np.random.default_rng(seed)
    scale = np.sqrt(villages / 142)
    width, height = 56_000 * scale, 30_000 * scale
    centre = _spread(rng, villages, width, height)
    seats = centre[rng.choice(villages, townships, replace=False)] + rng.normal(0, 600, (townships, 2))
    township = np.argmin(((centre[:, None] - seats) ** 2).sum(-1), axis=1)
    people = np.clip(rng.lognormal(np.log(1_300), 0.58, villages), 330, 4_200)
    share = rng.dirichlet(np.ones(cells // villages), villages)
    cell_village = np.repeat(np.arange(villages), cells // villages)
    cell_xy = centre[cell_village] + rng.normal(0, 550, (len(cell_village), 2))
    weight = np.rint(people[cell_village] * share.ravel() * 10).astype(np.int64)
    n = villages + townships
    ids = tuple(f"c{k:04d}" for k in range(villages)) + tuple(f"h{k:04d}" for k in range(townships))
    xy = np.concatenate([centre + rng.normal(0, 250, centre.shape), seats])
    decided = np.arange(n) < villages
    hospital = ~decided
    per_ds = 600 / 1000 * 60 / speed_kmh * 1.4
    dist = np.sqrt(((cell_xy[:, None] - xy) ** 2).sum(-1))
    ds = np.rint(dist * per_ds + 300).astype(np.int64)
    ds[ds > 144_000] = -1
    doctors = np.where(decided, np.maximum(1, np.rint(np.concatenate([people, np.zeros(townships)]) / 1_100)), 0)
    doctors = doctors.astype(np.int64)
    doctors[:villages] -= (rng.random(villages) < 0.075 * doctors[:villages]).astype(np.int64)
    today = np.where((doctors > 0) | hospital, ds, 10**9).min(axis=1)
    limit = np.where(today <= 15 * 600, 15 * 600, today + delta_min * 600)
    ladders = (ladder_input("circle", 15, weight, cell_village, ds, hospital, limit),)
    site_village = np.concatenate([np.arange(villages), np.argmin(((seats[:, None] - centre) ** 2).sum(-1), axis=1)])
    village_people = np.bincount(cell_village, weights=weight, minlength=villages).astype(np.int64)
    site_township = np.concatenate([township, np.arange(townships)]).astype(np.int32)
    rank = np.argsort(np.lexsort((np.arange(n), xy[:, 1], xy[:, 0], -village_people[site_village]))).astype(np.int32)
    between = np.rint(np.sqrt(((xy[:, None] - xy) ** 2).sum(-1)) * per_ds + 300).astype(np.int64)
    between[between > 9_000] = UNREACHABLE_DS
    from scipy.spatial import Delaunay

    edges = {(min(a, b), max(a, b)) for t in Delaunay(centre).simplices for a in t for b in t if a != b}
    pairs = host_pairs(
        decided=decided,
        hospital=hospital,
        village=site_village,
        township=site_township,
        consortium=np.full(n, -1),
        village_people=village_people,
        rank=rank,
        ds=between,
        limit_min=15,
        adjacent_villages=edges,
        adjacent=True,
        same_township=True,
        same_consortium=True,
        host_at_least_guest=True,
    )
    retired = np.zeros(n, np.int64)
    for j in rng.permutation(villages)[: int(retire * doctors.sum())]:
        retired[j] = min(1, doctors[j])
    pool = np.bincount(site_township, weights=doctors - retired, minlength=townships).astype(np.int64)
    area = np.rint(rng.uniform(60, 200, n))
    running = np.where(decided, 40_000 + 250 * area, 0).astype(np.int64)
    cost_today = int(running.sum()) + 100_000 * int(doctors.sum())
    load = np.where(decided, village_people[site_village], 0)
    return PlanningData(
        site_ids=ids,
        decided=decided,
        candidate=np.zeros(n, bool),
        hospital=hospital,
        site_village=site_village.astype(np.int32),
        site_township=site_township,
        rank=rank,
        village_ids=tuple(f"v{k:04d}" for k in range(villages)),
        village_people=village_people,
        village_township=township.astype(np.int32),
        townships=tuple(f"t{k:02d}" for k in range(townships)),
        load=load,
        load_scale=10,
        pairs=pairs,
        host_limit_min=15,
        max_hosts=8,
        ladders=ladders,
        circle_floors=(),
        blank_groups=(),
        max_blank=None,
        doctors=DoctorData(doctors, np.where(decided, 0, 20), pool, 15_000, 10_000, np.maximum(5, doctors), hires),
        money=MoneyData(
            running,
            100_000,
            int((doctors - retired).sum()),
            300_000,
            20_000,
            5_000_000,
            cost_today,
            int(budget * cost_today),
            None,
        ),
        sub_centres=None,
        objectives=(
            ObjectiveStage("uncovered", 0),
            ObjectiveStage("person_minutes", 0),
            ObjectiveStage("cost"),
            ObjectiveStage("changes"),
        ),
        dropped=frozenset(),
    )


def _spread(rng, n, width, height):
    """Best of 14 draws for each point: villages keep their distance."""
    points = [rng.random(2) * (width, height)]
    while len(points) < n:
        draws = rng.random((14, 2)) * (width, height)
        near = np.sqrt(((draws[:, None] - np.array(points)) ** 2).sum(-1)).min(axis=1)
        points.append(draws[int(np.argmax(near))])
    return np.array(points)


def hand_county() -> PlanningData:
    """Three villages of two townships, small enough to read, where every rule has something to say.

    Sites: 卫-1, 卫 1 and 卫_1 are clinics (names that PuLP would fold into one), 新1 and 新2 candidate sites in a
    village without a clinic, 院1 and 院2 township hospitals.
    """
    ids = ("卫 1", "卫-1", "卫_1", "新1", "新2", "院1", "院2")
    decided = np.array([1, 1, 1, 0, 0, 0, 0], bool)
    candidate = np.array([0, 0, 0, 1, 1, 0, 0], bool)
    hospital = np.array([0, 0, 0, 0, 0, 1, 1], bool)
    village = np.array([0, 1, 2, 3, 3, 0, 2], np.int32)
    township = np.array([0, 0, 1, 1, 1, 0, 1], np.int32)
    people = np.array([9_000, 20_000, 16_000, 4_000], np.int64)
    rank = np.array([4, 0, 2, 5, 6, 3, 1], np.int32)
    minutes = np.array([[3, 8, -1, -1, -1, 30, -1],
                        [12, 4, 9, -1, -1, 40, -1],
                        [-1, 14, 2, 20, 20, -1, 50],
                        [-1, -1, 13, 5, 6, -1, -1],
                        [10, 7, -1, -1, -1, -1, -1]])  # fmt: skip
    ds = np.where(minutes < 0, -1, minutes * 600)
    limit = np.array([9_000, 9_000, 9_000, 9_000, -1])
    weight, cell_village = np.array([9_000, 12_000, 16_000, 4_000, 8_000]), np.array([0, 1, 2, 3, 1])
    ladder = ladder_input("circle", 15, weight, cell_village, ds, hospital, limit)
    walk = ladder_input("walk", 10, weight // 10, cell_village, ds, hospital, np.full(5, -1))
    between = np.full((7, 7), UNREACHABLE_DS)
    between[:3, :3] = [[0, 4_000, 7_000], [4_000, 0, 5_000], [7_000, 5_000, 0]]
    between[:3, 5] = [600, 4_400, UNREACHABLE_DS]
    between[:3, 6] = [UNREACHABLE_DS, UNREACHABLE_DS, 900]
    pairs = host_pairs(decided=decided, hospital=hospital, village=village, township=township,
                       consortium=np.full(7, -1), village_people=people, rank=rank, ds=between, limit_min=15,
                       adjacent_villages=[(0, 1), (1, 2)], adjacent=True, same_township=False, same_consortium=True,
                       host_at_least_guest=False)  # fmt: skip
    load = np.array([9_000, 20_000, 16_000, 4_000, 4_000, 0, 0], np.int64)
    doctors = np.array([1, 2, 1, 0, 0, 0, 0], np.int64)
    running = np.array([60_000, 70_000, 65_000, 60_000, 80_000, 0, 0], np.int64)
    return PlanningData(
        site_ids=ids, decided=decided, candidate=candidate, hospital=hospital, site_village=village,
        site_township=township, rank=rank, village_ids=("甲", "乙", "丙", "丁"), village_people=people,
        village_township=np.array([0, 0, 1, 1], np.int32), townships=("东镇", "西镇"), load=load, load_scale=10,
        pairs=pairs, host_limit_min=15, max_hosts=8, ladders=(ladder, walk),
        circle_floors=(CircleFloor(1, None, 3_000, int(walk.weight.sum())), CircleFloor(1, 0, 2_000, 2_900)),
        blank_groups=((3, (3, 4)),), max_blank=0,
        doctors=DoctorData(doctors, np.array([0, 0, 0, 0, 0, 9, 12]), np.array([2, 1]), 15_000, 10_000,
                           np.array([2, 2, 2, 2, 2, 2, 2]), 1),
        money=MoneyData(running, 100_000, 3, 250_000, 20_000, 5_000_000, 595_000, 700_000, 5_400_000),
        sub_centres=SubCentreData(np.array([5, 6], np.int32), np.array([True, False]), np.array([True, False]),
                                  np.array([False, True]), 1, 2, np.array([0, 1], np.int32), np.array([29_000, 20_000]),
                                  np.array([[200_000, 900_000], [700_000, 100_000]]), 60_000),
        objectives=(ObjectiveStage("uncovered", 0), ObjectiveStage("person_minutes", 1),
                    ObjectiveStage("sub_centre_minutes"), ObjectiveStage("cost"), ObjectiveStage("changes")),
        dropped=frozenset())  # fmt: skip


def hand_county_of_consortia() -> PlanningData:
    """The hand-made county with its two townships grouped: 院1 and 院2 may lead, every rule on consortia speaks."""
    block = ConsortiaData(
        leads=np.array([5, 6], np.int32), fixed=np.array([True, False]), home=np.array([0, 1], np.int32),
        townships=np.array([0, 1], np.int32), people=np.array([29_000, 20_000]),
        cost=np.array([[200_000, 900_000], [700_000, 100_000]]), farthest=np.array([[10, 40], [45, 8]]),
        links=((0, 1),), exempt=np.array([False, False]), assigned=np.array([-1, 0], np.int32), min_count=1,
        max_count=2,
        balance=Fraction(3, 10), min_townships=2, contiguous=True, max_minutes=40, min_sub_centres=1,
        catchments_inside=True, merge_inside=True, pool_staff=True)  # fmt: skip
    return dataclasses.replace(hand_county(), consortia=block)


def fair_county() -> PlanningData:
    """The same county with every measure of fairness as a stage and as a limit, a weighted stage and a tolerance."""
    from decimal import Decimal

    from facilityplan.model.gather_fairness import curve_for
    from facilityplan.model.sets_fairness import FairnessLimit, StagePart, Tolerance

    data = hand_county()
    ladder = data.ladders[0]
    today = np.array([3, 4, 2, 5, 7])
    curve = curve_for(0, Decimal("0.1"), ladder.weight, today)
    people = int(ladder.weight.sum())
    parts = (
        StagePart(ObjectiveStage("uncovered", 0), Decimal("2.5"), 25),
        StagePart(ObjectiveStage("cost"), Decimal("0.1"), 10),
        StagePart(ObjectiveStage("worst_decile", 0), Decimal(1), 1),
    )
    limits = (
        FairnessLimit(0, "mean_minutes", 0, None, None, 8 * people, people),
        FairnessLimit(1, "max_minutes", 0, None, None, 12, people),
        FairnessLimit(2, "worst_decile", 0, None, None, 11 * people, people),
        FairnessLimit(2, "worst_decile", 0, None, 1, 10 * 20_000, 20_000),
        FairnessLimit(3, "kolm_pollak", 0, 0, None, 2 * people, people),
    )
    stages = (
        ObjectiveStage("max_minutes", 0, tolerance=Tolerance(None, 1)),
        ObjectiveStage("worst_decile", 0),
        ObjectiveStage("kolm_pollak", 0, 0),
        ObjectiveStage("weighted", parts=parts, scale=Fraction(100)),
    )
    return dataclasses.replace(data, curves=(curve,), fairness=limits, objectives=stages)
