"""The verifier's check of staff by township: who is there before and after, how old, which posts stay empty."""

from __future__ import annotations

from typing import Any

from facilityplan.domain.columns import PLAN_STAFFING, names
from facilityplan.plan.claims import Ledger
from facilityplan.plan.recount_base import Recount, Site, known
from facilityplan.plan.recount_staffing import doctors_by_place, posts_by_norm, posts_of, raw, vacant
from facilityplan.plan.recount_tables import CLOSE, Comparison


def check_staffing(r: Recount, ledger: Ledger) -> None:
    """Every township: doctors before, retiring, hired, after and moving, their ages, posts established and by the norm.

    That what was there and came is what is there and left, `doctor_balance` says.
    """
    table = r.claims.staffing
    if r.rules.doctors is None:
        ledger.check("staffing", table is None, "doctors are no part of this plan, but staff by township is")
        return
    places = sorted({*r.township_of.values(), *(s.township or "" for s in r.sites.values() if s.decided),
                     *r.decisions.hires, *r.decisions.reserve})
    if not ledger.check("staffing", table is not None, "staff by township is missing"):
        return
    compare = Comparison("staffing", table, names(PLAN_STAFFING), places, ledger, key="name")
    if not compare.ready:
        return
    for column, values in _wanted(r, places).items():
        compare.numbers(column, values, CLOSE if column == "people" else 0)


def _wanted(r: Recount, places: list[str]) -> dict[str, list[Any]]:
    clinics: dict[str, list[Site]] = {place: [] for place in places}
    everybody: dict[str, list[Site]] = {place: [] for place in places}
    for site in r.sites.values():
        if (site.township or "") in everybody:
            everybody[site.township or ""].append(site)
            if site.decided:
                clinics[site.township or ""].append(site)

    def total(values: list[int | None]) -> int | None:
        there = [v for v in values if v is not None]
        return sum(there) if there else None

    before, after, by_norm = doctors_by_place(r, "before"), doctors_by_place(r, "after"), posts_by_norm(r)
    ages = {age: raw(r, age) for age in ("doctors_under_40", "doctors_40_59", "doctors_60_plus")}
    tenths = dict.fromkeys(places, 0)
    for village, people in r.village_tenths.items():
        if known(place := r.township_of.get(village)):
            tenths[place] += people
    found: dict[str, list[Any]] = {name: [] for name in names(PLAN_STAFFING) if name != "name"}
    for place in places:
        own = clinics[place]
        retiring = sum(r.retired.get(s.id, 0) for s in own)
        grouped = {age: total([values[s.row] for s in own]) for age, values in ages.items()}
        old = grouped["doctors_60_plus"]
        row = {
            "doctors_before": before.get(place, 0), "doctors_retiring": retiring,
            "doctors_hired": r.decisions.hires.get(place, 0),
            "doctors_borrowed": after.get(place, 0) + retiring - before.get(place, 0) - r.decisions.hires.get(place, 0),
            "doctors_after": after.get(place, 0),
            "doctors_moving": sum(max(0, (s.doctors or 0) - r.retired.get(s.id, 0) - r.clinic_doctors_after(s))
                                  for s in own),
            **grouped, "doctors_60_plus_after": None if old is None else old - retiring,
            "doctors_age_unknown": max(0, before.get(place, 0) - sum(n or 0 for n in grouped.values())),
            "posts": total([posts_of(r, s) for s in own]),
            "posts_vacant_before": total([vacant(r, s, "before") for s in everybody[place]]),
            "posts_vacant_after": total([vacant(r, s, "after") for s in everybody[place]]),
            "people": tenths[place] / 10, "posts_by_norm": by_norm.get(place, 0),
            "posts_to_fill_before": max(0, by_norm.get(place, 0) - before.get(place, 0)),
            "posts_to_fill_after": max(0, by_norm.get(place, 0) - after.get(place, 0))}
        for name, value in row.items():
            found[name].append(value)
    return found
