"""Tiny counties with service centres, attribute floors and the finer rules of sub-centres, and their best plan by
enumeration: the design's words read once more, with nothing of facilityplan.model."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from fractions import Fraction

import model_fairness as fairness
import networkx as nx
import pandas as pd
from model_tiny import Oracle
from tiny_counties import FAR, sparse, table_of, tiny_county

from facilityplan.config.schema import Config

RULES = ("attribute_people", "attribute_sites", "centre_count", "centre_eligible", "centre_forbidden", "centre_load",
         "centre_required", "centre_share", "centres_per_host", "sub_centre_contiguous", "sub_centre_min_people",
         "sub_centre_spread")


def county_with_centres(seed: int):
    """A tiny county of that seed with the blocks of this module on or off at random."""
    return add_centres(random.Random(20_000 + seed), *tiny_county(seed))


def add_centres(rng: random.Random, config: Config, inputs, access):
    """The county with the blocks of this module on or off at random; hospitals may stand where works lead to, too."""
    facilities = inputs.facilities.copy()
    for column in ("tcm", "smart"):
        values = [rng.choice([True, True, False, None]) for _ in range(len(facilities))]
        facilities[column] = pd.array(values, "boolean")
    inputs = dataclasses.replace(inputs, facilities=facilities)
    config = _config(rng, config, facilities)
    sites, villages = facilities["id"].tolist(), inputs.villages["id"].tolist()
    hospitals = facilities.loc[facilities["kind"] == "township_hospital", "id"].tolist()
    cells = inputs.cells["cell"].tolist()

    def times(origins, ends, most, chance=0.05):
        return [[FAR if rng.random() < chance else rng.randint(1, most * 600) for _ in ends] for _ in origins]

    between = [[0 if a == b else t for b, t in zip(hospitals, row, strict=True)]
               for a, row in zip(hospitals, times(hospitals, hospitals, 60), strict=True)]
    return config, inputs, dataclasses.replace(
        access,
        to_hospitals={"drive": sparse("drive", villages, hospitals, times(villages, hospitals, 60))},
        between_sub_centres=sparse("drive", hospitals, hospitals, between),
        to_attributes={floor.id: sparse("ebike", cells, sites, times(cells, sites, 40, 0.3))
                       for floor in config.rules.attributes if floor.count == "people"})


def _config(rng: random.Random, config: Config, facilities: pd.DataFrame) -> Config:
    def maybe(chance):
        return rng.random() < chance

    hospital = facilities["kind"] == "township_hospital"
    hospitals = facilities.loc[hospital, "id"].tolist()
    standing = set(facilities.loc[hospital & (facilities["status"] == "existing"), "id"])  # the checks refuse others
    raw = config.model_dump(mode="json")
    rules = raw["rules"]
    if maybe(0.7):  # the base's own rules leave many a county without a plan
        rules |= {"circle_share": [], "max_blank_villages": None,
                  "budget": {"capital_cny": rng.choice([None, None, 60_000, 5_080_000])}}
        if rules["doctors"] is not None:
            rules["doctors"] |= {"max_hires": 8, "max_per_site": 5}
    services = []
    for name in ("甲", "乙")[: rng.choice([0, 1, 1, 2])]:
        least = rng.choice([1, 1, 1, 2])
        limit = rng.choice([None, 10, 30, 45])
        services.append({
            "id": name, "name": name, "name_en": "x", "kinds": ["township_hospital"], "min_count": least,
            "max_count": rng.randint(least, 3), "min_beds": rng.choice([None, None, None, 50]),
            "min_level": rng.choice([None, None, None, 2]),
            "required": [h for h in hospitals if maybe(0.06) and h in standing],
            "forbidden": [h for h in hospitals if maybe(0.1) and h in standing], "limit_min": limit,
            "min_share": None if limit is None else rng.choice([None, 0.2, 0.4, 0.8]),
            "max_people": rng.choice([None, None, 2_500, 3_500])})
    floors = []
    for k in range(rng.choice([0, 1, 1, 2])):
        people, column = maybe(0.5), rng.choice(["tcm", "smart", "level", "floor_area_m2"])
        yes_no = column in ("tcm", "smart")
        floor = {"id": f"a{k}", "name": "x", "name_en": "x", "column": column,
                 "kinds": rng.choice([["village_clinic", "station"], ["village_clinic", "township_hospital"]]),
                 "count": "people" if people else "sites"}
        if yes_no:
            floor["value"] = maybe(0.85)
            if floor["value"] and maybe(0.4):
                floor["equip_cny"] = rng.choice([0, 5_000, 40_000.5])
        else:
            floor["at_least"] = 2 if column == "level" else 80
        if maybe(0.5):
            floor["min_share"] = rng.choice([0.1, 0.2, 0.33, 0.5, 0.8])
        if "min_share" not in floor or maybe(0.2):
            floor["min_count"] = rng.choice([50, 200, 900]) if people else rng.choice([0, 1, 1, 2, 3])
        if people:
            floor |= {"mode": "ebike", "limit_min": rng.choice([5, 15, 30])}
        floors.append(floor)
    if rules["sub_centres"]["max_count"]:
        rules["sub_centres"] |= {"min_people": rng.choice([None, None, 500, 1_500]),
                                 "min_minutes_apart": rng.choice([None, None, 15, 40]), "contiguous": maybe(0.5)}
    objectives = raw["objectives"]
    for name in ("centre_minutes", "sub_centre_worst"):
        if maybe(0.5):
            objectives.insert(rng.randint(0, len(objectives)), {"minimise": name})
    rules |= {"centres": services, "centres_per_host": rng.choice([None, None, 1, 2]), "attributes": floors,
              "without": [*rules["without"], *(r for r in RULES if maybe(0.04))]}
    return Config.model_validate({**raw, "rules": rules, "objectives": objectives})


class Equipped(dict):
    """What a plan of clinics says of each, and what sites are given: attribute floor → sites."""

    def __init__(self, chosen, given) -> None:
        super().__init__(chosen)
        self.given = given


class CentreOracle(Oracle):
    """An oracle with the blocks of this module; goes before another block's to have both."""

    def __init__(self, config, inputs, access) -> None:
        super().__init__(config, inputs, access)
        ways, between = access.to_hospitals.get("drive"), access.between_sub_centres
        self.to_hosts = {k: -(-t // 600) for k, t in table_of(ways).items()} if ways else {}
        self.apart = {k: -(-t // 600) for k, t in table_of(between).items()} if between else {}
        self.near = {floor: table_of(times) for floor, times in access.to_attributes.items()}
        self.with_villages = sorted({v["township"] for v in self.villages.values()})
        self.weighed = None, None
        self.land = nx.Graph()
        self.land.add_nodes_from(self.with_villages)
        self.land.add_edges_from((self.villages[a]["township"], self.villages[b]["township"])
                                 for a, b in access.adjacency)

    def _values(self, **known):
        return tuple(fairness.staged(self, o, lambda one: known.get(one.minimise, 0)) for o in self.config.objectives)

    # -- attributes: with every clinic plan, every way of equipping sites

    def clinic_plans(self):
        for chosen, built in super().clinic_plans():
            is_open = self.open_with(chosen, built)
            for given in self.equipments(is_open):
                if self.attributes_met(is_open, given):
                    yield Equipped(chosen, given), built

    def open_with(self, chosen, built):
        """Sites open full-time: clinics that stay, with a doctor of their own or a posted one, and what is built."""
        ways = {i: chosen.get(i) for i in self.decided}
        stays = [i for i, w in ways.items() if w is None or (isinstance(w, tuple) and w[0] in ("keep", "posted"))]
        return {*stays, *built, *self.permanent}

    def weigh_clinics(self, chosen, built, *staffing):
        key = sorted(map(str, chosen.items())), built, staffing, vars(self).get("grouping"), vars(self).get("done")
        if key != self.weighed[0]:  # one plan of clinics after another, each with many ways of equipping
            self.weighed = key, super().weigh_clinics(chosen, built, *staffing)
        weighed, given = self.weighed[1], getattr(chosen, "given", {})
        if weighed is None or not given:
            return weighed
        values, capital = weighed
        more = self._values(changes=sum(map(len, given.values())))
        prices = {f.id: math.floor(Fraction(str(f.equip_cny or 0)) + Fraction(1, 2)) for f in self.rules.attributes}
        spent = sum(prices[floor] * len(sites) for floor, sites in given.items())
        return tuple(a + b for a, b in zip(values, more, strict=True)), capital + spent

    def has(self, floor, i) -> bool:
        value = self.sites[i][floor.column]
        if pd.isna(value):
            return False
        return value >= floor.at_least if floor.at_least is not None else value == floor.value

    def in_force(self, floor) -> bool:
        return self.holds("attribute_people" if floor.count == "people" else "attribute_sites")

    def equipments(self, is_open):
        options = []
        for floor in self.rules.attributes:
            may = [] if floor.equip_cny is None or not self.in_force(floor) else [
                i for i in sorted(is_open) if self.sites[i]["kind"] in {str(k) for k in floor.kinds}
                and self.sites[i]["ownership"] == "public" and not self.has(floor, i)]
            options.append([(floor.id, c) for n in range(len(may) + 1) for c in itertools.combinations(may, n)])
        for chosen in itertools.product(*options):
            yield dict(chosen)

    def attributes_met(self, is_open, equipped) -> bool:
        for floor in self.rules.attributes:
            if not self.in_force(floor):
                continue
            kinds = {str(k) for k in floor.kinds}
            there = [i for i in is_open if self.sites[i]["kind"] in kinds]
            having = {i for i in there if self.has(floor, i)} | set(equipped.get(floor.id, ()))
            figure, whole = len(having), len(there)
            if floor.count == "people":
                near = [c for c in self.cells if any(self.near[floor.id].get((c["cell"], i), FAR)
                                                     <= 600 * floor.limit_min for i in having)]
                figure = Fraction(sum(round(c["people"] * 10) for c in near), 10)
                whole = Fraction(sum(round(c["people"] * 10) for c in self.cells), 10)
            if floor.min_count is not None and figure < floor.min_count:
                return False
            if floor.min_share is not None and figure < Fraction(str(floor.min_share)) * whole:
                return False
        return True

    # -- sub-centres, and with each choice of them the best services: they share no rule, so the least sum is the sum
    # of the least, unless a stage may be given away for a later one

    def services(self):
        found = set(self.service_plans())
        return found if any(o.tolerance for o in self.config.objectives) or not found else {min(found)}

    def centre_choices(self):
        found = self.services()
        if not found:
            return
        minutes = {k: -(-t // 600) for k, t in table_of(self.access.to_sub_centres).items()}
        for values, capital, chosen, catchment in super().centre_choices():
            if catchment and not self.finer_rules_met(chosen, catchment):
                continue
            worst = max((minutes.get((v, catchment[row["township"]]), 0) for v, row in self.villages.items()),
                        default=0) if catchment else 0
            more = self._values(sub_centre_worst=worst)
            for services in found:
                yield (tuple(a + b + c for a, b, c in zip(values, more, services, strict=True)), capital, chosen,
                       catchment)

    def finer_rules_met(self, chosen, catchment) -> bool:
        rule = self.rules.sub_centres
        if rule.min_people is not None and self.holds("sub_centre_min_people"):
            load = {h: sum(self.tenths[v] for v, row in self.villages.items() if catchment[row["township"]] == h)
                    for h in chosen}
            if any(p < 10 * rule.min_people for p in load.values()):
                return False
        if rule.min_minutes_apart is not None and self.holds("sub_centre_spread") and any(
                min(self.apart.get((a, b), FAR), self.apart.get((b, a), FAR)) < rule.min_minutes_apart
                for a, b in itertools.combinations(chosen, 2)):
            return False
        return not (rule.contiguous and self.holds("sub_centre_contiguous")) or self.hangs_together(catchment, chosen)

    def hangs_together(self, catchment, chosen) -> bool:
        parts = {t: frozenset(p) for p in nx.connected_components(self.land) for t in p}
        seat = {h: next((t for t in (self.sites[h]["township"], self.villages[self.sites[h]["village"]]["township"])
                         if t in parts), None) for h in chosen}
        for h in chosen:
            own = [t for t in self.with_villages if catchment[t] == h]
            home = parts.get(seat[h], frozenset())
            inside = [t for t in own if t in home]
            if inside and (seat[h] not in inside or not nx.is_connected(self.land.subgraph(inside))):
                return False
            for t in own:
                if t not in home and any(seat[k] in parts[t] for k in chosen):
                    return False
        return True

    # -- services

    def service_plans(self):
        """Yield the values of every way to host all services."""
        parts = [list(self.service_choices(s)) for s in self.rules.centres]
        for picks in itertools.product(*parts):
            most = self.rules.centres_per_host
            if most is not None and self.holds("centres_per_host") and any(
                    sum(h in chosen for chosen, _ in picks) > most for h in self.service_places()):
                continue
            yield self._values(centre_minutes=sum(m for _, m in picks), changes=sum(len(c) for c, _ in picks))

    def service_places(self):
        """Where a service may be hosted now."""
        return self.hospitals

    def fits(self, rule, place) -> bool:
        least = (("beds", rule.min_beds), ("doctors", rule.min_doctors), ("level", rule.min_level))
        return all(n is None or (not pd.isna(self.sites[place][c]) and self.sites[place][c] >= n) for c, n in least)

    def names(self, chosen):
        """The hospitals that stand at these places."""
        return set(chosen)

    def service_choices(self, rule):
        for chosen in subsets(self.service_places()):
            if self.holds("centre_count") and not rule.min_count <= len(chosen) <= rule.max_count:
                continue
            if self.holds("centre_required") and not set(rule.required) <= self.names(chosen):
                continue
            if self.holds("centre_forbidden") and set(rule.forbidden) & self.names(chosen):
                continue
            if self.holds("centre_eligible") and not all(self.fits(rule, h) for h in chosen):
                continue
            if rule.min_share is not None and self.holds("centre_share"):
                near = sum(self.tenths[v] for v in self.villages
                           if any(self.to_hosts.get((v, h), FAR) <= rule.limit_min for h in chosen))
                if near < Fraction(str(rule.min_share)) * sum(self.tenths.values()):
                    continue
            for assigned in itertools.product(chosen, repeat=len(self.with_villages)):
                found = self.service_figures(dict(zip(self.with_villages, assigned, strict=True)), chosen)
                if found is None or (rule.max_people is not None and self.holds("centre_load")
                                     and any(p > 10 * rule.max_people for p in found[1].values())):
                    continue
                yield chosen, found[0]

    def service_figures(self, uses, hosts):
        """(people-minutes, people by host), None where a village cannot reach its host but another hospital."""
        total, load = 0, dict.fromkeys(hosts, 0)
        for v, row in self.villages.items():
            host = uses[row["township"]]
            load[host] += self.tenths[v]
            if not any((v, h) in self.to_hosts for h in self.reachable):
                continue
            if (v, host) not in self.to_hosts:
                return None
            total += self.tenths[v] * self.to_hosts[v, host]
        return total, load


class CentresAfterWorks(CentreOracle):
    """Services are hosted where hospitals stand, with their works counted; what they offer goes along with them."""

    def service_places(self):
        return self.centres

    def names(self, chosen):
        return {*chosen, *map(self.institution, chosen)}

    def fits(self, rule, place) -> bool:
        least = (("beds", rule.min_beds), ("doctors", rule.min_doctors), ("level", rule.min_level))
        figures = [(self.after(self.institution(place), c), n) for c, n in least]
        return all(n is None or (figure is not None and figure >= n) for figure, n in figures)

    def has(self, floor, i) -> bool:
        if floor.column == "level":
            return (self.after(self.institution(i), "level") or 0) >= floor.at_least
        if floor.column in ("tcm", "smart") and pd.isna(self.sites[i][floor.column]):
            return super().has(floor, self.institution(i))
        return super().has(floor, i)


def subsets(items):
    return itertools.chain.from_iterable(itertools.combinations(items, n) for n in range(len(items) + 1))
