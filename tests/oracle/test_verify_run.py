"""A finished run folder: one changed byte anywhere fails with the file named; consistent forgeries fail by recount."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from test_verify_corruptions import small

from facilityplan.plan import claims, texts, verify_plan, verify_run, write

OTHERS = {"map.html": b"<html>demo</html>", "notices.html": b"<p>", "plan.xlsx": b"PK\x03\x04", "report.html": b"<p>",
          "plan.gpkg": b"SQLite"}


def seal(folder: Path, **changes) -> None:
    """Write a manifest that fits the folder as it is, the way an honest run does (or a thorough forger)."""
    digests = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())
               if p.name != "manifest.json"}
    fields = {"schema_version": 1, "scenario": "default", "files": digests, "inputs": dict(small.county().digests),
              "config": small.config().model_dump(mode="json"), "versions": {"python": "3.11"},
              "timings_s": {"read": 0.5}}
    (folder / "manifest.json").write_bytes(texts.sealed_manifest({**fields, **changes}))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    plan = small.make_plan()
    plan = dataclasses.replace(plan, verified=verify_plan(small.config(), small.county(), plan))
    for name, content in {**write.files_of(plan), **OTHERS}.items():
        (folder / name).write_bytes(content)
    seal(folder)
    return folder


@pytest.fixture
def run(finished, tmp_path):
    return Path(shutil.copytree(finished, tmp_path / "run"))


def verify(folder):
    return verify_run(folder, small.config(), small.county())


def test_a_run_s_checks_are_those_of_the_plan_and_those_of_its_folder(run):
    verification = verify(run)
    said = json.loads((run / "plan.json").read_text("utf-8"))["verified"]["checks"]
    assert verification.plan_checks == said
    assert verification.folder_checks == verification.checks - said > len(FILES)


def test_failures_are_counted_once_however_many_are_spelled_out(run):
    def nobody(document):
        for row in document["villages"]:
            row["people_65"] = row["minutes_after"] = -1.0

    rewrite(run, nobody)
    verification = verify(run)
    assert verification.failed > len(verification.failures), "some are only counted"
    spelled = [f for f in verification.failures if " more of " not in f]
    rest = [re.search(r": (\d+) more of (\d+) failed checks$", f) for f in verification.failures if " more of " in f]
    assert rest and verification.failed == len(spelled) + sum(int(found[1]) for found in rest)
    assert all(int(found[2]) == int(found[1]) + claims.SHOWN_PER_RULE for found in rest)


def test_finished_run_passes(run):
    verification = verify(run)
    assert verification.failures == ()
    assert verification.ok
    assert verification.checks > 1_000


FILES = ["plan.json", "villages.csv", "facilities.csv", "cells.parquet", "refusals.csv", "manifest.json", *OTHERS]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_one_changed_byte_fails_with_the_file_named(run, name, place):
    content = bytearray((run / name).read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    (run / name).write_bytes(content)
    verification = verify(run)
    assert not verification.ok
    assert any(name in failure for failure in verification.failures), verification.failures


def test_every_byte_of_the_manifest_counts(run):
    original = (run / "manifest.json").read_bytes()
    for place in range(0, len(original), 97):
        content = bytearray(original)
        content[place] ^= 2
        (run / "manifest.json").write_bytes(content)
        assert not verify_run(run, small.config(), small.county()).ok, place


@pytest.mark.parametrize("name", FILES)
def test_missing_file_fails_with_its_name(run, name):
    (run / name).unlink()
    verification = verify(run)
    assert not verification.ok
    assert any(name in failure for failure in verification.failures)


def test_extra_file_and_folder_fail(run):
    (run / "notes.txt").write_text("x")
    (run / "more").mkdir()
    failures = verify(run).failures
    assert any("notes.txt" in f for f in failures)
    assert any("more" in f for f in failures)


def test_a_link_in_place_of_a_file_fails(run, tmp_path):
    shutil.move(run / "map.html", tmp_path / "elsewhere.html")
    (run / "map.html").symlink_to(tmp_path / "elsewhere.html")
    assert any("map.html" in f for f in verify(run).failures)


def test_manifest_without_a_seal_fails(run):
    fields = json.loads((run / "manifest.json").read_text("utf-8"))
    del fields["seal"]
    (run / "manifest.json").write_bytes(texts.canonical_json(fields))
    assert any("seal" in f for f in verify(run).failures)


def test_other_inputs_fail_with_the_file_named(run):
    inputs = small.county(digests={**small.county().digests, "roads.gpkg": "c" * 64})
    assert any("roads.gpkg" in f for f in verify_run(run, small.config(), inputs).failures)


def test_other_config_fails(run):
    config = small.config(hosts={"limit_min": 11})
    assert any(f.startswith("inputs: the config") for f in verify_run(run, config, small.county()).failures)


def test_other_scenario_fails(run):
    seal(run, scenario="strict")
    assert any("scenario" in f for f in verify(run).failures)


# -- forgeries: files changed together with the manifest ------------------------------------------------------------


def rewrite(run: Path, edit) -> None:
    document = json.loads((run / "plan.json").read_text("utf-8"))
    edit(document)
    (run / "plan.json").write_bytes(texts.canonical_json(document))
    seal(run)


def in_rows(key, row_id, column, value):
    def edit(document):
        next(row for row in document[key] if row["id"] == row_id)[column] = value
    return edit


def in_metrics(key, value):
    return lambda document: document["metrics"].__setitem__(key, value)


FORGERIES = {
    "mode": (in_rows("villages", "V08", "mode", "keep"), "villages"),
    "minutes": (in_rows("villages", "V08", "minutes_after", 2.0), "villages"),
    "doctors": (in_rows("facilities", "C07", "doctors", 3), "doctor_balance"),
    "host": (in_rows("facilities", "C08", "merged_into", "C04"), "doctor_capacity"),
    "closed hospital": (in_rows("facilities", "T02", "action", "close"), "one_mode"),
    "figure": (in_metrics("people_within_circle_after", 15_705.5), "metrics"),
    "status": (lambda d: d["solve"]["objectives"][0].update(bound=0.0, gap=1.0), "status"),
    "not verified": (lambda d: d.__setitem__("verified", {"ok": False, "checks": 3, "failures": ["x"]}), "files"),
    "no verification": (lambda d: d.pop("verified"), "files"),
    "schema": (lambda d: d.__setitem__("schema_version", 2), "files"),
    "order": (lambda d: d["villages"].reverse(), "files"),
    "catchment": (lambda d: d["townships"][0].__setitem__("catchment_of", None), "sub_centre_catchment"),
    "reserve": (lambda d: d["townships"][0].__setitem__("reserve", 0), "doctor_balance"),
    "key missing": (lambda d: d.pop("facilities"), "files"),
    "standard": (lambda d: d["standards"][0].__setitem__("limit_min", 30), "standards"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_plan_json_fails_although_every_digest_fits(run, forgery):
    edit, rule = FORGERIES[forgery]
    rewrite(run, edit)
    verification = verify(run)
    assert not verification.ok
    assert rule in {f.split(":")[0] for f in verification.failures}, verification.failures


def test_forged_csv_fails_against_plan_json(run):
    content = (run / "villages.csv").read_bytes().replace("V08村".encode(), "V80村".encode())
    (run / "villages.csv").write_bytes(content)
    seal(run)
    failures = verify(run).failures
    assert any("villages.csv row 8 (V08) differs" in f for f in failures), failures


@pytest.mark.parametrize("name", ["villages.csv", "facilities.csv", "refusals.csv"])
@pytest.mark.parametrize(("said", "forged"), [("synthetic", "real"), ("演示数据", "正式数据")])
def test_a_csv_that_hides_that_it_is_a_demonstration_fails(run, name, said, forged):
    content = (run / name).read_bytes()
    assert said.encode() in content
    (run / name).write_bytes(content.replace(said.encode(), forged.encode(), 1))
    seal(run)
    failures = verify(run).failures
    assert len(failures) == 1 and name in failures[0] and forged in failures[0], failures


def test_cells_that_hide_that_they_are_a_demonstration_fail(run):
    plan = dataclasses.replace(small.make_plan(), data_basis="real")
    (run / "cells.parquet").write_bytes(write.cells_parquet(plan))
    seal(run)
    assert any(f.startswith("files: cells.parquet says of its basis") for f in verify(run).failures)


def test_forged_header_fails(run):
    content = (run / "facilities.csv").read_bytes().replace(b"doctors_before,doctors", b"doctors,doctors_before", 1)
    (run / "facilities.csv").write_bytes(content)
    seal(run)
    assert any(f.startswith("files: facilities.csv: columns are") for f in verify(run).failures)


def test_json_that_is_no_object_fails(run):
    (run / "plan.json").write_bytes(b"[1]")
    seal(run)
    assert "files: plan.json holds no JSON object" in verify(run).failures


@pytest.mark.parametrize(("changes", "named"), [({"files": []}, "lists no files"), ({"inputs": {}}, "roads.gpkg"),
                                                ({"inputs": {**small.county().digests, "x": "1"}}, "'x'")])
def test_manifest_that_says_too_little_or_too_much_fails(run, changes, named):
    seal(run, **changes)
    assert any(named in f for f in verify(run).failures)


def test_forged_cells_fail_by_recount(run):
    plan = small.make_plan()
    cells = plan.cells.copy()
    cells.loc[28, "minutes_after"] = 4.0
    (run / "cells.parquet").write_bytes(write.cells_parquet(dataclasses.replace(plan, cells=cells)))
    seal(run)
    failures = verify(run).failures
    assert failures == ("cells: 199: minutes_after is 4, recounted 5.68",), failures


def test_forged_refusals_fail(run):
    content = (run / "refusals.csv").read_bytes().replace(b"true", b"false", 1)
    (run / "refusals.csv").write_bytes(content)
    seal(run)
    assert "refusals" in {f.split(":")[0] for f in verify(run).failures}


def test_names_that_no_spreadsheet_may_run_survive_the_run_folder(tmp_path):
    villages = small.villages()
    villages["name"] = ["=1+1", "+8", "-x", "@a", "\t村", '引"号', "逗,号", "两\n行", "-5",
                        "村 1", "村_1", "村-1", "{{ 7*7 }}"]
    inputs = small.county(villages=villages)
    plan = small.make_plan(small.config(), inputs)
    plan = dataclasses.replace(plan, verified=verify_plan(small.config(), inputs, plan))
    assert plan.verified.ok
    for name, content in {**write.files_of(plan), **OTHERS}.items():
        (tmp_path / name).write_bytes(content)
    seal(tmp_path)
    assert verify_run(tmp_path, small.config(), inputs).failures == ()


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_a_missing_page_fails_even_under_a_new_seal(run, name):
    (run / name).unlink()
    seal(run)
    assert any(name in failure and "lacks" in failure for failure in verify(run).failures)


def test_a_file_that_no_run_leaves_fails_even_under_a_new_seal(run):
    (run / "notes.txt").write_text("trust me")
    seal(run)
    assert any("notes.txt" in failure for failure in verify(run).failures)
