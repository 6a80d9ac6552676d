"""The plan year by year: what is open, who works there, what it costs, who is inside the circle at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.inputs.tables import Inputs
from facilityplan.model.choice import at_stage, choice_of, hires_by_stage
from facilityplan.model.evaluate_stages import capital_by_stage, doctors_by_stage, recurrent_by_stage
from facilityplan.model.gather import planning_data


def metrics_by_stage(config: Config, inputs: Inputs, access: Access, decisions: Decisions,
                     people_within: Callable[[frozenset[str]], float]) -> dict[str, dict[str, Any]]:
    """Return `metrics.by_stage`: year → figures at its end. ``people_within``: open sites → people in the first circle.

    Doctors are those paid by then, hires those made so far, capital what is spent in the year.
    """
    data = planning_data(config, inputs, access)
    choice, ids = choice_of(data, decisions), np.array(data.site_ids, dtype=object)
    hires = np.array([decisions.hires.get(t, 0) for t in data.townships], dtype=np.int64)
    hired, paid, spent = hires_by_stage(data, choice, hires), doctors_by_stage(data, choice, hires), capital_by_stage(
        data, choice)
    cost = recurrent_by_stage(data, choice, paid)
    figures = {}
    for s, year in enumerate(data.stages.years):
        then = at_stage(data, choice, s)
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
            "people_within_circle": people_within(frozenset(ids[then.open])),
        }
    return figures
