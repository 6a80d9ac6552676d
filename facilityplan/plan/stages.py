"""The plan year by year: what is open, who works there, what it costs, who is inside the circle at its end."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.inputs.tables import Inputs
from facilityplan.model.choice import at_stage, choice_of, hires_by_stage
from facilityplan.model.evaluate import clinic_doctors
from facilityplan.model.evaluate_stages import capital_by_stage, doctors_by_stage, recurrent_by_stage
from facilityplan.model.gather import planning_data
from facilityplan.model.mode_choice import mode_cost, teams_needed


class PlanInYears:
    """The decisions of a plan in years, as they stand at the end of each."""

    def __init__(self, config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> None:
        self._data = planning_data(config, inputs, access)
        self._choice, self._decisions = choice_of(self._data, decisions), decisions
        self.years = self._data.stages.years

    @cached_property
    def _ends(self) -> list:
        return [at_stage(self._data, self._choice, s) for s in range(len(self.years))]

    def vehicles_cny(self) -> dict[int, int]:
        """Return year → yuan spent on vehicles of circuit teams."""
        spent = [0, *(mode_cost(self._data, then.modes)[1] for then in self._ends)]
        return {year: spent[s + 1] - spent[s] for s, year in enumerate(self.years)}

    def metrics(self, people_within: Callable[[frozenset[str]], float]) -> dict[str, dict[str, Any]]:
        """Return `metrics.by_stage`: year → figures at its end. ``people_within``: open sites → people in the circle.

        Doctors are those paid by then, hires those made so far, capital what is spent in the year. Works, circuit teams
        and posted staff stand there where the plan may have any.
        """
        data, choice = self._data, self._choice
        ids = np.array(data.site_ids, dtype=object)
        hires = np.array([self._decisions.hires.get(t, 0) for t in data.townships], dtype=np.int64)
        hired = hires_by_stage(data, choice, hires)
        paid = doctors_by_stage(data, choice, hires, clinic_doctors(data, self._decisions))
        spent, cost = capital_by_stage(data, choice), recurrent_by_stage(data, choice, paid)
        figures = {}
        for s, (year, then) in enumerate(zip(self.years, self._ends, strict=True)):
            clinics = then.open & (data.decided | data.candidate)
            now = choice.stage == s
            figures[str(year)] = {
                "clinics_open": int(clinics.sum()),
                "clinics_merged": int((now & (choice.host >= 0)).sum()),
                "clinics_built": int((now & data.candidate).sum()),
                "sub_centres": int(then.sub_centre.sum()),
                "clinic_doctors": paid[s],
                "hires": int(hired[s].sum()),
                "capital_cost_cny": float(spent[s]),
                "annual_cost_cny": float(cost[s]),
                **({} if data.works is None else {"works_done": int((choice.work_stage == s).sum())}),
                **self._services(then),
                "people_within_circle": people_within(frozenset(ids[then.open])),
            }
        return figures

    def _services(self, then: Any) -> dict[str, int]:
        """Clinics and villages that are visited, circuit teams, and clinics with posted staff, at a year's end."""
        if then.modes is None:
            return {}
        visited = (then.modes.circuit >= 0) | (then.modes.neighbour >= 0)
        return {"visited": int(visited.sum()), "circuit_teams": int(teams_needed(self._data, then.modes).sum()),
                "clinics_posted": int((then.modes.posted >= 0).sum())}
