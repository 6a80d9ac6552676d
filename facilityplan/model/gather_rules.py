"""What the rules need beside geography: floors, doctors, money and sub-centres, as whole numbers."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.config.works import moves
from facilityplan.domain.kinds import CLINIC_KINDS
from facilityplan.domain.staff import retirements
from facilityplan.model.sets import CircleFloor, DoctorData, LadderInput, MoneyData, SubCentreData
from facilityplan.units import PEOPLE_SCALE, UNREACHABLE_DS, minutes_whole


def whole_yuan(amount: float | Decimal) -> int:
    """Round half up to whole yuan."""
    return int(Decimal(str(amount)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def exact(share: float) -> Fraction:
    """Return the decimal number that a config shows as an exact fraction."""
    return Fraction(str(share))


def ladder_of(config: Config, standard_id: str | None) -> int:
    """Return the position of a standard; None = the first."""
    return [s.id for s in config.standards].index(config.standard(standard_id).id)


def circle_floors(
    config: Config, ladders: tuple[LadderInput, ...], village_township: np.ndarray
) -> tuple[CircleFloor, ...]:
    """Return the floors under circle shares: at most ⌊(1 − β) · people⌋ tenths outside, by county or township."""
    floors = []
    for rule in config.rules.circle_share:
        k = ladder_of(config, rule.standard)
        ladder = ladders[k]
        totals: list[tuple[int | None, int]] = [(None, int(ladder.weight.sum()))]
        if rule.per_township:
            cell_township = np.where(ladder.village >= 0, village_township[ladder.village], -1)
            totals += [
                (int(t), int(ladder.weight[cell_township == t].sum())) for t in np.unique(cell_township) if t >= 0
            ]
        floors += [CircleFloor(k, t, math.floor((1 - exact(rule.min_share)) * total), total) for t, total in totals]
    return tuple(floors)


def blank_groups(
    facilities: pd.DataFrame, candidate: np.ndarray, site_village: np.ndarray
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Villages without a clinic of any kind today, with their candidate sites."""
    clinic = facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool) & ~candidate
    served = {int(v) for v in site_village[clinic] if v >= 0}
    groups: dict[int, list[int]] = {}
    for site in np.flatnonzero(candidate & (site_village >= 0)):
        village = int(site_village[site])
        if village not in served:
            groups.setdefault(village, []).append(int(site))
    return tuple((v, tuple(groups[v])) for v in sorted(groups))


def _doctors_today(config: Config, facilities: pd.DataFrame, decided: np.ndarray) -> np.ndarray:
    """Doctors in post at public clinics, or as many as the config assumes where the data have none (int64, sites)."""
    rule = config.rules.doctors
    assumed = rule.assumed_per_clinic if rule is not None else None
    today = facilities["doctors"].fillna(0 if assumed is None else assumed).to_numpy().astype(np.int64)
    return np.where(decided, today, 0)


def doctor_data(
    config: Config,
    facilities: pd.DataFrame,
    decided: np.ndarray,
    site_township: np.ndarray,
    townships: int,
    load_scale: int,
) -> DoctorData | None:
    """Return doctors, pools, rooms and caps; None where the config leaves doctors out of the plan.

    pool_t = doctors today − retirements of the township's public clinics; rooms = max(max_per_site, doctors today).
    """
    rule = config.rules.doctors
    if rule is None:
        return None
    today = _doctors_today(config, facilities, decided)
    retired = retirements(facilities, rule.retire_share).reindex(facilities["id"]).fillna(0).to_numpy().astype(np.int64)
    known = site_township >= 0
    pool = np.bincount(site_township[known], weights=(today - retired)[known], minlength=townships).astype(np.int64)
    own = np.where(decided, 0, facilities["doctors"].fillna(-1).to_numpy()).astype(np.int64)
    return DoctorData(
        today=today,
        own=own,
        pool=pool,
        cap=rule.people_per_doctor_cap * load_scale,
        norm=rule.people_per_doctor_norm * load_scale,
        rooms=np.maximum(rule.max_per_site, today),
        max_hires=rule.max_hires,
    )


def money_data(config: Config, facilities: pd.DataFrame, decided: np.ndarray, candidate: np.ndarray) -> MoneyData:
    """Return unit costs, today's recurrent cost and the budgets, in whole yuan.

    Running a clinic: clinic_fixed + clinic_per_m2 · floor area, rounded half up. A budget's share of today is rounded
    down, so that it is never overspent by rounding.
    """
    costs, budget, rule = config.costs, config.rules.budget, config.rules.doctors
    fixed, per_m2 = Decimal(str(costs.clinic_fixed.value)), Decimal(str(costs.clinic_per_m2.value))
    area = facilities["floor_area_m2"].fillna(costs.assumed_floor_area.value).to_numpy(float)
    running = np.array(
        [
            whole_yuan(fixed + per_m2 * Decimal(str(a))) if r else 0
            for a, r in zip(area, decided | candidate, strict=True)
        ],
        dtype=np.int64,
    )
    doctor = whole_yuan(costs.doctor.value)
    doctors_today = int(_doctors_today(config, facilities, decided).sum())
    retired = int(retirements(facilities, rule.retire_share).sum()) if rule is not None else 0
    today = int(running[decided].sum()) + doctor * doctors_today
    limits = []
    if budget.recurrent_share_of_today is not None:
        limits.append(math.floor(exact(budget.recurrent_share_of_today) * today))
    if budget.recurrent_cny is not None:
        limits.append(math.floor(exact(budget.recurrent_cny)))
    return MoneyData(
        running=running,
        doctor=doctor,
        doctors_base=doctors_today - retired,
        build=whole_yuan(costs.build_clinic.value),
        merge=whole_yuan(costs.merge_works.value),
        upgrade=whole_yuan(costs.upgrade_sub_centre.value),
        today=today,
        recurrent_limit=min(limits, default=None),
        capital_limit=None if budget.capital_cny is None else math.floor(exact(budget.capital_cny)),
    )


def sub_centre_data(
    config: Config,
    facilities: pd.DataFrame,
    villages: pd.DataFrame,
    hospital: np.ndarray,
    access: Access,
    village_people: np.ndarray,
    village_township: np.ndarray,
    townships: int,
) -> SubCentreData | None:
    """Return the sub-centre block, None where both counts are 0.

    cost[t, h] = Σ_v people_v · whole minutes from village v of township t to hospital h. A hospital that some village
    of the township cannot reach is no choice for it; a village that reaches no hospital at all costs nothing.
    """
    rule = config.rules.sub_centres
    if rule.min_count == 0 and rule.max_count == 0:
        return None
    sites = np.flatnonzero(hospital)
    table = facilities.iloc[sites]
    eligible = np.ones(len(sites), dtype=bool)
    for column, least in (("beds", rule.min_beds), ("doctors", rule.min_doctors), ("level", rule.min_level)):
        if least is not None:
            eligible &= (table[column].fillna(-1) >= least).to_numpy(bool)  # a missing figure is not eligible
    minutes = np.full((len(villages), len(sites)), -1, dtype=np.int64)
    times = access.to_sub_centres
    if times is not None:
        village_row = {v: k for k, v in enumerate(villages["id"])}
        column = {i: k for k, i in enumerate(table["id"])}
        row = np.repeat([village_row.get(i, -1) for i in times.origin_ids], np.diff(times.indptr)).astype(np.int64)
        col = np.array([column.get(i, -1) for i in times.site_ids], dtype=np.int64)[times.site]
        known = (row >= 0) & (col >= 0) & (times.ds != UNREACHABLE_DS)
        minutes[row[known], col[known]] = minutes_whole(times.ds[known])
    rows = np.array([t for t in range(townships) if (village_township == t).any()], dtype=np.int32)
    cost = np.zeros((len(rows), len(sites)), dtype=np.int64)
    for k, t in enumerate(rows):
        own = np.flatnonzero(village_township == t)
        own = (
            own[(minutes[own] >= 0).any(axis=1)] if len(sites) else own
        )  # a village that no road reaches costs nothing
        reached = (minutes[own] >= 0).all(axis=0)
        cost[k] = np.where(reached, (village_people[own, None] * minutes[own]).sum(axis=0), -1)
    people = np.array([village_people[village_township == t].sum() for t in rows], dtype=np.int64)
    ids = table["id"]
    forbidden = {place for h in rule.forbidden for place in (h, *moves(config).get(h, ()))}
    return SubCentreData(
        hospitals=sites.astype(np.int32),
        eligible=eligible,
        required=ids.isin(rule.required).to_numpy(bool),
        forbidden=ids.isin(forbidden).to_numpy(bool),
        min_count=rule.min_count,
        max_count=rule.max_count,
        townships=rows,
        people=people,
        cost=cost,
        max_people=None if rule.max_people is None else rule.max_people * PEOPLE_SCALE,
    )
