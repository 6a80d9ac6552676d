"""Staff in depth: more doctors or fewer locks are never worse; rules that hold anyway, order and names change nothing.

In plain counties, with service modes, and in stages.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))

from model_tiny_locks import laid_on, locks_of
from model_tiny_staffing import staffed
from model_tiny_stages import staged_county
from modes_tiny import county_with_modes
from retold import renamed, reordered
from tiny_counties import tiny_county

from facilityplan.errors import Infeasible
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver

COUNTIES = (tiny_county, county_with_modes, staged_county)


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


def county(seed):
    """A tiny county with staffing in depth; of three seeds one has service modes and one is planned in stages."""
    return staffed(seed, COUNTIES[seed % 3](seed))


def plan_of(config, inputs, access, solver, dropped=frozenset()):
    """(decisions, objective values), or (None, None) where no plan obeys the rules; without tolerances."""
    data = planning_data(config, inputs, access)
    stages = tuple(dataclasses.replace(o, tolerance=None) for o in data.objectives)
    data = dataclasses.replace(data, objectives=stages, dropped=data.dropped | dropped)
    try:
        decisions, _ = solve_data(data, solver, time_limit_s=60, explain=False)
    except Infeasible:
        return None, None
    return decisions, evaluate(data, decisions).objectives


def changed(config, change):
    raw = config.model_dump(mode="json")
    change(raw["rules"])
    return type(config).model_validate(raw)


def more_hires(rules):
    rules["doctors"]["max_hires"] += 3


def more_rooms(rules):
    rules["doctors"]["max_per_site"] += 2


def more_patients_each(rules):
    if rules["patients"]:
        rules["patients"]["capacity_per_doctor"] *= 2


def less_asked(rules):
    doctors, patients = rules["doctors"], rules["patients"]
    doctors["fill_posts"], doctors["min_by_people"] = None, doctors["min_by_people"][:1]
    if patients and patients["overload_people"]:
        patients["overload_people"] += 500


LOOSER = {more_hires: range(600, 612), more_rooms: range(612, 624), more_patients_each: range(624, 633),
          less_asked: (700, 703, 708, 710, 721)}  # fmt: skip


@pytest.mark.parametrize("loosen", LOOSER)
def test_more_doctors_never_worsen_the_plan(loosen, solver):
    better = 0
    for seed in LOOSER[loosen]:
        config, inputs, access = county(seed)
        if config.rules.doctors is None:
            continue
        _, base = plan_of(config, inputs, access, solver)
        _, richer = plan_of(changed(config, loosen), inputs, access, solver)
        assert base is None or (richer is not None and richer <= base), f"county {seed}"
        better += richer != base
    assert better  # what is loosened here matters somewhere


def test_fewer_locks_never_worsen_the_plan(solver):
    better = 0
    for seed in range(640, 652):
        config, inputs, access = staffed(seed, tiny_county(seed))
        locked = laid_on(config, locks_of(seed, config, inputs))
        _, base = plan_of(locked, inputs, access, solver)
        _, free = plan_of(changed(locked, lambda rules: rules.update(locks=[])), inputs, access, solver)
        assert base is None or (free is not None and free <= base), f"county {seed}"
        better += free != base
    assert better


@pytest.mark.parametrize("seed", range(660, 669))
def test_a_dropped_rule_never_worsens_the_plan_and_one_that_holds_anyway_changes_nothing(seed, solver):
    config, inputs, access = county(seed)
    _, base = plan_of(config, inputs, access, solver)
    data = planning_data(config, inputs, access)
    for rule in ("doctor_minimum", "fill_posts", "patient_overload"):
        decisions, values = plan_of(config, inputs, access, solver, frozenset({rule}))
        assert base is None or (values is not None and values <= base), rule
        if decisions is not None and evaluate(data, decisions).feasible:  # the best plan obeys it unasked
            assert values == base, rule


@pytest.mark.parametrize("seed", range(680, 692))
def test_order_and_names_change_nothing(seed, solver):
    """Of sites that are as near the smaller id is taken, so no two of a cell are: what is renamed is another one."""
    config, inputs, access = county(seed)
    access = dataclasses.replace(access, cells={k: apart(times) for k, times in access.cells.items()})
    first, values = plan_of(config, inputs, access, solver)
    second, again = plan_of(config, *reordered(inputs, access, seed), solver)
    assert (again, second) == (values, first)
    assert plan_of(*renamed(config, inputs, access, seed), solver)[1] == values


def apart(times):
    """The same times, no two of an origin alike: a site later in the row is farther by a decisecond at least."""
    ds = times.ds.copy()
    for k in range(len(times.indptr) - 1):
        row = slice(times.indptr[k], times.indptr[k + 1])
        steps = np.arange(row.stop - row.start)
        ds[row] = np.maximum.accumulate(ds[row] - steps) + steps
    return dataclasses.replace(times, ds=ds)
