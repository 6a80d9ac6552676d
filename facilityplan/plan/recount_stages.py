"""The verifier's checks of stages: what stands at the end of each year, counted from decisions and raw tables alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from facilityplan.config.works import Work, money_on
from facilityplan.domain.kinds import Action
from facilityplan.domain.staff import retirements
from facilityplan.domain.stages import carried, retired_shares
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_access import no_harm_limits
from facilityplan.plan.recount_base import Recount, Site, share_of, whole_yuan
from facilityplan.plan.recount_consortia import pooled
from facilityplan.plan.recount_stages_modes import (
    Service,
    check_visits_once,
    doctors_for_visits,
    load_of_visits,
    posted_then,
    services_cny,
    services_figures,
    services_in,
    vehicles_cny,
    visited_then,
)
from facilityplan.plan.recount_travel import NEVER


class YearEnd(NamedTuple):
    """How things stand at the end of one year."""

    number: int
    year: int
    changed: list[Site]  # in this year, works left out
    standing: frozenset[str]  # open sites
    hosts: dict[str, str]  # clinics merged so far → host
    works: list[Work]  # done in this year
    began: list[Service]  # circuit, neighbour and posted service, in this year
    begun: list[Service]  # the same, so far


def changes(r: Recount) -> dict[str, Site]:
    """Return the sites that close, are built, become sub-centres or have posted staff; hospitals move by a work."""
    made = {i for i, d in r.decisions.sites.items() if i in r.sites and (
        d.action is Action.CLOSE or d.sub_centre or d.service is not None
        or (d.action is Action.BUILD and not r.sites[i].new_place))}
    return {i: r.sites[i] for i in sorted(made)}


def year_ends(r: Recount) -> list[YearEnd]:
    """Return every year's end; a change without a known year counts with the last (stage_once tells of it)."""
    years = [s.year for s in r.rules.stages]
    when = {i: years.index(y) if (y := r.decisions.sites[i].stage) in years else len(years) - 1 for i in changes(r)}
    ends: list[YearEnd] = []
    for n, year in enumerate(years):
        began = services_in(r, years, n)
        done = {i for i, k in when.items() if k <= n}
        standing = {s.id for s in r.sites.values()
                    if (r.is_open(s.id) and (not s.candidate or s.id in done))
                    or (s.id in when and s.id not in done and s.decided)}
        for work in (w for w in r.works_done if w.kind == "relocate" and work_stage(r, w, years) > n):
            standing = (standing - {work.to}) | {work.facility}
        ends.append(YearEnd(n, year, [r.sites[i] for i, k in when.items() if k == n], frozenset(standing),
                            {g: h for g, h in r.hosts.items() if g in done},
                            [w for w in r.works_done if work_stage(r, w, years) == n], began,
                            [*(ends[-1].begun if ends else ()), *began]))
    return ends


def work_stage(r: Recount, work: Work, years: list[int]) -> int:
    """Return the number of the year in which a work is done; without a known year the last (stage_once tells)."""
    year = r.decisions.work_years.get(work.id)
    return years.index(year) if year in years else len(years) - 1


def check_stage_once(r: Recount, ledger: Ledger) -> None:
    """Every change has one of the years, and nothing else has a year."""
    years, changed = {s.year for s in r.rules.stages}, changes(r)
    dated = r.decisions.work_years
    check_visits_once(r, ledger, years)
    for work in r.works_done:
        ok = dated.get(work.id) in years if years else work.id not in dated
        ledger.check("stage_once", ok, f"work {work.id} is done in year {figure(dated.get(work.id))}")
    strays = sorted(set(dated) - {w.id for w in r.works_done})
    ledger.check("stage_once", not strays, f"{strays} have a year but are not done")
    for i, decision in sorted(r.decisions.sites.items()):
        last = max((dated[w.id] for w in r.works_done if w.id in dated and i in (w.facility, w.to)), default=None)
        ok = decision.stage in years if i in changed and years else decision.stage == last
        ledger.check("stage_once", ok, f"{i} is {decision.action} in year {figure(decision.stage)}")


def check_stage_closures(r: Recount, ledger: Ledger) -> None:
    """No more clinics close in a year than allowed, in the county and in each township."""
    for end, stage in _both(r):
        closed = [s for s in end.changed if r.decisions.sites[s.id].action is Action.CLOSE]
        if stage.max_closures is not None:
            ledger.check("stage_closures", len(closed) <= stage.max_closures,
                         f"{len(closed)} clinics close in {end.year}, at most {stage.max_closures} may")
        if stage.max_closures_per_township is not None:
            for place, count in sorted(Counter(s.township for s in closed).items(), key=str):
                ledger.check("stage_closures", count <= stage.max_closures_per_township,
                             f"{count} clinics of {place} close in {end.year}, at most "
                             f"{stage.max_closures_per_township} may")


def check_stage_capital(r: Recount, ledger: Ledger) -> None:
    """The works of a year cost no more than its money, and what earlier years handed on."""
    stages, spent = r.rules.stages, [capital_in(r, end) for end in year_ends(r)]
    carry = [n > 0 and s.carry_over and stages[n - 1].capital_cny is not None for n, s in enumerate(stages)]
    for n, stage in enumerate(stages):
        if stage.capital_cny is None:
            continue
        run = carried(carry, n)
        cost, money = sum(spent[k] for k in run), sum(math.floor(share_of(stages[k].capital_cny, 1)) for k in run)
        ledger.check("stage_capital", cost <= money, f"works of {stage.year} cost {cost} yuan, {money} are there")


def check_stage_recurrent(r: Recount, ledger: Ledger) -> None:
    """The recurrent cost a year at the end of a year is within its budget."""
    cost = recurrent_by_year(r)
    for end, stage in _both(r):
        limits = [] if stage.recurrent_cny is None else [share_of(stage.recurrent_cny, 1)]
        if stage.recurrent_share_of_today is not None:
            limits.append(share_of(stage.recurrent_share_of_today, r.annual_before_cny))
        for limit in limits:
            ledger.check("stage_recurrent", cost[end.number] <= limit,
                         f"at the end of {end.year} a year costs {cost[end.number]} yuan, {float(limit):.2f} allowed")


def check_stage_doctors(r: Recount, ledger: Ledger) -> None:
    """At every year's end each township has the doctors whom its clinics and hosts need, hires included; where
    consortia pool their staff, all townships of a pool together."""
    if r.rules.doctors is None or not r.holds("doctor_balance"):
        return
    for end in year_ends(r)[:-1]:
        need, pool = by_pool(r, needed(r, end)), by_pool(r, doctors_left(r, end.number))
        for place in sorted({*need, *pool}, key=str):
            hired = by_pool(r, r.decisions.hires)[place]
            ledger.check("stage_doctors", need[place] <= pool[place] + hired,
                         f"{place} needs {need[place]} doctors at the end of {end.year}; {pool[place]} of today's are "
                         f"left and {hired} are hired")


def check_stage_no_harm(r: Recount, ledger: Ledger) -> None:
    """Nobody is worse off than the limit at any year's end."""
    if not r.holds("no_harm") or r.rules.no_harm.form == "off":
        return
    chosen = r.rules.no_harm.standards or (r.first.id,)
    for standard in (s for s in r.config.standards if s.id in chosen):
        limit = no_harm_limits(r, standard)
        for end in year_ends(r)[:-1]:
            times = nearest_then(r, standard, end)
            within = (times.ds != NEVER) & (times.ds <= limit)
            ledger.check_rows("stage_no_harm", within | (limit < 0), lambda row, end=end, s=standard: (
                f"{s.id}: cell {r.inputs.cells['cell'].iloc[row]} is past its limit at the end of {end.year}"))


def capital_in(r: Recount, end: YearEnd) -> int:
    """Return the capital spent in a year, in yuan: what is changed, and works."""
    return other_capital_in(r, end) + sum(whole_yuan(w.capital.value) for w in end.works)


def other_capital_in(r: Recount, end: YearEnd) -> int:
    """Return the same but for works."""
    before = [s for s in end.begun if s not in end.began]
    return sum(map(r.own_capital_cny, end.changed)) + vehicles_cny(r, before, end.begun)


def _both(r: Recount) -> Iterator[tuple[YearEnd, Any]]:
    return zip(year_ends(r), r.rules.stages, strict=True)


def nearest_then(r: Recount, standard, end: YearEnd):
    """Return every cell's nearest counted site at a year's end."""
    counts = r.inputs.facilities["kind"].astype(str).isin([str(k) for k in standard.kinds]).to_numpy(bool)
    counts = counts & np.array([i in end.standing for i in r.inputs.facilities["id"]], dtype=bool)
    return r.roads(standard.mode).nearest(r.joints(standard.mode, "cells"), r.joints(standard.mode, "facilities"),
                                          counts)


def by_pool(r: Recount, figure: Mapping[str | None, int]) -> Counter:
    """Sum a figure of the townships by pool: the township, its consortium's lead where consortia pool their staff, or
    all that are grouped where they may lend across the line."""
    total: Counter = Counter()
    shared = pooled(r)
    for town, number in figure.items():
        lead = r.decisions.consortia.get(town) if shared else None
        pool = f"consortium of {lead}" if r.holds("consortium_staff") else "the consortia"
        total[town if lead is None else pool] += number
    return total


def doctors_left(r: Recount, number: int) -> Counter:
    """Township → today's clinic doctors less all who have retired by the end of that year."""
    shares = retired_shares(r.rules.doctors.retire_share, [s.retire_share for s in r.rules.stages])
    gone = retirements(r.inputs.facilities, shares[number])
    left: Counter = Counter()
    for site in r.sites.values():
        if site.decided:
            left[site.township] += (site.doctors or 0) - int(gone.get(site.id, 0))
    return left


def needed(r: Recount, end: YearEnd) -> Counter:
    """Township → clinic doctors who cannot be done without at a year's end."""
    need: Counter = Counter()
    for i, least in needed_at(r, end).items():
        need[r.sites[i].township] += least
    return need


def needed_at(r: Recount, end: YearEnd) -> Counter:
    """Site → clinic doctors who cannot be done without there at a year's end."""
    need: Counter = Counter()
    cap = 10 * r.rules.doctors.people_per_doctor_cap
    brought: dict[str, list[Site]] = {}
    for guest, host in end.hosts.items():
        if guest in r.sites and host in r.sites:
            brought.setdefault(host, []).append(r.sites[guest])
    visits, posted = visited_then(end.begun), posted_then(end.begun)
    for site in r.sites.values():
        clinic = (site.decided or site.candidate) and site.id not in posted
        guests, visited = brought.get(site.id, []), visits.get(site.id, [])
        least = max(int(clinic and site.id in end.standing), doctors_for_visits(r, site.id, visited))
        if (guests or visited) and r.holds("doctor_capacity"):
            load = sum((g.tenths for g in guests), site.tenths) + load_of_visits(visited)
            least = max(least, math.ceil(load / cap))
        need[site.id] = least
    return need


def hired_by_year(r: Recount) -> list[Counter]:
    """Return for each year pool → doctors hired by its end: the fewest that will do; in the end as decided."""
    hired: list[Counter] = []
    ends = year_ends(r)
    for end in ends:
        now: Counter = Counter(hired[-1] if hired else {})
        if end is ends[-1]:
            now |= by_pool(r, r.decisions.hires)
        elif r.rules.doctors is not None and r.holds("doctor_balance") and r.holds("stage_doctors"):
            now |= by_pool(r, needed(r, end)) - by_pool(r, doctors_left(r, end.number))
        hired.append(now)
    return hired


def doctors_by_year(r: Recount) -> list[int]:
    """Return the clinic doctors paid at every year's end."""
    ends = year_ends(r)
    if not ends:
        return []
    if r.rules.doctors is None:
        return [sum(s.doctors or 0 for s in r.sites.values() if s.decided)] * len(ends)
    if not r.holds("doctor_balance"):
        in_the_end = sum(map(r.clinic_doctors_after, r.sites.values()))
        return [*(sum(needed(r, end).values()) for end in ends[:-1]), in_the_end]
    return [sum(doctors_left(r, end.number).values()) + sum(hired.values())
            for end, hired in zip(ends, hired_by_year(r), strict=True)]


def recurrent_by_year(r: Recount) -> list[int]:
    """Return the recurrent cost a year at every year's end, in yuan."""
    doctor, ends = whole_yuan(r.config.costs.doctor.value), year_ends(r)
    works = accumulate(sum(whole_yuan(w.recurrent_cny) for w in end.works) for end in ends)
    return [sum(r.sites[i].running_cny for i in end.standing if i in r.sites) + doctor * paid + more
            + services_cny(r, end.begun)
            for end, paid, more in zip(ends, doctors_by_year(r), works, strict=True)]


def expected_by_stage(r: Recount) -> dict[str, dict[str, Any]]:
    """Return `metrics.by_stage` as the verifier counts it."""
    found = {}
    paid, hired, yearly = doctors_by_year(r), hired_by_year(r), recurrent_by_year(r)
    for end in year_ends(r):
        made = [r.decisions.sites[s.id] for s in end.changed]
        later = {s.id for other in year_ends(r)[end.number + 1:] for s in other.changed}
        inside = nearest_then(r, r.first, end).within(r.first.limit_min)
        found[str(end.year)] = {
            "clinics_open": sum((s.decided or s.candidate) and s.id in end.standing for s in r.sites.values()),
            "clinics_merged": sum(d.action is Action.CLOSE and d.service is None for d in made),
            "clinics_built": sum(s.candidate and r.is_open(s.id) for s in end.changed),
            "sub_centres": sum(d.sub_centre and i not in later for i, d in r.decisions.sites.items()),
            "clinic_doctors": paid[end.number],
            "hires": sum(hired[end.number].values()),
            "capital_cost_cny": float(capital_in(r, end)),
            "annual_cost_cny": float(yearly[end.number]),
            **({"works_done": len(end.works)} if money_on(r.config) else {}),
            **services_figures(r, end.begun),
            "people_within_circle": float(r.weight(r.first)[inside].sum()),
        }
    return found


def delay(r: Recount, *, late: bool) -> float:
    """Stages waited, summed over all changes; with ``late`` the stages still to come."""
    last = len(r.rules.stages) - 1
    return float(sum((last - end.number if late else end.number) * (
        len(end.changed) + len(end.works) + sum(site.row < 0 for site, _, _ in end.began)) for end in year_ends(r)))


def stage_of_village(r: Recount, village: str, clinic: str | None) -> int | None:
    """Return the year that the villages table must show."""
    if clinic is not None:
        return r.decisions.sites[clinic].stage
    if village in r.decisions.visits:
        return r.decisions.visits[village].stage
    here = [s for s in r.sites.values() if s.village == village and r.is_open(s.id)
            and s.kind in ("village_clinic", "station")]
    years = [y for s in here if (y := r.decisions.sites[s.id].stage) is not None]
    return min(years) if years and all(s.candidate for s in here) else None
