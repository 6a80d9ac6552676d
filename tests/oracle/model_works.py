"""The hand-made county of model_counties with works and money, made directly as planning data."""

from __future__ import annotations

import dataclasses

import numpy as np
from model_counties import hand_county

from facilityplan.model.sets import PlanningData, SubCentreData
from facilityplan.model.sets_works import BalanceData, LevelFloor, WorksData


def hand_county_with_works(**changes) -> PlanningData:
    """新2 is a candidate site of hospital 院1 instead of a clinic's; every rule of the block has something to say.

    Works: 床 and 楼 at 院2 (beds enough only with both), 级 there too, 迁 moves 院1, 室 gives 卫-1 a room.
    """
    data = hand_county()
    candidate = data.candidate.copy()
    candidate[4] = False
    ids = ("室", "床", "楼", "级", "迁")
    together = np.zeros((5, 5), bool)
    together[1, 2] = together[2, 1] = True
    figures = {"beds": np.array([-1, -1, -1, -1, -1, 60, 30]), "doctors": np.array([1, 2, 1, -1, -1, 9, 12]),
               "level": np.array([-1, -1, -1, -1, -1, 2, 1])}  # fmt: skip
    adds = {"beds": np.array([0, 15, 20, 0, 0]), "doctors": np.zeros(5, np.int64), "level": np.array([0, 0, 0, 1, 0]),
            "rooms": np.array([1, 0, 0, 0, 0])}  # fmt: skip
    carried = np.array([36_000, 80_000, 64_000, 16_000, 0, 0, 0])
    today = np.array([1, 2, 1, 0, 0, 0, 0])
    clinic = data.decided | candidate
    before = np.where(data.decided, 30_000 + carried - data.money.running - 100_000 * today, 0)
    works = WorksData(
        ids=ids, site=np.array([1, 6, 6, 6, 5], np.int32), place=np.array([-1, -1, -1, -1, 4], np.int32),
        kind=("strengthen", "strengthen", "strengthen", "level_up", "relocate"),
        capital=np.array([50_000, 900_000, 1_200_000, 400_000, 7_000_000]),
        recurrent=np.array([0, 20_000, 0, 0, -30_000]), adds=adds, required=np.array([0, 0, 0, 1, 0], bool),
        forbidden=np.array([1, 0, 0, 0, 0], bool), together=together,
        sources=(frozenset({0, 1}), frozenset({0}), frozenset({0, 1, 2}), frozenset({1}), frozenset({0, 2})),
        source_ids=("县", "省", "借"), amount=(3_000_000, 2_000_000, None), debt=(False, False, True), no_debt=True,
        figures=figures, thresholds=(("beds", 60),), origin=np.array([-1, -1, -1, -1, 5, -1, -1], np.int32),
        moving=np.array([0, 0, 0, 0, 0, 1, 0], bool), levels=(LevelFloor("township_hospital", (5, 6), 2, 2),),
        balance=BalanceData("no_worse", "institution", 30_000, carried, np.zeros(7, np.int64),
                            np.array([1, 1, 1, 0, 0, 0, 0], bool), before, today, clinic | data.hospital),
    )  # fmt: skip
    block = SubCentreData(np.array([4, 5, 6], np.int32), np.array([False, True, False]), np.array([False, True, False]),
                          np.array([False, False, True]), 1, 2, np.array([0, 1], np.int32), np.array([29_000, 20_000]),
                          np.array([[300_000, 200_000, 900_000], [500_000, 700_000, 100_000]]), 60_000)  # fmt: skip
    whole = dataclasses.replace(
        data, candidate=candidate, works=works, sub_centres=block, blank_groups=((3, (3,)),),
        unsettled=np.array([0, 0, 0, 0, 1, 1, 0], bool),
        money=dataclasses.replace(data.money, capital_limit=None),
    )  # fmt: skip
    return dataclasses.replace(whole, **changes)
