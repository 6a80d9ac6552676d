"""Checks of works, sources of money, levels and balances: what their settings say of one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from facilityplan.config.messages import unknown_reference
from facilityplan.config.resolve import UNKNOWN, Path, View, fault_at
from facilityplan.errors import Fault, Text

WORK, SOURCE = Text("项目", "work"), Text("资金来源", "source of money")
MOST_WORKS = 8  # of one institution: every combination of them is looked at
MOST_SOURCES = 8


def works(view: View) -> Iterator[Fault]:
    """Ids stand once and are known, a relocation has a place, ranges hold, what is required is not forbidden."""
    yield from _ids_once(view, "works", WORK)
    yield from _ids_once(view, "funding", SOURCE)
    sources = _ids(view, "funding")
    known = {i: n for n, i in _ids(view, "works").items()}
    numbers = {i: n for n, i in known.items()}
    for n in view.keys("rules", "works"):
        at: Path = ("rules", "works", n)
        yield from _place(view, at)
        yield from _range(view, at)
        if view.value(*at, "required") is True and view.value(*at, "forbidden") is True:
            yield fault_at(view, "required_and_forbidden", (*at, "required"),
                           Text("项目既必做又不做", "the work is both required and forbidden"),
                           Text("required 与 forbidden 只留一个", "keep required or forbidden"))
        for k in view.keys(*at, "sources"):
            name, path = view.value(*at, "sources", k), (*at, "sources", k)
            if isinstance(name, str) and name not in sources.values():
                yield unknown_reference(view.origin(*path), view.field(*path), SOURCE, name, sorted(sources.values()))
        for k in view.keys(*at, "together_with"):
            name, path = view.value(*at, "together_with", k), (*at, "together_with", k)
            if not isinstance(name, str):
                continue
            if name not in known:
                yield unknown_reference(view.origin(*path), view.field(*path), WORK, name, sorted(known))
            elif view.value("rules", "works", known[name], "facility") != view.value(*at, "facility"):
                yield fault_at(view, "other_institution", path,
                               Text(f"“{name}”是另一个机构的项目", f"“{name}” is a work of another institution"),
                               Text("删去：不同机构的项目本来就可同时做",
                                    "take it out: works of different institutions may go together anyway"))
    yield from _too_many(view, numbers)


def _ids(view: View, key: str) -> dict[Any, str]:
    return {n: i for n in view.keys("rules", key) if isinstance(i := view.value("rules", key, n, "id"), str)}


def _ids_once(view: View, key: str, what: Text) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, name in _ids(view, key).items():
        if name in seen:
            yield fault_at(view, "duplicate_id", ("rules", key, n, "id"),
                           Text(f"有两个{what.zh}的编号都是“{name}”", f"two of them have the id “{name}”"),
                           Text("改掉其中一个编号", "give one of them another id"))
        seen.add(name)


def _place(view: View, at: Path) -> Iterator[Fault]:
    kind, to = view.value(*at, "kind"), view.value(*at, "to")
    if kind == "relocate" and to is None:
        yield fault_at(view, "no_place", at, Text("迁建项目没有写迁往何处", "the relocation has no place to go to"),
                       Text("写 to: 备选点的机构编号", "write to: the facility id of a candidate site"))
    elif isinstance(kind, str) and kind != "relocate" and isinstance(to, str):
        yield fault_at(view, "place_not_used", (*at, "to"),
                       Text("只有迁建项目才有 to", "only a relocation has a place to go to"),
                       Text("删去 to，或把 kind 写成 relocate", "take it away, or make the kind relocate"))


def _range(view: View, at: Path) -> Iterator[Fault]:
    low, value, high = (view.value(*at, "capital", k) for k in ("low", "value", "high"))
    for key, wrong in (("low", _above(low, value)), ("high", _above(value, high))):
        if wrong:
            yield fault_at(view, "cost_range", (*at, "capital", key),
                           Text("投资不在其范围内", "the capital is not inside its range"),
                           Text("让 low ≤ value ≤ high", "make low ≤ value ≤ high"))


def _above(a: Any, b: Any) -> bool:
    return isinstance(a, int | float) and isinstance(b, int | float) and a > b


def _too_many(view: View, numbers: dict[Any, Any]) -> Iterator[Fault]:
    by_site: dict[Any, int] = {}
    for n in numbers:
        site = view.value("rules", "works", n, "facility")
        by_site[site] = by_site.get(site, 0) + 1
    for site, count in by_site.items():
        if site is not UNKNOWN and count > MOST_WORKS:
            yield fault_at(view, "too_many", ("rules", "works"),
                           Text(f"“{site}”有 {count} 个项目，最多 {MOST_WORKS} 个",
                                f"“{site}” has {count} works, {MOST_WORKS} is the most"),
                           Text("合并一些项目", "put some works together"))
    if len(view.keys("rules", "funding")) > MOST_SOURCES:
        yield fault_at(view, "too_many", ("rules", "funding"),
                       Text(f"资金来源最多 {MOST_SOURCES} 个", f"{MOST_SOURCES} sources of money are the most"),
                       Text("合并一些来源", "put some sources together"))


def levels(view: View) -> Iterator[Fault]:
    """A level is asked of a number or of a share of hospitals."""
    for n in view.keys("rules", "levels"):
        at = ("rules", "levels", n)
        count, share = view.value(*at, "min_count"), view.value(*at, "min_share")
        if UNKNOWN not in (count, share) and (count is None) == (share is None):
            yield fault_at(view, "count_or_share", at,
                           Text("min_count 与 min_share 要写一个，只写一个", "write one of min_count and min_share"),
                           Text("例如 min_count: 4", "such as min_count: 4"))


def balance(view: View) -> Iterator[Fault]:
    """Balances of townships need doctors who stay in their township."""
    at = ("rules", "balance", "scope")
    lent = view.value("rules", "consortia", "pool_staff")
    if view.value(*at) == "township" and view.value("rules", "balance", "form") in ("no_worse", "non_negative") and (
            lent is True):
        yield fault_at(view, "doctors_lent", at,
                       Text("医生在医共体内调剂时，不能逐乡镇要求收支结余",
                            "where doctors are lent inside a consortium, balances cannot be asked of each township"),
                       Text("scope 写 county 或 institution，或不用 pool_staff",
                            "make the scope county or institution, or leave pool_staff out"))


ALL = (works, levels, balance)
