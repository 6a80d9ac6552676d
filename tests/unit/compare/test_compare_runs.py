"""What a comparison says is what the runs' own files say, and the decisions carry the whole difference."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from facilityplan.compare import comparison_of
from facilityplan.compare.comparison import summary_line
from facilityplan.compare.document import document
from facilityplan.compare.figures import side_by_side
from facilityplan.comparing import compare_runs
from facilityplan.errors import FaultyInput, UsageError
from facilityplan.plan.texts import canonical_json, sealed_manifest
from facilityplan.render.comparison_report import render_comparison_report
from facilityplan.render.comparison_tables import tables
from facilityplan.runfolder import sha256_of


@pytest.fixture(scope="module")
def comparison(runs):
    return comparison_of(runs)


def said(value):
    return None if not isinstance(value, (str, bool, np.bool_)) else value


def rewrite(folder, change):
    """Change plan.json or the manifest and seal the run again, as a careful forger or another version would."""
    plan, manifest = (json.loads((folder / name).read_bytes()) for name in ("plan.json", "manifest.json"))
    change(plan, manifest)
    (folder / "plan.json").write_bytes(canonical_json(plan))
    manifest["files"]["plan.json"] = sha256_of(folder / "plan.json")
    manifest["files"]["cells.parquet"] = sha256_of(folder / "cells.parquet")
    (folder / "manifest.json").write_bytes(sealed_manifest(manifest))


def test_the_decisions_carry_the_whole_difference(comparison):
    found = 0
    for pair in comparison.pairs:
        total = [(run.cells["people"] * run.cells["minutes_after"]).sum() for run in (comparison.base, pair.run)]
        assert pair.decisions["person_minutes"].sum() == pytest.approx(total[1] - total[0], abs=1e-3)
        moved = pair.decisions[pair.decisions["person_minutes"] != 0]
        found += len(moved)
        for row in moved.itertuples():
            is_open = [action not in ("close", "absent") for action in (row.action_base, row.action_run)]
            assert is_open[0] != is_open[1], "a site open in both cannot carry a difference"
            assert (row.person_minutes > 0) == is_open[0]
    assert found > 3


KEYS = ("action", "merged_into", "served_from", "service", "sub_centre")


def test_every_difference_is_listed_and_nothing_else(comparison):
    differed = set()
    for pair in comparison.pairs:
        a, b = (pd.DataFrame(run.document["facilities"]).set_index("id") for run in (comparison.base, pair.run))
        keys = {site: {key for key in KEYS if said(a.loc[site, key]) != said(b.loc[site, key])}
                for site in {*a.index} & {*b.index}}
        want = {*a.index} ^ {*b.index} | {site for site, found in keys.items() if found}
        assert set(pair.decisions["id"]) == want
        differed.update(*keys.values())
    assert differed == set(KEYS), "each of them differs somewhere"


def test_people_by_band_add_up_and_bands_are_what_they_say(comparison):
    for pair in comparison.pairs:
        for group, column in (("all", "people"), ("age65", "people_65")):
            bands = pair.cells.by_band(group)
            assert sum(bands.values()) == pytest.approx(comparison.base.cells[column].sum())
        change = pair.run.cells["minutes_after"] - comparison.base.cells["minutes_after"]
        people = comparison.base.cells["people"]
        bands = pair.cells.by_band("all")
        assert bands["more_over_5"] == pytest.approx(people[change > 5 + 1e-9].sum())
        assert bands["more_to_5"] == pytest.approx(people[(change > 2 + 1e-9) & (change <= 5 + 1e-9)].sum())
        assert bands["more_to_2"] == pytest.approx(people[(change > 1e-9) & (change <= 2 + 1e-9)].sum())
        assert bands["same"] == pytest.approx(people[change.abs() <= 1e-9].sum())
        assert bands["less_over_5"] == pytest.approx(people[change < -5 - 1e-9].sum())
        limit = comparison.base.standard.limit_min
        inside = [run.cells["minutes_after"] <= limit + 1e-9 for run in (comparison.base, pair.run)]
        assert pair.cells.leaving["all"] == pytest.approx(people[inside[0] & ~inside[1]].sum())


def test_a_run_against_itself_differs_in_nothing(runs, tmp_path):
    twin = shutil.copytree(runs[0], tmp_path / "twin")
    pair = comparison_of([runs[0], twin]).pairs[0]
    assert pair.decisions.empty and pair.flips == ()
    assert pair.cells.by_band("all")["same"] == pytest.approx(sum(pair.cells.by_band("all").values()))
    assert "0 facilities decided otherwise, 0 people nearer, 0 farther" in summary_line(
        comparison_of([runs[0], twin]), pair).en


def test_figures_are_those_of_plan_json(comparison):
    figures = {figure.key: figure for figure in side_by_side(comparison.runs) if figure.key != "standard"}
    for k, run in enumerate(comparison.runs):
        assert figures["figure_annual"].after[k] == run.metrics["annual_cost_cny"]
        closed = run.facilities[run.facilities["action"] == "close"]
        assert figures["figure_merged"].after[k] == closed["merged_into"].notna().sum()
        built = (run.facilities["action"] == "build").sum()
        assert figures["figure_clinics"].after[k] == run.metrics["clinics_before"] - len(closed) + built
        assert figures["figure_minutes"].after[k] == run.metrics["mean_minutes_after"]


def test_the_order_of_arguments_is_kept_and_the_first_is_the_yardstick(runs):
    there, back = comparison_of([runs[0], runs[1]]).pairs[0], comparison_of([runs[1], runs[0]]).pairs[0]
    a = there.decisions.set_index("id")["person_minutes"].sort_index()
    b = back.decisions.set_index("id")["person_minutes"].sort_index()
    assert np.allclose(a, -b)


def test_other_people_are_not_compared_by_the_minute(runs, tmp_path):
    other = shutil.copytree(runs[1], tmp_path / "other")
    cells = pd.read_parquet(other / "cells.parquet")
    cells.loc[0, "people"] += 5
    cells.to_parquet(other / "cells.parquet")
    rewrite(other, lambda plan, manifest: None)
    comparison = comparison_of([runs[0], other])
    assert comparison.pairs[0].cells is None and not comparison.pairs[0].comparable
    assert comparison.pairs[0].villages["change_min"].isna().all()
    assert any("not compared cell by cell" in text.en for text in comparison.caveats)
    assert document(comparison)["pairs"][0]["people_by_change"] is None


def test_other_speeds_and_unproven_plans_are_said(runs, tmp_path):
    other = shutil.copytree(runs[1], tmp_path / "other")

    def change(plan, manifest):
        mode = manifest["config"]["standards"][0]["mode"]
        manifest["config"]["modes"][mode]["off_road_kmh"] += 1
        plan["solve"]["status"] = "feasible"
    rewrite(other, change)
    comparison = comparison_of([runs[0], other])
    said = " ".join(text.en for text in comparison.caveats)
    assert "no subtracting minutes" in said and "not proven optimal" in said


def test_verdicts_that_flip_are_found(runs, tmp_path):
    other = shutil.copytree(runs[0], tmp_path / "other")
    share = comparison_of([runs[0], runs[1]]).base.metrics["share_within_after"]

    def change(plan, manifest):
        manifest["config"]["standards"][0]["target_share"] = share
        plan["metrics"]["share_within_after"] = share - 0.01
    base = shutil.copytree(runs[0], tmp_path / "base")
    rewrite(base, lambda plan, manifest: manifest["config"]["standards"][0].update(target_share=share))
    rewrite(other, change)
    flips = comparison_of([base, other]).pairs[0].flips
    assert [(flip.base, flip.run) for flip in flips] == [("met", "not_met")]


def test_a_clause_that_flips_is_found_and_worded_as_a_demonstration(runs, tmp_path):
    folders = []
    for name, verdict in (("met", "met"), ("not", "not_met")):
        row = {"clause": "A-1", "name_zh": "甲", "name_en": "a", "verdict": verdict, "figure": 1.0}
        folders.append(shutil.copytree(runs[0], tmp_path / name))
        rewrite(folders[-1], lambda plan, manifest, row=row: plan.update(compliance=[row]))
    comparison = comparison_of(folders)
    (flip,) = comparison.pairs[0].flips
    assert (flip.id, flip.name.en, flip.base, flip.run) == ("A-1", "A-1 a", "met", "not_met")
    page = render_comparison_report(comparison)
    assert "Demo met" in page and "Demo not met" in page


@pytest.mark.parametrize("harm", ["byte", "missing", "not_a_run", "unsealed"])
def test_a_changed_run_is_refused_with_its_name(runs, tmp_path, harm):
    other = shutil.copytree(runs[1], tmp_path / "other")
    if harm == "byte":
        content = bytearray((other / "plan.json").read_bytes())
        content[len(content) // 2] ^= 1
        (other / "plan.json").write_bytes(content)
    elif harm == "missing":
        (other / "cells.parquet").unlink()
    elif harm == "not_a_run":
        (other / "manifest.json").write_text("{}")
    else:
        text = (other / "manifest.json").read_text("utf-8").replace('"scenario": "cheapest"', '"scenario": "dearest"')
        (other / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(FaultyInput) as caught:
        comparison_of([runs[0], other])
    assert str(other) in caught.value.faults[0].file


def test_too_few_too_many_or_the_same_twice(runs):
    for folders in ([runs[0]], [runs[0], runs[0]], [runs[0]] * 7):
        with pytest.raises(UsageError):
            comparison_of(folders)


def test_the_command_leaves_a_sealed_folder_and_the_same_bytes_twice(runs, tmp_path):
    _, first = compare_runs(runs, out=tmp_path / "a")
    _, second = compare_runs(runs, out=tmp_path / "b")
    assert sorted(p.name for p in first.iterdir()) == ["comparison.json", "comparison.xlsx", "manifest.json",
                                                       "map.html", "report.html"]
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    manifest = json.loads((first / "manifest.json").read_bytes())
    assert sealed_manifest(manifest) == (first / "manifest.json").read_bytes()
    with pytest.raises(FaultyInput):
        compare_runs(runs, out=runs[0].parent / "default" / "manifest.json")


def test_a_visited_clinic_is_said_to_be_visited_and_by_whom(comparison):
    visited = comparison.pairs[1].decisions
    visited = visited[visited["service_run"].isin(["circuit", "neighbour"])]
    assert len(visited) > 0
    run = comparison.pairs[1].run
    text = next(table for table in tables(comparison) if table.key == "decisions" and table.title.en.startswith("C:"))
    said = {row[0]: row[3].en for row in text.rows}
    for row in visited.itertuples():
        sender = run.facilities.loc[row.host_run, "name"]
        assert said[row.name] == f"{row.service_run}, staff from {sender}"
