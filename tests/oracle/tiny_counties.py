"""Random tiny counties as config, inputs and travel times: small enough to enumerate every plan."""

from __future__ import annotations

import random

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point, box

from facilityplan.access.types import Access, NearestTimes, TravelTimes
from facilityplan.config.schema import Config
from facilityplan.domain.columns import CELLS, FACILITIES, VILLAGES, names
from facilityplan.domain.sites import open_today
from facilityplan.inputs.tables import Inputs, RoadTable
from facilityplan.units import UNREACHABLE_DS

CLINICS = ("village_clinic", "station")
FAR = int(UNREACHABLE_DS)
# Written out, so that a rule more does not turn every seed into another county.
DROPPED = ("adjacent", "blank_villages", "capital_budget", "circle_share", "doctor_balance", "doctor_capacity",
           "doctor_rooms", "hires", "host_limit", "host_size", "max_hosts", "no_harm", "recurrent_budget",
           "same_consortium", "same_township", "sub_centre_count", "sub_centre_eligible", "sub_centre_forbidden",
           "sub_centre_load", "sub_centre_required")


def tiny_county(seed: int, extend=None, places=lambda rng: 0) -> tuple[Config, Inputs, Access]:
    """A county of at most six clinics with every block on or off at random.

    ``extend(rng, config, inputs)`` switches further blocks on; ``places(rng)`` candidate sites of hospitals stand
    ready.
    """
    rng = random.Random(seed)
    villages = rng.randint(2, 5)
    scarce = rng.random() < 0.25  # doctors are
    townships = [f"镇{k}" for k in range(rng.randint(1, 3))]
    village_table = [
        {
            "id": f"v{k}",
            "name": f"村 {k}",
            "kind": "village",
            "township": rng.choice(townships),
            "consortium": rng.choice([None, "甲", "乙"]),
            "lon": 120.0,
            "lat": 30.0,
        }
        for k in range(villages)
    ]
    township_of = {v["id"]: v["township"] for v in village_table}
    sites = []

    def site(kind, village, *, status="existing", ownership="public"):
        posted = [None, 0, 0, 1] if scarce else [None, 0, 1, 1, 2, 3, 4]
        doctors = rng.choice(posted if kind in CLINICS else [None, 5, 20])
        sites.append(
            {
                "id": f"{rng.choice('abz')}-{len(sites)}",
                "name": "某某",
                "kind": kind,
                "status": status,
                "ownership": ownership,
                "village": village,
                "township": township_of[village],
                "consortium": None,
                "lon": 120.0,
                "lat": 30.0,
                "doctors": doctors,
                "doctors_60_plus": None if doctors is None else rng.randint(0, doctors),
                "posts": rng.choice([None, 1, 2, 3]),
                "beds": rng.choice([None, 10, 60]),
                "floor_area_m2": rng.choice([None, 60, 90.5, 120]),
                "level": rng.choice([None, 1, 2]),
            }
        )

    ids = [v["id"] for v in village_table]
    for _ in range(rng.randint(1, 5)):
        site(rng.choice(CLINICS), rng.choice(ids))
    for _ in range(rng.randint(0, 2)):
        site("village_clinic", rng.choice(ids), status="candidate")
    for _ in range(rng.choice([0, 0, 0, 1])):
        site("village_clinic", rng.choice(ids), ownership="private")
    for _ in range(rng.randint(1, 3)):
        site("township_hospital", rng.choice(ids))
    for _ in range(places(rng)):
        site("township_hospital", rng.choice(ids), status="candidate")
    cells = [
        {
            "cell": k,
            "x": 0.0,
            "y": 0.0,
            "lon": 120.0,
            "lat": 30.0,
            "people": round(rng.uniform(1, 900), 2),
            "people_65": round(rng.uniform(0, 90), 2),
            "village": rng.choice(ids),
        }
        for k in range(rng.randint(2, 8))
    ]
    facilities = pd.DataFrame(sites).reindex(columns=names(FACILITIES)).sort_values("id", ignore_index=True)
    for column in ("doctors", "doctors_60_plus", "posts", "beds", "level"):
        facilities[column] = facilities[column].astype("Int64")
    n = len(facilities)
    points = [Point(rng.randint(0, 3), rng.randint(0, 3)) for _ in range(n)]
    inputs = Inputs(
        crs="EPSG:4549",
        boundary=box(0, 0, 1, 1),
        roads=RoadTable(pd.DataFrame(), gpd.GeoDataFrame()),
        cells=pd.DataFrame(cells)[names(CELLS)],
        villages=gpd.GeoDataFrame(
            pd.DataFrame(village_table).reindex(columns=names(VILLAGES)),
            geometry=[Point(0, 0)] * villages,
            crs="EPSG:4549",
        ),
        facilities=gpd.GeoDataFrame(facilities, geometry=points, crs="EPSG:4549"),
        adjacency=None,
        raster_transform=(1, 0, 0, 0, 1, 0),
        raster_crs="EPSG:4549",
        raster_shape=(1, 1),
        digests={},
        notes=(),
    )
    config = _config(rng, inputs)
    if extend is not None:
        config = extend(rng, config, inputs)
    return config, inputs, _access(rng, config, inputs)


def _config(rng: random.Random, inputs: Inputs) -> Config:
    def maybe(chance):
        return rng.random() < chance

    def cost(value):
        return {"value": value, "low": value, "high": value, "unit": "yuan", "source": "x", "standing": "assumed"}

    standing = (inputs.facilities["kind"] == "township_hospital") & (inputs.facilities["status"] == "existing")
    hospitals = inputs.facilities.loc[standing, "id"].tolist()
    standards = [{"id": "circle", "name": "圈", "name_en": "circle", "mode": "ebike", "limit_min": 15}]
    if maybe(0.6):
        standards.append(
            {
                "id": "walk",
                "name": "步行",
                "name_en": "walk",
                "mode": "walk",
                "limit_min": rng.choice([15, 30]),
                "group": "age65",
                "kinds": rng.choice(
                    [["village_clinic", "station"], ["village_clinic", "station", "township_hospital"]]
                ),
            }
        )
    ids = [s["id"] for s in standards]
    rules: dict = {
        "hosts": {
            "adjacent": maybe(0.5),
            "same_township": maybe(0.5),
            "same_consortium": maybe(0.5),
            "limit_min": rng.choice([10, 20, 60]),
            "host_at_least_guest": maybe(0.5),
            "max_hosts": rng.choice([1, 2, 8]),
        },
        "no_harm": {
            "form": rng.choice(["inside_stays_inside", "strict", "off", "inside_stays_inside"]),
            "delta_min": rng.choice([0, 0, 5, 10, 25]),
            "standards": rng.choice([[], ids]),
            "exempt_villages": [v for v in inputs.villages["id"] if maybe(0.1)],
        },
        "circle_share": [
            {"standard": s, "min_share": rng.choice([0.1, 0.25, 0.4, 0.6]), "per_township": maybe(0.3)}
            for s in ids
            if maybe(0.2)
        ],
        "max_blank_villages": rng.choice([None, None, None, 0, 1]),
        "doctors": None
        if maybe(0.2)
        else {
            "people_per_doctor_cap": rng.choice([300, 700, 1500, 5000]),
            "max_per_site": rng.choice([1, 1, 2, 5]),
            "retire_share": rng.choice([0, 0, 0.2, 0.5]),
            "max_hires": rng.choice([0, 1, 2, 8]),
            "open_without_doctor": maybe(0.5),
            "assumed_per_clinic": rng.choice([None, 1]),
        },
        "budget": {},
        "sub_centres": {},
        "without": [r for r in DROPPED if maybe(0.04)],
    }
    if maybe(0.5):
        rules["budget"]["recurrent_share_of_today"] = rng.choice([0.8, 0.95, 1, 1.1, 1.5, 2.2])
    elif maybe(0.3):
        rules["budget"]["recurrent_cny"] = rng.choice([300_000, 700_000.5, 1_000_000])
    if maybe(0.3):
        rules["budget"]["capital_cny"] = rng.choice([20_000, 60_000, 300_000, 5_000_000, 5_300_000, 10_040_000])
    if maybe(0.6):
        least = rng.randint(0, 2)
        rules["sub_centres"] = {
            "min_count": least,
            "max_count": rng.randint(max(1, least), 3),
            "min_beds": rng.choice([None, None, None, 50]),
            "min_doctors": rng.choice([None, None, None, 10]),
            "min_level": rng.choice([None, None, None, 2]),
            "required": [h for h in hospitals if maybe(0.07)],
            "forbidden": [h for h in hospitals if maybe(0.1)],
            "max_people": rng.choice([None, None, 2_000, 3_000]),
        }
    objectives = [
        {"minimise": "uncovered", "standard": rng.choice([None, *ids])},
        {"minimise": "person_minutes", "standard": rng.choice([None, *ids])},
        {"minimise": "sub_centre_minutes"},
        {"minimise": "cost"},
        {"minimise": "changes"},
    ]
    rng.shuffle(objectives)
    file = {"file": "x"}
    return Config.model_validate(
        {
            "schema_version": 1,
            "county": {"name": "县", "name_en": "county", "crs": "EPSG:4549", "data_basis": "synthetic"},
            "inputs": {"boundary": file, "roads": file, "people": file, "villages": file, "facilities": file},
            "standards": standards,
            "rules": rules,
            "costs": {
                "clinic_fixed": cost(40_000),
                "clinic_per_m2": cost(250.25),
                "doctor": cost(100_000),
                "build_clinic": cost(250_000),
                "upgrade_sub_centre": cost(5_000_000),
                "merge_works": cost(20_000),
                "assumed_floor_area": cost(80),
            },
            "objectives": objectives[: rng.randint(1, 5)],
        }
    )


def _access(rng: random.Random, config: Config, inputs: Inputs) -> Access:
    sites, cells = inputs.facilities["id"].tolist(), inputs.cells["cell"].tolist()
    rule = config.rules.doctors
    today_open = open_today(inputs.facilities, open_without_doctor=rule.open_without_doctor if rule else False)
    times, today = {}, {}
    for standard in config.standards:
        table = [
            [
                rng.choice([600 * rng.randint(1, 30), rng.randint(1, 30 * 600), rng.randint(1, 200 * 600), FAR])
                for _ in sites
            ]
            for _ in cells
        ]
        times[standard.id] = sparse(standard.mode, cells, sites, table)
        counted = inputs.facilities["kind"].isin([str(k) for k in standard.kinds]).to_numpy() & today_open
        nearest = [
            min(((t, s) for s, t in enumerate(row) if counted[s] and t < FAR), default=(FAR, -1)) for row in table
        ]
        today[standard.id] = NearestTimes(
            np.array([t for t, _ in nearest], np.int32), np.array([s for _, s in nearest], np.int32)
        )
    between = [[0 if a == b else rng.choice([rng.randint(1, 25 * 600), FAR]) for b in sites] for a in sites]
    hospitals = inputs.facilities.loc[inputs.facilities["kind"] == "township_hospital", "id"].tolist()
    villages = inputs.villages["id"].tolist()
    to_sub = [[rng.choice([rng.randint(1, 60 * 600)] * 12 + [FAR]) for _ in hospitals] for _ in villages]
    adjacency = frozenset((a, b) for a in villages for b in villages if a < b and rng.random() < 0.6)
    return Access(
        cells=times,
        sites=sparse("ebike", sites, sites, between),
        today=today,
        to_sub_centres=sparse("drive", villages, hospitals, to_sub),
        adjacency=adjacency,
    )


def sparse(mode, origins, sites, table) -> TravelTimes:
    indptr, site, ds = [0], [], []
    for row in table:
        for t, s in sorted((t, s) for s, t in enumerate(row) if t < FAR):
            site.append(s)
            ds.append(t)
        indptr.append(len(site))
    return TravelTimes(
        mode,
        144_000,
        np.array(origins, object),
        np.array(sites, object),
        np.array(indptr, np.int64),
        np.array(site, np.int32),
        np.array(ds, np.int32),
    )


# ------------------------------------------------------------------------------------ the oracle's own reading


def table_of(times: TravelTimes) -> dict:
    return {
        (o, times.site_ids[times.site[k]]): int(times.ds[k])
        for i, o in enumerate(times.origin_ids)
        for k in range(times.indptr[i], times.indptr[i + 1])
    }
