"""The hand-made county with service centres, attribute floors and the finer rules of sub-centres."""

from __future__ import annotations

import dataclasses

import numpy as np
from model_counties import hand_county

from facilityplan.model.sets import ObjectiveStage, PlanningData
from facilityplan.model.sets_centres import AttributeData, CentreData, Contiguity


def centre_county() -> PlanningData:
    """Sites in order: 卫 1, 卫-1, 卫_1, 新1, 新2, 院1, 院2; townships 东镇, 西镇."""
    county = hand_county()
    hosts, people = np.array([5, 6], np.int32), np.array([29_000, 20_000])
    yes, no = np.array([True, False]), np.array([False, True])
    stroke = CentreData("stroke", hosts, yes, yes, no, 1, 2, np.array([0, 1], np.int32), people,
                        np.array([[200_000, 900_000], [700_000, -1]]), 40_000, ((), (0,), (0, 1)),
                        np.array([4_000, 25_000, 20_000]), 24_500)
    imaging = CentreData("imaging", hosts, ~yes, no, yes, 1, 1, np.array([0, 1], np.int32), people,
                         np.array([[300_000, 400_000], [500_000, 100_000]]), None, (), np.zeros(0, np.int64), None)
    has = np.array([0, 1, 0, 0, 0, 1, 0], bool)
    may = np.array([1, 0, 1, 1, 0, 0, 1], bool)
    tcm = AttributeData("tcm", np.array([0, 1, 2, 3, 4, 5], np.int32), has, may & (np.arange(7) != 6), 30_000, 3,
                        (2, 5), None, np.zeros(0, np.int64), 0, 49_000)
    reach = AttributeData("tcm_reach", np.arange(7, dtype=np.int32), has, may, 30_000, 10_000, (3, 10),
                          (((), ()), ((1,), (0, 2)), ((1,), ())), np.array([5_000, 16_000, 20_000]), 8_000, 49_000)
    block = dataclasses.replace(
        county.sub_centres, eligible=np.array([True, True]), forbidden=np.array([False, False]), min_people=9_000,
        min_minutes_apart=40, too_near=((0, 1, 33),), worst=np.array([[12, 50], [44, 9]]),
        contiguity=Contiguity(np.array([0, 1], np.int32), ((0, 1),), np.array([0, 0], np.int32)))
    return dataclasses.replace(
        county, centres=(imaging, stroke), centres_per_host=1, attributes=(tcm, reach), sub_centres=block,
        objectives=(*county.objectives, ObjectiveStage("sub_centre_worst"), ObjectiveStage("centre_minutes")))


RULES = ("sub_centre_min_people", "sub_centre_spread", "sub_centre_contiguous", "centre_eligible", "centre_count",
         "centre_required", "centre_forbidden", "centre_catchment", "centre_load", "centre_share", "centres_per_host",
         "attribute_sites", "attribute_people")
