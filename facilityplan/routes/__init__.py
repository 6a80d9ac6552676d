"""The rounds of circuit teams: who is visited on which days, by which team, in what order, along which roads.

It knows decisions and travel times, and nothing of the model. The only package that imports PyVRP.
"""

from facilityplan.routes.plan import routes_of
from facilityplan.routes.types import CircuitWeek, Key, Place, Route, Stop, Visits, Week
from facilityplan.routes.week import WORKING_DAYS, spread

__all__ = ["WORKING_DAYS", "CircuitWeek", "Key", "Place", "Route", "Stop", "Visits", "Week", "routes_of", "spread"]
