"""The solver's own plans of the demo counties pass the independent verifier, whatever rules are dropped or changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from facilityplan.access import compute_access, prepare_geography
from facilityplan.config import load_config
from facilityplan.domain.rules import DROPPABLE
from facilityplan.inputs import read_inputs
from facilityplan.model import explain_refusals, solve_plan
from facilityplan.plan import build_plan, verify_plan

ROOT = Path(__file__).parents[2]
SMALL = ["rules.hosts.limit_min=12", "rules.doctors=null", "rules.without=[doctor_balance, adjacent, host_size]"]
LARGE = [*(f"rules.without=[{rule}]" for rule in sorted(DROPPABLE)), "rules.doctors=null", "rules.no_harm.form='off'",
         "rules.doctors.open_without_doctor=true", "rules.hosts.same_township=false", "rules.doctors.max_hires=10"]


@cache
def inputs_of(config: str):
    return read_inputs(load_config(ROOT / "configs" / config).config, ROOT / "data")


def verified(config: str, override: str):
    loaded = load_config(ROOT / "configs" / config, overrides=[override, "solver.time_limit_s=60"])
    inputs = inputs_of(config)
    geography = prepare_geography(loaded.config, inputs)
    access = compute_access(loaded.config, inputs, geography)
    decisions, report = solve_plan(loaded.config, inputs, access, lambda _: None)
    refusals = explain_refusals(loaded.config, inputs, access, decisions)
    plan = build_plan(loaded, inputs, geography, access, decisions, report, refusals)
    return verify_plan(loaded.config, inputs, plan)


@pytest.mark.parametrize("override", SMALL)
def test_small_demo_passes(override):
    verification = verified("rules.yaml", override)
    assert verification.failures == ()
    assert verification.checks > 5_000


@pytest.mark.campaign
@pytest.mark.parametrize("override", LARGE)
def test_deqing_passes_with_any_rule_dropped(override):
    assert verified("deqing.yaml", override).failures == ()
