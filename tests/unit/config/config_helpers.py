"""A small config to bend, and the faults that loading it gives."""

from __future__ import annotations

from pathlib import Path

from facilityplan.config import LoadedConfig, load_config
from facilityplan.errors import Fault, FaultyInput

SMALL = """\
schema_version: 1
county:
  name: 测试县
  name_en: Test County
  code: 010101
  crs: EPSG:4549
  data_basis: synthetic
inputs:
  boundary: {file: b.geojson}
  roads: {file: roads.gpkg}
  people: {file: people.tif, share_65: 0.16}
  villages: {file: villages.csv}
  facilities: {file: facilities.csv}
"""


def write(folder: Path, text: str) -> Path:
    """Write a config file."""
    path = folder / "c.yaml"
    path.write_text(text, "utf-8")
    return path


def load(folder: Path, more: str = "", *, small: str = SMALL, **arguments) -> LoadedConfig:
    """Load the small config with lines added."""
    return load_config(write(folder, small + more), **arguments)


def faults(folder: Path, more: str = "", *, small: str = SMALL, **arguments) -> list[Fault]:
    """Return the faults of the small config with lines added; empty where it loads."""
    try:
        load(folder, more, small=small, **arguments)
    except FaultyInput as error:
        return list(error.faults)
    return []
