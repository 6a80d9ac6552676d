"""Periodic contact: who is visited where, on how many days, how far people go to it, and its figures in `metrics`.

Never counted as full-time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facilityplan.access import nearest
from facilityplan.access.types import Geography, NearestTimes
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import ServiceMode
from facilityplan.inputs.tables import Inputs
from facilityplan.network.types import SnappedPoints
from facilityplan.plan.assigned import Travel, assigned
from facilityplan.plan.metrics import weighted_mean

FULL_WEEK = 7
PERIODIC = (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR)


class Visited(NamedTuple):
    """A place that staff come to."""

    village: str
    row: int  # of the facilities for an old clinic, of the villages for a village that never had one
    is_clinic: bool


def visited_places(inputs: Inputs, decisions: Decisions) -> list[Visited]:
    """Return every place that is visited periodically: old clinics in order of id, then villages."""
    rows = {v: row for row, v in enumerate(inputs.villages["id"])}
    clinics = [
        Visited(village, row, is_clinic=True)
        for row, (i, village) in enumerate(zip(inputs.facilities["id"], inputs.facilities["village"], strict=True))
        if i in decisions.sites and decisions.sites[i].service in PERIODIC
    ]
    return clinics + [Visited(v, rows[v], is_clinic=False) for v in sorted(decisions.visits)]


def periodic_minutes(
    inputs: Inputs, geography: Geography, mode: str, place: Visited, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (minutes, people) of the cells ``rows`` to a visited place; NaN beyond the horizon or without a way."""
    points = (geography.facilities if place.is_clinic else geography.villages)[mode]
    only = np.zeros(len(points.edge), dtype=bool)
    only[place.row] = True
    times = nearest(geography.networks[mode], _take(geography.cells[mode], rows), points, only)
    return assigned(times).minutes, inputs.cells["people"].to_numpy(float)[rows]


def with_visits(geography: Geography, mode: str, after: np.ndarray, places: list[Visited]) -> np.ndarray:
    """Return each cell's deciseconds to a full-time site (``after``) or to any visited place, whichever is nearer."""
    best = after.astype(np.int64)
    for points, rows in (
        (geography.facilities[mode], [p.row for p in places if p.is_clinic]),
        (geography.villages[mode], [p.row for p in places if not p.is_clinic]),
    ):
        if rows:
            visited = np.zeros(len(points.edge), dtype=bool)
            visited[rows] = True
            found: NearestTimes = nearest(geography.networks[mode], geography.cells[mode], points, visited)
            best = np.minimum(best, found.ds.astype(np.int64))
    return best


def days_of(config: Config) -> dict[ServiceMode, int]:
    """Return the days a week with a doctor in the village, by service mode; none where the mode is not offered."""
    rules = config.rules.modes
    days = {ServiceMode.KEEP: FULL_WEEK, ServiceMode.POSTED: FULL_WEEK}
    if rules.circuit is not None:
        days[ServiceMode.CIRCUIT] = rules.circuit.days_per_week
    if rules.neighbour is not None:
        days[ServiceMode.NEIGHBOUR] = rules.neighbour.days_per_week
    return days


class PeriodicMinutes:
    """Mean minutes of a village's people to the place in it that is visited: its old clinic, else its own point."""

    def __init__(self, inputs: Inputs, geography: Geography, mode: str) -> None:
        self._inputs, self._geography, self._mode = inputs, geography, mode
        self._sites = {i: row for row, i in enumerate(inputs.facilities["id"])}
        self._villages = {v: row for row, v in enumerate(inputs.villages["id"])}

    def __call__(self, mode: ServiceMode, clinic: str | None, village: str, rows: np.ndarray) -> float | None:
        """Return the minutes of a village whose cells are ``rows``; None where nobody comes or nobody has a figure."""
        if mode not in PERIODIC:
            return None
        row = self._villages[village] if clinic is None else self._sites[clinic]
        place = Visited(village, row, is_clinic=clinic is not None)
        return weighted_mean(*periodic_minutes(self._inputs, self._geography, self._mode, place, rows))


def mode_metrics(
    config: Config, inputs: Inputs, geography: Geography, decisions: Decisions, travel: Travel, villages: pd.DataFrame
) -> dict[str, Any]:
    """Return the figures of `metrics` that exist only where modes beside keep and merge are offered."""
    if not config.rules.modes.on:
        return {}
    made = [d.service for d in decisions.sites.values()]
    within = with_visits(geography, travel.standard.mode, travel.after.ds, visited_places(inputs, decisions))
    rules = config.rules.modes
    return {
        "people_within_circle_periodic_after": float(travel.weight[within <= 600 * travel.standard.limit_min].sum()),
        "villages_by_mode": {str(m): int((villages["mode"] == m).sum()) for m in ServiceMode},
        **{f"clinics_{m}": sum(s is m for s in made) for m in (*PERIODIC, ServiceMode.POSTED)},
        "villages_visited": len(decisions.visits),
        "circuit_teams": sum(d.teams for d in decisions.sites.values()),
        "posted_doctors": sum(s is ServiceMode.POSTED for s in made) * (rules.posted.staff if rules.posted else 0),
    }


def _take(points: SnappedPoints, rows: np.ndarray) -> SnappedPoints:
    return SnappedPoints(**{name: getattr(points, name)[rows] for name in points.__dataclass_fields__})
