"""Decide which village clinics merge, how each village is served and which hospitals become sub-centres, and prove it.

>>> import facilityplan
>>> runs = facilityplan.run("configs/deqing.yaml")
>>> runs[0].plan.metrics["people_within_circle_after"]

Every command of the command line is a function here and returns the same objects. Names are loaded when first used,
because the geographic libraries take a second to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Assessment": "facilityplan.workflow",
    "Comparison": "facilityplan.compare",
    "Config": "facilityplan.config",
    "FacilityPlanError": "facilityplan.errors",
    "Fault": "facilityplan.errors",
    "FaultyInput": "facilityplan.errors",
    "Infeasible": "facilityplan.errors",
    "Inputs": "facilityplan.inputs",
    "LoadedConfig": "facilityplan.config",
    "NoUsablePlan": "facilityplan.errors",
    "NotProven": "facilityplan.errors",
    "Plan": "facilityplan.plan",
    "RobustRun": "facilityplan.robustness",
    "Run": "facilityplan.workflow",
    "Text": "facilityplan.errors",
    "Verification": "facilityplan.plan",
    "VerificationFailed": "facilityplan.errors",
    "assess": "facilityplan.workflow",
    "check": "facilityplan.workflow",
    "compare_runs": "facilityplan.comparing",
    "json_schema": "facilityplan.config",
    "load_config": "facilityplan.config",
    "robust": "facilityplan.robustness",
    "run": "facilityplan.workflow",
    "show_config": "facilityplan.config",
    "verify": "facilityplan.workflow",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'facilityplan' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
