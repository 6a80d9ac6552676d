"""Tiny random counties in stages, and the best plan of each by enumerating every change with every year."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

from model_tiny import Oracle
from model_tiny_locks import laid_on, locks_of
from model_tiny_staffing import staffings
from tiny_counties import FAR, tiny_county

from facilityplan.domain.staff import retirements

RULES = ("stage_closures", "stage_capital", "stage_recurrent", "stage_doctors", "stage_no_harm")


def staged_county(seed: int):
    """A tiny county of that seed in two or three stages, at times with locks and caps on closures as well."""
    config, inputs, access = tiny_county(seed)
    rng = random.Random(20_000 + seed)
    few = (inputs.facilities["kind"].isin(["village_clinic", "station"])).sum() <= 4
    n = rng.choice([1, 2, 3, 3]) if few else 2
    total = config.rules.doctors.retire_share if config.rules.doctors else 0.0
    shares = [None] * n
    if rng.random() < 0.4 and n > 1:
        at = rng.randrange(n)
        shares = [total if k == at else 0.0 for k in range(n)]
    stages = []
    for k in range(n):
        stage = {"year": 2025 + k, "retire_share": shares[k],
                 "capital_cny": rng.choice([None, None, 0, 20_000, 45_000.5, 300_000, 5_000_000, 10_300_000]),
                 "max_closures": rng.choice([None, None, None, 0, 1, 2]),
                 "max_closures_per_township": rng.choice([None, None, None, 0, 1])}
        if rng.random() < 0.3:
            stage["recurrent_share_of_today"] = rng.choice([0.8, 0.95, 1.0, 1.1, 1.5, 2.2])
        if k and stages[-1]["capital_cny"] is not None and stage["capital_cny"] is not None:
            stage["carry_over"] = rng.random() < 0.5
        stages.append(stage)
    more = locks_of(seed, config, inputs) if rng.random() < 0.3 else {"without": list(config.rules.without)}
    more["without"] = sorted({*more["without"], *(r for r in RULES if rng.random() < 0.06)})
    config = laid_on(config, {**more, "stages": stages})
    raw = config.model_dump(mode="json")
    objectives = raw["objectives"]
    if rng.random() < 0.7:
        objectives.insert(rng.randint(0, len(objectives)), {"minimise": "delay", "late": rng.random() < 0.4})
    return type(config).model_validate({**raw, "objectives": objectives}), inputs, access


class StagedOracle(Oracle):
    """Every plan with every year for each of its changes."""

    def __init__(self, config, inputs, access) -> None:
        super().__init__(config, inputs, access)
        self.stages = config.rules.stages
        n = len(self.stages)
        total = self.rules.doctors.retire_share if self.rules.doctors else 0.0
        shares = [s.retire_share for s in self.stages]
        so_far = [sum((Fraction(str(s)) for s in shares[: k + 1]), Fraction(0)) if None not in shares
                  else Fraction(str(total)) * (k + 1) / n for k in range(n)]
        self.gone = [retirements(inputs.facilities, float(s)).to_dict() for s in so_far]
        self._needs: dict = {}
        self._unharmed: dict = {}
        self.objectives = [(o.minimise, o.late) for o in config.objectives]
        self.places = sorted({r["township"] for r in self.sites.values()})

    def pools(self):
        """The pools whose staff balances are looked at year by year."""
        return sorted({self.pool(t) for t in self.places})

    def need_by_pool(self, merged, built, *, final):
        key = (tuple(sorted(merged.items())), tuple(built), final)
        if key not in self._needs:
            need = self.need(merged, built, final=final)
            self._needs[key] = None if need is None else {
                p: sum(n for i, n in need.items() if self.pool(self.sites[i]["township"]) == p) for p in self.pools()}
        return self._needs[key]

    def unharmed(self, merged, built) -> bool:
        is_open = frozenset([i for i in self.decided if i not in merged] + list(built) + self.permanent)
        if is_open not in self._unharmed:
            self._unharmed[is_open] = all(
                min((self.times[s].get((cell, i), FAR) for i in is_open
                     if self.sites[i]["kind"] in {str(k) for k in self.config.standard(s).kinds}), default=FAR) <= limit
                for (s, cell), limit in self.limits.items())
        return self._unharmed[is_open]

    def pool_then(self, s: int, p: str) -> int:
        mine = {i: d for i, d in self.doctors.items() if self.pool(self.sites[i]["township"]) == p}
        return sum(d - self.gone[s].get(i, 0) for i, d in mine.items())

    def in_years(self, merged, built):
        """Yield (objective values, capital by stage) of one plan with every choice of years that the rules allow."""
        if not any(self.weigh_clinics(merged, built, s) for s in staffings(self, merged, built)):
            return
        n, changes = len(self.stages), [*merged, *built]
        costs, price = self.config.costs, int(self.config.costs.doctor.value)
        for years in itertools.product(range(n), repeat=len(changes)):
            when = dict(zip(changes, years, strict=True))
            plans = [({g: h for g, h in merged.items() if when[g] <= s}, [k for k in built if when[k] <= s])
                     for s in range(n)]
            if not self._closures_by_year(merged, when):
                continue
            if self.holds("no_harm") and self.holds("stage_no_harm") and not all(
                    self.unharmed(*plan) for plan in plans[:-1]):
                continue
            paid, before = self._staff_by_year(plans)
            running = [sum(self.running[i] for i in [*(i for i in self.decided if i not in m), *b]) for m, b in plans]
            spent = [0] * n
            for i, s in when.items():
                spent[s] += int(costs.merge_works.value) if i in merged else int(costs.build_clinic.value)
            for staffing in staffings(self, merged, built, before=before):
                weighed = self.weigh_clinics(merged, built, staffing)
                last = sum(self.doctors.values()) if staffing is None else staffing[0]
                yearly = [r + price * d for r, d in zip(running, [*paid, last], strict=True)]
                if weighed is None or not self._recurrent_ok(yearly):
                    continue
                mine = list(weighed[0])
                for k, (name, late) in enumerate(self.objectives):
                    if name == "delay":
                        mine[k] = sum(n - 1 - s if late else s for s in years)
                yield tuple(mine), tuple(spent)

    def _closures_by_year(self, merged, when) -> bool:
        if not self.holds("stage_closures"):
            return True
        for s, stage in enumerate(self.stages):
            now = [g for g in merged if when[g] == s]
            if stage.max_closures is not None and len(now) > stage.max_closures:
                return False
            most = stage.max_closures_per_township
            if most is not None and any(sum(self.sites[g]["township"] == t for g in now) > most for t in self.places):
                return False
        return True

    def _staff_by_year(self, plans):
        """(doctors paid by year but the last, hires by pool that they ask for)."""
        if self.rules.doctors is None:
            return [sum(self.doctors.values())] * (len(plans) - 1), {}
        needs = [self.need_by_pool(*plan, final=False) for plan in plans[:-1]]
        if not self.holds("doctor_balance"):
            return [sum(n.values()) for n in needs], {}
        hired, paid = dict.fromkeys(self.pools(), 0), []
        for s, need in enumerate(needs):
            if self.holds("stage_doctors"):
                hired = {p: max(hired[p], need[p] - self.pool_then(s, p)) for p in hired}
            paid.append(sum(self.doctors.values()) - sum(self.gone[s].values()) + sum(hired.values()))
        return paid, hired

    def _recurrent_ok(self, yearly) -> bool:
        budget = self.rules.budget
        if self.holds("recurrent_budget"):
            share, yuan = budget.recurrent_share_of_today, budget.recurrent_cny
            if share is not None and yearly[-1] > Fraction(str(share)) * self.today_cost:
                return False
            if yuan is not None and yearly[-1] > yuan:
                return False
        for cost, stage in zip(yearly, self.stages, strict=True) if self.holds("stage_recurrent") else ():
            share, yuan = stage.recurrent_share_of_today, stage.recurrent_cny
            if share is not None and cost > Fraction(str(share)) * self.today_cost:
                return False
            if yuan is not None and cost > yuan:
                return False
        return True

    def centres_in_years(self):
        """Yield (values, capital by stage) of every choice of sub-centres with every choice of years."""
        n, price = len(self.stages), int(self.config.costs.upgrade_sub_centre.value)
        for values, capital in set(self.sub_centre_plans()):
            count = capital // price
            for years in itertools.combinations_with_replacement(range(n), count):
                mine = list(values)
                for k, (name, late) in enumerate(self.objectives):
                    if name == "delay":
                        mine[k] = sum(n - 1 - s if late else s for s in years)
                yield tuple(mine), tuple(price * years.count(s) for s in range(n))

    def best(self):
        if not self.stages:
            return super().best()
        clinics = {w for plan in self.clinic_plans() for w in self.in_years(*plan)}
        centres = set(self.centres_in_years())
        best = None
        for x, cx in sorted(clinics):
            for y, cy in centres:
                total = tuple(a + b for a, b in zip(x, y, strict=True))
                if (best is None or total < best) and self._affordable([a + b for a, b in zip(cx, cy, strict=True)]):
                    best = total
        return best

    def _affordable(self, spent) -> bool:
        limit = self.rules.budget.capital_cny
        if self.holds("capital_budget") and limit is not None and sum(spent) > limit:
            return False
        if not self.holds("stage_capital"):
            return True
        left = 0
        for stage, cost in zip(self.stages, spent, strict=True):
            if stage.capital_cny is None:
                left = 0
                continue
            left = (left if stage.carry_over else 0) + int(stage.capital_cny) - cost
            if left < 0:
                return False
        return True
