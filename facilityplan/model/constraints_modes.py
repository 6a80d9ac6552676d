"""The rules for circuit, neighbour and posted service and for new joint sites as rows.

Symbols: v whoever is visited, a clinic that closes or a village without any site · C_vb a circuit team based at
hospital b visits v · N_vu doctors of the kept clinic u visit v · P_jh clinic j stays open with staff of hospital h ·
m staff minutes a week, the way there and back included (see gather_modes.visit_minutes) · g_b teams of base b, G_b it
has any · y_k candidate k is built · a_jk clinic j merges into it.
"""

from __future__ import annotations

from facilityplan.model.mode_data import FULL_WEEK, ContactGroup
from facilityplan.model.program import Program, Terms


def own_doctor(program: Program, site: int) -> Terms:
    """Return K_j = Y_j − Σ_h P_jh: the clinic is open with a doctor of its own."""
    return [(program.open[site], 1), *((program.posted[pair], -1) for pair in program.posts_of.get(site, ()))]


def ways_of(program: Program, target: int) -> Terms:
    """Return Σ_b C_vb + Σ_u N_vu: somebody visits the target."""
    return [(variables[pair], 1) for variables, pair in program.visits_of.get(target, ())]


def target_name(program: Program, target: int) -> str:
    """Return the id of the clinic or village that is visited."""
    data = program.data
    site = int(data.modes.target_site[target])
    return data.site_ids[site] if site >= 0 else data.village_ids[data.modes.target_village[target]]


def one_way_for_villages(program: Program) -> None:
    """One decision for each village without any site: Σ_b C_vb + Σ_u N_vu + Y_k ≤ 1 for each site k that may open
    there, a candidate or a hospital that may move there or away.

    Part of one_mode. Source: design "one service mode per village and community".
    """
    data = program.data
    for target in range(data.modes.clinics, len(data.modes.target_site)):
        village = int(data.modes.target_village[target])
        ways = ways_of(program, target)
        if not ways:
            continue
        sites = [j for j in (*program.open, *program.place) if data.site_village[j] == village]
        name = data.village_ids[village]
        for k in sites:
            program.row("one_mode", f"{name} or {data.site_ids[k]}", [*ways, (program.opening(k), 1)], "<=", 1)
        if not sites:
            program.row("one_mode", name, ways, "<=", 1)


def posted_stays_open(program: Program) -> None:
    """Posted staff keep a clinic open: Σ_h P_jh ≤ Y_j. Part of one_mode."""
    for site, pairs in sorted(program.posts_of.items()):
        terms = [(program.posted[pair], 1) for pair in pairs]
        program.row("one_mode", f"posted at {program.data.site_ids[site]}", [*terms, (program.open[site], -1)], "<=", 0)


def visitor_stays_open(program: Program) -> None:
    """Whose doctors visit, stays open with doctors of its own: N_vu ≤ K_u, one row for each pair. Part of host_open."""
    ids = program.data.site_ids
    for (target, host), variable in program.neighbour.items():
        own = [(v, -c) for v, c in own_doctor(program, host)]
        program.row("host_open", f"{target_name(program, target)} by {ids[host]}", [(variable, 1), *own], "<=", 0)


def constrain_circuit_team(program: Program) -> None:
    """Hours of the circuit teams: Σ_v m_vb C_vb ≤ H · g_b, C_vb ≤ G_b ≤ g_b ≤ ĝ_b · G_b.

    H: a team's minutes a week; ĝ_b: the teams that would be enough for everybody. C_vb ≤ G_b only tightens the LP.
    Source: model.md "Circuit"; config rules.modes.circuit.team_minutes_week (assumed).
    """
    data, ids = program.data, program.data.site_ids
    for base, teams in sorted(program.teams.items()):
        visits = [(pair, v) for pair, v in program.circuit.items() if pair[1] == base]
        hours = [(v, program.visit_minutes["circuit", *pair]) for pair, v in visits]
        program.row("circuit_team", ids[base], [*hours, (teams, -data.modes.circuit.team_minutes)], "<=", 0)
        for (target, _), variable in visits:
            name = f"{target_name(program, target)} from {ids[base]}"
            program.row("circuit_team", name, [(variable, 1), (program.has_team[base], -1)], "<=", 0)
        program.row("circuit_team", f"{ids[base]} at least", [(program.has_team[base], 1), (teams, -1)], "<=", 0)
        most = int(teams.upBound)
        program.row("circuit_team", f"{ids[base]} at most", [(teams, 1), (program.has_team[base], -most)], "<=", 0)


def constrain_circuit_staff(program: Program) -> None:
    """Teams that a hospital can staff: g_b ≤ min(teams, ⌊⌊share · its doctors⌋ / doctors of a team⌋).

    Source: config rules.modes.circuit (assumed).
    """
    data = program.data
    for base, teams in sorted(program.teams.items()):
        program.row("circuit_staff", data.site_ids[base], [(teams, 1)], "<=", int(data.modes.circuit.max_teams[base]))


def constrain_neighbour_hours(program: Program) -> None:
    """Hours of a host's doctors for visits: Σ_v m_vu N_vu ≤ M · (Y_u + e_u).

    M: minutes a week of each doctor; Y_u + e_u: doctors of clinic u. Source: config
    rules.modes.neighbour.visit_minutes_per_doctor_week (assumed).
    """
    data = program.data
    for host, pairs in sorted(program.visits_by.items()):
        hours = [(program.neighbour[pair], program.visit_minutes["neighbour", *pair]) for pair in pairs]
        each = data.modes.neighbour.doctor_minutes
        doctors = [(program.open[host], -each)]
        if host in program.extra:
            doctors.append((program.extra[host], -each))
        program.row("neighbour_hours", data.site_ids[host], [*hours, *doctors], "<=", 0)


def constrain_posted_pool(program: Program) -> None:
    """Doctors that a hospital can post: Σ_j P_jh ≤ ⌊min(limit, ⌊share · its doctors⌋) / staff of a clinic⌋.

    Source: design "posted ≤ 3 per township"; config rules.modes.posted (assumed).
    """
    data = program.data
    by_hospital: dict[int, Terms] = {}
    for (_, hospital), variable in program.posted.items():
        by_hospital.setdefault(hospital, []).append((variable, 1))
    for hospital, terms in sorted(by_hospital.items()):
        program.row("posted_pool", data.site_ids[hospital], terms, "<=", int(data.modes.posted.posts[hospital]))


def constrain_joint_site_guests(program: Program) -> None:
    """A new joint site is worth building: Σ_j a_jk ≥ n · y_k for a candidate k whose village has a clinic today.

    n: guests at least. Source: model.md "New joint sites: build y_j, with guests only"; config rules.hosts.min_guests.
    """
    data = program.data
    for k in data.joint_sites:
        guests = [(program.merge[j, k], -1) for j in program.guests.get(k, ())]
        program.row("joint_site_guests", data.site_ids[k], [(program.open[k], data.min_guests), *guests], "<=", 0)


def define_contacts(program: Program) -> None:
    """The meaning of z_v, days a week without contact: z_v ≥ D_v − 7 Σ_j Y_j, z_v ≥ 0.

    D_v: days missed by the way its largest clinic goes (see ``_missed``); j: its other clinics and candidates. Written
    for villages with several sites or none; with one clinic z_v = D_v, with no coefficient below zero. Not a rule, so
    not droppable.
    """
    data = program.data
    for group in data.modes.contacts:
        if _has_variable(program, group):
            name = data.village_ids[group.village]
            gap = program.variable(f"days_without_contact[{name}]", 0, FULL_WEEK, integer=False)
            missed, constant = _missed(program, group)
            is_open = [(program.opening(j), -FULL_WEEK) for j in group.others]
            program.row("contact", name, [(gap, -1), *missed, *is_open], "<=", -constant)
            program.contact[group.village] = gap


def contact_gap(program: Program) -> tuple[Terms, int]:
    """Return Σ_v w_v z_v as (terms, constant), w_v the people of village v in tenths."""
    data, terms = program.data, []
    for group in data.modes.contacts:
        people = int(data.village_people[group.village])
        if _has_variable(program, group):
            terms.append((program.contact[group.village], people))
            continue
        terms += [(variable, people * days) for variable, days in _missed(program, group)[0]]
    return terms, 0


def _has_variable(program: Program, group: ContactGroup) -> bool:
    return bool(group.others) or program.data.modes.target_site[group.target] < 0


def _missed(program: Program, group: ContactGroup) -> tuple[Terms, int]:
    """Days a week without contact by the way that the group's target goes: a merger 7, a visit 7 − its days.

    A village without any site: 7 − the days of its visits.
    """
    data, target = program.data, group.target
    site = int(data.modes.target_site[target])
    days = {"circuit": data.modes.circuit, "neighbour": data.modes.neighbour}
    visits = [
        (variables[pair], (days["circuit"] if variables is program.circuit else days["neighbour"]).days)
        for variables, pair in program.visits_of.get(target, ())
    ]
    if site < 0:
        return [(variable, -n) for variable, n in visits], FULL_WEEK
    merged = [(program.merge[site, h], FULL_WEEK) for h in program.hosts.get(site, ())]
    return merged + [(variable, FULL_WEEK - n) for variable, n in visits], 0
