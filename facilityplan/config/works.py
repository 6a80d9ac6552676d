"""Config of works at hospitals and clinics, where their money comes from, levels and operating balances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from facilityplan.config.base import Cost, Count, Id, Model, Name, NonNegative, Share

if TYPE_CHECKING:
    from facilityplan.config.schema import Config

WorkKind = Literal["rebuild", "relocate", "strengthen", "level_up"]
Level = Annotated[int, Field(ge=1, le=3)]


class WorkAdds(Model):
    """What a work adds to its institution. A figure that the data do not have stays unknown."""

    beds: Count = 0
    """Beds more."""
    doctors: Count = 0
    """Doctors of a hospital's own more."""
    rooms: Count = 0
    """Doctors more that a clinic has room for."""
    level: Annotated[int, Field(ge=0, le=2)] = 0
    """Levels more; level_up adds 1 where nothing is written here."""


class Work(Model):
    """One work at one institution, done or not as a whole."""

    id: Name
    """Id of the work."""
    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    facility: Id
    """Facility id of the institution."""
    kind: WorkKind
    """rebuild: on the same ground; relocate: closes here and opens at `to`; strengthen: more beds, staff, rooms;
    level_up: one level higher."""
    capital: Cost
    """Capital cost in yuan, with its range and source."""
    recurrent_cny: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)] = 0.0
    """Change of the recurrent cost a year, in yuan."""
    adds: WorkAdds = WorkAdds()
    """What it adds."""
    to: Id | None = None
    """Facility id of the candidate site to which a hospital relocates."""
    required: bool = False
    """It is done in any case."""
    forbidden: bool = False
    """It is not done."""
    together_with: tuple[Name, ...] = ()
    """Works of the same institution that may be done beside it; of others one at most is done."""
    earliest: int | None = None
    """Year before which it cannot be ready; used where the plan has stages. If none is late enough it is not done."""
    sources: tuple[Name, ...] = ()
    """Sources that may pay for it; empty = all."""


class MoneySource(Model):
    """A source of capital."""

    id: Name
    """Id of the source."""
    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    amount_cny: NonNegative | None = None
    """Yuan that it can give; null = as much as is asked."""
    debt: bool = False
    """It is borrowed."""


class BalanceRule(Model):
    """Operating balance a year of institutions: subsidies and other income less running costs and doctors."""

    form: Literal["off", "no_worse", "non_negative"] = "off"
    """no_worse: the balance after is no less than today's; non_negative: it is not below zero; off: not asked."""
    scope: Literal["county", "township", "institution"] = "county"
    """Whose balance: of all together, of each township, or of each institution that stays open."""


class LevelRule(Model):
    """So many institutions of a kind reach a level, works counted."""

    kind: Literal["township_hospital", "county_hospital"]
    """Kind of hospital."""
    min_level: Level
    """Level to be reached."""
    min_count: Count | None = None
    """Hospitals that reach it at least."""
    year: int | None = None
    """Year by whose end it is reached, one of rules.stages; null = in the end."""
    min_share: Share | None = None
    """Share of the existing hospitals of the kind that reach it at least. Give this or the count."""


def moves(config: Config) -> dict[str, tuple[str, ...]]:
    """Return hospital id → candidate site ids to which a work may relocate it (sorted), forbidden works included."""
    found: dict[str, set[str]] = {}
    for work in config.rules.works:
        if work.kind == "relocate" and work.to is not None:
            found.setdefault(work.facility, set()).add(work.to)
    return {hospital: tuple(sorted(places)) for hospital, places in sorted(found.items())}


def money_on(config: Config) -> bool:
    """Return whether the block on works and money is on: its figures are then in every output."""
    rules = config.rules
    return bool(rules.works or rules.funding or rules.levels or rules.balance.form != "off")
