"""The verifier's checks of who merges into whom: one decision for each clinic, and every host rule."""

from __future__ import annotations

from collections.abc import Iterator

from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, Site
from facilityplan.plan.recount_modes import check_services, ways


def check_one_mode(r: Recount, ledger: Ledger) -> None:
    """Every facility has exactly one decision that suits what it is; no unknown site is decided."""
    for i in sorted(set(r.decisions.sites) - set(r.sites)):
        ledger.check("one_mode", False, f"{i} is decided but is no facility of the inputs")
    for site in r.sites.values():
        decision = r.decisions.sites.get(site.id)
        if site.new_place:
            ok = decision is None or (decision.action is Action.BUILD and decision.merged_into is None)
            ledger.check("one_mode", ok, f"place {site.id} may open or not, not {decision}")
            continue
        if site.candidate:
            ok = decision is None or (decision.action is Action.BUILD and decision.merged_into is None)
            ledger.check("one_mode", ok, f"candidate {site.id} may be built or left, not {decision}")
            continue
        if not ledger.check("one_mode", decision is not None, f"{site.id} has no decision"):
            continue
        closed, host = decision.action is Action.CLOSE, decision.merged_into
        wanted = _action(r, site)
        if site.decided:
            visited = decision.service in (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR)
            ok = decision.action in (wanted, Action.CLOSE) and closed == ((host is not None) != visited)
            ledger.check("one_mode", ok and not (visited and host is not None),
                         f"clinic {site.id} is {decision.action} with host {figure(host)} and service "
                         f"{figure(decision.service)}; it stays open without a host or closes with one")
        else:
            allowed = (wanted,)
            ledger.check("one_mode", decision.action in allowed and host is None,
                         f"{site.id}, a permanent {site.kind}, has action {decision.action} and host {figure(host)}")
        ledger.check("one_mode", closed or decision.action is wanted,
                     f"{site.id}: action {decision.action} does not fit sub_centre {decision.sub_centre} and works")
    check_services(r, ledger)


def _action(r: Recount, site: Site) -> Action:
    """What an institution that stays does: relocate before rebuild before upgrade, by its works; else keep."""
    kinds = {w.kind for w in r.works_done if w.facility == site.id}
    for kind, action in (("relocate", Action.RELOCATE), ("rebuild", Action.REBUILD)):
        if kind in kinds:
            return action
    return Action.UPGRADE if kinds or r.decisions.sites[site.id].sub_centre else Action.KEEP


def check_host_open(r: Recount, ledger: Ledger) -> None:
    """A host is a public clinic or township hospital that stands, stays open and is nobody's guest."""
    for guest, host in r.hosts.items():
        site = r.sites.get(host)
        if not ledger.check("host_open", site is not None, f"{guest} merges into {host}, which is no facility"):
            continue
        ledger.check("host_open", host != guest, f"{guest} merges into itself")
        ledger.check("host_open", site.decided or site.hospital or (site.candidate and r.rules.hosts.new_sites),
                     f"{guest} merges into {host}, a {site.kind} that may host nobody")
        ledger.check("host_open", r.is_open(host), f"{guest} merges into {host}, which is closed")
        ledger.check("host_open", not r.has_posted_staff(host), f"{guest} merges into {host}, which has posted staff")
        ledger.check("host_open", host not in r.hosts,
                     f"{guest} merges into {host}, itself a guest of {r.hosts.get(host)}")
    for host, visited in sorted(r.visited_by.items(), key=str):
        site = r.sites.get(host)
        ok = site is not None and site.decided and r.is_open(host) and not r.has_posted_staff(host)
        ledger.check("host_open", ok, f"doctors of {host} visit {visited[0].id}, but {host} is no public clinic that "
                                      "stays open with a doctor of its own")


def check_adjacent(r: Recount, ledger: Ledger) -> None:
    """Guest and host stand in the same village or in adjacent ones."""
    if r.rules.hosts.adjacent:
        for guest, host in _mergers(r, "adjacent"):
            ledger.check("adjacent", near(r, guest, host),
                         f"{guest.id} in village {guest.village} merges into {host.id} in {host.village}: not adjacent")


def check_same_township(r: Recount, ledger: Ledger) -> None:
    """Guest and host belong to the same township."""
    if r.rules.hosts.same_township:
        for guest, host in _mergers(r, "same_township"):
            ledger.check("same_township", together(guest, host),
                         f"{guest.id} of {guest.township} merges into {host.id} of {host.township}")


def check_same_consortium(r: Recount, ledger: Ledger) -> None:
    """Guest and host belong to the same consortium of the data, where both are known and the plan forms none itself."""
    if r.rules.hosts.same_consortium and r.rules.consortia is None:
        for guest, host in _mergers(r, "same_consortium"):
            ledger.check("same_consortium", allied(guest, host),
                         f"{guest.id} of {guest.consortium} merges into {host.id} of {host.consortium}")


def check_host_limit(r: Recount, ledger: Ledger) -> None:
    """The way from the old clinic to its host takes no more whole minutes than allowed."""
    limit = r.rules.hosts.limit_min
    for guest, host in _mergers(r, "host_limit"):
        ds = int(ways(r, guest)[host.row])
        ledger.check("host_limit", 0 <= ds <= 600 * limit,
                     f"{guest.id} to {host.id} takes {_minutes(ds)} min, allowed are {limit}")


def check_host_size(r: Recount, ledger: Ledger) -> None:
    """The host's village has at least as many people as the guest's; hospitals and the same village are free."""
    if r.rules.hosts.host_at_least_guest:
        for guest, host in _mergers(r, "host_size"):
            people, least = village_tenths(r, host), village_tenths(r, guest)
            ledger.check("host_size", big_enough(r, guest, host),
                         f"{guest.id} merges into {host.id}, where {people / 10:g} people live, not {least / 10:g}")


def check_max_hosts(r: Recount, ledger: Ledger) -> None:
    """The host is among the nearest ``max_hosts`` that the other rules allow (hosts equally near all count)."""
    most = r.rules.hosts.max_hosts
    for guest, host in _mergers(r, "max_hosts"):
        times = ways(r, guest)
        ds = int(times[host.row])
        if ds < 0:
            continue  # host_limit says so, or nothing limits the way
        nearer = sum(1 for other in r.sites.values() if _may_host(r, guest, other) and other.id != guest.id
                     and 0 <= times[other.row] < ds
                     and not host_rules_broken(r, guest, other, int(times[other.row])))
        ledger.check("max_hosts", nearer < most,
                     f"{guest.id} merges into {host.id}: {nearer} allowed hosts are nearer, only {most} count")


def overridden(r: Recount, guest: str, host: str) -> frozenset[str]:
    """Return the host rules that a lock lifts for this pair."""
    if not r.holds("locks"):
        return frozenset()
    return frozenset(rule for k in r.rules.locks if (k.do, k.site, k.host) == ("merge_into", guest, host)
                     for rule in k.override)


def _mergers(r: Recount, rule: str) -> Iterator[tuple[Site, Site]]:
    """Yield the mergers for which a host rule holds, and everybody whom a neighbour's doctors visit: it holds for
    them."""
    for guest, host in r.hosts.items():
        if guest in r.sites and host in r.sites and guest != host and rule not in overridden(r, guest, host):
            yield r.sites[guest], r.sites[host]
    for host, visited in sorted(r.visited_by.items(), key=str):
        if host in r.sites:
            yield from ((guest, r.sites[host]) for guest in visited if guest is not r.sites[host])


def _may_host(r: Recount, guest: Site, other: Site) -> bool:
    """Is a site among those that the host rules choose from? For a village without any site public clinics are."""
    if guest.row < 0:
        return other.decided
    return other.decided or other.hospital or (other.candidate and r.rules.hosts.new_sites)


def near(r: Recount, guest: Site, host: Site) -> bool:
    """Do both stand in one village or in adjacent ones?"""
    a, b = guest.village, host.village
    return a is not None and b is not None and (a == b or (min(a, b), max(a, b)) in r.adjacent)


def together(guest: Site, host: Site) -> bool:
    """Do both belong to one township?"""
    return guest.township is not None and guest.township == host.township


def allied(guest: Site, host: Site) -> bool:
    """Do both belong to one consortium, as far as is known?"""
    return guest.consortium is None or host.consortium is None or guest.consortium == host.consortium


def village_tenths(r: Recount, site: Site) -> int:
    """Return the people of a site's village in tenths."""
    return r.village_tenths.get(site.village, 0)


def big_enough(r: Recount, guest: Site, host: Site) -> bool:
    """Has the host's village as many people as the guest's, or need it not?"""
    same = guest.village is not None and guest.village == host.village
    return host.hospital or same or village_tenths(r, host) >= village_tenths(r, guest)


def host_rules_broken(r: Recount, guest: Site, host: Site, ds: int) -> list[str]:
    """Return the host rules in force that the pair breaks, max_hosts left out; ``ds`` < 0 is no way."""
    rules = r.rules.hosts
    broken = {
        "adjacent": rules.adjacent and not near(r, guest, host),
        "same_township": rules.same_township and not together(guest, host),
        "same_consortium": rules.same_consortium and r.rules.consortia is None and not allied(guest, host),
        "host_limit": not 0 <= ds <= 600 * rules.limit_min,
        "host_size": rules.host_at_least_guest and not big_enough(r, guest, host),
    }
    lifted = overridden(r, guest.id, host.id)
    return [rule for rule, yes in broken.items() if yes and r.holds(rule) and rule not in lifted]


def _minutes(ds: int) -> str:
    return "no end of" if ds < 0 else f"{ds / 600:.2f}"
