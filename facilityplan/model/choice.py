"""A plan as arrays by site: between the solver's values and the decisions that everybody reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.model.choice_centres import centre_decisions, read_centres
from facilityplan.model.choice_works import NO_WORKS, own_doctors, rooms_after, site_action, spare_doctors
from facilityplan.model.mode_choice import (
    ModeChoice,
    doctors_for_visits,
    modes_of,
    posted_from,
    service_of,
    teams_needed,
    visited_load,
    visitors,
    visits_of_villages,
)
from facilityplan.model.sets import PlanningData
from facilityplan.model.staff_pools import by_pool
from facilityplan.model.staffing import least_by_people, place_staff, township_sums

__all__ = ["Choice", "choice_of", "decisions_of", "staff_needed", "township_sums"]


@dataclass(frozen=True)
class Choice:
    """What is decided; doctors and hires follow from it (see ``staff_needed``)."""

    open: np.ndarray  # bool (sites,) permanent sites included
    host: np.ndarray  # int32 (sites,) host of a merged clinic, -1 elsewhere
    sub_centre: np.ndarray  # bool (hospitals of SubCentreData,)
    catchment: np.ndarray  # int32 (rows of SubCentreData,) position in its hospitals, -1 = none
    member: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    # int32 (rows of ConsortiaData,) position in its leads, -1 = none; a lead is used where its own township is its
    works: np.ndarray = field(default_factory=lambda: NO_WORKS)  # bool (works of WorksData,)
    work_stage: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    # int32 (works of WorksData,) stage in which a work is done, -1 where it is not; empty without stages
    stage: np.ndarray | None = None  # int32 (sites,) stage in which a site closes, is built or upgraded, -1 elsewhere
    modes: ModeChoice | None = None  # None where no mode beside keep and merge is offered
    centre: tuple[np.ndarray, ...] = ()  # by service: bool (hosts of CentreData,)
    centre_of: tuple[np.ndarray, ...] = ()  # by service: int32 (rows of CentreData,) position in its hosts, -1 = none
    equipped: tuple[np.ndarray, ...] = ()  # by attribute floor: bool (sites,)
    staff: int | None = None  # hires (without the staff balance: clinic doctors) where they are decided, else None

    @property
    def own_doctor(self) -> np.ndarray:
        """Open, and not with posted staff (bool by site)."""
        return self.open if self.modes is None else self.open & (self.modes.posted < 0)


def served_load(data: PlanningData, choice: Choice) -> tuple[np.ndarray, np.ndarray]:
    """Return by site the people of its own, its guests and whom its doctors visit (int64), and who has any such
    (bool)."""
    guests = np.flatnonzero(choice.host >= 0)
    load = data.load + visited_load(data, choice.modes)
    np.add.at(load, choice.host[guests], data.load[guests])
    has_guests = visitors(data, choice.modes)
    has_guests[choice.host[guests]] = True
    return load, has_guests


def staff_needed(data: PlanningData, choice: Choice, *, final: bool = True) -> np.ndarray:
    """Return the least clinic doctors by site (int64): what the choice cannot do without.

    An open clinic or built candidate 1, unless staff of a hospital are posted there; a clinic with guests ⌈(own +
    guests' people) / cap⌉, at least 1; a township hospital with guests ⌈guests' people / cap⌉; more where min_by_people
    asks for more, which it does of the final plan only (``final``), not of a stage before. Whoever a clinic's doctors
    visit counts like a guest, and the visits need doctors by their hours.
    """
    clinic = data.decided | data.candidate
    need = (clinic & choice.own_doctor).astype(np.int64)
    need = np.maximum(need, doctors_for_visits(data, choice.modes))
    load, has_guests = served_load(data, choice)
    if final:
        need = np.maximum(need, np.where(choice.own_doctor, least_by_people(data, choice.open, load, has_guests), 0))
    if not data.holds("doctor_capacity"):
        return need
    return np.where(has_guests, np.maximum(need, -(-load // data.doctors.cap)), need)


def decisions_of(data: PlanningData, choice: Choice) -> Decisions:
    """Turn a choice into decisions: least doctors first, then the rest of each township's pool where it is wanted most.

    A doctor of the rest goes to the site with the most people per doctor, as long as that is above the norm and there
    is room; ties by canonical rank. Who is left over is the township's reserve.
    """
    ids = data.site_ids
    doctors: np.ndarray | None = None
    hires: dict[str, int] = {}
    reserve: dict[str, int] = {}
    if data.doctors is not None:
        before = None
        if data.stages is not None:
            before = hires_by_stage(data, choice, np.zeros(len(data.townships), dtype=np.int64))[-1]
        doctors, pools = place_staff(data, choice, staff_needed(data, choice), before)
        hired = pools.hires
        if data.holds("doctor_balance"):
            rest = data.doctors.pool + hired + pools.moved - township_sums(data, doctors)
            doctors, rest = _place_rest(data, choice, doctors, rest)
            reserve = {t: int(n) for t, n in zip(data.townships, rest, strict=True)}
            hires = {t: int(n) for t, n in zip(data.townships, hired, strict=True)}
    upgraded = set(data.sub_centres.hospitals[choice.sub_centre].tolist()) if data.sub_centres is not None else set()
    posted, teams = posted_from(data, choice.modes), teams_needed(data, choice.modes)
    sites = {}
    for j, site_id in enumerate(ids):
        if data.decided[j]:
            service, sender = service_of(data, choice.modes, j)
            count = None if doctors is None else int(doctors[j])
            served_from, year = ids[sender] if sender >= 0 else None, _year(data, choice, j)
            kept = site_action(data, choice.works, j, sub_centre=False)
            if service is ServiceMode.POSTED:
                count = data.modes.posted.staff
                sites[site_id] = SiteDecision(kept, doctors=count, service=service, served_from=served_from, stage=year)
            elif choice.open[j]:
                sites[site_id] = SiteDecision(kept, doctors=count, stage=year)
            elif service is not None:
                sites[site_id] = SiteDecision(
                    Action.CLOSE, doctors=0, service=service, served_from=served_from, stage=year
                )
            else:
                sites[site_id] = SiteDecision(Action.CLOSE, ids[choice.host[j]], doctors=0, stage=year)
        elif data.candidate[j]:
            if choice.open[j]:
                count = None if doctors is None else int(doctors[j])
                sites[site_id] = SiteDecision(Action.BUILD, doctors=count, stage=_year(data, choice, j))
        elif data.permanent[j] or choice.open[j] or (data.works is not None and data.works.moving[j]):
            new = data.works is not None and data.works.origin[j] >= 0
            sites[site_id] = SiteDecision(
                Action.BUILD if new else site_action(data, choice.works, j, sub_centre=j in upgraded),
                doctors=_at_hospital(data, choice, doctors, j, int(posted[j])),
                sub_centre=j in upgraded,
                stage=_year(data, choice, j),
                teams=int(teams[j]),
            )
    catchments = {}
    if data.sub_centres is not None:
        block = data.sub_centres
        catchments = {
            data.townships[t]: ids[block.hospitals[k]]
            for t, k in zip(block.townships.tolist(), choice.catchment.tolist(), strict=True)
            if k >= 0
        }
    consortia = {}
    if data.consortia is not None:
        members = zip(data.consortia.townships.tolist(), choice.member.tolist(), strict=True)
        consortia = {data.townships[t]: ids[data.consortia.leads[c]] for t, c in members if c >= 0}
    done = () if data.works is None else tuple(i for i, x in zip(data.works.ids, choice.works, strict=True) if x)
    visits = visits_of_villages(data, choice.modes)
    dated = np.flatnonzero(choice.works & (choice.work_stage >= 0)).tolist() if len(choice.work_stage) else ()
    years = {data.works.ids[p]: data.stages.years[choice.work_stage[p]] for p in dated}
    return Decisions(
        sites=sites,
        catchments=catchments,
        hires=hires,
        reserve=reserve,
        consortia=consortia,
        works=done,
        work_years=years,
        visits=visits,
        **centre_decisions(data, choice),
    )


def choice_of(data: PlanningData, decisions: Decisions) -> Choice:
    """Read a choice back from decisions (its inverse but for the doctors placed beyond need)."""
    position = {i: k for k, i in enumerate(data.site_ids)}
    is_open = data.permanent.copy()
    host = np.full(len(data.site_ids), -1, dtype=np.int32)
    stage = None if data.stages is None else np.full(len(data.site_ids), -1, dtype=np.int32)
    for site_id, decision in decisions.sites.items():
        j = position[site_id]
        if stage is not None and _acts(data, j, decision):
            stage[j] = data.stages.index(decision.stage)
        is_open[j] = decision.is_open
        if decision.merged_into is not None:
            host[j] = position[decision.merged_into]
    block, member, modes = data.sub_centres, _members(data, decisions), modes_of(data, decisions)
    works = NO_WORKS if data.works is None else np.array([i in decisions.works for i in data.works.ids], dtype=bool)
    when = np.zeros(0, np.int32)
    if data.works is not None and data.stages is not None:
        when = np.array([data.stages.index(decisions.work_years.get(i)) for i in data.works.ids], dtype=np.int32)
    if block is None:
        nothing = np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int32)
        return Choice(is_open, host, *nothing, member, works, when, stage, modes, *read_centres(data, decisions))
    hospital = {data.site_ids[h]: k for k, h in enumerate(block.hospitals.tolist())}
    chosen = np.array([h in decisions.sites and decisions.sites[h].sub_centre for h in hospital], dtype=bool)
    catchment = np.array(
        [hospital.get(decisions.catchments.get(data.townships[t], ""), -1) for t in block.townships.tolist()],
        dtype=np.int32,
    )
    return Choice(is_open, host, chosen, catchment, member, works, when, stage, modes, *read_centres(data, decisions))


def _acts(data: PlanningData, j: int, decision: SiteDecision) -> bool:
    """Does the site itself close, is it built or made a sub-centre? Works have years of their own."""
    own = decision.action is Action.CLOSE or decision.sub_centre or decision.service is not None
    return own or bool(data.candidate[j])


def _members(data: PlanningData, decisions: Decisions) -> np.ndarray:
    """Position of each township's lead (int32, rows of ConsortiaData), -1 where it has none that may lead."""
    if data.consortia is None:
        return np.zeros(0, dtype=np.int32)
    lead = {data.site_ids[j]: c for c, j in enumerate(data.consortia.leads.tolist())}
    towns = [data.townships[t] for t in data.consortia.townships]
    return np.array([lead.get(decisions.consortia.get(town, ""), -1) for town in towns], dtype=np.int32)


def at_stage(data: PlanningData, choice: Choice, s: int) -> Choice:
    """Return the plan as it stands at the end of stage ``s``: what comes later is not done yet.

    A hospital that relocates stands at its old place until then.
    """
    later = choice.stage > s
    works = choice.works
    if data.works is not None:
        works = works & (choice.work_stage <= s)
    chosen = choice.sub_centre.copy()
    if data.sub_centres is not None:
        chosen &= ~later[data.sub_centres.hospitals]
    is_open = np.where(later & data.decided, True, choice.open & ~(later & data.candidate))
    if data.works is not None:
        for p in np.flatnonzero(choice.works & ~works & (data.works.place >= 0)).tolist():
            is_open[data.works.site[p]], is_open[data.works.place[p]] = True, False
    modes = None if choice.modes is None else choice.modes.by(data, choice.stage, s)
    hosts = np.where(later, -1, choice.host)
    return replace(choice, open=is_open, host=hosts, sub_centre=chosen, works=works, modes=modes)


def hires_by_stage(data: PlanningData, choice: Choice, in_the_end: np.ndarray) -> np.ndarray:
    """Return the doctors hired by the end of each stage (int64, stages × pools of ``by_pool``): the least, hired for
    good.

    The last stage has at least ``in_the_end`` (by township). Without the staff balance at each stage only that one is
    asked for. Who is hired in a pool works where its townships need them then.
    """
    stages, last = data.stages, by_pool(data, choice.member, in_the_end)
    hired = np.zeros((stages.count, len(last)), dtype=np.int64)
    if data.doctors is not None and data.holds("doctor_balance") and data.holds("stage_doctors"):
        for s in range(stages.count - 1):
            then = at_stage(data, choice, s)
            lack = township_sums(data, staff_needed(data, then, final=False)) - stages.pool[s]
            hired[s] = np.maximum(0, by_pool(data, choice.member, lack))
    hired[-1] = last
    return np.maximum.accumulate(hired, axis=0)


def _year(data: PlanningData, choice: Choice, j: int) -> int | None:
    """Year in which a site closes, is built or made a sub-centre, else the year of the last of its works."""
    if choice.stage is None:
        return None
    s = int(choice.stage[j])
    if s < 0 and data.works is not None:
        mine = (data.works.site == j) | (data.works.place == j)
        s = int(choice.work_stage[mine].max(initial=-1))
    return None if s < 0 else data.stages.years[s]


def _at_hospital(
    data: PlanningData, choice: Choice, doctors: np.ndarray | None, j: int, posted: int
) -> int | None:
    """Doctors at a permanent site: its own, where known, less those posted to clinics, and the clinic doctors that it
    hosts."""
    if doctors is None:
        return None
    own, hosted = own_doctors(data, choice.works, j), int(doctors[j])
    return hosted or None if own < 0 else own - posted + hosted


def _place_rest(
    data: PlanningData, choice: Choice, doctors: np.ndarray, rest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    doctors, rest = doctors.copy(), rest.copy()
    load, _ = served_load(data, choice)
    unlimited = data.hospital if data.holds("doctor_rooms") else np.ones(len(doctors), dtype=bool)
    rooms = np.where(unlimited, np.iinfo(np.int64).max, rooms_after(data, choice.works))
    spare = spare_doctors(data, choice.works, choice.open, choice.host, doctors, choice.modes)
    for t in np.flatnonzero(rest > 0).tolist():
        places = np.flatnonzero((data.site_township == t) & (doctors > 0)).tolist()
        while rest[t] > 0:
            free = [j for j in places if doctors[j] < rooms[j] and spare[j] > 0]
            short = [j for j in free if load[j] > data.doctors.norm * doctors[j]]
            if not short:
                break
            # people per doctor compared as fractions load / doctors, exactly
            best = short[0]
            for j in short[1:]:
                left, right = int(load[j]) * int(doctors[best]), int(load[best]) * int(doctors[j])
                if left > right or (left == right and data.rank[j] < data.rank[best]):
                    best = j
            doctors[best] += 1
            spare[best] -= 1
            rest[t] -= 1
    return doctors, rest
