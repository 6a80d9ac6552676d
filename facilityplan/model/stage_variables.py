"""The variables of stages: when each change is made, and the doctors needed at the end of every stage but the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pulp

from facilityplan.model.consortium_columns import most_wanted
from facilityplan.model.staff_pools import pooled

if TYPE_CHECKING:
    from facilityplan.model.program import Program, Terms

Pair = tuple[int, int]


class StageVariables:
    """Lists are by stage. What holds at the last stage are the plan's own variables."""

    def __init__(self, program: Program) -> None:
        data, self._program = program.data, program
        ids, self.years = data.site_ids, data.stages.years

        def each(label: str, upper: int = 1, years: tuple[int, ...] = self.years) -> list[pulp.LpVariable]:
            return [program.variable(f"{label}, {year}", 0, upper) for year in years]

        before = self.years[:-1]
        self.merge = {
            (g, h): each(f"merge[{ids[g]} into {ids[h]}]") for g, h in program.merge
        }  # a_jhs: clinic j merges into h in stage s
        self.build = {
            k: each(f"build[{ids[k]}]") for k in program.open if data.candidate[k]
        }  # b_ks: candidate k is built in stage s
        self.upgrade = {
            k: each(f"upgrade[{ids[data.sub_centres.hospitals[k]]}]") for k in range(len(program.sub_centre))
        }  # u_hs: hospital h is upgraded in stage s
        self.neighbour = {p: each(program.columns[program.column(v)]) for p, v in program.neighbour.items()}
        self.circuit = {p: each(program.columns[program.column(v)]) for p, v in program.circuit.items()}
        self.posted = {p: each(program.columns[program.column(v)]) for p, v in program.posted.items()}
        # a service begins in stage s; until then the clinic is open with a doctor of its own
        self.teams = {
            b: each(f"teams[{ids[b]}]", int(v.upBound), before) for b, v in program.teams.items()
        }  # at the end of the stage
        self.work = [
            each(f"work[{work}]") for work in (data.works.ids if program.work else ())
        ]  # w_ps: work p is done in stage s
        self.extra = {h: each(f"extra_doctors[{ids[h]}]", int(v.upBound), before) for h, v in program.extra.items()}
        self.hosting = {h: each(f"hosting[{ids[h]}]", 1, before) for h in program.hosting}
        self.hosted = {h: each(f"hosted[{ids[h]}]", int(v.upBound), before) for h, v in program.hosted.items()}
        self.hires = {
            t: each(f"hires[{data.townships[t]}]", int(v.upBound), before) for t, v in program.hires.items()
        }  # hired by the end of the stage
        self.moved = self._moved_variables()

        self.closing: dict[int, list[list[pulp.LpVariable]]] = {}  # clinic → its mergers and visits, by stage
        for (g, _), parts in self.merge.items():
            self.closing.setdefault(g, []).append(parts)
        for variables in (self.neighbour, self.circuit):
            for (target, _), parts in variables.items():
                if (site := int(data.modes.target_site[target])) >= 0:
                    self.closing.setdefault(site, []).append(parts)

    def _moved_variables(self) -> dict[Pair, list[pulp.LpVariable]]:
        """(row, lead) of consortia that pool their staff → m_tcs, doctors borrowed less lent at the end of stage s.

        A township can lend everybody who is there then, hires of its own too: who is hired for the pool in one year may
        be needed elsewhere in it in another.
        """
        program, data = self._program, self._program.data
        if not (program.member and program.open and pooled(data) and data.holds("stage_doctors")):
            return {}
        wanted, found = most_wanted(program), {}
        for (row, c) in program.member:
            t = int(data.consortia.townships[row])
            hires = int(program.hires[t].upBound) if t in program.hires else 0
            name = f"moved[{data.townships[t]}, {data.site_ids[data.consortia.leads[c]]}"
            found[row, c] = [program.variable(f"{name}, {year}]", -int(data.stages.pool[s, t]) - hires, int(wanted[t]))
                             for s, year in enumerate(self.years[:-1])]
        return found

    def services(self) -> Iterator[tuple[int, list[pulp.LpVariable], pulp.LpVariable]]:
        """Yield (site that it is of, -1 = a village without any; by stage; in the end) of every service."""
        program = self._program
        for parts, finals in ((self.neighbour, program.neighbour), (self.circuit, program.circuit)):
            for pair, by_stage in parts.items():
                yield int(program.data.modes.target_site[pair[0]]), by_stage, finals[pair]
        for pair, by_stage in self.posted.items():
            yield pair[0], by_stage, program.posted[pair]

    def done(self, by_stage: list[pulp.LpVariable], s: int, coefficient: int = 1) -> Terms:
        """Return Σ_{s' ≤ s} of a change: it is made by the end of stage ``s``."""
        return [(variable, coefficient) for variable in by_stage[: s + 1]]

    def changes(self) -> list[list[pulp.LpVariable]]:
        """Return the variables of every change that could be made."""
        services = (*self.neighbour.values(), *self.circuit.values(), *self.posted.values())
        return [*self.merge.values(), *self.build.values(), *self.upgrade.values(), *self.work, *services]

    def made(self, program: Program, on: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield (stage, site) of every change made but works; ``on``: the columns that are 1."""
        hospitals = program.data.sub_centres.hospitals.tolist() if self.upgrade else []
        for site, parts in [
            *((g, v) for (g, _), v in self.merge.items()),
            *self.build.items(),
            *((hospitals[k], v) for k, v in self.upgrade.items()),
            *((site, v) for site, v, _ in self.services() if site >= 0),
        ]:
            for s, variable in enumerate(parts):
                if on[program.column(variable)]:
                    yield s, site

    def visits_made(self, program: Program, on: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield (stage, target) of every visit to a village without any site."""
        for variables in (self.neighbour, self.circuit):
            for (target, _), parts in variables.items():
                for s, variable in enumerate(parts):
                    if on[program.column(variable)] and program.data.modes.target_site[target] < 0:
                        yield s, target

    def works_made(self, program: Program, on: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield (stage, work) of every work done; ``on``: the columns that are 1."""
        for work, parts in enumerate(self.work):
            for s, variable in enumerate(parts):
                if on[program.column(variable)]:
                    yield s, work
