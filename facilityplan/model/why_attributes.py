"""Why a merger that would pay is still not made where attributes of what stays have a floor: that floor."""

from __future__ import annotations

from dataclasses import dataclass, replace

from facilityplan.model.choice import Choice
from facilityplan.model.evaluate_centres import count_attributes
from facilityplan.model.sets import PlanningData

Refusal = tuple[str | None, float | None, float | None]


@dataclass
class _First:
    """The first floor that a plan does not reach (`evaluate_centres.Count`)."""

    data: PlanningData
    choice: Choice
    refusal: Refusal | None = None

    def check(self, rule: str, place: str, figure: float | None, limit: float | None, *, left: float) -> None:  # noqa: ARG002
        if left < 0 and self.data.holds(rule):
            self.refusal = self.refusal or (rule, figure, limit)

    def breach(self, rule: str, place: str) -> None:  # noqa: ARG002
        self.refusal = self.refusal or (rule, None, None)


def refused_by_attributes(data: PlanningData, choice: Choice, guest: int) -> Refusal | None:
    """Return the floor that breaks when ``guest`` alone closes, with what it was given; None where all hold."""
    if not data.attributes or not choice.open[guest]:
        return None
    is_open = choice.open.copy()
    is_open[guest] = False
    first = _First(data, replace(choice, open=is_open, equipped=tuple(given & is_open for given in choice.equipped)))
    count_attributes(first)
    return first.refusal
