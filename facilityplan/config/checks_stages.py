"""Checks of stages: years in order, money given once, retirements that add up, objectives that need stages."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from facilityplan.config.resolve import UNKNOWN, View, fault_at
from facilityplan.errors import Fault, Text


def stages(view: View) -> Iterator[Fault]:
    """Stages make sense one by one and in their order."""
    at = ("rules", "stages")
    numbers = view.keys(*at)
    years = [view.value(*at, n, "year") for n in numbers]
    for n in numbers[1:]:
        if isinstance(years[n], int) and isinstance(years[n - 1], int) and years[n] <= years[n - 1]:
            yield fault_at(view, "stages_out_of_order", (*at, n, "year"),
                           Text(f"{years[n]} 年不在 {years[n - 1]} 年之后",
                                f"{years[n]} does not follow {years[n - 1]}"),
                           Text("按年份先后排列，每年一条", "list the years in order, each once"))
    for n in numbers:
        share, yuan = (view.value(*at, n, k) for k in ("recurrent_share_of_today", "recurrent_cny"))
        if isinstance(share, int | float) and isinstance(yuan, int | float):
            yield fault_at(view, "two_budgets", (*at, n, "recurrent_cny"),
                           Text("这一年的运行经费给了两次：占现状的比例和金额",
                                "this year's recurrent budget is given twice: as a share and in yuan"),
                           Text("recurrent_share_of_today 与 recurrent_cny 只留一个",
                                "keep recurrent_share_of_today or recurrent_cny"))
        money = [view.value(*at, k, "capital_cny") for k in (n - 1, n) if k >= 0]
        nothing = (len(money) < 2 or None in money) and not (len(money) == 2 and _same_source(view, n))
        if view.value(*at, n, "carry_over") is True and nothing:
            yield fault_at(view, "nothing_to_carry", (*at, n, "carry_over"),
                           Text("没有可结转的资金：本年和上一年都要写 capital_cny，或同一来源两年都写金额",
                                "nothing to carry over: this year and the one before need a capital_cny, or the same "
                                "source with an amount in both"),
                           Text("删去 carry_over，或补上两年的 capital_cny",
                                "take carry_over away, or give both years a capital_cny"))
    yield from _retirements(view, [view.value(*at, n, "retire_share") for n in numbers])
    yield from _objectives(view, bool(numbers))


def _same_source(view: View, n: int) -> bool:
    """Has a source an amount both in the n-th year and in the one before?"""
    at = ("rules", "stages")
    both = [{view.value(*at, k, "funding", i, "source") for i in view.keys(*at, k, "funding")} for k in (n - 1, n)]
    return bool(both[0] & both[1])


def _retirements(view: View, shares: list) -> Iterator[Fault]:
    given = [s for s in shares if isinstance(s, int | float)]
    total = view.value("rules", "doctors", "retire_share")
    if not given or UNKNOWN in shares:
        return
    short = len(given) < len(shares)
    wrong = isinstance(total, int | float) and sum(Fraction(str(s)) for s in given) != Fraction(str(total))
    if short or wrong:
        yield fault_at(view, "retirements_do_not_add_up", ("rules", "stages"),
                       Text("各年的 retire_share 要么都不写，要么都写，且合计等于 rules.doctors.retire_share",
                            "every year has a retire_share or none; together they make rules.doctors.retire_share"),
                       Text("补齐每年的 retire_share，或全部删去", "give each year one, or take them away") if short
                       else Text(f"合计应为 {total}", f"they should add up to {total}"))


def _objectives(view: View, staged: bool) -> Iterator[Fault]:
    paths = [("objectives", n) for n in view.keys("objectives")]
    paths += [(*at, "weighted", k) for at in paths for k in view.keys(*at, "weighted")]
    for at in paths:
        kind, late = view.value(*at, "minimise"), view.value(*at, "late")
        if kind == "delay" and not staged:
            yield fault_at(view, "stages_off", (*at, "minimise"),
                           Text("目标里有早晚（delay），但没有分年",
                                "a stage minimises delay, but the plan has no years"),
                           Text("删去这一目标，或写 rules.stages", "take the stage away, or give rules.stages"))
        if kind not in ("delay", UNKNOWN) and late is True:
            yield fault_at(view, "late_not_used", (*at, "late"),
                           Text("late 只用于 delay", "late is for delay only"), Text("删去 late", "take late away"))
