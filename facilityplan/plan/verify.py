"""The independent verifier: is this plan feasible, are its figures true, is its status earned?

It recounts everything from raw inputs and decisions with code of its own and imports nothing of `network`, `access`,
`model` or PuLP. Every rule of domain.rules has one check, in force unless the scenario drops the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from facilityplan.config.schema import Config
from facilityplan.inputs.tables import Inputs
from facilityplan.plan import recount_access as access
from facilityplan.plan import recount_attributes as attributes
from facilityplan.plan import recount_catchments as catchments
from facilityplan.plan import recount_centres as centres
from facilityplan.plan import recount_clauses as clauses
from facilityplan.plan import recount_consortia as consortia
from facilityplan.plan import recount_fairness as fairness
from facilityplan.plan import recount_figures as figures
from facilityplan.plan import recount_groupings as groupings
from facilityplan.plan import recount_locks as locks
from facilityplan.plan import recount_mergers as mergers
from facilityplan.plan import recount_modes as modes
from facilityplan.plan import recount_refusals as refusals
from facilityplan.plan import recount_resources as resources
from facilityplan.plan import recount_routes as routes
from facilityplan.plan import recount_staffing as staffing
from facilityplan.plan import recount_staffing_tables as staffing_tables
from facilityplan.plan import recount_stages as stages
from facilityplan.plan import recount_stages_works as stages_works
from facilityplan.plan import recount_tables as tables
from facilityplan.plan import recount_works as works
from facilityplan.plan.claims import Claims, Ledger, PlanLike, Verification, claims_of
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.run_folder import read_run

Check = Callable[[Recount, Ledger], None]

RULE_CHECKS: Mapping[str, Check] = {
    "one_mode": mergers.check_one_mode,
    "host_open": mergers.check_host_open,
    "adjacent": mergers.check_adjacent,
    "same_township": mergers.check_same_township,
    "same_consortium": mergers.check_same_consortium,
    "host_limit": mergers.check_host_limit,
    "host_size": mergers.check_host_size,
    "max_hosts": mergers.check_max_hosts,
    "blank_villages": access.check_blank_villages,
    "no_harm": access.check_no_harm,
    "circle_share": access.check_circle_share,
    "mean_minutes_limit": fairness.check_mean_minutes_limit,
    "max_minutes_limit": fairness.check_max_minutes_limit,
    "worst_decile_limit": fairness.check_worst_decile_limit,
    "kolm_pollak_limit": fairness.check_kolm_pollak_limit,
    "doctor_capacity": resources.check_doctor_capacity,
    "doctor_rooms": resources.check_doctor_rooms,
    "doctor_balance": resources.check_doctor_balance,
    "hires": resources.check_hires,
    "doctor_minimum": staffing.check_doctor_minimum,
    "fill_posts": staffing.check_fill_posts,
    "patient_overload": staffing.check_patient_overload,
    "recurrent_budget": resources.check_recurrent_budget,
    "capital_budget": resources.check_capital_budget,
    "work_site": works.check_work_site,
    "relocation": works.check_relocation,
    "works_together": works.check_works_together,
    "works_required": works.check_works_required,
    "works_forbidden": works.check_works_forbidden,
    "funding_amount": works.check_funding_amount,
    "no_debt": works.check_no_debt,
    "balance": works.check_balance,
    "levels": works.check_levels,
    "mode_eligible": modes.check_mode_eligible,
    "mode_base": modes.check_mode_base,
    "circuit_team": modes.check_circuit_team,
    "circuit_staff": modes.check_circuit_staff,
    "neighbour_hours": modes.check_neighbour_hours,
    "posted_pool": modes.check_posted_pool,
    "joint_site_guests": modes.check_joint_site_guests,
    "sub_centre_eligible": resources.check_sub_centre_eligible,
    "sub_centre_count": resources.check_sub_centre_count,
    "sub_centre_required": resources.check_sub_centre_required,
    "sub_centre_forbidden": resources.check_sub_centre_forbidden,
    "sub_centre_catchment": resources.check_sub_centre_catchment,
    "sub_centre_load": resources.check_sub_centre_load,
    "locks": locks.check_locks,
    "closures_total": locks.check_closures_total,
    "closures_township": locks.check_closures_township,
    "consortium_member": consortia.check_consortium_member,
    "consortium_leads": consortia.check_consortium_leads,
    "consortium_count": consortia.check_consortium_count,
    "consortium_balance": consortia.check_consortium_balance,
    "consortium_townships": consortia.check_consortium_townships,
    "consortium_contiguous": consortia.check_consortium_contiguous,
    "consortium_assigned": consortia.check_consortium_assigned,
    "consortium_limit": consortia.check_consortium_limit,
    "consortium_sub_centres": consortia.check_consortium_sub_centres,
    "consortium_catchments": consortia.check_consortium_catchments,
    "consortium_mergers": consortia.check_consortium_mergers,
    "consortium_staff": consortia.check_consortium_staff,
    "stage_once": stages.check_stage_once,
    "stage_closures": stages.check_stage_closures,
    "stage_capital": stages.check_stage_capital,
    "stage_recurrent": stages.check_stage_recurrent,
    "stage_doctors": stages.check_stage_doctors,
    "stage_no_harm": stages.check_stage_no_harm,
    "sub_centre_min_people": catchments.check_sub_centre_min_people,
    "sub_centre_spread": catchments.check_sub_centre_spread,
    "sub_centre_contiguous": catchments.check_sub_centre_contiguous,
    "centre_eligible": centres.check_centre_eligible,
    "centre_count": centres.check_centre_count,
    "centre_required": centres.check_centre_required,
    "centre_forbidden": centres.check_centre_forbidden,
    "centre_catchment": centres.check_centre_catchment,
    "centre_load": centres.check_centre_load,
    "centre_share": centres.check_centre_share,
    "centres_per_host": centres.check_centres_per_host,
    "attribute_sites": attributes.check_attribute_sites,
    "attribute_people": attributes.check_attribute_people,
    "stage_ready": stages_works.check_stage_ready,
    "stage_earliest": stages_works.check_stage_earliest,
    "stage_funding": stages_works.check_stage_funding,
}
CONSISTENCY_CHECKS: Mapping[str, Check] = {
    "villages": tables.check_villages_table,
    "facilities": tables.check_facilities_table,
    "cells": tables.check_cells_table,
    "consortia": consortia.check_consortia_list,
    "staffing": staffing_tables.check_staffing,
    "sums": tables.check_sums,
    "centres": centres.check_centres,
    "attributes": attributes.check_attributes,
    "catchments": catchments.check_catchments,
    "groupings": groupings.check_groupings,
    "metrics": figures.check_metrics,
    "money": works.check_money,
    "standards": figures.check_standards,
    "status": figures.check_status,
    "objectives": figures.check_objectives,
    "refusals": refusals.check_refusals,
    "compliance": clauses.check_compliance,
    "prices": clauses.check_prices,
    "routes": routes.check_routes,
    "calendar": routes.check_calendar,
    "second_opinion": access.check_second_opinion,
}


def verify_plan(config: Config, inputs: Inputs, plan: PlanLike) -> Verification:
    """Recheck a plan in memory against ``config`` and raw ``inputs``. Never raises on a wrong plan: it fails it."""
    ledger = Ledger()
    check_claims(config, inputs, claims_of(plan), ledger)
    return ledger.verdict()


def broken_rules(config: Config, inputs: Inputs, plan: PlanLike) -> tuple[str, ...]:
    """Return the rules (domain.rules) that a plan's decisions break under ``config``, which need not be its own.

    Only rules are asked: figures and status are those of the plan's own config and are not held against it.
    """
    recount = Recount(config, inputs, claims_of(plan))
    broken = []
    for rule, check in RULE_CHECKS.items():
        if recount.holds(rule):
            ledger = Ledger()
            try:
                check(recount, ledger)
            except Exception:  # decisions that do not fit the config at all, such as a site that is not there
                broken.append(rule)
                continue
            if ledger.failures:
                broken.append(rule)
    return tuple(broken)


def verify_run(run_dir: Path, config: Config, inputs: Inputs) -> Verification:
    """Recheck a finished run from its files: the manifest's digests, the files against each other, then the plan.

    One changed byte in any file of the folder, or of the inputs, fails with that file's name.
    """
    ledger = Ledger()
    claims = read_run(Path(run_dir), config, inputs, ledger)
    ledger.end_of_folder()
    if claims is not None:
        check_claims(config, inputs, claims, ledger)
    return ledger.verdict()


def check_claims(config: Config, inputs: Inputs, claims: Claims, ledger: Ledger) -> None:
    """Book every check of ``claims`` in ``ledger``. A check that breaks down on a malformed plan is a failure."""
    recount = Recount(config, inputs, claims)
    for rule, check in {**RULE_CHECKS, **CONSISTENCY_CHECKS}.items():
        if not recount.holds(rule):
            continue
        ledger.note_rule(rule)
        try:
            check(recount, ledger)
        except Exception as error:  # a plan so wrong that it cannot be recounted must not pass
            ledger.check(rule, False, f"cannot be recounted: {type(error).__name__}: {error}")
