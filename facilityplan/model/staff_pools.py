"""Who lends doctors to whom: each township keeps its own pool, or the townships of a consortium share theirs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facilityplan.model.sets import PlanningData


@dataclass(frozen=True)
class Pools:
    """Hires and doctors moved by township (int64, townships); ``moved`` adds up to nothing inside each pool."""

    hires: np.ndarray
    moved: np.ndarray  # borrowed less lent


def pooled(data: PlanningData) -> bool:
    """Do the townships of a consortium share their clinic doctors?"""
    block = data.consortia
    return block is not None and block.pool_staff and data.doctors is not None and data.holds("doctor_balance")


def pool_of(data: PlanningData, member: np.ndarray) -> np.ndarray:
    """Return the pool of each township (int64): itself, or the consortium where consortia pool their staff.

    ``member``: int (rows,) position of each township's lead. With the rule consortium_staff dropped all townships that
    are grouped share one pool.
    """
    pool = np.arange(len(data.townships), dtype=np.int64)
    if pooled(data):
        label = member.astype(np.int64) if data.holds("consortium_staff") else np.zeros(len(member), dtype=np.int64)
        pool[data.consortia.townships] = len(data.townships) + label
    return pool


def pooled_with(data: PlanningData) -> np.ndarray:
    """Return a label of each township (int64): townships with the same one have their staff balance together."""
    label = np.arange(len(data.townships), dtype=np.int64)
    if pooled(data):
        label[data.consortia.townships] = len(label)
    return label


def by_pool(data: PlanningData, member: np.ndarray, figure: np.ndarray) -> np.ndarray:
    """Sum a figure of the townships by pool (int64, by the labels of ``pool_of``, 0 for labels not in use)."""
    leads = 0 if data.consortia is None else len(data.consortia.leads)
    total = np.zeros(len(data.townships) + leads, dtype=np.int64)
    np.add.at(total, pool_of(data, member), figure)
    return total


def pool_names(data: PlanningData, member: np.ndarray) -> dict[int, str]:
    """Return label of ``pool_of`` → what the pool is called: its township, else the lead of its consortium."""
    label = pool_of(data, member)
    leads = [] if data.consortia is None else [data.site_ids[j] for j in data.consortia.leads]
    names = [*data.townships, *leads]
    if not data.holds("consortium_staff"):  # all that are grouped share one
        names[len(data.townships):] = ["county" for _ in leads]
    return {p: names[p] for p in np.unique(label).tolist()}


def settle_pools(
    data: PlanningData, member: np.ndarray, needed: np.ndarray, least: np.ndarray | None = None
) -> Pools:
    """Return the least hires, and who lends to whom, for ``needed`` doctors by township (int64).

    A pool hires what its townships lack together, or the ``least`` (int64, by pool, see ``by_pool``) where that is
    more; whoever is then too many waits in the township with least to spare. Hires go where most is lacking, one
    township after the other; the rest of what is lacking is borrowed from the townships with most to spare; ties by
    people, then by name.
    """
    hires, moved = np.zeros_like(needed), np.zeros_like(needed)
    if not data.holds("doctor_balance"):
        return Pools(hires, moved)
    spare = data.doctors.pool - needed
    label = pool_of(data, member)
    known = data.village_township >= 0
    people = np.zeros_like(needed)
    np.add.at(people, data.village_township[known], data.village_people[known])
    for pool in np.unique(label).tolist():
        towns = np.flatnonzero(label == pool).tolist()
        to_hire = max(0, -int(spare[towns].sum()), 0 if least is None else int(least[pool]))
        short_first = sorted(towns, key=lambda t: (int(spare[t]), -int(people[t]), t))
        for t in short_first:
            if spare[t] >= 0:
                break
            hires[t] = min(to_hire, -int(spare[t]))
            to_hire -= int(hires[t])
            moved[t] = -int(spare[t]) - int(hires[t])
        hires[short_first[0]] += to_hire
        to_lend = int(moved[towns].sum())
        for t in sorted(towns, key=lambda t: (-int(spare[t]), -int(people[t]), t)):
            if spare[t] > 0 and to_lend:
                moved[t] = -min(to_lend, int(spare[t]))
                to_lend += int(moved[t])
    return Pools(hires, moved)
