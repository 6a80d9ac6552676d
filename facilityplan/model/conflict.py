"""When no plan exists: the smallest set of rules that conflict, and what would be needed to make a plan possible.

A deletion filter over whole rules: drop a rule, and if there is still no plan, it had no part in the conflict. Each
question goes to the LP relaxation first and, where that has a solution, to the integer program with a clock; what the
clock leaves open is said, never guessed.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from facilityplan.domain.rules import DROPPABLE, HOST_RULES, MODE_RULES, RULE_NAMES
from facilityplan.errors import Fault, Infeasible, NoUsablePlan, Text
from facilityplan.model.build import active_rules, build_program
from facilityplan.model.conflict_items import Member, members_of
from facilityplan.model.conflict_keys import CONFIG_KEYS
from facilityplan.model.conflict_repair import ELASTIC, Give, cheapest_repair
from facilityplan.model.constraints_locks import closing
from facilityplan.model.constraints_money import capital_cost, recurrent_cost
from facilityplan.model.program import ALL_BLOCKS, Block, Program, Terms
from facilityplan.model.sets import ObjectiveStage, PlanningData
from facilityplan.model.sets_locks import LockRow
from facilityplan.model.solver import Solver
from facilityplan.units import PEOPLE_SCALE

SEARCH_S = 60.0  # for the whole search, after the solve itself
QUESTION_S = 10.0  # for one question
LOCKS_TRIED = 20  # so many locks are tried one by one


def infeasible(data: PlanningData, blocks: frozenset[Block], solver: Solver) -> Infeasible:
    """Return the error that names the conflicting rules, each with what it would take as far as that is known.

    Raises NoUsablePlan where the solver, asked again without an objective, finds a plan after all.
    """
    if data.consortia is not None:  # without a host rule, clinics and consortia may share rows that they do not now
        blocks = ALL_BLOCKS
    search = _Search(data, blocks, solver, time.monotonic() + SEARCH_S)
    if search.possible(frozenset()):
        raise NoUsablePlan(
            Text(
                "求解器自相矛盾：先称无可行方案，再次求解却找到了；请报告此问题",
                "the solver contradicts itself: it called the rules impossible, then found a plan; please report this",
            )
        )
    rules, undecided = search.conflict()
    members = search.members(rules)
    repairs = {rule: search.repair(rule) for rule in rules}
    names = [_name(member) for member in members]
    faults = [
        Fault("undecided" if member.rule in undecided else "conflict", name, repairs[member.rule], field=member.field)
        for member, name in zip(members, names, strict=True)
    ]
    zh, en = "、".join(n.zh for n in names), "; ".join(n.en for n in names)
    if not rules:
        message = Text(
            "没有可行方案：即使去掉全部可放宽的规则，仍不能满足",
            "no plan exists, not even with every rule that may be dropped left out",
        )
    elif len(members) == 1:
        message = Text(
            f"没有满足全部规则的方案（已证明）。这条规则无法满足：{zh}",
            f"no plan obeys all the rules (proven). This one cannot be met: {en}",
        )
    else:
        message = Text(
            f"没有满足全部规则的方案（已证明）。以下规则不能同时满足：{zh}",
            f"no plan obeys all the rules (proven). These cannot hold together: {en}",
        )
    if undecided:
        message = _partly_decided(
            [name for member, name in zip(members, names, strict=True) if member.rule not in undecided],
            [name for member, name in zip(members, names, strict=True) if member.rule in undecided],
        )
    if len(members) > 1 and (gives := search.cheapest()):
        message = Text(
            f"{message.zh}。最小的放宽：{'；'.join(g.text.zh for g in gives)}",
            f"{message.en}. The least that would have to give: {'; '.join(g.text.en for g in gives)}",
        )
    return Infeasible(message, rules, faults)


def _partly_decided(certain: list[Text], left_open: list[Text]) -> Text:
    """Name each member once: in the conflict for certain, or left open by the clock."""
    parts = [Text("没有满足全部规则的方案（已证明）", "no plan obeys all the rules (proven)")]
    if certain:
        listed = "、".join(n.zh for n in certain), "; ".join(n.en for n in certain)
        parts.append(Text(f"以下规则在冲突之中：{listed[0]}", f"In conflict: {listed[1]}"))
    listed = "、".join(n.zh for n in left_open), "; ".join(n.en for n in left_open)
    parts.append(
        Text(
            f"以下规则是否在冲突之中，限时内未能判定：{listed[0]}",
            f"Whether these belong to the conflict was not decided in time: {listed[1]}",
        )
    )
    return Text("。".join(p.zh for p in parts), ". ".join(p.en for p in parts))


def _name(member: Member) -> Text:
    """The rule's name and, where it has several members, which one."""
    name, label = RULE_NAMES[member.rule], member.label
    return Text(f"{name.zh}（{label.zh}）", f"{name.en} ({label.en})") if label.en else name


class _Search:
    """Questions to the solver about the same data with fewer rules."""

    def __init__(self, data: PlanningData, blocks: frozenset[Block], solver: Solver, deadline: float) -> None:
        self.data, self.blocks, self.solver, self.deadline = data, blocks, solver, deadline

    def conflict(self) -> tuple[list[str], list[str]]:
        """Return a minimal set of rules in conflict, and those of it that the clock left undecided."""
        suspects = [r for r in HOST_RULES if self.data.holds(r)] if "clinics" in self.blocks else []
        if "clinics" in self.blocks and self.data.modes is not None:
            suspects += [r for r in MODE_RULES if self.data.holds(r)]
        suspects += [r for r in active_rules(self.data, self.blocks) if r in DROPPABLE]
        dropped: set[str] = set()
        kept, undecided = [], []
        if self.possible(frozenset(suspects)) is False:
            return [], []
        for rule in suspects:
            answer = self.possible(frozenset(dropped | {rule}))
            if answer is False:
                dropped.add(rule)
                continue
            kept.append(rule)
            if answer is None:
                undecided.append(rule)
        return kept, undecided

    def members(self, rules: list[str]) -> list[Member]:
        """Return the members of a minimal set of rules that already conflict; every other rule is left out.

        A member that one question finds necessary stays so when others are taken away: fewer members never turn a plan
        that exists into none.
        """
        suspects = [r for r in active_rules(self.data, self.blocks) if r in DROPPABLE]
        suspects += [r for r in HOST_RULES if self.data.holds(r)]
        others = frozenset(suspects) - set(rules)
        left, kept = self.data, []
        for rule in rules:
            found = members_of(self.data, rule, CONFIG_KEYS[rule])
            for member in found:
                fewer = member.without(left)
                if len(found) > 1 and self.possible(others, data=fewer) is False:
                    left = fewer
                else:
                    kept.append(member)
        return kept

    def cheapest(self) -> list[Give] | None:
        """Return what every limit together would have to give; None where that is not known."""
        left = self.deadline - time.monotonic()
        if left <= 0.1:
            return None
        data = dataclasses.replace(self.data, objectives=())
        return cheapest_repair(build_program(data, self.blocks, ELASTIC), self.solver, min(left, 2 * QUESTION_S))

    def possible(
        self,
        without: frozenset[str],
        *,
        locks: tuple[LockRow, ...] | None = None,
        data: PlanningData | None = None,
    ) -> bool | None:
        """Is there a plan without these rules (or with other ``locks``, or ``data``)? None where the clock ended."""
        program = self._program(without, locks=locks, data=data)
        arrays, nothing = program.arrays(), np.zeros(len(program.variables))
        left = self.deadline - time.monotonic()
        if left <= 0:
            return None
        relaxed, _ = self.solver.relax(arrays, nothing, time_limit_s=min(left, QUESTION_S))
        if relaxed.status == "infeasible":
            return False
        left = max(0.1, self.deadline - time.monotonic())
        solution = self.solver.solve(arrays, nothing, time_limit_s=min(left, QUESTION_S))
        return False if solution.status == "infeasible" else True if solution.values is not None else None

    def repair(self, rule: str) -> Text:
        """Say whether dropping the rule alone makes a plan possible, and how far it would have to give way."""
        alone = self.possible(frozenset({rule}))
        if alone is None:
            return Text(
                "单独去掉这条规则是否足够，限时内未能判定",
                "whether dropping it alone is enough was not decided in time",
            )
        if alone is False:
            return Text(
                "单独去掉这条规则还不够：另有冲突", "dropping it alone is not enough: there is another conflict"
            )
        figure = _REPAIRS[rule](self) if rule in _REPAIRS else None
        return figure or Text(
            "放宽这条规则；单独去掉它即有可行方案", "relax it; dropping it alone makes a plan possible"
        )

    def least(
        self,
        without: str,
        cost: Callable[[Program], tuple[Terms, int]],
        objectives: tuple[ObjectiveStage, ...] = (),
    ) -> int | None:
        """Return the least value of a cost with one rule dropped; None where it is not proven in time.

        ``objectives``: stages whose ladder costs ``cost`` reads.
        """
        program = self._program(frozenset({without}), objectives=objectives)
        terms, constant = cost(program)
        left = max(0.1, self.deadline - time.monotonic())
        solution = self.solver.solve(program.arrays(), program.vector(terms), time_limit_s=min(left, 2 * QUESTION_S))
        return round(solution.objective) + constant if solution.status == "optimal" else None

    def _program(
        self,
        without: frozenset[str],
        *,
        objectives: tuple[ObjectiveStage, ...] = (),
        locks: tuple[LockRow, ...] | None = None,
        data: PlanningData | None = None,
    ) -> Program:
        data = self.data if data is None else data
        data = dataclasses.replace(
            data,
            dropped=data.dropped | without,
            objectives=objectives,
            locks=data.locks if locks is None else locks,
        )
        return build_program(data, self.blocks)


def _recurrent(search: _Search) -> Text | None:
    least, today = search.least("recurrent_budget", recurrent_cost), search.data.money.today
    if least is None:
        return None
    share = f"{-(-least * 1000 // max(1, today)) / 10:.1f}"
    return Text(
        f"年度运行经费至少需要 {least:,} 元（现状的 {share} %）",
        f"at least {least:,} yuan a year are needed ({share} % of today's spending)",
    )


def _capital(search: _Search) -> Text | None:
    least = search.least("capital_budget", lambda program: (capital_cost(program), 0))
    return (
        None
        if least is None
        else Text(f"建设资金至少需要 {least:,} 元", f"at least {least:,} yuan of capital are needed")
    )


def _hires(search: _Search) -> Text | None:
    least = search.least("hires", lambda program: ([(v, 1) for v in program.hires.values()], 0))
    return (
        None
        if least is None
        else Text(f"全县至少需要招聘 {least} 名医生", f"at least {least} doctors must be hired in the county")
    )


def _blank(search: _Search) -> Text | None:
    def blank(program: Program) -> tuple[Terms, int]:
        return [(program.open[s[0]], -1) for _, s in program.data.blank_groups if len(s) == 1], len(
            program.data.blank_groups
        )

    if search.data.modes is not None or any(len(sites) > 1 for _, sites in search.data.blank_groups):
        return None
    least = search.least("blank_villages", blank)
    return (
        None if least is None else Text(f"空白村数至少为 {least}", f"at least {least} villages stay without a clinic")
    )


def _circle(search: _Search) -> Text | None:
    floors = [f for f in search.data.circle_floors if f.township is None]
    if len(floors) != 1:
        return None

    def outside(program: Program) -> tuple[Terms, int]:
        cost = program.ladder.uncovered[floors[0].ladder]
        return [(program.closed[k], c) for k, c in cost.coefficients.items()], cost.constant

    least = search.least("circle_share", outside, (ObjectiveStage("uncovered", floors[0].ladder),))
    if least is None:
        return None
    share = f"{(floors[0].total - least) * 1000 // max(1, floors[0].total) / 10:.1f}"
    people = f"{least / PEOPLE_SCALE:,.0f}"
    return Text(
        f"覆盖率最高可达 {share} %（圈外 {people} 人）", f"at best {share} % are inside ({people} people outside)"
    )


def _locks(search: _Search) -> Text | None:
    """Name the locks whose lifting alone makes a plan possible."""
    ids, locks = search.data.site_ids, search.data.locks
    enough = [
        f"{ids[lock.site]} {lock.do}" + (f" {ids[lock.host]}" if lock.host >= 0 else "")
        for k, lock in enumerate(locks[:LOCKS_TRIED])
        if search.possible(frozenset(), locks=(*locks[:k], *locks[k + 1 :]))
    ]
    if not enough:
        return None
    zh, en = "；".join(enough), "; ".join(enough)
    return Text(f"取消以下任一条锁定即有可行方案：{zh}", f"lifting any one of these locks makes a plan possible: {en}")


def _closures(search: _Search) -> Text | None:
    least = search.least("closures_total", lambda program: (closing(program), 0))
    return (
        None
        if least is None
        else Text(f"全县至少要关闭 {least} 个", f"at least {least} clinics must close in the county")
    )


def _funding(search: _Search) -> Text | None:
    works = search.data.works
    usable = [a for a, debt in zip(works.amount, works.debt, strict=True) if not (debt and works.no_debt)]
    least = search.least("funding_amount", lambda program: (capital_cost(program), 0))
    if least is None or None in usable:
        return None
    return Text(
        f"可用来源合计 {sum(usable):,} 元，至少需要 {least:,} 元，且每个项目须有可用来源",
        f"the sources that may pay give {sum(usable):,} yuan, at least {least:,} are needed, each work from a source "
        "that may pay for it",
    )


_REPAIRS: dict[str, Callable[[_Search], Text | None]] = {
    "recurrent_budget": _recurrent,
    "capital_budget": _capital,
    "hires": _hires,
    "funding_amount": _funding,
    "blank_villages": _blank,
    "circle_share": _circle,
    "locks": _locks,
    "closures_total": _closures,
}
