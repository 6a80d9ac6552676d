"""The integer program in the making: its variables with a table of ids, its rows with their names.

PuLP's own names are integers (x0, x1 …): it would fold 村-1, 村 1 and 村_1 into one. What a column or row means stands
in ``Program.columns`` and ``Program.rows``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import numpy as np
import pulp

from facilityplan.model.arrays import Arrays
from facilityplan.model.consortium_columns import add_consortium_variables, most_wanted
from facilityplan.model.ladder import AccessLadder, access_ladder
from facilityplan.model.measures import Key, Measure, add_measures
from facilityplan.model.mode_variables import add_mode_variables
from facilityplan.model.patients import PatientSteps
from facilityplan.model.sets import PlanningData
from facilityplan.model.solver import arrays_of, linear, new_problem
from facilityplan.model.stage_variables import StageVariables
from facilityplan.model.variables_centres import attribute_variables, centre_variables
from facilityplan.model.variables_staffing import add_staffing_variables, posts_short

Terms = list[tuple[pulp.LpVariable, int]]
Block = Literal["clinics", "sub_centres", "consortia", "centres"]
ALL_BLOCKS: frozenset[Block] = frozenset({"clinics", "sub_centres", "consortia", "centres"})


class Program:
    """Variables and rows of one problem. Constraint functions add rows; nothing else does."""

    elastic: frozenset[str] = frozenset()  # rules whose "<=" rows may be exceeded, each by a column of ``gives``

    def __init__(
        self, data: PlanningData, blocks: frozenset[Block] = ALL_BLOCKS, elastic: frozenset[str] = frozenset()
    ) -> None:
        self.data, self.blocks = data, blocks
        self.elastic = elastic
        self.gives: list[tuple[str, pulp.LpVariable]] = []  # rule, by how much its row is exceeded
        self.problem = new_problem("plan")
        self.variables: list[pulp.LpVariable] = []
        self.columns: list[str] = []  # what each variable is, such as open[clinic id]
        self.rows: list[str] = []  # <rule>[<id>]
        self.open: dict[int, pulp.LpVariable] = {}  # decided site → Y_j, candidate → y_j: open under the plan
        self.merge: dict[tuple[int, int], pulp.LpVariable] = {}  # (guest, host) → a_jh
        self.extra: dict[int, pulp.LpVariable] = {}  # host clinic → doctors beyond the first
        self.hosting: dict[int, pulp.LpVariable] = {}  # host whose own people exceed one doctor → it has a guest
        self.hosted: dict[int, pulp.LpVariable] = {}  # township hospital → clinic doctors working there
        self.hires: dict[int, pulp.LpVariable] = {}  # township → doctors hired
        self.neighbour: dict[tuple[int, int], pulp.LpVariable] = {}  # (target, host clinic) → its doctors visit
        self.circuit: dict[tuple[int, int], pulp.LpVariable] = {}  # (target, base hospital) → its team visits
        self.posted: dict[tuple[int, int], pulp.LpVariable] = {}  # (clinic, hospital) → open with the hospital's staff
        self.teams: dict[int, pulp.LpVariable] = {}  # base hospital → circuit teams
        self.has_team: dict[int, pulp.LpVariable] = {}  # base hospital → it has any
        self.visit_minutes: dict[tuple[str, int, int], int] = {}  # (mode, target, sender) → staff minutes a week
        self.visits_of: dict[int, list] = {}  # target → its columns among neighbour and circuit
        self.visits_by: dict[int, list[tuple[int, int]]] = {}  # host clinic → its pairs in neighbour
        self.posts_of: dict[int, list[tuple[int, int]]] = {}  # clinic → its pairs in posted
        self.contact: dict[int, pulp.LpVariable] = {}  # village with several sites or none → days missed
        self.patients: PatientSteps | None = None  # who goes where, where patients against doctors matter
        self.passed: list[pulp.LpVariable] = []  # z_S by PatientSteps.sets: nothing in S is open, exactly
        self.overload: dict[int, pulp.LpVariable] = {}  # site → patients beyond its doctors (tenths of people)
        self.band: dict[tuple[int, int], pulp.LpVariable] = {}  # (clinic, from people) → it serves so many
        self.closed: list[pulp.LpVariable] = []  # s_S by AccessLadder.sets: nothing in S is open
        self.measures: dict[Key, Measure] = {}  # of fairness: (measure, ladder, curve, township) → its terms
        self.sub_centre: list[pulp.LpVariable] = []  # σ by SubCentreData.hospitals
        self.assign: dict[tuple[int, int], pulp.LpVariable] = {}  # (row, hospital) of SubCentreData.cost → Q
        self.lead: list[pulp.LpVariable] = []  # L by ConsortiaData.leads
        self.member: dict[tuple[int, int], pulp.LpVariable] = {}  # (row, lead) of ConsortiaData.cost → g
        self.lend: dict[tuple[int, int], pulp.LpVariable] = {}  # (row, lead) → clinic doctors lent to the pool
        self.borrow: dict[tuple[int, int], pulp.LpVariable] = {}  # (row, lead) → clinic doctors borrowed from it
        self.work: list[pulp.LpVariable] = []  # x by WorksData.ids
        self.place: dict[int, pulp.LpVariable] = {}  # hospital that may relocate, or a place it may go to → Y
        self.worst: pulp.LpVariable | None = None  # minutes of the village farthest from its sub-centre
        self.centre: dict[tuple[int, int], pulp.LpVariable] = {}  # (service, host) of CentreData → e
        self.centre_of: dict[tuple[int, int, int], pulp.LpVariable] = {}  # (service, row, host) → Q
        self.far_from_centre: dict[tuple[int, int], pulp.LpVariable] = {}  # (service, set of CentreData.near) → u
        self.equip: dict[tuple[int, int], pulp.LpVariable] = {}  # (attribute floor, site) → q
        self.lifted: dict[tuple[int, int], pulp.LpVariable] = {}  # (attribute floor, hospital) → q by works
        self.far: dict[tuple[int, int], pulp.LpVariable] = {}  # (attribute floor, pair of AttributeData.near) → u
        self.ladder: AccessLadder | None = None
        self.guests: dict[int, list[int]] = {}  # host → guests that may merge into it
        self.hosts: dict[int, list[int]] = {}  # guest → hosts it may merge into
        if "clinics" in blocks:
            self._clinic_variables()
            attribute_variables(self)
        if "sub_centres" in blocks and data.sub_centres is not None:
            self._sub_centre_variables()
        if "consortia" in blocks and data.consortia is not None:
            add_consortium_variables(self)
        if data.works is not None and self.ladder is not None:
            self._work_variables()
        if "centres" in blocks:
            centre_variables(self)
        self.stages = None if data.stages is None else StageVariables(self)

    def opening(self, site: int) -> pulp.LpVariable | None:
        """Return the variable that says whether a site is open; None where it always is."""
        return self.open[site] if site in self.open else self.place.get(site)

    def variable(self, label: str, lower: int, upper: int | None, *, integer: bool = True) -> pulp.LpVariable:
        """Add a variable; ``label`` says what it is."""
        variable = self.problem.add_variable(
            f"x{len(self.variables)}", lower, upper, pulp.LpInteger if integer else pulp.LpContinuous
        )
        self.variables.append(variable)
        self.columns.append(label)
        return variable

    def row(self, rule: str, label: object, terms: Terms, sense: Literal["<=", ">=", "=="], right: int) -> None:
        """Add the row ``rule[label]``: Σ coefficient · variable ⋛ right, divided by its greatest common divisor."""
        if rule in self.elastic and sense == "<=":
            give = self.variable(f"give[{rule}[{label}]]", 0, None)
            self.gives.append((rule, give))
            terms = [*terms, (give, -1)]
        expression = linear(terms)
        divisor = math.gcd(*(int(c) for c in expression.values())) or 1
        if divisor > 1 and sense != "==":
            right = right // divisor if sense == "<=" else -(-right // divisor)
            expression = linear((v, int(c) // divisor) for v, c in expression.items())
        if not len(expression):  # a row without variables is either idle or a contradiction, which must stay visible
            if (right >= 0 or sense == ">=") and (right <= 0 or sense == "<="):
                return
            expression = linear([(self.variable(f"nothing[{len(self.variables)}]", 0, 0), 1)])
        constraint = {"<=": expression.__le__, ">=": expression.__ge__, "==": expression.__eq__}[sense](right)
        self.problem.addConstraint(constraint, f"r{len(self.rows)}")
        self.rows.append(f"{rule}[{label}]")

    def arrays(self) -> Arrays:
        """Return the program as arrays."""
        return arrays_of(self.problem, self.variables, self.rows)

    def vector(self, terms: Iterable[tuple[pulp.LpVariable, int]]) -> np.ndarray:
        """Return Σ coefficient · variable as a dense vector over the columns (float64 of integers)."""
        vector = np.zeros(len(self.variables))
        for variable, coefficient in terms:
            vector[int(variable.name[1:])] += coefficient
        return vector

    def column(self, variable: pulp.LpVariable) -> int:
        """Return the position of a variable."""
        return int(variable.name[1:])

    def _clinic_variables(self) -> None:
        data, ids = self.data, self.data.site_ids
        self.ladder = access_ladder(data)
        forced = self.ladder.forced_open
        allowed = np.flatnonzero(data.allowed_pairs())
        for j in np.flatnonzero(data.decided | data.candidate).tolist():
            self.open[j] = self.variable(f"open[{ids[j]}]", int(forced[j]), 1)
        for j in np.flatnonzero(data.unsettled).tolist() if data.unsettled is not None else ():
            self.place[j] = self.variable(f"open[{ids[j]}]", int(forced[j]), 1)
        for k in allowed.tolist():
            guest, host = int(data.pairs.guest[k]), int(data.pairs.host[k])
            if not forced[guest]:
                self.merge[guest, host] = self.variable(f"merge[{ids[guest]} into {ids[host]}]", 0, 1)
                self.guests.setdefault(host, []).append(guest)
                self.hosts.setdefault(guest, []).append(host)
        if data.modes is not None:
            self._mode_variables(forced)
        if data.doctors is not None:
            self._doctor_variables()
        for k in range(len(self.ladder.sets)):
            self.closed.append(self.variable(f"closed[{k}]", 0, 1, integer=False))
        self.measures = add_measures(self)

    def _mode_variables(self, forced: np.ndarray) -> None:
        add_mode_variables(self, forced)
        for variables in (self.neighbour, self.circuit):
            for pair in variables:
                self.visits_of.setdefault(pair[0], []).append((variables, pair))
        for pair in self.neighbour:
            self.visits_by.setdefault(pair[1], []).append(pair)
        for pair in self.posted:
            self.posts_of.setdefault(pair[0], []).append(pair)

    def _doctor_variables(self) -> None:
        data, ids, doctors = self.data, self.data.site_ids, self.data.doctors
        for host in sorted({*self.guests, *self.visits_by}):
            most = sum(int(data.load[g]) for g in self.guests.get(host, ()))
            visits = self.visits_by.get(host, ())
            most += sum(int(data.modes.target_people[t]) for t, _ in visits)
            hours = sum(self.visit_minutes["neighbour", *pair] for pair in visits)
            if data.hospital[host]:
                self.hosted[host] = self.variable(f"hosted[{ids[host]}]", 0, -(-most // doctors.cap))
                continue
            own = int(data.load[host])
            need = -(-(own + most) // doctors.cap)
            if hours:
                need = max(need, -(-hours // data.modes.neighbour.doctor_minutes))
            if need > 1:
                self.extra[host] = self.variable(f"extra_doctors[{ids[host]}]", 0, need - 1)
                if own > doctors.cap:
                    self.hosting[host] = self.variable(f"hosting[{ids[host]}]", 0, 1)
        add_staffing_variables(self)
        if data.holds("doctor_balance") and (doctors.max_hires > 0 or not data.holds("hires")):
            most = np.maximum(most_wanted(self), doctors.pool + posts_short(data))
            for t in np.flatnonzero(most > doctors.pool).tolist():
                need = int(most[t] - doctors.pool[t])
                limit = min(need, doctors.max_hires) if data.holds("hires") else need
                self.hires[t] = self.variable(f"hires[{data.townships[t]}]", 0, limit)

    def _work_variables(self) -> None:
        self.work = [self.variable(f"work[{work}]", 0, 1) for work in self.data.works.ids]

    def _sub_centre_variables(self) -> None:
        data, block = self.data, self.data.sub_centres
        for site in block.hospitals.tolist():
            self.sub_centre.append(self.variable(f"sub_centre[{data.site_ids[site]}]", 0, 1))
        for row, township in enumerate(block.townships.tolist()):
            for k, site in enumerate(block.hospitals.tolist()):
                if block.cost[row, k] >= 0:
                    self.assign[row, k] = self.variable(
                        f"catchment[{data.townships[township]} to {data.site_ids[site]}]", 0, 1
                    )
