"""Checks of the section on consortia: its settings agree with one another and with the rest of the config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from facilityplan.config.messages import unknown_reference
from facilityplan.config.resolve import UNKNOWN, View, fault_at
from facilityplan.errors import Fault, Text

AT = ("rules", "consortia")
LEAD = Text("牵头医院（rules.consortia.leads）", "lead (rules.consortia.leads)")


def consortia(view: View) -> Iterator[Fault]:
    """Leads are listed once and fixed ones among them; counts, assignments and sub-centres can hold together."""
    if not consortia_on(view):
        return
    leads = _texts(view.value(*AT, "leads"))
    fixed = _texts(view.value(*AT, "fixed_leads"))
    yield from _listed_once(view, leads, fixed)
    if leads:
        for n, name in enumerate(fixed):
            if name not in leads:
                path = (*AT, "fixed_leads", n)
                yield unknown_reference(view.origin(*path), view.field(*path), LEAD, name, leads)
        assigned = view.value(*AT, "assigned")
        for township, name in assigned.items() if isinstance(assigned, dict) else ():
            if isinstance(name, str) and name not in leads:
                path = (*AT, "assigned", township)
                yield unknown_reference(view.origin(*path), view.field(*path), LEAD, name, leads)
    yield from _counts(view, leads, fixed)
    yield from _sub_centres(view)


def consortia_on(view: View) -> bool | None:
    """Return whether consortia are formed; None where that could not be read."""
    section = view.value(*AT)
    return None if section is UNKNOWN else section is not None


def _texts(value: Any) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _listed_once(view: View, leads: list[str], fixed: list[str]) -> Iterator[Fault]:
    for key, values in (("leads", leads), ("fixed_leads", fixed)):
        for n, value in enumerate(values):
            if value in values[:n]:
                yield fault_at(view, "duplicate_entry", (*AT, key, n),
                               Text(f"“{value}”列了两次", f"“{value}” is listed twice"), Text("只留一个", "keep one"))


def _counts(view: View, leads: list[str], fixed: list[str]) -> Iterator[Fault]:
    low, high = view.value(*AT, "min_count"), view.value(*AT, "max_count")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield fault_at(view, "min_above_max", (*AT, "min_count"),
                       Text(f"医共体至少 {low} 个，至多 {high} 个，互相矛盾",
                            f"at least {low} consortia but at most {high}"),
                       Text("让 min_count 不大于 max_count", "make min_count at most max_count"))
    if isinstance(low, int) and leads and low > len(set(leads)):
        yield fault_at(view, "too_few_leads", (*AT, "min_count"),
                       Text(f"要求至少 {low} 个医共体，但只列了 {len(set(leads))} 所可牵头的医院",
                            f"at least {low} consortia are asked, but only {len(set(leads))} leads are listed"),
                       Text("减少 min_count，或在 leads 中增加医院", "lower min_count, or list more leads"))
    if isinstance(high, int) and len(set(fixed)) > high:
        yield fault_at(view, "too_many_required", (*AT, "fixed_leads"),
                       Text(f"指定了 {len(set(fixed))} 所牵头医院，医共体上限是 {high} 个",
                            f"{len(set(fixed))} leads are fixed, {high} consortia is the most"),
                       Text("提高 max_count，或少指定几所", "raise max_count, or fix fewer leads"))


def _sub_centres(view: View) -> Iterator[Fault]:
    """Sub-centres asked of every consortium fit into the number of sub-centres that may be chosen."""
    each, low = view.value(*AT, "min_sub_centres"), view.value(*AT, "min_count")
    most = view.value("rules", "sub_centres", "max_count")
    if isinstance(each, int) and isinstance(low, int) and isinstance(most, int) and 0 < most < each * low:
        yield fault_at(view, "too_few_sub_centres", (*AT, "min_sub_centres"),
                       Text(f"{low} 个医共体各需 {each} 个次中心，但至多选 {most} 个次中心",
                            f"{low} consortia need {each} sub-centres each, but at most {most} are chosen"),
                       Text("提高 rules.sub_centres.max_count，或减少 min_sub_centres",
                            "raise rules.sub_centres.max_count, or lower min_sub_centres"))
    on = most not in (0, UNKNOWN, None) or view.value("rules", "sub_centres", "min_count") not in (0, UNKNOWN, None)
    if view.value(*AT, "catchments_inside") is True and most is not UNKNOWN and not on:
        yield fault_at(view, "sub_centres_off", (*AT, "catchments_inside"),
                       Text("要求次中心片区在医共体之内，但没有要选次中心",
                            "catchments are to lie inside a consortium, but no sub-centres are chosen"),
                       Text("删去 catchments_inside，或在 rules.sub_centres 里写 max_count",
                            "take catchments_inside away, or give rules.sub_centres a max_count"))
