"""Locks and caps on closures as rows.

Symbols: Y_j clinic j stays open, or candidate j is built · a_jh clinic j merges into host h (see model/constraints).
"""

from __future__ import annotations

from facilityplan.domain.locks import LockKind
from facilityplan.model.program import Program, Terms


def constrain_locks(program: Program) -> None:
    """Fixed in advance: keep and build Y_j = 1 · close and forbid Y_j = 0 · merge_into a_jh = 1 · forbid_merge_into
    a_jh = 0.

    A merger that the host rules refuse has no variable: its row 0 = 1 stays as a contradiction, unless the lock
    overrides those rules. A site that is always open needs no row. Source: config rules.locks, each with its reason.
    """
    ids = program.data.site_ids
    for lock in program.data.locks:
        if lock.do in (LockKind.MERGE_INTO, LockKind.FORBID_MERGE_INTO):
            variable = program.merge.get((lock.site, lock.host))
            label = f"{ids[lock.site]} {lock.do} {ids[lock.host]}"
            want = int(lock.do == LockKind.MERGE_INTO)
        else:
            variable = program.opening(lock.site)
            label = f"{ids[lock.site]} {lock.do}"
            want = int(lock.do in (LockKind.KEEP, LockKind.BUILD))
            if variable is None and want:
                continue
        program.row("locks", label, [] if variable is None else [(variable, 1)], "==", want)


def constrain_closures_total(program: Program) -> None:
    """Clinics that close in the county: Σ_jh a_jh ≤ max. Source: config rules.closures.max_total."""
    caps = program.data.closures
    if caps is not None and caps.total is not None:
        program.row("closures_total", "county", closing(program), "<=", caps.total)


def constrain_closures_township(program: Program) -> None:
    """Clinics that close in township t: Σ_{j∈t} Σ_h a_jh ≤ min(max, ⌊share · clinics_t⌋).

    clinics_t: public clinics there today. Source: config rules.closures.max_per_township, max_share_per_township.
    """
    data, caps = program.data, program.data.closures
    if caps is None or caps.township is None:
        return
    for t, name in enumerate(data.townships):
        program.row("closures_township", name, closing(program, t), "<=", int(caps.township[t]))


def closing(program: Program, township: int | None = None) -> Terms:
    """Return Σ a_jh of the clinics of one township, or of all; with circuit or neighbour service + Σ C_jb + Σ N_ju."""
    data = program.data
    closed = [(guest, variable) for (guest, _), variable in program.merge.items()]
    for variables in (program.neighbour, program.circuit):
        closed += [(int(data.modes.target_site[target]), variable) for (target, _), variable in variables.items()]
    return [
        (variable, 1)
        for site, variable in closed
        if site >= 0 and (township is None or data.site_township[site] == township)
    ]
