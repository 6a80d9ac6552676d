"""How many doctors the integer program hires, where that is a decision of its own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from facilityplan.model.program import Program, Terms
from facilityplan.model.sets import PlanningData
from facilityplan.model.staffing import staff_decided


def staff_terms(program: Program) -> Terms:
    """Return hires in the county or, without the staff balance, clinic doctors in all; nothing where they follow from
    the sites."""
    data = program.data
    if data.doctors is None or not staff_decided(data):
        return []
    if data.holds("doctor_balance"):
        return [(variable, 1) for variable in program.hires.values()]
    columns = (program.open, program.extra, program.hosted)
    posted = [(variable, -1) for variable in program.posted.values()]
    return [(variable, 1) for variables in columns for variable in variables.values()] + posted


def least_staff(program: Program) -> np.ndarray:
    """The number of hires as a cost over the columns, for the tie-break: no more of them than the stages need."""
    return program.vector(staff_terms(program))


def staff_of(data: PlanningData, parts: Iterable[tuple[Program, np.ndarray]]) -> int | None:
    """Return the number that the solver's values come to; None where it follows from the sites."""
    if data.doctors is None or not staff_decided(data):
        return None
    return sum(round(float(program.vector(staff_terms(program)) @ values)) for program, values in parts)
