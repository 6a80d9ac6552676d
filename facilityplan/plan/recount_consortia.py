"""The verifier's checks of consortia, counted from the decisions, raw tables and an adjacency of its own."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

import numpy as np

from facilityplan.domain.kinds import HOSPITAL_KINDS
from facilityplan.plan.claims import Ledger, figure, listed
from facilityplan.plan.recount_base import Recount, known, share_of
from facilityplan.plan.recount_travel import NEVER

CLOSE = 1e-5


def check_consortium_member(r: Recount, ledger: Ledger) -> None:
    """Each township belongs to one consortium, of a listed lead that stands in it and that its villages can reach."""
    rules, grouping = r.rules.consortia, r.decisions.consortia
    wanted = [] if rules is None else townships(r)
    ledger.same_keys("consortium_member", sorted(grouping), wanted, "townships in a consortium")
    for lead in leads(r):
        site = r.sites.get(lead)
        if not ledger.check("consortium_member", rules is not None and lead in rules.leads and site is not None,
                            f"{lead} leads a consortium but is not one of rules.consortia.leads"):
            continue
        ledger.check("consortium_member", site.kind in HOSPITAL_KINDS and not site.candidate,
                     f"{lead}, a {site.kind}, leads a consortium but is no hospital that stands")
        ledger.check("consortium_member", grouping.get(site.township) == lead,
                     f"{lead} leads a consortium, but its own township {site.township} belongs to "
                     f"{grouping.get(site.township)}")
    for town, lead in sorted(grouping.items()):
        if rules is not None and lead in r.lead_ds:
            lost = [v for v in _villages(r, town) if _minutes(r, v, lead) is None and _reaches(r, v)]
            ledger.check("consortium_member", not lost, f"{town}: villages {listed(lost)} cannot reach {lead}")


def check_consortium_leads(r: Recount, ledger: Ledger) -> None:
    """Every fixed lead leads one."""
    for lead in r.rules.consortia.fixed_leads if r.rules.consortia else ():
        ledger.check("consortium_leads", lead in leads(r), f"{lead} is fixed as a lead but leads no consortium")


def check_consortium_count(r: Recount, ledger: Ledger) -> None:
    """There are as many consortia as asked."""
    if (rules := r.rules.consortia) is not None:
        count, most = len(leads(r)), len(rules.leads) if rules.max_count is None else rules.max_count
        ledger.check("consortium_count", rules.min_count <= count <= most,
                     f"{count} consortia, asked are {rules.min_count} to {most}")


def check_consortium_balance(r: Recount, ledger: Ledger) -> None:
    """The people of each consortium lie within its share of all, by the number of consortia that there are."""
    rules = r.rules.consortia
    if rules is None or rules.balance_share is None:
        return
    people: Counter[str | None] = Counter()
    for village, tenths in r.village_tenths.items():
        people[r.decisions.consortia.get(r.township_of.get(village))] += tenths
    mean = Fraction(sum(people.values()), max(1, len(leads(r))))
    delta = share_of(rules.balance_share, 1)
    for lead in leads(r):
        ledger.check("consortium_balance", (1 - delta) * mean <= people[lead] <= (1 + delta) * mean,
                     f"{lead} has {people[lead] / 10:g} people, allowed are {float((1 - delta) * mean) / 10:.1f} to "
                     f"{float((1 + delta) * mean) / 10:.1f}")


def check_consortium_townships(r: Recount, ledger: Ledger) -> None:
    """Each consortium has as many townships as asked."""
    if (rules := r.rules.consortia) is not None:
        count = Counter(r.decisions.consortia.values())
        for lead in leads(r):
            ledger.check("consortium_townships", count[lead] >= rules.min_townships,
                         f"{lead} has {count[lead]} townships, at least {rules.min_townships} asked")


def check_consortium_contiguous(r: Recount, ledger: Ledger) -> None:
    """In the graph of townships that touch, each consortium is one piece that holds its lead's township.

    Townships that touch no other, or in whose piece of the graph no lead may stand, are exempt.
    """
    rules = r.rules.consortia
    if rules is None or not rules.contiguous:
        return
    import networkx as nx  # when it is needed: other commands need not wait for it

    graph = nx.Graph()
    graph.add_nodes_from(townships(r))
    graph.add_edges_from((a, b) for a, b in ((r.township_of.get(v), r.township_of.get(w)) for v, w in r.adjacent)
                         if a != b and a is not None and b is not None)
    homes = {r.sites[i].township for i in rules.leads if i in r.sites}
    exempt = {t for part in nx.connected_components(graph) if len(part) == 1 or not part & homes for t in part}
    for lead in leads(r):
        own = {t for t, of in r.decisions.consortia.items() if of == lead}
        home = r.sites[lead].township if lead in r.sites else None
        piece = nx.node_connected_component(graph.subgraph(own), home) if home in own and home in graph else set()
        lost = sorted(own - piece - exempt)
        ledger.check("consortium_contiguous", not lost, f"{lead}: {listed(lost)} not joined to {home} by its townships")


def check_consortium_assigned(r: Recount, ledger: Ledger) -> None:
    """Townships assigned beforehand are where the config puts them."""
    for town, lead in sorted(r.rules.consortia.assigned.items()) if r.rules.consortia else ():
        ledger.check("consortium_assigned", r.decisions.consortia.get(town) == lead,
                     f"{town} belongs to {r.decisions.consortia.get(town)}, the config assigns it to {lead}")


def check_consortium_limit(r: Recount, ledger: Ledger) -> None:
    """No village takes more whole minutes to its lead than allowed."""
    rules = r.rules.consortia
    if rules is None or rules.max_minutes is None:
        return
    for village, town in sorted(r.township_of.items()):
        lead = r.decisions.consortia.get(town)
        minutes = _minutes(r, village, lead)
        ledger.check("consortium_limit", minutes is None or minutes <= rules.max_minutes,
                     f"{village} of {town} takes {figure(minutes)} min to {lead}, allowed are {rules.max_minutes}")


def check_consortium_sub_centres(r: Recount, ledger: Ledger) -> None:
    """Each consortium has as many sub-centres as asked, where the plan chooses any."""
    if (rules := r.rules.consortia) is not None and _sub_centres_on(r):
        count = Counter(led_by(r, i) for i, d in r.decisions.sites.items() if d.sub_centre)
        for lead in leads(r):
            ledger.check("consortium_sub_centres", count[lead] >= rules.min_sub_centres,
                         f"{lead} has {count[lead]} sub-centres, at least {rules.min_sub_centres} asked")


def check_consortium_catchments(r: Recount, ledger: Ledger) -> None:
    """A township's sub-centre belongs to its own consortium."""
    if (rules := r.rules.consortia) is not None and rules.catchments_inside:
        for town, centre in sorted(r.decisions.catchments.items()):
            ledger.check("consortium_catchments", led_by(r, centre) == r.decisions.consortia.get(town),
                         f"{town} of {r.decisions.consortia.get(town)} lies in the catchment of {centre}, "
                         f"which belongs to {led_by(r, centre)}")


def check_consortium_mergers(r: Recount, ledger: Ledger) -> None:
    """Guest and host belong to one consortium of the plan, and so do a clinic and whoever its doctors visit."""
    if (rules := r.rules.consortia) is not None and rules.merge_inside:
        for host, visited in sorted(r.visited_by.items(), key=str):
            for site in visited:
                own = r.decisions.consortia.get(site.township)
                ledger.check("consortium_mergers", host not in r.sites or r.sites[host].township == site.township
                             or led_by(r, host) == own, f"{site.id} of {own} is visited from {host}")
        for guest, host in r.hosts.items():
            if guest in r.sites and host in r.sites:
                ledger.check("consortium_mergers", one_consortium(r, guest, host),
                             f"{guest} of {led_by(r, guest)} merges into {host} of {led_by(r, host)}")


def check_consortium_staff(r: Recount, ledger: Ledger) -> None:
    """Where staff are pooled, the doctors of each consortium add up: none is lent across its line."""
    if not pooled(r):
        return
    moved: Counter[str | None] = Counter()
    for town, number in doctors_moved(r).items():
        moved[r.decisions.consortia.get(town)] += number
    for lead in sorted(moved, key=str):
        ledger.check("consortium_staff", moved[lead] == 0,
                     f"the townships of {lead} borrow {moved[lead]} doctors more than they lend")


def check_consortia_list(r: Recount, ledger: Ledger) -> None:
    """The list of consortia says of each what the decisions and raw tables come to."""
    claimed = r.claims.consortia
    ledger.same_keys("consortia", [c.get("lead") for c in claimed], leads(r), "consortia listed")
    for record in claimed:
        if (lead := record.get("lead")) in r.sites and lead in leads(r):
            truth = _expected(r, lead)
            ledger.same_keys("consortia", sorted(record), sorted(truth), f"figures of {lead}")
            for key in sorted(truth.keys() & record.keys()):
                ledger.check("consortia", _same(record[key], truth[key]),
                             f"{lead}: {key} is {figure(record[key])}, recounted {figure(truth[key])}")


def _expected(r: Recount, lead: str) -> dict[str, Any]:
    towns = sorted(t for t, of in r.decisions.consortia.items() if of == lead)
    villages = [v for v, t in r.township_of.items() if t in towns]
    people = {v: float(r.people[r.village_rows[v]].sum()) for v in villages}
    sites = [s for s in r.sites.values() if s.township in towns and r.is_open(s.id)]
    ways = {v: r.lead_ds[lead][r.village_row[v]] / 600 for v in villages if r.lead_ds[lead][r.village_row[v]] != NEVER}
    weight = sum(people[v] for v in ways)
    everybody = float(r.people[[v in r.village_row for v in r.cell_village]].sum())
    today = consortia_today(r)
    before = today.get(r.sites[lead].township)
    return {
        "lead": lead, "lead_name": r.inputs.facilities["name"].iloc[r.sites[lead].row], "townships": towns,
        "people": sum(people.values()), "share_of_people": sum(people.values()) / everybody if everybody else None,
        "doctors": sum(r.doctors_after(s) or 0 for s in sites) + sum(r.decisions.reserve.get(t, 0) for t in towns),
        "facilities": len(sites),
        "sub_centres": sorted(s.id for s in sites if r.decisions.sites[s.id].sub_centre),
        "mean_minutes": sum(people[v] * minutes for v, minutes in ways.items()) / weight if weight else None,
        "farthest_minutes": max(ways.values(), default=None), "today": before,
        "doctors_moved": _moved(r, towns),
        "joining": [t for t in towns if before is not None and today.get(t) not in (None, before)]}


def _moved(r: Recount, towns: list[str]) -> dict[str, int]:
    return {t: n for t, n in doctors_moved(r).items() if n and t in towns} if pooled(r) else {}


def consortia_today(r: Recount) -> dict[str, str]:
    """Township → the data's consortium of most of its people, ties by name."""
    count: dict[str, dict[str, float]] = defaultdict(dict)
    for village, consortium in zip(r.inputs.villages["id"], r.inputs.villages["consortium"], strict=True):
        town = r.township_of.get(village)
        if known(consortium) and town is not None:
            people = float(r.people[r.village_rows[village]].sum())
            count[town][consortium] = count[town].get(consortium, 0.0) + people
    return {town: min(found, key=lambda c: (-found[c], c)) for town, found in count.items()}


def consortium_tenth_minutes(r: Recount) -> int:
    """People · whole minutes from villages to their lead, in tenths; villages without a way cost nothing."""
    return sum(tenths * (_minutes(r, village, r.decisions.consortia.get(r.township_of.get(village))) or 0)
               for village, tenths in r.village_tenths.items())


def pooled(r: Recount) -> bool:
    """Do the townships of a consortium share their clinic doctors?"""
    return r.rules.consortia is not None and r.rules.consortia.pool_staff and r.rules.doctors is not None


def doctors_moved(r: Recount) -> Counter[str | None]:
    """Township → doctors borrowed less lent: at work and in reserve, less today's who stay and those hired."""
    moved: Counter[str | None] = Counter()
    for site in r.sites.values():
        moved[site.township] += r.clinic_doctors_after(site)
        if site.decided:
            moved[site.township] -= (site.doctors or 0) - r.retired.get(site.id, 0)
    for town in {*r.decisions.hires, *r.decisions.reserve}:
        moved[town] += r.decisions.reserve.get(town, 0) - r.decisions.hires.get(town, 0)
    return moved


def townships(r: Recount) -> list[str]:
    """Return every township of a village or facility, sorted."""
    return sorted({*r.township_of.values(), *(s.township for s in r.sites.values() if s.township is not None)})


def leads(r: Recount) -> list[str]:
    """Return the leads of the consortia decided, sorted."""
    return sorted(set(r.decisions.consortia.values()))


def one_consortium(r: Recount, one: str, other: str) -> bool:
    """Do two sites stand in one township or one consortium?"""
    return r.sites[one].township == r.sites[other].township or led_by(r, one) == led_by(r, other)


def led_by(r: Recount, site: str) -> str | None:
    """Return the lead of a site's township, None where it has none."""
    return r.decisions.consortia.get(r.sites[site].township) if site in r.sites else None


def _villages(r: Recount, town: str) -> list[str]:
    return [v for v, t in r.township_of.items() if t == town]


def _minutes(r: Recount, village: str, lead: str | None) -> int | None:
    ds = int(r.lead_ds[lead][r.village_row[village]]) if lead in r.lead_ds else NEVER
    return None if ds == NEVER else -(-ds // 600)


def _reaches(r: Recount, village: str) -> bool:
    return any(int(ds[r.village_row[village]]) != NEVER for ds in r.lead_ds.values())


def _sub_centres_on(r: Recount) -> bool:
    return r.rules.sub_centres.min_count > 0 or r.rules.sub_centres.max_count > 0


def _same(said: Any, truth: Any) -> bool:
    numbers = (int, float, np.integer, np.floating)
    if isinstance(truth, numbers) and isinstance(said, numbers):
        return math.isclose(said, truth, rel_tol=1e-9, abs_tol=CLOSE)
    return (list(said) if isinstance(said, (list, tuple)) else said) == truth
