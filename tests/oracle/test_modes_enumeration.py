"""Circuit, neighbour and posted service and new joint sites against enumeration on random tiny counties."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from modes_tiny import MOST_PLANS, ModesOracle, county_with_modes
from solved import solved, stage_values

from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.model.gather import planning_data
from facilityplan.model.solver import Solver


def agrees(seed: int, solver: Solver, seen: Counter, county=county_with_modes) -> bool | None:
    """Solve one county and compare; True where it has a plan, None where it is too large to enumerate."""
    config, inputs, access = county(seed)
    oracle = ModesOracle(config, inputs, access)
    if oracle.size() > MOST_PLANS:
        return None
    best = oracle.best()
    data = planning_data(config, inputs, access)
    if (found := solved(data, best, seed, solver)) is None:
        return False
    decisions, report = found
    assert stage_values(report, config) == best, f"county {seed}"
    way = {}
    for i in oracle.decided:
        decision = decisions.sites[i]
        if decision.service is not None:
            way[i] = str(decision.service), decision.served_from
        else:
            way[i] = ("keep", None) if decision.action is Action.KEEP else ("merge", decision.merged_into)
        seen[way[i][0]] += 1
    for v in oracle.blank:
        visit = decisions.visits.get(v)
        way["village", v] = (None, None) if visit is None else (str(visit.service), visit.served_from)
        seen["village", way["village", v][0]] += 1
    built = [i for i in oracle.candidates if i in decisions.sites]
    seen["joint"] += sum(w[0] == "merge" and w[1] in built for w in way.values())
    clinics, villages = oracle.options
    assert all(way[i] in options for i, options in zip(oracle.decided, clinics, strict=True))
    assert all(way["village", v] in options for v, options in zip(oracle.blank, villages, strict=True))
    assert oracle.weigh_clinics(way, built) is not None, f"county {seed}"
    return True


@pytest.mark.parametrize("block", [0, *(pytest.param(k, marks=pytest.mark.campaign) for k in (1, 2, 3))])
def test_modes_equal_enumeration_on_tiny_counties(block):
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        found = [agrees(seed, solver, seen) for seed in range(50 * block, 50 * block + 50)]
    assert sum(f is not None for f in found) >= 25
    assert sum(bool(f) for f in found) > 5
    assert any(seen[str(mode)] for mode in (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR, ServiceMode.POSTED))


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(10))
def test_modes_equal_enumeration_on_many_tiny_counties(block):
    seen: Counter = Counter()
    with Solver(in_process=True) as solver:
        for seed in range(100_000 + 100 * block, 100_000 + 100 * block + 100):
            agrees(seed, solver, seen)
    assert seen["joint"] or seen["village", "circuit"]
