"""Tiny counties with every block on or off and years on top, and the best plan of each by enumerating every change with
every year.

The reading of each block in years is the one of its own oracle; what is new here is how they meet in one year's money,
staff and access.
"""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import model_fairness as fairness
from model_tiny import half_up
from staged_works_tiny import StagedWorksOracle
from whole_tiny import WholeOracle

from facilityplan.config.schema import Config
from facilityplan.domain.rules import DROPPABLE

RULES = ("stage_closures", "stage_capital", "stage_recurrent", "stage_doctors", "stage_no_harm", "stage_ready",
         "stage_earliest", "stage_funding")


def in_years(rng: random.Random, config: Config) -> Config:
    """The config with years laid on it; what the config refuses beside years is taken away."""
    raw = config.model_dump(mode="json")
    rules = raw["rules"]
    for floor in rules["attributes"]:
        floor["equip_cny"] = None
    n = rng.choice([2, 2, 2, 3])
    years = [2025 + k for k in range(n)]
    total = rules["doctors"]["retire_share"] if rules["doctors"] else 0.0
    shares = [None] * n
    if rng.random() < 0.3:
        at = rng.randrange(n)
        shares = [total if k == at else 0.0 for k in range(n)]
    sources = [s["id"] for s in rules["funding"]]
    stages: list[dict] = []
    for year, share in zip(years, shares, strict=True):
        stage = {"year": year, "retire_share": share,
                 "capital_cny": rng.choice([None, None, None, 60_000, 350_000, 850_000.5, 5_300_000, 10_400_000]),
                 "max_closures": rng.choice([None, None, 1, 1, 2]),
                 "max_closures_per_township": rng.choice([None, None, None, 1]),
                 "funding": [{"source": s, "amount_cny": rng.choice([60_000, 350_000.5, 900_000, 12_000_000])}
                             for s in sources if rng.random() < 0.3]}
        if rng.random() < 0.2:
            stage["recurrent_share_of_today"] = rng.choice([0.9, 1.0, 1.1, 1.3, 1.6, 2.2])
        if stages and None not in (stages[-1]["capital_cny"], stage["capital_cny"]):
            stage["carry_over"] = rng.random() < 0.5
        stages.append(stage)
    rules["stages"] = stages
    for level in rules["levels"]:
        level["year"] = rng.choice([None, *years])
    for work in rules["works"]:
        work["earliest"] = rng.choice([None, None, 2024, 2026, 2026, 2028])
    if rng.random() < 0.7:  # years bring rules of their own: what other tests ask of is not asked here
        rules |= {"circle_share": [], "max_blank_villages": None, "levels": [], "closures": {},
                  "budget": rng.choice([{}, {"capital_cny": 900_000}])}
        rules["no_harm"]["form"] = rng.choice(["off", "inside_stays_inside"])
        rules["sub_centres"] |= {"required": [], "forbidden": [], "max_people": None, "min_people": None,
                                 "min_minutes_apart": None, "min_count": min(1, rules["sub_centres"]["min_count"])}
        for service in rules["centres"]:
            service |= {"min_count": 1, "required": [], "forbidden": [], "max_people": None, "min_share": None,
                        "min_level": None, "min_beds": None}
        for floor in rules["attributes"]:
            floor |= {"min_share": 0.1, "min_count": None}
        if rules["consortia"]:
            rules["consortia"] |= {"balance_share": None, "min_townships": 1, "assigned": {}, "min_sub_centres": 0}
        if rules["doctors"]:
            rules["doctors"]["max_hires"] = 8
        rules["without"] += [r for r in sorted(DROPPABLE - set(RULES)) if rng.random() < 0.25]
    rules["without"] = sorted({*rules["without"], *(r for r in RULES if rng.random() < 0.04)})
    if rng.random() < 0.7:
        raw["objectives"].insert(rng.randint(0, len(raw["objectives"])),
                                 {"minimise": "delay", "late": rng.random() < 0.4})
    return Config.model_validate(raw)


class WholeInYears(WholeOracle, StagedWorksOracle):
    """Every plan of a county, with a year for each change, work and sub-centre."""

    @property
    def pooled(self) -> bool:
        return self.consortia is not None and self.consortia.pool_staff

    def size(self) -> int:
        n, plans = len(self.stages), 1
        if self.pooled:
            plans = max(1, len(list(self.groupings())))
        clinics, villages = self.options
        for ways in [*clinics, *villages]:
            plans *= 1 + n * (len(ways) - 1)
        return plans * (1 + n) ** (len(self.candidates) + len(self.rules.works))

    def need_by_pool(self, way, built, *, final):
        need = self.need(way, built, final=final)
        return {p: sum(k for i, k in need.items() if self.pool(self.sites[i]["township"]) == p) for p in self.pools()}

    def by_then(self, way, built, when, s):
        """The plan as it stands at the end of a stage: who is not served yet keeps the clinic."""
        usual = {what: ("keep", None) if what in self.decided else (None, None) for what in way}
        return ({what: w if when.get(what, 0) <= s else usual[what] for what, w in way.items()},
                [k for k in built if when[k] <= s])

    def in_years(self, done, by_stage, every):
        """Yield (crossings, values, capital by stage) of every plan of the clinics with every choice of years."""
        n, costs, price = len(self.stages), self.config.costs, int(self.config.costs.doctor.value)
        for way, built in every:
            self.idle_hires = {}
            if not self.weigh(way, built):
                continue
            changes = [what for what, (mode, _) in way.items() if mode not in ("keep", None)] + list(built)
            closing = {i: "x" for i in self.decided if way[i][0] in ("merge", "circuit", "neighbour")}
            for years in itertools.product(range(n), repeat=len(changes)):
                when = dict(zip(changes, years, strict=True))
                if any(h in when and when[h] > when[g] for g, (mode, h) in way.items() if mode == "merge"):
                    continue
                if not self._closures_by_year(closing, when):
                    continue
                plans = [self.by_then(way, built, when, s) for s in range(n)]
                if not all(self.stands(by_stage[s], *plans[s]) for s in range(n - 1)):
                    self.stand(done)
                    continue
                more = []
                for works in by_stage:
                    self.stand(works)
                    more.append(self.recurrent_more)
                self.stand(done)
                paid, before, self.idle_hires = self._staffed(plans)
                teams = [sum(self.teams(w).values()) for w, _ in plans]
                vehicles = [t - u for t, u in zip(teams, [0, *teams], strict=False)]
                spent = [int(costs.circuit_vehicle.value) * v if v else 0 for v in vehicles]
                for what, s in when.items():
                    if what in built:
                        spent[s] += int(costs.build_clinic.value)
                    elif way[what][0] == "merge":
                        spent[s] += int(costs.merge_works.value)
                for values, _, doctors in self.weigh_staffed(way, built, before):
                    yearly = [self.cost_then(*plan, t) + price * d + r
                              for plan, t, d, r in zip(plans, teams, [*paid, doctors], more, strict=True)]
                    if self._recurrent_ok(yearly):
                        yield self.crossings(way), self.waited(values, years), tuple(spent)
                self.idle_hires = {}

    def cost_then(self, way, built, teams) -> int:
        """Clinics, teams and posted staff a year; doctors and works come on top."""
        costs, is_open = self.config.costs, [i for i in self.decided if way[i][0] in ("keep", "posted")]
        posts = sum(way[i][0] == "posted" for i in self.decided)
        cost = sum(self.running[i] for i in [*is_open, *built])
        cost += int(costs.circuit_team.value) * teams if teams else 0
        return cost + (int(costs.posted_doctor.value) * self.modes.posted.staff * posts if posts else 0)

    def stands(self, works, way, built) -> bool:
        """Is nobody harmed at the end of this stage, and has every host its rooms?"""
        self.stand(works)
        closed = {i: "x" for i in self.decided if way[i][0] not in ("keep", "posted")}
        harmed = self.holds("no_harm") and self.holds("stage_no_harm") and not self.unharmed(closed, built)
        return not harmed and not self._crowded(way, built)

    def waited(self, values, years):
        """The values with what these changes wait."""
        n = len(self.stages)

        def delay(one):
            if one.minimise != "delay":
                return 0
            return sum(n - 1 - s if one.late else s for s in years)

        more = [fairness.staged(self, o, delay) for o in self.config.objectives]
        return tuple(a + b for a, b in zip(values, more, strict=True))

    def centres_then(self, done, by_stage):
        """Yield (values, capital by stage, sub-centres, catchment) of every choice of sub-centres and their years."""
        n, price = len(self.stages), int(self.config.costs.upgrade_sub_centre.value)
        self.stand(done)
        for values, _, chosen, catchment in list(self.centre_choices()):
            for years in itertools.product(range(n), repeat=len(chosen)):
                ready = not self.holds("stage_ready") or not self.rules.works or all(
                    self._ready(by_stage[s], h) for h, s in zip(chosen, years, strict=True))
                self.stand(done)
                if ready:
                    yield (self.waited(values, years), tuple(price * years.count(s) for s in range(n)), chosen,
                           catchment)

    def best(self):
        limit = self.rules.budget.capital_cny if self.holds("capital_budget") else None
        groupings = [({}, 0)] if self.consortia is None else list(self.groupings())
        n, plans = len(self.stages), set()
        for done in list(self.choices()) if groupings else ():
            self.stand(done)
            own = sum(half_up(Fraction(str(w.capital.value))) for w in done)
            every = list(self.clinic_plans())
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
                in_years: dict = {}
                centres = None
                paid: dict = {}
                for grouping, minutes in groupings:
                    self.grouping = grouping
                    if (key := frozenset(grouping.items()) if self.pooled else None) not in in_years:
                        in_years[key] = set(self.in_years(done, by_stage, every))
                    if not (clinics := in_years[key]):
                        continue
                    if centres is None:
                        centres = list(self.centres_then(done, by_stage))
                    rest = {"changes": len(done), "consortium_minutes": minutes}
                    mine = {(x, cx) for across, x, cx in clinics if self.inside(grouping, across)}
                    served = {(y, cy) for y, cy, chosen, catchment in centres
                              if self.consortia is None or self._served(grouping, chosen, catchment)}
                    for (x, cx), (y, cy) in itertools.product(mine, served):
                        other = tuple(a + b for a, b in zip(cx, cy, strict=True))
                        if other not in paid:
                            total = [a + b for a, b in zip(other, spent, strict=True)]
                            paid[other] = ((limit is None or sum(total) <= limit) and self._affordable_years(total)
                                           and self._payable(done, when, other))
                        if paid[other]:
                            rest["capital"] = own + sum(other)
                            more = [fairness.staged(self, o, lambda one: rest.get(one.minimise, 0))  # noqa: B023
                                    for o in self.config.objectives]
                            plans.add(self.waited(tuple(map(sum, zip(x, y, more, strict=True))), when))
        return fairness.lexicographic(self, plans)

