"""The plan's tables, as domain.columns declares them: villages, facilities, cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facilityplan.domain.columns import PLAN_CELLS, PLAN_FACILITIES, PLAN_VILLAGES, Column
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import CLINIC_KINDS, NoClinic, ServiceMode
from facilityplan.domain.sites import is_candidate, is_decided
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.assigned import Travel
from facilityplan.plan.consortia import site_consortium
from facilityplan.plan.counts import SiteCounts
from facilityplan.plan.metrics import weighted_mean, weighted_p90
from facilityplan.plan.money import Money
from facilityplan.plan.staffing import SiteStaffing

DTYPES = {"text": object, "integer": "Int64", "number": "float64", "boolean": bool}


def table(columns: tuple[Column, ...], data: dict[str, Iterable[Any]]) -> pd.DataFrame:
    """Return a table with exactly the declared columns and types, RangeIndex; missing text is None.

    Integers that may be missing are Int64, the others int64.
    """
    frame = pd.DataFrame(index=range(len(next(iter(data.values()))))) if data else pd.DataFrame()
    for column in columns:
        values = pd.Series(list(data[column.name]), dtype=object)
        if column.type == "text":
            frame[column.name] = pd.Series([None if pd.isna(v) else str(v) for v in values], dtype=object)
        elif column.type == "integer":
            numbers = pd.Series([pd.NA if pd.isna(v) else int(v) for v in values], dtype="Int64")
            frame[column.name] = numbers if column.nullable else numbers.astype("int64")
        else:
            frame[column.name] = values.astype(DTYPES[column.type])
    return frame


def no_clinic_because(inputs: Inputs, decisions: Decisions, fates: list[Fate]) -> list[str | None]:
    """Return why each village of mode none has no clinic (NoClinic), None for the others."""
    facilities = inputs.facilities
    served = set(facilities.loc[facilities["id"].isin(decisions.open_sites()), "village"].dropna())
    offered = set(facilities.loc[is_candidate(facilities), "village"].dropna())

    def why(village: str) -> NoClinic:
        if village in served:
            return NoClinic.HOSPITAL_HERE
        return NoClinic.CANDIDATE_NOT_BUILT if village in offered else NoClinic.NO_CANDIDATE_SITE

    return [str(why(village)) if fate.mode is ServiceMode.NONE else None
            for village, fate in zip(inputs.villages["id"], fates, strict=True)]


class Fate(NamedTuple):
    """What happens to one village."""

    mode: ServiceMode
    clinic: str | None = None  # the one whose host counts
    host: str | None = None  # for circuit, neighbour and posted: whose staff come


def village_fates(inputs: Inputs, decisions: Decisions, doctors: np.ndarray) -> list[Fate]:
    """Return the fate of every village, in the order of ``inputs.villages``.

    keep where any clinic of the village is open with a doctor of its own under the plan; else posted where one is open
    with posted staff; else what becomes of its public clinic with most doctors, then most posts, then the smallest id
    (merge, circuit or neighbour); a village without any has the visits decided for it, else none.
    """
    facilities = inputs.facilities
    posts = facilities["posts"].astype("Float64").fillna(0).to_numpy(float)
    clinic = facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    decided, open_ids = is_decided(facilities), decisions.open_sites()
    ids, size = facilities["id"].tolist(), np.nan_to_num(doctors)
    by_village: dict[str, list[int]] = {}
    for row in np.flatnonzero(clinic & facilities["village"].notna().to_numpy(bool)).tolist():
        by_village.setdefault(facilities["village"].iat[row], []).append(row)
    fates = []
    for village in inputs.villages["id"]:
        rows = by_village.get(village, [])
        merged = [row for row in rows if decided[row]]
        still = [ids[row] for row in rows if ids[row] in open_ids]
        posted = [i for i in still if decisions.sites[i].service is ServiceMode.POSTED]
        if len(still) > len(posted):
            fates.append(Fate(ServiceMode.KEEP))
        elif merged:
            of = [row for row in merged if ids[row] in posted] or merged
            largest = ids[min(of, key=lambda row: (-size[row], -posts[row], ids[row]))]
            made = decisions.sites[largest]
            if made.service is None:
                fates.append(Fate(ServiceMode.MERGE, largest, made.merged_into))
            else:
                fates.append(Fate(made.service, largest, made.served_from))
        elif village in decisions.visits:
            visit = decisions.visits[village]
            fates.append(Fate(visit.service, None, visit.served_from))
        else:
            fates.append(Fate(ServiceMode.NONE))
    return fates


def village_stages(inputs: Inputs, decisions: Decisions, fates: list[Fate]) -> list[int | None]:
    """Return the year in which each village's service changes, None where it does not or the plan has no years.

    A village that merged or is served in another way has the year of the clinic that counts; one that gets its first
    clinic that of the earliest one built; one without any that of its visits.
    """
    facilities, made = inputs.facilities, decisions.sites
    candidate = set(facilities.loc[is_candidate(facilities), "id"])
    clinic = facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    stands: dict[str, list[str]] = {}
    is_open = decisions.open_sites()
    for site, village in facilities.loc[clinic, ["id", "village"]].itertuples(index=False, name=None):
        if site in is_open:
            stands.setdefault(village, []).append(site)

    def year(village: str, fate: Fate) -> int | None:
        if fate.clinic is not None:
            return made[fate.clinic].stage
        if village in decisions.visits:
            return decisions.visits[village].stage
        here = stands.get(village, [])
        years = [made[i].stage for i in here if made[i].stage is not None]
        return min(years) if years and all(i in candidate for i in here) else None

    return [year(v, f) for v, f in zip(inputs.villages["id"], fates, strict=True)]


def villages_table(inputs: Inputs, decisions: Decisions, travel: Travel, doctors: np.ndarray,
                   minutes_to_host: Callable[[str, str], float | None], days: Mapping[ServiceMode, int],
                   periodic: Callable[[Fate, str, np.ndarray], float | None]) -> pd.DataFrame:
    """Return PLAN_VILLAGES, sorted by id. Minutes weigh everybody; people outside are those of the standard's group.

    ``days`` a week of each service mode; ``periodic`` gives the mean minutes to the place that is visited.
    """
    villages, cells = inputs.villages, inputs.cells
    fates = village_fates(inputs, decisions, doctors)
    people = cells["people"].to_numpy(float)
    limit = travel.standard.limit_min
    out_before, out_after = ~travel.before.inside(limit), ~travel.after.inside(limit)
    rows_of = cells.groupby("village").indices
    candidates = set(inputs.facilities.loc[is_candidate(inputs.facilities), "id"])
    nobody = np.array([], dtype=np.int64)

    def by_village(figure: Callable[[np.ndarray], Any]) -> list[Any]:
        return [figure(rows_of.get(v, nobody)) for v in villages["id"]]

    def most_use(rows: np.ndarray) -> str | None:
        rows = rows[travel.after.site[rows] >= 0]
        if not len(rows):
            return None
        used, users = np.unique(travel.after.site[rows]), np.bincount(travel.after.site[rows], weights=people[rows])
        return inputs.facilities["id"].iat[used[np.argmax(users[used])]]  # in order of id: ties go to the first

    before, after = travel.before.minutes, travel.after.minutes
    mean_after = by_village(lambda r: weighted_mean(after[r], people[r]))
    return table(PLAN_VILLAGES, {
        "id": villages["id"], "name": villages["name"], "township": villages["township"],
        "lon": villages["lon"], "lat": villages["lat"],
        "mode": [str(f.mode) for f in fates], "host": [f.host for f in fates],
        "host_new_site": [f.host in candidates for f in fates],
        "days_per_week": [days.get(f.mode, 0) for f in fates],
        "people": by_village(lambda r: people[r].sum()),
        "people_65": by_village(lambda r: cells["people_65"].to_numpy(float)[r].sum()),
        "minutes_before": by_village(lambda r: weighted_mean(before[r], people[r])),
        "minutes_after": mean_after,
        "minutes_after_p90": by_village(lambda r: weighted_p90(after[r], people[r])),
        "minutes_nearest_after": mean_after,  # closest assignment: the assigned site is the nearest one
        "minutes_to_host": [minutes_to_host(f.clinic, f.host) if f.mode is ServiceMode.MERGE and f.host else None
                            for f in fates],
        "people_out_before": by_village(lambda r: travel.weight[r][out_before[r]].sum()),
        "people_out_after": by_village(lambda r: travel.weight[r][out_after[r]].sum()),
        "catchment_of": [decisions.catchments.get(t) for t in villages["township"]],
        "served_by": by_village(most_use),
        "minutes_periodic": [periodic(fate, v, rows_of.get(v, nobody))
                             for fate, v in zip(fates, villages["id"], strict=True)],
        "no_clinic_because": no_clinic_because(inputs, decisions, fates),
        "consortium": [decisions.consortia.get(t) for t in villages["township"]],
        "stage": village_stages(inputs, decisions, fates),
    })


def facilities_table(inputs: Inputs, decisions: Decisions, sites: SiteCounts, travel: Travel, staff: SiteStaffing,
                     locked: Mapping[str, Text], money: Money | None = None) -> pd.DataFrame:
    """Return PLAN_FACILITIES, sorted by id: every facility that stands or is built. ``locked``: fixed in advance."""
    people = inputs.cells["people"].to_numpy(float)
    reached = travel.after.site >= 0
    nearest = np.bincount(travel.after.site[reached], weights=people[reached], minlength=len(inputs.facilities))
    keep = inputs.facilities["id"].isin(decisions.sites).to_numpy(bool)
    facilities = inputs.facilities[keep]
    made = [decisions.sites[i] for i in facilities["id"]]
    empty = [None] * len(made)
    return table(PLAN_FACILITIES, {
        **{name: facilities[name] for name in ("id", "name", "kind", "township", "village", "lon", "lat")},
        "action": [str(d.action) for d in made],
        "merged_into": [d.merged_into for d in made],
        "service": [None if d.service is None else str(d.service) for d in made],
        "served_from": [d.served_from for d in made],
        "teams": [d.teams for d in made],
        "sub_centre": [d.sub_centre for d in made],
        "doctors_before": sites.doctors_before[keep],
        "doctors": sites.doctors_after[keep],
        "people_served": sites.people_served[keep],
        "people_nearest": nearest[keep],
        **{name: values[keep] for name, values in staff.columns().items()},
        "capital_cost_cny": sites.capital_cny[keep],
        "annual_cost_cny": sites.annual_cny[keep],
        "stage": [d.stage for d in made],
        "locked": [locked[i].zh if i in locked else None for i in facilities["id"]],
        "locked_en": [locked[i].en if i in locked else None for i in facilities["id"]],
        "consortium": site_consortium(inputs, decisions, facilities["id"]),
        "funding_source": empty if money is None else np.array(money.funding_source, dtype=object)[keep],
        "balance_cny_before": empty if money is None else money.balance_before[keep],
        "balance_cny_after": empty if money is None else money.balance_after[keep],
        "services": [";".join(decisions.services_of(i)) or None for i in facilities["id"]],
        "equipped": [";".join(decisions.equipped_for(i)) or None for i in facilities["id"]],
    })


def cells_table(inputs: Inputs, travel: Travel) -> pd.DataFrame:
    """Return PLAN_CELLS in the order of Inputs.cells: minutes exact, empty with a state where there is no figure."""
    ids = inputs.facilities["id"].to_numpy(object)

    def site_ids(rows: np.ndarray) -> np.ndarray:
        return np.where(rows >= 0, ids[rows], None)

    return table(PLAN_CELLS, {
        **{name: inputs.cells[name] for name in ("cell", "lon", "lat", "people", "people_65", "village")},
        "minutes_before": travel.before.minutes, "minutes_after": travel.after.minutes,
        "state_before": travel.before.state, "state_after": travel.after.state,
        "site_before": site_ids(travel.before.site), "site_after": site_ids(travel.after.site),
    })
