"""Conflicts on random tiny counties: each minimal set conflicts by itself, and no longer without any one member."""

from __future__ import annotations

import dataclasses
import random
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from model_fairness import ask_for_fairness
from model_tiny import Oracle
from tiny_counties import tiny_county

from facilityplan.domain.rules import DROPPABLE, HOST_RULES
from facilityplan.errors import Infeasible
from facilityplan.model.build import active_rules
from facilityplan.model.conflict import _Search
from facilityplan.model.conflict_items import members_of
from facilityplan.model.conflict_keys import CONFIG_KEYS
from facilityplan.model.gather import planning_data
from facilityplan.model.program import ALL_BLOCKS
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


def conflicting(seed: int):
    """A county without a plan: rules tightened at random until there is none; None where that does not help."""
    config, inputs, access = tiny_county(seed)
    config = ask_for_fairness(config, seed, 0.5)
    raw, rng = config.model_dump(mode="json"), random.Random(f"conflict {seed}")
    tight = [
        lambda r: r["budget"].update(recurrent_share_of_today=0.6, recurrent_cny=None),
        lambda r: r["budget"].update(capital_cny=1_000),
        lambda r: r["circle_share"].extend({"standard": "circle", "min_share": s} for s in (0.3, 0.97)),
        lambda r: r["fairness"].extend({"measure": "max_minutes", "limit": m} for m in (30, 6)),
        lambda r: r["sub_centres"].update(min_count=2, max_count=2, min_beds=50),
        lambda r: r["no_harm"].update(form="strict", delta_min=0),
    ]
    for change in rng.sample(tight, 3):
        change(raw["rules"])
    raw["rules"]["without"] = []
    config = type(config).model_validate(raw)
    if Oracle(config, inputs, access).best() is not None:
        return None
    return planning_data(config, inputs, access)


def check(data, solver) -> str:
    """Explain one conflict and test the explanation from outside; what came out."""
    search = _Search(data, ALL_BLOCKS, solver, time.monotonic() + 60)
    rules, undecided = search.conflict()
    assert not undecided
    members = search.members(rules)
    assert {m.rule for m in members} == set(rules)
    if not rules:
        return "structural"
    suspects = {r for r in (*HOST_RULES, *active_rules(data, ALL_BLOCKS)) if r in DROPPABLE and data.holds(r)}
    alone = dataclasses.replace(data, dropped=data.dropped | (suspects - set(rules)), objectives=())
    kept = {id(m) for m in members}
    for rule in rules:  # only the members named are left
        for member in members_of(data, rule, CONFIG_KEYS[rule]):
            if (member.rule, member.label, member.field) not in {(m.rule, m.label, m.field) for m in members}:
                alone = member.without(alone)
    assert not solvable(alone, solver), "the members named do not conflict"
    for member in members:
        assert solvable(member.without(alone), solver), f"{member.rule} {member.label.en} is not needed"
    assert len(kept) == len(members)
    gives = search.cheapest()
    if gives is not None:
        assert gives, "a conflict is not mended by nothing"
        assert solvable(given(data, gives), solver), [g.text.en for g in gives]
    return "one" if len(members) == 1 else "several"


def given(data, gives):
    """The data with the limits as far relaxed as the repair says, and no farther."""
    for give in gives:
        if give.rule.endswith("_budget"):
            name = give.rule.replace("_budget", "_limit")
            limit = getattr(data.money, name)
            more = limit + round(give.share * max(1, limit))
            data = dataclasses.replace(data, money=dataclasses.replace(data.money, **{name: more}))
        elif give.rule == "circle_share":
            floors = list(data.circle_floors)
            k = give.place
            more = floors[k].allowed_out + round(give.share * max(1, floors[k].total))
            floors[k] = dataclasses.replace(floors[k], allowed_out=more)
            data = dataclasses.replace(data, circle_floors=tuple(floors))
        else:
            own = [f for f in data.fairness if f"{f.measure}_limit" == give.rule][give.place]
            wider = dataclasses.replace(own, limit=own.limit + round(give.share * max(1, own.limit)))
            data = dataclasses.replace(data, fairness=tuple(wider if f is own else f for f in data.fairness))
    return data


def solvable(data, solver) -> bool:
    try:
        solve_data(data, solver, time_limit_s=30, explain=False)
    except Infeasible:
        return False
    return True


def test_minimal_sets_of_conflicts():
    seen = []
    with Solver(in_process=True) as solver:
        for seed in range(9_000, 9_030):
            data = conflicting(seed)
            if data is not None and len(seen) < 12:
                seen.append(check(data, solver))
    assert len(seen) >= 8 and "several" in seen


@pytest.mark.campaign
def test_100_conflicts():
    seen, seed = [], 9_100
    with Solver(in_process=True) as solver:
        while len(seen) < 100:
            data = conflicting(seed)
            if data is not None:
                seen.append(check(data, solver))
            seed += 1
    assert {"one", "several"} <= set(seen)
