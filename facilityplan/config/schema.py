"""The config: frozen models, closed to unknown keys, a description under every field.

Sections follow the way a plan is made: county, inputs, modes, standards, rules, costs, objectives, solver, scenarios.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from facilityplan.config.base import Count, Id, Model, Name, NonNegative, Positive, Share, SpeedKmh
from facilityplan.config.centres import AttributeFloor, ServiceCentre
from facilityplan.config.clauses import Clause, Named
from facilityplan.config.consortia import ConsortiaRules
from facilityplan.config.costs import Costs
from facilityplan.config.fairness import FairnessLimit
from facilityplan.config.locks import ClosureCaps, Lock
from facilityplan.config.objectives import Objective
from facilityplan.config.service_modes import ServiceModes
from facilityplan.config.staffing import DoctorRules, PatientRules
from facilityplan.config.stages import Stage
from facilityplan.config.sub_centres import SubCentreRules
from facilityplan.config.works import BalanceRule, LevelRule, MoneySource, Work
from facilityplan.domain.kinds import FacilityKind


class Source(Model):
    """Where a data set or a figure comes from."""

    name: str
    """Name of the data set or document."""
    credit: str
    """The line of credit that its licence asks for."""
    licence: str
    """Licence, such as ODbL 1.0 or CC BY 4.0."""
    date: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """Date of the data, such as 2020 or 2023-12-31; printed on maps and reports."""


class County(Model):
    """The county that is planned."""

    name: str
    """Name in Chinese, or in the local language."""
    name_en: str
    """Name in English."""
    code: str | None = None
    """Administrative division code, as text."""
    crs: str
    """Projected coordinate system in metres, such as EPSG:4549."""
    data_basis: Literal["real", "synthetic", "assumed"]
    """What the geography is: synthetic data are labelled as a demonstration on every output."""
    review_number: str | None = None
    """Map review number (审图号), printed on maps where one has been granted."""
    sources: tuple[Source, ...] = ()
    """Data sources, credited on every output."""


class TableSource(Model):
    """A table or layer of the user's: CSV, Excel, GeoJSON, GeoPackage or Shapefile."""

    file: str
    """Path below the data root."""
    layer: str | None = None
    """Layer of a GeoPackage or sheet of a workbook."""
    encoding: str = "utf-8"
    """Text encoding of a CSV or Shapefile."""
    crs: str | None = None
    """Coordinate system where the file does not carry its own; tables with lon, lat are WGS 84."""
    columns: dict[str, str] = {}
    """Renaming: our column name to the file's column name."""


class BoundarySource(TableSource):
    """The county's outline: polygons."""

    move: tuple[float, float] = (0.0, 0.0)
    """East and north shift in the units of the file's coordinate system, for an outline known to be displaced; every
    output notes it."""


class ClosedRoad(Model):
    """A bridge or a piece of road that is taken as closed, for everybody and every mode."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    """Longitude of a point on it, WGS 84."""
    lat: Annotated[float, Field(ge=-90, le=90)]
    """Latitude of that point."""
    what: Literal["bridge", "road"] = "bridge"
    """bridge: the nearest bridge, all its pieces and carriageways; road: the nearest road between two junctions."""
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    """Why, shown among the notes of every output."""
    reason_en: str | None = None
    """Why, in English; the reason itself is shown where this is empty."""


class RoadsSource(TableSource):
    """Roads: a line layer, or OpenStreetMap as PBF, XML or GraphML."""

    format: Literal["auto", "lines", "osm_pbf", "osm_xml", "graphml"] = "auto"
    """Taken from the file's ending unless said."""
    closed: tuple[ClosedRoad, ...] = ()
    """Bridges and roads that are taken as closed."""


class PeopleSource(Model):
    """People by cell: a raster of people per cell."""

    file: str
    """Path of a GeoTIFF below the data root."""
    band: int = 1
    """Band with people of all ages."""
    band_65: int | None = None
    """Band with people of 65 and over, where the raster has one."""
    share_65: Share | None = None
    """Share of people of 65 and over, used where there is no band for them."""
    nodata: float | None = None
    """Value that means no data where the raster does not tag it; WorldPop's -99999 is known anyway."""
    rule: Literal["raster", "table"] = "raster"
    """Which figure rules where they differ: the raster's cells, or the villages' table (cells are scaled to it)."""


class VillagesSource(TableSource):
    """Villages and communities: a table, or the places of OpenStreetMap."""

    osm_places: tuple[str, ...] = ()
    """Values of the OSM tag `place` that count as villages; for an OSM file only."""
    township: Literal["column", "nearest_hospital"] = "column"
    """Take the township from the table, or name it after the township hospital that is nearest in a straight line."""


class FacilitiesSource(TableSource):
    """Facilities: a table, or objects of OpenStreetMap."""

    osm_tags: dict[str, FacilityKind] = {}
    """OSM tag such as `amenity=clinic` to kind of facility; the first that fits counts. For an OSM file only."""
    candidates: Literal["none", "villages_without_clinic", "every_village"] = "none"
    """Put a candidate clinic site in every village that has no clinic, or (for new joint sites) in every village."""


class InputFiles(Model):
    """The files a plan is made from, all below the data root."""

    boundary: BoundarySource
    """Polygon of the county."""
    roads: RoadsSource
    """Roads, whole network with its islands."""
    people: PeopleSource
    """People by cell."""
    villages: VillagesSource
    """Villages and communities, the units that are planned."""
    facilities: FacilitiesSource
    """Clinics, stations and hospitals, and candidate sites."""
    water: TableSource | None = None
    """Lakes and canals, drawn behind the map; nothing is computed from them."""
    adjacency: TableSource | None = None
    """Pairs of adjacent villages; without it, villages are adjacent where a road leads straight from one territory
    into the other."""


class TravelMode(Model):
    """One way of travelling."""

    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    speeds_kmh: dict[str, SpeedKmh]
    """Speed by road class; a class that is not listed may not be used."""
    off_road_kmh: SpeedKmh
    """Speed on foot from house to road and from road to site."""
    obeys_oneway: bool = True
    """Keeps to one-way streets; false for people on foot."""


class Standard(Model):
    """A standard of access, such as the 15-minute health circle."""

    id: Name
    """Id by which objectives, rules and metrics call it."""
    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    mode: str
    """Id of the travel mode."""
    limit_min: Annotated[int, Field(gt=0, le=240)]
    """Minutes within which one is inside the circle."""
    kinds: Annotated[tuple[FacilityKind, ...], Field(min_length=1)] = (
        FacilityKind.VILLAGE_CLINIC, FacilityKind.STATION,
        FacilityKind.TOWNSHIP_HOSPITAL, FacilityKind.COUNTY_HOSPITAL)
    """Kinds of facility that count."""
    opening: Literal["full_time"] = "full_time"
    """Only sites open full-time count."""
    group: Literal["all", "age65"] = "all"
    """Whose minutes count."""
    target_share: Share | None = None
    """Share of the group that should be inside; the headline says whether it is met."""


class HostRules(Model):
    """Which clinic may merge into which host."""

    adjacent: bool = True
    """Only into adjacent villages (or within the village)."""
    same_township: bool = True
    """Only inside the township."""
    same_consortium: bool = True
    """Only inside the consortium, where consortia are given."""
    limit_min: Annotated[int, Field(gt=0, le=240)] = 15
    """Travel limit from the old clinic to its host, by the mode of the first standard."""
    host_at_least_guest: bool = True
    """The host's village has at least as many people as the guest's; hospitals always may be hosts."""
    max_hosts: Annotated[int, Field(gt=0, le=20)] = 8
    """At most so many hosts are considered for each clinic, the nearest first."""
    new_sites: bool = False
    """May clinics merge into a new joint site, one built at a candidate site?"""
    min_guests: Annotated[int, Field(gt=0, le=20)] = 2
    """Clinics that merge into a new joint site at least; one in a village without a clinic needs none."""


class NoHarm(Model):
    """Nobody is made worse off, by cell."""

    form: Literal["inside_stays_inside", "strict", "off"] = "inside_stays_inside"
    """inside_stays_inside: limit = max(circle limit, today); strict: limit = today + delta for everybody."""
    delta_min: Count = 0
    """Minutes that may be added (both forms; for the first only to those outside today)."""
    standards: tuple[Id, ...] = ()
    """Standards it holds for; empty = the first standard."""
    exempt_villages: tuple[Id, ...] = ()
    """Villages exempt by name; every use is listed in the plan."""


class Budget(Model):
    """Money, in yuan."""

    recurrent_share_of_today: Annotated[float, Field(ge=0, le=5)] | None = None
    """Annual recurrent spending allowed, as a share of today's actual spending."""
    recurrent_cny: NonNegative | None = None
    """Annual recurrent spending allowed, in yuan. Give this or the share."""
    capital_cny: NonNegative | None = None
    """Capital for works."""


class CircleShare(Model):
    """A floor under the share of people inside a circle."""

    standard: Id
    """Id of the standard."""
    min_share: Share
    """Share of the standard's group that is inside at least."""
    per_township: bool = False
    """Hold it in every township too."""


class Rules(Model):
    """The rules that a plan obeys."""

    hosts: HostRules = HostRules()
    """Which clinic may merge into which."""
    no_harm: NoHarm = NoHarm()
    """Nobody is made worse off."""
    circle_share: tuple[CircleShare, ...] = ()
    """Floors under the share of people inside a circle."""
    fairness: tuple[FairnessLimit, ...] = ()
    """Limits on how unevenly minutes may be shared."""
    max_blank_villages: Count | None = None
    """Villages with a candidate site that may stay without any clinic; null = any number. A village never loses its
    clinic without a host, whatever stands here. With circuit or neighbour service every village without any site
    counts, and one that is visited is not blank."""
    doctors: DoctorRules | None = DoctorRules()
    """null leaves doctors out of the plan."""
    patients: PatientRules | None = None
    """Patients against doctors at the nearest site; null = not looked at."""
    budget: Budget = Budget()
    """Money that may be spent."""
    sub_centres: SubCentreRules = SubCentreRules()
    """How sub-centres are chosen."""
    locks: tuple[Lock, ...] = ()
    """Decisions fixed in advance, each with its reason."""
    closures: ClosureCaps = ClosureCaps()
    """How many clinics may close."""
    consortia: ConsortiaRules | None = None
    """How townships are grouped into county consortia; null leaves them as the data have them."""
    works: tuple[Work, ...] = ()
    """Works at hospitals and clinics that may be done; what follows from them is decided with everything else."""
    funding: tuple[MoneySource, ...] = ()
    """Where the money for works and other capital comes from; empty = no sources are told apart."""
    no_debt: bool = False
    """No borrowing: sources that are debt pay for nothing."""
    balance: BalanceRule = BalanceRule()
    """Operating balance of institutions."""
    levels: tuple[LevelRule, ...] = ()
    """Hospitals that must have reached a level after works."""
    stages: tuple[Stage, ...] = ()
    """Years in which the plan is carried out, in order; empty = in one step."""
    modes: ServiceModes = ServiceModes()
    """Modes of service beside keep and merge."""
    centres: tuple[ServiceCentre, ...] = ()
    """Centres of services, such as chest pain or imaging: which hospitals host them."""
    centres_per_host: Annotated[int, Field(gt=0)] | None = None
    """Services that one hospital may host at most."""
    attributes: tuple[AttributeFloor, ...] = ()
    """Floors under the attributes of what is open under the plan, such as Chinese medicine."""
    without: tuple[str, ...] = ()
    """Rules dropped to see what they cost (ids of `domain.rules`)."""


class Solver(Model):
    """How long and how exactly to solve."""

    time_limit_s: Positive = 300
    """For all stages together; a stage stopped by the clock hands on its bound and says so."""
    threads: Annotated[int, Field(gt=0, le=64)] = 1
    """Threads of the solver."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Random seed of the solver."""


class Output(Model):
    """What the outputs show beside the plan."""

    basemap: str | None = None
    """Tile address for a background map; none by default, so that maps work with no network."""


class Scenario(Model):
    """A variant: a name and what it changes."""

    name: str
    """Name in Chinese."""
    name_en: str
    """Name in English."""
    extends: Id | None = None
    """Scenario to start from."""
    set: dict[str, Any] = {}
    """Values that differ from the base, nested like the config itself, or with dotted keys."""


class Config(Model):
    """A whole config. From the loader it comes resolved: one scenario applied, and only that one listed."""

    schema_version: Literal[1]
    """Version of this format."""
    county: County
    """The county."""
    inputs: InputFiles
    """The files a plan is made from."""
    modes: dict[Name, TravelMode] = {}
    """Travel modes; those of the norms file are there without being listed."""
    standards: Annotated[tuple[Standard, ...], Field(min_length=1)]
    """Standards of access; the first one speaks in `metrics`."""
    rules: Rules = Rules()
    """The rules that a plan obeys."""
    costs: Costs
    """Unit costs."""
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    """Stages of the objective, the most important first."""
    clauses: tuple[Clause, ...] = ()
    """Clauses of a policy document, each answered in every plan."""
    named: Named = Named()
    """Mergers that a document names, and whether they are priced."""
    solver: Solver = Solver()
    """How long and how exactly to solve."""
    output: Output = Output()
    """What the outputs show beside the plan."""
    default_scenario: Name = "default"
    """Scenario that runs unless another is named; "default" always exists and is the file as it stands."""
    scenarios: dict[Name, Scenario] = {}
    """Variants of this config."""

    def standard(self, standard_id: str | None) -> Standard:
        """Return the standard with that id, or the first one for None."""
        return self.standards[0] if standard_id is None else {s.id: s for s in self.standards}[standard_id]
