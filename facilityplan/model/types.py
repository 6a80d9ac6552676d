"""What the model takes and gives. Status, bound and values are kept apart: values exist only when usable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

SolveStatus = Literal["optimal", "feasible", "infeasible", "unbounded", "no_solution", "error"]


@dataclass(frozen=True)
class Solution:
    """One solve of one integer program. ``optimal`` only where the bound proves it, never on the solver's word."""

    status: SolveStatus
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    values: np.ndarray | None  # float64 by column, rounded to integers where the column is one; None unless usable


@dataclass(frozen=True)
class PartResult:
    """One part of a weighted stage: what the decisions come to in its own unit, and what a unit counts for."""

    name: str
    weight: float
    value: float


@dataclass(frozen=True)
class ToleranceUse:
    """What later stages were allowed to give away of a stage, and what they did, from its best value."""

    best: float
    allowed: float
    used: float


@dataclass(frozen=True)
class StageResult:
    """One stage of the lexicographic objective, in the units of `plan.json`.

    ``value`` is what the decisions come to; with a tolerance it may exceed the stage's best, of which the gap speaks.
    """

    name: str
    value: float
    bound: float
    gap: float
    seconds: float
    parts: tuple[PartResult, ...] = ()
    tolerance: ToleranceUse | None = None


@dataclass(frozen=True)
class SolveReport:
    """How a plan was found (contract: plan.json `solve`)."""

    status: SolveStatus
    stages: tuple[StageResult, ...]
    seconds: float
    reproducible: bool
    model_size: Mapping[str, int] = field(default_factory=dict)  # columns, rows, nonzeros, ladder sets, patterns …
    slacks: Mapping[str, float] = field(default_factory=dict)  # rule id → what is left before it binds (0 = binds)
