"""Every rule bites: each has a shipped scenario in configs/rules.yaml in which dropping the rule changes the plan."""

import dataclasses
from pathlib import Path

import pytest

from facilityplan.access import compute_access, prepare_geography
from facilityplan.config import load_configs
from facilityplan.config.schema import Config
from facilityplan.domain.rules import DROPPABLE, RULES
from facilityplan.errors import NoUsablePlan
from facilityplan.inputs import read_inputs
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "rules.yaml"
STRUCTURAL = {"one_mode": "cheapest", "host_open": "cheapest", "sub_centre_catchment": "sub_centres",
              "consortium_member": "consortia", "stage_once": "stage_capital",
              "work_site": "work_site", "relocation": "relocation", "centre_catchment": "services"}


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


@pytest.fixture(scope="module")
def scenarios():
    """Config of every scenario, read at once."""
    return {one.scenario: one.config for one in load_configs(CONFIG, None)}


@pytest.fixture(scope="module")
def county(scenarios):
    """Inputs and travel times of a scenario; inputs are read once for each different section."""
    known = {}

    def read(scenario):
        config = scenarios[scenario]
        key = config.inputs.model_dump_json()
        if key not in known:
            known[key] = read_inputs(config, ROOT / "data")
        return config, known[key], compute_access(config, known[key], prepare_geography(config, known[key]))

    return read


def plan(county, solver, *, without=(), structural=()):
    config, given, access = county
    if without:
        rules = config.rules.model_dump(mode="json") | {"without": list(without)}
        config = Config.model_validate({**config.model_dump(mode="json"), "rules": rules})
    data = planning_data(config, given, access)
    if structural:
        data = dataclasses.replace(data, dropped=data.dropped | set(structural))
    return solve_data(data, solver, time_limit_s=60)


def decided(decisions):
    """What a planner would call the plan: mergers, new clinics, services, sub-centres, catchments, hires, works …"""
    sites = {i: (str(d.action), d.merged_into, d.sub_centre, d.doctors, d.service, d.served_from, d.teams, d.stage)
             for i, d in decisions.sites.items()}
    others = (decisions.catchments, decisions.hires, decisions.consortia, decisions.visits,
              decisions.centre_hosts, decisions.centre_of, decisions.equipped)
    return sites, *map(dict, others), decisions.works


def test_every_rule_is_covered(scenarios):
    assert set(scenarios) >= DROPPABLE
    assert set(RULES) == DROPPABLE | set(STRUCTURAL)


@pytest.mark.parametrize("rule", sorted(DROPPABLE))
def test_dropping_the_rule_changes_the_plan(rule, county, solver):
    given = county(rule)
    with_rule, report = plan(given, solver)
    without, report_without = plan(given, solver, without=[rule])
    assert report.status == report_without.status == "optimal"
    assert decided(with_rule) != decided(without)
    first, other = report.stages[0], report_without.stages[0]
    assert other.value <= first.value, "a rule less never makes the first stage worse"


@pytest.mark.parametrize("rule", sorted(STRUCTURAL))
def test_what_makes_a_plan_a_plan_cannot_be_dropped(rule, county, solver):
    """Rules that no config may drop: without their rows the solver's answer is another, or is no plan at all."""
    given = county(STRUCTURAL[rule])
    whole, _ = plan(given, solver)
    try:
        broken, _ = plan(given, solver, structural=[rule])
    except NoUsablePlan:
        return
    assert decided(broken) != decided(whole)
