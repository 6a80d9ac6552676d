"""The columns of the block of consortia."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facilityplan.model.staff_pools import pooled

if TYPE_CHECKING:
    from facilityplan.model.program import Program


def most_wanted(program: Program) -> np.ndarray:
    """Return the most clinic doctors that each township's sites could want (int64, townships)."""
    wanted = np.zeros(len(program.data.townships), dtype=np.int64)
    for variables in (program.open, program.extra, program.hosted):
        for site, variable in variables.items():
            wanted[program.data.site_township[site]] += int(variable.upBound)
    return wanted


def add_consortium_variables(program: Program) -> None:
    """Add leads used, memberships that are possible at all and, where staff are pooled, doctors lent and borrowed."""
    data, block = program.data, program.data.consortia
    for site in block.leads.tolist():
        program.lead.append(program.variable(f"lead[{data.site_ids[site]}]", 0, 1))
    pairs = [(int(row), int(c)) for row, c in zip(*(block.cost >= 0).nonzero(), strict=True)]
    for row, c in pairs:
        name = f"{data.townships[block.townships[row]]} to {data.site_ids[block.leads[c]]}"
        program.member[row, c] = program.variable(f"member[{name}]", 0, 1)
    if not (pooled(data) and program.open):
        return
    wanted = most_wanted(program)
    for row, c in pairs:
        t = int(block.townships[row])
        name = f"{data.townships[t]}, {data.site_ids[block.leads[c]]}"
        if data.doctors.pool[t] > 0:
            program.lend[row, c] = program.variable(f"lent[{name}]", 0, int(data.doctors.pool[t]))
        if wanted[t] > 0:
            program.borrow[row, c] = program.variable(f"borrowed[{name}]", 0, int(wanted[t]))
