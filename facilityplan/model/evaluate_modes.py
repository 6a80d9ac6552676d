"""The recount of circuit, neighbour and posted service and of new joint sites: pure numpy, no PuLP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.domain.rules import HOST_RULES
from facilityplan.model.choice import Choice
from facilityplan.model.hosts import RULE_BIT
from facilityplan.model.mode_choice import posted_from, teams_needed, visit_minutes_by
from facilityplan.model.mode_data import FULL_WEEK, MODE_BIT, StaffPairs
from facilityplan.model.sets import PlanningData

if TYPE_CHECKING:
    from facilityplan.model.evaluate import _Count

CLOSED = (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR)


def one_service(data: PlanningData, decision: SiteDecision, kept: Action) -> bool:
    """Does a public clinic stay open (perhaps with posted staff), or close in exactly one of the ways offered?

    ``kept``: its action where it stays open.
    """
    modes, service = data.modes, decision.service
    offered = service is None or (
        modes is not None
        and {
            ServiceMode.CIRCUIT: modes.circuit,
            ServiceMode.NEIGHBOUR: modes.neighbour,
            ServiceMode.POSTED: modes.posted,
        }.get(service)
        is not None
    )
    if not offered or (service is None) != (decision.served_from is None):
        return False
    if decision.action is Action.CLOSE:
        return (decision.merged_into is not None) != (service in CLOSED) and service is not ServiceMode.POSTED
    return decision.action is kept and decision.merged_into is None and service not in CLOSED


def blank_villages(data: PlanningData, choice: Choice) -> int:
    """Villages that have no clinic today, get none and are not visited."""
    visited: set[int] = set()
    if choice.modes is not None:
        served = (choice.modes.circuit >= 0) | (choice.modes.neighbour >= 0)
        visited = set(data.modes.target_village[served & (data.modes.target_site < 0)].tolist())
    return sum(1 for v, sites in data.blank_groups if not choice.open[list(sites)].any() and v not in visited)


def days_missed(data: PlanningData, choice: Choice) -> int:
    """Person-days a week without contact in villages left without a full-time site (tenths of people)."""
    if choice.modes is None:
        return 0
    total = 0
    for group in data.modes.contacts:
        site, days = int(data.modes.target_site[group.target]), 0
        if (site >= 0 and choice.open[site]) or choice.open[list(group.others)].any():
            days = FULL_WEEK
        elif choice.modes.neighbour[group.target] >= 0:
            days = data.modes.neighbour.days
        elif choice.modes.circuit[group.target] >= 0:
            days = data.modes.circuit.days
        total += int(data.village_people[group.village]) * (FULL_WEEK - days)
    return total


def check_modes(data: PlanningData, decisions: Decisions, choice: Choice, count: _Count) -> None:
    """Every service is given by somebody who may and can give it; a village is visited or built in, not both."""
    modes, chosen = data.modes, choice.modes
    village_targets = {data.village_ids[modes.target_village[t]] for t in range(modes.clinics, len(modes.target_site))}
    for village, visit in decisions.visits.items():
        offered = {ServiceMode.CIRCUIT: modes.circuit, ServiceMode.NEIGHBOUR: modes.neighbour}.get(visit.service)
        if village not in village_targets or offered is None or visit.served_from not in data.site_ids:
            count.breach("one_mode", village)
    for target in range(modes.clinics, len(modes.target_site)):
        built = choice.open & (data.site_village == modes.target_village[target])
        if (chosen.circuit[target] >= 0 or chosen.neighbour[target] >= 0) and built.any():
            count.breach("one_mode", data.village_ids[modes.target_village[target]])
    if modes.circuit is not None:
        _check_pairs(data, modes.circuit.pairs, chosen.circuit, count)
        _check_teams(data, choice, count)
    if modes.neighbour is not None:
        _check_neighbours(data, choice, count)
    if modes.posted is not None:
        _check_pairs(data, modes.posted.pairs, chosen.posted[modes.target_site[: modes.clinics]], count)
        posted = posted_from(data, chosen)
        for h in np.flatnonzero((posted > 0) | (modes.posted.posts > 0)).tolist():
            used, most = int(posted[h]) // modes.posted.staff, int(modes.posted.posts[h])
            count.check("posted_pool", data.site_ids[h], used, most, left=most - used)


def check_joint_sites(data: PlanningData, choice: Choice, count: _Count) -> None:
    """A new joint site in a village that has a clinic today has guests enough."""
    for k in data.joint_sites:
        if choice.open[k]:
            guests = int((choice.host == k).sum())
            count.check("joint_site_guests", data.site_ids[k], guests, data.min_guests, left=guests - data.min_guests)


def _name(data: PlanningData, target: int) -> str:
    site = int(data.modes.target_site[target])
    return data.site_ids[site] if site >= 0 else data.village_ids[data.modes.target_village[target]]


def _made(pairs: StaffPairs, sender: np.ndarray) -> dict[int, int]:
    """Target → position of its pair, for those served by somebody who could serve them."""
    known = pairs.target < len(sender)
    made = np.flatnonzero(known & (sender[np.where(known, pairs.target, 0)] == pairs.site))
    return {int(pairs.target[k]): int(k) for k in made}


def _check_pairs(data: PlanningData, pairs: StaffPairs, sender: np.ndarray, count: _Count) -> None:
    made = _made(pairs, sender)
    for target in np.flatnonzero(sender >= 0).tolist():
        name = f"{_name(data, target)} from {data.site_ids[sender[target]]}"
        if target not in made:
            count.breach("mode_base", name)  # nobody there could send anybody
            continue
        for rule, bit in MODE_BIT.items():
            if data.holds(rule) and pairs.broken[made[target]] & bit:
                count.breach(rule, name)


def _check_teams(data: PlanningData, choice: Choice, count: _Count) -> None:
    circuit, teams = data.modes.circuit, teams_needed(data, choice.modes)
    hours = visit_minutes_by(data, choice.modes, ServiceMode.CIRCUIT)
    for base in np.flatnonzero((teams > 0) | (hours > 0)).tolist():
        name, has = data.site_ids[base], int(count.decisions.sites[data.site_ids[base]].teams)
        room = circuit.team_minutes * has
        count.check("circuit_team", name, int(hours[base]), room, left=room - int(hours[base]))
        most = int(circuit.max_teams[base])
        count.check("circuit_staff", name, has, most, left=most - has)


def _check_neighbours(data: PlanningData, choice: Choice, count: _Count) -> None:
    block, chosen, clinics = data.modes.neighbour, choice.modes, data.modes.clinics
    made = _made(block.pairs, chosen.neighbour)
    allowed = (data.allowed_pairs(), data.allowed_pairs(data.modes.village_pairs))
    pairs = (data.pairs, data.modes.village_pairs)
    for target in np.flatnonzero(chosen.neighbour >= 0).tolist():
        host = int(chosen.neighbour[target])
        name = f"{_name(data, target)} by {data.site_ids[host]}"
        if not choice.own_doctor[host] or target not in made:
            count.breach("host_open", name)
        if target not in made:
            continue
        k, village = made[target], int(target >= clinics)
        if data.holds("mode_eligible") and block.pairs.broken[k]:
            count.breach("mode_eligible", name)
        position = int(block.pairs.host_pair[k])
        if not allowed[village][position]:
            bits = pairs[village].broken[position]
            broken = [r for r in HOST_RULES if r != "max_hosts" and data.holds(r) and bits & RULE_BIT[r]]
            count.breach(broken[0] if broken else "max_hosts", name)
    hours, doctors = visit_minutes_by(data, chosen, ServiceMode.NEIGHBOUR), count.clinic_doctors()
    for host in np.flatnonzero(hours > 0).tolist():
        room = block.doctor_minutes * int(doctors[host])
        count.check("neighbour_hours", data.site_ids[host], int(hours[host]), room, left=room - int(hours[host]))
