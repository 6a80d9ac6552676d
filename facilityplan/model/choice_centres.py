"""Service centres and equipment between the solver's values, arrays by site, and the decisions that everybody reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from facilityplan.domain.decisions import Decisions
from facilityplan.model.sets import PlanningData

if TYPE_CHECKING:
    from facilityplan.model.choice import Choice

Arrays = tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...], tuple[np.ndarray, ...]]


def nothing_chosen(data: PlanningData) -> Arrays:
    """Return (hosts by service, centre of each township by service, sites equipped by floor), nothing chosen."""
    return (
        tuple(np.zeros(len(block.hosts), dtype=bool) for block in data.centres),
        tuple(np.full(len(block.townships), -1, dtype=np.int32) for block in data.centres),
        tuple(np.zeros(len(data.site_ids), dtype=bool) for _ in data.attributes),
    )


def solved_centres(data: PlanningData, parts: Iterable[Any]) -> Arrays:
    """Read the solved parts of a plan (``solve.PartResult``)."""
    centre, centre_of, equipped = nothing_chosen(data)
    for part in parts:
        program, on = part.program, part.values > 0.5
        for (s, k), variable in program.centre.items():
            centre[s][k] = on[program.column(variable)]
        for (s, row, k), variable in program.centre_of.items():
            if on[program.column(variable)]:
                centre_of[s][row] = k
        for (a, j), variable in program.equip.items():
            equipped[a][j] = on[program.column(variable)]
    return centre, centre_of, equipped


def centre_decisions(data: PlanningData, choice: Choice) -> dict[str, Any]:
    """Return the fields of Decisions that speak of service centres and equipment."""
    ids = data.site_ids
    hosts, uses = {}, {}
    for block, chosen, centre in zip(data.centres, choice.centre, choice.centre_of, strict=True):
        hosts[block.id] = tuple(sorted(ids[h] for h in block.hosts[chosen].tolist()))
        uses[block.id] = {
            data.townships[t]: ids[block.hosts[k]]
            for t, k in zip(block.townships.tolist(), centre.tolist(), strict=True)
            if k >= 0
        }
    equipped = {
        floor.id: tuple(sorted(ids[j] for j in np.flatnonzero(given).tolist()))
        for floor, given in zip(data.attributes, choice.equipped, strict=True)
        if given.any()
    }
    return {"centre_hosts": hosts, "centre_of": uses, "equipped": equipped}


def read_centres(data: PlanningData, decisions: Decisions) -> Arrays:
    """Read the arrays back from decisions; what no service or floor knows is left out."""
    centre, centre_of, equipped = nothing_chosen(data)
    for s, block in enumerate(data.centres):
        position = {data.site_ids[h]: k for k, h in enumerate(block.hosts.tolist())}
        for host in decisions.centre_hosts.get(block.id, ()):
            if host in position:
                centre[s][position[host]] = True
        uses = decisions.centre_of.get(block.id, {})
        for row, township in enumerate(block.townships.tolist()):
            centre_of[s][row] = position.get(uses.get(data.townships[township], ""), -1)
    site = {i: j for j, i in enumerate(data.site_ids)}
    for a, floor in enumerate(data.attributes):
        for name in decisions.equipped.get(floor.id, ()):
            if name in site:
                equipped[a][site[name]] = True
    return centre, centre_of, equipped
