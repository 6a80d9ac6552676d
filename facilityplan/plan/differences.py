"""One plan against another of the same county, in a sentence: what a scenario changes, or that it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.config.schema import Standard
from facilityplan.errors import Text
from facilityplan.plan.types import Plan


def difference(plan: Plan, base: Plan) -> Text:
    """Say how ``plan`` differs from ``base``: sites decided otherwise, people inside each circle, minutes and money."""
    sites, others = plan.decisions.sites, base.decisions.sites
    changed = sum(sites.get(i) != others.get(i) for i in {*sites, *others})
    name = base.scenario_name
    if not changed and plan.decisions == base.decisions:
        return Text(f"与情景“{name.zh}”的方案完全相同：本情景所改的规则不起约束",
                    f"the same plan as “{name.en}”: what this scenario changes does not bind")
    parts = [Text(f"{changed} 个机构的安排或医生数不同", f"{changed} sites are decided or staffed otherwise"),
             *(_inside(standard, _block(plan, standard), _block(base, standard)) for standard in plan.standards
               if any(standard.id == one.id for one in base.standards)),
             _money(plan.metrics["annual_cost_cny"] - base.metrics["annual_cost_cny"])]
    return Text(f"与情景“{name.zh}”相比：" + "；".join(part.zh for part in parts),
                f"against “{name.en}”: " + "; ".join(part.en for part in parts))


def _block(plan: Plan, standard: Standard) -> Mapping[str, Any]:
    if standard.id == plan.standards[0].id:
        return plan.metrics
    return plan.metrics.get(f"standard:{standard.id}") or plan.metrics[standard.id]


def _inside(standard: Standard, block: Mapping[str, Any], other: Mapping[str, Any]) -> Text:
    more = block["people_within_circle_after"] - other["people_within_circle_after"]
    if abs(more) < 0.5:
        return Text(f"{standard.name}圈内人数相同", f"as many inside: {standard.name_en}")
    return Text(f"{standard.name}圈内{'多' if more > 0 else '少'} {abs(more):,.0f} 人",
                f"{abs(more):,.0f} {'more' if more > 0 else 'fewer'} inside: {standard.name_en}")


def _money(more: float) -> Text:
    if abs(more) < 0.5:
        return Text("年运行费用相同", "the same recurrent cost")
    return Text(f"年运行费用{'多' if more > 0 else '少'} {abs(more):,.0f} 元",
                f"{abs(more):,.0f} CNY a year {'more' if more > 0 else 'less'}")
