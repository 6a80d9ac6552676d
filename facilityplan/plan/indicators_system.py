"""Indicators of works, money and consortia, beside those of `plan.indicators`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facilityplan.config.clauses import Measure
from facilityplan.domain.kinds import CLINIC_KINDS
from facilityplan.plan.clause_figures import NOTHING, Figure, counted, exact, share_of_all
from facilityplan.plan.consortia import consortium_today, site_townships
from facilityplan.plan.counts import yuan
from facilityplan.plan.indicators import BASIC, Situation


def works_done(m: Measure, s: Situation) -> Figure:
    """Works that are done; of those named where some are, and by the year asked for where the plan has years."""
    years = s.decisions.work_years
    done = {i for i in s.decisions.works if m.by_year is None or years.get(i, m.by_year) <= m.by_year}
    wanted = list(m.works) or [w.id for w in s.config.rules.works]
    return counted(wanted, [i for i in wanted if i not in done])


def works_capital(m: Measure, s: Situation) -> Figure:
    """Capital of the works done, yuan; of those named where some are."""
    made = [w for w in s.config.rules.works if w.id in s.decisions.works and (not m.works or w.id in m.works)]
    value = float(sum(yuan(w.capital.value) for w in made))
    return Figure(value, value, assumed=any(w.capital.standing == "assumed" for w in made))


def groups(s: Situation) -> dict[str, str]:
    """Township → its consortium: the plan's where it forms any, else that of today's data."""
    return dict(s.decisions.consortia) or consortium_today(s.inputs)


def consortia(_m: Measure, s: Situation) -> Figure:
    """Consortia that the plan forms, or that today's data have."""
    return exact(len(set(groups(s).values())))


def consortia_led_by(m: Measure, s: Situation) -> Figure:
    """Different consortia in whose townships the hospitals named stand; only a plan's own leads carry one it forms."""
    home = dict(zip(s.inputs.facilities["id"], site_townships(s.inputs), strict=True))
    of, formed = groups(s), bool(s.decisions.consortia)
    found, short = set(), []
    for site in m.sites:
        group = of.get(home[site])
        if group is None or group in found or (formed and group != site):
            short.append(site)
        else:
            found.add(group)
    return counted(list(m.sites), short)


def consortia_apart(_m: Measure, s: Situation) -> Figure:
    """Consortia that are not one piece in the graph of townships that touch; townships that touch none are left out."""
    import networkx as nx  # when it is needed: other commands need not wait for it

    of, graph = groups(s), nx.Graph()
    town = dict(zip(s.inputs.villages["id"], s.inputs.villages["township"], strict=True))
    graph.add_edges_from((town[a], town[b]) for a, b in s.access.adjacency
                         if a in town and b in town and town[a] != town[b])
    apart = []
    for group in sorted(set(of.values())):
        piece = graph.subgraph([t for t in graph if of.get(t) == group])
        if nx.number_connected_components(piece) > 1:
            apart.append(group)
    value = float(len(apart))
    return Figure(value, value, short_of=tuple(apart)) if of else NOTHING


def consortia_imbalance(_m: Measure, s: Situation) -> Figure:
    """Largest deviation of a consortium's people from the mean of all, as a share of the mean."""
    of = groups(s)
    if not of:
        return Figure(None, None, ("villages.consortium",))
    people = dict.fromkeys(of.values(), 0.0)
    for township, count in zip(s.villages["township"], s.villages["people"], strict=True):
        if township in of:
            people[of[township]] += count
    mean = sum(people.values()) / len(people)
    return exact(max(abs(count - mean) for count in people.values()) / mean) if mean > 0 else NOTHING


def consortium_members(_m: Measure, s: Situation) -> Figure:
    """Share of the facilities open under the plan whose township belongs to a consortium."""
    of, is_open = groups(s), s.open_after
    towns = zip(s.inputs.facilities["id"], site_townships(s.inputs), is_open, strict=True)
    members = [(i, town) for i, town, there in towns if there]
    return share_of_all([i for i, _ in members], [i for i, town in members if of.get(town) is None])


def _capital(s: Situation) -> float:
    return float(s.metrics["capital_cost_cny"])


def debt_share(_m: Measure, s: Situation) -> Figure:
    """Share of the plan's capital that is borrowed; nothing is where no source of money is debt."""
    debt = sum(float(row["used_cny"]) for row in s.funding if row["debt"])
    return Figure(debt / _capital(s), debt / _capital(s), assumed=True) if _capital(s) > 0 else exact(0.0)


def unfunded_share(_m: Measure, s: Situation) -> Figure:
    """Share of the plan's capital that no source pays."""
    paid = sum(float(row["used_cny"]) for row in s.funding)
    rest = max(0.0, _capital(s) - paid)
    return Figure(rest / _capital(s), rest / _capital(s), assumed=True) if _capital(s) > 0 else exact(0.0)


def sources_used(_m: Measure, s: Situation) -> Figure:
    """Sources that pay for something."""
    return exact(sum(float(row["used_cny"]) > 0 for row in s.funding))


def _institutions(m: Measure, s: Situation) -> tuple[np.ndarray, np.ndarray]:
    """Return (institutions open under the plan, of them those whose balance is not known) by facility."""
    table = s.inputs.facilities
    public = (table["ownership"] == "public").to_numpy(bool)
    clinic = table["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    # A hospital that relocates keeps its accounts under the old id.
    looked_at = public & s.of(m) & np.where(clinic, s.open_after, s.stands)
    return looked_at, looked_at & np.isnan(s.balance_after)


def balance(m: Measure, s: Situation) -> Figure:
    """Operating balance of all institutions under the plan, yuan a year, doctors in reserve paid."""
    looked_at, unknown = _institutions(m, s)
    if unknown.any():
        return Figure(None, None, ("facilities.income_cny", "facilities.spending_cny"))
    reserve = yuan(s.config.costs.doctor.value) * sum(s.decisions.reserve.values())
    value = float(s.balance_after[looked_at].sum() - reserve)
    return Figure(value, value, assumed=True)


def institutions_in_balance(m: Measure, s: Situation) -> Figure:
    """Institutions open under the plan whose balance is not below zero."""
    looked_at, unknown = _institutions(m, s)
    ids = s.inputs.facilities["id"]
    short = looked_at & ~unknown & (np.nan_to_num(s.balance_after) < 0)
    found = counted(ids[looked_at].tolist(), ids[short].tolist(), ids[unknown].tolist(), "", share=m.share, name=False)
    needs = ("facilities.income_cny", "facilities.spending_cny") if unknown.any() else ()
    return Figure(found.low, found.high, needs, assumed=True)


COUNT: dict[str, Callable[[Measure, Situation], Figure]] = BASIC | {
    f.__name__: f for f in (
        works_done, works_capital, consortia, consortia_led_by, consortia_apart, consortia_imbalance,
        consortium_members, debt_share, unfunded_share, sources_used, balance, institutions_in_balance)}
