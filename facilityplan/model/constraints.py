"""The rules for clinics as rows: one function for each rule, with its formula, symbols, units and source.

Symbols: Y_j clinic j stays open, or candidate j is built · a_jh clinic j merges into host h · s_S nothing in the set S
is open · w_i people of cell i (tenths). Rules for staff, money and sub-centres stand in the modules beside this one.
"""

from __future__ import annotations

from facilityplan.model.constraints_modes import (
    one_way_for_villages,
    own_doctor,
    posted_stays_open,
    visitor_stays_open,
    ways_of,
)
from facilityplan.model.program import Program


def constrain_one_mode(program: Program) -> None:
    """One decision for each clinic: Y_j + Σ_h a_jh = 1.

    j: decided clinic; h: its allowed hosts. A clinic never closes without a host. Where modes beside keep and merge
    are offered: Y_j + Σ_h a_jh + Σ_b C_jb + Σ_u N_ju = 1, Y_j = K_j + Σ_h P_jh (see constraints_modes). Source: issue
    2, "keep / merge / none"; model.md "Mode".
    """
    data = program.data
    for j, variable in program.open.items():
        if data.decided[j]:
            terms = [(variable, 1)] + [(program.merge[j, h], 1) for h in program.hosts.get(j, ())]
            if data.modes is not None:
                terms += ways_of(program, data.modes.target_of(j))
            program.row("one_mode", data.site_ids[j], terms, "==", 1)
    if data.modes is not None:
        posted_stays_open(program)
        one_way_for_villages(program)


def constrain_host_open(program: Program) -> None:
    """A host stays open and is nobody's guest: a_jh ≤ Y_h, one row for each pair; with posted staff a_jh ≤ K_h, and
    N_vu ≤ K_u for a neighbour's doctors.

    Hospitals are always open, but for one that may relocate. Never summed over j: the sum weakens the LP by a quarter
    of the gap (measured, model.md). Together with one_mode there are no chains.
    """
    ids = program.data.site_ids
    for (j, h), variable in program.merge.items():
        if h in program.open:
            own = [(v, -c) for v, c in own_doctor(program, h)]
            program.row("host_open", f"{ids[j]} into {ids[h]}", [(variable, 1), *own], "<=", 0)
        elif (opening := program.opening(h)) is not None:
            program.row("host_open", f"{ids[j]} into {ids[h]}", [(variable, 1), (opening, -1)], "<=", 0)
    visitor_stays_open(program)


def define_ladder(program: Program) -> None:
    """The meaning of s_S: s_S ≥ s_P − Σ_{j∈S∖P} Y_j, with s_∅ = 1, P the largest subset of S that a ladder passes.

    Continuous: at 0/1 decisions its least value is 0 or 1. Not a rule, so not droppable. Source: García, Labbé, Marín
    2011.
    """
    ladder = program.ladder
    for k, sites in enumerate(ladder.sets):
        parent = ladder.parent[k]
        known = set(ladder.sets[parent]) if parent >= 0 else set()
        terms = [(program.closed[k], 1)] + [(program.opening(j), 1) for j in sites if j not in known]
        if parent >= 0:
            terms.append((program.closed[parent], -1))
        program.row("ladder", k, terms, ">=", 0 if parent >= 0 else 1)


def constrain_blank_villages(program: Program) -> None:
    """Villages that may stay without a clinic: Σ_v (1 − b_v) ≤ max, b_v ≤ Σ_{j∈v} Y_j, b_v ≤ 1.

    v: villages without any clinic today that have a candidate site j; b_v: one is built there. Written without b_v
    where a village has one candidate site. With circuit or neighbour service every village without any site is among
    them, and b_v ≤ Σ_j Y_j + Σ_b C_vb + Σ_u N_vu. Source: config rules.max_blank_villages.
    """
    data = program.data
    if data.max_blank is None or not data.blank_groups:
        return
    served = []
    visits = {}
    if data.modes is not None:
        villages = data.modes.target_village[data.modes.clinics :].tolist()
        visits = {v: ways_of(program, t) for t, v in enumerate(villages, start=data.modes.clinics)}
    for village, sites in data.blank_groups:
        ways = [(program.opening(j), 1) for j in sites] + visits.get(village, [])
        if len(ways) == 1:
            served += ways
            continue
        built = program.variable(f"village_served[{data.village_ids[village]}]", 0, 1)
        program.row("blank_villages", data.village_ids[village], [(built, 1)] + [(w, -1) for w, _ in ways], "<=", 0)
        served.append((built, 1))
    program.row("blank_villages", "county", served, ">=", len(data.blank_groups) - data.max_blank)


def constrain_no_harm(program: Program) -> None:
    """Nobody is made worse off: Σ_{j: t_ij ≤ L_i} Y_j ≥ 1 for each cell i, once for each inclusion-minimal set of
    sites.

    t_ij exact deciseconds, L_i the cell's no-harm limit (see gather.no_harm_limit). Cells that a site that is always
    open serves within L_i need no row. Source: requirements "No harm"; a hard cover row also tightens the LP
    (model.md).
    """
    for k, sites in enumerate(program.ladder.no_harm):
        program.row("no_harm", k, [(program.opening(j), 1) for j in sites], ">=", 1)


def constrain_circle_share(program: Program) -> None:
    """Least share inside a circle: Σ_i w_i s_{S_i} ≤ ⌊(1 − β) Σ_i w_i⌋, in the county or in one township.

    S_i: the sites within the standard's limit of cell i; β as the decimal that the config shows. Source: config
    rules.circle_share.
    """
    data = program.data
    for floor, cost in zip(data.circle_floors, program.ladder.floors, strict=True):
        place = "county" if floor.township is None else data.townships[floor.township]
        terms = [(program.closed[k], c) for k, c in cost.coefficients.items()]
        program.row(
            "circle_share",
            f"{data.ladders[floor.ladder].standard}, {place}",
            terms,
            "<=",
            floor.allowed_out - cost.constant,
        )
