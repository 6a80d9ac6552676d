"""More is never worse, fewer rules are never worse, and the order of the tables changes nothing."""

from __future__ import annotations

import dataclasses
import random
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "oracle"))

from model_counties import county_like, hand_county
from model_fairness import ask_for_fairness
from tiny_counties import tiny_county

from facilityplan.access.types import NearestTimes, TravelTimes
from facilityplan.domain.rules import DROPPABLE
from facilityplan.errors import Infeasible
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.sets import ObjectiveStage
from facilityplan.model.sets_fairness import Tolerance
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


def values(data, solver):
    """Objective values, or None where no plan obeys the rules."""
    try:
        decisions, _ = solve_data(data, solver, time_limit_s=30, explain=False)
    except Infeasible:
        return None
    return evaluate(data, decisions).objectives


def not_worse(better, worse) -> bool:
    return worse is None or (better is not None and better <= worse)


@pytest.mark.parametrize("seed", range(2_000, 2_012))
def test_more_money_people_allowed_or_doctors_never_worsen_the_plan(seed, solver):
    data = planning_data(*tiny_county(seed))
    base = values(data, solver)
    money = data.money
    recurrent = None if money.recurrent_limit is None else money.recurrent_limit + 90_000
    capital = None if money.capital_limit is None else money.capital_limit + 250_000
    richer = dataclasses.replace(money, recurrent_limit=recurrent, capital_limit=capital)
    assert not_worse(values(dataclasses.replace(data, money=richer), solver), base)
    if data.doctors is not None:
        hires = dataclasses.replace(data.doctors, max_hires=data.doctors.max_hires + 2)
        assert not_worse(values(dataclasses.replace(data, doctors=hires), solver), base)


@pytest.mark.parametrize("seed", range(2_100, 2_112))
def test_dropping_a_rule_never_worsens_the_plan(seed, solver):
    data = planning_data(*tiny_county(seed))
    base = values(data, solver)
    for rule in random.Random(seed).sample(sorted(DROPPABLE - data.dropped), 4):
        assert not_worse(values(dataclasses.replace(data, dropped=data.dropped | {rule}), solver), base), rule


def shuffled(inputs, access, seed):
    """The same county with every table in another order."""
    rng = random.Random(seed)

    def mixed(table):
        order = list(range(len(table)))
        rng.shuffle(order)
        return table.iloc[order].reset_index(drop=True), order

    facilities, _ = mixed(inputs.facilities)
    villages, _ = mixed(inputs.villages)
    cells, order = mixed(inputs.cells)

    def turned(times: TravelTimes, rows) -> TravelTimes:
        sites = list(range(len(times.site_ids)))
        rng.shuffle(sites)
        place = np.argsort(sites)
        indptr, site, ds = [0], [], []
        for row in rows:
            pairs = sorted(
                (int(times.ds[k]), int(place[times.site[k]])) for k in range(times.indptr[row], times.indptr[row + 1])
            )
            site += [s for _, s in pairs]
            ds += [t for t, _ in pairs]
            indptr.append(len(site))
        return TravelTimes(times.mode, times.cutoff_ds, times.origin_ids[rows], times.site_ids[sites], np.array(indptr),
                           np.array(site, np.int32), np.array(ds, np.int32))  # fmt: skip

    cell_times = {k: turned(t, order) for k, t in access.cells.items()}
    old = {k: t.site_ids for k, t in access.cells.items()}
    today = {}
    for k, t in access.today.items():
        at = {i: n for n, i in enumerate(cell_times[k].site_ids)}
        site = np.array([-1 if s < 0 else at[old[k][s]] for s in t.site[order]], np.int32)
        today[k] = NearestTimes(t.ds[order], site)
    rows = list(range(len(access.sites.origin_ids)))
    rng.shuffle(rows)
    return (dataclasses.replace(inputs, facilities=facilities, villages=villages, cells=cells),
            dataclasses.replace(access, cells=cell_times, today=today, sites=turned(access.sites, rows)))  # fmt: skip


@pytest.mark.parametrize("seed", range(2_200, 2_225))
def test_the_order_of_the_tables_changes_nothing(seed, solver):
    config, inputs, access = tiny_county(seed)
    try:
        first, _ = solve_data(planning_data(config, inputs, access), solver, time_limit_s=30, explain=False)
    except Infeasible:
        return
    other_inputs, other_access = shuffled(inputs, access, seed)
    second, _ = solve_data(planning_data(config, other_inputs, other_access), solver, time_limit_s=30, explain=False)
    assert dict(first.sites) == dict(second.sites)
    assert (first.catchments, first.hires, first.reserve) == (second.catchments, second.hires, second.reserve)


def twins(data):
    """The same county without anything that tells its plans apart: ties everywhere."""
    ladder = data.ladders[0]
    even = dataclasses.replace(ladder, weight=np.full_like(ladder.weight, 10), ds=(ladder.ds // 3_000 + 1) * 3_000)
    running = np.where(data.decided, 60_000, 0).astype(np.int64)
    limit = int(running.sum()) + data.money.doctor * data.money.doctors_base - 3 * 60_000  # three clinics must go
    money = dataclasses.replace(data.money, running=running, recurrent_limit=limit)
    return dataclasses.replace(data, ladders=(even,), money=money)


def test_seed_threads_and_row_order_change_nothing():
    data = twins(county_like(7, 50, 1_500, 5, budget=0.94))
    plans = []
    for seed, threads in ((0, 1), (11, 1), (5, 2)):
        with Solver(in_process=True, seed=seed, threads=threads) as one:
            decisions, report = solve_data(data, one, time_limit_s=60)
        assert report.reproducible
        plans.append(dict(decisions.sites))
    assert plans[0] == plans[1] == plans[2]
    assert sum(d.merged_into is not None for d in plans[0].values()) == 3


def test_ties_keep_the_clinic_of_the_larger_village(solver):
    """Two clinics alike in all but the people of their villages: the smaller village's one merges."""
    data = hand_county()
    nobody = tuple(dataclasses.replace(x, weight=x.weight * 0, limit_ds=np.full(x.cells, -1)) for x in data.ladders)
    running = np.where(data.hospital, 0, 60_000).astype(np.int64)  # 420,000 = the doctors' 300,000 and two clinics
    money = dataclasses.replace(data.money, running=running, recurrent_limit=420_000, capital_limit=None)
    free = dataclasses.replace(
        data,
        ladders=nobody,
        circle_floors=(),
        blank_groups=(),
        sub_centres=None,
        doctors=None,
        money=money,
        objectives=(ObjectiveStage("changes"),),
    )
    decisions, _ = solve_data(free, solver, time_limit_s=30)
    merged = {i for i, d in decisions.sites.items() if d.merged_into}
    people = dict(zip(free.site_ids, free.village_people[free.site_village], strict=True))
    assert merged == {min((i for i, d in zip(free.site_ids, free.decided, strict=True) if d), key=people.get)}


@pytest.mark.parametrize("seed", range(2_400, 2_410))
def test_more_money_or_looser_limits_never_worsen_fairness(seed, solver):
    """Stages of fairness, weighted ones and limits; without tolerances, which let a stage be given away for more."""
    config, inputs, access = tiny_county(seed)
    data = planning_data(ask_for_fairness(config, seed), inputs, access)
    data = dataclasses.replace(data, objectives=tuple(dataclasses.replace(o, tolerance=None) for o in data.objectives))
    base = values(data, solver)
    money = data.money
    recurrent = None if money.recurrent_limit is None else money.recurrent_limit + 90_000
    richer = dataclasses.replace(money, recurrent_limit=recurrent, capital_limit=None)
    assert not_worse(values(dataclasses.replace(data, money=richer), solver), base)
    looser = tuple(dataclasses.replace(limit, limit=limit.limit * 5 // 4) for limit in data.fairness)
    assert not_worse(values(dataclasses.replace(data, fairness=looser), solver), base)
    assert not_worse(values(dataclasses.replace(data, fairness=()), solver), base)


@pytest.mark.parametrize("seed", range(2_500, 2_508))
def test_a_larger_tolerance_never_worsens_the_next_stage(seed, solver):
    config, inputs, access = tiny_county(seed)
    data = planning_data(ask_for_fairness(config, seed), inputs, access)
    if len(data.objectives) < 2:
        return
    first, *rest = (dataclasses.replace(o, tolerance=None) for o in data.objectives)
    loose = (dataclasses.replace(first, tolerance=Tolerance(Fraction(1, 10), None)), *rest)
    strict, relaxed = (values(dataclasses.replace(data, objectives=o), solver) for o in ((first, *rest), loose))
    assert (strict is None) == (relaxed is None)
    if strict is not None:
        assert relaxed[1] <= strict[1] + 1e-9
        assert relaxed[0] >= strict[0] - 1e-9
