"""What works done make of hospitals and clinics: actions, a hospital's own doctors, rooms, balances."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from facilityplan.domain.kinds import Action
from facilityplan.model.mode_choice import ModeChoice, teams_needed
from facilityplan.model.sets import PlanningData

NO_WORKS = np.zeros(0, dtype=bool)


def done_at(data: PlanningData, works: np.ndarray, site: int) -> list[int]:
    """Return the works done of an institution."""
    return [] if data.works is None else [p for p in data.works.at(site) if works[p]]


def site_action(data: PlanningData, works: np.ndarray, site: int, *, sub_centre: bool) -> Action:
    """Return what happens to a site that does not merge: relocate before rebuild before upgrade."""
    kinds = {data.works.kind[p] for p in done_at(data, works, site)} if data.works is not None else set()
    if "relocate" in kinds:
        return Action.RELOCATE
    if "rebuild" in kinds:
        return Action.REBUILD
    return Action.UPGRADE if kinds or sub_centre else Action.KEEP


def reaches_after(
    data: PlanningData, works_done: np.ndarray, site: int, thresholds: Iterable[tuple[str, float]]
) -> bool:
    """Does the hospital that stands at a site with the works done reach every threshold? Nothing stands at a place to
    which none has moved."""
    works = data.works
    old = int(works.origin[site])
    own = done_at(data, works_done, site if old < 0 else old)
    if old >= 0 and site not in {int(works.place[p]) for p in own}:
        return False
    return works.reaches(site if old < 0 else old, own, thresholds)


def own_doctors(data: PlanningData, works: np.ndarray, site: int) -> int:
    """Return a hospital's own doctors with its works done, at the place where it then stands; -1 = not known."""
    own = int(data.doctors.own[site]) if data.doctors is not None else -1
    if data.works is None:
        return own
    block = data.works
    if block.moving[site] and any(block.place[p] >= 0 for p in done_at(data, works, site)):
        return 0  # it has left
    if (old := int(block.origin[site])) >= 0:
        return block.figure_after("doctors", old, done_at(data, works, old))
    if data.decided[site] or data.candidate[site] or own < 0:
        return own
    return block.figure_after("doctors", site, done_at(data, works, site))


def rooms_after(data: PlanningData, works: np.ndarray) -> np.ndarray:
    """Return doctors that each clinic has room for, with works done (int64, sites)."""
    rooms = data.doctors.rooms
    if data.works is None or not len(works):
        return rooms
    rooms = rooms.copy()
    np.add.at(rooms, data.works.site[works], data.works.adds["rooms"][works])
    return rooms


def balances(
    data: PlanningData,
    works: np.ndarray,
    is_open: np.ndarray,
    host: np.ndarray,
    doctors: np.ndarray,
    modes: ModeChoice | None,
) -> np.ndarray:
    """Return each institution's operating balance under the plan (int64 yuan by site; 0 where it is closed or none).

    ``doctors``: clinic doctors by site, of which hospitals have those they host. Unknown bases count as 0. A relocated
    hospital's balance stands at its own id.
    """
    block = data.works
    balance, money = block.balance, data.money
    guests = np.flatnonzero(host >= 0)
    visited, visitor = visited_clinics(data, modes)
    guests, hosts = np.concatenate([guests, visited]), np.concatenate([host[guests], visitor])
    if data.doctors is None:
        doctors = np.where(data.decided & is_open, balance.doctors_today, 0)
        np.add.at(doctors, hosts, balance.doctors_today[guests])
    clinic = (data.decided | data.candidate) & is_open
    after = np.where(clinic, balance.per_clinic + balance.carried - money.running, balance.base)
    np.add.at(after, hosts, balance.carried[guests])
    after = after - money.doctor * doctors - services_cny(data, modes)
    done = np.flatnonzero(works)
    np.subtract.at(after, block.site[done], block.recurrent[done])
    return np.where(balance.counted & (clinic | ~(data.decided | data.candidate)), after, 0)


def visited_clinics(data: PlanningData, modes: ModeChoice | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the clinics that close to be visited, and whose staff visit each (int64, sites)."""
    if modes is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    sender = np.where(modes.neighbour >= 0, modes.neighbour, modes.circuit).astype(np.int64)
    made = np.flatnonzero((sender >= 0) & (data.modes.target_site >= 0))
    return data.modes.target_site[made].astype(np.int64), sender[made]


def services_cny(data: PlanningData, modes: ModeChoice | None) -> np.ndarray:
    """Return what each institution pays a year for circuit teams or posted staff (int64 yuan by site)."""
    paid = np.zeros(len(data.site_ids), dtype=np.int64)
    if modes is not None and data.modes.circuit is not None:
        paid += teams_needed(data, modes) * data.modes.circuit.team_cny
    if modes is not None and data.modes.posted is not None:
        paid += (modes.posted >= 0) * data.modes.posted.staff_cny
    return paid


def spare_doctors(
    data: PlanningData,
    works: np.ndarray,
    is_open: np.ndarray,
    host: np.ndarray,
    doctors: np.ndarray,
    modes: ModeChoice | None,
) -> np.ndarray:
    """Return how many doctors more each site could pay without breaking the balance rule (int64, sites)."""
    plenty = np.full(len(data.site_ids), np.iinfo(np.int64).max)
    if data.works is None or not data.holds("balance"):
        return plenty
    balance = data.works.balance
    if balance.form == "off" or balance.scope != "institution" or data.money.doctor == 0:
        return plenty
    left = balances(data, works, is_open, host, doctors, modes) - least_balance(data)
    return np.where(balance_held(data), left // data.money.doctor, plenty)


def least_balance(data: PlanningData) -> np.ndarray:
    """Return the least balance by site that the rule allows at the scope of institutions (int64)."""
    balance = data.works.balance
    return balance.before if balance.form == "no_worse" else np.zeros_like(balance.before)


def balance_held(data: PlanningData) -> np.ndarray:
    """Return the institutions that the rule looks at one by one, where they stay open (bool by site).

    no_worse: those that work today (a new clinic, or one without a doctor, has no today to compare with);
    non_negative: those whose balance is known.
    """
    balance = data.works.balance
    if balance.form == "no_worse":
        return balance.counted & ~data.candidate & ~(data.decided & (balance.doctors_today == 0))
    return balance.counted & (balance.known | data.candidate)
