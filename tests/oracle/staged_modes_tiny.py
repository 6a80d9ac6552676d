"""Tiny counties with service modes and joint sites in years, and the best plan of each by enumeration."""

from __future__ import annotations

import itertools
import random

from model_tiny_stages import StagedOracle
from modes_tiny import ModesOracle, county_with_modes

RULES = ("stage_closures", "stage_capital", "stage_recurrent", "stage_doctors", "stage_no_harm")


def staged_county_with_modes(seed: int):
    """A tiny county in two or three years in which each mode is offered or not at random."""
    config, inputs, access = county_with_modes(50_000 + seed)
    rng = random.Random(f"modes in years {seed}")
    raw = config.model_dump(mode="json")
    rules, eager = raw["rules"], rng.random() < 0.6
    if eager:
        _make_eager(rng, raw)
    total = rules["doctors"]["retire_share"] if rules["doctors"] else 0.0
    n = rng.choice([2, 2, 3])
    shares = [None] * n
    if rng.random() < 0.3:
        at = rng.randrange(n)
        shares = [total if k == at else 0.0 for k in range(n)]
    stages = []
    for k in range(n):
        stage = {"year": 2025 + k, "retire_share": shares[k],
                 "capital_cny": rng.choice([None, None, 20_000, 160_000, 300_000, 350_000, 5_300_000]),
                 "max_closures": rng.choice([None, None, 1, 1, 2]),
                 "max_closures_per_township": rng.choice([None, None, None, 1])}
        if rng.random() < 0.3:
            stage["recurrent_share_of_today"] = rng.choice([0.9, 1.0, 1.1, 1.3, 1.6])
        if k and stages[-1]["capital_cny"] is not None and stage["capital_cny"] is not None:
            stage["carry_over"] = rng.random() < 0.5
        stages.append(stage)
    if rng.random() < 0.6:
        rules["budget"] = {}
    if rules["doctors"] and not eager and rng.random() < 0.5:
        rules["doctors"]["max_hires"] = 8
    rules["stages"] = stages
    rules["without"] = sorted({*rules["without"], *(r for r in RULES if rng.random() < 0.05)})
    if rng.random() < 0.8:
        late = rng.random() < 0.4
        raw["objectives"].insert(rng.randint(0, len(raw["objectives"])), {"minimise": "delay", "late": late})
    return type(config).model_validate(raw), inputs, access


def _make_eager(rng: random.Random, raw) -> None:
    """Closing pays, hosts are hard to find: services begin."""
    rules = raw["rules"]
    rules["budget"], rules["circle_share"], rules["max_blank_villages"] = {}, [], rng.choice([None, 0])
    rules["no_harm"]["form"] = rng.choice(["off", "off", "strict"])
    rules["hosts"] |= {"limit_min": rng.choice([2, 60]), "max_hosts": 1}
    rules["modes"]["same_township"] = False
    for mode in ("circuit", "neighbour", "posted"):
        if rules["modes"].get(mode):
            rules["modes"][mode] |= {"min_people": 0, "max_people": 5000, "max_minutes": 40}
    if rules["modes"].get("circuit"):
        rules["modes"]["circuit"] |= {"max_doctor_share": 0.5, "doctors_per_team": 1, "max_teams_per_base": 3}
        raw["costs"]["circuit_team"]["value"] = 20_000
    if rules["doctors"]:
        rules["doctors"] |= {"retire_share": rng.choice([0.2, 0.5]), "max_hires": rng.choice([0, 1, 8])}
    visits = rules["modes"].get("circuit") or rules["modes"].get("neighbour")
    names = [rng.choice(["cost", "periodic"])] if visits else []
    raw["objectives"] = [{"minimise": m} for m in dict.fromkeys([*names, "cost", "changes"])]


class StagedModesOracle(StagedOracle, ModesOracle):
    """Every plan with every year for each of its changes; who is not served yet keeps the clinic."""

    def need_by_township(self, way, built):
        need = self.need(way, built)
        return {t: sum(n for i, n in need.items() if self.sites[i]["township"] == t) for t in self.places}

    def staff_of_years(self, plans):
        """(doctors paid by year, hires beyond those of the last year alone) or None where a rule breaks."""
        rule = self.rules.doctors
        if rule is None:
            return [sum(self.doctors.values())] * len(plans), 0
        needs = [self.need_by_township(*plan) for plan in plans]
        if not self.holds("doctor_balance"):
            return [sum(n.values()) for n in needs], 0
        hired = [dict.fromkeys(self.places, 0) for _ in plans]
        for s in range(len(plans)):
            for t in self.places:
                asked = s == len(plans) - 1 or self.holds("stage_doctors")
                least = max(0, needs[s][t] - self.pool_then(s, t)) if asked else 0
                hired[s][t] = max(least, hired[s - 1][t] if s else 0)
        total = sum(hired[-1].values())
        if self.holds("hires") and total > rule.max_hires:
            return None
        alone = sum(max(0, needs[-1][t] - self.pool_then(len(plans) - 1, t)) for t in self.places)
        left = [sum(self.doctors.values()) - sum(g.values()) for g in self.gone]
        return [a + sum(h.values()) for a, h in zip(left, hired, strict=True)], total - alone

    def in_years(self, way, built):
        """Yield (objective values, capital by stage) of one plan with every choice of years that the rules allow."""
        base = self.weigh_clinics(way, built)
        if base is None:
            return
        n, costs, price = len(self.stages), self.config.costs, int(self.config.costs.doctor.value)
        changes = [what for what, (mode, _) in way.items() if mode not in ("keep", None)] + list(built)
        for years in itertools.product(range(n), repeat=len(changes)):
            when = dict(zip(changes, years, strict=True))
            if any(h in when and when[h] > when[g] for g, (mode, h) in way.items() if mode == "merge"):
                continue
            plans = [self.by_then(way, built, when, s) for s in range(n)]
            closing = {i: "x" for i in self.decided if way[i][0] in ("merge", "circuit", "neighbour")}
            if not self._closures_by_year(closing, when):
                continue
            if self.holds("no_harm") and self.holds("stage_no_harm") and not all(
                    self.unharmed({i: "x" for i in self.decided if w[i][0] not in ("keep", "posted")}, b)
                    for w, b in plans[:-1]):
                continue
            staffed = self.staff_of_years(plans)
            if staffed is None:
                continue
            paid, more = staffed
            teams = [sum(self.teams(w).values()) for w, _ in plans]
            yearly = []
            for (w, b), doctors, t in zip(plans, paid, teams, strict=True):
                is_open = [i for i in self.decided if w[i][0] in ("keep", "posted")] + b
                cost = sum(self.running[i] for i in is_open) + price * doctors
                cost += int(costs.circuit_team.value) * t if t else 0
                posts = sum(w[i][0] == "posted" for i in self.decided)
                cost += int(costs.posted_doctor.value) * self.modes.posted.staff * posts if posts else 0
                yearly.append(cost)
            if not self._recurrent_ok(yearly):
                continue
            values = list(base[0])
            for k, (name, late) in enumerate(self.objectives):
                if name == "cost":
                    values[k] += price * more
                if name == "delay":
                    values[k] = sum(n - 1 - s if late else s for s in years)
            spent = [int(costs.circuit_vehicle.value) * (t - u) for t, u in zip(teams, [0, *teams], strict=False)]
            for what, s in when.items():
                if what in built:
                    spent[s] += int(costs.build_clinic.value)
                elif way[what][0] == "merge":
                    spent[s] += int(costs.merge_works.value)
            yield tuple(values), tuple(spent)

    def by_then(self, way, built, when, s):
        """The plan as it stands at the end of a stage."""
        usual = {what: ("keep", None) if what in self.decided else (None, None) for what in way}
        return ({what: w if when.get(what, 0) <= s else usual[what] for what, w in way.items()},
                [k for k in built if when[k] <= s])
