"""A small county in files, to be spoilt in one place by each test: 6 x 6 km, four villages, a cross of roads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyproj
import rasterio
from rasterio import Affine

from facilityplan.config.schema import Config
from facilityplan.errors import Fault, FaultyInput
from facilityplan.inputs import Inputs, read_inputs

CRS = "EPSG:4549"
WEST, SOUTH, SIZE, PIXEL = 500_000.0, 3_380_000.0, 6_000.0, 500.0
COST = {"value": 1, "low": 1, "high": 1, "unit": "CNY", "source": "test", "standing": "assumed"}
ALL_COSTS = ("clinic_fixed", "clinic_per_m2", "doctor", "build_clinic", "upgrade_sub_centre", "merge_works",
             "assumed_floor_area")
CLASSES = ("primary", "secondary", "tertiary", "unclassified", "residential", "service", "track", "path")
VILLAGES = ((1500, 1500), (4500, 1500), (1500, 4500), (4500, 4500))
_TO_WGS84 = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a point x, y metres from the county's south-west corner."""
    lon, lat = _TO_WGS84.transform(WEST + x, SOUTH + y)
    return round(lon, 7), round(lat, 7)


def ring(*points: tuple[float, float]) -> list[list[float]]:
    return [list(lonlat(*p)) for p in (*points, points[0])]


def feature(kind: str, coordinates: object, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features: dict) -> dict:
    return {"type": "FeatureCollection", "features": list(features)}


def line(*points: tuple[float, float], road_class: str = "tertiary", **properties: object) -> dict:
    return feature("LineString", [list(lonlat(*p)) for p in points], road_class=road_class, **properties)


ROADS = (line((0, 3000), (3000, 3000), (6000, 3000)), line((3000, 0), (3000, 3000), (3000, 6000)),
         line((1500, 1500), (1500, 3000)), line((0, 3000), (1500, 3000)))


class County:
    """Files under ``root`` and a config for them; every writer can be called again with other content."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config: dict = {
            "schema_version": 1, "county": {"name": "试验县", "name_en": "Test", "crs": CRS, "data_basis": "synthetic"},
            "inputs": {"boundary": {"file": "boundary.geojson"}, "roads": {"file": "roads.geojson"},
                       "people": {"file": "people.tif", "share_65": 0.2}, "villages": {"file": "villages.csv"},
                       "facilities": {"file": "facilities.csv"}},
            "modes": {"walk": {"name": "步行", "name_en": "walk", "speeds_kmh": dict.fromkeys(CLASSES, 4.5),
                               "off_road_kmh": 4.5}},
            "standards": [{"id": "circle", "name": "圈", "name_en": "circle", "mode": "walk", "limit_min": 15}],
            "costs": dict.fromkeys(ALL_COSTS, COST), "objectives": [{"minimise": "uncovered"}]}
        corners = ((0, 0), (SIZE, 0), (SIZE, SIZE), (0, SIZE))
        self.json("boundary.geojson", collection(feature("Polygon", [ring(*corners)])))
        self.json("roads.geojson", collection(*ROADS))
        self.raster()
        self.villages()
        self.facilities()

    @property
    def inputs(self) -> dict:
        return self.config["inputs"]

    def json(self, name: str, content: dict) -> None:
        (self.root / name).write_text(json.dumps(content), encoding="utf-8")

    def text(self, name: str, text: str, encoding: str = "utf-8") -> None:
        (self.root / name).write_bytes(text.encode(encoding))

    def raster(self, bands: np.ndarray | None = None, name: str = "people.tif", **profile: object) -> np.ndarray:
        """Write (bands, rows, columns); without data 10 people in each pixel, and two pixels round the county."""
        n = int(SIZE / PIXEL) + 4
        bands = np.full((1, n, n), 10.0, dtype="float32") if bands is None else bands
        place = Affine(PIXEL, 0, WEST - 2 * PIXEL, 0, -PIXEL, SOUTH + SIZE + 2 * PIXEL)
        options = {"driver": "GTiff", "width": bands.shape[2], "height": bands.shape[1], "count": bands.shape[0],
                   "dtype": bands.dtype, "crs": CRS, "transform": place} | profile
        with rasterio.open(self.root / name, "w", **options) as out:
            out.write(bands)
        return bands

    def villages(self, rows: list[str] | None = None, header: str = "id,name,kind,township,lon,lat,people",
                 encoding: str = "utf-8") -> None:
        if rows is None:
            rows = [f"0{k},村{k},village,{'甲乡' if k < 2 else '乙乡'},{lonlat(*p)[0]},{lonlat(*p)[1]},{100 + k}"
                    for k, p in enumerate(VILLAGES)]
        self.text("villages.csv", "\n".join([header, *rows]) + "\n", encoding)

    def facilities(self, rows: list[str] | None = None,
                   header: str = "id,name,kind,village,lon,lat,doctors,beds", encoding: str = "utf-8") -> None:
        if rows is None:
            kinds = ["village_clinic", "village_clinic", "station", "township_hospital"]
            rows = [f"c{k},室{k},{kinds[k]},0{k},{lonlat(*p)[0]},{lonlat(*p)[1]},{k + 1},"
                    for k, p in enumerate(VILLAGES)]
        self.text("facilities.csv", "\n".join([header, *rows]) + "\n", encoding)

    def read(self) -> Inputs:
        return read_inputs(Config.model_validate_json(json.dumps(self.config)), self.root)

    def faults(self) -> list[Fault]:
        try:
            self.read()
        except FaultyInput as error:
            return list(error.faults)
        return []

    def codes(self) -> list[str]:
        return [f.code for f in self.faults()]

    def notes(self) -> str:
        return "\n".join(n.en for n in self.read().notes)
