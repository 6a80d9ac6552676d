"""Each cell's nearest open sites, from the sorted times of a ladder."""

from __future__ import annotations

import numpy as np

from facilityplan.model.sets import LadderInput
from facilityplan.units import UNREACHABLE_DS

NEVER = np.int64(UNREACHABLE_DS)


def two_nearest(ladder: LadderInput, is_open: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each cell's time to its nearest open site, that site (-1 = none), the time to the next one (int64)."""
    cell = np.repeat(np.arange(ladder.cells), np.diff(ladder.indptr))
    at = np.flatnonzero(is_open[ladder.site])
    start = np.searchsorted(cell[at], np.arange(ladder.cells + 1))
    count = np.diff(start)
    first, second = np.full(ladder.cells, NEVER), np.full(ladder.cells, NEVER)
    site = np.full(ladder.cells, -1, dtype=np.int64)
    one, two = np.flatnonzero(count >= 1), np.flatnonzero(count >= 2)
    first[one], site[one] = ladder.ds[at[start[one]]], ladder.site[at[start[one]]]
    second[two] = ladder.ds[at[start[two] + 1]]
    return first, site, second
