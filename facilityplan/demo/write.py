"""A generated county as files in the formats that users have; the same county gives the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from affine import Affine
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon

from facilityplan.demo.county import DemoCounty
from facilityplan.demo.terrain import CELL_M
from facilityplan.domain.columns import FACILITIES, VILLAGES, names

FILES = ("boundary.geojson", "facilities.csv", "people.tif", "roads.gpkg", "villages.csv", "water.geojson")
FILE_DATE = "2020-11-01T00:00:00.000Z"  # written into the GeoPackage in place of the clock: the census date
NODATA = -9999.0


def write(county: DemoCounty, folder: Path | str) -> list[Path]:
    """Write the county's FILES into ``folder`` (made where missing) and return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_roads(county, folder / "roads.gpkg")
    _write_people(county, folder / "people.tif")
    _write_table(county.villages, names(VILLAGES), folder / "villages.csv")
    given = [c.name for c in FACILITIES if c.name in county.facilities and not (
        c.unit == "CNY/year" and county.facilities[c.name].isna().all())]  # no money is invented
    _write_table(county.facilities, given, folder / "facilities.csv")
    place = county.place
    _write_polygon(place.outline, county, {"name": place.name, "code": place.code}, folder / "boundary.geojson")
    _write_polygon(county.terrain.water, county, {"name": "水面", "data_basis": "synthetic"}, folder / "water.geojson")
    return [folder / name for name in FILES]


def _write_roads(county: DemoCounty, path: Path) -> None:
    path.unlink(missing_ok=True)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FILE_DATE})
    try:
        pyogrio.write_dataframe(county.roads, path, layer="roads", driver="GPKG", geometry_type="LineString",
                                layer_options={"SPATIAL_INDEX": "YES", "IDENTIFIER": "roads"})
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_people(county: DemoCounty, path: Path) -> None:
    rows, columns = county.people.shape
    with rasterio.open(path, "w", driver="GTiff", height=rows, width=columns, count=2, dtype="float32",
                       crs=county.place.crs, nodata=NODATA, compress="deflate", predictor=3, zlevel=9,
                       transform=Affine(CELL_M, 0, county.terrain.west, 0, -CELL_M, county.terrain.north)) as raster:
        for band, (grid, text) in enumerate(((county.people, "people"), (county.people_65, "people_65")), 1):
            raster.write(np.where(county.terrain.inside, grid, NODATA).astype("float32"), band)
            raster.set_band_description(band, text)


def _write_table(table: pd.DataFrame, columns: list[str], path: Path) -> None:
    """Write UTF-8 with BOM, so that spreadsheets show Chinese; true and false in lower case."""
    table = table[columns].copy()
    for column in table.columns:
        if any(isinstance(v, bool | np.bool_) for v in table[column]):
            table[column] = table[column].map({True: "true", False: "false"})
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _write_polygon(shape: Polygon | MultiPolygon, county: DemoCounty, properties: dict[str, str], path: Path) -> None:
    transformer = Transformer.from_crs(county.place.crs, "EPSG:4326", always_xy=True)
    wgs84 = shapely.transform(shape, lambda x, y: np.round(transformer.transform(x, y), 6), interleaved=False)
    feature = {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(wgs84))}
    collection = {"type": "FeatureCollection", "features": [] if shape.is_empty else [feature]}
    path.write_text(json.dumps(collection, ensure_ascii=False) + "\n", "utf-8")
