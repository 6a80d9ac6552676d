"""The whole path on the small county: files, contract, exit codes, same bytes, verification of a finished run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import facilityplan
from facilityplan.cli import main
from facilityplan.domain.metric_names import METRIC_NAMES

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("FACILITYPLAN_SHARED", ROOT.parent / "shared"))
FILES = {"plan.json", "facilities.csv", "villages.csv", "cells.parquet", "plan.gpkg", "map.html", "plan.xlsx",
         "report.html", "notices.html", "manifest.json", "refusals.csv"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    (run,) = facilityplan.run(ROOT / "configs" / "rules.yaml", out=out)
    return run


def test_a_run_leaves_the_files_of_the_contract(finished):
    assert {p.name for p in finished.folder.iterdir()} == FILES
    plan = json.loads((finished.folder / "plan.json").read_text("utf-8"))
    assert plan["solve"]["status"] == "optimal"
    assert plan["verified"]["ok"] and plan["verified"]["checks"] > 1000


def test_the_workbook_s_totals_are_those_that_the_verifier_recounted(finished):
    metrics = json.loads((finished.folder / "plan.json").read_text("utf-8"))["metrics"]
    book = openpyxl.load_workbook(finished.folder / "plan.xlsx")
    totals = {}
    for name in ("人员", "预算分年", "费用构成·每年", "费用构成·一次性"):
        _, sums, header, *body = book[name].iter_rows(values_only=True)
        totals[name] = dict(zip([cell.split("\n")[1] for cell in header], sums, strict=True))
        for key, value in totals[name].items():
            column = [cell.split("\n")[1] for cell in header].index(key)
            parts = [row[column] for row in body if row[column] is not None]
            if isinstance(value, int | float) and key != "People":
                assert sum(parts) == value, (name, key)
    staff, once, yearly = totals["人员"], totals["费用构成·一次性"], totals["费用构成·每年"]
    assert staff["People"] == metrics["people"] and staff["hired"] == metrics["hires"]
    assert staff["clinic doctors today"] == metrics["clinic_doctors_before"]
    assert staff["clinic doctors under the plan"] == metrics["clinic_doctors_after"]
    assert (yearly["today (CNY)"], yearly["plan (CNY)"]) == (
        metrics["annual_cost_cny_before"], metrics["annual_cost_cny"])
    assert once["plan (CNY)"] == totals["预算分年"]["Capital cost"] == metrics["capital_cost_cny"]
    assert once["plan, low"] < once["plan (CNY)"] < once["plan, high"]
    _, header, *balance = list(book["人员"].iter_rows(values_only=True))[1:]
    for _, _, before, retired, hired, lent, after, *where in balance:
        assert before - retired + hired + lent == after == sum(where[:3])


def test_the_contract_check_passes(finished):
    script = SHARED / "checks" / "contract.py"
    if not script.exists():
        pytest.skip("the contract's own check script is not on this machine")
    done = subprocess.run([sys.executable, script, finished.folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def canonical(folder):
    """The content that two runs of one config share: clock readings left out."""
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    del plan["solve"]["seconds"]
    texts = {name: (folder / name).read_bytes() for name in
             ("villages.csv", "facilities.csv", "refusals.csv", "map.html", "report.html", "notices.html",
              "cells.parquet", "plan.xlsx", "plan.gpkg")}
    return plan, texts


def test_the_same_input_gives_the_same_bytes_in_any_row_order(finished, county):
    small = county / "data" / "small"
    for name in ("villages.csv", "facilities.csv"):
        table = pd.read_csv(small / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        table.sample(frac=1, random_state=5).to_csv(small / name, index=False, encoding="utf-8-sig")
    (again,) = facilityplan.run(county / "configs" / "rules.yaml")
    plan, texts = canonical(again.folder)
    first, first_texts = canonical(finished.folder)
    assert plan == first
    assert {n for n in texts if texts[n] != first_texts[n]} == set()


def test_verify_accepts_the_run_and_refuses_one_changed_byte(finished, tmp_path, capsys):
    assert main(["verify", str(finished.folder), "--data-root", str(ROOT / "data"), "--lang", "en"]) == 0
    assert "verified" in capsys.readouterr().out
    for name in sorted(FILES):
        copy = tmp_path / name
        copy.mkdir()
        for path in finished.folder.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        content = bytearray((copy / name).read_bytes())
        content[len(content) // 2] ^= 1
        (copy / name).write_bytes(bytes(content))
        assert main(["verify", str(copy), "--data-root", str(ROOT / "data"), "--lang", "en"]) == 1, name
        assert name in "".join(capsys.readouterr()), name


def test_verify_refuses_changed_inputs(finished, county, capsys):
    path = county / "data" / "small" / "villages.csv"
    path.write_text(path.read_text("utf-8").replace("东一村", "东九村"), "utf-8")
    assert main(["verify", str(finished.folder), "--data-root", str(county / "data"), "--lang", "en"]) == 1
    assert "villages.csv" in capsys.readouterr().out


def test_assess_leaves_todays_access(county, capsys):
    assert main(["assess", str(county / "configs" / "rules.yaml"), "--lang", "en"]) == 0
    folder = county / "maps" / "rules" / "assessment"
    document = json.loads((folder / "assessment.json").read_text("utf-8"))
    cells = pd.read_parquet(folder / "cells.parquet")
    circle = document["standards"]["circle"]
    assert cells["people"].sum() == pytest.approx(circle["people"])
    assert cells.loc[cells["minutes_before"] <= 15, "people"].sum() == pytest.approx(circle["people_within"])
    assert "inside" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["run"], 2, "usage"),
    (["fly"], 2, "usage"),
    (["run", "nowhere.yaml"], 1, "nowhere.yaml"),
    (["run", "CONFIG", "-s", "no_such"], 2, "no_such"),
    (["run", "CONFIG", "--set", "rules.budget.recurrent_share_of_today=0.3"], 3, "recurrent"),
    (["run", "CONFIG", "--set", "rules.budgett.recurrent_share_of_today=0.3"], 1, "budget"),
    (["run", "CONFIG", "--set", "standards.circle.limit_min=quarter"], 1, "limit_min"),
    (["run", "CONFIG", "--data-root", "no/such/folder"], 1, "folder"),
    (["check", "CONFIG"], 0, "no faults"),
    (["show", "CONFIG", "-s", "no_harm"], 0, "no_harm"),
    (["schema"], 0, "$schema"),
    (["verify", "nowhere"], 1, "manifest"),
])
def test_exit_codes(arguments, code, words, county, capsys):
    config = str(county / "configs" / "rules.yaml")
    given = [config if a == "CONFIG" else a for a in arguments]
    assert main([*given, "--lang", "en"]) == code
    said = "".join(capsys.readouterr())
    assert words in said
    assert "Traceback" not in said


def test_a_stopped_solve_is_never_called_a_plan(county, capsys):
    code = main(["run", str(county / "configs" / "rules.yaml"), "--set", "solver.time_limit_s=0.0001", "--lang", "en"])
    assert code == 4
    assert not (county / "maps").exists() or not list((county / "maps").rglob("plan.json"))


def test_one_scenario_without_a_plan_does_not_stop_the_others(county, capsys):
    path = county / "configs" / "rules.yaml"
    old = "name_en: people for each doctor, extends: cheapest, set: {"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, old + "rules.budget.recurrent_share_of_today: 0.4, "), "utf-8")
    code = main(["run", str(path), "-s", "doctor_capacity", "-s", "hires", "--lang", "en"])
    assert code == 3
    assert "scenario doctor_capacity has no plan" in capsys.readouterr().err
    assert [p.name for p in (county / "maps" / "rules").iterdir()] == ["hires"]


def test_both_languages_speak(county, capsys):
    for lang, word in (("zh", "没有错误"), ("en", "no faults")):
        assert main(["check", str(county / "configs" / "rules.yaml"), "--lang", lang]) == 0
        assert word in capsys.readouterr().out


def test_every_figure_s_name_is_reserved(finished):
    """Else a standard of that id would push the figure aside."""
    ids = {standard.id for standard in finished.plan.standards}
    assert set(finished.plan.metrics) - ids <= METRIC_NAMES
