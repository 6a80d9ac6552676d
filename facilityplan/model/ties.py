"""Among plans that are equally good in every stage, always the same one: whatever solver, seed, thread count or row
order.

First the shortest ways from closed clinics to their hosts (people · whole minutes), then, site by site in canonical
order
(more people first, then coordinates, id last): keep the clinic open; leave the candidate unbuilt; merge into the host
that comes first; upgrade the hospital that comes first; assign the larger township to the hospital that comes first.

This is an exact lexicographic choice over 0/1 columns. Columns that have the same value in every remaining plan are
found by asking for the plan that differs most from the one at hand; the others are settled in chunks of powers of two,
each chunk proven and fixed, so no weight exceeds 2^CHUNK and no two plans have the same sum.
"""

from __future__ import annotations

import time

import numpy as np

from facilityplan.model.arrays import Arrays
from facilityplan.model.program import Program
from facilityplan.model.sets import HORIZON_MIN
from facilityplan.model.solver import Solver
from facilityplan.model.types import Solution
from facilityplan.units import UNREACHABLE_DS, minutes_whole

CHUNK = 20
FrozenRow = tuple[str, np.ndarray, float, float]


def minimise(solver: Solver, arrays: Arrays, cost: np.ndarray, start: np.ndarray | None, deadline: float) -> Solution:
    """Minimise an integer cost, divided by the greatest common divisor of its coefficients."""
    whole = np.abs(cost[cost != 0]).astype(np.int64)
    divisor = int(np.gcd.reduce(whole)) if len(whole) else 1
    left = deadline - time.monotonic()
    if left <= 0:
        return Solution("no_solution", None, None, None, 0.0, None)
    solution = solver.solve(arrays, cost / divisor, time_limit_s=left, start=start)
    return Solution(
        solution.status,
        None if solution.objective is None else solution.objective * divisor,
        None if solution.bound is None else solution.bound * divisor,
        solution.gap,
        solution.seconds,
        solution.values,
    )


def break_ties(
    program: Program, arrays: Arrays, values: np.ndarray, solver: Solver, deadline: float
) -> tuple[np.ndarray, bool]:
    """Return the plan that comes first among the optimal ones and whether that is proven.

    ``arrays`` holds every stage as a frozen row; ``values`` is one optimal plan.
    """
    way = host_ways(program)
    if way.any():
        solution = minimise(solver, arrays, way, values, deadline)
        if solution.status != "optimal":
            return values, False
        values = solution.values
        arrays = arrays.with_rows([("stage[host_minutes]", way, -np.inf, round(solution.objective) + 0.5)])
    order = preference(program)
    free = _free_columns(arrays, [column for column, _ in order], values, solver, deadline)
    if free is None:
        return values, False
    wanted = [(column, want) for column, want in order if column in free]
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for column, _ in order:
        if column not in free:
            lower[column] = upper[column] = values[column]
    for k in range(0, len(wanted), CHUNK):
        chunk = wanted[k : k + CHUNK]
        cost = np.zeros(len(arrays.columns))
        for place, (column, want) in enumerate(reversed(chunk)):
            cost[column] = -(2**place) if want else 2**place
        solution = minimise(solver, arrays.with_bounds(lower, upper), cost, values, deadline)
        if solution.status != "optimal":
            return values, False
        values = solution.values
        for column, _ in chunk:
            lower[column] = upper[column] = values[column]
    return values, True


def host_ways(program: Program) -> np.ndarray:
    """People · whole minutes from closed clinics to their hosts, as a cost over the columns."""
    data = program.data
    cost = np.zeros(len(program.variables))
    ds = (
        {(int(g), int(h)): int(t) for g, h, t in zip(data.pairs.guest, data.pairs.host, data.pairs.ds, strict=True)}
        if program.merge
        else {}
    )
    for (guest, host), variable in program.merge.items():
        time_ds = ds[guest, host]
        minutes = HORIZON_MIN if time_ds == UNREACHABLE_DS else int(minutes_whole(np.array([time_ds]))[0])
        cost[program.column(variable)] = int(data.load[guest]) // data.load_scale * minutes
    return cost


def preference(program: Program) -> list[tuple[int, int]]:
    """Return every deciding column with the value wanted for it, the most important first."""
    data, rank = program.data, program.data.rank
    order: list[tuple[int, int]] = []
    for j in sorted(program.open, key=lambda j: int(rank[j])):
        order.append((program.column(program.open[j]), 1 if data.decided[j] else 0))
    for pair in sorted(program.merge, key=lambda p: (int(rank[p[0]]), int(rank[p[1]]))):
        order.append((program.column(program.merge[pair]), 1))
    block = data.sub_centres
    if program.sub_centre and block is not None:
        hospitals = sorted(range(len(block.hospitals)), key=lambda k: int(rank[block.hospitals[k]]))
        order += [(program.column(program.sub_centre[k]), 1) for k in hospitals]
        rows = sorted(
            range(len(block.townships)), key=lambda r: (-int(block.people[r]), data.townships[block.townships[r]])
        )
        order += [
            (program.column(program.assign[r, k]), 1) for r in rows for k in hospitals if (r, k) in program.assign
        ]
    return order


def _free_columns(
    arrays: Arrays, columns: list[int], values: np.ndarray, solver: Solver, deadline: float
) -> frozenset[int] | None:
    """Return the columns whose value differs between plans that ``arrays`` allows; None where time is up."""
    same = [c for c in columns if arrays.lower[c] < arrays.upper[c]]
    free: set[int] = set()
    while same:
        cost = np.zeros(len(arrays.columns))
        cost[same] = np.where(
            values[same] > 0.5, 1.0, -1.0
        )  # minimising it maximises the number of columns that differ
        solution = minimise(solver, arrays, cost, values, deadline)
        if solution.status != "optimal":
            return None
        moved = {c for c in same if abs(solution.values[c] - values[c]) > 0.5}
        if not moved:
            break
        free |= moved
        same = [c for c in same if c not in moved]
    return frozenset(free)
