"""The rules for consortia as rows.

Symbols: L_c lead c is used · g_tc township t belongs to the consortium of lead c · P_t people of township t (tenths) ·
σ_h hospital h is a sub-centre · Q_th township t lies in its catchment · a_jh clinic j merges into host h · s_tc, r_tc
clinic doctors that township t lends to and borrows from the pool of consortium c.
"""

from __future__ import annotations

from facilityplan.model.consortia import ConsortiaData
from facilityplan.model.constraints_modes import target_name
from facilityplan.model.program import Program


def constrain_consortium_member(program: Program) -> None:
    """Each township belongs to one consortium that exists: Σ_c g_tc = 1, g_tc ≤ L_c, and g_tc ≥ L_c for the township
    where lead c stands.

    Pairs with a village that cannot reach the lead do not exist. Source: requirements R-DQ-1, "group every facility".
    """
    block = program.data.consortia
    for row in range(len(block.townships)):
        choices = [c for c in range(len(block.leads)) if (row, c) in program.member]
        program.row("consortium_member", _town(program, row), [(program.member[row, c], 1) for c in choices], "==", 1)
        for c in choices:
            program.row("consortium_member", _pair(program, row, c),
                        [(program.member[row, c], 1), (program.lead[c], -1)], "<=", 0)
    for c, row in enumerate(block.home.tolist()):
        own = [(program.member[row, c], -1)] if (row, c) in program.member else []
        program.row("consortium_member", f"{_lead(program, c)} at home", [(program.lead[c], 1), *own], "<=", 0)


def constrain_consortium_leads(program: Program) -> None:
    """Fixed leads are used: L_c = 1. Source: config rules.consortia.fixed_leads (R-DQ-1: leads fixed)."""
    for c in program.data.consortia.fixed.nonzero()[0].tolist():
        program.row("consortium_leads", _lead(program, c), [(program.lead[c], 1)], "==", 1)


def constrain_consortium_count(program: Program) -> None:
    """Number of consortia, free within bounds: min ≤ Σ_c L_c ≤ max. Source: config rules.consortia (R-SD-3)."""
    block, terms = program.data.consortia, [(v, 1) for v in program.lead]
    program.row("consortium_count", "least", terms, ">=", block.min_count)
    program.row("consortium_count", "most", terms, "<=", block.max_count)


def constrain_consortium_balance(program: Program) -> None:
    """Consortia of like size, their number k free: (1 − δ) P / k ≤ Σ_t P_t g_tc ≤ (1 + δ) P / k, P = Σ_t P_t.

    Exact and without any big M: y_ck = 1 where lead c is used and k consortia are in use, z_k = 1 where k are; then
    Σ_k z_k = 1, y_ck ≤ z_k, Σ_k y_ck = L_c, Σ_c y_ck = k z_k and Σ_k low_k y_ck ≤ Σ_t P_t g_tc ≤ Σ_k high_k y_ck, with
    low_k and high_k rounded inwards to tenths of people. Where the number is settled only the last rows are left, with
    L_c for y_ck. Source: config rules.consortia.balance_share (R-DQ-1: balanced).
    """
    block = program.data.consortia
    if block.balance is None:
        return
    counts = _counts(program, block)
    used: dict[int, dict[int, object]] = {}
    if len(counts) == 1:
        used = {c: {counts[0]: lead} for c, lead in enumerate(program.lead)}
    else:
        number = {k: program.variable(f"consortia_in_use[{k}]", 0, 1) for k in counts}
        program.row("consortium_balance", "one number", [(z, 1) for z in number.values()], "==", 1)
        for c, lead in enumerate(program.lead):
            used[c] = {k: program.variable(f"lead_of[{k}, {_lead(program, c)}]", 0, 1) for k in counts}
            program.row("consortium_balance", f"{_lead(program, c)} in use",
                        [*((y, 1) for y in used[c].values()), (lead, -1)], "==", 0)
            for k, y in used[c].items():
                program.row("consortium_balance", f"{_lead(program, c)} of {k}", [(y, 1), (number[k], -1)], "<=", 0)
        for k, z in number.items():
            program.row("consortium_balance", f"{k} in use", [*((used[c][k], 1) for c in used), (z, -k)], "==", 0)
    for c in range(len(program.lead)):
        people = [(program.member[row, c], int(block.people[row])) for row in _rows(program, c)]
        low = [(y, -block.band(k)[0]) for k, y in used[c].items()]
        high = [(y, -block.band(k)[1]) for k, y in used[c].items()]
        program.row("consortium_balance", f"{_lead(program, c)}, least", [*people, *low], ">=", 0)
        program.row("consortium_balance", f"{_lead(program, c)}, most", [*people, *high], "<=", 0)


def constrain_consortium_townships(program: Program) -> None:
    """Townships of each consortium: Σ_t g_tc ≥ m L_c. Source: config rules.consortia.min_townships."""
    least = program.data.consortia.min_townships
    for c, lead in enumerate(program.lead):
        terms = [(program.member[row, c], 1) for row in _rows(program, c)]
        if least > 1:
            program.row("consortium_townships", _lead(program, c), [*terms, (lead, -least)], ">=", 0)


def constrain_consortium_contiguous(program: Program) -> None:
    """Each consortium hangs together: a flow from the lead's township that brings one unit to each other member.

    Σ_t' f_t'tc − Σ_t' f_tt'c = g_tc and Σ_t' f_t'tc ≤ M g_tc for each township t but the lead's own, with t' adjacent
    to t, f whole and not negative, nothing flowing into the lead's township, M = the townships that could be members
    less the lead's. A flow ends somewhere only where it passes through members all the way, so the rows admit exactly
    the connected consortia. The usual short cut, "a township needs a member that lies nearer to the lead"
    (g_tc ≤ Σ_{t' nearer} g_t'c), is smaller but refuses connected consortia whose way round is not the shortest, and
    would call a plan infeasible that is not. Size: 2 columns for each adjacent pair and lead, 2 rows for each township
    and lead: 150 columns and 72 rows at 13 townships with 26 pairs and 3 leads; 1,630 and 944 at 60 townships, 104
    pairs and 8 leads, a balance of 15 to 30 % and a free number proven with them in 5 to 30 s on one core. Townships in
    whose part of the graph no lead stands (islands) are exempt, by name in the plan's notes.
    Source: Shirabe 2005 (flow model of contiguity); R-DQ-1: contiguous.
    """
    block = program.data.consortia
    if not block.contiguous:
        return
    for c, home in enumerate(block.home.tolist()):
        rows = [row for row in _rows(program, c) if not block.exempt[row]]
        inside = {row: [] for row in rows}
        outside = {row: [] for row in rows}
        for a, b in block.links:
            for start, end in ((a, b), (b, a)):
                if start in inside and end in inside and end != home:
                    flow = program.variable(
                        f"flow[{_town(program, start)} to {_town(program, end)}, {_lead(program, c)}]",
                        0, len(rows) - 1)
                    inside[end].append((flow, 1))
                    outside[start].append((flow, -1))
        for row in rows:
            if row != home:
                name = _pair(program, row, c)
                member = program.member[row, c]
                program.row("consortium_contiguous", name, [*inside[row], *outside[row], (member, -1)], "==", 0)
                program.row("consortium_contiguous", f"{name}, members only",
                            [*inside[row], (member, 1 - len(rows))], "<=", 0)


def constrain_consortium_assigned(program: Program) -> None:
    """Settled beforehand: g_tc = 1. Source: config rules.consortia.assigned."""
    for row, c in enumerate(program.data.consortia.assigned.tolist()):
        if c >= 0:
            own = [(program.member[row, c], 1)] if (row, c) in program.member else []
            program.row("consortium_assigned", _pair(program, row, c), own, "==", 1)


def constrain_consortium_limit(program: Program) -> None:
    """Way to the lead: g_tc = 0 where a village of t takes more than max_minutes (whole minutes) to lead c.

    A village that reaches no lead hinders nothing. Source: config rules.consortia.max_minutes.
    """
    block = program.data.consortia
    if block.max_minutes is None:
        return
    for (row, c), member in program.member.items():
        if block.farthest[row, c] > block.max_minutes:
            program.row("consortium_limit", _pair(program, row, c), [(member, 1)], "==", 0)


def constrain_consortium_sub_centres(program: Program) -> None:
    """Sub-centres of each consortium: w_hc ≤ σ_h, w_hc ≤ g_t(h)c, Σ_h w_hc ≥ m L_c; w_hc: sub-centre h serves c.

    Asked only where the plan chooses sub-centres. Source: requirements, "at least one sub-centre each".
    """
    data, block = program.data, program.data.consortia
    if not _with_sub_centres(program) or block.min_sub_centres == 0:
        return
    row_of = block.row_of()
    for c, lead in enumerate(program.lead):
        serving = []
        for k, site in enumerate(data.sub_centres.hospitals.tolist()):
            row = row_of.get(int(data.site_township[site]))
            if (row, c) not in program.member:
                continue
            name = f"{data.site_ids[site]} in {_lead(program, c)}"
            serves = program.variable(f"serves[{name}]", 0, 1)
            for what, needed in (("chosen", program.sub_centre[k]), ("member", program.member[row, c])):
                program.row("consortium_sub_centres", f"{name}, {what}", [(serves, 1), (needed, -1)], "<=", 0)
            serving.append((serves, 1))
        program.row("consortium_sub_centres", _lead(program, c), [*serving, (lead, -block.min_sub_centres)], ">=", 0)


def constrain_consortium_catchments(program: Program) -> None:
    """Catchments inside a consortium: Q_th ≤ 1 − g_tc + g_t(h)c for every c.

    Only where the hospital stands in another township. Source: config rules.consortia.catchments_inside.
    """
    data, block = program.data, program.data.consortia
    if not _with_sub_centres(program) or not block.catchments_inside:
        return
    for (r, k), assign in program.assign.items():
        site = int(data.sub_centres.hospitals[k])
        _together(program, "consortium_catchments", int(data.sub_centres.townships[r]), int(data.site_township[site]),
                  assign, f"{data.townships[data.sub_centres.townships[r]]} to {data.site_ids[site]}")


def constrain_consortium_mergers(program: Program) -> None:
    """Mergers inside a consortium: a_jh ≤ 1 − g_t(j)c + g_t(h)c for every c; a neighbour's doctors likewise.

    Only pairs across a township line need the rows. Source: requirements, "mergers and staff pools inside a
    consortium"; it takes the place of the host rule same_consortium.
    """
    data = program.data
    if "clinics" not in program.blocks or not data.consortia.merge_inside:
        return
    for (j, h), merge in program.merge.items():
        _together(program, "consortium_mergers", int(data.site_township[j]), int(data.site_township[h]), merge,
                  f"{data.site_ids[j]} into {data.site_ids[h]}")
    for (target, h), visit in program.neighbour.items():
        _together(program, "consortium_mergers", int(data.modes.target_township[target]), int(data.site_township[h]),
                  visit, f"{target_name(program, target)} by {data.site_ids[h]}")


def constrain_consortium_staff(program: Program) -> None:
    """Doctors are lent inside a consortium: s_tc ≤ pool_t g_tc, r_tc ≤ D_t g_tc, Σ_t s_tc = Σ_t r_tc for every c.

    s_t = Σ_c s_tc and r_t = Σ_c r_tc stand in the staff balance of township t; D_t: the most doctors that its sites
    could want. A pool for each consortium in place of flows between townships: 2 columns for each township and lead
    instead of one for each pair, and the same plans. At the end of every stage s but the last likewise: −(pool_ts +
    H_t) g_tc ≤ m_tcs ≤ D_t g_tc, Σ_t m_tcs = 0 (constrain_stage_doctors). Source: config
    rules.consortia.pool_staff (R-HN-2).
    """
    for c in range(len(program.lead)):
        pool = []
        for sign, moved in ((1, program.lend), (-1, program.borrow)):
            for (row, at), variable in moved.items():
                if at == c:
                    most = int(variable.upBound)
                    program.row("consortium_staff", f"{_pair(program, row, c)}, {'lent' if sign > 0 else 'borrowed'}",
                                [(variable, 1), (program.member[row, c], -most)], "<=", 0)
                    pool.append((variable, sign))
        if pool:
            program.row("consortium_staff", _lead(program, c), pool, "==", 0)
    if program.stages is None or not program.stages.moved:
        return
    for s, year in enumerate(program.stages.years[:-1]):
        for c in range(len(program.lead)):
            pool = {row: parts[s] for (row, at), parts in program.stages.moved.items() if at == c}
            for row, variable in pool.items():
                name, member = _pair(program, row, c), program.member[row, c]
                program.row("consortium_staff", f"{name}, lent, {year}",
                            [(variable, -1), (member, int(variable.lowBound))], "<=", 0)
                program.row("consortium_staff", f"{name}, borrowed, {year}",
                            [(variable, 1), (member, -int(variable.upBound))], "<=", 0)
            program.row("consortium_staff", f"{_lead(program, c)}, {year}", [(v, 1) for v in pool.values()], "==", 0)


def _together(program: Program, rule: str, one: int, other: int, variable: object, name: str) -> None:
    """Rows that let ``variable`` be 1 only where two townships (positions) share a consortium; unknown ones may."""
    row_of = program.data.consortia.row_of()
    if one == other or one not in row_of or other not in row_of:
        return
    for c in range(len(program.lead)):
        own, its = program.member.get((row_of[one], c)), program.member.get((row_of[other], c))
        if own is not None:
            terms = [(variable, 1), (own, 1)] + ([(its, -1)] if its is not None else [])
            program.row(rule, f"{name}, {_lead(program, c)}", terms, "<=", 1)


def _with_sub_centres(program: Program) -> bool:
    return "sub_centres" in program.blocks and program.data.sub_centres is not None


def _counts(program: Program, block: ConsortiaData) -> list[int]:
    """Every number of consortia that may be in use."""
    if not program.data.holds("consortium_count"):
        return list(range(1, len(block.leads) + 1))
    return list(range(block.min_count, min(block.max_count, len(block.leads)) + 1))


def _rows(program: Program, c: int) -> list[int]:
    return [row for row in range(len(program.data.consortia.townships)) if (row, c) in program.member]


def _town(program: Program, row: int) -> str:
    return program.data.townships[program.data.consortia.townships[row]]


def _lead(program: Program, c: int) -> str:
    return program.data.site_ids[program.data.consortia.leads[c]]


def _pair(program: Program, row: int, c: int) -> str:
    return f"{_town(program, row)} to {_lead(program, c)}"
