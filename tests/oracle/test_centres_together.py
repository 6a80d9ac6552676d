"""Service centres, attribute floors and finer sub-centres beside every other block, in the same tiny counties."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from model_tiny_centres import CentreOracle, CentresAfterWorks, add_centres
from model_tiny_consortia import ConsortiaOracle, tiny_county_of_consortia
from model_tiny_stages import StagedOracle, staged_county
from modes_tiny import ModesOracle, county_with_modes
from solved import solved, stage_values
from works_tiny import WorksOracle, works_county

from facilityplan.config.schema import Config
from facilityplan.model.choice import choice_of, decisions_of
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.solver import Solver

MOST_PLANS = 200  # of clinics, before sites are equipped
SEEDS = {"modes": 24, "consortia": 20, "stages": 20, "works": 30}


class WithModes(CentreOracle, ModesOracle):
    pass


class WithConsortia(CentreOracle, ConsortiaOracle):
    pass


class WithStages(CentreOracle, StagedOracle):
    pass


class WithWorks(CentresAfterWorks, WorksOracle):
    pass


BLOCKS = {"modes": (county_with_modes, WithModes), "consortia": (tiny_county_of_consortia, WithConsortia),
          "stages": (staged_county, WithStages), "works": (works_county, WithWorks)}


def eased(rng: random.Random, config: Config, block: str, level: pd.Series) -> Config:
    """Two blocks at once leave few counties a plan: what other tests ask of is not asked here."""
    raw = config.model_dump(mode="json")
    rules = raw["rules"]
    if rng.random() < 0.9:
        rules |= {"circle_share": [], "max_blank_villages": None, "closures": {}, "locks": []}
        rules["budget"] = {"capital_cny": rules["budget"]["capital_cny"]}
        rules["no_harm"]["form"] = rng.choice(["off", "inside_stays_inside"])
        rules["sub_centres"] |= {"required": [], "forbidden": [], "max_people": None,
                                 **rng.choice([{"min_people": None}, {"min_minutes_apart": None}])}
        if rules["doctors"] is not None:
            rules["doctors"] |= {"max_hires": 8, "max_per_site": 5}
        for service in rules["centres"]:
            service |= {"required": [], "forbidden": [], "min_beds": None, "min_count": 1,
                        **rng.choice([{"max_people": None}, {"min_share": None}, {"min_level": None}])}
        for floor in rules["attributes"]:
            floor["min_share"] = floor["min_share"] and min(floor["min_share"], 0.5)
        if rules["consortia"] is not None:
            rules["consortia"] |= {"balance_share": None, "max_minutes": None, "assigned": {}, "min_townships": 1}
        rules |= {"levels": [], "balance": {}}
    if block == "works":
        rules["sub_centres"] |= {"min_level": None, "min_beds": None, "min_people": None, "min_minutes_apart": None}
        for work in rules["works"]:  # nothing else makes a hospital move often enough to host services elsewhere
            if work["kind"] == "relocate" and rng.random() < 0.6:
                work |= {"required": True, "forbidden": False, "sources": []}
                rules["budget"] = {}
                for source in rules["funding"]:
                    source |= {"amount_cny": None, "debt": False}
        # what a work would just lift its hospital to, so that the lift matters
        after = [level[w["facility"]] + 1 for w in rules["works"]
                 if w["kind"] == "level_up" and not pd.isna(level[w["facility"]])]
        for service in rules["centres"]:
            service |= {"min_level": min(3, after[0]) if after and rng.random() < 0.8 else None}
        for floor in rules["attributes"]:
            if rng.random() < 0.5:
                floor |= {"column": "level", "value": True, "at_least": 2, "equip_cny": None,
                          "kinds": ["township_hospital"], "min_share": None, "min_count": 1}
    if block == "stages":  # equipment has no year
        for floor in rules["attributes"]:
            floor["equip_cny"] = None
    return Config.model_validate(raw)


def agrees(block: str, seed: int, solver: Solver, seen: Counter | None = None) -> bool | None:
    """Solve one county and compare; True where it has a plan, None where it is too large to enumerate.

    ``seen`` counts services at hospitals that have moved and at such as works have lifted.
    """
    county, reader = BLOCKS[block]
    rng = random.Random(f"{block} {seed}")
    config, inputs, access = add_centres(rng, *county(seed))
    config = eased(rng, config, block, inputs.facilities.set_index("id")["level"])
    oracle = reader(config, inputs, access)
    if block == "modes" and oracle.size() > MOST_PLANS:
        return None
    best = oracle.best()
    data = planning_data(config, inputs, access)
    if (found := solved(data, best, seed, solver)) is None:
        return False
    decisions, report = found
    assert stage_values(report, config) == best, f"{block} {seed}"
    if seen is not None:
        for hosts, service in zip(decisions.centre_hosts.values(), sorted(config.rules.centres, key=lambda s: s.id),
                                  strict=True):
            seen["moved"] += sum(h in oracle.moved.values() for h in hosts)
            seen["lifted"] += sum(not CentreOracle.fits(oracle, service, h) for h in hosts)
    again = decisions_of(data, choice_of(data, decisions))
    assert again == decisions
    assert evaluate(data, again).feasible
    return True


@pytest.mark.parametrize("block", BLOCKS)
def test_centres_beside_another_block_equal_enumeration(block):
    with Solver(in_process=True) as solver:
        found = [agrees(block, seed, solver) for seed in range(SEEDS[block])]
    assert found.count(True) > 4 and found.count(False) > 4, found  # both kinds come up


@pytest.mark.campaign
@pytest.mark.parametrize("block", BLOCKS)
def test_centres_beside_another_block_equal_enumeration_on_many_counties(block):
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        for seed in (*range(40), *range(1_000, 1_200)):
            agrees(block, seed, solver, seen if block == "works" else None)
    assert block != "works" or (seen["moved"] and seen["lifted"])
