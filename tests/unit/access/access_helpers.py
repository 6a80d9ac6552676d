"""A small county made in memory: config and inputs without a file."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parents[1] / "network"))

from network_helpers import CRS, DRIVE, EBIKE, WALK, county_roads, road_table

from facilityplan.config.schema import Config
from facilityplan.inputs.tables import Inputs

FACILITY_COLUMNS = ["id", "name", "kind", "status", "ownership", "village", "township", "consortium", "doctors",
                    "doctors_60_plus", "posts", "beds", "floor_area_m2", "level"]
COST = {"value": 1, "low": 1, "high": 1, "unit": "CNY", "source": "-", "standing": "assumed"}


def make_config(**rules) -> Config:
    """Two standards, by e-bike for all kinds and on foot to hospitals; sub-centres by car when ``rules`` say so."""
    hospitals = ["township_hospital", "county_hospital"]
    costs = dict.fromkeys(["clinic_fixed", "clinic_per_m2", "doctor", "build_clinic", "upgrade_sub_centre",
                           "merge_works", "assumed_floor_area"], COST)
    source = {"file": "x"}
    return Config.model_validate({
        "schema_version": 1,
        "county": {"name": "甲", "name_en": "A", "crs": CRS, "data_basis": "synthetic"},
        "inputs": {"boundary": source, "roads": source, "people": source, "villages": source, "facilities": source},
        "modes": {"ebike": EBIKE.model_dump(), "walk": WALK.model_dump(), "drive": DRIVE.model_dump()},
        "standards": [{"id": "circle", "name": "圈", "name_en": "circle", "mode": "ebike", "limit_min": 15},
                      {"id": "foot", "name": "步行", "name_en": "foot", "mode": "walk", "limit_min": 15,
                       "kinds": hospitals}],
        "rules": rules, "costs": costs, "objectives": [{"minimise": "person_minutes"}]}, strict=False)


def points(xy) -> list:
    return list(shapely.points(np.asarray(xy, dtype=float).reshape(-1, 2)))


def make_inputs(roads, cells, villages, facilities, adjacency=None) -> Inputs:
    """``cells``: xy; ``villages``: {id: xy}; ``facilities``: {id: (xy, kind, changes)}."""
    rows = []
    for key, (_, kind, *changes) in sorted(facilities.items()):
        row = {"id": key, "name": key, "kind": kind, "status": "existing", "ownership": "public", "doctors": 1}
        rows.append({**row, **(changes[0] if changes else {})})
    sites = gpd.GeoDataFrame(pd.DataFrame(rows, columns=FACILITY_COLUMNS), crs=CRS,
                             geometry=points([facilities[k][0] for k in sorted(facilities)]))
    places = gpd.GeoDataFrame({"id": sorted(villages)}, crs=CRS,
                              geometry=points([villages[k] for k in sorted(villages)]))
    cells = np.asarray(cells, dtype=float).reshape(-1, 2)
    table = pd.DataFrame({"cell": np.arange(len(cells)) * 10, "x": cells[:, 0], "y": cells[:, 1], "people": 1.0,
                          "people_65": 0.2})
    around = shapely.box(-2000, -2000, *(roads.nodes[["x", "y"]].max() + 2000)) if len(roads.nodes) else shapely.box(
        0, 0, 1, 1)
    return Inputs(CRS, around, roads, table, places, sites, adjacency, (1, 0, 0, 0, -1, 0), CRS, (1, 1), {}, ())


def random_county(seed: int, nodes: int = 500, cells: int = 300, width_m: float = 9_000) -> Inputs:
    """A county with 25 clinics, 4 hospitals, 3 candidates and 12 villages."""
    rng = np.random.default_rng(seed)
    roads = county_roads(rng, nodes=nodes, width_m=width_m)
    places = {f"v{k:02d}": rng.random(2) * width_m for k in range(12)}
    sites = {f"c{k:02d}": (rng.random(2) * width_m, "village_clinic", {"doctors": k % 4}) for k in range(25)}
    sites |= {f"h{k}": (rng.random(2) * width_m, "township_hospital") for k in range(4)}
    sites |= {f"n{k}": (rng.random(2) * width_m, "village_clinic", {"status": "candidate"}) for k in range(3)}
    return make_inputs(roads, rng.random((cells, 2)) * width_m, places, sites)


__all__ = ["DRIVE", "EBIKE", "WALK", "county_roads", "make_config", "make_inputs", "points", "random_county",
           "road_table"]
