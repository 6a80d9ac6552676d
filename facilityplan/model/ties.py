"""Among plans that are equally good in every stage, always the same one: whatever solver, seed, threads or row order.

Works first: none that is not needed, in canonical order of their institutions (more people first, then coordinates,
id last). Where hires are a decision of their own, the fewest. Then site by site in canonical order: keep the clinic
open; leave the candidate unbuilt. Then its own doctor rather than posted staff, and visits rather than none, by the
sender that comes first (neighbours before teams, the nearest first). Then the shortest ways from closed clinics to
their hosts (people · whole minutes), and where hosts are as near, the host that comes first. Sub-centres: upgrade the
hospital that comes first; assign the larger township to the hospital that comes first. Consortia: the shortest ways to
the leads (people · whole minutes), then the leads that come first, then the larger township to the lead that comes
first. Equipment and service centres: as few as may be, centres by the shortest ways, then in canonical order.

Each step is an exact lexicographic choice over 0/1 columns. Columns that have the same value in every remaining plan
are found by asking for the plan that differs most from the one at hand; the others are settled in chunks of powers of
two, each chunk proven and fixed, so no weight exceeds 2^CHUNK and no two plans have the same sum. Once it is known
which sites are open, little is left to decide.
"""

from __future__ import annotations

import time

import numpy as np

from facilityplan.model.arrays import Arrays
from facilityplan.model.constraints_attributes import preferred_equipment
from facilityplan.model.constraints_centres import centre_ways, preferred_centre_users, preferred_centres
from facilityplan.model.program import Program
from facilityplan.model.solver import Progress as SolverProgress
from facilityplan.model.solver import Solver
from facilityplan.model.staff_count import least_staff
from facilityplan.model.types import Solution
from facilityplan.units import HORIZON_MIN, UNREACHABLE_DS, minutes_whole

CHUNK = 20
FrozenRow = tuple[str, np.ndarray, float, float]


def frozen_row(name: str, cost: np.ndarray, value: int) -> FrozenRow:
    """Return the row that keeps a stage at its value: cost · x ≤ value, half a unit free for rounding, scaled down."""
    divisor = common_divisor(cost)
    return f"stage[{name}]", cost / divisor, -np.inf, value // divisor + 0.5


def common_divisor(cost: np.ndarray) -> int:
    """Return the greatest common divisor of a cost's coefficients, 1 where there are none."""
    whole = np.abs(cost[cost != 0]).astype(np.int64)
    return int(np.gcd.reduce(whole)) if len(whole) else 1


def minimise(
    solver: Solver,
    arrays: Arrays,
    cost: np.ndarray,
    start: np.ndarray | None,
    deadline: float,
    progress: SolverProgress | None = None,
) -> Solution:
    """Minimise an integer cost, divided by the greatest common divisor of its coefficients.

    ``progress`` hears (best value, bound) in the units of ``cost`` while the solve runs.
    """
    divisor = common_divisor(cost)
    left = deadline - time.monotonic()
    if left <= 0:
        return Solution("no_solution", None, None, None, 0.0, None)

    def scaled(value: float | None, bound: float | None) -> None:
        progress(None if value is None else value * divisor, None if bound is None else bound * divisor)

    solution = solver.solve(
        arrays, cost / divisor, time_limit_s=left, start=start, progress=None if progress is None else scaled
    )
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
    tie = _Tie(arrays, values, solver, deadline)
    proven = (
        tie.settle(preferred_works(program))
        and tie.shorten(least_staff(program))
        and tie.settle(preferred_sites(program))
        and tie.settle(preferred_services(program))
        and tie.shorten(host_ways(program))
        and tie.settle(preferred_hosts(program))
        and tie.settle(preferred_sub_centres(program))
        and tie.shorten(lead_ways(program))
        and tie.settle(preferred_leads(program))
        and tie.settle(preferred_stages(program, tie))
        and tie.shorten(program.vector([(v, 1) for v in program.equip.values()]))
        and tie.settle(preferred_equipment(program))
        and tie.shorten(program.vector([(v, 1) for v in program.centre.values()]))
        and tie.shorten(program.vector(centre_ways(program)))
        and tie.settle(preferred_centres(program))
        and tie.settle(preferred_centre_users(program))
    )
    return tie.values, proven


class _Tie:
    """The plans that are still in the running, and one of them."""

    def __init__(self, arrays: Arrays, values: np.ndarray, solver: Solver, deadline: float) -> None:
        self.arrays, self.values, self.solver, self.deadline = arrays, values, solver, deadline

    def shorten(self, cost: np.ndarray) -> bool:
        """Keep only the plans of least cost; False where time is up."""
        if not cost.any():
            return True
        solution = minimise(self.solver, self.arrays, cost, self.values, self.deadline)
        if solution.status != "optimal":
            return False
        self.values = solution.values
        self.arrays = self.arrays.with_rows([frozen_row("ways", cost, round(solution.objective))])
        return True

    def settle(self, order: list[tuple[int, int]]) -> bool:
        """Fix columns to the values wanted for them, the most important first, as far as plans allow it."""
        free = self._free([column for column, _ in order])
        if free is None:
            return False
        self._fix([column for column, _ in order if column not in free])
        wanted = [(column, want) for column, want in order if column in free]
        for k in range(0, len(wanted), CHUNK):
            chunk = wanted[k : k + CHUNK]
            cost = np.zeros(len(self.arrays.columns))
            for place, (column, want) in enumerate(reversed(chunk)):
                cost[column] = -(2**place) if want else 2**place
            solution = minimise(self.solver, self.arrays, cost, self.values, self.deadline)
            if solution.status != "optimal":
                return False
            self.values = solution.values
            self._fix([column for column, _ in chunk])
        return True

    def _fix(self, columns: list[int]) -> None:
        lower, upper = self.arrays.lower.copy(), self.arrays.upper.copy()
        lower[columns] = upper[columns] = self.values[columns]
        self.arrays = self.arrays.with_bounds(lower, upper)

    def _free(self, columns: list[int]) -> frozenset[int] | None:
        """Return the columns whose value differs between the plans in the running; None where time is up."""
        same = [c for c in columns if self.arrays.lower[c] < self.arrays.upper[c]]
        free: set[int] = set()
        while same:
            cost = np.zeros(len(self.arrays.columns))  # minimising it maximises the number of columns that differ
            cost[same] = np.where(self.values[same] > 0.5, 1.0, -1.0)
            solution = minimise(self.solver, self.arrays, cost, self.values, self.deadline)
            if solution.status != "optimal":
                return None
            moved = {c for c in same if abs(solution.values[c] - self.values[c]) > 0.5}
            if not moved:
                break
            free |= moved
            same = [c for c in same if c not in moved]
        return frozenset(free)


def host_ways(program: Program) -> np.ndarray:
    """People · whole minutes from closed clinics to their hosts, as a cost over the columns."""
    data = program.data
    cost = np.zeros(len(program.variables))
    for (guest, host), variable in program.merge.items():
        time_ds = data.pairs.ds[data.pairs.position(guest, host)]
        minutes = HORIZON_MIN if time_ds == UNREACHABLE_DS else int(minutes_whole(np.array([time_ds]))[0])
        cost[program.column(variable)] = int(data.load[guest]) // data.load_scale * minutes
    return cost


def preferred_sites(program: Program) -> list[tuple[int, int]]:
    """Return (column, value wanted) of every decided clinic (open) and candidate (not built), in canonical order."""
    data = program.data
    sites = sorted(program.open, key=lambda j: int(data.rank[j]))
    return [(program.column(program.open[j]), 1 if data.decided[j] else 0) for j in sites]


def preferred_works(program: Program) -> list[tuple[int, int]]:
    """Return (column, 0) of every work, in canonical order."""
    return [(program.column(program.work[p]), 0) for p in works_in_order(program)]


def works_in_order(program: Program) -> list[int]:
    """Return the works by the canonical order of their institution, then by id."""
    works, rank = program.data.works, program.data.rank
    return sorted(range(len(program.work)), key=lambda p: (int(rank[works.site[p]]), works.ids[p]))


def preferred_hosts(program: Program) -> list[tuple[int, int]]:
    """Return (column, 1) of every merger: guests in canonical order, each with its hosts in canonical order."""
    rank = program.data.rank
    pairs = sorted(program.merge, key=lambda p: (int(rank[p[0]]), int(rank[p[1]])))
    return [(program.column(program.merge[pair]), 1) for pair in pairs]


def preferred_stages(program: Program, tie: _Tie) -> list[tuple[int, int]]:
    """Return (column, 1) of the stages of every change that is made, the earliest first, changes in canonical order,
    works last.

    What is changed is settled by then; only when is left.
    """
    data, stages = program.data, program.stages
    if stages is None:
        return []
    made = [(int(data.rank[g]), parts, program.merge[g, h]) for (g, h), parts in stages.merge.items()]
    made += [(int(data.rank[k]), parts, program.open[k]) for k, parts in stages.build.items()]
    made += [
        (int(data.rank[data.sub_centres.hospitals[k]]), parts, program.sub_centre[k])
        for k, parts in stages.upgrade.items()
    ]
    made += [(int(data.rank[site]) if site >= 0 else len(data.rank), parts, final)
             for site, parts, final in stages.services()]  # fmt: skip
    order = sorted(made, key=lambda row: row[0])
    order += [(0, stages.work[p], program.work[p]) for p in works_in_order(program) if stages.work]
    order = [row for row in order if tie.values[program.column(row[2])] > 0.5]
    return [(program.column(v), 1) for _, parts, _ in order for v in parts[:-1]]


def preferred_services(program: Program) -> list[tuple[int, int]]:
    """Return (column, value wanted) of posted staff (not there), then of visits (made): targets in canonical order,
    each with neighbours before teams and the nearest first."""
    data = program.data
    if data.modes is None:
        return []
    order = [(program.column(program.posted[p]), 0)
             for p in sorted(program.posted, key=lambda p: (int(data.rank[p[0]]), -int(data.rank[p[1]])))]  # fmt: skip
    for target in sorted(program.visits_of, key=lambda t: int(data.modes.target_rank[t])):
        # columns of a target stand in order: neighbours by time and rank, then teams likewise
        order += [(program.column(variables[pair]), 1) for variables, pair in program.visits_of[target]]
    return order


def preferred_sub_centres(program: Program) -> list[tuple[int, int]]:
    """Return (column, 1) of sub-centres in canonical order, then of catchments, the township with most people first."""
    data, block = program.data, program.data.sub_centres
    if not program.sub_centre or block is None:
        return []
    hospitals = sorted(range(len(block.hospitals)), key=lambda k: int(data.rank[block.hospitals[k]]))
    rows = sorted(
        range(len(block.townships)), key=lambda r: (-int(block.people[r]), data.townships[block.townships[r]])
    )
    return [(program.column(program.sub_centre[k]), 1) for k in hospitals] + [
        (program.column(program.assign[r, k]), 1) for r in rows for k in hospitals if (r, k) in program.assign
    ]


def lead_ways(program: Program) -> np.ndarray:
    """People · whole minutes from villages to the leads of their consortia, as a cost over the columns."""
    return program.vector((v, int(program.data.consortia.cost[pair])) for pair, v in program.member.items())


def preferred_leads(program: Program) -> list[tuple[int, int]]:
    """Return (column, 1) of leads in canonical order, then of memberships, the township with most people first."""
    data, block = program.data, program.data.consortia
    if not program.lead or block is None:
        return []
    leads = sorted(range(len(block.leads)), key=lambda c: int(data.rank[block.leads[c]]))
    towns = [data.townships[t] for t in block.townships]
    rows = sorted(range(len(towns)), key=lambda r: (-int(block.people[r]), towns[r]))
    return [(program.column(program.lead[c]), 1) for c in leads] + [
        (program.column(program.member[r, c]), 1) for r in rows for c in leads if (r, c) in program.member
    ]
