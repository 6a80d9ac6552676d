"""The indicators that clauses name, counted from the plan's tables and the county's own (`domain.indicators`).

Each is one function of a measure and the situation. Where data are missing an indicator gives the range in which its
figure must lie, or none, and the columns that would settle it; it never takes a gap for a zero. The verifier counts
them again with code of its own (`plan.recount_indicators`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.access import nearest
from facilityplan.access.types import Access, Geography
from facilityplan.config.clauses import Measure
from facilityplan.config.schema import Config
from facilityplan.domain.attributes import FIGURES, GO_ALONG
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import Ownership, ServiceMode, Status
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.assigned import assigned
from facilityplan.plan.centre_figures import under_plan
from facilityplan.plan.clause_figures import NOTHING, Figure, counted, exact, share_of_all, totals


@dataclass(frozen=True)
class Situation:
    """What indicators look at: a config, the county's data, and a plan's decisions, tables and figures."""

    config: Config
    inputs: Inputs
    geography: Geography
    access: Access
    decisions: Decisions
    villages: pd.DataFrame  # domain.columns.PLAN_VILLAGES
    facilities: pd.DataFrame  # domain.columns.PLAN_FACILITIES
    refusals: pd.DataFrame  # domain.columns.REFUSALS
    metrics: Mapping[str, Any]
    funding: tuple[Mapping[str, Any], ...]  # plan.money.Money.funding; empty where the block is off
    balance_after: np.ndarray  # float64 by facility of the inputs, NaN = not known or no institution

    @property
    def stands(self) -> np.ndarray:
        """Which facilities stand today (bool by row of the inputs)."""
        return (self.inputs.facilities["status"] != Status.CANDIDATE).to_numpy(bool)

    @property
    def open_after(self) -> np.ndarray:
        """Which facilities are open under the plan (bool by row of the inputs)."""
        return self.inputs.facilities["id"].isin(self.decisions.open_sites()).to_numpy(bool)

    @property
    def institution(self) -> np.ndarray:
        """Whose institution stands at each facility: its own id, at a new place the hospital's that moved there."""
        moved = {w.to: w.facility for w in self.config.rules.works
                 if w.kind == "relocate" and w.id in self.decisions.works}
        return np.array([moved.get(i, i) for i in self.inputs.facilities["id"]], dtype=object)

    def of(self, measure: Measure) -> np.ndarray:
        """Which facilities are of the measure's kinds, ownership and ids (bool by row of the inputs).

        A hospital that has moved counts at its new place under its own id.
        """
        table = self.inputs.facilities
        found = np.ones(len(table), dtype=bool)
        if measure.kinds:
            found &= table["kind"].isin([str(k) for k in measure.kinds]).to_numpy(bool)
        if measure.ownership is not None:
            found &= (table["ownership"].fillna(Ownership.PUBLIC) == measure.ownership).to_numpy(bool)
        if measure.sites:
            found &= np.isin(self.institution, measure.sites)
        return found


def figure(m: Measure, s: Situation) -> Figure:
    """A figure of plan.json's metrics, by its dotted key; none where the plan has no such figure."""
    found: Any = s.metrics
    for part in (m.key or "").split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return Figure(None, None, (f"metrics.{m.key}",))
    return exact(found)


def people_in_circle(m: Measure, s: Situation) -> Figure:
    """Share of a standard's group inside its circle under the plan."""
    standard = s.config.standard(m.standard)
    block = s.metrics
    if standard.id != s.config.standards[0].id:
        block = s.metrics.get(f"standard:{standard.id}") or s.metrics[standard.id]
    return exact(block["share_within_after"]) if block["share_within_after"] is not None else NOTHING


def mergers(_m: Measure, s: Situation) -> Figure:
    """Clinics that close into a host."""
    return exact(int(s.facilities["merged_into"].notna().sum()))


def mergers_adjacent(_m: Measure, s: Situation) -> Figure:
    """Share of mergers whose villages are the same or adjacent; 1 where nothing merges."""
    village = dict(zip(s.inputs.facilities["id"], s.inputs.facilities["village"], strict=True))
    made = s.facilities[s.facilities["merged_into"].notna()]
    far = [i for i, host in zip(made["id"], made["merged_into"], strict=True)
           if village[i] != village[host] and tuple(sorted((village[i], village[host]))) not in s.access.adjacency]
    return share_of_all(made["id"].tolist(), far)


def minutes_to_host(_m: Measure, s: Situation) -> Figure:
    """Minutes from the farthest clinic that merges to its host, by the first standard's mode; 0 where none merges."""
    made = s.refusals[s.refusals["accepted"].astype(bool)]
    minutes = made["minutes"].astype(float)
    if minutes.isna().any():
        return Figure(None, None, (), tuple(made.loc[minutes.isna(), "clinic"]))
    return exact(float(minutes.max()) if len(made) else 0.0)


def named_mergers(m: Measure, s: Situation) -> Figure:
    """Named mergers that the plan makes: of the two named, one into the other or both into a common host; of one named
    alone, into any host or by taking another clinic over."""
    wanted = [n for n in s.config.named.mergers if not m.mergers or n.id in m.mergers]
    into = {i: d.merged_into for i, d in s.decisions.sites.items() if d.merged_into is not None}
    missing = [n.id for n in wanted if not (
        n.site in into or n.site in into.values() if n.host is None else
        into.get(n.site) == n.host or into.get(n.host) == n.site
        or (n.site in into and into[n.site] == into.get(n.host)))]
    return counted([n.id for n in wanted], missing, share=m.share)


def small_villages_served(m: Measure, s: Situation) -> Figure:
    """Share of villages of at most ``max_people`` that have a site open full-time or are merged, visited or staffed."""
    small = s.villages[s.villages["people"] <= m.max_people]
    here = set(s.inputs.facilities.loc[s.open_after, "village"].dropna())
    without = small[(small["mode"].astype(str) == ServiceMode.NONE) & ~small["id"].isin(here)]
    return share_of_all(small["id"].tolist(), without["id"].tolist())


def villages_by_mode(m: Measure, s: Situation) -> Figure:
    """Villages that are served in one of the modes."""
    return exact(int(s.villages["mode"].astype(str).isin(m.modes).sum()))


def sub_centres(m: Measure, s: Situation) -> Figure:
    """Sub-centres; of those named where some are."""
    whose = dict(zip(s.inputs.facilities["id"], s.institution, strict=True))
    chosen = {whose[i] for i in s.facilities.loc[s.facilities["sub_centre"].astype(bool), "id"]}
    return exact(len(chosen)) if not m.sites else counted(list(m.sites), sorted(set(m.sites) - chosen))


def catchment_townships(_m: Measure, s: Situation) -> Figure:
    """Share of townships that belong to a sub-centre's catchment."""
    towns = sorted(set(s.inputs.villages["township"].dropna()))
    return share_of_all(towns, [t for t in towns if t not in s.decisions.catchments])


def services_hosted(m: Measure, s: Situation) -> Figure:
    """Services that a hospital (of the kinds) hosts under the plan; one that the config does not offer has none."""
    of_kind = set(s.inputs.facilities.loc[s.of(m), "id"])
    return counted(list(m.services), [i for i in m.services if not of_kind & set(s.decisions.centre_hosts.get(i, ()))],
                   share=m.share)


def hospitals_at_level(m: Measure, s: Situation) -> Figure:
    """Public hospitals that have the level once works are done; one whose level is not known may or may not."""
    table = s.inputs.facilities
    kinds = [str(k) for k in m.kinds] or ["township_hospital"]
    asked = s.stands & (table["ownership"].fillna(Ownership.PUBLIC) == Ownership.PUBLIC).to_numpy(bool)
    asked &= table["id"].isin(m.sites).to_numpy(bool) if m.sites else table["kind"].isin(kinds).to_numpy(bool)
    raised: dict[str, int] = {}
    for work in s.config.rules.works:
        if work.id in s.decisions.works:
            raised[work.facility] = raised.get(work.facility, 0) + (work.adds.level or work.kind == "level_up")
    level = {i: min(3, int(v) + raised.get(i, 0)) if not pd.isna(v) else None
             for i, v in zip(table.loc[asked, "id"], table.loc[asked, "level"], strict=True)}
    below = [i for i, v in level.items() if v is not None and v < m.level]
    unknown = [i for i, v in level.items() if v is None]
    return counted(list(level), below, unknown, "facilities.level", share=m.share)


def hospitals_decided(m: Measure, s: Situation) -> Figure:
    """Hospitals for which the config offers works, so that keeping, rebuilding or moving them is decided with cost."""
    offered = {w.facility for w in s.config.rules.works}
    return counted(list(m.sites), [i for i in m.sites if i not in offered])


def sites_with(m: Measure, s: Situation) -> Figure:
    """Facilities open under the plan that have what the column says."""
    looked_at, has, unknown = _attribute(m, s)
    ids = s.inputs.facilities["id"]
    return counted(ids[looked_at].tolist(), ids[looked_at & ~has & ~unknown].tolist(), ids[unknown].tolist(),
                   f"facilities.{m.column}", share=m.share, name=False)


def people_near(m: Measure, s: Situation) -> Figure:
    """Share of people within ``limit_min`` of an open facility that has what the column says."""
    _, has, unknown = _attribute(m, s)
    people = s.inputs.cells["people"].to_numpy(float)
    ends = []
    for sites in (has, has | unknown):
        reach = assigned(nearest(s.geography.networks[m.mode], s.geography.cells[m.mode],
                                 s.geography.facilities[m.mode], sites))
        ends.append(float(people[reach.inside(m.limit_min)].sum() / people.sum()) if people.sum() > 0 else 0.0)
    return Figure(*ends, needs=(f"facilities.{m.column}",) if unknown.any() else ())


def _attribute(m: Measure, s: Situation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (looked at, has it, not known) by facility: bool arrays."""
    looked_at = s.of(m) & s.open_after
    if m.column in (*FIGURES, *GO_ALONG):  # as attribute floors see them: works counted, where hospitals then stand
        column = under_plan(s.config, s.inputs.facilities, m.column, s.decisions)[m.column]
    else:
        row = {i: k for k, i in enumerate(s.inputs.facilities["id"])}
        column = s.inputs.facilities[m.column].iloc[[row[i] for i in s.institution]]
    unknown = column.isna().to_numpy(bool) & looked_at
    if m.at_least is not None:
        has = column.astype(float).fillna(-np.inf).to_numpy(float) >= m.at_least
    else:
        has = np.array([v is not None and not pd.isna(v) and bool(v) == m.value for v in column], dtype=bool)
    # A site that the plan equips for the same thing has it, whatever the data say.
    given = {i for floor in s.config.rules.attributes for i in s.decisions.equipped.get(floor.id, ())
             if (floor.column, floor.value if floor.at_least is None else None) == (m.column, m.value)
             and (m.at_least is None or (floor.at_least is not None and floor.at_least >= m.at_least))}
    gets = s.inputs.facilities["id"].isin(given).to_numpy(bool) & looked_at
    return looked_at, (has & looked_at & ~unknown) | gets, unknown & ~gets


def total(m: Measure, s: Situation) -> Figure:
    """The sum of columns of the county's tables, as the data have them."""
    value, needs = totals(s.inputs, m.numerator)
    return Figure(None, None, needs) if value is None else exact(value)


def ratio(m: Measure, s: Situation) -> Figure:
    """One sum divided by another, by so many of the latter."""
    (above, needs), (below, needed) = totals(s.inputs, m.numerator), totals(s.inputs, m.denominator)
    if above is None or below is None or not below > 0:
        return Figure(None, None, tuple(dict.fromkeys((*needs, *needed))))
    return exact(above / below * (m.per or 1))


BASIC: dict[str, Callable[[Measure, Situation], Figure]] = {
    f.__name__: f for f in (
        figure, people_in_circle, mergers, mergers_adjacent, minutes_to_host, named_mergers, small_villages_served,
        villages_by_mode, sub_centres, catchment_townships, services_hosted, hospitals_at_level, hospitals_decided,
        sites_with, people_near, total, ratio)}
