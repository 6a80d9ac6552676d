"""The plan: tables that follow domain.columns, figures recomputed from the decisions alone, and the verifier's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from facilityplan.config.schema import Standard
from facilityplan.domain.decisions import Decisions
from facilityplan.errors import Text
from facilityplan.model.types import SolveReport


@dataclass(frozen=True)
class Verification:
    """The verifier's word: ``ok`` only where at least one check ran and none failed."""

    ok: bool
    checks: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """One solved scenario, complete: everything that any output shows is in here or in Inputs."""

    county: str
    county_en: str
    scenario: str
    scenario_name: Text
    data_basis: Literal["real", "synthetic", "assumed"]
    standards: tuple[Standard, ...]
    binding: Mapping[str, bool]  # standard id → does it bind (False where ≥ 99 % meet it today)
    decisions: Decisions
    solve: SolveReport
    villages: pd.DataFrame  # domain.columns.PLAN_VILLAGES
    facilities: pd.DataFrame  # domain.columns.PLAN_FACILITIES
    cells: pd.DataFrame  # domain.columns.PLAN_CELLS
    refusals: pd.DataFrame  # domain.columns.REFUSALS
    metrics: Mapping[str, Any]  # contract: plan.json `metrics`; further standards under their id
    notes: tuple[Text, ...]
    verified: Verification | None = None
