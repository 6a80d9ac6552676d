"""The columns of the block of consortia."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from facilityplan.model.program import Program


def add_consortium_variables(program: Program) -> None:
    """Add leads used, memberships that are possible at all and, where staff are pooled, doctors lent and borrowed."""
    data, block = program.data, program.data.consortia
    for site in block.leads.tolist():
        program.lead.append(program.variable(f"lead[{data.site_ids[site]}]", 0, 1))
    pairs = [(int(row), int(c)) for row, c in zip(*(block.cost >= 0).nonzero(), strict=True)]
    for row, c in pairs:
        name = f"{data.townships[block.townships[row]]} to {data.site_ids[block.leads[c]]}"
        program.member[row, c] = program.variable(f"member[{name}]", 0, 1)
    if not (block.pool_staff and data.doctors is not None and data.holds("doctor_balance") and program.open):
        return
    wanted = np.zeros(len(data.townships), dtype=np.int64)  # the most doctors that a township's sites could want
    for variables in (program.open, program.extra, program.hosted):
        for site, variable in variables.items():
            wanted[data.site_township[site]] += int(variable.upBound)
    for row, c in pairs:
        t = int(block.townships[row])
        name = f"{data.townships[t]}, {data.site_ids[block.leads[c]]}"
        if data.doctors.pool[t] > 0:
            program.lend[row, c] = program.variable(f"lent[{name}]", 0, int(data.doctors.pool[t]))
        if wanted[t] > 0:
            program.borrow[row, c] = program.variable(f"borrowed[{name}]", 0, int(wanted[t]))
