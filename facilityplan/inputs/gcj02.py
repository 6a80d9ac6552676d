"""GCJ-02, the shifted coordinates of Chinese web maps: the shift, and a hint where points seem to bear it.

The polynomial is the published reconstruction of the shift (Krasovsky 1940 ellipsoid); it is good to about a metre.
"""

from __future__ import annotations

import numpy as np
import shapely

from facilityplan.inputs.coordinates import Frame
from facilityplan.inputs.findings import Findings
from facilityplan.inputs.tables import RoadTable

SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
LEAST_POINTS, LEAST_GAIN_M, LEAST_RATIO = 20, 50.0, 2.0


def shift_degrees(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what GCJ-02 adds to WGS 84 longitude and latitude, in degrees."""
    x, y = np.asarray(lon, dtype=float) - 105.0, np.asarray(lat, dtype=float) - 35.0
    pi = np.pi
    ripple = (20 * np.sin(6 * pi * x) + 20 * np.sin(2 * pi * x)) * 2 / 3
    north = (-100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + ripple
             + (20 * np.sin(pi * y) + 40 * np.sin(pi * y / 3)) * 2 / 3
             + (160 * np.sin(pi * y / 12) + 320 * np.sin(pi * y / 30)) * 2 / 3)
    east = (300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + ripple
            + (20 * np.sin(pi * x) + 40 * np.sin(pi * x / 3)) * 2 / 3
            + (150 * np.sin(pi * x / 12) + 300 * np.sin(pi * x / 30)) * 2 / 3)
    latitude = np.radians(np.asarray(lat, dtype=float))
    w2 = 1 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    meridian = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / (w2 * np.sqrt(w2))
    parallel = SEMI_MAJOR_M / np.sqrt(w2) * np.cos(latitude)
    return np.degrees(east / parallel), np.degrees(north / meridian)


def in_china(lon: float, lat: float) -> bool:
    """Whether the shift is in use there."""
    return 73.0 < lon < 136.0 and 17.0 < lat < 54.0


def note_shifted_points(file: str, xy: np.ndarray, roads: RoadTable, frame: Frame, findings: Findings) -> None:
    """Note where points would lie far closer to roads if the GCJ-02 shift were taken off them, or off the roads.

    ``xy``: float64 (n, 2), county CRS. Only a hint: it needs 20 points, a gain of 50 m and of half the distance at the
    median. Roads are not judged where they lie in GCJ-02 together with the points.
    """
    if len(xy) < LEAST_POINTS:
        return
    lon, lat = frame.to_wgs84(xy[:, 0], xy[:, 1])
    if not in_china(float(np.median(lon)), float(np.median(lat))):
        return
    lines = roads.edges.geometry.to_numpy()
    tree = shapely.STRtree(lines)

    def typical(east: np.ndarray, north: np.ndarray) -> float:
        points = shapely.points(*frame.to_county(east, north, "EPSG:4326"))
        return float(np.median(shapely.distance(points, lines[tree.nearest(points)])))

    d_lon, d_lat = shift_degrees(lon, lat)
    now, off, on = typical(lon, lat), typical(lon - d_lon, lat - d_lat), typical(lon + d_lon, lat + d_lat)
    best = min(off, on)
    if now - best < LEAST_GAIN_M or now < LEAST_RATIO * best:
        return
    moved = (file, file) if off <= on else ("道路", "the roads")
    findings.note(f"{moved[0]} 可能是 GCJ-02 坐标：去掉偏移后，点到道路的中位距离从 {now:,.0f} m 变为 {best:,.0f} m",
                  f"{moved[1]} may be in GCJ-02: without its shift the median distance from point to road would be "
                  f"{best:,.0f} m instead of {now:,.0f} m ({file})")
