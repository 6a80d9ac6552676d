"""Works and money as plain arrays: what may be done where, what it adds, who pays, what institutions earn and spend.

Works stand in order of id. Yuan are whole. ``facilityplan.model.gather_works`` makes the data from inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

FIGURES = ("beds", "doctors", "level")
MAX_LEVEL = 3
MOST_WORKS = 8  # of one institution: every combination of them is looked at


@dataclass(frozen=True)
class LevelFloor:
    """At least ``least`` of these institutions reach a level."""

    kind: str
    sites: tuple[int, ...]
    min_level: int
    least: int
    stage: int | None = None  # by the end of which it is asked; None = in the end


@dataclass(frozen=True)
class BalanceData:
    """Operating balance a year, in yuan. Arrays by site, zero where the site is no institution of its own."""

    form: str  # off, no_worse, non_negative
    scope: str  # county, township, institution
    per_clinic: int
    carried: np.ndarray  # int64 (sites,) subsidies and other net income that follow a clinic's people to its host
    base: np.ndarray  # int64 (sites,) a hospital's own net income today; 0 where not known
    known: np.ndarray  # bool (sites,) is today's balance known? Clinics' always
    before: np.ndarray  # int64 (sites,) today's balance; 0 where not known
    doctors_today: np.ndarray  # int64 (sites,) clinic doctors today
    counted: np.ndarray  # bool (sites,) public clinics, candidates and public hospitals


@dataclass(frozen=True)
class WorksData:
    """Everything about works and money."""

    ids: tuple[str, ...]
    site: np.ndarray  # int32 (works,)
    place: np.ndarray  # int32 (works,) where it relocates to, -1 = it does not
    kind: tuple[str, ...]
    capital: np.ndarray  # int64 (works,) yuan
    recurrent: np.ndarray  # int64 (works,) yuan a year, may be negative
    adds: Mapping[str, np.ndarray]  # beds, doctors, level, rooms → int64 (works,)
    required: np.ndarray  # bool (works,)
    forbidden: np.ndarray  # bool (works,)
    together: np.ndarray  # bool (works, works) may both be done
    sources: tuple[frozenset[int], ...]  # by work: positions of the sources that may pay
    source_ids: tuple[str, ...]
    amount: tuple[int | None, ...]  # by source, None = as much as is asked
    debt: tuple[bool, ...]
    no_debt: bool
    figures: Mapping[str, np.ndarray]  # beds, doctors, level → int64 (sites,) today, -1 = not known
    thresholds: tuple[tuple[str, int], ...]  # what makes a sub-centre eligible
    origin: np.ndarray  # int32 (sites,) the hospital that may relocate to this place, -1 = this is none
    moving: np.ndarray  # bool (sites,) hospitals that may relocate
    levels: tuple[LevelFloor, ...]
    balance: BalanceData
    earliest: np.ndarray | None = None  # int32 (works,) first stage in which it can be ready; None = no stages

    def at(self, site: int) -> tuple[int, ...]:
        """Return the works of an institution."""
        return tuple(np.flatnonzero(self.site == site).tolist())

    def places_of(self, site: int) -> tuple[int, ...]:
        """Return the places to which a hospital may relocate."""
        return tuple(sorted({int(self.place[p]) for p in self.at(site) if self.place[p] >= 0}))

    def combinations(self, site: int, *, any_together: bool) -> list[tuple[int, ...]]:
        """Return the sets of an institution's works that may be done together, the smallest first, none included."""
        works = self.at(site)
        return [
            chosen
            for size in range(len(works) + 1)
            for chosen in combinations(works, size)
            if any_together or all(self.together[p, q] for p, q in combinations(chosen, 2))
        ]

    def figure_after(self, figure: str, site: int, works: Iterable[int]) -> int:
        """Return beds, doctors or level of an institution with these works done; -1 where it is not known."""
        today = int(self.figures[figure][site])
        if today < 0:
            return -1
        after = today + sum(int(self.adds[figure][p]) for p in works)
        return min(MAX_LEVEL, after) if figure == "level" else after

    def reaches(self, site: int, works: Iterable[int], thresholds: Iterable[tuple[str, int]]) -> bool:
        """Does the institution reach every threshold with these works done?"""
        works = tuple(works)
        return all(self.figure_after(figure, site, works) >= least for figure, least in thresholds)

    def sufficient(
        self, place: int, thresholds: Iterable[tuple[str, int]], *, any_together: bool
    ) -> list[frozenset[int]]:
        """Return the inclusion-minimal sets of works with which an institution at this place reaches the thresholds.

        At a place that a hospital may relocate to: sets with a work that leads there; at its old place: without any
        relocation; ``thresholds`` of an institution that stays are met today where the empty set is among them.
        """
        thresholds = tuple(thresholds)
        old = int(self.origin[place])
        site = place if old < 0 else old
        minimal: list[frozenset[int]] = []
        for chosen in self.combinations(site, any_together=any_together):
            leads = {int(self.place[p]) for p in chosen} - {-1}
            if leads != (set() if old < 0 else {place}):
                continue
            found = frozenset(chosen)
            if not any(m <= found for m in minimal) and self.reaches(site, chosen, thresholds):
                minimal.append(found)
        return minimal


def blockers(sufficient: Iterable[frozenset[int]]) -> list[tuple[int, ...]]:
    """Return the inclusion-minimal sets that meet every one of ``sufficient`` (its minimal transversals).

    Some sufficient set is done wholly exactly where of every blocker something is done: Σ_{p∈B} x_p ≥ 1 for each B. So
    "z only with a sufficient set" needs no further variable: z ≤ Σ_{p∈B} x_p. Source: Berge, Hypergraphs (1989).
    """
    sufficient = list(sufficient)
    works = sorted(set().union(*sufficient)) if sufficient else []
    found: list[frozenset[int]] = []
    for size in range(1, len(works) + 1):
        for chosen in combinations(works, size):
            picked = frozenset(chosen)
            if not any(b <= picked for b in found) and all(picked & s for s in sufficient):
                found.append(picked)
    return [tuple(sorted(b)) for b in found]


def funding_rows(
    sources: Iterable[frozenset[int]], amount: tuple[int | None, ...], usable: frozenset[int]
) -> list[tuple[tuple[int, ...], frozenset[int], int]]:
    """Return (sources S, positions of the items that only S can pay, Σ amount of S) for every S that matters.

    ``sources``: by item (work, or other capital) the sources that may pay for it; ``usable`` ones count. A split of
    every cost over sources exists exactly where for each set S of limited sources the items that only S can pay cost
    no more than S can give (Gale 1957, "A theorem on flows in networks"). Only unions of the items' own sets can bind.
    """
    own = [frozenset(s & usable) for s in sources]
    limited = frozenset(s for s in usable if amount[s] is not None)
    closed: set[frozenset[int]] = {frozenset()}
    for one in {o for o in own if o <= limited}:
        closed |= {one | other for other in closed}
    rows = []
    for chosen in sorted(closed, key=lambda s: (len(s), sorted(s))):
        items = frozenset(k for k, o in enumerate(own) if o <= chosen)
        if items:
            rows.append((tuple(sorted(chosen)), items, sum(amount[s] or 0 for s in chosen)))
    return rows
