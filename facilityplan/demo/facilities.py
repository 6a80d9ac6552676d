"""Clinics, stations and hospitals with doctors, posts, floor area and attributes. All figures are invented."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from facilityplan.demo.mesh import Disc, Mesh
from facilityplan.demo.place import DemoPlace, Hospital
from facilityplan.demo.settlements import Settlements
from facilityplan.domain.columns import FACILITIES, names
from facilityplan.domain.kinds import FacilityKind, Ownership, Status

PEOPLE_PER_POST = 1100
PEOPLE_PER_POST_IN_TOWN = 2600
VACANT = 0.075
NO_CLINIC = 0.09
NEAR_HOSPITAL_M = 1300.0
NEAR_HOSPITAL_NONE = 0.86
MOST_POSTS = 5


def make_facilities(place: DemoPlace, mesh: Mesh, on_road: np.ndarray, discs: list[Disc], settled: Settlements,
                    unit_people: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return the facility table (domain.columns.FACILITIES without lon, lat, but with x, y), sorted by id.

    Every facility stands within 40 m of a mesh point that lies on a road (``on_road``, bool by point).
    """
    hospitals = _hospitals(place, mesh, on_road, discs, settled, rng)
    clinics = _clinics(place, mesh, on_road, settled, unit_people, hospitals, rng)
    table = pd.DataFrame([*clinics, *hospitals, *_hospital_sites(place, mesh, on_road, settled)])
    for column in ("doctors", "doctors_60_plus", "posts", "beds", "level"):
        table[column] = table[column].astype("Int64")
    order = ["x", "y", *(c for c in names(FACILITIES) if c not in ("lon", "lat"))]
    return table.reindex(columns=order).sort_values("id", ignore_index=True)


def _hospitals(place, mesh, on_road, discs, settled, rng) -> list[dict]:
    tree = cKDTree(settled.xy)
    taken: list[np.ndarray] = []
    rows = []
    lists = (("H", FacilityKind.COUNTY_HOSPITAL, place.county_hospitals),
             ("T", FacilityKind.TOWNSHIP_HOSPITAL, [t.hospital for t in place.towns if t.hospital]))
    for letter, kind, hospitals in lists:
        for number, hospital in enumerate(hospitals, 1):
            town = [t.name for t in place.towns].index(hospital.township)
            disc = discs[town]
            away = np.where(on_road, np.hypot(mesh.xy[:, 0] - disc.x, mesh.xy[:, 1] - disc.y), np.inf)
            reach = 0.75 * disc.radius if kind == FacilityKind.COUNTY_HOSPITAL else min(0.45 * disc.radius, 450)
            spots = np.flatnonzero(away <= max(reach, 250))
            mine = np.array([place.units[u].township == hospital.township for u in tree.query(mesh.xy[spots])[1]])
            spots = rng.permutation(spots[mine] if mine.any() else spots)[:14]
            if taken:  # two hospitals of one town stand apart
                gap = np.hypot(*(mesh.xy[spots][:, None] - np.array(taken)[None]).transpose(2, 0, 1)).min(axis=1)
                spots = spots[np.argsort(-np.minimum(gap, 1200), kind="stable")]
            xy = mesh.xy[spots[0]] + _step_aside(rng)
            taken.append(xy)
            unit = place.units[int(tree.query(xy)[1])]
            rows.append(_hospital_row(f"{place.code}-{letter}{number:02d}", kind, hospital, xy, unit.id, rng))
    return rows


def _hospital_sites(place: DemoPlace, mesh: Mesh, on_road: np.ndarray, settled: Settlements) -> list[dict]:
    """Candidate sites of hospitals, beside the road in the middle of their units; nothing here is drawn at random."""
    rows = []
    for number, site in enumerate(place.hospital_sites, 1):
        k = [u.id for u in place.units].index(site.unit)
        town = place.town(place.units[k].township)
        away = np.where(on_road, np.hypot(*(mesh.xy - settled.xy[k]).T), np.inf)
        x, y = mesh.xy[int(np.argmin(away))] + (20.0, 15.0)
        rows.append({
            "id": f"{place.code}-N{number:02d}", "name": site.name, "kind": FacilityKind.TOWNSHIP_HOSPITAL.value,
            "status": Status.CANDIDATE.value, "ownership": Ownership.PUBLIC.value, "village": site.unit,
            "township": town.name, "consortium": town.consortium, "x": x, "y": y})
    return rows


def _hospital_row(facility_id: str, kind: FacilityKind, hospital: Hospital, xy, unit_id: str, rng) -> dict:
    return {
        "id": facility_id, "name": hospital.name, "kind": kind.value, "status": Status.EXISTING.value,
        "ownership": Ownership.PUBLIC.value, "village": unit_id, "township": hospital.township,
        "consortium": hospital.consortium, "x": xy[0], "y": xy[1], "doctors": hospital.doctors,
        "doctors_60_plus": int(rng.binomial(hospital.doctors, 0.04)),
        "posts": hospital.doctors + int(rng.integers(1, 4)), "beds": hospital.beds,
        "floor_area_m2": float(hospital.floor_area_m2), "level": hospital.level, "tcm": True, "smart": True,
        "committee_building": False}


def _clinics(place, mesh, on_road, settled, unit_people, hospitals, rng) -> list[dict]:
    units = place.units
    named = {n.unit: n.name for n in place.named_clinics}
    to_hospital = cKDTree([(h["x"], h["y"]) for h in hospitals]).query(settled.xy)[0]
    without = (rng.random(len(units)) < NO_CLINIC) | (
        (to_hospital < NEAR_HOSPITAL_M) & (rng.random(len(units)) < NEAR_HOSPITAL_NONE))
    sites = [(k, Ownership.PUBLIC) for k, u in enumerate(units) if u.id in named or not without[k]]
    communities = np.array([k for k, u in enumerate(units) if u.kind == "community"])
    order = rng.permutation(communities)
    # Private stations stand where the public side is thin: communities without a station come first.
    order = sorted(order.tolist(), key=lambda k: (k, Ownership.PUBLIC) in sites)
    sites = sorted([*sites, *((k, Ownership.PRIVATE) for k in order[:place.private_stations])])
    letters = {t.name: chr(ord("A") + k) for k, t in enumerate(place.towns)}
    consortium = {t.name: t.consortium for t in place.towns}
    numbers = dict.fromkeys(letters, 0)
    rows = []
    for k, ownership in sites:
        unit = units[k]
        station = unit.kind == "community"
        public = ownership is Ownership.PUBLIC
        numbers[unit.township] += 1
        alias_kind = ("示范服务站" if station else "示范卫生室") if public else "示范民营诊所"
        posts = max(1, round(unit_people[k] / PEOPLE_PER_POST))
        if station:  # townspeople have hospitals to go to as well
            posts = max(2, round(unit_people[k] / PEOPLE_PER_POST_IN_TOWN))
        posts = min(MOST_POSTS, posts)
        if not public:
            posts = int(rng.integers(1, 4))
        xy = _clinic_spot(mesh, on_road, settled, k, public, rng)
        area = 60 + rng.gamma(2.0, 26.0) + 18 * (posts - 1) + (70 if station else 0)
        alias = f"{alias_kind} {letters[unit.township]}{numbers[unit.township]:02d}"
        rows.append({
            "name": named.get(unit.id, alias) if public else alias,
            "kind": (FacilityKind.STATION if station else FacilityKind.VILLAGE_CLINIC).value,
            "status": Status.EXISTING.value, "ownership": ownership.value, "village": unit.id,
            "township": unit.township, "consortium": consortium[unit.township] if public else None,
            "x": xy[0], "y": xy[1], "posts": posts, "doctors": posts, "floor_area_m2": float(5 * round(area / 5)),
            "committee_building": bool(not station and rng.random() < 0.45)})
    _vacate(rows, rng)
    smart, tcm = (set(rng.choice(len(rows), min(n, len(rows)), replace=False).tolist())
                  for n in (place.smart, place.tcm))
    for k, row in enumerate(rows):
        row["id"] = f"{place.code}-C{k + 1:03d}"
        row["doctors_60_plus"] = int((rng.normal(50.5, 10, row["doctors"]) >= 60).sum())
        row["smart"], row["tcm"] = k in smart, k in tcm
        row["level"] = row["beds"] = None
    return rows


def _clinic_spot(mesh: Mesh, on_road: np.ndarray, settled: Settlements, k: int, public: bool, rng) -> np.ndarray:
    """Beside the road in the middle of the unit; one in four stands in another hamlet near the middle."""
    hamlets = settled.hamlet_point[settled.hamlet_unit == k]
    spot = settled.point[k]
    if not public:
        away = np.hypot(*(mesh.xy - settled.xy[k]).T)
        spot = int(rng.choice(np.flatnonzero(on_road & (away > 150) & (away < 700))))
    elif len(hamlets) > 2 and rng.random() < 0.25:
        away = np.hypot(*(mesh.xy[hamlets] - settled.xy[k]).T)
        spot = int(hamlets[np.argsort(away, kind="stable")[1]])
    return mesh.xy[spot] + _step_aside(rng)


def _step_aside(rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    return rng.uniform(12, 40) * np.array([np.cos(angle), np.sin(angle)])


def _vacate(rows: list[dict], rng: np.random.Generator) -> None:
    """Leave 7.5 % of public posts vacant, evenly over the towns (clustered vacancies make a town infeasible)."""
    towns = sorted({r["township"] for r in rows})
    posts = [(row, town) for town in towns
             for row in (rows[k] for k in rng.permutation(len(rows)).tolist())
             if row["township"] == town and row["ownership"] == Ownership.PUBLIC for _ in range(row["posts"])]
    n = round(VACANT * len(posts))
    if n == 0:
        return
    # Systematic sampling along the towns: each gets its share to within one.
    for k in np.floor((np.arange(n) + rng.random()) * len(posts) / n).astype(int):
        posts[k][0]["doctors"] -= 1
