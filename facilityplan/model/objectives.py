"""The stages of the lexicographic objective as linear functions, integers in the model's own units."""

from __future__ import annotations

from facilityplan.model.constraints_centres import centre_ways
from facilityplan.model.constraints_modes import contact_gap
from facilityplan.model.constraints_money import capital_cost, recurrent_cost
from facilityplan.model.evaluate_fairness import counted_cells, in_minutes
from facilityplan.model.program import Program, Terms
from facilityplan.model.sets import ObjectiveStage, PlanningData
from facilityplan.units import PEOPLE_SCALE

UNIT_SCALE = {
    "uncovered": PEOPLE_SCALE,
    "person_minutes": PEOPLE_SCALE,
    "sub_centre_minutes": PEOPLE_SCALE,
    "consortium_minutes": PEOPLE_SCALE,
    "sub_centre_worst": 1,
    "centre_minutes": PEOPLE_SCALE,
    "overload": PEOPLE_SCALE,
    "cost": 1,
    "capital": 1,
    "changes": 1,
    "max_minutes": 1,
    "delay": 1,
    "periodic": PEOPLE_SCALE,
}  # model units per unit of the plan (people, person-minutes, minutes, yuan, changes)


def in_plan_units(data: PlanningData, stage: ObjectiveStage, value: float) -> float:
    """Turn a stage's model units into those of the plan: people, person-minutes, yuan, changes, minutes, the sum."""
    if stage.parts:
        return float(value / stage.scale)
    if stage.name in ("worst_decile", "kolm_pollak"):
        people = int(data.ladders[stage.ladder].weight[counted_cells(data, stage.ladder, None)].sum())
        return in_minutes(stage.name, value, people, None if stage.curve is None else data.curves[stage.curve])
    return value / UNIT_SCALE[stage.name]


def stage_name(data: PlanningData, k: int) -> str:
    """Return the name of the k-th stage: its measure and standard; "weighted" counts itself where there are more."""
    stage = data.objectives[k]
    if stage.parts:
        before = sum(1 for other in data.objectives[:k] if other.parts)
        return f"weighted {before + 1}" if before else "weighted"
    return part_name(data, stage)


def part_name(data: PlanningData, stage: ObjectiveStage) -> str:
    """Return the name of one measure and its standard."""
    return stage.name if stage.ladder is None else f"{stage.name}[{data.ladders[stage.ladder].standard}]"


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


def minimise_overload(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """People beyond what the doctors of their nearest open site can take: Σ_j o_j (tenths of people)."""
    return [(variable, 1) for variable in program.overload.values()], 0


def minimise_sub_centre_worst(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Whole minutes of the village farthest from its sub-centre: W (see constraints_catchments.define_worst)."""
    return ([], 0) if program.worst is None else ([(program.worst, 1)], 0)


def minimise_centre_minutes(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """People · whole minutes from their village to its centre of every service: Σ_sth cost_sth Q_sth (tenths)."""
    return centre_ways(program), 0


def minimise_cost(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Recurrent cost a year in yuan: Σ running_j Y_j + doctor · clinic doctors."""
    return recurrent_cost(program) if "clinics" in program.blocks else ([], 0)


def minimise_capital(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Capital cost in yuan: clinics built and merged, sub-centres, works."""
    return capital_cost(program), 0


def minimise_changes(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Clinics merged or built, hospitals made sub-centres or hosts of a service, sites equipped, works done, and each
    circuit, neighbour or posted service: each counts 1."""
    terms = [(variable, 1) for variable in program.merge.values()]
    for variables in (program.neighbour, program.circuit, program.posted):
        terms += [(variable, 1) for variable in variables.values()]
    terms += [(variable, 1) for j, variable in program.open.items() if program.data.candidate[j]]
    terms += [(variable, 1) for variable in (*program.sub_centre, *program.work)]
    return terms + [(v, 1) for group in (program.centre, program.equip) for v in group.values()], 0


def minimise_measure(program: Program, stage: ObjectiveStage) -> tuple[Terms, int]:
    """A measure of fairness in its whole units: see ``facilityplan.model.measures``."""
    if program.ladder is None:
        return [], 0
    measure = program.measures[stage.name, stage.ladder, stage.curve, None]
    return measure.terms, measure.constant


def minimise_weighted(program: Program, stage: ObjectiveStage) -> tuple[Terms, int]:
    """Σ_k weight_k · part_k in whole units: decimal weights times units, brought to a common denominator."""
    terms: Terms = []
    constant = 0
    for part in stage.parts:
        own, more = objective(program, part.stage)
        terms += [(variable, part.factor * c) for variable, c in own]
        constant += part.factor * more
    return terms, constant


def minimise_delay(program: Program, stage: ObjectiveStage) -> tuple[Terms, int]:
    """Stages waited, summed over all changes: Σ s · (Σ a_jhs + Σ b_ks + Σ u_hs), s = 0, 1 …; late: stages to come."""
    if program.stages is None:
        return [], 0
    last = len(program.stages.years) - 1
    return [
        (variable, last - s if stage.late else s)
        for parts in program.stages.changes()
        for s, variable in enumerate(parts)
    ], 0


def minimise_periodic(program: Program, _: ObjectiveStage) -> tuple[Terms, int]:
    """Person-days a week without any contact where no full-time site is left: Σ_v w_v (7 − days) (tenths of people).

    By village; see constraints_modes.define_contacts.
    """
    if program.data.modes is None or not program.open:
        return [], 0
    return contact_gap(program)


_STAGES = {
    "uncovered": minimise_uncovered,
    "person_minutes": minimise_person_minutes,
    "sub_centre_minutes": minimise_sub_centre_minutes,
    "consortium_minutes": minimise_consortium_minutes,
    "sub_centre_worst": minimise_sub_centre_worst,
    "centre_minutes": minimise_centre_minutes,
    "overload": minimise_overload,
    "cost": minimise_cost,
    "capital": minimise_capital,
    "changes": minimise_changes,
    "max_minutes": minimise_measure,
    "worst_decile": minimise_measure,
    "kolm_pollak": minimise_measure,
    "weighted": minimise_weighted,
    "delay": minimise_delay,
    "periodic": minimise_periodic,
}
