"""The verifier's checks of access: nobody harmed, circles large enough, no village left blank, a second opinion."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from facilityplan.config.schema import Standard
from facilityplan.domain.kinds import CLINIC_KINDS
from facilityplan.plan.claims import Ledger, listed
from facilityplan.plan.recount_base import Recount, share_of
from facilityplan.plan.recount_travel import NEVER

SAMPLE = 6  # cells whose time is found once more by brute force and networkx


def check_no_harm(r: Recount, ledger: Ledger) -> None:
    """By cell: inside stays inside and outside gets no farther than allowed, or (strict) nobody does."""
    rule = r.rules.no_harm
    if rule.form == "off":
        return
    for standard_id in rule.standards or (r.first.id,):
        standard = r.config.standard(standard_id)
        before, after = r.nearest(standard, "before"), r.nearest(standard, "after")
        limit = no_harm_limits(r, standard)
        rows = np.flatnonzero(limit >= 0)
        ok = (after.ds != NEVER) & (after.ds <= limit)
        ledger.check_rows("no_harm", ok[rows], partial(_harm, r, standard, rows, before.ds, after.ds, limit))


def no_harm_limits(r: Recount, standard: Standard) -> np.ndarray:
    """Return each cell's limit in deciseconds (int64), -1 where none holds."""
    rule, before = r.rules.no_harm, r.nearest(standard, "before")
    exempt = np.isin(r.cell_village.astype(str), list(rule.exempt_villages))
    limit = before.ds + 600 * rule.delta_min
    if rule.form == "inside_stays_inside":
        limit = np.where(before.within(standard.limit_min), 600 * standard.limit_min, limit)
    return np.where((before.ds != NEVER) & ~exempt & (r.weight(standard) > 0), limit, -1)


def _harm(r: Recount, standard: Standard, rows: np.ndarray, before: np.ndarray, after: np.ndarray, limit: np.ndarray,
          k: int) -> str:
    row = rows[k]
    return (f"{standard.id}: cell {r.inputs.cells['cell'].iloc[row]} of village {r.cell_village[row]} goes from "
            f"{before[row] / 600:.2f} to {_minutes(after[row])} min, allowed are {limit[row] / 600:.2f}")


def check_circle_share(r: Recount, ledger: Ledger) -> None:
    """The share of people inside a circle is no less than asked, in the county and where asked in every township."""
    for rule in r.rules.circle_share:
        standard = r.config.standard(rule.standard)
        township = np.array([r.township_of.get(v) for v in r.cell_village], dtype=object)
        places = [None, *sorted({t for t in township if t is not None})] if rule.per_township else [None]
        for place in places:
            mask = np.ones(len(township), dtype=bool) if place is None else township == place
            total, out = _group_and_outside(r, standard, mask)
            allowed = math.floor(total - share_of(rule.min_share, total))
            where = standard.id if place is None else f"{standard.id} in {place}"
            ledger.check("circle_share", out <= allowed,
                         f"{where}: {out / 10:.1f} of {total / 10:.1f} people are outside, at most {allowed / 10:.1f} "
                         f"may be (share {rule.min_share})")


def check_blank_villages(r: Recount, ledger: Ledger) -> None:
    """Villages with a candidate site that stay without any clinic are no more than allowed."""
    if (most := r.rules.max_blank_villages) is None:
        return
    clinics = {str(k) for k in CLINIC_KINDS}
    served = {s.village for s in r.sites.values() if s.kind in clinics and not s.candidate}
    served |= {s.village for s in r.sites.values() if s.candidate and r.is_open(s.id)}
    asked = {s.village for s in r.sites.values() if s.candidate and s.village}
    if r.rules.modes.periodic:  # every village without any site could be visited
        asked |= set(r.village_rows) - {s.village for s in r.sites.values() if s.decided or r.is_open(s.id)}
    blank = sorted(asked - served - set(r.decisions.visits))
    ledger.check("blank_villages", len(blank) <= most,
                 f"{len(blank)} villages stay blank, at most {most} may: {listed(blank)}")


def check_second_opinion(r: Recount, ledger: Ledger) -> None:
    """A few cells' times once more: nearest road by brute force over all roads, shortest way by networkx."""
    for standard in r.config.standards:
        for when in ("before", "after"):
            times = r.nearest(standard, when)
            known = np.flatnonzero((times.ds != NEVER) & (times.ds <= 600 * 2 * standard.limit_min))
            if not len(known):
                continue
            ranked = known[np.lexsort((known, times.ds[known]))]
            picked = np.unique(ranked[np.linspace(0, len(ranked) - 1, SAMPLE // 2).astype(int)])
            roads, sites = r.roads(standard.mode), r.joints(standard.mode, "facilities")
            xy = r.inputs.cells[["x", "y"]].to_numpy(float)
            for row in picked.tolist():
                quick = int(times.ds[row])
                slow = roads.slow_nearest(xy[row], sites, r.counted_sites(standard, when), quick)
                ledger.check("second_opinion", slow == quick,
                             f"{standard.id} {when}: cell {r.inputs.cells['cell'].iloc[row]} is {quick} deciseconds "
                             f"away by scipy, {slow} by networkx")


def uncovered_tenths(r: Recount, standard: Standard) -> int:
    """People of the standard's group outside its circle under the plan, in tenths."""
    return _group_and_outside(r, standard, np.ones(len(r.people), dtype=bool))[1]


def _group_and_outside(r: Recount, standard: Standard, mask: np.ndarray) -> tuple[int, int]:
    tenths = np.rint(r.weight(standard) * 10).astype(np.int64)
    outside = ~r.nearest(standard, "after").within(standard.limit_min)
    return int(tenths[mask].sum()), int(tenths[mask & outside].sum())


def _minutes(ds: int) -> str:
    return "no site at all," if ds == NEVER else f"{ds / 600:.2f}"
