"""The verifier's checks of circuit, neighbour and posted service and of new joint sites, from inputs and decisions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from facilityplan.config.works import moves
from facilityplan.domain.kinds import CLINIC_KINDS, ServiceMode
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, Site, share_of
from facilityplan.plan.recount_travel import NEVER
from facilityplan.units import HORIZON_MIN

CIRCUIT, NEIGHBOUR, POSTED = ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR, ServiceMode.POSTED
FULL_WEEK = 7


def served(r: Recount) -> Iterator[tuple[Site, ServiceMode, str | None]]:
    """Yield every clinic and village with circuit, neighbour or posted service, the mode and who is said to give it."""
    for i, decision in sorted(r.decisions.sites.items()):
        if decision.service is not None and i in r.sites:
            yield r.sites[i], decision.service, decision.served_from
    for village, visit in sorted(r.decisions.visits.items()):
        if village in r.village_rows:
            yield r.village_site(village), visit.service, visit.served_from


def services_made(r: Recount) -> int:
    """Clinics and villages with circuit, neighbour or posted service."""
    return sum(d.service is not None for d in r.decisions.sites.values()) + len(r.decisions.visits)


# -- one_mode: services that the scenario offers, given to who may have them -------------------------------------------


def check_services(r: Recount, ledger: Ledger) -> None:
    """Each service is offered, names who gives it, and goes to a public clinic or a village without any site.

    Booked under one_mode.
    """
    offered = {m for m in (CIRCUIT, NEIGHBOUR, POSTED) if getattr(r.rules.modes, str(m)) is not None}
    standing = {s.village for s in r.sites.values() if s.decided or r.is_open(s.id)}
    built = {s.village for s in r.sites.values() if s.candidate and r.is_open(s.id)}
    for i, decision in sorted(r.decisions.sites.items()):
        site = r.sites.get(i)
        if site is None:
            continue
        ok = (decision.service is None) == (decision.served_from is None)
        ledger.check("one_mode", ok, f"{i}: service {figure(decision.service)} by {figure(decision.served_from)}")
        ledger.check("one_mode", decision.service is None or (site.decided and decision.service in offered),
                     f"{i}, a {site.kind}, has the service {figure(decision.service)}, which is not offered to it")
        closes = decision.service in (CIRCUIT, NEIGHBOUR)
        ledger.check("one_mode", decision.service is None or closes != r.is_open(i),
                     f"{i} is {decision.action}, which does not fit its service {figure(decision.service)}")
        ledger.check("one_mode", decision.teams == 0 or (decision.teams > 0 and site.hospital and CIRCUIT in offered),
                     f"{i}, a {site.kind}, has {decision.teams} circuit teams")
    for village, visit in sorted(r.decisions.visits.items()):
        ledger.check("one_mode", village in r.village_rows and village not in standing,
                     f"{village} is visited but is no village without any site")
        ledger.check("one_mode", village not in built, f"{village} is visited although a clinic is built there")
        ledger.check("one_mode", visit.service in offered - {POSTED},
                     f"{village} has the service {visit.service}, which is not offered to villages")


# -- ways and hours ----------------------------------------------------------------------------------------------------


def ways(r: Recount, guest: Site) -> np.ndarray:
    """Return the deciseconds from a guest to every facility by the first standard's mode (int64, -1 = no way)."""
    if guest.row >= 0:
        return r.merge_ds[guest.id]
    mode = r.first.mode
    start = r.joints(mode, "villages").take(np.array([r.village_row[guest.village]]))
    return r.roads(mode).times_between(start, r.joints(mode, "facilities"))[0]


class StaffTimes:
    """Deciseconds from some places to all facilities and villages and back by one mode."""

    def __init__(self, r: Recount, mode: str, places: list[str]) -> None:
        self._column = {i: k for k, i in enumerate(places)}
        self._village_row = r.village_row
        roads, sites = r.roads(mode), r.joints(mode, "facilities")
        staff = sites.take(np.array([r.sites[i].row for i in places], dtype=np.int64))
        villages = r.joints(mode, "villages")
        self._there = [roads.times_between(staff, ends) for ends in (sites, villages)]
        self._back = [roads.times_to(starts, staff) for starts in (sites, villages)]

    def both(self, sender: str, to: Site) -> tuple[int, int]:
        """Return (there, back), NEVER where there is no way."""
        k = self._column[sender]
        village = int(to.row < 0)
        row = self._village_row[to.village] if village else to.row
        return int(self._there[village][k, row]), int(self._back[village][row, k])


def staff_times(r: Recount, service: ServiceMode) -> StaffTimes:
    """Return the times of hospitals by rules.modes.travel_mode, or of clinics that visit by the first standard's."""
    if not hasattr(r, "_staff_times"):
        r._staff_times = {}
    key = NEIGHBOUR if service is NEIGHBOUR else CIRCUIT
    if key not in r._staff_times:
        hospitals = [s.id for s in r.sites.values() if s.hospital and _may_send(r, s.id)]
        clinics = sorted({u for _, mode, u in served(r) if mode is NEIGHBOUR and u in r.sites})
        place = (r.first.mode, clinics) if key is NEIGHBOUR else (r.rules.modes.travel_mode, hospitals)
        r._staff_times[key] = StaffTimes(r, *place)
    return r._staff_times[key]


def _may_send(r: Recount, hospital: str) -> bool:
    """Is it a township hospital, and none that may move away?"""
    return r.sites[hospital].hospital and hospital not in moves(r.config)


def _ways_of(r: Recount, site: Site, service: ServiceMode, sender: str | None) -> tuple[int, int] | None:
    """Return (there, back) in deciseconds; None where the sender is nobody who could come or there is no way."""
    if sender not in r.sites or (service is not NEIGHBOUR and not _may_send(r, sender)):
        return None
    both = staff_times(r, service).both(sender, site)
    return None if NEVER in both else both


def week_minutes(r: Recount, site: Site, service: ServiceMode, sender: str) -> int:
    """Staff minutes a week of visits: days · ⌈fixed + people / 100 · per 100 + way there and back⌉."""
    rule = getattr(r.rules.modes, str(service))
    there, back = _ways_of(r, site, service, sender) or (0, 0)
    talk = Fraction(str(rule.visit_minutes_per_100)) * site.tenths / 1000
    return rule.days_per_week * math.ceil(rule.visit_minutes_fixed + talk + Fraction(there + back, 600))


def _hours(r: Recount, service: ServiceMode) -> Mapping[str, int]:
    total: dict[str, int] = defaultdict(int)
    for site, mode, sender in served(r):
        if mode is service and _ways_of(r, site, service, sender) is not None:
            total[sender] += week_minutes(r, site, service, sender)
    return total


# -- the rules ---------------------------------------------------------------------------------------------------------


def check_mode_eligible(r: Recount, ledger: Ledger) -> None:
    """People and minutes of everybody served are inside the thresholds of the mode."""
    doctors = r.inputs.facilities["doctors"]
    for site, service, sender in served(r):
        rule, both = getattr(r.rules.modes, str(service)), _ways_of(r, site, service, sender)
        if rule is None or both is None:
            continue  # one_mode, mode_base or host_open says so
        people, minutes = site.tenths / 10, -(-both[0] // 600)
        fits = rule.min_people <= people <= rule.max_people
        if service is POSTED and rule.without_doctor:
            fits = fits or bool((doctors.iloc[[site.row]] == 0).fillna(value=False).iloc[0])
        ledger.check("mode_eligible", fits, f"{site.id} has {float(people):g} people, {service} service is for "
                                            f"{rule.min_people} to {rule.max_people}")
        ledger.check("mode_eligible", minutes <= rule.max_minutes,
                     f"{site.id} is {both[0] / 600:.2f} min from {sender}, {service} service goes {rule.max_minutes}")


def check_mode_base(r: Recount, ledger: Ledger) -> None:
    """Teams and posted staff come from a township hospital that can come: the nearest of the own township."""
    for site, service, sender in served(r):
        if service is NEIGHBOUR:
            continue
        both = _ways_of(r, site, service, sender)
        if not ledger.check("mode_base", both is not None,
                            f"{site.id}: {service} from {figure(sender)}, which is no township hospital on its roads"):
            continue
        if not r.rules.modes.same_township:
            continue
        base = r.sites[sender]
        ledger.check("mode_base", base.township is not None and base.township == site.township,
                     f"{site.id} of {site.township} is served from {sender} of {base.township}")
        others = [s for s in r.sites.values() if s.hospital and s.township == site.township]
        nearer = [s.id for s in others if (way := _ways_of(r, site, service, s.id)) is not None and way[0] < both[0]]
        ledger.check("mode_base", not nearer, f"{site.id} is served from {sender}, although {nearer} is nearer")


def check_circuit_team(r: Recount, ledger: Ledger) -> None:
    """The teams of every base have the hours for their visits, the way there and back included."""
    rule = r.rules.modes.circuit
    for base, minutes in sorted(_hours(r, CIRCUIT).items()):
        teams = r.decisions.sites[base].teams if base in r.decisions.sites else 0
        ledger.check("circuit_team", rule is not None and minutes <= rule.team_minutes_week * teams,
                     f"{base}: visits take {minutes} min a week, its {teams} teams have "
                     f"{rule.team_minutes_week * teams if rule else 0}")


def check_circuit_staff(r: Recount, ledger: Ledger) -> None:
    """No hospital has more circuit teams than allowed, nor more than its doctors can staff."""
    rule = r.rules.modes.circuit
    for i, decision in sorted(r.decisions.sites.items()):
        if rule is None or decision.teams == 0 or i not in r.sites:
            continue
        doctors = math.floor(share_of(rule.max_doctor_share, r.sites[i].doctors or 0))
        most = min(rule.max_teams_per_base, doctors // rule.doctors_per_team)
        ledger.check("circuit_staff", decision.teams <= most, f"{i} has {decision.teams} circuit teams, at most {most}")


def check_neighbour_hours(r: Recount, ledger: Ledger) -> None:
    """The doctors of every clinic that visits have the hours for it, the way there and back included."""
    rule = r.rules.modes.neighbour
    for host, minutes in sorted(_hours(r, NEIGHBOUR).items()):
        each = rule.visit_minutes_per_doctor_week if rule is not None else 0
        doctors = r.clinic_doctors_after(r.sites[host])
        ledger.check("neighbour_hours", minutes <= each * doctors,
                     f"{host}: visits take {minutes} min a week, its {doctors} doctors have {each * doctors}")


def check_posted_pool(r: Recount, ledger: Ledger) -> None:
    """No hospital posts more of its doctors than allowed; as many work at each clinic as are posted there."""
    rule = r.rules.modes.posted
    clinics = Counter(sender for _, mode, sender in served(r) if mode is POSTED)
    for hospital, count in sorted(clinics.items(), key=str):
        if rule is None or hospital not in r.sites:
            continue
        doctors = math.floor(share_of(rule.max_doctor_share, r.sites[hospital].doctors or 0))
        most = doctors if rule.max_per_hospital is None else min(doctors, rule.max_per_hospital)
        ledger.check("posted_pool", count * rule.staff <= most,
                     f"{hospital} posts {count * rule.staff} doctors, at most {most}")
    for site, mode, _ in served(r):
        if mode is POSTED and rule is not None:
            there = r.decisions.sites[site.id].doctors
            ledger.check("posted_pool", there == rule.staff,
                         f"{site.id} has {figure(there)} posted doctors, not {rule.staff}")


def check_joint_site_guests(r: Recount, ledger: Ledger) -> None:
    """A new joint site in a village that has a clinic today has guests enough."""
    if not r.rules.hosts.new_sites:
        return
    clinics = {str(k) for k in CLINIC_KINDS}
    have = {s.village for s in r.sites.values() if s.kind in clinics and not s.candidate and s.village is not None}
    for site in r.sites.values():
        if site.candidate and r.is_open(site.id) and site.village in have:
            guests = len(r.guests.get(site.id, ()))
            ledger.check("joint_site_guests", guests >= r.rules.hosts.min_guests,
                         f"{site.id} is built for {guests} guests, at least {r.rules.hosts.min_guests} are asked")


# -- figures -----------------------------------------------------------------------------------------------------------


def days_of_contact(r: Recount) -> dict[str, int]:
    """Service mode → days a week with a doctor in the village."""
    days = {"keep": FULL_WEEK, "posted": FULL_WEEK}
    for mode in ("circuit", "neighbour"):
        if (rule := getattr(r.rules.modes, mode)) is not None:
            days[mode] = rule.days_per_week
    return days


def tenth_days_missed(r: Recount) -> int:
    """Person-days a week without contact, in tenths, of villages in which no site is open full-time."""
    days, total = days_of_contact(r), 0
    for village, tenths in r.village_tenths.items():
        here = [s for s in r.sites.values() if s.village == village]
        if any(r.is_open(s.id) for s in here):
            continue
        own = sorted((s for s in here if s.decided), key=lambda s: (-(s.doctors or 0), -s.posts, s.id))
        visit = r.decisions.sites.get(own[0].id) if own else r.decisions.visits.get(village)
        service = visit.service if visit is not None else None
        total += tenths * (FULL_WEEK - (days.get(str(service), 0) if service is not None else 0))
    return total


def _ds_to(r: Recount, rows: np.ndarray, table: str, places: list[int]) -> np.ndarray:
    """Deciseconds of cells to the nearest of some places by the first standard's mode (float64, inf = no way)."""
    points = r.joints(r.first.mode, table)
    chosen = np.zeros(len(points.edge), dtype=bool)
    chosen[places] = True
    ds = r.roads(r.first.mode).nearest(r.joints(r.first.mode, "cells").take(rows), points, chosen).ds
    return np.where(ds == NEVER, np.inf, ds)


def periodic_mean(r: Recount, village: str, mode: str, clinic: str | None) -> float | None:
    """Mean minutes of a village's people to its old clinic, or its point, where somebody visits it."""
    rows = r.village_rows[village]
    if mode not in ("circuit", "neighbour") or not len(rows):
        return None
    ds = _ds_to(r, rows, *(("villages", [r.village_row[village]]) if clinic is None else
                           ("facilities", [r.sites[clinic].row])))
    near = (ds <= 600 * HORIZON_MIN) & (r.people[rows] > 0)
    return float(np.average(ds[near] / 600, weights=r.people[rows][near])) if near.any() else None


def mode_figures(r: Recount, fates: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures of metrics that exist only where modes beside keep and merge are offered."""
    if not r.rules.modes.on:
        return {}
    after = r.nearest(r.first, "after").ds
    best = np.where(after == NEVER, np.inf, after)
    everybody = np.arange(len(best))
    clinics = [r.sites[i].row for i, d in r.decisions.sites.items() if d.service in (CIRCUIT, NEIGHBOUR)]
    villages = [r.village_row[v] for v in r.decisions.visits]
    for table, places in (("facilities", clinics), ("villages", villages)):
        if places:
            best = np.minimum(best, _ds_to(r, everybody, table, places))
    made = Counter(d.service for d in r.decisions.sites.values())
    posted = r.rules.modes.posted
    return {
        "people_within_circle_periodic_after": float(r.weight(r.first)[best <= 600 * r.first.limit_min].sum()),
        "villages_by_mode": {str(m): sum(f == m for f in fates.values()) for m in ServiceMode},
        "clinics_circuit": made[CIRCUIT], "clinics_neighbour": made[NEIGHBOUR], "clinics_posted": made[POSTED],
        "villages_visited": len(r.decisions.visits),
        "circuit_teams": sum(d.teams for d in r.decisions.sites.values()),
        "posted_doctors": made[POSTED] * (posted.staff if posted is not None else 0),
    }
