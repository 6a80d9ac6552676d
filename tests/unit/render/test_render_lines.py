from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from sample_plan import CRS, sample

from facilityplan.render import lines
from facilityplan.render.lines import ALPHABET, DEGREE_UNITS, pack, pack_area, pack_roads


def unpack(code: str) -> list[np.ndarray]:
    """The reader of map.js, in Python: lines of longitude and latitude."""
    at, parts, lat, lon = 0, [], 0, 0

    def take() -> int:
        nonlocal at
        value, size = 0, 1
        while True:
            digit = ALPHABET.index(code[at])
            at += 1
            value += (digit & 31) * size
            size *= 32
            if digit < 32:
                return value

    def signed() -> int:
        value = take()
        return -(value + 1) // 2 if value % 2 else value // 2

    while at < len(code):
        points = []
        for _ in range(take()):
            lat += signed()
            lon += signed()
            points.append((lon / DEGREE_UNITS, lat / DEGREE_UNITS))
        parts.append(np.array(points))
    return parts


def test_lines_come_back_to_the_metre():
    rng = np.random.default_rng(3)
    parts = [rng.uniform((-180, -90), (180, 90), (n, 2)) for n in (2, 1, 40, 2)]
    got = unpack(pack(np.concatenate(parts), [len(part) for part in parts]))
    assert [len(part) for part in got] == [2, 1, 40, 2]
    for part, back in zip(parts, got, strict=True):
        np.testing.assert_allclose(part, back, atol=0.5 / DEGREE_UNITS + 1e-12)
    assert pack(np.empty((0, 2)), []) == ""


def test_an_area_keeps_its_holes_and_parts():
    hole = shapely.box(502_000, 3_372_000, 503_000, 3_373_000)
    area = shapely.box(500_000, 3_370_000, 510_000, 3_380_000).difference(hole)
    area = area.union(shapely.box(520_000, 3_370_000, 521_000, 3_371_000))
    rings = unpack(pack_area(area, CRS, tolerance_m=10))
    assert sorted(len(ring) for ring in rings) == [5, 5, 5]
    back = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    corners = np.concatenate([np.column_stack(back.transform(ring[:, 0], ring[:, 1])) for ring in rings])
    expected = shapely.get_coordinates(area)
    assert max(np.hypot(*(expected - corner).T).min() for corner in corners) < 1.0


@pytest.mark.parametrize("nothing", [None, shapely.Point(0, 0).buffer(0), shapely.MultiPolygon()])
def test_no_outline_is_no_text(nothing):
    assert pack_area(nothing, CRS, tolerance_m=10) == ""


def test_a_circle_may_come_as_lines_or_a_collection():
    line = shapely.LineString([(500_000, 3_370_000), (501_000, 3_371_000)])
    assert len(unpack(pack_area(line, CRS, tolerance_m=5))) == 1
    mixed = shapely.GeometryCollection([line, shapely.box(500_000, 3_370_000, 501_000, 3_371_000)])
    assert [len(ring) for ring in unpack(pack_area(mixed, CRS, tolerance_m=5))] == [5]


def test_roads_are_few_long_lines_and_lose_no_length():
    roads = sample(villages=9, cells=100, road_edges=900).inputs.roads
    packed = dict(pack_roads(roads, CRS))
    assert set(packed) == {"road_primary", "road_tertiary", "road_local"}
    back = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    length, count = 0.0, 0
    for code in packed.values():
        for part in unpack(code):
            length += np.hypot(*np.diff(np.column_stack(back.transform(part[:, 0], part[:, 1])), axis=0).T).sum()
            count += 1
    assert length == pytest.approx(roads.edges["length_m"].sum(), rel=0.01)
    assert count < len(roads.edges)


def test_roads_are_thinned_only_where_there_are_too_many(monkeypatch):
    roads = sample(villages=9, cells=100, road_edges=900).inputs.roads
    full = sum(len(code) for _, code in pack_roads(roads, CRS))
    monkeypatch.setattr(lines, "POINT_BUDGET", 1_500)
    assert sum(len(code) for _, code in pack_roads(roads, CRS)) < 0.8 * full


def test_a_county_without_roads_draws_none():
    roads = sample(villages=9, cells=100, road_edges=60).inputs.roads
    assert pack_roads(replace(roads, edges=roads.edges.iloc[:0]), CRS) == []
