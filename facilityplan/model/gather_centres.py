"""What ``gather`` makes of the config's service centres, attribute floors and finer rules of sub-centres."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from itertools import chain

import numpy as np
import pandas as pd

from facilityplan.access.types import Access, TravelTimes
from facilityplan.config.centres import AttributeFloor, ServiceCentre
from facilityplan.config.schema import Config
from facilityplan.config.works import moves
from facilityplan.domain.attributes import FIGURES, can_be_equipped, has_attribute, of_kinds, with_moved
from facilityplan.domain.kinds import Status
from facilityplan.domain.sites import is_permanent
from facilityplan.model.gather_rules import exact, whole_yuan
from facilityplan.model.sets import SubCentreData
from facilityplan.model.sets_centres import AttributeData, CentreData, Contiguity, components
from facilityplan.model.sets_works import WorksData
from facilityplan.units import DECISECONDS_PER_MINUTE, PEOPLE_SCALE, UNREACHABLE_DS, minutes_whole


def centre_data(
    config: Config,
    facilities: pd.DataFrame,
    villages: pd.DataFrame,
    access: Access,
    village_people: np.ndarray,
    village_township: np.ndarray,
) -> tuple[CentreData, ...]:
    """Return the services in the config's order of ids.

    A host is an existing hospital of the service's kinds, or a place to which one may relocate. cost[t, h] as for
    sub-centres: a host that some village of the township cannot reach is no choice for it, a village that reaches no
    host at all costs nothing.
    """
    services = sorted(config.rules.centres, key=lambda service: service.id)
    places = moves(config)
    return tuple(_centre(s, places, facilities, villages, access, village_people, village_township) for s in services)


def _centre(
    rule: ServiceCentre,
    places: Mapping[str, tuple[str, ...]],
    facilities: pd.DataFrame,
    villages: pd.DataFrame,
    access: Access,
    village_people: np.ndarray,
    village_township: np.ndarray,
) -> CentreData:
    stands = (facilities["status"] != Status.CANDIDATE) | facilities["id"].isin(set(chain(*places.values())))
    hosts = np.flatnonzero(of_kinds(facilities, rule.kinds) & stands.to_numpy(bool))
    table = facilities.iloc[hosts]
    eligible = np.ones(len(hosts), dtype=bool)
    asked = (("beds", rule.min_beds), ("doctors", rule.min_doctors), ("level", rule.min_level))
    thresholds = tuple((column, least) for column, least in asked if least is not None)
    for column, least in thresholds:
        eligible &= (table[column].fillna(-1) >= least).to_numpy(bool)  # a missing figure is not eligible
    forbidden = {place for h in rule.forbidden for place in (h, *places.get(h, ()))}
    minutes = village_minutes(access.to_hospitals[rule.mode], villages["id"], table["id"])
    rows, people, cost = township_costs(minutes, village_people, village_township)
    near: dict[tuple[int, ...], int] = {}
    if rule.limit_min is not None:
        within = (minutes >= 0) & (minutes <= rule.limit_min)
        for v in range(len(villages)):
            key = tuple(np.flatnonzero(within[v]).tolist())
            near[key] = near.get(key, 0) + int(village_people[v])
    share = None if rule.min_share is None else math.ceil(exact(rule.min_share) * int(village_people.sum()))
    sets = sorted(near, key=lambda s: (len(s), s))
    return CentreData(
        id=rule.id,
        hosts=hosts.astype(np.int32),
        eligible=eligible,
        required=table["id"].isin(rule.required).to_numpy(bool),
        forbidden=table["id"].isin(forbidden).to_numpy(bool),
        min_count=rule.min_count,
        max_count=rule.max_count,
        townships=rows,
        people=people,
        cost=cost,
        max_people=None if rule.max_people is None else rule.max_people * PEOPLE_SCALE,
        near=tuple(sets),
        near_people=np.array([near[s] for s in sets], dtype=np.int64),
        wanted=share,
        thresholds=thresholds,
    )


def village_minutes(times: TravelTimes | None, village_ids: pd.Series, site_ids: pd.Series) -> np.ndarray:
    """Return whole minutes from villages to sites (int64, villages × sites), -1 = no way within the horizon."""
    minutes = np.full((len(village_ids), len(site_ids)), -1, dtype=np.int64)
    if times is None:
        return minutes
    village_row = {v: k for k, v in enumerate(village_ids)}
    column = {i: k for k, i in enumerate(site_ids)}
    row = np.repeat([village_row.get(i, -1) for i in times.origin_ids], np.diff(times.indptr)).astype(np.int64)
    col = np.array([column.get(i, -1) for i in times.site_ids], dtype=np.int64)[times.site]
    known = (row >= 0) & (col >= 0) & (times.ds != UNREACHABLE_DS)
    minutes[row[known], col[known]] = minutes_whole(times.ds[known])
    return minutes


def township_costs(
    minutes: np.ndarray, village_people: np.ndarray, village_township: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (townships with villages, their people, tenths of people · whole minutes by township and site, -1 = no
    way for some village that reaches another site)."""
    rows = np.array(sorted({int(t) for t in village_township if t >= 0}), dtype=np.int32)
    cost = np.zeros((len(rows), minutes.shape[1]), dtype=np.int64)
    people = np.zeros(len(rows), dtype=np.int64)
    for k, t in enumerate(rows):
        own = np.flatnonzero(village_township == t)
        people[k] = village_people[own].sum()
        own = own[(minutes[own] >= 0).any(axis=1)]
        reached = (minutes[own] >= 0).all(axis=0)
        cost[k] = np.where(reached, (village_people[own, None] * minutes[own]).sum(axis=0), -1)
    return rows, people, cost


def finer_sub_centres(
    block: SubCentreData | None,
    config: Config,
    facilities: pd.DataFrame,
    villages: pd.DataFrame,
    access: Access,
    village_township: np.ndarray,
    site_village: np.ndarray,
    site_township: np.ndarray,
) -> SubCentreData | None:
    """Add to the block what the finer rules ask for: least people, hospitals too near each other, contiguity, worst."""
    rule = config.rules.sub_centres
    if block is None:
        return None
    ids = facilities["id"].iloc[block.hospitals]
    too_near: list[tuple[int, int, int]] = []
    if rule.min_minutes_apart is not None:
        apart = village_minutes(access.between_sub_centres, ids, ids)
        apart = np.where(apart < 0, np.iinfo(np.int64).max, apart)
        shorter = np.minimum(apart, apart.T)
        too_near = [(a, b, int(shorter[a, b])) for a in range(len(ids)) for b in range(a + 1, len(ids))
                    if shorter[a, b] < rule.min_minutes_apart]
    worst = None
    if any(p.minimise == "sub_centre_worst" for o in config.objectives for p in (o, *o.weighted)):
        minutes = village_minutes(access.to_sub_centres, villages["id"], ids)
        worst = np.array([minutes[village_township == t].max(axis=0, initial=0) for t in block.townships],
                         dtype=np.int64).reshape(len(block.townships), len(ids))
    contiguity = None
    if rule.contiguous:
        contiguity = _contiguity(block, villages, access, village_township, site_village, site_township)
    return dataclasses.replace(
        block,
        min_people=None if rule.min_people is None else rule.min_people * PEOPLE_SCALE,
        min_minutes_apart=rule.min_minutes_apart,
        too_near=tuple(too_near),
        worst=worst,
        contiguity=contiguity,
    )


def _contiguity(
    block: SubCentreData,
    villages: pd.DataFrame,
    access: Access,
    village_township: np.ndarray,
    site_village: np.ndarray,
    site_township: np.ndarray,
) -> Contiguity:
    row_of = {int(t): k for k, t in enumerate(block.townships)}
    town = {v: row_of.get(int(t), -1) for v, t in zip(villages["id"], village_township, strict=True)}
    pairs = {(town.get(a, -1), town.get(b, -1)) for a, b in access.adjacency}
    edges = tuple(sorted({(min(p), max(p)) for p in pairs if p[0] != p[1] and min(p) >= 0}))
    root = []
    for site in block.hospitals.tolist():
        own = row_of.get(int(site_township[site]), -1)
        if own < 0 and site_village[site] >= 0:
            own = row_of.get(int(village_township[site_village[site]]), -1)
        root.append(own)
    return Contiguity(np.array(root, dtype=np.int32), edges, components(len(block.townships), edges))


def attribute_data(
    config: Config,
    facilities: pd.DataFrame,
    access: Access,
    cell_tenths: np.ndarray,
    possible: np.ndarray,
    works: WorksData | None,
) -> tuple[AttributeData, ...]:
    """Return the attribute floors in order of their ids; ``possible``: sites that may be open at all (bool by site).

    A hospital that relocates takes along what it offers, beds, doctors and level with its works counted.
    """
    floors = sorted(config.rules.attributes, key=lambda floor: floor.id)
    places, together = moves(config), "works_together" in config.rules.without
    permanent = is_permanent(facilities, places)
    found = []
    for floor in floors:
        table, lifting = with_moved(facilities, floor.column, places), {}
        kinds = of_kinds(table, floor.kinds) & possible
        if works is not None and floor.column in FIGURES:
            for site in sorted({*works.site.tolist(), *works.place[works.place >= 0].tolist()}):
                sets = works.sufficient(site, ((floor.column, floor.at_least),), any_together=together)
                if kinds[site] and sets and frozenset() not in sets:
                    lifting[site] = tuple(sets)
        found.append(_attribute(floor, table, lifting, access, cell_tenths, kinds, permanent))
    return tuple(found)


def _attribute(
    rule: AttributeFloor,
    facilities: pd.DataFrame,
    lifting: Mapping[int, tuple[frozenset[int], ...]],
    access: Access,
    cell_tenths: np.ndarray,
    kinds: np.ndarray,
    permanent: np.ndarray,
) -> AttributeData:
    has = has_attribute(facilities, rule.column, rule.value, rule.at_least)
    equippable = kinds & can_be_equipped(facilities, has) if rule.equip_cny is not None else np.zeros(len(has), bool)
    has &= kinds
    near, people, served = None, np.zeros(0, dtype=np.int64), 0
    if rule.count == "people":
        gaining = equippable.copy()
        gaining[list(lifting)] = True
        near, people, served = _near(rule, facilities, access, cell_tenths, has, gaining, permanent)
    share = None if rule.min_share is None else exact(rule.min_share)
    scale = PEOPLE_SCALE if rule.count == "people" else 1
    return AttributeData(
        id=rule.id,
        sites=np.flatnonzero(kinds).astype(np.int32),
        has=has,
        equippable=equippable,
        equip_cny=0 if rule.equip_cny is None else whole_yuan(rule.equip_cny),
        min_count=None if rule.min_count is None else rule.min_count * scale,
        min_share=None if share is None else (share.numerator, share.denominator),
        near=near,
        near_people=people,
        served=served,
        total=int(cell_tenths.sum()),
        lifting=lifting,
    )


def _near(
    rule: AttributeFloor,
    facilities: pd.DataFrame,
    access: Access,
    cell_tenths: np.ndarray,
    has: np.ndarray,
    gaining: np.ndarray,
    permanent: np.ndarray,
) -> tuple[tuple[tuple[tuple[int, ...], tuple[int, ...]], ...], np.ndarray, int]:
    """Return (distinct pairs of sets within the limit, people of each, people served whatever is decided)."""
    times = access.to_attributes[rule.id]
    row = {i: k for k, i in enumerate(facilities["id"])}
    site_of = np.array([row.get(i, -1) for i in times.site_ids], dtype=np.int64)
    always = has & permanent
    near: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    served = 0
    for cell in range(len(times.origin_ids)):
        part = slice(times.indptr[cell], times.indptr[cell + 1])
        sites = site_of[times.site[part][times.ds[part] <= rule.limit_min * DECISECONDS_PER_MINUTE]]
        if always[sites].any():
            served += int(cell_tenths[cell])
            continue
        key = (tuple(sorted(sites[has[sites]].tolist())), tuple(sorted(sites[gaining[sites]].tolist())))
        near[key] = near.get(key, 0) + int(cell_tenths[cell])
    pairs = sorted(near, key=lambda p: (len(p[0]), len(p[1]), p))
    return tuple(pairs), np.array([near[p] for p in pairs], dtype=np.int64), served

