"""Consortia and catchments against today's: one piece each by networkx, figures planted wrong are caught."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import networkx as nx
import pytest
from test_verify_corruptions import ELSEWHERE, rules_failed

from facilityplan import workflow
from facilityplan.config import load_config
from facilityplan.plan import verify_plan, write
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.verify import claims_of

ROOT = Path(__file__).parents[2]
DEMOS = [("deqing", None), ("deqing", "two_consortia"), ("deqing", "everything"), ("xiaoyi", None), ("chizhou", None)]


def planned(name, scenario):
    loaded = load_config(ROOT / "configs" / f"{name}.yaml", scenario=scenario, overrides=["named.price=false"])
    prepared = workflow.Prepared(ROOT / "data", workflow.silent)
    return loaded.config, prepared.read(loaded.config), workflow.verified_plan(loaded, prepared)


def check_contiguous_balanced_compared(config, inputs, plan):
    """networkx over the verifier's own adjacency: pieces, sizes and changes are those that plan.json says."""
    recount = Recount(config, inputs, claims_of(plan))
    town = recount.township_of
    graph = nx.Graph()
    graph.add_edges_from((town[a], town[b]) for a, b in recount.adjacent
                         if a in town and b in town and town[a] != town[b])
    people = {t: float(sum(recount.people[recount.village_rows[v]].sum() for v, of in town.items() if of == t))
              for t in set(town.values())}
    said = {one["id"]: one for one in plan.groupings}
    groups = {"consortia": plan.decisions.consortia, "catchments": plan.decisions.catchments}
    assert set(said) == {key for key, of in groups.items() if of}
    for key, one in said.items():
        of = groups[key]
        apart = [g for g in sorted(set(of.values()))
                 if nx.number_connected_components(graph.subgraph([t for t in graph if of.get(t) == g])) > 1]
        assert one["apart_after"] == apart
        sizes = [sum(people[t] for t, g in of.items() if g == group) for group in set(of.values())]
        assert one["largest_after"] == pytest.approx(max(sizes)) and sum(sizes) == pytest.approx(one["people"])
        if one["tolerance"] is not None:
            assert one["imbalance_after"] <= one["tolerance"] + 1e-9
        if (key == "consortia" and config.rules.consortia.contiguous) or (
                key == "catchments" and config.rules.sub_centres.contiguous):
            assert not apart
        assert one["people_changing"] == pytest.approx(sum(people[c["township"]] for c in one["changes"]))
    return said


@pytest.fixture(scope="module")
def small():
    return planned("rules", "consortia")


def test_the_small_county_s_groups_hang_together_and_are_compared_with_today(small):
    said = check_contiguous_balanced_compared(*small)
    assert said["consortia"]["groups_before"] >= 1 and said["consortia"]["groups_after"] >= 2
    document = json.loads(write.plan_json(small[2]))
    assert [one["id"] for one in document["groupings"]] == [one["id"] for one in small[2].groupings]


@pytest.mark.parametrize("change", [
    {"people_changing": 1.0}, {"imbalance_before": 0.123}, {"apart_after": ["x"]}, {"largest_after": 5.0},
    {"tolerance": 0.9}, {"changes": [{"township": "x", "from": "a", "to": "b", "people": 1.0}]}, {"groups_before": 9}])
def test_a_wrong_figure_is_caught(small, change):
    config, inputs, plan = small
    first, *rest = plan.groupings
    assert first[next(iter(change))] != next(iter(change.values()))
    wrong = dataclasses.replace(plan, groupings=({**first, **change}, *rest))
    assert rules_failed(verify_plan(config, inputs, wrong)) == set(ELSEWHERE["test_groupings"])


def test_a_missing_record_is_caught(small):
    config, inputs, plan = small
    verdict = verify_plan(config, inputs, dataclasses.replace(plan, groupings=()))
    assert any(text.startswith("groupings:") for text in verdict.failures)


@pytest.mark.campaign
@pytest.mark.parametrize(("name", "scenario"), DEMOS)
def test_the_demonstrations(name, scenario):
    check_contiguous_balanced_compared(*planned(name, scenario))
