"""Travel times that service centres, attribute floors and the spread of sub-centres ask for."""

from __future__ import annotations

import numpy as np

from facilityplan.access.times import ladder_times, travel_times
from facilityplan.access.types import HORIZON_DS, Geography, TravelTimes
from facilityplan.config.centres import AttributeFloor
from facilityplan.config.schema import Config
from facilityplan.config.works import moves
from facilityplan.domain.attributes import FIGURES, can_be_equipped, has_attribute, of_kinds, with_moved
from facilityplan.domain.kinds import HOSPITAL_KINDS, FacilityKind, Status
from facilityplan.domain.sites import is_permanent
from facilityplan.inputs.tables import Inputs
from facilityplan.network.types import SnappedPoints


def times_to_hospitals(config: Config, inputs: Inputs, geography: Geography) -> dict[str, TravelTimes]:
    """Return, by the mode of any service, villages × township and county hospitals, places they may relocate to
    included, up to 240 min."""
    rows = np.flatnonzero(of_kinds(inputs.facilities, tuple(sorted(HOSPITAL_KINDS))) & _may_stand(config, inputs))
    return {mode: travel_times(geography.networks[mode], geography.villages[mode],
                               _take(geography.facilities[mode], rows), HORIZON_DS)
            for mode in sorted({service.mode for service in config.rules.centres})}


def times_between_sub_centres(config: Config, inputs: Inputs, geography: Geography) -> TravelTimes | None:
    """Return township hospitals, places they may relocate to included, × themselves; None where no spread is asked."""
    rule = config.rules.sub_centres
    if rule.min_minutes_apart is None or rule.max_count == 0:
        return None
    hospital = of_kinds(inputs.facilities, (FacilityKind.TOWNSHIP_HOSPITAL,)) & _may_stand(config, inputs)
    points = _take(geography.facilities[rule.mode], np.flatnonzero(hospital))
    return travel_times(geography.networks[rule.mode], points, points, HORIZON_DS)


def times_to_attributes(config: Config, inputs: Inputs, geography: Geography) -> dict[str, TravelTimes]:
    """Return, for each attribute floor that counts people, cells × sites that have it or may be given it."""
    return {floor.id: _attribute_times(floor, config, inputs, geography)
            for floor in config.rules.attributes if floor.count == "people" and floor.mode is not None}


def _attribute_times(floor: AttributeFloor, config: Config, inputs: Inputs, geography: Geography) -> TravelTimes:
    table, mode = with_moved(inputs.facilities, floor.column, moves(config)), floor.mode
    kinds = of_kinds(table, floor.kinds)
    has = has_attribute(table, floor.column, floor.value, floor.at_least)
    counted = kinds & (has if floor.equip_cny is None else has | can_be_equipped(table, has))
    if floor.column in FIGURES and config.rules.works:
        counted = kinds  # works may lift any
    return ladder_times(geography.networks[mode], geography.cells[mode], geography.facilities[mode], counted,
                        is_permanent(table, moves(config)) & has)


def _may_stand(config: Config, inputs: Inputs) -> np.ndarray:
    """Facilities that exist, and places to which a work may relocate a hospital (bool by row)."""
    places = {place for found in moves(config).values() for place in found}
    existing = inputs.facilities["status"] != Status.CANDIDATE
    return (existing | inputs.facilities["id"].isin(places)).to_numpy(bool)


def _take(points: SnappedPoints, rows: np.ndarray) -> SnappedPoints:
    return SnappedPoints(**{name: getattr(points, name)[rows] for name in points.__dataclass_fields__})
