"""What is given about the places: names, codes, totals, outline."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from facilityplan.demo import load_place
from facilityplan.demo.place import places

SHARED = Path(os.environ.get("FACILITYPLAN_SHARED", Path(__file__).resolve().parents[4] / "shared")) / "data"
VILLAGES_BY_TOWN = {"新市镇": 19, "钟管镇": 19, "莫干山镇": 17, "下渚湖街道": 13, "新安镇": 11, "禹越镇": 10,
                    "雷甸镇": 10, "舞阳街道": 9, "乾元镇": 8, "洛舍镇": 6, "阜溪街道": 6, "康乾街道": 5, "武康街道": 2}


def test_places_that_ship():
    assert places() == ["chizhou", "deqing", "small", "xiaoyi"]
    with pytest.raises(KeyError):
        load_place("atlantis")


def test_deqing_has_the_published_names_and_totals():
    place = load_place("deqing")
    assert (place.people, place.people_rural, place.people_65) == (548_568, 207_440, 87_820)
    assert round(100 * place.people_65 / place.people, 2) == 16.01
    kinds = pd.Series([u.kind for u in place.units]).value_counts().to_dict()
    assert kinds == {"village": 135, "community": 42}
    by_town = pd.Series([u.township for u in place.units if u.kind == "village"]).value_counts().to_dict()
    assert by_town == VILLAGES_BY_TOWN
    assert all(len(u.id) == 12 and u.id.startswith("330521") for u in place.units)
    assert len({u.id for u in place.units}) == 177
    assert len({(u.township, u.name) for u in place.units}) == 177
    assert not any(u.name.endswith("委会") for u in place.units)
    names = {u.id: u.name for u in place.units}
    # 干村村委会 is the committee of 干村, 东新村委会 that of 东新村.
    assert (names["330521104217"], names["330521110202"], names["330521103001"]) == ("干村", "东新村", "洛舍社区")
    assert not any("王公郎" in u.name for u in place.units)


def test_deqing_hospitals_and_consortia():
    place = load_place("deqing")
    with_hospital = [t for t in place.towns if t.hospital]
    assert [t.name for t in place.towns if not t.hospital] == ["康乾街道"]
    assert pd.Series([t.consortium for t in with_hospital]).value_counts().to_dict() == {"武康": 8, "新市": 4}
    assert len(place.county_hospitals) == 3
    beds = {t.name: t.hospital.beds for t in with_hospital}
    assert {t for t, b in beds.items() if b >= 80} == {"新市镇", "乾元镇", "钟管镇", "雷甸镇", "禹越镇"}
    assert {t.name for t in with_hospital if t.name in ("雷甸镇", "禹越镇") and t.hospital.level == 1} \
        == {"雷甸镇", "禹越镇"}, "they apply for level two: they are not there yet"


@pytest.mark.parametrize("place_id", ["chizhou", "deqing", "small", "xiaoyi"])
def test_seats_lie_inside_and_names_match(place_id):
    place = load_place(place_id)
    towns = {t.name for t in place.towns}
    assert all(place.outline.contains(Point(t.seat)) for t in place.towns)
    assert {u.township for u in place.units} == towns
    assert {h.township for h in place.county_hospitals} <= towns
    assert {n.unit for n in place.named_clinics} <= {u.id for u in place.units}
    assert place.people_rural < place.people and place.people_65 < place.people


def test_xiaoyi_has_the_published_names_and_totals():
    place = load_place("xiaoyi")
    assert (place.people, place.people_rural, place.people_65) == (477_289, 139_800, 50_919)
    assert round(100 * place.people_65 / place.people, 2) == 10.67
    kinds = pd.Series([u.kind for u in place.units]).value_counts().to_dict()
    assert kinds == {"village": 273, "community": 81}
    assert len(place.towns) == 16 and all(t.hospital for t in place.towns)
    assert {u.name for u in place.units} >= {"兑镇村", "南曹村", "司马村", "郑兴社区"}
    assert len({(u.township, u.name) for u in place.units}) == 354


def test_chizhou_has_four_counties_and_the_published_totals():
    place = load_place("chizhou")
    assert [(c.code, c.people, c.people_rural) for c in place.counties] == [
        ("341702", 615_274, 197_938), ("341721", 398_414, 176_990), ("341722", 80_612, 46_600),
        ("341723", 248_464, 119_857)]
    assert [round(100 * c.people_65 / c.people, 1) for c in place.counties] == [15.2, 17.9, 20.4, 17.7]
    assert place.people == 1_342_764
    hospitals = [*(t.hospital for t in place.towns), *place.further_hospitals]
    assert len(hospitals) == 59 and all(hospitals)
    assert sum(h.beds for h in (*hospitals, *place.county_hospitals)) == 9_539
    assert {h.consortium for h in place.county_hospitals} == {"贵池", "东至", "石台", "青阳"}
    kinds = pd.Series([u.kind for u in place.units]).value_counts().to_dict()
    assert kinds == {"village": 574, "community": 121}
    for town, county in zip(place.towns, place.town_county, strict=True):
        assert place.counties[county].outline.contains(Point(town.seat)), town.name
    for a, b in itertools.combinations(place.counties, 2):  # simplified together: borders stay shared
        assert a.outline.intersection(b.outline).area < 1


@pytest.mark.shared_data
@pytest.mark.parametrize(("place_id", "code"), [("deqing", "330521"), ("xiaoyi", "141181")])
def test_places_against_the_packages_they_were_taken_from(place_id, code):
    folder = SHARED / "china_counties"
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}")
    place = load_place(place_id)
    listed = pd.read_csv(folder / "villages_china-division_2023.csv", dtype=str)
    listed = listed[listed.adcode == code]
    assert {(u.id, u.township) for u in place.units} == set(zip(listed.village_code, listed.town, strict=True))
    stem = dict(zip(listed.village_code, listed.village.str.replace(r"(村委会|社区居委会|居委会)$", "", regex=True),
                    strict=True))
    assert all(u.name.startswith(stem[u.id]) for u in place.units)
    outlines = gpd.read_file(folder / "county_boundaries_wgs84.geojson")
    real = outlines[outlines.adcode.astype(str) == code].to_crs(place.crs).geometry.iloc[0]
    assert place.outline.boundary.hausdorff_distance(real.boundary) <= 101
    assert place.outline.area == pytest.approx(real.area, rel=0.001)
