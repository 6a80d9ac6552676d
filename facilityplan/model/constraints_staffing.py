"""Staffing in depth as rows: patients against doctors, posts to fill, least doctors by a clinic's people.

Symbols: Y_j clinic j is open · e_j its doctors beyond the first · n_h clinic doctors at township hospital h, D_h its
own doctors · a_jh clinic j merges into h · P_j people of clinic j (units of 1 / load_scale) · w people (tenths) · q
tenths of people that one doctor can take.
"""

from __future__ import annotations

from facilityplan.model.patients import NOBODY, own_before_works
from facilityplan.model.program import Program, Terms
from facilityplan.model.variables_staffing import brought_to, people_brought


def define_patients(program: Program) -> None:
    """The meaning of z_S and o_j, for the prefix sets S of cells' sites in order of time (model.patients).

    Nothing in S is open, exactly: z_S ≥ z_P − Σ_{j∈S∖P} Y_j, z_S ≤ z_P, z_S ≤ 1 − Y_j for j ∈ S∖P, z_∅ = 1, P the set
    before S. Patients of site j beyond its doctors: Σ_S w_Sj (z_S − z_{S∪j}) ≤ q · (Y_j + e_j) + o_j, at a hospital
    q · (D_h + n_h) + o_h: closest assignment with capacity and a slack, never hard nearest and hard capacity. With
    posted staff (p doctors at a clinic): q · (Y_j + e_j + (p − 1) Σ_h P_jh) and q · (D_h + n_h − p Σ_j P_jh). Works x_w
    at a hospital, or of one that may relocate there, add q · Σ_w D_w x_w. Whoever is visited is a patient of the
    nearest open site all the same. Not a rule, so not droppable. Source: Espejo, Marín, Rodríguez-Chía 2012 (closest
    assignment); García, Labbé, Marín 2011 (radius formulation); config rules.patients.
    """
    steps = program.patients
    if steps is None:
        return
    data, ids = program.data, program.data.site_ids
    for k, sites in enumerate(steps.sets):
        parent = steps.parent[k]
        new = sorted(set(sites) - set(steps.sets[parent])) if parent != NOBODY else sites
        before = [(program.passed[parent], -1)] if parent != NOBODY else []
        opened = [(program.opening(j), 1) for j in new]
        program.row("patients", k, [(program.passed[k], 1), *opened, *before], ">=", 0 if before else 1)
        if before:
            program.row("patients", f"{k} after {parent}", [(program.passed[k], 1), *before], "<=", 0)
        for j in new:
            terms: Terms = [(program.passed[k], 1), (program.opening(j), 1)]
            program.row("patients", f"{k} at {ids[j]}", terms, "<=", 1)
    capacity = data.staffing.patients.capacity
    for j, share in steps.patients.items():
        terms = [(program.passed[k], people) for k, people in share.items() if k != NOBODY]
        own, doctors = doctors_at(program, j)
        terms += [(variable, -capacity * n) for variable, n in doctors] + [(program.overload[j], -1)]
        program.row("patient_capacity", ids[j], terms, "<=", capacity * own - share.get(NOBODY, 0))


def doctors_at(program: Program, site: int) -> tuple[int, Terms]:
    """Return (constant, terms): the doctors who work at an open site, posted staff included, those posted away not."""
    if site in program.open:
        terms: Terms = [(program.open[site], 1)] + ([(program.extra[site], 1)] if site in program.extra else [])
        return 0, terms + posted_instead(program, site)
    data = program.data
    out = [(variable, -data.modes.posted.staff) for (_, h), variable in program.posted.items() if h == site]
    hosted = [(program.hosted[site], 1)] if site in program.hosted else []
    works: Terms = []
    if data.works is not None:
        old = int(data.works.origin[site])
        more = ((p, int(data.works.adds["doctors"][p])) for p in data.works.at(site if old < 0 else old))
        works = [(program.work[p], n) for p, n in more if n]
    return int(own_before_works(data)[site]), hosted + out + works


def posted_instead(program: Program, site: int) -> Terms:
    """Return (p − 1) Σ_h P_jh: by how much posted staff are more than the one doctor whose place they take."""
    pairs = program.posts_of.get(site, ())
    more = program.data.modes.posted.staff - 1 if pairs else 0
    return [(program.posted[pair], more) for pair in pairs] if more else []


def define_posted_alone(program: Program) -> None:
    """Posted staff are the only doctors of a clinic: e_j + E_j Σ_h P_jh ≤ E_j, E_j the most that e_j could be.

    Without staffing in depth only hosts have more than one doctor, and hosts have doctors of their own. Not a rule, so
    not droppable.
    """
    asked = program.data.staffing
    if asked.patients is None and asked.least is None:
        return
    for site, pairs in sorted(program.posts_of.items()):
        if site in program.extra:
            most = int(program.extra[site].upBound)
            terms = [(program.extra[site], 1), *((program.posted[pair], most) for pair in pairs)]
            program.row("posted_alone", program.data.site_ids[site], terms, "<=", most)


def overload(program: Program) -> Terms:
    """Return Σ o_j, patients beyond capacity in tenths of people."""
    return [(variable, 1) for variable in program.overload.values()]


def constrain_patient_overload(program: Program) -> None:
    """Patients beyond capacity in the county: Σ_j o_j ≤ limit, in tenths of people.

    Source: config rules.patients.overload_people, overload_share.
    """
    patients = program.data.staffing.patients
    if patients is not None and patients.limit is not None and program.patients is not None:
        program.row("patient_overload", "county", overload(program), "<=", patients.limit)


def constrain_doctor_minimum(program: Program) -> None:
    """Least doctors by people, for each band (B people, n doctors): Y_j + e_j ≥ n where P_j Y_j + Σ_g P_g a_gj ≥ B.

    P_j ≥ B: Y_j + e_j ≥ n Y_j; where the clinic has only m < n today and the rule exempts it, m takes the place of n,
    and Y_j + e_j ≥ n a_gj for each guest g. P_j < B ≤ P_j + Σ_g P_g: with b ∈ {0, 1}, Σ_g P_g a_gj ≤ B − 1 − P_j + M b,
    Y_j + e_j ≥ n b, M = Σ_g P_g − (B − 1 − P_j). Whom its doctors visit is a guest here (N_gj for a_gj); posted staff
    of p doctors count: Y_j + e_j + (p − 1) Σ_h P_jh. Source: config rules.doctors.min_by_people.
    """
    data, ids, rule = program.data, program.data.site_ids, program.data.staffing.least
    if rule is None:
        return
    for j, is_open in program.open.items():
        _, doctors = doctors_at(program, j)
        own, guests = int(data.load[j]), brought_to(program, j)
        for start, least in rule.bands:
            if own >= start:
                exempt = rule.exempt and data.decided[j] and int(data.doctors.today[j]) < least
                asked = int(data.doctors.today[j]) if exempt else least
                if asked > 1:
                    program.row("doctor_minimum", f"{ids[j]}, {asked}", [*doctors, (is_open, -asked)], ">=", 0)
                for name, guest, _ in guests if exempt and least > 1 else ():
                    terms = [*doctors, (guest, -least)]
                    program.row("doctor_minimum", f"{name} into {ids[j]}, {least}", terms, ">=", 0)
            elif (j, start) in program.band:
                large, room = program.band[j, start], start - 1 - own
                served = [(guest, people) for _, guest, people in guests]
                beyond = people_brought(program, j) - room
                program.row("doctor_minimum", f"{ids[j]} large, {least}", [*served, (large, -beyond)], "<=", room)
                program.row("doctor_minimum", f"{ids[j]}, {least}", [*doctors, (large, -least)], ">=", 0)


def constrain_fill_posts(program: Program) -> None:
    """Posts by the norm filled: Σ_t (pool_t + hires_t) ≥ β Σ_t N_t, and pool_t + hires_t ≥ β N_t where asked by
    township.

    N_t = ⌈people_t / people_per_doctor_norm⌉, β as the fraction that the config shows. Holds with the staff balance
    only. Source: config rules.doctors.fill_posts.
    """
    data, fill = program.data, program.data.staffing.fill
    if fill is None or not data.holds("doctor_balance"):
        return
    share, pool = fill.share, data.doctors.pool
    places: list[tuple[str, list[int]]] = [("county", list(range(len(data.townships))))]
    if fill.per_township:
        places += [(name, [t]) for t, name in enumerate(data.townships)]
    for name, townships in places:
        hired = [(program.hires[t], share.denominator) for t in townships if t in program.hires]
        wanted, there = (sum(int(figure[t]) for t in townships) for figure in (fill.wanted, pool))
        program.row("fill_posts", name, hired, ">=", share.numerator * wanted - share.denominator * there)
