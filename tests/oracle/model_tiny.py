"""The best plan of a tiny county by enumeration.

The enumeration has its own reading of every rule, from the design's "Semantics that everyone shares"; it uses nothing
of facilityplan.model.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import model_fairness as fairness
import pandas as pd
from model_tiny_staffing import hires_needed, least_doctors, staffings
from tiny_counties import CLINICS, FAR, table_of

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.staff import retirements
from facilityplan.inputs.tables import Inputs


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


class Oracle:
    """Every plan of a county, weighed by the rules as the design words them."""

    def __init__(self, config: Config, inputs: Inputs, access: Access) -> None:
        self.config, self.rules = config, config.rules
        self.without = set(config.rules.without)
        self.sites = {r["id"]: r for r in inputs.facilities.to_dict("records")}
        self.villages = {r["id"]: r for r in inputs.villages.to_dict("records")}
        self.cells = inputs.cells.to_dict("records")
        self.access = access
        self.times = {s.id: table_of(access.cells[s.id]) for s in config.standards}
        self.decided = [
            i
            for i, r in self.sites.items()
            if r["kind"] in CLINICS and r["ownership"] == "public" and r["status"] == "existing"
        ]
        candidates = [i for i, r in self.sites.items() if r["status"] == "candidate"]
        self.candidates = [i for i in candidates if self.sites[i]["kind"] in CLINICS]
        self.hospitals = [
            i for i, r in self.sites.items() if r["kind"] == "township_hospital" and i not in candidates
        ]
        self.permanent = [i for i in self.sites if i not in self.decided and i not in candidates]
        self.reachable = self.centres = self.hospitals  # that a village may reach; where a sub-centre may be
        self.recurrent_more = 0
        self.tenths = {v: sum(round(c["people"] * 10) for c in self.cells if c["village"] == v) for v in self.villages}
        rule = self.rules.doctors
        assumed = (rule.assumed_per_clinic if rule else None) or 0
        self.doctors = {
            i: assumed if pd.isna(self.sites[i]["doctors"]) else int(self.sites[i]["doctors"]) for i in self.decided
        }
        self.retired = retirements(inputs.facilities, rule.retire_share if rule else 0).to_dict()
        per = {v: sum(self.sites[i]["village"] == v for i in self.decided) for v in self.villages}
        self.people = {
            i: Fraction(self.tenths[self.sites[i]["village"]], 10 * per[self.sites[i]["village"]]) for i in self.decided
        }
        costs = config.costs
        self.running = {
            i: half_up(
                Fraction(str(costs.clinic_fixed.value))
                + Fraction(str(costs.clinic_per_m2.value))
                * Fraction(
                    str(
                        costs.assumed_floor_area.value
                        if pd.isna(self.sites[i]["floor_area_m2"])
                        else self.sites[i]["floor_area_m2"]
                    )
                )
            )
            for i in [*self.decided, *self.candidates]
        }
        self.today_cost = sum(self.running[i] for i in self.decided) + int(costs.doctor.value) * sum(
            self.doctors.values()
        )
        self.limits = self._no_harm_limits(inputs)

    def holds(self, rule: str, lifted=frozenset()) -> bool:
        return rule not in self.without and rule not in lifted

    def _no_harm_limits(self, inputs):
        limits, rule = {}, self.rules.no_harm
        for s in self.config.standards:
            if rule.form == "off" or s.id not in (rule.standards or (self.config.standards[0].id,)):
                continue
            for k, cell in enumerate(self.cells):
                b = int(self.access.today[s.id].ds[k])
                group = cell["people"] if s.group == "all" else cell["people_65"]
                if b == FAR or cell["village"] in rule.exempt_villages or group <= 0:
                    continue
                inside = rule.form == "inside_stays_inside" and b <= 600 * s.limit_min
                limits[s.id, cell["cell"]] = 600 * s.limit_min if inside else b + 600 * rule.delta_min
        return limits

    def hosts(self, guest: str) -> list[str]:
        rule, between = self.rules.hosts, table_of(self.access.sites)
        g = self.sites[guest]
        ok = []
        for host in [*self.decided, *self.hospitals]:
            h = self.sites[host]
            if host == guest:
                continue
            lifted = self.lifted(guest, host)
            vg, vh = g["village"], h["village"]
            time = between.get((guest, host))
            consortium = [
                r["consortium"] if not pd.isna(r["consortium"]) else self.villages[r["village"]]["consortium"]
                for r in (g, h)
            ]
            consortium = [None if c is None or pd.isna(c) else c for c in consortium]
            if (
                rule.adjacent
                and self.holds("adjacent", lifted)
                and vg != vh
                and (min(vg, vh), max(vg, vh)) not in self.access.adjacency
            ):
                continue
            if rule.same_township and self.holds("same_township", lifted) and g["township"] != h["township"]:
                continue
            if (
                rule.same_consortium
                and self.holds("same_consortium", lifted)
                and None not in consortium
                and consortium[0] != consortium[1]
            ):
                continue
            if self.holds("host_limit", lifted) and (time is None or time > 600 * rule.limit_min):
                continue
            if (
                rule.host_at_least_guest
                and self.holds("host_size", lifted)
                and host not in self.hospitals
                and vg != vh
                and self.tenths[vh] < self.tenths[vg]
            ):
                continue
            ok.append((FAR if time is None else time, self.rank(host), host))
        ok.sort()
        near = ok[: rule.max_hosts] if self.holds("max_hosts") else ok
        return [h for *_, h in ok if "max_hosts" in self.lifted(guest, h) or any(h == x for *_, x in near)]

    def lifted(self, guest: str, host: str) -> set[str]:
        """Host rules that do not hold for this pair."""
        if not self.holds("locks"):
            return set()
        pair = ("merge_into", guest, host)
        return {r for k in self.rules.locks if (k.do, k.site, k.host) == pair for r in k.override}

    def rank(self, i: str):
        s = self.sites[i]
        return (-self.tenths[s["village"]], s["geometry"].x, s["geometry"].y, i)

    def clinic_plans(self):
        options = [[None, *self.hosts(i)] for i in self.decided]
        builds = list(itertools.product([False, True], repeat=len(self.candidates)))
        for hosts in itertools.product(*options):
            merged = {i: h for i, h in zip(self.decided, hosts, strict=True) if h is not None}
            if any(h in merged for h in merged.values()):
                continue
            for choice in builds:
                built = [c for c, b in zip(self.candidates, choice, strict=True) if b]
                if self.locks_hold(merged, built) and self.closures_hold(merged):
                    yield merged, built

    def locks_hold(self, merged, built) -> bool:
        if not self.holds("locks"):
            return True
        for k in self.rules.locks:
            closed = k.site in merged or (k.site in self.candidates and k.site not in built)
            into = merged.get(k.site)
            ok = {"keep": not closed, "build": not closed, "close": closed, "forbid": closed}
            if not ok.get(k.do, (into is not None and into == k.host) == (k.do == "merge_into")):
                return False
        return True

    def closures_hold(self, merged) -> bool:
        caps = self.rules.closures
        if self.holds("closures_total") and caps.max_total is not None and len(merged) > caps.max_total:
            return False
        for t in {self.sites[i]["township"] for i in merged} if self.holds("closures_township") else ():
            closed = sum(self.sites[i]["township"] == t for i in merged)
            clinics = sum(self.sites[i]["township"] == t for i in self.decided)
            if caps.max_per_township is not None and closed > caps.max_per_township:
                return False
            share = caps.max_share_per_township
            if share is not None and closed > Fraction(str(share)) * clinics:
                return False
        return True

    def pool(self, township: str) -> str:
        """The place whose doctors a township shares: its own."""
        return township

    def need(self, merged, built, *, final=True):
        """Doctors by site at least, None where a room is too small; ``final``: not a year before the last one."""
        rule = self.rules.doctors
        need = {i: 1 for i in self.decided if i not in merged} | dict.fromkeys(built, 1)
        if self.holds("doctor_capacity"):
            for host in sorted(set(merged.values())):
                load = sum(self.people[g] for g, h in merged.items() if h == host) + self.people.get(host, 0)
                need[host] = max(need.get(host, 0), math.ceil(load / rule.people_per_doctor_cap))
        for i in list(need) if final else ():
            if i not in self.hospitals:
                need[i] = max(need[i], least_doctors(self, [g for g, h in merged.items() if h == i], i))
        if self.holds("doctor_rooms") and any(
            n > self.rooms(i) for i, n in need.items() if i not in self.hospitals
        ):
            return None
        return need

    def open_sites(self, merged, built):
        """Every site that is open under a plan."""
        return [i for i in self.decided if i not in merged] + list(built) + self.permanent

    def doctors_of(self, site):
        """A hospital's own doctors, None where not known."""
        doctors = self.sites[site]["doctors"]
        return None if pd.isna(doctors) else int(doctors)

    def posted_staff(self, merged, built):
        """Site → doctors of a hospital posted there, less than nothing at the hospital that posts them."""
        return {}

    def staff(self, *plan, before=None):
        """Clinic doctors in all, or None where a rule on doctors breaks; ``before``: hires by pool in earlier years."""
        rule, need = self.rules.doctors, self.need(*plan)
        if need is None:
            return None
        by_township: dict[str, int] = {}
        for i, n in need.items():
            place = self.pool(self.sites[i]["township"])
            by_township[place] = by_township.get(place, 0) + n
        if self.holds("doctor_balance"):
            hires = hires_needed(self, by_township, before or {})
            if self.holds("hires") and hires > rule.max_hires:
                return None
            return sum(self.doctors.values()) - sum(self.retired.values()) + hires
        return sum(need.values())

    def rooms(self, i: str) -> int:
        return max(self.rules.doctors.max_per_site, self.doctors.get(i, 0))

    def required(self, chosen) -> bool:
        return all(h in chosen for h in self.rules.sub_centres.required)

    def forbidden(self, chosen) -> bool:
        return any(h in chosen for h in self.rules.sub_centres.forbidden)

    def staying(self, place: str) -> int:
        """Clinic doctors of a pool who do not retire."""
        own = [i for i in self.doctors if self.pool(self.sites[i]["township"]) == place]
        return sum(self.doctors[i] - self.retired.get(i, 0) for i in own)

    def weigh_clinics(self, merged, built, staffing=None):
        """(objective values that concern clinics, capital) or None where a rule breaks; ``staffing``: (doctors in all,
        tenths of people beyond capacity) where patients against doctors are looked at."""
        rules, costs = self.rules, self.config.costs
        is_open = Oracle.open_sites(self, merged, built)
        near = {}
        for s in self.config.standards:
            kinds = {str(k) for k in s.kinds}
            counted = [i for i in is_open if self.sites[i]["kind"] in kinds]
            for c in self.cells:
                near[s.id, c["cell"]] = min((self.times[s.id].get((c["cell"], i), FAR) for i in counted), default=FAR)
        if self.holds("no_harm") and any(near[key] > limit for key, limit in self.limits.items()):
            return None
        for share in rules.circle_share if self.holds("circle_share") else ():
            s = self.config.standard(share.standard)
            places = [None] + (sorted({v["township"] for v in self.villages.values()}) if share.per_township else [])
            for place in places:
                own = [c for c in self.cells if place is None or self.villages[c["village"]]["township"] == place]
                total = sum(self.weight(s, c) for c in own)
                inside = sum(self.weight(s, c) for c in own if near[s.id, c["cell"]] <= 600 * s.limit_min)
                if inside < Fraction(str(share.min_share)) * total:
                    return None
        if not fairness.obeyed(self, near):
            return None
        if rules.max_blank_villages is not None and self.holds("blank_villages"):
            served = {r["village"] for i, r in self.sites.items() if r["kind"] in CLINICS and r["status"] == "existing"}
            places = {self.sites[i]["village"] for i in self.candidates} - served
            if len(places - {self.sites[i]["village"] for i in built}) > rules.max_blank_villages:
                return None
        doctors = sum(self.doctors.values()) if rules.doctors is None else self.staff(merged, built)
        doctors = doctors if staffing is None else staffing[0]
        if doctors is None:
            return None
        cost = (
            sum(self.running[i] for i in [*(i for i in self.decided if i not in merged), *built])
            + int(costs.doctor.value) * doctors
            + self.recurrent_more
        )
        budget = rules.budget
        if self.holds("recurrent_budget"):
            if (
                budget.recurrent_share_of_today is not None
                and cost > Fraction(str(budget.recurrent_share_of_today)) * self.today_cost
            ):
                return None
            if budget.recurrent_cny is not None and cost > budget.recurrent_cny:
                return None
        changes, over = len(merged) + len(built), 0 if staffing is None else staffing[1]
        values = [
            fairness.staged(self, o, lambda one: self.clinic_value(one, near, cost, changes, over))
            for o in self.config.objectives
        ]
        return tuple(values), int(costs.merge_works.value) * len(merged) + int(costs.build_clinic.value) * len(built)

    def clinic_value(self, o, near, cost, changes, overload=0):
        """What the clinics add to one measure, in model units."""
        s = self.config.standard(o.standard)
        if o.minimise == "uncovered":
            return sum(self.weight(s, c) for c in self.cells if near[s.id, c["cell"]] > 600 * s.limit_min)
        if o.minimise == "person_minutes":
            return sum(self.weight(s, c) * min(240, -(-near[s.id, c["cell"]] // 600)) for c in self.cells)
        if o.minimise in fairness.MEASURES:
            return fairness.measure(self, o.minimise, s, near, o.kappa)
        return {"cost": cost, "changes": changes, "overload": overload}.get(o.minimise, 0)

    def weight(self, standard, cell) -> int:
        return round((cell["people"] if standard.group == "all" else cell["people_65"]) * 10)

    def sub_centre_plans(self):
        """Yield (values, capital) of every allowed choice of sub-centres and catchments."""
        for values, capital, *_ in self.centre_choices():
            yield values, capital

    def centre_choices(self):
        """Yield (values, capital, sub-centres, hospital of each township) of every allowed choice."""
        rule = self.rules.sub_centres
        zero = (0,) * len(self.config.objectives)
        if rule.min_count == 0 and rule.max_count == 0:
            yield zero, 0, (), {}
            return
        minutes = {k: -(-t // 600) for k, t in table_of(self.access.to_sub_centres).items()}
        places = sorted({v["township"] for v in self.villages.values()})
        for chosen in itertools.chain.from_iterable(
            itertools.combinations(self.centres, k) for k in range(len(self.centres) + 1)
        ):
            if self.holds("sub_centre_count") and not rule.min_count <= len(chosen) <= rule.max_count:
                continue
            if self.holds("sub_centre_required") and not self.required(chosen):
                continue
            if self.holds("sub_centre_forbidden") and self.forbidden(chosen):
                continue
            if self.holds("sub_centre_eligible") and not all(self.eligible(h) for h in chosen):
                continue
            for assigned in itertools.product(chosen, repeat=len(places)):
                total, ok = 0, True
                load = dict.fromkeys(chosen, 0)
                for place, hospital in zip(places, assigned, strict=True):
                    for v, row in self.villages.items():
                        if row["township"] != place:
                            continue
                        load[hospital] += self.tenths[v]
                        if not any((v, h) in minutes for h in self.reachable):
                            continue
                        if (v, hospital) not in minutes:
                            ok = False
                        else:
                            total += self.tenths[v] * minutes[v, hospital]
                if rule.max_people is not None and self.holds("sub_centre_load"):
                    ok &= all(p <= 10 * rule.max_people for p in load.values())
                if ok:
                    yield (
                        tuple(
                            fairness.staged(
                                self,
                                o,
                                lambda o: {"sub_centre_minutes": total, "changes": len(chosen)}.get(o.minimise, 0),  # noqa: B023
                            )
                            for o in self.config.objectives
                        ),
                        int(self.config.costs.upgrade_sub_centre.value) * len(chosen),
                        chosen,
                        dict(zip(places, assigned, strict=True)),
                    )

    def eligible(self, hospital: str) -> bool:
        rule, row = self.rules.sub_centres, self.sites[hospital]
        return all(
            least is None or (not pd.isna(row[c]) and row[c] >= least)
            for c, least in (("beds", rule.min_beds), ("doctors", rule.min_doctors), ("level", rule.min_level))
        )

    def best(self) -> tuple | None:
        """The lexicographically least objective values, in model units (weighted stages in the plan's); None = no plan.

        Stage after stage keeps the plans that are no worse than its best by more than its tolerance; at the end what
        nobody needed is taken back.
        """
        clinics = {
            w
            for plan in self.clinic_plans()
            for staffing in staffings(self, *plan)
            if (w := self.weigh_clinics(*plan, staffing)) is not None
        }
        centres = set(self.sub_centre_plans())
        limit = self.rules.budget.capital_cny if self.holds("capital_budget") else None
        return fairness.lexicographic(
            self,
            {
                tuple(a + b for a, b in zip(x, y, strict=True))
                for x, cx in clinics
                for y, cy in centres
                if limit is None or cx + cy <= limit
            },
        )
