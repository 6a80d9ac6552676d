"""Where doctors beyond the least are placed and hired: exact, by township, for a choice of sites and hosts.

Once it is known which sites are open and who merges into whom, patients at each site are known, and every further
doctor takes what one doctor can take off a site's overload, the last one the rest. Such gains only shrink, doctors move
inside their township and hires are counted in the county: taking the largest gain that is still possible, again and
again, is optimal (the greedy rule on a matroid). So the integer program decides how many are hired; who works where
follows from it, the same on every machine.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from facilityplan.model.choice_works import rooms_after
from facilityplan.model.patients import overload_of_sites
from facilityplan.model.sets import PlanningData
from facilityplan.model.staff_pools import Pools, by_pool, pool_of, settle_pools

if TYPE_CHECKING:
    from facilityplan.model.choice import Choice


def least_by_people(data: PlanningData, is_open: np.ndarray, load: np.ndarray, has_guests: np.ndarray) -> np.ndarray:
    """Return the doctors that rules.doctors.min_by_people asks of every open clinic (int64, sites; 0 elsewhere).

    ``load``: its people, its guests and whom its doctors visit, in units of 1 / load_scale. A clinic without any of
    these that has fewer doctors today than asked needs no more than it has, where the rule exempts it.
    """
    rule = data.staffing.least
    clinic = (data.decided | data.candidate) & is_open
    if rule is None or not data.holds("doctor_minimum"):
        return np.zeros(len(clinic), dtype=np.int64)
    asked = rule.of(load)
    if rule.exempt:
        asked = np.where(data.decided & ~has_guests, np.minimum(asked, data.doctors.today), asked)
    return np.where(clinic, asked, 0)


def least_at(data: PlanningData, site: int, load: int, has_guests: bool) -> int:
    """Return ``least_by_people`` of one open clinic."""
    rule = data.staffing.least
    if rule is None or not data.holds("doctor_minimum"):
        return 0
    asked = int(rule.of(np.array([load]))[0])
    exempt = rule.exempt and data.decided[site] and not has_guests
    return min(asked, int(data.doctors.today[site])) if exempt else asked


def least_hires(data: PlanningData) -> np.ndarray:
    """Return the hires that each township needs for its own posts to be filled (int64, townships)."""
    fill = data.staffing.fill
    if fill is None or not fill.per_township or not data.holds("fill_posts"):
        return np.zeros(len(data.townships), dtype=np.int64)
    asked = np.array([math.ceil(fill.share * int(n)) for n in fill.wanted], dtype=np.int64)
    return np.maximum(0, asked - data.doctors.pool)


def county_hires(data: PlanningData) -> int:
    """Return the hires that the county needs for its posts to be filled."""
    fill = data.staffing.fill
    if fill is None or not data.holds("fill_posts") or not data.holds("doctor_balance"):
        return 0
    return max(0, math.ceil(fill.share * int(fill.wanted.sum())) - int(data.doctors.pool.sum()))


def staff_decided(data: PlanningData) -> bool:
    """Is the number of hires a decision of its own, not just what the sites need?"""
    return data.staffing.patients is not None and any(
        part.name == "overload" for stage in data.objectives for part in stage.flat()
    )


def township_sums(data: PlanningData, by_site: np.ndarray) -> np.ndarray:
    """Sum a figure of the sites by township (int64, townships)."""
    known = data.site_township >= 0
    total = np.zeros(len(data.townships), dtype=np.int64)
    np.add.at(total, data.site_township[known], by_site[known])
    return total


def settle_staff(
    data: PlanningData, member: np.ndarray, need: np.ndarray, before: np.ndarray | None = None
) -> Pools:
    """Return the least hires by township for ``need`` doctors by site, and who lends to whom.

    The hires that its posts ask for are included, and those made ``before``, in an earlier stage (by pool).
    """
    least = by_pool(data, member, least_hires(data))
    return settle_pools(data, member, township_sums(data, need), least if before is None else np.maximum(least, before))


def place_staff(
    data: PlanningData, choice: Choice, need: np.ndarray, before: np.ndarray | None = None
) -> tuple[np.ndarray, Pools]:
    """Return (clinic doctors by site, hires and loans by township) with doctors moved to where patients are beyond
    capacity.

    ``need``: the least doctors by site; ``choice.staff``: hires in the county (without the staff balance, clinic
    doctors in all), None = as few as the rules allow. Who is free in a pool goes first; then hires, where they take
    most; then hires that the county's posts ask for, to the township with most people for each doctor. ``before``:
    hires made in earlier stages, by pool (staff_pools.by_pool).
    """
    member, staff = choice.member, choice.staff
    doctors, pools = need.copy(), settle_staff(data, member, need, before)
    balance = data.holds("doctor_balance")
    if data.staffing.patients is not None:
        label = pool_of(data, member)
        spare = np.zeros(int(label.max(initial=0)) + 1, dtype=np.int64)
        if balance:
            np.add.at(spare, label, data.doctors.pool + pools.hires - township_sums(data, need))
        more = 0 if staff is None else staff - int(pools.hires.sum() if balance else need.sum())
        _relieve(data, choice, doctors, spare, label, more, least=staff is None)
        pools = settle_staff(data, member, doctors, before)
    if balance:
        _fill_posts(data, pools.hires)
    return doctors, pools


def _relieve(
    data: PlanningData,
    choice: Choice,
    doctors: np.ndarray,
    spare: np.ndarray,
    label: np.ndarray,
    more: int,
    *,
    least: bool,
) -> None:
    """Place ``spare`` doctors (by pool) and ``more`` hires where overload shrinks most; changes the arrays.

    ``least``: hire only what the limit on overload asks for.
    """
    patients = data.staffing.patients
    over = overload_of_sites(data, choice, doctors)
    limit = patients.limit if data.holds("patient_overload") else None
    clinic = data.decided | data.candidate
    limited = clinic if data.holds("doctor_rooms") else np.zeros(len(clinic), dtype=bool)
    room = np.where(limited, rooms_after(data, choice.works) - doctors, np.iinfo(np.int64).max)
    where = np.flatnonzero(choice.own_doctor & (clinic | data.hospital) & (over > 0) & (room > 0)).tolist()
    waiting: list[int] = []

    def place(sites: list[int], j: int) -> None:
        doctors[j] += 1
        room[j] -= 1
        over[j] -= min(patients.capacity, int(over[j]))
        if not over[j] or not room[j]:
            sites.remove(j)

    def fullest(sites: list[int]) -> int:
        return min(sites, key=lambda i: (-min(patients.capacity, int(over[i])), int(data.rank[i])))

    while where:
        j = fullest(where)
        pool = label[data.site_township[j]]
        if spare[pool] > 0:
            spare[pool] -= 1
        elif more > 0:
            more -= 1
        else:
            where.remove(j)
            waiting.append(j)
            continue
        place(where, j)
    while least and limit is not None and waiting and over.sum() > limit:  # after everybody free has found a place
        place(waiting, fullest(waiting))


def _fill_posts(data: PlanningData, hired: np.ndarray) -> None:
    """Hire what the county's posts still ask for, each where most people share a doctor; changes ``hired``."""
    fill, missing = data.staffing.fill, county_hires(data) - int(hired.sum())
    while fill is not None and missing > 0:
        there = data.doctors.pool + hired
        short = np.flatnonzero(there < fill.wanted).tolist()
        best = short[0]
        for t in short[1:]:  # people / doctors compared as fractions, exactly; without any doctor first
            if int(fill.people[t]) * int(there[best]) > int(fill.people[best]) * int(there[t]):
                best = t
        hired[best] += 1
        missing -= 1
