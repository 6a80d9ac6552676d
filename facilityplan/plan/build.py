"""From decisions to a plan: tables and figures, all counted from the decisions alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from facilityplan.access import nearest
from facilityplan.access.geography import island_notes
from facilityplan.access.types import Access, Geography
from facilityplan.config.schema import Config, Standard
from facilityplan.domain.columns import PLAN_STAFFING, REFUSALS
from facilityplan.domain.decisions import Decisions
from facilityplan.inputs.tables import Inputs
from facilityplan.model.types import SolveReport
from facilityplan.plan.assigned import Travel, assigned
from facilityplan.plan.bill import bill_of, staff_of
from facilityplan.plan.calendar import week_blocks, week_notes, week_of
from facilityplan.plan.centre_figures import attribute_figures, catchment_figures, centre_figures, centre_notes
from facilityplan.plan.clauses import compliance
from facilityplan.plan.consortia import consortia_table, consortium_notes, doctors_moved, exempt_townships
from facilityplan.plan.counts import count_sites, doctors_today, yuan
from facilityplan.plan.fairness import fairness_figures
from facilityplan.plan.groupings import groupings
from facilityplan.plan.indicators import Situation
from facilityplan.plan.locks import lock_texts
from facilityplan.plan.metrics import open_villages, plan_metrics
from facilityplan.plan.money import balances, money_notes, money_of
from facilityplan.plan.notes import plan_notes
from facilityplan.plan.periodic import PeriodicMinutes, days_of, mode_metrics
from facilityplan.plan.staffing import site_staffing, staffing_metrics, township_staffing
from facilityplan.plan.stages import PlanInYears
from facilityplan.plan.tables import cells_table, facilities_table, table, villages_table
from facilityplan.plan.types import Plan
from facilityplan.routes import Week
from facilityplan.units import DECISECONDS_PER_MINUTE, UNREACHABLE_DS

if TYPE_CHECKING:
    from facilityplan.config import LoadedConfig

NOT_BINDING_SHARE = 0.99  # a standard that so many meet today does not bind


def build_plan(loaded: LoadedConfig, inputs: Inputs, geography: Geography, access: Access, decisions: Decisions,
               report: SolveReport, refusals: pd.DataFrame, week: Week | None = None) -> Plan:
    """Return the plan that ``decisions`` make, every figure recomputed from them (not yet verified).

    ``week``: plan.calendar.week_of the same decisions, where it is at hand.
    """
    config = loaded.config
    week = week_of(config, inputs, geography, decisions) if week is None else week
    travels = [travel_of(standard, inputs, geography, access, decisions) for standard in config.standards]
    first = travels[0]
    sites = count_sites(config, inputs, decisions)
    doctors = doctors_today(config, inputs)
    visits = PeriodicMinutes(inputs, geography, first.standard.mode)
    villages = villages_table(inputs, decisions, first, doctors, HostMinutes(config, inputs, geography, access),
                              days_of(config), lambda fate, v, rows: visits(fate.mode, fate.clinic, v, rows))
    in_years = PlanInYears(config, inputs, access, decisions) if config.rules.stages else None
    vehicles = {} if in_years is None else in_years.vehicles_cny()
    money = money_of(config, inputs, decisions, sites, sum(decisions.reserve.values()), vehicles)
    staff = site_staffing(config, inputs, decisions, sites, travels)
    townships = township_staffing(config, inputs, decisions, sites, staff)
    staffing = None if townships is None else table(PLAN_STAFFING, townships)
    facilities = facilities_table(inputs, decisions, sites, first, staff, lock_texts(config), money)
    metrics = plan_metrics(
        inputs, travels, villages, facilities, sites, reserve_doctors=sum(decisions.reserve.values()),
        hires=sum(decisions.hires.values()), doctor_cny=yuan(config.costs.doctor.value),
        served=open_villages(inputs, decisions.open_sites()), data_basis=config.county.data_basis,
        fairness=fairness_figures(config, inputs, access, travels))
    metrics |= {} if money is None else money.metrics
    if in_years is not None:
        metrics["by_stage"] = in_years.metrics(
            lambda is_open: people_within(first.standard, inputs, geography, is_open, first.weight))
    metrics |= mode_metrics(config, inputs, geography, decisions, first, villages)
    metrics |= staffing_metrics(config, staffing, staff, travels)
    binding = {t.standard.id: _binds(t) for t in travels}
    consortia = consortia_table(inputs, access, decisions, villages, facilities,
                                doctors_moved(config, inputs, decisions, sites))
    notes = (*inputs.notes, *island_notes(config, inputs, geography),
             *plan_notes(config, inputs, binding, decisions, metrics, report.slacks),
             *consortium_notes(config, consortia, decisions, exempt_townships(config, inputs, access)),
             *money_notes(config, decisions),
             *centre_notes(config, inputs, access, decisions),
             *week_notes(week, inputs, in_years=in_years is not None))
    county = config.county
    answers = () if not config.clauses else compliance(Situation(
        config, inputs, geography, access, decisions, villages, facilities, refusals, metrics,
        () if money is None else money.funding, balances(config, inputs, decisions, sites)[1]))
    return Plan(
        county=county.name, county_en=county.name_en, scenario=loaded.scenario,
        scenario_name=loaded.scenario_name,
        data_basis=county.data_basis, standards=config.standards, binding=binding, decisions=decisions, solve=report,
        villages=villages, facilities=facilities, cells=cells_table(inputs, first),
        refusals=table(REFUSALS, refusals.sort_values(["clinic", "host"], kind="stable").to_dict("list")),
        metrics=metrics, notes=notes, consortia=consortia, money=money, staffing=staffing, compliance=answers,
        sources=county.sources, review_number=county.review_number,
        centres=centre_figures(config, inputs, access, decisions),
        attributes=attribute_figures(config, inputs, access, decisions),
        groupings=groupings(config, inputs, access, decisions),
        catchments=catchment_figures(config, inputs, access, decisions),
        bill=bill_of(config, inputs, decisions, vehicles), staff=staff_of(config, inputs, decisions),
        **week_blocks(week), legs=week.legs)


def travel_of(standard: Standard, inputs: Inputs, geography: Geography, access: Access, decisions: Decisions) -> Travel:
    """Return who goes where by ``standard`` today and under the plan, and how many people that is by cell."""
    facilities = inputs.facilities
    counts = facilities["kind"].isin([str(k) for k in standard.kinds]).to_numpy(bool)
    is_open = facilities["id"].isin(decisions.open_sites()).to_numpy(bool) & counts
    after = nearest(geography.networks[standard.mode], geography.cells[standard.mode],
                    geography.facilities[standard.mode], is_open)
    weight = inputs.cells["people_65" if standard.group == "age65" else "people"].to_numpy(float)
    return Travel(standard, assigned(access.today[standard.id]), assigned(after), weight)


def people_within(standard: Standard, inputs: Inputs, geography: Geography, is_open: frozenset[str],
                  weight: np.ndarray) -> float:
    """Return how many of the group (``weight`` by cell) are inside the circle when these facilities are open."""
    facilities = inputs.facilities
    counts = facilities["kind"].isin([str(k) for k in standard.kinds]) & facilities["id"].isin(is_open)
    found = assigned(nearest(geography.networks[standard.mode], geography.cells[standard.mode],
                             geography.facilities[standard.mode], counts.to_numpy(bool)))
    return float(weight[found.inside(standard.limit_min)].sum())


class HostMinutes:
    """Minutes from an old clinic to its host by the first standard's mode, exact; None where there is no way."""

    def __init__(self, config: Config, inputs: Inputs, geography: Geography, access: Access) -> None:
        self._mode, self._geography, self._times = config.standards[0].mode, geography, access.sites
        self._rows = {i: row for row, i in enumerate(inputs.facilities["id"])}
        self._origins = {i: row for row, i in enumerate(access.sites.origin_ids.tolist())}

    def __call__(self, clinic: str, host: str) -> float | None:
        """Return the minutes from ``clinic`` to ``host`` (facility ids)."""
        times, row = self._times, self._origins[clinic]
        pairs = slice(times.indptr[row], times.indptr[row + 1])
        hit = np.flatnonzero(times.site_ids[times.site[pairs]] == host)
        ds = int(times.ds[pairs][hit[0]]) if len(hit) else self._beyond_the_cutoff(clinic, host)
        return None if ds == UNREACHABLE_DS else ds / DECISECONDS_PER_MINUTE

    def _beyond_the_cutoff(self, clinic: str, host: str) -> int:
        points = self._geography.facilities[self._mode]
        only_host = np.zeros(len(self._rows), dtype=bool)
        only_host[self._rows[host]] = True
        return int(nearest(self._geography.networks[self._mode], points, points, only_host).ds[self._rows[clinic]])


def _binds(travel: Travel) -> bool:
    total = travel.weight.sum()
    inside = travel.weight[travel.before.inside(travel.standard.limit_min)].sum()
    return not (total > 0 and inside >= NOT_BINDING_SHARE * total)
