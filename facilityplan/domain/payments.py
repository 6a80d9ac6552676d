"""Who pays which bill in which year: the one definition of a split of capital over sources and years.

A bill falls due in one stage. A source gives so much in all and so much in each stage; what it leaves of one stage is
there in the next where it carries over. Whole yuan, no rounding.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Node = Hashable
START, END = ("start",), ("end",)


@dataclass(frozen=True)
class Bill:
    """What must be paid in one stage, and the sources that may pay."""

    id: str
    stage: int
    yuan: int
    payers: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What a source of money gives: in all, and in each stage; None = no limit."""

    id: str
    total: int | None
    given: Sequence[int | None]  # by stage
    carry: Sequence[bool]  # by stage: what the stage before leaves is there


class Payments:
    """A flow of money from sources over stages to bills, as large as can be."""

    def __init__(self, bills: Iterable[Bill], sources: Sequence[Source]) -> None:
        self.bills, self.sources = tuple(bills), tuple(sources)
        self._left: dict[Node, dict[Node, int]] = {}  # what each arc can take yet, both ways
        owed = sum(b.yuan for b in self.bills)
        for source in self.sources:
            self._arc(START, ("source", source.id), owed if source.total is None else min(source.total, owed))
            for s, amount in enumerate(source.given):
                self._arc(("source", source.id), ("purse", source.id, s), owed if amount is None else min(amount, owed))
                if source.carry[s]:
                    self._arc(("purse", source.id, s - 1), ("purse", source.id, s), owed)
        for k, bill in enumerate(self.bills):
            for source in self.sources:
                if source.id in bill.payers:
                    self._arc(("purse", source.id, bill.stage), ("bill", k), bill.yuan)
            self._arc(("bill", k), END, bill.yuan)
        self.unpaid = owed - self._push(START, END, owed)

    def split(self) -> dict[str, dict[str, int]]:
        """Return bill → source → yuan: each bill in turn takes as much as it may from each source in turn.

        As much as leaves everything payable that can be paid at all.
        """
        found: dict[str, dict[str, int]] = {}
        for k, bill in enumerate(self.bills):
            for source in self.sources:
                if source.id not in bill.payers:
                    continue
                purse, own = ("purse", source.id, bill.stage), ("bill", k)
                room = self._left[purse].pop(own)  # the arc itself is no way round; what is fixed stays
                paid = self._left[own].pop(purse, 0)
                paid += self._push(own, purse, room)
                if paid:
                    found.setdefault(bill.id, {})[source.id] = paid
        return found

    def spare(self) -> int | None:
        """Return how much more could be paid of the bill for which least could; None = no bill is limited."""
        if self.unpaid:
            return -self.unpaid
        least: int | None = None
        for k, bill in enumerate(self.bills):
            if not bill.yuan or any(self._free(s, bill.stage) for s in self.sources if s.id in bill.payers):
                continue
            larger = Bill(bill.id, bill.stage, self._plenty, bill.payers)
            more = Payments((*self.bills[:k], *self.bills[k + 1 :], larger), self.sources)
            left = self._plenty - more.unpaid - bill.yuan
            least = left if least is None else min(least, left)
        return least

    @property
    def _plenty(self) -> int:
        """More than any bill with a limit can be paid."""
        given = sum(a for s in self.sources for a in s.given if a is not None)
        return sum(b.yuan for b in self.bills) + given + sum(s.total or 0 for s in self.sources) + 1

    @staticmethod
    def _free(source: Source, stage: int) -> bool:
        """Has the source no limit at all on what it can pay in a stage?"""
        while source.given[stage] is not None:
            if not source.carry[stage]:
                return False
            stage -= 1
        return source.total is None

    def _arc(self, tail: Node, head: Node, room: int) -> None:
        self._left.setdefault(tail, {})[head] = self._left.get(tail, {}).get(head, 0) + room
        self._left.setdefault(head, {}).setdefault(tail, 0)

    def _push(self, start: Node, end: Node, most: int) -> int:
        """Send up to ``most`` from one node to another along shortest ways; return how much went."""
        sent = 0
        while sent < most:
            before: dict[Node, Node] = {start: start}
            queue = deque([start])
            while queue and end not in before:
                node = queue.popleft()
                for head, room in self._left.get(node, {}).items():
                    if room > 0 and head not in before:
                        before[head] = node
                        queue.append(head)
            if end not in before:
                break
            way = [end]
            while way[-1] != start:
                way.append(before[way[-1]])
            way.reverse()
            arcs = list(pairwise(way))
            amount = min(most - sent, *(self._left[a][b] for a, b in arcs))
            for a, b in arcs:
                self._left[a][b] -= amount
                self._left[b][a] = self._left[b].get(a, 0) + amount
            sent += amount
        return sent


def paid_by_stage(split: Mapping[str, Mapping[str, int]], bills: Iterable[Bill]) -> dict[int, dict[str, int]]:
    """Return stage → source → yuan of a split."""
    found: dict[int, dict[str, int]] = {}
    for bill in bills:
        for source, yuan in split.get(bill.id, {}).items():
            row = found.setdefault(bill.stage, {})
            row[source] = row.get(source, 0) + yuan
    return found
