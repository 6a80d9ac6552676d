"""The solver's own process: reads one request after another, solves it with HiGHS, reports what it finds on the way.

Run by path, never imported by its parent for a real solve: it needs numpy and highspy only, so it starts fast, and
whatever happens in HiGHS happens away from the planner's process. Messages are pickles with an 8-byte length before
them:
("incumbent", objective, values), ("bound", bound), ("done", answer). It dies with its parent.
"""

from __future__ import annotations

import math
import os
import pickle
import queue
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

LENGTH = struct.Struct("<Q")
# Bit of HiGHS' option presolve_rule_off. With this rule 1.15.1 calls integer programs infeasible that have plans, and
# plans "optimal" with a bound above the optimum: tests/unit/model/test_model_solver.py keeps one of either kind.
AGGREGATOR = 1 << 12
Request = dict[str, Any]
Answer = dict[str, Any]


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message."""
    data = pickle.dumps(message, protocol=5)
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; EOFError where the other side is gone."""
    head = _read(stream, LENGTH.size)
    return pickle.loads(_read(stream, LENGTH.unpack(head)[0]))


def _read(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size:
        part = stream.read(size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def solve(request: Request, report: Callable[[Any], None]) -> Answer:
    """Solve one program with HiGHS and return what HiGHS says, unjudged.

    ``request``: lower, upper, integer, row_lower, row_upper, indptr, index, value, cost; relax (bool: as an LP, with
    its reduced costs); start (values or None); time_limit_s, threads, seed, absolute_gap. The answer's ``status`` is
    HiGHS' own word; ``values``, ``bound``, ``objective``, ``reduced_costs`` are None where there are none.
    """
    import highspy
    from highspy import _core as core

    begun = time.monotonic()
    columns, rows = len(request["lower"]), len(request["row_lower"])
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_ = request["cost"]
    lp.col_lower_, lp.col_upper_ = request["lower"], request["upper"]
    lp.row_lower_, lp.row_upper_ = request["row_lower"], request["row_upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, rows
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = (
        request["indptr"],
        request["index"],
        request["value"],
    )
    relax = request["relax"] or not request["integer"].any()
    if not relax:
        kind = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kind[int(i)] for i in request["integer"]]
    highs = highspy.Highs()
    options = {
        "output_flag": bool(request.get("log", False)),
        "threads": request["threads"],
        "random_seed": request["seed"],
        "time_limit": request["time_limit_s"],
        "mip_rel_gap": 0.0,
        "mip_abs_gap": request["absolute_gap"],
        "presolve_rule_off": 0 if relax else AGGREGATOR,
        **request.get("options", {}),
    }
    core._Highs.resetGlobalScheduler(True)  # another number of threads in one process is refused otherwise
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(lp)
    if request["start"] is not None and not relax:
        solution = highspy.HighsSolution()
        solution.col_value = list(request["start"])
        highs.setSolution(solution)
    if not relax:
        _watch(highs, report)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    has_values = info.primal_solution_status == core.kSolutionStatusFeasible
    solution = highs.getSolution()
    answer = {
        "status": str(status).rsplit(".", 1)[-1],
        "seconds": time.monotonic() - begun,
        "relaxed": relax,
        "values": np.array(solution.col_value) if has_values else None,
        "objective": float(info.objective_function_value) if has_values else None,
        "bound": float(info.mip_dual_bound)
        if not relax
        else float(info.objective_function_value)
        if has_values and status == highspy.HighsModelStatus.kOptimal  # a stopped LP has a value, but no bound
        else None,
        "reduced_costs": np.array(solution.col_dual) if relax and solution.dual_valid else None,
        "nodes": 0 if relax else int(info.mip_node_count),
    }
    if answer["status"] == "kUnboundedOrInfeasible":  # tell the two apart: without a cost nothing is unbounded
        again = solve({**request, "cost": np.zeros(columns), "start": None}, report)
        answer["status"] = (
            "kInfeasible"
            if again["status"] == "kInfeasible"
            else "kUnbounded"
            if again["status"] == "kOptimal"
            else again["status"]
        )
    if not relax and options.get("presolve") != "off" and _doubtful(answer):
        return _second_opinion(request, report, answer, begun)
    return answer


def _doubtful(answer: Answer) -> bool:
    """Called infeasible, or optimal without a bound: HiGHS 1.15's presolve says so of integer programs that have plans
    (tests/unit/model/test_model_solver.py keeps one; its aggregator was to blame, which no longer runs).
    """
    return answer["status"] == "kInfeasible" or (answer["status"] == "kOptimal" and not math.isfinite(answer["bound"]))


def _second_opinion(request: Request, report: Callable[[Any], None], answer: Answer, begun: float) -> Answer:
    """Return an answer that does not rest on presolve alone: the relaxation is infeasible, or the search without
    presolve says the same. Where time does not suffice for that, nothing is called infeasible.
    """
    infeasible = answer["status"] == "kInfeasible"
    if infeasible and solve({**request, "relax": True, "start": None}, report)["status"] == "kInfeasible":
        return answer
    left = max(0.0, request["time_limit_s"] - (time.monotonic() - begun))
    plain = {**request.get("options", {}), "presolve": "off"}
    again = solve({**request, "options": plain, "time_limit_s": left}, report)
    return again if infeasible or again["status"] == "kOptimal" else answer


def _watch(highs: Any, report: Callable[[Any], None]) -> None:
    """Report every better solution and the bound, at most four bounds a second."""
    last = [0.0]

    def improving(event: Any) -> None:
        report(("incumbent", float(event.data_out.objective_function_value), np.array(event.data_out.mip_solution)))

    def logging(event: Any) -> None:
        now = time.monotonic()
        if now - last[0] >= 0.25:
            last[0] = now
            report(("bound", float(event.data_out.mip_dual_bound)))

    highs.cbMipImprovingSolution.subscribe(improving)
    highs.cbMipLogging.subscribe(logging)


def _die_with_parent(parent: int) -> None:
    """End this process soon after its parent: the closed pipe tells it (see ``main``), and this where a third process
    holds the pipe open. PR_SET_PDEATHSIG would strike when the *thread* that started us ends, in the middle of a run.
    """
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main(parent: int) -> None:
    """Serve requests from standard input; end at once when it closes, even in the middle of a solve."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the messages
    if os.name == "posix":
        threading.Thread(target=_die_with_parent, args=(parent,), daemon=True).start()
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()

    def read() -> None:
        try:
            while True:
                requests.put(receive(source))
        except (EOFError, OSError):
            os._exit(0)  # the parent is gone or done with us; HiGHS is not asked

    threading.Thread(target=read, daemon=True).start()
    while True:
        request = requests.get()
        try:
            send(sink, ("done", solve(request, lambda message: send(sink, message))))
        except BrokenPipeError:
            return
        except Exception as error:
            send(sink, ("failed", f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    main(int(sys.argv[1]))
