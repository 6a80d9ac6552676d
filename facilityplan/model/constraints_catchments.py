"""The finer rules for sub-centres as rows: least people, spread, contiguous catchments, the farthest village.

Symbols: σ_h hospital h is a sub-centre · Q_th township t belongs to its catchment · f_h,uv flow of h from township u to
v · W minutes of the farthest village.
"""

from __future__ import annotations

from facilityplan.model.program import Program, Terms


def constrain_sub_centre_min_people(program: Program) -> None:
    """Least people of a catchment: Σ_t P_t Q_th ≥ min_people · σ_h, in tenths. Source: config rules.sub_centres."""
    data, block = program.data, program.data.sub_centres
    if block.min_people is None:
        return
    for k, site in enumerate(block.hospitals.tolist()):
        terms: Terms = [
            (program.assign[row, k], int(block.people[row]))
            for row in range(len(block.townships))
            if (row, k) in program.assign
        ]
        program.row(
            "sub_centre_min_people", data.site_ids[site], [*terms, (program.sub_centre[k], -block.min_people)], ">=", 0
        )


def constrain_sub_centre_spread(program: Program) -> None:
    """Sub-centres stand apart: σ_h + σ_k ≤ 1 where the way between them takes fewer whole minutes than asked.

    The shorter way of both directions, by the sub-centre mode. Source: config rules.sub_centres.min_minutes_apart
    (R-CZ-1, fair spread).
    """
    data, block = program.data, program.data.sub_centres
    for a, b, _ in block.too_near:
        label = f"{data.site_ids[block.hospitals[a]]} and {data.site_ids[block.hospitals[b]]}"
        program.row("sub_centre_spread", label, [(program.sub_centre[a], 1), (program.sub_centre[b], 1)], "<=", 1)


def constrain_sub_centre_contiguous(program: Program) -> None:
    """A catchment hangs together: one unit flows from the sub-centre's township r to each other township of it.

    Σ_u f_h,ut − Σ_u f_h,tu = Q_th (t ≠ r) · f_h,uv ≤ (n − 1) Q_vh · f_h,uv ≤ (n − 1) Q_uh · Q_th ≤ Q_rh, over the
    townships side by side in the part of the county where h stands, n of them. A township of another part is an island
    to h: it joins only where no sub-centre stands in its own part, Q_th + σ_k ≤ 1. Source: config
    rules.sub_centres.contiguous; single-commodity flow as in Shirabe 2009 (10.1068/b34104).
    """
    data, block = program.data, program.data.sub_centres
    if block.contiguity is None:
        return
    land = block.contiguity
    for k, site in enumerate(block.hospitals.tolist()):
        name, root, part = data.site_ids[site], int(land.root[k]), land.own_part(k)
        inside = [row for row in range(len(block.townships)) if land.component[row] == part]
        for row in range(len(block.townships)):
            if row not in inside and (row, k) in program.assign:
                for other in range(len(block.hospitals)):
                    if land.own_part(other) == land.component[row]:
                        program.row(
                            "sub_centre_contiguous",
                            f"{name}, island {data.townships[block.townships[row]]}, "
                            f"{data.site_ids[block.hospitals[other]]}",
                            [(program.assign[row, k], 1), (program.sub_centre[other], 1)],
                            "<=",
                            1,
                        )
        _flow(program, k, root, inside)


def _flow(program: Program, k: int, root: int, inside: list[int]) -> None:
    data, block = program.data, program.data.sub_centres
    name = data.site_ids[block.hospitals[k]]
    towns = [data.townships[t] for t in block.townships]
    reached = [row for row in inside if (row, k) in program.assign]
    own = program.assign.get((root, k))
    if own is None:  # some village of its own township cannot reach it: nobody else here belongs to it either
        for row in reached:
            program.row("sub_centre_contiguous", f"{name}, {towns[row]}", [(program.assign[row, k], 1)], "<=", 0)
        return
    arcs = [arc for a, b in block.contiguity.edges for arc in ((a, b), (b, a))]
    arcs = sorted((u, v) for u, v in arcs if u in reached and v in reached and v != root)
    most = len(reached) - 1
    flow = {
        arc: program.variable(f"flow[{name}, {towns[arc[0]]} to {towns[arc[1]]}]", 0, most)
        for arc in arcs
    }
    for row in reached:
        if row == root:
            continue
        member = program.assign[row, k]
        terms = [(v, 1) for (_, to), v in flow.items() if to == row]
        terms += [(v, -1) for (start, _), v in flow.items() if start == row]
        program.row("sub_centre_contiguous", f"{name}, {towns[row]}", [*terms, (member, -1)], "==", 0)
        program.row("sub_centre_contiguous", f"{name}, {towns[row]}, root", [(member, 1), (own, -1)], "<=", 0)
    for (start, to), variable in flow.items():
        for end in (start, to):
            program.row(
                "sub_centre_contiguous",
                f"{name}, {towns[start]} to {towns[to]}, {towns[end]}",
                [(variable, 1), (program.assign[end, k], -most)],
                "<=",
                0,
            )


def define_worst(program: Program) -> None:
    """Minutes of the farthest village: W ≥ Σ_h m_th Q_th for each township, m_th the whole minutes of its farthest
    village that reaches any hospital. Not a rule, so not droppable. Source: requirements "people-minutes, then worst".
    """
    block = program.data.sub_centres
    if block is None or block.worst is None:
        return
    most = int(max((block.worst[pair] for pair in program.assign), default=0))
    program.worst = program.variable("worst", 0, most)
    for row, township in enumerate(block.townships.tolist()):
        terms: Terms = [(program.worst, 1)]
        terms += [(v, -int(block.worst[r, k])) for (r, k), v in program.assign.items() if r == row]
        program.row("worst", program.data.townships[township], terms, ">=", 0)
