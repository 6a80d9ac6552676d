"""Terrain families: how people settle and how roads are built in a kind of country.

The defaults are those of the plain with hills beside it (Deqing), found on a prototype over 20 seeds. Every figure is
invented; what the outcome must look like is tested in tests/property/test_demo_realism.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Family:
    """Figures of one kind of country. ``hill`` in a name: where the terrain says hill, the rest is plain."""

    # Mesh: what an edge costs a road.
    slope_cost: float = 9.0  # per unit of grade
    high_from_m: float = 150.0  # metres above sea level from which height itself is dear
    high_per_m: float = 500.0  # and how many metres double the cost
    # Towns and villages.
    town_people_per_ha: float = 75.0
    hill_area: float = 1.45  # ground of a village in the hills, of one in the plain
    hill_size: float = 0.72  # people of a village in the hills, of one in the plain
    size_sigma: float = 0.58  # of log people
    like_from_m: float = 40.0  # rise above the valley up to which all ground is liked alike
    village_rise_m: float = 130.0  # rise beyond it that makes ground e times less liked, for villages
    hamlet_rise_m: float = 160.0  # the same for hamlets
    rise_in_plain: bool = False  # whether the rise counts in the plain too
    hamlet_people: float = 125.0
    hamlet_reach_m: tuple[float, float, float] = (520.0, 760.0, 1050.0)
    rural_people_per_cell: float = 22.0
    hill_65: float = 0.035  # more people of 65 and over in the hills, as a share
    # Roads.
    plain_gabriel: float = 0.95  # share of Gabriel pairs of villages that are joined
    hill_relative: float = 0.50  # share of relative neighbours that are joined in the hills
    village_over_water: float = 0.65  # chance that a road between villages may cross water
    plain_longest: float = 2.4  # cost of a road between villages at most, of the straight line
    hill_longest: float = 4.5
    hamlet_longest: float = 3000.0  # cost of a spur before it may cross water
    hamlet_two_ways: tuple[float, float] = (0.5, 0.15)  # chance of a second way, plain and hill
    lanes: tuple[float, float, float] = (0.55, 0.35, 0.10)  # chances of 0, 1, 2 lanes at a hamlet
    bridge_m: dict[str, float] = field(default_factory=lambda: {
        "trunk": 150.0, "primary": 150.0, "secondary": 250.0, "tertiary": 900.0, "unclassified": 2500.0})
    # Clinics.
    people_per_post: float = 1100.0
    people_per_post_in_town: float = 2600.0
    no_clinic: float = 0.09  # share of units without one


FAMILIES = {
    "plain_water_hill": Family(),
    # Loess hills cut by gullies: roads keep to ridges and valley floors, villages are small and cave dwellings compact.
    "loess": Family(
        slope_cost=8.0, high_from_m=900.0, high_per_m=1500.0, town_people_per_ha=105.0, hill_area=1.9, hill_size=0.78,
        like_from_m=60.0, village_rise_m=120.0, hamlet_rise_m=110.0, hamlet_people=170.0,
        hamlet_reach_m=(380.0, 560.0, 800.0), plain_gabriel=0.75, hill_relative=0.42, hill_longest=6.0,
        hamlet_two_ways=(0.4, 0.08),
        bridge_m={"trunk": 150.0, "primary": 200.0, "secondary": 300.0, "tertiary": 700.0, "unclassified": 1500.0},
        people_per_post_in_town=4200.0, no_clinic=0.18),
    # Plain along a great river, hills and mountains behind it: villages and roads follow the valleys.
    "river_mountain": Family(
        slope_cost=12.0, high_from_m=150.0, high_per_m=400.0, town_people_per_ha=80.0, hill_area=1.7, hill_size=0.80,
        like_from_m=25.0, village_rise_m=45.0, hamlet_rise_m=60.0, hamlet_people=105.0,
        hamlet_reach_m=(600.0, 900.0, 1300.0), plain_gabriel=0.80, hill_relative=0.45, hill_longest=5.5),
}
