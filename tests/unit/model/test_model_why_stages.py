"""A merger that would pay and that only a rule of the years refuses is told so."""

from pathlib import Path

import pytest

from facilityplan.access import compute_access, prepare_geography
from facilityplan.config import load_config
from facilityplan.inputs import read_inputs
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.why import refusals

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
