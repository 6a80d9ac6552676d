"""Checks of locks: each makes sense by itself, and no two contradict one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from facilityplan.config.resolve import UNKNOWN, View, fault_at
from facilityplan.domain.locks import NEEDS_HOST
from facilityplan.errors import Fault, Text


class _Lock(NamedTuple):
    n: int
    site: str
    do: str
    host: str | None


def locks(view: View) -> Iterator[Fault]:
    """A lock names a host exactly where it needs one; locks do not contradict one another."""
    read: list[_Lock] = []
    for n in view.keys("rules", "locks"):
        at = ("rules", "locks", n)
        site, do, host = (view.value(*at, k) for k in ("site", "do", "host"))
        if not isinstance(site, str) or not isinstance(do, str) or host is UNKNOWN:
            continue
        yield from _sense(view, n, _Lock(n, site, do, host))
        read.append(_Lock(n, site, do, host))
    for k, lock in enumerate(read):
        for other in read[:k]:
            if (clash := _clash(other, lock)) is not None:
                yield _contradiction(view, other, lock, clash)


def _sense(view: View, n: Any, lock: _Lock) -> Iterator[Fault]:
    at = ("rules", "locks", n)
    if lock.do in NEEDS_HOST and lock.host is None:
        yield fault_at(view, "lock_without_host", at,
                       Text(f"锁定“{lock.site}”为 {lock.do}，但没有写 host",
                            f"“{lock.site}” is locked to {lock.do}, but no host is named"),
                       Text("写上 host: 承接机构编号", "add host: the id of the facility that takes it over"))
    if lock.do not in NEEDS_HOST and lock.host is not None:
        yield fault_at(view, "lock_host_not_used", (*at, "host"),
                       Text(f"{lock.do} 用不到 host", f"{lock.do} has no use for a host"),
                       Text("删去 host，或把 do 改为 merge_into", "take host away, or make it merge_into"))
    if lock.host == lock.site:
        yield fault_at(view, "lock_into_itself", (*at, "host"),
                       Text(f"“{lock.site}”不能并入自己", f"“{lock.site}” cannot merge into itself"),
                       Text("写另一个机构的编号", "name another facility"))
    if lock.do != "merge_into" and view.value(*at, "override") not in (UNKNOWN, [], ()):
        yield fault_at(view, "lock_override_not_used", (*at, "override"),
                       Text("override 只用于 merge_into", "override is for merge_into only"),
                       Text("删去 override", "take override away"))


def _clash(a: _Lock, b: _Lock) -> Text | None:
    """Say why two locks cannot both hold; None where they can."""
    if (a.site, a.do, a.host) == (b.site, b.do, b.host):
        return Text("写了两次", "it is there twice")
    if a.site == b.site:
        kinds = {a.do, b.do}
        if kinds in ({"keep", "close"}, {"keep", "merge_into"}, {"build", "forbid"}):
            return Text(f"既要 {a.do} 又要 {b.do}", f"both {a.do} and {b.do}")
        if kinds == {"merge_into"}:
            return Text(f"既要并入 {a.host} 又要并入 {b.host}", f"into both {a.host} and {b.host}")
        if kinds == {"merge_into", "forbid_merge_into"} and a.host == b.host:
            return Text(f"既要又不得并入 {a.host}", f"both into {a.host} and not into it")
    for guest, host in ((a, b), (b, a)):
        if guest.do == "merge_into" and guest.host == host.site and host.do in ("close", "merge_into", "forbid"):
            return Text(f"{guest.site} 要并入 {host.site}，而后者不保留", f"{guest.site} is to merge into {host.site}, "
                        "which does not stay open")
    return None


def _contradiction(view: View, first: _Lock, second: _Lock, clash: Text) -> Fault:
    origin = view.origin("rules", "locks", first.n)
    line = None if origin is None else origin.line
    where = Text(f"第 {line} 行", f"line {line}") if line is not None else Text(f"第 {first.n + 1} 条",
                                                                               f"lock {first.n + 1}")
    return fault_at(view, "locks_contradict", ("rules", "locks", second.n),
                    Text(f"“{second.site}”的锁定与{where.zh}（“{first.site}”{first.do}）矛盾：{clash.zh}",
                         f"the lock of “{second.site}” contradicts {where.en} (“{first.site}” {first.do}): {clash.en}"),
                    Text("删去其中一条", "take one of them away"))
