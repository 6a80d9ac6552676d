"""Indicators of access from times and people: share inside, mean, percentile. Denominators are always returned."""

from __future__ import annotations

import numpy as np

from facilityplan.access.types import HORIZON_DS
from facilityplan.units import DECISECONDS_PER_MINUTE, UNREACHABLE_DS


def states(ds: np.ndarray) -> np.ndarray:
    """Return value, beyond (more than 240 min) or unreachable (no way at all) by time (object array of str)."""
    ds = np.asarray(ds)
    return np.where(ds == UNREACHABLE_DS, "unreachable", np.where(ds > HORIZON_DS, "beyond", "value")).astype(object)


def people_inside(ds: np.ndarray, people: np.ndarray, limit_min: int) -> float:
    """Return the people whose whole minutes (rounded up) are at most ``limit_min``."""
    return float(np.sum(np.asarray(people, dtype=float)[np.asarray(ds) <= DECISECONDS_PER_MINUTE * limit_min]))


def share_inside(ds: np.ndarray, people: np.ndarray, limit_min: int) -> float | None:
    """Return the share of all ``people`` inside the circle; None where there is nobody."""
    everybody = float(np.sum(people))
    return people_inside(ds, people, limit_min) / everybody if everybody > 0 else None


def mean_minutes(ds: np.ndarray, people: np.ndarray) -> tuple[float | None, float]:
    """Return the people-weighted mean of exact minutes, and the people it speaks of: those within the horizon.

    (None, 0.0) where nobody is.
    """
    ds, people = np.asarray(ds), np.asarray(people, dtype=float)
    within = ds <= HORIZON_DS
    weight = float(people[within].sum())
    if weight <= 0:
        return None, 0.0
    return float((ds[within] * people[within]).sum()) / weight / DECISECONDS_PER_MINUTE, weight


def percentile_minutes(ds: np.ndarray, people: np.ndarray, share: float) -> float | None:
    """Return the least exact minutes that at least ``share`` of all people do not exceed.

    People beyond the horizon or without a way count as farther than everybody else; None where the percentile falls
    among them, or where there is nobody.
    """
    ds, people = np.asarray(ds), np.asarray(people, dtype=float)
    total = float(people.sum())
    if total <= 0:
        return None
    order = np.argsort(ds, kind="stable")
    reached = np.cumsum(people[order])
    at = ds[order][min(int(np.searchsorted(reached, share * total * (1 - 1e-12))), len(ds) - 1)]
    return float(at) / DECISECONDS_PER_MINUTE if at <= HORIZON_DS else None
