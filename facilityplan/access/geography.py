"""Networks by mode, and everything that stands on them."""

from __future__ import annotations

from facilityplan.access.types import Geography
from facilityplan.config.clauses import measures_of
from facilityplan.config.schema import Config
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.network.graph import build_network
from facilityplan.network.snapping import Joints, RoadIndex, join, on_islands, usable_edges


def modes_used(config: Config) -> tuple[str, ...]:
    """Return the ids of the modes that the plan travels by: the standards', sub-centres', leads', that of staff, those
    of services, attributes and clauses."""
    modes = [standard.mode for standard in config.standards]
    if sub_centres_on(config):
        modes.append(config.rules.sub_centres.mode)
    if config.rules.consortia is not None:
        modes.append(config.rules.consortia.mode)
    if config.rules.modes.from_hospitals:
        modes.append(config.rules.modes.travel_mode)
    modes += [service.mode for service in config.rules.centres]
    modes += [floor.mode for floor in config.rules.attributes if floor.mode is not None]
    modes += [m.mode for m in measures_of(config.clauses) if m.mode is not None]
    return tuple(dict.fromkeys(modes))


def sub_centres_on(config: Config) -> bool:
    """Return whether sub-centres are chosen at all: both counts 0 switch the block off."""
    return config.rules.sub_centres.max_count > 0 or config.rules.sub_centres.min_count > 0


def prepare_geography(config: Config, inputs: Inputs) -> Geography:
    """Build the network of every mode in use and join cells, facilities and villages to it.

    Modes that may use the same roads share one search for the nearest road.
    """
    facilities, villages = inputs.facilities, inputs.villages
    layers = {
        "cells": (inputs.cells[["x", "y"]].to_numpy(float), inputs.cells["cell"].to_numpy()),
        "facilities": (facilities.geometry.get_coordinates().to_numpy(), facilities["id"].to_numpy(object)),
        "villages": (villages.geometry.get_coordinates().to_numpy(), villages["id"].to_numpy(object)),
    }
    networks, points = {}, {name: {} for name in layers}
    located: dict[bytes, dict[str, Joints]] = {}
    for mode in modes_used(config):
        network = networks[mode] = build_network(inputs.roads, mode, config.modes[mode])
        usable = usable_edges(network)
        key = usable.tobytes()
        if key not in located:
            index = RoadIndex(inputs.roads, usable)
            located[key] = {name: index.locate(xy) for name, (xy, _) in layers.items()}
        for name, (_, ids) in layers.items():
            points[name][mode] = join(network, located[key][name], ids)
    return Geography(networks, points["cells"], points["facilities"], points["villages"])


def island_notes(config: Config, inputs: Inputs, geography: Geography) -> tuple[Text, ...]:
    """Return what planners must know of roads that hang together with no others: people and sites that joined them.

    A point joins its nearest usable road even where that is a scrap of the map; whoever lives there reaches only what
    stands on the same scrap. One note for each mode that has such people or sites.
    """
    notes = []
    for mode, network in geography.networks.items():
        cells = on_islands(network, geography.cells[mode])
        people = float(inputs.cells["people"].to_numpy(float)[cells].sum())
        sites = sorted(inputs.facilities["id"].to_numpy(object)[on_islands(network, geography.facilities[mode])])
        parts = int(network.component.max(initial=-1))
        if cells.any() or sites:
            listed = "、".join(sites[:8]) or "无", ", ".join(sites[:8]) or "none"
            name = config.modes[mode]
            notes.append(Text(
                f"{name.name}：路网有 {parts} 处孤立路段，{cells.sum():,} 个需求单元（{people:,.0f} 人）"
                f"和 {len(sites)} 个机构（{listed[0]}）最近的道路在其上，只能到达同一路段上的机构；请检查道路是否断开",
                f"{name.name_en}: {parts} parts of the road network are cut off from the rest; {cells.sum():,} cells "
                f"({people:,.0f} people) and {len(sites)} facilities ({listed[1]}) are nearest to them and reach only "
                f"what stands on the same part; check whether the roads are broken there"))
    return tuple(notes)
