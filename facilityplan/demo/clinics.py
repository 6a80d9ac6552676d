"""Clinics and stations with doctors, posts, floor area and attributes. All figures are invented."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from facilityplan.demo.mesh import Mesh
from facilityplan.demo.place import DemoPlace
from facilityplan.demo.settlements import Settlements
from facilityplan.domain.kinds import FacilityKind, Ownership, Status

VACANT = 0.075
NEAR_HOSPITAL_M = 1300.0
NEAR_HOSPITAL_NONE = 0.86
MOST_POSTS = 5
FIRST, SECOND, TCM = range(3)  # the first of its kind in a unit; a village's second clinic; a private clinic of TCM


def make_clinics(place: DemoPlace, mesh: Mesh, on_road: np.ndarray, settled: Settlements, unit_people: np.ndarray,
                 hospitals: list[dict], rng: np.random.Generator) -> list[dict]:
    """Return the rows of all clinics and stations. Public ones first in each unit, second ones of a village after."""
    units = place.units
    named = {n.unit: n.name for n in place.named_clinics}
    letters, prefix, consortium = {}, {}, {t.name: t.consortium for t in place.towns}
    for county in place.counties:
        towns = [t.name for t in place.towns if t.code.startswith(county.code)]
        letters |= {name: chr(ord("A") + k) for k, name in enumerate(towns)}
        prefix |= dict.fromkeys(towns, county.name[:2] if len(place.counties) > 1 else "")
    numbers = dict.fromkeys(letters, 0)
    rows = []
    for k, ownership, further in _sites(place, settled, unit_people, hospitals, rng):
        unit = units[k]
        station = unit.kind == "community"
        public = ownership is Ownership.PUBLIC
        numbers[unit.township] += 1
        alias_kind = ("示范服务站" if station else "示范卫生室") if public else "示范民营诊所"
        if further == TCM:
            alias_kind = "示范中医诊所"
        posts = max(1, round(unit_people[k] / place.family.people_per_post))
        if station:  # townspeople have hospitals to go to as well
            posts = max(2, round(unit_people[k] / place.family.people_per_post_in_town))
        posts = 1 if further == SECOND else min(MOST_POSTS, posts)
        if not public:
            posts = int(rng.integers(1, 4))
        xy = _clinic_spot(mesh, on_road, settled, k, ownership, further, rng)
        area = 60 + rng.gamma(2.0, 26.0) + 18 * (posts - 1) + (70 if station else 0)
        alias = f"{alias_kind} {prefix[unit.township]}{letters[unit.township]}{numbers[unit.township]:02d}"
        rows.append({
            "name": named.get(unit.id, alias) if public and not further else alias,
            "kind": (FacilityKind.STATION if station else FacilityKind.VILLAGE_CLINIC).value,
            "status": Status.EXISTING.value, "ownership": ownership.value, "village": unit.id,
            "township": unit.township, "consortium": consortium[unit.township] if public else None,
            "x": xy[0], "y": xy[1], "posts": posts, "doctors": posts, "floor_area_m2": float(5 * round(area / 5)),
            "committee_building": bool(not station and rng.random() < place.committee_building),
            "tcm": further == TCM})
    _vacate(rows, rng)
    pool = [k for k, row in enumerate(rows) if not row["tcm"]]
    smart, tcm = ({pool[k] for k in rng.choice(len(pool), min(n, len(pool)), replace=False).tolist()}
                  for n in (place.smart, place.tcm))
    numbers = dict.fromkeys((c.code for c in place.counties), 0)
    for k, row in enumerate(rows):
        code = row["village"][:6]
        numbers[code] += 1
        row["id"] = f"{code}-C{numbers[code]:03d}"
        row["doctors_60_plus"] = int((rng.normal(50.5, 10, row["doctors"]) >= 60).sum())
        row["smart"], row["tcm"] = k in smart, k in tcm or row["tcm"]
        row["level"] = row["beds"] = None
    return rows


def _sites(place: DemoPlace, settled: Settlements, unit_people: np.ndarray, hospitals: list[dict],
           rng: np.random.Generator) -> list[tuple[int, Ownership, int]]:
    """Return (unit, ownership, FIRST, SECOND or TCM), sorted."""
    units = place.units
    named = {n.unit for n in place.named_clinics}
    to_hospital = cKDTree([(h["x"], h["y"]) for h in hospitals]).query(settled.xy)[0]
    without = (rng.random(len(units)) < place.family.no_clinic) | (
        (to_hospital < NEAR_HOSPITAL_M) & (rng.random(len(units)) < NEAR_HOSPITAL_NONE))
    sites = [(k, Ownership.PUBLIC) for k, u in enumerate(units) if u.id in named or not without[k]]
    communities = np.array([k for k, u in enumerate(units) if u.kind == "community"])
    order = rng.permutation(communities)
    # Private stations stand where the public side is thin: communities without a station come first.
    order = sorted(order.tolist(), key=lambda k: (k, Ownership.PUBLIC) in sites)
    found = [(*site, FIRST) for site in (*sites, *((k, Ownership.PRIVATE) for k in order[:place.private_stations]))]
    if place.private_tcm:  # in towns for the most part, the rest in the largest villages
        villages = sorted(set(range(len(units))) - set(communities.tolist()), key=lambda k: (-unit_people[k], k))
        in_towns = round(0.7 * place.private_tcm)
        chosen = [*rng.permutation(communities)[:in_towns].tolist(), *villages[:place.private_tcm - in_towns]]
        found += [(k, Ownership.PRIVATE, TCM) for k in chosen]
    if place.village_clinics is not None:
        found += _second_clinics(place, unit_people, found)
    return sorted(found)


def _second_clinics(place: DemoPlace, unit_people: np.ndarray, found: list) -> list[tuple[int, Ownership, int]]:
    """Return second clinics in the largest villages, so that their number is what the place gives."""
    first = [k for k, ownership, _ in found if ownership is Ownership.PUBLIC and place.units[k].kind == "village"]
    missing = place.village_clinics - len(first)
    if not 0 <= missing <= len(first):
        raise RuntimeError(f"{len(first)} village clinics cannot be made {place.village_clinics}")
    largest = sorted(first, key=lambda k: (-unit_people[k], k))
    return [(k, Ownership.PUBLIC, SECOND) for k in largest[:missing]]


def _clinic_spot(mesh: Mesh, on_road: np.ndarray, settled: Settlements, k: int, ownership: Ownership, further: int,
                 rng: np.random.Generator) -> np.ndarray:
    """Beside the road in the middle of the unit; one in four stands in another hamlet near the middle.

    A second clinic stands in the hamlet that is farthest from the middle within 3 km.
    """
    hamlets = settled.hamlet_point[settled.hamlet_unit == k]
    spot = settled.point[k]
    if ownership is Ownership.PRIVATE:
        away = np.hypot(*(mesh.xy - settled.xy[k]).T)
        spot = int(rng.choice(np.flatnonzero(on_road & (away > 150) & (away < 700))))
    elif further == SECOND:
        away = np.hypot(*(mesh.xy[hamlets] - settled.xy[k]).T)
        spot = int(hamlets[np.argmax(np.where(away <= 3000, away, -1))])
    elif len(hamlets) > 2 and rng.random() < 0.25:
        away = np.hypot(*(mesh.xy[hamlets] - settled.xy[k]).T)
        spot = int(hamlets[np.argsort(away, kind="stable")[1]])
    return mesh.xy[spot] + step_aside(rng)


def step_aside(rng: np.random.Generator) -> np.ndarray:
    """Return a step of 12 to 40 m off the road, in metres."""
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
