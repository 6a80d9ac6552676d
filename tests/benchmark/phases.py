"""The phases of a run, each timed: read, geography, access, model build, every stage, plan, verify, render."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from facilityplan import render
from facilityplan.access import circle_outline, compute_access, prepare_geography
from facilityplan.access.compute import open_sites_today
from facilityplan.config import load_config
from facilityplan.inputs import read_inputs
from facilityplan.model.build import build_program, split_blocks
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.why import refusals
from facilityplan.plan import build_plan, verify_plan, write
from tests.benchmark.clock import Clock
from tests.benchmark.specs import ROOT, CountySpec, SyntheticSpec


@dataclasses.dataclass(frozen=True)
class Measured:
    """Seconds by phase, the sizes they belong to, and what the peers need."""

    name: str
    seconds: dict[str, float]
    stages: list[dict[str, Any]]
    size: dict[str, int]
    data: Any  # PlanningData
    inputs: Any = None
    geography: Any = None
    mode: str = ""

    def record(self) -> dict[str, Any]:
        """Return what is written down."""
        return {"seconds": {k: round(v, 3) for k, v in self.seconds.items()}, "stages": self.stages, "size": self.size}


def measure_county(spec: CountySpec) -> Measured:
    """Run every phase of a config once. Kernels are compiled before the clock starts (see ``warm_up``)."""
    clock = Clock()
    loaded = clock("config", load_config, ROOT / "configs" / spec.config)
    config = loaded.config
    inputs = clock("read", read_inputs, config, spec.data_root)
    geography = clock("geography", prepare_geography, config, inputs)
    access = clock("access", compute_access, config, inputs, geography)
    data = clock("gather", planning_data, config, inputs, access)
    decisions, report, size = _solve(data, clock, config.solver.time_limit_s)
    plan = clock("plan", lambda: build_plan(loaded, inputs, geography, access, decisions, report,
                                            refusals(data, decisions)))
    plan = dataclasses.replace(plan, verified=clock("verify", verify_plan, config, inputs, plan))
    if not plan.verified.ok:
        raise AssertionError(f"{spec.name}: {plan.verified.failures[:3]}")
    clock("write", write.files_of, plan)
    standard = config.standards[0]
    today = frozenset(inputs.facilities["id"][open_sites_today(config, inputs)])
    outlines = clock("outlines", lambda: {
        name: circle_outline(config, inputs, geography, standard, ids)
        for name, ids in (("before", today), ("after", plan.decisions.open_sites()))})
    page = clock("map", lambda: render.render_map(plan, inputs, outlines, water=inputs.water))
    clock("workbook", render.render_workbook, plan, inputs)
    clock("report", render.render_report, plan, inputs)
    with tempfile.TemporaryDirectory() as folder:
        clock("geopackage", render.write_geopackage, plan, inputs, Path(folder) / "plan.gpkg")
    size = {"cells": len(inputs.cells), "road_edges": len(inputs.roads.edges), "villages": len(inputs.villages),
            "facilities": len(inputs.facilities), **size, "verified_checks": plan.verified.checks,
            "map_bytes": len(page.encode())}
    return Measured(spec.name, clock.seconds, _stages(report), size, data, inputs, geography, standard.mode)


def measure_synthetic(spec: SyntheticSpec, limit_s: float = 120.0) -> Measured:
    """Build and solve synthetic planning data."""
    data, clock = spec.data(), Clock()
    decisions, report, size = _solve(data, clock, limit_s)
    clock("refusals", refusals, data, decisions)
    size = {"cells": data.ladders[0].cells, "villages": len(data.village_ids), "facilities": len(data.site_ids), **size}
    return Measured(spec.name, clock.seconds, _stages(report), size, data)


def warm_up() -> None:
    """Run the small county once, so that no phase pays for compiling kernels or importing libraries."""
    from tests.benchmark.specs import COUNTIES

    measure_county(COUNTIES[0])


def _solve(data, clock: Clock, limit_s: float):
    clock("model build", lambda: [build_program(data, blocks).arrays() for blocks in split_blocks(data)])
    with Solver() as solver:
        decisions, report = clock("solve", solve_data, data, solver, time_limit_s=limit_s)
    return decisions, report, dict(report.model_size)


def _stages(report) -> list[dict[str, Any]]:
    return [{"stage": s.name, "value": s.value, "gap": round(s.gap, 8), "seconds": round(s.seconds, 3)}
            for s in report.stages]
