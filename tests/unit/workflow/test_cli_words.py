"""What the command line says of a run, of several scenarios and of a verification."""

import contextlib
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from facilityplan.cli import main
from facilityplan.plan import texts

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "configs" / "rules.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def said(folder):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["run", str(CONFIG), "-s", "cheapest", "-s", "no_harm", "-o", str(folder), "--lang", "en"]) == 0
    return out.getvalue()


def test_stages_are_printed_in_the_order_of_plan_json(folder, said):
    stages = json.loads((folder / "cheapest" / "plan.json").read_text("utf-8"))["solve"]["objectives"]
    first = said.split(str(folder / "cheapest" / "map.html"))[0]
    lines = re.findall(r"^  (\d+)\. .*: ([\d,]+), gap 0\u00a0%$", first, re.MULTILINE)
    assert [int(rank) for rank, _ in lines] == list(range(1, len(stages) + 1))
    assert [value for _, value in lines] == [f"{stage['value']:,.0f}" for stage in stages]


def test_a_further_scenario_says_what_it_changes_against_the_first(folder, said):
    first, second = said.split(str(folder / "cheapest" / "report.html"))
    assert "against “" not in first and ("against “" in second or "the same plan as “" in second)


def test_a_scenario_chosen_with_s_is_not_said_to_be_changed(said):
    assert "changed" not in said.replace("what this scenario changes", "")


def test_verify_parts_its_checks_into_those_of_the_run_and_those_of_its_folder(folder, said, capsys):
    run = folder / "cheapest"
    made = json.loads((run / "plan.json").read_text("utf-8"))["verified"]["checks"]
    assert main(["verify", str(run), "--data-root", str(ROOT / "data"), "--lang", "en"]) == 0
    line = capsys.readouterr().out.strip().splitlines()[-1]
    total, of_plan, of_folder = (int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", line))
    assert of_plan == made and total == of_plan + of_folder


def test_verify_counts_every_failed_check_once(folder, said, tmp_path, capsys):
    run = shutil.copytree(folder / "cheapest", tmp_path / "forged")
    document = json.loads((run / "plan.json").read_text("utf-8"))
    for row in document["villages"]:
        row["people_65"] = row["minutes_after"] = row["people"] = -1.0
    (run / "plan.json").write_bytes(texts.canonical_json(document))
    assert main(["verify", str(run), "--data-root", str(ROOT / "data"), "--lang", "en"]) == 1
    *lines, last = capsys.readouterr().out.strip().splitlines()
    spelled = [line for line in lines if " more of " not in line]
    rest = sum(int(re.search(r"(\d+) more of", line)[1]) for line in lines if " more of " in line)
    assert rest and f"not verified: {len(spelled) + rest} of " in last.replace(",", "")
