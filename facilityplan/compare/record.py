"""A finished run as its folder tells it, each file checked against the manifest before a word of it is believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from facilityplan.config.schema import Config, Standard
from facilityplan.errors import Fault, FaultyInput, Text
from facilityplan.plan.texts import sealed_manifest
from facilityplan.runfolder import sha256_of

READ = ("plan.json", "cells.parquet")
REMEDY = Text("指定 facilityplan run 生成且未被改动的结果目录，或重新运行",
              "name a folder that `facilityplan run` left and nobody changed, or run it again")


@dataclass(frozen=True)
class RunRecord:
    """One run. Tables are indexed by id; columns as `domain.columns` declares them."""

    label: str  # A, B, C … in the order given
    folder: Path
    document: Mapping[str, Any]  # plan.json
    config: Config
    input_digests: Mapping[str, str]
    villages: pd.DataFrame
    facilities: pd.DataFrame
    cells: pd.DataFrame

    @property
    def name(self) -> Text:
        """Its scenario's name."""
        return Text(**self.document["scenario_name"])

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The figures of plan.json."""
        return self.document["metrics"]

    @property
    def standard(self) -> Standard:
        """The first standard, by which cells and villages carry minutes."""
        return self.config.standards[0]


def read_record(folder: Path, label: str) -> RunRecord:
    """Read a run folder. Raises FaultyInput where it is none, or where a file is not the one that the run wrote."""
    manifest = _json(folder / "manifest.json")
    try:
        digests = dict(manifest["files"])
        intact = sealed_manifest(manifest) == (folder / "manifest.json").read_bytes()
        config = Config.model_validate(manifest["config"])
        inputs = dict(manifest["inputs"])
    except (KeyError, TypeError, ValueError) as error:
        raise _fault(folder / "manifest.json",
                     Text("不是结果目录的清单", "this is not the manifest of a run")) from error
    for name in READ:
        path = folder / name
        if not intact or not path.is_file() or sha256_of(path) != digests.get(name):
            raise _fault(path, Text("文件与清单不符：写出后被改动或不完整",
                                    "not what the manifest says: changed or cut short since it was written"))
    document = _json(folder / "plan.json")
    return RunRecord(
        label, folder, document, config, inputs,
        villages=pd.DataFrame(document["villages"]).set_index("id", drop=False).rename_axis(None),
        facilities=pd.DataFrame(document["facilities"]).set_index("id", drop=False).rename_axis(None),
        cells=pd.read_parquet(folder / "cells.parquet").set_index("cell", drop=False).rename_axis(None))


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _fault(path, Text("结果文件缺失或损坏", "the run's file is missing or broken")) from error


def _fault(path: Path, what: Text) -> FaultyInput:
    return FaultyInput([Fault("not_a_run", what, REMEDY, file=str(path))])
