"""Every indicator counted by hand in the small county and recounted by the verifier; planted lies in answers fail."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from test_verify_corruptions import ELSEWHERE, rules_failed, small

from facilityplan.config.clauses import Measure
from facilityplan.domain.decisions import SiteDecision
from facilityplan.domain.indicators import INDICATORS, PARAMETERS
from facilityplan.domain.kinds import Action
from facilityplan.plan import Plan, verify_plan
from facilityplan.plan.clause_figures import Figure
from facilityplan.plan.clauses import decide
from facilityplan.plan.indicators_system import COUNT
from facilityplan.plan.recount_clauses import verdict
from facilityplan.plan.recount_indicators import RECOUNT, Found

NAMED = [{"id": "both", "name": "甲", "name_en": "a", "site": "C03", "host": "C03b"},
         {"id": "any", "name": "乙", "name_en": "b", "site": "C01"},
         {"id": "takes", "name": "戊", "name_en": "e", "site": "C07"},
         {"id": "never", "name": "丙", "name_en": "c", "site": "C02", "host": "C10"},
         {"id": "apart", "name": "丁", "name_en": "d", "site": "C05", "host": "C08"}]  # fmt: skip
WORKS = [{"id": "lift", "name": "提级", "name_en": "lift", "facility": "T02", "kind": "level_up",
          "capital": {"value": 400_000, "unit": "CNY"}},
         {"id": "idle", "name": "不做", "name_en": "idle", "facility": "T11", "kind": "strengthen",
          "capital": {"value": 900_000, "unit": "CNY"}}]  # fmt: skip
FUNDING = [{"id": "county", "name": "县", "name_en": "county", "amount_cny": 700_000},
           {"id": "loan", "name": "借款", "name_en": "loan", "debt": True}]
PEOPLE = 15_736 - 32 + 50 * 0.03  # eight in a hundred of V12 stand nowhere; 50 cells, 0.03 more in each
CAPITAL = 300_000 + 900_000 + 4 * 20_001 + 400_000  # K12 built, T11 upgraded, four mergers, T02 lifted

# indicator, its parameters, the least and the most that the figure can be
ANSWERS: list[tuple[str, dict[str, Any], float | None, float | None]] = [
    ("figure", {"key": "clinics_merged"}, 4, 4),
    ("figure", {"key": "elderly.limit"}, None, None),
    ("people_in_circle", {"standard": "circle"}, 1 - 44.09 / PEOPLE, 1 - 44.09 / PEOPLE),
    ("mergers", {}, 4, 4),
    ("mergers_adjacent", {}, 1, 1),
    ("minutes_to_host", {}, 7.1, 7.1),
    ("named_mergers", {}, 3, 3),
    ("named_mergers", {"mergers": ["both", "never"], "share": True}, 0.5, 0.5),
    ("small_villages_served", {"max_people": 501}, 2 / 3, 2 / 3),  # V05, V12 and the island V13, which has nothing
    ("villages_by_mode", {"modes": ["merge", "none"]}, 5, 5),  # V01, V05, V08; V11, V13
    ("sub_centres", {}, 1, 1),
    ("sub_centres", {"sites": ["T02"]}, 0, 0),
    ("catchment_townships", {}, 1, 1),
    ("hospitals_at_level", {"level": 2}, 2, 2),
    ("hospitals_at_level", {"level": 3, "sites": ["T11", "H06"], "share": True}, 0.5, 0.5),
    ("hospitals_decided", {"sites": ["T02", "H06"]}, 1, 1),
    ("sites_with", {"column": "beds", "at_least": 60}, 2, 11),  # H06 and T11; clinics say nothing of beds
    ("sites_with", {"column": "tcm", "value": True, "kinds": ["station"]}, 0, 1),
    ("sites_with", {"column": "floor_area_m2", "at_least": 90, "kinds": ["village_clinic"], "ownership": "public",
                    "share": True}, 4 / 7, 5 / 7),  # of C02 C03 C04 C07 C09 C10 K12; K12's area is not known
    ("sites_with", {"column": "beds", "at_least": 1, "sites": ["T02"], "ownership": "private"}, 0, 0),
    ("people_near", {"column": "beds", "at_least": 60, "mode": "drive", "limit_min": 10,
                     "kinds": ["county_hospital", "township_hospital"]}, 0.918863, 0.918863),
    ("total", {"numerator": [{"table": "facilities", "column": "doctors", "kinds": ["station"]},
                             {"table": "facilities", "column": "doctors", "sites": ["C02"]}]}, 5, 5),
    ("total", {"numerator": [{"table": "facilities", "column": "beds"}]}, None, None),
    ("ratio", {"numerator": [{"table": "facilities", "column": "doctors", "kinds": ["station"]}],
               "denominator": [{"table": "villages", "column": "people"}], "per": 10_000}, 30_000 / PEOPLE,
     30_000 / PEOPLE),
    ("works_done", {}, 1, 1),
    ("works_done", {"works": ["idle"], "by_year": 2025}, 0, 0),
    ("works_capital", {}, 400_000, 400_000),
    ("consortia", {}, 2, 2),
    ("consortia_led_by", {"sites": ["H06", "T02"]}, 1, 1),  # both in 西乡
    ("consortia_led_by", {"sites": ["H06", "T11"]}, 2, 2),
    ("consortia_apart", {}, 0, 0),
    ("consortia_imbalance", {}, 0.0825150, 0.0825150),
    ("consortium_members", {}, 1, 1),
    ("debt_share", {}, (CAPITAL - 700_000) / CAPITAL, (CAPITAL - 700_000) / CAPITAL),
    ("unfunded_share", {}, 0, 0),
    ("sources_used", {}, 2, 2),
    ("balance", {}, None, None),
    ("balance", {"kinds": ["station"]}, -477_500, -477_500),
    ("institutions_in_balance", {"kinds": ["village_clinic", "station"]}, 0, 0),
    ("institutions_in_balance", {"kinds": ["township_hospital"], "share": True}, 0, 1),
    ("services_hosted", {"services": ["stroke", "trauma"]}, 0, 0),
]  # fmt: skip


def clause(k: int, indicator: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    measure = {"id": "m", "indicator": indicator, "target": 0.5, **parameters, **more}
    return {"id": f"A-{k}", "text_zh": "要求", "text_en": "what is asked", "source": {"document": "文件"},
            "measures": [measure]}


def config(clauses: list[dict[str, Any]], **rules: Any):
    """The small county's config with works, money, named mergers and clauses."""
    whole = small.config(**({"works": WORKS, "funding": FUNDING, "budget": {"capital_cny": None}} | rules))
    return type(whole).model_validate(whole.model_dump(mode="json") | {
        "clauses": clauses, "named": {"mergers": NAMED}})


@cache
def answered() -> tuple[Any, Plan]:
    cfg = config([clause(k, name, parameters) for k, (name, parameters, *_) in enumerate(ANSWERS)])
    done = dataclasses.replace(small.decisions(T02=SiteDecision(Action.UPGRADE, doctors=13)), works=("lift",))
    return cfg, small.make_plan(cfg, decided=done)


@pytest.mark.parametrize("k", range(len(ANSWERS)), ids=[f"{n}-{sorted(p)}" for n, p, *_ in ANSWERS])
def test_a_figure_is_what_one_counts_by_hand(k):
    _, _, low, high = ANSWERS[k]
    (row,) = answered()[1].compliance[k]["measures"]
    assert (row["low"], row["high"]) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
    assert row["figure"] == (row["low"] if low == high else None)
    if low is None or low < 0.5 <= high:
        assert (row["verdict"], bool(row["needs"])) == ("not_decidable", True)
    else:
        assert row["verdict"] == ("met" if low >= 0.5 else "not_met")


def test_the_verifier_counts_the_same():
    cfg, plan = answered()
    verification = verify_plan(cfg, small.county(), plan)
    assert verification.failures == ()
    assert {name for name, *_ in ANSWERS} == set(INDICATORS) == set(COUNT) == set(RECOUNT)
    assert set(Measure.model_fields) > PARAMETERS
    assert {p for _, given, *_ in ANSWERS for p in given} == PARAMETERS


def test_the_readme_lists_every_indicator_with_its_parameters():
    text = (Path(__file__).parents[2] / "configs" / "README.md").read_text("utf-8")
    for name, rule in INDICATORS.items():
        cells = ["、".join(f"`{p}`" for p in given) or "–" for given in (rule.needs, rule.may)]
        assert f"| `{name}` | {rule.name.zh} · {rule.name.en} | {cells[0]} | {cells[1]} |" in text


def tampered(k: int = 1, measure: dict[str, Any] | None = None, **changes: Any) -> Plan:
    plan = answered()[1]
    rows = [dict(row) for row in plan.compliance]
    rows[k] |= changes
    if measure:
        rows[k]["measures"] = [{**rows[k]["measures"][0], **measure}]
    return dataclasses.replace(plan, compliance=tuple(rows))


LIES = {
    "a clause left out": lambda plan: dataclasses.replace(plan, compliance=plan.compliance[1:]),
    "answers in another order": lambda plan: dataclasses.replace(plan, compliance=plan.compliance[::-1]),
    "no answers at all": lambda plan: dataclasses.replace(plan, compliance=()),
    "a verdict": lambda _: tampered(verdict="met"),
    "a measure's verdict": lambda _: tampered(3, {"verdict": "not_met"}),
    "a figure": lambda _: tampered(figure=7.0),
    "a measure's figure": lambda _: tampered(3, {"figure": 5.0}),
    "an end": lambda _: tampered(16, {"high": 10.0}),
    "a target": lambda _: tampered(target=0.4),
    "a measure's target": lambda _: tampered(3, {"target": 0.4}),
    "what is missing": lambda _: tampered(6, {"short_of": ["never"]}),
    "nothing would decide it": lambda _: tampered(1, {"needs": []}),
    "a sentence": lambda _: tampered(text_en="all is well"),
    "measures": lambda _: tampered(measures=[]),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_the_answers_is_found(lie):
    cfg, plan = answered()
    told = LIES[lie](plan)
    assert told.compliance != plan.compliance
    assert rules_failed(verify_plan(cfg, small.county(), told)) == set(ELSEWHERE["test_verify_clauses"])


CASES = [  # comparison, target, target_high, low, high, verdict
    ("at_least", 3, None, 3, 3, "met"), ("at_least", 3, None, 2, 3, "not_decidable"),
    ("at_least", 3, None, 1, 2, "not_met"), ("at_most", 3, None, 3, 3, "met"),
    ("at_most", 3, None, 3, 4, "not_decidable"), ("at_most", 3, None, 4, 9, "not_met"),
    ("equals", 3, None, 3, 3, "met"), ("equals", 3, None, 2, 4, "not_decidable"), ("equals", 3, None, 4, 5, "not_met"),
    ("equals", 3, None, 1, 2, "not_met"), ("between", 3, 5, 3, 5, "met"), ("between", 3, 5, 2, 6, "not_decidable"),
    ("between", 3, 5, 5, 6, "not_decidable"), ("between", 3, 5, 6, 7, "not_met"), ("between", 3, 5, 0, 2, "not_met"),
    ("at_least", 0.3, None, 0.1 + 0.2 - 1e-16, 0.3, "met"), ("at_least", 1, None, None, None, "not_decidable"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "target", "top", "low", "high", "expected"), CASES)
def test_a_range_decides_only_where_both_ends_agree(form, target, top, low, high, expected):
    m = Measure.model_validate({"id": "m", "indicator": "mergers", "comparison": form, "target": target,
                                "target_high": top})
    assert decide(m, Figure(low, high)) == verdict(m, Found(low, high)) == expected


def test_a_clause_takes_the_worst_of_its_measures():
    def with_targets(*targets: float) -> dict[str, Any]:
        row = clause(0, "mergers", {})
        undecided = {"id": "u", "indicator": "total", "target": 1,
                     "numerator": [{"table": "facilities", "column": "beds"}]}
        return row | {"measures": [{"id": f"m{k}", "indicator": "mergers", "target": t} for k, t in
                                   enumerate(targets)] + [undecided] * (len(targets) < 2)}

    cfg = config([with_targets(4, 3), with_targets(4), with_targets(5)])
    plan = small.make_plan(cfg, decided=answered()[1].decisions)
    assert [row["verdict"] for row in plan.compliance] == ["met", "not_decidable", "not_met"]
    assert [(row["figure"], row["target"]) for row in plan.compliance] == [(4, 4), (None, 1), (4, 5)]
    assert [row["needs"] for row in plan.compliance] == [[], ["facilities.beds"], []]
    assert not verify_plan(cfg, small.county(), plan).failures


def test_sentences_say_demo_figure_target_and_what_is_missing():
    rows = answered()[1].compliance
    assert rows[3]["text_zh"] == "要求：合并的卫生室 4（目标不少于 0.50）。演示达标（文件要求）。"
    assert "Demo met" in rows[3]["text_en"] and "2–11" in rows[16]["text_en"]
    assert "Not decidable yet, for want of facilities.tcm" in rows[17]["text_en"]
    assert "尚不能判定，还缺：facilities.tcm" in rows[17]["text_zh"]
    assert "not: 丁" not in rows[6]["text_en"]  # met: nothing to hold against it
    missing = answered()[1].compliance[11]
    assert "not: T02室" in missing["text_en"] and "缺 T02室" in missing["text_zh"]
    bare = [re.sub("Demo (?:not )?met", "", row["text_en"]) for row in rows]
    assert [row["verdict"] == "not_decidable" for row in rows] == [
        text == row["text_en"] for text, row in zip(bare, rows, strict=True)], "each verdict is one of a demonstration"
    assert not [text for text in bare if re.search(r"\bmet\b", text, re.IGNORECASE)]
    assert not [row["text_zh"] for row in rows if re.search("(?<!演示)(?<!演示未)达标", row["text_zh"])]
