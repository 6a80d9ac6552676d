"""What the verifier counts of institutions: works done there, what they add, what each earns and spends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import pandas as pd

from facilityplan.config.schema import Config
from facilityplan.config.works import Work
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.inputs.tables import Inputs


@dataclass(frozen=True)
class Site:
    """One facility or candidate site as the rules see it."""

    id: str
    row: int
    kind: str
    village: str | None
    township: str | None  # its own, else its village's
    consortium: str | None  # its own, else its village's
    decided: bool
    candidate: bool
    hospital: bool  # a township hospital that stands
    new_place: bool  # a candidate site of a hospital: opens only where one relocates to it
    doctors: int | None  # in post today, the assumed number where a public clinic's is not known
    posts: int
    shared: int  # public clinics that share its village's people with it, itself included; 0 = it has none of them
    tenths: Fraction  # people of its own, in tenths
    running_cny: int  # a year, doctors left out; 0 where the plan does not pay for it

    @property
    def permanent(self) -> bool:
        """Is it open whatever is decided?"""
        return not (self.decided or self.candidate or self.new_place)


class Institutions:
    """The part of `recount_base.Recount` on works and money."""

    config: Config
    inputs: Inputs
    decisions: Decisions
    rules: Any
    sites: Mapping[str, Site]
    guests: Mapping[str, list[str]]
    is_open: Any
    clinic_doctors_after: Any

    @cached_property
    def works_done(self) -> list[Work]:
        """The works decided, as the config has them, in order of id."""
        return sorted((w for w in self.rules.works if w.id in self.decisions.works), key=lambda w: w.id)

    def works_by(self, year: int) -> list[Work]:
        """The works done by the end of a year; one without a year counts with the last."""
        return [w for w in self.works_done if self.decisions.work_years.get(w.id, math.inf) <= year]

    def institution(self, site: Site, works: list[Work] | None = None) -> str:
        """Return the id of the institution that stands at a site: of the hospital that relocates to it.

        ``works`` done; None = all that the plan does.
        """
        done = self.works_done if works is None else works
        return next((w.facility for w in done if w.kind == "relocate" and w.to == site.id), site.id)

    def figure_after(self, site: Site, column: str, works: list[Work] | None = None) -> int | None:
        """Beds, doctors or level of the institution at a site, works counted (all, or ``works``); None = not known."""
        done = self.works_done if works is None else works
        own = self.institution(site, done)
        value = self.inputs.facilities[column].iloc[self.sites[own].row] if own in self.sites else None
        if not known(value):
            return None
        mine = [w for w in done if w.facility == own]
        if column == "level":
            return min(3, int(value) + sum(w.adds.level or w.kind == "level_up" for w in mine))
        return int(value) + sum(getattr(w.adds, column) for w in mine)

    def own_doctors_after(self, site: Site) -> int | None:
        """Doctors of a site's own with works done; none at a hospital that has left."""
        if site.decided or site.candidate:
            return site.doctors
        if site.hospital and any(w.kind == "relocate" and w.facility == site.id for w in self.works_done):
            return 0
        return self.figure_after(site, "doctors")

    def other_capital(self, end: str) -> int:
        """Yuan of clinics built and merged, sub-centres, vehicles and equipment: value, low or high of the costs."""
        costs, total = self.config.costs, 0
        for floor in self.config.rules.attributes:  # equipment has no range
            total += whole_yuan(floor.equip_cny or 0) * len(self.decisions.equipped.get(floor.id, ()))
        for i, decision in self.decisions.sites.items():
            built = decision.action is Action.BUILD and i in self.sites and self.sites[i].candidate
            merges = decision.action is Action.CLOSE and decision.service is None
            for cost, times in ((costs.build_clinic, built), (costs.merge_works, merges),
                                (costs.upgrade_sub_centre, decision.sub_centre),
                                (costs.circuit_vehicle, decision.teams)):
                total += whole_yuan(getattr(cost, end)) * int(times)
        return total

    def is_institution(self, site: Site) -> bool:
        """Has the site a balance of its own? Public clinics, candidates and public hospitals, not places to go to."""
        public = self.inputs.facilities["ownership"].iloc[site.row] == "public"
        return site.decided or site.candidate or (
            public and not site.new_place and site.kind in ("township_hospital", "county_hospital"))

    def net_income(self, site: Site) -> int:
        """Income less spending of the tables, empty ones 0."""
        found = [self.inputs.facilities.get(c) for c in ("income_cny", "spending_cny")]
        values = [None if column is None else column.iloc[site.row] for column in found]
        income, spending = (whole_yuan(float(v)) if known(v) else 0 for v in values)
        return income - spending

    def balance_known(self, site: Site) -> bool:
        """Do the tables give a hospital's income and spending?"""
        found = [self.inputs.facilities.get(c) for c in ("income_cny", "spending_cny")]
        return all(column is not None and known(column.iloc[site.row]) for column in found)

    @cached_property
    def all_balances(self) -> tuple[dict[str, int], dict[str, int]]:
        """Institution → balance a year today, and under the plan where it stays open; unknown bases count as 0."""
        costs = self.config.costs
        doctor = whole_yuan(costs.doctor.value)
        per_clinic = whole_yuan(costs.clinic_subsidy.value) if costs.clinic_subsidy else 0
        before: dict[str, int] = {}
        after: dict[str, int] = {}
        visited: dict[str, list[str]] = {}  # who sends staff → public clinics that close to be visited
        for i, decision in self.decisions.sites.items():
            if decision.action is Action.CLOSE and decision.service is not None and i in self.sites:
                visited.setdefault(decision.served_from, []).append(i)
        for site in filter(self.is_institution, self.sites.values()):
            clinic = site.decided or site.candidate
            if site.decided:
                before[site.id] = per_clinic + self.brings(site) - site.running_cny - doctor * (site.doctors or 0)
            elif not clinic:
                before[site.id] = self.net_income(site) if self.balance_known(site) else 0
            if clinic and not self.is_open(site.id):
                continue
            now = per_clinic + self.brings(site) - site.running_cny if clinic else before[site.id]
            now += sum(self.brings(self.sites[g]) for g in self.guests.get(site.id, ()) if g in self.sites)
            now += sum(self.brings(self.sites[g]) for g in visited.get(site.id, ()))
            now -= doctor * self.clinic_doctors_after(site) + self.services_cny(site)
            now -= sum(whole_yuan(w.recurrent_cny) for w in self.works_done if w.facility == site.id)
            after[site.id] = now
        return before, after

    def services_cny(self, site: Site) -> int:
        """What an institution pays a year for its circuit teams, or for staff posted to it."""
        decision, costs, posted = self.decisions.sites[site.id], self.config.costs, self.rules.modes.posted
        here = decision.service is ServiceMode.POSTED and posted is not None
        staff = posted.staff * whole_yuan(costs.posted_doctor.value) if here else 0
        return decision.teams * whole_yuan(costs.circuit_team.value) + staff

    def brings(self, site: Site) -> int:
        """What comes with the people of a clinic: the subsidy for each of them and other net income."""
        cost = self.config.costs.health_subsidy_per_person
        subsidy = Fraction(0) if cost is None else Fraction(Decimal(str(cost.value))) * site.tenths / 10
        return math.floor(subsidy + Fraction(1, 2)) + (self.net_income(site) if site.decided else 0)


def known(value: object) -> bool:
    """Return whether a table's field holds anything: not None, NaN, NA or NaT."""
    return not (value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)))


def whole_yuan(amount: float | Decimal) -> int:
    """Round half up to whole yuan, as decimals are written and not as floats store them."""
    return int(Decimal(str(amount)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
