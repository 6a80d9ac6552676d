"""Clinics, stations and hospitals with doctors, posts, floor area and attributes. All figures are invented."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from facilityplan.demo.clinics import make_clinics, step_aside
from facilityplan.demo.mesh import Disc, Mesh
from facilityplan.demo.place import DemoPlace, Hospital
from facilityplan.demo.settlements import Settlements
from facilityplan.demo.standing import with_standing
from facilityplan.domain.columns import FACILITIES, names
from facilityplan.domain.kinds import FacilityKind, Ownership, Status


def make_facilities(place: DemoPlace, mesh: Mesh, on_road: np.ndarray, discs: list[Disc], settled: Settlements,
                    unit_people: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return the facility table (domain.columns.FACILITIES without lon, lat, but with x, y), sorted by id.

    Every facility stands within 40 m of a mesh point that lies on a road (``on_road``, bool by point).
    """
    hospitals = _hospitals(place, mesh, on_road, discs, settled, rng)
    clinics = make_clinics(place, mesh, on_road, settled, unit_people, hospitals, rng)
    table = pd.DataFrame([*clinics, *hospitals, *_hospital_sites(place, mesh, on_road, settled)])
    for column in ("doctors", "doctors_60_plus", "posts", "beds", "level"):
        table[column] = table[column].astype("Int64")
    order = ["x", "y", *(c for c in names(FACILITIES) if c not in ("lon", "lat"))]
    return with_standing(table.reindex(columns=order))


def _hospitals(place, mesh, on_road, discs, settled, rng) -> list[dict]:
    tree = cKDTree(settled.xy)
    taken: list[np.ndarray] = []
    rows = []
    lists = (("H", FacilityKind.COUNTY_HOSPITAL, place.county_hospitals),
             ("T", FacilityKind.TOWNSHIP_HOSPITAL,
              [*(t.hospital for t in place.towns if t.hospital), *place.further_hospitals]))
    for letter, kind, hospitals in lists:
        numbers = dict.fromkeys((c.code for c in place.counties), 0)
        for hospital in hospitals:
            code = place.town(hospital.township).code[:6]
            numbers[code] += 1
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
            xy = mesh.xy[spots[0]] + step_aside(rng)
            taken.append(xy)
            unit = place.units[int(tree.query(xy)[1])]
            rows.append(_hospital_row(f"{code}-{letter}{numbers[code]:02d}", kind, hospital, xy, unit.id, rng))
    return rows


def _hospital_sites(place: DemoPlace, mesh: Mesh, on_road: np.ndarray, settled: Settlements) -> list[dict]:
    """Candidate sites of hospitals, beside the road in the middle of their units; nothing here is drawn at random."""
    rows = []
    numbers = dict.fromkeys((c.code for c in place.counties), 0)
    for site in place.hospital_sites:
        k = [u.id for u in place.units].index(site.unit)
        town = place.town(place.units[k].township)
        numbers[town.code[:6]] += 1
        away = np.where(on_road, np.hypot(*(mesh.xy - settled.xy[k]).T), np.inf)
        x, y = mesh.xy[int(np.argmin(away))] + (20.0, 15.0)
        rows.append({
            "id": f"{town.code[:6]}-N{numbers[town.code[:6]]:02d}", "name": site.name,
            "kind": FacilityKind.TOWNSHIP_HOSPITAL.value, "status": Status.CANDIDATE.value,
            "ownership": Ownership.PUBLIC.value, "village": site.unit, "township": town.name,
            "consortium": town.consortium, "x": x, "y": y})
    return rows


def _hospital_row(facility_id: str, kind: FacilityKind, hospital: Hospital, xy, unit_id: str, rng) -> dict:
    return {
        "id": facility_id, "name": hospital.name, "kind": kind.value, "status": Status.EXISTING.value,
        "ownership": Ownership.PUBLIC.value, "village": unit_id, "township": hospital.township,
        "consortium": hospital.consortium, "x": xy[0], "y": xy[1], "doctors": hospital.doctors,
        "doctors_60_plus": int(rng.binomial(hospital.doctors, 0.04)),
        "posts": hospital.doctors + int(rng.integers(1, 4)), "beds": hospital.beds,
        "floor_area_m2": float(hospital.floor_area_m2), "level": hospital.level, "tcm": hospital.tcm, "smart": True,
        "committee_building": False}
