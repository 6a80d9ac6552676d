"""The county's boundary: one polygon or multipolygon in the county CRS."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from facilityplan.config.schema import BoundarySource, TableSource
from facilityplan.errors import Fault
from facilityplan.inputs.coordinates import Frame, check_area_of_use, check_in_range, crs_of
from facilityplan.inputs.files import Files
from facilityplan.inputs.findings import Findings, fault
from facilityplan.inputs.layers import read_layer
from facilityplan.inputs.rawtable import RawTable

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
FIELD = "inputs.boundary"


def read_boundary(source: BoundarySource, frame: Frame, files: Files, findings: Findings) -> Frame | None:
    """Return ``frame`` with the union of the layer's polygons as its boundary; None, with faults, where that fails."""
    raw = read_layer(source, FIELD, files, findings, columns=())
    if raw is None or not findings.extend(check_polygons(raw)):
        return None
    crs = crs_of(raw, source.crs, FIELD, findings)
    if crs is None:
        return None
    kept = raw.geometry[~(shapely.is_missing(raw.geometry) | shapely.is_empty(raw.geometry))]
    if any(source.move):
        kept = shapely.transform(kept, lambda xy: xy + np.array(source.move))
        east, north = source.move
        findings.note(f"边界文件 {raw.file} 已知有偏移，按配置平移（东 {east:g}，北 {north:g}）",
                      f"the outline in {raw.file} is known to be displaced and was moved as the config says "
                      f"({east:g} east, {north:g} north)")
    bounds = shapely.bounds(kept)
    corners = RawTable(raw.file, (), (), 1)
    x, y = np.array([bounds[:, 0].min(), bounds[:, 2].max()]), np.array([bounds[:, 1].min(), bounds[:, 3].max()])
    if out := check_in_range(corners, x, y, crs)[:1]:
        exchanged = not check_in_range(corners, y, x, crs)
        findings.extend([swapped_boundary(raw.file)] if exchanged else [replace(f, row=None) for f in out])
        return None
    polygons = frame.geometries(kept, crs)
    if not shapely.is_valid(polygons).all():
        findings.note(f"{raw.file} 的多边形有自相交，已自动修复",
        f"{raw.file}: a polygon crosses itself and was mended")
        polygons = np.array([_areas_of(shapely.make_valid(p)) for p in polygons], dtype=object)
    # Normalized, so that the order of features and the first vertex of a ring do not matter.
    boundary = shapely.normalize(shapely.union_all(polygons))
    if not findings.extend(check_area(raw, boundary)):
        return None
    frame = frame.with_boundary(boundary)
    return frame if findings.extend(check_area_of_use(frame)) else None


def read_water(source: TableSource, frame: Frame, files: Files, findings: Findings) -> shapely.Geometry | None:
    """Return lakes and canals inside the boundary, county CRS, for the map; None, with faults, where that fails."""
    raw = read_layer(source, "inputs.water", files, findings, columns=())
    if raw is None or not findings.extend(check_polygons(raw)):
        return None
    crs = crs_of(raw, source.crs, "inputs.water", findings)
    if crs is None:
        return None
    kept = raw.geometry[~(shapely.is_missing(raw.geometry) | shapely.is_empty(raw.geometry))]
    return shapely.intersection(shapely.union_all(shapely.make_valid(frame.geometries(kept, crs))), frame.boundary)


def check_polygons(raw: RawTable) -> list[Fault]:
    """not_a_polygon: a feature of the boundary is a line or a point, or there is no feature at all."""
    remedy = ("用面图层", "use a polygon layer")
    geometry = raw.geometry if raw.geometry is not None else np.array([], dtype=object)
    present = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if not present.any():
        return [fault("not_a_polygon", "边界文件里没有图形", "the boundary file holds no shapes",
    *remedy, file=raw.file)]
    wrong = present & ~np.isin(shapely.get_type_id(geometry), POLYGONS)
    return [fault("not_a_polygon", f"边界中有 {geometry[i].geom_type}，不是面",
                  f"the boundary holds a {geometry[i].geom_type}, not a polygon", *remedy, **raw.place(i))
            for i in np.flatnonzero(wrong)]


def swapped_boundary(file: str) -> Fault:
    """swapped_coordinates: the outline lies on the globe only when longitude and latitude are exchanged."""
    return fault("swapped_coordinates", "边界的经度与纬度对调了",
                 "longitude and latitude of the boundary are exchanged", "重新导出边界，x 为经度",
                 "export the boundary again, with x as longitude", file=file, field="inputs.boundary.file")


def check_area(raw: RawTable, boundary: shapely.Geometry) -> list[Fault]:
    """not_a_polygon: the boundary encloses nothing."""
    if np.isfinite(boundary.area) and boundary.area > 1:
        return []
    return [fault("not_a_polygon", "边界围不出面积", "the boundary encloses no area", "检查边界的坐标与坐标系",
                  "check the boundary's coordinates and coordinate system", file=raw.file)]


def _areas_of(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the polygonal part of a mended geometry."""
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), POLYGONS)])
