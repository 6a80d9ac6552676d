"""Locks and caps on closures as plain data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LockRow:
    """One decision fixed in advance. Host rules in ``override`` (bits of HOST_RULES) do not hold for its pair."""

    site: int
    do: str  # domain.locks.LockKind
    host: int = -1
    override: int = 0


@dataclass(frozen=True)
class ClosureData:
    """Clinics that may close; None = any number."""

    total: int | None
    township: np.ndarray | None  # int64 (townships,)
