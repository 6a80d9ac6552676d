"""Each constraint's rows on one small county, word for word. Rewrite with FACILITYPLAN_REWRITE_GOLDEN=1."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))

from model_blocks import (
    county_for,
    county_with_modes,
    staffed_county,
    staged_county_of_consortia,
    staged_county_with_modes,
    staged_county_with_works,
)
from model_blocks_centres import centre_county
from model_counties import fair_county, hand_county, hand_county_of_consortia
from model_works import hand_county_with_works

from facilityplan.domain.rules import ROW_RULES
from facilityplan.model.arrays import lp_text
from facilityplan.model.build import CONSTRAINTS, build_program
from facilityplan.model.constraints import define_ladder
from facilityplan.model.constraints_attributes import define_equipment
from facilityplan.model.constraints_catchments import define_worst
from facilityplan.model.constraints_staffing import define_patients
from facilityplan.model.constraints_stages import define_stage_doctors
from facilityplan.model.constraints_stages_modes import define_stage_services
from facilityplan.model.objectives import objective, stage_name
from facilityplan.model.program import Program
from facilityplan.model.sets import ObjectiveStage
from facilityplan.model.ties import host_ways

FOLDER = Path(__file__).parent / "model"


def matches(name: str, text: str) -> None:
    path = FOLDER / f"{name}.lp"
    if os.environ.get("FACILITYPLAN_REWRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("rule", sorted(ROW_RULES))
def test_constraint_rows(rule):
    program = Program(county_for(rule))
    CONSTRAINTS[rule](program)
    arrays = program.arrays()
    assert arrays.rows, "the county must make the rule speak"
    assert all(row.startswith(f"{rule}[") for row in arrays.rows)
    matches(rule, lp_text(arrays, labels=program.columns))


@pytest.mark.parametrize("rule", ["sub_centre_eligible", "sub_centre_required", "host_open", "doctor_rooms"])
def test_rows_that_works_change(rule):
    program = Program(hand_county_with_works())
    CONSTRAINTS[rule](program)
    matches(f"{rule}_with_works", lp_text(program.arrays(), labels=program.columns))


def test_rows_of_services_in_years():
    program = Program(staged_county_with_modes())
    define_stage_doctors(program)
    define_stage_services(program)
    for rule in ("stage_once", "stage_closures", "stage_capital", "stage_recurrent", "stage_doctors"):
        CONSTRAINTS[rule](program)
    matches("stages_with_modes", lp_text(program.arrays(), labels=program.columns))


@pytest.mark.parametrize("rule", ["stage_doctors", "consortium_staff"])
def test_rows_of_pools_in_years(rule):
    program = Program(staged_county_of_consortia())
    CONSTRAINTS[rule](program)
    matches(f"{rule}_of_pools_in_years", lp_text(program.arrays(), labels=program.columns))


@pytest.mark.parametrize("rule", ["stage_once", "stage_capital", "stage_recurrent", "stage_no_harm", "levels"])
def test_rows_that_works_in_years_change(rule):
    program = Program(staged_county_with_works())
    CONSTRAINTS[rule](program)
    matches(f"{rule}_with_works_in_years", lp_text(program.arrays(), labels=program.columns))


@pytest.mark.parametrize("scope", ["county", "institution"])
def test_balance_of_services(scope):
    works = hand_county_with_works().works
    works = dataclasses.replace(works, balance=dataclasses.replace(works.balance, scope=scope))
    program = Program(dataclasses.replace(county_with_modes(), works=works))
    CONSTRAINTS["balance"](program)
    matches(f"balance_with_modes_{scope}", lp_text(program.arrays(), labels=program.columns))


@pytest.mark.parametrize("scope", ["county", "township"])
def test_balance_of_more_than_one(scope):
    data = hand_county_with_works()
    works = dataclasses.replace(data.works, balance=dataclasses.replace(data.works.balance, scope=scope))
    program = Program(dataclasses.replace(data, works=works))
    CONSTRAINTS["balance"](program)
    matches(f"balance_{scope}", lp_text(program.arrays(), labels=program.columns))


def test_ladder_rows():
    program = Program(hand_county())
    define_ladder(program)
    matches(
        "ladder",
        lp_text(program.arrays(), labels=[*program.columns[: -len(program.closed)], *map(str, program.ladder.sets)]),
    )


def test_stage_need_rows():
    program = Program(county_for("stage_once"))
    define_stage_doctors(program)
    matches("stage_need", lp_text(program.arrays(), labels=program.columns))


def test_delay_early_and_late():
    data = county_for("stage_once")
    program = Program(data)
    for stage in (data.objectives[-1], ObjectiveStage("delay", late=True)):
        terms, _ = objective(program, stage)
        text = lp_text(program.arrays(), program.vector(terms), program.columns).split("Subject To")[0]
        matches(f"stage_delay_{'late' if stage.late else 'early'}", text)


def test_patient_rows():
    program = Program(staffed_county())
    define_patients(program)
    labels = [*program.columns[: -len(program.closed)], *map(str, program.ladder.sets)]
    for k, sites in enumerate(program.patients.sets):
        labels[program.column(program.passed[k])] += f" {sites}"
    matches("patients", lp_text(program.arrays(), labels=labels))
    terms, constant = objective(program, ObjectiveStage("overload"))
    assert constant == 0
    cost = program.vector(terms)
    matches("stage_overload", lp_text(program.arrays(), cost, program.columns).split("Subject To")[0])


def test_whole_program_with_each_stage():
    data = hand_county()
    program = build_program(data)
    arrays = program.arrays()
    matches("whole", lp_text(arrays, labels=program.columns))
    for k, stage in enumerate(data.objectives):
        terms, constant = objective(program, stage)
        header = f"\\ constant {constant}\n"
        first = lp_text(arrays, program.vector(terms), program.columns).split("Subject To")[0]
        matches(f"stage_{k}_{stage.name}", header + first)
    matches("stage_host_minutes", lp_text(arrays, host_ways(program), program.columns).split("Subject To")[0])


def test_whole_program_with_service_modes():
    data = county_with_modes()
    program = build_program(data)
    matches("whole_modes", lp_text(program.arrays(), labels=program.columns))
    terms, constant = objective(program, data.objectives[-1])
    assert constant == 0
    first = lp_text(program.arrays(), program.vector(terms), program.columns).split("Subject To")[0]
    matches("stage_periodic", first)


def test_equipment_the_farthest_village_and_the_stages_of_centres():
    data = centre_county()
    program = Program(data)
    define_equipment(program)
    define_worst(program)
    arrays = program.arrays()
    matches("equip_and_worst", lp_text(arrays, labels=program.columns))
    for stage in data.objectives[-2:]:
        cost = program.vector(objective(program, stage)[0])
        matches(f"stage_{stage.name}", lp_text(arrays, cost, program.columns).split("Subject To")[0])


def test_every_rule_has_a_function_and_a_docstring_with_a_source():
    assert set(CONSTRAINTS) == set(ROW_RULES)
    for rule, constrain in CONSTRAINTS.items():
        assert constrain.__name__ == f"constrain_{rule}"
        assert "Source" in constrain.__doc__ or rule == "host_open"


def test_consortia_join_the_staff_balance():
    program = Program(hand_county_of_consortia())
    CONSTRAINTS["doctor_balance"](program)
    matches("doctor_balance_of_consortia", lp_text(program.arrays(), labels=program.columns))
    terms, _ = objective(program, ObjectiveStage("consortium_minutes"))
    cost = program.vector(terms)
    matches("stage_consortium_minutes", lp_text(program.arrays(), cost, program.columns).split("Subject To")[0])


def test_whole_program_of_fairness_with_each_stage():
    data = fair_county()
    program = build_program(data)
    matches("fairness_whole", lp_text(program.arrays(), labels=program.columns))
    for k, stage in enumerate(data.objectives):
        terms, constant = objective(program, stage)
        header = f"\\ {stage_name(data, k)} + {constant}\n"
        first = lp_text(program.arrays(), program.vector(terms)).split("Subject")[0]
        matches(f"fairness_stage_{k}_{stage.name}", header + first)
