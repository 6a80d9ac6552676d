"""What closing one clinic alone does to the measures of fairness: which limit it breaks, which stage it worsens."""

from __future__ import annotations

import numpy as np

from facilityplan.model.choice import Choice
from facilityplan.model.evaluate import charged_minutes, nearest_ds
from facilityplan.model.evaluate_fairness import in_minutes, limit_value, rule_of, stage_value
from facilityplan.model.sets import ObjectiveStage, PlanningData


class FairnessFlips:
    """The final plan, and the measures of fairness with one more clinic closed. Each is counted once and kept."""

    def __init__(self, data: PlanningData, choice: Choice) -> None:
        self.data, self.choice = data, choice
        self._minutes: dict[tuple[int, int], np.ndarray] = {}

    def limit(self, guest: int) -> tuple[str, float, float] | None:
        """Return the first limit of fairness that breaks where ``guest`` closes: rule, minutes, minutes allowed."""
        data = self.data
        for limit in data.fairness:
            if not data.holds(rule_of(limit)):
                continue
            value = limit_value(data, limit, self._closed(limit.ladder, guest))
            if value > limit.limit:
                curve = None if limit.curve is None else data.curves[limit.curve]
                shown = (in_minutes(limit.measure, v, limit.people, curve) for v in (value, limit.limit))
                return rule_of(limit), *shown
        return None

    def stage(self, stage: ObjectiveStage, guest: int) -> int:
        """Return a measure that a stage minimises where ``guest`` closes, in its whole units."""
        return stage_value(self.data, stage, self._closed(stage.ladder, guest))

    def _closed(self, ladder: int, guest: int) -> np.ndarray:
        if (ladder, guest) not in self._minutes:
            is_open = self.choice.open.copy()
            is_open[guest] = False
            self._minutes[ladder, guest] = charged_minutes(nearest_ds(self.data.ladders[ladder], is_open))
        return self._minutes[ladder, guest]
