"""From config, inputs and travel times to what the service modes are decided from, and to the new joint sites."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pandas as pd

from facilityplan.access.types import Access, TravelTimes, VisitTimes
from facilityplan.config.schema import Config
from facilityplan.config.service_modes import CircuitRules, NeighbourRules, PostedRules
from facilityplan.domain.kinds import CLINIC_KINDS
from facilityplan.inputs.tables import Inputs
from facilityplan.model.gather_rules import exact, whole_yuan
from facilityplan.model.hosts import host_pairs
from facilityplan.model.mode_data import (
    MODE_BIT,
    CircuitData,
    ContactGroup,
    CorrectedHours,
    ModeData,
    NeighbourData,
    PostedData,
    StaffPairs,
)
from facilityplan.model.sets import HostPairs, PlanningData
from facilityplan.units import DECISECONDS_PER_MINUTE, PEOPLE_SCALE, UNREACHABLE_DS

FAR = int(UNREACHABLE_DS)


def with_joint_sites(config: Config, inputs: Inputs, data: PlanningData) -> PlanningData:
    """Add the candidate sites that need guests: those that may host and stand where there is a clinic today."""
    if not config.rules.hosts.new_sites:
        return data
    clinic = inputs.facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool) & ~data.candidate
    served = np.isin(data.site_village, data.site_village[clinic & (data.site_village >= 0)])
    sites = tuple(np.flatnonzero(data.candidate & served).tolist())
    return dataclasses.replace(data, joint_sites=sites, min_guests=config.rules.hosts.min_guests)


def with_modes(config: Config, inputs: Inputs, access: Access, data: PlanningData) -> PlanningData:
    """Add the service modes that the config offers, and with them the villages that could be visited."""
    rules = config.rules.modes
    if not rules.on:
        return data
    targets = _Targets(data, periodic=rules.periodic)
    village_pairs = _village_pairs(config, inputs, access, data, targets)
    stays = data.hospital if data.unsettled is None else data.hospital & ~data.unsettled
    hospitals = _Senders(data, access.circuit, targets, stays) if rules.from_hospitals else None
    own = inputs.facilities["doctors"].fillna(0).to_numpy().astype(np.int64)
    modes = ModeData(
        target_site=targets.site,
        target_village=targets.village,
        target_township=targets.township,
        target_people=targets.people,
        target_rank=_target_rank(data, targets),
        village_pairs=village_pairs,
        circuit=None
        if rules.circuit is None
        else _circuit(config, rules.circuit, data, targets, hospitals, own, same_township=rules.same_township),
        neighbour=None
        if rules.neighbour is None
        else _neighbour(rules.neighbour, data, targets, access.neighbour, village_pairs),
        posted=None
        if rules.posted is None
        else _posted(config, rules.posted, inputs, data, targets, hospitals, own, same_township=rules.same_township),
        contacts=_contacts(inputs, data, targets),
    )
    blank = data.blank_groups
    if rules.periodic:
        extra = {int(v): _may_come(data, int(v)) for v in targets.village[targets.clinics :]}
        blank = tuple({**dict(blank), **extra}.items())
    return dataclasses.replace(data, modes=modes, blank_groups=tuple(sorted(blank)))


def _may_come(data: PlanningData, village: int) -> tuple[int, ...]:
    """Sites of a village that are open or not as the plan decides: candidates, and hospitals that may move there or
    away.
    """
    maybe = data.candidate if data.unsettled is None else data.candidate | data.unsettled
    return tuple(np.flatnonzero(maybe & (data.site_village == village)).tolist())


class _Targets:
    """Public clinics, then (where somebody may visit them) villages in which no facility is sure to stand."""

    def __init__(self, data: PlanningData, *, periodic: bool) -> None:
        clinics = np.flatnonzero(data.decided)
        standing = set(data.site_village[data.decided | data.permanent].tolist())
        blank = [v for v in range(len(data.village_ids)) if periodic and v not in standing]
        self.clinics = len(clinics)
        self.site = np.concatenate([clinics, np.full(len(blank), -1)]).astype(np.int32)
        self.village = np.concatenate([data.site_village[clinics], blank]).astype(np.int32)
        people = data.village_people[np.array(blank, dtype=np.int64)] * (data.load_scale // PEOPLE_SCALE)
        self.people = np.concatenate([data.load[clinics], people]).astype(np.int64)
        self.township = np.concatenate([data.site_township[clinics], data.village_township[blank]]).astype(np.int32)

    def __len__(self) -> int:
        return len(self.site)


def _target_rank(data: PlanningData, targets: _Targets) -> np.ndarray:
    """Place of each target in ties (int32): more people first, clinics by their rank, then villages by id."""
    clinics = targets.site >= 0
    second = np.where(clinics, data.rank[targets.site], len(data.site_ids) + targets.village)
    rank = np.empty(len(targets), dtype=np.int32)
    rank[np.lexsort((second, -targets.people))] = np.arange(len(targets))
    return rank


def _dense(times: TravelTimes, rows: dict[str, int], columns: dict[str, int]) -> np.ndarray:
    """Times as a dense table (int64), UNREACHABLE_DS where a pair is not known."""
    table = np.full((len(rows), len(columns)), FAR, dtype=np.int64)
    row = np.array([rows.get(i, -1) for i in times.origin_ids], dtype=np.int64)
    column = np.array([columns.get(i, -1) for i in times.site_ids], dtype=np.int64)
    a, b = np.repeat(row, np.diff(times.indptr)), column[times.site]
    known = (a >= 0) & (b >= 0)
    table[a[known], b[known]] = times.ds[known]
    return table


class _Senders:
    """Times from the places that may send staff to every target and back (int64 deciseconds: targets, senders)."""

    def __init__(self, data: PlanningData, times: VisitTimes, targets: _Targets, places: np.ndarray) -> None:
        self.sites = np.flatnonzero(places)
        position = {data.site_ids[s]: k for k, s in enumerate(self.sites.tolist())}
        sites = {i: k for k, i in enumerate(data.site_ids)}
        villages = {v: k for k, v in enumerate(data.village_ids)}
        clinic, blank = targets.site[: targets.clinics], targets.village[targets.clinics :]
        to_villages = _dense(times.to_villages, position, villages)[:, blank]
        from_villages = _dense(times.from_villages, villages, position)[blank]
        self.there = np.concatenate([_dense(times.to_sites, position, sites)[:, clinic], to_villages], axis=1).T
        self.back = np.concatenate([_dense(times.from_sites, sites, position)[clinic], from_villages])
        self.known = (self.there < FAR) & (self.back < FAR)

    def pairs(self, data: PlanningData) -> tuple[np.ndarray, np.ndarray]:
        """Return (target, sender) of every pair with a way there and back, in order of (target, time, rank)."""
        target, sender = np.nonzero(self.known)
        order = np.lexsort((data.rank[self.sites[sender]], self.there[target, sender], target))
        return target[order], sender[order]


def with_corrected_hours(data: PlanningData, corrected: CorrectedHours) -> PlanningData:
    """Charge circuit visits more than going out and back, where routes have shown that they do not fit the days.

    A charge above all the hours that a base may have forbids the visit.
    """
    circuit = None if data.modes is None else data.modes.circuit
    if circuit is None:
        return data
    pairs, villages, targets = circuit.pairs, data.village_ids, data.modes
    minutes = pairs.minutes.copy()
    for k, (target, base) in enumerate(zip(pairs.target.tolist(), pairs.site.tolist(), strict=True)):
        site = int(targets.target_site[target])
        place = ("village", villages[targets.target_village[target]]) if site < 0 else ("site", data.site_ids[site])
        if (data.site_ids[base], place) in corrected.never:
            minutes[k] = circuit.team_minutes * int(circuit.max_teams[base]) + 1
        else:
            minutes[k] = math.ceil(int(minutes[k]) * corrected.factor.get(data.site_ids[base], Fraction(1)))
    circuit = dataclasses.replace(circuit, pairs=dataclasses.replace(pairs, minutes=minutes))
    return dataclasses.replace(data, modes=dataclasses.replace(data.modes, circuit=circuit))


def visit_minutes(
    rule: CircuitRules | NeighbourRules, people: np.ndarray, scale: int, both_ways_ds: np.ndarray
) -> np.ndarray:
    """Staff minutes a week (int64): days · ⌈fixed + per 100 people · people / 100 + way there and back⌉.

    ``people`` in units of 1 / ``scale`` person; ``both_ways_ds`` in deciseconds. Rounded up once for each visit.
    """
    per_person = exact(rule.visit_minutes_per_100) / 100
    return np.array(
        [
            rule.days_per_week
            * math.ceil(
                rule.visit_minutes_fixed + per_person * Fraction(p, scale) + Fraction(ds, DECISECONDS_PER_MINUTE)
            )
            for p, ds in zip(people.tolist(), both_ways_ds.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _eligible(
    rule: CircuitRules | NeighbourRules | PostedRules, people: np.ndarray, scale: int, ds: np.ndarray
) -> np.ndarray:
    """People and minutes inside the mode's thresholds (bool)."""
    return (
        (people >= rule.min_people * scale)
        & (people <= rule.max_people * scale)
        & (ds <= rule.max_minutes * DECISECONDS_PER_MINUTE)
    )


def _from_hospitals(
    data: PlanningData, targets: _Targets, hospitals: _Senders, target: np.ndarray, sender: np.ndarray, *, own: bool
) -> np.ndarray:
    """Which pairs are of a target and the nearest hospital of its own township (bool); all where ``own`` is not asked.

    Pairs are in order of (target, time, rank).
    """
    if not own:
        return np.ones(len(target), dtype=bool)
    same = (targets.township[target] >= 0) & (targets.township[target] == data.site_township[hospitals.sites[sender]])
    at = np.flatnonzero(same)
    first = np.ones(len(at), dtype=bool)
    first[1:] = target[at[1:]] != target[at[:-1]]
    nearest = np.zeros(len(target), dtype=bool)
    nearest[at[first]] = True
    return nearest


def _staff_pairs(
    hospitals: _Senders,
    target: np.ndarray,
    sender: np.ndarray,
    minutes: np.ndarray,
    eligible: np.ndarray,
    base: np.ndarray,
) -> StaffPairs:
    broken = np.where(eligible, 0, MODE_BIT["mode_eligible"]) | np.where(base, 0, MODE_BIT["mode_base"])
    return StaffPairs(
        target.astype(np.int32),
        hospitals.sites[sender].astype(np.int32),
        hospitals.there[target, sender].astype(np.int32),
        minutes,
        broken.astype(np.uint8),
        np.full(len(target), -1, dtype=np.int64),
    )


def _circuit(
    config: Config,
    rule: CircuitRules,
    data: PlanningData,
    targets: _Targets,
    hospitals: _Senders,
    own: np.ndarray,
    *,
    same_township: bool,
) -> CircuitData:
    target, sender = hospitals.pairs(data)
    people = targets.people[target]
    way = hospitals.there[target, sender] + hospitals.back[target, sender]
    minutes = visit_minutes(rule, people, data.load_scale, way)
    eligible = _eligible(rule, people, data.load_scale, hospitals.there[target, sender])
    base = _from_hospitals(data, targets, hospitals, target, sender, own=same_township)
    teams = [math.floor(exact(rule.max_doctor_share) * n) // rule.doctors_per_team for n in own.tolist()]
    return CircuitData(
        pairs=_staff_pairs(hospitals, target, sender, minutes, eligible, base),
        days=rule.days_per_week,
        team_minutes=rule.team_minutes_week,
        max_teams=np.where(data.hospital, np.minimum(rule.max_teams_per_base, np.array(teams, dtype=np.int64)), 0),
        team_cny=whole_yuan(config.costs.circuit_team.value),
        vehicle_cny=whole_yuan(config.costs.circuit_vehicle.value),
    )


def _posted(
    config: Config,
    rule: PostedRules,
    inputs: Inputs,
    data: PlanningData,
    targets: _Targets,
    hospitals: _Senders,
    own: np.ndarray,
    *,
    same_township: bool,
) -> PostedData:
    target, sender = hospitals.pairs(data)
    clinic = target < targets.clinics
    target, sender = target[clinic], sender[clinic]
    ds, people = hospitals.there[target, sender], targets.people[target]
    empty = (inputs.facilities["doctors"].fillna(1) == 0).to_numpy(bool)[targets.site[target]]
    near = ds <= rule.max_minutes * DECISECONDS_PER_MINUTE
    eligible = _eligible(rule, people, data.load_scale, ds) | (rule.without_doctor & empty & near)
    base = _from_hospitals(data, targets, hospitals, target, sender, own=same_township)
    doctors = np.array([math.floor(exact(rule.max_doctor_share) * n) for n in own.tolist()], dtype=np.int64)
    if rule.max_per_hospital is not None:
        doctors = np.minimum(doctors, rule.max_per_hospital)
    return PostedData(
        pairs=_staff_pairs(hospitals, target, sender, np.zeros(len(target), dtype=np.int64), eligible, base),
        staff=rule.staff,
        posts=np.where(data.hospital, doctors // rule.staff, 0),
        staff_cny=rule.staff * whole_yuan(config.costs.posted_doctor.value),
    )


def _neighbour(
    rule: NeighbourRules, data: PlanningData, targets: _Targets, times: VisitTimes, village_pairs: HostPairs
) -> NeighbourData:
    """Clinics that the host rules know as a target's possible hosts, with a way there and back."""
    senders = _Senders(data, times, targets, data.decided)
    sender_of = np.full(len(data.site_ids), -1, dtype=np.int64)
    sender_of[senders.sites] = np.arange(len(senders.sites))
    target_of = np.full(len(data.site_ids), -1, dtype=np.int64)
    target_of[targets.site[: targets.clinics]] = np.arange(targets.clinics)
    target = np.concatenate([target_of[data.pairs.guest], village_pairs.guest])
    host = np.concatenate([data.pairs.host, village_pairs.host]).astype(np.int64)
    pair = np.concatenate([np.arange(len(data.pairs.guest)), np.arange(len(village_pairs.guest))])
    sender = sender_of[host]
    keep = np.flatnonzero((sender >= 0) & senders.known[target, sender])
    target, host, pair, sender = target[keep], host[keep], pair[keep], sender[keep]
    there = senders.there[target, sender]
    order = np.lexsort((data.rank[host], there, target))
    target, host, pair, sender, there = target[order], host[order], pair[order], sender[order], there[order]
    people = targets.people[target]
    eligible = _eligible(rule, people, data.load_scale, there)
    broken = np.where(eligible, 0, MODE_BIT["mode_eligible"])
    pairs = StaffPairs(
        target.astype(np.int32),
        host.astype(np.int32),
        there.astype(np.int32),
        visit_minutes(rule, people, data.load_scale, there + senders.back[target, sender]),
        broken.astype(np.uint8),
        pair,
    )
    return NeighbourData(pairs=pairs, days=rule.days_per_week, doctor_minutes=rule.visit_minutes_per_doctor_week)


def _village_pairs(
    config: Config, inputs: Inputs, access: Access, data: PlanningData, targets: _Targets
) -> HostPairs:
    """Host pairs of the villages among the targets, as if a clinic stood at the village's point (guest = target).

    Public clinics are the hosts: nobody else's doctors come.
    """
    n, blank = len(data.site_ids), targets.village[targets.clinics :]
    ds = np.full((n + len(blank), n + len(blank)), FAR, dtype=np.int64)
    if access.neighbour is not None:
        sites = {i: k for k, i in enumerate(data.site_ids)}
        villages = {v: k for k, v in enumerate(data.village_ids)}
        ds[n:, :n] = _dense(access.neighbour.from_villages, villages, sites)[blank]
    rows = {v: k for k, v in enumerate(data.village_ids)}
    table, rules = inputs.villages, config.rules.hosts
    names = sorted({*table["consortium"].dropna(), *inputs.facilities["consortium"].dropna()})
    number = {c: k for k, c in enumerate(names)}
    of_village = table["consortium"].map(number).fillna(-1).to_numpy().astype(np.int32)
    own = inputs.facilities["consortium"].map(number).fillna(-1).to_numpy().astype(np.int32)
    of_site = np.where((own < 0) & (data.site_village >= 0), of_village[data.site_village], own)
    ghost = np.arange(n + len(blank)) >= n

    def with_villages(of_sites: np.ndarray, of_villages: np.ndarray) -> np.ndarray:
        return np.concatenate([of_sites, of_villages])

    nobody = np.zeros(len(blank), dtype=bool)
    found = host_pairs(
        decided=with_villages(data.decided, nobody),
        hospital=with_villages(data.hospital, nobody),
        village=with_villages(data.site_village, blank),
        township=with_villages(data.site_township, data.village_township[blank]),
        consortium=with_villages(of_site, of_village[blank]),
        village_people=data.village_people,
        rank=with_villages(data.rank, n + np.arange(len(blank))),
        ds=ds,
        limit_min=rules.limit_min,
        adjacent_villages=[(rows[a], rows[b]) for a, b in sorted(access.adjacency) if a in rows and b in rows],
        adjacent=rules.adjacent,
        same_township=rules.same_township,
        same_consortium=rules.same_consortium and config.rules.consortia is None,
        host_at_least_guest=rules.host_at_least_guest,
        guests=ghost,
        hosts=with_villages(data.decided, nobody),
    )
    return dataclasses.replace(found, guest=(found.guest - n + targets.clinics).astype(np.int32))


def _contacts(inputs: Inputs, data: PlanningData, targets: _Targets) -> tuple[ContactGroup, ...]:
    """Villages whose only full-time sites are public clinics and candidates; their largest clinic speaks for them."""
    permanent = set(data.site_village[data.permanent].tolist())
    today = data.doctors.today if data.doctors is not None else _known(inputs.facilities["doctors"])
    posts = _known(inputs.facilities["posts"])
    by_village: dict[int, list[int]] = {}
    for target, village in enumerate(targets.village.tolist()):
        if village >= 0 and village not in permanent:
            by_village.setdefault(village, []).append(target)
    groups = []
    for village, found in sorted(by_village.items()):
        lead = min(found, key=lambda t: (-int(today[targets.site[t]]), -int(posts[targets.site[t]]), t))
        others = [int(targets.site[t]) for t in found if t != lead and targets.site[t] >= 0]
        others += _may_come(data, village)
        groups.append(ContactGroup(village, lead, tuple(sorted(others))))
    return tuple(groups)


def _known(column: pd.Series) -> np.ndarray:
    return column.fillna(0).to_numpy().astype(np.int64)
