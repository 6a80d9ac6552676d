"""Blocks that share money, and what a run says of its changes, on the small county."""

import json
from pathlib import Path

import pytest

from facilityplan import workflow

ROOT = Path(__file__).parents[3]
STAGES = "objectives=[{minimise: cost}, {minimise: person_minutes, standard: circle}, {minimise: changes}]"


def test_a_plan_of_visits_alone_does_not_say_that_nothing_changes(tmp_path):
    [run] = workflow.run(ROOT / "configs" / "rules.yaml", scenarios=["contact"], out=tmp_path,
                         overrides=["rules.budget.capital_cny=0"])
    plan = run.plan
    assert plan.facilities["service"].notna().any() and plan.facilities["merged_into"].isna().all()
    assert not any("stay as they are today" in note.en for note in plan.notes)


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    [run] = workflow.run(ROOT / "configs" / "rules.yaml", scenarios=["works"], out=out, overrides=[
        "rules.modes={circuit: {}, neighbour: {}}", "rules.balance.form=off", STAGES])
    return json.loads((run.folder / "plan.json").read_bytes())


def test_visited_clinics_cost_no_merger_and_sources_pay_exactly_the_capital(together):
    visited = [v for v in together["villages"] if v["mode"] in ("circuit", "neighbour")]
    assert len(visited) > 3 and any(work["done"] for work in together["works"])
    capital = together["metrics"]["capital_cost_cny"]
    works = sum(work["capital_cost_cny"] for work in together["works"] if work["done"])
    assert works + together["capital_other"]["capital_cost_cny"] == capital
    assert sum(source["used_cny"] for source in together["funding"]) == capital
    assert sum(facility["capital_cost_cny"] for facility in together["facilities"]) == capital


def test_every_key_given_on_the_command_line_is_named_an_empty_section_too(together):
    [note] = [note["en"] for note in together["notes"] if note["en"].startswith("changed with --set")]
    assert note.endswith(": objectives, rules.balance.form, rules.modes")
    assert together["scenario_name"]["en"].endswith("(changed on the command line)")
