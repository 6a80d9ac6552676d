"""The verifier's count of every indicator that a clause names: from raw inputs and decisions, with code of its own.

Each function returns a `Found`: the ends between which the figure lies, and the ids that fall short of it.
"""
# ruff: noqa: D103 - what each function counts is said by the function of the same name in plan.indicators

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from facilityplan.config.clauses import Measure, Total
from facilityplan.domain.kinds import Action
from facilityplan.plan.recount_attributes import value_after
from facilityplan.plan.recount_base import Recount, known, whole_yuan
from facilityplan.plan.recount_consortia import consortia_today
from facilityplan.plan.recount_institutions import Site
from facilityplan.plan.recount_travel import NEVER


class Found(NamedTuple):
    """A recounted figure, its ends the same where it is known; None where nothing can be said."""

    low: float | None
    high: float | None
    short_of: tuple[str, ...] = ()


NONE = Found(None, None)


def _one(value: float) -> Found:
    return Found(float(value), float(value))


def _tally(states: Mapping[str, bool | None], *, share: bool = False, name: bool = True) -> Found:
    """Count the ids whose state is true; None may be either."""
    if share and not states:
        return NONE
    yes = sum(state is True for state in states.values())
    unknown = sum(state is None for state in states.values())
    whole = len(states) if share else 1
    short = sorted(i for i, state in states.items() if state is False) if name else []
    return Found(yes / whole, (yes + unknown) / whole, tuple(short))


def _share(states: Mapping[str, bool | None]) -> Found:
    return _tally(states, share=True) if states else _one(1)


def figure(m: Measure, r: Recount) -> Found:
    found: Any = r.claims.metrics  # themselves recounted by `check_metrics`
    for part in str(m.key).split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return _one(found) if isinstance(found, int | float) and not isinstance(found, bool) else NONE


def people_in_circle(m: Measure, r: Recount) -> Found:
    standard = r.config.standard(m.standard)
    weight = r.weight(standard)
    inside = r.nearest(standard, "after").within(standard.limit_min)
    return _one(weight[inside].sum() / weight.sum()) if weight.sum() > 0 else NONE


def _merged(r: Recount) -> dict[str, str]:
    return {i: d.merged_into for i, d in r.decisions.sites.items() if d.action is Action.CLOSE and d.merged_into}


def mergers(_m: Measure, r: Recount) -> Found:
    return _one(len(_merged(r)))


def mergers_adjacent(_m: Measure, r: Recount) -> Found:
    def near(guest: str, host: str) -> bool:
        a, b = r.sites[guest].village, r.sites[host].village
        return a == b or (min(a, b), max(a, b)) in r.adjacent

    return _share({g: near(g, h) for g, h in _merged(r).items()})


def minutes_to_host(_m: Measure, r: Recount) -> Found:
    ds = [int(r.merge_ds[g][r.sites[h].row]) for g, h in _merged(r).items()]
    return NONE if NEVER in ds else _one(max(ds, default=0) / 600)


def named_mergers(m: Measure, r: Recount) -> Found:
    into, states = _merged(r), {}
    for named in r.config.named.mergers:
        if m.mergers and named.id not in m.mergers:
            continue
        ends = {into.get(named.site, named.site), into.get(named.host, named.host)}
        states[named.id] = any(named.site in pair for pair in into.items()) if named.host is None else (
            len(ends) == 1 and (named.site in into or named.host in into))
    return _tally(states, share=m.share)


def small_villages_served(m: Measure, r: Recount) -> Found:
    table = r.inputs.facilities
    here = {v for v, is_open in zip(table["village"], r.open_after, strict=True) if is_open}
    clinics = {s.village for s in r.sites.values() if s.decided and s.village is not None}
    reached = here | clinics | set(r.decisions.visits)  # a village's own clinic merges or is visited, never just closes
    return _share({v: v in reached for v, rows in r.village_rows.items() if r.people[rows].sum() <= m.max_people})


def villages_by_mode(m: Measure, r: Recount) -> Found:
    claimed = r.claims.villages  # recounted by `check_villages_table`
    return _one(sum(str(mode) in m.modes for mode in claimed["mode"]))


def sub_centres(m: Measure, r: Recount) -> Found:
    chosen = {r.institution(r.sites[i]) for i, d in r.decisions.sites.items() if d.sub_centre}
    return _tally({i: i in chosen for i in m.sites}) if m.sites else _one(len(chosen))


def catchment_townships(_m: Measure, r: Recount) -> Found:
    return _share({t: t in r.decisions.catchments for t in sorted(set(r.township_of.values()))})


def services_hosted(m: Measure, r: Recount) -> Found:
    def hosted(service: str) -> bool:
        hosts = [r.sites[i] for i in r.decisions.centre_hosts.get(service, ()) if i in r.sites]
        return any((not m.kinds or host.kind in {str(k) for k in m.kinds}) and (
            not m.sites or r.institution(host) in m.sites) for host in hosts)

    return _tally({service: hosted(service) for service in m.services}, share=m.share)


def hospitals_at_level(m: Measure, r: Recount) -> Found:
    kinds = {str(k) for k in m.kinds} or {"township_hospital"}
    states: dict[str, bool | None] = {}
    for site in r.sites.values():
        if r.is_institution(site) and not (site.decided or site.candidate) and (
                site.id in m.sites if m.sites else site.kind in kinds):
            own = r.inputs.facilities["level"].iloc[site.row]
            steps = sum(w.adds.level or w.kind == "level_up" for w in r.works_done if w.facility == site.id)
            states[site.id] = min(3, int(own) + steps) >= m.level if known(own) else None
    return _tally(states, share=m.share)


def hospitals_decided(m: Measure, r: Recount) -> Found:
    return _tally({i: any(w.facility == i for w in r.rules.works) for i in m.sites})


def _attribute(m: Measure, r: Recount) -> dict[str, bool | None]:
    """Open facility of the measure's → whether it has what the column says, None = not known."""
    table, states = r.inputs.facilities, {}
    for site in r.sites.values():
        if not r.is_open(site.id) or (m.kinds and site.kind not in {str(k) for k in m.kinds}):
            continue
        owner, own = table["ownership"].iloc[site.row], r.sites[r.institution(site)]
        if (m.sites and own.id not in m.sites) or (m.ownership and (owner if known(owner) else "public")
                                                    != m.ownership):
            continue
        planned = m.column in ("beds", "doctors", "level", "tcm", "smart")
        value = value_after(r, m.column, site) if planned else table[m.column].iloc[own.row]
        states[site.id] = None if not known(value) else (
            bool(value) == m.value if m.at_least is None else float(value) >= m.at_least)
        for floor in r.rules.attributes:
            if site.id in r.decisions.equipped.get(floor.id, ()) and floor.column == m.column:
                wanted = floor.at_least is None and floor.value == m.value if m.at_least is None else (
                    floor.at_least is not None and floor.at_least >= m.at_least)
                states[site.id] = True if wanted else states[site.id]
    return states


def sites_with(m: Measure, r: Recount) -> Found:
    return _tally(_attribute(m, r), share=m.share, name=False)


def people_near(m: Measure, r: Recount) -> Found:
    states, ends = _attribute(m, r), []
    for wanted in ((True,), (True, None)):
        counted = np.zeros(len(r.inputs.facilities), dtype=bool)
        counted[[r.sites[i].row for i, state in states.items() if state in wanted]] = True
        near = r.roads(m.mode).nearest(r.joints(m.mode, "cells"), r.joints(m.mode, "facilities"), counted)
        ends.append(float(r.people[near.within(m.limit_min)].sum() / r.people.sum()))
    return Found(*ends)


def _sum(parts: Iterable[Total], r: Recount) -> float | None:
    whole = 0.0
    for part in parts:
        if part.table == "villages":
            values = [r.people.sum()] if part.column == "people" else list(r.inputs.villages[part.column])
        else:
            values = [r.inputs.facilities[part.column].iloc[s.row] for s in r.sites.values()
                      if not (s.candidate or s.new_place) and (not part.sites or s.id in part.sites)
                      and (not part.kinds or s.kind in {str(k) for k in part.kinds})]
        if not values or not all(known(v) for v in values):
            return None
        whole += float(sum(map(float, values)))
    return whole


def total(m: Measure, r: Recount) -> Found:
    value = _sum(m.numerator, r)
    return NONE if value is None else _one(value)


def ratio(m: Measure, r: Recount) -> Found:
    above, below = _sum(m.numerator, r), _sum(m.denominator, r)
    return NONE if above is None or not below else _one(above * (m.per or 1) / below)


def works_done(m: Measure, r: Recount) -> Found:
    late = {i for i, year in r.decisions.work_years.items() if m.by_year is not None and year > m.by_year}
    done = {w.id for w in r.works_done} - late
    return _tally({i: i in done for i in m.works or [w.id for w in r.rules.works]})


def works_capital(m: Measure, r: Recount) -> Found:
    return _one(sum(whole_yuan(w.capital.value) for w in r.works_done if not m.works or w.id in m.works))


def _groups(r: Recount) -> dict[str, str]:
    return dict(r.decisions.consortia) if r.decisions.consortia else consortia_today(r)


def consortia(_m: Measure, r: Recount) -> Found:
    return _one(len(set(_groups(r).values())))


def consortia_led_by(m: Measure, r: Recount) -> Found:
    taken: set[str] = set()
    states = {}
    for i in m.sites:
        group = _groups(r).get(r.sites[i].township)
        states[i] = group is not None and group not in taken and (group == i or not r.decisions.consortia)
        taken |= {group} if states[i] else set()
    return _tally(states)


def consortia_apart(_m: Measure, r: Recount) -> Found:
    groups = _groups(r)
    if not groups:
        return NONE
    import networkx as nx  # when it is needed: other commands need not wait for it

    borders = {frozenset((r.township_of.get(a), r.township_of.get(b))) for a, b in r.adjacent}
    touching = nx.Graph(tuple(pair) for pair in borders if len(pair) == 2 and None not in pair)
    inside = nx.Graph((a, b) for a, b in touching.edges if groups.get(a, a) == groups.get(b))
    inside.add_nodes_from(touching)
    pieces = [groups.get(min(piece)) for piece in nx.connected_components(inside)]
    apart = sorted({g for g in pieces if g is not None and pieces.count(g) > 1})
    return Found(float(len(apart)), float(len(apart)), tuple(apart))


def consortia_imbalance(_m: Measure, r: Recount) -> Found:
    groups = _groups(r)
    people = {group: sum(float(r.people[rows].sum()) for v, rows in r.village_rows.items()
                         if groups.get(r.township_of.get(v)) == group) for group in set(groups.values())}
    mean = sum(people.values()) / len(people) if people else 0.0
    return _one(max(abs(n - mean) for n in people.values()) / mean) if mean > 0 else NONE


def consortium_members(_m: Measure, r: Recount) -> Found:
    groups = _groups(r)
    return _share({s.id: s.township in groups for s in r.sites.values() if r.is_open(s.id)})


def _paid(r: Recount, *, debt_only: bool) -> float:
    counted = {s.id for s in r.rules.funding if s.debt or not debt_only}
    money = r.claims.money or {"works": (), "capital_other": {"funding": {}}}
    bills = [*(w["funding"] for w in money["works"] if w["done"]), money["capital_other"]["funding"]]
    return float(sum(amount for bill in bills for source, amount in bill.items() if source in counted))


def debt_share(_m: Measure, r: Recount) -> Found:
    whole = r.capital_total_cny
    return _one(_paid(r, debt_only=True) / whole if whole else 0)


def unfunded_share(_m: Measure, r: Recount) -> Found:
    whole = r.capital_total_cny
    return _one(max(0.0, whole - _paid(r, debt_only=False)) / whole if whole else 0)


def sources_used(_m: Measure, r: Recount) -> Found:
    money = r.claims.money or {"works": (), "capital_other": {"funding": {}}}
    bills = [*(w["funding"] for w in money["works"]), money["capital_other"]["funding"]]
    return _one(len({source for bill in bills for source, amount in bill.items() if amount > 0}))


def _balances(m: Measure, r: Recount) -> dict[str, int | None]:
    """Institution under the plan → its balance, None where not known."""
    def wanted(site: Site) -> bool:
        return (not m.kinds or site.kind in {str(k) for k in m.kinds}) and (
            r.is_open(site.id) or not (site.decided or site.candidate))

    after = r.all_balances[1]
    return {s.id: after[s.id] if s.decided or s.candidate or r.balance_known(s) else None
            for s in filter(r.is_institution, r.sites.values()) if wanted(s)}


def balance(m: Measure, r: Recount) -> Found:
    found = _balances(m, r)
    if None in found.values():
        return NONE
    doctor = whole_yuan(r.config.costs.doctor.value)
    return _one(sum(found.values()) - doctor * sum(r.decisions.reserve.values()))


def institutions_in_balance(m: Measure, r: Recount) -> Found:
    return _tally({i: None if n is None else n >= 0 for i, n in _balances(m, r).items()}, share=m.share, name=False)


RECOUNT: dict[str, Callable[[Measure, Recount], Found]] = {
    f.__name__: f for f in (
        figure, people_in_circle, mergers, mergers_adjacent, minutes_to_host, named_mergers, small_villages_served,
        villages_by_mode, sub_centres, catchment_townships, services_hosted, hospitals_at_level, hospitals_decided,
        sites_with, people_near, total, ratio, works_done, works_capital, consortia, consortia_led_by, consortia_apart,
        consortia_imbalance, consortium_members, debt_share, unfunded_share, sources_used, balance,
        institutions_in_balance)}
