"""Random tiny counties whose townships are grouped into consortia, and their best plan by enumeration.

Every grouping of at most four townships under at most three leads is weighed together with every plan of clinics and
sub-centres. Like the oracle it extends, it reads the rules from the design's words and uses nothing of
facilityplan.model.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from fractions import Fraction

import networkx as nx
from model_tiny import Oracle
from tiny_counties import FAR, sparse, table_of, tiny_county

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.rules import DROPPABLE
from facilityplan.inputs.tables import Inputs

RULES = sorted(r for r in DROPPABLE if r.startswith("consortium_"))


def tiny_county_of_consortia(seed: int) -> tuple[Config, Inputs, Access]:
    """A tiny county with the block of consortia switched on and everything in it on or off at random."""
    return with_consortia(random.Random(f"consortia {seed}"), *tiny_county(seed))


def with_consortia(rng: random.Random, config: Config, inputs: Inputs, access: Access) -> tuple[Config, Inputs, Access]:
    """The county with the block switched on."""

    def maybe(chance: float) -> bool:
        return rng.random() < chance

    inputs = _other_townships(rng, inputs) if maybe(0.8) else inputs
    standing = (inputs.facilities["kind"] == "township_hospital") & (inputs.facilities["status"] == "existing")
    hospitals = inputs.facilities.loc[standing, "id"].tolist()
    townships = sorted(set(inputs.villages["township"]) | set(inputs.facilities["township"]))
    leads = rng.sample(hospitals, rng.randint(1, len(hospitals)))
    least = rng.choice([1, 1, 1, 2])
    rules = {
        "leads": leads,
        "fixed_leads": [i for i in leads if maybe(0.1)],
        "min_count": min(least, len(leads)),
        "max_count": rng.choice([None, None, max(least, 2), least]),
        "balance_share": rng.choice([None, None, None, 0.2, 0.4, 0.7, 0.9]),
        "min_townships": rng.choice([1, 1, 1, 1, 2]),
        "contiguous": maybe(0.6),
        "assigned": {t: rng.choice(leads) for t in townships if maybe(0.07)},
        "min_sub_centres": rng.choice([0, 0, 1, 1, 1, 2]),
        "catchments_inside": maybe(0.3),
        "merge_inside": maybe(0.7),
        "pool_staff": maybe(0.5),
        "max_minutes": rng.choice([None, None, None, 40, 60]),
        "mode": "drive",
    }
    objectives = [o.model_dump() for o in config.objectives]
    if maybe(0.8):
        objectives.insert(rng.randint(0, len(objectives)), {"minimise": "consortium_minutes", "standard": None})
    changed = config.model_dump(mode="json")
    changed["objectives"] = objectives
    changed["rules"]["consortia"] = rules
    # what is hard on tiny counties and has tests of its own would leave few plans to compare
    changed["rules"]["without"] = sorted({*changed["rules"]["without"], *(r for r in RULES if maybe(0.08))})
    if maybe(0.5):
        changed["rules"]["hosts"] |= {"same_township": False, "adjacent": False, "host_at_least_guest": False}
        changed["rules"]["no_harm"]["form"] = "off"
    if maybe(0.6):
        changed["rules"] |= {"circle_share": [], "max_blank_villages": None}
        changed["rules"]["budget"] = {"capital_cny": changed["rules"]["budget"]["capital_cny"]}
    villages = inputs.villages["id"].tolist()
    ways = [[rng.choice([rng.randint(1, 70 * 600)] * 20 + [FAR]) for _ in leads] for _ in villages]
    pairs = list(itertools.combinations(sorted(villages), 2))
    nearby = frozenset(p for p in pairs if maybe(0.35)) if maybe(0.7) else access.adjacency
    access = dataclasses.replace(access, to_leads=sparse("drive", villages, leads, ways), adjacency=nearby)
    return Config.model_validate(changed), inputs, access


def _other_townships(rng: random.Random, inputs: Inputs) -> Inputs:
    names = [f"乡{k}" for k in range(rng.randint(2, 4))]
    villages, facilities = inputs.villages.copy(), inputs.facilities.copy()
    villages["township"] = [rng.choice(names) for _ in range(len(villages))]
    of = dict(zip(villages["id"], villages["township"], strict=True))
    facilities["township"] = [of[v] for v in facilities["village"]]
    return dataclasses.replace(inputs, villages=villages, facilities=facilities)


class ConsortiaOracle(Oracle):
    """Every plan of a county, its grouping included."""

    def __init__(self, config: Config, inputs: Inputs, access: Access) -> None:
        super().__init__(config, inputs, access)
        self.consortia = config.rules.consortia
        self.grouping: dict[str, str] = {}
        if self.consortia is None:
            return
        self.without.add("same_consortium")  # today's consortia are not asked where new ones are formed
        self.to_lead = {k: -(-t // 600) for k, t in table_of(access.to_leads).items()}
        self.town_of = {v: row["township"] for v, row in self.villages.items()}
        self.towns = sorted({*self.town_of.values(), *(s["township"] for s in self.sites.values())})
        self.home = {i: self.sites[i]["township"] for i in self.consortia.leads}
        self.graph = nx.Graph()
        self.graph.add_nodes_from(self.towns)
        self.graph.add_edges_from((self.town_of[a], self.town_of[b]) for a, b in access.adjacency
                                  if self.town_of[a] != self.town_of[b])

    def pool(self, township: str) -> str:
        if self.consortia is None or not self.consortia.pool_staff:
            return township
        return f"led by {self.grouping[township]}" if self.holds("consortium_staff") else "everybody"

    def groupings(self):
        """Yield every grouping that the rules on consortia alone allow, with its person-minutes in tenths."""
        for chosen in itertools.product(self.consortia.leads, repeat=len(self.towns)):
            grouping = dict(zip(self.towns, chosen, strict=True))
            if any(grouping[self.home[i]] != i for i in set(chosen)):
                continue
            minutes = self._minutes(grouping)
            if minutes is not None and self._allowed(grouping):
                yield grouping, minutes

    def _minutes(self, grouping):
        total = 0
        for v, town in self.town_of.items():
            if not any((v, i) in self.to_lead for i in self.consortia.leads):
                continue
            if (v, grouping[town]) not in self.to_lead:
                return None
            total += self.tenths[v] * self.to_lead[v, grouping[town]]
        return total

    def _allowed(self, grouping) -> bool:
        rules, used = self.consortia, set(grouping.values())
        members = {i: {t for t, lead in grouping.items() if lead == i} for i in used}
        people = {i: sum(self.tenths[v] for v, t in self.town_of.items() if t in members[i]) for i in used}
        most = len(rules.leads) if rules.max_count is None else rules.max_count
        if self.holds("consortium_leads") and not set(rules.fixed_leads) <= used:
            return False
        if self.holds("consortium_count") and not rules.min_count <= len(used) <= most:
            return False
        if self.holds("consortium_balance") and rules.balance_share is not None:
            share, mean = Fraction(str(rules.balance_share)), Fraction(sum(people.values()), len(used))
            if any(not (1 - share) * mean <= p <= (1 + share) * mean for p in people.values()):
                return False
        if self.holds("consortium_townships") and any(len(m) < rules.min_townships for m in members.values()):
            return False
        if self.holds("consortium_assigned") and any(grouping[t] != i for t, i in rules.assigned.items()):
            return False
        if self.holds("consortium_limit") and rules.max_minutes is not None:
            ways = [self.to_lead.get((v, grouping[t]), 0) for v, t in self.town_of.items()]
            if max(ways) > rules.max_minutes:
                return False
        if self.holds("consortium_contiguous") and rules.contiguous:
            for lead, own in members.items():
                joined = nx.node_connected_component(self.graph.subgraph(own), self.home[lead])
                if any(t not in joined and not self._exempt(t) for t in own):
                    return False
        return True

    def _exempt(self, town: str) -> bool:
        part = nx.node_connected_component(self.graph, town)
        return len(part) == 1 or not part & set(self.home.values())

    def _fits(self, grouping, merged) -> bool:
        """May these clinics merge under this grouping?"""
        if not (self.consortia.merge_inside and self.holds("consortium_mergers")):
            return True
        town = {i: s["township"] for i, s in self.sites.items()}
        return all(grouping[town[g]] == grouping[town[h]] for g, h in merged.items())

    def _served(self, grouping, chosen, catchment) -> bool:
        """Do these sub-centres serve these consortia?"""
        rules = self.consortia
        if self.rules.sub_centres.min_count == 0 and self.rules.sub_centres.max_count == 0:
            return True
        of = [grouping[self.sites[h]["township"]] for h in chosen]
        each = rules.min_sub_centres if self.holds("consortium_sub_centres") else 0
        if any(of.count(i) < each for i in set(grouping.values())):
            return False
        if self.holds("consortium_catchments") and rules.catchments_inside:
            return all(grouping[t] == grouping[self.sites[h]["township"]] for t, h in catchment.items())
        return True

    def best(self) -> tuple[int, ...] | None:
        """The lexicographically least objective values, in model units; None where no plan obeys the rules."""
        limit = self.rules.budget.capital_cny if self.holds("capital_budget") else None
        plans, centres = list(self.clinic_plans()), list(self.centre_choices())
        weighed: dict = {}
        best = None
        for grouping, minutes in self.groupings():
            self.grouping = grouping
            key = frozenset(grouping.items()) if self.consortia.pool_staff else None
            if key not in weighed:
                found = [(m, self.weigh_clinics(m, b)) for m, b in plans]
                weighed[key] = [(m, w) for m, w in found if w is not None]
            clinics = {w for m, w in weighed[key] if self._fits(grouping, m)}
            served = {(y, cy) for y, cy, chosen, catchment in centres if self._served(grouping, chosen, catchment)}
            own = tuple(minutes if o.minimise == "consortium_minutes" else 0 for o in self.config.objectives)
            for (x, cx), (y, cy) in itertools.product(clinics, served):
                if limit is None or cx + cy <= limit:
                    value = tuple(a + b + c for a, b, c in zip(x, y, own, strict=True))
                    best = value if best is None or value < best else best
        return best
