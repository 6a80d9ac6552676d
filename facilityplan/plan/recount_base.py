"""What the verifier counts for itself from raw inputs and decisions, once, for all of its checks."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd

from facilityplan.config.schema import Config, Standard
from facilityplan.config.works import moves
from facilityplan.domain.kinds import Action, FacilityKind, ServiceMode
from facilityplan.domain.sites import is_candidate, is_decided, is_new_place, open_today
from facilityplan.domain.staff import retirements
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.claims import Claims
from facilityplan.plan.recount_closed import closed_edges
from facilityplan.plan.recount_institutions import Institutions, Site, known, whole_yuan
from facilityplan.plan.recount_travel import Joints, Nearest, RoadRecount
from facilityplan.units import HORIZON_MIN


class Recount(Institutions):
    """Raw inputs, a config and the claims of a plan, and everything that follows from them, computed when asked for."""

    def __init__(self, config: Config, inputs: Inputs, claims: Claims) -> None:
        self.config, self.inputs, self.claims = config, inputs, claims
        self.rules, self.decisions = config.rules, claims.decisions
        self.first = config.standards[0]
        self.people = inputs.cells["people"].to_numpy(float)
        self.people_65 = inputs.cells["people_65"].to_numpy(float)
        self.cell_village = inputs.cells["village"].to_numpy(object)
        self._roads: dict[str, RoadRecount] = {}
        self._closed = closed_edges(config, inputs.roads)
        self._joints: dict[tuple[str, str], Joints] = {}
        self._nearest: dict[tuple[str, str], Nearest] = {}
        self._village_ds: dict[tuple[str, str], np.ndarray] = {}

    def holds(self, rule: str) -> bool:
        """Is ``rule`` in force, not dropped by the scenario?"""
        return rule not in self.rules.without

    # -- places and people ---------------------------------------------------------------------------------------

    @cached_property
    def village_rows(self) -> dict[str, np.ndarray]:
        """Village id → rows of its cells; every village of the inputs is there."""
        rows: dict[str, list[int]] = {v: [] for v in self.inputs.villages["id"]}
        for row, village in enumerate(self.cell_village.tolist()):
            if village in rows:
                rows[village].append(row)
        return {village: np.array(found, dtype=np.int64) for village, found in rows.items()}

    @cached_property
    def village_tenths(self) -> dict[str, int]:
        """Village id → people in tenths, each cell rounded for itself as the model does."""
        tenths = np.rint(self.people * 10).astype(np.int64)
        return {village: int(tenths[rows].sum()) for village, rows in self.village_rows.items()}

    @cached_property
    def township_of(self) -> dict[str, str]:
        """Village id → township."""
        villages = self.inputs.villages
        return {v: t for v, t in zip(villages["id"], villages["township"], strict=True) if known(t)}

    def weight(self, standard: Standard) -> np.ndarray:
        """Return the people whose minutes count for ``standard`` (float64 by cell)."""
        return self.people_65 if standard.group == "age65" else self.people

    # -- sites ---------------------------------------------------------------------------------------------------

    @cached_property
    def sites(self) -> dict[str, Site]:
        """Facility id → site, candidates included, in order of the table."""
        table, villages = self.inputs.facilities, self.inputs.villages
        decided, candidate, new_place = is_decided(table), is_candidate(table), is_new_place(table)
        consortium_of = {v: c for v, c in zip(villages["id"], villages["consortium"], strict=True) if known(c)}
        clinics = Counter(v for v, d in zip(table["village"], decided, strict=True) if d and known(v))
        assumed = self.rules.doctors.assumed_per_clinic if self.rules.doctors else None
        found = {}
        for row, record in enumerate(table.drop(columns="geometry").to_dict("records")):
            village = record["village"] if known(record["village"]) else None
            doctors = int(record["doctors"]) if known(record["doctors"]) else (assumed if decided[row] else None)
            shared = clinics[village]
            counts = village is not None and (decided[row] or (candidate[row] and not shared))
            found[record["id"]] = Site(
                id=record["id"], row=row, kind=str(record["kind"]), village=village,
                township=record["township"] if known(record["township"]) else self.township_of.get(village),
                consortium=record["consortium"] if known(record["consortium"]) else consortium_of.get(village),
                decided=bool(decided[row]), candidate=bool(candidate[row]),
                hospital=record["kind"] == FacilityKind.TOWNSHIP_HOSPITAL and not new_place[row],
                new_place=bool(new_place[row]),
                doctors=doctors, posts=int(record["posts"]) if known(record["posts"]) else 0,
                shared=max(1, shared) if counts else 0,
                tenths=Fraction(self.village_tenths.get(village, 0), max(1, shared)) if counts else Fraction(0),
                running_cny=self._running(record["floor_area_m2"]) if decided[row] or candidate[row] else 0)
        return found

    def _running(self, area_m2: float) -> int:
        costs = self.config.costs
        area = area_m2 if known(area_m2) else costs.assumed_floor_area.value
        return whole_yuan(Decimal(str(costs.clinic_fixed.value))
                          + Decimal(str(costs.clinic_per_m2.value)) * Decimal(str(float(area))))

    def own_people(self, site: Site) -> float:
        """Return the people of a site's own, not rounded: its share of its village's."""
        rows = self.village_rows.get(site.village) if site.shared else None
        return 0.0 if rows is None else float(self.people[rows].sum()) / site.shared

    @cached_property
    def hosts(self) -> dict[str, str]:
        """Merged clinic → host, as decided; both may be ids that do not exist."""
        return {i: d.merged_into for i, d in sorted(self.decisions.sites.items()) if d.merged_into is not None}

    @cached_property
    def guests(self) -> dict[str, list[str]]:
        """Host → merged clinics."""
        found: dict[str, list[str]] = defaultdict(list)
        for guest, host in self.hosts.items():
            found[host].append(guest)
        return dict(found)

    def is_open(self, site: str) -> bool:
        """Is the site open under the plan?"""
        decision = self.decisions.sites.get(site)
        return decision is not None and decision.is_open

    @cached_property
    def open_before(self) -> np.ndarray:
        """Open full-time today (bool by facility row)."""
        doctors = self.rules.doctors
        return open_today(self.inputs.facilities, open_without_doctor=doctors is None or doctors.open_without_doctor)

    @cached_property
    def open_after(self) -> np.ndarray:
        """Open under the plan (bool by facility row)."""
        return np.array([self.is_open(i) for i in self.inputs.facilities["id"]], dtype=bool)

    # -- doctors and money ---------------------------------------------------------------------------------------

    @cached_property
    def retired(self) -> dict[str, int]:
        """Public clinic → doctors who retire; nobody where doctors are no part of the plan."""
        if self.rules.doctors is None:
            return {}
        return {i: int(n) for i, n in retirements(self.inputs.facilities, self.rules.doctors.retire_share).items()}

    def doctors_after(self, site: Site) -> int | None:
        """Doctors at a site under the plan: as decided, else its own and its guests'; None = not known."""
        decision = self.decisions.sites.get(site.id)
        if decision is None or not decision.is_open:
            return 0 if decision is None else decision.doctors or 0
        if decision.doctors is not None:
            return decision.doctors
        own = [self.own_doctors_after(site)]
        if self.rules.doctors is None:
            own += [self.sites[g].doctors for g in self.guests.get(site.id, ()) if g in self.sites]
        return sum(n for n in own if n is not None) if any(n is not None for n in own) else None

    def clinic_doctors_after(self, site: Site) -> int:
        """Doctors at a site that the clinics' money pays: all at a clinic, at a hospital those beyond its own."""
        after = self.doctors_after(site)
        if after is None or not (site.decided or site.candidate or site.hospital) or self.has_posted_staff(site.id):
            return 0
        own = self.own_doctors_after(site) if site.hospital else None
        return after if own is None else after - own + self.posted_out[site.id]

    def has_posted_staff(self, site: str) -> bool:
        """Is the clinic open with staff of a hospital in place of a doctor of its own?"""
        decision = self.decisions.sites.get(site)
        return decision is not None and decision.service is ServiceMode.POSTED

    @cached_property
    def posted_out(self) -> Counter[str]:
        """Hospital → doctors of its own that it posts to clinics."""
        posted, staff = self.rules.modes.posted, Counter()
        for decision in self.decisions.sites.values():
            if decision.service is ServiceMode.POSTED and decision.served_from is not None:
                staff[decision.served_from] += posted.staff if posted else 0
        return staff

    @cached_property
    def visited_by(self) -> dict[str, list[Site]]:
        """Clinic → clinics and villages that its doctors visit; a village stands there as a site of its own."""
        found: dict[str, list[Site]] = defaultdict(list)
        for i, decision in sorted(self.decisions.sites.items()):
            if decision.service is ServiceMode.NEIGHBOUR and i in self.sites:
                found[decision.served_from].append(self.sites[i])
        for village, visit in sorted(self.decisions.visits.items()):
            if visit.service is ServiceMode.NEIGHBOUR and village in self.village_rows:
                found[visit.served_from].append(self.village_site(village))
        return dict(found)

    def village_site(self, village: str) -> Site:
        """Return a village as a site that could be visited: at its point, with all its people; its row is -1."""
        villages = self.inputs.villages
        consortium = villages["consortium"].iloc[self.village_row[village]]
        return Site(id=village, row=-1, kind="village", village=village, township=self.township_of.get(village),
                    consortium=consortium if known(consortium) else None, decided=False, candidate=False,
                    new_place=False, hospital=False, doctors=None, posts=0, shared=1,
                    tenths=Fraction(self.village_tenths[village]),
                    running_cny=0)

    def annual_cny(self, site: Site) -> int:
        """Recurrent cost of a site under the plan, yuan a year."""
        open_clinic = (site.decided or site.candidate) and self.is_open(site.id)
        doctor = whole_yuan(self.config.costs.doctor.value)
        works = sum(whole_yuan(w.recurrent_cny) for w in self.works_done if w.facility == site.id)
        services = self.services_cny(site) if site.id in self.decisions.sites else 0
        open_cny = site.running_cny if open_clinic else 0
        return open_cny + doctor * self.clinic_doctors_after(site) + works + services

    def capital_cny(self, site: Site) -> int:
        """Capital cost of what is decided for a site, yuan."""
        if site.id not in self.decisions.sites:
            return 0
        works = sum(whole_yuan(w.capital.value) for w in self.works_done if w.facility == site.id)
        vehicles = whole_yuan(self.config.costs.circuit_vehicle.value) * self.decisions.sites[site.id].teams
        return works + vehicles + self.own_capital_cny(site)

    def own_capital_cny(self, site: Site) -> int:
        """The same but for works and the vehicles of its circuit teams."""
        decision, costs = self.decisions.sites[site.id], self.config.costs
        return (whole_yuan(costs.build_clinic.value) * (decision.action is Action.BUILD and site.candidate)
                + whole_yuan(costs.merge_works.value) * (decision.action is Action.CLOSE and decision.service is None)
                + whole_yuan(costs.upgrade_sub_centre.value) * bool(decision.sub_centre)
                + sum(whole_yuan(floor.equip_cny or 0) for floor in self.rules.attributes
                      if site.id in self.decisions.equipped.get(floor.id, ())))

    @cached_property
    def annual_before_cny(self) -> int:
        """Recurrent cost today: every public clinic and the doctors in post there."""
        doctor = whole_yuan(self.config.costs.doctor.value)
        return sum(s.running_cny + doctor * (s.doctors or 0) for s in self.sites.values() if s.decided)

    @cached_property
    def annual_after_cny(self) -> int:
        """Recurrent cost under the plan, doctors in reserve included."""
        doctor = whole_yuan(self.config.costs.doctor.value)
        return sum(map(self.annual_cny, self.sites.values())) + doctor * sum(self.decisions.reserve.values())

    @cached_property
    def capital_total_cny(self) -> int:
        """Capital cost of the plan."""
        return sum(map(self.capital_cny, self.sites.values()))

    # -- travel --------------------------------------------------------------------------------------------------

    def roads(self, mode: str) -> RoadRecount:
        """Return the mode's roads."""
        if mode not in self._roads:
            self._roads[mode] = RoadRecount(self.inputs.roads, self.config.modes[mode], self._closed)
        return self._roads[mode]

    def joints(self, mode: str, what: str) -> Joints:
        """Return the joints of ``what`` (cells, facilities or villages) by ``mode``."""
        if (mode, what) not in self._joints:
            table = getattr(self.inputs, what)
            xy = table[["x", "y"]].to_numpy(float) if what == "cells" else np.column_stack(
                [table.geometry.x, table.geometry.y])
            self._joints[mode, what] = self.roads(mode).join(xy)
        return self._joints[mode, what]

    def counted_sites(self, standard: Standard, when: str) -> np.ndarray:
        """Sites that count for ``standard`` and are open "before" or "after" (bool by facility row)."""
        counts = self.inputs.facilities["kind"].astype(str).isin([str(k) for k in standard.kinds]).to_numpy(bool)
        return counts & (self.open_before if when == "before" else self.open_after)

    def nearest(self, standard: Standard, when: str) -> Nearest:
        """Return every cell's nearest counted site, "before" or "after"."""
        key = (standard.id, when)
        if key not in self._nearest:
            self._nearest[key] = self.roads(standard.mode).nearest(
                self.joints(standard.mode, "cells"), self.joints(standard.mode, "facilities"),
                self.counted_sites(standard, when))
        return self._nearest[key]

    @cached_property
    def merge_ds(self) -> dict[str, np.ndarray]:
        """Clinic that merges or that doctors visit → deciseconds to every facility (int64 by row, -1 = no way).

        By the first standard's mode, as far as the host limit, the host and the refusals listed ask for; farther
        facilities count as no way.
        """
        visited = {s.id: host for host, who in self.visited_by.items() for s in who if s.row >= 0}
        hosts = self.hosts | visited
        guests = [g for g in hosts if g in self.sites]
        if not guests:
            return {}
        points = self.joints(self.first.mode, "facilities")
        rows = np.array([self.sites[g].row for g in guests])
        limit = 600 * (HORIZON_MIN if not self.holds("host_limit") else 3 * self.rules.hosts.limit_min)
        if (table := self.claims.refusals) is not None:
            listed = pd.to_numeric(table.loc[table["clinic"].isin(guests), "minutes"], errors="coerce")
            farthest = int(600 * np.nan_to_num(listed.to_numpy(float)).max(initial=0)) + 600
            limit = max(limit, min(600 * HORIZON_MIN, farthest))
        times = self.roads(self.first.mode).times_between(points.take(rows), points, limit)
        far = [g for g, row in zip(guests, times, strict=True)
               if hosts[g] in self.sites and row[self.sites[hosts[g]].row] < 0]
        found = dict(zip(guests, times, strict=True))
        if far:  # a tampered or unlimited plan: only then look without a limit
            rows = np.array([self.sites[g].row for g in far])
            found |= dict(zip(far, self.roads(self.first.mode).times_between(points.take(rows), points), strict=True))
        return found

    @cached_property
    def village_row(self) -> dict[str, int]:
        """Village id → row of the villages table."""
        return {v: row for row, v in enumerate(self.inputs.villages["id"])}

    @cached_property
    def sub_centre_ds(self) -> dict[str, np.ndarray]:
        """Sub-centre → deciseconds from every village point (int64 by row, -1 = no way or beyond the horizon)."""
        chosen = [i for i, d in sorted(self.decisions.sites.items()) if d.sub_centre and i in self.sites]
        mode = self.rules.sub_centres.mode
        rows = np.array([self.sites[i].row for i in chosen], dtype=np.int64)
        if not chosen or mode not in self.config.modes:
            return {}
        times = self.roads(mode).times_to(self.joints(mode, "villages"), self.joints(mode, "facilities").take(rows),
                                          600 * HORIZON_MIN)
        return dict(zip(chosen, times.T, strict=True))

    def village_ds(self, mode: str, site: str) -> np.ndarray:
        """Return deciseconds from every village point to a site (int64 by row, -1 = no way or beyond the horizon)."""
        if (mode, site) not in self._village_ds:
            rows = np.array([self.sites[site].row])
            self._village_ds[mode, site] = self.roads(mode).times_to(
                self.joints(mode, "villages"), self.joints(mode, "facilities").take(rows), 600 * HORIZON_MIN)[:, 0]
        return self._village_ds[mode, site]

    @cached_property
    def lead_ds(self) -> dict[str, np.ndarray]:
        """Possible lead of a consortium → deciseconds from every village point (int64 by row, -1 = no way)."""
        rules = self.rules.consortia
        found = sorted(i for i in rules.leads if i in self.sites) if rules is not None else []
        if not found or rules.mode not in self.config.modes:
            return {}
        rows = np.array([self.sites[i].row for i in found], dtype=np.int64)
        times = self.roads(rules.mode).times_to(self.joints(rules.mode, "villages"),
                                                self.joints(rules.mode, "facilities").take(rows), 600 * HORIZON_MIN)
        return dict(zip(found, times.T, strict=True))

    @cached_property
    def reaches_a_hospital(self) -> np.ndarray:
        """Villages that reach any township hospital inside the horizon by the sub-centre mode (bool by row)."""
        mode = self.rules.sub_centres.mode
        places = {place for found in moves(self.config).values() for place in found}
        hospitals = np.array([s.hospital or s.id in places for s in self.sites.values()], dtype=bool)
        return self.roads(mode).nearest(self.joints(mode, "villages"), self.joints(mode, "facilities"),
                                        hospitals).within(HORIZON_MIN)

    @cached_property
    def adjacent(self) -> set[tuple[str, str]]:
        """Unordered pairs (a < b) of adjacent villages: the supplied table, else territories that meet on a road."""
        if (table := self.inputs.adjacency) is not None:
            return {(min(a, b), max(a, b)) for a, b in zip(table["village_a"], table["village_b"], strict=True)}
        ids = self.inputs.villages["id"].tolist()
        pairs = self.roads(self.first.mode).meeting(self.joints(self.first.mode, "villages"))
        return {(min(ids[a], ids[b]), max(ids[a], ids[b])) for a, b in pairs}


def share_of(share: float, whole: int) -> Fraction:
    """Return exactly that share, read as the decimal that the config shows, of a whole number."""
    return Fraction(str(share)) * whole
