"""Tiny counties with circuit, neighbour and posted service and new joint sites, and the best plan by enumeration.

Own reading of the rules, on top of `model_tiny`; nothing of facilityplan.model is used.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from fractions import Fraction
from functools import cached_property

import pandas as pd
from model_tiny import Oracle
from model_tiny_staffing import least_doctors
from tiny_counties import CLINICS, FAR, sparse, table_of, tiny_county

from facilityplan.access.types import Access, VisitTimes
from facilityplan.config.schema import Config
from facilityplan.domain.rules import DROPPABLE
from facilityplan.inputs.tables import Inputs

MOST_PLANS = 1_500  # of one county


def county_with_modes(seed: int) -> tuple[Config, Inputs, Access]:
    """A tiny county in which each mode is offered or not at random."""
    rng = random.Random(f"modes {seed}")
    return with_modes(rng, *tiny_county(rng.randrange(10**9)))


def with_modes(rng: random.Random, config: Config, inputs: Inputs, access: Access) -> tuple[Config, Inputs, Access]:
    """The county with the block switched on."""
    rules = config.rules
    standing = (inputs.facilities["kind"] == "township_hospital") & (inputs.facilities["status"] == "existing")
    hospitals = inputs.facilities.loc[standing, "id"].tolist()
    clinics = inputs.facilities.loc[
        inputs.facilities["kind"].isin(CLINICS)
        & (inputs.facilities["ownership"] == "public")
        & (inputs.facilities["status"] == "existing"),
        "id",
    ].tolist()

    def maybe(chance):
        return rng.random() < chance

    def visits():
        return {
            "min_people": rng.choice([0, 0, 100, 300]),
            "max_people": rng.choice([900, 2000, 5000]),
            "max_minutes": rng.choice([15, 40, 40]),
            "days_per_week": rng.randint(1, 6),
            "visit_minutes_fixed": rng.choice([0, 30, 60]),
            "visit_minutes_per_100": rng.choice([0, 10, 12.5]),
        }

    modes: dict = {"same_township": maybe(0.6)}
    if maybe(0.75):
        modes["circuit"] = visits() | {
            "team_minutes_week": rng.choice([300, 600, 2000]),
            "max_teams_per_base": rng.randint(1, 3),
            "doctors_per_team": rng.randint(1, 2),
            "max_doctor_share": rng.choice([0.1, 0.25, 0.5]),
        }
    if rules.doctors is not None and maybe(0.7):
        modes["neighbour"] = visits() | {"visit_minutes_per_doctor_week": rng.choice([100, 300, 900])}
    if rules.doctors is not None and maybe(0.6):
        modes["posted"] = {
            "min_people": rng.choice([0, 0, 300]),
            "max_people": rng.choice([900, 2000, 5000]),
            "without_doctor": maybe(0.5),
            "max_minutes": rng.choice([10, 40]),
            "staff": rng.randint(1, 2),
            "max_doctor_share": rng.choice([0.2, 0.4]),
            "max_per_hospital": rng.choice([None, 1, 2]),
        }
    objectives = [o.model_dump() for o in config.objectives]
    if modes.keys() & {"circuit", "neighbour"} and maybe(0.6):
        objectives.insert(rng.randint(0, len(objectives)), {"minimise": "periodic"})
    data = config.model_dump(mode="json")
    data["objectives"] = objectives
    data["rules"]["modes"] = modes
    data["rules"]["hosts"] |= {"new_sites": maybe(0.4), "min_guests": rng.randint(1, 2)}
    data["rules"]["without"] = sorted({*rules.without, *(r for r in sorted(DROPPABLE) if maybe(0.03))})
    data["costs"]["circuit_team"]["value"] = rng.choice([20_000, 60_000, 120_000])
    data["costs"]["posted_doctor"]["value"] = rng.choice([50_000, 200_000])
    _give_reasons(rng, data)
    config = Config.model_validate(data)

    sites, villages = inputs.facilities["id"].tolist(), inputs.villages["id"].tolist()

    def times(origins, ends, mode):
        table = [[0 if a == b else rng.choice([rng.randint(1, 30 * 600)] * 5 + [FAR]) for b in ends] for a in origins]
        return sparse(mode, origins, ends, table)

    def both_ways(staff, mode):
        return VisitTimes(times(staff, sites, mode), times(sites, staff, mode), times(staff, villages, mode),
                          times(villages, staff, mode))  # fmt: skip

    access = dataclasses.replace(
        access,
        circuit=both_ways(hospitals, "drive") if config.rules.modes.from_hospitals else None,
        neighbour=both_ways(clinics, "ebike") if config.rules.modes.neighbour is not None else None,
    )
    return config, inputs, access


def _give_reasons(rng: random.Random, data: dict) -> None:
    """Change a config so that keeping everything, or merging it, is not always best."""
    rules = data["rules"]
    if rng.random() < 0.6:
        rules["no_harm"]["form"], rules["circle_share"] = "off", []
    if rng.random() < 0.4:
        rules["max_blank_villages"] = 0
    reason = rng.choice(["money", "contact", "doctors", "nothing"])
    if reason == "money":
        data["objectives"].sort(key=lambda o: o["minimise"] != "cost")
        rules["hosts"]["limit_min"] = 10
    if reason == "contact" and rules["modes"].keys() & {"circuit", "neighbour"}:
        data["objectives"] = [o for o in data["objectives"] if o["minimise"] not in ("cost", "periodic")]
        data["objectives"] = [{"minimise": "cost"}, {"minimise": "periodic"}, *data["objectives"]]
    if reason == "doctors" and rules["doctors"] is not None:
        rules["doctors"] |= {"max_hires": 0, "retire_share": 0.5}
        rules["budget"] = {}


class ModesOracle(Oracle):
    """Every plan of a county with service modes. A way is (mode, who gives it); ("keep", None) is the usual one."""

    def __init__(self, config: Config, inputs: Inputs, access: Access) -> None:
        super().__init__(config, inputs, access)
        self.modes = config.rules.modes
        self.now: dict = {}  # figures of the plan being weighed
        self.periodic = self.modes.circuit is not None or self.modes.neighbour is not None
        standing = {self.sites[i]["village"] for i in self.sites if i not in self.candidates}
        self.blank = [v for v in self.villages if v not in standing] if self.periodic else []
        self.visit = {m: [table_of(t) for t in (x.to_sites, x.from_sites, x.to_villages, x.from_villages)]
                      for m, x in (("circuit", access.circuit), ("neighbour", access.neighbour)) if x}  # fmt: skip
        for v in self.villages:
            self.people.setdefault(("village", v), Fraction(self.tenths[v], 10))

    # -- who may serve whom ------------------------------------------------------------------------------------------

    def ways(self, what, sender, mode):
        """(there, back) in deciseconds from the sender to a clinic, or to ("village", id); None = no way."""
        to_sites, from_sites, to_villages, from_villages = self.visit["circuit" if mode == "posted" else mode]
        if isinstance(what, tuple):
            way = to_villages.get((sender, what[1])), from_villages.get((what[1], sender))
        else:
            way = to_sites.get((sender, what)), from_sites.get((what, sender))
        return None if None in way else way

    def minutes(self, what, sender, mode):
        rule, way = getattr(self.modes, mode), self.ways(what, sender, mode)
        one = rule.visit_minutes_fixed + Fraction(str(rule.visit_minutes_per_100)) * self.people[what] / 100
        return rule.days_per_week * math.ceil(one + Fraction(sum(way), 600))

    def eligible(self, what, sender=None, mode=None):
        if mode is None:
            return super().eligible(what)
        if not self.holds("mode_eligible"):
            return True
        rule, people = getattr(self.modes, mode), self.people[what]
        near = -(-self.ways(what, sender, mode)[0] // 600) <= rule.max_minutes
        if mode == "posted" and rule.without_doctor and self.sites[what]["doctors"] == 0 and near:
            return True
        return near and rule.min_people <= people <= rule.max_people

    def senders(self, what, mode):
        """Hospitals that may send a team or post staff."""
        known = [h for h in self.hospitals if self.ways(what, h, mode)]
        if self.modes.same_township and self.holds("mode_base"):
            place = self.villages[what[1]]["township"] if isinstance(what, tuple) else self.sites[what]["township"]
            own = [h for h in known if self.sites[h]["township"] == place]
            known = sorted(own, key=lambda h: (self.ways(what, h, mode)[0], self.rank(h)))[:1]
        return [h for h in known if self.eligible(what, h, mode)]

    def neighbours(self, what):
        hosts = self.hosts(what) if not isinstance(what, tuple) else self.hosts_of_village(what[1])
        return [u for u in hosts if u in self.decided and self.ways(what, u, "neighbour")
                and self.eligible(what, u, "neighbour")]  # fmt: skip

    def hosts(self, guest):
        """As the base reads the host rules, with candidate sites among the hosts where new joint sites are allowed."""
        decided = self.decided
        if self.rules.hosts.new_sites:
            self.decided = [*decided, *self.candidates]
        try:
            return super().hosts(guest)
        finally:
            self.decided = decided

    def hosts_of_village(self, village):
        """The host rules for a village without any site: public clinics, as if a clinic stood at its point."""
        rule, ok = self.rules.hosts, []
        times = self.visit["neighbour"][3]
        for host in self.decided:
            h, vh = self.sites[host], self.sites[host]["village"]
            own = self.villages[village]["consortium"]
            other = h["consortium"] if not pd.isna(h["consortium"]) else self.villages[vh]["consortium"]
            time = times.get((village, host))
            pair = (min(village, vh), max(village, vh))
            if rule.adjacent and self.holds("adjacent") and pair not in self.access.adjacency:
                continue
            away = self.villages[village]["township"] != h["township"]
            if rule.same_township and self.holds("same_township") and away:
                continue
            known = not (pd.isna(own) or pd.isna(other))
            if rule.same_consortium and self.holds("same_consortium") and known and own != other:
                continue
            if self.holds("host_limit") and (time is None or time > 600 * rule.limit_min):
                continue
            if rule.host_at_least_guest and self.holds("host_size") and self.tenths[vh] < self.tenths[village]:
                continue
            ok.append((FAR if time is None else time, self.rank(host), host))
        ok.sort()
        return [h for *_, h in (ok[: rule.max_hosts] if self.holds("max_hosts") else ok)]

    # -- every plan --------------------------------------------------------------------------------------------------

    @cached_property
    def options(self):
        """The ways that each clinic, and each village without any site, could go."""
        clinics, villages = [], []
        for i in self.decided:
            ways = [("keep", None), *(("merge", h) for h in self.hosts(i))]
            if self.modes.posted is not None:
                ways += [("posted", h) for h in self.senders(i, "posted")]
            clinics.append(ways + self.visits(i))
        for v in self.blank:
            villages.append([(None, None), *self.visits(("village", v))])
        return clinics, villages

    def visits(self, what):
        ways = [("circuit", b) for b in self.senders(what, "circuit")] if self.modes.circuit is not None else []
        return ways + ([("neighbour", u) for u in self.neighbours(what)] if self.modes.neighbour is not None else [])

    def size(self) -> int:
        clinics, villages = self.options
        return math.prod(map(len, [*clinics, *villages])) * 2 ** len(self.candidates)

    def clinic_plans(self):
        clinics, villages = self.options
        builds = [[c for c, b in zip(self.candidates, built, strict=True) if b]
                  for built in itertools.product([False, True], repeat=len(self.candidates))]  # fmt: skip
        for chosen in itertools.product(*clinics):
            way = dict(zip(self.decided, chosen, strict=True))
            with_doctor = {i for i, (mode, _) in way.items() if mode == "keep"}
            hosts = {h for mode, h in chosen if mode in ("merge", "neighbour") and h in self.decided}
            if not hosts <= with_doctor:
                continue
            for visited in itertools.product(*villages):
                if any(mode == "neighbour" and u not in with_doctor for mode, u in visited):
                    continue
                at = {("village", v): w for v, w in zip(self.blank, visited, strict=True)}
                for built in builds:
                    yield way | at, built

    # -- one plan ----------------------------------------------------------------------------------------------------

    def need(self, way, built, *, final=True):
        """Clinic doctors by site at least, None where a room is too small or posted staff too few; ``final``: not in a
        year before the last one."""
        rule, neighbour = self.rules.doctors, self.modes.neighbour
        need = dict.fromkeys([i for i in self.decided if way[i][0] == "keep"] + list(built), 1)
        served: dict = {}
        for g, (mode, h) in way.items():
            if mode in ("merge", "neighbour"):
                served.setdefault(h, []).append(g)
        for host, guests in served.items():
            if self.holds("doctor_capacity"):
                load = sum(self.people[g] for g in guests) + self.own_people(host)
                need[host] = max(need.get(host, 0), math.ceil(load / rule.people_per_doctor_cap))
            hours = sum(self.minutes(g, host, "neighbour") for g in guests if way[g][0] == "neighbour")
            if hours and self.holds("neighbour_hours"):
                need[host] = max(need[host], -(-hours // neighbour.visit_minutes_per_doctor_week))
        for i in list(need) if final else ():
            if i not in self.hospitals:
                need[i] = max(need[i], least_doctors(self, served.get(i, ()), i))
        for i in self.decided if final else ():
            if way[i][0] == "posted" and self.modes.posted.staff < least_doctors(self, (), i):
                return None
        if self.holds("doctor_rooms") and any(
            n > self.rooms(i) for i, n in need.items() if i not in self.hospitals
        ):
            return None
        return need

    def open_sites(self, way, built):
        return [i for i in self.decided if way[i][0] in ("keep", "posted")] + list(built) + self.permanent

    def posted_staff(self, way, built):
        found: dict = {}
        for i in self.decided:
            mode, hospital = way[i]
            if mode == "posted":
                found[i] = self.modes.posted.staff
                found[hospital] = found.get(hospital, 0) - self.modes.posted.staff
        return found

    def own_people(self, host):
        if host in self.candidates:
            village = self.sites[host]["village"]
            has = any(self.sites[i]["village"] == village for i in self.decided)
            return 0 if has else Fraction(self.tenths[village], 10)
        return self.people.get(host, 0)

    def own_doctors(self, hospital):
        doctors = self.sites[hospital]["doctors"]
        return 0 if pd.isna(doctors) else int(doctors)

    def weigh_clinics(self, way, built, staffing=None):
        """(objective values that concern clinics, capital) or None where a rule breaks; ``staffing`` as in the base."""
        clinics = {i: way[i] for i in self.decided}
        merged = {i: h for i, (mode, h) in clinics.items() if mode == "merge"}
        teams = self.teams(way)
        posts = [h for mode, h in clinics.values() if mode == "posted"]
        if not (self.sites_agree(way, built, merged) and self.staff_is_there(teams, posts)):
            return None
        limited = self.rules.max_blank_villages is not None and self.holds("blank_villages")
        if limited and not self.few_blank(way, built):
            return None
        is_open = [i for i, (mode, _) in clinics.items() if mode in ("keep", "posted")] + list(built)
        closed = {i: "x" for i in self.decided if i not in is_open}
        rule, costs, money = self.rules.doctors, self.config.costs, self.rules.budget
        doctors = sum(self.doctors.values()) if rule is None else self.staff(way, built)
        doctors = doctors if staffing is None else staffing[0]
        if doctors is None:
            return None
        cost = sum(self.running[i] for i in is_open) + int(costs.doctor.value) * doctors + self.recurrent_more
        if teams:
            cost += int(costs.circuit_team.value) * sum(teams.values())
        if posts:
            cost += int(costs.posted_doctor.value) * self.modes.posted.staff * len(posts)
        if self.holds("recurrent_budget"):
            share = money.recurrent_share_of_today
            if share is not None and cost > Fraction(str(share)) * self.today_cost:
                return None
            if money.recurrent_cny is not None and cost > money.recurrent_cny:
                return None
        served = sum(w[0] in ("circuit", "neighbour", "posted") for w in way.values())
        changes, over = len(merged) + len(built) + served, 0 if staffing is None else staffing[1]
        self.now = {"cost": cost, "changes": changes, "periodic": self.missed(way, built), "overload": over}
        values = self.weigh_access(closed, built)
        if values is None:
            return None
        capital = int(costs.merge_works.value) * len(merged) + int(costs.build_clinic.value) * len(built)
        if teams:
            capital += int(costs.circuit_vehicle.value) * sum(teams.values())
        return values, capital

    def clinic_value(self, o, near, cost, changes, overload=0):
        """As the base; what service modes have a say in, comes from the plan at hand."""
        return self.now[o.minimise] if o.minimise in self.now else super().clinic_value(o, near, cost, changes)

    def sites_agree(self, way, built, merged) -> bool:
        """Whoever hosts is built, nobody is visited where a clinic is built, joint sites have guests enough."""
        if any(h in self.candidates and h not in built for h in merged.values()):
            return False
        visited = {v[1] for v, w in way.items() if isinstance(v, tuple) and w[0]}
        if any(self.sites[k]["village"] in visited for k in built):
            return False
        if self.rules.hosts.new_sites and self.holds("joint_site_guests"):
            have = {r["village"] for r in self.sites.values() if r["kind"] in CLINICS and r["status"] == "existing"}
            for k in built:
                guests = sum(h == k for h in merged.values())
                if self.sites[k]["village"] in have and guests < self.rules.hosts.min_guests:
                    return False
        return True

    def teams(self, way):
        """Circuit teams by base: as few as the hours ask for."""
        found = {}
        for base in self.hospitals if self.holds("circuit_team") else ():
            hours = sum(self.minutes(v, base, "circuit") for v, w in way.items() if w == ("circuit", base))
            if hours:
                found[base] = -(-hours // self.modes.circuit.team_minutes_week)
        return found

    def staff_is_there(self, teams, posts) -> bool:
        """Can the hospitals staff these teams, and post to these clinics?"""
        for base, n in teams.items():
            rule = self.modes.circuit
            most = math.floor(Fraction(str(rule.max_doctor_share)) * self.own_doctors(base)) // rule.doctors_per_team
            if self.holds("circuit_staff") and n > min(rule.max_teams_per_base, most):
                return False
        for hospital in set(posts) if self.holds("posted_pool") else ():
            rule = self.modes.posted
            most = math.floor(Fraction(str(rule.max_doctor_share)) * self.own_doctors(hospital))
            most = most if rule.max_per_hospital is None else min(most, rule.max_per_hospital)
            if posts.count(hospital) > most // rule.staff:
                return False
        return True

    def few_blank(self, way, built):
        have = {r["village"] for r in self.sites.values() if r["kind"] in CLINICS and r["status"] == "existing"}
        places = ({self.sites[i]["village"] for i in self.candidates} - have) | set(self.blank)
        served = {self.sites[i]["village"] for i in built}
        served |= {v[1] for v, w in way.items() if isinstance(v, tuple) and w[0]}
        return len(places - served) <= self.rules.max_blank_villages

    def missed(self, way, built):
        """Person-days a week without contact, in tenths, by village."""
        total = 0
        for v, tenths in self.tenths.items():
            here = [i for i, s in self.sites.items() if s["village"] == v]
            if any(i in self.permanent for i in here):
                continue
            if any(i in built or (i in self.decided and way[i][0] in ("keep", "posted")) for i in here):
                continue
            own = [i for i in here if i in self.decided]
            posts = {i: 0 if pd.isna(self.sites[i]["posts"]) else self.sites[i]["posts"] for i in own}
            lead = min(own, key=lambda i: (-self.doctors[i], -posts[i], i)) if own else ("village", v)
            mode = way[lead][0] if lead in way else None  # nobody can visit where no mode sends anybody
            days = getattr(self.modes, mode).days_per_week if mode in ("circuit", "neighbour") else 0
            total += tenths * (7 - days)
        return total

    def weigh_access(self, closed, built):
        """The base's reading of access rules and objectives alone: no blank villages, no doctors, no money."""
        rules, without = self.rules, self.without
        try:
            self.rules = rules.model_copy(update={"doctors": None, "max_blank_villages": None})
            self.without = without | {"recurrent_budget"}
            found = super().weigh_clinics(closed, built)
        finally:
            self.rules, self.without = rules, without
        return None if found is None else found[0]
