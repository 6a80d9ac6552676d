"""Staff as the plan's tables tell it: posts, retirements and moves by site and township, patients against doctors.

Counted from inputs and decisions alone; the verifier counts the same once more with its own code.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.domain.sites import is_candidate, is_decided
from facilityplan.domain.staff import retirements
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.assigned import Travel
from facilityplan.plan.counts import SiteCounts, own_doctors_after, site_people
from facilityplan.units import PEOPLE_SCALE, people_tenths

AGES = ("doctors_under_40", "doctors_40_59", "doctors_60_plus")


@dataclass(frozen=True)
class SiteStaffing:
    """Figures by facility in the order of ``inputs.facilities`` (float64, NaN = does not apply or is not known)."""

    doctors_retiring: np.ndarray
    posts: np.ndarray  # established, at public clinics
    posts_vacant_before: np.ndarray
    posts_vacant_after: np.ndarray
    posts_by_norm: np.ndarray
    patients: np.ndarray
    people_over_capacity: np.ndarray
    over_before: np.ndarray

    def columns(self) -> dict[str, np.ndarray]:
        """Return the columns that the facilities table shows."""
        names = ("doctors_retiring", "posts_vacant_before", "posts_vacant_after", "posts_by_norm", "patients",
                 "people_over_capacity")
        return {name: getattr(self, name) for name in names}


def site_staffing(config: Config, inputs: Inputs, decisions: Decisions, sites: SiteCounts,
                  travels: Iterable[Travel]) -> SiteStaffing:
    """Count posts, retirements and patients of every facility.

    The posts of a clinic that merges, or that a neighbour's doctors visit, go to that host, and so do its people; those
    of one that a circuit team visits lapse. Posted staff fill no clinic's post. A site's vacancies never offset
    another's. Posts by the norm: ⌈people of its own and its guests / people_per_doctor_norm⌉ at an open clinic, guests
    only at a hospital.
    """
    facilities, rule = inputs.facilities, config.rules.doctors
    n = len(facilities)
    nothing = np.full(n, np.nan)
    patients, before, after = _patients(config, inputs, decisions, sites, travels)
    if rule is None:
        return SiteStaffing(nothing, nothing, nothing, nothing, nothing, patients, after, before)
    decided, position = is_decided(facilities), {i: k for k, i in enumerate(facilities["id"])}
    retired = retirements(facilities, rule.retire_share).reindex(facilities["id"]).to_numpy(float)
    posts = np.where(decided, facilities["posts"].astype("Float64").to_numpy(float, na_value=np.nan), np.nan)
    people = site_people(inputs, tenths=True).tolist()
    served, held = list(people), posts.copy()
    tenths_of = _village_tenths(inputs)
    is_open = np.zeros(n, dtype=bool)
    has_guests = np.zeros(n, dtype=bool)
    for i, decision in decisions.sites.items():
        k = position[i]
        is_open[k] = decision.action is not Action.CLOSE
        taker = decision.served_from if decision.service is ServiceMode.NEIGHBOUR else decision.merged_into
        if not math.isnan(posts[k]) and (taker is not None or not is_open[k]):
            held[k] = 0
        if taker is None:
            continue
        host = position[taker]
        has_guests[host] = True
        served[host] += people[k]
        if not math.isnan(posts[k]):
            held[host] = np.nan_to_num(held[host]) + posts[k]
    for village, visit in decisions.visits.items():
        if visit.service is ServiceMode.NEIGHBOUR:
            served[position[visit.served_from]] += tenths_of[village]
    clinic = decided | is_candidate(facilities)
    norm = Fraction(rule.people_per_doctor_norm * PEOPLE_SCALE)
    by_norm = np.array([math.ceil(p / norm) if o and (c or g) else np.nan
                        for p, o, c, g in zip(served, is_open, clinic, has_guests, strict=True)], dtype=float)
    return SiteStaffing(
        doctors_retiring=retired, posts=posts,
        posts_vacant_before=np.maximum(0, posts - np.nan_to_num(sites.doctors_before)),
        posts_vacant_after=np.maximum(0, held - sites.clinic_doctors_after),
        posts_by_norm=by_norm, patients=patients, people_over_capacity=after, over_before=before)


def township_staffing(config: Config, inputs: Inputs, decisions: Decisions, sites: SiteCounts, staff: SiteStaffing
                      ) -> dict[str, list[Any]] | None:
    """Return the columns of PLAN_STAFFING, a row for each township in order of name; None without doctor rules."""
    rule = config.rules.doctors
    if rule is None:
        return None
    facilities, villages = inputs.facilities, inputs.villages
    decided = is_decided(facilities)
    of_village = dict(zip(villages["id"], villages["township"], strict=True))
    places = np.array([own if isinstance(own, str) else of_village.get(v, "") for own, v in
                       zip(facilities["township"], facilities["village"], strict=True)], dtype=object)
    names = sorted({*villages["township"].dropna(), *places[decided], *decisions.hires, *decisions.reserve})
    before, after = np.nan_to_num(sites.doctors_before), sites.clinic_doctors_after
    leaving = np.where(decided, np.maximum(0, before - np.nan_to_num(staff.doctors_retiring) - after), 0)
    tenths = dict.fromkeys(names, 0)
    for village, number in _village_tenths(inputs).items():
        if of_village.get(village) in tenths:
            tenths[of_village[village]] += number

    def total(values: np.ndarray, who: np.ndarray | None = None) -> list[int | None]:
        counted = ~np.isnan(values) if who is None else who
        return [int(values[counted & (places == t)].sum()) if (counted & (places == t)).any() else None for t in names]

    def whole(values: list[int | None]) -> list[int]:
        return [value or 0 for value in values]

    ages = {age: np.where(decided, _numbers(facilities, age), np.nan) for age in AGES}
    today, retiring = whole(total(before, decided)), whole(total(staff.doctors_retiring))
    hired = [int(decisions.hires.get(t, 0)) for t in names]
    left = [a + int(decisions.reserve.get(t, 0)) for t, a in zip(names, whole(total(after)), strict=True)]
    known = [whole(total(values)) for values in ages.values()]
    people = [tenths[t] for t in names]
    wanted = [-(-p // (rule.people_per_doctor_norm * PEOPLE_SCALE)) for p in people]
    old = total(ages["doctors_60_plus"])
    return {
        "name": names, "doctors_before": today, "doctors_retiring": retiring, "doctors_hired": hired,
        "doctors_borrowed": [a + r - b - h for a, r, b, h in zip(left, retiring, today, hired, strict=True)],
        "doctors_after": left, "doctors_moving": whole(total(leaving)),
        **{age: total(values) for age, values in ages.items()},
        "doctors_60_plus_after": [None if o is None else o - r for o, r in zip(old, retiring, strict=True)],
        "doctors_age_unknown": [max(0, n - sum(groups)) for n, *groups in zip(today, *known, strict=True)],
        "posts": total(staff.posts), "posts_vacant_before": total(staff.posts_vacant_before),
        "posts_vacant_after": total(staff.posts_vacant_after),
        "people": [p / PEOPLE_SCALE for p in people], "posts_by_norm": wanted,
        "posts_to_fill_before": [max(0, w - n) for w, n in zip(wanted, today, strict=True)],
        "posts_to_fill_after": [max(0, w - n) for w, n in zip(wanted, left, strict=True)],
    }


def staffing_metrics(config: Config, staffing: pd.DataFrame | None, staff: SiteStaffing, travels: Iterable[Travel]
                     ) -> dict[str, Any]:
    """Return the county's figures: sums over townships, and patients where they are looked at."""
    found: dict[str, Any] = {}
    if staffing is not None:
        sums = {"doctors_retiring": "doctors_retiring", "posts_established": "posts", "posts_by_norm": "posts_by_norm"}
        for name in ("posts_vacant_before", "posts_vacant_after", "posts_to_fill_before", "posts_to_fill_after"):
            sums[name] = name
        found |= {metric: int(staffing[column].fillna(0).sum()) for metric, column in sums.items()}
    rule = config.rules.patients
    if rule is not None:
        travel = _travel(config, travels)
        people = int(people_tenths(travel.weight).sum()) / PEOPLE_SCALE
        found["patients"] = {
            "standard": travel.standard.id, "people": people, "capacity_per_doctor": rule.capacity_per_doctor,
            "people_over_capacity_before": float(np.nansum(staff.over_before)),
            "people_over_capacity": float(np.nansum(staff.people_over_capacity)),
            "sites_over_capacity_before": int((np.nan_to_num(staff.over_before) > 0).sum()),
            "sites_over_capacity": int((np.nan_to_num(staff.people_over_capacity) > 0).sum())}
        if rule.visits_per_person is not None:
            found["patients"]["visits_a_year"] = people * rule.visits_per_person
    return found


def _travel(config: Config, travels: Iterable[Travel]) -> Travel:
    wanted = config.standard(config.rules.patients.standard).id
    return next(travel for travel in travels if travel.standard.id == wanted)


def _patients(config: Config, inputs: Inputs, decisions: Decisions, sites: SiteCounts, travels: Iterable[Travel]
              ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (patients after, people over capacity before, after) by facility; NaN where not looked at or not known."""
    n, rule = len(inputs.facilities), config.rules.patients
    nothing = np.full(n, np.nan)
    if rule is None:
        return nothing, nothing, nothing
    travel = _travel(config, travels)
    counts = inputs.facilities["kind"].isin([str(k) for k in travel.standard.kinds]).to_numpy(bool)
    tenths = people_tenths(travel.weight)
    by_time = []
    own = own_doctors_after(config, inputs, decisions, sites.doctors_before)
    for side, doctors, theirs in ((travel.before, sites.doctors_before, sites.doctors_before),
                                  (travel.after, sites.doctors_after, own)):
        going = np.zeros(n, dtype=np.int64)
        there = side.has_value & (side.site >= 0)
        np.add.at(going, side.site[there], tenths[there])
        beyond = np.maximum(0, going - rule.capacity_per_doctor * PEOPLE_SCALE * doctors) / PEOPLE_SCALE
        unknown = np.isnan(theirs) & _permanent(inputs)
        by_time.append((going / PEOPLE_SCALE, np.where(counts & ~unknown, beyond, np.nan)))
    return np.where(counts, by_time[1][0], np.nan), by_time[0][1], by_time[1][1]


def _village_tenths(inputs: Inputs) -> dict[str, int]:
    """Return village id → tenths of people, each cell rounded for itself."""
    cells = inputs.cells
    return pd.Series(people_tenths(cells["people"].to_numpy(float))).groupby(cells["village"].to_numpy(object)).sum(
        ).reindex(inputs.villages["id"], fill_value=0).astype(int).to_dict()


def _permanent(inputs: Inputs) -> np.ndarray:
    return ~(is_decided(inputs.facilities) | is_candidate(inputs.facilities))


def _numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    return table[column].astype("Float64").to_numpy(float, na_value=np.nan)

