"""Travel times with their ids, and what the model needs to know about access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from facilityplan.network.types import RoadNetwork, SnappedPoints
from facilityplan.units import DECISECONDS_PER_MINUTE, HORIZON_MIN

HORIZON_DS = HORIZON_MIN * DECISECONDS_PER_MINUTE


@dataclass(frozen=True)
class Geography:
    """The networks by mode, and cells, facilities and villages snapped onto each."""

    networks: Mapping[str, RoadNetwork]
    cells: Mapping[str, SnappedPoints]
    facilities: Mapping[str, SnappedPoints]
    villages: Mapping[str, SnappedPoints]


@dataclass(frozen=True)
class TravelTimes:
    """Sparse travel times from origins to sites, by one mode: only pairs inside the cutoff, CSR by origin.

    Within an origin the sites are in order of (time, site position). Sites are in the order of ``site_ids``.
    """

    mode: str
    cutoff_ds: int
    origin_ids: np.ndarray  # (origins,)
    site_ids: np.ndarray  # object (sites,)
    indptr: np.ndarray  # int64 (origins + 1,)
    site: np.ndarray  # int32 (pairs,) position in site_ids
    ds: np.ndarray  # int32 (pairs,) deciseconds, exact


@dataclass(frozen=True)
class NearestTimes:
    """Time to the nearest of a set of sites, never cut off. UNREACHABLE_DS where there is no way at all."""

    ds: np.ndarray  # int32 (origins,)
    site: np.ndarray  # int32 (origins,) position in site_ids of the nearest; the lowest position wins a tie; -1 = none


@dataclass(frozen=True)
class VisitTimes:
    """How staff get to clinics and villages and home again, by one mode: facilities × facilities, and villages both
    ways. Only hospitals or clinics that may send somebody are origins on the way there, and sites on the way back."""

    to_sites: TravelTimes  # staff places × facilities
    from_sites: TravelTimes  # facilities × staff places
    to_villages: TravelTimes  # staff places × villages
    from_villages: TravelTimes  # villages × staff places


@dataclass(frozen=True)
class Access:
    """Every travel time that the model and the plan ask for. ``site_ids`` always lists every facility, by id.

    ``cells`` holds, for each standard, the pairs that its access ladder can need and no others: sites of the standard's
    kinds only (candidates included), and for each cell those whose time is no more than that to its first permanent
    site of those kinds, ties included, or 240 min where that is farther or absent. A site that is not listed for a
    cell is therefore either never the nearest open one, or more than 240 min away.
    """

    cells: Mapping[str, TravelTimes]  # standard id → cells × facilities
    sites: TravelTimes  # facilities × facilities by the first standard's mode, all within max(host limit, 60 min)
    today: Mapping[str, NearestTimes]  # standard id → cells to the nearest site open today (uncut)
    to_sub_centres: TravelTimes | None
    # villages × existing township hospitals by the sub-centre mode, up to 240 min; None where that block is off
    adjacency: frozenset[tuple[str, str]]  # unordered pairs (a < b) of adjacent villages
    to_leads: TravelTimes | None = None
    # villages × possible leads of consortia by that block's mode, up to 240 min; None where that block is off
    circuit: VisitTimes | None = None  # township hospitals by rules.modes.travel_mode, up to 240 min; None where off
    neighbour: VisitTimes | None = None
    # public clinics by the first standard's mode, up to max(host limit, neighbour limit, 60 min); None where off
    to_hospitals: Mapping[str, TravelTimes] = field(default_factory=dict)
    # by the mode of a service: villages × township and county hospitals, places they may relocate to included, up to
    # 240 min
    between_sub_centres: TravelTimes | None = None
    # existing township hospitals × themselves by the sub-centre mode, up to 240 min; None where no spread is asked
    to_attributes: Mapping[str, TravelTimes] = field(default_factory=dict)
    # attribute floor that counts people → cells × sites of its kinds that have the attribute or may be given it, each
    # cell's up to its first permanent one that has it, as in ``cells``
