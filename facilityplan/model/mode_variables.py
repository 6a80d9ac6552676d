"""The variables of circuit, neighbour and posted service, and what each of them stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facilityplan.model.sets import PlanningData

if TYPE_CHECKING:
    from facilityplan.model.program import Program


def circuit_pairs(data: PlanningData) -> np.ndarray:
    """Return the positions of the circuit pairs that the rules in force allow; none where circuits are not offered."""
    block = data.modes.circuit if data.modes is not None else None
    return np.zeros(0, dtype=np.int64) if block is None else np.flatnonzero(block.pairs.obeying(data.holds))


def neighbour_pairs(data: PlanningData) -> np.ndarray:
    """Return the positions of the neighbour pairs that the host rules and mode rules in force allow."""
    block = data.modes.neighbour if data.modes is not None else None
    if block is None:
        return np.zeros(0, dtype=np.int64)
    pairs, clinics = block.pairs, data.modes.clinics
    of_clinics, of_villages = data.allowed_pairs(), data.allowed_pairs(data.modes.village_pairs)
    fits = np.zeros(len(pairs.target), dtype=bool)
    clinic = pairs.target < clinics
    fits[clinic] = of_clinics[pairs.host_pair[clinic]]
    fits[~clinic] = of_villages[pairs.host_pair[~clinic]]
    return np.flatnonzero(fits & pairs.obeying(data.holds))


def posted_pairs(data: PlanningData) -> np.ndarray:
    """Return the positions of the posted pairs that the rules in force allow."""
    block = data.modes.posted if data.modes is not None else None
    return np.zeros(0, dtype=np.int64) if block is None else np.flatnonzero(block.pairs.obeying(data.holds))


def closable(data: PlanningData) -> np.ndarray:
    """Return the clinics that circuit or neighbour service could replace (bool by site)."""
    found = np.zeros(len(data.site_ids), dtype=bool)
    if data.modes is None:
        return found
    for block, allowed in ((data.modes.circuit, circuit_pairs), (data.modes.neighbour, neighbour_pairs)):
        if block is not None:
            site = data.modes.target_site[block.pairs.target[allowed(data)]]
            found[site[site >= 0]] = True
    return found


def visits_cross_townships(data: PlanningData) -> bool:
    """Could a neighbour's doctors visit another township?"""
    block = data.modes.neighbour if data.modes is not None else None
    if block is None:
        return False
    allowed = neighbour_pairs(data)
    town = data.modes.target_township[block.pairs.target[allowed]]
    return bool((town != data.site_township[block.pairs.site[allowed]]).any())


def add_mode_variables(program: Program, forced: np.ndarray) -> None:
    """Add the variables of the modes: who visits whom, who posts staff where, how many teams; ``forced``: stay open."""
    data, ids, modes = program.data, program.data.site_ids, program.data.modes

    def name(target: int) -> str:
        site = int(modes.target_site[target])
        return ids[site] if site >= 0 else f"village {data.village_ids[modes.target_village[target]]}"

    def stays(target: int) -> bool:
        site = int(modes.target_site[target])
        return site >= 0 and bool(forced[site])

    for block, allowed, variables, words in (
        (modes.neighbour, neighbour_pairs, program.neighbour, "neighbour"),
        (modes.circuit, circuit_pairs, program.circuit, "circuit"),
    ):
        for k in allowed(data).tolist() if block is not None else ():
            target, site = int(block.pairs.target[k]), int(block.pairs.site[k])
            if not stays(target):
                variables[target, site] = program.variable(f"{words}[{name(target)} from {ids[site]}]", 0, 1)
                program.visit_minutes[words, target, site] = int(block.pairs.minutes[k])
    for k in posted_pairs(data).tolist():
        clinic, hospital = int(modes.target_site[modes.posted.pairs.target[k]]), int(modes.posted.pairs.site[k])
        program.posted[clinic, hospital] = program.variable(f"posted[{ids[clinic]} from {ids[hospital]}]", 0, 1)
    minutes: dict[int, int] = {}
    for target, base in program.circuit:
        minutes[base] = minutes.get(base, 0) + program.visit_minutes["circuit", target, base]
    for base in sorted(minutes):
        most = max(1, -(-minutes[base] // modes.circuit.team_minutes))
        program.teams[base] = program.variable(f"teams[{ids[base]}]", 0, most)
        program.has_team[base] = program.variable(f"has_team[{ids[base]}]", 0, 1)
