"""One scenario against another: the same plan is called so, a different one is told by its figures."""

from __future__ import annotations

import dataclasses

import small_county as small

from facilityplan.domain.decisions import SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.errors import Text
from facilityplan.plan.differences import difference


def named(plan):
    return dataclasses.replace(plan, scenario_name=Text("别的情景", "another scenario"))


def test_the_same_decisions_are_called_the_same_plan():
    said = difference(named(small.make_plan()), small.make_plan())
    assert said.en == "the same plan as “default scenario”: what this scenario changes does not bind"
    assert "完全相同" in said.zh and "默认情景" in said.zh


def test_different_decisions_are_told_by_sites_people_and_money():
    kept = small.make_plan(small.config(), decided=small.decisions(C08=SiteDecision(Action.KEEP, doctors=1)))
    base = small.make_plan()
    said = difference(kept, base)
    assert said.en.startswith("against “default scenario”: 1 sites are decided or staffed otherwise")
    more = kept.metrics["annual_cost_cny"] - base.metrics["annual_cost_cny"]
    assert more > 0 and f"{more:,.0f} CNY a year more" in said.en and f"年运行费用多 {more:,.0f} 元" in said.zh
    inside = [plan.metrics["elderly"]["people_within_circle_after"] for plan in (kept, base)]
    assert f"{inside[0] - inside[1]:,.0f} more inside: " in said.en
    assert "as many inside: " in said.en, "the first circle holds the same people"
    assert f"{more:,.0f} CNY a year less" in difference(base, kept).en


def test_reserves_alone_make_another_plan():
    base = small.make_plan()
    other = dataclasses.replace(base, decisions=dataclasses.replace(base.decisions, hires={"东乡": 1, "西乡": 0}))
    assert "the same plan" not in difference(other, base).en
