"""The data of fairness: Kolm–Pollak curves as whole numbers, limits, and the parts of weighted stages."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from facilityplan.model.sets import ObjectiveStage


@dataclass(frozen=True)
class Curve:
    """Kolm–Pollak on one ladder: φ(m) = e^{κ m} as whole numbers, straight along its tangent beyond ``bend``."""

    ladder: int  # position in PlanningData.ladders
    kappa: Decimal  # per minute
    bend: int  # minutes from where φ goes straight on
    cost: np.ndarray  # int64 (HORIZON_MIN + 1,) φ(m) in units of 1 / KP_UNIT
    divisor: int  # KP_UNIT times a power of ten: w φ counts in units of divisor / KP_UNIT tenths of people

    def of(self, weight: np.ndarray, minutes: np.ndarray) -> np.ndarray:
        """Return w · φ(m) for each cell, rounded half up to whole units (int64)."""
        return (2 * weight * self.cost[minutes] + self.divisor) // (2 * self.divisor)


@dataclass(frozen=True)
class FairnessLimit:
    """At most ``limit`` of a measure, in one township or (None) in the county, in the measure's whole units."""

    item: int  # position in the config's rules.fairness
    measure: str  # domain.fairness.MEASURES
    ladder: int
    curve: int | None  # position in PlanningData.curves, for kolm_pollak
    township: int | None
    limit: int
    people: int  # tenths of people of the group there who have a way


@dataclass(frozen=True)
class Tolerance:
    """What later stages may give away of a stage: a share of its own best value, or so many model units."""

    share: Fraction | None
    units: int | None

    def of(self, value: int) -> int:
        """Return the whole units that later stages may add to ``value``; a cost that works save below nothing is below
        zero, of which the share is one of its size."""
        return int(self.share * abs(value)) if self.share is not None else int(self.units or 0)


@dataclass(frozen=True)
class StagePart:
    """One part of a weighted stage: ``factor`` whole units of the sum for one model unit of the part."""

    stage: ObjectiveStage
    weight: Decimal
    factor: int
