"""The shortest rounds from one base: a vehicle routing problem, solved by PyVRP.

PyVRP (Wouda, Lan, Kool 2024, INFORMS Journal on Computing 36(4), https://pyvrp.org) searches by iterated local search.
It is stopped by a number of iterations, never by a clock, and its random numbers have one seed: the same problem gives
the same rounds on any machine. It proves neither that rounds are the shortest nor that there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SEED = 1
ITERATIONS, ITERATIONS_EACH = 100, 15  # measured: 20 visits are at their best after less than 200
Rounds = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Problem:
    """Visits from one base. Row and column 0 of ``drive`` are the base; visit k is row k + 1."""

    drive: np.ndarray  # int64 (visits + 1, visits + 1) deciseconds from row to column; huge = no way
    visit: np.ndarray  # int64 (visits,) deciseconds
    day_ds: int  # from leaving to return at most

    def some(self, visits: tuple[int, ...]) -> Problem:
        """Return the problem of some of the visits."""
        rows = np.array([0, *(k + 1 for k in visits)])
        return Problem(self.drive[np.ix_(rows, rows)], self.visit[list(visits)], self.day_ds)

    def length(self, stops: tuple[int, ...]) -> int:
        """Return the deciseconds of driving of one round."""
        way = (0, *(k + 1 for k in stops), 0)
        return int(sum(self.drive[a, b] for a, b in pairwise(way)))

    def duration(self, stops: tuple[int, ...]) -> int:
        """Return the deciseconds of one round from leaving to return."""
        return self.length(stops) + int(self.visit[list(stops)].sum())

    def least_drive(self) -> int:
        """Return deciseconds that no rounds of all the visits can undercut: each place is entered once."""
        if not len(self.visit):
            return 0
        into = self.drive[:, 1:].copy()
        np.fill_diagonal(into[1:], np.iinfo(np.int64).max)
        return int(into.min(axis=0).sum())

    def fits(self, rounds: Rounds) -> bool:
        """Does every round fit into a day?"""
        return all(self.duration(stops) <= self.day_ds for stops in rounds)


def shortest_rounds(problem: Problem, vehicles: int, *, leave_out: bool = False) -> Rounds | None:
    """Return rounds of positions of visits, at most ``vehicles`` of them, with little driving; None where none fit.

    ``leave_out``: as many visits as fit rather than all of them.
    """
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve  # half a second, where there are rounds
    from pyvrp.stop import MaxIterations

    count = len(problem.visit)
    if not count:
        return ()
    prize = int(problem.drive[problem.drive < problem.day_ds].sum()) + 1 if leave_out else 0
    data = ProblemData(
        locations=[Location(0, 0)] * (count + 1),
        clients=[Client(k + 1, service_duration=int(ds), prize=prize, required=not leave_out)
                 for k, ds in enumerate(problem.visit)],
        depots=[Depot(0)], vehicle_types=[VehicleType(min(vehicles, count), shift_duration=problem.day_ds)],
        distance_matrices=[problem.drive], duration_matrices=[problem.drive])
    best = solve(data, MaxIterations(ITERATIONS + ITERATIONS_EACH * count), seed=SEED, collect_stats=False,
                 display=False).best
    rounds = tuple(sorted(tuple(stop.idx for stop in route if stop.is_client()) for route in best.routes()))
    found = sorted(k for stops in rounds for k in stops)
    whole = found == list(range(count)) or (leave_out and len(set(found)) == len(found))
    return rounds if best.is_feasible() and whole and len(rounds) <= vehicles and problem.fits(rounds) else None
