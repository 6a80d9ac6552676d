"""The config's section on the clauses of a policy document: what each asks, and the measures that answer it.

Clauses are data. An indicator is a figure of the plan (`domain.indicators` lists them with their parameters); a measure
holds one against a target; a clause is met where all its measures are.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facilityplan.config.base import Count, Id, Model, Name
from facilityplan.config.locks import HostRule
from facilityplan.domain.kinds import FacilityKind

Standing = Literal["binding", "aim", "assumed"]
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=1, max_length=500)]


class ClauseSource(Model):
    """Where a clause stands."""

    document: Words
    """Document, with its number."""
    section: str = ""
    """Section or box of the document."""


class Total(Model):
    """The sum of a column over the rows of one of the county's own tables."""

    table: Literal["facilities", "villages"]
    """Table that holds the column."""
    column: Name
    """Column of figures; one that the software does not know is read beside those that it does. `people` of villages is
    counted from the cells."""
    kinds: tuple[FacilityKind, ...] = ()
    """Kinds of facility that count; empty = all."""
    sites: tuple[Id, ...] = ()
    """Facilities that count, by id; empty = all."""


class Measure(Model):
    """One figure of the plan held against a target. Which parameters go with which indicator: configs/README.md."""

    id: Name
    """Id of the measure, once in its clause."""
    indicator: str
    """Name of the indicator."""
    comparison: Literal["at_least", "at_most", "equals", "between"] = "at_least"
    """How the figure is held against the target; between takes target_high as well."""
    target: Number
    """What is asked for; a share is written 0.8, not 80."""
    target_high: Number | None = None
    """Upper end of the target, for between."""
    name: str | None = None
    """Name in Chinese; the indicator's own where this is empty."""
    name_en: str | None = None
    """Name in English."""
    unit: str | None = None
    """Unit in Chinese, where the indicator's own does not say it."""
    unit_en: str | None = None
    """Unit in English."""
    standing: Standing | None = None
    """Standing of this target where it differs from the clause's: binding, aim or assumed."""
    key: str | None = None
    """Figure of plan.json's metrics, such as clinics_merged or elderly_walk.share_within_after."""
    standard: Id | None = None
    """Id of a standard; empty = the first."""
    mode: str | None = None
    """Travel mode from person to site."""
    limit_min: Annotated[int, Field(gt=0, le=240)] | None = None
    """Minutes within which one is near."""
    kinds: tuple[FacilityKind, ...] = ()
    """Kinds of facility that count."""
    ownership: Literal["public", "private"] | None = None
    """Facilities of this ownership only; empty = both."""
    sites: tuple[Id, ...] = ()
    """Facilities, by id."""
    column: Name | None = None
    """Column of the facilities' table that is looked at."""
    value: bool | None = None
    """Value wanted in a yes/no column."""
    at_least: Number | None = None
    """Least value wanted in a column of figures."""
    share: bool = False
    """Give the share of those looked at instead of their number."""
    max_people: Count | None = None
    """People of a small village at most."""
    modes: tuple[Literal["keep", "merge", "circuit", "neighbour", "posted", "none"], ...] = ()
    """Service modes of villages."""
    mergers: tuple[Name, ...] = ()
    """Ids of named mergers; empty = all of them."""
    works: tuple[Name, ...] = ()
    """Ids of works; empty = all of them."""
    by_year: Annotated[int, Field(ge=1949, le=2200)] | None = None
    """Year by whose end works count as done, where the plan has years."""
    services: tuple[Name, ...] = ()
    """Ids of services (rules.centres)."""
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    """Capability level that a hospital has at least, works counted."""
    numerator: tuple[Total, ...] = ()
    """Sums that are added up."""
    denominator: tuple[Total, ...] = ()
    """Sums that they are divided by."""
    per: Annotated[float, Field(gt=0, le=1e9)] | None = None
    """The ratio is given for so many of the denominator, such as 10000."""


class Clause(Model):
    """One clause of a policy document."""

    id: Name
    """Id of the clause, such as R-DQ-5."""
    text_zh: Words
    """What it asks, in our own words, in Chinese."""
    text_en: Words
    """What it asks, in our own words, in English."""
    source: ClauseSource
    """Where it stands."""
    standing: Standing = "binding"
    """binding: the document asks for it; aim: to be worked towards; assumed: the target is not in the document."""
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]
    """What must hold, all of it."""
    note: str | None = None
    """What a reader must know beside the figures, in Chinese."""
    note_en: str | None = None
    """The same in English."""


class NamedMerger(Model):
    """A merger that a document names: of two clinics, or of one clinic with whichever neighbour suits."""

    id: Name
    """Id of the merger."""
    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    site: Id
    """The clinic, by facility id."""
    host: Id | None = None
    """The other clinic, by facility id; either may take the other over. Empty = any: into it or taking it over."""
    override: tuple[HostRule, ...] = ()
    """Host rules that are lifted for the pair where the price of the merger is worked out."""


class Named(Model):
    """What a document names, held beside the rules: nothing here is decided by being listed."""

    mergers: tuple[NamedMerger, ...] = ()
    """Mergers that are named."""
    price: bool = False
    """Work out what each named merger costs: the optimum with it and without it, solved once more for each."""


def measures_of(clauses: tuple[Clause, ...]) -> tuple[Measure, ...]:
    """Return every measure of the clauses, in order."""
    return tuple(measure for clause in clauses for measure in clause.measures)

