"""Every refusal is what the recount says when that merger alone is made in the plan."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from model_counties import county_like
from tiny_counties import tiny_county

from facilityplan.domain.columns import REFUSALS, names
from facilityplan.domain.rules import HOST_RULES, ROW_RULES
from facilityplan.errors import Infeasible
from facilityplan.model.choice import choice_of, decisions_of
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.hosts import RULE_BIT
from facilityplan.model.objectives import UNIT_SCALE
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.why import refusals


def check(data, decisions) -> Counter:
    """Compare every row of the refusals with a full recount of the flipped plan."""
    table, choice, before = refusals(data, decisions), choice_of(data, decisions), evaluate(data, decisions)
    assert list(table.columns) == names(REFUSALS)
    ids = data.site_ids
    for row in table.to_dict("records"):
        guest, host = ids.index(row["clinic"]), ids.index(row["host"])
        if row["accepted"]:
            assert choice.host[guest] == host
            continue
        assert choice.host[guest] != host
        k = int(np.flatnonzero((data.pairs.guest == guest) & (data.pairs.host == host))[0])
        if row["rule"] in HOST_RULES:
            assert not data.allowed_pairs()[k]
            earlier = [
                r for r in HOST_RULES if r != "max_hosts" and data.holds(r) and data.pairs.broken[k] & RULE_BIT[r]
            ]
            assert row["rule"] == (earlier[0] if earlier else "max_hosts")
            continue
        assert data.allowed_pairs()[k]
        moved = choice.host.copy()
        is_open = choice.open.copy()
        moved[guest], is_open[guest] = host, False
        flipped = dataclasses.replace(choice, host=moved, open=is_open)
        after = evaluate(data, decisions_of(data, flipped))
        if (moved == guest).any():
            assert row["rule"] == "host_open"
            continue
        broken = [r for r in ROW_RULES if r in after.broken_rules]
        if row["rule"] == "objective":
            assert not broken
            assert after.objectives >= before.objectives
            worse = [k for k, (a, b) in enumerate(zip(after.objectives, before.objectives, strict=True)) if a != b]
            if worse:
                stage = data.objectives[worse[0]]
                assert row["figure"] == after.objectives[worse[0]] / UNIT_SCALE[stage.name]
                assert row["limit"] == before.objectives[worse[0]] / UNIT_SCALE[stage.name]
            else:
                assert math.isnan(row["figure"])
        elif row["rule"] == "doctor_balance":
            assert "hires" in broken  # nobody can be hired, so it is the township's staff that does not suffice
            assert data.doctors.max_hires == 0
            assert row["figure"] > row["limit"]
        else:
            assert row["rule"] == broken[0] or (row["rule"] in broken and broken[0] == "host_open")
            breach = next(b for b in after.breaches if b.rule == row["rule"])
            if row["rule"] in ("recurrent_budget", "capital_budget", "hires", "doctor_rooms"):
                assert (row["figure"], row["limit"]) == (breach.figure, breach.limit)
            if row["rule"] == "no_harm":
                assert math.isnan(row["figure"]) or row["figure"] > row["limit"]
    return Counter(table["rule"].fillna("accepted"))


def test_refusals_of_tiny_counties():
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        for seed in range(1_000, 1_060):
            data = planning_data(*tiny_county(seed))
            try:
                decisions, _ = solve_data(data, solver, time_limit_s=30, explain=False)
            except Infeasible:
                continue
            seen += check(data, decisions)
    assert {"accepted", "objective", "host_open", "same_township", "host_limit"} <= set(seen)


def test_refusals_of_a_county():
    data = county_like(3, 60, 3_000, 6, budget=0.96, hires=2)
    with Solver(in_process=True) as solver:
        decisions, _ = solve_data(data, solver, time_limit_s=30)
    seen = check(data, decisions)
    assert {"accepted", "objective", "no_harm", "host_size"} <= set(seen)
