"""Configs: the schema, a strict loader with line numbers, scenarios, norms (cited data), and their display."""

from facilityplan.config.json_schema import json_schema
from facilityplan.config.loader import LoadedConfig, list_scenarios, load_config, load_configs, placed
from facilityplan.config.salvage import untold, usable_part
from facilityplan.config.schema import Config
from facilityplan.config.show import show_config
from facilityplan.config.tree import Origin

__all__ = ["Config", "LoadedConfig", "Origin", "json_schema", "list_scenarios", "load_config", "load_configs",
           "placed", "show_config", "untold", "usable_part"]
