"""The recount of stages: what stands, what it costs and who works there at the end of each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facilityplan.domain.stages import carried
from facilityplan.model.choice import Choice, at_stage, hires_by_stage, staff_needed, township_sums
from facilityplan.model.evaluate_locks import Finding
from facilityplan.model.evaluate_stages_works import (
    other_capital_by_stage,
    staged_work_findings,
    works_capital_by_stage,
)
from facilityplan.model.evaluate_works import works_recurrent
from facilityplan.model.mode_choice import mode_cost
from facilityplan.model.sets import PlanningData
from facilityplan.model.staff_pools import by_pool, pool_names


def stage_findings(
    data: PlanningData, choice: Choice, hires: np.ndarray, doctors: np.ndarray, nearest
) -> Iterator[Finding]:
    """Yield what every rule on stages leaves, place by place.

    ``hires``: in the end, by township; ``doctors``: clinic doctors in the end, by site; ``nearest``: (ladder, open) →
    deciseconds by cell (evaluate.nearest_ds).
    """
    stages = data.stages
    if stages is None:
        return
    yield from staged_work_findings(data, choice)
    acts = acting(data, choice)
    for j in np.flatnonzero(acts != (choice.stage >= 0)).tolist():
        yield Finding("stage_once", data.site_ids[j], None, None, -1)
    for name in undated_visits(data, choice):
        yield Finding("stage_once", name, None, None, -1)
    for g in guests_too_early(data, choice):
        yield Finding("stage_once", data.site_ids[g], None, None, -1)
    if (acts & (choice.stage < 0)).any():
        return
    closes = data.decided & ~choice.open
    for s, year in enumerate(stages.years):
        now = closes & (choice.stage == s)
        if stages.closures[s] is not None:
            yield Finding("stage_closures", f"{year}, county", int(now.sum()), stages.closures[s],
                          stages.closures[s] - int(now.sum()))
        if stages.closures_township[s] is not None:
            for name, count in zip(data.townships, township_sums(data, now.astype(np.int64)).tolist(), strict=True):
                yield Finding("stage_closures", f"{year}, {name}", count, stages.closures_township[s],
                              stages.closures_township[s] - count)
    yield from _money(data, choice, hires, doctors)
    for s, year in enumerate(stages.years[:-1]):
        then = at_stage(data, choice, s)
        if data.doctors is not None and data.holds("doctor_balance"):
            need = township_sums(data, staff_needed(data, then, final=False))
            needed, stock = (by_pool(data, choice.member, n).tolist() for n in (need, stages.pool[s] + hires))
            for p, name in pool_names(data, choice.member).items():
                yield Finding("stage_doctors", f"{year}, {name}", needed[p], stock[p], stock[p] - needed[p])
        if data.holds("no_harm"):
            for ladder in data.ladders:
                held = ladder.limit_ds >= 0
                if held.any():
                    left = (ladder.limit_ds - nearest(ladder, then.open))[held].min()
                    yield Finding("stage_no_harm", f"{year}, {ladder.standard}", None, None, float(left) / 600)


def _money(data: PlanningData, choice: Choice, hires: np.ndarray, doctors: np.ndarray) -> Iterator[Finding]:
    stages, spent = data.stages, capital_by_stage(data, choice)
    for s, year in enumerate(stages.years):
        if stages.capital[s] is not None:
            run = carried(stages.carry_over, s)
            figure, limit = sum(spent[k] for k in run), sum(stages.capital[k] for k in run)
            yield Finding("stage_capital", str(year), figure, limit, limit - figure)
    cost = recurrent_by_stage(data, choice, doctors_by_stage(data, choice, hires, doctors))
    for s, year in enumerate(stages.years):
        if stages.recurrent[s] is not None:
            yield Finding("stage_recurrent", str(year), cost[s], stages.recurrent[s], stages.recurrent[s] - cost[s])


def acting(data: PlanningData, choice: Choice) -> np.ndarray:
    """Return the sites that close, are built, upgraded or kept open by posted staff (bool by site)."""
    acts = (data.decided & ~choice.open) | (choice.open & data.candidate)
    if choice.modes is not None:
        acts |= choice.modes.posted >= 0
    if data.sub_centres is not None:
        acts[data.sub_centres.hospitals[choice.sub_centre]] = True
    return acts


def undated_visits(data: PlanningData, choice: Choice) -> list[str]:
    """Return the villages without any site that are visited from no stage on, or have a stage and no visits."""
    if choice.modes is None:
        return []
    visited = ((choice.modes.circuit >= 0) | (choice.modes.neighbour >= 0)) & (data.modes.target_site < 0)
    wrong = np.flatnonzero(visited != (choice.modes.visit_stage >= 0))
    return [data.village_ids[data.modes.target_village[t]] for t in wrong.tolist()]


def guests_too_early(data: PlanningData, choice: Choice) -> list[int]:
    """Return the clinics that move into a new joint site before it stands."""
    guests = np.flatnonzero(choice.host >= 0)
    hosts = choice.host[guests]
    return guests[data.candidate[hosts] & (choice.stage[hosts] > choice.stage[guests])].tolist()


def capital_by_stage(data: PlanningData, choice: Choice) -> list[int]:
    """Return the capital spent in each stage, in yuan."""
    parts = zip(other_capital_by_stage(data, choice), works_capital_by_stage(data, choice), strict=True)
    return [other + works for other, works in parts]


def recurrent_by_stage(data: PlanningData, choice: Choice, paid: list[int]) -> list[int]:
    """Return the recurrent cost a year at the end of each stage, in yuan; ``paid``: clinic doctors paid then."""
    cost = []
    for s in range(data.stages.count):
        then = at_stage(data, choice, s)
        clinics = then.open & (data.decided | data.candidate)
        running = int(data.money.running[clinics].sum()) + works_recurrent(data, then) + mode_cost(data, then.modes)[0]
        cost.append(running + data.money.doctor * paid[s])
    return cost


def doctors_by_stage(data: PlanningData, choice: Choice, hires: np.ndarray, doctors: np.ndarray) -> list[int]:
    """Return the clinic doctors paid at the end of each stage; without the staff balance those who are needed, in the
    end ``doctors`` (by site)."""
    stages = data.stages
    if data.doctors is None or data.holds("doctor_balance"):
        more = hires_by_stage(data, choice, hires).sum(axis=1)
        return [base + int(n) for base, n in zip(stages.doctors_base, more, strict=True)]
    plans = [at_stage(data, choice, s) for s in range(stages.count - 1)]
    return [*(int(staff_needed(data, then, final=False).sum()) for then in plans), int(doctors.sum())]


def delay(data: PlanningData, choice: Choice, *, late: bool) -> int:
    """Return the stages waited, summed over all changes; with ``late`` the stages that were still to come."""
    visits = choice.modes.visit_stage if choice.modes is not None else choice.stage[:0]
    waited = np.concatenate([choice.stage, choice.work_stage, visits]).astype(np.int64)
    waited = waited[waited >= 0]
    return int((data.stages.count - 1 - waited).sum() if late else waited.sum())
