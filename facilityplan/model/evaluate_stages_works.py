"""The pure recount of works by stage: what is ready when, and who pays in which year. No solver, no rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facilityplan.domain.payments import Bill, Payments, Source
from facilityplan.model.choice import Choice, at_stage, staff_needed
from facilityplan.model.choice_works import rooms_after
from facilityplan.model.evaluate_locks import Finding
from facilityplan.model.evaluate_works import eligible_after
from facilityplan.model.mode_choice import mode_cost
from facilityplan.model.sets import PlanningData


def staged_work_findings(data: PlanningData, choice: Choice) -> Iterator[Finding]:
    """Yield what every rule for works in years looks at; nothing where the plan has no years or no works."""
    if data.stages is None or data.works is None:
        return
    works, stages = data.works, data.stages
    for p in np.flatnonzero(choice.works != (choice.work_stage >= 0)).tolist():
        yield Finding("stage_once", works.ids[p], None, None, -1)
    if (choice.works & (choice.work_stage < 0)).any():
        return
    for p in np.flatnonzero(choice.works).tolist():
        early = int(choice.work_stage[p] - works.earliest[p])
        yield Finding("stage_earliest", works.ids[p], None, None, early)
    for s, year in enumerate(stages.years[:-1]):
        yield from _ready(data, at_stage(data, choice, s), year)
    if stages.funding:
        spare = Payments(bills_by_stage(data, choice), sources_by_stage(data)).spare()
        yield Finding("stage_funding", "county", None, None, float("inf") if spare is None else spare)


def _ready(data: PlanningData, then: Choice, year: int) -> Iterator[Finding]:
    if data.sub_centres is not None:
        for k in np.flatnonzero(then.sub_centre).tolist():
            site = int(data.sub_centres.hospitals[k])
            ready = then.open[site] and (not data.holds("sub_centre_eligible") or eligible_after(data, then, k))
            yield Finding("stage_ready", f"{data.site_ids[site]}, {year}", None, None, 0 if ready else -1)
    if data.doctors is None or not data.holds("doctor_rooms"):
        return
    need, rooms = staff_needed(data, then, final=False), rooms_after(data, then.works)
    for j in np.flatnonzero((need > 1) & ~data.hospital).tolist():
        left = int(rooms[j] - need[j])
        yield Finding("stage_ready", f"{data.site_ids[j]}, {year}", int(need[j]), int(rooms[j]), left)


def bills_by_stage(data: PlanningData, choice: Choice) -> list[Bill]:
    """Return what must be paid in which stage: each work done, and other capital."""
    works, names = data.works, data.works.source_ids
    found = [
        Bill(works.ids[p], int(choice.work_stage[p]), int(works.capital[p]),
             tuple(names[a] for a in sorted(works.sources[p])))
        for p in np.flatnonzero(choice.works).tolist()
    ]  # fmt: skip
    others = other_capital_by_stage(data, choice)
    return found + [Bill(f"other capital {s}", s, yuan, names) for s, yuan in enumerate(others)]


def sources_by_stage(data: PlanningData) -> list[Source]:
    """Return the sources that may pay, each with what it gives in all and by stage."""
    works, stages = data.works, data.stages
    amount = works.amount if data.holds("funding_amount") else (None,) * len(works.amount)
    ruled_out = works.no_debt and data.holds("no_debt")
    given = stages.funding or ((None,) * len(amount),) * stages.count
    carry = stages.funding_carry or ((False,) * len(amount),) * stages.count
    return [
        Source(name, amount[a], [row[a] for row in given], [row[a] for row in carry])
        for a, name in enumerate(works.source_ids)
        if not (works.debt[a] and ruled_out)
    ]


def other_capital_by_stage(data: PlanningData, choice: Choice) -> list[int]:
    """Return the yuan spent in each stage on clinics built and merged, sub-centres and teams' vehicles."""
    money, upgraded = data.money, np.zeros(len(choice.open), dtype=bool)
    if data.sub_centres is not None:
        upgraded[data.sub_centres.hospitals[choice.sub_centre]] = True
    each = money.merge * (choice.host >= 0) + money.build * (choice.open & data.candidate) + money.upgrade * upgraded
    vehicles = [0, *(mode_cost(data, at_stage(data, choice, s).modes)[1] for s in range(data.stages.count))]
    return [int(each[choice.stage == s].sum()) + vehicles[s + 1] - vehicles[s] for s in range(data.stages.count)]


def works_capital_by_stage(data: PlanningData, choice: Choice) -> list[int]:
    """Return the yuan spent in each stage on works."""
    if data.works is None:
        return [0] * data.stages.count
    return [int(data.works.capital[choice.works & (choice.work_stage == s)].sum()) for s in range(data.stages.count)]
