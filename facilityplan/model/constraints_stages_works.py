"""The rules for works in a plan by years as rows: what rests on a work waits for it, and who pays in which year.

Symbols: w_ps work p is done in stage s · W_ps = Σ_{s'≤s} w_ps' · u_hs hospital h becomes a sub-centre in s, U_hs
likewise · e_hs doctors beyond the first at clinic h at the end of s · c_p capital of work p in yuan.
"""

from __future__ import annotations

from facilityplan.model.constraints_stages_modes import vehicles_in
from facilityplan.model.funding_stages import Bill, Purse, funding_rows_by_stage
from facilityplan.model.program import Program, Terms
from facilityplan.model.sets_works import blockers


def done_terms(program: Program, p: int, s: int | None, coefficient: int = 1) -> Terms:
    """Return W_ps: work ``p`` is done by the end of stage ``s``; x_p where ``s`` is None, in the end."""
    if s is None or program.stages is None:
        return [(program.work[p], coefficient)]
    return program.stages.done(program.stages.work[p], s, coefficient)


def place_terms(program: Program, s: int, site: int) -> tuple[Terms, int]:
    """Return whether a place of hospitals is open at the end of stage ``s``, as (terms, constant).

    A place opens with the work that leads there; a hospital stands at its old place until a relocation is done.
    """
    works = program.data.works
    if (old := int(works.origin[site])) >= 0:
        leads = [p for p in works.at(old) if works.place[p] == site]
        return [term for p in leads for term in done_terms(program, p, s)], 0
    leads = [p for p in works.at(site) if works.place[p] >= 0]
    return [term for p in leads for term in done_terms(program, p, s, -1)], 1


def constrain_stage_ready(program: Program) -> None:
    """What rests on a work waits until it is done, at the end of every stage s but the last: a sub-centre for the works
    that make it eligible, U_hs ≤ Σ_{p∈B} W_ps for each blocker B (constrain_eligible_after_works); one at a new place
    for the move, U_ls ≤ Σ_{p to l} W_ps; a host for its rooms, e_hs ≤ (R_h − 1) Y_h + Σ_p rooms_p W_ps.

    So guests move when their host has room for the doctors whom they need. Nothing where the rule that it looks ahead
    of (sub_centre_eligible, doctor_rooms) is dropped. Source: issue 3, "a host ready before its guests move".
    """
    stages, data = program.stages, program.data
    if stages is None or not stages.work:
        return
    for s, year in enumerate(stages.years[:-1]):
        _centres_ready(program, s, year)
        if data.doctors is None or not data.holds("doctor_rooms"):
            continue
        for h, extra in sorted(stages.extra.items()):
            more = [p for p in data.works.at(h) if data.works.adds["rooms"][p]]
            rooms = int(data.doctors.rooms[h])
            if more and extra[s].upBound > rooms - 1:
                built = [t for p in more for t in done_terms(program, p, s, -int(data.works.adds["rooms"][p]))]
                terms = [(extra[s], 1), (program.open[h], 1 - rooms), *built]
                program.row("stage_ready", f"{data.site_ids[h]}, {year}", terms, "<=", 0)


def _centres_ready(program: Program, s: int, year: int) -> None:
    stages, data, works = program.stages, program.data, program.data.works
    for k, parts in sorted(stages.upgrade.items()):
        site = int(data.sub_centres.hospitals[k])
        label = f"{data.site_ids[site]}, {year}"
        if works.origin[site] >= 0:
            there, _ = place_terms(program, s, site)
            program.row("stage_ready", label, [*stages.done(parts, s), *((v, -c) for v, c in there)], "<=", 0)
        if not data.holds("sub_centre_eligible"):
            continue
        sets = works.sufficient(site, works.thresholds, any_together=not data.holds("works_together"))
        for blocker in blockers(sets) if frozenset() not in sets else ():
            done = [term for p in blocker for term in done_terms(program, p, s, -1)]
            names = ", ".join(works.ids[p] for p in blocker)
            program.row("stage_ready", f"{label}: {names}", [*stages.done(parts, s), *done], "<=", 0)


def constrain_stage_earliest(program: Program) -> None:
    """No work is done before it can be ready: Σ_{s before earliest_p} w_ps = 0.

    Source: config rules.works[].earliest.
    """
    stages, works = program.stages, program.data.works
    for p, parts in enumerate(stages.work if stages is not None else ()):
        early = [(v, 1) for v in parts[: int(works.earliest[p])]]
        if early:
            program.row("stage_earliest", works.ids[p], early, "==", 0)


def constrain_stage_funding(program: Program) -> None:
    """Money comes from somewhere in every year: a split f_bas of each bill b over sources a exists, where Σ_b f_bas is
    within what a gives in s and what the year before leaves where it carries over, and Σ_bs f_bas ≤ amount_a.

    Bills: capital of works by stage, c_p w_ps, and other capital by stage, payable by every source. Written without f
    (Gale 1957): for each set T of (who may pay, stage) that can bind, Σ_{bills in T} ≤ Σ_a min(amount_a, Σ_{years whose
    money reaches T} amount_as); see ``funding_stages``. Source: config rules.stages[].funding; issue 3, "capital by
    stage and source".
    """
    stages, data = program.stages, program.data
    if stages is None or not data.stages.funding:
        return
    works, years = data.works, range(len(stages.years))
    usable = usable_sources(program)
    purse = Purse.of(data)
    every = frozenset(usable)
    bills: dict[Bill, Terms] = {}
    for s in years:
        bills[every, s] = other_capital_in(program, s)
        for p, parts in enumerate(stages.work):
            bills.setdefault((works.sources[p] & every, s), []).append((parts[s], int(works.capital[p])))
    for name, chosen, most in funding_rows_by_stage(list(bills), purse, works.source_ids, stages.years):
        terms = [term for bill in chosen for term in bills[bill]]
        program.row("stage_funding", name, terms, "<=", most)


def usable_sources(program: Program) -> list[int]:
    """Return the sources that may pay for anything: no debt where that is ruled out."""
    data, works = program.data, program.data.works
    ruled_out = works.no_debt and data.holds("no_debt")
    return [a for a, debt in enumerate(works.debt) if not (debt and ruled_out)]


def other_capital_in(program: Program, s: int) -> Terms:
    """Return the capital of stage ``s`` but for works: clinics merged and built, sub-centres, teams' vehicles."""
    stages, money = program.stages, program.data.money
    priced = [(v, money.merge) for v in stages.merge.values()] + [(v, money.build) for v in stages.build.values()]
    priced += [(v, money.upgrade) for v in stages.upgrade.values()]
    return [(parts[s], price) for parts, price in priced] + vehicles_in(program, s)
