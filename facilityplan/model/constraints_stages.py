"""The rules for stages as rows: one model of all years, no scheduling afterwards. Works: constraints_stages_works.

Symbols: a_jhs clinic j merges into host h in stage s · b_ks candidate k is built in s · u_hs hospital h is upgraded in
s · w_ps work p is done in s ·
A_jhs = Σ_{s'≤s} a_jhs', B_ks, W_ps likewise: done by the end of s · e_hs, n_hs doctors beyond the first at clinic h and
clinic doctors at hospital h at the end of s · H_ts doctors that township t has hired by then. A clinic that has not
merged yet is open, so closures are monotone by construction, and a host, which stands today and is nobody's guest, is
open in every stage: it is ready before its guests move once the doctors are (define_stage_doctors).
"""

from __future__ import annotations

from itertools import pairwise

from facilityplan.domain.stages import carried
from facilityplan.model.constraints_modes import target_name
from facilityplan.model.constraints_stages_modes import services_cost, vehicles_in
from facilityplan.model.constraints_stages_works import place_terms
from facilityplan.model.program import Program, Terms


def constrain_stage_once(program: Program) -> None:
    """Each change that the plan makes is made in one stage: Σ_s a_jhs = a_jh, Σ_s b_ks = y_k, Σ_s u_hs = σ_h,
    Σ_s w_ps = x_p, Σ_s C_vbs = C_vb, Σ_s N_vus = N_vu, Σ_s P_jhs = P_jh; and a guest of a new joint site k moves when
    k stands: A_jks ≤ B_ks.

    Source: issue 3, "stages: closures monotone". What a plan in years is, so not droppable.
    """
    if (stages := program.stages) is None:
        return
    data, ids = program.data, program.data.site_ids
    for (g, h), parts in stages.merge.items():
        program.row("stage_once", f"{ids[g]} into {ids[h]}", [*_sum(parts), (program.merge[g, h], -1)], "==", 0)
    for k, parts in stages.build.items():
        program.row("stage_once", ids[k], [*_sum(parts), (program.open[k], -1)], "==", 0)
    for k, parts in stages.upgrade.items():
        name = ids[data.sub_centres.hospitals[k]]
        program.row("stage_once", name, [*_sum(parts), (program.sub_centre[k], -1)], "==", 0)
    for _, parts, final in stages.services():
        name = program.columns[program.column(final)]
        program.row("stage_once", name, [*_sum(parts), (final, -1)], "==", 0)
    for (g, k), parts in stages.merge.items():
        for s, year in enumerate(stages.years[:-1]) if k in stages.build else ():
            built = stages.done(stages.build[k], s, -1)
            program.row("stage_once", f"{ids[g]} into {ids[k]}, {year}", [*stages.done(parts, s), *built], "<=", 0)
    for p, parts in enumerate(stages.work):
        program.row("stage_once", f"work {data.works.ids[p]}", [*_sum(parts), (program.work[p], -1)], "==", 0)


def define_stage_doctors(program: Program) -> None:
    """The meaning of e_hs and n_hs, as in constrain_doctor_capacity for the guests moved so far.

    P_h g_hs + Σ_j P_j A_jhs + Σ_v P_v N_vhs ≤ q (Y_h + e_hs) with A_jhs ≤ g_hs, N_vhs ≤ g_hs (visits begun so far) ·
    hospitals: Σ_j P_j A_jhs ≤ q n_hs. A host never closes, so Y_h is that of the end. Not a rule, so not droppable;
    nothing where doctor_capacity is dropped. Hours and teams: define_stage_services.
    """
    stages, data = program.stages, program.data
    if data.doctors is None or not data.holds("doctor_capacity"):
        return
    ids, cap = data.site_ids, data.doctors.cap
    for s, year in enumerate(stages.years[:-1]):
        for h in sorted({*program.guests, *program.visits_by}):
            guests, visits = program.guests.get(h, ()), program.visits_by.get(h, ())
            served = [term for g in guests for term in stages.done(stages.merge[g, h], s, int(data.load[g]))]
            for pair in visits:
                served += stages.done(stages.neighbour[pair], s, int(data.modes.target_people[pair[0]]))
            if h in stages.hosted:
                program.row("stage_need", f"{ids[h]}, {year}", [*served, (stages.hosted[h][s], -cap)], "<=", 0)
            elif h in stages.extra:
                own = stages.hosting[h][s] if h in stages.hosting else program.open[h]
                terms = [*served, (own, int(data.load[h])), (program.open[h], -cap), (stages.extra[h][s], -cap)]
                program.row("stage_need", f"{ids[h]}, {year}", terms, "<=", 0)
            if h in stages.hosting:
                for g in guests:
                    terms = [*stages.done(stages.merge[g, h], s), (stages.hosting[h][s], -1)]
                    program.row("stage_need", f"{ids[g]} into {ids[h]}, {year}", terms, "<=", 0)
                for pair in visits:
                    terms = [*stages.done(stages.neighbour[pair], s), (stages.hosting[h][s], -1)]
                    label = f"{target_name(program, pair[0])} by visits of {ids[h]}, {year}"
                    program.row("stage_need", label, terms, "<=", 0)


def constrain_stage_doctors(program: Program) -> None:
    """Staff balance of township t at the end of every stage s but the last: Σ_{j∈t} (1 − Σ_h A_jhs) + Σ_{k∈t} B_ks +
    Σ_{h∈t} (e_hs + n_hs) ≤ pool_ts + H_ts, H_ts ≤ H_t,s+1. A clinic closes with visits as with a merger; one whose
    posted staff have begun needs nobody of the pool.

    Where consortia pool their staff, + Σ_c m_tcs on the right, Σ_tc m_tcs = 0, m_tcs = 0 outside t's consortium and
    Σ_t m_tcs = 0 in each (constrain_consortium_staff). That says Σ_{t∈p} need_ts ≤ Σ_{t∈p} pool_ts + Σ_{t∈p} H_ts for
    every pool p, no more: as −m_tcs may reach pool_ts + H_ts, whoever is not needed can be lent. H grows by township
    without loss: of those hired in the pool by the end, some can be told off as hired by the year before.

    pool_ts: doctors today less all who have retired by then, those of 60 and over first; H at the last stage is the
    plan's hires. Source: requirements "Staff balance"; config rules.stages[].retire_share.
    """
    stages, data = program.stages, program.data
    if stages is None or data.doctors is None or not data.holds("doctor_balance"):
        return
    for t, final in program.hires.items():
        for s, (now, then) in enumerate(pairwise([*stages.hires[t], final])):
            program.row("stage_doctors", f"{data.townships[t]} hires, {stages.years[s]}", [(now, 1), (then, -1)],
                        "<=", 0)
    moved = [[[] for _ in stages.years] for _ in data.townships]
    for (row, _), parts in stages.moved.items():
        for s, variable in enumerate(parts):
            moved[data.consortia.townships[row]][s].append((variable, -1))
    for s, year in enumerate(stages.years[:-1]):
        for t, name in enumerate(data.townships):
            terms, standing = open_terms(program, s, t)
            for variables in (stages.extra, stages.hosted):
                terms += [(v[s], 1) for h, v in variables.items() if data.site_township[h] == t]
            for (j, _), parts in stages.posted.items():
                if data.site_township[j] == t:
                    terms += stages.done(parts, s, -1)
            hired = [(stages.hires[t][s], -1)] if t in stages.hires else []
            right = int(data.stages.pool[s, t]) - standing
            program.row("stage_doctors", f"{name}, {year}", [*terms, *hired, *moved[t][s]], "<=", right)
        if stages.moved:
            program.row("stage_doctors", f"lent and borrowed, {year}", [(v[s], 1) for v in stages.moved.values()],
                        "==", 0)


def constrain_stage_closures(program: Program) -> None:
    """Closures in stage s: Σ_jh a_jhs ≤ max_s, and in each township t Σ_{j∈t} Σ_h a_jhs ≤ max per township.

    Clinics that close with visits count as well.

    Source: config rules.stages[].max_closures, max_closures_per_township.
    """
    if (stages := program.stages) is None:
        return
    data = program.data
    for s, year in enumerate(stages.years):
        moved = [(g, parts[s]) for g, ways in stages.closing.items() for parts in ways]
        if (most := data.stages.closures[s]) is not None:
            program.row("stage_closures", f"{year}, county", [(v, 1) for _, v in moved], "<=", most)
        if (most := data.stages.closures_township[s]) is not None:
            for t, name in enumerate(data.townships):
                terms = [(v, 1) for g, v in moved if data.site_township[g] == t]
                program.row("stage_closures", f"{year}, {name}", terms, "<=", most)


def constrain_stage_capital(program: Program) -> None:
    """Capital in stage s, in yuan: Σ_{s'∈r(s)} (merge Σ a_jhs' + build Σ b_ks' + upgrade Σ u_hs' + Σ_p c_p w_ps'
    + vehicle Σ_b (g_bs' − g_b,s'−1)) ≤ Σ_{s'∈r(s)} budget.

    r(s): stage s and those before it as far back as carry_over reaches. Source: config rules.stages[].capital_cny.
    """
    if (stages := program.stages) is None:
        return
    data, money = program.data, program.data.money
    priced = [(v, money.merge) for v in stages.merge.values()] + [(v, money.build) for v in stages.build.values()]
    priced += [(v, money.upgrade) for v in stages.upgrade.values()]
    priced += [(parts, int(data.works.capital[p])) for p, parts in enumerate(stages.work)]
    vehicles = [vehicles_in(program, s) for s in range(len(stages.years))]
    for s, year in enumerate(stages.years):
        if data.stages.capital[s] is None:
            continue
        run = carried(data.stages.carry_over, s)
        terms = [(parts[k], price) for parts, price in priced for k in run]
        terms += [term for k in run for term in vehicles[k]]
        program.row("stage_capital", year, terms, "<=", sum(data.stages.capital[k] for k in run))


def constrain_stage_recurrent(program: Program) -> None:
    """Recurrent cost a year at the end of stage s, in yuan: Σ running_j (1 − Σ_h A_jhs) + Σ running_k B_ks +
    Σ_p r_p W_ps + doctor · (doctors left then + Σ_t H_ts) ≤ budget_s.

    Circuit teams and posted staff of then come on top. Without the staff balance doctors are those that the sites need.
    Source: config rules.stages[].recurrent_cny, recurrent_share_of_today.
    """
    stages, data = program.stages, program.data
    if stages is None or not program.open:
        return
    money, last = data.money, len(stages.years) - 1
    for s, year in enumerate(stages.years):
        if (limit := data.stages.recurrent[s]) is None:
            continue
        terms, right = open_terms(program, s, None, by=money.running)
        for p, parts in enumerate(stages.work):
            terms += stages.done(parts, s, int(data.works.recurrent[p]))
        terms += services_cost(program, s)
        if data.doctors is None or data.holds("doctor_balance"):
            right += money.doctor * data.stages.doctors_base[s]
            hires = program.hires.values() if s == last else [v[s] for v in stages.hires.values()]
            terms += [(v, money.doctor) for v in hires]
        else:
            one, standing = open_terms(program, s, None)
            terms += [(v, c * money.doctor) for v, c in one]
            terms += [t for parts in stages.posted.values() for t in stages.done(parts, s, -money.doctor)]
            right += money.doctor * standing
            for final, parts in ((program.extra, stages.extra), (program.hosted, stages.hosted)):
                terms += [(v if s == last else parts[h][s], money.doctor) for h, v in final.items()]
        program.row("stage_recurrent", year, terms, "<=", limit - right)


def constrain_stage_no_harm(program: Program) -> None:
    """Nobody is made worse off on the way: Σ_{j∈S} (1 − Σ_h A_jhs) + Σ_{k∈S} B_ks + Σ_{h∈S} (1 − Σ_p W_ps) +
    Σ_{l∈S} Σ_{p to l} W_ps ≥ 1 for each no-harm set S; h hospitals that relocate by p, l the places.

    S: the sites of which the plan keeps one open within a cell's limit (constrain_no_harm). Where S holds only existing
    clinics the row is idle, for what is open in the end was open all the time; rows stand where S holds a candidate, a
    hospital that may relocate or a place.
    Source: issue 3, "stages"; requirements "No harm".
    """
    stages, data = program.stages, program.data
    if stages is None or not data.holds("no_harm"):
        return
    for k, sites in enumerate(program.ladder.no_harm if program.ladder is not None else ()):
        if not any(data.candidate[j] or j in program.place for j in sites):
            continue
        for s, year in enumerate(stages.years[:-1]):
            terms, standing = open_terms(program, s, None, only=frozenset(sites))
            for j in (j for j in sites if j in program.place):
                more, always = place_terms(program, s, j)
                terms, standing = terms + more, standing + always
            program.row("stage_no_harm", f"{k}, {year}", terms, ">=", 1 - standing)


def open_terms(program: Program, s: int, township: int | None, *, by=None, only=None) -> tuple[Terms, int]:
    """Return Σ of the sites that are open at the end of stage ``s``, as (terms, constant).

    Of one township or (None) of all; of the sites in ``only``; each counted ``by`` its figure, else 1.
    """
    stages, data = program.stages, program.data
    terms: Terms = []
    standing = 0
    for j in program.open:
        if (township is not None and data.site_township[j] != township) or (only is not None and j not in only):
            continue
        amount = 1 if by is None else int(by[j])
        if data.candidate[j]:
            terms += stages.done(stages.build[j], s, amount)
            continue
        standing += amount
        for parts in stages.closing.get(j, ()):
            terms += stages.done(parts, s, -amount)
    return terms, standing


def _sum(parts: list) -> Terms:
    return [(v, 1) for v in parts]
