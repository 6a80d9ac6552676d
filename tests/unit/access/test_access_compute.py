"""What compute_access hands on: ladders that are complete where they must be, today, sub-centres, adjacency."""

import numpy as np
import pytest
from access_helpers import make_config, make_inputs, random_county, road_table

from facilityplan.access import compute_access, nearest_after, prepare_geography, travel_times
from facilityplan.access.geography import island_notes
from facilityplan.access.types import HORIZON_DS
from facilityplan.domain.sites import is_permanent
from facilityplan.units import UNREACHABLE_DS

SUB_CENTRES = {"sub_centres": {"min_count": 1, "max_count": 2, "mode": "drive"}}


def rows(times):
    return [list(zip(times.site[a:b].tolist(), times.ds[a:b].tolist(), strict=True))
            for a, b in zip(times.indptr, times.indptr[1:], strict=False)]


def test_only_modes_in_use_are_prepared():
    inputs = random_county(0, nodes=60, cells=5)
    assert list(prepare_geography(make_config(), inputs).networks) == ["ebike", "walk"]
    geography = prepare_geography(make_config(**SUB_CENTRES), inputs)
    assert list(geography.networks) == list(geography.cells) == list(geography.villages) == ["ebike", "walk", "drive"]
    assert geography.facilities["drive"].ids.tolist() == inputs.facilities["id"].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_ladders_hold_every_pair_up_to_the_first_permanent_site_and_no_other(seed):
    config, inputs = make_config(), random_county(seed)
    geography = prepare_geography(config, inputs)
    access = compute_access(config, inputs, geography)
    for standard in config.standards:
        mode = standard.mode
        every = travel_times(geography.networks[mode], geography.cells[mode], geography.facilities[mode], 10**9)
        counted = inputs.facilities["kind"].isin([str(k) for k in standard.kinds]).to_numpy()
        permanent = is_permanent(inputs.facilities)
        for have, row in zip(rows(access.cells[standard.id]), rows(every), strict=True):
            row = [(j, ds) for j, ds in row if counted[j]]
            first = min((ds for j, ds in row if permanent[j]), default=UNREACHABLE_DS)
            assert have == [(j, ds) for j, ds in row if ds <= min(first, HORIZON_DS)]
    assert access.cells["circle"].site_ids.tolist() == inputs.facilities["id"].tolist()
    assert access.cells["circle"].origin_ids.tolist() == inputs.cells["cell"].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_the_ladder_finds_the_nearest_open_site_whatever_closes(seed):
    config, inputs = make_config(), random_county(seed)
    geography = prepare_geography(config, inputs)
    access = compute_access(config, inputs, geography)
    rng = np.random.default_rng(seed)
    for _ in range(5):
        is_open = is_permanent(inputs.facilities) | (rng.random(len(inputs.facilities)) < 0.3)
        wanted = nearest_after(inputs, geography, config.standards[0], set(inputs.facilities["id"][is_open]))
        for row, ds, site in zip(rows(access.cells["circle"]), wanted.ds, wanted.site, strict=True):
            first = next(((j, t) for j, t in row if is_open[j]), None)
            assert first == ((site, ds) if ds <= HORIZON_DS else None)


def test_today_leaves_out_candidates_clinics_without_a_doctor_and_other_kinds():
    roads = road_table([(0, 0), (1000, 0)], [(0, 1, "primary", False, [])])
    inputs = make_inputs(roads, [(500, 0)], {"v": (0, 0)}, {
        "a": ((500, 0), "village_clinic", {"doctors": 0}), "b": ((510, 0), "station", {"status": "candidate"}),
        "c": ((530, 0), "village_clinic", {"doctors": None}), "d": ((900, 0), "county_hospital")})

    def today(config, standard):
        access = compute_access(config, inputs, prepare_geography(config, inputs))
        return inputs.facilities["id"][access.today[standard].site[0]]

    assert today(make_config(), "circle") == "c"
    assert today(make_config(), "foot") == "d"
    assert today(make_config(doctors={"open_without_doctor": True}), "circle") == "a"
    assert today(make_config(doctors=None), "circle") == "a"


def test_ties_go_to_the_smallest_id():
    roads = road_table([(0, 0), (500, 0), (1000, 0)], [(0, 1, "primary", False, []), (1, 2, "primary", False, [])])
    sites = {"b": ((0, 0), "station"), "a": ((1000, 0), "station"), "c": ((500, 500), "station")}
    config, inputs = make_config(), make_inputs(roads, [(500, 0)], {"v": (0, 0)}, sites)
    access = compute_access(config, inputs, prepare_geography(config, inputs))
    assert inputs.facilities["id"][access.today["circle"].site[0]] == "a"
    assert [inputs.facilities["id"][j] for j, _ in rows(access.cells["circle"])[0]] == ["a", "b", "c"]


def test_beyond_and_unreachable_are_told_apart_and_never_cut_off():
    far = 200_000  # at 20 km/h: ten hours
    roads = road_table([(0, 0), (far, 0), (0, 900), (50, 900)], [(0, 1, "primary", False, []),
                                                                (2, 3, "primary", False, [])])
    inputs = make_inputs(roads, [(0, 0), (0, 900)], {"v": (0, 0)}, {"h": ((far, 0), "county_hospital")})
    config = make_config()
    access = compute_access(config, inputs, prepare_geography(config, inputs))
    assert access.today["circle"].ds.tolist() == [360_000, UNREACHABLE_DS]
    assert access.today["circle"].site.tolist() == [0, -1]
    assert rows(access.cells["circle"]) == [[], []]


def test_times_between_sites_reach_an_hour_or_the_host_limit():
    for limit, minutes in ((15, 60), (90, 90)):
        config, inputs = make_config(hosts={"limit_min": limit}), random_county(1, nodes=100, cells=3)
        access = compute_access(config, inputs, prepare_geography(config, inputs))
        assert access.sites.cutoff_ds == minutes * 600
        assert access.sites.origin_ids.tolist() == access.sites.site_ids.tolist() == inputs.facilities["id"].tolist()


def test_sub_centres_are_asked_for_by_car_from_villages_to_township_hospitals():
    inputs = random_county(2)
    off = make_config()
    assert compute_access(off, inputs, prepare_geography(off, inputs)).to_sub_centres is None
    config = make_config(**SUB_CENTRES)
    geography = prepare_geography(config, inputs)
    times = compute_access(config, inputs, geography).to_sub_centres
    assert times.mode == "drive"
    assert times.site_ids.tolist() == ["h0", "h1", "h2", "h3"]
    assert times.origin_ids.tolist() == inputs.villages["id"].tolist()
    every = travel_times(geography.networks["drive"], geography.villages["drive"], geography.facilities["drive"], 10**9)
    hospitals = np.flatnonzero(inputs.facilities["kind"] == "township_hospital").tolist()
    assert rows(times) == [[(hospitals.index(j), ds) for j, ds in row if j in hospitals] for row in rows(every)]


def test_people_and_sites_on_roads_cut_off_from_the_rest_are_named():
    roads = road_table([(0, 0), (1000, 0), (2000, 0), (0, 900), (50, 900)],
                       [(0, 1, "primary", False, []), (1, 2, "primary", False, []), (3, 4, "primary", False, [])])
    sites = {"h": ((0, 0), "county_hospital"), "lost": ((40, 950), "station")}
    config, inputs = make_config(), make_inputs(roads, [(0, 0), (0, 800), (10, 900)], {"v": (0, 0)}, sites)
    notes = island_notes(config, inputs, prepare_geography(config, inputs))
    assert len(notes) == 2  # by e-bike and on foot
    assert "1 parts" in notes[0].en and "2 cells (2 people)" in notes[0].en and "1 facilities (lost)" in notes[0].en
    assert "2 个需求单元" in notes[0].zh and "lost" in notes[0].zh
    whole = make_inputs(roads, [(0, 0)], {"v": (0, 0)}, {"h": ((0, 0), "county_hospital")})
    assert island_notes(config, whole, prepare_geography(config, whole)) == ()
