"""The sets and data of the planning model as plain arrays, ids beside them: no road, no file, no solver.

Sites are every facility and candidate site, in order of id; arrays "(sites,)" follow that order. People are integer
tenths of a person, money whole yuan, times integer deciseconds. ``facilityplan.model.gather`` makes the data from
inputs; tests make tiny counties directly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np

from facilityplan.domain.rules import HOST_RULES
from facilityplan.model.consortia import ConsortiaData
from facilityplan.model.mode_data import ModeData
from facilityplan.model.sets_centres import AttributeData, CentreData, Contiguity
from facilityplan.model.sets_fairness import Curve, FairnessLimit, StagePart, Tolerance
from facilityplan.model.sets_locks import ClosureData, LockRow
from facilityplan.model.sets_staffing import StaffingData
from facilityplan.model.sets_stages import StageData
from facilityplan.model.sets_works import WorksData

ObjectiveName = Literal[
    "uncovered", "person_minutes", "sub_centre_minutes", "sub_centre_worst", "consortium_minutes", "centre_minutes",
    "overload", "cost", "capital", "changes", "delay", "max_minutes", "worst_decile", "kolm_pollak", "weighted",
    "periodic",
]  # fmt: skip


@dataclass(frozen=True)
class LadderInput:
    """Counted sites of every cell by one standard, in order of (time, site), ending with the first permanent one."""

    standard: str
    limit_min: int
    weight: np.ndarray  # int64 (cells,) tenths of people of the standard's group
    village: np.ndarray  # int32 (cells,) position in PlanningData.village_ids
    indptr: np.ndarray  # int64 (cells + 1,)
    site: np.ndarray  # int32 (pairs,)
    ds: np.ndarray  # int32 (pairs,)
    limit_ds: np.ndarray  # int64 (cells,) no-harm limit; -1 = none holds for the cell

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.weight)


@dataclass(frozen=True)
class HostPairs:
    """Every pair of a clinic and a site that could host it, with the host rules that it breaks.

    Sorted by (guest, ds, canonical rank of the host). ``broken`` has bit k set where the k-th rule of HOST_RULES is
    broken; the last rule, max_hosts, is relative to the others and is applied by ``PlanningData.allowed_pairs``.
    """

    guest: np.ndarray  # int32 (pairs,) site
    host: np.ndarray  # int32 (pairs,) site
    ds: np.ndarray  # int32 (pairs,) from the guest's site to the host's; UNREACHABLE_DS where not known
    broken: np.ndarray  # uint8 (pairs,)

    def of_guest(self, guest: int) -> range:
        """Return the positions of a guest's pairs."""
        first, past = np.searchsorted(self.guest, [guest, guest + 1])
        return range(int(first), int(past))

    def position(self, guest: int, host: int) -> int | None:
        """Return the position of a pair, None where there is none."""
        own = self.of_guest(guest)
        found = np.flatnonzero(self.host[own.start : own.stop] == host)
        return own.start + int(found[0]) if len(found) else None


@dataclass(frozen=True)
class CircleFloor:
    """At most ``allowed_out`` tenths of people outside the circle, in one township or (None) in the county."""

    ladder: int  # position in PlanningData.ladders
    township: int | None
    allowed_out: int
    total: int  # tenths of people of the group there


@dataclass(frozen=True)
class DoctorData:
    """Clinic doctors. ``pool`` = today's less retirements, by township; doctors move inside their township only."""

    today: np.ndarray  # int64 (sites,) in post today, at clinics; 0 elsewhere
    own: np.ndarray  # int64 (sites,) a hospital's own doctors, which are no clinic doctors; -1 = not known
    pool: np.ndarray  # int64 (townships,)
    cap: int  # people per doctor at most, in units of 1 / load_scale person
    norm: int  # people per doctor that is reported against, same unit
    rooms: np.ndarray  # int64 (sites,) doctors that a clinic has room for
    max_hires: int


@dataclass(frozen=True)
class MoneyData:
    """Costs and budgets in whole yuan."""

    running: np.ndarray  # int64 (sites,) a year of keeping the site open, doctors left out; 0 for permanent sites
    doctor: int  # a doctor for a year
    doctors_base: int  # clinic doctors paid without any hire
    build: int
    merge: int
    upgrade: int
    today: int  # recurrent cost a year today
    recurrent_limit: int | None
    capital_limit: int | None


@dataclass(frozen=True)
class SubCentreData:
    """Township hospitals that may become sub-centres, and what it costs each township to be assigned to one."""

    hospitals: np.ndarray  # int32 (hospitals,) site
    eligible: np.ndarray  # bool (hospitals,)
    required: np.ndarray  # bool (hospitals,)
    forbidden: np.ndarray  # bool (hospitals,)
    min_count: int
    max_count: int
    townships: np.ndarray  # int32 (rows,) townships that have villages
    people: np.ndarray  # int64 (rows,) tenths of people
    cost: np.ndarray  # int64 (rows, hospitals) tenths of people · whole minutes; -1 = no way
    max_people: int | None  # tenths of people in one catchment
    min_people: int | None = None  # tenths of people in one catchment
    min_minutes_apart: int | None = None  # whole minutes between two sub-centres
    too_near: tuple[tuple[int, int, int], ...] = ()  # pairs (a < b) of hospitals nearer than that, and their minutes
    worst: np.ndarray | None = None  # int64 (rows, hospitals) whole minutes of the farthest village; where minimised
    contiguity: Contiguity | None = None  # where catchments must hang together


@dataclass(frozen=True)
class ObjectiveStage:
    """One stage of the lexicographic objective; ``ladder`` only where it speaks of one standard."""

    name: ObjectiveName
    ladder: int | None = None
    curve: int | None = None  # position in PlanningData.curves, for kolm_pollak
    parts: tuple[StagePart, ...] = ()  # of a weighted stage
    scale: Fraction = Fraction(1)  # model units per unit of the plan, of a weighted stage
    tolerance: Tolerance | None = None
    late: bool = False  # delay only: the later the better

    def flat(self) -> tuple[ObjectiveStage, ...]:
        """Return the stage's measures: its parts, else itself."""
        return tuple(part.stage for part in self.parts) or (self,)


@dataclass(frozen=True)
class PlanningData:
    """Everything the model is built from."""

    site_ids: tuple[str, ...]
    decided: np.ndarray  # bool (sites,) existing public clinics
    candidate: np.ndarray  # bool (sites,)
    hospital: np.ndarray  # bool (sites,) township hospitals
    site_village: np.ndarray  # int32 (sites,) -1 = none
    site_township: np.ndarray  # int32 (sites,)
    rank: np.ndarray  # int32 (sites,) 0 = first in ties: more people, then coordinates, then id
    village_ids: tuple[str, ...]
    village_people: np.ndarray  # int64 (villages,) tenths
    village_township: np.ndarray  # int32 (villages,)
    townships: tuple[str, ...]
    load: np.ndarray  # int64 (sites,) people of a clinic in units of 1 / load_scale person
    load_scale: int
    pairs: HostPairs
    host_limit_min: int
    max_hosts: int
    ladders: tuple[LadderInput, ...]
    circle_floors: tuple[CircleFloor, ...]
    blank_groups: tuple[tuple[int, tuple[int, ...]], ...]  # village without any clinic today, its candidate sites
    max_blank: int | None
    doctors: DoctorData | None
    money: MoneyData
    sub_centres: SubCentreData | None
    objectives: tuple[ObjectiveStage, ...]
    dropped: frozenset[str]  # rules left out (domain.rules ids)
    locks: tuple[LockRow, ...] = ()
    closures: ClosureData | None = None
    consortia: ConsortiaData | None = None
    works: WorksData | None = None  # works and money; None = the block is off
    unsettled: np.ndarray | None = None  # bool (sites,) hospitals that may relocate and the places they may go to
    nowhere: np.ndarray | None = None  # bool (sites,) candidate sites of hospitals to which no work leads: never open
    curves: tuple[Curve, ...] = ()
    fairness: tuple[FairnessLimit, ...] = ()
    stages: StageData | None = None
    modes: ModeData | None = None  # None where no mode beside keep and merge is offered
    joint_sites: tuple[int, ...] = ()  # candidates that may host and stand in a village that has a clinic today
    min_guests: int = 0  # of such a joint site
    centres: tuple[CentreData, ...] = ()
    centres_per_host: int | None = None
    attributes: tuple[AttributeData, ...] = ()
    staffing: StaffingData = field(default_factory=StaffingData)

    def holds(self, rule: str) -> bool:
        """Is ``rule`` in force?"""
        return rule not in self.dropped

    @property
    def permanent(self) -> np.ndarray:
        """Sites that are open whatever is decided (bool by site)."""
        fixed = ~(self.decided | self.candidate)
        for other in (self.unsettled, self.nowhere):
            fixed = fixed if other is None else fixed & ~other
        return fixed

    def allowed_pairs(self, pairs: HostPairs | None = None) -> np.ndarray:
        """Return the pairs (of clinics unless others are given) that every host rule in force allows (bool by pair).

        max_hosts: of a guest's otherwise allowed hosts only the nearest count; ties by canonical rank. A lock may
        override host rules for its pair.
        """
        pairs = self.pairs if pairs is None else pairs
        mask = 0
        for k, rule in enumerate(HOST_RULES):
            if rule != "max_hosts" and self.holds(rule):
                mask |= 1 << k
        broken, always = self.pair_breaks() if pairs is self.pairs else (pairs.broken, [])
        allowed = (broken & mask) == 0
        if self.holds("max_hosts") and allowed.any():
            order = np.flatnonzero(allowed)
            guest = pairs.guest[order]
            first = np.searchsorted(guest, guest, side="left")  # pairs are sorted by guest
            far = order[np.arange(len(order)) - first >= self.max_hosts]
            allowed[far[~np.isin(far, always)]] = False
        return allowed

    def pair_breaks(self) -> tuple[np.ndarray, list[int]]:
        """Return ``HostPairs.broken`` less what locks override, and the pairs for which max_hosts is overridden."""
        chosen = [lock for lock in self.locks if lock.override] if self.holds("locks") else []
        if not chosen:
            return self.pairs.broken, []
        broken, always = self.pairs.broken.copy(), []
        for lock in chosen:
            k = self.pairs.position(lock.site, lock.host)
            if k is not None:
                broken[k] &= ~np.uint8(lock.override)
                if lock.override >> list(HOST_RULES).index("max_hosts") & 1:
                    always.append(k)
        return broken, always
