"""From config, inputs and travel times to the planning data: every scaling and rounding of the model happens here."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from facilityplan.access.types import Access, NearestTimes, TravelTimes
from facilityplan.config.schema import Config, Standard
from facilityplan.config.works import moves
from facilityplan.domain.kinds import FacilityKind, Status
from facilityplan.domain.sites import is_candidate, is_decided, is_permanent
from facilityplan.inputs.tables import Inputs
from facilityplan.model.gather_centres import attribute_data, centre_data, finer_sub_centres
from facilityplan.model.gather_consortia import consortia_data
from facilityplan.model.gather_fairness import with_fairness
from facilityplan.model.gather_locks import closure_data, lock_rows
from facilityplan.model.gather_modes import with_joint_sites, with_modes
from facilityplan.model.gather_rules import (
    blank_groups,
    circle_floors,
    doctor_data,
    money_data,
    sub_centre_data,
)
from facilityplan.model.gather_staffing import staffing_data
from facilityplan.model.gather_stages import stage_data
from facilityplan.model.gather_works import unsettled_sites, works_data
from facilityplan.model.hosts import host_pairs
from facilityplan.model.sets import HostPairs, LadderInput, PlanningData
from facilityplan.units import DECISECONDS_PER_MINUTE, PEOPLE_SCALE, UNREACHABLE_DS, people_tenths


def planning_data(config: Config, inputs: Inputs, access: Access) -> PlanningData:
    """Return everything the model is built from: integers, in canonical order of id.

    People become integer tenths by cell and only there; costs are rounded half up to whole yuan per item; shares are
    read as the decimal number that the config shows, so that 0.95 of a budget is exact.
    """
    facilities, villages = inputs.facilities, inputs.villages
    decided, candidate = is_decided(facilities), is_candidate(facilities)
    hospital = ((facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL)
                & (facilities["status"] != Status.CANDIDATE)).to_numpy(bool)  # fmt: skip
    unsettled, nowhere = unsettled_sites(config, facilities)
    village_row = {v: k for k, v in enumerate(villages["id"])}
    site_village = _positions(facilities["village"], village_row)
    townships = tuple(sorted({*villages["township"].dropna(), *facilities["township"].dropna()}))
    township_row = {t: k for k, t in enumerate(townships)}
    village_township = _positions(villages["township"], township_row)
    site_township = _or_village(_positions(facilities["township"], township_row), site_village, village_township)
    homeless = (site_township < 0) & (decided | candidate | hospital)
    if homeless.any():  # a place of its own, so that no doctor is counted into a township by accident
        townships = (*townships, "")
        site_township[homeless] = len(townships) - 1
    consortia = {
        c: k for k, c in enumerate(sorted({*villages["consortium"].dropna(), *facilities["consortium"].dropna()}))
    }
    site_consortium = _or_village(
        _positions(facilities["consortium"], consortia), site_village, _positions(villages["consortium"], consortia)
    )

    cell_village = _positions(inputs.cells["village"], village_row)
    cell_people = people_tenths(inputs.cells["people"].to_numpy())
    village_people = np.bincount(
        cell_village[cell_village >= 0], weights=cell_people[cell_village >= 0], minlength=len(villages)
    ).astype(np.int64)
    rank = canonical_rank(facilities, site_village, village_people)
    load, load_scale = clinic_load(decided, candidate, site_village, village_people)
    ladders = tuple(_ladder_input(config, s, inputs, access, cell_village, ~nowhere) for s in config.standards)
    doctors = doctor_data(config, facilities, decided, site_township, len(townships), load_scale)
    money = money_data(config, facilities, decided, candidate)
    works = works_data(config, facilities, decided, candidate, load, load_scale, doctors, money)
    data = PlanningData(
        site_ids=tuple(facilities["id"]),
        decided=decided,
        candidate=candidate,
        hospital=hospital,
        site_village=site_village,
        site_township=site_township,
        rank=rank,
        village_ids=tuple(villages["id"]),
        village_people=village_people,
        village_township=village_township,
        townships=townships,
        load=load,
        load_scale=load_scale,
        pairs=_host_pairs(
            config,
            inputs,
            access,
            decided,
            hospital,
            site_village,
            site_township,
            site_consortium,
            village_people,
            rank,
            village_row,
        ),
        host_limit_min=config.rules.hosts.limit_min,
        max_hosts=config.rules.hosts.max_hosts,
        ladders=ladders,
        circle_floors=circle_floors(config, ladders, village_township),
        blank_groups=blank_groups(facilities, candidate, site_village),
        max_blank=config.rules.max_blank_villages,
        doctors=doctors,
        money=money,
        sub_centres=finer_sub_centres(
            sub_centre_data(
                config,
                facilities,
                villages,
                hospital | unsettled,
                access,
                village_people,
                village_township,
                len(townships),
            ),
            config,
            facilities,
            villages,
            access,
            village_township,
            site_village,
            site_township,
        ),
        objectives=(),
        dropped=frozenset(config.rules.without),
        locks=lock_rows(config, tuple(facilities["id"])),
        closures=closure_data(config, decided, site_township, len(townships)),
        consortia=consortia_data(
            config, facilities, villages, access, townships, site_township, village_people, village_township
        ),
        works=works,
        unsettled=unsettled if unsettled.any() else None,
        nowhere=nowhere if nowhere.any() else None,
        stages=stage_data(config, facilities, site_township, len(townships), doctors, money),
        centres=centre_data(config, facilities, villages, access, village_people, village_township),
        centres_per_host=config.rules.centres_per_host,
        attributes=attribute_data(config, facilities, access, cell_people, ~nowhere, works),
        staffing=staffing_data(config, ladders, village_people, village_township, len(townships), load_scale),
    )
    data = with_modes(config, inputs, access, with_joint_sites(config, inputs, data))
    return with_fairness(data, config, access.today)


def canonical_rank(facilities: pd.DataFrame, site_village: np.ndarray, village_people: np.ndarray) -> np.ndarray:
    """Return each site's place in ties (int32): people of its village downwards, then x, then y, then id."""
    people = np.where(site_village >= 0, village_people[site_village], 0) if len(village_people) else site_village * 0
    x, y = facilities.geometry.x.to_numpy(), facilities.geometry.y.to_numpy()
    order = np.lexsort((facilities["id"].to_numpy(str), y, x, -people))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order))
    return rank


def clinic_load(
    decided: np.ndarray, candidate: np.ndarray, site_village: np.ndarray, village_people: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return the people of each clinic (int64, by site) and their scale (units per person).

    A village's people are shared equally among its decided clinics; the scale 10 · lcm(number of clinics) keeps the
    shares whole. A candidate has its village's people where the village has no decided clinic.
    """
    known = decided & (site_village >= 0)
    clinics = np.bincount(site_village[known], minlength=len(village_people))
    scale = math.lcm(*(int(n) for n in np.unique(clinics[clinics > 0]))) if known.any() else 1
    load = np.zeros(len(decided), dtype=np.int64)
    load[known] = village_people[site_village[known]] * scale // clinics[site_village[known]]
    alone = candidate & (site_village >= 0)
    alone[alone] = clinics[site_village[alone]] == 0
    load[alone] = village_people[site_village[alone]] * scale
    return load, scale * PEOPLE_SCALE


def no_harm_limit(today_ds: np.ndarray, limit_min: int, form: str, delta_min: int) -> np.ndarray:
    """Return each cell's no-harm limit in deciseconds (int64), -1 where none holds.

    inside_stays_inside: 600 · limit for a cell inside today, today + 600 · delta for one outside; strict: today + 600 ·
    delta for all. A cell that reaches nothing today has none.
    """
    today = np.asarray(today_ds, dtype=np.int64)
    limit = today + delta_min * DECISECONDS_PER_MINUTE
    if form == "inside_stays_inside":
        limit = np.where(today <= limit_min * DECISECONDS_PER_MINUTE, limit_min * DECISECONDS_PER_MINUTE, limit)
    return np.where(today == UNREACHABLE_DS, -1, limit)


def counted_sites(
    times: TravelTimes,
    site_of: np.ndarray,
    counted: np.ndarray,
    permanent: np.ndarray,
    today: NearestTimes,
    limit_ds: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (indptr, site, ds) of each cell's counted sites in order of (time, site), cut after the first permanent
    one.

    ``site_of`` leads from a position in ``times.site_ids`` to the site. Where a cell's no-harm limit reaches past the
    times known (they end at the horizon), the site that serves it today is added: it is within the limit by definition.
    """
    cell = np.repeat(np.arange(len(times.origin_ids)), np.diff(times.indptr))
    site, ds = site_of[times.site], times.ds
    keep = (site >= 0) & (ds != UNREACHABLE_DS)
    keep[keep] = counted[site[keep]]
    cell, site, ds = cell[keep], site[keep], ds[keep].astype(np.int64)
    served = np.zeros(len(limit_ds), dtype=bool)
    served[cell[ds <= limit_ds[cell]]] = True
    lost = np.flatnonzero((limit_ds >= 0) & ~served & (today.site >= 0))
    if len(lost):
        cell, ds = np.concatenate([cell, lost]), np.concatenate([ds, today.ds[lost]])
        site = np.concatenate([site, site_of[today.site[lost]]])
    later = ds[1:] - ds[:-1]
    rising = (later > 0) | ((later == 0) & (site[1:] >= site[:-1]))
    if not ((cell[1:] > cell[:-1]) | ((cell[1:] == cell[:-1]) & rising)).all():  # mostly the travel times come sorted
        order = np.lexsort((site, ds, cell))
        cell, site, ds = cell[order], site[order], ds[order]
    fixed = permanent[site].astype(np.int64)
    before = np.cumsum(fixed) - fixed
    start = np.searchsorted(cell, np.arange(len(limit_ds)))
    base = np.zeros(len(limit_ds), dtype=np.int64)
    has = start < len(cell)
    base[has] = before[start[has]]
    keep = before - base[cell] == 0
    cell, site, ds = cell[keep], site[keep], ds[keep]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(limit_ds)))]).astype(np.int64)
    return indptr, site.astype(np.int32), ds.astype(np.int32)


def _positions(labels: pd.Series, rows: dict[str, int]) -> np.ndarray:
    return labels.map(rows).fillna(-1).to_numpy().astype(np.int32) if len(labels) else np.zeros(0, np.int32)


def _or_village(own: np.ndarray, site_village: np.ndarray, of_village: np.ndarray) -> np.ndarray:
    """A site's own value where known, else its village's."""
    if not len(of_village):
        return own
    return np.where((own < 0) & (site_village >= 0), of_village[site_village], own).astype(np.int32)


def _ladder_input(
    config: Config,
    standard: Standard,
    inputs: Inputs,
    access: Access,
    cell_village: np.ndarray,
    possible: np.ndarray,
) -> LadderInput:
    facilities, times, today = inputs.facilities, access.cells[standard.id], access.today[standard.id]
    row = {i: k for k, i in enumerate(facilities["id"])}
    site_of = np.array([row.get(i, -1) for i in times.site_ids], dtype=np.int64)
    counted = facilities["kind"].isin([str(k) for k in standard.kinds]).to_numpy(bool) & possible
    permanent = is_permanent(facilities, moves(config))
    people = inputs.cells["people" if standard.group == "all" else "people_65"].to_numpy(float)
    rule = config.rules.no_harm
    limit = np.full(len(people), -1, dtype=np.int64)
    if rule.form != "off" and standard.id in (rule.standards or (config.standards[0].id,)):
        limit = no_harm_limit(today.ds, standard.limit_min, rule.form, rule.delta_min)
        limit[inputs.cells["village"].isin(rule.exempt_villages).to_numpy(bool) | (people <= 0)] = -1
    indptr, site, ds = counted_sites(times, site_of, counted, permanent, today, limit)
    return LadderInput(standard.id, standard.limit_min, people_tenths(people), cell_village, indptr, site, ds, limit)


def _host_pairs(
    config: Config,
    inputs: Inputs,
    access: Access,
    decided,
    hospital,
    village,
    township,
    consortium,
    village_people,
    rank,
    village_row,
) -> HostPairs:
    n = len(inputs.facilities)
    row = {i: k for k, i in enumerate(inputs.facilities["id"])}
    ds = np.full((n, n), UNREACHABLE_DS, dtype=np.int32)
    times = access.sites
    origin = np.array([row.get(i, -1) for i in times.origin_ids], dtype=np.int64)
    site = np.array([row.get(i, -1) for i in times.site_ids], dtype=np.int64)
    a = np.repeat(origin, np.diff(times.indptr))
    b = site[times.site]
    known = (a >= 0) & (b >= 0)
    ds[a[known], b[known]] = times.ds[known]
    rules = config.rules.hosts
    adjacency = [
        (village_row[a], village_row[b]) for a, b in sorted(access.adjacency) if a in village_row and b in village_row
    ]
    return host_pairs(
        decided=decided,
        hospital=hospital,
        village=village,
        township=township,
        consortium=consortium,
        village_people=village_people,
        rank=rank,
        ds=ds,
        limit_min=rules.limit_min,
        adjacent_villages=adjacency,
        adjacent=rules.adjacent,
        same_township=rules.same_township,
        same_consortium=rules.same_consortium and config.rules.consortia is None,
        host_at_least_guest=rules.host_at_least_guest,
        hosts=decided | hospital | is_candidate(inputs.facilities) if rules.new_sites else None,
    )
