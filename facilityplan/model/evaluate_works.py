"""The pure recount of works and money: from the planning data and the decisions alone, no solver, no rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from facilityplan.domain.decisions import Decisions
from facilityplan.model.choice import Choice, township_sums
from facilityplan.model.choice_works import balance_held, balances, done_at, least_balance, reaches_after
from facilityplan.model.evaluate_centres import equipment_cost
from facilityplan.model.mode_choice import mode_cost
from facilityplan.model.sets import PlanningData

# rule, place, figure, limit, left
Note = Callable[..., None]


def count_works(data: PlanningData, decisions: Decisions, choice: Choice, doctors: np.ndarray, note: Note) -> None:
    """Note every rule of the block: ``note(rule, place, figure, limit, left=…)``."""
    works, done = data.works, choice.works
    for p, name in enumerate(works.ids):
        site = int(works.site[p])
        if done[p] and not choice.open[site] and not works.moving[site]:
            note("work_site", name, None, None, left=-1)
        if works.required[p]:
            note("works_required", name, None, None, left=0 if done[p] else -1)
        if works.forbidden[p]:
            note("works_forbidden", name, None, None, left=-1 if done[p] else 0)
    for h in np.flatnonzero(works.moving).tolist():
        gone = [int(works.place[p]) for p in done_at(data, done, h) if works.place[p] >= 0]
        there = [j for j in (h, *works.places_of(h)) if choice.open[j]]
        if len(gone) > 1 or there != (gone or [h]):
            note("relocation", data.site_ids[h], None, None, left=-1)
    if data.sub_centres is not None:
        for k in np.flatnonzero(choice.sub_centre).tolist():
            site = int(data.sub_centres.hospitals[k])
            if not choice.open[site]:
                note("relocation", data.site_ids[site], None, None, left=-1)
    for site in sorted(set(works.site.tolist())):
        own = done_at(data, done, site)
        apart = sum(not works.together[p, q] for p, q in combinations(own, 2))
        note("works_together", data.site_ids[site], len(own), 1, left=-1 if apart else 0 if own else 1)
    count_funding(data, choice, note)
    count_balance(data, decisions, choice, doctors, note)
    for floor in works.levels:
        by_then = done if floor.stage is None else done & (choice.work_stage <= floor.stage)
        reached = sum(works.reaches(h, done_at(data, by_then, h), (("level", floor.min_level),)) for h in floor.sites)
        note("levels", floor.kind, reached, floor.least, left=reached - floor.least)


def eligible_after(data: PlanningData, choice: Choice, k: int) -> bool:
    """Is the k-th hospital of the sub-centre block eligible with the works done?"""
    block, works = data.sub_centres, data.works
    if works is None:
        return bool(block.eligible[k])
    return reaches_after(data, choice.works, int(block.hospitals[k]), works.thresholds)


def works_capital(data: PlanningData, choice: Choice) -> int:
    """Yuan of the works done."""
    return 0 if data.works is None else int(data.works.capital[choice.works].sum())


def works_recurrent(data: PlanningData, choice: Choice) -> int:
    """Yuan a year that the works done add."""
    return 0 if data.works is None else int(data.works.recurrent[choice.works].sum())


def other_capital(data: PlanningData, choice: Choice) -> int:
    """Yuan of clinics built and merged, of sub-centres, of circuit teams' vehicles and of equipment."""
    money = data.money
    return int(
        money.build * (choice.open & data.candidate).sum()
        + money.merge * (choice.host >= 0).sum()
        + money.upgrade * choice.sub_centre.sum()
        + mode_cost(data, choice.modes)[1]
        + equipment_cost(data, choice)
    )


def count_funding(data: PlanningData, choice: Choice, note: Note) -> None:
    """The largest flow from sources to what must be paid, by adding up every set of sources."""
    works = data.works
    if not works.source_ids:
        return
    every = frozenset(range(len(works.source_ids)))
    amount = works.amount if data.holds("funding_amount") else (None,) * len(every)
    bills = [(int(works.capital[p]), works.sources[p]) for p in np.flatnonzero(choice.works)]
    bills.append((other_capital(data, choice), every))
    note("funding_amount", "county", None, None, left=_left(bills, amount, every))
    if works.no_debt:
        own = frozenset(s for s in every if not works.debt[s])
        note("no_debt", "county", None, None, left=_left(bills, amount, own))


def _left(bills: list[tuple[int, frozenset[int]]], amount: tuple[int | None, ...], usable: frozenset[int]) -> float:
    """Least over all sets of usable sources of what the set can give less what only it can pay."""
    least = float("inf")
    for size in range(len(usable) + 1):
        for chosen in combinations(sorted(usable), size):
            if any(amount[s] is None for s in chosen):
                continue
            owed = sum(cost for cost, payers in bills if payers & usable <= set(chosen))
            left = sum(amount[s] for s in chosen) - owed
            if size or left < 0:
                least = min(least, left)
    return least


def count_balance(
    data: PlanningData, decisions: Decisions, choice: Choice, doctors: np.ndarray, note: Note
) -> None:
    """Note what is left of the balance rule: of the county, each township, or each institution that it looks at."""
    balance = data.works.balance
    if balance.form == "off":
        return
    after = balances(data, choice.works, choice.open, choice.host, doctors, choice.modes)
    if balance.scope == "institution":
        least = least_balance(data)
        stays = choice.open | data.works.moving
        for j in np.flatnonzero(balance_held(data) & stays).tolist():
            note("balance", data.site_ids[j], int(after[j]), int(least[j]), left=int(after[j] - least[j]))
        return
    reserve = np.array([decisions.reserve.get(t, 0) for t in data.townships], dtype=np.int64)
    total = township_sums(data, after) - data.money.doctor * reserve
    before = township_sums(data, balance.before)
    nowhere = balance.counted & (data.site_township < 0)
    if balance.scope == "county":
        left = int(total.sum() + after[nowhere].sum())
        limit = int(before.sum() + balance.before[nowhere].sum()) if balance.form == "no_worse" else 0
        note("balance", "county", left, limit, left=left - limit)
        return
    places = sorted({int(data.site_township[j]) for j in np.flatnonzero(balance.counted)})
    for t in places:
        mine = int(total[t]) if t >= 0 else int(after[nowhere].sum())
        was = int(before[t]) if t >= 0 else int(balance.before[nowhere].sum())
        limit = was if balance.form == "no_worse" else 0
        note("balance", data.townships[t] if t >= 0 else "", mine, limit, left=mine - limit)
