"""Tiny counties with works in years, and the best plan of each by enumerating every change and work with every year.

Who pays in which year is asked of networkx's largest flow, not of the rows that the model states.
"""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import networkx as nx
from model_tiny import half_up
from model_tiny_stages import StagedOracle
from tiny_counties import CLINICS, tiny_county
from works_tiny import WorksOracle, with_works

RULES = ("stage_closures", "stage_capital", "stage_recurrent", "stage_doctors", "stage_no_harm", "stage_ready",
         "stage_earliest", "stage_funding")
YEARS = (2025, 2026, 2027)


def staged_works_county(seed: int):
    """A tiny county in one to three years with at most three works and two sources."""
    return tiny_county(20_000_000 + seed, _with_years, lambda rng: rng.choice([0, 0, 1, 1]))


def _with_years(rng: random.Random, config, inputs):
    config = with_works(rng, config, inputs)
    raw = config.model_dump(mode="json")
    rules, sources = raw["rules"], [s["id"] for s in raw["rules"]["funding"]]
    table = inputs.facilities
    clinics = table.loc[table["kind"].isin(CLINICS) & (table["ownership"] == "public")
                        & (table["status"] == "existing"), "id"].tolist()
    n = rng.choice([1, 2, 2, 3]) if len(clinics) <= 3 else 2
    years = YEARS[:n]
    for work in rules["works"]:
        if rng.random() < 0.4 and clinics:  # rooms for a host are what mergers wait for
            work |= {"facility": rng.choice(clinics), "kind": "strengthen", "to": None, "together_with": [],
                     "adds": {"rooms": rng.choice([1, 2, 3])}}
        work["earliest"] = rng.choice([None, None, 2024, 2026, 2026, 2028])
    if rng.random() < 0.5 and rules["doctors"]:
        rules["doctors"] |= {"max_per_site": 1, "people_per_doctor_cap": rng.choice([300, 700]), "max_hires": 8}
    stages = []
    for k, year in enumerate(years):
        stage = {"year": year, "capital_cny": rng.choice([None, None, None, 60_000, 400_000.5, 5_300_000, 10_400_000]),
                 "max_closures": rng.choice([None, None, None, 1, 2]),
                 "funding": [{"source": s, "amount_cny": rng.choice([0, 60_000, 350_000.5, 900_000, 12_000_000])}
                             for s in sources if rng.random() < 0.4]}
        if rng.random() < 0.2:
            stage["recurrent_share_of_today"] = rng.choice([0.95, 1.0, 1.1, 1.5, 2.2])
        if k:
            stage["carry_over"] = rng.random() < 0.5
        stages.append(stage)
    for level in rules["levels"]:
        level["year"] = rng.choice([None, *years])
    if rng.random() < 0.6:
        rules["budget"], rules["circle_share"] = {}, []
    if rng.random() < 0.5:
        rules["levels"] = rules["levels"][:1] if rng.random() < 0.3 else []
        rules["balance"]["form"] = "off"
    eager = rng.random() < 0.6
    if eager:  # closing pays, rooms and beds are what it waits for
        _make_eager(rng, raw, clinics)
    rules["stages"] = stages
    rules["without"] = sorted({*rules["without"], *(r for r in RULES if rng.random() < 0.05)})
    objectives = raw["objectives"]
    if eager:
        raw["objectives"] = [{"minimise": m} for m in rng.choice((
            ("cost", "delay"), ("delay", "cost"), ("cost", "changes", "delay"), ("capital", "cost", "delay")))]
        if rules["sub_centres"]["max_count"]:
            raw["objectives"].insert(rng.randint(0, 1), {"minimise": "sub_centre_minutes"})
    elif rng.random() < 0.8:
        objectives.insert(rng.randint(0, len(objectives)), {"minimise": "delay", "late": rng.random() < 0.4})
    return type(config).model_validate(raw)


def _make_eager(rng: random.Random, raw, clinics) -> None:
    rules = raw["rules"]
    rules["budget"], rules["circle_share"], rules["max_blank_villages"] = {}, [], None
    rules["no_harm"]["form"] = rng.choice(["off", "off", "inside_stays_inside"])
    rules["hosts"] |= {"limit_min": 60, "adjacent": False, "host_at_least_guest": False, "max_hosts": 2}
    if rules["doctors"]:
        rules["doctors"] |= {"max_per_site": 1, "people_per_doctor_cap": rng.choice([300, 700]), "max_hires": 8}
    for k, work in enumerate(rules["works"]):
        if k < 2 and clinics:
            work |= {"facility": rng.choice(clinics), "kind": "strengthen", "to": None, "together_with": [],
                     "adds": {"rooms": rng.choice([2, 4])}}
        elif work["kind"] != "relocate" and work["facility"] not in clinics:
            work["adds"]["beds"] = 40
        work |= {"required": rng.random() < 0.6, "forbidden": False, "recurrent_cny": rng.choice([0, -45_000.5]),
                 "earliest": rng.choice([None, 2026, 2026, 2027])}
    if rules["sub_centres"]["max_count"]:
        rules["sub_centres"] |= {"min_count": 1, "required": [], "max_people": None,
                                 "min_beds": rng.choice([None, 30, 50])}


class StagedWorksOracle(StagedOracle, WorksOracle):
    """Every plan with every year for each of its changes and works."""

    def __init__(self, config, inputs, access) -> None:
        super().__init__(config, inputs, access)
        self.year_of = [s.year for s in self.stages]

    def size(self) -> int:
        """Plans to look at, roughly."""
        n, plans = len(self.stages), 1
        for i in self.decided:
            plans *= 1 + n * len(self.hosts(i))
        return plans * (1 + n) ** (len(self.candidates) + len(self.rules.works))

    def best(self):
        names = [o.minimise for o in self.config.objectives]
        limit = self.rules.budget.capital_cny if self.holds("capital_budget") else None
        found = None
        for done in list(self.choices()):
            n = len(self.stages)
            own = sum(half_up(Fraction(str(w.capital.value))) for w in done)
            self.stand(done)
            self._needs, self._unharmed = {}, {}
            weighed = {key: self.weigh_clinics(*plan) for plan in self.clinic_plans()
                       if (key := (tuple(sorted(plan[0].items())), tuple(plan[1])))}
            if not any(w is not None for w in weighed.values()):
                continue
            for when in itertools.product(range(n), repeat=len(done)):
                if self.holds("stage_earliest") and any(
                        w.earliest is not None and self.year_of[s] < w.earliest
                        for w, s in zip(done, when, strict=True)):
                    continue
                by_stage = [[w for w, s in zip(done, when, strict=True) if s <= k] for k in range(n)]
                if not self._levels_in_years(by_stage):
                    continue
                spent = [sum(half_up(Fraction(str(w.capital.value))) for w, s in zip(done, when, strict=True) if s == k)
                         for k in range(n)]
                clinics = set(self._clinics_in_years(done, by_stage, weighed))
                centres = set(self._centres_in_years(done, by_stage)) if clinics else ()
                paid = {}
                for x, cx in clinics:
                    for y, cy in centres:
                        other = tuple(a + b for a, b in zip(cx, cy, strict=True))
                        if other not in paid:
                            total = [a + b for a, b in zip(other, spent, strict=True)]
                            paid[other] = ((limit is None or sum(total) <= limit) and self._affordable_years(total)
                                           and self._payable(done, when, other))
                        if not paid[other]:
                            continue
                        values = []
                        for k, (name, i, j) in enumerate(zip(names, x, y, strict=True)):
                            more = 0
                            if name == "capital":
                                more = own + sum(other)
                            if name == "changes":
                                more = len(done)
                            if name == "delay":
                                late = self.config.objectives[k].late
                                more = sum(n - 1 - s if late else s for s in when)
                            values.append(i + j + more)
                        found = tuple(values) if found is None else min(found, tuple(values))
        return found

    def _levels_in_years(self, by_stage) -> bool:
        whole = self.done
        for rule in self.rules.levels if self.holds("levels") else ():
            s = self.year_of.index(rule.year) if rule.year is not None else -1
            self.done = by_stage[s]
            reached = sum((self.after(h, "level") or 0) >= rule.min_level for h in self.standing)
            self.done = whole
            least = rule.min_count if rule.min_share is None else Fraction(str(rule.min_share)) * len(self.standing)
            if reached < least:
                return False
        return True

    def _clinics_in_years(self, done, by_stage, weighed):
        """Yield (values, capital by stage) of every plan of the clinics with every choice of years."""
        n, costs, price = len(self.stages), self.config.costs, int(self.config.costs.doctor.value)
        for (pairs, built), base in weighed.items():
            if base is None:
                continue
            merged, built = dict(pairs), list(built)
            for years in itertools.product(range(n), repeat=len(merged) + len(built)):
                when = dict(zip([*merged, *built], years, strict=True))
                if not self._closures_by_year(merged, when):
                    continue
                plans = [({g: h for g, h in merged.items() if when[g] <= s}, [k for k in built if when[k] <= s])
                         for s in range(n)]
                standing = []
                for s, (m, b) in enumerate(plans):
                    self.stand(by_stage[s])
                    harmed = (s < n - 1 and self.holds("no_harm") and self.holds("stage_no_harm")
                              and not self._unharmed_then(m, b))
                    crowded = s < n - 1 and self._crowded(m, b)
                    standing.append(None if harmed or crowded else self.recurrent_more)
                self.stand(done)
                if None in standing:
                    continue
                self._needs = {}
                paid, before, self.idle_hires = self._staffed(plans)
                in_all = alone = sum(self.doctors.values())
                if self.rules.doctors is not None:
                    in_all, alone = self.staff(merged, built, before=before), self.staff(merged, built)
                kept = in_all is not None and (not self.idle_hires or self.balanced(merged, built))
                self.idle_hires = {}
                if not kept:
                    continue
                yearly = [sum(self.running[i] for i in [*(i for i in self.decided if i not in m), *b]) + price * d + r
                          for (m, b), d, r in zip(plans, [*paid, in_all], standing, strict=True)]
                if not self._recurrent_ok(yearly):
                    continue
                values = list(base[0])
                for k, (name, late) in enumerate(self.objectives):
                    if name == "cost":
                        values[k] += price * (in_all - alone)
                    if name == "delay":
                        values[k] = sum(n - 1 - s if late else s for s in years)
                spent = [0] * n
                for i, s in when.items():
                    spent[s] += int(costs.merge_works.value) if i in merged else int(costs.build_clinic.value)
                yield tuple(values), tuple(spent)

    def _unharmed_then(self, merged, built) -> bool:
        self._unharmed = {}
        return self.unharmed(merged, built)

    def _crowded(self, merged, built) -> bool:
        """Is there a host without room for its doctors yet?"""
        if self.rules.doctors is None or not self.holds("stage_ready") or not self.holds("doctor_rooms"):
            return False
        return self.need(merged, built, final=False) is None

    def _staffed(self, plans):
        """(paid by stage but the last, hires that they ask for, pool → hires not needed in the end)."""
        rooms, self.rooms = self.rooms, lambda i: 10**9  # rooms are looked at where they matter
        try:
            paid, before = self._staff_by_year(plans)
            idle = {}
            if self.rules.doctors is not None and self.holds("doctor_balance"):
                last = len(plans) - 1
                needs = [self.need_by_pool(*plan, final=s == last) for s, plan in enumerate(plans)]
                for t in self.pools():
                    least = [max(0, need[t] - self.pool_then(s, t)) for s, need in enumerate(needs)]
                    most = max(least) if self.holds("stage_doctors") else least[last]
                    if most > least[last]:
                        idle[t] = most - least[last]
            return paid, before, idle
        finally:
            self.rooms = rooms

    def _centres_in_years(self, done, by_stage):
        """Yield (values, capital by stage) of every choice of sub-centres with every choice of years."""
        n, price = len(self.stages), int(self.config.costs.upgrade_sub_centre.value)
        self.stand(done)
        for values, _, chosen, _ in list(self.centre_choices()):
            for years in itertools.product(range(n), repeat=len(chosen)):
                if self.holds("stage_ready") and not all(
                        self._ready(by_stage[s], h) for h, s in zip(chosen, years, strict=True)):
                    continue
                mine = list(values)
                for k, (name, late) in enumerate(self.objectives):
                    if name == "delay":
                        mine[k] = sum(n - 1 - s if late else s for s in years)
                yield tuple(mine), tuple(price * years.count(s) for s in range(n))
        self.stand(done)

    def _ready(self, done, place) -> bool:
        """Stands the hospital there by then, and is it eligible?"""
        self.stand(done)
        return place in self.centres and (not self.holds("sub_centre_eligible") or self.eligible(place))

    def _affordable_years(self, spent) -> bool:
        if not self.holds("stage_capital"):
            return True
        left = 0
        for k, (stage, cost) in enumerate(zip(self.stages, spent, strict=True)):
            if stage.capital_cny is None:
                left = 0
                continue
            carried = stage.carry_over and k and self.stages[k - 1].capital_cny is not None
            left = (left if carried else 0) + int(stage.capital_cny) - cost
            if left < 0:
                return False
        return True

    def _payable(self, done, when, other) -> bool:
        """Does money flow from sources over years to every bill?"""
        sources = self.rules.funding
        if not sources:
            return True
        plenty = 10**12
        every = tuple(s.id for s in sources)
        bills = [(s, half_up(Fraction(str(w.capital.value))), w.sources or every)
                 for w, s in zip(done, when, strict=True)] + [(s, c, every) for s, c in enumerate(other)]

        def flows(usable, yearly: bool, totals: bool) -> bool:
            graph = nx.DiGraph()
            graph.add_node("money")
            graph.add_node("paid")
            for a in usable:
                total = plenty if not totals or a.amount_cny is None else int(a.amount_cny)
                graph.add_edge("money", a.id, capacity=total)
                before = None
                for s, stage in enumerate(self.stages):
                    given = {m.source: int(m.amount_cny) for m in stage.funding} if yearly else {}
                    graph.add_edge(a.id, (a.id, s), capacity=given.get(a.id, plenty))
                    if yearly and s and stage.carry_over and a.id in given and before is not None:
                        graph.add_edge((a.id, s - 1), (a.id, s), capacity=plenty)
                    before = given.get(a.id)
            for k, (s, cost, payers) in enumerate(bills):
                graph.add_edge(k, "paid", capacity=cost)
                for a in usable:
                    if a.id in payers:
                        graph.add_edge((a.id, s), k, capacity=plenty)
            return nx.maximum_flow_value(graph, "money", "paid") == sum(cost for _, cost, _ in bills)

        free = [a for a in sources if not (a.debt and self.rules.no_debt and self.holds("no_debt"))]
        asked = any(stage.funding for stage in self.stages)
        return flows(free, asked and self.holds("stage_funding"), self.holds("funding_amount"))
