"""The verifier's own count of staff: patients at the nearest site, posts, least doctors, from raw inputs and
decisions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from facilityplan.domain.kinds import ServiceMode
from facilityplan.plan.claims import Ledger
from facilityplan.plan.recount_base import Recount, Site, known, share_of
from facilityplan.units import HORIZON_MIN


def raw(r: Recount, column: str) -> list[int | None]:
    """Return a column of whole numbers of the facilities, by row."""
    return [int(value) if known(value) else None for value in r.inputs.facilities[column]]


def posts_of(r: Recount, site: Site) -> int | None:
    """Return the established posts of a public clinic, None where not known or not one."""
    value = r.inputs.facilities["posts"].iloc[site.row]
    return int(value) if site.decided and known(value) else None


def people_of(r: Recount, site: Site) -> Fraction:
    """Return the tenths of people of an open site's own village, of its guests and of whom its doctors visit."""
    own = site.tenths if (site.decided or site.candidate) and r.is_open(site.id) else Fraction(0)
    guests = [r.sites[g].tenths for g in r.guests.get(site.id, ()) if g in r.sites]
    return own + sum(guests, Fraction(0)) + sum((s.tenths for s in r.visited_by.get(site.id, ())), Fraction(0))


# -- patients ---------------------------------------------------------------------------------------------------------


def patients_tenths(r: Recount, when: str) -> dict[str, int]:
    """Return the tenths of people whose nearest counted site each is, "before" or "after"; who is beyond the horizon
    goes nowhere."""
    standard = r.config.standard(r.rules.patients.standard)
    times = r.nearest(standard, when)
    tenths = np.rint(r.weight(standard) * 10).astype(np.int64)
    there = times.within(HORIZON_MIN) & (times.site >= 0)
    counted = r.inputs.facilities["kind"].astype(str).isin([str(k) for k in standard.kinds]).to_numpy(bool)
    going = np.bincount(times.site[there], weights=tenths[there].astype(float), minlength=len(r.sites))
    return {s.id: round(going[s.row]) for s in r.sites.values() if counted[s.row]}


def over_capacity_tenths(r: Recount, when: str) -> dict[str, int]:
    """Return the tenths of people beyond what a site's doctors can take, where their number is known."""
    if r.rules.patients is None or r.rules.doctors is None:
        return {}
    each = 10 * r.rules.patients.capacity_per_doctor
    found = {}
    for i, going in patients_tenths(r, when).items():
        site = r.sites[i]
        doctors = site.doctors if when == "before" else r.doctors_after(site)
        own = site.doctors if when == "before" else r.own_doctors_after(site)
        if doctors is None or (site.permanent and own is None):
            continue
        found[i] = max(0, going - each * doctors)
    return found


def check_patient_overload(r: Recount, ledger: Ledger) -> None:
    """No more people are beyond the capacity of their nearest site than allowed, each at the site nearest to it."""
    rule = r.rules.patients
    if rule is None:
        return
    total = sum(over_capacity_tenths(r, "after").values())
    group = int(np.rint(r.weight(r.config.standard(rule.standard)) * 10).sum())
    limits = [10 * rule.overload_people] if rule.overload_people is not None else []
    if rule.overload_share is not None:
        limits.append(math.floor(share_of(rule.overload_share, group)))
    for limit in limits:
        ledger.check("patient_overload", total <= limit,
                     f"{total / 10:g} people are beyond their sites' capacity, at most {limit / 10:g} may be")


# -- doctors by people ------------------------------------------------------------------------------------------------


def check_doctor_minimum(r: Recount, ledger: Ledger) -> None:
    """Every open clinic has the doctors that its people ask for, but for a shortfall of today where that is exempt."""
    rules = r.rules.doctors
    if rules is None or not rules.min_by_people:
        return
    for site in r.sites.values():
        if not r.is_open(site.id) or not (site.decided or site.candidate):
            continue
        people = people_of(r, site)
        asked = max((band.doctors for band in rules.min_by_people if people >= 10 * band.from_people), default=0)
        alone = not r.guests.get(site.id) and not r.visited_by.get(site.id)
        if rules.exempt_shortfall_today and site.decided and alone:
            asked = min(asked, site.doctors or 0)
        there = r.doctors_after(site) or 0  # posted staff included
        ledger.check("doctor_minimum", there >= asked,
                     f"{site.id} has {there} doctors for {float(people) / 10:g} people, {asked} are asked")


def check_fill_posts(r: Recount, ledger: Ledger) -> None:
    """As large a share of the posts by the norm is filled as asked, in the county and where asked in every township."""
    rules = r.rules.doctors
    if rules is None or rules.fill_posts is None or not r.holds("doctor_balance"):
        return
    wanted, there = posts_by_norm(r), doctors_by_place(r, "after")
    places: list[tuple[str, int, int]] = [("the county", sum(there.values()), sum(wanted.values()))]
    if rules.fill_posts.per_township:
        places += [(place, there.get(place, 0), wanted[place]) for place in sorted(wanted)]
    for place, doctors, posts in places:
        ledger.check("fill_posts", doctors >= share_of(rules.fill_posts.min_share, posts),
                     f"{place} has {doctors} doctors for {posts} posts by the norm, {rules.fill_posts.min_share:g} of "
                     f"them are to be filled")


def posts_by_norm(r: Recount) -> dict[str, int]:
    """Return township → posts by the norm for all people of its villages and communities."""
    norm = 10 * r.rules.doctors.people_per_doctor_norm
    tenths = dict.fromkeys(sorted(set(r.township_of.values())), 0)
    for village, people in r.village_tenths.items():
        if village in r.township_of:
            tenths[r.township_of[village]] += people
    return {place: -(-people // norm) for place, people in tenths.items()}


def doctors_by_place(r: Recount, when: str) -> dict[str, int]:
    """Return township → clinic doctors today, or under the plan with those at hospitals and in the pool."""
    found: dict[str, int] = {}
    for site in r.sites.values():
        there = r.clinic_doctors_after(site) if when == "after" else (site.doctors or 0) if site.decided else 0
        if there or site.decided:
            found[site.township or ""] = found.get(site.township or "", 0) + there
    for place, reserve in r.decisions.reserve.items() if when == "after" else ():
        found[place] = found.get(place, 0) + reserve
    return found


# -- what the tables say of sites -------------------------------------------------------------------------------------


def vacant(r: Recount, site: Site, when: str) -> int | None:
    """Return a site's established posts without a doctor of the clinics; after the plan the posts of its guests, and of
    clinics that its doctors visit, are its own; those of a clinic that a team visits are gone."""
    posts = posts_of(r, site)
    if when == "before":
        return None if posts is None else max(0, posts - (site.doctors or 0))
    held = [posts_of(r, r.sites[g]) for g in r.guests.get(site.id, ()) if g in r.sites]
    held += [posts_of(r, s) for s in r.visited_by.get(site.id, ()) if s.row >= 0]
    decision = r.decisions.sites.get(site.id)
    visited = decision is not None and decision.service is ServiceMode.NEIGHBOUR
    if site.id in r.hosts or visited or (site.decided and not r.is_open(site.id)):
        posts = None if posts is None else 0
    if posts is None and all(h is None for h in held):
        return None
    return max(0, (posts or 0) + sum(h or 0 for h in held) - r.clinic_doctors_after(site))


def staff_columns(r: Recount, made: Sequence[Site]) -> dict[str, list[Any]]:
    """Return what the facilities table must say of staff and patients, a value for each of these sites."""
    names = ("doctors_retiring", "posts_vacant_before", "posts_vacant_after", "posts_by_norm", "patients",
             "people_over_capacity")
    columns: dict[str, list[Any]] = {name: [None] * len(made) for name in names}
    if r.rules.patients is not None:
        going, beyond = patients_tenths(r, "after"), over_capacity_tenths(r, "after")
        columns["patients"] = [going[s.id] / 10 if s.id in going else None for s in made]
        columns["people_over_capacity"] = [beyond[s.id] / 10 if s.id in beyond else None for s in made]
    if r.rules.doctors is None:
        return columns
    norm = 10 * r.rules.doctors.people_per_doctor_norm
    columns["doctors_retiring"] = [r.retired.get(s.id, 0) if s.decided else None for s in made]
    for when in ("before", "after"):
        columns[f"posts_vacant_{when}"] = [vacant(r, s, when) for s in made]
    columns["posts_by_norm"] = [
        math.ceil(people_of(r, s) / norm) if r.is_open(s.id) and (s.decided or s.candidate or r.guests.get(s.id))
        else None for s in made]
    return columns


def staff_figures(r: Recount) -> dict[str, Any]:
    """Return the county's figures of staff and patients as `metrics` must have them."""
    found: dict[str, Any] = {}
    rules = r.rules.doctors
    if rules is not None:
        wanted, before, after = posts_by_norm(r), doctors_by_place(r, "before"), doctors_by_place(r, "after")
        posts = [p for s in r.sites.values() if (p := posts_of(r, s)) is not None]
        found = {"doctors_retiring": sum(r.retired.values()), "posts_established": sum(posts),
                 "posts_by_norm": sum(wanted.values())}
        for when, there in (("before", before), ("after", after)):
            empty = [v for s in r.sites.values() if (v := vacant(r, s, when)) is not None]
            found[f"posts_vacant_{when}"] = sum(empty)
            found[f"posts_to_fill_{when}"] = sum(max(0, n - there.get(t, 0)) for t, n in wanted.items())
    if (rule := r.rules.patients) is not None:
        standard = r.config.standard(rule.standard)
        people = int(np.rint(r.weight(standard) * 10).sum()) / 10
        found["patients"] = {"standard": standard.id, "people": people,
                             "capacity_per_doctor": rule.capacity_per_doctor}
        for suffix, when in (("_before", "before"), ("", "after")):
            beyond = over_capacity_tenths(r, when)
            found["patients"][f"people_over_capacity{suffix}"] = sum(beyond.values()) / 10
            found["patients"][f"sites_over_capacity{suffix}"] = sum(v > 0 for v in beyond.values())
        if rule.visits_per_person is not None:
            found["patients"]["visits_a_year"] = people * rule.visits_per_person
    return found


