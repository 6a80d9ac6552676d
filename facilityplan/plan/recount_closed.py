"""Which edges are closed, found once more for the verifier from the config's points, piece by piece."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from facilityplan.config.schema import Config
from facilityplan.inputs.tables import RoadTable

BESIDE_M = 30.0  # pieces of bridge whose middle lies so near another piece are the same bridge


def closed_edges(config: Config, roads: RoadTable) -> frozenset[int]:
    """Return the edges that ``config.inputs.roads.closed`` closes: whole bridges, or single pieces of road."""
    found: set[int] = set()
    if not config.inputs.roads.closed:
        return frozenset()
    to_county = pyproj.Transformer.from_crs("EPSG:4326", config.county.crs, always_xy=True)
    lines = roads.edges.geometry.to_numpy()
    is_bridge = roads.edges["bridge"].to_numpy(bool)
    for one in config.inputs.roads.closed:
        here = shapely.Point(*to_county.transform(one.lon, one.lat))
        metres = shapely.distance(lines, here)
        if one.what == "bridge":
            metres = np.where(is_bridge, metres, np.inf)
        edge = int(np.argmin(metres))
        found |= _bridge_with(roads, edge) if one.what == "bridge" else {edge}
    return frozenset(found)


def _bridge_with(roads: RoadTable, edge: int) -> set[int]:
    """Return all pieces of the bridge that ``edge`` is part of: one piece after another, until none is left to join."""
    rows = np.flatnonzero(roads.edges["bridge"].to_numpy(bool))
    lines = roads.edges.geometry.to_numpy()[rows]
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    ends = roads.edges[["u", "v"]].to_numpy()[rows]
    todo = [int(np.flatnonzero(rows == edge)[0])]
    reached = set(todo)
    while todo:
        k = todo.pop()
        meets = np.isin(ends, ends[k]).any(axis=1)
        beside = np.minimum(shapely.distance(lines, middles[k]), shapely.distance(lines[k], middles)) <= BESIDE_M
        new = set(np.flatnonzero(meets | beside).tolist()) - reached
        reached |= new
        todo += sorted(new)
    return {int(rows[k]) for k in reached}
