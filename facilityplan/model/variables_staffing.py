"""The variables of staffing in depth, added to the program before hires, whose number depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facilityplan.model.patients import least_doctors_there, patient_steps
from facilityplan.model.sets import PlanningData
from facilityplan.model.staffing import staff_decided

if TYPE_CHECKING:
    from facilityplan.model.program import Program


def add_staffing_variables(program: Program) -> None:
    """Add what rows on staffing need: doctors beyond the first where people or patients could ask for them, patients'
    sets, overload, bands."""
    data, ids = program.data, program.data.site_ids
    if data.staffing.least is not None and data.holds("doctor_minimum"):
        for j in program.open:
            most = _band_of_all(program, j)
            if most > 1:
                _raise_extra(program, j, most - 1)
            for start, least in data.staffing.least.bands:
                own, all_of_them = int(data.load[j]), int(data.load[j]) + people_brought(program, j)
                if own < start <= all_of_them:
                    program.band[j, start] = program.variable(f"large[{ids[j]}, {least} doctors]", 0, 1)
    if not patients_counted(program):
        return
    steps = program.patients = patient_steps(data, program.ladder.forced_open, program.ladder.no_harm)
    capacity, least = data.staffing.patients.capacity, least_doctors_there(data)
    for j, most in steps.most.items():
        if j in program.open:
            rooms = most_rooms(data, j) if data.holds("doctor_rooms") else most
            if (extra := min(-(-most // capacity), rooms) - 1) > 0:
                _raise_extra(program, j, extra)
        elif data.hospital[j]:
            beyond = -(-(most - capacity * int(least[j])) // capacity)
            if j in program.hosted:
                program.hosted[j].upBound = max(program.hosted[j].upBound, beyond)
            else:
                program.hosted[j] = program.variable(f"hosted[{ids[j]}]", 0, beyond)
    for k in range(len(steps.sets)):
        program.passed.append(program.variable(f"passed[{k}]", 0, 1, integer=False))
    for j, most in steps.most.items():
        program.overload[j] = program.variable(f"overload[{ids[j]}]", 0, most, integer=False)


def most_rooms(data: PlanningData, clinic: int) -> int:
    """Return the doctors that a clinic could have room for, with every work there done."""
    more = 0 if data.works is None else sum(int(data.works.adds["rooms"][p]) for p in data.works.at(clinic))
    return int(data.doctors.rooms[clinic]) + more


def patients_counted(program: Program) -> bool:
    """Do patients matter to this program: is their overload limited, or an objective?"""
    data, patients = program.data, program.data.staffing.patients
    if patients is None or program.ladder is None:
        return False
    limited = patients.limit is not None and data.holds("patient_overload")
    return limited or staff_decided(data)


def posts_short(data: PlanningData) -> np.ndarray:
    """Return how many hires each township could want for its posts (int64, townships); all 0 where nobody asks."""
    fill = data.staffing.fill
    if fill is None or not data.holds("fill_posts"):
        return np.zeros(len(data.townships), dtype=np.int64)
    return np.maximum(0, fill.wanted - data.doctors.pool)


def brought_to(program: Program, host: int) -> list[tuple[str, object, int]]:
    """Return (name, column, people) of everybody who may be served by a host's doctors beside its own: clinics that
    merge into it, clinics and villages that its doctors visit; people in units of 1 / load_scale."""
    data = program.data
    found = [(data.site_ids[g], program.merge[g, host], int(data.load[g])) for g in program.guests.get(host, ())]
    for target, _ in program.visits_by.get(host, ()):
        site = int(data.modes.target_site[target])
        name = data.site_ids[site] if site >= 0 else data.village_ids[data.modes.target_village[target]]
        people = int(data.modes.target_people[target])
        found.append((f"{name} by visits", program.neighbour[target, host], people))
    return found


def people_brought(program: Program, host: int) -> int:
    """Return the people of everybody whom a host's doctors could serve beside its own, each counted once."""
    data = program.data
    guests = set(program.guests.get(host, ()))
    visited = [t for t, _ in program.visits_by.get(host, ()) if int(data.modes.target_site[t]) not in guests]
    return sum(int(data.load[g]) for g in guests) + sum(int(data.modes.target_people[t]) for t in visited)


def _raise_extra(program: Program, j: int, most: int) -> None:
    if j in program.extra:
        program.extra[j].upBound = max(program.extra[j].upBound, most)
    else:
        program.extra[j] = program.variable(f"extra_doctors[{program.data.site_ids[j]}]", 0, most)


def _band_of_all(program: Program, j: int) -> int:
    """Most doctors that min_by_people could ask of a clinic."""
    rule = program.data.staffing.least
    people = int(program.data.load[j]) + people_brought(program, j)
    return max((least for start, least in rule.bands if start <= people), default=0)
