"""Works and money of a plan: what is done, what it costs from whom, what institutions earn and spend before and after.

Everything is counted from the decisions; the verifier counts it again with its own code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.config.base import Cost
from facilityplan.config.schema import Config
from facilityplan.config.works import Work, money_on
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import HOSPITAL_KINDS, Action, Ownership
from facilityplan.domain.sites import is_candidate, is_decided, is_new_place
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.counts import SiteCounts, merges, site_people, yuan
from facilityplan.plan.mode_counts import count_modes
from facilityplan.plan.money_stages import yearly_split


@dataclass(frozen=True)
class Money:
    """Works and money of one plan; in plan.json as `works`, `funding` and `capital_other`."""

    works: tuple[Mapping[str, Any], ...]  # one for each work of the config, done or not, sorted by id
    funding: tuple[Mapping[str, Any], ...]  # one for each source, in the config's order
    other: Mapping[str, Any]  # capital of all but works: value, low, high, by source
    funding_source: Sequence[str | None]  # by facility
    balance_before: np.ndarray  # float64 by facility, NaN = not known or no institution
    balance_after: np.ndarray  # float64 by facility
    metrics: Mapping[str, Any]


def money_of(config: Config, inputs: Inputs, decisions: Decisions, sites: SiteCounts, reserve: int,
             vehicles: Mapping[int, int]) -> Money | None:
    """Return works and money under ``decisions``; None where the block is off.

    ``vehicles``: year → yuan for vehicles of circuit teams, where the plan has years.
    """
    if not money_on(config):
        return None
    works = sorted(config.rules.works, key=lambda w: w.id)
    done = [w for w in works if w.id in decisions.works]
    other = _other_capital(config, inputs, decisions)
    sources = config.rules.funding
    bills = [(w.id, yuan(w.capital.value), w.sources) for w in done] + [("", other[0], ())]
    yearly = None
    if config.rules.stages:
        yearly = yearly_split(config, inputs.facilities.loc[is_candidate(inputs.facilities), "id"], decisions, done,
                              vehicles)
        split = {**yearly.works, "": yearly.other_in_all()}
    else:
        split = split_of(bills, _amounts(config))
    before, after = balances(config, inputs, decisions, sites)
    counted = ~np.isnan(after)
    ids = inputs.facilities["id"].tolist()
    paid = {w.id: split.get(w.id, {}) for w in done}
    low, high = (sum(end) for end in zip((other[1], other[2]), *((yuan(w.capital.low), yuan(w.capital.high))
                                                               for w in done), strict=True))
    doctor = yuan(config.costs.doctor.value)
    return Money(
        works=tuple(_work_row(w, w.id in decisions.works, paid.get(w.id, {}))
                    | ({} if yearly is None else {"stage": decisions.work_years.get(w.id)}) for w in works),
        funding=tuple({
            "id": s.id, "name": s.name, "name_en": s.name_en, "debt": s.debt, "amount_cny": s.amount_cny,
            "used_cny": float(sum(part.get(s.id, 0) for part in split.values())),
            "used_for_works_cny": float(sum(part.get(s.id, 0) for part in paid.values())),
            **({} if yearly is None else {"by_stage": {str(y): float(n) for y, n in yearly.used[s.id].items()}})}
            for s in sources),
        other={"capital_cost_cny": float(other[0]), "capital_low_cny": float(other[1]),
               "capital_high_cny": float(other[2]), "funding": _floats(split.get("", {})),
               **({} if yearly is None else {"by_stage": yearly.other_by_stage()})},
        funding_source=[_sources_of(i, done, paid, split.get("", {}), decisions, config) for i in ids],
        balance_before=before, balance_after=after,
        metrics={
            "works": len(works), "works_done": len(done),
            "works_capital_cny": float(sum(yuan(w.capital.value) for w in done)),
            "capital_low_cny": float(low), "capital_high_cny": float(high),
            "annual_saving_cny": float(sites.annual_before_cny.sum() - sites.annual_cny.sum() - doctor * reserve),
            "balance_cny_before": float(np.nansum(before)),
            "balance_cny_after": float(after[counted].sum() - doctor * reserve),
            "institutions_without_balance": int(np.isnan(before[_hospitals(inputs)]).sum())})


def split_of(bills: Sequence[tuple[str, int, Sequence[str]]], left: Mapping[str, int | None]
             ) -> dict[str, dict[str, int]]:
    """Return bill → source → whole yuan: each bill in turn takes as much as it may from each source in turn.

    As much as leaves every later bill payable (Gale's condition on what remains), so a split is found wherever there is
    one. ``bills``: (id, yuan, sources that may pay; none named = all); ``left``: source → yuan, None = unlimited.
    Where there is no split, what nobody can pay is left out.
    """
    names, rest = list(left), dict(left)
    owed = {bill: amount for bill, amount, _ in bills}
    payers = {bill: frozenset(s for s in names if not allowed or s in allowed) for bill, _, allowed in bills}
    split: dict[str, dict[str, int]] = {}
    limited = [s for s in names if left[s] is not None]
    groups = [frozenset(g) for n in range(len(limited) + 1) for g in combinations(limited, n)]
    for bill, _, _ in bills:
        for source in [s for s in names if s in payers[bill]]:
            later = payers[bill] - {source}
            most = owed[bill] if rest[source] is None else min(owed[bill], rest[source])
            for group in groups:
                if source in group and not later <= group:
                    claimed = sum(owed[b] for b in owed if b != bill and payers[b] <= group)
                    most = min(most, sum(rest[s] for s in group) - claimed)
            if (part := max(0, most)) > 0:
                split.setdefault(bill, {})[source] = part
                owed[bill] -= part
                rest[source] = None if rest[source] is None else rest[source] - part
            payers[bill] = later
        owed.pop(bill)
    return split


def assumed_note(config: Config) -> Text | None:
    """Say that every unit cost is assumed, where it is so; None where the block is off or a figure has a source."""
    if not money_on(config):
        return None
    costs = [value for name, value in config.costs if isinstance(value, Cost) and name != "assumed_floor_area"]
    costs += [w.capital for w in config.rules.works]
    if any(c.standing != "assumed" for c in costs):
        return None
    return Text("资金：各项单价、补助和投资均为假定（默认 ±30 %），政策文件未公布；据此得出的结论只说明方法",
                "money: every unit cost, subsidy and capital figure is assumed (±30 % unless said), none is published; "
                "what follows from them shows the method only")


def _amounts(config: Config) -> dict[str, int | None]:
    """Source → whole yuan that it can give, None = as much as is asked; sources that are ruled out are left out."""
    rules = config.rules
    limited = "funding_amount" not in rules.without
    no_debt = rules.no_debt and "no_debt" not in rules.without
    return {s.id: int(Decimal(str(s.amount_cny))) if limited and s.amount_cny is not None else None
            for s in rules.funding if not (s.debt and no_debt)}


def money_notes(config: Config, decisions: Decisions) -> list[Text]:
    """Return what a planner must know of works and money beside the figures."""
    notes = [note] if (note := assumed_note(config)) else []
    moved = [w for w in config.rules.works if w.kind == "relocate" and w.id in decisions.works]
    if moved:
        names = [Text(w.name, w.name_en) for w in sorted(moved, key=lambda w: w.id)]
        notes.append(Text(
            f"迁建（{'、'.join(n.zh for n in names)}）：旧址关闭，新址开办，医生随迁；迁建的卫生院不承接并入的卫生室",
            f"relocation ({', '.join(n.en for n in names)}): the old place closes, the new one opens with its doctors; "
            "a hospital that relocates takes no clinic over"))
    early = [w for w in config.rules.works if w.earliest is not None and w.id in decisions.works]
    if early and not config.rules.stages:
        notes.append(Text(f"{len(early)} 个项目写有最早完成年份：本方案不分期，未使用",
                          f"{len(early)} works name an earliest year: this plan has no stages and does not use it"))
    return notes


def _work_row(work: Work, done: bool, paid: Mapping[str, int]) -> dict[str, Any]:
    return {"id": work.id, "name": work.name, "name_en": work.name_en, "facility": work.facility, "kind": work.kind,
            "to": work.to, "done": done, "capital_cost_cny": float(yuan(work.capital.value)),
            "capital_low_cny": float(yuan(work.capital.low)), "capital_high_cny": float(yuan(work.capital.high)),
            "recurrent_cny": float(yuan(work.recurrent_cny)), "standing": work.capital.standing,
            "source": work.capital.source, "funding": _floats(paid)}


def _floats(paid: Mapping[str, int]) -> dict[str, float]:
    return {source: float(amount) for source, amount in paid.items()}


def _other_capital(config: Config, inputs: Inputs, decisions: Decisions) -> tuple[int, int, int]:
    """Clinics built and merged, sub-centres, circuit teams' vehicles, equipment (no range): value, low, high."""
    clinics = set(inputs.facilities.loc[is_candidate(inputs.facilities), "id"])
    made = decisions.sites.items()
    counts = ((config.costs.build_clinic, sum(d.action is Action.BUILD and i in clinics for i, d in made)),
              (config.costs.merge_works, sum(merges(d) for _, d in made)),
              (config.costs.upgrade_sub_centre, sum(d.sub_centre for _, d in made)),
              (config.costs.circuit_vehicle, sum(d.teams for _, d in made)))
    given = sum(len(decisions.equipped.get(f.id, ())) * yuan(f.equip_cny or 0) for f in config.rules.attributes)
    return tuple(given + sum(n * yuan(getattr(cost, end)) for cost, n in counts) for end in ("value", "low", "high"))


def _sources_of(facility: str, done: Sequence[Work], paid: Mapping[str, Mapping[str, int]], other: Mapping[str, int],
                decisions: Decisions, config: Config) -> str | None:
    """Ids of the sources that pay for what is done at a facility, in the config's order."""
    decision = decisions.sites.get(facility)
    used = {s for w in done if w.facility == facility for s in paid[w.id]}
    clinic_built = decision is not None and decision.action is Action.BUILD and not any(
        w.to == facility for w in config.rules.works)
    if decision is not None and (clinic_built or merges(decision) or decision.sub_centre or decision.teams
                                 or decisions.equipped_for(facility)):
        used |= set(other)
    return "; ".join(s.id for s in config.rules.funding if s.id in used) or None


def _hospitals(inputs: Inputs) -> np.ndarray:
    facilities = inputs.facilities
    hospital = facilities["kind"].isin([str(k) for k in HOSPITAL_KINDS]) & (facilities["ownership"] == Ownership.PUBLIC)
    return hospital.to_numpy(bool) & ~is_new_place(facilities)


def _column(facilities: pd.DataFrame, name: str) -> np.ndarray:
    if name not in facilities:
        return np.full(len(facilities), np.nan)
    return np.array([np.nan if pd.isna(v) else yuan(float(v)) for v in facilities[name]], dtype=float)


def balances(config: Config, inputs: Inputs, decisions: Decisions, sites: SiteCounts) -> tuple[np.ndarray, np.ndarray]:
    """Operating balance of every institution today and under the plan (float64; NaN = not known or none).

    A clinic's per-person subsidy and other net income follow its people to its host, or to whose staff visit them; a
    base pays for its circuit teams, a clinic for posted staff. A hospital's balance is known
    where the data give its income and spending; it earns what its guests bring and pays for the doctors it hosts.
    """
    facilities, costs = inputs.facilities, config.costs
    ids = facilities["id"].tolist()
    row = {i: k for k, i in enumerate(ids)}
    decided, hospital = is_decided(facilities), _hospitals(inputs)
    doctor, per_clinic = yuan(costs.doctor.value), yuan(costs.clinic_subsidy.value) if costs.clinic_subsidy else 0
    per_person = Decimal(str(costs.health_subsidy_per_person.value)) if costs.health_subsidy_per_person else Decimal(0)
    income, spending = _column(facilities, "income_cny"), _column(facilities, "spending_cny")
    net = np.nan_to_num(income) - np.nan_to_num(spending)
    tenths = site_people(inputs, tenths=True)
    brings = np.array([yuan_of(per_person, n) for n in tenths], dtype=float) + np.where(decided, net, 0)
    area = np.where(facilities["floor_area_m2"].isna(), costs.assumed_floor_area.value, facilities["floor_area_m2"])
    running = np.array([yuan(Decimal(str(costs.clinic_fixed.value))
                             + Decimal(str(costs.clinic_per_m2.value)) * Decimal(str(float(a)))) for a in area])
    before = np.where(decided, per_clinic + brings - running - doctor * np.nan_to_num(sites.doctors_before),
                      np.where(hospital, income - spending, np.nan))
    opened = np.array([i in decisions.sites and decisions.sites[i].is_open for i in ids])
    clinic = (decided | is_candidate(facilities)) & opened
    after = np.where(clinic, per_clinic + brings - running, np.where(hospital, income - spending, np.nan))
    for i, decision in decisions.sites.items():
        goes_to = decision.merged_into or decision.served_from
        if decision.action is Action.CLOSE and goes_to in row:
            after[row[goes_to]] += brings[row[i]]
    after -= doctor * sites.clinic_doctors_after + count_modes(config, inputs, decisions).annual_cny
    for work in config.rules.works:
        if work.id in decisions.works:
            after[row[work.facility]] -= yuan(work.recurrent_cny)
    return before, after


def yuan_of(per_person: Decimal, tenths: Any) -> int:
    """Return per person · people in whole yuan, halves upward; ``tenths``: exact tenths of people (Fraction)."""
    amount = per_person.as_integer_ratio()
    numerator, denominator = amount[0] * tenths.numerator, amount[1] * tenths.denominator * 10
    return (2 * numerator + denominator) // (2 * denominator)
