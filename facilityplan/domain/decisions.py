"""What a plan decides, free of any model or solver: the model writes it, the verifier reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from facilityplan.domain.kinds import Action, ServiceMode


@dataclass(frozen=True)
class SiteDecision:
    """What happens to one facility or candidate site."""

    action: Action
    merged_into: str | None = None  # facility id of the host; set where action is CLOSE, unless a service is
    doctors: int | None = None  # working there under the plan, a hospital's own ones included; None = not known
    sub_centre: bool = False
    stage: int | None = None  # year in which it closes, is built or made a sub-centre, else of its last work
    service: ServiceMode | None = None  # of a clinic: CIRCUIT or NEIGHBOUR (it closes), POSTED (it stays open)
    served_from: str | None = None  # base hospital, host clinic or posting hospital; set exactly where service is
    teams: int = 0  # circuit teams based at this hospital

    @property
    def is_open(self) -> bool:
        """Is the site open under the plan? A hospital that relocates closes at its old place."""
        return self.action not in (Action.CLOSE, Action.RELOCATE)


@dataclass(frozen=True)
class Visit:
    """Periodic service of a village that has no clinic of its own today."""

    service: ServiceMode  # CIRCUIT or NEIGHBOUR
    served_from: str  # base hospital or host clinic
    stage: int | None = None  # year in which it begins; None = no stages


@dataclass(frozen=True)
class Decisions:
    """All decisions of a plan."""

    sites: Mapping[str, SiteDecision]  # facility id → decision; candidates that are not built are left out
    catchments: Mapping[str, str]  # township → facility id of its sub-centre; empty where none is chosen
    hires: Mapping[str, int]  # township → doctors hired
    reserve: Mapping[str, int]  # township → clinic doctors in its pool without a clinic of their own
    consortia: Mapping[str, str] = field(default_factory=dict)  # township → facility id of its lead; empty = not formed
    works: tuple[str, ...] = ()  # ids of the works that are done, sorted
    work_years: Mapping[str, int] = field(default_factory=dict)  # work → year in which it is done; empty = no stages
    visits: Mapping[str, Visit] = field(default_factory=dict)  # village without any clinic today → its visits
    centre_hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # service → its hosts, sorted
    centre_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # service → township → its hospital
    equipped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # attribute floor → sites given it, sorted

    def open_sites(self) -> frozenset[str]:
        """Return the ids of the facilities that are open under the plan."""
        return frozenset(i for i, d in self.sites.items() if d.is_open)

    def services_of(self, site: str) -> tuple[str, ...]:
        """Return the services that a facility hosts, sorted by id."""
        return tuple(sorted(service for service, hosts in self.centre_hosts.items() if site in hosts))

    def equipped_for(self, site: str) -> tuple[str, ...]:
        """Return the attribute floors for which a facility is equipped, sorted by id."""
        return tuple(sorted(floor for floor, sites in self.equipped.items() if site in sites))
