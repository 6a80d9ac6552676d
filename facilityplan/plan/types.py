"""The plan: tables that follow domain.columns, figures recomputed from the decisions alone, and the verifier's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
from shapely import LineString

from facilityplan.config.schema import Source, Standard
from facilityplan.domain.decisions import Decisions
from facilityplan.errors import Text
from facilityplan.model.types import SolveReport
from facilityplan.plan.bill import Bill
from facilityplan.plan.claims import Verification
from facilityplan.plan.money import Money
from facilityplan.routes import Key

__all__ = ["Plan", "Verification"]


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
    bill: Bill | None = None  # what it costs line by line, with ranges; for people to read, not in plan.json
    staff: pd.DataFrame | None = None  # who staffs which township (plan.bill.staff_of), likewise
    money: Money | None = None  # works and money, None where the block is off
    verified: Verification | None = None
    sources: tuple[Source, ...] = ()  # config county.sources, credited on every output
    consortia: tuple[Mapping[str, Any], ...] = ()  # contract: plan.json `consortia`; empty where none are formed
    staffing: pd.DataFrame | None = None  # domain.columns.PLAN_STAFFING, where doctors are part of the plan
    review_number: str | None = None  # config county.review_number (审图号), where one has been granted
    # figures of plan.centre_figures, as plan.json holds them; empty where the block is off
    centres: tuple[Mapping[str, Any], ...] = ()  # service centres, by id
    attributes: tuple[Mapping[str, Any], ...] = ()  # attribute floors, by id
    prices: tuple[Mapping[str, Any], ...] = ()  # named mergers, priced; empty where the config asks for none
    compliance: tuple[Mapping[str, Any], ...] = ()  # the answer to every clause, in the config's order
    groupings: tuple[Mapping[str, Any], ...] = ()  # consortia and catchments against today's, plan.groupings
    catchments: tuple[Mapping[str, Any], ...] = ()  # sub-centres' catchments, where the finer rules are used
    # figures of plan.calendar, as plan.json holds them; empty where nobody is visited
    routes: tuple[Mapping[str, Any], ...] = ()  # days of circuit teams, by base, weekday and team
    circuit_weeks: tuple[Mapping[str, Any], ...] = ()  # bases of circuit teams, by id
    calendar: tuple[Mapping[str, Any], ...] = ()  # visited places and their weekdays
    legs: Mapping[tuple[Key, Key], LineString] = field(default_factory=dict)
    # ways between a route's stops along the roads (county CRS): for drawing, not in plan.json
