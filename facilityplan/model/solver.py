"""The one adapter between PuLP, HiGHS and us. It never takes a stopped solve for a proven one.

PuLP builds the problem (3.3 on Python 3.11, 4.x from 3.12); this module turns it into arrays, has them solved in a
child process whose wall time is bounded from outside, and judges the answer itself: a solution counts only if it is
integral and obeys every row, and it is "optimal" only if the bound proves it.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pulp

from facilityplan.model import worker
from facilityplan.model.arrays import ROW_TOLERANCE, Arrays
from facilityplan.model.types import Solution

PULP_4 = int(pulp.__version__.split(".")[0]) >= 4
ABSOLUTE_GAP = 0.9  # with an integer objective, anything below 1 is proof; the rest is room for rounding in the bound
GRACE_S = 2.0  # HiGHS overruns its own clock; after so long it is stopped from outside
Progress = Callable[[float | None, float | None], None]  # (incumbent, bound) while a solve runs


def new_problem(name: str) -> pulp.LpProblem:
    """Return an empty minimisation problem."""
    return pulp.LpProblem(name, pulp.LpMinimize)


def linear(terms: Iterable[tuple[pulp.LpVariable, int]]) -> pulp.LpAffineExpression:
    """Return Σ coefficient · variable; a variable may come up more than once."""
    merged: dict[str, tuple[pulp.LpVariable, int]] = {}
    for variable, coefficient in terms:
        known = merged.get(variable.name)
        merged[variable.name] = (variable, int(coefficient) + (known[1] if known else 0))
    pairs = [pair for pair in merged.values() if pair[1]]
    return pulp.LpAffineExpression.from_list(pairs) if PULP_4 else pulp.LpAffineExpression(pairs)


def arrays_of(problem: pulp.LpProblem, variables: Sequence[pulp.LpVariable], rows: Sequence[str]) -> Arrays:
    """Turn a PuLP problem into arrays; ``variables`` and ``rows`` (names) in the order in which they were added."""
    column = {v.name: k for k, v in enumerate(variables)}
    constraints = list(problem.constraints())
    if len(constraints) != len(rows):
        raise AssertionError("every row needs its name")
    index, value, indptr = [], [], [0]
    low, high = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
    for k, constraint in enumerate(constraints):
        for variable, coefficient in constraint.items():
            index.append(column[variable.name])
            value.append(coefficient)
        indptr.append(len(index))
        right = -constraint.constant
        if constraint.sense != pulp.LpConstraintLE:
            low[k] = right
        if constraint.sense != pulp.LpConstraintGE:
            high[k] = right
    return Arrays(
        columns=tuple(v.name for v in variables),
        lower=np.array([-np.inf if v.lowBound is None else v.lowBound for v in variables], dtype=float),
        upper=np.array([np.inf if v.upBound is None else v.upBound for v in variables], dtype=float),
        integer=np.array([v.cat == pulp.LpInteger for v in variables], dtype=bool),
        rows=tuple(rows),
        row_lower=low,
        row_upper=high,
        indptr=np.array(indptr, dtype=np.int32),
        index=np.array(index, dtype=np.int32),
        value=np.array(value, dtype=float),
    )


class Solver:
    """A child process that solves programs one after another. Use as a context manager.

    ``in_process`` solves in this process instead: for tests of thousands of tiny programs; wall time is then HiGHS'
    own.
    """

    def __init__(self, *, threads: int = 1, seed: int = 0, in_process: bool = False) -> None:
        self.threads, self.seed, self.in_process = threads, seed, in_process
        self._child: subprocess.Popen[bytes] | None = None
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        if not in_process:
            self._start()

    def __enter__(self) -> Solver:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child process, whatever it is doing."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.poll() is None:  # else its number may be another process's by now
            with contextlib.suppress(OSError):
                if os.name == "posix":
                    os.killpg(child.pid, signal.SIGKILL)
                else:
                    child.kill()
            child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def solve(
        self,
        program: Arrays,
        cost: np.ndarray,
        *,
        time_limit_s: float,
        integer_objective: bool = True,
        start: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Solution:
        """Minimise cost · x. Returns a judged Solution; its values are integers where the columns are.

        ``integer_objective``: every solution's cost is whole, so that a bound within 1 of it is proof.
        """
        if not program.columns:  # nothing to decide; HiGHS then tells neither a solution nor whether the rows hold
            holds = bool((program.row_lower <= 0).all() and (program.row_upper >= 0).all())
            return Solution("optimal", 0.0, 0.0, 0.0, 0.0, np.empty(0)) if holds else Solution(
                "infeasible", None, None, None, 0.0, None)
        request = self._request(program, cost, time_limit_s, relax=False, start=start)
        return judge(program, cost, self._ask(request, progress), integer_objective=integer_objective)

    def relax(self, program: Arrays, cost: np.ndarray, *, time_limit_s: float) -> tuple[Solution, np.ndarray | None]:
        """Solve the LP relaxation. Returns the solution (its bound is its objective) and the reduced costs."""
        if not program.columns:
            return self.solve(program, cost, time_limit_s=time_limit_s), np.empty(0)
        answer = self._ask(self._request(program, cost, time_limit_s, relax=True, start=None), None)
        status = _STATUS.get(answer["status"], "no_solution")
        usable = status == "optimal" and answer["values"] is not None
        return Solution(
            status if usable or status in ("infeasible", "unbounded", "error") else "no_solution",
            answer["objective"] if usable else None,
            answer["bound"] if usable else None,
            0.0 if usable else None,
            answer["seconds"],
            answer["values"] if usable else None,
        ), answer["reduced_costs"] if usable else None

    def _request(
        self, program: Arrays, cost: np.ndarray, time_limit_s: float, *, relax: bool, start: np.ndarray | None
    ) -> worker.Request:
        return {
            "lower": program.lower,
            "upper": program.upper,
            "integer": program.integer,
            "row_lower": program.row_lower,
            "row_upper": program.row_upper,
            "indptr": program.indptr,
            "index": program.index,
            "value": program.value,
            "cost": np.asarray(cost, dtype=float),
            "relax": relax,
            "start": start,
            "threads": self.threads,
            "seed": self.seed,
            "time_limit_s": max(0.01, float(time_limit_s)),
            "absolute_gap": ABSOLUTE_GAP,
        }

    def _ask(self, request: worker.Request, progress: Progress | None) -> worker.Answer:
        begun = time.monotonic()
        seen: dict[str, Any] = {"values": None, "objective": None, "bound": None}

        def note(message: tuple[Any, ...]) -> None:
            if message[0] == "incumbent":
                seen["objective"], seen["values"] = message[1], message[2]
            elif message[0] == "bound":
                seen["bound"] = message[1]
            if progress is not None:
                progress(seen["objective"], seen["bound"])

        if self.in_process:
            return worker.solve(request, note)
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._start()
        deadline = begun + request["time_limit_s"] * 1.05 + GRACE_S
        status, detail = "kTimeLimit", ""
        done = False
        try:
            with contextlib.suppress(OSError):  # a process that is gone says so below
                worker.send(self._child.stdin, request)
            while True:
                message = self._messages.get(timeout=max(0.0, deadline - time.monotonic()))
                if message[0] == "done":
                    done = True
                    return message[1]
                if message[0] in ("failed", "gone"):
                    status, detail = "kSolveError", message[1]
                    break
                note(message)
        except queue.Empty:
            pass  # over time: what it has found so far counts, the process does not
        finally:
            if not done:  # whatever it may still say answers this question, never the next one
                self.close()
        return {
            **seen,
            "status": status,
            "detail": detail,
            "seconds": time.monotonic() - begun,
            "relaxed": request["relax"],
            "reduced_costs": None,
            "nodes": 0,
        }

    def _start(self) -> None:
        group = (
            {"start_new_session": True}
            if os.name == "posix"
            else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        )
        # -P: the folder of this package must not come first on the path (it has a types.py)
        self._child = subprocess.Popen(
            [sys.executable, "-P", str(Path(worker.__file__)), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **group,
        )
        self._messages = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self._child.stdout, self._messages), daemon=True).start()


_STATUS = {
    "kOptimal": "optimal",
    "kInfeasible": "infeasible",
    "kUnbounded": "unbounded",
    "kSolveError": "error",
    "kModelError": "error",
    "kLoadError": "error",
    "kPresolveError": "error",
    "kPostsolveError": "error",
    "kMemoryLimit": "error",
    "kModelEmpty": "optimal",
}


def judge(program: Arrays, cost: np.ndarray, answer: worker.Answer, *, integer_objective: bool) -> Solution:
    """Decide what an answer is worth.

    Values count only if, rounded, they are integral and break no row: exactly where they are whole throughout, else
    within a tolerance. "optimal" only if the bound proves it: the next whole number above the bound is the value
    (integer objective, whole values), or the gap is nothing. The solver's word counts for infeasible, unbounded and
    error only.
    """
    said = _STATUS.get(answer["status"], "no_solution")
    seconds, bound = answer["seconds"], answer["bound"]
    if bound is not None and not math.isfinite(bound):
        bound = None
    values = answer["values"]
    if said in ("infeasible", "unbounded"):
        return Solution(said, None, None, None, seconds, None)
    if values is None:
        return Solution("error" if said == "error" else "no_solution", None, bound, None, seconds, None)
    values = _whole(program, values)
    exact = bool((values == np.rint(values)).all())
    if program.broken_rows(values, exact=exact):
        return Solution("error", None, bound, None, seconds, None)
    objective = float(cost @ values)
    if integer_objective:
        objective = float(round(objective))
    if bound is None:
        return Solution("feasible", objective, None, None, seconds, values)
    slack = 1e-9 * max(1.0, abs(objective))
    if integer_objective:
        # the bound of an LP is exact to some 1e-9 of its size; nearer than that to a whole number it is that number
        proven = math.ceil(bound - 1e-6 - slack)
        bound = float(min(proven, objective))
    proved = bound >= objective - (0.5 if integer_objective else slack) and (exact or not integer_objective)
    gap = 0.0 if proved else (objective - bound) / max(abs(objective), 1e-9)
    return Solution(
        "optimal" if proved else "feasible", objective, objective if proved else bound, gap, seconds, values
    )


def _whole(program: Arrays, values: np.ndarray) -> np.ndarray:
    """Round values to whole numbers that obey every row exactly, where there are such; else the integer columns only.

    Continuous columns are bounded from below by whole numbers once the integer ones are whole (Program.closed), so they
    are lowered first: a stage that does not count them may leave them anywhere above.
    """
    near = np.rint(values)
    for whole in (np.where(program.integer, near, np.floor(values + ROW_TOLERANCE)), near):
        if not program.broken_rows(whole, exact=True):
            return whole
    return np.where(program.integer, near, values)


def _pump(stream: Any, messages: queue.SimpleQueue[Any]) -> None:
    """Move messages from the child's pipe into a queue, so that waiting for them can end."""
    try:
        while True:
            messages.put(worker.receive(stream))
    except (EOFError, OSError, ValueError):
        messages.put(("gone", "the solver's process ended"))
