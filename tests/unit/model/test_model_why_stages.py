"""A merger that would pay and that only a rule of the years refuses is told so."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from model_blocks import staged_county

from facilityplan.access import compute_access, prepare_geography
from facilityplan.config import load_config
from facilityplan.inputs import read_inputs
from facilityplan.model.choice import Choice
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.why import refusals
from facilityplan.model.why_stages import refused_by_stages

ROOT = Path(__file__).parents[3]
NO_MORE = "rules.stages=[{year: 2025, max_closures: 1}, {year: 2026, max_closures: 2}]"
PEOPLE_LAST = "objectives=[{minimise: cost}, {minimise: changes}, {minimise: delay}]"


@pytest.mark.parametrize(("scenario", "rule"), [("phased", "stage_closures"), ("phased_works", "stage_closures")])
def test_the_rule_of_the_years_is_named(scenario, rule):
    config = load_config(ROOT / "configs" / "rules.yaml", scenario=scenario, overrides=[NO_MORE, PEOPLE_LAST]).config
    inputs = read_inputs(config, ROOT / "data")
    data = planning_data(config, inputs, compute_access(config, inputs, prepare_geography(config, inputs)))
    with Solver(in_process=True) as solver:
        decisions, report = solve_data(data, solver, time_limit_s=60)
    assert report.status == "optimal"
    table = refusals(data, decisions)
    named = table[table["rule"] == rule]
    assert len(named) and (named["figure"] > named["limit"]).all()
    objective = table[table["rule"] == "objective"].dropna(subset=["figure"])
    assert (objective["figure"] > objective["limit"]).all(), "refused for making an objective better"


@pytest.mark.parametrize(("max_hires", "refused"), [(1, None), (0, ("stage_doctors", 2, 1))])
def test_hires_for_an_earlier_year_are_made_where_they_may_be(max_hires, refused):
    """Until 卫 1 merges 东镇 needs two doctors and has one; in the end it needs two and has two."""
    data = staged_county()
    data = dataclasses.replace(
        data, stages=dataclasses.replace(data.stages, pool=np.array([[1, 1], [2, 1]])),
        doctors=dataclasses.replace(data.doctors, max_hires=max_hires),
        dropped=frozenset({"stage_capital", "stage_recurrent", "stage_closures", "stage_no_harm", "no_harm"}))
    is_open = data.decided | data.permanent
    choice = Choice(is_open, np.full(7, -1, np.int32), np.zeros(2, bool), np.full(2, -1, np.int32),
                    stage=np.full(7, -1, np.int32))
    assert refused_by_stages(data, choice, 0, 1) == refused
