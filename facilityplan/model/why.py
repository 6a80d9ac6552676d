"""Why each merger that could have been made was not: the single rule that refuses it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.columns import REFUSALS, names
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.fairness import STAGES
from facilityplan.domain.rules import HOST_RULES, OBJECTIVE
from facilityplan.inputs.tables import Inputs
from facilityplan.model.choice import choice_of, decisions_of, staff_needed, township_sums
from facilityplan.model.choice_works import rooms_after
from facilityplan.model.evaluate import (
    NEVER,
    capital_cost,
    charged_minutes,
    clinic_doctors,
    evaluate,
    nearest_ds,
    objective_value,
)
from facilityplan.model.evaluate_consortia import together
from facilityplan.model.evaluate_locks import closure_findings, lock_obeyed
from facilityplan.model.evaluate_modes import days_missed
from facilityplan.model.evaluate_staffing import overload_in_all
from facilityplan.model.evaluate_works import works_recurrent
from facilityplan.model.gather import planning_data
from facilityplan.model.hosts import RULE_BIT
from facilityplan.model.mode_choice import doctors_for_visits, mode_cost, service_of, visited_load
from facilityplan.model.nearest import two_nearest
from facilityplan.model.objectives import in_plan_units
from facilityplan.model.patients import overload_of_sites
from facilityplan.model.sets import LadderInput, ObjectiveStage, PlanningData
from facilityplan.model.staff_pools import settle_pools
from facilityplan.model.staffing import county_hires, least_at, least_hires, place_staff, settle_staff
from facilityplan.model.why_attributes import refused_by_attributes
from facilityplan.model.why_fairness import FairnessFlips
from facilityplan.model.why_stages import in_each_year, refused_by_stages
from facilityplan.model.why_works import refused_by_works
from facilityplan.units import DECISECONDS_PER_MINUTE, PEOPLE_SCALE, UNREACHABLE_DS

PLAUSIBLE_HOSTS = 6
Refusal = tuple[str | None, float | None, float | None]  # rule (None = accepted), figure, limit


def explain_refusals(config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> pd.DataFrame:
    """Return for each decided clinic its nearest possible hosts, accepted or refused and by which rule (REFUSALS)."""
    return refusals(planning_data(config, inputs, access), decisions)


def refusals(data: PlanningData, decisions: Decisions) -> pd.DataFrame:
    """Explain every plausible merger: the six nearest clinics and township hospitals of each clinic, and its host.

    The rule named is the first host rule that the pair breaks; else the first rule that breaks when this merger alone
    is made in the plan, doctors moved no more than needed; else the objective. ``figure`` is what the rule looked at,
    ``limit`` what it allows: minutes, people, doctors, yuan or, for the objective, the first stage that gets worse and
    its value in the plan (both empty where every stage is equal and the tie was broken by canonical order).
    """
    flips = _Flips(data, decisions)
    allowed, pairs = data.allowed_pairs(), data.pairs
    rows: list[tuple[object, ...]] = []
    for guest in np.flatnonzero(data.decided).tolist():
        accepted = int(flips.choice.host[guest])
        own = np.asarray(pairs.of_guest(guest), dtype=np.int64)
        near = own[(pairs.ds[own] != UNREACHABLE_DS) | (pairs.host[own] == accepted)]
        shown = near[(np.arange(len(near)) < PLAUSIBLE_HOSTS) | (pairs.host[near] == accepted)]
        place = _places(data, near)
        for k in shown.tolist():
            host, ds = int(pairs.host[k]), int(pairs.ds[k])
            refusal: Refusal = (None, None, None)
            if host != accepted:
                refusal = _static(data, k, bool(allowed[k]), place) or flips.refuse(guest, host)
            minutes = None if ds == UNREACHABLE_DS else ds / DECISECONDS_PER_MINUTE
            rows.append((data.site_ids[guest], data.site_ids[host], refusal[0] is None, *refusal, minutes))
    table = pd.DataFrame(rows, columns=names(REFUSALS))
    kinds = {"clinic": object, "host": object, "accepted": bool, "rule": object}
    return table.astype({**kinds, "figure": float, "limit": float, "minutes": float})


def _places(data: PlanningData, near: np.ndarray) -> dict[int, int]:
    """Return the place (1 = nearest) of each pair that breaks no host rule in force but, perhaps, max_hosts."""
    mask = sum(bit for rule, bit in RULE_BIT.items() if rule != "max_hosts" and data.holds(rule))
    fitting = near[(data.pair_breaks()[0][near] & mask) == 0].tolist()
    return {k: place for place, k in enumerate(fitting, start=1)}


def _static(data: PlanningData, k: int, allowed: bool, place: dict[int, int]) -> Refusal | None:
    """The first host rule that a pair breaks, with its figures."""
    if allowed:
        return None
    guest, host, broken = int(data.pairs.guest[k]), int(data.pairs.host[k]), int(data.pair_breaks()[0][k])
    for rule in HOST_RULES:
        if not data.holds(rule):
            continue
        if rule == "max_hosts":
            return rule, place.get(k), data.max_hosts
        if broken & RULE_BIT[rule]:
            if rule == "host_limit":
                ds = data.pairs.ds[k]
                return rule, None if ds == UNREACHABLE_DS else float(ds) / DECISECONDS_PER_MINUTE, data.host_limit_min
            if rule == "host_size":
                people = data.village_people[data.site_village[[host, guest]]] / PEOPLE_SCALE
                return rule, float(people[0]), float(people[1])
            return rule, None, None
    return None


@dataclass(frozen=True)
class _Loss:
    """What closing one site alone does to the cells of one standard, by site."""

    uncovered: np.ndarray  # int64 (sites,)
    minutes: np.ndarray  # int64 (sites,)
    worst_cell: np.ndarray  # int64 (sites,) cell farthest over its no-harm limit, -1 = none
    second: np.ndarray  # int64 (cells,) time to the next open site
    floors: dict[int, np.ndarray]  # circle floor → more people outside, by site


class _Flips:
    """The final plan, and what each single merger would change in it."""

    def __init__(self, data: PlanningData, decisions: Decisions) -> None:
        self.data, self.choice = data, choice_of(data, decisions)
        self.losses = [self._loss(k, ladder) for k, ladder in enumerate(data.ladders)]
        self.nearest_out = [self._outside(k) for k in range(len(data.circle_floors))]
        guests, modes = np.flatnonzero(self.choice.host >= 0), self.choice.modes
        self.guest_load = visited_load(data, modes)
        np.add.at(self.guest_load, self.choice.host[guests], data.load[guests])
        self.merged_here = np.bincount(self.choice.host[guests], minlength=len(data.site_ids))
        self.guest_count = self.merged_here.copy()
        if modes is not None:
            np.add.at(self.guest_count, modes.neighbour[modes.neighbour >= 0], 1)
        self.for_visits = doctors_for_visits(data, modes)
        self.capital = capital_cost(data, self.choice)
        self.hires, self.overload = sum(decisions.hires.values()), 0
        self.asked = self.hires if data.staffing.patients is not None else 0  # for patients: no flip takes them back
        if data.doctors is not None:
            self.rooms = rooms_after(data, self.choice.works)
            self.need = staff_needed(data, self.choice)
            self.need_in = township_sums(data, self.need)
            there = clinic_doctors(data, decisions)
            if data.holds("doctor_balance"):
                hired = self._hired(settle_staff(data, self.choice.member, self.need).hires)
                self.paid = data.money.doctors_base + hired
            else:
                self.paid = int(self.need.sum() if data.staffing.patients is None else there.sum())
            if data.staffing.patients is not None:
                self.overload = overload_in_all(data, self.choice, there)
        else:
            self.paid = data.money.doctors_base
        clinics = self.choice.open & (data.decided | data.candidate)
        running = int(data.money.running[clinics].sum()) + works_recurrent(data, self.choice)
        self.recurrent = running + data.money.doctor * self.paid + mode_cost(data, modes)[0]
        figures = (self.recurrent, self.overload)
        self.values = [objective_value(data, self.choice, s, *figures) for s in data.objectives]
        self.part_values = {
            s.parts: [objective_value(data, self.choice, p.stage, *figures) for p in s.parts] for s in data.objectives}
        self.fairness = FairnessFlips(data, self.choice)

    def refuse(self, guest: int, host: int) -> Refusal:
        """Return why an allowed merger is not made: the first rule that breaks, else the objective."""
        data, choice = self.data, self.choice
        closing = bool(choice.open[guest])  # else it is merged already, into another host
        if self._locked(guest, host):
            return "locks", None, None
        if not choice.own_doctor[host] or self.guest_count[guest]:
            return "host_open", None, None
        if (
            data.consortia is not None
            and data.consortia.merge_inside
            and data.holds("consortium_mergers")
            and not together(data, choice.member, guest, host)
        ):
            return "consortium_mergers", None, None
        if service_of(data, choice.modes, guest)[0] is not None:
            return self._recounted(guest, host)
        if not closing and data.holds("joint_site_guests") and int(choice.host[guest]) in data.joint_sites:
            left = int(self.merged_here[choice.host[guest]]) - 1
            if left < data.min_guests:
                return "joint_site_guests", left, data.min_guests
        if closing:
            refused = self._access(guest) or self._closures(guest)
            if refused is not None:
                return refused
        refused, paid = self._staff(guest, host, closing)
        if refused is not None:
            return refused
        recurrent = (
            self.recurrent + data.money.doctor * (paid - self.paid) - (int(data.money.running[guest]) if closing else 0)
        )
        limit = data.money.recurrent_limit
        if data.holds("recurrent_budget") and limit is not None and recurrent > limit:
            return "recurrent_budget", recurrent, limit
        capital, limit = self.capital + (data.money.merge if closing else 0), data.money.capital_limit
        if data.holds("capital_budget") and limit is not None and capital > limit:
            return "capital_budget", capital, limit
        if (refused := refused_by_works(data, choice, guest, host) or refused_by_attributes(data, choice, guest)):
            return refused
        overload = self._overload(guest, host)
        limit = data.staffing.patients.limit if data.staffing.patients is not None else None
        if data.holds("patient_overload") and limit is not None and overload > limit:
            return "patient_overload", overload / PEOPLE_SCALE, limit / PEOPLE_SCALE
        return self._objective(guest, host, closing, (recurrent, overload))

    def _recounted(self, guest: int, host: int) -> Refusal:
        """Return why a clinic that is visited, or has posted staff, does not merge: the whole plan is recounted."""
        data, modes = self.data, self.choice.modes
        hosts, is_open = self.choice.host.copy(), self.choice.open.copy()
        hosts[guest], is_open[guest] = host, False
        freed = [sender.copy() for sender in (modes.circuit, modes.neighbour, modes.posted)]
        freed[0][data.modes.target_of(guest)] = freed[1][data.modes.target_of(guest)] = freed[2][guest] = -1
        staff = None if data.staffing.patients is None else self.hires if data.holds("doctor_balance") else self.paid
        circuit, neighbour, posted = freed
        services = replace(modes, circuit=circuit, neighbour=neighbour, posted=posted)
        choice = replace(self.choice, open=is_open, host=hosts, modes=services, staff=staff)
        tried = [evaluate(data, decisions_of(data, year)) for year in in_each_year(data, choice, guest)]
        found = next((plan for plan in tried if not plan.breaches), tried[0])
        if found.breaches:
            first = found.breaches[0]
            return first.rule, first.figure, first.limit
        for stage, value, after in zip(data.objectives, self.values, found.objectives, strict=True):
            if after != value:
                return OBJECTIVE, in_plan_units(data, stage, after), in_plan_units(data, stage, value)
        return OBJECTIVE, None, None

    def _access(self, guest: int) -> Refusal | None:
        data = self.data
        if data.holds("no_harm"):
            for ladder, loss in zip(data.ladders, self.losses, strict=True):
                cell = int(loss.worst_cell[guest])
                if cell >= 0:
                    after = loss.second[cell]
                    return (
                        "no_harm",
                        None if after == NEVER else float(after) / DECISECONDS_PER_MINUTE,
                        float(ladder.limit_ds[cell]) / DECISECONDS_PER_MINUTE,
                    )
        if data.holds("circle_share"):
            for f, floor in enumerate(data.circle_floors):
                out = self.nearest_out[f] + int(self.losses[floor.ladder].floors[f][guest])
                if out > floor.allowed_out:
                    return "circle_share", 1 - out / floor.total, 1 - floor.allowed_out / floor.total
        return self.fairness.limit(guest)

    def _locked(self, guest: int, host: int) -> bool:
        """Does a lock forbid this merger?"""
        data = self.data
        if not data.locks or not data.holds("locks"):
            return False
        merged = replace(self.choice, open=self.choice.open.copy(), host=self.choice.host.copy())
        merged.open[guest], merged.host[guest] = False, host
        return any(guest in (k.site, k.host) and not lock_obeyed(k, merged) for k in data.locks)

    def _closures(self, guest: int) -> Refusal | None:
        """The cap on closures that one more would break."""
        data, is_open = self.data, self.choice.open.copy()
        is_open[guest] = False
        for finding in closure_findings(data, replace(self.choice, open=is_open)):
            if finding.left < 0 and data.holds(finding.rule):
                return finding.rule, finding.figure, finding.limit
        return None

    def _staff(self, guest: int, host: int, closing: bool) -> tuple[Refusal | None, int]:
        """The rule on doctors that breaks, if any, and the clinic doctors paid after the flip."""
        data, doctors = self.data, self.data.doctors
        if doctors is None:
            return None, self.paid
        change = {host: self._need(host, int(self.guest_load[host] + data.load[guest]), 1) - int(self.need[host])}
        if closing:
            change[guest] = -int(self.need[guest])
        else:
            old = int(self.choice.host[guest])
            change[old] = self._need(
                old, int(self.guest_load[old] - data.load[guest]), int(self.guest_count[old]) - 1
            ) - int(self.need[old])
        need = int(self.need[host]) + change[host]
        if data.holds("doctor_rooms") and not data.hospital[host] and need > self.rooms[host]:
            return ("doctor_rooms", need, int(self.rooms[host])), self.paid
        if not data.holds("doctor_balance"):
            return None, self.paid + sum(change.values())
        in_township = self.need_in.copy()
        for site, more in change.items():
            if data.site_township[site] >= 0:
                in_township[data.site_township[site]] += more
        hires = np.maximum(least_hires(data), settle_pools(data, self.choice.member, in_township).hires)
        if data.holds("hires") and hires.sum() > doctors.max_hires:
            if doctors.max_hires:
                return ("hires", int(hires.sum()), doctors.max_hires), self.paid
            worst = int(np.argmax(hires))
            return ("doctor_balance", int(in_township[worst]), int(doctors.pool[worst])), self.paid
        return None, data.money.doctors_base + self._hired(hires)

    def _hired(self, needed: np.ndarray) -> int:
        """Doctors hired in the county where these are needed (by township): for its posts and patients perhaps more."""
        return max(int(needed.sum()), county_hires(self.data), self.asked)

    def _overload(self, guest: int, host: int) -> int:
        """Patients beyond capacity after the flip, doctors placed anew, as many hired as in the plan or as needed."""
        data, is_open, hosts = self.data, self.choice.open.copy(), self.choice.host.copy()
        if data.staffing.patients is None:
            return 0
        is_open[guest], hosts[guest] = False, host
        flipped = replace(self.choice, open=is_open, host=hosts)
        need = staff_needed(data, flipped)
        hired = int(settle_staff(data, self.choice.member, need).hires.sum())
        staff = max(self.hires, hired) if data.holds("doctor_balance") else max(self.paid, int(need.sum()))
        doctors, _ = place_staff(data, replace(flipped, staff=staff), need)
        return int(overload_of_sites(data, flipped, doctors).sum())

    def _need(self, host: int, guest_load: int, guests: int) -> int:
        """Least clinic doctors at an open host with these guests."""
        data = self.data
        people = int(data.load[host]) + guest_load
        least = 0 if data.hospital[host] else max(1, least_at(data, host, people, bool(guests)))
        least = max(least, int(self.for_visits[host]))
        if not guests or not data.holds("doctor_capacity"):
            return least
        own = 0 if data.hospital[host] else int(data.load[host])
        return max(least, -(-(own + guest_load) // data.doctors.cap))

    def _objective(self, guest: int, host: int, closing: bool, figures: tuple[int, int]) -> Refusal:
        shown: tuple[float | None, float | None] = (None, None)
        worse = False
        for stage, value in zip(self.data.objectives, self.values, strict=True):
            after = self._after(stage, value, guest, closing, figures)
            if after != value:
                shown = in_plan_units(self.data, stage, after), in_plan_units(self.data, stage, value)
                worse = after > value
                break
        # a merger that makes no stage worse is refused by something else: a rule of the years, where there are any
        refused = None if worse else refused_by_stages(self.data, self.choice, guest, host)
        return refused or (OBJECTIVE, *shown)

    def _after(self, stage: ObjectiveStage, value: int, guest: int, closing: bool, figures: tuple[int, int]) -> int:
        """A stage after the flip, ``value`` before it; ``figures``: recurrent cost and overload after it."""
        if stage.parts:
            parts = zip(stage.parts, self.part_values[stage.parts], strict=True)
            return sum(p.factor * self._after(p.stage, v, guest, closing, figures) for p, v in parts)
        if stage.name in ("cost", "overload"):
            return figures[stage.name == "overload"]
        if closing and stage.name == "changes":
            return value + 1
        if closing and stage.name == "periodic":
            return self._days_missed_without(guest)
        if closing and stage.name == "uncovered":
            return value + int(self.losses[stage.ladder].uncovered[guest])
        if closing and stage.name == "person_minutes":
            return value + int(self.losses[stage.ladder].minutes[guest])
        if closing and stage.name in STAGES:
            return self.fairness.stage(stage, guest)
        return value

    def _days_missed_without(self, guest: int) -> int:
        is_open = self.choice.open.copy()
        is_open[guest] = False
        return days_missed(self.data, replace(self.choice, open=is_open))

    def _outside(self, f: int) -> int:
        floor = self.data.circle_floors[f]
        ladder = self.data.ladders[floor.ladder]
        out = nearest_ds(ladder, self.choice.open) > ladder.limit_min * DECISECONDS_PER_MINUTE
        return int(ladder.weight[out & self._of_floor(f)].sum())

    def _of_floor(self, f: int) -> np.ndarray:
        floor = self.data.circle_floors[f]
        ladder = self.data.ladders[floor.ladder]
        if floor.township is None:
            return np.ones(ladder.cells, dtype=bool)
        return (ladder.village >= 0) & (self.data.village_township[ladder.village] == floor.township)

    def _loss(self, k: int, ladder: LadderInput) -> _Loss:
        n = len(self.data.site_ids)
        first, site, second = two_nearest(ladder, self.choice.open)
        limit = ladder.limit_min * DECISECONDS_PER_MINUTE
        served = site >= 0
        where, weight = site[served], ladder.weight[served]
        newly_out = ((second > limit) & (first <= limit))[served] * weight
        longer = (charged_minutes(second) - charged_minutes(first))[served] * weight
        over = np.where((ladder.limit_ds >= 0) & served, second - ladder.limit_ds, 0)
        worst = np.full(n, -1, dtype=np.int64)
        for cell in np.flatnonzero(over > 0)[np.argsort(over[over > 0], kind="stable")]:
            worst[site[cell]] = cell
        floors = {}
        for f, floor in enumerate(self.data.circle_floors):
            if floor.ladder == k:
                floors[f] = _sum_by(where, newly_out * self._of_floor(f)[served], n)
        return _Loss(_sum_by(where, newly_out, n), _sum_by(where, longer, n), worst, second, floors)


def _sum_by(where: np.ndarray, amount: np.ndarray, n: int) -> np.ndarray:
    total = np.zeros(n, dtype=np.int64)
    np.add.at(total, where, amount.astype(np.int64))
    return total
