"""The generator: one place and one seed give one county, always the same."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer

from facilityplan.demo.facilities import make_facilities
from facilityplan.demo.landscape import make_terrain
from facilityplan.demo.lines import draw_roads
from facilityplan.demo.mesh import make_mesh
from facilityplan.demo.people import people_the_county
from facilityplan.demo.place import DemoPlace
from facilityplan.demo.roads import CLASSES, make_roads
from facilityplan.demo.settlements import Settlements, make_discs, settle
from facilityplan.demo.terrain import Terrain


@dataclass(frozen=True)
class DemoCounty:
    """A generated county. Grids have the terrain's shape; tables are sorted by id; coordinates in ``place.crs``."""

    place: DemoPlace
    seed: int
    terrain: Terrain
    roads: gpd.GeoDataFrame  # domain.columns.ROADS
    people: np.ndarray  # int, people by cell
    people_65: np.ndarray  # int
    unit: np.ndarray  # int, position in ``villages`` of the cell's unit; −1 = nobody lives there
    villages: pd.DataFrame  # domain.columns.VILLAGES, and x, y
    facilities: pd.DataFrame  # domain.columns.FACILITIES, and x, y


def generate(place: DemoPlace, seed: int) -> DemoCounty:
    """Generate a demonstration county. Same place and seed, same county; no global state is read or changed."""
    streams = (np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(8))
    terrain = make_terrain(place, next(streams))
    discs, town_people = make_discs(place, next(streams))
    mesh = make_mesh(place, terrain, discs, next(streams))
    settled = settle(place, terrain, mesh, discs, town_people, next(streams))
    rank = make_roads(place, mesh, settled, next(streams))
    roads = draw_roads(mesh, rank, terrain, place.crs, next(streams))
    people = people_the_county(place, terrain, mesh, discs, settled, roads.geometry.values, next(streams))
    villages = _villages(place, settled, people.people, people.people_65, people.unit)
    on_road = np.isin(np.arange(len(mesh.xy)), mesh.uv[rank < len(CLASSES)])
    facilities = make_facilities(place, mesh, on_road, discs, settled, villages["people"].to_numpy(), next(streams))
    return DemoCounty(place, seed, terrain, roads, people.people, people.people_65, people.unit, villages,
                      _with_lon_lat(place, facilities))


def _villages(place: DemoPlace, settled: Settlements, people: np.ndarray, people_65: np.ndarray,
              unit: np.ndarray) -> pd.DataFrame:
    consortium = {t.name: t.consortium for t in place.towns}
    lived_in = unit >= 0
    totals = [np.bincount(unit[lived_in], weights=grid[lived_in], minlength=len(place.units)).astype(int)
              for grid in (people, people_65)]
    table = pd.DataFrame({
        "id": [u.id for u in place.units], "name": [u.name for u in place.units],
        "kind": [u.kind for u in place.units], "township": [u.township for u in place.units],
        "consortium": [consortium[u.township] for u in place.units],
        "x": settled.xy[:, 0], "y": settled.xy[:, 1], "people": totals[0], "people_65": totals[1]})
    return _with_lon_lat(place, table)


def _with_lon_lat(place: DemoPlace, table: pd.DataFrame) -> pd.DataFrame:
    """Add lon, lat (WGS 84, six decimals: about 0.1 m)."""
    lon, lat = Transformer.from_crs(place.crs, "EPSG:4326", always_xy=True).transform(
        table["x"].to_numpy(), table["y"].to_numpy())
    return table.assign(lon=np.round(lon, 6), lat=np.round(lat, 6))
