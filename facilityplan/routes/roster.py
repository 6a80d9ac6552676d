"""From the visits of one base to its teams' week: rounds first, then their days, then who drives them.

A round is driven by one team on each of its days, so that a village sees the same team at the same hour each time. Of
``teams`` teams over the days of a week that makes ⌊teams · days / visits a week⌋ rounds. Visits that fit into none of
them are put onto days that have room, one place after another, if need be by moving one other visit to another day;
what finds no room is returned as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from facilityplan.routes.rounds import Problem, Rounds, shortest_rounds
from facilityplan.routes.week import days_open, patterns, spread

Stops = tuple[int, ...]


@dataclass(frozen=True)
class Roster:
    """A base's week: rounds by day, each with its team; visits are positions in the problem."""

    days: dict[int, list[tuple[int, Stops]]]  # weekday → (team from 1, its stops), by team
    left_out: tuple[int, ...]  # visits for which no day was found


def roster(problem: Problem, teams: int, per_week: int, week_ds: int) -> Roster:
    """Return the week of one base's teams: each visit on ``per_week`` days, ``week_ds`` for all teams together.

    No visit is left out that could be fitted in by the searches named above; they prove nothing.
    """
    every = range(len(problem.visit))
    if not teams:
        return Roster({}, tuple(every))
    never = [k for k in every if problem.duration((k,)) > problem.day_ds]
    some = tuple(k for k in every if k not in never)
    while True:
        days, left = _days(problem, some, teams, per_week)
        if sum(problem.duration(stops) for rounds in days.values() for stops in rounds) <= week_ds:
            return Roster(_with_teams(days), tuple(sorted({*never, *left})))
        longest = max((k for rounds in days.values() for stops in rounds for k in stops),
                      key=lambda k: (problem.duration((k,)), k))
        never.append(longest)
        some = tuple(k for k in some if k != longest)


class _Days:
    """Rounds by day, while visits that fit into none of the usual rounds are put in one after another."""

    def __init__(self, problem: Problem, teams: int, per_week: int, rounds: Rounds) -> None:
        self._problem, self._teams, self._patterns = problem, teams, patterns(per_week)
        self._known: dict[frozenset[int], Rounds | None] = {}
        self.rounds: dict[int, Rounds] = dict.fromkeys(days_open(per_week), ())
        for stops, on in zip(rounds, spread(len(rounds), per_week, teams), strict=True):
            for day in on:
                self.rounds[day] = (*self.rounds[day], stops)

    def visits(self, day: int) -> frozenset[int]:
        """Return who is visited on a day."""
        return frozenset(k for stops in self.rounds[day] for k in stops)

    def put_in(self, visit: int) -> bool:
        """Put a further visit onto the most even days that have room; return whether there were any."""
        return any(self._take({day: self.visits(day) | {visit} for day in on}) for on in self._patterns)

    def put_in_moving_one(self, visit: int) -> bool:
        """Put a further visit onto days of which one has room only when another visit goes to some other day."""
        for on in self._patterns:
            with_it = {day: self.visits(day) | {visit} for day in on}
            for full in on:
                for moved in sorted(self.visits(full)):
                    for other in self.rounds:
                        if moved not in self.visits(other):
                            changed = {**with_it, full: with_it[full] - {moved}}
                            changed[other] = changed.get(other, self.visits(other)) | {moved}
                            if self._take(changed):
                                return True
        return False

    def _take(self, changed: dict[int, frozenset[int]]) -> bool:
        made = {}
        for day, visits in changed.items():
            found = self._of(visits)
            if found is None:
                return False
            made[day] = found
        self.rounds |= made
        return True

    def _of(self, visits: frozenset[int]) -> Rounds | None:
        """Return rounds of one day's visits, None where the teams have no time for them."""
        if visits not in self._known:
            rows = tuple(sorted(visits))
            part = self._problem.some(rows)
            enough = int(part.visit.sum()) + part.least_drive() <= self._teams * part.day_ds
            found = shortest_rounds(part, self._teams) if enough else None
            self._known[visits] = None if found is None else tuple(tuple(rows[k] for k in stops) for stops in found)
        return self._known[visits]


def _days(problem: Problem, some: Stops, teams: int, per_week: int) -> tuple[dict[int, Rounds], list[int]]:
    """Return the rounds of each day, and the visits that found no day."""
    part, most = problem.some(some), teams * len(days_open(per_week)) // per_week
    found = shortest_rounds(part, most)
    if found is None:
        found = shortest_rounds(part, most, leave_out=True) or ()
    rounds = tuple(tuple(some[k] for k in stops) for stops in found)
    days = _Days(problem, teams, per_week, rounds)
    served = {k for stops in rounds for k in stops}
    left = [k for k in some if k not in served and not days.put_in(k)]
    return days.rounds, [k for k in left if not days.put_in_moving_one(k)]


def _with_teams(days: dict[int, Rounds]) -> dict[int, list[tuple[int, Stops]]]:
    """Give each day's rounds their teams: a round keeps the team that drove it before, if that one is free."""
    usual: dict[Stops, int] = {}
    made = {}
    for day, rounds in sorted(days.items()):
        taken: dict[int, Stops] = {}
        for stops in sorted(rounds, key=lambda one: (one not in usual, one)):
            team = usual.get(stops)
            if team is None or team in taken:
                team = next(k for k in count(1) if k not in taken)
            taken[team] = stops
            usual.setdefault(stops, team)
        made[day] = sorted(taken.items())
    return made
