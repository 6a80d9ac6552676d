"""Consortia: names and orders change nothing, and a rule relaxed never makes the plan worse."""

from __future__ import annotations

import dataclasses
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))

from model_tiny_consortia import tiny_county_of_consortia

from facilityplan.config.schema import Config
from facilityplan.errors import Infeasible
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


def solved(config, inputs, access, solver):
    """Decisions and the value of every stage; None where no plan exists."""
    try:
        decisions, report = solve_data(planning_data(config, inputs, access), solver, time_limit_s=60, explain=False)
    except Infeasible:
        return None
    return decisions, tuple(stage.value for stage in report.stages)


def with_rules(config: Config, **changes) -> Config:
    made = config.model_dump(mode="json")
    made["rules"]["consortia"] |= changes
    return Config.model_validate(made)


def renamed(inputs, config, names):
    """The same county with its townships called otherwise."""
    def column(table):
        return table.assign(township=[names[t] for t in table["township"]])

    assigned = {names[t]: lead for t, lead in config.rules.consortia.assigned.items()}
    made = dataclasses.replace(inputs, villages=column(inputs.villages), facilities=column(inputs.facilities))
    return made, with_rules(config, assigned=assigned)


def test_names_of_townships_and_the_order_of_leads_change_nothing(solver):
    compared = 0
    for seed in range(40):
        config, inputs, access = tiny_county_of_consortia(seed)
        towns = sorted({*inputs.villages["township"], *inputs.facilities["township"]})
        people = [round(10 * inputs.cells["people"][inputs.cells["village"].isin(
            inputs.villages.loc[inputs.villages["township"] == t, "id"])].sum()) for t in towns]
        if len(set(people)) < len(people):
            continue  # between townships of as many people the name decides, as said
        rng = random.Random(seed)
        names = dict(zip(towns, rng.sample([f"区{k}" for k in range(10)], len(towns)), strict=True))
        other, settings = renamed(inputs, config, names)
        leads = list(config.rules.consortia.leads)
        settings = with_rules(settings, leads=rng.sample(leads, len(leads)))
        before, after = solved(config, inputs, access, solver), solved(settings, other, access, solver)
        assert (before is None) == (after is None), seed
        if before is not None:
            compared += 1
            assert after[1] == before[1], seed
            assert after[0].sites == before[0].sites, seed
            for field in ("consortia", "catchments", "hires", "reserve"):
                assert getattr(after[0], field) == {names[t]: v for t, v in getattr(before[0], field).items()}, seed
    assert compared > 5


RELAXED = {"balance": {"balance_share": 1.0}, "contiguity": {"contiguous": False}, "count": {"min_count": 1,
           "max_count": None}, "minutes": {"max_minutes": None}, "sub-centres": {"min_sub_centres": 0},
           "mergers": {"merge_inside": False}, "staff": {"pool_staff": True}, "fixed": {"fixed_leads": []}}


@pytest.fixture(scope="module")
def strict_plans(solver):
    """Counties that have a plan under every rule, with that plan."""
    counties = [tiny_county_of_consortia(seed) for seed in range(24)]
    return [(k, county, plan) for k, county in enumerate(counties) if (plan := solved(*county, solver)) is not None]


@pytest.mark.parametrize("what", RELAXED)
def test_a_rule_relaxed_never_makes_the_plan_worse(what, solver, strict_plans):
    compared = 0
    for seed, (config, inputs, access), strict in strict_plans:
        free = solved(with_rules(config, **RELAXED[what]), inputs, access, solver)
        assert free is not None, seed
        assert free[1] <= strict[1], seed
        compared += 1
    assert compared > 4
