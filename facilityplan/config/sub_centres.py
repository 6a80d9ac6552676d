"""Config of sub-centres: the model of `rules.sub_centres`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facilityplan.config.base import Count, Id, Model


class SubCentreRules(Model):
    """Which township hospitals become county sub-centres."""

    min_count: Count = 0
    """At least so many sub-centres are chosen; 0 here and in max_count switches the block off."""
    max_count: Count = 0
    """At most so many sub-centres are chosen."""
    min_beds: Count | None = None
    """Beds that make a hospital eligible; one whose figure is missing is not."""
    min_doctors: Count | None = None
    """Doctors that make a hospital eligible; one whose figure is missing is not."""
    min_level: Annotated[int, Field(ge=1, le=3)] | None = None
    """Capability level (1 to 3) that makes a hospital eligible; one whose figure is missing is not."""
    required: tuple[Id, ...] = ()
    """Hospitals that become sub-centres in any case, by facility id."""
    forbidden: tuple[Id, ...] = ()
    """Hospitals that never do, by facility id."""
    mode: str = "drive"
    """Travel mode to a sub-centre."""
    max_people: Annotated[int, Field(gt=0)] | None = None
    """People in a sub-centre's catchment at most."""
    min_people: Annotated[int, Field(gt=0)] | None = None
    """People in a sub-centre's catchment at least."""
    min_minutes_apart: Annotated[int, Field(gt=0, le=240)] | None = None
    """Whole minutes between any two sub-centres at least, by the same mode, the shorter way of both."""
    contiguous: bool = False
    """A catchment hangs together: each township is connected with that of its sub-centre through the catchment."""
