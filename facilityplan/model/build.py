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
from facilityplan.model.constraints_attributes import (
    constrain_attribute_people,
    constrain_attribute_sites,
    define_equipment,
)
from facilityplan.model.constraints_catchments import (
    constrain_sub_centre_contiguous,
    constrain_sub_centre_min_people,
    constrain_sub_centre_spread,
    define_worst,
)
from facilityplan.model.constraints_centres import (
    constrain_centre_catchment,
    constrain_centre_count,
    constrain_centre_eligible,
    constrain_centre_forbidden,
    constrain_centre_load,
    constrain_centre_required,
    constrain_centre_share,
    constrain_centres_per_host,
)
from facilityplan.model.constraints_consortia import (
    constrain_consortium_assigned,
    constrain_consortium_balance,
    constrain_consortium_catchments,
    constrain_consortium_contiguous,
    constrain_consortium_count,
    constrain_consortium_leads,
    constrain_consortium_limit,
    constrain_consortium_member,
    constrain_consortium_mergers,
    constrain_consortium_staff,
    constrain_consortium_sub_centres,
    constrain_consortium_townships,
)
from facilityplan.model.constraints_fairness import (
    constrain_kolm_pollak_limit,
    constrain_max_minutes_limit,
    constrain_mean_minutes_limit,
    constrain_worst_decile_limit,
    define_fairness,
)
from facilityplan.model.constraints_locks import (
    constrain_closures_total,
    constrain_closures_township,
    constrain_locks,
)
from facilityplan.model.constraints_modes import (
    constrain_circuit_staff,
    constrain_circuit_team,
    constrain_joint_site_guests,
    constrain_neighbour_hours,
    constrain_posted_pool,
    define_contacts,
)
from facilityplan.model.constraints_money import constrain_capital_budget, constrain_recurrent_budget
from facilityplan.model.constraints_staff import (
    constrain_doctor_balance,
    constrain_doctor_capacity,
    constrain_doctor_rooms,
    constrain_hires,
)
from facilityplan.model.constraints_staffing import (
    constrain_doctor_minimum,
    constrain_fill_posts,
    constrain_patient_overload,
    define_patients,
    define_posted_alone,
)
from facilityplan.model.constraints_stages import (
    constrain_stage_capital,
    constrain_stage_closures,
    constrain_stage_doctors,
    constrain_stage_no_harm,
    constrain_stage_once,
    constrain_stage_recurrent,
    define_stage_doctors,
)
from facilityplan.model.constraints_stages_modes import define_stage_services
from facilityplan.model.constraints_stages_works import (
    constrain_stage_earliest,
    constrain_stage_funding,
    constrain_stage_ready,
)
from facilityplan.model.constraints_sub_centres import (
    constrain_sub_centre_catchment,
    constrain_sub_centre_count,
    constrain_sub_centre_eligible,
    constrain_sub_centre_forbidden,
    constrain_sub_centre_load,
    constrain_sub_centre_required,
)
from facilityplan.model.constraints_works import (
    constrain_balance,
    constrain_funding_amount,
    constrain_levels,
    constrain_no_debt,
    constrain_relocation,
    constrain_work_site,
    constrain_works_forbidden,
    constrain_works_required,
    constrain_works_together,
)
from facilityplan.model.evaluate_fairness import rule_of
from facilityplan.model.mode_variables import visits_cross_townships
from facilityplan.model.program import ALL_BLOCKS, Block, Program
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
FAIRNESS_CONSTRAINTS: dict[str, Constraint] = {
    "mean_minutes_limit": constrain_mean_minutes_limit,
    "max_minutes_limit": constrain_max_minutes_limit,
    "worst_decile_limit": constrain_worst_decile_limit,
    "kolm_pollak_limit": constrain_kolm_pollak_limit,
}
STAFF_CONSTRAINTS: dict[str, Constraint] = {
    "doctor_capacity": constrain_doctor_capacity,
    "doctor_rooms": constrain_doctor_rooms,
    "doctor_balance": constrain_doctor_balance,
    "hires": constrain_hires,
}
STAFFING_CONSTRAINTS: dict[str, Constraint] = {
    "doctor_minimum": constrain_doctor_minimum,
    "fill_posts": constrain_fill_posts,
    "patient_overload": constrain_patient_overload,
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
    "sub_centre_min_people": constrain_sub_centre_min_people,
    "sub_centre_spread": constrain_sub_centre_spread,
    "sub_centre_contiguous": constrain_sub_centre_contiguous,
}
CENTRE_CONSTRAINTS: dict[str, Constraint] = {
    "centre_eligible": constrain_centre_eligible,
    "centre_count": constrain_centre_count,
    "centre_required": constrain_centre_required,
    "centre_forbidden": constrain_centre_forbidden,
    "centre_catchment": constrain_centre_catchment,
    "centre_load": constrain_centre_load,
    "centre_share": constrain_centre_share,
    "centres_per_host": constrain_centres_per_host,
}
MODE_CONSTRAINTS: dict[str, Constraint] = {
    "circuit_team": constrain_circuit_team,
    "circuit_staff": constrain_circuit_staff,
    "neighbour_hours": constrain_neighbour_hours,
    "posted_pool": constrain_posted_pool,
}
JOINT_SITE_CONSTRAINTS: dict[str, Constraint] = {"joint_site_guests": constrain_joint_site_guests}
CONSORTIUM_CONSTRAINTS: dict[str, Constraint] = {
    "consortium_member": constrain_consortium_member,
    "consortium_leads": constrain_consortium_leads,
    "consortium_count": constrain_consortium_count,
    "consortium_balance": constrain_consortium_balance,
    "consortium_townships": constrain_consortium_townships,
    "consortium_contiguous": constrain_consortium_contiguous,
    "consortium_assigned": constrain_consortium_assigned,
    "consortium_limit": constrain_consortium_limit,
    "consortium_sub_centres": constrain_consortium_sub_centres,
    "consortium_catchments": constrain_consortium_catchments,
    "consortium_mergers": constrain_consortium_mergers,
    "consortium_staff": constrain_consortium_staff,
}
STAGE_CONSTRAINTS: dict[str, Constraint] = {
    "stage_once": constrain_stage_once,
    "stage_closures": constrain_stage_closures,
    "stage_capital": constrain_stage_capital,
    "stage_recurrent": constrain_stage_recurrent,
    "stage_doctors": constrain_stage_doctors,
    "stage_no_harm": constrain_stage_no_harm,
}
STAGED_WORK_CONSTRAINTS: dict[str, Constraint] = {
    "stage_ready": constrain_stage_ready,
    "stage_earliest": constrain_stage_earliest,
    "stage_funding": constrain_stage_funding,
}
WORK_CONSTRAINTS: dict[str, Constraint] = {
    "work_site": constrain_work_site,
    "relocation": constrain_relocation,
    "works_together": constrain_works_together,
    "works_required": constrain_works_required,
    "works_forbidden": constrain_works_forbidden,
    "funding_amount": constrain_funding_amount,
    "no_debt": constrain_no_debt,
    "balance": constrain_balance,
    "levels": constrain_levels,
}
ATTRIBUTE_CONSTRAINTS: dict[str, Constraint] = {
    "attribute_sites": constrain_attribute_sites,
    "attribute_people": constrain_attribute_people,
}
CONSTRAINTS = {
    **CLINIC_CONSTRAINTS,
    **FAIRNESS_CONSTRAINTS,
    **STAFF_CONSTRAINTS,
    **MODE_CONSTRAINTS,
    **JOINT_SITE_CONSTRAINTS,
    **STAFFING_CONSTRAINTS,
    **MONEY_CONSTRAINTS,
    **SUB_CENTRE_CONSTRAINTS,
    **CONSORTIUM_CONSTRAINTS,
    **WORK_CONSTRAINTS,
    **STAGE_CONSTRAINTS,
    **CENTRE_CONSTRAINTS,
    **ATTRIBUTE_CONSTRAINTS,
    **STAGED_WORK_CONSTRAINTS,
}


def build_program(
    data: PlanningData, blocks: frozenset[Block] = ALL_BLOCKS, elastic: frozenset[str] = frozenset()
) -> Program:
    """Build the program of ``data`` with every rule in force; ``blocks`` leaves a whole part out.

    Rows of ``elastic`` rules may be exceeded (see ``facilityplan.model.conflict_repair``).
    """
    program = Program(data, blocks, elastic)
    if "clinics" in blocks:
        define_ladder(program)
        define_fairness(program)
        if data.stages is not None:
            define_stage_doctors(program)
            define_stage_services(program)
        stages = [s for stage in data.objectives for s in (stage, *(part.stage for part in stage.parts))]
        if data.modes is not None and any(stage.name == "periodic" for stage in stages):
            define_contacts(program)
        define_equipment(program)
        define_posted_alone(program)
        define_patients(program)
    if "sub_centres" in blocks:
        define_worst(program)
    for rule in active_rules(data, blocks):
        CONSTRAINTS[rule](program)
    return program


def active_rules(data: PlanningData, blocks: frozenset[Block] = ALL_BLOCKS) -> list[str]:
    """Return the row rules that apply to ``data``: their block is there and they are not dropped."""
    rules: list[str] = []
    if "clinics" in blocks:
        rules += CLINIC_CONSTRAINTS
        rules += [rule for rule in FAIRNESS_CONSTRAINTS if any(rule_of(limit) == rule for limit in data.fairness)]
        if data.doctors is not None:
            rules += STAFF_CONSTRAINTS
            rules += [rule for rule in STAFFING_CONSTRAINTS if data.staffing.asks(rule)]
        if data.modes is not None:
            rules += MODE_CONSTRAINTS
        if data.joint_sites:
            rules += JOINT_SITE_CONSTRAINTS
    rules += MONEY_CONSTRAINTS
    if "sub_centres" in blocks and data.sub_centres is not None:
        rules += SUB_CENTRE_CONSTRAINTS
    if "consortia" in blocks and data.consortia is not None:
        rules += CONSORTIUM_CONSTRAINTS
    if "clinics" in blocks and data.works is not None:
        rules += WORK_CONSTRAINTS
    if data.stages is not None:
        rules += STAGE_CONSTRAINTS
    if "centres" in blocks and data.centres:
        rules += CENTRE_CONSTRAINTS
    if "clinics" in blocks and data.attributes:
        rules += ATTRIBUTE_CONSTRAINTS
    if "clinics" in blocks and data.stages is not None and data.works is not None:
        rules += STAGED_WORK_CONSTRAINTS
    return [rule for rule in rules if data.holds(rule)]


def split_blocks(data: PlanningData) -> list[frozenset[Block]]:
    """Return the parts that can be solved apart: blocks that no row joins. The small parts come first."""
    there: list[Block] = ["clinics"]
    there += ["sub_centres"] if data.sub_centres is not None else []
    there += ["consortia"] if data.consortia is not None else []
    there += ["centres"] if data.centres else []
    parts: list[set[Block]] = [{block} for block in there]
    for joins, pair in _JOINS:
        if set(pair) <= set(there) and joins(data):
            parts = [p for p in parts if not p & set(pair)] + [set().union(*(p for p in parts if p & set(pair)))]
    return [frozenset(p) for p in sorted(parts, key=lambda p: ("clinics" in p, min(map(_SMALL_FIRST.index, p))))]


def _hosts_may_relocate(data: PlanningData) -> bool:
    return data.unsettled is not None and any(data.unsettled[block.hosts].any() for block in data.centres)


def _works_may_lift_hosts(data: PlanningData) -> bool:
    return data.works is not None and len(data.works.ids) > 0 and any(block.thresholds for block in data.centres)


def _works_join(data: PlanningData) -> bool:
    return data.works is not None  # ladders, eligibility, money


def _tolerance_of_all(data: PlanningData) -> bool:
    """May later stages use up, in whatever block, a tolerance of a stage that counts several?"""
    return any(o.tolerance and o.name in ("changes", "capital", "weighted") for o in data.objectives)


def _capital_could_be_overspent(data: PlanningData) -> bool:
    money, block = data.money, data.sub_centres
    if not data.holds("capital_budget") or money.capital_limit is None:
        return False
    upgrades = min(len(block.hospitals), block.max_count) if data.holds("sub_centre_count") else len(block.hospitals)
    most = money.merge * int(data.decided.sum()) + money.build * int(data.candidate.sum()) + money.upgrade * upgrades
    if data.modes is not None and data.modes.circuit is not None:
        circuit = data.modes.circuit
        most += circuit.vehicle_cny * (int(circuit.pairs.minutes.sum()) // circuit.team_minutes + len(data.site_ids))
    most += sum(floor.equip_cny * int(floor.equippable.sum()) for floor in data.attributes)
    return most > money.capital_limit


def _capital_by_stage(data: PlanningData) -> bool:
    stages = data.stages
    return stages is not None and data.holds("stage_capital") and any(c is not None for c in stages.capital)


def _sub_centres_by_consortium(data: PlanningData) -> bool:
    block = data.consortia
    each = data.holds("consortium_sub_centres") and block.min_sub_centres > 0
    return each or (data.holds("consortium_catchments") and block.catchments_inside)


def _clinics_by_consortium(data: PlanningData) -> bool:
    block = data.consortia
    if block.pool_staff and data.doctors is not None and data.holds("doctor_balance"):
        return True
    pairs, town = data.allowed_pairs(), data.site_township
    across = bool((town[data.pairs.guest[pairs]] != town[data.pairs.host[pairs]]).any())
    return block.merge_inside and data.holds("consortium_mergers") and (across or visits_cross_townships(data))


_SMALL_FIRST: tuple[Block, ...] = ("centres", "consortia", "sub_centres", "clinics")
_JOINS: tuple[tuple[Callable[[PlanningData], bool], tuple[Block, Block]], ...] = (
    (_works_join, ("clinics", "sub_centres")),
    (_tolerance_of_all, ("clinics", "sub_centres")),
    (_tolerance_of_all, ("clinics", "consortia")),
    (_tolerance_of_all, ("clinics", "centres")),
    (_hosts_may_relocate, ("clinics", "centres")),
    (_works_may_lift_hosts, ("clinics", "centres")),
    (_capital_could_be_overspent, ("clinics", "sub_centres")),
    (_capital_by_stage, ("clinics", "sub_centres")),
    (_sub_centres_by_consortium, ("sub_centres", "consortia")),
    (_clinics_by_consortium, ("clinics", "consortia")),
)
