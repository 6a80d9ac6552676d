"""Why a merger is refused by works or money: a work at the clinic, sources that cannot pay, balances that fall."""

from __future__ import annotations

import dataclasses

import numpy as np

from facilityplan.domain.decisions import Decisions
from facilityplan.model.choice import Choice, staff_needed, township_sums
from facilityplan.model.choice_works import done_at
from facilityplan.model.evaluate_works import count_balance, count_funding
from facilityplan.model.sets import PlanningData
from facilityplan.model.staff_pools import settle_pools

Refusal = tuple[str | None, float | None, float | None]


def refused_by_works(data: PlanningData, choice: Choice, guest: int, host: int) -> Refusal | None:
    """Return the first rule of the block that breaks when ``guest`` alone merges into ``host``, or None."""
    if data.works is None:
        return None
    if done_at(data, choice.works, guest):
        return "work_site", None, None
    is_open, hosts = choice.open.copy(), choice.host.copy()
    is_open[guest], hosts[guest] = False, host
    flipped = dataclasses.replace(choice, open=is_open, host=hosts)
    doctors = np.zeros(len(is_open), dtype=np.int64)
    reserve: dict[str, int] = {}
    if data.doctors is not None:
        doctors = staff_needed(data, flipped)
        if data.holds("doctor_balance"):
            needed = township_sums(data, doctors)
            pools = settle_pools(data, choice.member, needed)
            left = data.doctors.pool + pools.hires + pools.moved - needed
            reserve = {t: int(n) for t, n in zip(data.townships, left, strict=True)}
    broken: list[Refusal] = []

    def note(rule: str, _: str, figure: float | None, limit: float | None, *, left: float) -> None:
        if left < 0 and data.holds(rule):
            broken.append((rule, figure, limit))

    count_funding(data, flipped, note)
    count_balance(data, Decisions({}, {}, {}, reserve), flipped, doctors, note)
    return broken[0] if broken else None
