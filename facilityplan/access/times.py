"""Travel times between points: within a cutoff as sparse pairs, and to the nearest site without any cutoff."""

from __future__ import annotations

import numpy as np

from facilityplan.access.types import HORIZON_DS, NearestTimes, TravelTimes
from facilityplan.network.kernels import NO_STATE
from facilityplan.network.search import nearest_from_states, node_states, pairs_within
from facilityplan.network.types import RoadNetwork, SnappedPoints
from facilityplan.units import UNREACHABLE_DS


def travel_times(network: RoadNetwork, origins: SnappedPoints, sites: SnappedPoints, cutoff_ds: int) -> TravelTimes:
    """Return every pair whose travel time, person to site, is at most ``cutoff_ds``; exact integer deciseconds."""
    cutoff = min(int(cutoff_ds), int(UNREACHABLE_DS) - 1)
    every = np.ones(len(sites.edge), dtype=bool)
    indptr, site, ds = pairs_within(network, origins, sites, every, _full(len(origins.edge), cutoff),
                                    _full(len(network.node_xy), cutoff))
    return TravelTimes(network.mode, cutoff, origins.ids, sites.ids, indptr, site, ds)


def ladder_times(network: RoadNetwork, origins: SnappedPoints, sites: SnappedPoints, counted: np.ndarray,
                 permanent: np.ndarray) -> TravelTimes:
    """Return each origin's pairs with ``counted`` sites up to its first ``permanent`` one, ties included (both bool).

    Where there is none within 240 min, pairs up to 240 min. Searches stop at nodes that have a permanent site nearer
    than the one searched from: no wanted route leads through them, because whoever passes there would sooner reach the
    permanent site. So the work grows with the pairs kept, not with origins × sites.
    """
    first = counted & permanent
    states = node_states(network, sites, first)
    node_limit = np.where(states == NO_STATE, HORIZON_DS, np.minimum(states >> 32, HORIZON_DS)).astype(np.int32)
    nearest_first, _ = nearest_from_states(network, origins, sites, first, states)
    origin_limit = np.minimum(nearest_first, HORIZON_DS).astype(np.int32)
    indptr, site, ds = pairs_within(network, origins, sites, counted, origin_limit, node_limit)
    return TravelTimes(network.mode, HORIZON_DS, origins.ids, sites.ids, indptr, site, ds)


def nearest(network: RoadNetwork, origins: SnappedPoints, sites: SnappedPoints, is_open: np.ndarray) -> NearestTimes:
    """Return each origin's nearest open site (``is_open``: bool by site), never cut off; ties to the first."""
    is_open = np.asarray(is_open, dtype=bool)
    return NearestTimes(*nearest_from_states(network, origins, sites, is_open, node_states(network, sites, is_open)))


def _full(count: int, value: int) -> np.ndarray:
    return np.full(count, value, dtype=np.int32)
