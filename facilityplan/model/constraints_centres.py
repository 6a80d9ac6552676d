"""The rules for service centres as rows.

Symbols: e_sh hospital h hosts service s · Q_sth township t uses h for service s · u_sS no hospital in S, those within
the limit of a village, hosts it · P people in tenths.
"""

from __future__ import annotations

import numpy as np

from facilityplan.model.program import Program, Terms
from facilityplan.model.sets_centres import CentreData
from facilityplan.model.sets_works import blockers


def constrain_centre_eligible(program: Program) -> None:
    """Only eligible hospitals host a service: e_sh = 0 where beds, doctors or level are below the minimum or unknown.

    With works e_sh ≤ Σ_{p∈B} x_p for each blocker B of the sets of works that lift hospital h over every threshold
    (``sets_works.blockers``); e_sh = 0 where none does, no row where none is needed. Source: config rules.centres; no
    document gives a binding threshold.
    """
    data, works = program.data, program.data.works
    if works is None:
        _fix(program, "centre_eligible", lambda block: ~block.eligible, 0)
        return
    for s, block in enumerate(data.centres):
        for k, site in enumerate(block.hosts.tolist()):
            sets = works.sufficient(site, block.thresholds, any_together=not data.holds("works_together"))
            name, host = f"{block.id}, {data.site_ids[site]}", program.centre[s, k]
            if not sets:
                program.row("centre_eligible", name, [(host, 1)], "==", 0)
            elif frozenset() not in sets:
                for blocker in blockers(sets):
                    done = [(program.work[p], -1) for p in blocker]
                    label = f"{name}: {', '.join(works.ids[p] for p in blocker)}"
                    program.row("centre_eligible", label, [(host, 1), *done], "<=", 0)


def constrain_centre_count(program: Program) -> None:
    """Number of centres of each service: min_s ≤ Σ_h e_sh ≤ max_s. Source: config rules.centres (R-CZ-3, R-CZ-4)."""
    for s, block in enumerate(program.data.centres):
        terms = [(program.centre[s, k], 1) for k in range(len(block.hosts))]
        program.row("centre_count", f"{block.id}, least", terms, ">=", block.min_count)
        program.row("centre_count", f"{block.id}, most", terms, "<=", block.max_count)


def constrain_centre_required(program: Program) -> None:
    """Required by name: e_sh = 1; of a hospital that may relocate e_sh + Σ_k e_sk = 1 over its places k.

    Source: config rules.centres.required.
    """
    data = program.data
    for s, block in enumerate(data.centres):
        sites = block.hosts.tolist()
        for k in block.required.nonzero()[0].tolist():
            places = () if data.works is None else data.works.places_of(sites[k])
            terms = [(program.centre[s, sites.index(j)], 1) for j in (sites[k], *places)]
            program.row("centre_required", f"{block.id}, {data.site_ids[sites[k]]}", terms, "==", 1)


def constrain_centre_forbidden(program: Program) -> None:
    """Forbidden by name: e_sh = 0. Source: config rules.centres.forbidden."""
    _fix(program, "centre_forbidden", lambda block: block.forbidden, 0)


def constrain_centre_catchment(program: Program) -> None:
    """Each township with villages uses one centre of each service: Σ_h Q_sth = 1, Q_sth ≤ e_sh, and e_sh ≤ Y_h.

    Pairs with a village that cannot reach the hospital do not exist; Y_h only where a work may relocate the hospital,
    and of the place it may move to: it hosts where it stands. Source: requirements R-HN-4, R-CZ-4 ("which hospital
    hosts which", "which institution uses which").
    """
    data = program.data
    for s, block in enumerate(data.centres):
        for k, site in enumerate(block.hosts.tolist()):
            if site in program.place:
                label = f"{block.id} at {data.site_ids[site]}"
                program.row("centre_catchment", label, [(program.centre[s, k], 1), (program.place[site], -1)], "<=", 0)
        for row, township in enumerate(block.townships.tolist()):
            choices = [k for k in range(len(block.hosts)) if (s, row, k) in program.centre_of]
            label = f"{block.id}, {data.townships[township]}"
            program.row("centre_catchment", label, [(program.centre_of[s, row, k], 1) for k in choices], "==", 1)
            for k in choices:
                program.row(
                    "centre_catchment",
                    f"{label} to {data.site_ids[block.hosts[k]]}",
                    [(program.centre_of[s, row, k], 1), (program.centre[s, k], -1)],
                    "<=",
                    0,
                )


def constrain_centre_load(program: Program) -> None:
    """People that one centre serves: Σ_t P_t Q_sth ≤ max_people_s · e_sh, in tenths. Source: config rules.centres."""
    data = program.data
    for s, block in enumerate(data.centres):
        if block.max_people is None:
            continue
        for k, site in enumerate(block.hosts.tolist()):
            terms: Terms = [
                (program.centre_of[s, row, k], int(block.people[row]))
                for row in range(len(block.townships))
                if (s, row, k) in program.centre_of
            ]
            label = f"{block.id}, {data.site_ids[site]}"
            program.row("centre_load", label, [*terms, (program.centre[s, k], -block.max_people)], "<=", 0)


def constrain_centre_share(program: Program) -> None:
    """Least share of people near a centre: Σ_S P_S u_sS ≤ Σ P − ⌈β_s Σ P⌉, u_sS ≥ 1 − Σ_{h∈S} e_sh.

    S: hosts within limit_min whole minutes of a village, one variable for all villages with the same S; β as the
    decimal that the config shows; P in tenths. Continuous: at 0/1 decisions the least u is 0 or 1. Source: config
    rules.centres; no document publishes the standard.
    """
    for s, block in enumerate(program.data.centres):
        if block.wanted is None:
            continue
        terms: Terms = []
        for n, hosts in enumerate(block.near):
            far = program.far_from_centre[s, n]
            terms.append((far, int(block.near_people[n])))
            row = [(far, 1)] + [(program.centre[s, k], 1) for k in hosts]
            program.row("centre_share", f"{block.id}, {n}", row, ">=", 1)
        program.row("centre_share", block.id, terms, "<=", int(block.near_people.sum()) - block.wanted)


def constrain_centres_per_host(program: Program) -> None:
    """Services that one hospital hosts: Σ_s e_sh ≤ max. Source: config rules.centres_per_host."""
    data = program.data
    if data.centres_per_host is None:
        return
    hosted: dict[int, Terms] = {}
    for (s, k), variable in program.centre.items():
        hosted.setdefault(int(data.centres[s].hosts[k]), []).append((variable, 1))
    for site in sorted(hosted):
        program.row("centres_per_host", data.site_ids[site], hosted[site], "<=", data.centres_per_host)


def centre_ways(program: Program) -> Terms:
    """People · whole minutes from their village to its centre of every service: Σ_sth cost_sth Q_sth (tenths)."""
    return [
        (variable, int(program.data.centres[s].cost[row, k])) for (s, row, k), variable in program.centre_of.items()
    ]


def _fix(program: Program, rule: str, which, value: int) -> None:
    data = program.data
    for s, block in enumerate(data.centres):
        wanted: np.ndarray = which(block)
        for k in wanted.nonzero()[0].tolist():
            label = f"{block.id}, {data.site_ids[block.hosts[k]]}"
            program.row(rule, label, [(program.centre[s, k], 1)], "==", value)


def hosts_in_order(program: Program, block: CentreData) -> list[int]:
    """Return a service's hosts in canonical order."""
    return sorted(range(len(block.hosts)), key=lambda k: int(program.data.rank[block.hosts[k]]))


def preferred_centres(program: Program) -> list[tuple[int, int]]:
    """Return (column, 1) of every hospital that may host a service: services by id, hospitals in canonical order."""
    return [
        (program.column(program.centre[s, k]), 1)
        for s, block in enumerate(program.data.centres)
        for k in hosts_in_order(program, block)
        if (s, k) in program.centre
    ]


def preferred_centre_users(program: Program) -> list[tuple[int, int]]:
    """Return (column, 1) of every use of a centre: services by id, the township with most people first."""
    data = program.data
    return [
        (program.column(program.centre_of[s, row, k]), 1)
        for s, block in enumerate(data.centres)
        for row in sorted(
            range(len(block.townships)), key=lambda r, b=block: (-int(b.people[r]), data.townships[b.townships[r]])
        )
        for k in hosts_in_order(program, block)
        if (s, row, k) in program.centre_of
    ]
