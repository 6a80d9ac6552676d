"""The recount of service centres, attribute floors and finer rules of sub-centres, from data and decisions alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from facilityplan.model.choice import Choice
from facilityplan.model.choice_works import reaches_after
from facilityplan.model.sets import PlanningData
from facilityplan.model.sets_centres import AttributeData, CentreData
from facilityplan.units import PEOPLE_SCALE


class Count(Protocol):
    """What books a rule's figure, limit and what is left (``evaluate._Count``)."""

    data: PlanningData
    choice: Choice

    def check(self, rule: str, place: str, figure: float | None, limit: float | None, *, left: float) -> None:
        """Note how much of a rule is left at one place; less than nothing is a breach."""

    def breach(self, rule: str, place: str) -> None:
        """Note that a rule that nobody may drop is broken."""


def count_centres(count: Count) -> None:
    """Eligibility, number, names, uses, people and shares of every service; services of every hospital."""
    data, choice = count.data, count.choice
    hosted: dict[str, int] = {}
    for block, chosen, uses in zip(data.centres, choice.centre, choice.centre_of, strict=True):
        names = [data.site_ids[h] for h in block.hosts]
        for k, name in enumerate(names):
            here, place = bool(chosen[k]), f"{block.id}, {name}"
            hosted[name] = hosted.get(name, 0) + here
            if here and not choice.open[block.hosts[k]]:
                count.breach("centre_catchment", place)
            if here and not eligible_host(data, choice, block, k):
                count.check("centre_eligible", place, None, None, left=-1)
            if block.required[k]:
                places = () if data.works is None else data.works.places_of(int(block.hosts[k]))
                there = bool(chosen[np.isin(block.hosts, (block.hosts[k], *places))].any())
                count.check("centre_required", place, None, None, left=0 if there else -1)
            if block.forbidden[k]:
                count.check("centre_forbidden", place, None, None, left=-1 if here else 0)
        n = int(chosen.sum())
        limit = block.min_count if n < block.min_count else block.max_count
        count.check("centre_count", block.id, n, limit, left=min(n - block.min_count, block.max_count - n))
        _count_uses(count, block, chosen, uses, names)
        if block.wanted is not None:
            near = people_near(block, chosen)
            left = (near - block.wanted) / PEOPLE_SCALE
            count.check("centre_share", block.id, near / PEOPLE_SCALE, block.wanted / PEOPLE_SCALE, left=left)
    if data.centres_per_host is not None:
        for name, n in sorted(hosted.items()):
            count.check("centres_per_host", name, n, data.centres_per_host, left=data.centres_per_host - n)


def eligible_host(data: PlanningData, choice: Choice, block: CentreData, k: int) -> bool:
    """May the k-th hospital host the service, with the works done?"""
    if data.works is None:
        return bool(block.eligible[k])
    return reaches_after(data, choice.works, int(block.hosts[k]), block.thresholds)


def having(floor: AttributeData, choice: Choice, given: np.ndarray) -> np.ndarray:
    """Return which open sites have the attribute: today, given it, or lifted by works (bool by site)."""
    have = (floor.has & choice.open) | given
    done = set(np.flatnonzero(choice.works).tolist())
    for site, sets in floor.lifting.items():
        have[site] |= choice.open[site] and any(works <= done for works in sets)
    return have


def _count_uses(count: Count, block: CentreData, chosen: np.ndarray, uses: np.ndarray, names: list[str]) -> None:
    for row, township in enumerate(block.townships.tolist()):
        k = int(uses[row])
        if k < 0 or not chosen[k] or block.cost[row, k] < 0:
            count.breach("centre_catchment", f"{block.id}, {count.data.townships[township]}")
    if block.max_people is not None:
        for k in np.flatnonzero(chosen).tolist():
            people = int(block.people[uses == k].sum())
            count.check("centre_load", f"{block.id}, {names[k]}", people / PEOPLE_SCALE,
                        block.max_people / PEOPLE_SCALE, left=(block.max_people - people) / PEOPLE_SCALE)


def people_near(block: CentreData, chosen: np.ndarray) -> int:
    """Return the tenths of people within the limit of a centre of the service."""
    return sum(int(p) for hosts, p in zip(block.near, block.near_people, strict=True) if chosen[list(hosts)].any())


def centre_minutes(data: PlanningData, choice: Choice) -> int:
    """Return tenths of people · whole minutes to the centres used, over all services."""
    return sum(
        int(block.cost[row, k])
        for block, uses in zip(data.centres, choice.centre_of, strict=True)
        for row, k in enumerate(uses.tolist())
        if k >= 0
    )


def count_attributes(count: Count) -> None:
    """Only open sites that lack the attribute are given it; enough sites have it, enough people are near one."""
    data, choice = count.data, count.choice
    for floor, given in zip(data.attributes, choice.equipped, strict=True):
        for j in np.flatnonzero(given & ~(floor.equippable & choice.open)).tolist():
            count.breach("attribute_people" if floor.counts_people else "attribute_sites", data.site_ids[j])
        have = having(floor, choice, given)
        if floor.counts_people:
            near = floor.served + sum(
                int(people)
                for (with_it, may_have), people in zip(floor.near, floor.near_people, strict=True)
                if have[[*with_it, *may_have]].any()
            )
            count.check("attribute_people", floor.id, near / PEOPLE_SCALE, floor.people_wanted / PEOPLE_SCALE,
                        left=(near - floor.people_wanted) / PEOPLE_SCALE)
            continue
        for figure, limit, left in _site_floors(floor, int(have[floor.sites].sum()),
                                                int(choice.open[floor.sites].sum())):
            count.check("attribute_sites", floor.id, figure, limit, left=left)


def _site_floors(floor: AttributeData, with_it: int, sites: int) -> Iterable[tuple[float, float, float]]:
    """Yield (figure, limit, sites left) of a floor that counts sites."""
    if floor.min_count is not None:
        yield with_it, floor.min_count, with_it - floor.min_count
    if floor.min_share is not None:
        top, below = floor.min_share
        yield with_it / max(1, sites), top / below, (below * with_it - top * sites) / below


def equipment_cost(data: PlanningData, choice: Choice) -> int:
    """Return what equipping sites costs, in yuan."""
    pairs = zip(data.attributes, choice.equipped, strict=True)
    return sum(floor.equip_cny * int(given.sum()) for floor, given in pairs)


def count_finer_sub_centres(count: Count) -> None:
    """Least people, spread and contiguous catchments."""
    data, choice, block = count.data, count.choice, count.data.sub_centres
    if block is None:
        return
    names = [data.site_ids[h] for h in block.hospitals]
    chosen = np.flatnonzero(choice.sub_centre).tolist()
    if block.min_people is not None:
        for k in chosen:
            people = int(block.people[choice.catchment == k].sum())
            count.check("sub_centre_min_people", names[k], people / PEOPLE_SCALE, block.min_people / PEOPLE_SCALE,
                        left=(people - block.min_people) / PEOPLE_SCALE)
    for a, b, minutes in block.too_near:
        if choice.sub_centre[a] and choice.sub_centre[b]:
            count.check("sub_centre_spread", f"{names[a]} and {names[b]}", minutes, block.min_minutes_apart,
                        left=minutes - block.min_minutes_apart)
    if block.contiguity is not None:
        for k in chosen:
            for row in sorted(set(np.flatnonzero(choice.catchment == k).tolist()) - joined(data, choice, k)):
                count.check("sub_centre_contiguous", f"{names[k]}, {data.townships[block.townships[row]]}", None, None,
                            left=-1)


def joined(data: PlanningData, choice: Choice, k: int) -> set[int]:
    """Return the rows of a catchment that hang together with its sub-centre's township, and islands that may join."""
    block = data.sub_centres
    land = block.contiguity
    members = set(np.flatnonzero(choice.catchment == k).tolist())
    part = land.own_part(k)
    served = {land.own_part(other) for other in np.flatnonzero(choice.sub_centre).tolist()}
    islands = {row for row in members if land.component[row] != part and int(land.component[row]) not in served}
    found: set[int] = set()
    todo = [int(land.root[k])] if int(land.root[k]) in members else []
    while todo:
        row = todo.pop()
        if row in found:
            continue
        found.add(row)
        todo += [b if a == row else a for a, b in land.edges if row in (a, b) and (b if a == row else a) in members]
    return found | islands


def sub_centre_worst(data: PlanningData, choice: Choice) -> int:
    """Return the whole minutes of the village farthest from its sub-centre."""
    block = data.sub_centres
    if block is None or block.worst is None:
        return 0
    return max((int(block.worst[row, k]) for row, k in enumerate(choice.catchment.tolist()) if k >= 0), default=0)
