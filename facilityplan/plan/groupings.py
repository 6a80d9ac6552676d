"""Consortia and sub-centres' catchments held against today's: who changes, how balanced, in how many pieces.

Today's consortia are those of the data (`consortium_today`). Today's catchments are those of the township hospitals:
each township goes to the one that is nearest, by the sub-centres' mode, for most of its people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.sites import is_new_place
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.consortia import consortium_today, site_townships

if TYPE_CHECKING:
    import networkx as nx


def groupings(config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> tuple[Mapping[str, Any], ...]:
    """Return one record for each way in which the plan groups townships: plan.json `groupings`. None: no such block.

    ``changes``: townships whose group is another one than today, with their people; ``imbalance_*``: the largest
    deviation of a group's people from the mean of all groups, as a share of it; ``apart_*``: groups that are not one
    piece in the graph of townships that touch, those that touch none left out; ``tolerance``: the imbalance that the
    config allows; ``max_people``: the most people that it allows in one catchment.
    """
    found = []
    people = _people(inputs)
    names = dict(zip(inputs.facilities["id"], inputs.facilities["name"], strict=True))
    if decisions.consortia:
        today, after = consortium_today(inputs), dict(decisions.consortia)
        home = dict(zip(inputs.facilities["id"], site_townships(inputs), strict=True))
        own = {lead: today.get(home[lead]) for lead in set(after.values())}
        changes = [(t, today[t], names[lead]) for t, lead in sorted(after.items())
                   if t in today and own[lead] is not None and today[t] != own[lead]]
        tolerance = config.rules.consortia.balance_share if config.rules.consortia else None
        found.append({"id": "consortia", **_record(people, access, inputs, today, after, changes),
                      "tolerance": tolerance, "max_people": None})
    if decisions.catchments:
        today, after = _nearest_hospitals(inputs, access), dict(decisions.catchments)
        changes = [(t, names[today[t]], names[centre]) for t, centre in sorted(after.items())
                   if t in today and today[t] != centre]
        found.append({"id": "catchments", **_record(people, access, inputs, today, after, changes),
                      "tolerance": None, "max_people": config.rules.sub_centres.max_people})
    return tuple(found)


def _people(inputs: Inputs) -> dict[str, float]:
    """Township → people of its villages' cells."""
    town = dict(zip(inputs.villages["id"], inputs.villages["township"], strict=True))
    return inputs.cells["people"].groupby(inputs.cells["village"].map(town)).sum().to_dict()


def _record(people: Mapping[str, float], access: Access, inputs: Inputs, today: Mapping[str, str],
            after: Mapping[str, str], changes: list[tuple[str, str, str]]) -> dict[str, Any]:
    graph = _touching(access, inputs)
    record: dict[str, Any] = {
        "changes": [{"township": t, "from": old, "to": new, "people": float(people.get(t, 0.0))}
                    for t, old, new in changes],
        "people_changing": float(sum(people.get(t, 0.0) for t, *_ in changes)),
        "people": float(sum(people.get(t, 0.0) for t in after))}
    for when, of in (("before", today), ("after", after)):
        sizes = dict.fromkeys(of.values(), 0.0)
        for township, group in of.items():
            sizes[group] += people.get(township, 0.0)
        mean = sum(sizes.values()) / len(sizes) if sizes else 0.0
        record |= {
            f"groups_{when}": len(sizes), f"largest_{when}": max(sizes.values(), default=None),
            f"smallest_{when}": min(sizes.values(), default=None),
            f"imbalance_{when}": max(abs(n - mean) for n in sizes.values()) / mean if mean > 0 else None,
            f"apart_{when}": sorted(group for group in sizes if _pieces(graph, of, group) > 1)}
    return record


def _touching(access: Access, inputs: Inputs) -> nx.Graph:
    import networkx as nx  # when it is needed: other commands need not wait for it

    town = dict(zip(inputs.villages["id"], inputs.villages["township"], strict=True))
    return nx.Graph((town[a], town[b]) for a, b in access.adjacency
                    if a in town and b in town and town[a] != town[b])


def _pieces(graph: nx.Graph, of: Mapping[str, str], group: str) -> int:
    import networkx as nx

    return nx.number_connected_components(graph.subgraph([t for t in graph if of.get(t) == group]))


def _nearest_hospitals(inputs: Inputs, access: Access) -> dict[str, str]:
    """Township → the standing township hospital nearest for most of its people; ties by id; empty where unknown."""
    times = access.to_sub_centres
    if times is None:
        return {}
    planned = set(inputs.facilities["id"][is_new_place(inputs.facilities)])
    standing = ~np.isin(times.site_ids[times.site].astype(str), sorted(planned))
    origin = np.repeat(np.arange(len(times.origin_ids)), np.diff(times.indptr))
    rows = np.flatnonzero(standing)
    villages, first = np.unique(origin[rows], return_index=True)  # pairs lie in order of (time, site) by village
    people = inputs.cells["people"].groupby(inputs.cells["village"]).sum()
    table = pd.DataFrame({"village": times.origin_ids[villages], "hospital": times.site_ids[times.site[rows[first]]]})
    table["township"] = table["village"].map(dict(zip(inputs.villages["id"], inputs.villages["township"],
                                                      strict=True)))
    table["people"] = table["village"].map(people).fillna(0.0)
    found = {}
    for township, group in table.groupby("township", sort=True):
        weight = group.groupby("hospital", sort=True)["people"].sum()
        found[str(township)] = str(weight.index[int(np.argmax(weight.to_numpy()))])
    return found
