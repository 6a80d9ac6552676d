"""The integer program: what may be decided, the rules as rows, the objective, and the one adapter to the solver."""

from facilityplan.model.mode_data import CorrectedHours
from facilityplan.model.prices import price_named
from facilityplan.model.solve import solve_plan
from facilityplan.model.why import explain_refusals

__all__ = ["CorrectedHours", "explain_refusals", "price_named", "solve_plan"]
