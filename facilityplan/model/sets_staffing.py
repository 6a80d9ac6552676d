"""Staffing in depth as plain data: patients at the nearest site, posts to fill, least doctors by a clinic's people."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class PatientData:
    """Everybody of a standard's group is a patient of the nearest open site, inside the horizon."""

    ladder: int  # position in PlanningData.ladders
    capacity: int  # tenths of people that one doctor can take
    limit: int | None  # tenths of people beyond capacity in the county at most; None = any number


@dataclass(frozen=True)
class PostsToFill:
    """Least share of the posts by the norm that is filled."""

    wanted: np.ndarray  # int64 (townships,) posts by the norm
    people: np.ndarray  # int64 (townships,) tenths of people
    share: Fraction
    per_township: bool


@dataclass(frozen=True)
class LeastDoctors:
    """Least doctors of a clinic by its people."""

    bands: tuple[tuple[int, int], ...]  # (from people in units of 1 / load_scale, doctors), both rising
    exempt: bool  # a clinic without guests needs no more than it has today

    def of(self, people: np.ndarray) -> np.ndarray:
        """Return the least doctors for these people (int64; 0 below the first band)."""
        starts = np.array([start for start, _ in self.bands], dtype=np.int64)
        doctors = np.array([0, *(least for _, least in self.bands)], dtype=np.int64)
        return doctors[np.searchsorted(starts, people, side="right")]


@dataclass(frozen=True)
class StaffingData:
    """What is asked of doctors beside capacity, rooms and balance; None = not asked."""

    patients: PatientData | None = None
    fill: PostsToFill | None = None
    least: LeastDoctors | None = None

    def asks(self, rule: str) -> bool:
        """Does the config ask for this rule (domain.rules id)?"""
        limit = None if self.patients is None else self.patients.limit
        asked = {"doctor_minimum": self.least, "fill_posts": self.fill, "patient_overload": limit}
        return asked[rule] is not None
