"""When no plan exists: which rules conflict, and what would be needed."""

from __future__ import annotations

from facilityplan.errors import Infeasible, Text
from facilityplan.model.sets import PlanningData
from facilityplan.model.solver import Solver


def infeasible(data: PlanningData, solver: Solver, deadline: float) -> Infeasible:
    """Return the error that names the conflicting rules (to follow)."""
    return Infeasible(Text("没有满足全部规则的方案", "no plan obeys all the rules"))
