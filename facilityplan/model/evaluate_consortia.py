"""The recount of consortia: leads, number, balance, contiguity, sub-centres, mergers and doctors lent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facilityplan.model.choice import Choice
from facilityplan.model.sets import PlanningData
from facilityplan.units import PEOPLE_SCALE

Check = Callable[..., None]  # check(rule, place, figure, limit, left=…); less than nothing left is a breach


def count_consortia(data: PlanningData, choice: Choice, check: Check) -> None:
    """Go through every rule on consortia; ``check`` notes how much of it is left at one place.

    A rule that holds or does not, such as contiguity, leaves nothing to tell unless it is broken.
    """
    block, member = data.consortia, choice.member
    names = [data.site_ids[j] for j in block.leads]
    towns = [data.townships[t] for t in block.townships]
    used = sorted(set(member.tolist()) - {-1})
    for row, town in enumerate(towns):
        c = int(member[row])
        if c < 0 or block.cost[row, c] < 0:
            check("consortium_member", town, None, None, left=-1)
        if block.assigned[row] >= 0:
            check("consortium_assigned", town, None, None, left=0 if c == block.assigned[row] else -1)
        if block.max_minutes is not None and c >= 0:
            minutes = int(block.farthest[row, c])
            check("consortium_limit", town, minutes, block.max_minutes, left=block.max_minutes - minutes)
    for c in used:
        if member[block.home[c]] != c:
            check("consortium_member", names[c], None, None, left=-1)
    for c in np.flatnonzero(block.fixed).tolist():
        check("consortium_leads", names[c], None, None, left=0 if c in used else -1)
    count = len(used)
    limit = block.min_count if count < block.min_count else block.max_count
    check("consortium_count", "county", count, limit, left=min(count - block.min_count, block.max_count - count))
    for c in used:
        townships = int((member == c).sum())
        if block.min_townships > 1:
            check("consortium_townships", names[c], townships, block.min_townships,
                  left=townships - block.min_townships)
        if block.balance is not None:
            people, (low, high) = int(block.people[member == c].sum()), block.band(count)
            check("consortium_balance", names[c], people / PEOPLE_SCALE, (low if people < low else high) / PEOPLE_SCALE,
                  left=min(people - low, high - people) / PEOPLE_SCALE)
    if block.contiguous:
        for row in block.cut_off(member):
            check("consortium_contiguous", towns[row], None, None, left=-1)
    if data.sub_centres is not None:
        _sub_centres(data, choice, names, used, check)
    if block.merge_inside:
        for guest in np.flatnonzero(choice.host >= 0).tolist():
            host = int(choice.host[guest])
            if not together(data, member, guest, host):
                check("consortium_mergers", f"{data.site_ids[guest]} into {data.site_ids[host]}", None, None, left=-1)
        visited = [] if choice.modes is None else np.flatnonzero(choice.modes.neighbour >= 0).tolist()
        for target in visited:
            host = int(choice.modes.neighbour[target])
            if not _in_one(data, member, int(data.modes.target_township[target]), int(data.site_township[host])):
                check("consortium_mergers", f"visits by {data.site_ids[host]}", None, None, left=-1)


def count_doctors_lent(data: PlanningData, choice: Choice, moved: np.ndarray, check: Check) -> None:
    """Doctors borrowed less lent (int, townships) come to nothing inside every consortium."""
    block = data.consortia
    for c in sorted(set(choice.member.tolist()) - {-1}):
        across = int(moved[block.townships[choice.member == c]].sum())
        if across:
            check("consortium_staff", data.site_ids[block.leads[c]], across, 0, left=-1)


def together(data: PlanningData, member: np.ndarray, one: int, other: int) -> bool:
    """Do two sites stand in one township or one consortium, as far as their townships are known?"""
    return _in_one(data, member, int(data.site_township[one]), int(data.site_township[other]))


def _in_one(data: PlanningData, member: np.ndarray, a: int, b: int) -> bool:
    row_of = data.consortia.row_of()
    return a == b or a not in row_of or b not in row_of or member[row_of[a]] == member[row_of[b]]


def _sub_centres(data: PlanningData, choice: Choice, names: list[str], used: list[int], check: Check) -> None:
    block, centres, row_of = data.consortia, data.sub_centres, data.consortia.row_of()
    rows = [row_of.get(int(data.site_township[h]), -1) for h in centres.hospitals]
    of = [int(choice.member[row]) if row >= 0 else -1 for row in rows]
    if block.min_sub_centres:
        for c in used:
            have = sum(bool(chosen) and of[k] == c for k, chosen in enumerate(choice.sub_centre))
            check("consortium_sub_centres", names[c], have, block.min_sub_centres, left=have - block.min_sub_centres)
    if block.catchments_inside:
        for r, k in enumerate(choice.catchment.tolist()):
            if k >= 0:
                row = row_of.get(int(centres.townships[r]), -1)
                if rows[k] >= 0 and row >= 0 and choice.member[row] != of[k]:
                    check("consortium_catchments", data.townships[centres.townships[r]], None, None, left=-1)


def consortium_minutes(data: PlanningData, choice: Choice) -> int:
    """People · whole minutes from villages to the lead of their consortium, in tenths."""
    if data.consortia is None:
        return 0
    return int(sum(data.consortia.cost[row, c] for row, c in enumerate(choice.member.tolist()) if c >= 0))
