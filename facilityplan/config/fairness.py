"""Limits on how unevenly time may be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from facilityplan.config.base import Id, Model, NonNegative
from facilityplan.config.objectives import Kappa
from facilityplan.domain.fairness import MEASURES

if TYPE_CHECKING:
    from facilityplan.config.schema import Config


class FairnessLimit(Model):
    """An upper limit on one measure of fairness."""

    measure: Literal["mean_minutes", "max_minutes", "worst_decile", "kolm_pollak"]
    """Mean minutes, minutes of the farthest person, mean of the worst-off tenth, or Kolm–Pollak's equivalent."""
    standard: Id | None = None
    """Standard whose minutes and group count; empty = the first."""
    limit: NonNegative | None = None
    """Minutes at most, in whole minutes of travel. Give this or no_worse_than_today."""
    no_worse_than_today: bool = False
    """No more than today's figure."""
    per_township: bool = False
    """Hold it in every township too."""
    kappa: Kappa | None = None
    """Aversion to inequality a minute, for kolm_pollak; empty = mean minutes ÷ mean squared minutes of today."""


def standards_asked(config: Config) -> dict[str, float | None]:
    """Return the standards whose fairness a stage or limit asks for, in the config's order, each with its kappa.

    None = from today's times.
    """
    stages = [p for o in config.objectives for p in (*o.weighted, o)]
    named = [(o.minimise, o.standard, o.kappa) for o in stages]
    named += [(f.measure, f.standard, f.kappa) for f in config.rules.fairness]
    found: dict[str, float | None] = {}
    for measure, standard, kappa in named:
        if measure in MEASURES:
            name = config.standard(standard).id
            found[name] = kappa if found.get(name) is None else found[name]
    return {s.id: found[s.id] for s in config.standards if s.id in found}
