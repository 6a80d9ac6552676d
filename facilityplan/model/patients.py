"""Who goes where: the nearest open site of every cell, as sets of sites that must all be closed for a cell to go on.

A cell's sites in order of exact time (ties by id) give prefix sets ∅ = S₀ ⊂ S₁ ⊂ …; z_S = 1 says "nothing in S is
open". The cell is a patient of its k-th site where z_{S_{k−1}} − z_{S_k} = 1. One variable serves every cell with the
same set; cells with the same order of sites are one node; steps past sites whose doctors suffice in any case are left
out, and so is what lies behind a no-harm set, of which one site is always open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from facilityplan.model.choice_works import own_doctors
from facilityplan.model.mode_choice import posted_from
from facilityplan.model.mode_variables import posted_pairs
from facilityplan.model.sets import LadderInput, PlanningData
from facilityplan.units import DECISECONDS_PER_MINUTE, HORIZON_MIN

if TYPE_CHECKING:
    from facilityplan.model.choice import Choice

HORIZON_DS = HORIZON_MIN * DECISECONDS_PER_MINUTE
NOBODY = -1  # position of the empty set


@dataclass(frozen=True)
class PatientSteps:
    """The sets that matter and the patients that each site gets by them."""

    sets: tuple[tuple[int, ...], ...]  # sites, ascending; the smaller sets first
    parent: tuple[int, ...]  # a set just before it in some cell's order, NOBODY = the empty set
    patients: dict[int, dict[int, int]]  # site → {set, NOBODY for always: tenths of people}, added up
    most: dict[int, int]  # site → tenths of people that it could get
    nodes: int  # cells with the same order of sites count once


def patients_of_sites(data: PlanningData, is_open: np.ndarray) -> np.ndarray:
    """Return the patients of every site in tenths (int64): the people of the cells whose nearest open site it is."""
    ladder = data.ladders[data.staffing.patients.ladder]
    site = nearest_site(ladder, is_open)
    patients = np.zeros(len(data.site_ids), dtype=np.int64)
    np.add.at(patients, site[site >= 0], ladder.weight[site >= 0])
    return patients


def nearest_site(ladder: LadderInput, is_open: np.ndarray) -> np.ndarray:
    """Return each cell's nearest open counted site inside the horizon (int64), -1 where there is none."""
    cell = np.repeat(np.arange(ladder.cells), np.diff(ladder.indptr))
    at = np.flatnonzero(is_open[ladder.site] & (ladder.ds <= HORIZON_DS))
    nearest = np.full(ladder.cells, -1, dtype=np.int64)
    nearest[cell[at][::-1]] = ladder.site[at][::-1]  # backwards: the first one of a cell is written last and stays
    return nearest


def doctors_there(data: PlanningData, choice: Choice, doctors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (doctors who work at each site, is that known?) with these clinic doctors (int64 and bool, sites).

    A hospital has its own besides, with works done, less those posted to clinics; a clinic with posted staff has them
    alone. Those of circuit teams stay with their hospital: the share of its doctors that may go round is limited, their
    hours are counted by the teams.
    """
    clinic = data.decided | data.candidate
    own = np.where(clinic, 0, data.doctors.own)
    if data.works is not None:
        for j in np.flatnonzero(~clinic).tolist():
            own[j] = own_doctors(data, choice.works, j)
    there = np.maximum(own, 0) + doctors - posted_from(data, choice.modes)
    if choice.modes is not None and data.modes.posted is not None:
        there = np.where(choice.modes.posted >= 0, data.modes.posted.staff, there)
    return there, own >= 0


def overload_of_sites(data: PlanningData, choice: Choice, doctors: np.ndarray) -> np.ndarray:
    """Return the patients beyond what each site's doctors can take, in tenths (int64); 0 where that is not known."""
    there, known = doctors_there(data, choice, doctors)
    over = patients_of_sites(data, choice.open) - data.staffing.patients.capacity * there
    return np.where(known, np.maximum(0, over), 0)


def patient_steps(data: PlanningData, forced: np.ndarray, no_harm: Sequence[tuple[int, ...]]) -> PatientSteps:
    """Return the sets that decide who goes where; ``forced`` sites are always open (bool by site), and so is one of
    each ``no_harm`` set."""
    nodes = _nodes(data, data.permanent | forced, no_harm)
    most: dict[int, int] = {}
    for (sites, _), people in nodes.items():
        for j in sites:
            most[j] = most.get(j, 0) + people
    full = _can_be_full(data, most)
    found: dict[tuple[int, ...], tuple[int, ...]] = {}  # set → the one before it
    flows: list[tuple[int, tuple[int, ...], tuple[int, ...] | None, int]] = []
    for (sites, ends), people in nodes.items():
        before: tuple[int, ...] = ()
        last = len(sites) - 1
        for k, j in enumerate(sites):
            if j not in full:
                continue
            here = tuple(sorted(sites[:k]))
            if here != before:
                found.setdefault(here, before)
            before = here
            if k == last and ends:
                flows.append((j, here, None, people))
            else:
                past = tuple(sorted((*here, j)))
                found.setdefault(past, here)
                flows.append((j, here, past, people))
                before = past
    order = sorted(found, key=lambda s: (len(s), s))
    position = {(): NOBODY} | {s: k for k, s in enumerate(order)}
    patients: dict[int, dict[int, int]] = {}
    for j, here, past, people in flows:
        share = patients.setdefault(j, {})
        share[position[here]] = share.get(position[here], 0) + people
        if past is not None:
            share[position[past]] = share.get(position[past], 0) - people
    return PatientSteps(
        tuple(order),
        tuple(position[found[s]] for s in order),
        {j: {k: c for k, c in sorted(patients[j].items()) if c} for j in sorted(patients)},
        {j: most[j] for j in sorted(patients)},
        len(nodes),
    )


def _nodes(
    data: PlanningData, always: np.ndarray, no_harm: Sequence[tuple[int, ...]]
) -> dict[tuple[tuple[int, ...], bool], int]:
    """Orders of sites that cells have, each as far as somebody is always open, and whether somebody is, with the people
    (tenths)."""
    ladder = data.ladders[data.staffing.patients.ladder]
    by_site: dict[int, list[frozenset[int]]] = {}
    for sites in no_harm:
        for j in sites:
            by_site.setdefault(j, []).append(frozenset(sites))
    nodes: dict[tuple[tuple[int, ...], bool], int] = {}
    cut: dict[tuple[int, ...], tuple[tuple[int, ...], bool]] = {}
    for cell in np.flatnonzero(ladder.weight > 0).tolist():
        part = slice(ladder.indptr[cell], ladder.indptr[cell + 1])
        whole = tuple(ladder.site[part][ladder.ds[part] <= HORIZON_DS].tolist())
        if whole not in cut:
            seen: set[int] = set()
            for k, j in enumerate(whole):
                seen.add(j)
                if always[j] or any(h <= seen for h in by_site.get(j, ())):
                    cut[whole] = whole[: k + 1], True
                    break
            else:
                cut[whole] = whole, False
        nodes[cut[whole]] = nodes.get(cut[whole], 0) + int(ladder.weight[cell])
    return dict(sorted(nodes.items()))


def _can_be_full(data: PlanningData, most: dict[int, int]) -> set[int]:
    """Sites that could get more patients than the doctors they have in any case can take."""
    least = least_doctors_there(data)
    capacity = data.staffing.patients.capacity
    return {j for j, people in most.items() if least[j] >= 0 and people > capacity * least[j]}


def least_doctors_there(data: PlanningData) -> np.ndarray:
    """Return the doctors that each open site has in any case (int64): a clinic one, a permanent site its own less those
    it could post to clinics; -1 where they are not known."""
    clinic = data.decided | data.candidate
    out = np.zeros(len(clinic), dtype=np.int64)
    if data.modes is not None and data.modes.posted is not None:
        np.add.at(out, data.modes.posted.pairs.site[posted_pairs(data)], data.modes.posted.staff)
        if data.holds("posted_pool"):
            out = np.minimum(out, data.modes.posted.posts * data.modes.posted.staff)
    own = own_before_works(data)
    return np.where(clinic, 1, np.where(own < 0, -1, np.maximum(0, own - out)))


def own_before_works(data: PlanningData) -> np.ndarray:
    """Return the own doctors of permanent sites without any work (int64, sites), -1 = not known; at a place that a
    hospital may relocate to, that hospital's."""
    own = data.doctors.own.astype(np.int64)
    if data.works is not None:
        places = np.flatnonzero(data.works.origin >= 0)
        own[places] = own[data.works.origin[places]]
    return own
