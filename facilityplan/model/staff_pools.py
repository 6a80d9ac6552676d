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


def settle_pools(data: PlanningData, member: np.ndarray, needed: np.ndarray) -> Pools:
    """Return the least hires, and who lends to whom, for ``needed`` doctors by township (int64).

    A pool hires what its townships lack together. Hires go where most is lacking, one township after the other; the
    rest of what is lacking is borrowed from the townships with most to spare; ties by people, then by name.
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
        to_hire = max(0, -int(spare[towns].sum()))
        for t in sorted(towns, key=lambda t: (int(spare[t]), -int(people[t]), t)):
            if spare[t] >= 0:
                break
            hires[t] = min(to_hire, -int(spare[t]))
            to_hire -= int(hires[t])
            moved[t] = -int(spare[t]) - int(hires[t])
        to_lend = int(moved[towns].sum())
        for t in sorted(towns, key=lambda t: (-int(spare[t]), -int(people[t]), t)):
            if spare[t] > 0 and to_lend:
                moved[t] = -min(to_lend, int(spare[t]))
                to_lend += int(moved[t])
    return Pools(hires, moved)
