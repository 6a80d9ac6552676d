"""A run folder is replaced whole or not at all: written beside, then renamed; the manifest last."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from facilityplan.errors import Fault, FaultyInput, Text

TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES, errno.EPERM)  # what systems say where a folder stands already
TRIES = 50
NO_SPACE_BYTES = 500_000
ABANDONED_S = 86_400.0  # a folder that was being written a day ago belongs to a run that was killed


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
        try:
            self._tidy()
            self._check_writable()
            strangers = self._strangers() and self._strangers(after_s=0.1)  # another run may just be taking its place
        except OSError as error:
            raise _not_writable(path, error) from error
        if strangers:
            raise FaultyInput([Fault(
                "foreign_files", Text(f"输出目录中有不属于结果的文件：{strangers}",
                                      f"the output folder holds files that are not a run's: {strangers}"),
                Text("移走这些文件，或用 -o 另选目录", "move them away, or choose another folder with -o"),
                file=str(path))])

    def _tidy(self) -> None:
        """Bring the earlier run back where one was killed between the two renames; drop what killed runs left."""
        if not self.path.parent.is_dir():
            return
        name = f".{_literal(self.path.name)}"
        aside = sorted((*self.path.parent.glob(f"{name}.old"), *self.path.parent.glob(f"{name}.*.old")))
        if aside and not self.path.exists():
            with suppress(OSError):  # another run is at it
                aside.pop().rename(self.path)
        fresh = [f for f in self.path.parent.glob(f"{name}.*.new") if time.time() - _changed(f) > ABANDONED_S]
        for left in (*aside, *fresh):
            shutil.rmtree(left, ignore_errors=True)

    def _check_writable(self) -> None:
        """Raise OSError where the folder could not be made: better now than after the solve."""
        above = next(p for p in self.path.absolute().parents if p.exists() or p.is_symlink())
        if not above.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(above))
        if not os.access(above, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(above))

    def _strangers(self, after_s: float = 0.0) -> str:
        time.sleep(after_s)
        if not self.path.is_dir():
            return self.path.name if self.path.exists() else ""
        try:
            found = {p.name for p in self.path.iterdir()}
        except FileNotFoundError:
            return ""
        try:
            manifest = json.loads((self.path / "manifest.json").read_text("utf-8"))
            found -= {"manifest.json", *manifest["files"]}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass
        return ", ".join(sorted(found)[:5])

    @contextmanager
    def replacing(self) -> Iterator[Path]:
        """Yield an empty folder beside the target; on success it takes the target's place, on failure it goes.

        Raises FaultyInput where the system will not have it (disk full, read-only): the earlier run stays.
        """
        fresh: Path | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=f".{self.path.name}.", suffix=".new", dir=self.path.parent))
            yield fresh
            fresh.chmod(0o755)
            _flush(fresh)
            self._take_place(fresh)
            _flush_folder(self.path.parent)
        except ConnectionError:  # between processes, not of this folder
            raise
        except OSError as error:
            raise _not_writable(self.path, error) from error
        except Exception as error:
            if shutil.disk_usage(self.path.parent).free < NO_SPACE_BYTES:  # GDAL does not say why it could not write
                full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                raise _not_writable(self.path, full) from error
            raise
        finally:
            if fresh is not None:
                shutil.rmtree(fresh, ignore_errors=True)

    def _take_place(self, fresh: Path) -> None:
        """Rename ``fresh`` to the target, moving what stands there aside. Of two runs at once the later one stays."""
        for attempt in range(TRIES):
            aside = fresh.with_suffix(f".{attempt}.old")
            try:
                if self.path.exists():
                    self.path.rename(aside)
            except FileNotFoundError:  # another run has just moved it
                continue
            try:
                fresh.rename(self.path)
            except OSError as error:  # another run was quicker: move that one aside too
                if error.errno not in TAKEN or attempt == TRIES - 1:
                    if aside.exists() and not self.path.exists():
                        aside.rename(self.path)
                    raise
                time.sleep(0.01)
                continue
            finally:
                if self.path.exists():
                    shutil.rmtree(aside, ignore_errors=True)
            return


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone meanwhile
        return time.time()


def _literal(name: str) -> str:
    """Return a name fit for a glob pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _not_writable(path: Path, error: OSError) -> FaultyInput:
    said = error.strerror or str(error)
    return FaultyInput([Fault(
        "not_writable", Text(f"结果写不进输出目录（{said}），先前的结果未改动",
                             f"the results cannot be written ({said}); earlier results are untouched"),
        Text("检查权限与剩余空间，或用 -o 另选目录",
             "check permissions and free space, or choose another folder with -o"),
        file=str(path))])


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
