"""The verifier's checks of works in a plan by years: what is ready when, and who pays in which year."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import Any

from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_stages import capital_in, needed_at, other_capital_in, year_ends


def check_stage_ready(r: Recount, ledger: Ledger) -> None:
    """At every year's end sub-centres stand and are eligible, hosts have room, with the works done by then."""
    if not r.rules.works:
        return
    rules = r.rules.sub_centres
    least = [(c, n) for c in ("beds", "doctors", "level") if (n := getattr(rules, f"min_{c}")) is not None]
    done: set[str] = set()
    for end in year_ends(r)[:-1]:
        done |= {s.id for s in end.changed if r.decisions.sites[s.id].sub_centre}
        works = [w for w in r.works_done if r.decisions.work_years.get(w.id, math.inf) <= end.year]
        for i in sorted(done):
            ledger.check("stage_ready", i in end.standing,
                         f"sub-centre {i} does not stand yet at the end of {end.year}")
            for column, asked in least if r.holds("sub_centre_eligible") else ():
                value = r.figure_after(r.sites[i], column, works)
                ledger.check("stage_ready", value is not None and value >= asked,
                             f"sub-centre {i} has {column} {figure(value)} at the end of {end.year}, {asked} asked")
        if r.rules.doctors is None or not r.holds("doctor_rooms"):
            continue
        need = needed_at(r, end)
        for i in sorted(i for i, n in need.items() if n > 1 and not r.sites[i].hospital):
            site = r.sites[i]
            room = max(r.rules.doctors.max_per_site, site.doctors or 0)
            room += sum(w.adds.rooms for w in works if w.facility == i)
            ledger.check("stage_ready", need[i] <= room,
                         f"{i} needs {need[i]} doctors at the end of {end.year} and has room for {room}")


def check_stage_earliest(r: Recount, ledger: Ledger) -> None:
    """No work is done before the year in which it can be ready."""
    if not r.rules.stages:
        return
    for work in r.works_done:
        year = r.decisions.work_years.get(work.id)
        if work.earliest is not None and year is not None:
            ledger.check("stage_earliest", year >= work.earliest,
                         f"{work.id} is done in {year}, before {work.earliest}")


def check_stage_funding(r: Recount, ledger: Ledger) -> None:
    """Each source gives in a year no more than it has then and what it kept of the year before, by the claimed split.

    Every bill of a year is paid in full by sources that may pay.
    """
    if not r.rules.funding or not r.rules.stages:
        return
    used = _used(r)
    for n, stage in enumerate(r.rules.stages):
        for money in stage.funding:
            spent, there, k = Fraction(0), Fraction(0), n
            while True:
                mine = next((m for m in r.rules.stages[k].funding if m.source == money.source), None)
                if mine is None:
                    break
                spent += Fraction(used[money.source][r.rules.stages[k].year])
                there += Fraction(str(mine.amount_cny))
                if not k or not r.rules.stages[k].carry_over:
                    break
                k -= 1
            ledger.check("stage_funding", spent <= there,
                         f"{money.source} gives {float(spent):.2f} yuan by {stage.year}, it has {float(there):.2f}")


def _used(r: Recount) -> dict[str, dict[int, float]]:
    """Source → year → yuan, by the claimed split of works (in their years) and of other capital by year."""
    used: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    money = r.claims.money or {}
    done = {w.id for w in r.works_done}
    for work in money.get("works", ()):
        year = r.decisions.work_years.get(work["id"])
        for source, amount in work["funding"].items() if work["id"] in done else ():
            used[source][year] += amount
    for year, row in money.get("capital_other", {}).get("by_stage", {}).items():
        for source, amount in row["funding"].items():
            used[source][int(year)] += amount
    return used


def used_by_year(r: Recount, source: str) -> dict[str, Any]:
    """Return what `funding` must say of a source by year; nothing where the plan has no years."""
    if not r.rules.stages:
        return {}
    used = _used(r)[source]
    return {"by_stage": {str(s.year): float(used[s.year]) for s in r.rules.stages}}


def other_by_year(r: Recount, ledger: Ledger) -> dict[str, Any]:
    """Return what `capital_other` must say by year, its split as claimed; check that the split pays each year."""
    if not r.rules.stages:
        return {}
    claimed = r.claims.money["capital_other"].get("by_stage", {})
    found, whole = {}, defaultdict(float)
    for end in year_ends(r):
        cost = float(other_capital_in(r, end))
        paid = claimed.get(str(end.year), {}).get("funding", {})
        if r.rules.funding:
            ledger.check("money", math.isclose(sum(paid.values()), cost, abs_tol=1e-5),
                         f"other capital of {end.year} is {cost:.0f} yuan, its sources give {sum(paid.values()):.0f}")
        ledger.check("money", all(n >= 0 for n in paid.values()), f"a source takes money out in {end.year}")
        for source, amount in paid.items():
            whole[source] += amount
        found[str(end.year)] = {"capital_cost_cny": cost, "funding": paid}
        in_all = cost + sum(float(w["capital_cost_cny"]) for w in r.claims.money["works"]
                            if r.decisions.work_years.get(w["id"]) == end.year)
        ledger.check("money", math.isclose(in_all, capital_in(r, end), abs_tol=1e-5),
                     f"capital of {end.year} is {in_all:.0f} yuan, recounted {capital_in(r, end)}")
    said = r.claims.money["capital_other"]["funding"]
    same = {k: round(v, 2) for k, v in said.items() if v} == {k: round(v, 2) for k, v in whole.items() if v}
    ledger.check("money", same, f"sources give {dict(whole)} for other capital by year, {said} in all")
    return {"by_stage": found}
