"""Which file a config may name, and the digests of those that were read.

Only plain files below the data root are opened: no absolute path, no ``..``, no link that leads out, no address and no
GDAL virtual path. What a file is, is told by its ending and its first bytes, so that GDAL never picks a driver itself.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from facilityplan.errors import Fault
from facilityplan.inputs.findings import Findings, fault, shown

MEGABYTE = 1_000_000
TABLE_LIMITS = {".csv": 200 * MEGABYTE, ".txt": 200 * MEGABYTE, ".xlsx": 100 * MEGABYTE}
LAYER_LIMITS = {".geojson": 2_000 * MEGABYTE, ".json": 2_000 * MEGABYTE, ".gpkg": 8_000 * MEGABYTE,
                ".shp": 4_000 * MEGABYTE}
OSM_LIMITS = {".osm.pbf": 8_000 * MEGABYTE, ".pbf": 8_000 * MEGABYTE, ".osm": 4_000 * MEGABYTE,
              ".osm.xml": 4_000 * MEGABYTE, ".xml": 4_000 * MEGABYTE}
GRAPHML_LIMITS = {".graphml": 2_000 * MEGABYTE}
RASTER_LIMITS = {".tif": 16_000 * MEGABYTE, ".tiff": 16_000 * MEGABYTE}
SIDECARS = {".shp": (".shx", ".dbf", ".prj", ".cpg"), ".gpkg": (".gpkg-wal", ".gpkg-journal")}
REQUIRED_SIDECARS = {".shp": (".shx", ".dbf")}
MAGIC = {".gpkg": (b"SQLite format 3\x00",), ".shp": (b"\x00\x00\x27\x0a",), ".xlsx": (b"PK\x03\x04",),
         ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"), ".geojson": (b"{",), ".osm": (b"<",),
         ".graphml": (b"<",)}
SAME_MAGIC = {".tiff": ".tif", ".json": ".geojson", ".osm.xml": ".osm", ".xml": ".osm"}
SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*:")


def ending_of(file: str, known: Mapping[str, int]) -> str | None:
    """Return the longest ending in ``known`` that ``file`` has, in lower case."""
    name = file.lower()
    return max((e for e in known if name.endswith(e)), key=len, default=None)


def check_safe_path(data_root: Path, file: str, field: str) -> list[Fault]:
    """unsafe_path: the path is absolute, climbs, leads out by a link, or is an address or virtual path."""
    def unsafe(zh: str, en: str) -> list[Fault]:
        return [fault("unsafe_path", zh, en, "把文件放到数据目录下，写相对路径，用 / 分隔",
                      "put the file below the data root and give its relative path, with / between folders",
                      file=shown(file, 200), field=field)]

    if not file.strip() or any(not c.isprintable() for c in file):
        return unsafe("路径为空或含控制字符", "the path is empty or holds control characters")
    if "\\" in file:
        return unsafe("路径中有反斜线", "the path holds a backslash")
    if SCHEME.match(file) or "://" in file or file.lower().startswith("/vsi"):
        return unsafe("这是网址、盘符或虚拟路径，不是数据目录下的文件",
                      "this is an address, a drive or a virtual path, not a file below the data root")
    if file.startswith(("/", "~")):
        return unsafe("路径是绝对路径", "the path is absolute")
    if ".." in file.split("/"):
        return unsafe("路径中有 ..", "the path climbs with ..")
    root = os.path.realpath(data_root)
    try:
        real = os.path.realpath(Path(root) / file)
    except (OSError, ValueError):
        return unsafe("路径无法解析", "the path cannot be resolved")
    if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
        return unsafe("路径经链接指到数据目录之外", "a link leads out of the data root")
    return []


def check_file_exists(data_root: Path, file: str, field: str) -> list[Fault]:
    """missing_file: there is no plain file of that name."""
    path = data_root / file
    try:
        if stat.S_ISREG(path.stat().st_mode):
            return []
        zh, en = "这不是普通文件", "this is not a plain file"
    except OSError:
        zh, en = "找不到文件", "there is no such file"
    beside = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
    near = sorted(name for name in beside if name.lower() == path.name.lower() and name != path.name)
    hint_zh = f"；同目录有 {near[0]}（大小写不同）" if near else ""
    hint_en = f"; the folder has {near[0]} (mind capital letters)" if near else ""
    return [fault("missing_file", zh, en, f"检查 {field} 与数据目录 {shown(data_root, 300)}{hint_zh}",
                  f"check {field} and the data root, which is {shown(data_root, 300)}{hint_en}",
                  file=file, field=field)]


def check_format(file: str, known: Mapping[str, int], field: str) -> list[Fault]:
    """unsupported_format: the file's ending is not one that can be read here."""
    if ending_of(file, known):
        return []
    endings = " ".join(sorted(known))
    zh, en = f"读不了这种文件；可用：{endings}", f"this kind of file cannot be read here; it can be: {endings}"
    remedy = {".zip": ("先解压，再写其中的文件", "unpack it and name the file inside"),
              ".xls": ("另存为 .xlsx 或 .csv", "save it as .xlsx or .csv"),
              ".et": ("另存为 .xlsx 或 .csv", "save it as .xlsx or .csv")}
    name = file.lower()
    zh_remedy, en_remedy = next((r for e, r in remedy.items() if name.endswith(e)),
                                ("转换成上述格式之一", "convert it to one of these"))
    return [fault("unsupported_format", zh, en, zh_remedy, en_remedy, file=file, field=field)]


def check_size(path: Path, file: str, limit: int, field: str) -> list[Fault]:
    """file_too_large or broken_file: more bytes than such a file may have, or none at all."""
    size = path.stat().st_size
    if size == 0:
        return [fault("broken_file", "文件是空的（0 字节）", "the file is empty (0 bytes)", "重新导出或复制该文件",
                      "export or copy the file again", file=file, field=field)]
    if size > limit:
        return [fault("file_too_large", f"文件有 {size / MEGABYTE:,.0f} MB，上限 {limit / MEGABYTE:,.0f} MB",
                      f"the file has {size / MEGABYTE:,.0f} MB; the limit is {limit / MEGABYTE:,.0f} MB",
                      "按县界裁剪后再用", "clip it to the county first", file=file, field=field)]
    return []


def check_magic(path: Path, file: str, ending: str, field: str) -> list[Fault]:
    """broken_file: the first bytes are not those of such a file, whatever its name says."""
    expected = MAGIC.get(SAME_MAGIC.get(ending, ending))
    if expected is None:
        return []
    with path.open("rb") as stream:
        head = stream.read(4096)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip() if expected[0] in (b"{", b"<") else head
    if start.startswith(expected):
        return []
    return [fault("broken_file", f"内容不是 {ending} 文件", f"the content is not that of a {ending} file",
                  "重新导出；不要只改扩展名", "export it again; renaming does not convert it", file=file, field=field)]


def check_sidecars(data_root: Path, file: str, ending: str, field: str) -> list[Fault]:
    """missing_file or unsafe_path: a file that belongs to this one is absent or leads out."""
    faults = []
    for sidecar in SIDECARS.get(ending, ()):
        name = sidecar_name(data_root, file, ending, sidecar)
        if (data_root / name).exists() or (data_root / name).is_symlink():
            faults += check_safe_path(data_root, name, field)
        elif sidecar in REQUIRED_SIDECARS.get(ending, ()):
            faults += check_file_exists(data_root, name, field)
    return faults


def sidecar_name(data_root: Path, file: str, ending: str, sidecar: str) -> str:
    """Return the sidecar's path below the data root, in capital letters where it is written so."""
    stem = file[: len(file) - len(ending)]
    return next((stem + e for e in (sidecar, sidecar.upper()) if (data_root / (stem + e)).exists()), stem + sidecar)


class Files:
    """The files of one data root: finds them safely and remembers the SHA-256 of each one read."""

    def __init__(self, data_root: Path, findings: Findings) -> None:
        self.data_root = data_root
        self.digests: dict[str, str] = {}
        self._findings = findings

    def open(self, file: str, known: Mapping[str, int], field: str) -> tuple[Path, str] | None:
        """Return (real path, ending) of ``file`` and note its digest; None, with faults, where it may not be read."""
        root, found = self.data_root, self._findings
        if not (found.extend(check_safe_path(root, file, field)) and found.extend(check_format(file, known, field))
                and found.extend(check_file_exists(root, file, field))):
            return None
        path, ending = root / file, ending_of(file, known)
        assert ending is not None
        if not (found.extend(check_size(path, file, known[ending], field))
                and found.extend(check_magic(path, file, ending, field))
                and found.extend(check_sidecars(root, file, ending, field))):
            return None
        parts = [file, *(sidecar_name(root, file, ending, s) for s in SIDECARS.get(ending, ()))]
        try:
            for part in parts:
                if part not in self.digests and (root / part).is_file():
                    self.digests[part] = digest(root / part)
        except OSError as error:
            found.add(fault("broken_file", f"文件打不开：{error.strerror}",
                            f"the file cannot be opened: {error.strerror}",
                            "检查文件权限", "check the file's permissions", file=file, field=field))
            return None
        return path.absolute(), ending


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
