"""Checks of rules.modes: thresholds that agree, doctors where a mode needs them, an objective that means something."""

from __future__ import annotations

from collections.abc import Iterator

from facilityplan.config.resolve import UNKNOWN, View, fault_at
from facilityplan.errors import Fault, Text

AT = ("rules", "modes")


def service_modes(view: View) -> Iterator[Fault]:
    """Yield the faults of rules.modes and of a stage that asks for periodic contact."""
    given = [m for m in ("circuit", "neighbour", "posted") if isinstance(view.value(*AT, m), dict)]
    for mode in given:
        low, high = view.value(*AT, mode, "min_people"), view.value(*AT, mode, "max_people")
        if isinstance(low, int) and isinstance(high, int) and low > high:
            yield fault_at(
                view,
                "min_above_max",
                (*AT, mode, "min_people"),
                Text(f"至少 {low} 人，至多 {high} 人，没有村合格", f"at least {low} people, at most {high}: nobody"),
                Text("让 min_people 不大于 max_people", "make min_people at most max_people"),
            )
    if view.value("rules", "doctors") is None:
        for mode in given:
            if mode != "circuit":
                yield fault_at(
                    view,
                    "mode_needs_doctors",
                    (*AT, mode),
                    Text(
                        "这种服务方式要占用医生，但方案不考虑医生",
                        "this mode uses doctors, but the plan leaves doctors out",
                    ),
                    Text(
                        f"保留 rules.doctors，或去掉 rules.modes.{mode}",
                        f"keep rules.doctors, or take rules.modes.{mode} away",
                    ),
                )
    shares = [view.value(*AT, mode, "max_doctor_share") for mode in given if mode != "neighbour"]
    if len(shares) == 2 and all(isinstance(s, int | float) for s in shares) and sum(shares) > 1:
        yield fault_at(
            view,
            "shares_above_one",
            (*AT, "posted", "max_doctor_share"),
            Text(
                "巡回和驻村合计可占用的医生超过卫生院全部医生",
                "circuit teams and posted staff together may take more than all doctors of a hospital",
            ),
            Text("让两个 max_doctor_share 之和不超过 1", "let the two max_doctor_share add up to 1 at most"),
        )
    if view.value(*AT) is UNKNOWN or {"circuit", "neighbour"} & set(given):
        return
    for n in view.keys("objectives"):
        if view.value("objectives", n, "minimise") == "periodic":
            yield fault_at(
                view,
                "modes_off",
                ("objectives", n, "minimise"),
                Text(
                    "目标里有定期上门，但没有启用巡回或邻村延伸",
                    "a stage asks for periodic contact, but neither circuit nor neighbour service is offered",
                ),
                Text(
                    "删去这一目标，或写 rules.modes.circuit 或 rules.modes.neighbour",
                    "take the stage away, or give rules.modes.circuit or rules.modes.neighbour",
                ),
            )
