"""A plan in which little or nothing changes says so, and says why."""

from __future__ import annotations

import pytest
import small_county as small

from facilityplan.domain.decisions import SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.plan.notes import plan_notes

BASE = {"clinics_merged": 0, "clinics_built": 0, "clinics_before": 9, "clinic_doctors_before": 20,
        "clinic_doctors_after": 17, "annual_cost_cny_before": 500.0, "annual_cost_cny": 450.0}


def notes(metrics=None, slacks=None, config=None, decided=None):
    made = plan_notes(config or small.config(), small.county(), {"circle": True, "elderly": True},
                      decided or small.decisions(), {**BASE, **(metrics or {})}, slacks or {})
    return "\n".join(note.zh for note in made), "\n".join(note.en for note in made)


def test_a_plan_that_changes_no_clinic_says_that_money_did_not_bind_and_why_the_cost_falls():
    zh, en = notes(slacks={"recurrent_budget": 1_000_000})
    assert "现有 9 个公立卫生室（站）全部保留，与现状相同" in zh
    assert "不起约束（尚余 1,000,000 元）" in zh and "医生减少 3 名" in zh
    assert "all 9 public clinics stay as they are today" in en
    assert "does not bind (1,000,000 CNY are left)" in en and "3 doctors fewer" in en


@pytest.mark.parametrize("slacks", [{}, {"recurrent_budget": 0}])
def test_a_budget_without_slack_is_not_said_to_be_loose(slacks):
    assert "does not bind" not in notes(slacks=slacks)[1]


def test_a_cost_that_does_not_fall_needs_no_reason():
    assert "doctors" not in notes({"annual_cost_cny": 500.0})[1]


@pytest.mark.parametrize("changed", [{"clinics_merged": 1}, {"clinics_built": 1}, {"clinics_before": 0}])
def test_a_plan_that_changes_something_is_not_called_today_s(changed):
    assert "as they are today" not in notes(changed)[1]


def test_a_freedom_that_no_merger_uses_is_said_not_to_bind():
    free = small.config(hosts={"same_township": False})
    assert "none does: that rule does not bind here" in notes(config=free)[1]
    across = small.decisions(C03b=SiteDecision(Action.CLOSE, "C02", 0))  # 东乡 into 西乡
    zh, en = notes(config=free, decided=across)
    assert "4 个合并中有 1 个跨乡镇" in zh and "township's line: 1 of 4 do" in en
    assert "township" not in notes(decided=across)[1], "where the rule is in force it is the verifier's matter"
    dropped = small.config(without=["same_consortium"])
    assert "mergers may cross a consortium's line" in notes(config=dropped)[1]
