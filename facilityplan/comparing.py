"""Finished runs in, the folder of their comparison out: the workflow's counterpart for `facilityplan compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facilityplan import render
from facilityplan.compare import Comparison, comparison_of
from facilityplan.compare.document import comparison_json
from facilityplan.errors import Fault, FaultyInput, Text
from facilityplan.inputs import Inputs
from facilityplan.places import find_data_root
from facilityplan.plan import write
from facilityplan.runfolder import RunFolder, sha256_of
from facilityplan.workflow import Prepared, Progress, silent


def compare_runs(run_folders: Sequence[str | Path], *, data_root: str | Path | None = None,
                 out: str | Path | None = None, progress: Progress = silent) -> tuple[Comparison, Path]:
    """Hold two to six finished runs against the first; leave map, report, workbook and comparison.json in one folder.

    Returns the comparison and its folder: ``out``, by default ``comparison`` beside the first run. Raises UsageError,
    or FaultyInput where a folder is no run, was changed, or its data are not under the data root any more.
    """
    comparison = comparison_of([Path(folder) for folder in run_folders])
    base = comparison.base
    folder = RunFolder(Path(out) if out else base.folder.resolve().parent / "comparison")
    inputs = _inputs(comparison, Prepared(find_data_root(base.folder / "manifest.json", data_root), progress))
    progress(Text("绘制比较", "drawing the comparison"))
    with folder.replacing() as target:
        for name, content in {"comparison.json": comparison_json(comparison),
                              "map.html": render.render_comparison_map(comparison, inputs).encode(),
                              "report.html": render.render_comparison_report(comparison).encode(),
                              "comparison.xlsx": render.render_comparison_book(comparison)}.items():
            (target / name).write_bytes(content)
        (target / "manifest.json").write_bytes(write.sealed_manifest({
            "schema_version": 1, "files": {p.name: sha256_of(p) for p in sorted(target.iterdir())},
            "runs": {one.label: {"scenario": one.document["scenario"], "plan": sha256_of(one.folder / "plan.json")}
                     for one in comparison.runs}}))
    return comparison, folder.path


def _inputs(comparison: Comparison, prepared: Prepared) -> dict[str, Inputs]:
    """Return each run's inputs by its label; FaultyInput where the files are not those that the run read."""
    found = {}
    for one in comparison.runs:
        found[one.label] = prepared.read(one.config)
        if dict(found[one.label].digests) != dict(one.input_digests):
            raise FaultyInput([Fault("other_data",
                                     Text("数据已与该次运行时不同", "the data are not those of the run any more"),
                                     Text("恢复原数据，或重新运行", "restore the data, or run it again"),
                                     file=str(one.folder))])
    return found
