"""What a planner may fix in advance about a site, with the words for it: one list for config, model, plan and pages."""

from __future__ import annotations

from enum import StrEnum

from facilityplan.errors import Text


class LockKind(StrEnum):
    """What is fixed about a site before anything is solved (config rules.locks[].do)."""

    KEEP = "keep"
    CLOSE = "close"
    MERGE_INTO = "merge_into"
    FORBID_MERGE_INTO = "forbid_merge_into"
    BUILD = "build"
    FORBID = "forbid"


NEEDS_HOST = frozenset({LockKind.MERGE_INTO, LockKind.FORBID_MERGE_INTO})
OF_CANDIDATES = frozenset({LockKind.BUILD, LockKind.FORBID})
LOCK_NAMES = {
    LockKind.KEEP: Text("锁定保留", "locked: keep"),
    LockKind.CLOSE: Text("锁定关闭", "locked: close"),
    LockKind.MERGE_INTO: Text("锁定并入 {host}", "locked: merge into {host}"),
    LockKind.FORBID_MERGE_INTO: Text("不得并入 {host}", "not to be merged into {host}"),
    LockKind.BUILD: Text("锁定新建", "locked: build"),
    LockKind.FORBID: Text("不得新建", "not to be built"),
}


def lock_text(do: str, host: str | None, reason: str, reason_en: str | None) -> Text:
    """Return what a lock says and why, in both languages; ``host`` is a facility id."""
    name = LOCK_NAMES[LockKind(do)]
    return Text(f"{name.zh.format(host=host)}：{reason}", f"{name.en.format(host=host)}: {reason_en or reason}")
