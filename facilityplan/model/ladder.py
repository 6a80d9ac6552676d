"""The access ladder: which sets of sites must all be closed for a cell's time to grow, and what that costs.

For a cell, its sites in order of whole minutes give prefix sets S₁ ⊂ S₂ ⊂ …; s_S = 1 says "nothing in S is open". Its
time is m₁ + Σ_k (m_{k+1} − m_k) · s_{S_k} and it is outside the circle exactly where s_S = 1 for the prefix S inside
the limit (García, Labbé, Marín 2011, "Solving large p-median problems with a radius formulation"). One variable serves
every cell and standard with the same set. A ladder ends at the first site that is open whatever is decided, and a set
that contains a no-harm set is never wholly closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from facilityplan.domain.fairness import LIMIT_RULES
from facilityplan.model.mode_variables import closable
from facilityplan.model.sets import LadderInput, PlanningData
from facilityplan.units import HORIZON_MIN, minutes_whole


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
    levels: dict[int, tuple[Levels, np.ndarray]] = field(default_factory=dict)  # ladder → levels, each one's set


def access_ladder(data: PlanningData) -> AccessLadder:
    """Build the ladder that the data's objectives and circle floors ask for."""
    masks = no_harm_masks(data) if data.holds("no_harm") else set()
    forced = _forced(data, masks)
    always = data.permanent | forced
    open_mask = _mask(np.flatnonzero(forced).tolist())
    no_harm = sorted((_members(m) for m in _minimal({m for m in masks if not m & open_mask})), key=_canonical)
    stages = [o for stage in data.objectives for o in stage.flat() if o.ladder is not None]
    floors = data.circle_floors if data.holds("circle_share") else ()
    timed = {o.ladder for o in stages if o.name == "person_minutes"} | timed_ladders(data)
    wanted = {o.ladder for o in stages if o.name == "uncovered"} | {floor.ladder for floor in floors} | timed
    levels = {}
    for k in sorted(wanted):
        levels[k] = levels_of(data.ladders[k], always)
        if k not in timed:  # only the circle counts: one set for each cell
            levels[k] = levels[k].at_limit(data.ladders[k].limit_min)
    table = _SetTable(levels, no_harm)
    return AccessLadder(
        sets=tuple(table.sets),
        parent=tuple(table.parents(levels)),
        no_harm=tuple(no_harm),
        forced_open=forced,
        uncovered={
            o.ladder: _uncovered(data.ladders[o.ladder], levels[o.ladder], table.of[o.ladder])
            for o in stages
            if o.name == "uncovered"
        },
        minutes={
            o.ladder: _minutes(data.ladders[o.ladder], levels[o.ladder], table.of[o.ladder])
            for o in stages
            if o.name == "person_minutes"
        },
        floors=tuple(
            _uncovered(
                data.ladders[f.ladder], levels[f.ladder], table.of[f.ladder], _of_township(data, f.ladder, f.township)
            )
            for f in floors
        ),
        rungs=sum(len(x.cell) for x in levels.values()),
        levels={k: (levels[k], table.of[k]) for k in timed},
    )


def timed_ladders(data: PlanningData) -> set[int]:
    """Return the ladders of which a measure of fairness needs the times, not only the circle (max_minutes does not)."""
    stages = {o.ladder for stage in data.objectives for o in stage.flat() if o.name in ("worst_decile", "kolm_pollak")}
    limits = {f.ladder for f in data.fairness if f.measure != "max_minutes" and data.holds(LIMIT_RULES[f.measure])}
    return stages | limits


def forced_open(data: PlanningData) -> np.ndarray:
    """Return the sites that every plan keeps open (bool by site): no host is allowed, or a no-harm set has no other."""
    return _forced(data, no_harm_masks(data) if data.holds("no_harm") else set())


def no_harm_masks(data: PlanningData) -> set[int]:
    """Return the distinct sets of sites of which one must stay open, as bit masks.

    A cell whose limit reaches a permanent site has none.
    """
    masks: set[int] = set()
    for ladder in data.ladders:
        cell = np.repeat(np.arange(ladder.cells), np.diff(ladder.indptr))
        within = ladder.ds <= ladder.limit_ds[cell]
        served = np.zeros(ladder.cells, dtype=bool)
        served[cell[within & data.permanent[ladder.site]]] = True
        held = (ladder.limit_ds >= 0) & ~served
        keep = within & held[cell]
        count = np.bincount(cell[keep], minlength=ladder.cells)
        start = np.concatenate([[0], np.cumsum(count)])[:-1]
        if (held & (count == 0)).any():
            masks.add(0)  # nothing could serve such a cell: a row that no plan obeys
        filled = np.flatnonzero(held & (count > 0))
        site = ladder.site[keep]
        first, _ = _distinct(_set_keys(site, start[filled] + count[filled] - 1, start[filled]))
        masks |= {_mask(site[start[c] : start[c] + count[c]].tolist()) for c in filled[first].tolist()}
    return masks


@dataclass(frozen=True)
class Levels:
    """The levels of every cell by one standard: one entry for each whole minute at which its prefix set grows."""

    cell: np.ndarray  # int64 (levels,), ascending
    minute: np.ndarray  # int64 (levels,), ascending within the cell
    begin: np.ndarray  # int64 (levels,) where the cell's sites begin in ``site``
    stop: np.ndarray  # int64 (levels,) where this level's prefix set ends in ``site``, exclusive
    key: np.ndarray  # structured (levels,) the prefix set's key
    site: np.ndarray  # int32 (pairs,)
    end: np.ndarray  # int64 (cells,) minute at which a site that is always open ends the ladder, or the horizon
    ends_open: np.ndarray  # bool (cells,) is there such a site?

    def at_limit(self, limit_min: int) -> Levels:
        """Keep the last level inside the limit of each cell."""
        inside = np.flatnonzero(self.minute <= limit_min)
        keep = inside[np.append(self.cell[inside][1:] != self.cell[inside][:-1], True)] if len(inside) else inside
        picked = (column[keep] for column in (self.cell, self.minute, self.begin, self.stop, self.key))
        return Levels(*picked, self.site, self.end, self.ends_open)


def levels_of(ladder: LadderInput, always_open: np.ndarray) -> Levels:
    """Return the levels of every cell, cut at the first site of ``always_open`` (bool by site) or at the horizon."""
    cell = np.repeat(np.arange(ladder.cells), np.diff(ladder.indptr))
    minute = minutes_whole(ladder.ds).astype(np.int64)
    known = minute <= HORIZON_MIN
    cell, minute, site = cell[known], minute[known], ladder.site[known]
    end = np.full(ladder.cells, HORIZON_MIN, dtype=np.int64)
    ends_open = np.zeros(ladder.cells, dtype=bool)
    always = np.flatnonzero(always_open[site])[::-1]  # backwards: the first one of a cell is written last and stays
    end[cell[always]], ends_open[cell[always]] = minute[always], True
    keep = ~always_open[site] & ((minute < end[cell]) | ~ends_open[cell])
    cell, minute, site = cell[keep], minute[keep], site[keep]
    last = np.ones(len(cell), dtype=bool)  # the last site of each (cell, minute) closes the level
    last[:-1] = (cell[1:] != cell[:-1]) | (minute[1:] != minute[:-1])
    at = np.flatnonzero(last)
    begin = np.searchsorted(cell, cell[at])
    return Levels(cell[at], minute[at], begin, at + 1, _set_keys(site, at, begin), site, end, ends_open)


class _SetTable:
    """The distinct prefix sets of all standards in canonical order, those that are never wholly closed left out."""

    def __init__(self, levels: dict[int, Levels], no_harm: Iterable[tuple[int, ...]]) -> None:
        by_lowest: dict[int, list[int]] = {}
        for sites in filter(None, no_harm):
            by_lowest.setdefault(sites[0], []).append(_mask(sites))
        found: dict[bytes, tuple[int, ...]] = {}
        for x in levels.values():
            first, _ = _distinct(x.key)
            for k in first.tolist():
                found.setdefault(x.key[k].tobytes(), tuple(sorted(x.site[x.begin[k] : x.stop[k]].tolist())))
        closable = [
            (sites, key)
            for key, sites in found.items()
            if not any(h & mask == h for mask in [_mask(sites)] for s in sites for h in by_lowest.get(s, ()))
        ]
        closable.sort(key=lambda pair: _canonical(pair[0]))
        self.sets = [sites for sites, _ in closable]
        position = {key: k for k, (_, key) in enumerate(closable)}
        self.of: dict[int, np.ndarray] = {}  # ladder → position of each level's set, -1 = never closed
        for ladder, x in levels.items():
            first, inverse = _distinct(x.key)
            places = np.array([position.get(x.key[k].tobytes(), -1) for k in first.tolist()], dtype=np.int64)
            self.of[ladder] = places[inverse] if len(places) else np.zeros(0, dtype=np.int64)

    def parents(self, levels: dict[int, Levels]) -> list[int]:
        """Return for each set the largest one that some ladder passes just before it, -1 = none."""
        parent = np.full(len(self.sets), -1, dtype=np.int64)
        for ladder, x in levels.items():
            own = self.of[ladder]
            follows = np.flatnonzero((x.cell[1:] == x.cell[:-1]) & (own[1:] >= 0)) + 1
            np.maximum.at(parent, own[follows], own[follows - 1])  # sets are in order of size: the last is the largest
        return parent.tolist()


def _minutes(ladder: LadderInput, x: Levels, position: np.ndarray) -> SetCost:
    """Σ weight · (m₁ + Σ (m_{k+1} − m_k) s_k), the last m being the end of the cell's ladder."""
    return sum_over(ladder, x, position, lambda cell, minute: ladder.weight[cell] * minute)


def sum_over(
    ladder: LadderInput, x: Levels, position: np.ndarray, cost: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> SetCost:
    """Σ_i c_i(m_i) = Σ_i c_i(m₁) + Σ_k (c_i(m_{k+1}) − c_i(m_k)) s_k for any cost of time that never falls.

    ``cost(cells, minutes)`` in whole units; ``position``: each level's set, -1 = never closed.
    """
    following, first = steps(x)
    every = np.arange(ladder.cells)
    return _cost(int(cost(every, first).sum()), position, cost(x.cell, following) - cost(x.cell, x.minute))


def steps(x: Levels) -> tuple[np.ndarray, np.ndarray]:
    """Return (minute that follows each level, least minute of each cell), int64; the last level leads to the end."""
    following = x.end[x.cell].copy()
    same = x.cell[1:] == x.cell[:-1]
    following[:-1][same] = x.minute[1:][same]
    first = x.end.copy()
    opening = np.ones(len(x.cell), dtype=bool)
    opening[1:] = ~same
    first[x.cell[opening]] = x.minute[opening]
    return following, first


def _uncovered(ladder: LadderInput, x: Levels, position: np.ndarray, counted: np.ndarray | None = None) -> SetCost:
    """Σ weight · s_S over the cells ``counted`` (bool, None = all), S the sites within the limit."""
    weight = ladder.weight if counted is None else np.where(counted, ladder.weight, 0)
    inside = x.minute <= ladder.limit_min
    at_limit = np.full(ladder.cells, -1, dtype=np.int64)  # the cell's last level inside the limit
    at_limit[x.cell[inside]] = np.flatnonzero(inside)  # ascending: the last one is written last and stays
    covered = x.ends_open & (x.end <= ladder.limit_min)
    never = int(weight[(at_limit < 0) & ~covered].sum())
    depends = np.flatnonzero((at_limit >= 0) & ~covered)
    return _cost(never, position[at_limit[depends]], weight[depends])


def _cost(constant: int, position: np.ndarray, amount: np.ndarray) -> SetCost:
    """Sum amounts by set, sets that are never closed left out."""
    counts = position >= 0
    total = np.zeros(int(position.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(total, position[counts], amount[counts])
    return SetCost(constant, {int(k): int(total[k]) for k in np.flatnonzero(total)})


def _of_township(data: PlanningData, ladder: int, township: int | None) -> np.ndarray | None:
    """Cells of a township (bool), None = all."""
    if township is None:
        return None
    village = data.ladders[ladder].village
    return (village >= 0) & (data.village_township[village] == township)


def _forced(data: PlanningData, masks: set[int]) -> np.ndarray:
    allowed = data.allowed_pairs()
    forced = data.decided.copy()
    forced[data.pairs.guest[allowed]] = False
    forced[closable(data)] = False
    for mask in masks:
        if mask.bit_count() == 1:  # a set that holds a forced site already asks nothing more, so one pass is enough
            forced[mask.bit_length() - 1] = True
    return forced


_KEY = np.dtype([("a", np.uint64), ("b", np.uint64)])


def _set_keys(site: np.ndarray, last: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Return a 128-bit key of each set {site[begin], …, site[last]}: the sum of its members' random numbers.

    Equal sets have equal keys in whatever order they grew. That different ones do is less likely than 1 in 10^25 at a
    million sets; the generator's seed is fixed.
    """
    keys = np.empty(len(last), dtype=_KEY)
    for seed, name in enumerate(_KEY.names):
        # a site's number does not depend on how many sites there are: sets of two standards compare
        number = np.random.default_rng(seed).integers(0, 2**64, int(site.max(initial=0)) + 1, dtype=np.uint64)
        total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(number[site], dtype=np.uint64)])
        keys[name] = total[last + 1] - total[begin]
    return keys


def _distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (where each distinct key comes up first, which of them each key is)."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.lexsort((keys["b"], keys["a"]))
    ordered = keys[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    inverse = np.empty(len(keys), dtype=np.int64)
    inverse[order] = np.cumsum(new) - 1
    return order[new], inverse


def _canonical(sites: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return len(sites), sites


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


def minimal_sets(sets: Iterable[Iterable[int]]) -> list[tuple[int, ...]]:
    """Keep the sets of sites that contain no other, in canonical order."""
    return sorted((_members(mask) for mask in _minimal({_mask(sites) for sites in sets})), key=_canonical)
