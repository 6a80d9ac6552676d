"""The recount of locks and caps on closures: from data and a choice alone, no solver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from facilityplan.domain.locks import LockKind
from facilityplan.model.choice import Choice, township_sums
from facilityplan.model.sets import PlanningData


class Finding(NamedTuple):
    """What is left of a rule at one place, with the figure that it looks at and what it allows; < 0 is a breach."""

    rule: str
    place: str
    figure: float | None
    limit: float | None
    left: float


def lock_obeyed(lock, choice: Choice) -> bool:
    """Does the choice do what a lock says?"""
    if lock.do in (LockKind.KEEP, LockKind.BUILD):
        return bool(choice.open[lock.site])
    if lock.do in (LockKind.CLOSE, LockKind.FORBID):
        return not choice.open[lock.site]
    return (choice.host[lock.site] == lock.host) == (lock.do == LockKind.MERGE_INTO)


def lock_findings(data: PlanningData, choice: Choice) -> Iterator[Finding]:
    """Yield every lock that is not obeyed. An obeyed one leaves nothing to tell: it has no slack."""
    for lock in data.locks:
        if not lock_obeyed(lock, choice):
            host = f" {data.site_ids[lock.host]}" if lock.host >= 0 else ""
            yield Finding("locks", f"{data.site_ids[lock.site]} {lock.do}{host}", None, None, -1)


def closure_findings(data: PlanningData, choice: Choice) -> Iterator[Finding]:
    """Yield the caps on closures, of the county and of each township."""
    caps, closed = data.closures, data.decided & ~choice.open
    if caps is None:
        return
    if caps.total is not None:
        count = int(closed.sum())
        yield Finding("closures_total", "county", count, caps.total, caps.total - count)
    if caps.township is not None:
        counts = township_sums(data, closed.astype(np.int64))
        for name, count, most in zip(data.townships, counts.tolist(), caps.township.tolist(), strict=True):
            yield Finding("closures_township", name, count, most, most - count)
