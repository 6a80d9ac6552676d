"""Who can pay what in which year: the conditions under which every bill is paid, without a variable for the split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facilityplan.model.sets import PlanningData

Bill = tuple[frozenset[int], int]  # sources that may pay, stage
Unit = tuple[int, int]  # source, stage in which it gives


@dataclass(frozen=True)
class Purse:
    """What sources give: in all, and in each stage; None = no limit. Whole yuan."""

    total: tuple[int | None, ...]  # by source
    given: tuple[tuple[int | None, ...], ...]  # by stage, by source
    carry: tuple[tuple[bool, ...], ...]  # by stage, by source: what the stage before leaves is there

    @classmethod
    def of(cls, data: PlanningData) -> Purse:
        """Return the purse of planning data: no totals where the rule on them is dropped."""
        amount = data.works.amount if data.holds("funding_amount") else (None,) * len(data.works.amount)
        return cls(amount, data.stages.funding, data.stages.funding_carry)

    def units(self, bill: Bill) -> frozenset[Unit]:
        """Return whose money of which stages can pay a bill."""
        payers, s = bill
        found: set[Unit] = set()
        for a in payers:
            k = s
            found.add((a, k))
            while self.carry[k][a]:
                k -= 1
                found.add((a, k))
        return frozenset(found)

    def gives(self, units: Iterable[Unit]) -> int | None:
        """Return how much these units can give together; None = as much as is asked."""
        sums: dict[int, int | None] = {}
        for a, s in units:
            amount, before = self.given[s][a], sums.get(a, 0)
            sums[a] = None if amount is None or before is None else before + amount
        whole = 0
        for a, yearly in sums.items():
            limits = [limit for limit in (yearly, self.total[a]) if limit is not None]
            if not limits:
                return None
            whole += min(limits)
        return whole


def funding_rows_by_stage(
    bills: Sequence[Bill], purse: Purse, source_ids: Sequence[str], years: Sequence[int]
) -> list[tuple[str, tuple[Bill, ...], int]]:
    """Return (name, bills, yuan): the bills of each cost no more than the yuan, and that is all that must hold.

    A split exists exactly where for each set of bills those who may pay them can give as much (Gale 1957, "A theorem on
    flows in networks"; max-flow min-cut). What a set can give depends on the union of its units, so one row for each
    union is enough; unions of sets that share no source (or one that is limited in no other way than by year, and no
    year) add nothing to the rows of their parts.
    """
    own = {bill: purse.units(bill) for bill in bills}
    bounded = {bill: units for bill, units in own.items() if purse.gives(units) is not None}
    unions = set(bounded.values())
    fresh = sorted(unions, key=sorted)
    while fresh:
        larger = {one | other for one in fresh for other in bounded.values() if _touch(one, other, purse)}
        fresh = sorted(larger - unions, key=sorted)
        unions |= larger
    rows = []
    for union in sorted(unions, key=lambda u: (len(u), sorted(u))):
        if any(_apart(union, s, purse) for s in range(1, len(years))):
            continue
        chosen = tuple(bill for bill in bounded if bounded[bill] <= union)
        rows.append((_name(union, source_ids, years), chosen, purse.gives(union)))
    return rows


def _touch(one: frozenset[Unit], other: frozenset[Unit], purse: Purse) -> bool:
    """Do two sets of units give less together than alone, perhaps?"""
    if one & other:
        return True
    return any(purse.total[a] is not None for a in {a for a, _ in one} & {a for a, _ in other})


def _apart(union: frozenset[Unit], s: int, purse: Purse) -> bool:
    """Is the row of a union the sum of those of its stages before ``s`` and from ``s`` on?"""
    before = frozenset(u for u in union if u[1] < s)
    if not before or before == union or any(purse.carry[s][a] for a, k in union if k == s):
        return False
    return purse.gives(before) + purse.gives(union - before) == purse.gives(union)


def _name(union: frozenset[Unit], source_ids: Sequence[str], years: Sequence[int]) -> str:
    if not union:
        return "nothing"
    by_source: dict[int, list[int]] = {}
    for a, s in sorted(union):
        by_source.setdefault(a, []).append(years[s])
    return ", ".join(f"{source_ids[a]} {'+'.join(map(str, ys))}" for a, ys in by_source.items())
