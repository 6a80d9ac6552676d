"""Traps of the solver that were measured (design/traps.md), each with the sentence it comes from."""

from __future__ import annotations

import ast
import dataclasses
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))
sys.path.insert(0, str(Path(__file__).parent / "model"))

from model_counties import hand_county
from test_model_solver import hard, program

import facilityplan
from facilityplan.errors import NoUsablePlan
from facilityplan.model import solve, solver, ties, worker
from facilityplan.model.build import build_program
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver, judge
from facilityplan.model.types import Solution

PACKAGE = Path(facilityplan.__file__).parent


def answer(status, values, objective, bound):
    return {"status": status, "values": None if values is None else np.array(values, float), "objective": objective,
            "bound": bound, "seconds": 0.0}  # fmt: skip


def trees(folder: Path):
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


# --- a stopped solve ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["kOptimal", "kTimeLimit", "kInterrupt", "kUnknown", "kSolutionLimit"])
def test_without_an_incumbent_there_is_no_objective(said):
    """With no incumbent the variables still give an "objective"."""
    got = judge(program([[1, 1]], [(1, 2)]), np.ones(2), answer(said, None, 7_824.0, 0.0), integer_objective=True)
    assert (got.status, got.objective, got.values, got.gap) == ("no_solution", None, None, None)


@pytest.mark.parametrize("said", ["kOptimal", "kTimeLimit", "kInterrupt"])
def test_the_solvers_word_proves_nothing(said):
    """PuLP 3.3 stopped by a time limit reports "Optimal"; interrupting CBC says "Optimal"."""
    arrays, cost = program([[1, 1]], [(1, 2)]), np.array([15_498.0, 7_824.0])
    open_gap = judge(arrays, cost, answer(said, [1, 0], 15_498.0, 7_000.0), integer_objective=True)
    assert open_gap.status == "feasible" and open_gap.gap > 0.5 and open_gap.bound == 7_000
    no_bound = judge(arrays, cost, answer(said, [1, 0], 15_498.0, None), integer_objective=True)
    assert no_bound.status == "feasible" and no_bound.bound is None and no_bound.gap is None


def test_an_lp_that_was_stopped_has_no_bound():
    """PuLP 3.3 stopped by a time limit reports "Optimal": so would a linear program whose value passes for its bound.

    Stopped by its count of iterations, the primal simplex method has a point (-652) far from the optimum (-892).
    """
    rng = np.random.default_rng(0)
    arrays = program(rng.integers(0, 9, (30, 30)), [(-np.inf, 50.0)] * 30, integer=False, upper=10.0)
    cost = -rng.integers(1, 100, 30).astype(float)
    with Solver(in_process=True) as one:
        request = one._request(arrays, cost, 10.0, relax=True, start=None)
    stopped = {"presolve": "off", "simplex_strategy": 4, "simplex_iteration_limit": 3}
    whole, part = (worker.solve({**request, "options": o}, lambda _: None) for o in ({}, stopped))
    assert whole["status"] == "kOptimal" and whole["bound"] == pytest.approx(whole["objective"])
    assert part["status"] == "kIterationLimit" and part["objective"] > whole["objective"] + 1
    assert part["bound"] is None


def test_a_solver_killed_in_the_middle_proves_nothing():
    """Interrupting CBC says "Optimal"."""
    arrays, cost = hard()
    with Solver() as one:
        killer = threading.Timer(1.0, os.kill, (one._child.pid, getattr(signal, "SIGKILL", signal.SIGTERM)))
        killer.start()
        got = one.solve(arrays, cost, time_limit_s=20.0)
        killer.join()
    assert got.status in ("feasible", "error") and got.seconds < 15


def test_a_stopped_stage_is_never_shown_as_proven(monkeypatch):
    """PuLP 3.3 stopped by a time limit reports "Optimal" … a stage stopped by the clock hands on its bound and says so.

    The first stage of the clinics is stopped with half its value as its bound; all the others are proven.
    """
    real, stopped = ties.minimise, []

    def clock(one, arrays, cost, start, deadline, progress=None):
        got = real(one, arrays, cost, start, deadline, progress)
        if not stopped and got.objective and len(arrays.columns) > 20:
            stopped.append(got.objective)
            return dataclasses.replace(got, status="feasible", bound=got.objective / 2, gap=0.5)
        return got

    monkeypatch.setattr(solve, "minimise", clock)
    said = []
    with Solver(in_process=True) as one:
        _, report = solve_data(hand_county(), one, time_limit_s=30, progress=lambda text: said.append(text.en))
    assert stopped and report.status == "feasible" and not report.reproducible
    first = next(s for s in report.stages if s.gap > 0)
    assert first.bound < first.value
    assert any("not proven" in line for line in said)


def test_proven_stages_stay_proven_where_ties_are_not_broken_in_time(monkeypatch):
    """At one optimum, solvers and seeds choose different clinics: a plan whose ties stand is optimal, not repeatable.

    Under --require-optimal a planner must not be told to wait longer for a proof that is there.
    """
    monkeypatch.setattr(solve, "break_ties", lambda program, arrays, values, one, deadline: (values, False))
    with Solver(in_process=True) as one:
        _, report = solve_data(hand_county(), one, time_limit_s=30)
    assert all(stage.gap == 0 for stage in report.stages)
    assert report.status == "optimal" and not report.reproducible


def test_a_bound_above_the_recounted_value_is_no_proof(monkeypatch):
    """Recompute every reported figure from the decisions (model.md): where they disagree, nothing is proven.

    Here the model counts 1,000 yuan too many; capping its bound at the recounted cost would call that optimal.
    """
    real = solve.objective

    def wrong(one, stage):
        terms, constant = real(one, stage)
        return terms, constant + (1_000 if stage.name == "cost" and "clinics" in one.blocks else 0)

    monkeypatch.setattr(solve, "objective", wrong)
    with Solver(in_process=True) as one, pytest.raises(NoUsablePlan, match="cost"):
        solve_data(hand_county(), one, time_limit_s=30)


def test_a_solver_that_failed_is_not_said_to_need_more_time(monkeypatch):
    """Status, solution and report are kept apart: an error is not a time limit, and asks for something else."""
    broken = Solution("error", None, None, None, 0.1, None)
    monkeypatch.setattr(solve, "minimise", lambda *_: broken)
    with Solver(in_process=True) as one, pytest.raises(NoUsablePlan) as raised:
        solve_data(hand_county(), one, time_limit_s=30)
    assert "time_limit" not in str(raised.value)
    assert "fail" in str(raised.value) and "失败" in raised.value.in_language("zh")


# --- the child process --------------------------------------------------------------------------------------------


def test_an_answer_to_an_earlier_question_is_never_taken_for_the_next():
    """Solve in a child process …: one left in the middle of a solve would answer the next question with it."""
    arrays, cost = hard()
    other = dataclasses.replace(arrays, row_lower=arrays.row_lower + 2, row_upper=arrays.row_upper + 2)

    def give_up(*_):
        raise ValueError("the planner closed the page")

    with Solver() as one:
        first = one._child
        with pytest.raises(ValueError, match="closed the page"):
            one.solve(arrays, cost, time_limit_s=1.0, progress=give_up)
        assert first.poll() is not None or one._child is not first
        got = one.solve(other, cost, time_limit_s=1.0)
        small = one.solve(program([[1, 1]], [(1, np.inf)]), np.array([2.0, 1.0]), time_limit_s=10)
    assert got.status in ("feasible", "no_solution")
    assert got.values is None or not other.broken_rows(got.values, exact=True)
    assert (small.status, small.objective) == ("optimal", 1)


def test_what_the_listener_raises_is_not_the_solvers_fault():
    """Interrupting CBC says "Optimal": a closed pipe on our side ends the run; it is no answer of the solver."""

    def closed(*_):
        raise BrokenPipeError

    with Solver() as one, pytest.raises(BrokenPipeError):
        one.solve(*hard(), time_limit_s=2.0, progress=closed)


@pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")
def test_a_process_that_has_ended_is_not_killed_again(monkeypatch):
    """Solve in a child process group that dies with its parent: its number may be another's by then."""
    killed = []
    with Solver() as one:
        one._child.stdin.close()
        one._child.wait(timeout=10)
        monkeypatch.setattr(solver.os, "killpg", lambda *group: killed.append(group))
        one.close()
    assert not killed


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_the_solver_has_a_process_group_of_its_own():
    """Solve in a child process group that dies with its parent: Ctrl-C in the terminal is ours, not HiGHS'."""
    with Solver() as one:
        assert os.getpgid(one._child.pid) == one._child.pid != os.getpgid(0)


# --- numbers ------------------------------------------------------------------------------------------------------


def test_a_big_m_row_that_is_violated_is_found():
    """Big-M of 1e9: CBC says "Optimal" with a violated row (y ≤ 1e9 · z holds within tolerance at y = 1, z = 1e-9)."""
    arrays = program([[1, -1e9]], [(-np.inf, 0)])
    got = judge(arrays, np.array([-1.0, 5.0]), answer("kOptimal", [1, 1e-9], -1.0, -1.0), integer_objective=True)
    assert got.status == "error" and got.values is None


def test_no_row_of_the_model_holds_a_big_m():
    """Big-M of 1e9: every coefficient is a quantity of the county: people, yuan, people per doctor."""
    data = hand_county()
    arrays = build_program(data).arrays()
    largest = max(int(data.load.max()), data.doctors.cap, int(data.money.running.max()), data.money.doctor,
                  data.money.build, data.money.merge, data.money.upgrade, int(data.village_people.sum()),
                  data.sub_centres.max_people, *(int(x.weight.sum()) for x in data.ladders))  # fmt: skip
    assert np.abs(arrays.value).max() <= largest


def test_coverage_variables_are_continuous_and_decisions_are_not():
    """Coverage variables declared binary: 33 % gap after 102 s where the continuous ones finish."""
    one = build_program(hand_county())
    arrays = one.arrays()
    labels = np.array([label.split("[")[0] for label in one.columns])
    assert {"closed", "open", "merge", "sub_centre", "catchment"} <= set(labels)
    assert not arrays.integer[labels == "closed"].any()
    assert arrays.integer[labels != "closed"].all()


def test_cells_with_the_same_sites_share_their_variables():
    """Cells with identical coverage sets not merged: 81 s against 2.4 s."""
    data = hand_county()

    def thrice(ladder):
        sites, ds = ([x[a:b] for a, b in zip(ladder.indptr, ladder.indptr[1:], strict=False)] * 3
                     for x in (ladder.site, ladder.ds))  # fmt: skip
        return dataclasses.replace(
            ladder, weight=np.tile(ladder.weight, 3), village=np.tile(ladder.village, 3),
            limit_ds=np.tile(ladder.limit_ds, 3), site=np.concatenate(sites), ds=np.concatenate(ds),
            indptr=np.concatenate([[0], np.cumsum([len(s) for s in sites])]).astype(np.int64))  # fmt: skip

    more = dataclasses.replace(data, ladders=tuple(map(thrice, data.ladders)))
    once, again = build_program(data).arrays(), build_program(more).arrays()
    assert len(once.columns) == len(again.columns) and len(once.rows) == len(again.rows)


def test_every_stage_has_whole_coefficients_and_no_gap_is_left(monkeypatch):
    """HiGHS stops at a relative gap of 1e-4 by default and calls it optimal: ask for 0 on integer-scaled objectives."""
    asked = []
    real = worker.solve
    monkeypatch.setattr(worker, "solve", lambda request, note: asked.append(request) or real(request, note))
    with Solver(in_process=True) as one:
        solve_data(hand_county(), one, time_limit_s=30)
    assert len(asked) > 5
    for request in asked:
        assert (request["cost"] == np.rint(request["cost"])).all()
        assert request["absolute_gap"] < 1 and "options" not in request
    assert (PACKAGE / "model" / "worker.py").read_text().count('"mip_rel_gap": 0.0') == 1


# --- PuLP ---------------------------------------------------------------------------------------------------------


def test_nobody_asks_pulp_for_a_status_or_a_solution():
    """LpStatus "Optimal" … with no incumbent the variables still give an "objective": PuLP only builds."""
    banned = {"LpStatus", "status", "sol_status", "solve", "value", "varValue", "solver", "HiGHS", "PULP_CBC_CMD"}
    for path, tree in trees(PACKAGE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                on = ast.unparse(node.value)
                asked = on in ("pulp", "problem", "self.problem") and node.attr in banned
                assert not asked, f"{path}: {on}.{node.attr}"
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pulp"):
                raise AssertionError(f"{path} imports names out of PuLP")


def test_what_differs_between_pulp_3_and_4_stays_in_the_adapter():
    """PuLP 4 changes the API …: support both behind one adapter module."""
    same_in_both = {"LpVariable", "LpInteger", "LpContinuous"}
    used = {}
    for path, tree in trees(PACKAGE):
        names = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "pulp"}
        if names:
            used[path.relative_to(PACKAGE).as_posix()] = names
    assert "model/solver.py" in used
    assert all(names <= same_in_both for path, names in used.items() if path != "model/solver.py"), used


def test_the_clock_of_every_request_is_bounded_from_outside():
    """HiGHS overruns its time limit (120 s asked, 256 s taken on 89k columns): bound wall time from outside."""
    begun = time.monotonic()
    with Solver() as one:
        got = one.solve(*hard(), time_limit_s=0.5)
    assert got.status in ("feasible", "no_solution")
    assert time.monotonic() - begun < 0.5 * 1.05 + solver.GRACE_S + 3
