"""The hand-made county with one block of rules switched on: what makes a rule speak that is off by default."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from model_blocks_centres import RULES as CENTRE_RULES
from model_blocks_centres import centre_county
from model_counties import fair_county, hand_county, hand_county_of_consortia
from model_works import hand_county_with_works

from facilityplan.domain.fairness import LIMIT_RULES
from facilityplan.model.mode_data import CircuitData, ContactGroup, ModeData, NeighbourData, PostedData, StaffPairs
from facilityplan.model.sets import HostPairs, ObjectiveStage, PlanningData
from facilityplan.model.sets_locks import ClosureData, LockRow
from facilityplan.model.sets_staffing import LeastDoctors, PatientData, PostsToFill, StaffingData
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


def staged_county_of_consortia() -> PlanningData:
    """Two stages and two townships that may share their doctors."""
    return dataclasses.replace(staged_county(), consortia=hand_county_of_consortia().consortia)


def staged_county_with_works() -> PlanningData:
    """Works in two stages: 床 and 楼 not before the second, the level asked in the first; 县 carries over."""
    data = hand_county_with_works()
    works = dataclasses.replace(
        data.works, earliest=np.array([0, 1, 1, 0, 0]), levels=(dataclasses.replace(data.works.levels[0], stage=0),))
    stages = dataclasses.replace(
        staged_county().stages, capital=(60_000, 9_000_000),
        funding=((1_000_000, None, None), (2_500_000, 900_000, None)),
        funding_carry=((False, False, False), (True, False, False)))
    return dataclasses.replace(data, works=works, stages=stages,
                               objectives=(*data.objectives, ObjectiveStage("delay")))


def pairs(rows) -> StaffPairs:
    """Pairs from (target, sender, deciseconds, minutes, broken, host pair)."""
    columns = [np.array(c, np.int64) for c in zip(*rows, strict=True)]
    kinds = (np.int32, np.int32, np.int32, np.int64, np.uint8, np.int64)
    return StaffPairs(*(c.astype(k) for c, k in zip(columns, kinds, strict=True)))


def county_with_modes() -> PlanningData:
    """Every service mode, and a joint site: 新1 may host (as if its village had a clinic); 丁 may be visited."""
    data = hand_county()
    host = np.concatenate([data.pairs.host, [3]]).astype(np.int32)
    guest = np.concatenate([data.pairs.guest, [2]]).astype(np.int32)
    ds, broken = np.concatenate([data.pairs.ds, [3_000]]), np.concatenate([data.pairs.broken, [0]])
    order = np.lexsort((data.rank[host], ds, guest))
    hosts = HostPairs(guest[order], host[order], ds[order].astype(np.int32), broken[order].astype(np.uint8))
    villages = HostPairs(np.array([3, 3], np.int32), np.array([2, 1], np.int32), np.array([1_800, 2_400], np.int32),
                         np.array([0, 0], np.uint8))
    circuit = CircuitData(
        pairs([(0, 5, 600, 220, 0, -1), (1, 5, 4_000, 300, 0, -1), (2, 6, 900, 260, 1, -1), (3, 6, 2_000, 280, 0, -1)]),
        days=2, team_minutes=500, max_teams=np.array([0, 0, 0, 0, 0, 1, 2]), team_cny=120_000, vehicle_cny=150_000)
    at = {(int(g), int(h)): k for k, (g, h) in enumerate(zip(hosts.guest, hosts.host, strict=True))}
    neighbour = NeighbourData(
        pairs([(0, 1, 4_000, 240, 0, at[0, 1]), (1, 2, 5_000, 360, 0, at[1, 2]), (3, 2, 1_800, 210, 0, 0)]),
        days=3, doctor_minutes=300)
    posted = PostedData(pairs([(0, 5, 600, 0, 0, -1), (2, 6, 900, 0, 0, -1)]), staff=1,
                        posts=np.array([0, 0, 0, 0, 0, 1, 2]), staff_cny=200_000)
    modes = ModeData(
        target_site=np.array([0, 1, 2, -1], np.int32), target_village=np.array([0, 1, 2, 3], np.int32),
        target_township=np.array([0, 0, 1, 1], np.int32),
        target_people=np.array([9_000, 20_000, 16_000, 4_000], np.int64), target_rank=np.array([2, 0, 1, 3], np.int32),
        village_pairs=villages, circuit=circuit, neighbour=neighbour, posted=posted,
        contacts=(ContactGroup(1, 1, ()), ContactGroup(3, 3, (3, 4))))
    return dataclasses.replace(data, pairs=hosts, modes=modes, joint_sites=(3,), min_guests=2,
                               objectives=(*data.objectives, ObjectiveStage("periodic")))


def staged_county_with_modes() -> PlanningData:
    """Every service mode and the joint site in two stages."""
    data = county_with_modes()
    return dataclasses.replace(data, stages=staged_county().stages,
                               objectives=(*data.objectives, ObjectiveStage("delay")))


MODE_RULES = ("circuit_team", "circuit_staff", "neighbour_hours", "posted_pool", "joint_site_guests")
def staffed_county() -> PlanningData:
    """Patients against doctors, posts to fill, and least doctors by people, whatever work there today."""
    base = hand_county()
    staffing = StaffingData(
        PatientData(0, 10_000, 12_000),
        PostsToFill(np.array([3, 2]), np.array([29_000, 20_000]), Fraction(7, 10), per_township=True),
        LeastDoctors(((10_000, 2), (30_000, 3)), exempt=True))  # fmt: skip
    return dataclasses.replace(base, staffing=staffing, objectives=(*base.objectives, ObjectiveStage("overload")))


COUNTIES: dict[str, Callable[[], PlanningData]] = {
    **dict.fromkeys(LIMIT_RULES.values(), fair_county),
    "locks": locked_county, "closures_total": locked_county, "closures_township": locked_county,
    **dict.fromkeys(("work_site", "relocation", "works_together", "works_required", "works_forbidden", "funding_amount",
                     "no_debt", "balance", "levels"), hand_county_with_works),
    **dict.fromkeys(("stage_once", "stage_closures", "stage_capital", "stage_recurrent", "stage_doctors",
                     "stage_no_harm"), staged_county),
    **dict.fromkeys(("stage_ready", "stage_earliest", "stage_funding"), staged_county_with_works),
    **dict.fromkeys(MODE_RULES, county_with_modes),
    **dict.fromkeys(CENTRE_RULES, centre_county),
    "doctor_minimum": staffed_county, "fill_posts": staffed_county, "patient_overload": staffed_county,
}


def county_for(rule: str) -> PlanningData:
    """Return the county in which a rule has something to say."""
    if rule.startswith("consortium_"):
        return hand_county_of_consortia()
    return COUNTIES.get(rule, hand_county)()
