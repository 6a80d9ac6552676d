"""A generated county hangs together: totals, ownership of cells, roads that meet, facilities that stand somewhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from facilityplan.demo import generate, load_place
from facilityplan.demo.settlements import whole_shares
from facilityplan.demo.statistics import graph_of
from facilityplan.domain.columns import FACILITIES, ROADS, VILLAGES, names


def cell_centres(county):
    xs, ys = county.terrain.centres()
    lived_in = county.people > 0
    return np.c_[xs[lived_in], ys[lived_in]], lived_in


def test_census_totals_are_hit(county):
    place = county.place
    assert county.people.sum() == place.people == county.villages["people"].sum()
    assert county.people_65.sum() == place.people_65 == county.villages["people_65"].sum()
    assert county.villages.loc[county.villages.kind == "village", "people"].sum() == place.people_rural
    assert (county.people_65 <= county.people).all() and (county.people_65 >= 0).all()
    assert (county.villages["people"] > 0).all()
    assert not county.people[~county.terrain.inside].any() and not county.people[county.terrain.wet].any()


def test_every_cell_belongs_to_the_nearest_unit_as_written(county):
    """A reader who assigns cells to the nearest point of villages.csv gets exactly its people."""
    villages = county.villages
    points = gpd.GeoSeries(gpd.points_from_xy(villages.lon, villages.lat), crs=4326).to_crs(county.place.crs)
    xy, lived_in = cell_centres(county)
    nearest = cKDTree(shapely.get_coordinates(points.values)).query(xy)[1]
    people = np.bincount(nearest, weights=county.people[lived_in], minlength=len(villages))
    assert np.abs(people - villages["people"].to_numpy()).max() < 0.5
    assert (nearest == county.unit[lived_in]).all()


def test_tables_follow_the_declaration(county):
    assert set(names(VILLAGES)) <= set(county.villages.columns)
    assert set(names(FACILITIES)) <= set(county.facilities.columns)
    assert set(names(ROADS)) <= set(county.roads.columns)
    for table, columns in ((county.villages, VILLAGES), (county.facilities, FACILITIES), (county.roads, ROADS)):
        for column in columns:
            assert column.nullable or table[column.name].notna().all(), column.name
            if column.choices:
                assert set(table[column.name]) <= {str(c) for c in column.choices}, column.name
    assert county.villages["id"].is_monotonic_increasing and county.villages["id"].is_unique
    assert county.facilities["id"].is_monotonic_increasing and county.facilities["id"].is_unique


def test_roads_that_meet_share_a_vertex(county):
    lines = county.roads.geometry.values
    assert (shapely.get_type_id(lines) == 1).all() and shapely.is_simple(lines).all()
    a, b = shapely.STRtree(lines).query(lines, predicate="intersects")
    a, b = a[a < b], b[a < b]
    meeting = shapely.intersection(lines[a], lines[b])
    for side in (a, b):  # they meet at ends of both, exactly
        assert shapely.covers(shapely.multipoints([[shapely.get_point(g, 0), shapely.get_point(g, -1)]
                                                   for g in lines[side]]), meeting).all()
    assert len(a) > len(lines)  # the check saw meetings at all


def test_every_road_can_be_reached_and_left(county):
    graph = graph_of(county.roads.geometry.values)
    one_way = county.roads["oneway"].to_numpy()[graph.line]
    tail, head = np.r_[graph.u, graph.v[~one_way]], np.r_[graph.v, graph.u[~one_way]]
    n = len(graph.xy)
    parts, _ = connected_components(coo_matrix((np.ones(len(tail)), (tail, head)), shape=(n, n)), directed=True,
                                    connection="strong")
    assert parts == 1
    assert graph.length.min() > 3


def test_water_is_crossed_on_bridges_only(county):
    roads, water = county.roads, county.terrain.barrier  # gullies are crossed in the same way
    wet = roads.intersection(water).length
    assert wet[~roads["bridge"]].max() <= 1.0
    assert (wet[roads["bridge"]] > 5).all() and roads["bridge"].sum() >= 3
    assert roads.geometry.within(county.place.outline.buffer(1)).all()


def test_one_way_streets_exist_and_are_few(deqing):
    streets = deqing.roads[deqing.roads.road_class == "residential"]
    assert 0.002 < streets["oneway"].mean() < 0.05
    assert not deqing.roads.loc[deqing.roads.road_class != "residential", "oneway"].any()


def test_facilities_stand_in_their_village(county):
    place, table = county.place, county.facilities
    township = county.villages.set_index("id")["township"]
    clinics = table[table.kind.isin(["village_clinic", "station"])]
    assert (clinics["village"].map(township) == clinics["township"]).all()
    assert table["village"].isin(township.index).all()
    gap = np.hypot(*(clinics[["x", "y"]].to_numpy()
                     - county.villages.set_index("id").loc[clinics["village"], ["x", "y"]].to_numpy()).T)
    assert gap.max() < 2500
    inside = shapely.contains_xy(place.outline.buffer(60), table["x"], table["y"])
    assert inside.all()
    to_road = shapely.STRtree(county.roads.geometry.values).query_nearest(
        shapely.points(table[["x", "y"]].to_numpy()), all_matches=False, return_distance=True)[1]
    assert to_road.max() < 80  # 40 m from the point, and the bend there is rounded


def test_doctors_posts_and_attributes(county):
    table = county.facilities
    clinics = table[table.kind.isin(["village_clinic", "station"])]
    public = clinics[clinics.ownership == "public"]
    assert (table["doctors"] <= table["posts"]).all() and (table["doctors_60_plus"] <= table["doctors"]).all()
    assert (clinics["floor_area_m2"] >= 60).all() and clinics["floor_area_m2"].max() < 500
    assert (clinics["posts"] >= 1).all() and clinics["posts"].max() <= 5
    vacant = public["posts"].sum() - public["doctors"].sum()
    assert vacant == round(0.075 * public["posts"].sum())
    by_town = public.groupby("township")[["posts", "doctors"]].sum()
    share = vacant / public["posts"].sum()
    assert (abs(by_town["posts"] - by_town["doctors"] - share * by_town["posts"]) <= 1 + 1e-9).all()
    villages = county.villages.set_index("id")["people"]
    village_clinics = public[public.kind == "village_clinic"]
    per_post = county.place.family.people_per_post
    assert (village_clinics["posts"] == np.maximum(1, (villages[village_clinics["village"]].to_numpy() / per_post)
                                                   .round()).clip(max=5)).all()
    hospital = (table.kind == "township_hospital") & (table.status == "existing")
    assert table.loc[hospital, ["beds", "level", "doctors"]].notna().all().all()
    assert table.loc[clinics.index, ["beds", "level"]].isna().all().all()
    assert (clinics["ownership"] == "private").sum() == county.place.private_stations + county.place.private_tcm
    private_tcm = (clinics["ownership"] == "private") & clinics["name"].str.startswith("示范中医诊所")
    assert private_tcm.sum() == county.place.private_tcm and clinics.loc[private_tcm, "tcm"].all()
    assert clinics["smart"].sum() == county.place.smart
    assert clinics["tcm"].sum() == county.place.tcm + county.place.private_tcm


def test_clinics_carry_aliases_but_for_the_named(deqing):
    table = deqing.facilities
    clinics = table[table.kind.isin(["village_clinic", "station"])]
    named = {n.name: n.unit for n in deqing.place.named_clinics}
    assert set(named) == {"祥和社区卫生服务站", "永兴社区卫生服务站", "新塘村卫生室", "水北村卫生室", "干村卫生室",
                          "审塘村卫生室", "新联村卫生室", "钟管村卫生室"}
    by_name = clinics.set_index("name")
    assert by_name.loc[list(named), "village"].tolist() == list(named.values())
    assert (by_name.loc[list(named), "ownership"] == "public").all()
    others = clinics[~clinics["name"].isin(named)]
    assert others["name"].str.fullmatch(r"示范(卫生室|服务站|民营诊所) [A-M]\d\d").all()
    assert table["name"].is_unique


def test_xiaoyi_names_hospitals_of_the_document_and_no_clinic(xiaoyi):
    table = xiaoyi.facilities
    clinics = table[table.kind.isin(["village_clinic", "station"])]
    assert clinics["name"].str.fullmatch(r"示范(卫生室|服务站|民营诊所|中医诊所) [A-P]\d\d").all()
    assert table["name"].is_unique
    assert {"兑镇中心卫生院", "下堡中心卫生院", "大孝堡中心卫生院", "下栅卫生院", "新义社区卫生服务中心",
            "振兴社区卫生服务中心", "中阳楼社区卫生服务中心", "孝义市中心医院", "孝义市中医院"} <= set(table["name"])
    tcm = table[table["consortium"] == "中医医共体"]
    assert set(tcm.loc[tcm.kind.isin(["township_hospital", "county_hospital"]), "name"]) == {
        "孝义市中医院", "大孝堡中心卫生院", "振兴社区卫生服务中心", "中阳楼社区卫生服务中心"}


def test_loess_rises_from_east_to_west_and_gullies_cut_it(xiaoyi):
    terrain = xiaoyi.terrain
    height = terrain.elevation[terrain.inside]
    assert (round(height.min()), round(height.max())) == (731, 1716)
    xs, _ = terrain.centres()
    assert np.corrcoef(xs[terrain.inside], height)[0, 1] < -0.8
    assert 0.3 < terrain.gullies.length / 2000 / (terrain.inside.sum() / 100) < 2  # km of gully per km2
    assert not xiaoyi.people[terrain.wet].any()
    crossing = xiaoyi.roads.geometry.intersects(terrain.gullies)
    assert 60 < (crossing & xiaoyi.roads["bridge"]).sum() < 300


def unit_neighbours(county) -> set[tuple[int, int]]:
    """Pairs of units whose ground (nearest unit, in the county) shares a cell border."""
    xs, ys = county.terrain.centres()
    owner = cKDTree(county.villages[["x", "y"]].to_numpy()).query(np.c_[xs.ravel(), ys.ravel()])[1].reshape(xs.shape)
    owner = np.where(county.terrain.inside, owner, -1)
    pairs = np.concatenate([np.c_[owner[:, :-1].ravel(), owner[:, 1:].ravel()],
                            np.c_[owner[:-1].ravel(), owner[1:].ravel()]])
    pairs = np.unique(np.sort(pairs[(pairs >= 0).all(axis=1)], axis=1), axis=0)
    return {(a, b) for a, b in pairs.tolist() if a != b}


def test_named_mergers_are_between_neighbours(deqing):
    position = {i: k for k, i in enumerate(deqing.villages["id"])}
    touching = unit_neighbours(deqing)
    for group in {n.group for n in deqing.place.named_clinics}:
        members = [position[n.unit] for n in deqing.place.named_clinics if n.group == group]
        todo, seen = {members[0]}, set()
        while todo:
            here = todo.pop()
            seen.add(here)
            todo |= {m for m in members if (min(here, m), max(here, m)) in touching} - seen
        assert seen == set(members), f"group {group} does not hang together"


def test_consortia_are_contiguous(county):
    touching = unit_neighbours(county)
    of = county.villages["consortium"].tolist()
    for consortium in sorted(set(of)):
        mine = [k for k, c in enumerate(of) if c == consortium]
        inner = [(a, b) for a, b in touching if of[a] == of[b] == consortium]
        graph = coo_matrix((np.ones(len(inner)), tuple(zip(*inner, strict=True))), shape=(len(of), len(of)))
        part = connected_components(graph, directed=False)[1]
        assert len({part[k] for k in mine}) == 1, consortium


def test_no_village_lies_round_another_towns_seat(county):
    seats = np.array([t.seat for t in county.place.towns])
    units = county.villages
    nearest_unit = cKDTree(units[["x", "y"]].to_numpy()).query(seats)[1]
    assert units["township"].to_numpy()[nearest_unit].tolist() == [t.name for t in county.place.towns]
    hospitals = county.facilities[county.facilities.kind == "township_hospital"]
    assert (hospitals["village"].map(units.set_index("id")["township"]) == hospitals["township"]).all()


def test_same_seed_same_county_another_seed_another(small):
    place = load_place("small")
    np.random.seed(3)  # the generator must neither read nor change the global state
    before = np.random.get_state()[1].copy()
    again, other = generate(place, small.seed), generate(place, small.seed + 1)
    assert (np.random.get_state()[1] == before).all()
    pd.testing.assert_frame_equal(again.facilities, small.facilities)
    pd.testing.assert_frame_equal(again.villages, small.villages)
    assert again.roads.geometry.equals(small.roads.geometry) and (again.people == small.people).all()
    assert not other.villages["lon"].equals(small.villages["lon"])
    assert other.people.sum() == place.people


@pytest.mark.parametrize("total", [0, 1, 7, 100])
def test_whole_shares_sum_and_stay_close(total):
    weight = np.array([3.0, 1.0, 0.0, 2.5])
    shares = whole_shares(total, weight)
    assert shares.sum() == total
    assert (np.abs(shares - total * weight / weight.sum()) < 1).all()
