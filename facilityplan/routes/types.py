"""Routes of circuit teams and the calendar of a week. Times are integer deciseconds.

Weekdays are ISO: 1 = Monday.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from shapely import LineString

from facilityplan.domain.kinds import ServiceMode

Key = tuple[Literal["site", "village"], str]


@dataclass(frozen=True)
class Place:
    """A place that staff come to: a clinic that closes, or a village that has none."""

    id: str  # of the clinic, or of the village
    site: str | None  # facility id; None = a village without a clinic
    village: str | None  # None = the clinic's village is not known
    service: ServiceMode  # CIRCUIT or NEIGHBOUR
    sender: str  # facility id of the hospital or clinic whose staff come
    people: Fraction = Fraction(0)  # in tenths
    visit_ds: int = 0  # one visit, the way left out, rounded up to whole minutes; circuit only

    @property
    def key(self) -> Key:
        """What tells places apart: a clinic and a village may have the same id."""
        return ("village", self.id) if self.site is None else ("site", self.id)


@dataclass(frozen=True)
class Stop:
    """One visit on a route."""

    place: Place
    drive_ds: int  # from the stop before, or from the base
    arrive_ds: int  # after midnight
    leave_ds: int


@dataclass(frozen=True)
class Route:
    """One team's day: from the base to its stops and back."""

    base: str
    weekday: int
    team: int  # 1 … number of the base's teams
    begin_ds: int  # after midnight
    stops: tuple[Stop, ...]
    back_ds: int  # from the last stop to the base

    @property
    def drive_ds(self) -> int:
        """All driving of the day."""
        return sum(stop.drive_ds for stop in self.stops) + self.back_ds

    @property
    def visit_ds(self) -> int:
        """All visits of the day."""
        return sum(stop.place.visit_ds for stop in self.stops)

    @property
    def end_ds(self) -> int:
        """When the team is back, after midnight."""
        return self.begin_ds + self.drive_ds + self.visit_ds


@dataclass(frozen=True)
class CircuitWeek:
    """What a base's teams do in a week. Sums are of the week and of the visits that found a day."""

    base: str
    teams: int
    day_ds: int  # from leaving to return, of one team at most
    drive_ds: int
    out_and_back_ds: int  # the driving if every visit were a journey of its own, as the model charges
    visit_ds: int
    unscheduled: tuple[Place, ...]  # no roster was found for them
    alone_ds: Mapping[Key, int] = field(default_factory=dict)  # those: a day with nothing but this visit


@dataclass(frozen=True)
class Visits:
    """On which days a place is visited. Of a neighbour's visits a suggestion that spreads each sender's evenly."""

    place: Place
    weekdays: tuple[int, ...]  # empty where no roster was found


@dataclass(frozen=True)
class Week:
    """The calendar of all visits, and the circuit teams' routes. In canonical order."""

    routes: tuple[Route, ...] = ()  # by base, weekday, team
    circuits: tuple[CircuitWeek, ...] = ()  # by base
    calendar: tuple[Visits, ...] = ()  # clinics by id, then villages
    legs: Mapping[tuple[Key, Key], LineString] = field(default_factory=dict)
    # (from, to), keys of base or place → the way along the roads, county CRS; for drawing only

    @property
    def unscheduled(self) -> tuple[Place, ...]:
        """Places for which no roster was found."""
        return tuple(place for week in self.circuits for place in week.unscheduled)
