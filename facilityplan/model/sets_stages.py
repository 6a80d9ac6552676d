"""Stages (years) as plain data: money, caps and the doctors who are left at the end of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class StageData:
    """Every tuple is by stage; None = no limit. Money in whole yuan."""

    years: tuple[int, ...]
    capital: tuple[int | None, ...]
    carry_over: tuple[bool, ...]
    recurrent: tuple[int | None, ...]
    closures: tuple[int | None, ...]
    closures_township: tuple[int | None, ...]
    pool: np.ndarray | None  # int64 (stages, townships) doctors today less all retired so far; None = no doctor rules
    doctors_base: tuple[int, ...]  # clinic doctors paid at the end of the stage without any hire
    funding: tuple[tuple[int | None, ...], ...] = ()  # by stage, by source of WorksData; None = no limit of that year
    funding_carry: tuple[tuple[bool, ...], ...] = ()  # by stage, by source: what is left of the stage before is there

    @property
    def count(self) -> int:
        """Number of stages."""
        return len(self.years)

    def index(self, year: int | None) -> int:
        """Return the position of a year, -1 where there is no such stage."""
        return self.years.index(year) if year in self.years else -1
