"""Works: which sets of them suffice, what blocks them, and who can pay; by looking at every case."""

from __future__ import annotations

import dataclasses
import itertools
import random
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "oracle"))

from model_works import hand_county_with_works

from facilityplan.errors import Infeasible
from facilityplan.model.evaluate import evaluate
from facilityplan.model.sets_works import blockers, funding_rows
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.why import refusals
from facilityplan.plan.money import split_of


@pytest.mark.parametrize("seed", range(40))
def test_some_sufficient_set_is_done_where_of_each_blocker_something_is(seed):
    rng = random.Random(seed)
    sufficient = [frozenset(rng.sample(range(5), rng.randint(1, 3))) for _ in range(rng.randint(1, 4))]
    found = blockers(sufficient)
    for done in itertools.chain.from_iterable(itertools.combinations(range(5), n) for n in range(6)):
        enough = any(s <= set(done) for s in sufficient)
        assert enough == all(set(b) & set(done) for b in found)


@pytest.mark.parametrize("seed", range(60))
def test_money_is_split_exactly_where_the_rows_hold(seed):
    """The rows (Gale's condition), the canonical split, and a search for any split at all agree."""
    rng = random.Random(seed)
    amount = tuple(rng.choice([None, 0, 2, 3, 5, 8]) for _ in range(rng.randint(1, 3)))
    every = range(len(amount))
    payers = [frozenset(rng.sample(every, rng.randint(1, len(amount)))) for _ in range(3)]
    bills = [rng.randint(0, 6) for _ in range(3)]
    usable = frozenset(s for s in every if rng.random() < 0.8)
    rows = all(sum(bills[k] for k in items) <= most for _, items, most in funding_rows(payers, amount, usable))
    left = {f"s{s}": amount[s] for s in every if s in usable}
    split = split_of([(str(k), bills[k], [f"s{s}" for s in payers[k]]) for k in range(3)], left)
    paid = all(sum(split.get(str(k), {}).values()) == bills[k] for k in range(3))
    assert paid == rows == _payable(bills, payers, amount, usable)
    for source, most in left.items():
        assert most is None or sum(part.get(source, 0) for part in split.values()) <= most
    for k in range(3):
        assert all(int(source[1:]) in payers[k] & usable for source in split.get(str(k), {}))


def _payable(bills, payers, amount, usable) -> bool:
    states = {tuple(99 if amount[s] is None else amount[s] for s in range(len(amount)))}
    for bill, mine in zip(bills, payers, strict=True):
        following = set()
        for state in states:
            mays = (range(bill + 1) if s in mine & usable else (0,) for s in range(len(amount)))
            for part in itertools.product(*mays):
                if sum(part) == bill and all(p <= have for p, have in zip(part, state, strict=True)):
                    following.add(tuple(have - p for p, have in zip(part, state, strict=True)))
        states = following
    return bool(states)


def test_bills_draw_on_the_sources_in_their_order_and_leave_what_others_need():
    bills = [("a", 5, []), ("b", 3, ["first"])]
    assert split_of(bills, {"first": 5, "second": 9}) == {"a": {"first": 2, "second": 3}, "b": {"first": 3}}
    assert split_of(bills, {"first": None, "second": 9}) == {"a": {"first": 5}, "b": {"first": 3}}


def free_county(**changes):
    """The hand-made county with works, its tightest other rules left out, so that it has a plan."""
    data = hand_county_with_works()
    changes = {"forbidden": np.zeros(5, bool), "amount": (9_000_000, 9_000_000, None), **changes}
    works = dataclasses.replace(data.works, **changes)
    dropped = frozenset({"no_harm", "circle_share", "blank_villages", "recurrent_budget", "balance", "levels",
                         "doctor_balance", "sub_centre_forbidden", "works_required"})
    return dataclasses.replace(data, works=works, circle_floors=(), max_blank=None, dropped=dropped)


@pytest.fixture(scope="module")
def solver():
    with Solver(in_process=True) as one:
        yield one


def test_two_works_lift_a_hospital_that_neither_lifts_alone(solver):
    data = free_county()
    only = dataclasses.replace(data.sub_centres, required=np.array([False, False, True]), max_count=1)
    decisions, _ = solve_data(dataclasses.replace(data, sub_centres=only), solver, time_limit_s=30)
    assert {"床", "楼"} <= set(decisions.works)  # 迁 saves money and is done as well
    assert decisions.sites["院2"].sub_centre


def test_a_required_hospital_may_be_the_centre_where_it_moves_to(solver):
    data = free_county(required=np.array([0, 0, 0, 0, 1], bool))
    data = dataclasses.replace(data, dropped=data.dropped - {"works_required"})
    decisions, _ = solve_data(data, solver, time_limit_s=30)
    assert decisions.works == ("迁",)
    assert str(decisions.sites["院1"].action) == "relocate" and decisions.sites["院1"].doctors == 0
    assert decisions.sites["新2"].sub_centre and decisions.sites["新2"].doctors == 9
    assert not any(d.merged_into == "院1" for d in decisions.sites.values())
    assert evaluate(data, decisions).feasible
    assert not refusals(data, decisions).query("host == '院1' and accepted").size


def test_a_conflict_of_money_is_named(solver):
    data = free_county(required=np.array([0, 0, 0, 0, 1], bool), amount=(3_000_000, 2_000_000, None))
    data = dataclasses.replace(data, dropped=data.dropped - {"works_required"})
    with pytest.raises(Infeasible) as raised:  # 7 million are needed, 3 million may pay for it without a loan
        solve_data(data, solver, time_limit_s=30)
    assert set(raised.value.rules) == {"works_required", "funding_amount", "no_debt"}
    assert "rules.works.迁.required" in {f.field for f in raised.value.faults}


def test_the_order_of_works_changes_nothing(solver):
    data = free_county()
    first, _ = solve_data(data, solver, time_limit_s=30)
    second, _ = solve_data(dataclasses.replace(data), solver, time_limit_s=30)
    assert dict(first.sites) == dict(second.sites) and first.works == second.works
