"""Random tiny counties as config, inputs and travel times, and the best plan of each by enumeration.

The enumeration has its own reading of every rule, from the design's "Semantics that everyone shares"; it uses nothing
of facilityplan.model.
"""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import geopandas as gpd
import model_fairness as fairness
import numpy as np
import pandas as pd
from shapely.geometry import Point, box

from facilityplan.access.types import Access, NearestTimes, TravelTimes
from facilityplan.config.schema import Config
from facilityplan.domain.columns import CELLS, FACILITIES, VILLAGES, names
from facilityplan.domain.sites import open_today
from facilityplan.domain.staff import retirements
from facilityplan.inputs.tables import Inputs, RoadTable
from facilityplan.units import UNREACHABLE_DS

CLINICS = ("village_clinic", "station")
FAR = int(UNREACHABLE_DS)
# Written out, so that a rule more does not turn every seed into another county.
DROPPED = ("adjacent", "blank_villages", "capital_budget", "circle_share", "doctor_balance", "doctor_capacity",
           "doctor_rooms", "hires", "host_limit", "host_size", "max_hosts", "no_harm", "recurrent_budget",
           "same_consortium", "same_township", "sub_centre_count", "sub_centre_eligible", "sub_centre_forbidden",
           "sub_centre_load", "sub_centre_required")


def tiny_county(seed: int, extend=None, places=lambda rng: 0) -> tuple[Config, Inputs, Access]:
    """A county of at most six clinics with every block on or off at random.

    ``extend(rng, config, inputs)`` switches further blocks on; ``places(rng)`` candidate sites of hospitals stand
    ready.
    """
    rng = random.Random(seed)
    villages = rng.randint(2, 5)
    scarce = rng.random() < 0.25  # doctors are
    townships = [f"镇{k}" for k in range(rng.randint(1, 3))]
    village_table = [
        {
            "id": f"v{k}",
            "name": f"村 {k}",
            "kind": "village",
            "township": rng.choice(townships),
            "consortium": rng.choice([None, "甲", "乙"]),
            "lon": 120.0,
            "lat": 30.0,
        }
        for k in range(villages)
    ]
    township_of = {v["id"]: v["township"] for v in village_table}
    sites = []

    def site(kind, village, *, status="existing", ownership="public"):
        posted = [None, 0, 0, 1] if scarce else [None, 0, 1, 1, 2, 3, 4]
        doctors = rng.choice(posted if kind in CLINICS else [None, 5, 20])
        sites.append(
            {
                "id": f"{rng.choice('abz')}-{len(sites)}",
                "name": "某某",
                "kind": kind,
                "status": status,
                "ownership": ownership,
                "village": village,
                "township": township_of[village],
                "consortium": None,
                "lon": 120.0,
                "lat": 30.0,
                "doctors": doctors,
                "doctors_60_plus": None if doctors is None else rng.randint(0, doctors),
                "posts": rng.choice([None, 1, 2, 3]),
                "beds": rng.choice([None, 10, 60]),
                "floor_area_m2": rng.choice([None, 60, 90.5, 120]),
                "level": rng.choice([None, 1, 2]),
            }
        )

    ids = [v["id"] for v in village_table]
    for _ in range(rng.randint(1, 5)):
        site(rng.choice(CLINICS), rng.choice(ids))
    for _ in range(rng.randint(0, 2)):
        site("village_clinic", rng.choice(ids), status="candidate")
    for _ in range(rng.choice([0, 0, 0, 1])):
        site("village_clinic", rng.choice(ids), ownership="private")
    for _ in range(rng.randint(1, 3)):
        site("township_hospital", rng.choice(ids))
    for _ in range(places(rng)):
        site("township_hospital", rng.choice(ids), status="candidate")
    cells = [
        {
            "cell": k,
            "x": 0.0,
            "y": 0.0,
            "lon": 120.0,
            "lat": 30.0,
            "people": round(rng.uniform(1, 900), 2),
            "people_65": round(rng.uniform(0, 90), 2),
            "village": rng.choice(ids),
        }
        for k in range(rng.randint(2, 8))
    ]
    facilities = pd.DataFrame(sites).reindex(columns=names(FACILITIES)).sort_values("id", ignore_index=True)
    for column in ("doctors", "doctors_60_plus", "posts", "beds", "level"):
        facilities[column] = facilities[column].astype("Int64")
    n = len(facilities)
    points = [Point(rng.randint(0, 3), rng.randint(0, 3)) for _ in range(n)]
    inputs = Inputs(
        crs="EPSG:4549",
        boundary=box(0, 0, 1, 1),
        roads=RoadTable(pd.DataFrame(), gpd.GeoDataFrame()),
        cells=pd.DataFrame(cells)[names(CELLS)],
        villages=gpd.GeoDataFrame(
            pd.DataFrame(village_table).reindex(columns=names(VILLAGES)),
            geometry=[Point(0, 0)] * villages,
            crs="EPSG:4549",
        ),
        facilities=gpd.GeoDataFrame(facilities, geometry=points, crs="EPSG:4549"),
        adjacency=None,
        raster_transform=(1, 0, 0, 0, 1, 0),
        raster_crs="EPSG:4549",
        raster_shape=(1, 1),
        digests={},
        notes=(),
    )
    config = _config(rng, inputs)
    if extend is not None:
        config = extend(rng, config, inputs)
    return config, inputs, _access(rng, config, inputs)


def _config(rng: random.Random, inputs: Inputs) -> Config:
    def maybe(chance):
        return rng.random() < chance

    def cost(value):
        return {"value": value, "low": value, "high": value, "unit": "yuan", "source": "x", "standing": "assumed"}

    standing = (inputs.facilities["kind"] == "township_hospital") & (inputs.facilities["status"] == "existing")
    hospitals = inputs.facilities.loc[standing, "id"].tolist()
    standards = [{"id": "circle", "name": "圈", "name_en": "circle", "mode": "ebike", "limit_min": 15}]
    if maybe(0.6):
        standards.append(
            {
                "id": "walk",
                "name": "步行",
                "name_en": "walk",
                "mode": "walk",
                "limit_min": rng.choice([15, 30]),
                "group": "age65",
                "kinds": rng.choice(
                    [["village_clinic", "station"], ["village_clinic", "station", "township_hospital"]]
                ),
            }
        )
    ids = [s["id"] for s in standards]
    rules: dict = {
        "hosts": {
            "adjacent": maybe(0.5),
            "same_township": maybe(0.5),
            "same_consortium": maybe(0.5),
            "limit_min": rng.choice([10, 20, 60]),
            "host_at_least_guest": maybe(0.5),
            "max_hosts": rng.choice([1, 2, 8]),
        },
        "no_harm": {
            "form": rng.choice(["inside_stays_inside", "strict", "off", "inside_stays_inside"]),
            "delta_min": rng.choice([0, 0, 5, 10, 25]),
            "standards": rng.choice([[], ids]),
            "exempt_villages": [v for v in inputs.villages["id"] if maybe(0.1)],
        },
        "circle_share": [
            {"standard": s, "min_share": rng.choice([0.1, 0.25, 0.4, 0.6]), "per_township": maybe(0.3)}
            for s in ids
            if maybe(0.2)
        ],
        "max_blank_villages": rng.choice([None, None, None, 0, 1]),
        "doctors": None
        if maybe(0.2)
        else {
            "people_per_doctor_cap": rng.choice([300, 700, 1500, 5000]),
            "max_per_site": rng.choice([1, 1, 2, 5]),
            "retire_share": rng.choice([0, 0, 0.2, 0.5]),
            "max_hires": rng.choice([0, 1, 2, 8]),
            "open_without_doctor": maybe(0.5),
            "assumed_per_clinic": rng.choice([None, 1]),
        },
        "budget": {},
        "sub_centres": {},
        "without": [r for r in DROPPED if maybe(0.04)],
    }
    if maybe(0.5):
        rules["budget"]["recurrent_share_of_today"] = rng.choice([0.8, 0.95, 1, 1.1, 1.5, 2.2])
    elif maybe(0.3):
        rules["budget"]["recurrent_cny"] = rng.choice([300_000, 700_000.5, 1_000_000])
    if maybe(0.3):
        rules["budget"]["capital_cny"] = rng.choice([20_000, 60_000, 300_000, 5_000_000, 5_300_000, 10_040_000])
    if maybe(0.6):
        least = rng.randint(0, 2)
        rules["sub_centres"] = {
            "min_count": least,
            "max_count": rng.randint(max(1, least), 3),
            "min_beds": rng.choice([None, None, None, 50]),
            "min_doctors": rng.choice([None, None, None, 10]),
            "min_level": rng.choice([None, None, None, 2]),
            "required": [h for h in hospitals if maybe(0.07)],
            "forbidden": [h for h in hospitals if maybe(0.1)],
            "max_people": rng.choice([None, None, 2_000, 3_000]),
        }
    objectives = [
        {"minimise": "uncovered", "standard": rng.choice([None, *ids])},
        {"minimise": "person_minutes", "standard": rng.choice([None, *ids])},
        {"minimise": "sub_centre_minutes"},
        {"minimise": "cost"},
        {"minimise": "changes"},
    ]
    rng.shuffle(objectives)
    file = {"file": "x"}
    return Config.model_validate(
        {
            "schema_version": 1,
            "county": {"name": "县", "name_en": "county", "crs": "EPSG:4549", "data_basis": "synthetic"},
            "inputs": {"boundary": file, "roads": file, "people": file, "villages": file, "facilities": file},
            "standards": standards,
            "rules": rules,
            "costs": {
                "clinic_fixed": cost(40_000),
                "clinic_per_m2": cost(250.25),
                "doctor": cost(100_000),
                "build_clinic": cost(250_000),
                "upgrade_sub_centre": cost(5_000_000),
                "merge_works": cost(20_000),
                "assumed_floor_area": cost(80),
            },
            "objectives": objectives[: rng.randint(1, 5)],
        }
    )


def _access(rng: random.Random, config: Config, inputs: Inputs) -> Access:
    sites, cells = inputs.facilities["id"].tolist(), inputs.cells["cell"].tolist()
    rule = config.rules.doctors
    today_open = open_today(inputs.facilities, open_without_doctor=rule.open_without_doctor if rule else False)
    times, today = {}, {}
    for standard in config.standards:
        table = [
            [
                rng.choice([600 * rng.randint(1, 30), rng.randint(1, 30 * 600), rng.randint(1, 200 * 600), FAR])
                for _ in sites
            ]
            for _ in cells
        ]
        times[standard.id] = _sparse(standard.mode, cells, sites, table)
        counted = inputs.facilities["kind"].isin([str(k) for k in standard.kinds]).to_numpy() & today_open
        nearest = [
            min(((t, s) for s, t in enumerate(row) if counted[s] and t < FAR), default=(FAR, -1)) for row in table
        ]
        today[standard.id] = NearestTimes(
            np.array([t for t, _ in nearest], np.int32), np.array([s for _, s in nearest], np.int32)
        )
    between = [[0 if a == b else rng.choice([rng.randint(1, 25 * 600), FAR]) for b in sites] for a in sites]
    hospitals = inputs.facilities.loc[inputs.facilities["kind"] == "township_hospital", "id"].tolist()
    villages = inputs.villages["id"].tolist()
    to_sub = [[rng.choice([rng.randint(1, 60 * 600)] * 12 + [FAR]) for _ in hospitals] for _ in villages]
    adjacency = frozenset((a, b) for a in villages for b in villages if a < b and rng.random() < 0.6)
    return Access(
        cells=times,
        sites=_sparse("ebike", sites, sites, between),
        today=today,
        to_sub_centres=_sparse("drive", villages, hospitals, to_sub),
        adjacency=adjacency,
    )


def _sparse(mode, origins, sites, table) -> TravelTimes:
    indptr, site, ds = [0], [], []
    for row in table:
        for t, s in sorted((t, s) for s, t in enumerate(row) if t < FAR):
            site.append(s)
            ds.append(t)
        indptr.append(len(site))
    return TravelTimes(
        mode,
        144_000,
        np.array(origins, object),
        np.array(sites, object),
        np.array(indptr, np.int64),
        np.array(site, np.int32),
        np.array(ds, np.int32),
    )


# ------------------------------------------------------------------------------------ the oracle's own reading


def _table(times: TravelTimes) -> dict:
    return {
        (o, times.site_ids[times.site[k]]): int(times.ds[k])
        for i, o in enumerate(times.origin_ids)
        for k in range(times.indptr[i], times.indptr[i + 1])
    }


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


class Oracle:
    """Every plan of a county, weighed by the rules as the design words them."""

    def __init__(self, config: Config, inputs: Inputs, access: Access) -> None:
        self.config, self.rules = config, config.rules
        self.without = set(config.rules.without)
        self.sites = {r["id"]: r for r in inputs.facilities.to_dict("records")}
        self.villages = {r["id"]: r for r in inputs.villages.to_dict("records")}
        self.cells = inputs.cells.to_dict("records")
        self.access = access
        self.times = {s.id: _table(access.cells[s.id]) for s in config.standards}
        self.decided = [
            i
            for i, r in self.sites.items()
            if r["kind"] in CLINICS and r["ownership"] == "public" and r["status"] == "existing"
        ]
        candidates = [i for i, r in self.sites.items() if r["status"] == "candidate"]
        self.candidates = [i for i in candidates if self.sites[i]["kind"] in CLINICS]
        self.hospitals = [
            i for i, r in self.sites.items() if r["kind"] == "township_hospital" and i not in candidates
        ]
        self.permanent = [i for i in self.sites if i not in self.decided and i not in candidates]
        self.reachable = self.centres = self.hospitals  # that a village may reach; where a sub-centre may be
        self.recurrent_more = 0
        self.tenths = {v: sum(round(c["people"] * 10) for c in self.cells if c["village"] == v) for v in self.villages}
        rule = self.rules.doctors
        assumed = (rule.assumed_per_clinic if rule else None) or 0
        self.doctors = {
            i: assumed if pd.isna(self.sites[i]["doctors"]) else int(self.sites[i]["doctors"]) for i in self.decided
        }
        self.retired = retirements(inputs.facilities, rule.retire_share if rule else 0).to_dict()
        per = {v: sum(self.sites[i]["village"] == v for i in self.decided) for v in self.villages}
        self.people = {
            i: Fraction(self.tenths[self.sites[i]["village"]], 10 * per[self.sites[i]["village"]]) for i in self.decided
        }
        costs = config.costs
        self.running = {
            i: half_up(
                Fraction(str(costs.clinic_fixed.value))
                + Fraction(str(costs.clinic_per_m2.value))
                * Fraction(
                    str(
                        costs.assumed_floor_area.value
                        if pd.isna(self.sites[i]["floor_area_m2"])
                        else self.sites[i]["floor_area_m2"]
                    )
                )
            )
            for i in [*self.decided, *self.candidates]
        }
        self.today_cost = sum(self.running[i] for i in self.decided) + int(costs.doctor.value) * sum(
            self.doctors.values()
        )
        self.limits = self._no_harm_limits(inputs)

    def holds(self, rule: str, lifted=frozenset()) -> bool:
        return rule not in self.without and rule not in lifted

    def _no_harm_limits(self, inputs):
        limits, rule = {}, self.rules.no_harm
        for s in self.config.standards:
            if rule.form == "off" or s.id not in (rule.standards or (self.config.standards[0].id,)):
                continue
            for k, cell in enumerate(self.cells):
                b = int(self.access.today[s.id].ds[k])
                group = cell["people"] if s.group == "all" else cell["people_65"]
                if b == FAR or cell["village"] in rule.exempt_villages or group <= 0:
                    continue
                inside = rule.form == "inside_stays_inside" and b <= 600 * s.limit_min
                limits[s.id, cell["cell"]] = 600 * s.limit_min if inside else b + 600 * rule.delta_min
        return limits

    def hosts(self, guest: str) -> list[str]:
        rule, between = self.rules.hosts, _table(self.access.sites)
        g = self.sites[guest]
        ok = []
        for host in [*self.decided, *self.hospitals]:
            h = self.sites[host]
            if host == guest:
                continue
            lifted = self.lifted(guest, host)
            vg, vh = g["village"], h["village"]
            time = between.get((guest, host))
            consortium = [
                r["consortium"] if not pd.isna(r["consortium"]) else self.villages[r["village"]]["consortium"]
                for r in (g, h)
            ]
            consortium = [None if c is None or pd.isna(c) else c for c in consortium]
            if (
                rule.adjacent
                and self.holds("adjacent", lifted)
                and vg != vh
                and (min(vg, vh), max(vg, vh)) not in self.access.adjacency
            ):
                continue
            if rule.same_township and self.holds("same_township", lifted) and g["township"] != h["township"]:
                continue
            if (
                rule.same_consortium
                and self.holds("same_consortium", lifted)
                and None not in consortium
                and consortium[0] != consortium[1]
            ):
                continue
            if self.holds("host_limit", lifted) and (time is None or time > 600 * rule.limit_min):
                continue
            if (
                rule.host_at_least_guest
                and self.holds("host_size", lifted)
                and host not in self.hospitals
                and vg != vh
                and self.tenths[vh] < self.tenths[vg]
            ):
                continue
            ok.append((FAR if time is None else time, self.rank(host), host))
        ok.sort()
        near = ok[: rule.max_hosts] if self.holds("max_hosts") else ok
        return [h for *_, h in ok if "max_hosts" in self.lifted(guest, h) or any(h == x for *_, x in near)]

    def lifted(self, guest: str, host: str) -> set[str]:
        """Host rules that do not hold for this pair."""
        if not self.holds("locks"):
            return set()
        pair = ("merge_into", guest, host)
        return {r for k in self.rules.locks if (k.do, k.site, k.host) == pair for r in k.override}

    def rank(self, i: str):
        s = self.sites[i]
        return (-self.tenths[s["village"]], s["geometry"].x, s["geometry"].y, i)

    def clinic_plans(self):
        options = [[None, *self.hosts(i)] for i in self.decided]
        builds = list(itertools.product([False, True], repeat=len(self.candidates)))
        for hosts in itertools.product(*options):
            merged = {i: h for i, h in zip(self.decided, hosts, strict=True) if h is not None}
            if any(h in merged for h in merged.values()):
                continue
            for choice in builds:
                built = [c for c, b in zip(self.candidates, choice, strict=True) if b]
                if self.locks_hold(merged, built) and self.closures_hold(merged):
                    yield merged, built

    def locks_hold(self, merged, built) -> bool:
        if not self.holds("locks"):
            return True
        for k in self.rules.locks:
            closed = k.site in merged or (k.site in self.candidates and k.site not in built)
            into = merged.get(k.site)
            ok = {"keep": not closed, "build": not closed, "close": closed, "forbid": closed}
            if not ok.get(k.do, (into is not None and into == k.host) == (k.do == "merge_into")):
                return False
        return True

    def closures_hold(self, merged) -> bool:
        caps = self.rules.closures
        if self.holds("closures_total") and caps.max_total is not None and len(merged) > caps.max_total:
            return False
        for t in {self.sites[i]["township"] for i in merged} if self.holds("closures_township") else ():
            closed = sum(self.sites[i]["township"] == t for i in merged)
            clinics = sum(self.sites[i]["township"] == t for i in self.decided)
            if caps.max_per_township is not None and closed > caps.max_per_township:
                return False
            share = caps.max_share_per_township
            if share is not None and closed > Fraction(str(share)) * clinics:
                return False
        return True

    def pool(self, township: str) -> str:
        """The place whose doctors a township shares: its own."""
        return township

    def staff(self, merged, built):
        """(doctors by site at least, by township) or None where a rule on doctors breaks."""
        rule = self.rules.doctors
        if (need := self.need(merged, built)) is None:
            return None
        by_township: dict[str, int] = {}
        for i, n in need.items():
            place = self.pool(self.sites[i]["township"])
            by_township[place] = by_township.get(place, 0) + n
        hires = 0
        if self.holds("doctor_balance"):
            for t, n in by_township.items():
                own = [i for i in self.doctors if self.pool(self.sites[i]["township"]) == t]
                pool = sum(self.doctors[i] - self.retired.get(i, 0) for i in own)
                hires += max(0, n - pool)
            if self.holds("hires") and hires > rule.max_hires:
                return None
            return sum(self.doctors.values()) - sum(self.retired.values()) + hires
        return sum(need.values())

    def rooms(self, i: str) -> int:
        return max(self.rules.doctors.max_per_site, self.doctors.get(i, 0))

    def required(self, chosen) -> bool:
        return all(h in chosen for h in self.rules.sub_centres.required)

    def forbidden(self, chosen) -> bool:
        return any(h in chosen for h in self.rules.sub_centres.forbidden)

    def need(self, merged, built):
        """Doctors by site at least; None where there is no room for them."""
        rule = self.rules.doctors
        need = {i: 1 for i in self.decided if i not in merged} | dict.fromkeys(built, 1)
        if self.holds("doctor_capacity"):
            for host in sorted(set(merged.values())):
                load = sum(self.people[g] for g, h in merged.items() if h == host) + self.people.get(host, 0)
                need[host] = max(need.get(host, 0), math.ceil(load / rule.people_per_doctor_cap))
        if self.holds("doctor_rooms") and any(
            n > self.rooms(i) for i, n in need.items() if i not in self.hospitals
        ):
            return None
        return need

    def weigh_clinics(self, merged, built):
        """(objective values that concern clinics, capital) or None where a rule breaks."""
        rules, costs = self.rules, self.config.costs
        is_open = [i for i in self.decided if i not in merged] + list(built) + self.permanent
        near = {}
        for s in self.config.standards:
            kinds = {str(k) for k in s.kinds}
            counted = [i for i in is_open if self.sites[i]["kind"] in kinds]
            for c in self.cells:
                near[s.id, c["cell"]] = min((self.times[s.id].get((c["cell"], i), FAR) for i in counted), default=FAR)
        if self.holds("no_harm") and any(near[key] > limit for key, limit in self.limits.items()):
            return None
        for share in rules.circle_share if self.holds("circle_share") else ():
            s = self.config.standard(share.standard)
            places = [None] + (sorted({v["township"] for v in self.villages.values()}) if share.per_township else [])
            for place in places:
                own = [c for c in self.cells if place is None or self.villages[c["village"]]["township"] == place]
                total = sum(self.weight(s, c) for c in own)
                inside = sum(self.weight(s, c) for c in own if near[s.id, c["cell"]] <= 600 * s.limit_min)
                if inside < Fraction(str(share.min_share)) * total:
                    return None
        if not fairness.obeyed(self, near):
            return None
        if rules.max_blank_villages is not None and self.holds("blank_villages"):
            served = {r["village"] for i, r in self.sites.items() if r["kind"] in CLINICS and r["status"] == "existing"}
            places = {self.sites[i]["village"] for i in self.candidates} - served
            if len(places - {self.sites[i]["village"] for i in built}) > rules.max_blank_villages:
                return None
        doctors = sum(self.doctors.values()) if rules.doctors is None else self.staff(merged, built)
        if doctors is None:
            return None
        cost = (
            sum(self.running[i] for i in [*(i for i in self.decided if i not in merged), *built])
            + int(costs.doctor.value) * doctors
            + self.recurrent_more
        )
        budget = rules.budget
        if self.holds("recurrent_budget"):
            if (
                budget.recurrent_share_of_today is not None
                and cost > Fraction(str(budget.recurrent_share_of_today)) * self.today_cost
            ):
                return None
            if budget.recurrent_cny is not None and cost > budget.recurrent_cny:
                return None
        changes = len(merged) + len(built)
        values = [
            fairness.staged(self, o, lambda one: self.clinic_value(one, near, cost, changes))
            for o in self.config.objectives
        ]
        return tuple(values), int(costs.merge_works.value) * len(merged) + int(costs.build_clinic.value) * len(built)

    def clinic_value(self, o, near, cost, changes):
        """What the clinics add to one measure, in model units."""
        s = self.config.standard(o.standard)
        if o.minimise == "uncovered":
            return sum(self.weight(s, c) for c in self.cells if near[s.id, c["cell"]] > 600 * s.limit_min)
        if o.minimise == "person_minutes":
            return sum(self.weight(s, c) * min(240, -(-near[s.id, c["cell"]] // 600)) for c in self.cells)
        if o.minimise in fairness.MEASURES:
            return fairness.measure(self, o.minimise, s, near, o.kappa)
        return {"cost": cost, "changes": changes}.get(o.minimise, 0)

    def weight(self, standard, cell) -> int:
        return round((cell["people"] if standard.group == "all" else cell["people_65"]) * 10)

    def sub_centre_plans(self):
        """Yield (values, capital) of every allowed choice of sub-centres and catchments."""
        for values, capital, *_ in self.centre_choices():
            yield values, capital

    def centre_choices(self):
        """Yield (values, capital, sub-centres, hospital of each township) of every allowed choice."""
        rule = self.rules.sub_centres
        zero = (0,) * len(self.config.objectives)
        if rule.min_count == 0 and rule.max_count == 0:
            yield zero, 0, (), {}
            return
        minutes = {k: -(-t // 600) for k, t in _table(self.access.to_sub_centres).items()}
        places = sorted({v["township"] for v in self.villages.values()})
        for chosen in itertools.chain.from_iterable(
            itertools.combinations(self.centres, k) for k in range(len(self.centres) + 1)
        ):
            if self.holds("sub_centre_count") and not rule.min_count <= len(chosen) <= rule.max_count:
                continue
            if self.holds("sub_centre_required") and not self.required(chosen):
                continue
            if self.holds("sub_centre_forbidden") and self.forbidden(chosen):
                continue
            if self.holds("sub_centre_eligible") and not all(self.eligible(h) for h in chosen):
                continue
            for assigned in itertools.product(chosen, repeat=len(places)):
                total, ok = 0, True
                load = dict.fromkeys(chosen, 0)
                for place, hospital in zip(places, assigned, strict=True):
                    for v, row in self.villages.items():
                        if row["township"] != place:
                            continue
                        load[hospital] += self.tenths[v]
                        if not any((v, h) in minutes for h in self.reachable):
                            continue
                        if (v, hospital) not in minutes:
                            ok = False
                        else:
                            total += self.tenths[v] * minutes[v, hospital]
                if rule.max_people is not None and self.holds("sub_centre_load"):
                    ok &= all(p <= 10 * rule.max_people for p in load.values())
                if ok:
                    yield (
                        tuple(
                            fairness.staged(
                                self,
                                o,
                                lambda o: {"sub_centre_minutes": total, "changes": len(chosen)}.get(o.minimise, 0),  # noqa: B023
                            )
                            for o in self.config.objectives
                        ),
                        int(self.config.costs.upgrade_sub_centre.value) * len(chosen),
                        chosen,
                        dict(zip(places, assigned, strict=True)),
                    )

    def eligible(self, hospital: str) -> bool:
        rule, row = self.rules.sub_centres, self.sites[hospital]
        return all(
            least is None or (not pd.isna(row[c]) and row[c] >= least)
            for c, least in (("beds", rule.min_beds), ("doctors", rule.min_doctors), ("level", rule.min_level))
        )

    def best(self) -> tuple | None:
        """The lexicographically least objective values, in model units (weighted stages in the plan's); None = no plan.

        Stage after stage keeps the plans that are no worse than its best by more than its tolerance; at the end what
        nobody needed is taken back.
        """
        clinics = {w for plan in self.clinic_plans() if (w := self.weigh_clinics(*plan)) is not None}
        centres = set(self.sub_centre_plans())
        limit = self.rules.budget.capital_cny if self.holds("capital_budget") else None
        return fairness.lexicographic(
            self,
            {
                tuple(a + b for a, b in zip(x, y, strict=True))
                for x, cx in clinics
                for y, cy in centres
                if limit is None or cx + cy <= limit
            },
        )
