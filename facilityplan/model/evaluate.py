"""A pure recount of a plan: which rules it breaks, what every objective comes to, how far each rule is from binding.

From the planning data and the decisions alone: no PuLP, no ladder, no solver. Every reported figure is taken from here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from facilityplan.domain.decisions import Decisions
from facilityplan.domain.fairness import STAGES
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.domain.rules import HOST_RULES
from facilityplan.model.choice import Choice, choice_of, served_load, township_sums
from facilityplan.model.choice_works import own_doctors, rooms_after, site_action
from facilityplan.model.evaluate_centres import (
    centre_minutes,
    count_attributes,
    count_centres,
    count_finer_sub_centres,
    sub_centre_worst,
)
from facilityplan.model.evaluate_consortia import consortium_minutes, count_consortia, count_doctors_lent
from facilityplan.model.evaluate_fairness import limit_left, limit_value, place_of, rule_of, stage_value
from facilityplan.model.evaluate_locks import Finding, closure_findings, lock_findings
from facilityplan.model.evaluate_modes import blank_villages, check_joint_sites, check_modes, days_missed, one_service
from facilityplan.model.evaluate_staffing import overload_in_all, staffing_findings
from facilityplan.model.evaluate_stages import delay, stage_findings
from facilityplan.model.evaluate_works import (
    count_works,
    eligible_after,
    other_capital,
    works_capital,
    works_recurrent,
)
from facilityplan.model.hosts import RULE_BIT
from facilityplan.model.mode_choice import mode_cost, posted_from, services
from facilityplan.model.sets import LadderInput, ObjectiveStage, PlanningData
from facilityplan.model.staff_pools import pooled, pooled_with
from facilityplan.units import DECISECONDS_PER_MINUTE, HORIZON_MIN, PEOPLE_SCALE, UNREACHABLE_DS, minutes_whole

NEVER = np.int64(UNREACHABLE_DS)


@dataclass(frozen=True)
class Breach:
    """A rule broken at one place, with the figure that it looks at and what it allows (units of the plan)."""

    rule: str
    id: str
    figure: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """What a plan comes to. ``objectives`` in model units (tenths of people, yuan …), in the order of the stages."""

    breaches: tuple[Breach, ...]
    objectives: tuple[int, ...]
    slacks: Mapping[str, float] = field(default_factory=dict)

    @property
    def feasible(self) -> bool:
        """Does the plan obey every rule in force?"""
        return not self.breaches

    @property
    def broken_rules(self) -> frozenset[str]:
        """Ids of the rules broken."""
        return frozenset(b.rule for b in self.breaches)


def evaluate(data: PlanningData, decisions: Decisions) -> Evaluation:
    """Recount a plan from scratch."""
    choice = choice_of(data, decisions)
    count = _Count(data, decisions, choice)
    count.modes()
    count.hosts()
    count.blank_villages()
    count.access()
    count.findings(lock_findings(data, choice), closure_findings(data, choice))
    if data.doctors is not None:
        count.staff()
    if data.modes is not None:
        check_modes(data, decisions, choice, count)
    check_joint_sites(data, choice, count)
    count.money()
    hires = np.array([decisions.hires.get(t, 0) for t in data.townships], dtype=np.int64)
    count.findings(stage_findings(data, choice, hires, clinic_doctors(data, decisions), nearest_ds))
    if data.sub_centres is not None:
        count.sub_centres()
    if data.consortia is not None:
        count_consortia(data, choice, count.check)
    if data.works is not None:
        count_works(data, decisions, choice, clinic_doctors(data, decisions), count.check)
    count_finer_sub_centres(count)
    count_centres(count)
    count_attributes(count)
    return Evaluation(
        tuple(count.breaches),
        tuple(objective_value(data, choice, s, count.recurrent, count.overload) for s in data.objectives),
        dict(sorted(count.slacks.items())),
    )


def nearest_ds(ladder: LadderInput, is_open: np.ndarray) -> np.ndarray:
    """Return each cell's time to its nearest open counted site (int64 ds), UNREACHABLE_DS where none is known."""
    times = np.where(is_open[ladder.site], ladder.ds.astype(np.int64), NEVER)
    nearest = np.full(ladder.cells, NEVER)
    filled = np.flatnonzero(np.diff(ladder.indptr) > 0)
    if len(filled):
        nearest[filled] = np.minimum.reduceat(times, ladder.indptr[:-1][filled])
    return nearest


def charged_minutes(nearest: np.ndarray) -> np.ndarray:
    """Whole minutes that a time is charged in the objective: at most the horizon (int64)."""
    return np.minimum(minutes_whole(nearest).astype(np.int64), HORIZON_MIN)


def objective_value(
    data: PlanningData, choice: Choice, stage: ObjectiveStage, recurrent: int, overload: int
) -> int:
    """Return one stage of the objective, in model units."""
    if stage.parts:
        return sum(part.factor * objective_value(data, choice, part.stage, recurrent, overload) for part in stage.parts)
    if stage.name in STAGES:
        return stage_value(data, stage, charged_minutes(nearest_ds(data.ladders[stage.ladder], choice.open)))
    if stage.name == "overload":
        return overload
    if stage.name in ("uncovered", "person_minutes"):
        ladder = data.ladders[stage.ladder]
        nearest = nearest_ds(ladder, choice.open)
        if stage.name == "uncovered":
            return int(ladder.weight[nearest > ladder.limit_min * DECISECONDS_PER_MINUTE].sum())
        return int((ladder.weight * charged_minutes(nearest)).sum())
    if stage.name == "sub_centre_minutes":
        block = data.sub_centres
        return 0 if block is None else int(sum(block.cost[row, k] for row, k in enumerate(choice.catchment) if k >= 0))
    ways = {"consortium_minutes": consortium_minutes, "sub_centre_worst": sub_centre_worst,
            "centre_minutes": centre_minutes}
    if stage.name in ways:
        return ways[stage.name](data, choice)
    if stage.name == "cost":
        return recurrent
    if stage.name == "delay":
        return delay(data, choice, late=stage.late)
    if stage.name == "capital":
        return capital_cost(data, choice)
    if stage.name == "periodic":
        return days_missed(data, choice)
    chosen = (choice.open & data.candidate, choice.sub_centre, choice.works, *choice.centre, *choice.equipped)
    return services(choice.modes) + int((choice.host >= 0).sum()) + sum(int(one.sum()) for one in chosen)


class _Count:
    """Goes through the rules one by one; a rule that is dropped is not looked at."""

    def __init__(self, data: PlanningData, decisions: Decisions, choice: Choice) -> None:
        self.data, self.decisions, self.choice = data, decisions, choice
        self.breaches: list[Breach] = []
        self.slacks: dict[str, float] = {}
        self.recurrent = self.overload = 0

    def check(self, rule: str, place: str, figure: float | None, limit: float | None, *, left: float) -> None:
        """Note how much of a rule is left at one place; less than nothing is a breach."""
        if not self.data.holds(rule):
            return
        self.slacks[rule] = min(self.slacks.get(rule, math.inf), left)
        if left < 0:
            self.breaches.append(Breach(rule, place, figure, limit))

    def findings(self, *found: Iterable[Finding]) -> None:
        """Note what the blocks of modules of their own have found."""
        for finding in chain(*found):
            self.check(finding.rule, finding.place, finding.figure, finding.limit, left=finding.left)

    def breach(self, rule: str, place: str) -> None:
        """Note a rule broken at one place, in force or not."""
        self.breaches.append(Breach(rule, place))

    def modes(self) -> None:
        """Each decided clinic stays or merges; candidates are built or left out; nothing else closes."""
        data = self.data
        for j, site_id in enumerate(data.site_ids):
            decision = self.decisions.sites.get(site_id)
            new_place = data.works is not None and data.works.origin[j] >= 0
            new_place |= data.nowhere is not None and bool(data.nowhere[j])
            if decision is None:
                ok = bool(data.candidate[j]) or new_place
            elif data.decided[j]:
                wanted = site_action(data, self.choice.works, j, sub_centre=decision.sub_centre)
                ok = one_service(data, decision, wanted)
            elif data.candidate[j] or new_place:
                ok = decision.action is Action.BUILD
            elif decision.action is Action.CLOSE:
                ok = bool(data.decided[j]) and decision.merged_into is not None
            else:
                wanted = site_action(data, self.choice.works, j, sub_centre=decision.sub_centre)
                ok = decision.action is wanted and decision.merged_into is None
            if not ok:
                self.breaches.append(Breach("one_mode", site_id))

    def hosts(self) -> None:
        """Every merger is into a host that stays open and that the host rules allow."""
        data, choice = self.data, self.choice
        allowed = data.allowed_pairs()
        for guest in np.flatnonzero(choice.host >= 0).tolist():
            host = int(choice.host[guest])
            name = f"{data.site_ids[guest]} into {data.site_ids[host]}"
            if not choice.own_doctor[host] or data.pairs.position(guest, host) is None:
                self.breaches.append(Breach("host_open", name))
            k = data.pairs.position(guest, host)
            if k is not None and not allowed[k]:
                breaks = data.pair_breaks()[0][k]
                broken = [r for r in HOST_RULES if r != "max_hosts" and data.holds(r) and breaks & RULE_BIT[r]]
                self.breaches.append(Breach(broken[0] if broken else "max_hosts", name))

    def blank_villages(self) -> None:
        """Villages that stay without a clinic."""
        data = self.data
        if data.max_blank is not None and data.blank_groups:
            blank = blank_villages(data, self.choice)
            self.check("blank_villages", "county", blank, data.max_blank, left=data.max_blank - blank)

    def access(self) -> None:
        """No harm by cell, and the shares inside the circles."""
        data = self.data
        nearest = [nearest_ds(ladder, self.choice.open) for ladder in data.ladders]
        for ladder, ds in zip(data.ladders, nearest, strict=True):
            held = ladder.limit_ds >= 0
            if held.any():
                left = (ladder.limit_ds - ds)[held]
                worst = np.flatnonzero(held)[int(np.argmin(left))]
                self.check(
                    "no_harm",
                    f"{ladder.standard}, cell {worst}",
                    _minutes(ds[worst]),
                    _minutes(ladder.limit_ds[worst]),
                    left=float(left.min()) / DECISECONDS_PER_MINUTE,
                )
        for floor in data.circle_floors:
            ladder = data.ladders[floor.ladder]
            out = nearest[floor.ladder] > ladder.limit_min * DECISECONDS_PER_MINUTE
            if floor.township is not None:
                out &= (ladder.village >= 0) & (data.village_township[ladder.village] == floor.township)
            outside = int(ladder.weight[out].sum())
            place = "county" if floor.township is None else data.townships[floor.township]
            total = max(1, floor.total)
            self.check(
                "circle_share",
                f"{ladder.standard}, {place}",
                1 - outside / total,
                1 - floor.allowed_out / total,
                left=(floor.allowed_out - outside) / PEOPLE_SCALE,
            )
        for limit in data.fairness:
            value = limit_value(data, limit, charged_minutes(nearest[limit.ladder]))
            left = limit_left(data, limit, value)
            self.check(rule_of(limit), place_of(data, limit), value, limit.limit, left=left)

    def staff(self) -> None:
        """Doctors against people, rooms, the township's pool and the number of hires."""
        data, choice, rule = self.data, self.choice, self.data.doctors
        doctors, rooms = self.clinic_doctors(), rooms_after(data, choice.works)
        load, has_guests = served_load(data, choice)
        for j in np.flatnonzero(choice.own_doctor & (data.decided | data.candidate | has_guests)).tolist():
            if doctors[j] < 1 and not data.hospital[j]:
                self.breaches.append(Breach("doctor_capacity", data.site_ids[j], 0, 1))
            elif has_guests[j]:
                left = rule.cap * int(doctors[j]) - int(load[j])
                used, most = int(load[j]) / data.load_scale, rule.cap * int(doctors[j]) / data.load_scale
                self.check("doctor_capacity", data.site_ids[j], used, most, left=left / data.load_scale)
            if not data.hospital[j]:
                self.check(
                    "doctor_rooms",
                    data.site_ids[j],
                    int(doctors[j]),
                    int(rooms[j]),
                    left=int(rooms[j] - doctors[j]),
                )
        hires = np.array([self.decisions.hires.get(t, 0) for t in data.townships], dtype=np.int64)
        self.overload = overload_in_all(data, choice, doctors)
        self.findings(staffing_findings(data, choice, doctors, hires, self.overload))
        if not data.holds("doctor_balance"):
            return
        reserve = np.array([self.decisions.reserve.get(t, 0) for t in data.townships], dtype=np.int64)
        used, stock = township_sums(data, doctors) + reserve, rule.pool + hires
        common = pooled_with(data)
        for k, township in enumerate(data.townships):
            even = (used - stock)[common == common[k]].sum() == 0
            self.check(
                "doctor_balance",
                township,
                int(used[k]),
                int(stock[k]),
                left=-1 if not even or hires[k] < 0 else int(reserve[k]),
            )
        if pooled(data):
            count_doctors_lent(data, choice, used - stock, self.check)
        self.check("hires", "county", int(hires.sum()), rule.max_hires, left=int(rule.max_hires - hires.sum()))

    def money(self) -> None:
        """Recurrent cost a year and capital against their budgets."""
        data, choice, money = self.data, self.choice, self.data.money
        self.recurrent = recurrent_cost(data, choice, self.clinic_doctors(), self.decisions)
        if money.recurrent_limit is not None:
            self.check(
                "recurrent_budget",
                "county",
                self.recurrent,
                money.recurrent_limit,
                left=money.recurrent_limit - self.recurrent,
            )
        capital = capital_cost(data, choice)
        if money.capital_limit is not None:
            self.check("capital_budget", "county", capital, money.capital_limit, left=money.capital_limit - capital)

    def sub_centres(self) -> None:
        """Eligibility, number, names, catchments and their people."""
        data, choice, block = self.data, self.choice, self.data.sub_centres
        names = [data.site_ids[h] for h in block.hospitals]
        for k, name in enumerate(names):
            chosen = bool(choice.sub_centre[k])
            if chosen and not eligible_after(data, choice, k):
                self.check("sub_centre_eligible", name, None, None, left=-1)
            if block.required[k]:
                places = () if data.works is None else data.works.places_of(int(block.hospitals[k]))
                chosen_there = any(choice.sub_centre[np.isin(block.hospitals, (block.hospitals[k], *places))])
                self.check("sub_centre_required", name, None, None, left=0 if chosen_there else -1)
            if block.forbidden[k]:
                self.check("sub_centre_forbidden", name, None, None, left=-1 if chosen else 0)
        count = int(choice.sub_centre.sum())
        limit = block.min_count if count < block.min_count else block.max_count
        self.check(
            "sub_centre_count", "county", count, limit, left=min(count - block.min_count, block.max_count - count)
        )
        for row, township in enumerate(block.townships.tolist()):
            k = int(choice.catchment[row])
            if k < 0 or not choice.sub_centre[k] or block.cost[row, k] < 0:
                self.breaches.append(Breach("sub_centre_catchment", data.townships[township]))
        if block.max_people is not None:
            for k in np.flatnonzero(choice.sub_centre).tolist():
                people = int(block.people[choice.catchment == k].sum())
                self.check(
                    "sub_centre_load",
                    names[k],
                    people / PEOPLE_SCALE,
                    block.max_people / PEOPLE_SCALE,
                    left=(block.max_people - people) / PEOPLE_SCALE,
                )

    def clinic_doctors(self) -> np.ndarray:
        """Clinic doctors by site under the decisions (int64): a hospital's own ones taken off; zero where not known."""
        return clinic_doctors(self.data, self.decisions)


def clinic_doctors(data: PlanningData, decisions: Decisions) -> np.ndarray:
    """Return the clinic doctors by site (int64): a hospital's own ones are none; zero where not known."""
    count = np.zeros(len(data.site_ids), dtype=np.int64)
    if data.doctors is None:
        return count
    choice = choice_of(data, decisions)
    works, posted = choice.works, posted_from(data, choice.modes)
    for j, site_id in enumerate(data.site_ids):
        decision = decisions.sites.get(site_id)
        if decision is not None and decision.doctors is not None and decision.service is not ServiceMode.POSTED:
            own = -1 if data.decided[j] or data.candidate[j] else own_doctors(data, works, j)
            count[j] = decision.doctors - (own - int(posted[j]) if own >= 0 else 0)
    return count


def recurrent_cost(data: PlanningData, choice: Choice, doctors: np.ndarray, decisions: Decisions) -> int:
    """Yuan a year: open clinics and every clinic doctor, reserve included; without doctor rules today's doctors.

    Circuit teams and posted staff come on top.
    """
    open_clinics = choice.open & (data.decided | data.candidate)
    paid = data.money.doctors_base if data.doctors is None else int(doctors.sum()) + sum(decisions.reserve.values())
    running = int(data.money.running[open_clinics].sum())
    return running + data.money.doctor * paid + works_recurrent(data, choice) + mode_cost(data, choice.modes)[0]


def capital_cost(data: PlanningData, choice: Choice) -> int:
    """Yuan once: clinics built or merged, sub-centres upgraded, circuit teams' vehicles, sites equipped, works done."""
    return other_capital(data, choice) + works_capital(data, choice)


def _minutes(ds: int | np.integer) -> float | None:
    return None if ds == UNREACHABLE_DS else float(ds) / DECISECONDS_PER_MINUTE
