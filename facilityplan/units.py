"""Named conversions and tolerances. Kernels count integer deciseconds; tables and rules speak in minutes."""

from __future__ import annotations

import numpy as np

DECISECONDS_PER_MINUTE = 600
DECISECONDS_PER_HOUR = 36_000
UNREACHABLE_DS = np.int32(2**31 - 1)  # saturates: adding to it never wraps (kernels check before adding)
HORIZON_MIN = 240  # beyond it a time is a state, not a figure; the objective charges the horizon
PEOPLE_SCALE = 10  # people enter the model as integer tenths of a person
PEOPLE_TOLERANCE = 0.5  # cells, villages and metrics agree within half a person


def minutes_exact(deciseconds: np.ndarray) -> np.ndarray:
    """Convert deciseconds to minutes as float64; UNREACHABLE_DS becomes NaN."""
    ds = np.asarray(deciseconds)
    return np.where(ds == UNREACHABLE_DS, np.nan, ds / DECISECONDS_PER_MINUTE)


def minutes_whole(deciseconds: np.ndarray) -> np.ndarray:
    """Round deciseconds up to whole minutes, once, for rules and ladders; UNREACHABLE_DS stays UNREACHABLE_DS."""
    ds = np.asarray(deciseconds, dtype=np.int64)
    return np.where(ds == UNREACHABLE_DS, ds, -(-ds // DECISECONDS_PER_MINUTE)).astype(np.int32)


def people_tenths(people: np.ndarray) -> np.ndarray:
    """Scale people to integer tenths of a person (int64), the one rounding that the model makes."""
    return np.rint(np.asarray(people, dtype=float) * PEOPLE_SCALE).astype(np.int64)
