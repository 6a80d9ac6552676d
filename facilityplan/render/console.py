"""A plan in a few lines, for a console: what is decided, whether the circle is met, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.config.schema import Standard
from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.compliance import compliance_lines
from facilityplan.render.prices import price_lines
from facilityplan.render.summary import modes_text, stage_lines


def _circle_line(standard: Standard, figures: Mapping[str, Any]) -> Text:
    """Return one standard's people inside before and after, with those who leave and enter."""
    group = figures["group_people"] or 1.0
    before, after = (100 * figures[f"people_within_circle_{when}"] / group for when in ("before", "after"))
    leave, enter = figures["people_leaving_circle"], figures["people_entering_circle"]
    return Text(f"{standard.name}：圈内 {before:.1f} % → {after:.1f} %（{leave:,.0f} 人出圈，{enter:,.0f} 人入圈）",
                f"{standard.name_en}: {before:.1f} % → {after:.1f} % inside ({leave:,.0f} people leave it, "
                f"{enter:,.0f} enter)")


def _consortia_lines(plan: Plan) -> list[Text]:
    """Return the consortia in one line, where the plan forms any: each lead with its share of the people."""
    shares = [f"{one['lead_name']} {100 * (one['share_of_people'] or 0):.0f} %" for one in plan.consortia]
    return [Text(f"医共体 {len(shares)} 个（所占人口）：{'、'.join(shares)}",
                 f"{len(shares)} consortia, with their share of people: {', '.join(shares)}")] if shares else []


def plan_lines(plan: Plan) -> list[Text]:
    """Return the plan in a few lines: status, what is decided, and whether the circle is met."""
    m, solve, standard = plan.metrics, plan.solve, plan.standards[0]
    merged = int((plan.villages["mode"] == "merge").sum())
    closed = int(plan.facilities["merged_into"].notna().sum())
    built = int((plan.facilities["action"] == "build").sum())
    centres = list(plan.facilities.loc[plan.facilities["sub_centre"], "name"])
    proof = (Text("已证明最优", "proven optimal") if solve.status == "optimal" else
             Text(f"未证明最优（最大差距 {100 * max(s.gap for s in solve.stages):.2f} %）",
                  f"not proven optimal (largest gap {100 * max(s.gap for s in solve.stages):.2f} %)"))
    lines = [
        Text(f"{plan.county}·{plan.scenario_name.zh}：{proof.zh}，求解 {solve.seconds:.1f} 秒，"
             f"独立复核 {plan.verified.checks} 项通过",
             f"{plan.county_en} · {plan.scenario_name.en}: {proof.en}, solved in {solve.seconds:.1f} s, "
             f"{plan.verified.checks} independent checks passed"),
        Text(f"合并卫生室 {closed} 个（涉及 {merged} 个村改由承接机构服务），新建 {built} 个，次中心 {len(centres)} 个"
             f"{'：' + '、'.join(centres) if centres else ''}",
             f"{closed} clinics merge ({merged} villages are served by a host), {built} are built, "
             f"{len(centres)} sub-centres{': ' + ', '.join(centres) if centres else ''}"),
        *_consortia_lines(plan),
        _circle_line(standard, m),
        *[_circle_line(one, m.get(f"standard:{one.id}") or m[one.id]) for one in plan.standards[1:]],
        Text(f"年运行费用 {m['annual_cost_cny_before']:,.0f} → {m['annual_cost_cny']:,.0f} 元，"
             f"建设资金 {m['capital_cost_cny']:,.0f} 元",
             f"recurrent cost a year {m['annual_cost_cny_before']:,.0f} → {m['annual_cost_cny']:,.0f} CNY, "
             f"capital {m['capital_cost_cny']:,.0f} CNY"),
    ]
    if (modes := modes_text(plan)) is not None:
        lines.append(modes)
    if plan.data_basis == "synthetic":
        lines.insert(0, Text("演示数据：合成地理，非该县规划",
                             "demonstration: synthetic geography, not the county's plan"))
    lines += compliance_lines(plan) + price_lines(plan)
    stages = [Text(f"  {line.zh}", f"  {line.en}") for line in stage_lines(plan)]
    return [*lines, *plan.notes, *stages]
