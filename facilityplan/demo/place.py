"""What is given about a place before anything is invented: outline, names, census totals, seats and hospitals."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import shapely
import yaml
from pyproj import Transformer
from shapely.geometry import Polygon, shape

from facilityplan.demo.family import FAMILIES, Family


@dataclass(frozen=True)
class Hospital:
    """A township or county hospital. Its capacity figures are invented."""

    name: str
    township: str
    consortium: str
    beds: int
    doctors: int
    level: int
    floor_area_m2: int
    tcm: bool = True  # offers Chinese medicine


@dataclass(frozen=True)
class Town:
    """A town or subdistrict."""

    code: str
    name: str
    consortium: str
    seat: tuple[float, float]  # metres, county CRS
    hospital: Hospital | None


@dataclass(frozen=True)
class Unit:
    """A village or community (kind "village" or "community")."""

    id: str
    name: str
    kind: str
    township: str


@dataclass(frozen=True)
class NamedClinic:
    """A clinic that a policy clause names; those of one group are to merge, so they lie side by side."""

    unit: str
    name: str
    group: str


@dataclass(frozen=True)
class HospitalSite:
    """A candidate site to which a township's hospital could move, beside the middle of a unit."""

    unit: str
    name: str


@dataclass(frozen=True)
class County:
    """A county of a place, with its census totals. Most places are one county."""

    code: str
    name: str
    outline: Polygon
    people: int  # census total
    people_rural: int  # of them in villages
    people_65: int  # of them 65 and over
    beds: int | None = None  # all beds of its hospitals, where the place gives a total


@dataclass(frozen=True)
class DemoPlace:
    """A place to generate. Coordinates in metres in ``crs``; tuples are sorted by code or id."""

    id: str
    name: str
    name_en: str
    code: str
    crs: str
    outline: Polygon
    people: int  # census total
    people_rural: int  # of them in villages
    people_65: int  # of them 65 and over
    default_seed: int
    hills_share: tuple[float, float]  # range of the share of the area that is hills
    canals_north_south: int
    canals_east_west: int
    lakes: tuple[tuple[float, float, float], ...]  # x, y, radius, metres
    private_stations: int
    smart: int  # clinics with the attribute, as many as there are clinics at most
    tcm: int
    towns: tuple[Town, ...]
    units: tuple[Unit, ...]
    county_hospitals: tuple[Hospital, ...]
    named_clinics: tuple[NamedClinic, ...]
    hospital_sites: tuple[HospitalSite, ...]
    counties: tuple[County, ...]
    family_id: str = "plain_water_hill"
    landscape: Mapping[str, Any] = field(default_factory=dict)  # facts that the family's terrain asks for
    further_hospitals: tuple[Hospital, ...] = ()  # township hospitals beside those of the seats
    private_tcm: int = 0  # private clinics of Chinese medicine
    committee_building: float = 0.45  # share of village clinics in the committee's building
    village_clinics: int | None = None  # their exact number, where the place gives one

    @property
    def family(self) -> Family:
        """Return how people settle and build in such country."""
        return FAMILIES[self.family_id]

    @property
    def town_county(self) -> tuple[int, ...]:
        """Return the position in ``counties`` of each town's county."""
        return tuple([c.code for c in self.counties].index(t.code[:6]) for t in self.towns)

    @property
    def unit_county(self) -> tuple[int, ...]:
        """Return the position in ``counties`` of each unit's county."""
        of_town = dict(zip((t.name for t in self.towns), self.town_county, strict=True))
        return tuple(of_town[u.township] for u in self.units)

    def town(self, name: str) -> Town:
        """Return the town of that name."""
        return {t.name: t for t in self.towns}[name]


def places() -> list[str]:
    """Return the ids of the places that ship with the package."""
    return sorted(p.name for p in _folder().iterdir() if p.is_dir() and (p / "place.yaml").is_file())


def load_place(place_id: str) -> DemoPlace:
    """Read a place that ships with the package. Raises KeyError for an unknown id."""
    if place_id not in places():
        raise KeyError(place_id)
    folder = _folder() / place_id
    facts = yaml.safe_load((folder / "place.yaml").read_text("utf-8"))
    to_county = Transformer.from_crs("EPSG:4326", facts["crs"], always_xy=True)
    geojson = json.loads((folder / "outline.geojson").read_text("utf-8"))
    outlines = {f["properties"].get("code", facts["code"]): shapely.transform(
        shape(f["geometry"]), to_county.transform, interleaved=False) for f in geojson["features"]}
    counties = [County(c["code"], c["name"], outlines[c["code"]], c["people"], c["people_rural"], c["people_65"],
                       c.get("beds")) for c in facts.get("counties", [facts])]
    outline = outlines[facts["code"]] if len(counties) == 1 else shapely.union_all([c.outline for c in counties])
    towns = [Town(r["code"], r["name"], r["consortium"],
                  to_county.transform(float(r["seat_lon"]), float(r["seat_lat"])),
                  _hospital({**r, "township": r["name"], "name": r["hospital"]}) if r["hospital"] else None)
             for r in _rows(folder / "towns.csv")]
    units = [Unit(r["id"], r["name"], r["kind"], r["township"]) for r in _rows(folder / "units.csv")]
    total = {key: sum(getattr(c, key) for c in counties) for key in ("people", "people_rural", "people_65")}
    return DemoPlace(
        id=place_id, name=facts["name"], name_en=facts["name_en"], code=facts["code"], crs=facts["crs"],
        outline=outline, **total, default_seed=facts["default_seed"], hills_share=tuple(facts["hills_share"]),
        canals_north_south=facts.get("canals_north_south", 0), canals_east_west=facts.get("canals_east_west", 0),
        lakes=tuple((*to_county.transform(lon, lat), radius) for lon, lat, radius in facts["lakes"]),
        private_stations=facts["private_stations"], smart=facts["smart"], tcm=facts["tcm"],
        towns=tuple(sorted(towns, key=lambda t: t.code)), units=tuple(sorted(units, key=lambda u: u.id)),
        county_hospitals=tuple(_hospital(r) for r in _rows(folder / "county_hospitals.csv")),
        named_clinics=tuple(NamedClinic(r["unit"], r["name"], r["group"])
                            for r in sorted(_rows(folder / "named_clinics.csv"), key=lambda r: r["unit"])),
        hospital_sites=tuple(HospitalSite(r["unit"], r["name"]) for r in facts["hospital_sites"]),
        counties=tuple(sorted(counties, key=lambda c: c.code)),
        family_id=facts.get("family", "plain_water_hill"), landscape=_landscape(facts, to_county),
        further_hospitals=tuple(_hospital(r) for r in _rows(folder / "further_hospitals.csv")),
        private_tcm=facts.get("private_tcm", 0), committee_building=facts.get("committee_building", 0.45),
        village_clinics=facts.get("village_clinics"))


def _landscape(facts: Mapping[str, Any], to_county: Transformer) -> dict[str, Any]:
    """Return the family's facts with degrees turned into metres."""
    found = dict(facts.get("landscape", {}))
    if "massifs" in found:
        found["massifs"] = [(*to_county.transform(lon, lat), *rest) for lon, lat, *rest in found["massifs"]]
    if "river" in found:
        found["river"] = {**found["river"], "line": [to_county.transform(*p) for p in found["river"]["line"]]}
    return found


def _folder() -> Traversable:
    return files("facilityplan.demo") / "places"


def _rows(path: Traversable) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def _hospital(row: dict[str, str]) -> Hospital:
    return Hospital(row["name"], row["township"], row["consortium"], int(row["beds"]), int(row["doctors"]),
                    int(row["level"]), int(row["floor_area_m2"]), row.get("tcm", "true") == "true")
