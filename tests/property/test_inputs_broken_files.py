"""Damaged files end in faults or in tables, never in another error: random bytes changed, cut or slipped in."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "inputs"))

import osmium
from inputs_county import County
from inputs_files import NODES, WAYS, road_frame, village_frame, write_osm

from facilityplan.errors import FaultyInput

SLIPPED_IN = (b",,,", b'"', b"\n", b"-1", b"1e309", b"NaN", b"null", b"9" * 30, b"{}", b"[]", b"\x00", b"\xff\xfe",
              "村".encode(), b"<a>", b"Infinity")
OSM = {"villages": {"osm_places": ["village"], "township": "nearest_hospital"},
       "facilities": {"osm_tags": {"amenity=clinic": "township_hospital"}}}
# file to damage: (config section, file that the config names)
FILES = {"boundary.geojson": ("boundary", None), "roads.geojson": ("roads", None), "r.gpkg": ("roads", None),
         "r.shp": ("roads", None), "r.dbf": ("roads", "r.shp"), "r.shx": ("roads", "r.shp"), "x.osm": ("roads", None),
         "x.osm.pbf": ("roads", None), "people.tif": ("people", None), "villages.csv": ("villages", None),
         "v.dbf": ("villages", "v.shp"), "v.gpkg": ("villages", None), "facilities.csv": ("facilities", None),
         "osm objects": (None, "x.osm"), "pbf objects": (None, "x.osm.pbf")}


def build(root: Path) -> County:
    county = County(root)
    road_frame().to_file(root / "r.gpkg")
    road_frame().to_file(root / "r.shp")
    villages = village_frame().rename(columns={"编号": "id", "乡镇": "township"})
    villages.to_file(root / "v.shp")
    villages.to_file(root / "v.gpkg")
    write_osm(county, "x.osm", NODES, WAYS, {1: {"amenity": "clinic"}, 9: {"place": "village"}})
    with osmium.SimpleWriter(str(root / "x.osm.pbf")) as out:
        for thing in osmium.FileProcessor(str(root / "x.osm")):
            out.add(thing)
    return county


def damage(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 5, 20])):
        at = dice.randrange(len(changed)) if changed else 0
        what = dice.random()
        if what < 0.5 and changed:
            changed[at] = dice.randrange(256)
        elif what < 0.65:
            del changed[at:at + dice.randrange(1, 30)]
        elif what < 0.9:
            changed[at:at] = dice.choice(SLIPPED_IN)
        else:
            del changed[at:]
    return bytes(changed)


def campaign(root: Path, seed: int, rounds: int) -> None:
    county, dice = build(root), random.Random(seed)
    config = json.dumps(county.config)
    for number in range(rounds):
        name = list(FILES)[number % len(FILES)]
        section, file = FILES[name]
        county.config = json.loads(config)
        if section is None:
            for key, more in OSM.items():
                county.inputs[key] = {"file": file, **more}
        else:
            county.inputs[section]["file"] = file or name
        path = root / (file if section is None else name)
        whole = path.read_bytes()
        path.write_bytes(damage(whole, dice))
        try:
            county.read()
        except FaultyInput as error:
            assert error.faults
        finally:
            path.write_bytes(whole)


def test_damaged_files_end_in_faults():
    with tempfile.TemporaryDirectory() as folder:
        campaign(Path(folder), seed=7, rounds=4 * len(FILES))


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_damaged_files_end_in_faults(seed: int):
    with tempfile.TemporaryDirectory() as folder:
        campaign(Path(folder), seed, rounds=300)
