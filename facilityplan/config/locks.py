"""Config of locks and caps on closures: what a planner fixes in advance, and how much may close."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facilityplan.config.base import Count, Id, Model, Share

HostRule = Literal["adjacent", "same_township", "same_consortium", "host_limit", "host_size", "max_hosts"]


class Lock(Model):
    """One decision that is fixed in advance, with its reason."""

    site: Id
    """Facility or candidate site, by id."""
    do: Literal["keep", "close", "merge_into", "forbid_merge_into", "build", "forbid"]
    """keep: stays open; close: merges into any allowed host; merge_into and forbid_merge_into: with the host named;
    build and forbid: for candidate sites."""
    host: Id | None = None
    """Facility that takes the clinic over, for merge_into and forbid_merge_into."""
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    """Why, shown beside the site on every output."""
    reason_en: str | None = None
    """Why, in English; the reason itself is shown where this is empty."""
    override: tuple[HostRule, ...] = ()
    """Host rules that do not hold for this pair, for merge_into; the plan's notes list every use."""


class ClosureCaps(Model):
    """How many clinics may close."""

    max_total: Count | None = None
    """Clinics that may close in the county."""
    max_per_township: Count | None = None
    """Clinics that may close in one township."""
    max_share_per_township: Share | None = None
    """Share of a township's public clinics that may close, rounded down."""
