"""The drawn circle obeys the rule of the matrix."""

import numpy as np
import pytest
import shapely
from access_helpers import make_config, make_inputs, random_county, road_table

from facilityplan.access import circle_outline, nearest, prepare_geography
from facilityplan.access.outlines import outline_of
from facilityplan.network import snap


def test_points_inside_the_outline_are_within_the_limit_and_others_are_not():
    config, inputs = make_config(), random_county(3)
    geography = prepare_geography(config, inputs)
    standard = config.standards[1]
    outline = circle_outline(config, inputs, geography, standard, {"h0", "h1", "h2", "c00"}, step_m=100)
    assert outline.is_valid
    assert inputs.boundary.buffer(1e-6).covers(outline)
    xy = np.random.default_rng(0).random((30_000, 2)) * 9000
    network = geography.networks["walk"]
    sites = geography.facilities["walk"]
    is_open = np.isin(sites.ids, ["h0", "h1", "h2"])  # c00 is of a kind that does not count
    ds = nearest(network, snap(network, inputs.roads, xy, np.arange(30_000)), sites, is_open).ds
    wrong = shapely.contains_xy(outline, *xy.T) != (ds <= 9000)
    assert 0.02 < (ds <= 9000).mean() < 0.5
    assert wrong.mean() < 0.02
    sampled = outline.intersection(shapely.box(0, 0, 9000, 9000))
    assert sampled.area / 81e6 == pytest.approx((ds <= 9000).mean(), rel=0.05)


def test_nobody_open_draws_nothing():
    config, inputs = make_config(), random_county(3)
    geography = prepare_geography(config, inputs)
    assert circle_outline(config, inputs, geography, config.standards[0], set()).is_empty


def test_a_single_road_draws_a_strip_along_it():
    roads = road_table([(0, 0), (20_000, 0)], [(0, 1, "primary", False, [])])
    config, inputs = make_config(), make_inputs(roads, [(0, 0)], {"v": (0, 0)}, {"s": ((10_000, 0), "station")})
    outline = circle_outline(config, inputs, prepare_geography(config, inputs), config.standards[0], {"s"}, step_m=50)
    # 15 min: 5 km by road at 20 km/h, or 1,125 m on foot at 4.5 km/h: a rhombus
    assert outline.geom_type == "Polygon"
    assert outline.area == pytest.approx(2 * 5000 * 1125, rel=0.01)
    assert outline.bounds == pytest.approx((5000, -1125, 15000, 1125), abs=120)


@pytest.mark.parametrize("seed", range(20))
def test_outlines_of_any_squares_are_valid_and_keep_their_area(seed):
    rng = np.random.default_rng(seed)
    inside = (rng.random((15, 12)) < rng.choice([0.2, 0.5, 0.8])).astype(np.uint8)
    outline = outline_of(inside, 1000.0, 2000.0, 10.0)
    assert outline.is_valid
    rows, columns = np.nonzero(inside)
    assert shapely.contains_xy(outline, 1005 + columns * 10.0, 2005 + rows * 10.0).all()
    rows, columns = np.nonzero(inside == 0)
    assert not shapely.contains_xy(outline, 1005 + columns * 10.0, 2005 + rows * 10.0).any()


def test_one_square_loses_half_and_a_large_block_next_to_nothing():
    assert outline_of(np.ones((1, 1), dtype=np.uint8), 0, 0, 10.0).area == pytest.approx(50)
    assert outline_of(np.ones((40, 40), dtype=np.uint8), 0, 0, 10.0).area == pytest.approx(160_000 - 50)
