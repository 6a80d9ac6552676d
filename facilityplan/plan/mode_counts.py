"""What circuit, neighbour and posted service add to a plan's counts: doctors and money by facility."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import ServiceMode
from facilityplan.inputs.tables import Inputs


@dataclass(frozen=True)
class ModeCounts:
    """Figures by facility, in the order of ``inputs.facilities``."""

    posted: np.ndarray  # bool, a clinic with posted staff
    posted_out: np.ndarray  # int64, doctors that a hospital posts to clinics
    annual_cny: np.ndarray  # int64, teams at their base, posted staff at their clinic


def count_modes(config: Config, inputs: Inputs, decisions: Decisions) -> ModeCounts:
    """Count posted doctors and what teams and posted staff cost."""
    rules, costs = config.rules.modes, config.costs
    ids = inputs.facilities["id"].tolist()
    position = {i: row for row, i in enumerate(ids)}
    posted, out, annual = np.zeros(len(ids), bool), np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
    for i, decision in decisions.sites.items():
        annual[position[i]] += decision.teams * _yuan(costs.circuit_team.value)
        if decision.service is ServiceMode.POSTED and rules.posted is not None:
            posted[position[i]] = True
            out[position[decision.served_from]] += rules.posted.staff
            annual[position[i]] += rules.posted.staff * _yuan(costs.posted_doctor.value)
    return ModeCounts(posted, out, annual)


def _yuan(value: float) -> int:
    return int(Decimal(str(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
