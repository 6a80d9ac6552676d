"""Demonstration counties: a real outline, names and census totals, and an invented, reproducible geography."""

from facilityplan.demo.county import DemoCounty, generate
from facilityplan.demo.place import DemoPlace, load_place
from facilityplan.demo.write import write

__all__ = ["DemoCounty", "DemoPlace", "generate", "load_place", "write"]
