"""The stages of the lexicographic objective as linear functions, integers in the model's own units."""

from __future__ import annotations

from facilityplan.model.constraints_money import capital_cost, recurrent_cost
from facilityplan.model.program import Program, Terms
from facilityplan.model.sets import ObjectiveStage
from facilityplan.units import PEOPLE_SCALE

UNIT_SCALE = {
    "uncovered": PEOPLE_SCALE,
    "person_minutes": PEOPLE_SCALE,
    "sub_centre_minutes": PEOPLE_SCALE,
    "consortium_minutes": PEOPLE_SCALE,
    "cost": 1,
    "capital": 1,
    "changes": 1,
}  # model units per unit of the plan (people, person-minutes, yuan, changes)


def objective(program: Program, stage: ObjectiveStage) -> tuple[Terms, int]:
    """Return a stage as (terms, constant) over the blocks that the program holds."""
    return _STAGES[stage.name](program, stage)


def minimise_uncovered(program: Program, stage: ObjectiveStage) -> tuple[Terms, int]:
    """People outside the circle of a standard: Σ_i w_i s_{S_i}, S_i the sites within the limit (tenths of people)."""
    if program.ladder is None:
        return [], 0
    cost = program.ladder.uncovered[stage.ladder]
    return [(program.closed[k], c) for k, c in cost.coefficients.items()], cost.constant


def minimise_person_minutes(program: Program, stage: ObjectiveStage) -> tuple[Terms, int]:
    """People · whole minutes to the nearest open site: Σ_i w_i (m_i1 + Σ_k (m_ik+1 − m_ik) s_ik), tenths of people.

    A cell with nothing open within the horizon counts as the horizon.
    """
    if program.ladder is None:
        return [], 0
    cost = program.ladder.minutes[stage.ladder]
    return [(program.closed[k], c) for k, c in cost.coefficients.items()], cost.constant


def minimise_sub_centre_minutes(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """People · whole minutes from their village to its sub-centre: Σ_th cost_th Q_th (tenths of people)."""
    return [(variable, int(program.data.sub_centres.cost[pair])) for pair, variable in program.assign.items()], 0


def minimise_consortium_minutes(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """People · whole minutes from their village to the lead of its consortium: Σ_tc cost_tc g_tc (tenths of people)."""
    return [(variable, int(program.data.consortia.cost[pair])) for pair, variable in program.member.items()], 0


def minimise_cost(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Recurrent cost a year in yuan: Σ running_j Y_j + doctor · clinic doctors."""
    return recurrent_cost(program) if "clinics" in program.blocks else ([], 0)


def minimise_capital(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Capital cost in yuan: clinics built and merged, sub-centres, works."""
    return capital_cost(program), 0


def minimise_changes(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Clinics merged, clinics built, hospitals made sub-centres and works done: each counts 1."""
    terms = [(variable, 1) for variable in program.merge.values()]
    terms += [(variable, 1) for j, variable in program.open.items() if program.data.candidate[j]]
    return terms + [(variable, 1) for variable in (*program.sub_centre, *program.work)], 0


_STAGES = {
    "uncovered": minimise_uncovered,
    "person_minutes": minimise_person_minutes,
    "sub_centre_minutes": minimise_sub_centre_minutes,
    "consortium_minutes": minimise_consortium_minutes,
    "cost": minimise_cost,
    "capital": minimise_capital,
    "changes": minimise_changes,
}
