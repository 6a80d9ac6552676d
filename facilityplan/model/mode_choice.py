"""What is decided about circuit, neighbour and posted service, as arrays, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from facilityplan.domain.decisions import Decisions, Visit
from facilityplan.domain.kinds import ServiceMode
from facilityplan.model.sets import PlanningData


@dataclass(frozen=True)
class ModeChoice:
    """Who serves whom. Sites are positions in PlanningData.site_ids, -1 = nobody."""

    circuit: np.ndarray  # int32 (targets,) base hospital of the team that visits
    neighbour: np.ndarray  # int32 (targets,) clinic whose doctors visit
    posted: np.ndarray  # int32 (sites,) hospital whose staff keep the clinic open
    visit_stage: np.ndarray  # int32 (targets,) stage in which visits to a village without any site begin, -1 elsewhere

    def by(self, data: PlanningData, stage: np.ndarray, s: int) -> ModeChoice:
        """Return the services begun by the end of stage ``s``; ``stage``: by site, of what happens to it."""
        site = data.modes.target_site
        later = np.where(site >= 0, stage[site], self.visit_stage) > s
        circuit, neighbour = (np.where(later, -1, sender) for sender in (self.circuit, self.neighbour))
        return replace(self, circuit=circuit, neighbour=neighbour, posted=np.where(stage > s, -1, self.posted))


def nobody(data: PlanningData) -> ModeChoice | None:
    """Return the choice that uses no mode beside keep and merge; None where none is offered."""
    if data.modes is None:
        return None
    targets = len(data.modes.target_site)
    return ModeChoice(*(np.full(n, -1, dtype=np.int32) for n in (targets, targets, len(data.site_ids), targets)))


def visit_minutes_by(data: PlanningData, modes: ModeChoice, mode: ServiceMode) -> np.ndarray:
    """Return the staff minutes a week that the visits of a mode take of each site's staff (int64, sites)."""
    block, sender = (
        (data.modes.circuit, modes.circuit) if mode is ServiceMode.CIRCUIT else (data.modes.neighbour, modes.neighbour)
    )
    total = np.zeros(len(data.site_ids), dtype=np.int64)
    if block is None:
        return total
    made = sender[block.pairs.target] == block.pairs.site
    np.add.at(total, block.pairs.site[made], block.pairs.minutes[made])
    return total


def teams_needed(data: PlanningData, modes: ModeChoice | None) -> np.ndarray:
    """Return the least circuit teams by base (int64, sites): ⌈minutes a week / a team's minutes⌉."""
    if modes is None or data.modes.circuit is None or not data.holds("circuit_team"):
        return np.zeros(len(data.site_ids), dtype=np.int64)
    return -(-visit_minutes_by(data, modes, ServiceMode.CIRCUIT) // data.modes.circuit.team_minutes)


def posted_from(data: PlanningData, modes: ModeChoice | None) -> np.ndarray:
    """Return by hospital the doctors that it posts to clinics (int64, sites)."""
    count = np.zeros(len(data.site_ids), dtype=np.int64)
    if modes is not None and data.modes.posted is not None:
        np.add.at(count, modes.posted[modes.posted >= 0], data.modes.posted.staff)
    return count


def visited_load(data: PlanningData, modes: ModeChoice | None) -> np.ndarray:
    """Return by clinic the people whom its doctors visit (int64, sites, units of 1 / load_scale person)."""
    load = np.zeros(len(data.site_ids), dtype=np.int64)
    if modes is not None:
        visited = np.flatnonzero(modes.neighbour >= 0)
        np.add.at(load, modes.neighbour[visited], data.modes.target_people[visited])
    return load


def visitors(data: PlanningData, modes: ModeChoice | None) -> np.ndarray:
    """Return the clinics whose doctors visit anybody (bool by site)."""
    found = np.zeros(len(data.site_ids), dtype=bool)
    if modes is not None:
        found[modes.neighbour[modes.neighbour >= 0]] = True
    return found


def doctors_for_visits(data: PlanningData, modes: ModeChoice | None) -> np.ndarray:
    """Return by clinic the doctors that its visits need (int64, sites): ⌈minutes a week / a doctor's minutes⌉."""
    if modes is None or data.modes.neighbour is None or not data.holds("neighbour_hours"):
        return np.zeros(len(data.site_ids), dtype=np.int64)
    return -(-visit_minutes_by(data, modes, ServiceMode.NEIGHBOUR) // data.modes.neighbour.doctor_minutes)


def mode_cost(data: PlanningData, modes: ModeChoice | None) -> tuple[int, int]:
    """Return (yuan a year, yuan once) of circuit teams and posted staff."""
    if modes is None:
        return 0, 0
    teams, once = int(teams_needed(data, modes).sum()), 0
    yearly = 0
    if data.modes.circuit is not None:
        yearly, once = teams * data.modes.circuit.team_cny, teams * data.modes.circuit.vehicle_cny
    if data.modes.posted is not None:
        yearly += int((modes.posted >= 0).sum()) * data.modes.posted.staff_cny
    return yearly, once


def services(modes: ModeChoice | None) -> int:
    """Return how many clinics and villages have circuit, neighbour or posted service."""
    if modes is None:
        return 0
    return int((modes.circuit >= 0).sum() + (modes.neighbour >= 0).sum() + (modes.posted >= 0).sum())


def service_of(data: PlanningData, modes: ModeChoice | None, site: int) -> tuple[ServiceMode | None, int]:
    """Return the service of a public clinic beside keep and merge, and who gives it; (None, -1) where there is none."""
    if modes is None:
        return None, -1
    if modes.posted[site] >= 0:
        return ServiceMode.POSTED, int(modes.posted[site])
    target = data.modes.target_of(site)
    for mode, sender in ((ServiceMode.NEIGHBOUR, modes.neighbour), (ServiceMode.CIRCUIT, modes.circuit)):
        if sender[target] >= 0:
            return mode, int(sender[target])
    return None, -1


def visits_of_villages(data: PlanningData, modes: ModeChoice | None) -> dict[str, Visit]:
    """Return the visits to villages without any site, by village id."""
    if modes is None:
        return {}
    visits = {}
    for target in range(data.modes.clinics, len(data.modes.target_site)):
        for mode, sender in ((ServiceMode.NEIGHBOUR, modes.neighbour), (ServiceMode.CIRCUIT, modes.circuit)):
            if sender[target] >= 0:
                village = data.village_ids[data.modes.target_village[target]]
                s = int(modes.visit_stage[target])
                year = None if data.stages is None or s < 0 else data.stages.years[s]
                visits[village] = Visit(mode, data.site_ids[sender[target]], year)
    return dict(sorted(visits.items()))


def modes_of(data: PlanningData, decisions: Decisions) -> ModeChoice | None:
    """Read the choice back from decisions; what names no site or target is left out."""
    choice = nobody(data)
    if choice is None:
        return None
    position = {i: k for k, i in enumerate(data.site_ids)}
    village = {
        data.village_ids[data.modes.target_village[t]]: t
        for t in range(data.modes.clinics, len(data.modes.target_site))
    }
    made = [(data.modes.target_of(position[i]), d.service, d.served_from) for i, d in decisions.sites.items()
            if d.service in (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR) and data.decided[position[i]]]  # fmt: skip
    made += [(village[v], visit.service, visit.served_from) for v, visit in decisions.visits.items() if v in village]
    for target, mode, sender in made:
        if sender in position:
            (choice.circuit if mode is ServiceMode.CIRCUIT else choice.neighbour)[target] = position[sender]
    for v, visit in decisions.visits.items() if data.stages is not None else ():
        if v in village:
            choice.visit_stage[village[v]] = data.stages.index(visit.stage)
    for i, decision in decisions.sites.items():
        if decision.service is ServiceMode.POSTED and decision.served_from in position:
            choice.posted[position[i]] = position[decision.served_from]
    return choice
