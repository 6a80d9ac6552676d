"""Who goes where, before and after: the nearest open full-time site of a standard's kinds, one rule for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facilityplan.access.types import NearestTimes
from facilityplan.config.schema import Standard
from facilityplan.units import DECISECONDS_PER_MINUTE, HORIZON_MIN, UNREACHABLE_DS


@dataclass(frozen=True)
class Assigned:
    """The assigned site of every cell by one standard at one time. Arrays by cell, in the order of Inputs.cells."""

    ds: np.ndarray  # int64 exact deciseconds; UNREACHABLE_DS = no way
    site: np.ndarray  # int64 row of Inputs.facilities, -1 = none
    minutes: np.ndarray  # float64, NaN unless the state is value
    state: np.ndarray  # object: value, beyond, unreachable

    def inside(self, limit_min: int) -> np.ndarray:
        """Return which cells are inside the circle (bool): whole minutes, rounded up, within the limit."""
        return self.ds <= DECISECONDS_PER_MINUTE * limit_min

    @property
    def has_value(self) -> np.ndarray:
        """Return which cells have a figure (bool)."""
        return self.state == "value"


def assigned(times: NearestTimes) -> Assigned:
    """Give states to nearest times: a value, beyond the horizon, or unreachable; never a large number."""
    ds = times.ds.astype(np.int64)
    state = np.where(ds == UNREACHABLE_DS, "unreachable",
                     np.where(ds > HORIZON_MIN * DECISECONDS_PER_MINUTE, "beyond", "value")).astype(object)
    minutes = np.where(state == "value", ds / DECISECONDS_PER_MINUTE, np.nan)
    return Assigned(ds, np.where(ds == UNREACHABLE_DS, -1, times.site).astype(np.int64), minutes, state)


@dataclass(frozen=True)
class Travel:
    """Before and after by one standard, and whose minutes count."""

    standard: Standard
    before: Assigned
    after: Assigned
    weight: np.ndarray  # float64 people of the standard's group by cell
