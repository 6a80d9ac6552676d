"""The budgets as rows, in whole yuan. The cost functions here serve the cost objective as well."""

from __future__ import annotations

from facilityplan.model.constraints_attributes import equipment_cost
from facilityplan.model.program import Program, Terms


def recurrent_cost(program: Program) -> tuple[Terms, int]:
    """Return the recurrent cost a year as (terms, constant) in yuan.

    Σ running_j Y_j + Σ_p r_p x_p + doctor · (all clinic doctors after, reserve and hosted ones included). r_p: what
    work p adds. With the staff balance the doctors are those of today less retirements plus hires; without it, those
    that the sites need. Circuit teams and posted staff come on top: team · Σ g_b + posted · Σ P_jh.
    """
    data, money = program.data, program.data.money
    terms = [(variable, int(money.running[j])) for j, variable in program.open.items()]
    if program.work:  # decided with the clinics, if at all
        terms += [(v, int(c)) for v, c in zip(program.work, data.works.recurrent, strict=True)]
    terms += [(variable, data.modes.circuit.team_cny) for variable in program.teams.values()]
    terms += [(variable, data.modes.posted.staff_cny) for variable in program.posted.values()]
    if data.doctors is None or data.holds("doctor_balance"):
        terms += [(variable, money.doctor) for variable in program.hires.values()]
        return terms, money.doctor * money.doctors_base
    for variables in (program.open, program.extra, program.hosted):
        terms += [(variable, money.doctor) for variable in variables.values()]
    terms += [(variable, -money.doctor) for variable in program.posted.values()]
    return terms, 0


def constrain_recurrent_budget(program: Program) -> None:
    """Annual recurrent budget: Σ running_j Y_j + doctor · doctors ≤ budget, in yuan.

    Source: config rules.budget; unit costs from the norms file.
    """
    limit = program.data.money.recurrent_limit
    if limit is not None and program.open:
        terms, constant = recurrent_cost(program)
        program.row("recurrent_budget", "county", terms, "<=", limit - constant)


def capital_cost(program: Program) -> Terms:
    """Return the capital in yuan: build · Σ y_k + merge · Σ a_jh + upgrade · Σ σ_h + vehicle · Σ g_b + Σ_p c_p x_p."""
    # works are decided with the clinics: a part of the model without these has none
    works = program.data.works if "clinics" in program.blocks else None
    done = [] if works is None else [(v, int(c)) for v, c in zip(program.work, works.capital, strict=True)]
    return other_capital(program) + done


def other_capital(program: Program) -> Terms:
    """Return the capital cost of all but works in yuan."""
    data, money = program.data, program.data.money
    terms = [(variable, money.build) for j, variable in program.open.items() if data.candidate[j]]
    terms += [(variable, money.merge) for variable in program.merge.values()]
    terms += [(variable, data.modes.circuit.vehicle_cny) for variable in program.teams.values()]
    terms += [(variable, money.upgrade) for variable in program.sub_centre]
    return terms + equipment_cost(program)


def constrain_capital_budget(program: Program) -> None:
    """Capital: build · Σ y_k + merge · Σ a_jh + upgrade · Σ σ_h + vehicle · Σ g_b + Σ_a equip_a q_aj + Σ_p c_p x_p
    ≤ budget, in yuan.

    c_p: capital of work p, x_p whether it is done; g_b: circuit teams. Source: config rules.budget.
    """
    limit = program.data.money.capital_limit
    if limit is not None:
        program.row("capital_budget", "county", capital_cost(program), "<=", limit)
