"""The hand-made county with one block of rules switched on: what makes a rule speak that is off by default."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from model_counties import fair_county, hand_county, hand_county_of_consortia
from model_works import hand_county_with_works

from facilityplan.domain.fairness import LIMIT_RULES
from facilityplan.model.sets import ObjectiveStage, PlanningData
from facilityplan.model.sets_locks import ClosureData, LockRow
from facilityplan.model.sets_stages import StageData

ADJACENT = 1  # its bit in HOST_RULES


def locked_county() -> PlanningData:
    """Sites in order: 卫 1, 卫-1, 卫_1, 新1, 新2, 院1, 院2."""
    locks = (LockRow(0, "merge_into", 5), LockRow(1, "forbid_merge_into", 0), LockRow(1, "keep"),
             LockRow(2, "merge_into", 0, ADJACENT), LockRow(3, "build"), LockRow(4, "forbid"), LockRow(5, "keep"))
    return dataclasses.replace(hand_county(), locks=locks, closures=ClosureData(2, np.array([1, 0])))


def staged_county() -> PlanningData:
    """Two stages; in the first one doctor more is left, and half the money is there."""
    stages = StageData(years=(2025, 2027), capital=(60_000, 5_300_000), carry_over=(False, True),
                       recurrent=(900_000, 700_000), closures=(1, None), closures_township=(None, 1),
                       pool=np.array([[3, 1], [2, 1]]), doctors_base=(4, 3))
    data = dataclasses.replace(hand_county(), stages=stages)
    return dataclasses.replace(data, objectives=(*data.objectives, ObjectiveStage("delay")))


COUNTIES: dict[str, Callable[[], PlanningData]] = {
    **dict.fromkeys(LIMIT_RULES.values(), fair_county),
    "locks": locked_county, "closures_total": locked_county, "closures_township": locked_county,
    **dict.fromkeys(("work_site", "relocation", "works_together", "works_required", "works_forbidden", "funding_amount",
                     "no_debt", "balance", "levels"), hand_county_with_works),
    **dict.fromkeys(("stage_once", "stage_closures", "stage_capital", "stage_recurrent", "stage_doctors",
                     "stage_no_harm"), staged_county),
}


def county_for(rule: str) -> PlanningData:
    """Return the county in which a rule has something to say."""
    if rule.startswith("consortium_"):
        return hand_county_of_consortia()
    return COUNTIES.get(rule, hand_county)()
