"""The verifier's checks of works and money: which works, where hospitals stand, who pays, what institutions earn."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from facilityplan.config.works import Work, money_on, moves
from facilityplan.domain.kinds import Action
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, Site, whole_yuan
from facilityplan.plan.recount_stages_works import other_by_year, used_by_year


def check_work_site(r: Recount, ledger: Ledger) -> None:
    """Works done exist, each listed once in order, and their site stays open or is a hospital that relocates."""
    done = r.decisions.works
    ledger.check("work_site", list(done) == sorted(set(done)), f"works are listed as {list(done)}, not sorted and once")
    there = {w.id for w in r.rules.works}
    for name in done:
        ledger.check("work_site", name in there, f"work {name} is done but stands in no config")
    for work in r.works_done:
        decision = r.decisions.sites.get(work.facility)
        ok = decision is not None and decision.action is not Action.CLOSE
        ledger.check("work_site", ok, f"work {work.id} is done at {work.facility}, which closes")


def check_relocation(r: Recount, ledger: Ledger) -> None:
    """A hospital that relocates closes here and opens there with its doctors; no other candidate place opens."""
    leads = defaultdict(list)
    for work in r.works_done:
        if work.kind == "relocate":
            leads[work.facility].append(work.to)
    targets = {place for places in leads.values() for place in places}
    for hospital in moves(r.config):
        decision = r.decisions.sites.get(hospital)
        ledger.check("relocation", len(leads[hospital]) <= 1, f"{hospital} relocates to {leads[hospital]} at once")
        gone = decision is not None and decision.action is Action.RELOCATE
        ledger.check("relocation", gone == bool(leads[hospital]),
                     f"{hospital} has action {figure(decision and str(decision.action))}; works lead it to "
                     f"{leads[hospital] or 'nowhere'}")
        ledger.check("relocation", not gone or not decision.doctors, f"{hospital} relocates but keeps doctors here")
    for site in r.sites.values():
        if not site.new_place:
            continue
        decision = r.decisions.sites.get(site.id)
        ledger.check("relocation", (decision is not None) == (site.id in targets),
                     f"place {site.id} is {'open' if decision is not None else 'not open'}, but "
                     f"{'a' if site.id in targets else 'no'} hospital relocates to it")
        if decision is not None and r.rules.doctors is not None:
            own = r.own_doctors_after(site)
            ledger.check("relocation", decision.doctors == own,
                         f"{site.id} opens with {figure(decision.doctors)} doctors, {figure(own)} come")


def check_works_together(r: Recount, ledger: Ledger) -> None:
    """No two works of an institution are done unless one of them names the other."""
    done = r.works_done
    for k, work in enumerate(done):
        for other in done[:k]:
            if other.facility == work.facility:
                ok = other.id in work.together_with or work.id in other.together_with
                ledger.check("works_together", ok, f"{other.id} and {work.id} of {work.facility} do not go together")


def check_works_required(r: Recount, ledger: Ledger) -> None:
    """Every required work is done."""
    for work in r.rules.works:
        if work.required:
            ledger.check("works_required", work in r.works_done, f"{work.id} is required but not done")


def check_works_forbidden(r: Recount, ledger: Ledger) -> None:
    """No forbidden work is done."""
    for work in r.works_done:
        ledger.check("works_forbidden", not work.forbidden, f"{work.id} is forbidden but done")


def check_funding_amount(r: Recount, ledger: Ledger) -> None:
    """Each source gives what the split says and no more than it has, and every work is paid in full."""
    if not r.rules.funding:
        return
    given: dict[str, int] = defaultdict(int)
    for name, cost, payers, paid in _bills(r):
        ledger.check("funding_amount", sum(paid.values()) == cost and min(paid.values(), default=0) >= 0,
                     f"{name} costs {cost} yuan, its sources give {sum(paid.values()):.2f}")
        for source, amount in paid.items():
            ledger.check("funding_amount", source in payers, f"{source} may not pay for {name}")
            given[source] += amount
    for source in r.rules.funding:
        limit = source.amount_cny
        if limit is not None:
            ledger.check("funding_amount", given[source.id] <= Fraction(str(limit)),
                         f"{source.id} gives {given[source.id]:.2f} yuan, it has {limit:.2f}")


def check_no_debt(r: Recount, ledger: Ledger) -> None:
    """Where borrowing is ruled out, no source that is debt pays for anything."""
    if not r.rules.no_debt:
        return
    debt = {s.id for s in r.rules.funding if s.debt}
    for name, _, _, paid in _bills(r):
        for source in paid:
            ledger.check("no_debt", source not in debt, f"{name} is paid with {source}, which is debt")


def _bills(r: Recount) -> Iterable[tuple[str, int, set[str], Mapping[str, float]]]:
    """Yield (what, cost, who may pay, who pays) of every work done and of other capital."""
    every = {s.id for s in r.rules.funding}
    claimed = {w["id"]: w["funding"] for w in (r.claims.money or {}).get("works", ())}
    for work in r.works_done:
        yield work.id, whole_yuan(work.capital.value), set(work.sources) or every, claimed.get(work.id, {})
    others = (r.claims.money or {}).get("capital_other", {})
    yield "other capital", r.other_capital("value"), every, others.get("funding", {})


def check_balance(r: Recount, ledger: Ledger) -> None:
    """The operating balance is what the rule asks, for the county, each township or each institution left open."""
    rule = r.rules.balance
    if rule.form == "off":
        return
    before, after = r.all_balances
    hospital = {s.id for s in r.sites.values() if r.is_institution(s) and not (s.decided or s.candidate)}
    if rule.scope == "institution":
        for i, figure_after in after.items():
            site = r.sites[i]
            works_today = not site.candidate and not (site.decided and not site.doctors)
            if rule.form == "no_worse" and works_today:
                ok = figure_after >= before[i]
                ledger.check("balance", ok, f"{i} has a balance of {figure_after} yuan a year, today {before[i]}")
            elif rule.form == "non_negative" and (i not in hospital or r.balance_known(site)):
                ledger.check("balance", figure_after >= 0, f"{i} has a balance of {figure_after} yuan a year")
        return
    doctor = whole_yuan(r.config.costs.doctor.value)
    totals: dict[str | None, list[int]] = defaultdict(lambda: [0, 0])
    for i in {**before, **after}:
        place = r.sites[i].township if rule.scope == "township" else None
        totals[place][0] += before.get(i, 0)
        totals[place][1] += after.get(i, 0)
    for place, doctors in r.decisions.reserve.items():
        totals[place if rule.scope == "township" else None][1] -= doctor * doctors
    for place, (was, now) in sorted(totals.items(), key=str):
        least = was if rule.form == "no_worse" else 0
        ledger.check("balance", now >= least, f"{place or 'the county'} has a balance of {now} yuan a year, at least "
                                              f"{least} is asked (today {was})")


def check_levels(r: Recount, ledger: Ledger) -> None:
    """As many hospitals of a kind as asked have reached the level, works counted."""
    for rule in r.rules.levels:
        mine = [s for s in r.sites.values() if s.kind == rule.kind and r.is_institution(s)]
        works = r.works_by(rule.year) if rule.year is not None else None
        reached = [s.id for s in mine if (r.figure_after(s, "level", works) or 0) >= rule.min_level]
        least = rule.min_count if rule.min_share is None else Fraction(str(rule.min_share)) * len(mine)
        ledger.check("levels", len(reached) >= (least or 0),
                     f"{len(reached)} of {len(mine)} {rule.kind} reach level {rule.min_level}"
                     f"{'' if rule.year is None else f' by {rule.year}'}, asked {float(least or 0):g}")


def check_money(r: Recount, ledger: Ledger) -> None:
    """What the plan says of works, sources and other capital is the config's, and the sums are right."""
    claimed = r.claims.money
    if not ledger.check("money", (claimed is not None) == money_on(r.config), "works and money are told where they "
                        "are no part of the plan, or are not told"):
        return
    if claimed is None:
        return
    works = {w["id"]: w for w in claimed["works"]}
    ledger.same_keys("money", [w["id"] for w in claimed["works"]], sorted(w.id for w in r.rules.works), "works")
    for work in r.rules.works:
        if work.id in works:
            _same_fields(ledger, work.id, works[work.id], _work_fields(r, work))
    ledger.same_keys("money", [s["id"] for s in claimed["funding"]], [s.id for s in r.rules.funding], "sources")
    paid: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for work in claimed["works"]:
        for source, amount in work["funding"].items():
            paid[source][0] += amount
            paid[source][1] += amount
    for source, amount in claimed["capital_other"]["funding"].items():
        paid[source][0] += amount
    for source in r.rules.funding:
        row = next((s for s in claimed["funding"] if s["id"] == source.id), None)
        if row is not None:
            _same_fields(ledger, source.id, row, {
                "id": source.id, "name": source.name, "name_en": source.name_en, "debt": source.debt,
                "amount_cny": source.amount_cny, "used_cny": paid[source.id][0],
                "used_for_works_cny": paid[source.id][1]} | used_by_year(r, source.id))
    others = {f"capital_{end}_cny": float(r.other_capital("value" if end == "cost" else end))
              for end in ("cost", "low", "high")}
    _same_fields(ledger, "other capital", {k: v for k, v in claimed["capital_other"].items() if k != "funding"},
                 others | other_by_year(r, ledger))


def _work_fields(r: Recount, work: Work) -> dict[str, Any]:
    done = work in r.works_done
    return {"id": work.id, "name": work.name, "name_en": work.name_en, "facility": work.facility, "kind": work.kind,
            "to": work.to, "done": done, "recurrent_cny": float(whole_yuan(work.recurrent_cny)),
            "capital_cost_cny": float(whole_yuan(work.capital.value)),
            "capital_low_cny": float(whole_yuan(work.capital.low)),
            "capital_high_cny": float(whole_yuan(work.capital.high)), "standing": work.capital.standing,
            "source": work.capital.source,
            **({"stage": r.decisions.work_years.get(work.id)} if r.rules.stages else {})}


def _same_fields(ledger: Ledger, name: str, row: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for key in sorted({*row, *wanted} - {"funding"}):
        said, value = row.get(key), wanted.get(key)
        numbers = isinstance(said, (int, float)) and isinstance(value, (int, float))
        same = math.isclose(said, value, rel_tol=1e-9, abs_tol=1e-5) if numbers else said == value
        ledger.check("money", same, f"{name}: {key} is {figure(said)}, recounted {figure(value)}")
    if "done" in wanted and not wanted["done"]:
        ledger.check("money", not row.get("funding"), f"{name} is not done, yet {row.get('funding')} pay for it")


def funding_source(r: Recount, site: Site) -> str | None:
    """Return the sources that pay for what is done at a site, by the claimed split, in the config's order."""
    if r.claims.money is None:
        return None
    decision = r.decisions.sites[site.id]
    used = {s for name, _, _, paid in _bills(r) if any(
        w.id == name and w.facility == site.id for w in r.works_done) for s in paid}
    closes = decision.action is Action.CLOSE and decision.service is None
    built = decision.action is Action.BUILD and site.candidate
    equipped = any(site.id in sites for sites in r.decisions.equipped.values())
    if closes or built or decision.sub_centre or decision.teams or equipped:
        used |= set(r.claims.money["capital_other"]["funding"])
    return "; ".join(s.id for s in r.rules.funding if s.id in used) or None


def shown_balances(r: Recount, site: Site) -> tuple[int | None, int | None]:
    """Return (before, after) as the facilities table shows them: None where not known, closed or no institution."""
    if r.claims.money is None or not r.is_institution(site):
        return None, None
    before, after = r.all_balances
    if not (site.decided or site.candidate) and not r.balance_known(site):
        return None, None
    return before.get(site.id), after.get(site.id)


def expected_money_metrics(r: Recount) -> dict[str, float]:
    """Return the figures that the block adds to `metrics`; none where it is off."""
    if not money_on(r.config):
        return {}
    done = r.works_done
    doctor = whole_yuan(r.config.costs.doctor.value)
    shown = [shown_balances(r, s) for s in r.sites.values()]
    reserve = doctor * sum(r.decisions.reserve.values())
    hospitals = [s for s in r.sites.values() if r.is_institution(s) and not (s.decided or s.candidate)]
    ends = {end: r.other_capital(end) + sum(whole_yuan(getattr(w.capital, end)) for w in done)
            for end in ("low", "high")}
    return {
        "works": len(r.rules.works), "works_done": len(done),
        "works_capital_cny": float(sum(whole_yuan(w.capital.value) for w in done)),
        "capital_low_cny": float(ends["low"]), "capital_high_cny": float(ends["high"]),
        "annual_saving_cny": float(r.annual_before_cny - r.annual_after_cny),
        "balance_cny_before": float(sum(b for b, _ in shown if b is not None)),
        "balance_cny_after": float(sum(a for _, a in shown if a is not None) - reserve),
        "institutions_without_balance": sum(not r.balance_known(s) for s in hospitals),
    }
