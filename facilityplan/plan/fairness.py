"""`metrics.fairness`: how unevenly time is shared before and after, for each standard that the config asks it of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from facilityplan.access.types import Access, TravelTimes
from facilityplan.config.fairness import standards_asked
from facilityplan.config.schema import Config
from facilityplan.config.works import moves
from facilityplan.domain.fairness import KP_UNIT, MEASURES, dead_sites
from facilityplan.inputs.tables import Inputs
from facilityplan.model.evaluate_fairness import in_minutes, measure_value
from facilityplan.model.gather_fairness import curve_for, kappa_of
from facilityplan.plan.assigned import Assigned, Travel
from facilityplan.units import DECISECONDS_PER_MINUTE, HORIZON_MIN, PEOPLE_SCALE, minutes_whole, people_tenths

HORIZON_DS = HORIZON_MIN * DECISECONDS_PER_MINUTE


def fairness_figures(
    config: Config, inputs: Inputs, access: Access, travels: list[Travel]
) -> dict[str, dict[str, Any]]:
    """Return by standard id the people counted and left out and every measure in minutes, before and after.

    Empty where no stage and no limit asks for fairness. Minutes are None where nobody has a way.
    """
    blocks = {}
    moved_to = {place for places in moves(config).values() for place in places}
    dead = set(inputs.facilities["id"][dead_sites(inputs.facilities, moved_to)])
    for name, kappa in standards_asked(config).items():
        (travel,) = (t for t in travels if t.standard.id == name)
        weight = people_tenths(travel.weight)
        way = _has_way(access.cells[name], dead) & (weight > 0)
        minutes = {"before": _charged(travel.before), "after": _charged(travel.after)}
        served = way & (travel.before.ds <= HORIZON_DS)
        chosen = kappa_of(kappa, weight[served], minutes["before"][served])
        curve = curve_for(0, chosen, weight[way], minutes["before"][way])
        people = int(weight[way].sum())
        block: dict[str, Any] = {
            "people": people / PEOPLE_SCALE, "people_without_way": int(weight[~way].sum()) / PEOPLE_SCALE}
        for measure in MEASURES:
            for when, m in minutes.items():
                value = measure_value(measure, weight[way], m[way], curve)
                shown = in_minutes(measure, value, people, curve) if people else None
                block[f"{measure.removesuffix('_minutes')}_minutes_{when}"] = shown
        blocks[name] = block | {"kappa": float(chosen), "kappa_straight_from_min": curve.bend,
                                "kolm_pollak_unit": curve.divisor / KP_UNIT}
    return blocks


def _charged(side: Assigned) -> np.ndarray:
    return np.minimum(minutes_whole(side.ds).astype(np.int64), HORIZON_MIN)


def _has_way(times: TravelTimes, dead: Collection[str]) -> np.ndarray:
    """Cells with some counted site within the horizon, open or not, that is none of ``dead`` (bool)."""
    cells = len(times.origin_ids)
    nearest = np.full(cells, HORIZON_DS + 1, dtype=np.int64)
    filled = np.flatnonzero(np.diff(times.indptr) > 0)
    if len(filled):
        counts = ~np.isin(times.site_ids.astype(str), list(dead))[times.site]
        ds = np.where(counts, times.ds.astype(np.int64), HORIZON_DS + 1)
        nearest[filled] = np.minimum.reduceat(ds, times.indptr[:-1][filled])
    return nearest <= HORIZON_DS
