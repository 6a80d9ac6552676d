"""The benchmark runs: the smallest county and synthetic data through every phase, and against every peer."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # tests is no package that is installed

from tests.benchmark.__main__ import main, measure, tables
from tests.benchmark.specs import COUNTIES, SYNTHETIC

STORED = Path(__file__).parent / "results.json"
PHASES = {"read", "geography", "access", "gather", "model build", "solve", "plan", "verify", "map", "report"}



@pytest.fixture(scope="module")
def figures():
    """The county that warms up is the one that is measured: once will do here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.benchmark.__main__.warm_up", lambda: None)
        return _figures()


def _figures():
    return measure(["small", "synthetic_40"], limit_s=60)


def test_every_phase_is_timed(figures):
    assert set(figures["runs"]) == {"small", "synthetic_40"}
    assert set(figures["runs"]["small"]["seconds"]) >= PHASES
    assert {"model build", "solve"} <= set(figures["runs"]["synthetic_40"]["seconds"])
    assert all(s["gap"] == 0 for run in figures["runs"].values() for s in run["stages"])


def test_every_peer_is_met_and_agrees(figures):
    met = {(r["spec"], r["peer"]) for r in figures["against_peers"]}
    assert met >= {("small", "scipy dijkstra"), ("small", "networkx"), ("small", "shapely STRtree"),
                   ("small", "PuLP + HiGHS, x_ij"), ("synthetic_40", "PuLP + HiGHS, x_ij")}
    for r in figures["against_peers"]:
        assert r["ours_s"] > 0 and r["peer_s"] > 0 and r["ratio"] > 0
    plans = [r["agree"] for r in figures["against_peers"] if r["task"] == "plan"]
    assert all("stages proven, all equal" in said and not said.startswith("0 of") for said in plans), plans


def test_the_table_is_plain_and_the_file_names_no_machine(figures, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tests.benchmark.__main__.measure", lambda *_: figures)
    assert main(["--json", str(tmp_path / "figures.json")]) == 0
    assert capsys.readouterr().out == tables(figures) + "\n"
    check_file((tmp_path / "figures.json").read_text("utf-8"))


def check_file(text):
    figures = json.loads(text)
    assert {"cores", "versions", "runs", "against_peers"} <= set(figures)
    assert not re.search(r"[/\\](home|work|root|tmp|Users)\b|hostname", text)
    return figures


def test_the_stored_result_covers_the_shipped_counties():
    figures = check_file(STORED.read_text("utf-8"))
    assert {"small", "deqing", "synthetic_150", "synthetic_400"} <= set(figures["runs"])
    assert set(figures["runs"]) <= {s.name for s in (*COUNTIES, *SYNTHETIC)}
    assert tables(figures)
