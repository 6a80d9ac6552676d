"""Tiny counties with works, sources of money, balances and levels, and the best plan of each by enumeration.

As in model_tiny the enumeration reads the rules for itself and uses nothing of facilityplan.model. Money is split over
sources by trying splits, not by the condition that the model's rows state.
"""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pandas as pd
from model_tiny import Oracle, half_up
from model_tiny_staffing import least_doctors
from tiny_counties import CLINICS, tiny_county

from facilityplan.config.schema import Config

KINDS = ("rebuild", "relocate", "strengthen", "level_up")


def works_county(seed: int):
    """A tiny county with at most three works and two sources, each part of the block on or off at random."""
    return tiny_county(10_000_000 + seed, with_works, lambda rng: rng.choice([0, 0, 1, 1, 2]))


def with_works(rng: random.Random, config: Config, inputs) -> Config:
    """The config with the block switched on."""
    table = inputs.facilities
    existing = table[table["status"] == "existing"]
    hospitals = existing.loc[existing["kind"] == "township_hospital", "id"].tolist()
    clinics = existing.loc[existing["kind"].isin(CLINICS) & (existing["ownership"] == "public"), "id"].tolist()
    places = table.loc[(table["kind"] == "township_hospital") & (table["status"] == "candidate"), "id"].tolist()
    rng.shuffle(places)
    sources = [
        {"id": f"s{k}", "name": "源", "name_en": "source", "debt": rng.random() < 0.3,
         "amount_cny": rng.choice([None, None, 0, 90_000, 400_000, 900_000.5, 6_000_000, 12_000_000])}
        for k in range(rng.choice([0, 1, 2, 2]))
    ]  # fmt: skip
    works = []
    chosen = rng.choice(hospitals)
    for k in range(rng.randint(0, 3)):
        facility = chosen if rng.random() < 0.5 else rng.choice([*hospitals, *hospitals, *clinics])
        kind = rng.choice(KINDS)
        if facility in clinics:
            kind = rng.choice(("rebuild", "strengthen"))
        if kind == "relocate" and not places:
            kind = "level_up"
        to = places.pop() if kind == "relocate" else None
        if to is not None:  # two works may lead to one place, but not two hospitals: the data checks refuse that
            if rng.random() < 0.2:
                places.append(to)
            facility = next((w["facility"] for w in works if w["to"] == to), facility)
        adds = {"beds": rng.choice([0, 20, 40]), "doctors": rng.choice([0, 3, 6]), "level": rng.choice([0, 0, 0, 1])}
        works.append({
            "id": f"w{k}", "name": "项目", "name_en": "work", "facility": facility, "kind": kind, "to": to,
            "capital": {"value": rng.choice([0, 50_000, 300_000, 800_000.4]), "unit": "CNY"},
            "recurrent_cny": rng.choice([0, 0, 30_000, -45_000.5]),
            "adds": {"rooms": rng.choice([0, 1, 2])} if facility in clinics else adds,
            "required": rng.random() < 0.12, "forbidden": rng.random() < 0.08,
            "sources": [s["id"] for s in sources if rng.random() < 0.5] if rng.random() < 0.4 else [],
        })  # fmt: skip
    for w, v in itertools.combinations(works, 2):
        if w["facility"] == v["facility"] and rng.random() < 0.5:
            w.setdefault("together_with", []).append(v["id"])
    rules = config.rules.model_dump(mode="json")
    if rng.random() < 0.6 and rules["sub_centres"]["max_count"]:
        rules["sub_centres"] |= {"min_beds": rng.choice([None, 30, 50]), "min_doctors": rng.choice([None, 8, 24]),
                                 "min_level": rng.choice([None, 2, 3])}  # fmt: skip
    if rng.random() < 0.4:
        rules["budget"] = {}
    if rng.random() < 0.5:
        rules["circle_share"], rules["max_blank_villages"] = [], None
    if rng.random() < 0.3:
        rules["no_harm"]["form"] = "off"
    if rng.random() < 0.5 and rules["doctors"]:
        rules["doctors"] |= {"max_hires": 8, "max_per_site": 5}
    rules |= {
        "works": works,
        "funding": sources,
        "no_debt": rng.random() < 0.4,
        "balance": {"form": rng.choice(["off", "off", "no_worse", "no_worse", "non_negative"]),
                    "scope": rng.choice(["county", "township", "institution"])},
        "levels": [{"kind": "township_hospital", "min_level": rng.choice([1, 2, 2, 3]),
                    **rng.choice([{"min_count": rng.randint(0, 2)}, {"min_share": rng.choice([0.3, 0.5])}])}
                   for _ in range(rng.choice([0, 0, 0, 1, 2]))],
    }  # fmt: skip
    document = config.model_dump(mode="json")
    document["rules"] = rules
    document["costs"] |= {"health_subsidy_per_person": cost(rng.choice([0, 40, 90.35])),
                          "clinic_subsidy": cost(rng.choice([0, 60_000, 150_000, 400_000]))}  # fmt: skip
    if rng.random() < 0.3:
        document["objectives"].insert(rng.randint(0, len(document["objectives"])), {"minimise": "capital"})
    for table_column, most in (("income_cny", 300_000), ("spending_cny", 250_000)):
        table[table_column] = [None if rng.random() < 0.5 else float(rng.randint(0, most)) for _ in range(len(table))]
        table[table_column] = table[table_column].astype(float)
    return Config.model_validate(document)


def cost(value):
    return {"value": value, "unit": "CNY"}


class WorksOracle(Oracle):
    """Every plan of a county, works included."""

    def __init__(self, config, inputs, access) -> None:
        super().__init__(config, inputs, access)
        self.standing = list(self.hospitals)
        self.always = list(self.permanent)
        targets = [w.to for w in self.rules.works if w.to]
        self.reachable = [*self.standing, *dict.fromkeys(targets)]
        costs = config.costs
        person, clinic = costs.health_subsidy_per_person, costs.clinic_subsidy
        per = Fraction(str(person.value)) if person else Fraction(0)
        self.per_clinic = int(clinic.value) if clinic else 0
        self.carried = {i: half_up(per * n) + self.net(i) for i, n in self.people.items()}
        taken = {self.sites[i]["village"] for i in self.decided}
        for i in self.candidates:
            village = self.sites[i]["village"]
            self.carried[i] = 0 if village in taken else half_up(per * Fraction(self.tenths[village], 10))
        self.idle_hires: dict[str, int] = {}  # township → hired for an earlier year, not needed in the end
        self.paid_in_all: int | None = None  # doctors, where more may be paid than are needed or in reserve
        self.moved: dict[str, str] = {}
        self.done: list = []

    def net(self, i) -> int:
        income, spending = (self.sites[i].get(c) for c in ("income_cny", "spending_cny"))
        return (0 if pd.isna(income) else int(income)) - (0 if pd.isna(spending) else int(spending))

    def known(self, i) -> bool:
        return not any(pd.isna(self.sites[i].get(c)) for c in ("income_cny", "spending_cny"))

    def after(self, i, column):
        """Beds, doctors or level of an institution with the works at hand; None where not known."""
        today = self.sites[i][column]
        if pd.isna(today):
            return None
        more = 0
        for w in self.done:
            if w.facility == i:
                more += max(w.adds.level, w.kind == "level_up") if column == "level" else getattr(w.adds, column)
        return min(3, today + more) if column == "level" else today + more

    def doctors_of(self, site):
        return self.after(self.institution(site), "doctors")

    def choices(self):
        """Yield every set of works that may be done together, with the county standing as they leave it."""
        works = self.rules.works
        for size in range(len(works) + 1):
            for done in itertools.combinations(works, size):
                if self.holds("works_required") and any(w.required and w not in done for w in works):
                    continue
                if self.holds("works_forbidden") and any(w.forbidden for w in done):
                    continue
                pairs = [(a, b) for a, b in itertools.combinations(done, 2) if a.facility == b.facility]
                if any(a.kind == b.kind == "relocate" for a, b in pairs):
                    continue
                if self.holds("works_together") and any(
                    b.id not in a.together_with and a.id not in b.together_with for a, b in pairs
                ):
                    continue
                self.stand(done)
                if self.levels_kept():
                    yield done

    def stand(self, done) -> None:
        """Let the county stand as these works leave it."""
        self.done = list(done)
        self.moved = {w.facility: w.to for w in done if w.kind == "relocate"}
        self.permanent = [i for i in self.always if i not in self.moved] + list(self.moved.values())
        self.centres = [self.moved.get(h, h) for h in self.standing]
        self.recurrent_more = sum(half_up_away(w.recurrent_cny) for w in done)

    def levels_kept(self) -> bool:
        for rule in self.rules.levels if self.holds("levels") else ():
            reached = sum((self.after(h, "level") or 0) >= rule.min_level for h in self.standing)
            least = rule.min_count if rule.min_share is None else Fraction(str(rule.min_share)) * len(self.standing)
            if reached < least:
                return False
        return True

    def rooms(self, i):
        return super().rooms(i) + sum(w.adds.rooms for w in self.done if w.facility == i)

    def institution(self, place):
        return next((h for h, k in self.moved.items() if k == place), place)

    def required(self, chosen):
        return {self.institution(c) for c in chosen} | set(chosen) >= set(self.rules.sub_centres.required)

    def forbidden(self, chosen):
        return bool(({self.institution(c) for c in chosen} | set(chosen)) & set(self.rules.sub_centres.forbidden))

    def eligible(self, place):
        rule, i = self.rules.sub_centres, self.institution(place)
        figures = [(self.after(i, c), getattr(rule, f"min_{c}")) for c in ("beds", "doctors", "level")]
        return all(least is None or (figure is not None and figure >= least) for figure, least in figures)

    def weigh_clinics(self, merged, built):
        if any(h in self.moved for h in merged.values()) or any(w.facility in merged for w in self.done):
            return None
        weighed = super().weigh_clinics(merged, built)
        return weighed if weighed is not None and self.balanced(merged, built) else None

    def balanced(self, merged, built) -> bool:
        rule = self.rules.balance
        if rule.form == "off" or not self.holds("balance"):
            return True
        doctor = int(self.config.costs.doctor.value)
        public = [i for i in self.always if self.sites[i]["ownership"] == "public" and i not in self.decided]
        paid = {i: self.running[i] + doctor * self.doctors[i] for i in self.decided}
        before = {i: self.per_clinic + self.carried[i] - paid[i] for i in self.decided}
        before |= {i: self.net(i) if self.known(i) else 0 for i in public}
        clinics = [i for i in self.decided if i not in merged] + list(built)
        after = {i: self.per_clinic + self.carried[i] - self.running[i] for i in clinics}
        after |= {i: before[i] for i in public}
        need = self.needs(merged, built)
        for i, n in need.items():
            after[i] -= doctor * n
        for guest, host in merged.items():
            after[host] += self.carried[guest]
        for w in self.done:
            after[w.facility] -= half_up_away(w.recurrent_cny)
        if rule.scope == "institution":
            if rule.form == "no_worse":
                idle = [i for i in self.decided if not self.doctors[i]]  # no doctor, so no today to compare with
                return all(after[i] >= before[i] for i in after if i not in built and i not in idle)
            return all(after[i] >= 0 for i in after if i in clinics or self.known(i))
        pooled = self.rules.doctors is not None and self.holds("doctor_balance")
        place = (lambda i: self.sites[i]["township"]) if rule.scope == "township" else lambda i: "county"
        places = {place(i) for i in [*self.decided, *self.candidates, *public]}
        for p in places:
            mine = sum(v for i, v in after.items() if place(i) == p)
            if pooled and self.paid_in_all is not None and p == "county":
                mine -= doctor * (self.paid_in_all - sum(need.values()))
            elif pooled:  # all its doctors are paid, those in reserve too
                for t in {self.sites[i]["township"] for i in self.sites if place(i) == p}:
                    needed = sum(n for i, n in need.items() if self.sites[i]["township"] == t)
                    pool = sum(d - self.retired.get(i, 0) for i, d in self.doctors.items()
                               if self.sites[i]["township"] == t)  # fmt: skip
                    mine -= doctor * (max(0, pool - needed) + self.idle_hires.get(t, 0))
            least = sum(v for i, v in before.items() if place(i) == p) if rule.form == "no_worse" else 0
            if mine < least:
                return False
        return True

    def needs(self, merged, built):
        """Doctors by site: as few as the rules allow, or those of today and of the guests."""
        if self.rules.doctors is None:
            need = {i: d for i, d in self.doctors.items() if i not in merged}
            for guest, host in merged.items():
                need[host] = need.get(host, 0) + self.doctors[guest]
            return need
        need = {i: 1 for i in self.decided if i not in merged} | dict.fromkeys(built, 1)
        if self.holds("doctor_capacity"):
            for host in set(merged.values()):
                load = sum(self.people[g] for g, h in merged.items() if h == host) + self.people.get(host, 0)
                need[host] = max(need.get(host, 0), math.ceil(load / self.rules.doctors.people_per_doctor_cap))
        for i in [i for i in need if i not in self.hospitals]:
            need[i] = max(need[i], least_doctors(self, [g for g, h in merged.items() if h == i], i))
        return need

    def payable(self, other: int) -> bool:
        """Can every bill be split over the sources? Each is paid as far as one order of sources after another goes."""
        sources = self.rules.funding
        if not sources:
            return True
        every = tuple(s.id for s in sources)
        bills = [(half_up(Fraction(str(w.capital.value))), w.sources or every) for w in self.done]
        bills.append((other, every))
        usable = [s for s in sources if not (s.debt and self.rules.no_debt and self.holds("no_debt"))]
        unlimited = not self.holds("funding_amount")
        for order in itertools.permutations(range(len(bills))):
            for ranked in itertools.permutations(usable):
                left = {s.id: math.inf if unlimited or s.amount_cny is None else math.floor(s.amount_cny)
                        for s in usable}  # fmt: skip
                paid = True
                for k in order:
                    owed, payers = bills[k]
                    for s in ranked:
                        if s.id in payers:
                            share = min(owed, left[s.id])
                            owed, left[s.id] = owed - share, left[s.id] - share
                    paid &= owed == 0
                if paid:
                    return True
        return False

    def best(self):
        limit = self.rules.budget.capital_cny if self.holds("capital_budget") else None
        stages = [o.minimise for o in self.config.objectives]
        found = None
        for done in self.choices():
            clinics = {w for plan in self.clinic_plans() if (w := self.weigh_clinics(*plan)) is not None}
            own = sum(half_up(Fraction(str(w.capital.value))) for w in done)
            centres = set(self.sub_centre_plans()) if clinics else ()
            paid = {c: (limit is None or own + c <= limit) and self.payable(c)
                    for c in {a + b for _, a in clinics for _, b in centres}}  # fmt: skip
            for x, a in clinics:
                for y, b in centres:
                    if paid[a + b]:
                        values = []
                        for name, i, j in zip(stages, x, y, strict=True):
                            more = own + a + b if name == "capital" else len(done) if name == "changes" else 0
                            values.append(i + j + more)
                        found = tuple(values) if found is None else min(found, tuple(values))
        return found


def half_up_away(amount: float) -> int:
    """Whole yuan, halves away from zero."""
    value = Fraction(str(amount))
    return half_up(value) if value >= 0 else -half_up(-value)
