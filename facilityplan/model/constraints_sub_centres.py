"""The rules for sub-centres as rows.

Symbols: σ_h hospital h is a sub-centre · Q_th township t belongs to its catchment.
"""

from __future__ import annotations

from facilityplan.model.constraints_works import constrain_eligible_after_works
from facilityplan.model.program import Program


def constrain_sub_centre_eligible(program: Program) -> None:
    """Only eligible hospitals: σ_h = 0 where beds, doctors or level are below the minimum or not known.

    Works may lift a hospital over them: see ``constrain_eligible_after_works``. Source: config rules.sub_centres; no
    document gives a binding threshold.
    """
    if program.data.works is not None:
        constrain_eligible_after_works(program)
        return
    _fix(program, "sub_centre_eligible", ~program.data.sub_centres.eligible, 0)


def constrain_sub_centre_count(program: Program) -> None:
    """Number of sub-centres: min ≤ Σ_h σ_h ≤ max. Source: config rules.sub_centres."""
    block, terms = program.data.sub_centres, [(v, 1) for v in program.sub_centre]
    program.row("sub_centre_count", "least", terms, ">=", block.min_count)
    program.row("sub_centre_count", "most", terms, "<=", block.max_count)


def constrain_sub_centre_required(program: Program) -> None:
    """Required by name: σ_h = 1; of a hospital that may relocate σ_h + Σ_k σ_k = 1 over its places k.

    Source: config rules.sub_centres.required.
    """
    data, block = program.data, program.data.sub_centres
    sites = block.hospitals.tolist()
    for k in block.required.nonzero()[0].tolist():
        places = () if data.works is None else data.works.places_of(sites[k])
        terms = [(program.sub_centre[sites.index(j)], 1) for j in (sites[k], *places)]
        program.row("sub_centre_required", data.site_ids[sites[k]], terms, "==", 1)


def constrain_sub_centre_forbidden(program: Program) -> None:
    """Forbidden by name: σ_h = 0. Source: config rules.sub_centres.forbidden."""
    _fix(program, "sub_centre_forbidden", program.data.sub_centres.forbidden, 0)


def constrain_sub_centre_catchment(program: Program) -> None:
    """Each township with villages belongs to one catchment: Σ_h Q_th = 1, Q_th ≤ σ_h.

    Pairs with a village that cannot reach the hospital do not exist. Source: requirements "Sub-centres".
    """
    data, block = program.data, program.data.sub_centres
    for row, township in enumerate(block.townships.tolist()):
        choices = [k for k in range(len(block.hospitals)) if (row, k) in program.assign]
        program.row(
            "sub_centre_catchment", data.townships[township], [(program.assign[row, k], 1) for k in choices], "==", 1
        )
        for k in choices:
            program.row(
                "sub_centre_catchment",
                f"{data.townships[township]} to {data.site_ids[block.hospitals[k]]}",
                [(program.assign[row, k], 1), (program.sub_centre[k], -1)],
                "<=",
                0,
            )


def constrain_sub_centre_load(program: Program) -> None:
    """People of a catchment: Σ_t P_t Q_th ≤ max_people · σ_h, in tenths of people. Source: config rules.sub_centres."""
    data, block = program.data, program.data.sub_centres
    if block.max_people is None:
        return
    for k, site in enumerate(block.hospitals.tolist()):
        terms = [
            (program.assign[row, k], int(block.people[row]))
            for row in range(len(block.townships))
            if (row, k) in program.assign
        ]
        program.row(
            "sub_centre_load", data.site_ids[site], [*terms, (program.sub_centre[k], -block.max_people)], "<=", 0
        )


def _fix(program: Program, rule: str, which, value: int) -> None:
    data = program.data
    for k in which.nonzero()[0].tolist():
        program.row(rule, data.site_ids[data.sub_centres.hospitals[k]], [(program.sub_centre[k], 1)], "==", value)
