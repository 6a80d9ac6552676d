"""The driver: stages in order, each frozen; a stage that the clock stops hands on its bound and says so."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from model_counties import county_like, hand_county

from facilityplan.errors import NoUsablePlan
from facilityplan.model import solve as driver
from facilityplan.model.build import build_program, split_blocks
from facilityplan.model.choice import Choice
from facilityplan.model.evaluate import evaluate
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.types import Solution


class Stopped(Solver):
    """A solver whose n-th integer solve is stopped by the clock, with or without a plan."""

    def __init__(self, which: int, *, plan: bool) -> None:
        super().__init__(in_process=True)
        self.left, self.plan = which, plan

    def solve(self, program, cost, **options):
        self.left -= 1
        real = super().solve(program, cost, **options)
        if self.left != 0:
            return real
        if not self.plan:
            return Solution("no_solution", None, real.bound - 3, None, 1.0, None)
        return Solution("feasible", real.objective, real.bound - 3, 0.1, 1.0, real.values)


def loose():
    """The hand county in one part of which every stage has something to decide."""
    return dataclasses.replace(county_like(8, 40, 1_200, 4, budget=0.97, hires=4), sub_centres=None)


def test_stages_are_proven_in_order_and_frozen():
    data = loose()
    with Solver(in_process=True) as solver:
        decisions, report = solve_data(data, solver, time_limit_s=60)
    assert report.status == "optimal"
    assert report.reproducible
    assert [s.name for s in report.stages] == ["uncovered[circle]", "person_minutes[circle]", "cost", "changes"]
    assert all(s.value == s.bound and s.gap == 0 for s in report.stages)
    assert report.stages[1].value == evaluate(data, decisions).objectives[1] / 10
    assert {"columns", "rows", "nonzeros", "ladder_sets"} <= set(report.model_size)


@pytest.mark.parametrize("plan", [True, False])
def test_a_stopped_stage_is_not_called_proven(plan):
    data = loose()
    with Stopped(2, plan=plan) as solver:
        decisions, report = solve_data(data, solver, time_limit_s=60)
    assert report.status == "feasible"
    assert not report.reproducible
    stopped = [s for s in report.stages if s.gap > 0]
    assert len(stopped) >= 1
    assert all(s.bound < s.value for s in stopped)
    assert evaluate(data, decisions).feasible


def test_stopped_in_the_first_stage_without_a_plan():
    with Stopped(1, plan=False) as solver, pytest.raises(NoUsablePlan):
        solve_data(loose(), solver, time_limit_s=60)


def test_ties_left_unbroken_are_not_reproducible():
    data = hand_county()
    with Solver(in_process=True) as counter:
        calls = [0]
        real = counter.solve

        def counted(*args, **options):
            calls[0] += 1
            return real(*args, **options)

        counter.solve = counted
        solve_data(data, counter, time_limit_s=60)
    with Stopped(calls[0], plan=True) as solver:  # the last solve breaks ties
        _, report = solve_data(data, solver, time_limit_s=60)
    assert not report.reproducible


def test_a_plan_that_fails_the_recount_is_never_handed_out(monkeypatch):
    real = driver._choice

    def wrong(data, parts):
        choice = real(data, parts)
        shut = choice.open.copy()
        shut[np.flatnonzero(data.candidate)] = False
        return Choice(shut, choice.host, choice.sub_centre, choice.catchment)

    monkeypatch.setattr(driver, "_choice", wrong)
    with Solver(in_process=True) as solver, pytest.raises(NoUsablePlan, match="blank_villages"):
        solve_data(hand_county(), solver, time_limit_s=60)


def test_blocks_are_solved_apart_only_where_money_cannot_tie_them():
    data = hand_county()
    assert len(split_blocks(data)) == 1  # 5.4 million is not enough for everything
    rich = dataclasses.replace(data, money=dataclasses.replace(data.money, capital_limit=20_000_000))
    assert len(split_blocks(rich)) == 2
    free = dataclasses.replace(data, dropped=frozenset({"capital_budget"}))
    assert len(split_blocks(free)) == 2
    rows = [build_program(rich, blocks).rows for blocks in split_blocks(rich)]
    assert not any(r.startswith("sub_centre") for r in rows[1])
    assert not any(r.startswith("one_mode") for r in rows[0])


def test_the_child_process_and_this_process_find_the_same_plan():
    data = loose()
    plans = []
    for in_process in (True, False):
        with Solver(in_process=in_process) as solver:
            plans.append(solve_data(data, solver, time_limit_s=60)[0])
    assert plans[0] == plans[1]


def test_progress_speaks_both_languages():
    heard = []
    with Solver(in_process=True) as solver:
        solve_data(hand_county(), solver, time_limit_s=60, progress=heard.append)
    assert heard
    assert all(t.zh and t.en for t in heard)
