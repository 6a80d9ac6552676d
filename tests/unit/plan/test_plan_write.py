"""The plan's files: exact texts, one form, no formula for a spreadsheet to run."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import importlib.util
import io
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import small_county as small

from facilityplan.domain.columns import PLAN_CELLS, PLAN_FACILITIES, PLAN_STAFFING, PLAN_VILLAGES, names
from facilityplan.plan import texts, verify_plan, write

NOTICE = "演示数据：合成地理，非该县规划 · Demonstration: synthetic geography, not the county's plan"
NASTY = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\ttab", "＝1", "-5", "+3.5", '引"号', "逗,号", "两\n行", "", "村-1",
         " =1", "=HYPERLINK(\"http://x\")", "\r=1", "'=1", "１−２", "-", "--5"]


def verified_plan():
    plan = small.make_plan()
    return dataclasses.replace(plan, verified=verify_plan(small.config(), small.county(), plan))


def with_names(plan, values):
    villages = plan.villages.copy()
    villages["name"] = [values[k % len(values)] for k in range(len(villages))]
    return dataclasses.replace(plan, villages=villages)


def test_same_plan_same_bytes():
    small._usual_plan.cache_clear()
    first = write.files_of(small.make_plan())
    small._usual_plan.cache_clear()
    assert write.files_of(small.make_plan()) == first
    assert set(first) == {"plan.json", "villages.csv", "facilities.csv", "cells.parquet", "refusals.csv"}


def test_json_has_the_contracts_keys_and_no_faked_ones():
    plan = verified_plan()
    document = json.loads(write.plan_json(plan))
    assert document["schema_version"] == 1
    assert document["verified"]["ok"] is True
    assert set(document["solve"]) >= {"status", "objectives", "seconds", "reproducible"}
    assert set(document["solve"]["objectives"][0]) == {"name", "value", "bound", "gap"}
    assert list(document["villages"][0]) == names(PLAN_VILLAGES)
    assert list(document["facilities"][0]) == names(PLAN_FACILITIES)
    assert {"people", "people_within_circle_before", "people_within_circle_after", "mean_minutes_before",
            "mean_minutes_after", "people_unreachable", "people_beyond_horizon", "blank_villages", "capital_cost_cny",
            "annual_cost_cny", "elderly"} <= set(document["metrics"])
    for absent in ("people_within_circle_periodic_after",):
        assert absent not in document["metrics"]
    assert "compliance" not in document
    assert {village["stage"] for village in document["villages"]} == {None}  # no years
    assert {village["minutes_periodic"] for village in document["villages"]} == {None}  # nobody is visited
    assert {village["consortium"] for village in document["villages"]} == {None}  # none are formed
    assert "consortia" not in document
    assert [v["id"] for v in document["villages"]] == sorted(v["id"] for v in document["villages"])
    assert document["standards"][0]["binding"] is False
    east = document["townships"][0]
    assert east == {
        "name": "东乡", "catchment_of": "T11", "hires": 0, "reserve": 1, "doctors_before": 8, "doctors_retiring": 1,
        "doctors_hired": 0, "doctors_borrowed": 0, "doctors_after": 7, "doctors_moving": 2, "doctors_under_40": None,
        "doctors_40_59": None, "doctors_60_plus": 1, "doctors_60_plus_after": 0, "doctors_age_unknown": 7, "posts": 7,
        "posts_vacant_before": 0, "posts_vacant_after": 2, "people": 7204.0, "posts_by_norm": 8,
        "posts_to_fill_before": 0, "posts_to_fill_after": 1}
    assert set(east) - {"catchment_of", "hires", "reserve"} == set(names(PLAN_STAFFING))


def test_minutes_that_do_not_exist_are_null_with_a_state():
    plan = small.make_plan()
    island = next(v for v in json.loads(write.plan_json(plan))["villages"] if v["id"] == "V13")
    assert island["minutes_after"] is None
    cells = pq.read_table(io.BytesIO(write.cells_parquet(plan))).to_pandas()
    assert list(cells.columns) == names(PLAN_CELLS)
    assert set(cells["state_after"]) == {"value", "beyond", "unreachable"}
    assert cells["minutes_after"].isna().sum() == (cells["state_after"] != "value").sum() == 3
    assert cells["minutes_after"].max() <= 240


def test_parquet_carries_units_and_no_pandas_index():
    schema = pq.read_schema(io.BytesIO(write.cells_parquet(small.make_plan())))
    assert schema.field("minutes_after").metadata[b"unit"] == b"min"
    assert b"pandas" not in (schema.metadata or {})


def test_floats_in_json_and_csv_have_the_same_digits():
    plan = small.make_plan()
    rows = json.loads(write.plan_json(plan), parse_float=str, parse_int=str)["villages"]
    header, got = texts.read_csv(write.villages_csv(plan))
    basis = {"data_basis": "synthetic", "notice": NOTICE}
    for row, fields in zip(({**row, **basis} for row in rows), got, strict=True):
        assert fields == [json.dumps(v) if isinstance(v, bool) else (v or "") for v in (row[name] for name in header)]


@pytest.mark.parametrize("text", NASTY)
def test_guard_is_exact_and_safe(text):
    field = texts.guarded(text)
    assert texts.unguarded(field) == text
    number = field.lstrip("+-").replace(".", "", 1).isdigit() and not field.startswith("--")
    assert number or not field.startswith(("=", "+", "-", "@", "\r", "＝"))


def test_csv_gives_every_text_back_and_holds_no_formula():
    plan = with_names(small.make_plan(), NASTY)
    content = write.villages_csv(plan)
    assert content.startswith(b"\xef\xbb\xbf")
    header, rows = texts.read_csv(content)
    assert [row[header.index("name")] for row in rows] == plan.villages["name"].tolist()
    raw = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for row in raw[1:]:
        for field in row:
            assert not field.startswith(("=", "@", "\r")), field
    assert json.loads(write.plan_json(plan))["villages"][0]["name"] == "=1+1"


@pytest.mark.parametrize(("basis", "said"), [("synthetic", NOTICE), ("real", ""), ("assumed", "假定")])
def test_a_csv_opened_alone_says_what_it_rests_on(basis, said):
    plan = dataclasses.replace(small.make_plan(), data_basis=basis)
    for content in (write.villages_csv(plan), write.facilities_csv(plan), write.refusals_csv(plan)):
        header, rows = texts.read_csv(content)
        assert header[1:3] == ["data_basis", "notice"], "beside the id, where a spreadsheet shows it first"
        assert rows and all(row[1] == basis and said in row[2] and bool(row[2]) == bool(said) for row in rows)
    said_of_cells = pq.read_schema(io.BytesIO(write.cells_parquet(plan))).metadata
    assert said_of_cells[b"data_basis"].decode() == basis and said in said_of_cells[b"notice"].decode()


def test_ids_are_plain_text_in_csv():
    plan = small.make_plan()
    raw = list(csv.DictReader(write.facilities_csv(plan).decode("utf-8-sig").splitlines()))
    assert [row["id"] for row in raw] == plan.facilities["id"].tolist()


def test_plain_knows_what_json_knows():
    value = {"a": np.float64("nan"), "b": np.int32(3), "c": pd.NA, "d": -0.0, "e": True, "lon": 1.123456789,
             "x": 1.123456789, "gap": 1.4e-7, "f": (1.0, float("inf")), "g": np.bool_(False)}
    assert texts.plain(value) == {"a": None, "b": 3, "c": None, "d": 0.0, "e": True, "lon": 1.1234568, "x": 1.123457,
                                  "gap": 1.4e-7, "f": [1.0, None], "g": False}
    assert str(texts.plain(-0.0)) == "0.0"


def test_seal_breaks_on_any_change():
    sealed = texts.sealed_manifest({"files": {"a": "1"}, "seed": 0})
    body = json.loads(sealed)
    assert texts.sealed_manifest(body) == sealed
    assert body["seal"] == hashlib.sha256(texts.canonical_json({"files": {"a": "1"}, "seed": 0})).hexdigest()
    body["seed"] = 1
    assert json.loads(texts.sealed_manifest(body))["seal"] != body["seal"]


def contract():
    """The independent check of run folders, where it is at hand."""
    root = os.environ.get("FACILITYPLAN_SHARED")
    base = Path(root) if root else Path(__file__).parents[4] / "shared"
    for path in (base / "checks" / "contract.py", base.parent / "checks" / "contract.py"):
        if path.is_file():
            spec = importlib.util.spec_from_file_location("run_contract", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    pytest.skip("the contract's own check is not beside this checkout")


def test_contract_finds_no_fault_in_plan_and_metrics(tmp_path):
    check = contract()
    plan = verified_plan()
    for name, content in write.files_of(plan).items():
        (tmp_path / name).write_bytes(content)
    faults: list[str] = []
    document = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    check.check_plan(document, faults)
    check.check_metrics(document, tmp_path, faults)
    assert faults == []
