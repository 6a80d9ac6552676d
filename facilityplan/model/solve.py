"""The lexicographic driver: stage after stage, each frozen at its value before the next, ties broken at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.errors import Infeasible, NoUsablePlan, Text
from facilityplan.inputs.tables import Inputs
from facilityplan.model.arrays import Arrays
from facilityplan.model.build import build_program, split_blocks
from facilityplan.model.choice import Choice, decisions_of
from facilityplan.model.choice_centres import solved_centres
from facilityplan.model.conflict import infeasible
from facilityplan.model.evaluate import evaluate
from facilityplan.model.gather import planning_data
from facilityplan.model.gather_modes import with_corrected_hours
from facilityplan.model.mode_choice import nobody
from facilityplan.model.mode_data import CorrectedHours
from facilityplan.model.objectives import in_plan_units, objective, stage_name
from facilityplan.model.program import Block, Program
from facilityplan.model.sets import PlanningData
from facilityplan.model.solver import Solver
from facilityplan.model.staff_count import staff_of
from facilityplan.model.stages import parts_of, stage_result, take_back
from facilityplan.model.ties import FrozenRow, break_ties, frozen_row, minimise
from facilityplan.model.types import Solution, SolveReport, SolveStatus

Progress = Callable[[Text], None]


@dataclass
class PartResult:
    """One part of the plan solved: its choice, and for each stage value, bound and seconds in model units."""

    program: Program
    values: np.ndarray
    stages: list[tuple[int, float, float]]  # value, bound, seconds; constants included
    proven: bool  # every stage
    settled: bool  # proven, and ties broken to the end
    sizes: dict[str, int] = field(default_factory=dict)


def solve_plan(
    config: Config,
    inputs: Inputs,
    access: Access,
    progress: Callable[[Text], None],
    corrected: CorrectedHours | None = None,
) -> tuple[Decisions, SolveReport]:
    """Find the plan: build the program, minimise stage after stage, break ties, recount.

    ``corrected``: hours of circuit visits where routes did not fit; conflicts are then not explained.

    Raises Infeasible with the rules in conflict, NoUsablePlan where the clock or the solver ended it without a plan.
    """
    with Solver(threads=config.solver.threads, seed=config.solver.seed) as solver:
        data = planning_data(config, inputs, access)
        if corrected is not None:
            data = with_corrected_hours(data, corrected)
        return solve_data(
            data, solver, time_limit_s=config.solver.time_limit_s, progress=progress, explain=corrected is None
        )


def solve_data(
    data: PlanningData,
    solver: Solver,
    *,
    time_limit_s: float,
    progress: Progress = lambda _: None,
    explain: bool = True,
) -> tuple[Decisions, SolveReport]:
    """Solve planning data that stand ready. Raises as ``solve_plan`` does; ``explain``: find the conflicting rules."""
    begun = time.monotonic()
    deadline = begun + time_limit_s
    parts = [_solve_part(data, blocks, solver, deadline, progress, explain) for blocks in split_blocks(data)]
    decisions = decisions_of(data, _choice(data, parts))
    recount = evaluate(data, decisions)
    if recount.breaches:
        raise NoUsablePlan(
            Text(
                "求解器给出的方案未通过复核：" + "、".join(sorted(recount.broken_rules)),
                "the solver's plan fails the recount: " + ", ".join(sorted(recount.broken_rules)),
            )
        )
    proven = all(part.proven for part in parts)
    stages = [
        stage_result(data, k, recount.objectives[k], [part.stages[k] for part in parts], parts_of(data, k, decisions))
        for k in range(len(data.objectives))
    ]
    exact = proven and all(s.gap == 0 for s in stages)
    status: SolveStatus = "optimal" if exact else "feasible"
    sizes: dict[str, int] = {}
    for part in parts:
        for key, size in part.sizes.items():
            sizes[key] = sizes.get(key, 0) + size
    return decisions, SolveReport(
        status=status,
        stages=tuple(stages),
        seconds=time.monotonic() - begun,
        reproducible=exact and all(part.settled for part in parts),
        model_size=sizes,
        slacks=recount.slacks,
    )


def _solve_part(
    data: PlanningData, blocks: frozenset[Block], solver: Solver, deadline: float, progress: Progress, explain: bool
) -> PartResult:
    program = build_program(data, blocks)
    base = program.arrays()
    frozen: list[FrozenRow] = []
    loose: list[tuple[int, np.ndarray]] = []  # stages with a tolerance: their place in ``frozen``, their cost
    stages: list[tuple[int, float, float]] = []
    values: np.ndarray | None = None
    proven = True
    for k, stage in enumerate(data.objectives):
        terms, constant = objective(program, stage)
        cost = program.vector(terms)
        if not cost.any():
            stages.append((constant, float(constant), 0.0))
            if constant:
                progress(_stage_text(data, k, constant, Solution("optimal", 0.0, 0.0, 0.0, 0.0, None)))
            continue
        watch = _live_gap(data, k, constant, progress)
        solution = minimise(solver, base.with_rows(frozen), cost, values, deadline, watch)
        if solution.values is None:
            if values is None:
                _no_plan(data, blocks, solver, solution, progress, explain)
            value, bound, proven = round(float(cost @ values)), _bound(base, cost, solution), False
        else:
            values = solution.values
            value, bound = round(solution.objective), _bound(base, cost, solution)
            proven &= solution.status == "optimal"
        stages.append((value + constant, bound + constant, solution.seconds))
        given = stage.tolerance.of(value + constant) if stage.tolerance else 0
        if given:
            loose.append((len(frozen), cost))
        frozen.append(frozen_row(stage_name(data, k), cost, value + given))
        progress(_stage_text(data, k, value + constant, solution))
    if values is None:
        solution = minimise(solver, base, np.zeros(len(base.columns)), None, deadline)
        if solution.values is None:
            _no_plan(data, blocks, solver, solution, progress, explain)
        values = solution.values
    settled = False
    if proven:
        values, proven = take_back(solver, base, frozen, loose, values, deadline)
    if proven:
        values, settled = break_ties(program, base.with_rows(frozen), values, solver, deadline)
        progress(
            Text(
                "同优方案已按规则取定" if settled else "同优方案未能取定",
                "ties broken" if settled else "ties not broken in time",
            )
        )
    sizes = {"columns": len(base.columns), "rows": len(base.rows), "nonzeros": len(base.value)}
    if program.ladder is not None:
        sizes |= {
            "ladder_rungs": program.ladder.rungs,
            "ladder_sets": len(program.ladder.sets),
            "no_harm_sets": len(program.ladder.no_harm),
            "forced_open": int(program.ladder.forced_open.sum()),
            "mergers_possible": len(program.merge),
        }
        if data.modes is not None:
            sizes["services_possible"] = len(program.circuit) + len(program.neighbour) + len(program.posted)
    if program.patients is not None:
        sizes |= {"patient_nodes": program.patients.nodes, "patient_sets": len(program.patients.sets)}
    return PartResult(program, values, stages, proven, settled, sizes)


def _bound(arrays: Arrays, cost: np.ndarray, solution: Solution) -> float:
    """Return a stage's bound, no lower than the columns' own bounds allow: 0, but for works that save money."""
    saved = cost < 0
    least = float(cost[saved] @ arrays.upper[saved])
    return least if solution.bound is None else max(least, solution.bound)


def _choice(data: PlanningData, parts: list[PartResult]) -> Choice:
    is_open = data.permanent.copy()
    host = np.full(len(data.site_ids), -1, dtype=np.int32)
    hospitals = 0 if data.sub_centres is None else len(data.sub_centres.hospitals)
    rows = 0 if data.sub_centres is None else len(data.sub_centres.townships)
    sub_centre, catchment = np.zeros(hospitals, dtype=bool), np.full(rows, -1, dtype=np.int32)
    member = np.full(0 if data.consortia is None else len(data.consortia.townships), -1, dtype=np.int32)
    works = np.zeros(0 if data.works is None else len(data.works.ids), dtype=bool)
    when = np.full(0 if data.stages is None else len(works), -1, dtype=np.int32)
    stage = None if data.stages is None else np.full(len(data.site_ids), -1, dtype=np.int32)
    modes = nobody(data)
    for part in parts:
        program, on = part.program, part.values > 0.5
        if program.stages is not None:
            for s, site in program.stages.made(program, on):
                stage[site] = s
            for s, target in program.stages.visits_made(program, on):
                modes.visit_stage[target] = s
            for s, work in program.stages.works_made(program, on):
                when[work] = s
        for j, variable in (program.open | program.place).items():
            is_open[j] = on[program.column(variable)]
        for p, variable in enumerate(program.work):
            works[p] = on[program.column(variable)]
        for (guest, h), variable in program.merge.items():
            if on[program.column(variable)]:
                host[guest] = h
        if modes is not None:
            for chosen, variables in (
                (modes.circuit, program.circuit),
                (modes.neighbour, program.neighbour),
                (modes.posted, program.posted),
            ):
                for (served, sender), variable in variables.items():
                    if on[program.column(variable)]:
                        chosen[served] = sender
        for k, variable in enumerate(program.sub_centre):
            sub_centre[k] = on[program.column(variable)]
        for (row, k), variable in program.assign.items():
            if on[program.column(variable)]:
                catchment[row] = k
        for (row, c), variable in program.member.items():
            if on[program.column(variable)]:
                member[row] = c
    centres = solved_centres(data, parts)
    staff = staff_of(data, [(part.program, part.values) for part in parts])
    return Choice(is_open, host, sub_centre, catchment, member, works, when, stage, modes, *centres, staff=staff)


def _no_plan(
    data: PlanningData,
    blocks: frozenset[Block],
    solver: Solver,
    solution: Solution,
    progress: Progress,
    explain: bool,
) -> NoReturn:
    if solution.status == "infeasible" and not explain:
        raise Infeasible(Text("没有可行方案", "no plan obeys all the rules"))
    if solution.status == "infeasible":
        progress(
            Text("没有可行方案，正在查找相互冲突的规则", "no plan obeys all the rules; looking for those in conflict")
        )
        raise infeasible(data, blocks, solver)
    if solution.status in ("error", "unbounded"):
        raise NoUsablePlan(
            Text(
                f"求解器失败（{solution.status}），没有方案；请重试，若仍失败请报告此问题",
                f"the solver failed ({solution.status}) and left no plan; run again, and report it if it fails again",
            )
        )
    raise NoUsablePlan(
        Text(
            f"求解器在 {solution.seconds:.0f} 秒内没有找到可行方案（{solution.status}）；"
            "请放宽时间上限 solver.time_limit_s",
            f"the solver found no plan in {solution.seconds:.0f} s ({solution.status}); raise solver.time_limit_s",
        )
    )


def _live_gap(
    data: PlanningData, k: int, constant: int, progress: Progress
) -> Callable[[float | None, float | None], None]:
    """Return a listener that reports a stage's best value and gap, at most once a second."""
    stage, name = data.objectives[k], stage_name(data, k)
    last = [time.monotonic()]

    def report(value: float | None, bound: float | None) -> None:
        if value is None or bound is None or time.monotonic() - last[0] < 1:
            return
        last[0] = time.monotonic()
        found, gap = value + constant, max(0.0, value - bound) / max(1.0, abs(value + constant))
        shown = f"{in_plan_units(data, stage, found):,.1f}"
        progress(Text(f"{name}：目前 {shown}，差距 {gap:.3%}", f"{name}: {shown} so far, gap {gap:.3%}"))

    return report


def _stage_text(data: PlanningData, k: int, value: int, solution: Solution) -> Text:
    name, shown = stage_name(data, k), in_plan_units(data, data.objectives[k], value)
    proof = Text("已证最优", "proven") if solution.status == "optimal" else Text("未证最优", "not proven")
    return Text(
        f"{name} = {shown:,.1f}，{proof.zh}，{solution.seconds:.1f} 秒",
        f"{name} = {shown:,.1f}, {proof.en}, {solution.seconds:.1f} s",
    )
