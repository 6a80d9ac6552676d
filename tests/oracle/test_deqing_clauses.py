"""Each of Deqing's eleven clauses answered one way today and another way where decisions, config or data differ."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from facilityplan.access import compute_access, prepare_geography
from facilityplan.config import load_config
from facilityplan.domain.decisions import Decisions, SiteDecision, Visit
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.domain.sites import is_decided
from facilityplan.errors import Text
from facilityplan.inputs import Inputs, read_inputs
from facilityplan.model.types import SolveReport
from facilityplan.plan import build_plan
from facilityplan.plan.claims import Ledger, claims_of
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_clauses import check_compliance

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "deqing.yaml"
CLAUSES = tuple(f"R-DQ-{k}" for k in range(1, 12))
SUPPLIED = {  # the columns that R-DQ-9 and R-DQ-10 ask for, a figure for each row
    "facilities": {"general_practitioners": 2, "tcm_doctors": 2, "tcm_general_practitioners": 1, "recruits": 3},
    "villages": {"registered_people": 2500, "contracted_people": 1800, "key_people": 500, "key_contracted": 460,
                 "chronic_patients": 300, "chronic_managed": 250, "visits_outside": 100},
}  # fmt: skip
XINSHI = ("新市镇", "钟管镇", "禹越镇", "新安镇", "雷甸镇", "洛舍镇", "乾元镇")
OPTIONS = ["rules.hosts.limit_min=15", "rules.modes.neighbour={}", "rules.modes.circuit={}"]


@cache
def read() -> Inputs:
    return read_inputs(load_config(CONFIG).config, ROOT / "data")


@cache
def travel():
    config = load_config(CONFIG, scenario="works", overrides=OPTIONS).config
    geography = prepare_geography(config, read())
    return geography, compute_access(config, read(), geography)


def supplied(inputs: Inputs, **changes: int) -> Inputs:
    """The county with the columns that clauses ask for, visits by kind, and every hospital at the standard."""
    tables = {}
    for name, columns in SUPPLIED.items():
        tables[name] = getattr(inputs, name).assign(**{c: float(changes.get(c, v)) for c, v in columns.items()})
    hospital = tables["facilities"]["kind"].isin(["county_hospital"])
    tables["facilities"] = tables["facilities"].assign(
        visits=np.where(hospital, float(changes.get("visits", 20_000)), 9_000.0), recommended_standard=True)
    return dataclasses.replace(inputs, **tables)


def keep_all(inputs: Inputs) -> dict[str, SiteDecision]:
    table = inputs.facilities
    return {i: SiteDecision(Action.KEEP, doctors=None if np.isnan(n) else int(n))
            for i, n, status in zip(table["id"], table["doctors"], table["status"], strict=True)
            if status == "existing"}


def answers(scenario: str, inputs: Inputs, decisions: Decisions, overrides: list[str]):
    loaded = load_config(CONFIG, scenario=scenario, overrides=overrides)
    geography, access = travel()
    refusals = read_refusals(inputs, decisions, access)
    plan = build_plan(SimpleNamespace(config=loaded.config, scenario=scenario, scenario_name=Text("甲", "a")), inputs,
                      geography, access, decisions, SolveReport("optimal", (), 0.1, True), refusals)
    ledger = Ledger()
    check_compliance(Recount(loaded.config, inputs, claims_of(plan)), ledger)
    assert ledger.failures == []
    assert ledger.checks > 100
    return {row["clause"]: row for row in plan.compliance}


def read_refusals(inputs: Inputs, decisions: Decisions, access):
    """Only the mergers made: clauses look at nothing else."""
    import pandas as pd

    times = access.sites
    row = {i: k for k, i in enumerate(times.origin_ids)}

    def minutes(clinic: str, host: str) -> float:
        part = slice(times.indptr[row[clinic]], times.indptr[row[clinic] + 1])
        return float(times.ds[part][times.site_ids[times.site[part]] == host][0]) / 600

    made = [(i, d.merged_into) for i, d in sorted(decisions.sites.items()) if d.merged_into]
    return pd.DataFrame({"clinic": [i for i, _ in made], "host": [h for _, h in made], "accepted": True, "rule": None,
                         "figure": np.nan, "limit": np.nan, "minutes": [minutes(i, h) for i, h in made]})


@cache
def today():
    inputs = read()
    return answers("today", inputs, Decisions(keep_all(inputs), {}, {}, {}), [])


@cache
def whole_document():
    """All that the document asks, decided: works, sub-centres, named mergers, consortia, visits, and data supplied."""
    inputs = supplied(read())
    config = load_config(CONFIG, scenario="works", overrides=OPTIONS).config
    sites = keep_all(inputs)
    into = {"C003": "C004", "C076": "C077", "C087": "C093", "C088": "C093", "C100": "T08"}
    for clinic, host in into.items():
        sites[f"330521-{clinic}"] = SiteDecision(Action.CLOSE, f"330521-{host}", 0)
    works = [w for w in config.rules.works if w.required or w.kind == "level_up"]
    for work in works:
        done = {"relocate": Action.RELOCATE, "rebuild": Action.REBUILD}.get(work.kind, Action.UPGRADE)
        if sites[work.facility].action is not Action.RELOCATE:
            sites[work.facility] = dataclasses.replace(sites[work.facility], action=done)
    moved = dataclasses.replace(sites["330521-T10"], action=Action.RELOCATE, doctors=0)
    sites |= {"330521-T10": moved, "330521-N01": SiteDecision(Action.BUILD, doctors=34, sub_centre=True),
              "330521-T09": dataclasses.replace(sites["330521-T09"], sub_centre=True)}
    here = set(inputs.facilities.loc[inputs.facilities["id"].isin(sites), "village"])
    town = dict(zip(inputs.villages["id"], inputs.villages["township"], strict=True))
    clinic = {town[v]: i for i, v in inputs.facilities.loc[is_decided(inputs.facilities), ["id", "village"]].to_numpy()
              if sites[i].is_open}
    visits = {v: Visit(ServiceMode.NEIGHBOUR, clinic[town[v]]) for v in inputs.villages["id"] if v not in here}
    towns = sorted(set(town.values()))
    decisions = Decisions(
        sites, dict.fromkeys(towns, "330521-T09"), {}, {},
        consortia={t: "330521-H03" if t in XINSHI else "330521-H01" for t in towns},
        works=tuple(sorted(w.id for w in works)), visits=visits)
    return inputs, decisions


@cache
def documented():
    inputs, decisions = whole_document()
    return answers("works", inputs, decisions, OPTIONS)


def test_the_clauses_are_those_of_the_county():
    assert tuple(today()) == tuple(documented()) == CLAUSES
    config = load_config(CONFIG).config
    assert {m.id for m in config.named.mergers} >= {"xianghe_yongxing", "xintang_shuibei"} and len(
        config.named.mergers) == 6


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_is_answered_by_a_constant(clause):
    before, after = today()[clause], documented()[clause]
    assert before["verdict"] != after["verdict"] == "met", (before["text_en"], after["text_en"])
    assert before["verdict"] == ("not_decidable" if clause in ("R-DQ-9", "R-DQ-10") else "not_met")


def test_only_two_clauses_want_data_and_they_name_the_columns():
    asked = {row["clause"]: row["needs"] for row in today().values() if row["verdict"] == "not_decidable"}
    assert set(asked) == {"R-DQ-9", "R-DQ-10"}
    columns = {f"{table}.{c}" for table, given in SUPPLIED.items() for c in given} | {"facilities.visits"}
    assert set(asked["R-DQ-9"]) | set(asked["R-DQ-10"]) == columns


@pytest.mark.parametrize(("clause", "changes"), [
    ("R-DQ-9", {"registered_people": 25_000}), ("R-DQ-9", {"recruits": 0}), ("R-DQ-10", {"visits": 2_000_000}),
    ("R-DQ-10", {"contracted_people": 900}), ("R-DQ-10", {"visits_outside": 90_000}),
])
def test_supplied_columns_decide_either_way(clause, changes):
    inputs, decisions = whole_document()
    del inputs
    assert answers("works", supplied(read(), **changes), decisions, OPTIONS)[clause]["verdict"] == "not_met"
