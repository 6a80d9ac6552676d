"""The oracle's reading of staffing in depth, and tiny random counties with it; nothing of facilityplan.model.

Who works where is found by a table over sites (how much overload n further doctors take away at best), township by
township and then over hires: nothing greedy.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction

from facilityplan.config.schema import Config

FAR = 240 * 600


def least_doctors(oracle, guests, clinic) -> int:
    """Doctors that the bands ask of an open clinic; ``guests``: whoever merges into it or is visited by its doctors."""
    rule = oracle.rules.doctors
    if not oracle.holds("doctor_minimum"):
        return 0
    own = oracle.people.get(clinic)
    if own is None:  # a candidate has its village's people where no public clinic shares them
        village = oracle.sites[clinic]["village"]
        alone = not any(oracle.sites[i]["village"] == village for i in oracle.decided)
        own = Fraction(oracle.tenths[village], 10) if alone else 0
    people = own + sum(oracle.people[g] for g in guests)
    asked = max((b.doctors for b in rule.min_by_people if people >= b.from_people), default=0)
    if rule.exempt_shortfall_today and clinic in oracle.doctors and not guests:
        asked = min(asked, oracle.doctors[clinic])
    return asked


def posts(oracle) -> dict[str, int]:
    """Posts by the norm of every township."""
    norm, found = oracle.rules.doctors.people_per_doctor_norm, {}
    for t in {r["township"] for r in [*oracle.sites.values(), *oracle.villages.values()]}:
        people = sum(oracle.tenths[v] for v, r in oracle.villages.items() if r["township"] == t)
        found[t] = math.ceil(Fraction(people, 10 * norm))
    return found


def hires_needed(oracle, by_pool, before) -> int:
    """Hires in the county: what the sites need, what was hired ``before`` (by pool), what its posts ask for."""
    rule = oracle.rules.doctors.fill_posts
    rule = rule if oracle.holds("fill_posts") else None
    wanted = posts(oracle)
    share = Fraction(0) if rule is None else Fraction(str(rule.min_share))
    pools = {*map(oracle.pool, wanted), *by_pool, *before}
    hires = sum(hires_of_pool(oracle, p, by_pool.get(p, 0), before) for p in pools)
    return max(hires, math.ceil(share * sum(wanted.values())) - sum(map(oracle.staying, pools)))


def hires_of_pool(oracle, pool, needed, before) -> int:
    """Hires of one pool: for its sites, its own posts where asked, and those made before."""
    rule = oracle.rules.doctors.fill_posts
    asked = 0
    if rule is not None and rule.per_township and oracle.holds("fill_posts"):
        asked = math.ceil(Fraction(str(rule.min_share)) * posts(oracle).get(pool, 0))
    return max(0, max(needed, asked) - oracle.staying(pool), before.get(pool, 0))


def patients(oracle, is_open) -> dict[str, int]:
    """Tenths of people that go to each open site."""
    rule = oracle.rules.patients
    standard = oracle.config.standard(rule.standard)
    kinds = {str(k) for k in standard.kinds}
    counted = sorted(i for i in is_open if oracle.sites[i]["kind"] in kinds)
    found = dict.fromkeys(counted, 0)
    for c in oracle.cells:
        times = [(oracle.times[standard.id].get((c["cell"], i), FAR + 1), i) for i in counted]
        if times and min(times)[0] <= FAR:
            found[min(times)[1]] += oracle.weight(standard, c)
    return found


def staffings(oracle, *plan, before=None):
    """Yield (doctors in all, overload) of every number of hires, None where doctors are no part; ``before``: hires by
    pool in earlier years."""
    rule = oracle.rules.patients
    if oracle.rules.doctors is None:
        yield None
        return
    need = oracle.need(*plan)
    base = oracle.staff(*plan, before=before)
    if need is None or base is None:
        return
    if rule is None:
        yield base, 0
        return
    is_open, posted = oracle.open_sites(*plan), oracle.posted_staff(*plan)
    q = 10 * rule.capacity_per_doctor
    over, room = {}, {}
    for i, people in patients(oracle, is_open).items():
        clinic = i in oracle.decided or i in oracle.candidates
        own = 0 if clinic else oracle.doctors_of(i)
        if own is None:
            continue
        over[i] = max(0, people - q * (int(own) + need.get(i, 0) + posted.get(i, 0)))
        if posted.get(i, 0) > 0:
            room[i] = 0  # nobody but the posted staff works there
        elif clinic:
            limited = oracle.holds("doctor_rooms")
            room[i] = oracle.rooms(i) - need.get(i, 0) if limited else math.inf
        else:
            room[i] = math.inf if i in oracle.hospitals else 0
    group = oracle.config.standard(rule.standard)
    total = sum(oracle.weight(group, c) for c in oracle.cells)
    limit = math.inf
    if oracle.holds("patient_overload"):
        if rule.overload_people is not None:
            limit = 10 * rule.overload_people
        elif rule.overload_share is not None:
            limit = math.floor(Fraction(str(rule.overload_share)) * total)
    most = sum(-(-o // q) for o in over.values())
    if not oracle.holds("doctor_balance"):
        table = best_relief(over, room, q, most)
        for n, relief in enumerate(table):
            if sum(over.values()) - relief <= limit:
                yield base + n, sum(over.values()) - relief
        return
    places = {r["township"] for r in [*oracle.sites.values(), *oracle.villages.values()]}
    tables, hired, spare = {}, {}, {}
    for p in sorted(set(map(oracle.pool, places))):
        needed = sum(n for i, n in need.items() if oracle.pool(oracle.sites[i]["township"]) == p)
        hired[p] = hires_of_pool(oracle, p, needed, before or {})
        spare[p] = oracle.staying(p) + hired[p] - needed
        own = {i: o for i, o in over.items() if oracle.pool(oracle.sites[i]["township"]) == p}
        tables[p] = best_relief(own, room, q, spare[p] + most)
    staying = sum(oracle.doctors.values()) - sum(oracle.retired.values())
    elsewhere = {i: o for i, o in over.items() if oracle.sites[i]["township"] not in places}
    assert not elsewhere
    # overload taken away at best by 0, 1, 2, … hires beyond what the townships need
    reached = [sum(tables[t][spare[t]] for t in tables), *[0] * most]
    for h in range(1, most + 1):
        reached[h] = shared(tables, spare, h)
    first = base - staying  # what the sites and posts need
    for total_hires in range(first, first + most + 1):
        if oracle.holds("hires") and total_hires > oracle.rules.doctors.max_hires:
            break
        left = sum(over.values()) - reached[min(most, total_hires - sum(hired.values()))]
        if left <= limit:
            yield staying + total_hires, left


def shared(tables, spare, hires) -> int:
    """Overload that so many hires take away at best, shared among townships."""
    best = {0: 0}
    for t, table in tables.items():
        best = {
            h: max(r + table[min(spare[t] + h - k, len(table) - 1)] for k, r in best.items() if k <= h)
            for h in range(hires + 1)
        }
    return best[hires]


def best_relief(over, room, q, most) -> list[int]:
    """Overload that 0, 1, 2, … further doctors take away at best, at these sites."""
    table = [0] * (most + 1)
    for i, beyond in over.items():
        following = list(table)
        for n in range(most + 1):
            for k in range(int(min(n, room[i], -(-beyond // q))) + 1):
                following[n] = max(following[n], table[n - k] + min(beyond, k * q))
        table = following
    return table


def staffing_of(seed: int, config: Config) -> dict:
    """Rules on staffing, at random."""
    rng = random.Random(20_000 + seed)
    raw = config.model_dump(mode="json")
    rules = {"doctors": raw["rules"]["doctors"]}
    if rules["doctors"] is None:
        return {}
    norm = rng.choice([200, 400, 1000])
    rules["doctors"]["people_per_doctor_norm"] = norm
    if rng.random() < 0.6:
        ids = [s.id for s in config.standards]
        patients_rule = {"standard": rng.choice([None, *ids]), "capacity_per_doctor": rng.choice([50, 150, 300, 700])}
        kind = rng.random()
        if kind < 0.3:
            patients_rule["overload_people"] = rng.choice([100, 400, 1000, 2000])
        elif kind < 0.6:
            patients_rule["overload_share"] = rng.choice([0.05, 0.2, 0.5, 0.7])
        rules["patients"] = patients_rule
    if rng.random() < 0.5:
        rules["doctors"]["fill_posts"] = {"min_share": rng.choice([0.1, 0.3, 0.55, 0.8]),
                                          "per_township": rng.random() < 0.4}
    if rng.random() < 0.5:
        start = rng.choice([100, 300, 700])
        bands = [{"from_people": start, "doctors": 2}]
        if rng.random() < 0.6:
            bands.append({"from_people": 2 * start, "doctors": rng.choice([3, 4])})
        rules["doctors"]["min_by_people"] = bands
        rules["doctors"]["exempt_shortfall_today"] = rng.random() < 0.7
    if rng.random() < 0.6:
        rules["doctors"]["max_hires"] = rng.choice([2, 4, 8])
        rules["doctors"]["max_per_site"] = rng.choice([2, 3, 5])
    more = [r for r in ("doctor_minimum", "fill_posts", "patient_overload") if rng.random() < 0.05]
    rules["without"] = sorted({*raw["rules"]["without"], *more})
    return rules


def staffed(seed: int, county):
    """A tiny county with staffing in depth laid on it."""
    config, inputs, access = county
    return with_staffing(seed, config), inputs, access


def with_staffing(seed: int, config: Config) -> Config:
    """Staffing in depth laid on a config, the stage `overload` anywhere among its objectives."""
    rules = staffing_of(seed, config)
    raw = config.model_dump(mode="json")
    rng = random.Random(30_000 + seed)
    if rng.random() < 0.6:  # else most counties have no plan for reasons of their own
        raw["rules"] |= {"budget": {}, "no_harm": {"form": "off"}, "circle_share": [], "max_blank_villages": None}
    if rng.random() < 0.6 and "doctors" in rules:
        rules["doctors"]["max_hires"] = rng.choice([3, 8, 20])
        rules["doctors"]["people_per_doctor_cap"] = rng.choice([700, 1500, 5000])
    balance, consortia = raw["rules"]["balance"], raw["rules"]["consortia"]
    fill = rules.get("doctors", {}).get("fill_posts")
    if balance["form"] != "off":  # what the config refuses together
        rules.pop("patients", None)
        if balance["scope"] == "township" and fill:
            rules["doctors"]["fill_posts"] = None
    if consortia is not None and consortia["pool_staff"] and fill:
        fill["per_township"] = False
    objectives = raw["objectives"]
    if "patients" in rules and rng.random() < 0.7:
        objectives.insert(rng.randint(0, len(objectives)), {"minimise": "overload"})
    return Config.model_validate({**raw, "objectives": objectives, "rules": {**raw["rules"], **rules}})
