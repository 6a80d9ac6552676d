"""What of a plan holds when its assumptions do not: the plan solved once per changed assumption, held against the base.

A decision *stays* in a case where the case's plan decides the very same (same clinic, same host). The core of a plan is
what stays in every case that has a plan. A case without a plan says so and counts for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import Action
from facilityplan.errors import Text

CaseKind = Literal["cost", "speed", "bridge"]
Change = Literal["low", "high", "lost"]
Verdict = Literal["always", "mostly", "seldom", "never", "unknown"]
# Kinds of decision, in the order in which they are listed.
KINDS = ("merger", "closure", "build", "circuit", "neighbour", "posted", "sub_centre", "work", "centre", "consortium",
         "catchment")
CORE_KINDS = ("merger", "sub_centre", "centre")  # mergers and centres: what the question is about


@dataclass(frozen=True)
class Decision:
    """One thing that a plan decides. ``id``: facility, village, township, work or service; ``to``: host, sender of the
    staff, sub-centre, lead, or hospital that hosts the service; None where there is none."""

    kind: str  # one of KINDS
    id: str
    to: str | None = None

    @property
    def order(self) -> tuple[int, str, str]:
        """Sort key: kind, id, to."""
        return KINDS.index(self.kind), self.id, self.to or ""


@dataclass(frozen=True)
class CaseFigures:
    """What a case's plan comes to. People of the first standard's group; money in yuan at the case's own prices."""

    people_within: float
    people_within_today: float
    group_people: float
    people_unreachable: float
    annual_cny: float
    annual_today_cny: float
    capital_cny: float
    merged: int
    sub_centres: int
    annual_base_plan_cny: float  # what the base's decisions cost at this case's prices
    capital_base_plan_cny: float


@dataclass(frozen=True)
class Case:
    """The scenario solved with one assumption changed, all else equal; the base has none changed."""

    id: str  # such as costs.doctor.low; "base"
    assumption: str  # such as costs.doctor, modes.ebike, bridge; "" for the base
    kind: CaseKind | None
    change: Change | None
    name: Text  # of the assumption
    values: Text  # what it is in this case, from the base's value to the case's
    overrides: tuple[str, ...]  # the `--set` texts that make the case
    status: str  # of the solve; "infeasible", "no_solution" and "faulty" have no plan
    gap: float | None = None  # the largest of its stages
    stages: tuple[tuple[str, float], ...] = ()  # objective stage → value, in order
    figures: CaseFigures | None = None  # None without a plan
    decisions: frozenset[Decision] = frozenset()
    checks: int = 0  # of the independent verifier, none failed
    without_plan: tuple[Text, ...] = ()  # why there is none: rules in conflict, and what each would take
    base_breaks: tuple[str, ...] = ()  # rules that the base's decisions break in this case (domain.rules)

    @property
    def has_plan(self) -> bool:
        """Is there a plan at all?"""
        return self.figures is not None

    @property
    def proven(self) -> bool:
        """Is its answer proven: an optimal plan, or that none obeys the rules?"""
        return self.status in ("optimal", "infeasible")


@dataclass(frozen=True)
class Standing:
    """One decision over all cases. Ids of cases, in their order."""

    decision: Decision
    in_base: bool
    held: tuple[str, ...]  # cases with a plan that decide the same
    moved: Mapping[str, str | None]  # cases that decide it for the same id with another `to`: case → that `to`
    gone: tuple[str, ...]  # cases with a plan that do not decide it at all

    @property
    def of(self) -> int:
        """Cases that have a plan."""
        return len(self.held) + len(self.moved) + len(self.gone)

    @property
    def verdict(self) -> Verdict:
        """always: in every case; mostly: in at least half; seldom; never; unknown where no case has a plan."""
        if not self.of:
            return "unknown"
        if len(self.held) == self.of:
            return "always"
        return "mostly" if 2 * len(self.held) >= self.of else "seldom" if self.held else "never"


@dataclass(frozen=True)
class Bar:
    """One assumption of the tornado: its cases by change (low, high; or lost), those without a plan included."""

    assumption: str
    kind: CaseKind
    name: Text
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Robustness:
    """The base, its cases and what holds."""

    base: Case
    cases: tuple[Case, ...]
    standings: tuple[Standing, ...]  # of every decision of the base or of any case, in the order of KINDS

    def of_base(self, *kinds: str) -> tuple[Standing, ...]:
        """Return the standings of the base's decisions of some kinds, those that hold best first."""
        found = [s for s in self.standings if s.in_base and s.decision.kind in kinds]
        return tuple(sorted(found, key=lambda s: (-len(s.held), s.decision.order)))

    def that_come(self, *kinds: str) -> tuple[Standing, ...]:
        """Return the standings of what the base does not decide and some case does, the most frequent first."""
        found = [s for s in self.standings if not s.in_base and s.decision.kind in kinds]
        return tuple(sorted(found, key=lambda s: (-len(s.held), s.decision.order)))

    @property
    def planned(self) -> tuple[Case, ...]:
        """The cases that have a plan."""
        return tuple(case for case in self.cases if case.has_plan)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The assumptions, each with its cases, in the order in which they were changed."""
        by: dict[str, list[Case]] = {}
        for case in self.cases:
            by.setdefault(case.assumption, []).append(case)
        return tuple(Bar(key, cases[0].kind or "cost", cases[0].name, tuple(cases)) for key, cases in by.items())


def decisions_of(decisions: Decisions) -> frozenset[Decision]:
    """Return what a plan decides, one by one. What is left as it is today is no decision."""
    found: set[Decision] = set()
    for site, one in decisions.sites.items():
        if one.service is not None:
            found.add(Decision(str(one.service), site, one.served_from))
        elif one.action is Action.CLOSE:
            found.add(Decision("merger", site, one.merged_into) if one.merged_into else Decision("closure", site))
        elif one.action is Action.BUILD:
            found.add(Decision("build", site))
        if one.sub_centre:
            found.add(Decision("sub_centre", site))
    found |= {Decision(str(visit.service), village, visit.served_from) for village, visit in decisions.visits.items()}
    found |= {Decision("work", work) for work in decisions.works}
    found |= {Decision("centre", service, host) for service, hosts in decisions.centre_hosts.items() for host in hosts}
    found |= {Decision("consortium", town, lead) for town, lead in decisions.consortia.items()}
    found |= {Decision("catchment", town, centre) for town, centre in decisions.catchments.items()}
    return frozenset(found)


def robust_core(base: Case, cases: Sequence[Case]) -> Robustness:
    """Return what of the base stays, moves or goes in each case, and what else comes. Cases keep their order."""
    planned = [case for case in cases if case.has_plan]
    every = base.decisions.union(*(case.decisions for case in planned))
    # a service may have several hosts: another host of it is no move of this one
    by_id = {case.id: {(d.kind, d.id): d.to for d in sorted(case.decisions, key=lambda d: d.order)
                       if d.kind != "centre"} for case in planned}
    standings = []
    for decision in sorted(every, key=lambda d: d.order):
        held = tuple(case.id for case in planned if decision in case.decisions)
        others = [case for case in planned if decision not in case.decisions]
        key = decision.kind, decision.id
        moved = {case.id: by_id[case.id][key] for case in others if key in by_id[case.id]}
        gone = tuple(case.id for case in others if case.id not in moved)
        standings.append(Standing(decision, decision in base.decisions, held, moved, gone))
    return Robustness(base, tuple(cases), tuple(standings))


def kept(base: Case, case: Case, kind: str) -> int:
    """Return how many of the base's decisions of a kind the case decides too."""
    return sum(d.kind == kind for d in base.decisions & case.decisions)


def price_and_decision(base: Case, case: Case) -> tuple[float, float] | None:
    """Return (yuan a year that the change of prices alone adds to the base's plan, yuan that deciding otherwise adds).

    Together they are the whole difference of the recurrent cost; None without a plan.
    """
    if base.figures is None or case.figures is None:
        return None
    same_plan = case.figures.annual_base_plan_cny
    return same_plan - base.figures.annual_cny, case.figures.annual_cny - same_plan
