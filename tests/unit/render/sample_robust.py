"""A robustness run to render, made up from a sample plan: every outcome, a case without a plan, hostile names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sample_plan import NAUGHTY, Sample

from facilityplan.access.bridges import BridgeUse
from facilityplan.compare.robust import Case, CaseFigures, Decision, decisions_of, robust_core
from facilityplan.compare.robust_document import RobustRecord
from facilityplan.config import load_config
from facilityplan.errors import Text

RULES = Path(__file__).parents[3] / "configs" / "rules.yaml"


@cache
def config():
    return load_config(RULES).config


def record(made: Sample, *, people_fewer: float = 4.0) -> RobustRecord:
    """``people_fewer``: how many people fewer are inside when speeds are lowered."""
    plan, inputs = made.plan, made.inputs
    decided = decisions_of(plan.decisions)
    mergers = sorted((d for d in decided if d.kind == "merger"), key=lambda d: d.order)
    within = float(plan.metrics["people_within_circle_after"])

    def figures(**changed) -> CaseFigures:
        usual = {"people_within": within, "people_within_today": within + 100.0, "group_people": within + 5_000.0,
                 "people_unreachable": 3.0, "annual_cny": 2e7, "annual_today_cny": 2.2e7, "capital_cny": 4e5,
                 "merged": len(mergers), "sub_centres": 2, "annual_base_plan_cny": 2e7, "capital_base_plan_cny": 4e5}
        return CaseFigures(**{**usual, **changed})

    def case(id_, kind, change, name, **known) -> Case:
        usual = {"status": "optimal", "gap": 0.0, "stages": (("uncovered[circle]", 900.0),), "figures": figures(),
                 "decisions": decided, "checks": 99}
        return Case(id_, id_.rpartition(".")[0] or id_, kind, change, Text(name, name), Text("1 → 2", "1 → 2"),
                    ("costs.doctor.value=1",), **{**usual, **known})

    base = case("base", None, None, "base")
    elsewhere = decided - {mergers[0], mergers[-1]} | {Decision("merger", mergers[0].id, mergers[-1].to)}
    cases = [
        case("costs.doctor.low", "cost", "low", "doctor", decisions=elsewhere,
             figures=figures(annual_cny=1.7e7, annual_base_plan_cny=1.75e7)),
        case("costs.doctor.high", "cost", "high", "doctor", figures=None, decisions=frozenset(), status="infeasible",
             without_plan=(Text(NAUGHTY[0] + "预算", NAUGHTY[0] + "budget"),)),
        case("modes.ebike.low", "speed", "low", NAUGHTY[10], status="feasible", gap=0.02,
             figures=figures(people_within=within - people_fewer), base_breaks=("no_harm", "host_limit")),
        case("modes.ebike.high", "speed", "high", NAUGHTY[10]),
        case("bridge.lost", "bridge", "lost", "bridge", decisions=decided - {mergers[0]})]
    lon, lat = inputs.cells[["lon", "lat"]].mean()
    bridge = BridgeUse(round(float(lon), 5), round(float(lat), 5), NAUGHTY[2], NAUGHTY[4], 88.0, (0,), 1_234.0,
                       ((NAUGHTY[0], 1_230.0), (NAUGHTY[11], 4.0)))
    return RobustRecord("configs/" + NAUGHTY[9], "default", plan.scenario_name, config(), inputs, plan,
                        robust_core(base, cases), bridge, True, 0.3, 0.2, ())
