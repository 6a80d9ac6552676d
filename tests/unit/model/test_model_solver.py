"""The adapter: what HiGHS says is judged, never believed; its process is bounded and dies with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from facilityplan.model import worker
from facilityplan.model.arrays import Arrays
from facilityplan.model.program import Program
from facilityplan.model.solver import Solver, judge, linear, new_problem


def program(rows, senses, *, upper=1.0, integer=True) -> Arrays:
    """A program from dense rows; senses are (lower, upper) pairs."""
    matrix = np.asarray(rows, float)
    index = [np.flatnonzero(r) for r in matrix]
    n = matrix.shape[1]
    return Arrays(
        tuple(f"x{k}" for k in range(n)),
        np.zeros(n),
        np.full(n, upper),
        np.full(n, integer),
        tuple(f"rule[{k}]" for k in range(len(matrix))),
        np.array([low for low, _ in senses], float),
        np.array([high for _, high in senses], float),
        np.concatenate([[0], np.cumsum([len(i) for i in index])]).astype(np.int32),
        np.concatenate(index).astype(np.int32),
        np.concatenate([r[i] for r, i in zip(matrix, index, strict=True)]),
    )


def hard() -> tuple[Arrays, np.ndarray]:
    """A market-split problem: tiny to write, hopeless to prove in a second."""
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 100, (5, 45))
    slack = np.hstack([rows, np.kron(np.eye(5), [[1, -1]])])
    arrays = program(slack, [(r.sum() // 2,) * 2 for r in rows], upper=10_000.0)
    arrays.upper[:45] = 1
    return arrays, np.concatenate([np.zeros(45), np.ones(10)])


@pytest.fixture(scope="module")
def solver():
    with Solver() as one:
        yield one


def test_a_stopped_solve_is_never_optimal(solver):
    arrays, cost = hard()
    solution = solver.solve(arrays, cost, time_limit_s=1.0)
    assert solution.status in ("feasible", "no_solution")
    if solution.status == "feasible":
        assert solution.bound < solution.objective
        assert solution.gap > 0
        assert not arrays.broken_rows(solution.values)


def test_infeasible_unbounded_and_optimal_are_kept_apart(solver):
    ok = program([[1, 1]], [(1, np.inf)])
    assert solver.solve(ok, np.array([1.0, 2.0]), time_limit_s=5).status == "optimal"
    none = program([[1, 1]], [(3, np.inf)])
    assert solver.solve(none, np.array([1.0, 2.0]), time_limit_s=5).status == "infeasible"
    endless = program([[1, 1]], [(1, np.inf)], upper=np.inf)
    solution = solver.solve(endless, np.array([-1.0, -2.0]), time_limit_s=5)
    assert solution.status == "unbounded"
    assert solution.values is None


def test_gap_of_one_ten_thousandth_is_not_proof(solver):
    # two plans differ by 1 in 2,000,000: HiGHS' default gap of 1e-4 would let either pass as optimal
    rng = np.random.default_rng(0)
    cost = 40_000.0 + rng.integers(0, 40, 100)
    solution = solver.solve(program(np.ones((1, 100)), [(50, 50)]), cost, time_limit_s=20)
    assert solution.status == "optimal"
    assert solution.objective == np.sort(cost)[:50].sum()


def test_two_threads_after_one_in_one_process():
    arrays, cost = program([[1, 1, 1]], [(2, np.inf)]), np.array([3.0, 1.0, 2.0])
    for threads in (1, 2, 1):
        with Solver(threads=threads, in_process=True) as one:
            solution = one.solve(arrays, cost, time_limit_s=5)
            assert (solution.status, solution.objective) == ("optimal", 3.0)


def test_a_start_is_used_and_may_be_wrong(solver):
    arrays, cost = program([[1, 1, 1]], [(2, np.inf)]), np.array([3.0, 1.0, 2.0])
    for start in ([1.0, 1.0, 1.0], [0.0, 0.0, 0.0]):
        assert solver.solve(arrays, cost, time_limit_s=5, start=np.array(start)).objective == 3.0


def answer(status, values, bound):
    return {
        "status": status,
        "values": None if values is None else np.array(values, float),
        "bound": bound,
        "seconds": 0.1,
    }


@pytest.mark.parametrize(
    ("said", "values", "bound", "status"),
    [
        ("kOptimal", [1, 1, 0], 3.0, "optimal"),
        ("kOptimal", [1, 1, 0], 2.4, "optimal"),  # the next whole number is the value
        ("kOptimal", [1, 1, 0], 2.0, "feasible"),  # said to be optimal, but the bound does not prove it
        ("kOptimal", [1, 0, 0], 1.0, "error"),  # breaks the row
        ("kOptimal", [0.5, 1, 0.5], 2.5, "error"),  # rounding its halves breaks the row or not, never a proof
        ("kTimeLimit", [1, 1, 0], 1.5, "feasible"),
        ("kTimeLimit", [1, 1, 0], 2.5, "optimal"),
        ("kTimeLimit", None, 1.5, "no_solution"),
        ("kOptimal", None, 1.5, "no_solution"),
        ("kInterrupt", [1, 1, 0], -np.inf, "feasible"),
        ("kInfeasible", None, np.inf, "infeasible"),
        ("kUnboundedOrInfeasible", None, None, "no_solution"),
        ("kSolveError", None, None, "error"),
        ("kUnknown", [1, 1, 0], None, "feasible"),
    ],
)
def test_judge_goes_by_values_and_bound(said, values, bound, status):
    arrays, cost = program([[1, 1, 1]], [(2, 2)]), np.array([1.0, 2.0, 3.0])
    if said == "kOptimal" and values == [0.5, 1, 0.5]:
        arrays = program([[2, 1, 2]], [(3, 3)])
    solution = judge(arrays, cost, answer(said, values, bound), integer_objective=True)
    assert solution.status == status
    assert (solution.values is not None) == (status in ("optimal", "feasible"))
    if status == "optimal":
        assert solution.gap == 0.0
        assert solution.bound == solution.objective


def test_a_whole_unit_does_not_hide_in_the_tolerance_of_large_coefficients():
    arrays = program([[1_000_000, 1, 0]], [(-np.inf, 1_000_000.5)])  # x0 + x1 = 2 oversteps it by half a unit
    cost = np.array([-1.0, -1.0, 1.0])
    assert judge(arrays, cost, answer("kOptimal", [1, 1, 0], -2.0), integer_objective=True).status == "error"
    assert judge(arrays, cost, answer("kOptimal", [1, 0, 0], -1.0), integer_objective=True).status == "optimal"


def test_continuous_columns_are_lowered_to_whole_numbers():
    arrays = program([[1, 1, 0], [0, 1, 5]], [(1, np.inf), (-np.inf, 5.5)])
    arrays.integer[1:] = False
    cost = np.array([1.0, 0.0, 2.0])
    solution = judge(arrays, cost, answer("kOptimal", [1, 0.6, 0.9999999], 3.0), integer_objective=True)
    assert solution.status == "optimal"
    assert solution.values.tolist() == [1, 0, 1]
    # values that stay fractional may be a plan, but never a proven one
    half = program([[1, 2, 0]], [(2, 2)])
    half.integer[:] = False
    assert judge(half, cost, answer("kOptimal", [1, 0.5, 0], 1.0), integer_objective=True).status == "feasible"


def test_wall_time_is_bounded_from_outside(monkeypatch, tmp_path):
    stuck = tmp_path / "stuck.py"
    stuck.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(worker, "__file__", str(stuck))
    begun = time.monotonic()
    with Solver() as one:
        solution = one.solve(program([[1]], [(1, 1)]), np.ones(1), time_limit_s=0.2)
    assert solution.status == "no_solution"
    assert time.monotonic() - begun < 6


def test_a_solver_that_crashes_is_an_error_and_the_next_solve_works(monkeypatch, tmp_path):
    real = worker.__file__
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(9)\n")
    arrays, cost = program([[1, 1]], [(1, np.inf)]), np.ones(2)
    monkeypatch.setattr(worker, "__file__", str(broken))
    with Solver() as one:
        assert one.solve(arrays, cost, time_limit_s=2).status == "error"
        monkeypatch.setattr(worker, "__file__", real)
        assert one.solve(arrays, cost, time_limit_s=5).status == "optimal"


@pytest.mark.skipif(os.name != "posix", reason="signals and process groups of POSIX")
def test_the_solver_dies_with_its_parent():
    code = textwrap.dedent("""
        import numpy as np, sys, threading, time
        from facilityplan.model.solver import Solver
        sys.path.insert(0, sys.argv[1])
        from test_model_solver import hard
        solver = Solver()
        print(solver._child.pid, flush=True)
        solver.solve(*hard(), time_limit_s=60)
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    time.sleep(1.5)  # well into the solve
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(50):
        if not alive(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the solver's process outlived its parent")


def test_the_solver_outlives_the_thread_that_started_it():
    """A planner that works in threads starts it in one and goes on in another: only the process counts."""
    made = []
    thread = threading.Thread(target=lambda: (made.append(Solver()), time.sleep(1.5)))
    thread.start()
    thread.join()
    time.sleep(1.0)
    with made[0] as one:
        assert one._child.poll() is None


def test_where_nothing_is_to_be_decided_the_rows_decide():
    """A county without a single public clinic has a plan: the one in which nothing changes."""
    none = np.empty(0)
    for low, high, status in ((-np.inf, 5.0, "optimal"), (1.0, 5.0, "infeasible")):
        rows = Arrays(columns=(), lower=none, upper=none, integer=none.astype(bool), rows=("r",),
                      row_lower=np.array([low]), row_upper=np.array([high]), indptr=np.zeros(2, np.int32),
                      index=none.astype(np.int32), value=none)
        with Solver(in_process=True) as one:
            assert one.solve(rows, none, time_limit_s=5).status == status
            assert one.relax(rows, none, time_limit_s=5)[0].status == status


def test_the_solver_ends_when_its_pipe_closes():
    """What happens on systems that cannot tie a child to its parent: the pipe closes with the parent."""
    arrays, cost = hard()
    with Solver() as one:
        request = one._request(arrays, cost, 60.0, relax=False, start=None)
        child = one._child
        worker.send(child.stdin, request)
        time.sleep(1.5)
        assert child.poll() is None
        child.stdin.close()
        assert child.wait(timeout=5) == 0


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def test_names_that_pulp_would_fold_into_one_stay_apart():
    problem = new_problem("x")
    kept = Program.__new__(Program)
    kept.problem, kept.variables, kept.columns, kept.rows = problem, [], [], []
    trio = [kept.variable(f"open[{name}]", 0, 1) for name in ("村-1", "村 1", "村_1")]
    kept.row("no_harm", "村-1", [(v, 1) for v in trio], ">=", 2)
    arrays = kept.arrays()
    assert arrays.columns == ("x0", "x1", "x2")
    assert len(arrays.index) == 3
    assert arrays.rows == ("no_harm[村-1]",)


def test_terms_that_name_a_variable_twice_are_added():
    problem = new_problem("x")
    x = problem.add_variable("x0", 0, 1)
    assert {v.name: c for v, c in linear([(x, 2), (x, 3)]).items()} == {"x0": 5}
    assert not len(linear([(x, 2), (x, -2)]))


def denied(**changes):
    """An integer program of a tiny county (470 columns) that HiGHS 1.15's presolve calls infeasible; it has plans."""
    with np.load(Path(__file__).parent / "denied_by_presolve.npz") as kept:
        request = dict(kept)
    return {**request, "relax": False, "threads": 1, "seed": 0, "time_limit_s": 20.0, "absolute_gap": 0.9,
            "options": {"presolve_rule_off": 0}, **changes}


@pytest.mark.parametrize("changes", [{}, {"start": None}])
def test_infeasible_by_presolve_alone_is_not_believed(changes):
    answer = worker.solve(denied(**changes), lambda _: None)
    assert (answer["status"], answer["objective"], answer["bound"]) == ("kOptimal", 3.0, 3.0)


def test_optimum_that_the_aggregator_of_presolve_misses():
    """A tiny county's program (71 columns): with that rule of HiGHS 1.15.1 it is "optimal" at 110,030, and is not."""
    with np.load(Path(__file__).parent / "missed_by_presolve.npz") as kept:
        request = {**kept, "start": None, "relax": False, "threads": 1, "seed": 0, "time_limit_s": 20.0,
                   "absolute_gap": 0.9}
    answer = worker.solve(request, lambda _: None)
    assert (answer["status"], answer["objective"], answer["bound"]) == ("kOptimal", 55_015.0, 55_015.0)


def test_nothing_is_called_infeasible_without_time_for_a_second_opinion(monkeypatch):
    """Where presolve alone says infeasible and the search has no time left, nothing is proven."""
    monkeypatch.setattr(worker.time, "monotonic", iter([0.0, *[99.0] * 20]).__next__)
    assert worker.solve(denied(start=None), lambda _: None)["status"] != "kInfeasible"
