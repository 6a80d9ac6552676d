"""The rules for works and money as rows, and the variables they need.

Symbols: x_p work p is done · Y_h hospital h stays at its old place, Y_k it opens at place k · σ_h sub-centre at h ·
z_h hospital h reaches a level · c_p capital of work p in yuan. Where money comes from needs no variable: see
``constrain_funding_amount``.
"""

from __future__ import annotations

from itertools import combinations

from facilityplan.model.choice_works import balance_held
from facilityplan.model.constraints_money import other_capital
from facilityplan.model.constraints_stages_works import done_terms
from facilityplan.model.program import Program, Terms
from facilityplan.model.sets_works import blockers, funding_rows


def constrain_work_site(program: Program) -> None:
    """A work is done only where the clinic stays open: x_p ≤ Y_j. Source: a closed clinic is not built at."""
    works = program.data.works
    for p, variable in enumerate(program.work):
        site = int(works.site[p])
        if site in program.open:
            program.row("work_site", works.ids[p], [(variable, 1), (program.open[site], -1)], "<=", 0)


def constrain_relocation(program: Program) -> None:
    """A hospital stands at one place: Y_h + Σ_k Y_k = 1, Y_k = Σ_{p to k} x_p, and it is a sub-centre only there:
    σ_h ≤ Y_h, σ_k ≤ Y_k.

    The ladders and no-harm rows see Y_h and Y_k as they see a clinic. Guests merge into the old place only where it
    stays (host_open: a_jh ≤ Y_h): a hospital that relocates hosts nobody. Source: requirements R-DQ-6.
    """
    data, works = program.data, program.data.works
    for h in works.moving.nonzero()[0].tolist():
        places = works.places_of(h)
        program.row("relocation", data.site_ids[h], [(program.place[j], 1) for j in (h, *places)], "==", 1)
        for k in places:
            done = [(program.work[p], -1) for p in works.at(h) if works.place[p] == k]
            program.row("relocation", f"{data.site_ids[h]} to {data.site_ids[k]}", [(program.place[k], 1), *done],
                        "==", 0)  # fmt: skip
    if data.sub_centres is not None:
        for variable, site in zip(program.sub_centre, data.sub_centres.hospitals.tolist(), strict=False):
            if site in program.place:
                program.row("relocation", f"sub-centre {data.site_ids[site]}",
                            [(variable, 1), (program.place[site], -1)], "<=", 0)  # fmt: skip


def constrain_works_together(program: Program) -> None:
    """At most one work of an institution, unless they go together: Σ_p x_p ≤ 1, or x_p + x_q ≤ 1 for each pair that
    does not. Source: config rules.works, together_with.
    """
    data, works = program.data, program.data.works
    for site in sorted(set(works.site.tolist())):
        own = works.at(site)
        apart = [(p, q) for p, q in combinations(own, 2) if not works.together[p, q]]
        if len(apart) == len(own) * (len(own) - 1) // 2 and len(own) > 1:
            program.row("works_together", data.site_ids[site], [(program.work[p], 1) for p in own], "<=", 1)
            continue
        for p, q in apart:
            program.row("works_together", f"{works.ids[p]}, {works.ids[q]}",
                        [(program.work[p], 1), (program.work[q], 1)], "<=", 1)  # fmt: skip


def constrain_works_required(program: Program) -> None:
    """Required works are done: x_p = 1. Source: config rules.works."""
    for p in program.data.works.required.nonzero()[0].tolist():
        program.row("works_required", program.data.works.ids[p], [(program.work[p], 1)], "==", 1)


def constrain_works_forbidden(program: Program) -> None:
    """Forbidden works are not: x_p = 0. Source: config rules.works."""
    for p in program.data.works.forbidden.nonzero()[0].tolist():
        program.row("works_forbidden", program.data.works.ids[p], [(program.work[p], 1)], "==", 0)


def constrain_funding_amount(program: Program) -> None:
    """Money comes from somewhere: Σ_s f_ps = c_p x_p, Σ_p f_ps ≤ amount_s, f ≥ 0, in whole yuan.

    Written without f: a split exists exactly where for each set S of limited sources
    Σ_{p payable from S only} c_p x_p (+ other capital, where S is all) ≤ Σ_{s∈S} amount_s (Gale 1957; Hoffman 1960).
    No f means no coefficient that turns a rounding of x_p by 1e-6 into yuan. The split itself is
    ``plan.money.split_of``. Source: config rules.funding.
    """
    _funding(program, "funding_amount", frozenset(range(len(program.data.works.source_ids))))


def constrain_no_debt(program: Program) -> None:
    """No borrowing: f_ps = 0 for sources s that are debt; the rows of funding_amount over the other sources.

    A work that only debt could pay for is not done. Source: config rules.no_debt; requirements R-DQ-11.
    """
    works = program.data.works
    if works.no_debt:
        _funding(program, "no_debt", frozenset(s for s, debt in enumerate(works.debt) if not debt))


def _funding(program: Program, rule: str, usable: frozenset[int]) -> None:
    works = program.data.works
    if not works.source_ids:
        return
    amount = works.amount if program.data.holds("funding_amount") else (None,) * len(works.amount)
    others = other_capital(program)
    items: list[Terms] = [[(v, int(c))] for v, c in zip(program.work, works.capital, strict=True)]
    items.append(others)
    for chosen, payable, most in funding_rows([*works.sources, usable], amount, usable):
        terms = [term for k in sorted(payable) for term in items[k]]
        name = ", ".join(works.source_ids[s] for s in chosen) or "nothing"
        program.row(rule, name, terms, "<=", most)


def constrain_balance(program: Program) -> None:
    """Operating balance a year: after ≥ today (no_worse) or ≥ 0 (non_negative), of the county, each township or each
    institution that stays open, in yuan.

    Clinic: (subsidy + s_j − running_j − doctor) Y_j − doctor e_j + Σ_g s_g a_gj − Σ_p r_p x_p; hospital: base_h +
    Σ_g s_g a_gh − doctor n_h − Σ_p r_p x_p. s_j: per-person subsidy · people and other net income, which follow the
    people; r_p: what work p adds to running costs. Of a township or the county all its doctors are paid, those in
    reserve too. A hospital whose figures the data lack counts by its change; alone it is held to no_worse only. Alone
    a clinic without a doctor today is not compared with today. s_j follows the people to the clinic whose doctors visit
    them, or to the hospital whose team does, which pays for its teams; a clinic pays for posted staff in place of a
    doctor (balance_of_services). Source: config rules.balance; requirements R-DQ-11.
    """
    data, balance = program.data, program.data.works.balance
    if balance.form == "off":
        return
    terms = {int(j): _balance_terms(program, int(j)) for j in balance.counted.nonzero()[0]}
    if balance.scope == "institution":
        held = balance_held(data)
        for j, own in terms.items():
            if not held[j]:
                continue
            doctors = _doctor_terms(program, j)
            least = -int(balance.base[j])
            if balance.form == "no_worse":
                least += 0 if j in program.open else int(balance.before[j])
                if data.decided[j]:
                    own = [*own, (program.open[j], -int(balance.before[j]))]
            program.row("balance", data.site_ids[j], [*own, *doctors], ">=", least)
        return
    townships = data.site_township if balance.scope == "township" else data.site_township * 0
    for t in sorted({int(townships[j]) for j in terms}):
        mine = [j for j in terms if townships[j] == t]
        places = [t] if balance.scope == "township" else list(range(len(data.townships)))
        total = [term for j in mine for term in terms[j]]
        constant = sum(int(balance.base[j]) for j in mine)
        if data.doctors is not None and data.holds("doctor_balance"):
            constant -= data.money.doctor * sum(int(data.doctors.pool[p]) for p in places if p >= 0)
            total += [(v, -data.money.doctor) for p, v in program.hires.items() if p in places]
        else:
            total += [term for j in mine for term in _doctor_terms(program, j)]
        least = sum(int(balance.before[j]) for j in mine) if balance.form == "no_worse" else 0
        name = "county" if balance.scope == "county" else data.townships[t] if t >= 0 else ""
        program.row("balance", name, total, ">=", least - constant)


def _balance_terms(program: Program, j: int) -> Terms:
    """What an institution earns and spends beside doctors, its base left out."""
    data, works = program.data, program.data.works
    balance = works.balance
    terms: Terms = [(program.merge[g, j], int(balance.carried[g])) for g in program.guests.get(j, ())]
    if j in program.open:
        terms.append((program.open[j], balance.per_clinic + int(balance.carried[j]) - int(data.money.running[j])))
    terms += balance_of_services(program, j)
    return terms + [(program.work[p], -int(works.recurrent[p])) for p in works.at(j)]


def balance_of_services(program: Program, j: int) -> Terms:
    """What services add to an institution's balance: Σ_v s_v C_vj − team · g_j, Σ_v s_v N_vj, − posted Σ_h P_jh.

    s_v is 0 for a village without any site.
    """
    data = program.data
    if data.modes is None:
        return []
    carried, site = data.works.balance.carried, data.modes.target_site
    visits = [(v, int(site[t])) for of in (program.circuit, program.neighbour)
              for (t, sender), v in of.items() if sender == j and site[t] >= 0]  # fmt: skip
    terms: Terms = [(v, int(carried[guest])) for v, guest in visits]
    if j in program.teams:
        terms.append((program.teams[j], -data.modes.circuit.team_cny))
    return terms + [(program.posted[pair], -data.modes.posted.staff_cny) for pair in program.posts_of.get(j, ())]


def _doctor_terms(program: Program, j: int) -> Terms:
    data, doctor = program.data, program.data.money.doctor
    if data.doctors is None:  # nobody places doctors: those of a merged clinic move to its host
        today = data.works.balance.doctors_today
        terms: Terms = [(program.merge[g, j], -doctor * int(today[g])) for g in program.guests.get(j, ())]
        for (target, base), visited in program.circuit.items():
            if base == j and (g := int(data.modes.target_site[target])) >= 0:
                terms.append((visited, -doctor * int(today[g])))
        return terms + ([(program.open[j], -doctor * int(today[j]))] if j in program.open else [])
    own = [(of[j], -doctor) for of in (program.open, program.extra, program.hosted) if j in of]
    return own + [(program.posted[pair], doctor) for pair in program.posts_of.get(j, ())]


def constrain_levels(program: Program) -> None:
    """Hospitals that reach a level: Σ_h z_h ≥ least, z_h ≤ Σ_{p∈B} x_p for each blocker B of the sufficient sets of
    works (``sets_works.blockers``); z_h = 1 where the level is there today, 0 where no works suffice.

    A relocated hospital counts once, with all its works. Where the level is asked by the end of stage s, W_ps (done by
    then) stands for x_p. Source: config rules.levels.
    """
    data, works = program.data, program.data.works
    for n, floor in enumerate(works.levels):
        name = f"{floor.kind} {floor.min_level}" + (f" ({n})" if n else "")
        terms: Terms = []
        there = 0
        for site in floor.sites:
            sets = level_sets(program, site, floor.min_level)
            if frozenset() in sets:
                there += 1
                continue
            if not sets:
                continue
            reached = program.variable(f"reaches[{data.site_ids[site]}, {n}]", 0, 1)
            terms.append((reached, 1))
            for blocker in blockers(sets):
                label = f"{name}, {data.site_ids[site]}: {', '.join(works.ids[p] for p in blocker)}"
                done = [term for p in blocker for term in done_terms(program, p, floor.stage, -1)]
                program.row("levels", label, [(reached, 1), *done], "<=", 0)
        program.row("levels", name, terms, ">=", floor.least - there)


def level_sets(program: Program, site: int, level: int) -> list[frozenset[int]]:
    """Return the minimal sets of works with which a hospital reaches a level, wherever it then stands."""
    works = program.data.works
    minimal: list[frozenset[int]] = []
    for chosen in works.combinations(site, any_together=not program.data.holds("works_together")):
        found = frozenset(chosen)
        if not any(m <= found for m in minimal) and works.reaches(site, chosen, (("level", level),)):
            minimal.append(found)
    return minimal


def constrain_eligible_after_works(program: Program) -> None:
    """σ_h ≤ Σ_{p∈B} x_p for each blocker B of the sets of works that lift hospital h over every threshold; σ_h = 0
    where none does, no row where none is needed (rows of sub_centre_eligible).
    """
    data, works = program.data, program.data.works
    for k, site in enumerate(data.sub_centres.hospitals.tolist()):
        sets = works.sufficient(site, works.thresholds, any_together=not data.holds("works_together"))
        name = data.site_ids[site]
        if not sets:
            program.row("sub_centre_eligible", name, [(program.sub_centre[k], 1)], "==", 0)
        elif frozenset() not in sets:
            for blocker in blockers(sets):
                done = [(program.work[p], -1) for p in blocker]
                label = f"{name}: {', '.join(works.ids[p] for p in blocker)}"
                program.row("sub_centre_eligible", label, [(program.sub_centre[k], 1), *done], "<=", 0)
