"""The variables of service centres and attribute floors; symbols as in constraints_centres, constraints_attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facilityplan.model.program import Program


def centre_variables(program: Program) -> None:
    """Add e_sh, Q_sth and u_sS of every service."""
    data = program.data
    for s, block in enumerate(data.centres):
        names = [data.site_ids[h] for h in block.hosts]
        for k, name in enumerate(names):
            program.centre[s, k] = program.variable(f"centre[{block.id} at {name}]", 0, 1)
        for row, township in enumerate(block.townships.tolist()):
            for k, name in enumerate(names):
                if block.cost[row, k] >= 0:
                    program.centre_of[s, row, k] = program.variable(
                        f"uses[{block.id}, {data.townships[township]} to {name}]", 0, 1
                    )
        if block.wanted is not None and data.holds("centre_share"):
            for n in range(len(block.near)):
                program.far_from_centre[s, n] = program.variable(f"far_from[{block.id}, {n}]", 0, 1, integer=False)


def attribute_variables(program: Program) -> None:
    """Add q_aj and u_aS of every floor in force."""
    data = program.data
    for a, floor in enumerate(data.attributes):
        rule = "attribute_people" if floor.counts_people else "attribute_sites"
        if not data.holds(rule):
            continue
        for j in floor.equippable.nonzero()[0].tolist():
            program.equip[a, j] = program.variable(f"equip[{floor.id}, {data.site_ids[j]}]", 0, 1)
        for j in floor.lifting:
            program.lifted[a, j] = program.variable(f"lifted[{floor.id}, {data.site_ids[j]}]", 0, 1)
        for n in range(len(floor.near or ())):
            program.far[a, n] = program.variable(f"far[{floor.id}, {n}]", 0, 1, integer=False)
