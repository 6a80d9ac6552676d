"""Roads as graphs by travel mode, points snapped onto them, shortest paths, and a bridge to networkx and osmnx."""

from facilityplan.network.graph import build_network
from facilityplan.network.snapping import snap
from facilityplan.network.types import RoadNetwork, SnappedPoints

__all__ = ["RoadNetwork", "SnappedPoints", "build_network", "snap"]
