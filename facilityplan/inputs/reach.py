"""Can everybody reach a road? Faults for sites, notes for people and villages; and a hint of shifted coordinates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from facilityplan.config.schema import Config
from facilityplan.errors import Fault
from facilityplan.inputs.findings import Findings, fault, some
from facilityplan.inputs.tables import RoadTable

FAR_M = 5_000.0


def used_modes(config: Config) -> list[str]:
    """Return the ids of the modes that the plan travels by, each once, in the config's order."""
    wanted = [s.mode for s in config.standards]
    if config.rules.sub_centres.max_count > 0:
        wanted.append(config.rules.sub_centres.mode)
    if config.rules.consortia is not None:
        wanted.append(config.rules.consortia.mode)
    wanted += [service.mode for service in config.rules.centres]
    wanted += [floor.mode for floor in config.rules.attributes if floor.mode is not None]
    return [m for m in dict.fromkeys(wanted) if m in config.modes]


def usable_edges(config: Config, roads: RoadTable) -> np.ndarray:
    """Return which edges (bool) some mode of the plan may use."""
    classes = {c for m in used_modes(config) for c in config.modes[m].speeds_kmh}
    return roads.edges["road_class"].isin(classes).to_numpy(bool) if classes else np.ones(len(roads.edges), dtype=bool)


def check_usable_roads(config: Config, roads: RoadTable) -> list[Fault]:
    """no_usable_road: a mode may use none of the roads, mostly because the classes are written otherwise."""
    have = roads.edges["road_class"].value_counts()
    faults = []
    for mode in used_modes(config):
        classes = config.modes[mode].speeds_kmh
        if not have.index.isin(list(classes)).any():
            faults.append(fault(
                "no_usable_road", f"出行方式 {mode} 没有可用的道路；文件中的等级：{some(sorted(have.index))}",
                f"the mode {mode} may use none of the roads; the classes in the file are: {some(sorted(have.index))}",
                f"把道路等级写成 OSM 的 highway 值，或在 modes.{mode}.speeds_kmh 中给出速度",
                f"write road classes as OSM highway values, or give them a speed under modes.{mode}.speeds_kmh",
                file=config.inputs.roads.file, field=f"modes.{mode}.speeds_kmh"))
    return faults


def note_unused_classes(config: Config, roads: RoadTable, findings: Findings) -> None:
    """Note road classes that no mode of the plan may use."""
    idle = roads.edges[~usable_edges(config, roads)]
    if len(idle):
        km = idle.groupby("road_class")["length_m"].sum() / 1000
        listed = [f"{name} {length:,.0f} km" for name, length in km.items()]
        findings.note(f"没有出行方式使用的道路等级：{some(listed)}", f"road classes that no mode uses: {some(listed)}")


def metres_to_road(xy: np.ndarray, geometry: np.ndarray) -> np.ndarray:
    """Return the distance of each point (n, 2) to the nearest line: exact beyond FAR_M, an upper bound below it."""
    distance = cKDTree(shapely.get_coordinates(geometry)).query(xy)[0]
    far = np.flatnonzero(distance > FAR_M)  # the nearest vertex is far: the line itself may still be near
    if len(far):
        points = shapely.points(xy[far])
        tree = shapely.STRtree(geometry)
        nearest = tree.nearest(points)
        distance[far] = shapely.distance(points, geometry[nearest])
    return distance


def check_reach(config: Config, roads: RoadTable, cells: pd.DataFrame, villages: pd.DataFrame,
                facilities: pd.DataFrame, place: Callable[[str], dict[str, object]], findings: Findings) -> None:
    """Report sites (faults), villages and people (notes) that are more than 5 km from any usable road."""
    if not findings.extend(check_usable_roads(config, roads)):
        return
    note_unused_classes(config, roads, findings)
    geometry = roads.edges.geometry.to_numpy()[usable_edges(config, roads)]
    findings.extend(check_sites_near_road(
        facilities, metres_to_road(facilities[["x", "y"]].to_numpy(float), geometry), place))
    far = metres_to_road(villages[["x", "y"]].to_numpy(float), geometry) > FAR_M
    if far.any():
        findings.note(f"{far.sum()} 个村离道路超过 5 km：{some(villages['name'][far])}",
                      f"{far.sum()} villages are more than 5 km from any road: {some(villages['name'][far])}")
    away = metres_to_road(cells[["x", "y"]].to_numpy(float), geometry) > FAR_M
    if away.any():
        people = cells["people"][away].sum()
        findings.note(f"{away.sum():,} 个需求单元（{people:,.0f} 人）离道路超过 5 km",
                      f"{away.sum():,} cells ({people:,.0f} people) are more than 5 km from any road")


def check_sites_near_road(facilities: pd.DataFrame, metres: np.ndarray, place: Callable[[str], dict[str, object]]
                          ) -> list[Fault]:
    """far_from_road: a facility or candidate site is more than 5 km from any road that may be used."""
    return [fault("far_from_road", f"离最近的道路 {metres[i] / 1000:,.1f} km",
                  f"is {metres[i] / 1000:,.1f} km from the nearest road", "检查坐标，或补全道路数据",
                  "check its coordinates, or complete the roads", **place(facilities["id"].iloc[i]))
            for i in np.flatnonzero(metres > FAR_M)]
