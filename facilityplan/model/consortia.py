"""The block of consortia as plain arrays: possible leads, townships, their neighbours, what each membership costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class ConsortiaData:
    """Hospitals that may lead a consortium, and the townships that are grouped. Arrays "(rows,)" are by township."""

    leads: np.ndarray  # int32 (leads,) site, in order of id
    fixed: np.ndarray  # bool (leads,) must be used
    home: np.ndarray  # int32 (leads,) row of the township where it stands
    townships: np.ndarray  # int32 (rows,) position in PlanningData.townships
    people: np.ndarray  # int64 (rows,) tenths of people
    cost: np.ndarray  # int64 (rows, leads) tenths of people · whole minutes; -1 = a village has no way there
    farthest: np.ndarray  # int64 (rows, leads) whole minutes of the village with the longest way; -1 = no way
    links: tuple[tuple[int, int], ...]  # rows a < b that are adjacent
    exempt: np.ndarray  # bool (rows,) no lead stands in its part of the township graph: contiguity cannot be asked
    assigned: np.ndarray  # int32 (rows,) lead settled beforehand, -1 = none
    min_count: int
    max_count: int
    balance: Fraction | None
    min_townships: int
    contiguous: bool
    max_minutes: int | None
    min_sub_centres: int
    catchments_inside: bool
    merge_inside: bool
    pool_staff: bool

    def band(self, count: int) -> tuple[int, int]:
        """Return the least and most people (tenths) of a consortium where ``count`` are in use.

        (1 ± δ) · people / count, the lower end rounded up and the upper one down: whole people on the right side.
        """
        mean = Fraction(int(self.people.sum()), count)
        return math.ceil((1 - self.balance) * mean), math.floor((1 + self.balance) * mean)

    def row_of(self) -> dict[int, int]:
        """Return township position → row."""
        return {t: row for row, t in enumerate(self.townships.tolist())}

    def cut_off(self, member: np.ndarray) -> list[int]:
        """Return the rows that their lead's township does not reach through townships of their own consortium.

        ``member``: int (rows,) position of the lead, -1 = none. Exempt rows are not returned.
        """
        near: dict[int, list[int]] = {row: [] for row in range(len(self.townships))}
        for a, b in self.links:
            near[a].append(b)
            near[b].append(a)
        reached: set[int] = set()
        for c, start in enumerate(self.home.tolist()):
            todo = [start] if member[start] == c else []
            while todo:
                row = todo.pop()
                if row not in reached:
                    reached.add(row)
                    todo += [other for other in near[row] if member[other] == c]
        return [row for row in range(len(self.townships)) if row not in reached and not self.exempt[row]]


def parts_without(links: tuple[tuple[int, int], ...], rows: int, homes: np.ndarray) -> np.ndarray:
    """Return which rows (bool) lie in a part of the graph where none of ``homes`` does, or have no neighbour at all.

    No consortium could hang together with them: islands, and townships that no adjacency is known for.
    """
    part = np.arange(rows)
    for _ in range(rows):  # labels spread by one link a round at least
        before = part.copy()
        for a, b in links:
            part[a] = part[b] = min(part[a], part[b])
        if (part == before).all():
            break
    linked = {row for link in links for row in link}
    return np.array([row not in linked or part[row] not in part[homes] for row in range(rows)], dtype=bool)
