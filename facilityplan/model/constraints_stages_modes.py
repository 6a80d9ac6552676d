"""Circuit, neighbour and posted service in a plan by years: what teams, hours and money they take at each stage's end.

Symbols: C_vbs, N_vus, P_jhs a service begins in stage s, C(s) = Σ_{s'≤s} C_vbs' and so on: it has begun · g_bs
circuit teams of base b at the end of s · e_us doctors beyond the first at clinic u. Who is not served yet keeps the
clinic.
"""

from __future__ import annotations

from facilityplan.model.program import Program, Terms


def define_stage_services(program: Program) -> None:
    """What services begun so far take at the end of every stage s but the last: ⌈Σ_v m_vb C_vb(s) / H⌉ = g_bs teams,
    written H g_bs − H + 1 ≤ Σ_v m_vb C_vb(s) ≤ H g_bs; Σ_v m_vu N_vu(s) ≤ M (Y_u + e_us) hours of a host's doctors.

    The teams are exact, so that no vehicle is bought in a year with money to spare for one without. Limits on teams and
    posts hold at the end, and so before. Not rules, so not droppable; nothing of a rule that is dropped (circuit_team,
    neighbour_hours).
    """
    stages, data = program.stages, program.data
    if data.modes is None:
        return
    ids = data.site_ids
    for s, year in enumerate(stages.years[:-1]):
        for base, teams in sorted(stages.teams.items()) if data.holds("circuit_team") else ():
            each = data.modes.circuit.team_minutes
            minutes = _minutes(program, "circuit", [p for p in stages.circuit if p[1] == base], s)
            program.row("stage_need", f"teams of {ids[base]}, {year}", [*minutes, (teams[s], -each)], "<=", 0)
            more = [(v, -c) for v, c in minutes]
            label = f"no more teams of {ids[base]}, {year}"
            program.row("stage_need", label, [*more, (teams[s], each)], "<=", each - 1)
        for host, pairs in sorted(program.visits_by.items()) if data.holds("neighbour_hours") else ():
            each = data.modes.neighbour.doctor_minutes
            doctors = [(program.open[host], -each)]
            doctors += [(stages.extra[host][s], -each)] if host in stages.extra else []
            minutes = _minutes(program, "neighbour", pairs, s)
            program.row("stage_need", f"hours of {ids[host]}, {year}", [*minutes, *doctors], "<=", 0)


def _minutes(program: Program, mode: str, pairs: list[tuple[int, int]], s: int) -> Terms:
    """Staff minutes a week of the visits begun by the end of stage ``s``."""
    stages = program.stages
    parts = stages.circuit if mode == "circuit" else stages.neighbour
    return [t for p in pairs for t in stages.done(parts[p], s, program.visit_minutes[mode, *p])]


def vehicles_in(program: Program, s: int) -> Terms:
    """Return the capital of teams' vehicles in stage ``s``: vehicle · Σ_b (g_bs − g_b,s−1), in yuan."""
    stages, data = program.stages, program.data
    if not stages.teams or not data.holds("circuit_team"):
        return []
    price, last = data.modes.circuit.vehicle_cny, len(stages.years) - 1
    now = [(program.teams[b] if s == last else parts[s], price) for b, parts in stages.teams.items()]
    return now + [(parts[s - 1], -price) for parts in stages.teams.values() if s > 0]


def services_cost(program: Program, s: int) -> Terms:
    """Return what circuit teams and posted staff cost a year at the end of stage ``s``, in yuan."""
    stages, data = program.stages, program.data
    last = len(stages.years) - 1
    terms: Terms = []
    if data.modes is not None and data.holds("circuit_team"):
        for b, parts in stages.teams.items():
            terms.append((program.teams[b] if s == last else parts[s], data.modes.circuit.team_cny))
    for parts in stages.posted.values():
        terms += stages.done(parts, s, data.modes.posted.staff_cny)
    return terms
