"""From config and tables to works and money as arrays; every rounding to whole yuan happens here, once per item."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd

from facilityplan.config.schema import Config
from facilityplan.config.works import money_on, moves
from facilityplan.domain.kinds import CLINIC_KINDS, HOSPITAL_KINDS, Ownership, Status
from facilityplan.model.gather_rules import exact, whole_yuan
from facilityplan.model.sets import DoctorData, MoneyData
from facilityplan.model.sets_works import FIGURES, BalanceData, LevelFloor, WorksData


def unsettled_sites(config: Config, facilities: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return (hospitals that may relocate and places they may move to, candidate hospital sites nobody moves to)."""
    moving = moves(config)
    places = {place for found in moving.values() for place in found}
    ids = facilities["id"]
    candidate = (facilities["status"] == Status.CANDIDATE).to_numpy(bool)
    clinic = facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    unsettled = ids.isin(list(moving)).to_numpy(bool) | ids.isin(places).to_numpy(bool)
    return unsettled, candidate & ~clinic & ~unsettled


def works_data(
    config: Config,
    facilities: pd.DataFrame,
    decided: np.ndarray,
    candidate: np.ndarray,
    load: np.ndarray,
    load_scale: int,
    doctors: DoctorData | None,
    money: MoneyData,
) -> WorksData | None:
    """Return works and money, None where the whole block is off."""
    if not money_on(config):
        return None
    rules, years = config.rules, tuple(s.year for s in config.rules.stages)
    works = sorted(rules.works, key=lambda w: w.id)
    row = {i: k for k, i in enumerate(facilities["id"])}
    number = {w.id: k for k, w in enumerate(works)}
    source_ids = tuple(s.id for s in rules.funding)
    place = np.array([row[w.to] if w.kind == "relocate" else -1 for w in works], dtype=np.int32)
    site = np.array([row[w.facility] for w in works], dtype=np.int32)
    origin = np.full(len(facilities), -1, dtype=np.int32)
    origin[place[place >= 0]] = site[place >= 0]
    together = np.zeros((len(works), len(works)), dtype=bool)
    for work in works:
        for other in work.together_with:
            together[number[work.id], number[other]] = together[number[other], number[work.id]] = True
    two_places = (place[:, None] >= 0) & (place[None, :] >= 0)
    together &= ~two_places  # an institution moves to one place
    moving = np.zeros(len(facilities), dtype=bool)
    moving[site[place >= 0]] = True
    centre = rules.sub_centres
    thresholds = (("beds", centre.min_beds), ("doctors", centre.min_doctors), ("level", centre.min_level))
    adds = {name: np.array([getattr(w.adds, name) for w in works], dtype=np.int64) for name in (*FIGURES, "rooms")}
    adds["level"] = np.array([w.adds.level or (w.kind == "level_up") for w in works], dtype=np.int64)
    return WorksData(
        ids=tuple(w.id for w in works),
        site=site,
        place=place,
        kind=tuple(w.kind for w in works),
        capital=np.array([whole_yuan(w.capital.value) for w in works], dtype=np.int64),
        recurrent=np.array([whole_yuan(w.recurrent_cny) for w in works], dtype=np.int64),
        adds=adds,
        required=np.array([w.required for w in works], dtype=bool),
        forbidden=np.array([w.forbidden for w in works], dtype=bool),
        together=together,
        sources=tuple(frozenset(source_ids.index(s) for s in (w.sources or source_ids)) for w in works),
        source_ids=source_ids,
        amount=tuple(None if s.amount_cny is None else math.floor(exact(s.amount_cny)) for s in rules.funding),
        debt=tuple(s.debt for s in rules.funding),
        no_debt=rules.no_debt,
        figures={name: facilities[name].fillna(-1).to_numpy().astype(np.int64) for name in FIGURES},
        thresholds=tuple((name, least) for name, least in thresholds if least is not None),
        origin=origin,
        moving=moving,
        levels=tuple(_level_floor(rule, facilities, years) for rule in rules.levels),
        balance=balance_data(config, facilities, decided, candidate, load, load_scale, doctors, money),
        earliest=_first_stages(works, years),
    )


def _first_stages(works: list, years: tuple[int, ...]) -> np.ndarray | None:
    """First stage in which each work can be ready (int32, works); the number of stages where none is late enough."""
    if not years:
        return None
    return np.array([sum(w.earliest is not None and y < w.earliest for y in years) for w in works], dtype=np.int32)


def _level_floor(rule, facilities: pd.DataFrame, years: tuple[int, ...]) -> LevelFloor:
    sites = np.flatnonzero(
        ((facilities["kind"] == rule.kind) & (facilities["status"] != Status.CANDIDATE)
         & (facilities["ownership"] == Ownership.PUBLIC)).to_numpy(bool))  # fmt: skip
    least = rule.min_count if rule.min_share is None else math.ceil(exact(rule.min_share) * len(sites))
    stage = years.index(rule.year) if rule.year in years[:-1] else None
    return LevelFloor(rule.kind, tuple(sites.tolist()), rule.min_level, least or 0, stage)


def balance_data(
    config: Config,
    facilities: pd.DataFrame,
    decided: np.ndarray,
    candidate: np.ndarray,
    load: np.ndarray,
    load_scale: int,
    doctors: DoctorData | None,
    money: MoneyData,
) -> BalanceData:
    """Return what institutions earn and spend.

    Clinic: clinic_subsidy + round(per person · people) + income − spending (columns, 0 where empty) − running −
    doctors. A hospital's balance is known where the data give its income and spending; else only its change is.
    """
    costs, rule = config.costs, config.rules.balance
    per_person = exact(0 if costs.health_subsidy_per_person is None else costs.health_subsidy_per_person.value)
    per_clinic = 0 if costs.clinic_subsidy is None else whole_yuan(costs.clinic_subsidy.value)
    subsidy = np.array([_half_up(per_person * int(n) / load_scale) for n in load], dtype=np.int64)
    income, spending = (_yuan_column(facilities, name) for name in ("income_cny", "spending_cny"))
    other = np.nan_to_num(income) - np.nan_to_num(spending)
    clinic = decided | candidate
    carried = np.where(decided, subsidy + other, np.where(candidate, subsidy, 0)).astype(np.int64)
    today = doctors.today if doctors is not None else np.where(
        decided, facilities["doctors"].fillna(0).to_numpy(), 0).astype(np.int64)  # fmt: skip
    hospital = facilities["kind"].isin([str(k) for k in HOSPITAL_KINDS]).to_numpy(bool)
    public = (facilities["status"] != Status.CANDIDATE) & (facilities["ownership"] == Ownership.PUBLIC)
    hospital = hospital & public.to_numpy(bool)
    known = decided | (hospital & ~np.isnan(income) & ~np.isnan(spending))
    base = np.where(hospital & known, other, 0).astype(np.int64)
    before = np.where(decided, per_clinic + carried - money.running - money.doctor * today, base).astype(np.int64)
    return BalanceData(rule.form, rule.scope, per_clinic, carried, base, known, before, today, clinic | hospital)


def _half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def _yuan_column(facilities: pd.DataFrame, name: str) -> np.ndarray:
    """Whole yuan by site (float64, NaN = not given)."""
    if name not in facilities:
        return np.full(len(facilities), np.nan)
    return np.array([np.nan if pd.isna(v) else whole_yuan(v) for v in facilities[name]], dtype=float)
