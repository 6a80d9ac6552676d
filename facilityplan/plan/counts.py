"""What the plan's tables and metrics count from the decisions: doctors, people by site, money.

Nothing here looks at the solver's figures. The verifier counts the same things once more with its own code.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import CLINIC_KINDS, Action, FacilityKind, ServiceMode
from facilityplan.domain.sites import is_candidate, is_decided
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.mode_counts import count_modes
from facilityplan.units import people_tenths


def yuan(value: float | Decimal) -> int:
    """Round to whole yuan, halves upward: once per item, so that any two people add up the same bill."""
    return int(Decimal(str(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True)
class SiteCounts:
    """Figures by facility, in the order of ``inputs.facilities``; one entry each, candidates not built included."""

    doctors_before: np.ndarray  # float64, NaN = not known and nothing assumed
    doctors_after: np.ndarray  # float64, NaN = not known; 0 at closed sites
    clinic_doctors_after: np.ndarray  # float64, of them paid from the clinics' money: a hospital's own doctors left out
    people_served: np.ndarray  # float64, own village's share and guests; NaN = not a site that serves a village
    capital_cny: np.ndarray  # int64
    annual_cny: np.ndarray  # int64, under the plan
    annual_before_cny: np.ndarray  # int64


def village_people(inputs: Inputs, column: str = "people") -> pd.Series:
    """Return people by village id as the sum of its cells (float64; 0 where it has none)."""
    return inputs.cells.groupby("village")[column].sum().reindex(inputs.villages["id"], fill_value=0.0)


def doctors_today(config: Config, inputs: Inputs) -> np.ndarray:
    """Return doctors in post by facility (float64), the assumed number where a public clinic's is not known."""
    doctors = inputs.facilities["doctors"].astype("Float64").to_numpy(float, na_value=np.nan)
    rules = config.rules.doctors
    if rules is not None and rules.assumed_per_clinic is not None:
        doctors = np.where(np.isnan(doctors) & is_decided(inputs.facilities), float(rules.assumed_per_clinic), doctors)
    return doctors


def site_people(inputs: Inputs, *, tenths: bool = False) -> np.ndarray:
    """Return people by facility: its village's people shared evenly among the village's public clinics (float64).

    Sites that are not decided have 0, but for a candidate in a village without a public clinic: it has them all.
    ``tenths``: exact tenths of people, each cell rounded for itself, as fractions (object).
    """
    facilities = inputs.facilities
    decided = is_decided(facilities)
    clinics = Counter(facilities.loc[decided, "village"].dropna())
    people = village_people(inputs).to_dict()
    candidate = is_candidate(facilities)
    if tenths:
        whole = inputs.cells.assign(n=people_tenths(inputs.cells["people"].to_numpy())).groupby("village")["n"].sum()
        return np.array([Fraction(int(whole.get(v, 0)), max(1, clinics[v])) if d or (c and not clinics[v])
                         else Fraction(0) for v, d, c in zip(facilities["village"], decided, candidate, strict=True)])
    return np.array([people.get(v, 0.0) / max(1, clinics[v]) if d or (c and not clinics[v]) else 0.0
                     for v, d, c in zip(facilities["village"], decided, candidate, strict=True)])


def merges(decision: SiteDecision) -> bool:
    """Does the clinic close into a host, not to be visited instead?"""
    return decision.action is Action.CLOSE and decision.service is None


def count_sites(config: Config, inputs: Inputs, decisions: Decisions) -> SiteCounts:
    """Count doctors, people and money of every facility under ``decisions``."""
    facilities, costs = inputs.facilities, config.costs
    ids = facilities["id"].tolist()
    position = {i: row for row, i in enumerate(ids)}
    decided = is_decided(facilities)
    before = doctors_today(config, inputs)
    hospital = (facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL).to_numpy(bool)
    clinic_kind = facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    built = np.array([i in decisions.sites and decisions.sites[i].action is Action.BUILD for i in ids]) & clinic_kind
    is_open = np.array([i in decisions.sites and decisions.sites[i].is_open for i in ids])

    own_after = own_doctors_after(config, inputs, decisions, before)
    after = np.where(is_open, own_after, 0.0)
    for i, decision in decisions.sites.items():
        if decision.doctors is not None:
            after[position[i]] = decision.doctors
    if config.rules.doctors is None:  # nobody places doctors: those of a merged clinic move to its host
        for i, decision in decisions.sites.items():
            if decision.merged_into is not None and not np.isnan(before[position[i]]):
                host = position[decision.merged_into]
                after[host] = np.nan_to_num(after[host]) + before[position[i]]
    extra = count_modes(config, inputs, decisions)
    paid = np.where((decided | built) & ~extra.posted, np.nan_to_num(after), 0.0)
    posted_out = np.where(np.isnan(own_after), 0, extra.posted_out)  # taken off its own only where these are known
    paid += np.where(hospital & is_open, np.nan_to_num(after) - np.nan_to_num(own_after) + posted_out, 0.0)

    own = site_people(inputs)
    served = np.where((decided | built) & is_open, own, np.nan)
    for i, decision in decisions.sites.items():
        if decision.merged_into is not None:
            host = position[decision.merged_into]
            served[host] = np.nan_to_num(served[host]) + own[position[i]]
        if decision.service is ServiceMode.NEIGHBOUR:
            host = position[decision.served_from]
            served[host] = np.nan_to_num(served[host]) + own[position[i]]
    everybody = village_people(inputs)
    for village, visit in decisions.visits.items():
        if visit.service is ServiceMode.NEIGHBOUR:
            served[position[visit.served_from]] += everybody[village]

    area = facilities["floor_area_m2"].to_numpy(float)
    area = np.where(np.isnan(area), costs.assumed_floor_area.value, area)
    fixed, per_m2 = Decimal(str(costs.clinic_fixed.value)), Decimal(str(costs.clinic_per_m2.value))
    running = np.array([yuan(fixed + per_m2 * Decimal(str(float(a)))) for a in area], dtype=np.int64)
    doctor = yuan(costs.doctor.value)
    capital = np.zeros(len(ids), dtype=np.int64)
    for i, decision in decisions.sites.items():
        capital[position[i]] = (yuan(costs.build_clinic.value) * bool(built[position[i]])
                                + yuan(costs.merge_works.value) * merges(decision)
                                + yuan(costs.upgrade_sub_centre.value) * decision.sub_centre
                                + yuan(costs.circuit_vehicle.value) * decision.teams)
    recurrent = extra.annual_cny.copy()
    for work in config.rules.works:
        if work.id in decisions.works:
            capital[position[work.facility]] += yuan(work.capital.value)
            recurrent[position[work.facility]] += yuan(work.recurrent_cny)
    for floor in config.rules.attributes:
        for i in decisions.equipped.get(floor.id, ()):
            capital[position[i]] += yuan(floor.equip_cny or 0)
    return SiteCounts(
        doctors_before=before, doctors_after=after, clinic_doctors_after=paid, people_served=served,
        capital_cny=capital,
        annual_cny=np.where((decided & is_open) | built, running, 0) + (doctor * paid).astype(np.int64) + recurrent,
        annual_before_cny=np.where(decided, running + doctor * np.nan_to_num(before).astype(np.int64), 0))


def own_doctors_after(config: Config, inputs: Inputs, decisions: Decisions, before: np.ndarray) -> np.ndarray:
    """Return doctors by facility with works done, before any is placed (float64; NaN = not known).

    A hospital's own ones and what works add; those of one that relocates stand at its new place.
    """
    own = before.copy()
    row = {i: k for k, i in enumerate(inputs.facilities["id"])}
    hospital = ~inputs.facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    done = [w for w in config.rules.works if w.id in decisions.works and hospital[row[w.facility]]]
    for work in done:
        own[row[work.facility]] += work.adds.doctors
    for work in done:
        if work.kind == "relocate":
            own[row[work.to]], own[row[work.facility]] = own[row[work.facility]], 0.0
    return own
