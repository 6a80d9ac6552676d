"""Travel times that service centres, attribute floors and the spread of sub-centres ask for."""

from __future__ import annotations

import numpy as np

from facilityplan.access.times import ladder_times, travel_times
from facilityplan.access.types import HORIZON_DS, Geography, TravelTimes
from facilityplan.config.centres import AttributeFloor
from facilityplan.config.schema import Config
from facilityplan.config.works import moves
from facilityplan.domain.attributes import can_be_equipped, has_attribute, of_kinds
from facilityplan.domain.kinds import HOSPITAL_KINDS, FacilityKind, Status
from facilityplan.domain.sites import is_permanent
from facilityplan.inputs.tables import Inputs
from facilityplan.network.types import SnappedPoints


def times_to_hospitals(config: Config, inputs: Inputs, geography: Geography) -> dict[str, TravelTimes]:
    """Return, by the mode of any service, villages × existing township and county hospitals, up to 240 min."""
    hospital = of_kinds(inputs.facilities, tuple(sorted(HOSPITAL_KINDS)))
    rows = np.flatnonzero(hospital & (inputs.facilities["status"] != Status.CANDIDATE).to_numpy(bool))
    return {mode: travel_times(geography.networks[mode], geography.villages[mode],
                               _take(geography.facilities[mode], rows), HORIZON_DS)
            for mode in sorted({service.mode for service in config.rules.centres})}


def times_between_sub_centres(config: Config, inputs: Inputs, geography: Geography) -> TravelTimes | None:
    """Return township hospitals, places they may relocate to included, × themselves; None where no spread is asked."""
    rule = config.rules.sub_centres
    if rule.min_minutes_apart is None or rule.max_count == 0:
        return None
    places = {place for found in moves(config).values() for place in found}
    stands = (inputs.facilities["status"] != Status.CANDIDATE) | inputs.facilities["id"].isin(places)
    hospital = of_kinds(inputs.facilities, (FacilityKind.TOWNSHIP_HOSPITAL,)) & stands.to_numpy(bool)
    points = _take(geography.facilities[rule.mode], np.flatnonzero(hospital))
    return travel_times(geography.networks[rule.mode], points, points, HORIZON_DS)


def times_to_attributes(config: Config, inputs: Inputs, geography: Geography) -> dict[str, TravelTimes]:
    """Return, for each attribute floor that counts people, cells × sites that have it or may be given it."""
    return {floor.id: _attribute_times(floor, config, inputs, geography)
            for floor in config.rules.attributes if floor.count == "people" and floor.mode is not None}


def _attribute_times(floor: AttributeFloor, config: Config, inputs: Inputs, geography: Geography) -> TravelTimes:
    table, mode = inputs.facilities, floor.mode
    kinds = of_kinds(table, floor.kinds)
    has = has_attribute(table, floor.column, floor.value, floor.at_least)
    counted = kinds & (has if floor.equip_cny is None else has | can_be_equipped(table, has))
    return ladder_times(geography.networks[mode], geography.cells[mode], geography.facilities[mode], counted,
                        is_permanent(table, moves(config)) & has)


def _take(points: SnappedPoints, rows: np.ndarray) -> SnappedPoints:
    return SnappedPoints(**{name: getattr(points, name)[rows] for name in points.__dataclass_fields__})
