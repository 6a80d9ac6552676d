"""Config of service centres and of the attributes of what stays: models of `rules.centres` and `rules.attributes`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facilityplan.config.base import Count, Id, Model, Name, NonNegative, Share
from facilityplan.domain.kinds import FacilityKind

HospitalKind = Literal["county_hospital", "township_hospital"]
LimitMin = Annotated[int, Field(gt=0, le=240)]


class ServiceCentre(Model):
    """Centres of one service, such as chest pain or imaging: which hospitals host them, which townships use which."""

    id: Name
    """Id of the service."""
    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    type: Literal["emergency", "shared", "clinical"] = "emergency"
    """Emergency centre, shared-resource centre or clinical centre."""
    kinds: Annotated[tuple[HospitalKind, ...], Field(min_length=1)] = ("county_hospital",)
    """Kinds of hospital that may host it."""
    min_count: Annotated[int, Field(ge=1)] = 1
    """At least so many hospitals host it."""
    max_count: Annotated[int, Field(ge=1)] = 1
    """At most so many hospitals host it."""
    min_beds: Count | None = None
    """Beds that make a hospital eligible; one whose figure is missing is not."""
    min_doctors: Count | None = None
    """Doctors that make a hospital eligible; one whose figure is missing is not."""
    min_level: Annotated[int, Field(ge=1, le=3)] | None = None
    """Capability level (1 to 3) that makes a hospital eligible; one whose figure is missing is not."""
    required: tuple[Id, ...] = ()
    """Hospitals that host it in any case, by facility id."""
    forbidden: tuple[Id, ...] = ()
    """Hospitals that never do, by facility id."""
    mode: str = "drive"
    """Travel mode, from village to hospital."""
    limit_min: LimitMin | None = None
    """Minutes within which one is near a centre; nobody published any, so it is yours to set."""
    min_share: Share | None = None
    """Share of all people within limit_min of a centre at least."""
    max_people: Annotated[int, Field(gt=0)] | None = None
    """People of the townships that one centre serves at most."""
    users: tuple[FacilityKind, ...] = (FacilityKind.TOWNSHIP_HOSPITAL,)
    """Kinds of institution that use it: each the centre of its township; they are listed and counted."""


class AttributeFloor(Model):
    """How much of what is open under the plan has an attribute, such as Chinese medicine: a number, or a share."""

    id: Name
    """Id of the floor."""
    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    column: Literal["tcm", "smart", "committee_building", "level", "beds", "doctors", "floor_area_m2"]
    """Column of the facilities' table that says so; a missing value counts as not having it."""
    value: bool = True
    """Value wanted in a yes/no column."""
    at_least: NonNegative | None = None
    """Least value wanted in a column of figures; only for those."""
    kinds: Annotated[tuple[FacilityKind, ...], Field(min_length=1)] = (
        FacilityKind.VILLAGE_CLINIC, FacilityKind.STATION)
    """Kinds of facility that are looked at, private ones included."""
    count: Literal["sites", "people"] = "sites"
    """Count the sites open under the plan, or the people within limit_min of one that has the attribute."""
    min_count: Count | None = None
    """At least so many sites have it, or so many people are near one that has."""
    min_share: Share | None = None
    """At least this share of the open sites has it, or of all people is near one that has."""
    mode: str | None = None
    """Travel mode, from person to site; only where people are counted, and needed there."""
    limit_min: LimitMin | None = None
    """Minutes within which one is near; only where people are counted, and needed there."""
    equip_cny: NonNegative | None = None
    """Cost of giving the attribute to a public site that stays or is built; null = the plan equips none."""
