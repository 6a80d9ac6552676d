"""Config of the stages (years) in which a plan is carried out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facilityplan.config.base import Count, Model, Name, NonNegative, Share


class StageMoney(Model):
    """What one source of money gives in one year."""

    source: Name
    """Id of the source (rules.funding)."""
    amount_cny: NonNegative
    """Yuan that it gives in this year."""


class Stage(Model):
    """One stage of a plan: a year and what may be done in it. Closures are never taken back."""

    year: Annotated[int, Field(ge=1949, le=2200)]
    """Year at whose end the stage is done."""
    capital_cny: NonNegative | None = None
    """Capital for works in this year, in yuan."""
    funding: tuple[StageMoney, ...] = ()
    """What sources give in this year; one that is not listed gives what it has left in all."""
    carry_over: bool = False
    """What is left of the year before may be spent as well, of capital_cny and of each source listed in both."""
    recurrent_share_of_today: Annotated[float, Field(ge=0, le=5)] | None = None
    """Recurrent spending a year at the end of this stage, as a share of today's actual spending."""
    recurrent_cny: NonNegative | None = None
    """The same in yuan. Give this or the share."""
    max_closures: Count | None = None
    """Clinics that may close in this year."""
    max_closures_per_township: Count | None = None
    """Clinics that may close in one township in this year."""
    retire_share: Share | None = None
    """Share of today's doctors that retires in this year; where no year has one, rules.doctors.retire_share spreads
    evenly. The years together make that share."""
