"""The verifier's checks of doctors, money and sub-centres, counted from decisions and raw tables."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from fractions import Fraction

from facilityplan.plan.claims import Ledger, figure, listed
from facilityplan.plan.recount_base import Recount, Site, share_of
from facilityplan.plan.recount_consortia import doctors_moved, pooled
from facilityplan.plan.recount_travel import NEVER


def check_doctor_capacity(r: Recount, ledger: Ledger) -> None:
    """Every open clinic has a doctor; a site with guests has enough for the people of all who come."""
    if (rules := r.rules.doctors) is None:
        return
    for site in r.sites.values():
        hosts = site.hospital and site.id in r.guests
        if not (r.is_open(site.id) and (site.decided or site.candidate or hosts)) or r.has_posted_staff(site.id):
            continue  # who may host at all is another rule's business
        guests = [r.sites[g] for g in r.guests.get(site.id, ()) if g in r.sites] + r.visited_by.get(site.id, [])
        load = sum((g.tenths for g in guests), Fraction(0)) + site.tenths
        needed = math.ceil(load / (10 * rules.people_per_doctor_cap)) if guests else 0
        if site.decided or site.candidate:
            needed = max(1, needed)
        there = r.clinic_doctors_after(site)
        ledger.check("doctor_capacity", r.doctors_after(site) is not None and there >= needed,
                     f"{site.id} has {figure(r.doctors_after(site))} doctors ({there} of the clinics') for "
                     f"{float(load) / 10:g} people; {needed} are needed at {rules.people_per_doctor_cap} people each")


def check_doctor_rooms(r: Recount, ledger: Ledger) -> None:
    """No clinic has more doctors than rooms, or than work there today."""
    if (rules := r.rules.doctors) is None:
        return
    for site in r.sites.values():
        if (site.decided or site.candidate) and r.is_open(site.id):
            there, room = r.clinic_doctors_after(site), max(rules.max_per_site, site.doctors or 0)
            room += sum(w.adds.rooms for w in r.works_done if w.facility == site.id)
            ledger.check("doctor_rooms", there <= room, f"{site.id} has {there} doctors and room for {room}")


def check_doctor_balance(r: Recount, ledger: Ledger) -> None:
    """By township: doctors at clinics, at hospitals and in reserve = today's − retired + hired, none negative.

    Where consortia pool their staff, that holds for all grouped townships together; consortium_staff looks at each.
    """
    if r.rules.doctors is None:
        for name, table in (("hires", r.decisions.hires), ("reserve", r.decisions.reserve)):
            ledger.check("doctor_balance", not any(table.values()), f"doctors are no part of this plan, but {name} is")
        return
    pool: Counter[str | None] = Counter()
    after: Counter[str | None] = Counter()
    for site in r.sites.values():
        if site.decided:
            pool[site.township] += (site.doctors or 0) - r.retired.get(site.id, 0)
        there = r.clinic_doctors_after(site)
        ledger.check("doctor_balance", there >= 0, f"{site.id} is left {there} clinic doctors, less than none")
        after[site.township] += there
    places, shared = {*pool, *after, *r.decisions.hires, *r.decisions.reserve}, pooled(r)
    lost = sum(n for place, n in doctors_moved(r).items() if place in r.decisions.consortia) if shared else 0
    ledger.check("doctor_balance", lost == 0, f"the townships together borrow {lost} doctors more than they lend")
    for place in sorted(places, key=str):
        hired, reserve = r.decisions.hires.get(place, 0), r.decisions.reserve.get(place, 0)
        ledger.check("doctor_balance", reserve >= 0, f"{place} has a reserve of {reserve} doctors, less than none")
        together = shared and place in r.decisions.consortia
        ledger.check("doctor_balance", together or after[place] + reserve == pool[place] + hired,
                     f"{place}: {after[place]} doctors at work and {reserve} in reserve, but {pool[place]} of today's "
                     f"stay and {hired} are hired")


def check_hires(r: Recount, ledger: Ledger) -> None:
    """The county hires no more doctors than it can."""
    if (rules := r.rules.doctors) is None:
        return
    for place, hired in sorted(r.decisions.hires.items()):
        ledger.check("hires", hired >= 0, f"{place} hires {hired} doctors, less than none")
    total = sum(r.decisions.hires.values())
    ledger.check("hires", total <= rules.max_hires, f"{total} doctors are hired, at most {rules.max_hires} can be")


def check_recurrent_budget(r: Recount, ledger: Ledger) -> None:
    """The annual cost is within the budget: in yuan, as a share of today's, or the smaller of both."""
    budget = r.rules.budget
    limits = []
    if budget.recurrent_share_of_today is not None:
        limits.append(share_of(budget.recurrent_share_of_today, r.annual_before_cny))
    if budget.recurrent_cny is not None:
        limits.append(share_of(budget.recurrent_cny, 1))
    for limit in limits:
        ledger.check("recurrent_budget", r.annual_after_cny <= limit,
                     f"the plan costs {r.annual_after_cny} yuan a year, {float(limit):.2f} are allowed")


def check_capital_budget(r: Recount, ledger: Ledger) -> None:
    """The capital cost is within the budget."""
    limit = r.rules.budget.capital_cny
    if limit is not None:
        ledger.check("capital_budget", r.capital_total_cny <= share_of(limit, 1),
                     f"works cost {r.capital_total_cny} yuan, {limit:.0f} are allowed")


def sub_centres(r: Recount) -> list[str]:
    """Return the ids of the sub-centres decided, sorted."""
    return sorted(i for i, d in r.decisions.sites.items() if d.sub_centre)


def check_sub_centre_eligible(r: Recount, ledger: Ledger) -> None:
    """A sub-centre is a township hospital that reaches every minimum; a missing figure does not."""
    rules = r.rules.sub_centres
    for chosen in sub_centres(r):
        site = r.sites.get(chosen)
        hospital = site is not None and (site.hospital or r.institution(site) != site.id)
        if not ledger.check("sub_centre_eligible", hospital,
                            f"sub-centre {chosen} is no township hospital"):
            continue
        ledger.check("sub_centre_eligible", r.is_open(chosen), f"{chosen} is closed")
        for column, least in (("beds", rules.min_beds), ("doctors", rules.min_doctors), ("level", rules.min_level)):
            if least is not None:
                value = r.figure_after(site, column)
                ledger.check("sub_centre_eligible", value is not None and value >= least,
                             f"sub-centre {chosen} has {column} {figure(value)}, at least {least} asked")


def check_sub_centre_count(r: Recount, ledger: Ledger) -> None:
    """There are as many sub-centres as asked; none where the block is off."""
    rules, count = r.rules.sub_centres, len(sub_centres(r))
    ledger.check("sub_centre_count", rules.min_count <= count <= rules.max_count,
                 f"{count} sub-centres, asked are {rules.min_count} to {rules.max_count}")


def check_sub_centre_required(r: Recount, ledger: Ledger) -> None:
    """Every required sub-centre is one."""
    if _on(r):
        for wanted in r.rules.sub_centres.required:
            there = {i for c in sub_centres(r) if c in r.sites for i in (c, r.institution(r.sites[c]))}
            ledger.check("sub_centre_required", wanted in there, f"{wanted} is required but is no sub-centre")


def check_sub_centre_forbidden(r: Recount, ledger: Ledger) -> None:
    """No forbidden sub-centre is one."""
    for unwanted in r.rules.sub_centres.forbidden:
        there = {i for c in sub_centres(r) if c in r.sites for i in (c, r.institution(r.sites[c]))}
        ledger.check("sub_centre_forbidden", unwanted not in there, f"{unwanted} is forbidden as a sub-centre")


def check_sub_centre_catchment(r: Recount, ledger: Ledger) -> None:
    """Each township that has villages belongs to the catchment of exactly one sub-centre, and can reach it."""
    catchments = r.decisions.catchments
    wanted = sorted(set(r.township_of.values())) if _on(r) else []
    ledger.same_keys("sub_centre_catchment", sorted(catchments), wanted, "townships in a catchment")
    chosen = set(sub_centres(r))
    for township, centre in sorted(catchments.items()):
        is_one = ledger.check("sub_centre_catchment", centre in chosen,
                              f"{township} belongs to {centre}, which is no sub-centre")
        if is_one and centre in r.sites:
            lost = _cut_off(r, township, r.sites[centre])
            ledger.check("sub_centre_catchment", not lost, f"{township}: villages {listed(lost)} cannot reach {centre}")


def check_sub_centre_load(r: Recount, ledger: Ledger) -> None:
    """No catchment has more people than a sub-centre can serve."""
    if (most := r.rules.sub_centres.max_people) is None:
        return
    load: dict[str, int] = defaultdict(int)
    for village, tenths in r.village_tenths.items():
        load[r.decisions.catchments.get(r.township_of.get(village))] += tenths
    for centre in sub_centres(r):
        ledger.check("sub_centre_load", load[centre] <= 10 * most,
                     f"{centre} has {load[centre] / 10:g} people in its catchment, at most {most} allowed")


def sub_centre_tenth_minutes(r: Recount) -> int:
    """People · whole minutes from villages to their sub-centre, in tenths; villages that reach none cost nothing."""
    total = 0
    for village, tenths in r.village_tenths.items():
        site = r.sites.get(r.decisions.catchments.get(r.township_of.get(village)))
        minutes = _minutes_to(r, village, site) if site is not None else None
        total += tenths * minutes if minutes is not None else 0
    return total


def _on(r: Recount) -> bool:
    rules = r.rules.sub_centres
    return rules.min_count > 0 or rules.max_count > 0


def _minutes_to(r: Recount, village: str, centre: Site) -> int | None:
    ds = int(r.sub_centre_ds[centre.id][r.village_row[village]]) if centre.id in r.sub_centre_ds else NEVER
    return None if ds == NEVER else -(-ds // 600)


def _cut_off(r: Recount, township: str, centre: Site) -> list[str]:
    """Villages of a township that reach some hospital but not this one."""
    return [v for v, t in r.township_of.items()
            if t == township and _minutes_to(r, v, centre) is None and r.reaches_a_hospital[r.village_row[v]]]
