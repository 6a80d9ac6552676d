"""A run folder is replaced whole or not at all: written beside, then renamed; the manifest last."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facilityplan.errors import Fault, FaultyInput, Text


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class RunFolder:
    """The folder of one scenario's results.

    Raises FaultyInput at once where the path holds anything but an earlier run, so that nothing of the user's is lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._aside = path.with_name(f".{path.name}.old")
        if self._aside.exists() and not path.exists():  # killed between the two renames: the earlier run comes back
            self._aside.rename(path)
        if path.exists() and (strangers := self._strangers()):
            raise FaultyInput([Fault(
                "foreign_files", Text(f"输出目录中有不属于结果的文件：{strangers}",
                                      f"the output folder holds files that are not a run's: {strangers}"),
                Text("移走这些文件，或用 -o 另选目录", "move them away, or choose another folder with -o"),
                file=str(path))])

    def _strangers(self) -> str:
        if not self.path.is_dir():
            return self.path.name
        found = {p.name for p in self.path.iterdir()}
        try:
            manifest = json.loads((self.path / "manifest.json").read_text("utf-8"))
            found -= {"manifest.json", *manifest["files"]}
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return ", ".join(sorted(found)[:5])

    @contextmanager
    def replacing(self) -> Iterator[Path]:
        """Yield an empty folder beside the target; on success it takes the target's place, on failure it goes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{self.path.name}.", suffix=".new", dir=self.path.parent))
        try:
            yield fresh
            fresh.chmod(0o755)
            _flush(fresh)
            if self.path.exists():
                shutil.rmtree(self._aside, ignore_errors=True)
                self.path.rename(self._aside)
            fresh.rename(self.path)
            _flush_folder(self.path.parent)
            shutil.rmtree(self._aside, ignore_errors=True)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the system lets folders be flushed."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _flush(folder: Path) -> None:
    """Make the files reach the disk before the folder is renamed into place."""
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
