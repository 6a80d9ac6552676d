"""The ladder says of any set of open sites what the plain recount says."""

from __future__ import annotations

import dataclasses
import random
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))

from model_counties import county_like
from tiny_counties import tiny_county

from facilityplan.model.choice import Choice
from facilityplan.model.evaluate import nearest_ds, objective_value
from facilityplan.model.gather import planning_data
from facilityplan.model.ladder import SetCost, access_ladder
from facilityplan.model.sets import ObjectiveStage


def value(cost: SetCost, sets, is_open) -> int:
    return cost.constant + sum(c for k, c in cost.coefficients.items() if not is_open[list(sets[k])].any())


def compare(data, rng, tries):
    stages = [ObjectiveStage(name, k) for k in range(len(data.ladders)) for name in ("uncovered", "person_minutes")]
    data = dataclasses.replace(data, objectives=tuple(stages))
    ladder = access_ladder(data)
    free = np.flatnonzero((data.decided | data.candidate) & ~ladder.forced_open)
    kept_rule = broken_rule = 0
    for _ in range(tries):
        is_open = data.permanent | ladder.forced_open
        is_open[[j for j in free if rng.random() < rng.choice([0.3, 0.6, 0.9])]] = True
        harmless = all((nearest_ds(x, is_open) <= x.limit_ds)[x.limit_ds >= 0].all() for x in data.ladders)
        if data.holds("no_harm"):
            assert harmless == all(is_open[list(s)].any() for s in ladder.no_harm)
            if not harmless:
                broken_rule += 1
                continue  # s_S = 0 for sets that contain a no-harm set holds only where the rule does
        kept_rule += 1
        choice = Choice(is_open, np.full(len(is_open), -1, np.int32), np.zeros(0, bool), np.zeros(0, np.int32))
        for stage in stages:
            cost = (ladder.uncovered if stage.name == "uncovered" else ladder.minutes)[stage.ladder]
            assert value(cost, ladder.sets, is_open) == objective_value(data, choice, stage, 0, 0)
        for floor, cost in zip(data.circle_floors if data.holds("circle_share") else (), ladder.floors, strict=True):
            x = data.ladders[floor.ladder]
            out = nearest_ds(x, is_open) > x.limit_min * 600
            if floor.township is not None:
                out &= data.village_township[x.village] == floor.township
            assert value(cost, ladder.sets, is_open) == x.weight[out].sum()
    for k, parent in enumerate(ladder.parent):
        assert parent == -1 or set(ladder.sets[parent]) < set(ladder.sets[k])
    assert len(set(ladder.sets)) == len(ladder.sets)
    for a in ladder.no_harm:
        assert not any(set(b) < set(a) for b in ladder.no_harm)
    return kept_rule, broken_rule


@pytest.mark.parametrize("seed", range(3_000, 3_040))
def test_ladder_of_tiny_counties(seed):
    compare(planning_data(*tiny_county(seed)), random.Random(seed), 12)


def test_ladder_of_a_county_with_and_without_harm():
    data = county_like(4, 50, 2_000, 5)
    _, broken = compare(data, random.Random(1), 15)
    assert broken
    kept, _ = compare(dataclasses.replace(data, dropped=frozenset({"no_harm"})), random.Random(2), 15)
    assert kept == 15
