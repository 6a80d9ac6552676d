"""The verifier's checks of attribute floors: which sites have what, who lives near one, what was equipped."""

from __future__ import annotations

from typing import Any

import numpy as np

from facilityplan.config.centres import AttributeFloor
from facilityplan.domain.kinds import Ownership
from facilityplan.plan.claims import Ledger
from facilityplan.plan.recount_base import Recount, known, share_of
from facilityplan.plan.recount_centres import compare_records
from facilityplan.plan.recount_institutions import Site


def check_attribute_sites(r: Recount, ledger: Ledger) -> None:
    """Enough of the open sites have the attribute, by number and by share."""
    for floor in r.rules.attributes:
        if floor.count == "sites":
            there = _of_kinds(r, floor) & r.open_after
            _floors(ledger, "attribute_sites", floor, int((there & _has_after(r, floor)).sum()), int(there.sum()),
                    "open sites")


def check_attribute_people(r: Recount, ledger: Ledger) -> None:
    """Enough people live near an open site that has the attribute, by number and by share."""
    tenths = np.rint(r.people * 10).astype(np.int64)
    for floor in r.rules.attributes:
        if floor.count == "people":
            near = _near(r, floor, _of_kinds(r, floor) & r.open_after & _has_after(r, floor))
            _floors(ledger, "attribute_people", floor, int(tenths[near].sum()), int(tenths.sum()), "people", scale=10)


def _floors(ledger: Ledger, rule: str, floor: AttributeFloor, having: int, whole: int, what: str, *,
            scale: int = 1) -> None:
    if floor.min_count is not None:
        ledger.check(rule, having >= floor.min_count * scale,
                     f"{floor.id}: {having / scale:g} {what}, at least {floor.min_count} asked")
    if floor.min_share is not None:
        ledger.check(rule, having >= share_of(floor.min_share, whole),
                     f"{floor.id}: {having / scale:g} of {whole / scale:g} {what}, asked is a share of "
                     f"{floor.min_share}")


def check_attributes(r: Recount, ledger: Ledger) -> None:
    """`attributes` of plan.json, figure by figure; only open public sites that lack an attribute are equipped."""
    floors = sorted(r.rules.attributes, key=lambda floor: floor.id)
    by_id = {floor.id: floor for floor in floors}
    for name, sites in r.decisions.equipped.items():
        floor = by_id.get(name)
        priced = ledger.check("attributes", floor is not None and floor.equip_cny is not None,
                              f"{name}: sites are equipped, which is not offered")
        ledger.check("attributes", len(set(sites)) == len(sites), f"{name}: a site is equipped twice")
        for site in sites if priced else ():
            row = r.sites[site].row if site in r.sites else None
            public = row is not None and r.inputs.facilities["ownership"].iloc[row] != Ownership.PRIVATE
            lacks = public and _of_kinds(r, floor)[row] and not _has_today(r, floor)[row]
            ledger.check("attributes", lacks and r.is_open(site),
                         f"{name}: {site} is equipped, but is closed, private, of another kind, or has it already")
    compare_records(ledger, "attributes", r.claims.blocks.get("attributes", ()), [_record(r, f) for f in floors])


def _record(r: Recount, floor: AttributeFloor) -> dict[str, Any]:
    kinds, before, after = _of_kinds(r, floor), r.open_before, r.open_after
    has, having = _has_today(r, floor), _has_after(r, floor)
    missing = np.array([not known(value_after(r, floor.column, site)) for site in r.sites.values()], dtype=bool)
    record: dict[str, Any] = {
        "id": floor.id, "name": floor.name, "name_en": floor.name_en, "column": floor.column, "count": floor.count,
        "min_count": floor.min_count, "min_share": floor.min_share,
        "sites_before": int((kinds & before).sum()), "sites_with_before": int((kinds & before & has).sum()),
        "sites_after": int((kinds & after).sum()), "sites_with_after": int((kinds & after & having).sum()),
        "sites_not_known": int((kinds & after & missing).sum()),
        "equipped": sorted(r.decisions.equipped.get(floor.id, ()))}
    if floor.count == "people":
        record |= {"mode": floor.mode, "limit_min": floor.limit_min, "people": float(r.people.sum()),
                   "people_near_before": float(r.people[_near(r, floor, kinds & before & has)].sum()),
                   "people_near_after": float(r.people[_near(r, floor, kinds & after & having)].sum())}
    return record


def _of_kinds(r: Recount, floor: AttributeFloor) -> np.ndarray:
    wanted = {str(kind) for kind in floor.kinds}
    return np.array([site.kind in wanted for site in r.sites.values()], dtype=bool)


def _has_today(r: Recount, floor: AttributeFloor) -> np.ndarray:
    """Which facilities have the attribute in the table (bool by row); a missing value counts as not."""
    return np.array([_fits(floor, value) for value in r.inputs.facilities[floor.column]], dtype=bool)


def _fits(floor: AttributeFloor, value: Any) -> bool:
    if not known(value):
        return False
    return float(value) >= floor.at_least if floor.at_least is not None else bool(value) == floor.value


def value_after(r: Recount, column: str, site: Site) -> Any:
    """Return a column's value under the plan: figures of hospitals with works done; a hospital that has moved has its
    Chinese medicine and its smart clinic with it, unless the table knows the new place better."""
    if column in ("beds", "doctors", "level"):
        return r.figure_after(site, column)
    own = r.inputs.facilities[column].iloc[site.row]
    if known(own) or column not in ("tcm", "smart"):
        return own
    return r.inputs.facilities[column].iloc[r.sites[r.institution(site)].row]


def _has_after(r: Recount, floor: AttributeFloor) -> np.ndarray:
    given = set(r.decisions.equipped.get(floor.id, ()))
    return np.array(
        [i in given or _fits(floor, value_after(r, floor.column, site)) for i, site in r.sites.items()], dtype=bool)


def _near(r: Recount, floor: AttributeFloor, sites: np.ndarray) -> np.ndarray:
    """Which cells have one of the sites within the limit (bool by cell)."""
    if not sites.any():
        return np.zeros(len(r.people), dtype=bool)
    roads = r.roads(floor.mode)
    return roads.nearest(r.joints(floor.mode, "cells"), r.joints(floor.mode, "facilities"),
                         sites).within(floor.limit_min)
