"""The stages of the objective: one measure or several weighted ones, and how much later stages may give away."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facilityplan.config.base import Id, Model, NonNegative, Share

Minimised = Literal[
    "uncovered", "person_minutes", "sub_centre_minutes", "sub_centre_worst", "consortium_minutes", "centre_minutes",
    "overload", "cost", "capital", "changes", "delay", "periodic", "max_minutes", "worst_decile", "kolm_pollak",
]  # fmt: skip
Kappa = Annotated[float, Field(ge=0.001, le=1)]
Weight = Annotated[float, Field(gt=0, le=1e6)]


class Tolerance(Model):
    """How much later stages may worsen a stage, from its own best value; never more, however many stages follow."""

    share: Share | None = None
    """Share of the stage's own best value; for kolm_pollak of its sum. Give this or the value."""
    value: NonNegative | None = None
    """So much in the stage's unit (people, person-minutes, yuan, minutes …). Give this or the share."""


class WeightedPart(Model):
    """One part of a weighted stage."""

    minimise: Minimised
    """As in a stage; here worst_decile counts person-minutes, kolm_pollak people times e^(kappa · minutes)."""
    standard: Id | None = None
    """Standard, for the measures that have one; empty = the first."""
    kappa: Kappa | None = None
    """Aversion to inequality a minute, for kolm_pollak; empty = from today's times."""
    late: bool = False
    """For delay: the later the better."""
    weight: Weight
    """What one unit of this part counts for in the sum."""


class Objective(Model):
    """One stage of the lexicographic objective."""

    minimise: Minimised | None = None
    """People outside a circle, person-minutes to a site, to the sub-centre, to the lead of the consortium or to the
    service centres, minutes of the village farthest from its sub-centre, patients beyond the capacity of their site's
    doctors, yuan a year, yuan of capital once, number of changes, how late they come (stages waited, summed over all
    changes), person-days a week without any contact in villages left without a full-time site, or a measure of
    fairness: minutes of the farthest person, of the worst-off tenth, or Kolm–Pollak's equivalent."""
    standard: Id | None = None
    """Standard for the measures that have one; empty = the first."""
    kappa: Kappa | None = None
    """Aversion to inequality a minute, for kolm_pollak; empty = mean minutes ÷ mean squared minutes of today."""
    late: bool = False
    """For delay: the later the better."""
    weighted: tuple[WeightedPart, ...] = ()
    """Several measures in one stage, each with its weight, instead of minimise."""
    tolerance: Tolerance | None = None
    """What later stages may give away of this one; empty = nothing."""
