"""Travel times, nearest sites, circles and adjacency: who reaches what, and how soon."""

from facilityplan.access.adjacency import village_adjacency
from facilityplan.access.compute import compute_access, nearest_after
from facilityplan.access.geography import prepare_geography
from facilityplan.access.outlines import circle_outline
from facilityplan.access.times import nearest, travel_times
from facilityplan.access.types import Access, Geography, NearestTimes, TravelTimes

__all__ = ["Access", "Geography", "NearestTimes", "TravelTimes", "circle_outline", "compute_access", "nearest",
           "nearest_after", "prepare_geography", "travel_times", "village_adjacency"]
