"""The variables of stages: when each change is made, and the doctors needed at the end of every stage but the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pulp

if TYPE_CHECKING:
    from facilityplan.model.program import Program, Terms

Pair = tuple[int, int]


class StageVariables:
    """Lists are by stage. What holds at the last stage are the plan's own variables."""

    def __init__(self, program: Program) -> None:
        data = program.data
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
        self.work = [
            each(f"work[{work}]") for work in (data.works.ids if program.work else ())
        ]  # w_ps: work p is done in stage s
        self.extra = {h: each(f"extra_doctors[{ids[h]}]", int(v.upBound), before) for h, v in program.extra.items()}
        self.hosting = {h: each(f"hosting[{ids[h]}]", 1, before) for h in program.hosting}
        self.hosted = {h: each(f"hosted[{ids[h]}]", int(v.upBound), before) for h, v in program.hosted.items()}
        self.hires = {
            t: each(f"hires[{data.townships[t]}]", int(v.upBound), before) for t, v in program.hires.items()
        }  # hired by the end of the stage

    def done(self, by_stage: list[pulp.LpVariable], s: int, coefficient: int = 1) -> Terms:
        """Return Σ_{s' ≤ s} of a change: it is made by the end of stage ``s``."""
        return [(variable, coefficient) for variable in by_stage[: s + 1]]

    def changes(self) -> list[list[pulp.LpVariable]]:
        """Return the variables of every change that could be made."""
        return [*self.merge.values(), *self.build.values(), *self.upgrade.values(), *self.work]

    def made(self, program: Program, on: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield (stage, site) of every change made but works; ``on``: the columns that are 1."""
        hospitals = program.data.sub_centres.hospitals.tolist() if self.upgrade else []
        for site, parts in [
            *((g, v) for (g, _), v in self.merge.items()),
            *self.build.items(),
            *((hospitals[k], v) for k, v in self.upgrade.items()),
        ]:
            for s, variable in enumerate(parts):
                if on[program.column(variable)]:
                    yield s, site

    def works_made(self, program: Program, on: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield (stage, work) of every work done; ``on``: the columns that are 1."""
        for work, parts in enumerate(self.work):
            for s, variable in enumerate(parts):
                if on[program.column(variable)]:
                    yield s, work
