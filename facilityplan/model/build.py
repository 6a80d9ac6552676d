"""From planning data to the whole program: every rule in force adds its rows, in one fixed order."""

from __future__ import annotations

from collections.abc import Callable

from facilityplan.model.constraints import (
    constrain_blank_villages,
    constrain_circle_share,
    constrain_host_open,
    constrain_no_harm,
    constrain_one_mode,
    define_ladder,
)
from facilityplan.model.constraints_locks import (
    constrain_closures_total,
    constrain_closures_township,
    constrain_locks,
)
from facilityplan.model.constraints_money import constrain_capital_budget, constrain_recurrent_budget
from facilityplan.model.constraints_staff import (
    constrain_doctor_balance,
    constrain_doctor_capacity,
    constrain_doctor_rooms,
    constrain_hires,
)
from facilityplan.model.constraints_sub_centres import (
    constrain_sub_centre_catchment,
    constrain_sub_centre_count,
    constrain_sub_centre_eligible,
    constrain_sub_centre_forbidden,
    constrain_sub_centre_load,
    constrain_sub_centre_required,
)
from facilityplan.model.program import Block, Program
from facilityplan.model.sets import PlanningData

Constraint = Callable[[Program], None]
CLINIC_CONSTRAINTS: dict[str, Constraint] = {
    "one_mode": constrain_one_mode,
    "host_open": constrain_host_open,
    "blank_villages": constrain_blank_villages,
    "no_harm": constrain_no_harm,
    "circle_share": constrain_circle_share,
    "locks": constrain_locks,
    "closures_total": constrain_closures_total,
    "closures_township": constrain_closures_township,
}
STAFF_CONSTRAINTS: dict[str, Constraint] = {
    "doctor_capacity": constrain_doctor_capacity,
    "doctor_rooms": constrain_doctor_rooms,
    "doctor_balance": constrain_doctor_balance,
    "hires": constrain_hires,
}
MONEY_CONSTRAINTS: dict[str, Constraint] = {
    "recurrent_budget": constrain_recurrent_budget,
    "capital_budget": constrain_capital_budget,
}
SUB_CENTRE_CONSTRAINTS: dict[str, Constraint] = {
    "sub_centre_eligible": constrain_sub_centre_eligible,
    "sub_centre_count": constrain_sub_centre_count,
    "sub_centre_required": constrain_sub_centre_required,
    "sub_centre_forbidden": constrain_sub_centre_forbidden,
    "sub_centre_catchment": constrain_sub_centre_catchment,
    "sub_centre_load": constrain_sub_centre_load,
}
CONSTRAINTS = {**CLINIC_CONSTRAINTS, **STAFF_CONSTRAINTS, **MONEY_CONSTRAINTS, **SUB_CENTRE_CONSTRAINTS}


def build_program(data: PlanningData, blocks: frozenset[Block] = frozenset({"clinics", "sub_centres"})) -> Program:
    """Build the program of ``data`` with every rule in force; ``blocks`` leaves a whole part out."""
    program = Program(data, blocks)
    if "clinics" in blocks:
        define_ladder(program)
    for rule in active_rules(data, blocks):
        CONSTRAINTS[rule](program)
    return program


def active_rules(data: PlanningData, blocks: frozenset[Block] = frozenset({"clinics", "sub_centres"})) -> list[str]:
    """Return the row rules that apply to ``data``: their block is there and they are not dropped."""
    rules: list[str] = []
    if "clinics" in blocks:
        rules += CLINIC_CONSTRAINTS
        if data.doctors is not None:
            rules += STAFF_CONSTRAINTS
    rules += MONEY_CONSTRAINTS
    if "sub_centres" in blocks and data.sub_centres is not None:
        rules += SUB_CENTRE_CONSTRAINTS
    return [rule for rule in rules if data.holds(rule)]


def split_blocks(data: PlanningData) -> list[frozenset[Block]]:
    """Return the parts that can be solved apart: clinics and sub-centres share no row but the capital budget.

    They are one part only where that budget could be overspent. The small part comes first.
    """
    if data.sub_centres is None:
        return [frozenset({"clinics"})]
    money, block = data.money, data.sub_centres
    if data.holds("capital_budget") and money.capital_limit is not None:
        upgrades = (
            min(len(block.hospitals), block.max_count) if data.holds("sub_centre_count") else len(block.hospitals)
        )
        most = (
            money.merge * int(data.decided.sum()) + money.build * int(data.candidate.sum()) + money.upgrade * upgrades
        )
        if most > money.capital_limit:
            return [frozenset({"clinics", "sub_centres"})]
    return [frozenset({"sub_centres"}), frozenset({"clinics"})]
