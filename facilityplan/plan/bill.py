"""What a plan costs, line by line with the range of its unit costs, and who staffs which township.

Both come from the same counts as the plan's tables, so that every column adds up to `metrics`: the ranges come from the
same counts with each unit cost at an end of its range. They are for people to read; no decision rests on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from facilityplan.config.base import Cost
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import CLINIC_KINDS, Action, ServiceMode
from facilityplan.domain.sites import is_decided
from facilityplan.domain.staff import retirements
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.consortia import site_townships
from facilityplan.plan.counts import SiteCounts, count_sites, merges, yuan
from facilityplan.plan.mode_counts import count_modes

End = Literal["low", "value", "high"]
ENDS: tuple[End, ...] = ("low", "value", "high")
AREA = "assumed_floor_area"  # a size, not a price: it stays as it is at both ends


@dataclass(frozen=True)
class Amount:
    """Whole yuan with the ends of its range."""

    low: int = 0
    value: int = 0
    high: int = 0


@dataclass(frozen=True)
class Line:
    """One item of the bill. ``key``: clinics, doctors, teams, posted, works_running; build, merge, sub_centre,
    vehicles, works, equip. ``count_before`` None = nothing to compare with (capital)."""

    key: str
    recurrent: bool
    unit: Cost | None  # None where each has a price of its own (works) or two prices make one (clinics)
    count_before: int | None
    count_after: int
    before: Amount
    after: Amount


@dataclass(frozen=True)
class Bill:
    """The plan's money: recurrent a year today and under the plan, capital once. Lines of nothing are left out."""

    lines: tuple[Line, ...]
    recurrent_before: Amount
    recurrent: Amount
    capital: Amount
    capital_by_year: Mapping[int, Amount]  # empty where the plan has no years
    running_today: Mapping[str, int]  # public clinic → yuan a year to run it today, its doctors left out
    assumed: bool  # is any of its unit costs assumed
    norm_people_per_doctor: float | None


STAFF_COLUMNS = ("township", "people", "before", "retired", "hired", "lent", "after", "at_clinics", "at_hospitals",
                 "reserve", "posted")


def bill_of(config: Config, inputs: Inputs, decisions: Decisions, vehicles: Mapping[int, int]) -> Bill:
    """Return the bill of ``decisions``, each column of it the sum that `metrics` holds.

    ``vehicles``: year → yuan for circuit teams' vehicles, empty where the plan has no years.
    """
    priced = {end: _at(config, end) for end in ENDS}
    counts = {end: count_sites(priced[end], inputs, decisions) for end in ENDS}
    quantity = _quantities(config, inputs, decisions, counts["value"])
    split = {end: _amounts(priced[end], counts[end], quantity, decisions) for end in ENDS}
    lines = []
    for key, (recurrent, cost, before, after) in quantity.items():
        was, will = (Amount(*(split[end][key][k] for end in ENDS)) for k in (0, 1))
        if was != Amount() or will != Amount():
            lines.append(Line(key, recurrent, cost, before, after, was, will))

    def total(recurrent: bool, when: str) -> Amount:
        chosen = [getattr(one, when) for one in lines if one.recurrent is recurrent]
        return Amount(*(sum(getattr(one, end) for one in chosen) for end in ENDS))

    doctors = counts["value"].doctors_before
    running = {i: int(whole) - yuan(config.costs.doctor.value) * int(np.nan_to_num(n)) for i, whole, n, decided in zip(
        inputs.facilities["id"], counts["value"].annual_before_cny, doctors, is_decided(inputs.facilities), strict=True)
        if decided}
    prices = [value for name, value in config.costs if isinstance(value, Cost) and name != AREA]
    assumed = any(one.standing == "assumed" for one in prices)
    return Bill(tuple(lines), total(True, "before"), total(True, "after"), total(False, "after"),
                _by_year(config, inputs, decisions, counts, vehicles), running, assumed,
                config.rules.doctors.people_per_doctor_norm if config.rules.doctors else None)


def _at(config: Config, end: End) -> Config:
    """Return the config with every price at one end of its range."""
    def priced(cost: Cost) -> Cost:
        return cost.model_copy(update={"value": getattr(cost, end)})

    if end == "value":
        return config
    costs = {name: priced(value) for name, value in config.costs if isinstance(value, Cost) and name != AREA}
    works = tuple(work.model_copy(update={"capital": priced(work.capital)}) for work in config.rules.works)
    return config.model_copy(update={"costs": config.costs.model_copy(update=costs),
                                     "rules": config.rules.model_copy(update={"works": works})})


def _quantities(config: Config, inputs: Inputs, decisions: Decisions, sites: SiteCounts
                ) -> dict[str, tuple[bool, Cost | None, int | None, int]]:
    """Return line → (recurrent?, its price, how many today, how many under the plan)."""
    made, costs = decisions.sites.values(), config.costs
    decided = is_decided(inputs.facilities)
    built = _built(inputs, decisions)
    ids = inputs.facilities["id"]
    still = sum(bool(d) and i in decisions.sites and decisions.sites[i].is_open
                for i, d in zip(ids, decided, strict=True))
    teams, works = sum(d.teams for d in made), len(decisions.works)
    posted = int(count_modes(config, inputs, decisions).posted_out.sum())
    doctors = int(sites.clinic_doctors_after.sum()) + sum(decisions.reserve.values())
    return {
        "clinics": (True, None, int(decided.sum()), still + built),
        "doctors": (True, costs.doctor, int(np.nansum(sites.doctors_before[decided])), doctors),
        "posted": (True, costs.posted_doctor, 0, posted),
        "teams": (True, costs.circuit_team, 0, teams),
        "works_running": (True, None, 0, works),
        "build": (False, costs.build_clinic, None, built),
        "merge": (False, costs.merge_works, None, sum(map(merges, made))),
        "sub_centre": (False, costs.upgrade_sub_centre, None, sum(d.sub_centre for d in made)),
        "vehicles": (False, costs.circuit_vehicle, None, teams),
        "works": (False, None, None, works),
        "equip": (False, None, None, sum(map(len, decisions.equipped.values()))),
    }


def _built(inputs: Inputs, decisions: Decisions) -> int:
    clinics = set(inputs.facilities.loc[inputs.facilities["kind"].isin([str(k) for k in CLINIC_KINDS]), "id"])
    return sum(d.action is Action.BUILD and i in clinics for i, d in decisions.sites.items())


def _amounts(config: Config, sites: SiteCounts, quantity: Mapping[str, tuple[bool, Cost | None, int | None, int]],
             decisions: Decisions) -> dict[str, tuple[int, int]]:
    """Return line → yuan today and under the plan, at the prices of ``config``.

    Running clinics is what is left of the whole: each clinic's bill is rounded once, price and area together.
    """
    costs = config.costs
    price = {"doctors": costs.doctor, "posted": costs.posted_doctor, "teams": costs.circuit_team,
             "build": costs.build_clinic, "merge": costs.merge_works, "sub_centre": costs.upgrade_sub_centre,
             "vehicles": costs.circuit_vehicle}
    found = {key: tuple(yuan(cost.value) * (quantity[key][k] or 0) for k in (2, 3)) for key, cost in price.items()}
    done = [work for work in config.rules.works if work.id in decisions.works]
    found["works_running"] = 0, sum(yuan(work.recurrent_cny) for work in done)
    found["works"] = 0, sum(yuan(work.capital.value) for work in done)
    found["equip"] = 0, sum(yuan(floor.equip_cny or 0) * len(decisions.equipped.get(floor.id, ()))
                            for floor in config.rules.attributes)
    reserve = yuan(costs.doctor.value) * sum(decisions.reserve.values())
    whole = int(sites.annual_before_cny.sum()), int(sites.annual_cny.sum()) + reserve
    others = [sum(found[key][k] for key in ("doctors", "posted", "teams", "works_running")) for k in (0, 1)]
    found["clinics"] = whole[0] - others[0], whole[1] - others[1]
    return found


def _by_year(config: Config, inputs: Inputs, decisions: Decisions, counts: Mapping[str, SiteCounts],
             vehicles: Mapping[int, int]) -> dict[int, Amount]:
    """Return year → capital: works in theirs, vehicles in which teams grow (``vehicles``: year → yuan), the rest in
    that of its site; empty where the plan has no years.

    What has no year of its own is paid in the last.
    """
    years = [stage.year for stage in config.rules.stages]
    if not years:
        return {}
    row = {i: k for k, i in enumerate(inputs.facilities["id"])}
    found = {year: dict.fromkeys(ENDS, 0) for year in years}
    for end in ENDS:
        rest = counts[end].capital_cny.astype(np.int64).copy()
        for work in _at(config, end).rules.works:
            if work.id in decisions.works:
                rest[row[work.facility]] -= yuan(work.capital.value)
                year = decisions.work_years.get(work.id)
                found[year if year in found else years[-1]][end] += yuan(work.capital.value)
        price = [yuan(one.costs.circuit_vehicle.value) for one in (config, _at(config, end))]
        for year, spent in vehicles.items():
            found[year][end] += spent // price[0] * price[1] if price[0] else 0
        for i, decision in decisions.sites.items():
            rest[row[i]] -= price[1] * decision.teams
            found[decision.stage if decision.stage in found else years[-1]][end] += int(rest[row[i]])
    return {year: Amount(**ends) for year, ends in found.items()}


def staff_of(config: Config, inputs: Inputs, decisions: Decisions) -> pd.DataFrame:
    """Return who staffs each township: STAFF_COLUMNS, sorted by township.

    before − retired + hired + lent = after = at_clinics + at_hospitals + reserve. ``before`` and ``after`` are the
    clinic doctors that `metrics` counts; ``lent``: come from (+) or gone to (−) other townships; ``posted``: doctors
    of hospitals, paid by them, who keep a clinic here open.
    """
    sites, facilities = count_sites(config, inputs, decisions), inputs.facilities
    township = ["–" if town is None or pd.isna(town) else town for town in site_townships(inputs)]
    clinic = facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    paid = sites.clinic_doctors_after
    by_site = pd.DataFrame({
        "township": township, "before": np.where(is_decided(facilities), np.nan_to_num(sites.doctors_before), 0),
        "retired": _retired(config, inputs), "at_clinics": np.where(clinic, paid, 0),
        "at_hospitals": np.where(clinic, 0, paid), "posted": _posted(config, inputs, decisions)})
    table = by_site.groupby("township").sum()
    names = sorted({*table.index, *inputs.villages["township"], *decisions.hires, *decisions.reserve})
    table = table.reindex(names, fill_value=0).round().astype("int64")
    village = inputs.villages.set_index("id")["township"]
    table["people"] = inputs.cells.groupby(inputs.cells["village"].map(village))["people"].sum().reindex(
        names, fill_value=0.0)
    table["hired"] = [int(decisions.hires.get(name, 0)) for name in names]
    table["reserve"] = [int(decisions.reserve.get(name, 0)) for name in names]
    table["after"] = table["at_clinics"] + table["at_hospitals"] + table["reserve"]
    table["lent"] = table["after"] - table["before"] + table["retired"] - table["hired"]
    return table.rename_axis("township").reset_index()[list(STAFF_COLUMNS)]


def _retired(config: Config, inputs: Inputs) -> np.ndarray:
    rules = config.rules.doctors
    if rules is None:
        return np.zeros(len(inputs.facilities))
    return retirements(inputs.facilities, rules.retire_share).reindex(inputs.facilities["id"]).fillna(0).to_numpy(float)


def _posted(config: Config, inputs: Inputs, decisions: Decisions) -> np.ndarray:
    staff = config.rules.modes.posted.staff if config.rules.modes.posted is not None else 0
    made = decisions.sites
    return np.array([staff if i in made and made[i].service is ServiceMode.POSTED else 0
                     for i in inputs.facilities["id"]])
