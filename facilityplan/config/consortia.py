"""The config's section on county consortia (县域医共体): which hospital leads which townships."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facilityplan.config.base import Count, Id, Model, Share


class ConsortiaRules(Model):
    """Grouping the townships into county consortia, each led by one hospital."""

    leads: Annotated[tuple[Id, ...], Field(min_length=1)]
    """Hospitals that may lead a consortium, by facility id: county, Chinese-medicine or township hospitals."""
    fixed_leads: tuple[Id, ...] = ()
    """Leads that must be used, by facility id; each is one of `leads`."""
    min_count: Annotated[int, Field(ge=1)] = 1
    """At least so many consortia are formed."""
    max_count: Annotated[int, Field(ge=1)] | None = None
    """At most so many consortia are formed; null = as many as there are leads. Their number is free in between."""
    balance_share: Share | None = None
    """People of each consortium lie within (1 ± this share) · people of the county / their number; null = any."""
    min_townships: Annotated[int, Field(ge=1)] = 1
    """Townships that each consortium has at least."""
    contiguous: bool = True
    """A consortium hangs together: each of its townships is reached from its lead's through its own townships."""
    assigned: dict[Id, Id] = {}
    """Memberships that are settled beforehand: township to the facility id of its lead."""
    min_sub_centres: Count = 1
    """Sub-centres that each consortium has at least; asked only where the plan chooses sub-centres."""
    catchments_inside: bool = False
    """A township's sub-centre belongs to its own consortium."""
    merge_inside: bool = True
    """Clinics merge inside one consortium only. It takes the place of `hosts.same_consortium`, which looks at the
    consortia of today's data and is not asked while this section stands."""
    pool_staff: bool = False
    """Townships of one consortium lend each other clinic doctors: the staff balance holds by consortium, in a plan by
    years at every year's end."""
    max_minutes: Annotated[int, Field(gt=0, le=240)] | None = None
    """Minutes from every village of a township to its lead at most; null = any."""
    mode: str = "drive"
    """Travel mode to the lead."""
