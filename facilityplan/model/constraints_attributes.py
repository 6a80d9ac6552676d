"""The floors under attributes of what stays as rows.

Symbols: Y_j site j is open (1 for permanent sites) · q_aj the plan gives site j the attribute of floor a, or works lift
it there · u_aS nothing in S has it · A_a the sites that have it today · w people in tenths.
"""

from __future__ import annotations

from facilityplan.model.program import Program, Terms
from facilityplan.model.sets_works import blockers


def define_equipment(program: Program) -> None:
    """Only what is open is equipped: q_aj ≤ Y_j; works lift a hospital's figure where enough are done: q_aj ≤ Y_j and
    q_aj ≤ Σ_{p∈B} x_p for each blocker B of the sets that do (``sets_works.blockers``). Not rules, so not droppable.
    Source: issue 3, attributes.
    """
    data = program.data
    for (a, j), variable in (*program.equip.items(), *program.lifted.items()):
        if (opening := program.opening(j)) is not None:
            program.row("equip", _at(program, a, j), [(variable, 1), (opening, -1)], "<=", 0)
    for (a, j), variable in program.lifted.items():
        for blocker in blockers(data.attributes[a].lifting[j]):
            label = f"{_at(program, a, j)}: {', '.join(data.works.ids[p] for p in blocker)}"
            program.row("equip", label, [(variable, 1), *((program.work[p], -1) for p in blocker)], "<=", 0)


def _at(program: Program, a: int, j: int) -> str:
    return f"{program.data.attributes[a].id}, {program.data.site_ids[j]}"


def _gained(program: Program, a: int) -> Terms:
    """Sites that lack the attribute of a floor and may come to have it."""
    return [(v, 1) for (b, _), v in (*program.equip.items(), *program.lifted.items()) if b == a]


def constrain_attribute_sites(program: Program) -> None:
    """Sites with an attribute among those open: Σ_{j∈A} Y_j + Σ_j q_j ≥ min_count, and d (Σ_{j∈A} Y_j + Σ_j q_j) ≥
    n Σ_j Y_j, with the share n / d as the decimal that the config shows.

    j: sites of the floor's kinds; permanent ones stand on the right as constants. Source: config rules.attributes
    (R-DQ-8, R-HN-5).
    """
    data = program.data
    for a, floor in enumerate(data.attributes):
        if floor.counts_people:
            continue
        fixed = data.permanent[floor.sites]
        with_it = int((fixed & floor.has[floor.sites]).sum())
        opening = {j: v for j in floor.sites.tolist() if (v := program.opening(j)) is not None}
        terms: Terms = [(v, 1) for j, v in opening.items() if floor.has[j]]
        terms += _gained(program, a)
        if floor.min_count is not None:
            program.row("attribute_sites", f"{floor.id}, number", terms, ">=", floor.min_count - with_it)
        if floor.min_share is not None:
            top, below = floor.min_share
            every = [(v, -top) for v in opening.values()]
            right = top * int(fixed.sum()) - below * with_it
            share = [(v, below * c) for v, c in terms] + every
            program.row("attribute_sites", f"{floor.id}, share", share, ">=", right)


def constrain_attribute_people(program: Program) -> None:
    """People near a site with an attribute: Σ_S w_S u_S ≤ total − wanted − …, u_S ≥ 1 − Σ_{j∈S∩A} Y_j − Σ_{j∈S} q_j.

    S: sites within limit_min of a cell, one variable for all cells with the same S; cells that a permanent site with
    the attribute serves have none. wanted = max(min_count, ⌈share · total⌉) in tenths. Source: config rules.attributes
    (R-XY-4, R-HN-5).
    """
    data = program.data
    for a, floor in enumerate(data.attributes):
        if not floor.counts_people:
            continue
        for n, (with_it, may_have) in enumerate(floor.near):
            terms: Terms = [(program.far[a, n], 1)] + [(program.opening(j), 1) for j in with_it]
            terms += [((program.equip if (a, j) in program.equip else program.lifted)[a, j], 1) for j in may_have]
            program.row("attribute_people", f"{floor.id}, {n}", terms, ">=", 1)
        out = [(program.far[a, n], int(floor.near_people[n])) for n in range(len(floor.near))]
        program.row("attribute_people", floor.id, out, "<=", floor.total - floor.people_wanted)


def equipment_cost(program: Program) -> Terms:
    """Return what equipping costs, in yuan: Σ equip_a q_aj."""
    return [(variable, program.data.attributes[a].equip_cny) for (a, _), variable in program.equip.items()]


def preferred_equipment(program: Program) -> list[tuple[int, int]]:
    """Return (column, 1) of every site that may be equipped: floors by id, sites in canonical order."""
    pairs = sorted(program.equip, key=lambda p: (p[0], int(program.data.rank[p[1]])))
    return [(program.column(program.equip[pair]), 1) for pair in pairs]
