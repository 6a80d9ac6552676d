"""Figures of service centres, attribute floors and sub-centres' catchments, counted from the decisions alone.

Minutes are exact, from a village's point to the hospital, and weigh its people; a village without a way inside the
horizon has none and is counted as unreachable. ``plan.recount_centres`` counts all of it once more in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.access.types import Access, TravelTimes
from facilityplan.config.centres import ServiceCentre
from facilityplan.config.schema import Config
from facilityplan.config.works import moves
from facilityplan.domain.attributes import FIGURES, has_attribute, of_kinds, with_moved
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.sites import open_today
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.model.sets_centres import components
from facilityplan.model.sets_works import MAX_LEVEL
from facilityplan.plan.counts import village_people
from facilityplan.plan.metrics import weighted_mean
from facilityplan.units import DECISECONDS_PER_MINUTE

Figures = tuple[Mapping[str, Any], ...]


def centre_figures(config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> Figures:
    """Return one record a service, by id: hosts, which township uses which, minutes, people near, load of each host."""
    people = village_people(inputs).to_numpy(float)
    township = inputs.villages["township"].to_numpy(object)
    found = []
    for rule in sorted(config.rules.centres, key=lambda service: service.id):
        hosts, uses = decisions.centre_hosts.get(rule.id, ()), decisions.centre_of.get(rule.id, {})
        minutes = _minutes(access.to_hospitals[rule.mode], inputs.villages["id"], hosts)
        own = np.array([minutes[h][k] if (h := uses.get(t)) in minutes else np.nan for k, t in enumerate(township)])
        within = None
        if rule.limit_min is not None:
            nearest = np.fmin.reduce([minutes[h] for h in hosts]) if hosts else np.full(len(people), np.nan)
            within = float(people[nearest <= rule.limit_min].sum())
        found.append({
            "id": rule.id, "name": rule.name, "name_en": rule.name_en, "type": rule.type, "mode": rule.mode,
            "hosts": list(hosts), "assignments": {t: uses[t] for t in sorted(uses)},
            "people": float(people.sum()), **_minute_figures(own, people), "limit_min": rule.limit_min,
            "people_within": within,
            "by_host": [_host(inputs, decisions, rule, h, minutes[h], people) for h in hosts]})
    return tuple(found)


def _host(inputs: Inputs, decisions: Decisions, rule: ServiceCentre, host: str, minutes: np.ndarray,
          people: np.ndarray) -> dict[str, Any]:
    uses, township = decisions.centre_of.get(rule.id, {}), inputs.villages["township"].to_numpy(object)
    towns = sorted(t for t, h in uses.items() if h == host)
    mine = np.isin(township.astype(str), towns)
    table = inputs.facilities
    users = (of_kinds(table, rule.users) & table["township"].isin(towns).to_numpy(bool)
             & table["id"].isin(decisions.open_sites()).to_numpy(bool))
    return {"host": host, "townships": towns, "people": float(people[mine].sum()), "max_people": rule.max_people,
            **_minute_figures(minutes[mine], people[mine]), "institutions": table["id"][users].tolist()}


def attribute_figures(config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> Figures:
    """Return one record a floor, by id: sites that are open and have the attribute, today and under the plan, for how
    many it is not known, and the people near one where people are counted."""
    doctors, table = config.rules.doctors, inputs.facilities
    today = open_today(table, open_without_doctor=doctors is None or doctors.open_without_doctor)
    after = table["id"].isin(decisions.open_sites()).to_numpy(bool)
    people = inputs.cells["people"].to_numpy(float)
    found = []
    for rule in sorted(config.rules.attributes, key=lambda floor: floor.id):
        kinds = of_kinds(table, rule.kinds)
        has = has_attribute(table, rule.column, rule.value, rule.at_least)
        under = under_plan(config, table, rule.column, decisions)
        having = has_attribute(under, rule.column, rule.value, rule.at_least)
        given = table["id"].isin(decisions.equipped.get(rule.id, ())).to_numpy(bool)
        record: dict[str, Any] = {
            "id": rule.id, "name": rule.name, "name_en": rule.name_en, "column": rule.column, "count": rule.count,
            "min_count": rule.min_count, "min_share": rule.min_share,
            "sites_before": int((kinds & today).sum()), "sites_with_before": int((kinds & today & has).sum()),
            "sites_after": int((kinds & after).sum()),
            "sites_with_after": int((kinds & after & (having | given)).sum()),
            "sites_not_known": int((kinds & after & under[rule.column].isna().to_numpy(bool)).sum()),
            "equipped": sorted(decisions.equipped.get(rule.id, ()))}
        if rule.count == "people":
            times = access.to_attributes[rule.id]
            record |= {
                "mode": rule.mode, "limit_min": rule.limit_min, "people": float(people.sum()),
                "people_near_before": float(people[_near(times, table, kinds & today & has, rule.limit_min)].sum()),
                "people_near_after": float(
                    people[_near(times, table, kinds & after & (having | given), rule.limit_min)].sum())}
        found.append(record)
    return tuple(found)


def under_plan(config: Config, facilities: pd.DataFrame, column: str, decisions: Decisions) -> pd.DataFrame:
    """Return the table with a column as the plan leaves it: beds, doctors and level of hospitals with the works done,
    where they then stand, and what goes along with a hospital that moves (`domain.attributes`)."""
    table = with_moved(facilities, column, moves(config))
    done = [w for w in config.rules.works if w.id in decisions.works]
    if column not in FIGURES or not done:
        return table
    value = table.set_index("id")[column].astype("Float64")
    for work in done:
        more = work.adds.level or work.kind == "level_up" if column == "level" else getattr(work.adds, column)
        value[work.facility] += int(more)
    if column == "level":
        value = value.clip(upper=MAX_LEVEL)
    for work in done:
        if work.kind == "relocate":
            value[work.to] = value[work.facility]
    return table.assign(**{column: value.array})


def catchment_figures(config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> Figures:
    """Return one record a sub-centre, by id: townships, load against capacity, minutes; only with the finer rules."""
    rule = config.rules.sub_centres
    if not finer_rules(config) or access.to_sub_centres is None:
        return ()
    people = village_people(inputs).to_numpy(float)
    township = inputs.villages["township"].to_numpy(object).astype(str)
    chosen = sorted(i for i, d in decisions.sites.items() if d.sub_centre)
    minutes = _minutes(access.to_sub_centres, inputs.villages["id"], chosen)
    islands = _islands(inputs, access, decisions) if rule.contiguous else set()
    found = []
    for centre in chosen:
        towns = sorted(t for t, h in decisions.catchments.items() if h == centre)
        mine = np.isin(township, towns)
        found.append({
            "id": centre, "townships": towns, "people": float(people[mine].sum()),
            "min_people": rule.min_people, "max_people": rule.max_people,
            **_minute_figures(minutes[centre][mine], people[mine]),
            "islands": [t for t in towns if t in islands]})
    return tuple(found)


def _islands(inputs: Inputs, access: Access, decisions: Decisions) -> set[str]:
    """Return the townships that lie in another part of the county than their sub-centre (no village side by side)."""
    town = dict(zip(inputs.villages["id"], inputs.villages["township"], strict=True))
    row = {t: k for k, t in enumerate(sorted(set(town.values())))}
    pairs = {tuple(sorted((row[town[a]], row[town[b]]))) for a, b in access.adjacency if a in town and b in town}
    part = components(len(row), tuple(sorted(pairs)))
    home = {}
    for site, own, village in inputs.facilities[["id", "township", "village"]].itertuples(index=False):
        seat = own if own in row else town.get(village)
        home[site] = part[row[seat]] if seat in row else -1
    return {t for t, host in decisions.catchments.items() if part[row[t]] != home[host]}


def finer_rules(config: Config) -> bool:
    """Are any of the finer rules or the worst-case stage of sub-centres in use?"""
    rule = config.rules.sub_centres
    asked = rule.min_people is not None or rule.min_minutes_apart is not None or rule.contiguous
    worst = any(p.minimise == "sub_centre_worst" for o in config.objectives for p in (o, *o.weighted))
    return rule.max_count > 0 and (asked or worst)


def centre_notes(config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> list[Text]:
    """Return what must be said of centres and attributes: figures missing, islands, what was nobody's standard."""
    notes = []
    for record in attribute_figures(config, inputs, access, decisions):
        if record["sites_not_known"]:
            sites, missing, column = record["sites_after"], record["sites_not_known"], record["column"]
            notes.append(Text(
                f"“{record['name']}”：方案中开放的 {sites} 个机构里，{missing} 个没有填写 {column}，按不具备计",
                f"{record['name_en']}: of {sites} sites open under the plan, {missing} have no value in the column "
                f"{column} and count as not having it"))
    if any(rule.limit_min is not None for rule in config.rules.centres):
        notes.append(Text("服务中心的时限为本配置所设，没有文件公布过；时间按从村到医院计",
                          "limits of service centres are this config's own, no document publishes any; times run from "
                          "village to hospital"))
    islands = sorted(t for record in catchment_figures(config, inputs, access, decisions) for t in record["islands"])
    if islands:
        notes.append(Text(f"以下乡镇与其次中心所在的一片不相连（“孤岛”），不受片区连片的约束：{'、'.join(islands)}",
                          f"these townships hang together with no sub-centre's part of the county and are exempt from "
                          f"contiguity: {', '.join(islands)}"))
    return notes


def _minutes(times: TravelTimes, villages: Iterable[str], sites: Iterable[str]) -> dict[str, np.ndarray]:
    """Return exact minutes from every village to each site (float64), NaN where there is no way."""
    row = {v: k for k, v in enumerate(villages)}
    found = {site: np.full(len(row), np.nan) for site in sites}
    origin = np.repeat([row[v] for v in times.origin_ids], np.diff(times.indptr))
    for site, minutes in found.items():
        hit = times.site_ids[times.site] == site
        minutes[origin[hit]] = times.ds[hit] / DECISECONDS_PER_MINUTE
    return found


def _minute_figures(minutes: np.ndarray, people: np.ndarray) -> dict[str, float | None]:
    known = ~np.isnan(minutes)
    return {"mean_minutes": weighted_mean(minutes, people),
            "worst_minutes": float(minutes[known].max()) if known.any() else None,
            "people_unreachable": float(people[~known].sum())}


def _near(times: TravelTimes, facilities: pd.DataFrame, counted: np.ndarray, limit_min: int) -> np.ndarray:
    """Return which cells have a counted site within the limit (bool)."""
    row = {i: k for k, i in enumerate(facilities["id"])}
    of_site = np.array([counted[row[i]] for i in times.site_ids], dtype=bool)
    hit = of_site[times.site] & (times.ds <= limit_min * DECISECONDS_PER_MINUTE)
    cell = np.repeat(np.arange(len(times.origin_ids)), np.diff(times.indptr))
    return np.bincount(cell[hit], minlength=len(times.origin_ids)) > 0
