"""A made-up Plan and its Inputs, in the declared columns, for tests of the outputs. No model is run.

Everything follows from the arguments: villages on a jittered lattice, clinics in most of them, some merged.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from facilityplan.config.schema import Source, Standard
from facilityplan.domain import columns
from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action, FacilityKind, Ownership, Status
from facilityplan.domain.rules import RULES
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs, RoadTable
from facilityplan.model.types import SolveReport, StageResult
from facilityplan.plan.types import Plan, Verification

CRS = "EPSG:4549"
ORIGIN_X, ORIGIN_Y = 480_000.0, 3_370_000.0  # south-west corner, metres; about 119.8 E, 30.45 N
CELL_M = 100.0
TODAY_PER_M2, TODAY_FIXED, DOCTOR_CNY = 250, 40_000, 100_000


@dataclass(frozen=True)
class Sample:
    """A plan, its inputs and the outlines that the map takes."""

    plan: Plan
    inputs: Inputs
    outlines: dict = field(default_factory=dict)


def sample(*, villages: int = 40, townships: int = 4, cells: int = 900, road_edges: int = 300, seed: int = 7,
           raster_crs: str = CRS, data_basis: str = "synthetic", status: str = "optimal", gap: float = 0.0,
           target: float | None = 0.95, far_share: float = 0.06) -> Sample:
    """Make one. ``far_share`` of the cells lie outside the circle; with ``status`` "feasible" the gap is ``gap``."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(villages)))
    step = 2_000.0
    extent = side * step
    at = np.array([(i % side + 0.5, i // side + 0.5) for i in range(villages)]) * step
    at += rng.uniform(-600, 600, at.shape)
    at += (ORIGIN_X, ORIGIN_Y)
    to_lonlat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    village_table = _villages(rng, at, townships, to_lonlat)
    site_table = _facilities(rng, village_table, to_lonlat)
    raster = _raster(raster_crs, extent)
    cell_table = _cells(rng, cells, at, village_table, raster, raster_crs, to_lonlat)
    by_village = cell_table.groupby("village")["people"].sum()
    village_table["people"] = by_village.reindex(village_table["id"]).fillna(0).to_numpy()
    village_table["people_65"] = village_table["people"] * 0.16
    inputs = Inputs(
        crs=CRS, boundary=shapely.box(ORIGIN_X, ORIGIN_Y, ORIGIN_X + extent, ORIGIN_Y + extent).buffer(300),
        roads=_roads(rng, road_edges, extent), cells=cell_table, villages=village_table, facilities=site_table,
        adjacency=None, raster_transform=raster[0], raster_crs=raster_crs, raster_shape=raster[1],
        digests={"people.tif": "0" * 64}, notes=(Text("样例数据", "sample data"),))
    plan = _plan(rng, inputs, data_basis, status, gap, target, far_share)
    circle = shapely.unary_union(shapely.buffer(shapely.points(at), 3_000))
    return Sample(plan, inputs, {"before": circle, "after": circle.buffer(-250)})


def _villages(rng, at, townships, to_lonlat) -> gpd.GeoDataFrame:
    n = len(at)
    lon, lat = to_lonlat.transform(at[:, 0], at[:, 1])
    names = [f"{'东南西北中上下'[i % 7]}{'山水林田湖桥塘港'[i // 7 % 8]}{i:03d}村" for i in range(n)]
    table = pd.DataFrame({
        "id": [f"V{i:04d}" for i in range(n)], "name": names, "kind": "village",
        "township": [f"{'甲乙丙丁戊己庚辛壬癸'[k % 10]}{'' if k < 10 else k // 10}镇" for k in
                     (np.arange(n) * townships // n).tolist()],
        "consortium": None, "lon": lon, "lat": lat, "people": 0.0, "people_65": 0.0})
    return gpd.GeoDataFrame(table[columns.names(columns.VILLAGES)], geometry=shapely.points(at), crs=CRS)


def _facilities(rng, villages, to_lonlat) -> gpd.GeoDataFrame:
    rows, points = [], []
    xy = shapely.get_coordinates(villages.geometry)
    for i, village in enumerate(villages.itertuples(index=False)):
        status = Status.CANDIDATE if i % 13 == 5 else Status.EXISTING
        rows.append({"id": f"C{i:04d}", "name": f"{village.name}卫生室", "kind": FacilityKind.VILLAGE_CLINIC,
                     "status": status, "ownership": Ownership.PRIVATE if i % 17 == 3 else Ownership.PUBLIC,
                     "village": village.id, "township": village.township, "doctors": 0 if i % 19 == 4 else 1 + i % 3,
                     "doctors_60_plus": i % 2, "posts": 2, "floor_area_m2": 80.0})
        points.append(xy[i] + rng.uniform(-120, 120, 2))
    for township, group in villages.groupby("township", sort=True):
        first = group.index[len(group) // 2]
        rows.append({"id": f"H{len(rows):04d}", "name": f"{township}卫生院", "kind": FacilityKind.TOWNSHIP_HOSPITAL,
                     "status": Status.EXISTING, "ownership": Ownership.PUBLIC, "village": villages["id"][first],
                     "township": township, "doctors": 30, "beds": 60, "level": 2})
        points.append(xy[first] + (250, 180))
    rows.append({"id": "K0001", "name": "县人民医院", "kind": FacilityKind.COUNTY_HOSPITAL, "status": Status.EXISTING,
                 "ownership": Ownership.PUBLIC, "village": villages["id"][0], "township": villages["township"][0],
                 "doctors": 300, "beds": 600, "level": 3})
    points.append(xy[0] + (500, 300))
    points = np.array(points)
    table = pd.DataFrame(rows).reindex(columns=columns.names(columns.FACILITIES))
    table["lon"], table["lat"] = to_lonlat.transform(points[:, 0], points[:, 1])
    for name in ("doctors", "doctors_60_plus", "doctors_under_40", "doctors_40_59", "posts", "beds", "level"):
        table[name] = table[name].astype("Int64")
    for name in ("kind", "status", "ownership"):
        table[name] = table[name].astype(str)
    return gpd.GeoDataFrame(table, geometry=shapely.points(points), crs=CRS).sort_values("id", ignore_index=True)


def _raster(raster_crs, extent):
    """Return (transform, shape): 100 m cells in the county CRS, or 3 arc-seconds in WGS 84."""
    margin = 500.0
    if raster_crs == CRS:
        count = int((extent + 2 * margin) / CELL_M)
        return (CELL_M, 0.0, ORIGIN_X - margin, 0.0, -CELL_M, ORIGIN_Y + extent + margin), (count, count)
    corners = Transformer.from_crs(CRS, raster_crs, always_xy=True).transform_bounds(
        ORIGIN_X - margin, ORIGIN_Y - margin, ORIGIN_X + extent + margin, ORIGIN_Y + extent + margin)
    size = 3 / 3600
    return ((size, 0.0, corners[0], 0.0, -size, corners[3]),
            (int((corners[3] - corners[1]) / size) + 1, int((corners[2] - corners[0]) / size) + 1))


def _cells(rng, count, at, villages, raster, raster_crs, to_lonlat) -> pd.DataFrame:
    (a, _, c, _, e, f), (n_rows, n_columns) = raster
    home = np.arange(count) % len(at)
    wanted = at[home] + rng.normal(0, 420, (count, 2))
    x, y = Transformer.from_crs(CRS, raster_crs, always_xy=True).transform(wanted[:, 0], wanted[:, 1])
    column = np.clip(((x - c) / a).astype(int), 0, n_columns - 1)
    row = np.clip(((y - f) / e).astype(int), 0, n_rows - 1)
    cell, first = np.unique(row * n_columns + column, return_index=True)
    centre = c + a * (cell % n_columns + 0.5), f + e * (cell // n_columns + 0.5)
    x, y = Transformer.from_crs(raster_crs, CRS, always_xy=True).transform(*centre)
    lon, lat = to_lonlat.transform(x, y)
    people = np.round(rng.lognormal(2.6, 0.8, len(cell)), 3)
    return pd.DataFrame({"cell": cell, "x": x, "y": y, "lon": lon, "lat": lat, "people": people,
                         "people_65": np.round(people * 0.16, 4), "village": villages["id"].to_numpy()[home[first]]})


def _roads(rng, edges, extent) -> RoadTable:
    side = int(np.ceil(np.sqrt(edges / 2))) + 1
    gap = extent / (side - 1)
    xy = np.array([(ORIGIN_X + i * gap, ORIGIN_Y + j * gap) for i in range(side) for j in range(side)])
    xy += rng.uniform(-gap / 5, gap / 5, xy.shape)
    pairs = [(i * side + j, (i + 1) * side + j) for i in range(side - 1) for j in range(side)]
    pairs += [(i * side + j, i * side + j + 1) for i in range(side) for j in range(side - 1)]
    pairs = np.array(sorted(pairs)[:edges])
    middle = (xy[pairs[:, 0]] + xy[pairs[:, 1]]) / 2 + rng.uniform(-gap / 12, gap / 12, (len(pairs), 2))
    lines = shapely.linestrings(np.stack([xy[pairs[:, 0]], middle, xy[pairs[:, 1]]], axis=1))
    classes = np.where(pairs[:, 0] % 17 == 0, "primary", np.where(pairs[:, 0] % 5 == 0, "tertiary", "residential"))
    table = gpd.GeoDataFrame({
        "edge": np.arange(len(pairs)), "u": pairs[:, 0], "v": pairs[:, 1], "road_class": classes,
        "length_m": shapely.length(lines), "oneway": False, "bridge": False, "maxspeed_kmh": np.nan, "name": None,
    }, geometry=lines, crs=CRS)
    nodes = pd.DataFrame({"node": np.arange(len(xy)), "x": xy[:, 0], "y": xy[:, 1]})
    return RoadTable(nodes, table)


def _plan(rng, inputs, data_basis, status, gap, target, far_share) -> Plan:
    standard = Standard(id="circle", name="15 分钟健康服务圈", name_en="15-minute health circle", mode="ebike",
                        limit_min=15, target_share=target)
    cells = inputs.cells
    before = np.round(rng.gamma(4, 1.1, len(cells)), 3).clip(0.1, 14.9)
    far = rng.random(len(cells)) < far_share
    before = np.where(far, before + 15, before)
    plan_cells = cells[["cell", "lon", "lat", "people", "people_65", "village"]].copy()
    plan_cells["minutes_before"] = before
    later = np.minimum(before + rng.choice([0, 0, 0, 2.5], len(cells)), 15.0)
    plan_cells["minutes_after"] = np.where(far, before, later)
    plan_cells["state_before"] = plan_cells["state_after"] = "value"
    plan_cells["site_before"] = plan_cells["site_after"] = "C0000"
    lost = plan_cells.index[far][:3]
    for index, state in zip(lost, ("unreachable", "beyond", "unreachable"), strict=False):
        plan_cells.loc[index, ["minutes_before", "minutes_after"]] = np.nan
        plan_cells.loc[index, ["state_before", "state_after"]] = state
    sites, decisions = _decide(inputs)
    villages = _plan_villages(inputs, plan_cells, sites, standard)
    stages = (StageResult("uncovered", 120.0, 120.0, 0.0, 0.2),
              StageResult("person_minutes", 1e6, 1e6 * (1 - gap), gap, 1.5),
              StageResult("cost", 9e6, 9e6, 0.0, 0.4))
    host, names = sites.loc[sites["sub_centre"], "id"].iloc[0], inputs.facilities["name"]
    towns = sorted(set(villages["township"]))
    ways = {"people": 900.0, "mean_minutes": 12.3, "worst_minutes": 30.1, "people_unreachable": 0.0}
    return Plan(
        centres=({"id": "imaging", "name": names[0], "name_en": names[1], "type": "shared", "mode": "drive",
                  "hosts": [host], "assignments": dict.fromkeys(towns, host), **ways, "limit_min": 30,
                  "people_within": 700.0, "by_host": [{"host": host, "townships": towns, "max_people": 5_000, **ways,
                                                       "institutions": [host]}]},),
        attributes=({"id": "tcm", "name": names[0], "name_en": names[1], "column": "tcm", "count": "sites",
                     "min_count": 3, "min_share": 0.3, "sites_before": 9, "sites_with_before": 3, "sites_after": 8,
                     "sites_with_after": 4, "sites_not_known": 1, "equipped": [sites["id"][0]]},),
        catchments=({"id": host, "townships": towns, "min_people": 500, "max_people": 2_000, **ways, "islands": []},),
        county="德清县", county_en="Deqing", scenario="default", scenario_name=Text("默认情景", "default"),
        data_basis=data_basis, standards=(standard,), binding={"circle": True}, decisions=decisions,
        solve=SolveReport(status, stages, 2.1, status == "optimal", {"columns": 812, "rows": 1_310},
                          {"recurrent_budget": 0.0, "doctor_balance": 0.0, "hires": 3.0}),
        villages=villages, facilities=sites, cells=plan_cells, refusals=_refusals(inputs, sites),
        metrics=_metrics(plan_cells, sites, standard),
        notes=(Text("每个卫生室的医生数为假定值。", "Doctors are assumed."),),
        verified=Verification(True, 14, ()), staffing=_staffing(inputs),
        sources=(Source(name="OpenStreetMap", credit="© OpenStreetMap contributors", licence="ODbL 1.0"),
                 Source(name="WorldPop", credit="WorldPop, University of Southampton", licence="CC BY 4.0")))


def _staffing(inputs) -> pd.DataFrame:
    towns = sorted(set(inputs.villages["township"].dropna()))
    figures = {c.name: [k + len(c.name) % 5 for k in range(len(towns))] for c in columns.PLAN_STAFFING}
    return pd.DataFrame({**figures, "name": towns})


def _decide(inputs):
    """Every fourth public clinic merges into the next kept one; every other candidate is built; one hospital rises."""
    table = inputs.facilities
    clinic = (table["kind"] == FacilityKind.VILLAGE_CLINIC).to_numpy()
    public = ((table["ownership"] == Ownership.PUBLIC) & (table["status"] == Status.EXISTING)).to_numpy() & clinic
    order = list(table.index[public])
    merged = {index: order[k + 1] for k, index in enumerate(order[:-1]) if k % 4 == 1}
    rows = []
    for index, site in table.iterrows():
        candidate = site["status"] == Status.CANDIDATE
        if candidate and index % 2:
            continue
        hosting = index in merged.values()
        closed = index in merged
        action = Action.CLOSE if closed else Action.BUILD if candidate else Action.KEEP
        sub_centre = site["kind"] == FacilityKind.TOWNSHIP_HOSPITAL and site["township"] == table["township"][0]
        doctors = 0 if closed else 1 if candidate else int(site["doctors"]) + hosting
        rows.append({
            "id": site["id"], "name": site["name"], "kind": site["kind"], "township": site["township"],
            "village": site["village"], "lon": site["lon"], "lat": site["lat"],
            "action": str(Action.UPGRADE if sub_centre else action),
            "merged_into": table["id"][merged[index]] if closed else None,
            "service": None, "served_from": None, "teams": 0, "sub_centre": bool(sub_centre),
            "doctors_before": pd.NA if candidate else site["doctors"], "doctors": doctors,
            "people_served": 0.0 if closed else 1_200.0 + 800.0 * hosting, "people_nearest": 0.0 if closed else 1_180.0,
            "capital_cost_cny": 300_000.0 if candidate else 8_000_000.0 if sub_centre else 20_000.0 if closed else 0.0,
            "annual_cost_cny": 0.0 if closed or not clinic[index] else 60_000.0 + DOCTOR_CNY * doctors,
            "stage": 2026 if closed else pd.NA,
            "doctors_retiring": index % 2 if clinic[index] else None, "posts_vacant_before": index % 3,
            "posts_vacant_after": None if closed else index % 2, "posts_by_norm": None if closed else 2,
            "patients": 0.0 if closed else 1_180.0,
            "people_over_capacity": 0.0 if closed or index % 7 else 180.0 + index,
            "locked": f"锁定保留：{site['name']}" if index == 0 else None,
            "locked_en": f"locked: keep: {site['name']}" if index == 0 else None,
            "consortium": None,
            "services": "imaging" if sub_centre else None, "equipped": "tcm" if index == 0 else None})
    declared = columns.names(columns.PLAN_FACILITIES)
    sites = pd.DataFrame(rows).reindex(columns=declared).sort_values("id", ignore_index=True)
    for name in ("doctors_before", "doctors_retiring", "posts_vacant_before", "posts_vacant_after", "posts_by_norm"):
        sites[name] = sites[name].astype("Int64")
    sites["doctors"] = sites["doctors"].astype("Int64")
    sites["stage"] = sites["stage"].astype("Int64")
    decisions = Decisions(
        {row.id: SiteDecision(Action(row.action), row.merged_into, int(row.doctors), row.sub_centre)
         for row in sites.itertuples()},
        dict.fromkeys(sorted(set(table["township"].dropna())), sites.loc[sites["sub_centre"], "id"].iloc[0]), {}, {})
    return sites, decisions


def _plan_villages(inputs, cells, sites, standard) -> pd.DataFrame:
    own = sites[sites["kind"] == FacilityKind.VILLAGE_CLINIC].set_index("village")
    built = set(sites.loc[sites["action"] == Action.BUILD, "id"])
    sub_centre = sites.loc[sites["sub_centre"], "id"].iloc[0]
    rows = []
    by_village = dict(iter(cells.groupby("village")))
    for village in inputs.villages.itertuples(index=False):
        group = by_village.get(village.id, cells.iloc[:0])
        weight = group["people"].to_numpy()
        clinic = own.loc[village.id] if village.id in own.index else None
        closed = clinic is not None and clinic["action"] == Action.CLOSE
        host = clinic["merged_into"] if closed else None

        def mean(column, group=group, weight=weight):
            known = group[column].notna().to_numpy()
            return np.average(group[column][known], weights=weight[known]) if weight[known].sum() > 0 else np.nan

        rows.append({
            "id": village.id, "name": village.name, "township": village.township,
            "lon": village.lon, "lat": village.lat,
            "mode": "none" if clinic is None else "merge" if closed else "keep", "host": host,
            "host_new_site": host in built, "days_per_week": 0 if clinic is None or closed else 7,
            "people": weight.sum(), "people_65": group["people_65"].sum(), "minutes_before": mean("minutes_before"),
            "minutes_after": mean("minutes_after"),
            "minutes_after_p90": group["minutes_after"].quantile(0.9) if len(group) else np.nan,
            "minutes_nearest_after": mean("minutes_after"), "minutes_to_host": 6.4 if closed else np.nan,
            "people_out_before": weight[~(group["minutes_before"] <= standard.limit_min)].sum(),
            "people_out_after": weight[~(group["minutes_after"] <= standard.limit_min)].sum(),
            "catchment_of": sub_centre, "served_by": host or (sites["id"].iloc[0] if clinic is None else clinic["id"]),
            "no_clinic_because": None if clinic is not None else "candidate_not_built", "consortium": None,
            "minutes_periodic": None, "stage": 2026 if closed else pd.NA})
    return pd.DataFrame(rows).astype({"stage": "Int64"})[columns.names(columns.PLAN_VILLAGES)]


def _refusals(inputs, sites) -> pd.DataFrame:
    rows = []
    clinics = sites[sites["kind"] == FacilityKind.VILLAGE_CLINIC]
    ids = list(clinics["id"])
    rules = ["host_size", "host_limit", "no_harm", "objective"]
    for k, site in enumerate(clinics.itertuples(index=False)):
        if site.action == Action.CLOSE:
            rows.append((site.id, site.merged_into, True, None, np.nan, np.nan, 6.4))
        for j in range(2):
            host = ids[(k + 2 + j) % len(ids)]
            if host not in (site.id, site.merged_into):
                rule = rules[(k + j) % len(rules)]
                assert rule in RULES or rule == "objective"
                rows.append((site.id, host, False, rule, 812.0 + k, 1_204.0, 9.5 + j))
    return pd.DataFrame(rows, columns=columns.names(columns.REFUSALS))


def _metrics(cells, sites, standard) -> dict:
    weight = cells["people"]
    inside = {when: cells[f"minutes_{when}"] <= standard.limit_min for when in ("before", "after")}
    known = {when: cells[f"minutes_{when}"].notna() for when in ("before", "after")}
    return {
        "people": weight.sum(),
        "people_within_circle_before": weight[inside["before"]].sum(),
        "people_within_circle_after": weight[inside["after"]].sum(),
        "mean_minutes_before": np.average(cells["minutes_before"][known["before"]], weights=weight[known["before"]]),
        "mean_minutes_after": np.average(cells["minutes_after"][known["after"]], weights=weight[known["after"]]),
        "people_unreachable": weight[cells["state_after"] == "unreachable"].sum(),
        "people_beyond_horizon": weight[cells["state_after"] == "beyond"].sum(),
        "blank_villages": 0, "capital_cost_cny": sites["capital_cost_cny"].sum(),
        "annual_cost_cny": sites["annual_cost_cny"].sum(),
        "annual_cost_cny_before": sites["annual_cost_cny"].sum() * 1.05,
        "by_stage": {year: {"clinics_open": 9 - k, "clinics_merged": k, "capital_cost_cny": 20_000.0 * k}
                     for k, year in enumerate(("2025", "2026"))},
        "added_minutes": _added(cells, weight), "people_leaving_circle": 0.0, "people_entering_circle": 0.0,
        "patients": {"standard": "circle", "people": weight.sum(), "capacity_per_doctor": 1000,
                     "people_over_capacity_before": 2_400.0, "people_over_capacity": 900.0,
                     "sites_over_capacity_before": 9, "sites_over_capacity": 4},
    }


def _added(cells, weight) -> dict:
    added = cells["minutes_after"] - cells["minutes_before"]
    return {"nearer": 0.0, "same": weight[added == 0].sum(), "up_to_2": weight[(added > 0) & (added <= 2)].sum(),
            "up_to_5": weight[added > 2].sum(), "up_to_10": 0.0, "over_10": 0.0, "lost": 0.0, "gained": 0.0,
            "none": weight[added.isna()].sum()}


def with_rounds(base: Sample | None = None) -> Sample:
    """Return ``base`` with a team's week: two clinics and a village without one, and a clinic that neighbours visit."""
    base = base or sample()
    plan = base.plan
    merged = plan.facilities[(plan.facilities["action"] == Action.CLOSE)].head(3)
    (a, b, c), home = merged["id"], dict(zip(merged["id"], merged["village"], strict=True))
    hospital = plan.facilities.loc[plan.facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL, "id"].iloc[0]
    host = plan.facilities.loc[plan.facilities["action"] == Action.KEEP, "id"].iloc[0]
    lonely = next(v for v in plan.villages["id"] if v not in home.values())
    sites, villages = plan.facilities.copy(), plan.villages.copy()
    for site, service, sender in ((a, "circuit", hospital), (b, "circuit", hospital), (c, "neighbour", host)):
        sites.loc[sites["id"] == site, ["merged_into", "service", "served_from"]] = [None, service, sender]
        rows = villages["id"] == home[site]
        villages.loc[rows, ["mode", "host", "days_per_week"]] = [service, sender, 2]
    villages.loc[villages["id"] == lonely, ["mode", "host", "days_per_week"]] = ["circuit", hospital, 2]

    def stop(site, village, arrives, leaves):
        return {"site": site, "village": village, "driving_minutes": 12.25, "arrives": arrives,
                "visiting_minutes": 100.0, "leaves": leaves}

    def route(day, *stops):
        n = len(stops)
        return {"base": hospital, "weekday": day, "team": 1, "leaves": "08:30", "stops": list(stops),
                "back_minutes": 10.5, "returns": "15:00", "driving_minutes": 12.25 * n + 10.5,
                "visiting_minutes": 100.0 * n, "minutes": 112.25 * n + 10.5}

    rounds = ((stop(a, home[a], "08:43", "10:23"), stop(None, lonely, "10:35", "12:15")),
              (stop(b, home[b], "08:43", "10:23"),))
    routes = [route(day, *rounds[k]) for day, k in ((1, 0), (2, 1), (4, 0), (5, 1))]
    calendar = [{"site": a, "village": home[a], "service": "circuit", "from": hospital, "weekdays": [1, 4]},
                {"site": b, "village": home[b], "service": "circuit", "from": hospital, "weekdays": [2, 5]},
                {"site": c, "village": home[c], "service": "neighbour", "from": host, "weekdays": [1, 4]},
                {"site": None, "village": lonely, "service": "circuit", "from": hospital, "weekdays": [1, 4]}]
    weeks = [{"base": hospital, "teams": 1, "team_minutes_day": 420.0, "visiting_minutes": 600.0,
              "driving_minutes": sum(r["driving_minutes"] for r in routes), "driving_minutes_out_and_back": 140.0,
              "unscheduled": [{"site": None, "village": lonely}]}]
    way = shapely.LineString([(ORIGIN_X, ORIGIN_Y), (ORIGIN_X + 500, ORIGIN_Y + 900), (ORIGIN_X + 2_000, ORIGIN_Y)])
    metrics = {**plan.metrics, "villages_by_mode": dict(villages["mode"].value_counts()), "circuit_teams": 1,
               "posted_doctors": 0, "people_within_circle_periodic_after": plan.metrics["people"]}
    plan = replace(plan, metrics=metrics, facilities=sites, villages=villages, routes=tuple(routes),
                   calendar=tuple(calendar), circuit_weeks=tuple(weeks), legs={(("site", hospital), ("site", a)): way})
    return replace(base, plan=plan)


NAUGHTY = (
    "<script>alert(1)</script>", "{{7*7}}", "{{ 7919*7919 }}{{ cycler.__init__.__globals__.os.getpid() }}", "{% x %}",
    "${alert(1)}", "`${alert(1)}`", "=1+1", "@SUM(A1:A9)", "-2+3", "+cmd|' /C calc'!A0",
    "\"'><img src=x onerror=alert(1)>", "</script><script>alert(2)</script>",
    "a\u2028b\u2029c", "\u202egnp.exe", "🏥👩‍⚕️村", "长" * 40_000,
    "nul\x00 bell\x07 esc\x1b[31m", "../../x", "村'; DROP TABLE villages;--", "<!--", "]]>", "&amp;&#60;",
    "\\u003cb\\u003e",
    "javascript:alert(1)", "https://example.com/a.png", "{{ lang }} %s {0} {name}",
)


def naughty(base: Sample | None = None) -> Sample:
    """Return ``base`` with every free text replaced by a string that has broken some program."""
    base = base or sample()
    plan, inputs = base.plan, base.inputs

    def rename(table, columns_, offset):
        table = table.copy()
        for k, column in enumerate(columns_):
            table[column] = [NAUGHTY[(i + offset + 3 * k) % len(NAUGHTY)] for i in range(len(table))]
        return table

    townships = dict(zip(sorted(set(inputs.villages["township"])), NAUGHTY[1:], strict=False))

    def move(table):
        table = table.copy()
        table["township"] = [townships.get(name, name) for name in table["township"]]
        return table

    names = rename(inputs.facilities, ["name"], 0)
    site_names = dict(zip(names["id"], names["name"], strict=True))
    sites = move(plan.facilities).assign(name=[site_names[i] for i in plan.facilities["id"]])
    villages = rename(inputs.villages, ["name"], 5)
    village_names = dict(zip(villages["id"], villages["name"], strict=True))
    evil = NAUGHTY[0]
    plan = replace(
        plan, county=NAUGHTY[2] + evil, county_en=NAUGHTY[11] + "`", scenario=NAUGHTY[17],
        scenario_name=Text(NAUGHTY[3], NAUGHTY[4]), facilities=sites,
        villages=move(plan.villages).assign(name=[village_names[i] for i in plan.villages["id"]]),
        notes=tuple(Text(text, text) for text in NAUGHTY),
        standards=(plan.standards[0].model_copy(update={"name": NAUGHTY[10], "name_en": NAUGHTY[2], "mode": evil}),),
        binding={"circle": False}, review_number=NAUGHTY[10],
        sources=tuple(Source(name=text, credit=text, licence=text) for text in NAUGHTY[:12]),
        verified=Verification(True, 3, ()))
    return Sample(plan, replace(inputs, facilities=move(names), villages=move(villages)), base.outlines)
