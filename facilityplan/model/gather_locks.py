"""Locks and caps on closures from the config, as positions and whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from facilityplan.config.schema import Config
from facilityplan.model.gather_rules import exact
from facilityplan.model.hosts import RULE_BIT
from facilityplan.model.sets_locks import ClosureData, LockRow


def lock_rows(config: Config, site_ids: Sequence[str]) -> tuple[LockRow, ...]:
    """Return the locks in canonical order: site, kind, host. Ids that are no site were refused when data were read."""
    row = {i: k for k, i in enumerate(site_ids)}
    found = [
        LockRow(row[lock.site], lock.do, row.get(lock.host, -1), sum(RULE_BIT[r] for r in set(lock.override)))
        for lock in config.rules.locks
    ]
    return tuple(sorted(found, key=lambda lock: (lock.site, lock.do, lock.host)))


def closure_data(config: Config, decided: np.ndarray, site_township: np.ndarray, townships: int) -> ClosureData | None:
    """Return the caps on closures, None where there are none; a share is of a township's public clinics, floored."""
    rule = config.rules.closures
    if rule.max_total is None and rule.max_per_township is None and rule.max_share_per_township is None:
        return None
    clinics = np.bincount(site_township[decided], minlength=townships)
    limits = []
    if rule.max_per_township is not None:
        limits.append(np.full(townships, rule.max_per_township))
    if rule.max_share_per_township is not None:
        limits.append(np.array([math.floor(exact(rule.max_share_per_township) * int(n)) for n in clinics]))
    return ClosureData(rule.max_total, np.minimum.reduce(limits).astype(np.int64) if limits else None)
