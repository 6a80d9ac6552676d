"""From config, inputs and travel times to the block of consortia, as whole numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.model.consortia import ConsortiaData, parts_without
from facilityplan.model.gather_rules import exact
from facilityplan.units import UNREACHABLE_DS, minutes_whole


def consortia_data(
    config: Config,
    facilities: pd.DataFrame,
    villages: pd.DataFrame,
    access: Access,
    townships: tuple[str, ...],
    site_township: np.ndarray,
    village_people: np.ndarray,
    village_township: np.ndarray,
) -> ConsortiaData | None:
    """Return the block of consortia, None where the config has none.

    Every township that has a village or a facility is grouped. cost[t, c] = Σ_v people_v · whole minutes from village v
    of township t to lead c; a lead that some village of the township cannot reach is no choice for it, but a village
    that reaches no lead at all costs nothing and hinders nothing. Two townships are adjacent where two of their
    villages are, so water without a bridge parts them.
    """
    rules = config.rules.consortia
    if rules is None:
        return None
    names = sorted(rules.leads)
    site_row = {i: k for k, i in enumerate(facilities["id"])}
    leads = np.array([site_row[i] for i in names], dtype=np.int32)
    rows = np.array([t for t, name in enumerate(townships) if name], dtype=np.int32)
    row_of = {int(t): row for row, t in enumerate(rows)}
    minutes = _minutes(access, villages["id"], names)
    cost = np.zeros((len(rows), len(leads)), dtype=np.int64)
    farthest = np.zeros_like(cost)
    for row, t in enumerate(rows):
        own = np.flatnonzero(village_township == t)
        own = own[(minutes[own] >= 0).any(axis=1)]
        reached = (minutes[own] >= 0).all(axis=0)
        cost[row] = np.where(reached, (village_people[own, None] * minutes[own]).sum(axis=0), -1)
        farthest[row] = np.where(reached, minutes[own].max(axis=0, initial=0), -1)
    of_village = {v: row_of.get(int(t)) for v, t in zip(villages["id"], village_township, strict=True)}
    pairs = {(of_village.get(a), of_village.get(b)) for a, b in access.adjacency}
    links = tuple(sorted({(min(p), max(p)) for p in pairs if None not in p and p[0] != p[1]}))
    home = np.array([row_of[int(t)] for t in site_township[leads]], dtype=np.int32)
    place = {townships[t]: row for t, row in row_of.items()}
    assigned = np.full(len(rows), -1, dtype=np.int32)
    for township, lead in rules.assigned.items():
        assigned[place[township]] = names.index(lead)
    return ConsortiaData(
        leads=leads,
        fixed=np.isin(names, rules.fixed_leads),
        home=home,
        townships=rows,
        people=np.array([village_people[village_township == t].sum() for t in rows], dtype=np.int64),
        cost=cost,
        farthest=farthest,
        links=links,
        exempt=parts_without(links, len(rows), home),
        assigned=assigned,
        min_count=rules.min_count,
        max_count=len(names) if rules.max_count is None else rules.max_count,
        balance=None if rules.balance_share is None else exact(rules.balance_share),
        min_townships=rules.min_townships,
        contiguous=rules.contiguous,
        max_minutes=rules.max_minutes,
        min_sub_centres=rules.min_sub_centres,
        catchments_inside=rules.catchments_inside,
        merge_inside=rules.merge_inside,
        pool_staff=rules.pool_staff,
    )


def _minutes(access: Access, villages: pd.Series, leads: list[str]) -> np.ndarray:
    """Whole minutes from each village to each lead (int64, villages × leads), -1 where there is no way."""
    times, minutes = access.to_leads, np.full((len(villages), len(leads)), -1, dtype=np.int64)
    village_row = {v: k for k, v in enumerate(villages)}
    column = {i: k for k, i in enumerate(leads)}
    row = np.repeat([village_row.get(i, -1) for i in times.origin_ids], np.diff(times.indptr)).astype(np.int64)
    col = np.array([column.get(i, -1) for i in times.site_ids], dtype=np.int64)[times.site]
    known = (row >= 0) & (col >= 0) & (times.ds != UNREACHABLE_DS)
    minutes[row[known], col[known]] = minutes_whole(times.ds[known])
    return minutes
