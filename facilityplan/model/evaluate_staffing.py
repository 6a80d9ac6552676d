"""The recount of staffing in depth: from data, a choice and doctors alone, no solver."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facilityplan.model.choice import Choice, served_load
from facilityplan.model.evaluate_locks import Finding
from facilityplan.model.patients import doctors_there, overload_of_sites
from facilityplan.model.sets import PlanningData
from facilityplan.model.staffing import least_by_people
from facilityplan.units import PEOPLE_SCALE


def overload_in_all(data: PlanningData, choice: Choice, doctors: np.ndarray) -> int:
    """Return the patients beyond the capacity of their nearest open site, in tenths of people."""
    return 0 if data.staffing.patients is None else int(overload_of_sites(data, choice, doctors).sum())


def staffing_findings(
    data: PlanningData, choice: Choice, doctors: np.ndarray, hires: np.ndarray, overload: int
) -> Iterator[Finding]:
    """Yield what is left of each rule on staffing, at every place; ``hires`` by township."""
    yield from _least(data, choice, doctors)
    fill, patients = data.staffing.fill, data.staffing.patients
    if fill is not None and data.holds("doctor_balance"):
        after = data.doctors.pool + hires
        places = [("county", int(after.sum()), int(fill.wanted.sum()))]
        if fill.per_township:
            places += [(t, int(after[k]), int(fill.wanted[k])) for k, t in enumerate(data.townships)]
        for place, there, wanted in places:
            asked = fill.share * wanted
            yield Finding("fill_posts", place, there, float(asked), float(there - asked))
    if patients is not None and patients.limit is not None:
        yield Finding("patient_overload", "county", overload / PEOPLE_SCALE, patients.limit / PEOPLE_SCALE,
                      (patients.limit - overload) / PEOPLE_SCALE)  # fmt: skip


def _least(data: PlanningData, choice: Choice, doctors: np.ndarray) -> Iterator[Finding]:
    if data.staffing.least is None:
        return
    least = least_by_people(data, choice.open, *served_load(data, choice))
    there, _ = doctors_there(data, choice, doctors)
    for j in np.flatnonzero(least > 0).tolist():
        yield Finding("doctor_minimum", data.site_ids[j], int(there[j]), int(least[j]), int(there[j] - least[j]))
