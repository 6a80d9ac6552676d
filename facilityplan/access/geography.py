"""Networks by mode, and everything that stands on them."""

from __future__ import annotations

from facilityplan.access.types import Geography
from facilityplan.config.schema import Config
from facilityplan.inputs.tables import Inputs
from facilityplan.network.graph import build_network
from facilityplan.network.snapping import Joints, RoadIndex, join, usable_edges


def modes_used(config: Config) -> tuple[str, ...]:
    """Return the ids of the modes that the plan travels by, in order: the standards', then the sub-centres'."""
    modes = [standard.mode for standard in config.standards]
    if sub_centres_on(config):
        modes.append(config.rules.sub_centres.mode)
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
