"""What the readers hand on: checked tables with ids, in the county's projected CRS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from facilityplan.errors import Text


@dataclass(frozen=True)
class RoadTable:
    """Roads cut at their junctions, before any travel mode is chosen. Order is canonical, not the file's."""

    nodes: pd.DataFrame  # columns node (int64, 0..n-1), x, y (metres, county CRS); sorted by (x, y)
    edges: gpd.GeoDataFrame
    # columns edge (int64, 0..m-1), u, v (node), road_class (OSM highway), length_m (float64, along the drawn line),
    # oneway (bool; True: only u → v), bridge (bool), maxspeed_kmh (float64, NaN = none), name (str or None),
    # geometry (LineString from u to v, county CRS). No loops of zero length; parallel edges stay.
    closed: frozenset[int] = frozenset()  # edges that nobody may use (config inputs.roads.closed)


@dataclass(frozen=True)
class Inputs:
    """Everything a plan is made from. Tables follow domain.columns, are sorted by id and have a RangeIndex."""

    crs: str  # county CRS, metres
    boundary: BaseGeometry  # polygon or multipolygon, county CRS
    roads: RoadTable
    cells: pd.DataFrame  # domain.columns.CELLS; people > 0 only
    villages: gpd.GeoDataFrame  # domain.columns.VILLAGES, every column present; geometry Point, county CRS
    facilities: gpd.GeoDataFrame  # domain.columns.FACILITIES, every column present; geometry Point, county CRS
    adjacency: pd.DataFrame | None  # domain.columns.ADJACENCY where supplied
    raster_transform: tuple[float, float, float, float, float, float]  # affine of the people raster, in raster_crs
    raster_crs: str
    raster_shape: tuple[int, int]  # rows, columns
    digests: Mapping[str, str]  # file below the data root → SHA-256
    notes: tuple[Text, ...]  # what was assumed, scaled or left out; shown with every plan
    water: BaseGeometry | None = None  # lakes and canals, county CRS, for the map only
