"""From a place to its terrain, by family."""

from __future__ import annotations

import numpy as np

from facilityplan.demo.place import DemoPlace
from facilityplan.demo.terrain import Terrain
from facilityplan.demo.terrain_loess import make_loess
from facilityplan.demo.terrain_plain import make_plain
from facilityplan.demo.terrain_river import make_river_country

MAKERS = {"plain_water_hill": make_plain, "loess": make_loess, "river_mountain": make_river_country}


def make_terrain(place: DemoPlace, rng: np.random.Generator) -> Terrain:
    """Invent the terrain of a place, as its family asks."""
    return MAKERS[place.family_id](place, rng)
