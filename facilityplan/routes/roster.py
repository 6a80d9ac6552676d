"""From the visits of one base to its teams' week: rounds first, then their days, then who drives them.

A round is driven by one team on each of its days, so that a village sees the same team at the same hour each time. Of
``teams`` teams over the days of a week that makes ⌊teams · days / visits a week⌋ rounds. Visits that fit into none of
them are put onto days that have room, one place after another; what finds no room is returned as such.
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


def _days(problem: Problem, some: Stops, teams: int, per_week: int) -> tuple[dict[int, Rounds], list[int]]:
    """Return the rounds of each day, and the visits that found no day."""
    part, most = problem.some(some), teams * len(days_open(per_week)) // per_week
    found = shortest_rounds(part, most)
    if found is None:
        found = shortest_rounds(part, most, leave_out=True) or ()
    rounds = tuple(tuple(some[k] for k in stops) for stops in found)
    days: dict[int, Rounds] = dict.fromkeys(days_open(per_week), ())
    for stops, on in zip(rounds, spread(len(rounds), per_week, teams), strict=True):
        for day in on:
            days[day] = (*days[day], stops)
    served = {k for stops in rounds for k in stops}
    left = []
    for visit in (k for k in some if k not in served):
        fitted = _fit_in(problem, days, visit, teams, per_week)
        if fitted is None:
            left.append(visit)
        else:
            days |= fitted
    return days, left


def _fit_in(problem: Problem, days: dict[int, Rounds], visit: int, teams: int, per_week: int
            ) -> dict[int, Rounds] | None:
    """Return the days that a further visit changes, the first choice of days that have room; None where none has."""
    tried: dict[int, Rounds | None] = {}
    for on in patterns(per_week):
        for day in on:
            if day not in tried:
                tried[day] = _day_with(problem, days[day], visit, teams)
            if tried[day] is None:
                break
        else:
            return {day: tried[day] or () for day in on}
    return None


def _day_with(problem: Problem, rounds: Rounds, visit: int, teams: int) -> Rounds | None:
    visits = tuple(sorted({visit, *(k for stops in rounds for k in stops)}))
    part = problem.some(visits)
    if int(part.visit.sum()) > teams * part.day_ds:
        return None
    found = shortest_rounds(part, teams)
    return None if found is None else tuple(tuple(visits[k] for k in stops) for stops in found)


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
