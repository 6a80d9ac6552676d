"""Staffing in depth from the config, as whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from facilityplan.config.schema import Config
from facilityplan.model.gather_rules import exact, ladder_of
from facilityplan.model.sets import LadderInput
from facilityplan.model.sets_staffing import LeastDoctors, PatientData, PostsToFill, StaffingData
from facilityplan.units import PEOPLE_SCALE


def staffing_data(
    config: Config,
    ladders: Sequence[LadderInput],
    village_people: np.ndarray,
    village_township: np.ndarray,
    townships: int,
    load_scale: int,
) -> StaffingData:
    """Return what the config asks of doctors beside capacity, rooms and balance.

    Limit on overload: ⌊share · people of the group⌋ tenths. Posts by the norm: ⌈people / people_per_doctor_norm⌉ by
    township, all its villages and communities counted.
    """
    doctors, rule = config.rules.doctors, config.rules.patients
    if doctors is None:
        return StaffingData()
    patients = fill = least = None
    if rule is not None:
        k, limit = ladder_of(config, rule.standard), None
        if rule.overload_people is not None:
            limit = rule.overload_people * PEOPLE_SCALE
        elif rule.overload_share is not None:
            limit = math.floor(exact(rule.overload_share) * int(ladders[k].weight.sum()))
        patients = PatientData(k, rule.capacity_per_doctor * PEOPLE_SCALE, limit)
    if doctors.fill_posts is not None:
        known = village_township >= 0
        people = np.zeros(townships, dtype=np.int64)
        np.add.at(people, village_township[known], village_people[known])
        wanted = -(-people // (doctors.people_per_doctor_norm * PEOPLE_SCALE))
        fill = PostsToFill(wanted, people, exact(doctors.fill_posts.min_share), doctors.fill_posts.per_township)
    if doctors.min_by_people:
        bands = tuple((band.from_people * load_scale, band.doctors) for band in doctors.min_by_people)
        least = LeastDoctors(bands, doctors.exempt_shortfall_today)
    return StaffingData(patients, fill, least)
