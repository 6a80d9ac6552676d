"""Sets and data of service centres, attribute floors and contiguous catchments; conventions as in ``model.sets``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class CentreData:
    """Hospitals that may host one service, and what it costs each township to use one of them."""

    id: str
    hosts: np.ndarray  # int32 (hosts,) site
    eligible: np.ndarray  # bool (hosts,)
    required: np.ndarray  # bool (hosts,)
    forbidden: np.ndarray  # bool (hosts,)
    min_count: int
    max_count: int
    townships: np.ndarray  # int32 (rows,) townships that have villages
    people: np.ndarray  # int64 (rows,) tenths of people
    cost: np.ndarray  # int64 (rows, hosts) tenths of people · whole minutes; -1 = no way
    max_people: int | None  # tenths of people that one host serves
    near: tuple[tuple[int, ...], ...]  # distinct sets of hosts within the limit of a village; () = none
    near_people: np.ndarray  # int64 (sets,) tenths of people of the villages with that set
    wanted: int | None  # tenths of people near a centre at least
    thresholds: tuple[tuple[str, int], ...] = ()  # beds, doctors, level that make a hospital eligible, works counted


@dataclass(frozen=True)
class AttributeData:
    """A floor under what has an attribute among the sites open, or under the people near one that has."""

    id: str
    sites: np.ndarray  # int32 (sites looked at,) site
    has: np.ndarray  # bool (all sites,) has the attribute today
    equippable: np.ndarray  # bool (all sites,) lacks it, and may be given it
    equip_cny: int  # yuan for each site given it
    min_count: int | None  # sites, or tenths of people where ``near`` is given
    min_share: tuple[int, int] | None  # numerator, denominator
    near: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] | None
    # None = sites are counted; else the distinct pairs of sets of sites within the limit of a cell: (which have the
    # attribute, which may be given it or lifted to it); cells that a permanent site with it serves are left out
    near_people: np.ndarray  # int64 (pairs,) tenths of people of the cells with that pair
    served: int  # tenths of people that a permanent site with the attribute serves
    total: int  # tenths of people
    lifting: Mapping[int, tuple[frozenset[int], ...]] = field(default_factory=dict)
    # site that lacks it → minimal sets of works that lift it there; only where the column is a figure

    @property
    def counts_people(self) -> bool:
        """Are people counted, not sites?"""
        return self.near is not None

    @property
    def people_wanted(self) -> int:
        """Tenths of people near a site with the attribute at least."""
        share = 0 if self.min_share is None else -(-self.min_share[0] * self.total // self.min_share[1])
        return max(share, self.min_count or 0)


@dataclass(frozen=True)
class Contiguity:
    """Which townships lie side by side, and in which one each hospital stands. Rows as in SubCentreData.townships."""

    root: np.ndarray  # int32 (hospitals,) row of the hospital's township; -1 = it has no villages
    edges: tuple[tuple[int, int], ...]  # unordered pairs (a < b) of rows side by side
    component: np.ndarray  # int32 (rows,) part of the county that hangs together

    def own_part(self, hospital: int) -> int:
        """Return the part of the county in which a hospital stands, -1 = none."""
        root = int(self.root[hospital])
        return -1 if root < 0 else int(self.component[root])


def components(rows: int, edges: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Return the part of each row (int32), parts numbered by their first row."""
    part = np.arange(rows, dtype=np.int32)
    for _ in range(rows):
        before = part.copy()
        for a, b in edges:
            part[a] = part[b] = min(part[a], part[b])
        if (part == before).all():
            break
    return part
