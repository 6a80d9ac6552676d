from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from sample_plan import sample

from facilityplan.render import palette
from facilityplan.render.areas import areas_map
from facilityplan.render.lines import pack_area
from facilityplan.render.territories import dissolve, territories


@pytest.fixture(scope="module")
def one():
    return sample(villages=25, townships=5, cells=700, road_edges=40)


def test_territories_fill_the_county_without_overlap_and_hold_their_people(one):
    inputs = one.inputs
    town = dict(zip(inputs.villages["id"], inputs.villages["township"], strict=True))
    areas = dissolve(territories(inputs, town), {name: name for name in town.values()}, inputs.boundary)
    assert set(areas) == set(town.values())
    assert sum(area.area for area in areas.values()) == pytest.approx(inputs.boundary.area, rel=1e-6)
    for a, b in itertools.combinations(areas.values(), 2):
        assert shapely.intersection(a, b).area < 1.0
    cells = inputs.cells
    owner = cells["village"].map(town)
    inside = np.zeros(len(cells), bool)
    for name, area in areas.items():
        inside |= (owner == name).to_numpy() & shapely.contains_xy(area, cells["x"], cells["y"])
    assert (cells["people"][inside].sum() / cells["people"].sum()) > 0.9  # all but what smoothing and bins blur


def test_the_order_of_cells_and_villages_changes_nothing(one):
    from dataclasses import replace

    town = dict(zip(one.inputs.villages["id"], one.inputs.villages["township"], strict=True))
    turned = replace(one.inputs, cells=one.inputs.cells.iloc[::-1].reset_index(drop=True))
    first, second = territories(one.inputs, town), territories(turned, dict(reversed(town.items())))
    assert list(first) == list(second)
    assert all(first[name].equals_exact(second[name], 0) for name in first)


def test_nobody_and_one_unit_alone(one):
    assert territories(one.inputs, {}) == {}
    alone = territories(one.inputs, dict.fromkeys(one.inputs.villages["id"], "all"))
    assert dissolve(alone, {"all": "x"}, one.inputs.boundary)["x"].equals(one.inputs.boundary)


def test_the_page_gets_people_and_townships_of_each_catchment(one):
    plan = one.plan
    rows = {key: k for k, key in enumerate(plan.facilities["id"])}
    got = areas_map(plan, one.inputs, rows)
    for row, colour, heads, townships, outline in got["catchments"]:
        mine = plan.villages[plan.villages["catchment_of"] == plan.facilities["id"][row]]
        assert heads == round(mine["people"].sum()) and townships == sorted(set(mine["township"]))
        assert colour in palette.CATCHMENT_LINES and len(outline) > 10
    assert got["consortia"] == [] and set(got["township_areas"]) == set(plan.villages["township"])


def test_changes_fall_into_the_classes_of_the_plan_s_own_table():
    before = np.array([10, 10, 10, 10, 10, 10, 10, np.nan, np.nan, 10])
    after = np.array([9.9, 10, 12, 12.01, 15, 20, 20.01, 3, np.nan, np.nan])
    keys = list(palette.CHANGE_COLOURS)
    got = [keys[k - 1] for k in palette.classify_change(before, after)]
    assert got == ["nearer", "same", "up_to_2", "up_to_5", "up_to_5", "up_to_10", "over_10", "gained", "none", "lost"]


def test_specks_of_an_area_are_left_out_where_asked():
    big = shapely.box(480_000, 3_370_000, 490_000, 3_380_000)
    holed = big.difference(shapely.box(481_000, 3_371_000, 481_100, 3_371_100)) \
        .difference(shapely.box(484_000, 3_374_000, 486_000, 3_376_000)).union(shapely.box(495_000, 3_370_000, 495_050,
                                                                                          3_370_050))
    whole = pack_area(holed, "EPSG:4549", tolerance_m=1.0)
    calm = pack_area(holed, "EPSG:4549", tolerance_m=1.0, smallest_m2=150_000.0)
    kept = pack_area(big.difference(shapely.box(484_000, 3_374_000, 486_000, 3_376_000)), "EPSG:4549", tolerance_m=1.0)
    assert abs(len(calm) - len(kept)) < 4 and len(calm) < len(whole) - 20  # rings may begin elsewhere
    assert pack_area(shapely.box(0, 0, 10, 10), "EPSG:4549", tolerance_m=1.0, smallest_m2=150_000.0) == ""
