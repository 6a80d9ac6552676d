"""The verifier's check of `groupings`: consortia and catchments against today's, counted from raw tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from facilityplan.domain.kinds import FacilityKind
from facilityplan.plan.claims import Ledger
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_centres import compare_records
from facilityplan.plan.recount_consortia import consortia_today
from facilityplan.plan.recount_travel import NEVER


def check_groupings(r: Recount, ledger: Ledger) -> None:
    """Every figure of `groupings` in plan.json; absent where the plan groups no townships."""
    wanted, name = [], dict(zip(r.inputs.facilities["id"], r.inputs.facilities["name"], strict=True))
    if plan := r.decisions.consortia:
        today = consortia_today(r)
        seat = {lead: today.get(r.sites[lead].township) for lead in plan.values()}
        moving = {t: (today[t], name[plan[t]]) for t in sorted(plan)
                  if today.get(t) is not None and seat[plan[t]] not in (None, today[t])}
        tolerance = None if r.rules.consortia is None else r.rules.consortia.balance_share
        wanted.append({"id": "consortia", "tolerance": tolerance, "max_people": None, **_told(r, today, plan, moving)})
    if plan := r.decisions.catchments:
        today = _own_hospital(r)
        moving = {t: (name[today[t]], name[plan[t]]) for t in sorted(plan) if today.get(t) not in (None, plan[t])}
        wanted.append({"id": "catchments", "tolerance": None, "max_people": r.rules.sub_centres.max_people,
                       **_told(r, today, plan, moving)})
    compare_records(ledger, "groupings", r.claims.blocks.get("groupings", ()), wanted)


def _told(r: Recount, today: Mapping[str, str], plan: Mapping[str, str], moving: Mapping[str, tuple[str, str]]
          ) -> dict[str, Any]:
    people: dict[str, float] = defaultdict(float)
    for village, township in r.township_of.items():
        people[township] += float(r.people[r.village_rows[village]].sum())
    found: dict[str, Any] = {
        "changes": [{"township": t, "from": old, "to": new, "people": people[t]} for t, (old, new) in moving.items()],
        "people_changing": sum(people[t] for t in moving), "people": sum(people[t] for t in plan)}
    for when, groups in (("before", today), ("after", plan)):
        size: dict[str, float] = defaultdict(float)
        for township, group in groups.items():
            size[group] += people[township]
        mean = sum(size.values()) / max(1, len(size))
        widest = max((abs(n - mean) for n in size.values()), default=0.0)
        found |= {f"groups_{when}": len(size), f"largest_{when}": max(size.values(), default=None),
                  f"smallest_{when}": min(size.values(), default=None),
                  f"imbalance_{when}": widest / mean if mean > 0 else None,
                  f"apart_{when}": [group for group in sorted(size) if not _in_one_piece(r, groups, group)]}
    return found


def _in_one_piece(r: Recount, groups: Mapping[str, str], group: str) -> bool:
    """Walk from township to township of the group, over villages side by side; those that touch no other are free."""
    beside: dict[str, set[str]] = defaultdict(set)
    for a, b in r.adjacent:
        one, other = r.township_of.get(a), r.township_of.get(b)
        if one is not None and other is not None and one != other:
            beside[one].add(other)
            beside[other].add(one)
    own = {t for t in beside if groups.get(t) == group}
    todo, seen = sorted(own)[:1], set(sorted(own)[:1])
    while todo:
        new = (beside[todo.pop()] & own) - seen
        seen |= new
        todo += sorted(new)
    return seen == own


def _own_hospital(r: Recount) -> dict[str, str]:
    """Township → the standing township hospital that is nearest for most of its people, ties by id."""
    mode = r.rules.sub_centres.mode
    hospitals = sorted(s.id for s in r.sites.values()
                       if s.kind == FacilityKind.TOWNSHIP_HOSPITAL and not s.candidate
                       and r.inputs.facilities["status"].iloc[s.row] != "candidate")
    minutes = {i: r.village_ds(mode, i) for i in hospitals}
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for village, township in r.township_of.items():
        ways = [(int(ds[r.village_row[village]]), i) for i, ds in minutes.items()
                if ds[r.village_row[village]] != NEVER]
        if ways:
            votes[township][min(ways)[1]] += float(r.people[r.village_rows[village]].sum())
    return {township: min(of, key=lambda i: (-of[i], i)) for township, of in votes.items()}
