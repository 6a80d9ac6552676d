"""With every block on or off: more is never worse, fewer rules are never worse, and the telling changes nothing."""

from __future__ import annotations

import dataclasses
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))

from retold import renamed, reordered
from whole_tiny import whole_county
from whole_years_tiny import in_years

from facilityplan.domain.rules import DROPPABLE
from facilityplan.errors import Infeasible
from facilityplan.model.build import active_rules
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


def strict(data):
    """The same county without tolerances, which let a stage be given away for a later one."""
    return dataclasses.replace(data, objectives=tuple(dataclasses.replace(o, tolerance=None) for o in data.objectives))


def plan_of(data, solver):
    """(decisions, objective values), or (None, None) where no plan obeys the rules."""
    try:
        decisions, _ = solve_data(data, solver, time_limit_s=60, explain=False)
    except Infeasible:
        return None, None
    return decisions, evaluate(data, decisions).objectives


def not_worse(better, worse) -> bool:
    return worse is None or (better is not None and better <= worse)


def county(seed, *, years=False):
    config, inputs, access, _ = whole_county(seed)
    return (in_years(random.Random(f"years {seed}"), config) if years else config), inputs, access


def changed(config, change):
    """The config after ``change(rules)``, and with strict stages."""
    raw = config.model_dump(mode="json")
    change(raw["rules"])
    return type(config).model_validate(raw)


def more_money(rules):
    for key, more in (("recurrent_share_of_today", 1), ("recurrent_cny", 600_000), ("capital_cny", 6_000_000)):
        if rules["budget"][key] is not None:
            rules["budget"][key] += more
    for source in rules["funding"]:
        if source["amount_cny"] is not None:
            source["amount_cny"] += 6_000_000
    for stage in rules["stages"]:
        for key, more in (("recurrent_share_of_today", 1), ("capital_cny", 6_000_000)):
            if stage[key] is not None:
                stage[key] += more
        for given in stage["funding"]:
            given["amount_cny"] += 6_000_000


def more_minutes(rules):
    rules["hosts"]["limit_min"] += 20
    for mode in ("circuit", "neighbour", "posted"):
        if rules["modes"][mode]:
            rules["modes"][mode]["max_minutes"] += 20
    if rules["consortia"] and rules["consortia"]["max_minutes"]:
        rules["consortia"]["max_minutes"] += 20


def fewer_locks(rules):
    rules["locks"] = []


def more_staff(rules):
    if rules["doctors"]:
        rules["doctors"]["max_hires"] += 3
        rules["doctors"]["max_per_site"] += 2


def more_closures(rules):
    rules["closures"] = {}
    for stage in rules["stages"]:
        stage["max_closures"] = stage["max_closures_per_township"] = None


# counties of each that have a plan of their own to lose, and some where it matters
LOOSER = {more_money: (3_015, 3_017, 3_022, 3_139, 3_233), more_minutes: (3_051, 3_073, 3_099, *range(3_000, 3_008)),
          fewer_locks: (3_004, 3_007, 3_019, 3_037), more_staff: (3_044, 3_074, 3_104, 3_119)}  # fmt: skip

LOOSER_IN_YEARS = {more_money: (4_005, 4_062, 4_096, 4_109), more_minutes: (4_005, 4_033, 4_062),
                   fewer_locks: (4_026, 4_062, 4_069), more_staff: (4_109, 4_111), more_closures: (4_033, 4_100, 4_118)}


@pytest.mark.parametrize(("loosen", "seeds", "years"), [
    *((loosen, seeds, False) for loosen, seeds in LOOSER.items()),
    *((loosen, seeds, True) for loosen, seeds in LOOSER_IN_YEARS.items())])
def test_more_of_anything_never_worsens_the_plan(loosen, seeds, years, solver):
    better = 0
    for seed in seeds:
        config, inputs, access = county(seed, years=years)
        if years or loosen is more_minutes:  # a hospital of one's own first: the nearest is another with more of them
            config = changed(config, lambda rules: rules["modes"].update(same_township=False))
        base, richer = (plan_of(strict(planning_data(c, inputs, access)), solver)[1]
                        for c in (config, changed(config, loosen)))  # fmt: skip
        assert not_worse(richer, base), f"county {seed}"
        better += richer != base
    assert better  # what is loosened here matters somewhere


@pytest.mark.parametrize(("seed", "years"), [*((s, False) for s in range(3_100, 3_112)),
                                             *((s, True) for s in (4_005, 4_033, 4_062, 4_069, 4_100, 4_109))])
def test_a_dropped_rule_never_worsens_the_plan_and_one_that_holds_anyway_changes_nothing(seed, years, solver):
    data = strict(planning_data(*county(seed, years=years)))
    _, base = plan_of(data, solver)
    rules = [rule for rule in active_rules(data) if rule in DROPPABLE]
    for rule in random.Random(seed).sample(rules, min(4, len(rules))):
        free = dataclasses.replace(data, dropped=data.dropped | {rule})
        decisions, values = plan_of(free, solver)
        assert not_worse(values, base), rule
        if decisions is not None and evaluate(data, decisions).feasible:  # the best plan obeys it unasked
            assert values == base, rule


@pytest.mark.parametrize(("seed", "years"), [*((s, False) for s in range(3_200, 3_216)),
                                             *((s, True) for s in (4_005, 4_026, 4_062, 4_069, 4_107))])
def test_order_and_names_change_nothing(seed, years, solver):
    config, inputs, access = county(seed, years=years)
    first, values = plan_of(planning_data(config, inputs, access), solver)
    second, again = plan_of(planning_data(config, *reordered(inputs, access, seed)), solver)
    assert (again, second) == (values, first)
    assert plan_of(planning_data(*renamed(config, inputs, access, seed)), solver)[1] == values
