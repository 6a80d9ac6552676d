"""The access ladder: which sets of sites must all be closed for a cell's time to grow, and what that costs.

For a cell, its sites in order of whole minutes give prefix sets S₁ ⊂ S₂ ⊂ …; s_S = 1 says "nothing in S is open". Its
time is m₁ + Σ_k (m_{k+1} − m_k) · s_{S_k} and it is outside the circle exactly where s_S = 1 for the prefix S inside
the limit (García, Labbé, Marín 2011, "Solving large p-median problems with a radius formulation"). One variable serves
every cell and standard with the same set. A ladder ends at the first site that is open whatever is decided, and a set
that contains a no-harm set is never wholly closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from facilityplan.model.sets import HORIZON_MIN, LadderInput, PlanningData
from facilityplan.units import minutes_whole


@dataclass(frozen=True)
class SetCost:
    """A linear function of closed sets: constant + Σ coefficient · s_S. Integers, tenths of people (· minutes)."""

    constant: int
    coefficients: dict[int, int]  # position in AccessLadder.sets → coefficient, only those > 0


@dataclass(frozen=True)
class AccessLadder:
    """Every distinct set of sites that matters, the no-harm sets, and the cost functions on them."""

    sets: tuple[tuple[int, ...], ...]  # sites, ascending
    parent: tuple[int, ...]  # the set it grew from, -1 = the empty set
    no_harm: tuple[tuple[int, ...], ...]  # inclusion-minimal; one of each must be open
    forced_open: np.ndarray  # bool (sites,) decided or candidate sites that every plan keeps open
    uncovered: dict[int, SetCost]  # ladder → people outside the circle
    minutes: dict[int, SetCost]  # ladder → person-minutes
    floors: tuple[SetCost, ...]  # by PlanningData.circle_floors: people outside
    rungs: int  # before equal sets are merged


def no_harm_sets(data: PlanningData, always_open: np.ndarray) -> list[tuple[int, ...]]:
    """Return the inclusion-minimal sets of sites of which one must stay open, in canonical order.

    A cell whose limit reaches a site that is always open has none.
    """
    masks: set[int] = set()
    for ladder in data.ladders:
        for cell in np.flatnonzero(ladder.limit_ds >= 0):
            mask, limit = 0, ladder.limit_ds[cell]
            for k in range(ladder.indptr[cell], ladder.indptr[cell + 1]):
                if ladder.ds[k] > limit:
                    break
                if always_open[ladder.site[k]]:
                    mask = -1
                    break
                mask |= 1 << int(ladder.site[k])
            if mask >= 0:
                masks.add(mask)
    return sorted((_members(m) for m in _minimal(masks)), key=lambda s: (len(s), s))


def forced_open(data: PlanningData) -> np.ndarray:
    """Return the sites that every plan keeps open (bool by site): no host is allowed, or a no-harm set has no other."""
    allowed = data.allowed_pairs()
    forced = data.decided.copy()
    forced[data.pairs.guest[allowed]] = False
    if data.holds("no_harm"):
        while True:
            single = [s[0] for s in no_harm_sets(data, data.permanent | forced) if len(s) == 1]
            if not single:
                break
            forced[single] = True
    return forced


def access_ladder(data: PlanningData) -> AccessLadder:
    """Build the ladder that the data's objectives and circle floors ask for."""
    forced = forced_open(data)
    always = data.permanent | forced
    no_harm = no_harm_sets(data, always) if data.holds("no_harm") else []
    table = _SetTable(no_harm)
    uncovered = {o.ladder: _Sum() for o in data.objectives if o.name == "uncovered" and o.ladder is not None}
    minutes = {o.ladder: _Sum() for o in data.objectives if o.name == "person_minutes" and o.ladder is not None}
    floors = [(floor, _Sum()) for floor in (data.circle_floors if data.holds("circle_share") else ())]
    rungs = 0
    for k, ladder in enumerate(data.ladders):
        floors_here = [(floor.township, total) for floor, total in floors if floor.ladder == k]
        if k not in uncovered and k not in minutes and not floors_here:
            continue
        township = (
            np.where(ladder.village >= 0, data.village_township[ladder.village], -1).tolist()
            if len(data.village_township)
            else [-1] * ladder.cells
        )
        for cell, (levels, end, ends_open) in enumerate(_levels(ladder, always)):
            weight = int(ladder.weight[cell])
            if weight == 0:
                continue
            rungs += len(levels)
            if k in minutes:
                _add_minutes(minutes[k], table, weight, levels, end)
            if k in uncovered or floors_here:
                position = _closed_within(table, levels, end, ends_open, ladder.limit_min)
                if k in uncovered:
                    uncovered[k].add(position, weight)
                for place, total in floors_here:
                    if place is None or place == township[cell]:
                        total.add(position, weight)
    return AccessLadder(
        sets=tuple(_members(m) for m in table.masks),
        parent=tuple(table.parent),
        no_harm=tuple(no_harm),
        forced_open=forced,
        uncovered={k: a.cost() for k, a in uncovered.items()},
        minutes={k: a.cost() for k, a in minutes.items()},
        floors=tuple(a.cost() for _, a in floors),
        rungs=rungs,
    )


_ALWAYS, _NEVER = -1, -2  # positions: the empty set is always closed; a set with a no-harm set in it never is
_Level = tuple[int, int]  # whole minutes, bit mask of the sites within them


class _Sum:
    """A cost function in the making."""

    def __init__(self) -> None:
        self.constant = 0
        self.coefficients: dict[int, int] = {}

    def add(self, position: int, amount: int) -> None:
        if position == _ALWAYS:
            self.constant += amount
        elif position != _NEVER and amount:
            self.coefficients[position] = self.coefficients.get(position, 0) + amount

    def cost(self) -> SetCost:
        return SetCost(self.constant, dict(sorted(self.coefficients.items())))


class _SetTable:
    """Distinct sets, each with the largest known subset that a ladder passes before it."""

    def __init__(self, no_harm: Iterable[tuple[int, ...]]) -> None:
        self.masks: list[int] = []
        self.parent: list[int] = []
        self._index: dict[int, int] = {}
        self._no_harm: dict[int, list[int]] = {}  # lowest site of a no-harm set → its masks
        for sites in filter(None, no_harm):
            self._no_harm.setdefault(sites[0], []).append(_mask(sites))

    def position(self, mask: int, parent: int) -> int:
        known = self._index.get(mask)
        if known is None:
            if self._keeps_one_open(mask):
                known = _NEVER
            else:
                known = len(self.masks)
                self.masks.append(mask)
                self.parent.append(parent)
            self._index[mask] = known
        elif known >= 0 and parent >= 0:
            best = self.parent[known]
            if best < 0 or self.masks[parent].bit_count() > self.masks[best].bit_count():
                self.parent[known] = parent
        return known

    def _keeps_one_open(self, mask: int) -> bool:
        return any(h & mask == h for site in _members(mask) for h in self._no_harm.get(site, ()))


def _add_minutes(total: _Sum, table: _SetTable, weight: int, levels: list[_Level], end: int) -> None:
    """weight · (m₁ + Σ (m_{k+1} − m_k) s_k), the last m being ``end``."""
    position, last = _ALWAYS, 0
    for minute, mask in levels:
        total.add(position, weight * (minute - last))
        last = minute
        position = table.position(mask, position)
        if position == _NEVER:
            return
    total.add(position, weight * (end - last))


def _closed_within(table: _SetTable, levels: list[_Level], end: int, ends_open: bool, limit: int) -> int:
    """Return the set that must be closed for the cell to be outside the limit."""
    if ends_open and end <= limit:
        return _NEVER
    inside = [mask for minute, mask in levels if minute <= limit]
    return table.position(inside[-1], _ALWAYS) if inside else _ALWAYS


def _levels(ladder: LadderInput, always_open: np.ndarray) -> Iterator[tuple[list[_Level], int, bool]]:
    """Yield each cell's levels, the minute at which they end, and whether a site that is always open ends them."""
    minute = minutes_whole(ladder.ds).tolist()
    site, indptr, always = ladder.site.tolist(), ladder.indptr.tolist(), always_open.tolist()
    for cell in range(ladder.cells):
        levels: list[_Level] = []
        mask, end, ends_open = 0, HORIZON_MIN, False
        for k in range(indptr[cell], indptr[cell + 1]):
            if minute[k] > HORIZON_MIN:
                break
            if always[site[k]]:
                end, ends_open = minute[k], True
                break
            mask |= 1 << site[k]
            if levels and levels[-1][0] == minute[k]:
                levels[-1] = (minute[k], mask)
            else:
                levels.append((minute[k], mask))
        if ends_open and levels and levels[-1][0] == end:
            levels.pop()
        yield levels, end, ends_open


def _mask(sites: Iterable[int]) -> int:
    return sum(1 << s for s in sites)


def _members(mask: int) -> tuple[int, ...]:
    members = []
    while mask:
        low = mask & -mask
        members.append(low.bit_length() - 1)
        mask ^= low
    return tuple(members)


def _minimal(masks: set[int]) -> list[int]:
    """Keep the masks that contain no other."""
    kept: list[int] = []
    by_site: dict[int, list[int]] = {}
    for mask in sorted(masks, key=lambda m: (m.bit_count(), m)):
        if mask and any(h & mask == h for site in _members(mask) for h in by_site.get(site, ())):
            continue
        kept.append(mask)
        by_site.setdefault((mask & -mask).bit_length() - 1, []).append(mask)
    return kept
