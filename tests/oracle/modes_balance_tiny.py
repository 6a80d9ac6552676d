"""Tiny counties with service modes and operating balances, and the best plan of each by enumeration."""

from __future__ import annotations

import random
from fractions import Fraction

import pandas as pd
from model_tiny import half_up
from modes_tiny import ModesOracle, county_with_modes


def county_with_modes_and_balance(seed: int):
    """A tiny county with modes in which balances are asked of the county, of townships or of institutions."""
    config, inputs, access = county_with_modes(90_000 + seed)
    rng = random.Random(f"modes and balance {seed}")
    raw, table = config.model_dump(mode="json"), inputs.facilities
    raw["rules"]["balance"] = {"form": rng.choice(["no_worse", "no_worse", "non_negative"]),
                               "scope": rng.choice(["county", "township", "institution", "institution"])}
    raw["rules"]["no_harm"]["form"] = rng.choice(["off", "inside_stays_inside"])
    if rng.random() < 0.5:
        raw["rules"]["budget"], raw["rules"]["circle_share"] = {}, []
    if rng.random() < 0.5:
        for mode in ("circuit", "neighbour", "posted"):
            if raw["rules"]["modes"].get(mode):
                raw["rules"]["modes"][mode] |= {"min_people": 0, "max_people": 5000, "max_minutes": 40}
        raw["rules"]["hosts"]["limit_min"] = rng.choice([2, 60])
        raw["objectives"] = [{"minimise": "cost"}, {"minimise": "changes"}]
        if raw["rules"]["doctors"] and rng.random() < 0.5:  # nobody to hire: staff of hospitals keep clinics open
            raw["rules"]["doctors"] |= {"retire_share": 0.5, "max_hires": 0}
            raw["costs"]["posted_doctor"]["value"] = 20_000
    raw["costs"] |= {"health_subsidy_per_person": {"value": rng.choice([0, 40, 90.35]), "unit": "CNY"},
                     "clinic_subsidy": {"value": rng.choice([0, 60_000, 150_000]), "unit": "CNY"}}
    for column, most in (("income_cny", 300_000), ("spending_cny", 250_000)):
        table[column] = [None if rng.random() < 0.4 else float(rng.randint(0, most)) for _ in range(len(table))]
        table[column] = table[column].astype(float)
    return type(config).model_validate(raw), inputs, access


class ModesBalanceOracle(ModesOracle):
    """Plans whose institutions earn what is asked: what follows people goes to whose staff serve them."""

    def net(self, i) -> int:
        income, spending = (self.sites[i].get(c) for c in ("income_cny", "spending_cny"))
        return (0 if pd.isna(income) else int(income)) - (0 if pd.isna(spending) else int(spending))

    def known(self, i) -> bool:
        return not any(pd.isna(self.sites[i].get(c)) for c in ("income_cny", "spending_cny"))

    def carried(self, i) -> int:
        per = Fraction(str(self.config.costs.health_subsidy_per_person.value))
        if i in self.decided:
            return half_up(per * self.people[i]) + self.net(i)
        return half_up(per * self.own_people(i))

    def weigh_clinics(self, way, built, staffing=None):
        weighed = super().weigh_clinics(way, built, staffing)
        return weighed if weighed is not None and self.balanced(way, built) else None

    def balanced(self, way, built) -> bool:
        rule, costs = self.rules.balance, self.config.costs
        if not self.holds("balance"):
            return True
        doctor, each = int(costs.doctor.value), int(costs.clinic_subsidy.value)
        public = [i for i in self.permanent if self.sites[i]["ownership"] == "public"]
        before = {i: each + self.carried(i) - self.running[i] - doctor * self.doctors[i] for i in self.decided}
        before |= {i: self.net(i) if self.known(i) else 0 for i in public}
        clinics = [i for i in self.decided if way[i][0] in ("keep", "posted")] + list(built)
        after = {i: each + self.carried(i) - self.running[i] for i in clinics} | {i: before[i] for i in public}
        need = self.doctors_at(way, built)
        for i, n in need.items():
            after[i] -= doctor * n
        for i in self.decided:
            mode, sender = way[i]
            if mode in ("merge", "neighbour", "circuit"):
                after[sender] += self.carried(i)
            if mode == "posted":
                after[i] -= int(costs.posted_doctor.value) * self.modes.posted.staff
        for base, n in self.teams(way).items():
            after[base] -= int(costs.circuit_team.value) * n
        if rule.scope == "institution":
            if rule.form == "no_worse":
                idle = [i for i in self.decided if not self.doctors[i]]
                return all(after[i] >= before[i] for i in after if i not in built and i not in idle)
            return all(after[i] >= 0 for i in after if i in clinics or self.known(i))
        pooled = self.rules.doctors is not None and self.holds("doctor_balance")
        place = (lambda i: self.sites[i]["township"]) if rule.scope == "township" else lambda i: "county"
        for p in {place(i) for i in [*self.decided, *self.candidates, *public]}:
            mine = sum(v for i, v in after.items() if place(i) == p)
            for t in {self.sites[i]["township"] for i in self.sites if place(i) == p} if pooled else ():
                needed = sum(n for i, n in need.items() if self.sites[i]["township"] == t)
                pool = sum(d - self.retired.get(i, 0) for i, d in self.doctors.items()
                           if self.sites[i]["township"] == t)  # fmt: skip
                mine -= doctor * max(0, pool - needed)
            if mine < (sum(v for i, v in before.items() if place(i) == p) if rule.form == "no_worse" else 0):
                return False
        return True

    def doctors_at(self, way, built):
        """Doctors by site: as few as the rules allow; without rules on them, today's go with the people."""
        if self.rules.doctors is not None:
            return self.need(way, built)
        need = {}
        for i in self.decided:
            at = i if way[i][0] == "keep" else way[i][1]
            need[at] = need.get(at, 0) + self.doctors[i]
        return need
