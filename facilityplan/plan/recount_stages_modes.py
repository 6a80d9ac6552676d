"""What the verifier counts of circuit, neighbour and posted service in a plan by years: who is served by when."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

from facilityplan.domain.kinds import ServiceMode
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, Site, whole_yuan
from facilityplan.plan.recount_modes import served, week_minutes

Service = tuple[Site, ServiceMode, str | None]  # who is served, how, from where


def services_in(r: Recount, years: list[int], n: int) -> list[Service]:
    """Return the services that begin in the n-th year; one without a known year begins in the last."""
    found = []
    for site, mode, sender in served(r):
        year = r.decisions.visits[site.village].stage if site.row < 0 else r.decisions.sites[site.id].stage
        if (years.index(year) if year in years else len(years) - 1) == n:
            found.append((site, mode, sender))
    return found


def check_visits_once(r: Recount, ledger: Ledger, years: set[int]) -> None:
    """Visits to villages without any site begin in one of the years; a guest of a new clinic comes when it stands."""
    for village, visit in sorted(r.decisions.visits.items()):
        ok = visit.stage in years if years else visit.stage is None
        ledger.check("stage_once", ok, f"visits to {village} begin in year {figure(visit.stage)}")
    for guest, host in sorted(r.hosts.items()):
        if years and host in r.sites and r.sites[host].candidate and host in r.decisions.sites:
            moves, stands = r.decisions.sites[guest].stage, r.decisions.sites[host].stage
            ledger.check("stage_once", moves is None or stands is None or stands <= moves,
                         f"{guest} moves to {host} in {figure(moves)}, which is built in {figure(stands)}")


def teams_then(r: Recount, begun: list[Service]) -> int:
    """Return the circuit teams whom the visits begun so far need, as few as their hours ask for."""
    rule = r.rules.modes.circuit
    if rule is None or not r.holds("circuit_team"):
        return 0
    hours: Counter[str] = Counter()
    for site, mode, sender in begun:
        if mode is ServiceMode.CIRCUIT and sender in r.sites:
            hours[sender] += week_minutes(r, site, mode, sender)
    return sum(-(-minutes // rule.team_minutes_week) for minutes in hours.values())


def visited_then(begun: list[Service]) -> dict[str, list[Site]]:
    """Return clinic → whom its doctors visit by then."""
    found: dict[str, list[Site]] = defaultdict(list)
    for site, mode, sender in begun:
        if mode is ServiceMode.NEIGHBOUR and sender is not None:
            found[sender].append(site)
    return found


def doctors_for_visits(r: Recount, host: str, visited: list[Site]) -> int:
    """Return the doctors whom a clinic's visits need by their hours."""
    rule = r.rules.modes.neighbour
    if rule is None or not visited or not r.holds("neighbour_hours"):
        return 0
    minutes = sum(week_minutes(r, site, ServiceMode.NEIGHBOUR, host) for site in visited)
    return -(-minutes // rule.visit_minutes_per_doctor_week)


def load_of_visits(visited: list[Site]) -> Fraction:
    """Return the people visited, in tenths."""
    return sum((site.tenths for site in visited), Fraction(0))


def posted_then(begun: list[Service]) -> set[str]:
    """Return the clinics with posted staff by then."""
    return {site.id for site, mode, _ in begun if mode is ServiceMode.POSTED}


def services_cny(r: Recount, begun: list[Service]) -> int:
    """Return what circuit teams and posted staff of then cost a year, in yuan."""
    costs, posted = r.config.costs, r.rules.modes.posted
    staff = posted.staff * whole_yuan(costs.posted_doctor.value) * len(posted_then(begun)) if posted is not None else 0
    return teams_then(r, begun) * whole_yuan(costs.circuit_team.value) + staff


def vehicles_cny(r: Recount, before: list[Service], now: list[Service]) -> int:
    """Return what is spent on teams' vehicles in a year, in yuan: services begun by the year before, and by its end."""
    return (teams_then(r, now) - teams_then(r, before)) * whole_yuan(r.config.costs.circuit_vehicle.value)


def services_figures(r: Recount, begun: list[Service]) -> dict[str, Any]:
    """Return what `metrics.by_stage` says of services at a year's end; nothing where none is offered."""
    if not r.rules.modes.on:
        return {}
    visits = [s for s in begun if s[1] is not ServiceMode.POSTED]
    return {"visited": len(visits), "circuit_teams": teams_then(r, begun), "clinics_posted": len(posted_then(begun))}
