"""The verifier on fairness: limits, figures, weighted stages and tolerances, each corruption found by name."""

from __future__ import annotations

import dataclasses

import pytest
from test_verify_corruptions import rules_failed, small

from facilityplan.config.schema import Config
from facilityplan.plan import verify_plan

STAGES = [
    {"minimise": "max_minutes", "standard": "elderly", "tolerance": {"share": 0.1}},
    {"minimise": "worst_decile", "tolerance": {"value": 0.5}},
    {"minimise": "kolm_pollak", "tolerance": {"share": 0.02}},
    {"minimise": "kolm_pollak", "standard": "elderly", "kappa": 0.05},
    {
        "weighted": [
            {"minimise": "uncovered", "weight": 2.5},
            {"minimise": "worst_decile", "standard": "elderly", "weight": 0.1},
            {"minimise": "kolm_pollak", "weight": 1},
            {"minimise": "cost", "weight": 0.001},
            {"minimise": "changes", "weight": 7},
        ],
        "tolerance": {"value": 100},
    },
    {"minimise": "cost"},
]
LIMITS = [
    {"measure": "mean_minutes", "limit": 2.7},
    {"measure": "max_minutes", "standard": "elderly", "limit": 40, "per_township": True},
    {"measure": "worst_decile", "limit": 9, "per_township": True},
    {"measure": "kolm_pollak", "limit": 3.4},
    {"measure": "kolm_pollak", "standard": "elderly", "kappa": 0.3, "limit": 60},  # bends at 30 minutes
]


def config(**rules) -> Config:
    raw = small.config(**{"fairness": LIMITS, **rules}).model_dump(mode="json")
    return Config.model_validate({**raw, "objectives": STAGES})


@pytest.fixture(scope="module")
def plan():
    return small.make_plan(config())


def failed(plan, cfg=None):
    return verify_plan(cfg or config(), small.county(), plan)


def test_a_plan_with_every_measure_passes(plan):
    verification = failed(plan)
    assert verification.failures == ()
    names = [s.name for s in plan.solve.stages]
    assert names == ["max_minutes:elderly", "worst_decile:circle", "kolm_pollak:circle", "kolm_pollak:elderly",
                     "weighted", "cost"]  # fmt: skip
    assert [p.name for p in plan.solve.stages[4].parts] == [
        "uncovered[circle]", "worst_decile[elderly]", "kolm_pollak[circle]", "cost", "changes"]  # fmt: skip
    assert plan.solve.stages[0].tolerance.allowed == 4  # a tenth of forty minutes


@pytest.mark.parametrize(
    ("index", "limit", "rule", "named"),
    [
        (0, {"limit": 2.65}, "mean_minutes_limit", "circle: mean_minutes comes to 2.6513"),
        (1, {"limit": 39}, "max_minutes_limit", "elderly in "),
        (1, {"limit": None, "no_worse_than_today": True}, "max_minutes_limit", "elderly: max"),
        (2, {"limit": 6.9}, "worst_decile_limit", "circle: worst_decile comes to 6.9579"),
        (2, {"limit": None, "no_worse_than_today": True}, "worst_decile_limit", "5.8774 are allowed"),
        (3, {"limit": 3.39}, "kolm_pollak_limit", "circle: kolm_pollak comes to 3.3947"),
        (4, {"limit": 15}, "kolm_pollak_limit", "elderly: kolm_pollak"),
    ],
)
def test_a_limit_exceeded_is_found_by_its_name(plan, index, limit, rule, named):
    tighter = [{**one, **limit} if k == index else one for k, one in enumerate(LIMITS)]
    verification = failed(plan, config(fairness=tighter))
    assert rules_failed(verification) == {rule}
    assert any(named in f for f in verification.failures), verification.failures
    assert failed(plan, config(fairness=tighter, without=[rule])).ok


def figure(name, key, value):
    def edit(plan):
        blocks = {k: dict(v) for k, v in plan.metrics["fairness"].items()}
        blocks[name][key] = value
        return dataclasses.replace(plan, metrics={**plan.metrics, "fairness": blocks})

    return edit


def stage(k, **changes):
    def edit(plan):
        stages = list(plan.solve.stages)
        stages[k] = dataclasses.replace(stages[k], **{key: f(stages[k]) for key, f in changes.items()})
        return dataclasses.replace(plan, solve=dataclasses.replace(plan.solve, stages=tuple(stages)))

    return edit


def used(**changes):
    return lambda s: dataclasses.replace(s.tolerance, **changes)


CORRUPTIONS = [
    ("a worst tenth too small", figure("circle", "worst_decile_minutes_after", 6.9), "metrics"),
    ("the farthest person nearer", figure("elderly", "max_minutes_after", 39.0), "metrics"),
    ("equivalent minutes of today", figure("circle", "kolm_pollak_minutes_before", 2.8), "metrics"),
    ("people without a way forgotten", figure("elderly", "people_without_way", 0.0), "metrics"),
    ("another aversion", figure("circle", "kappa", 0.3), "metrics"),
    ("another scale", figure("circle", "kolm_pollak_unit", 10.0), "metrics"),
    ("a standard left out", lambda p: dataclasses.replace(
        p, metrics={**p.metrics, "fairness": {"circle": p.metrics["fairness"]["circle"]}}), "metrics"),
    ("fairness left out", lambda p: dataclasses.replace(
        p, metrics={k: v for k, v in p.metrics.items() if k != "fairness"}), "metrics"),
    ("a stage's value", stage(2, value=lambda s: s.value - 0.01, bound=lambda s: s.bound - 0.01), "objectives"),
    ("a weighted sum", stage(4, value=lambda s: s.value - 1, bound=lambda s: s.bound - 1), "objectives"),
    ("a part's value", stage(4, parts=lambda s: (
        dataclasses.replace(s.parts[0], value=s.parts[0].value + 5), *s.parts[1:])), "objectives"),
    ("a part's weight", stage(4, parts=lambda s: (
        dataclasses.replace(s.parts[0], weight=2.0), *s.parts[1:])), "objectives"),
    ("a part left out", stage(4, parts=lambda s: s.parts[1:]), "objectives"),
    ("a tolerance too large", stage(0, tolerance=used(allowed=5.0)), "objectives"),
    ("a tolerance too large in minutes", stage(1, tolerance=used(allowed=0.6)), "objectives"),
    ("a tolerance too large of the sum", stage(2, tolerance=used(allowed=0.2)), "objectives"),
    ("a tolerance overdrawn", stage(0, tolerance=used(best=35.0, used=5.0), bound=lambda s: 35.0), "objectives"),
    ("a use that is not there", stage(0, tolerance=used(used=1.0)), "objectives"),
    ("a tolerance nobody asked for", stage(5, tolerance=lambda s: plan_tolerance()), "objectives"),
    ("a tolerance unsaid", stage(0, tolerance=lambda s: None), "objectives"),
    ("a bound above the best", stage(0, tolerance=used(best=39.0, used=1.0)), "status"),
]  # fmt: skip


def plan_tolerance():
    from facilityplan.model.types import ToleranceUse

    return ToleranceUse(1.0, 0.0, 0.0)


@pytest.mark.parametrize(("what", "corrupt", "rule"), CORRUPTIONS, ids=[c[0] for c in CORRUPTIONS])
def test_a_corrupted_figure_is_found(plan, what, corrupt, rule):
    verification = failed(corrupt(plan))
    assert rule in rules_failed(verification), verification.failures
