"""What circuit, neighbour and posted service are decided from: who could serve whom, what it takes, what there is.

A target is whatever could be visited: each public clinic (it closes then), and each village without any site today.
Targets are numbered clinics first, in order of site, then villages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from facilityplan.domain.rules import MODE_RULES

if TYPE_CHECKING:
    from facilityplan.model.sets import HostPairs

FULL_WEEK = 7  # days of contact in a village that has a full-time site
MODE_BIT = {rule: 1 << k for k, rule in enumerate(MODE_RULES)}


@dataclass(frozen=True)
class StaffPairs:
    """Everybody who could send staff to somebody, in order of (target, ds, canonical rank of the sender)."""

    target: np.ndarray  # int32 (pairs,)
    site: np.ndarray  # int32 (pairs,) base hospital, host clinic or posting hospital
    ds: np.ndarray  # int32 (pairs,) one way, from the sender to the target
    minutes: np.ndarray  # int64 (pairs,) staff minutes a week, the way there and back included; 0 for posted staff
    broken: np.ndarray  # uint8 (pairs,) bit k set where the k-th rule of MODE_RULES is broken
    host_pair: np.ndarray  # int64 (pairs,) neighbour service only: position in the host pairs; -1 elsewhere

    def obeying(self, holds: Callable[[str], bool]) -> np.ndarray:
        """Return the pairs that every mode rule in force allows (bool); ``holds`` says of a rule whether it is."""
        mask = sum(bit for rule, bit in MODE_BIT.items() if holds(rule))
        return (self.broken & mask) == 0


@dataclass(frozen=True)
class CorrectedHours:
    """What routes have shown of bases whose week did not fit: visits there are charged more when solved again."""

    factor: Mapping[str, Fraction] = field(default_factory=dict)  # base → minutes charged, over those of out and back
    never: frozenset[tuple[str, tuple[str, str]]] = frozenset()  # (base, place) that no day is long enough for


@dataclass(frozen=True)
class CircuitData:
    """Circuit rounds. Minutes are a week's."""

    pairs: StaffPairs
    days: int
    team_minutes: int
    max_teams: np.ndarray  # int64 (sites,) teams that a hospital can staff
    team_cny: int  # a year
    vehicle_cny: int


@dataclass(frozen=True)
class NeighbourData:
    """Neighbour service by the doctors of kept clinics."""

    pairs: StaffPairs
    days: int
    doctor_minutes: int  # a week, of each doctor


@dataclass(frozen=True)
class PostedData:
    """Staff of township hospitals posted to clinics that stay open."""

    pairs: StaffPairs
    staff: int  # posted to one clinic
    posts: np.ndarray  # int64 (sites,) clinics that a hospital can staff
    staff_cny: int  # a year for the staff of one clinic


@dataclass(frozen=True)
class ContactGroup:
    """A village that has no full-time site but its public clinics and candidate sites."""

    village: int
    target: int  # whose service counts where nothing is open: its largest clinic, or the village itself
    others: tuple[int, ...]  # further sites that could be open, the target's own clinic left out


@dataclass(frozen=True)
class ModeData:
    """The service modes beside keep and merge; each is None where it is not offered."""

    target_site: np.ndarray  # int32 (targets,) -1 = a village without any site today
    target_village: np.ndarray  # int32 (targets,) -1 = not known
    target_township: np.ndarray  # int32 (targets,) -1 = not known
    target_people: np.ndarray  # int64 (targets,) in units of 1 / load_scale person
    target_rank: np.ndarray  # int32 (targets,) 0 = first in ties
    village_pairs: HostPairs  # of the villages among the targets (guest = target)
    circuit: CircuitData | None
    neighbour: NeighbourData | None
    posted: PostedData | None
    contacts: tuple[ContactGroup, ...]

    @property
    def clinics(self) -> int:
        """Number of targets that are clinics."""
        return int((self.target_site >= 0).sum())

    def target_of(self, site: int) -> int:
        """Return the target that is a clinic."""
        return int(np.searchsorted(self.target_site[: self.clinics], site))
