"""The same plan by the textbook: x_ij for every cell and site, x_ij ≤ Y_j, written in PuLP, solved by HiGHS.

It knows the clinics' rules of the base model: one decision for each clinic, host open, no harm (x_ij only where the
limit allows), doctors by capacity, rooms, township and hires, circle floors, blank villages, both budgets. Stages are
solved one after another, each frozen at its value. Nothing of ours is used but the data and the list of host pairs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pulp

HORIZON_MIN = 240
SCALE = {"uncovered": 10, "person_minutes": 10, "cost": 1, "changes": 1}
MIN_SECONDS = 1.0


@dataclass(frozen=True)
class Stage:
    """One stage as the peer solved it, in model units (tenths of people, yuan, changes)."""

    name: str
    value: int | None
    proven: bool
    scale: int


@dataclass(frozen=True)
class Plain:
    """The stages that were reached; ``stopped`` names the one at which the clock ran out ('' = none)."""

    stages: tuple[Stage, ...]
    stopped: str
    columns: int


def solve_plainly(data, limit_s: float) -> Plain:
    """Build and solve ``data`` (PlanningData without sub-centres) stage by stage until ``limit_s`` is used up."""
    deadline = time.monotonic() + limit_s
    problem, parts = build(data)
    stages = []
    for stage in data.objectives:
        cost, constant = parts[stage.name, stage.ladder]
        problem.setObjective(cost)
        left = deadline - time.monotonic()
        if left < MIN_SECONDS:
            return Plain(tuple(stages), stage.name, len(problem.variables()))
        problem.solve(pulp.HiGHS(msg=False, timeLimit=left, gapRel=0, gapAbs=0.9, threads=1))
        proven = str(problem.solverModel.modelStatusToString(problem.solverModel.getModelStatus())) == "Optimal"
        if problem.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
            return Plain(tuple(stages), stage.name, len(problem.variables()))
        value = round(pulp.value(cost) or 0)
        stages.append(Stage(stage.name, value + constant, proven, SCALE[stage.name]))
        if not proven:
            return Plain(tuple(stages), stage.name, len(problem.variables()))
        problem += cost <= value + 0.5
    return Plain(tuple(stages), "", len(problem.variables()))


def build(data):
    """Return the PuLP problem and its objectives by (stage, ladder) as (expression, constant)."""
    problem = pulp.LpProblem("plain", pulp.LpMinimize)
    decided = np.flatnonzero(data.decided).tolist()

    def binary(name):
        return problem.add_variable(name, 0, 1, pulp.LpInteger)

    is_open = {j: binary(f"Y{j}") for j in np.flatnonzero(data.decided | data.candidate).tolist()}
    allowed = np.flatnonzero(data.allowed_pairs())
    merge = {(int(data.pairs.guest[k]), int(data.pairs.host[k])): binary(f"a{k}") for k in allowed}
    guests = {h: [g for g, other in merge if other == h] for h in {h for _, h in merge}}
    for j in decided:
        problem += is_open[j] + pulp.lpSum(a for (g, _), a in merge.items() if g == j) == 1
    for (_, h), a in merge.items():
        if h in is_open:
            problem += a <= is_open[h]
    parts = {}
    outside = [_assign(problem, data, k, is_open, parts) for k in range(len(data.ladders))]
    if data.holds("circle_share"):
        for floor in data.circle_floors:
            ladder = data.ladders[floor.ladder]
            rows = [i for i in range(ladder.cells) if floor.township is None or (
                ladder.village[i] >= 0 and data.village_township[ladder.village[i]] == floor.township)]
            problem += pulp.lpSum(int(ladder.weight[i]) * outside[floor.ladder][i] for i in rows) <= floor.allowed_out
    if data.holds("blank_villages") and data.max_blank is not None:
        blank = []
        for v, group in data.blank_groups:
            blank.append(problem.add_variable(f"blank{v}", 0, 1))
            problem += blank[-1] + pulp.lpSum(is_open[j] for j in group) >= 1
        problem += pulp.lpSum(blank) <= data.max_blank
    paid = _doctors(problem, data, is_open, merge, guests)
    money = data.money
    cost = pulp.lpSum(int(money.running[j]) * y for j, y in is_open.items()) + money.doctor * paid
    capital = money.merge * pulp.lpSum(merge.values()) + money.build * pulp.lpSum(
        y for j, y in is_open.items() if data.candidate[j])
    if data.holds("recurrent_budget") and money.recurrent_limit is not None:
        problem += cost <= money.recurrent_limit
    if data.holds("capital_budget") and money.capital_limit is not None:
        problem += capital <= money.capital_limit
    parts["cost", None] = (cost, 0)
    parts["changes", None] = (pulp.lpSum(merge.values()) + pulp.lpSum(
        y for j, y in is_open.items() if data.candidate[j]), 0)
    return problem, parts


def _assign(problem, data, k, is_open, parts):
    """Σ_j x_ij + beyond_i = 1, x_ij ≤ Y_j, nothing farther than the no-harm limit; book both access stages."""
    ladder = data.ladders[k]
    uncovered, minutes, outside = [], [], []
    for i in range(ladder.cells):
        weight, limit = int(ladder.weight[i]), int(ladder.limit_ds[i]) if data.holds("no_harm") else -1
        row, out = [], []
        for p in range(int(ladder.indptr[i]), int(ladder.indptr[i + 1])):
            j, ds = int(ladder.site[p]), int(ladder.ds[p])
            if limit >= 0 and ds > limit:
                break
            x = problem.add_variable(f"x{k}_{i}_{j}", 0, 1)
            if j in is_open:
                problem += x <= is_open[j]
            row.append(x)
            minutes.append((x, weight * -(-ds // 600)))
            if ds > 600 * ladder.limit_min:
                out.append(x)
        if limit < 0:
            x = problem.add_variable(f"beyond{k}_{i}", 0, 1)
            row.append(x)
            minutes.append((x, weight * HORIZON_MIN))
            out.append(x)
        problem += pulp.lpSum(row) == 1
        uncovered += [(x, weight) for x in out]
        outside.append(pulp.lpSum(out))
    for name, terms in (("uncovered", uncovered), ("person_minutes", minutes)):
        parts[name, k] = (pulp.LpAffineExpression([(x, c) for x, c in terms if c]), 0)
    return outside


def _doctors(problem, data, is_open, merge, guests):
    """Return the clinic doctors that are paid, an expression; book the rules on them."""
    rule = data.doctors
    if rule is None:
        return data.money.doctors_base
    count = {}
    for j in sorted({*is_open, *guests}):
        clinic = j in is_open
        d = count[j] = problem.add_variable(f"d{j}", 0, 1_000, pulp.LpInteger)
        if clinic:
            problem += d >= is_open[j]
        brought = pulp.lpSum(int(data.load[g]) * merge[g, j] for g in guests.get(j, ()))
        if data.holds("doctor_capacity") and j in guests:
            own = int(data.load[j]) if data.decided[j] else 0
            if own <= rule.cap:
                problem += rule.cap * d >= own * (is_open[j] if clinic else 0) + brought
            else:  # own people count only where there is a guest
                for g in guests[j]:
                    problem += rule.cap * d >= own * merge[g, j] + brought
        if data.holds("doctor_rooms") and clinic:
            problem += d <= int(rule.rooms[j])
    if not data.holds("doctor_balance"):
        return pulp.lpSum(count.values())
    hires = []
    for t in range(len(data.townships)):
        here = [d for j, d in count.items() if data.site_township[j] == t]
        if here:
            hires.append(problem.add_variable(f"hire{t}", 0, None, pulp.LpInteger))
            problem += pulp.lpSum(here) <= int(rule.pool[t]) + hires[-1]
    if data.holds("hires"):
        problem += pulp.lpSum(hires) <= rule.max_hires
    return data.money.doctors_base + pulp.lpSum(hires)
