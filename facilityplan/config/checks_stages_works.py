"""Checks of works, sources and levels in a plan by years: what their years and amounts say of one another."""

from __future__ import annotations

from collections.abc import Iterator

from facilityplan.config.messages import listed, unknown_reference
from facilityplan.config.resolve import UNKNOWN, View, fault_at
from facilityplan.config.works_checks import SOURCE
from facilityplan.errors import Fault, Text

MOST_BILLS = 20  # kinds of bills (by who may pay) times years: the rows of stage_funding are made from their unions


def staged_works(view: View) -> Iterator[Fault]:
    """Sources of a year are known and stand once, levels are asked at the end of a year that there is."""
    years = [view.value("rules", "stages", n, "year") for n in view.keys("rules", "stages")]
    yield from _levels(view, years)
    known = [view.value("rules", "funding", n, "id") for n in view.keys("rules", "funding")]
    by_year = False
    for n in view.keys("rules", "stages"):
        seen: set[str] = set()
        for k in view.keys("rules", "stages", n, "funding"):
            by_year = True
            at = ("rules", "stages", n, "funding", k, "source")
            name = view.value(*at)
            if not isinstance(name, str):
                continue
            if name not in known and UNKNOWN not in known:
                yield unknown_reference(view.origin(*at), view.field(*at), SOURCE, name, sorted(map(str, known)))
            if name in seen:
                yield fault_at(view, "duplicate_id", at,
                               Text(f"这一年的“{name}”写了两次", f"“{name}” stands twice in this year"),
                               Text("每个来源每年只写一条", "write each source once a year"))
            seen.add(name)
    if by_year:
        yield from _too_many(view, len(years))


def _levels(view: View, years: list) -> Iterator[Fault]:
    for n in view.keys("rules", "levels"):
        at = ("rules", "levels", n, "year")
        year = view.value(*at)
        if isinstance(year, int) and UNKNOWN not in years and year not in years:
            there = listed([str(y) for y in years])
            yield fault_at(view, "no_such_year", at,
                           Text(f"方案没有 {year} 年这一阶段", f"the plan has no stage {year}"),
                           Text(f"写 {there.zh} 之一，或删去 year", f"write one of {there.en}, or take year away")
                           if years else Text("删去 year，或写 rules.stages", "take year away, or give rules.stages"))


def _too_many(view: View, years: int) -> Iterator[Fault]:
    kinds = {tuple(sorted(map(str, view.value("rules", "works", n, "sources") or ())))
             for n in view.keys("rules", "works") if view.value("rules", "works", n, "sources") is not UNKNOWN}
    if years * (len(kinds | {()})) > MOST_BILLS:
        yield fault_at(view, "too_many", ("rules", "stages"),
                       Text(f"各项目的资金来源组合 {len(kinds | {()})} 种，乘以 {years} 年，超过 {MOST_BILLS}",
                            f"{len(kinds | {()})} different lists of sources times {years} years, {MOST_BILLS} is the "
                            "most"),
                       Text("让更多项目共用同一组来源，或合并年份", "let more works share a list of sources, or have "
                                                                    "fewer years"))
