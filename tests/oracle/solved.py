"""What every enumeration asks of the model first: a plan exactly where one exists, proven, and the same each time."""

from __future__ import annotations

from facilityplan.errors import Infeasible
from facilityplan.model.objectives import UNIT_SCALE
from facilityplan.model.solve import solve_data


def solved(data, best, seed, solver):
    """Return (decisions, report) of a county whose best plan is ``best``; None where both say that it has none."""
    try:
        decisions, report = solve_data(data, solver, time_limit_s=60, explain=False)
    except Infeasible:
        assert best is None, f"county {seed}: called infeasible, enumeration found {best}"
        return None
    assert best is not None, f"county {seed}: enumeration finds no plan, the model {decisions}"
    assert report.status == "optimal"
    assert report.reproducible
    return decisions, report


def stage_values(report, config):
    """Return the value of every stage in model units."""
    return tuple(round(s.value * UNIT_SCALE[o.minimise]) for s, o in zip(report.stages, config.objectives, strict=True))
