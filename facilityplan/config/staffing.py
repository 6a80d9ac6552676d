"""Config of doctors: by site, patients against doctors, posts to fill, least doctors by size of the site."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facilityplan.config.base import Count, Id, Model, NonNegative, Share


class PatientRules(Model):
    """Patients by closest assignment: everybody goes to the nearest open site, whose doctors can take so many.

    The nearest site is never refused, however full it is: what is beyond its doctors is counted and listed.
    """

    standard: Id | None = None
    """Standard that says which site is nearest and who is a patient; empty = the first."""
    capacity_per_doctor: Annotated[int, Field(gt=0)]
    """People that one doctor can take as patients; at a hospital its own doctors count."""
    overload_people: Count | None = None
    """People beyond capacity in the county at most; empty = any number. Give this or the share."""
    overload_share: Share | None = None
    """The same as a share of the standard's group."""
    visits_per_person: NonNegative | None = None
    """Visits a year for each patient, reported only."""


class FillPosts(Model):
    """Posts to fill: doctors after the plan against those that the norm wants (people / people_per_doctor_norm, rounded
    up, by township)."""

    min_share: Share
    """Share of the posts by the norm that is filled at least, in the county; who waits in a township's pool counts."""
    per_township: bool = False
    """Hold it in every township too."""


class DoctorsByPeople(Model):
    """Least doctors of a clinic from so many people on."""

    from_people: Annotated[int, Field(gt=0)]
    """People of its own village and of those that merge into it, from which on this holds."""
    doctors: Annotated[int, Field(gt=0)]
    """Doctors at least."""


class DoctorRules(Model):
    """Doctors by site: capacity, balance and retirement."""

    people_per_doctor_cap: Annotated[int, Field(gt=0)] = 1500
    """People that one doctor may serve at most; a site whose own people exceed this today may stay as it is."""
    people_per_doctor_norm: Annotated[int, Field(gt=0)] = 1000
    """The norm that is reported against."""
    max_per_site: Annotated[int, Field(gt=0)] = 5
    """Doctors that one clinic has room for (more where more work there today)."""
    retire_share: Share = 0.0
    """Share of doctors that retires, those of 60 and over first."""
    max_hires: Count = 0
    """Doctors that the county can hire."""
    open_without_doctor: bool = False
    """Does a clinic without a doctor count as open full-time today?"""
    assumed_per_clinic: Count | None = None
    """Doctors assumed in each clinic where the data have none; shown as an assumption."""
    min_by_people: tuple[DoctorsByPeople, ...] = ()
    """Least doctors of a clinic by its people; empty = one, whatever its size."""
    exempt_shortfall_today: bool = True
    """May a clinic without guests that has fewer doctors today than min_by_people asks stay as it is?"""
    fill_posts: FillPosts | None = None
    """Least share of the posts by the norm that is filled; needs the staff balance."""
