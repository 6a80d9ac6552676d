"""Every travel time that a plan needs, in one go."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from facilityplan.access.adjacency import village_adjacency
from facilityplan.access.centres import times_between_sub_centres, times_to_attributes, times_to_hospitals
from facilityplan.access.geography import sub_centres_on
from facilityplan.access.times import ladder_times, nearest, travel_times
from facilityplan.access.types import HORIZON_DS, Access, Geography, NearestTimes, TravelTimes, VisitTimes
from facilityplan.config.schema import Config, Standard
from facilityplan.config.works import moves
from facilityplan.domain.kinds import FacilityKind, Status
from facilityplan.domain.sites import is_candidate, is_decided, is_permanent, open_today
from facilityplan.inputs.tables import Inputs
from facilityplan.network.types import SnappedPoints
from facilityplan.units import DECISECONDS_PER_MINUTE

_SITES_CUTOFF_MIN = 60  # refusals name the minutes to hosts that are too far, too


def compute_access(config: Config, inputs: Inputs, geography: Geography) -> Access:
    """Return every standard's ladders and today's nearest sites, times between sites and to sub-centres, adjacency."""
    first = config.standards[0].mode
    facilities = geography.facilities[first]
    hosts_ds = DECISECONDS_PER_MINUTE * max(config.rules.hosts.limit_min, _SITES_CUTOFF_MIN)
    ladders: dict[tuple[str, frozenset[FacilityKind]], TravelTimes] = {}
    today: dict[tuple[str, frozenset[FacilityKind]], NearestTimes] = {}
    for standard in config.standards:
        key = _key(standard)
        if key not in ladders:
            counted = counts_for(standard, inputs)
            ladders[key] = ladder_times(geography.networks[standard.mode], geography.cells[standard.mode],
                                        geography.facilities[standard.mode], counted,
                                        is_permanent(inputs.facilities, moves(config)))
            today[key] = _nearest(geography, standard, counted & open_sites_today(config, inputs))
    return Access(
        cells={s.id: ladders[_key(s)] for s in config.standards},
        sites=travel_times(geography.networks[first], facilities, facilities, hosts_ds),
        today={s.id: today[_key(s)] for s in config.standards},
        to_sub_centres=_to_sub_centres(config, inputs, geography) if sub_centres_on(config) else None,
        adjacency=village_adjacency(geography.networks[first], geography.villages[first], inputs.adjacency),
        to_leads=_to_leads(config, inputs, geography) if config.rules.consortia is not None else None,
        circuit=_visits(geography, config.rules.modes.travel_mode, _hospitals(inputs), HORIZON_DS)
        if config.rules.modes.from_hospitals else None,
        neighbour=_neighbours(config, inputs, geography, hosts_ds),
        to_hospitals=times_to_hospitals(config, inputs, geography),
        between_sub_centres=times_between_sub_centres(config, inputs, geography),
        to_attributes=times_to_attributes(config, inputs, geography))


def nearest_after(inputs: Inputs, geography: Geography, standard: Standard,
                  open_ids: Collection[str]) -> NearestTimes:
    """Return each cell's nearest site of the standard's kinds among those with ``open_ids``, never cut off."""
    is_open = inputs.facilities["id"].isin(sorted(open_ids)).to_numpy(bool)
    return _nearest(geography, standard, counts_for(standard, inputs) & is_open)


def counts_for(standard: Standard, inputs: Inputs) -> np.ndarray:
    """Return which facilities are of the kinds that the standard counts (bool by facility)."""
    return inputs.facilities["kind"].isin([str(kind) for kind in standard.kinds]).to_numpy(bool)


def open_sites_today(config: Config, inputs: Inputs) -> np.ndarray:
    """Return which facilities are open full-time today (bool); without doctor rules nobody asks for doctors."""
    doctors = config.rules.doctors
    return open_today(inputs.facilities, open_without_doctor=doctors is None or doctors.open_without_doctor)


def _key(standard: Standard) -> tuple[str, frozenset[FacilityKind]]:
    return standard.mode, frozenset(standard.kinds)


def _nearest(geography: Geography, standard: Standard, is_open: np.ndarray) -> NearestTimes:
    mode = standard.mode
    return nearest(geography.networks[mode], geography.cells[mode], geography.facilities[mode], is_open)


def _to_sub_centres(config: Config, inputs: Inputs, geography: Geography) -> TravelTimes:
    mode = config.rules.sub_centres.mode
    hospitals = (inputs.facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL).to_numpy(bool)
    places = {place for found in moves(config).values() for place in found}
    stands = (inputs.facilities["status"] != Status.CANDIDATE) | inputs.facilities["id"].isin(places)
    chosen = np.flatnonzero(hospitals & stands.to_numpy(bool))
    return travel_times(geography.networks[mode], geography.villages[mode],
                        _take(geography.facilities[mode], chosen), HORIZON_DS)


def _to_leads(config: Config, inputs: Inputs, geography: Geography) -> TravelTimes:
    rules = config.rules.consortia
    chosen = np.flatnonzero(inputs.facilities["id"].isin(rules.leads).to_numpy(bool))
    return travel_times(geography.networks[rules.mode], geography.villages[rules.mode],
                        _take(geography.facilities[rules.mode], chosen), HORIZON_DS)


def _visits(geography: Geography, mode: str, staff: np.ndarray, cutoff_ds: int) -> VisitTimes:
    network, sites, villages = geography.networks[mode], geography.facilities[mode], geography.villages[mode]
    places = _take(sites, np.flatnonzero(staff))
    pairs = ((places, sites), (sites, places), (places, villages), (villages, places))
    return VisitTimes(*(travel_times(network, origins, ends, cutoff_ds) for origins, ends in pairs))


def _neighbours(config: Config, inputs: Inputs, geography: Geography, hosts_ds: int) -> VisitTimes | None:
    rule = config.rules.modes.neighbour
    if rule is None:
        return None
    return _visits(geography, config.standards[0].mode, is_decided(inputs.facilities),
                   max(hosts_ds, DECISECONDS_PER_MINUTE * rule.max_minutes))


def _hospitals(inputs: Inputs) -> np.ndarray:
    """Township hospitals that stand (bool by facility)."""
    hospitals = (inputs.facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL).to_numpy(bool)
    return hospitals & ~is_candidate(inputs.facilities)


def _take(points: SnappedPoints, rows: np.ndarray) -> SnappedPoints:
    return SnappedPoints(**{name: getattr(points, name)[rows] for name in points.__dataclass_fields__})
