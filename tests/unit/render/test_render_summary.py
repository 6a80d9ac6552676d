from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from facilityplan.compare import RunRecord
from facilityplan.model.types import StageResult
from facilityplan.plan.texts import canonical_json
from facilityplan.plan.types import Verification
from facilityplan.render.comparison_map import _run
from facilityplan.render.few import people, public_people
from facilityplan.render.summary import (
    any_given,
    counts,
    headline,
    minutes_to_host,
    percent,
    proof_text,
    site_symbol,
    stage_lines,
    stage_name,
    stage_rows,
    verdict_tone,
    verification_text,
    without_clinic,
)
from facilityplan.render.words import WORDS


def with_target(plan, target):
    return replace(plan, standards=(plan.standards[0].model_copy(update={"target_share": target}),))


@pytest.mark.parametrize("basis", ["real", "synthetic", "assumed"])
@pytest.mark.parametrize(("target", "end"), [(0.5, "met"), (0.9999, "not_met"), (None, "no_target")])
def test_the_verdict_says_what_the_data_allow(made, basis, target, end):
    head = headline(with_target(replace(made.plan, data_basis=basis), target))
    assert head.verdict == f"verdict_{basis}_{end}"
    text = WORDS[head.verdict]
    if basis != "real":
        assert text.en not in ("Met", "Not met") and text.zh not in ("达标", "未达标")
    assert verdict_tone(head) == {"met": "met", "not_met": "", "no_target": "plain"}[end]


def test_a_target_hit_to_the_last_person_is_met(made):
    share = headline(made.plan).share_after
    assert headline(with_target(made.plan, share)).verdict == "verdict_synthetic_met"


def test_a_failed_verification_outweighs_everything(made):
    plan = with_target(replace(made.plan, verified=Verification(False, 9, ("x", "y"))), 0.1)
    head = headline(plan)
    assert head.verdict == "verdict_failed" and verdict_tone(head) == ""
    assert "2 of 9" in verification_text(plan, head).en
    unverified = replace(plan, verified=None)
    assert verification_text(unverified, headline(unverified)) == WORDS["not_verified"]


@pytest.mark.parametrize(("status", "gaps", "proven", "zh"), [
    ("optimal", [0.0, 0.0], True, "已证明最优"),
    ("optimal", [0.0, 0.01], False, "未证明最优"),  # a status is not believed against its own bound
    ("feasible", [0.0, 0.0123], False, "1.23"),
    ("feasible", [0.0, 0.0], False, "未证明最优"),
    ("feasible", [0.0, float("nan")], False, "未知"),
    ("feasible", [], False, "未知"),
    ("optimal", [], False, "未知"),
])
def test_proof_is_claimed_only_where_every_stage_is_proven(made, status, gaps, proven, zh):
    stages = tuple(StageResult("uncovered", 1.0, 1.0, gap, 0.1) for gap in gaps)
    head = headline(replace(made.plan, solve=replace(made.plan.solve, status=status, stages=stages)))
    assert head.proven is proven
    assert zh in proof_text(head).zh
    assert ("Not proven" in proof_text(head).en) is not proven


def test_the_same_stage_for_two_standards_keeps_both_gaps(made):
    stages = tuple(StageResult("uncovered", 1.0, 1.0, gap, 0.1) for gap in (0.2, 0.0))
    assert headline(replace(made.plan, solve=replace(made.plan.solve, status="feasible", stages=stages))).gap == 0.2


def test_people_over_65_are_counted_where_the_standard_is_theirs(made):
    old = made.plan.standards[0].model_copy(update={"group": "age65"})
    plan = replace(made.plan, standards=(old,), metrics={**made.plan.metrics, "people_within_circle_after": 10.0})
    assert headline(plan).people == pytest.approx(made.plan.cells["people_65"].sum())


def test_figures_as_printed():
    assert percent(0.99994) == "99.9\u00a0%" and percent(1.0) == "100.0\u00a0%"
    assert percent(0.00001) == "<\u00a00.1\u00a0%"
    assert percent(0.0) == "0.0\u00a0%" and percent(None) == "–"
    assert people(9.99) == "<\u00a010" and people(10) == "10" and people(0) == "0" and people(1234.4) == "1,234"


def test_counts_leave_private_clinics_out(made):
    tally, sites = counts(made.plan, made.inputs), made.plan.facilities
    private = set(made.inputs.facilities.loc[made.inputs.facilities["ownership"] == "private", "id"])
    clinics = sites[(sites["kind"] == "village_clinic") & ~sites["id"].isin(private)]
    assert private
    assert tally.kept + tally.merged + tally.built == len(clinics)
    assert (tally.merged, tally.built) == ((clinics["action"] == "close").sum(), (clinics["action"] == "build").sum())


def test_the_way_to_the_host_comes_from_the_refusals_or_else_from_the_village(made):
    merged = made.plan.facilities.loc[made.plan.facilities["action"] == "close", "id"]
    assert set(minutes_to_host(made.plan)) == set(merged)
    bare = replace(made.plan, refusals=made.plan.refusals.iloc[:0])
    assert set(minutes_to_host(bare)) == set(merged)


def test_failures_that_are_not_spelled_out_count_too(made):
    plan = replace(made.plan, verified=Verification(False, 900, ("x", "y: 104 more of 124 failed checks"), failed=125))
    assert "125 of 900 checks" in verification_text(plan, headline(plan)).en


def test_a_stage_below_a_stopped_one_holds_only_given_it(made):
    def rows(*gaps):
        stages = tuple(StageResult(name, 5.0, 5.0, gap, 0.1) for name, gap in zip("abc", gaps, strict=True))
        plan = replace(made.plan, solve=replace(made.plan.solve, status="feasible", stages=stages))
        given = ["given the stage above" in row.gap.en for row in stage_rows(plan)]
        assert given == ["以上级所得为前提" in row.gap.zh for row in stage_rows(plan)]
        assert any_given(plan) is any(given)
        assert [row.name.en for row in stage_rows(plan)] == list("abc")
        return given

    assert rows(0.0, 0.0, 0.0) == [False] * 3
    assert rows(0.0, 0.02, 0.0) == [False, False, True]
    assert rows(0.02, 0.0, 0.0) == [False, True, True]
    assert rows(float("nan"), 0.0, 0.0) == [False, True, True]
    assert rows(0.0, 0.0, 0.02) == [False] * 3


def test_stages_make_lines_for_a_terminal(made):
    assert [line.en for line in stage_lines(made.plan)] == [
        "1. fewest people outside: 120, gap 0\u00a0%", "2. fewest person-minutes: 1,000,000, gap 0\u00a0%",
        "3. least cost: 9,000,000, gap 0\u00a0%"]


def test_few_people_are_no_figure_in_a_published_table():
    assert public_people(9.99) == people(9.99) and public_people(0.0) == 0.0
    assert public_people(10.4) == 10.0 and public_people(None) is None and public_people(float("nan")) is None


def test_villages_without_any_site_come_first_the_farthest_first(made):
    villages = made.plan.villages.assign(no_clinic_because=None)
    for row, why, minutes in ((1, "hospital_here", 9.0), (2, "no_candidate_site", 3.0), (3, "candidate_not_built", 7.0),
                              (4, "no_candidate_site", float("nan"))):
        villages.loc[row, ["no_clinic_because", "minutes_after"]] = [why, minutes]
    listed = without_clinic(replace(made.plan, villages=villages))
    assert listed.index.tolist() == [4, 3, 2, 1]


def test_stages_are_named_in_words(made):
    assert "15 分钟健康服务圈" in stage_name(made.plan, "uncovered[circle]").zh
    assert stage_name(made.plan, "uncovered[other]").en == "fewest people outside (other)"
    assert stage_name(made.plan, "novel").en == "novel"


def test_a_stage_that_counts_people_does_not_print_fewer_than_ten(made):
    stages = (StageResult("uncovered[circle]", 7.0, 7.0, 0.0, 0.1), StageResult("changes", 7.0, 7.0, 0.0, 0.1),
              StageResult("uncovered", 12.0, 12.0, 0.0, 0.1))
    plan = replace(made.plan, solve=replace(made.plan.solve, stages=stages))
    assert [row.printed(row.value) for row in stage_rows(plan)] == ["<\u00a010", "7", "12"]


def test_a_comparison_marks_every_site_as_the_plan_s_own_map_does(made):
    sites = made.plan.facilities.copy()
    hospitals = sites.index[(sites["kind"] == "township_hospital") & ~sites["sub_centre"]]
    for row, action in zip(hospitals, ("rebuild", "relocate"), strict=False):
        sites.loc[row, "action"] = action
    sites.loc[sites.index[sites["action"] == "keep"][0], ["service", "served_from"]] = ["posted", sites["id"].iloc[-1]]
    rows = sites.astype(object).where(sites.notna(), None).to_dict("records")
    told = pd.DataFrame(json.loads(canonical_json(rows)))  # as plan.json holds it
    told = told.set_index("id", drop=False).rename_axis(None)
    document = {"scenario_name": {"zh": "情景", "en": "a"}, "solve": {"status": "optimal"}}
    run = RunRecord("A", Path(), document, None, {}, made.plan.villages, told, made.plan.cells)
    drawn = _run(run, made.inputs, False)["sites"]["symbol"]
    wanted = site_symbol(sites, made.inputs)
    assert drawn == [wanted[key] for key in sites["id"]]
    assert {"hospital_works", "hospital_left", "posted", "merged", "host"} <= set(drawn)
