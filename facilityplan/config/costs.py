"""Config of unit costs: the model of `costs`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from facilityplan.config.base import Cost, Model
from facilityplan.config.norms import load_norms


def _norm_cost(norm_id: str) -> Any:
    return Field(default_factory=lambda: Cost.model_validate(load_norms().record(norm_id)))


class Costs(Model):
    """Unit costs. Defaults come from the norms file; no policy document publishes any."""

    clinic_fixed: Cost
    """Running a clinic for a year, doctors left out."""
    clinic_per_m2: Cost
    """Running a square metre of clinic for a year."""
    doctor: Cost
    """A doctor for a year."""
    build_clinic: Cost
    """Building a clinic."""
    upgrade_sub_centre: Cost
    """Turning a township hospital into a sub-centre."""
    merge_works: Cost
    """Moving a clinic into its host."""
    assumed_floor_area: Cost
    """Floor area taken where the data have none, in m2."""
    health_subsidy_per_person: Cost | None = None
    """Public-health subsidy for each person served in a year; income of whoever serves them."""
    clinic_subsidy: Cost | None = None
    """Subsidy for each open clinic in a year."""
    circuit_team: Cost = _norm_cost("circuit_team_cost")
    """A circuit team for a year, its vehicle's running included; its doctors stay on the hospital's payroll."""
    circuit_vehicle: Cost = _norm_cost("circuit_vehicle_cost")
    """The vehicle of a circuit team."""
    posted_doctor: Cost = _norm_cost("posted_doctor_cost")
    """A hospital's doctor posted to a clinic for a year, paid in place of a clinic doctor."""
