"""Tiny counties with every block on or off at random, and the best plan of each by enumerating all decisions together.

The reading of each block is the one of its own oracle; what is new here is how they meet: which clinics close and how
their villages are served, works, sites built, sub-centres and catchments, consortia, all in one plan and one budget.
Nothing of facilityplan.model is used.
"""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import model_fairness as fairness
from model_tiny import half_up
from model_tiny_centres import CentresAfterWorks, add_centres
from model_tiny_consortia import ConsortiaOracle, with_consortia
from model_tiny_locks import laid_on, locks_of
from model_tiny_staffing import staffings, with_staffing
from modes_tiny import ModesOracle, with_modes
from tiny_counties import tiny_county
from works_tiny import WorksOracle, with_works

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.inputs.tables import Inputs

BLOCKS = ("works", "consortia", "modes", "staffing", "centres", "locks", "fairness")
MOST_PLANS = 3_000  # of one county
# A stage of more, which Kolm–Pollak can reach where everybody is far away, is beyond what floats prove to the unit; the
# report then says "feasible" (county 50569).
MOST_UNITS = 5 * 10**8


def whole_county(seed: int) -> tuple[Config, Inputs, Access, frozenset[str]]:
    """A tiny county of that seed and the blocks that are on in it: every one, or some at random."""
    rng = random.Random(f"whole {seed}")
    on = {block for block in BLOCKS if rng.random() < 0.6} if seed % 4 else set(BLOCKS)
    if "works" in on:
        found = tiny_county(rng.randrange(10**9), with_works, lambda r: r.choice([0, 1, 1]))
    else:
        found = tiny_county(rng.randrange(10**9))
    if "consortia" in on:
        found = with_consortia(rng, *found)
    if "modes" in on:
        found = with_modes(rng, *found)
    if "centres" in on:
        found = add_centres(rng, *found)
    config, inputs, access = found
    raw = config.model_dump(mode="json")
    if config.rules.modes.on:
        raw["rules"]["balance"]["form"] = "off"
    if raw["rules"]["consortia"] and raw["rules"]["consortia"]["pool_staff"]:  # the config check refuses townships then
        raw["rules"]["balance"]["scope"] = "county"
    _ease(rng, raw["rules"])
    config = Config.model_validate(raw)
    if "staffing" in on:
        config = with_staffing(seed, config)
    if "locks" in on:
        config = laid_on(config, locks_of(seed, config, inputs))
    if "fairness" in on:
        config = fairness.ask_for_fairness(config, seed)
    return config, inputs, access, frozenset(on)


def _ease(rng: random.Random, rules: dict) -> None:
    """Every block brings rules that few plans obey; with all of them hardly a county would have a plan."""
    if rng.random() < 0.6:
        rules |= {"circle_share": [], "max_blank_villages": None}
    if rng.random() < 0.5:
        rules["no_harm"]["form"] = "off"
    if rng.random() < 0.6 and rules["doctors"]:
        rules["doctors"] |= {"max_hires": 8, "max_per_site": 5}
    if rng.random() < 0.6:
        rules["budget"] = {"capital_cny": rules["budget"]["capital_cny"]}
    if rng.random() < 0.6:
        rules["sub_centres"] |= {"min_beds": None, "min_doctors": None, "min_level": None, "required": [],
                                 "forbidden": [], "max_people": None}  # fmt: skip
    for service in rules["centres"]:
        if rng.random() < 0.7:
            service |= {"required": [], "forbidden": [], "min_beds": None, "min_level": None, "max_people": None}
    for floor in rules["attributes"]:
        if floor["min_share"] and rng.random() < 0.7:
            floor["min_share"] = min(floor["min_share"], 0.3)
    if rules["consortia"] and rng.random() < 0.6:
        rules["consortia"] |= {"balance_share": None, "min_count": 1, "min_townships": 1, "assigned": {},
                               "max_minutes": None, "min_sub_centres": 0}  # fmt: skip
    for work in rules["works"]:
        if rng.random() < 0.7:
            work["required"] = work["forbidden"] = False


class WholeOracle(CentresAfterWorks, ModesOracle, WorksOracle, ConsortiaOracle):
    """Every plan of a county, whatever its blocks."""

    def __init__(self, config: Config, inputs: Inputs, access: Access) -> None:
        super().__init__(config, inputs, access)
        moving = {w.facility for w in self.rules.works if w.kind == "relocate"}
        self.may_send = [h for h in self.standing if h not in moving]
        sure = {self.sites[i]["village"] for i in self.always if i not in moving} | {
            self.sites[i]["village"] for i in self.decided}  # fmt: skip
        self.blank = [v for v in self.villages if v not in sure] if self.periodic else []
        self.in_full = False  # is a plan weighed for its access alone?

    def size(self) -> int:
        """How many plans there are to weigh, before any rule is asked."""
        works = 2 ** len(self.rules.works)
        pools = 1 if self.consortia is None or not self.consortia.pool_staff else len(list(self.groupings()))
        sites = [s for s in self.sites.values() if s["ownership"] == "public"]
        equipped = math.prod(2 ** sum(s["kind"] in {str(k) for k in f.kinds} for s in sites)
                             for f in self.rules.attributes if f.equip_cny is not None)  # fmt: skip
        return super().size() * works * max(1, pools) * equipped

    def senders(self, what, mode):
        """A hospital that may relocate sends nobody: where it will stand is not known beforehand."""
        standing, self.hospitals = self.hospitals, self.may_send
        try:
            return super().senders(what, mode)
        finally:
            self.hospitals = standing

    def clinic_plans(self):
        for way, built in super().clinic_plans():
            closed = {i: way[i][1] for i in self.decided if way[i][0] in ("merge", "circuit", "neighbour")}
            if self.locks_hold(closed, built, way) and self.closures_hold(closed):
                yield way, built

    def locks_hold(self, closed, built, way) -> bool:
        """As the base; a visited clinic is closed, but merged into nobody."""
        into = {i: h if way[i][0] == "merge" else None for i, h in closed.items()}
        return super().locks_hold(into, built)

    def balanced(self, merged, built) -> bool:
        """Asked of whole plans, not where the base weighs access."""
        return not self.in_full or super().balanced(merged, built)

    def weigh(self, way, built):
        """(values, capital) of what the clinics come to with the works and the grouping at hand, where allowed: one for
        every way of employing doctors."""
        return [(values, capital) for values, capital, _ in self.weigh_staffed(way, built)]

    def weigh_staffed(self, way, built, before=None):
        """As weigh, with the doctors paid; ``before``: hires by pool of earlier years."""
        merged = {i: way[i][1] for i in self.decided if way[i][0] == "merge"}
        closed = {i for i in self.decided if way[i][0] not in ("keep", "posted")}
        if any(h in self.moved for h in merged.values()) or any(w.facility in closed for w in self.done):
            return []
        if not self.sites_agree(way, built, merged):
            return []
        found = []
        for staffing in staffings(self, way, built, before=before):
            weighed = self.weigh_clinics(way, built, staffing)
            self.in_full, self.paid_in_all = True, None if staffing is None else staffing[0]
            if weighed is not None and self.balanced(merged, built):
                found.append((*weighed, sum(self.doctors.values()) if staffing is None else staffing[0]))
            self.in_full = False
        return found

    def sites_agree(self, way, built, merged) -> bool:
        """Nobody is visited where a hospital stands with the works at hand either."""
        here = {self.sites[i]["village"] for i in self.permanent}
        visited = {v[1] for v, w in way.items() if isinstance(v, tuple) and w[0]}
        return not visited & here and super().sites_agree(way, built, merged)

    def few_blank(self, way, built):
        """A village to which a hospital moves, or where it stays, is not blank."""
        here = {self.sites[i]["village"] for i in self.permanent}
        standing = {v: (w if w[0] or v not in self.blank else ("here", None)) for v, w in
                    ((v, way.get(("village", v), (None, None))) for v in self.blank if v in here)}  # fmt: skip
        return super().few_blank({**way, **{("village", v): w for v, w in standing.items()}}, built)

    def crossings(self, way):
        """Pairs of townships that this plan's mergers and visits by neighbours join."""
        return frozenset(
            (self.villages[i[1]]["township"] if isinstance(i, tuple) else self.sites[i]["township"],
             self.sites[h]["township"])
            for i, (mode, h) in way.items() if mode in ("merge", "neighbour")
        )  # fmt: skip

    def best(self):
        """The values of the best plan, stage after stage; None where no plan obeys the rules."""
        limit = self.rules.budget.capital_cny if self.holds("capital_budget") else None
        stages = self.config.objectives
        groupings = [({}, 0)] if self.consortia is None else list(self.groupings())
        plans = set()
        for done in self.choices():
            every = list(self.clinic_plans())
            own = sum(half_up(Fraction(str(w.capital.value))) for w in done)
            centres = list(self.centre_choices())
            weighed: dict = {}
            payable: dict[int, bool] = {}
            for grouping, minutes in groupings:
                self.grouping = grouping
                pooled = self.consortia is not None and self.consortia.pool_staff
                key = frozenset(grouping.items()) if pooled else None
                if key not in weighed:
                    weighed[key] = {(self.crossings(way), *w) for way, built in every for w in self.weigh(way, built)}
                clinics = {(x, a) for across, x, a in weighed[key] if self.inside(grouping, across)}
                served = {(y, b) for y, b, chosen, catchment in centres
                          if self.consortia is None or self._served(grouping, chosen, catchment)}  # fmt: skip
                for (x, a), (y, b) in itertools.product(clinics, served):
                    if a + b not in payable:
                        payable[a + b] = (limit is None or own + a + b <= limit) and self.payable(a + b)
                    if payable[a + b]:
                        rest = {"capital": own + a + b, "changes": len(done), "consortium_minutes": minutes}
                        more = [fairness.staged(self, o, lambda one: rest.get(one.minimise, 0)) for o in stages]  # noqa: B023
                        plans.add(tuple(map(sum, zip(x, y, more, strict=True))))
        return fairness.lexicographic(self, plans)

    def inside(self, grouping, across) -> bool:
        """Do mergers and visits stay inside the consortia, where they must?"""
        if self.consortia is None or not (self.consortia.merge_inside and self.holds("consortium_mergers")):
            return True
        return all(grouping[a] == grouping[b] for a, b in across)

    def own_doctors(self, hospital):
        """Doctors of a hospital today: those that a work would add are not there to be sent yet."""
        doctors = self.sites[hospital]["doctors"]
        return 0 if doctors is None or doctors != doctors or math.isnan(doctors) else int(doctors)
