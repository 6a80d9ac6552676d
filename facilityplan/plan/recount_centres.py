"""The verifier's checks of service centres: every rule and every figure counted from decisions and raw tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facilityplan.config.centres import ServiceCentre
from facilityplan.domain.kinds import Status
from facilityplan.plan.claims import Ledger, figure, listed
from facilityplan.plan.recount_base import HORIZON_MIN, Recount, share_of
from facilityplan.plan.recount_tables import CLOSE, mean
from facilityplan.plan.recount_travel import NEVER


def hosts_of(r: Recount, rule: ServiceCentre) -> list[str]:
    """Return the hospitals that host a service, as decided."""
    return list(r.decisions.centre_hosts.get(rule.id, ()))


def _names(r: Recount, rule: ServiceCentre) -> set[str]:
    """The hospitals that host a service, by their own id and that of the place where they now stand."""
    return {i for h in hosts_of(r, rule) for i in (h, r.institution(r.sites[h]) if h in r.sites else h)}


def _existing(r: Recount) -> np.ndarray:
    return (r.inputs.facilities["status"] != Status.CANDIDATE).to_numpy(bool)


def uses_of(r: Recount, rule: ServiceCentre) -> Mapping[str, str]:
    """Return which hospital each township uses, as decided."""
    return r.decisions.centre_of.get(rule.id, {})


def check_centre_eligible(r: Recount, ledger: Ledger) -> None:
    """A host is a hospital of the service's kinds that stands, and reaches every minimum with the works done; a missing
    figure does not."""
    for rule in r.rules.centres:
        for host in hosts_of(r, rule):
            site = r.sites.get(host)
            stands = site is not None and (_existing(r)[site.row] or r.institution(site) != site.id)
            fit = stands and site.kind in {str(k) for k in rule.kinds}
            if not ledger.check("centre_eligible", fit, f"{rule.id}: {host} is no hospital that may host it"):
                continue
            for column, least in (("beds", rule.min_beds), ("doctors", rule.min_doctors), ("level", rule.min_level)):
                if least is not None:
                    value = r.figure_after(site, column)
                    ledger.check("centre_eligible", value is not None and value >= least,
                                 f"{rule.id}: {host} has {column} {figure(value)}, at least {least} asked")


def check_centre_count(r: Recount, ledger: Ledger) -> None:
    """Each service has as many hosts as asked, each once; no service is decided that nobody asked for."""
    for rule in r.rules.centres:
        hosts = hosts_of(r, rule)
        ledger.check("centre_count", len(set(hosts)) == len(hosts), f"{rule.id}: a host is listed twice")
        ledger.check("centre_count", rule.min_count <= len(set(hosts)) <= rule.max_count,
                     f"{rule.id} has {len(set(hosts))} hosts, asked are {rule.min_count} to {rule.max_count}")


def check_centre_required(r: Recount, ledger: Ledger) -> None:
    """Every required host hosts its service."""
    for rule in r.rules.centres:
        for wanted in rule.required:
            ledger.check("centre_required", wanted in _names(r, rule), f"{rule.id}: {wanted} is required, not chosen")


def check_centre_forbidden(r: Recount, ledger: Ledger) -> None:
    """No forbidden hospital hosts the service."""
    for rule in r.rules.centres:
        for unwanted in rule.forbidden:
            ledger.check("centre_forbidden", unwanted not in _names(r, rule), f"{rule.id}: {unwanted} is forbidden")


def check_centre_catchment(r: Recount, ledger: Ledger) -> None:
    """Each township that has villages uses exactly one host of each service, and all of it can get there."""
    services = sorted(rule.id for rule in r.rules.centres)
    ledger.same_keys("centre_catchment", sorted(r.decisions.centre_of), services, "services in use")
    ledger.same_keys("centre_catchment", sorted(r.decisions.centre_hosts), services, "services hosted")
    for rule in r.rules.centres:
        uses = uses_of(r, rule)
        for host in hosts_of(r, rule):
            ledger.check("centre_catchment", r.is_open(host), f"{rule.id}: {host} does not stand under the plan")
        ledger.same_keys("centre_catchment", sorted(uses), sorted(set(r.township_of.values())),
                         f"{rule.id}: townships that use it")
        for township, host in sorted(uses.items()):
            if ledger.check("centre_catchment", host in hosts_of(r, rule),
                            f"{rule.id}: {township} uses {host}, which does not host it") and host in r.sites:
                lost = [v for v, t in r.township_of.items() if t == township and _minutes(r, rule, v, host) is None
                        and _reaches_any(r, rule)[r.village_row[v]]]
                ledger.check("centre_catchment", not lost,
                             f"{rule.id}: {township}: villages {listed(lost)} cannot reach {host}")


def check_centre_load(r: Recount, ledger: Ledger) -> None:
    """No host serves more people of a service than it can."""
    for rule in r.rules.centres:
        if rule.max_people is None:
            continue
        for host in hosts_of(r, rule):
            tenths = sum(r.village_tenths[v] for v, t in r.township_of.items() if uses_of(r, rule).get(t) == host)
            ledger.check("centre_load", tenths <= 10 * rule.max_people,
                         f"{rule.id}: {host} serves {tenths / 10:g} people, at most {rule.max_people} allowed")


def check_centre_share(r: Recount, ledger: Ledger) -> None:
    """Enough people are within the limit of a host, by whole minutes from their village's point."""
    for rule in r.rules.centres:
        if rule.min_share is None or rule.limit_min is None:
            continue
        near = sum(tenths for v, tenths in r.village_tenths.items() if _is_near(r, rule, v))
        total = sum(r.village_tenths.values())
        ledger.check("centre_share", near >= share_of(rule.min_share, total),
                     f"{rule.id}: {near / 10:.1f} of {total / 10:.1f} people are within {rule.limit_min} min of one, "
                     f"asked is a share of {rule.min_share}")


def check_centres_per_host(r: Recount, ledger: Ledger) -> None:
    """No hospital hosts more services than it may."""
    if (most := r.rules.centres_per_host) is None:
        return
    for site in r.sites:
        services = sorted(s for s, hosts in r.decisions.centre_hosts.items() if site in hosts)
        ledger.check("centres_per_host", len(services) <= most,
                     f"{site} hosts {listed(services)}: at most {most} services are allowed")


def check_centres(r: Recount, ledger: Ledger) -> None:
    """`centres` of plan.json: one record a service, each figure as counted here; absent where there are none."""
    compare_records(ledger, "centres", r.claims.blocks.get("centres", ()), [_record(r, rule) for rule in sorted(
        r.rules.centres, key=lambda service: service.id)])


def centre_tenth_minutes(r: Recount) -> int:
    """People · whole minutes from villages to the hosts they use, in tenths, over all services."""
    total = 0
    for rule in r.rules.centres:
        for village, tenths in r.village_tenths.items():
            host = uses_of(r, rule).get(r.township_of.get(village))
            minutes = _minutes(r, rule, village, host) if host in r.sites else None
            total += tenths * minutes if minutes is not None else 0
    return total


def _record(r: Recount, rule: ServiceCentre) -> dict[str, Any]:
    hosts, uses = hosts_of(r, rule), uses_of(r, rule)
    people = {v: float(r.people[rows].sum()) for v, rows in r.village_rows.items()}
    near = None
    if rule.limit_min is not None:
        near = sum(n for v, n in people.items() if _is_near(r, rule, v))
    every = list(r.inputs.villages["id"])
    record = {"id": rule.id, "name": rule.name, "name_en": rule.name_en, "type": rule.type, "mode": rule.mode,
              "hosts": sorted(set(hosts)), "assignments": dict(uses), "people": sum(people.values()),
              "limit_min": rule.limit_min, "people_within": near,
              **way_figures(every, people, lambda v: _exact(r, rule, v, uses.get(r.township_of.get(v)))), "by_host": []}
    for host in sorted(set(hosts)):
        mine = [v for v in every if uses.get(r.township_of.get(v)) == host]
        towns = sorted(t for t, h in uses.items() if h == host)
        table = r.inputs.facilities
        users = [i for i, kind, town in zip(table["id"], table["kind"], table["township"], strict=True)
                 if str(kind) in {str(k) for k in rule.users} and town in towns and r.is_open(i)]
        record["by_host"].append({
            "host": host, "townships": towns, "people": sum(people[v] for v in mine), "max_people": rule.max_people,
            "institutions": users,
            **way_figures(mine, people, lambda v, host=host: _exact(r, rule, v, host))})
    return record


def way_figures(villages: Sequence[str], people: Mapping[str, float], minutes_of: Any) -> dict[str, float | None]:
    """Return mean, worst and people without a way of some villages; ``minutes_of``: village → exact minutes or None."""
    minutes = np.array([math.nan if (m := minutes_of(v)) is None else m for v in villages], dtype=float)
    weight = np.array([people[v] for v in villages], dtype=float)
    known_ = ~np.isnan(minutes)
    average = mean(minutes, weight)
    return {"mean_minutes": None if math.isnan(average) else average,
            "worst_minutes": float(minutes[known_].max()) if known_.any() else None,
            "people_unreachable": float(weight[~known_].sum())}


def compare_records(ledger: Ledger, rule: str, claimed: Sequence[Any], wanted: Sequence[Mapping[str, Any]]) -> None:
    """Book a check of every figure of records that have an ``id``: the same ids, the same keys, the same values."""
    if not ledger.check(rule, [c.get("id") for c in claimed] == [w["id"] for w in wanted],
                        f"records of {[c.get('id') for c in claimed]}, asked are {[w['id'] for w in wanted]}"):
        return
    for own, true in zip(claimed, wanted, strict=True):
        _compare(ledger, rule, true["id"], own, true)


def _compare(ledger: Ledger, rule: str, where: str, claimed: Any, wanted: Any) -> None:
    if isinstance(wanted, Mapping) and isinstance(claimed, Mapping):
        if ledger.same_keys(rule, sorted(claimed), sorted(wanted), f"figures of {where}"):
            for key, value in wanted.items():
                _compare(ledger, rule, f"{where}.{key}", claimed[key], value)
        return
    if isinstance(wanted, list) and isinstance(claimed, (list, tuple)) and len(wanted) == len(claimed):
        for k, (a, b) in enumerate(zip(claimed, wanted, strict=True)):
            _compare(ledger, rule, f"{where}[{k}]", a, b)
        return
    same = claimed == wanted
    if not same and isinstance(wanted, (int, float)) and isinstance(claimed, (int, float)):
        same = math.isclose(claimed, wanted, rel_tol=1e-9, abs_tol=CLOSE)
    ledger.check(rule, bool(same), f"{where} is {figure(claimed)}, recounted {figure(wanted)}")


def _exact(r: Recount, rule: ServiceCentre, village: str, host: str | None) -> float | None:
    if host not in r.sites:
        return None
    ds = int(r.village_ds(rule.mode, host)[r.village_row[village]])
    return None if ds == NEVER else ds / 600


def _minutes(r: Recount, rule: ServiceCentre, village: str, host: str) -> int | None:
    ds = int(r.village_ds(rule.mode, host)[r.village_row[village]])
    return None if ds == NEVER else -(-ds // 600)


def _is_near(r: Recount, rule: ServiceCentre, village: str) -> bool:
    return any((m := _minutes(r, rule, village, h)) is not None and m <= rule.limit_min
               for h in hosts_of(r, rule) if h in r.sites)


def _reaches_any(r: Recount, rule: ServiceCentre) -> np.ndarray:
    """Villages that reach any hospital of the service's kinds inside the horizon, or a place to which one may move
    (bool by row)."""
    kinds, places = {str(k) for k in rule.kinds}, {w.to for w in r.rules.works if w.kind == "relocate"}
    stands = _existing(r) | np.array([i in places for i in r.sites], dtype=bool)
    hospitals = stands & np.array([s.kind in kinds for s in r.sites.values()], dtype=bool)
    return r.roads(rule.mode).nearest(r.joints(rule.mode, "villages"), r.joints(rule.mode, "facilities"),
                                      hospitals).within(HORIZON_MIN)
