"""Readers of roads, people, villages, facilities and boundary: checked tables in the county's CRS."""

from facilityplan.inputs.reading import check_rules, read_inputs
from facilityplan.inputs.tables import Inputs, RoadTable

__all__ = ["Inputs", "RoadTable", "check_rules", "read_inputs"]
