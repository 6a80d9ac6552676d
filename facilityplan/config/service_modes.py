"""Service modes beside keep and merge: circuit rounds, a neighbour's staff, posted staff. Each is off unless given.

Thresholds that are not written come from the norms (`when_given`), where each has its source and standing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facilityplan.config.base import Count, Model, NonNegative, Share

Days = Annotated[int, Field(ge=1, le=6)]
Positive = Annotated[int, Field(gt=0)]
Minutes = Annotated[int, Field(gt=0, le=240)]


class CircuitRules(Model):
    """Circuit rounds: the clinic closes, or there never was one, and a team of a township hospital visits."""

    min_people: Count = 0
    """People that the clinic or village has at least."""
    max_people: Count
    """People that the clinic or village has at most."""
    max_minutes: Minutes
    """Minutes from the hospital to the village at most, one way, by rules.modes.travel_mode."""
    days_per_week: Days
    """Days a week on which the team comes."""
    visit_minutes_fixed: Count
    """Minutes of one visit whatever the number of people; the way there and back comes on top."""
    visit_minutes_per_100: NonNegative
    """Minutes of one visit for every 100 people."""
    team_minutes_week: Positive
    """Minutes that one team works in a week, travel included."""
    team_minutes_day: Annotated[int, Field(gt=0, le=840)] = 420
    """Minutes from a team's leaving its hospital to its return at most, on one day; breaks come on top."""
    day_begins_min: Annotated[int, Field(ge=0, le=600)] = 510
    """When teams leave their hospital: minutes after midnight, 510 = 8:30."""
    max_teams_per_base: Positive
    """Teams of one hospital at most."""
    doctors_per_team: Positive
    """The hospital's own doctors in one team."""
    max_doctor_share: Share
    """Share of the hospital's own doctors that may be in teams."""


class NeighbourRules(Model):
    """Neighbour service: the clinic closes, or there never was one, and doctors of a kept clinic come on fixed days."""

    min_people: Count = 0
    """People that the clinic or village has at least."""
    max_people: Count
    """People that the clinic or village has at most."""
    max_minutes: Minutes
    """Minutes from the host's clinic to the village at most, one way, by the mode of the first standard."""
    days_per_week: Days
    """Days a week on which a doctor comes."""
    visit_minutes_fixed: Count
    """Minutes of one visit whatever the number of people; the way there and back comes on top."""
    visit_minutes_per_100: NonNegative
    """Minutes of one visit for every 100 people."""
    visit_minutes_per_doctor_week: Positive
    """Minutes a week that each doctor of the host has for visits, travel included."""


class PostedRules(Model):
    """Posted staff: the clinic stays open full-time with staff of a township hospital in place of its own doctor."""

    min_people: Count = 0
    """People that the clinic has at least."""
    max_people: Count
    """People that the clinic has at most."""
    without_doctor: bool = True
    """May a clinic without a doctor today have posted staff whatever its people?"""
    max_minutes: Minutes
    """Minutes from the hospital to the clinic at most, one way, by rules.modes.travel_mode."""
    staff: Positive
    """The hospital's own doctors posted to one clinic."""
    max_doctor_share: Share
    """Share of the hospital's own doctors that may be posted, rounded down."""
    max_per_hospital: Count | None = None
    """Doctors that one hospital posts at most; null = no other limit than the share."""


class ServiceModes(Model):
    """Modes of service beside keep and merge. Each is off unless its section is given; {} takes the norms.

    Hospitals that may relocate send nobody.
    """

    travel_mode: str = "drive"
    """Travel mode of circuit teams and posted staff."""
    same_township: bool = True
    """Teams and posted staff come from the hospital of the village's own township, the nearest where it has several."""
    circuit: CircuitRules | None = None
    """Circuit rounds."""
    neighbour: NeighbourRules | None = None
    """Neighbour service."""
    posted: PostedRules | None = None
    """Posted staff."""

    @property
    def from_hospitals(self) -> bool:
        """Does a mode send staff of township hospitals?"""
        return self.circuit is not None or self.posted is not None

    @property
    def periodic(self) -> bool:
        """Does a mode bring periodic contact to villages without a full-time site?"""
        return self.circuit is not None or self.neighbour is not None

    @property
    def on(self) -> bool:
        """Is any mode beside keep and merge offered?"""
        return self.from_hospitals or self.periodic
