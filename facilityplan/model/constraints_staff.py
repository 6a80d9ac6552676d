"""The rules for doctors as rows.

Symbols: e_h doctors of clinic h beyond the first, so that an open clinic has d_h = Y_h + e_h ≥ 1 · n_h clinic doctors
working at township hospital h · P_j people of clinic j (units of 1 / load_scale person) · q people per doctor at most.
"""

from __future__ import annotations

from facilityplan.model.constraints_modes import target_name
from facilityplan.model.program import Program


def constrain_doctor_capacity(program: Program) -> None:
    """Doctors for whoever a host serves: P_h · g_h + Σ_j P_j a_jh ≤ q · (Y_h + e_h), a_jh ≤ g_h.

    g_h: clinic h has a guest. A clinic without guests may stay as it is, however many people it has; where P_h ≤ q one
    doctor is enough for that, g_h is not needed and P_h · Y_h stands in its place. A hospital brings no people of its
    own: Σ_j P_j a_jh ≤ q · n_h. Whoever its doctors visit counts like a guest. Source: config
    rules.doctors.people_per_doctor_cap.
    """
    data, ids = program.data, program.data.site_ids
    cap = data.doctors.cap
    for host in sorted({*program.guests, *program.visits_by}):
        guests = {ids[g]: (program.merge[g, host], int(data.load[g])) for g in program.guests.get(host, ())}
        for pair in program.visits_by.get(host, ()):
            name = f"{target_name(program, pair[0])} by visits"
            guests[name] = (program.neighbour[pair], int(data.modes.target_people[pair[0]]))
        served = list(guests.values())
        if host in program.hosted:
            program.row("doctor_capacity", ids[host], [*served, (program.hosted[host], -cap)], "<=", 0)
        elif host in program.extra:
            own = program.hosting.get(host, program.open[host])
            program.row(
                "doctor_capacity",
                ids[host],
                [*served, (own, int(data.load[host])), (program.open[host], -cap), (program.extra[host], -cap)],
                "<=",
                0,
            )
            if host in program.hosting:
                for name, (guest, _) in guests.items():
                    program.row(
                        "doctor_capacity",
                        f"{name} into {ids[host]}",
                        [(guest, 1), (program.hosting[host], -1)],
                        "<=",
                        0,
                    )


def constrain_doctor_rooms(program: Program) -> None:
    """Room for doctors: e_h ≤ (R_h − 1) · Y_h + Σ_p rooms_p x_p with R_h = max(max_per_site, doctors today).

    rooms_p: what work p at the clinic adds (no work where it closes). Hospitals have room. Source: config
    rules.doctors.max_per_site, rules.works.
    """
    data, works = program.data, program.data.works
    for host, extra in sorted(program.extra.items()):
        rooms = int(data.doctors.rooms[host])
        if extra.upBound > rooms - 1:
            more = [] if works is None else [(program.work[p], -int(works.adds["rooms"][p])) for p in works.at(host)]
            terms = [(extra, 1), (program.open[host], 1 - rooms), *more]
            program.row("doctor_rooms", data.site_ids[host], terms, "<=", 0)


def constrain_doctor_balance(program: Program) -> None:
    """Staff balance of each township t: Σ_{j∈t} (Y_j + e_j) + Σ_{h∈t} n_h + reserve_t = pool_t + hires_t.

    pool_t: doctors at its clinics today less retirements; reserve_t ≥ 0 is the row's slack. Where consortia pool their
    staff, + Σ_c s_tc − Σ_c r_tc on the left (lent, borrowed), and Σ s = Σ r. Clinics with posted staff need nobody of
    the pool: Y_j − Σ_h P_jh in place of Y_j. Source: requirements "Staff balance: after + retired = before + hired;
    nobody counts at two places".
    """
    data = program.data
    needed: dict[int, list] = {}
    for variables in (program.open, program.extra, program.hosted):
        for site, variable in variables.items():
            needed.setdefault(int(data.site_township[site]), []).append((variable, 1))
    for (site, _), variable in program.posted.items():
        needed[int(data.site_township[site])].append((variable, -1))
    moved = [*((key, v, 1) for key, v in program.lend.items()), *((key, v, -1) for key, v in program.borrow.items())]
    for (row, _), variable, sign in moved:
        needed.setdefault(int(data.consortia.townships[row]), []).append((variable, sign))
    for t in sorted(needed):
        hired = [(program.hires[t], -1)] if t in program.hires else []
        program.row("doctor_balance", data.townships[t], [*needed[t], *hired], "<=", int(data.doctors.pool[t]))
    if moved:
        program.row("doctor_balance", "lent and borrowed", [(v, sign) for _, v, sign in moved], "==", 0)


def constrain_hires(program: Program) -> None:
    """Hires in the county: Σ_t hires_t ≤ max_hires. Source: config rules.doctors.max_hires."""
    if program.hires:
        program.row("hires", "county", [(v, 1) for v in program.hires.values()], "<=", program.data.doctors.max_hires)
