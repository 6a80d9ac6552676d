"""A small county made by hand, with a valid plan: three by four villages on a road grid, two townships, an island.

            x = 0        1500       3000       4500 m
    y = 3000  V09 ------- V10 ------- V11 ------- V12 ---- (80 km) ---- far cell of V12
                |          |     |     |           |
    y = 1500  V05 ------- V06 ------- V07 ------- V08          V13: an island that no road leads to
                |          |     |     |           |
    y = 0     V01 ------- V02 ------- V03 ------- V04

V01, V02, V05, V06, V09, V10 belong to 西乡, the others to 东乡; V06 is a community. Every grid edge is 1,500 m: 5 min
by e-bike at 18 km/h, 30 min on foot at 3 km/h. A motorway V01–V12 serves cars only; V02 → V03 has a quick parallel lane
that is one-way. Clinic Cnn stands in Vnn: C03 and C03b share V03, C05 has no doctor today, S06 is the community's
station, P07 beside C07 is private, V12 has only a candidate site K12, V11 a hospital and no clinic, V13 nothing.
Hospitals: T02 (V02), T11 (V11), H06 (V06).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from facilityplan.access import Geography, compute_access, prepare_geography
from facilityplan.config import Config
from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.errors import Text
from facilityplan.inputs import Inputs
from facilityplan.inputs.tables import RoadTable
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.stages import parts_of, stage_result
from facilityplan.model.types import SolveReport
from facilityplan.model.why import refusals
from facilityplan.plan import Plan, build_plan

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_380_000.0
STEP = 1_500.0
WEST_VILLAGES = {"V01", "V02", "V05", "V06", "V09", "V10"}
PEOPLE = {"V01": 600, "V02": 2400, "V03": 1600, "V04": 900, "V05": 500, "V06": 3000, "V07": 1500, "V08": 800,
          "V09": 700, "V10": 1300, "V11": 2000, "V12": 400, "V13": 36}


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return plausible degrees; nothing in the tests asks for a true projection."""
    return round(120 + (x - EAST) / 95_900, 7), round(30.53 + (y - NORTH) / 110_900, 7)


def village_xy(village: str) -> tuple[float, float]:
    """Return the village's point, 40 m north-east of its junction; V13 lies on its island."""
    k = int(village[1:]) - 1
    if k == 12:
        return EAST + 9_000.0, NORTH + 1_500.0
    return EAST + STEP * (k % 4) + 30, NORTH + STEP * (k // 4) + 30


def roads() -> RoadTable:
    """Return the grid, each edge cut once more, a motorway, a one-way lane, a long dead end and the island's road."""
    lines: list[tuple[list[tuple[float, float]], str, bool, float]] = []

    def road(*points: tuple[float, float], kind: str = "residential", oneway: bool = False,
             kmh: float = np.nan) -> None:
        lines.append(([(EAST + x, NORTH + y) for x, y in points], kind, oneway, kmh))

    for row in range(3):
        for column in range(4):
            x, y = STEP * column, STEP * row
            if column < 3:
                road((x, y), (x + 700, y))
                road((x + 700, y), (x + STEP, y), kmh=20.0)
            if row < 2:
                road((x, y), (x, y + 800))
                road((x, y + 800), (x + 1, y + 1_000), (x, y + STEP))
    road((STEP, 0), (2 * STEP, 0), kind="unclassified", oneway=True)
    road((0, 0), (3 * STEP, 2 * STEP), kind="motorway", kmh=100.0)
    road((3 * STEP, 2 * STEP), (3 * STEP + 40_000, 2 * STEP), (3 * STEP + 40_000, 2 * STEP + 40_000))
    road((9_000, 1_450), (9_400, 1_450))
    points = sorted({end for line, *_ in lines for end in (line[0], line[-1])})
    node = {xy: k for k, xy in enumerate(points)}
    geometry = [shapely.LineString(line) for line, *_ in lines]
    edges = gpd.GeoDataFrame({
        "edge": np.arange(len(lines)), "u": [node[line[0]] for line, *_ in lines],
        "v": [node[line[-1]] for line, *_ in lines], "road_class": [kind for _, kind, _, _ in lines],
        "length_m": [g.length for g in geometry], "oneway": [oneway for _, _, oneway, _ in lines], "bridge": False,
        "maxspeed_kmh": [kmh for *_, kmh in lines], "name": None}, geometry=geometry, crs=CRS)
    return RoadTable(pd.DataFrame({"node": np.arange(len(points)), "x": [x for x, _ in points],
                                   "y": [y for _, y in points]}), edges)


def cells() -> pd.DataFrame:
    """Return four cells a village, uneven; one of V12's lies at the end of the 80 km road, V13's on the island."""
    rows = []
    for village, people in PEOPLE.items():
        x, y = village_xy(village)
        spots = [(0, 0, 0.4), (180, 20, 0.3), (-250, 60, 0.2), (40, 330, 0.1)]
        if village == "V12":
            spots[3] = (40_000, 39_500, 0.02)
        if village == "V13":
            spots = [(0, 0, 0.5), (200, 0, 0.5)]
        for dx, dy, share in spots:
            lon, lat = lonlat(x + dx, y + dy)
            rows.append({"x": x + dx, "y": y + dy, "lon": lon, "lat": lat, "people": people * share + 0.03,
                         "people_65": people * share * (0.25 if dx else 0.1), "village": village})
    found = pd.DataFrame(rows)
    found.insert(0, "cell", np.arange(len(found)) * 7 + 3)
    return found


def villages() -> gpd.GeoDataFrame:
    """Return the villages."""
    xy = [village_xy(v) for v in PEOPLE]
    return gpd.GeoDataFrame({
        "id": list(PEOPLE), "name": [f"{v}村" for v in PEOPLE],
        "kind": ["community" if v == "V06" else "village" for v in PEOPLE],
        "township": ["西乡" if v in WEST_VILLAGES else "东乡" for v in PEOPLE],
        "consortium": ["甲" if v in WEST_VILLAGES else "乙" for v in PEOPLE],
        "lon": [lonlat(*p)[0] for p in xy], "lat": [lonlat(*p)[1] for p in xy],
        "people": np.nan, "people_65": np.nan}, geometry=[shapely.Point(p) for p in xy], crs=CRS)


def facilities() -> gpd.GeoDataFrame:
    """Return the facilities, sorted by id."""
    rows = [
        # id, kind, village, doctors, 60+, posts, beds, area, level
        ("C01", "village_clinic", "V01", 2, 1, 1, None, 80, None),
        ("C02", "village_clinic", "V02", 2, 0, 2, None, 120, None),
        ("C03", "village_clinic", "V03", 2, 0, 2, None, 90.5, None),
        ("C03b", "village_clinic", "V03", 1, 1, 1, None, None, None),
        ("C04", "village_clinic", "V04", 2, 0, 1, None, 60, None),
        ("C05", "village_clinic", "V05", 0, 0, 1, None, 60, None),
        ("C07", "village_clinic", "V07", 2, 0, 2, None, 100, None),
        ("C08", "village_clinic", "V08", 1, 0, 1, None, 70, None),
        ("C09", "village_clinic", "V09", 1, 1, 1, None, 66, None),
        ("C10", "village_clinic", "V10", 2, 0, 2, None, 90, None),
        ("H06", "county_hospital", "V06", 220, None, None, 500, 30_000, 3),
        ("K12", "village_clinic", "V12", None, None, None, None, None, None),
        ("P07", "village_clinic", "V07", 1, 0, 1, None, 40, None),
        ("S06", "station", "V06", 3, 0, 3, None, 150, None),
        ("T02", "township_hospital", "V02", 12, None, None, 30, 3_000, 1),
        ("T11", "township_hospital", "V11", 25, None, None, 80, 6_000, 2),
    ]
    columns = ["id", "kind", "village", "doctors", "doctors_60_plus", "posts", "beds", "floor_area_m2", "level"]
    found = pd.DataFrame(rows, columns=columns)
    offset = {"C03b": (400, 60), "P07": (-300, 50), "H06": (200, -90), "T02": (260, 40), "K12": (-60, 20)}
    xy = []
    for k, row in found.iterrows():
        x, y = village_xy(row["village"])
        dx, dy = offset.get(row["id"], (10 + k, -5))
        xy.append((x + dx, y + dy))
    town = found["village"].map(lambda v: "西乡" if v in WEST_VILLAGES else "东乡")
    data = {
        "id": found["id"], "name": found["id"] + "室", "kind": found["kind"],
        "status": np.where(found["id"] == "K12", "candidate", "existing"),
        "ownership": np.where(found["id"] == "P07", "private", "public"), "village": found["village"], "township": town,
        "consortium": None, "lon": [lonlat(*p)[0] for p in xy], "lat": [lonlat(*p)[1] for p in xy],
        **{name: found[name].astype("Int64") for name in ("doctors", "doctors_60_plus", "posts", "beds")},
        "doctors_under_40": pd.array([1 if i in ("C02", "S06") else None for i in found["id"]], dtype="Int64"),
        "doctors_40_59": pd.array([1 if i in ("C02", "C01") else None for i in found["id"]], dtype="Int64"),
        "floor_area_m2": found["floor_area_m2"].astype(float), "level": found["level"].astype("Int64"),
        **{name: pd.array([pd.NA] * len(found), dtype="boolean") for name in ("tcm", "smart", "committee_building")}}
    return gpd.GeoDataFrame(data, geometry=[shapely.Point(p) for p in xy], crs=CRS)


def county(**changes: Any) -> Inputs:
    """Return the county's inputs; the tables are shared between tests, so change copies only."""
    return dataclasses.replace(_usual_county(), **changes)


@cache
def _usual_county() -> Inputs:
    return Inputs(
        crs=CRS, boundary=shapely.box(EAST - 1_000, NORTH - 1_000, EAST + 50_000, NORTH + 50_000), roads=roads(),
        cells=cells(), villages=villages(), facilities=facilities(), adjacency=None,
        raster_transform=(0.001, 0.0, 119.9, 0.0, -0.001, 31.0), raster_crs="EPSG:4326", raster_shape=(900, 900),
        digests={"roads.gpkg": "a" * 64, "people.tif": "b" * 64}, notes=(Text("手工示例", "made by hand"),))


RULES: dict[str, Any] = {
    "hosts": {"limit_min": 10},
    "circle_share": [{"standard": "circle", "min_share": 0.9}],
    "max_blank_villages": 1,
    "doctors": {"people_per_doctor_cap": 1500, "people_per_doctor_norm": 1000, "max_per_site": 4, "retire_share": 0.12,
                "max_hires": 3},
    "budget": {"recurrent_share_of_today": 1.3, "capital_cny": 1_500_000},
    "sub_centres": {"min_count": 1, "max_count": 1, "min_beds": 60, "required": ["T11"], "forbidden": ["T02"],
                    "max_people": 20_000},
}


def config(**rules: Any) -> Config:
    """Return the county's config; ``rules`` are laid over RULES one level deep (None takes the schema's default)."""
    merged = {key: {**value, **rules[key]} if isinstance(value, Mapping) and isinstance(rules.get(key), Mapping)
              else rules.get(key, value) for key, value in RULES.items()}
    merged |= {key: value for key, value in rules.items() if key not in merged}

    def cost(value: float) -> dict[str, Any]:
        return {"value": value, "low": value * 0.7, "high": value * 1.3, "unit": "CNY", "source": "test",
                "standing": "assumed"}

    file = {"file": "x.csv"}
    return Config.model_validate({
        "schema_version": 1,
        "county": {"name": "小县", "name_en": "Small County", "crs": CRS, "data_basis": "synthetic"},
        "inputs": {"boundary": file, "roads": {"file": "roads.gpkg"}, "people": {"file": "people.tif"},
                   "villages": file, "facilities": file},
        "modes": {
            "ebike": {"name": "电动车", "name_en": "e-bike", "off_road_kmh": 4.5,
                      "speeds_kmh": {"residential": 18, "unclassified": 20}},
            "walk_65": {"name": "步行", "name_en": "walking", "off_road_kmh": 3, "obeys_oneway": False,
                        "speeds_kmh": {"residential": 3, "unclassified": 3}},
            "drive": {"name": "驾车", "name_en": "driving", "off_road_kmh": 4.5,
                      "speeds_kmh": {"residential": 30, "unclassified": 30, "motorway": 90}}},
        "standards": [
            {"id": "circle", "name": "圈", "name_en": "circle", "mode": "ebike", "limit_min": 15, "target_share": 0.95},
            {"id": "elderly", "name": "老年步行", "name_en": "elderly on foot", "mode": "walk_65", "limit_min": 15,
             "group": "age65"}],
        "rules": merged,
        "costs": {"clinic_fixed": cost(40_000), "clinic_per_m2": cost(250), "doctor": cost(100_000),
                  "build_clinic": cost(300_000), "upgrade_sub_centre": cost(900_000), "merge_works": cost(20_000.5),
                  "assumed_floor_area": cost(60)},
        "objectives": [{"minimise": "uncovered"}, {"minimise": "person_minutes", "standard": "elderly"},
                       {"minimise": "sub_centre_minutes"}, {"minimise": "cost"}, {"minimise": "changes"}],
    })


def decisions(**changes: SiteDecision | None) -> Decisions:
    """Return a valid plan's decisions: C01 joins T02, C05 S06, C03b C03, C08 C07; K12 is built, T11 upgraded.

    C01 and C03b each lose the doctor who retires; one of 东乡's doctors stays in reserve.
    """
    keep, close = Action.KEEP, Action.CLOSE
    sites: dict[str, SiteDecision | None] = {
        "C01": SiteDecision(close, "T02", 0),
        "C02": SiteDecision(keep, doctors=2), "C03": SiteDecision(keep, doctors=2),
        "C03b": SiteDecision(close, "C03", 0), "C04": SiteDecision(keep, doctors=1),
        "C05": SiteDecision(close, "S06", 0),
        "C07": SiteDecision(keep, doctors=2), "C08": SiteDecision(close, "C07", 0),
        "C09": SiteDecision(keep, doctors=1), "C10": SiteDecision(keep, doctors=2),
        "H06": SiteDecision(keep, doctors=220),
        "K12": SiteDecision(Action.BUILD, doctors=1), "P07": SiteDecision(keep, doctors=1),
        "S06": SiteDecision(keep, doctors=3), "T02": SiteDecision(keep, doctors=13),
        "T11": SiteDecision(Action.UPGRADE, doctors=25, sub_centre=True)}
    sites |= changes
    return Decisions({i: d for i, d in sites.items() if d is not None}, catchments={"西乡": "T11", "东乡": "T11"},
                     hires={"东乡": 0, "西乡": 0}, reserve={"东乡": 1, "西乡": 0})


def loaded(cfg: Config) -> SimpleNamespace:
    """Return what build_plan reads of a LoadedConfig."""
    return SimpleNamespace(config=cfg, scenario="default", scenario_name=Text("默认情景", "default scenario"))


@cache
def _usual_geography() -> Geography:
    return prepare_geography(config(), county())


@cache
def _usual_plan() -> Plan:
    return make_plan(config())


def make_plan(cfg: Config | None = None, inputs: Inputs | None = None, decided: Decisions | None = None) -> Plan:
    """Return the plan that decisions make, with a report that claims each stage proven at the value they come to."""
    if cfg is None and inputs is None and decided is None:
        return _usual_plan()
    cfg, decided = cfg or config(), decided or decisions()
    geography = _usual_geography() if inputs is None else prepare_geography(cfg, inputs)
    inputs = inputs or county()
    access = compute_access(cfg, inputs, geography)
    data = planning_data(cfg, inputs, access)
    values = evaluate(data, decided).objectives
    stages = [stage_result(data, k, v, [(v, float(v), 0.1)], parts_of(data, k, decided)) for k, v in enumerate(values)]
    stages = tuple(dataclasses.replace(s, name=s.name.replace("[", ":").removesuffix("]")) for s in stages)
    report = SolveReport("optimal", stages, 0.5, True, {"columns": 3}, {"hires": 3.0})
    return build_plan(loaded(cfg), inputs, geography, access, decided, report, refusals(data, decided))
