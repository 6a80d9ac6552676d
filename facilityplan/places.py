"""Where a project's data lie and where its results go."""

from __future__ import annotations

import os
from pathlib import Path

from facilityplan.errors import Fault, FaultyInput, Text, UsageError

DATA_ROOT_VARIABLE = "FACILITYPLAN_DATA"


def project_root(path: Path) -> Path:
    """Return the nearest folder above ``path`` that has a data folder, else the working directory."""
    for folder in path.resolve().parents:
        if (folder / "data").is_dir():
            return folder
    return Path.cwd()


def find_data_root(path: Path, data_root: str | Path | None) -> Path:
    """Return the data root: as given, else FACILITYPLAN_DATA, else the project's ``data`` folder."""
    chosen = _given(data_root, "--data-root") or os.environ.get(DATA_ROOT_VARIABLE)
    root = Path(chosen) if chosen else project_root(path) / "data"
    if not root.is_dir():
        raise FaultyInput([Fault(
            "no_data_root", Text("数据目录不存在", "the data folder does not exist"),
            Text("用 --data-root 或环境变量 FACILITYPLAN_DATA 指定",
                 "name it with --data-root or the variable FACILITYPLAN_DATA"), file=str(root))])
    return root


def results_folder(path: Path, out: str | Path | None) -> Path:
    """Return the folder of a config's results: as given, else ``maps/<config>`` in the project."""
    chosen = _given(out, "-o")
    return Path(chosen) if chosen else project_root(path) / "maps" / path.stem


def _given(folder: str | Path | None, option: str) -> str | Path | None:
    """Return ``folder``; UsageError where it is empty, as an unset shell variable leaves it."""
    if folder is not None and not str(folder).strip():
        raise UsageError(Text(f"{option} 后面是空的；请写目录，或去掉 {option}",
                              f"{option} is empty: name a folder, or leave {option} out"))
    return folder
