"""Traps of roads, people, time, tables and configs that were measured (design/traps.md), each with its sentence."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "inputs"))
sys.path.insert(0, str(Path(__file__).parent / "access"))

from access_helpers import WALK, make_inputs, road_table
from inputs_county import County, lonlat
from inputs_files import NODES, WAYS, village_frame, write_osm

import facilityplan
from facilityplan import runfolder
from facilityplan.access.times import nearest, travel_times
from facilityplan.access.types import HORIZON_DS
from facilityplan.network.graph import build_network
from facilityplan.network.snapping import snap
from facilityplan.runfolder import RunFolder

PACKAGE = Path(facilityplan.__file__).parent


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(tmp_path)


def walk_min(metres: float) -> float:
    return metres / 1000 / WALK.off_road_kmh * 60


# --- roads --------------------------------------------------------------------------------------------------------


def test_islands_of_an_osm_file_are_kept(county: County):
    """`graph_from_xml` drops islands by default; pyrosm … silently keeps the largest part only."""
    nodes = NODES | {20: (200, 5500), 21: (900, 5500)}
    write_osm(county, "x.osm", nodes, WAYS | {30: ([20, 21], {"highway": "tertiary"})})
    county.inputs["roads"] = {"file": "x.osm"}
    edges = county.read().roads.edges
    island = edges[(edges["road_class"] == "tertiary") & edges["length_m"].between(690, 710)]
    assert len(island) == 1


def test_no_reader_goes_through_osmnx_for_files():
    """osmnx has no PBF reader; `graph_from_xml` drops islands by default."""
    for path in sorted((PACKAGE / "inputs").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [
                node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.split(".")[0] in ("osmnx", "pyrosm", "quackosm")], path


def straight_road(cells, sites):
    roads = road_table([(0, 0), (3000, 0)], [(0, 1, "residential", False, [])])
    inputs = make_inputs(roads, cells, {"v": (0, 0)}, {k: (xy, "village_clinic") for k, xy in sites.items()})
    network = build_network(inputs.roads, "walk", WALK)
    here = snap(network, inputs.roads, np.asarray(cells, float), np.arange(len(cells)))
    there = snap(network, inputs.roads, np.array([sites[k] for k in sorted(sites)], float), np.array(sorted(sites)))
    return network, here, there


def test_the_way_to_the_road_is_charged_at_both_ends_at_the_travellers_speed():
    """Charging nothing for the way from the house to the road raised or hid access …. Always charge it."""
    network, here, there = straight_road([(500, 450)], {"a": (1500, -300)})
    got = nearest(network, here, there, np.ones(1, bool)).ds / 600
    on_road = walk_min(1000) * WALK.off_road_kmh / WALK.speeds_kmh["residential"]
    assert got == pytest.approx([walk_min(450) + on_road + walk_min(300)], abs=0.01)


def test_the_walk_is_charged_where_house_and_clinic_share_an_edge():
    """A cell and a facility on the same edge need their own case; the way to the road is charged there too."""
    network, here, there = straight_road([(1000, 450)], {"a": (1000, 450), "b": (1200, 0)})
    times = travel_times(network, here, there, HORIZON_DS)
    minutes = dict(zip(times.site_ids[times.site], times.ds / 600, strict=True))
    assert minutes["a"] == pytest.approx(2 * walk_min(450), abs=0.01)
    assert minutes["b"] == pytest.approx(
        walk_min(450) + walk_min(200) * WALK.off_road_kmh / WALK.speeds_kmh["residential"], abs=0.01)


def test_snapping_leaves_the_network_as_it_is():
    """Never split edges to snap: store (edge, fraction, walk) and take the cheaper end."""
    network, here, _ = straight_road([(100, 50), (900, 50)], {"a": (1500, 0)})
    assert len(network.node_xy) == 2 and len(network.edge_uv) == 1
    assert here.edge.tolist() == [0, 0] and here.fraction == pytest.approx([100 / 3000, 900 / 3000])
    assert here.walk_m == pytest.approx([50, 50])


def test_nodes_stand_in_the_order_of_their_places(county: County):
    """Node order matters: bounded searches on a province are 3.4 times faster in Hilbert order than in random order."""
    nodes = county.read().roads.nodes
    assert (np.lexsort((nodes["y"], nodes["x"])) == np.arange(len(nodes))).all()


# --- people and places --------------------------------------------------------------------------------------------


def test_no_data_never_makes_negative_people(county: County):
    """WorldPop marks "no data" as −99999, sometimes untagged: summed, it makes negative people."""
    bands = np.full((1, 16, 16), 10.0, dtype="float32")
    bands[0, 5, 5] = -99999.0
    county.raster(bands)
    people = county.read().cells["people"]
    assert people.min() > 0 and people.sum() == pytest.approx(10 * 143)
    bands[0, 6, 6] = -12.0
    county.raster(bands)
    assert county.codes() == ["negative_people"]


def test_swapped_coordinates_of_sites_are_refused(county: County):
    """Swapped latitude and longitude … all produce a plausible map."""
    lon, lat = lonlat(4500, 1500)
    county.facilities([f"c0,室,village_clinic,00,{lat},{lon},1,"])
    assert any(f.file == "facilities.csv" for f in county.faults())


def test_a_wrong_crs_is_refused(county: County):
    """A wrong CRS … produces a plausible map."""
    county.raster(crs="EPSG:4548")  # the neighbouring zone: 100 km and more away
    assert {f.file for f in county.faults()} == {"people.tif"}


def test_rare_characters_survive_a_shapefile_or_stop_it(county: County):
    """GeoDataFrame shapefiles in GBK lose rare characters without an error; `.cpg` may be missing."""
    village_frame().to_file(county.root / "v.shp", encoding="gb18030")
    (county.root / "v.cpg").unlink()
    county.inputs["villages"] = {"file": "v.shp", "columns": {"id": "编号", "township": "乡镇"}}
    assert county.codes() == ["wrong_encoding"]
    county.inputs["villages"]["encoding"] = "gb18030"
    assert "村䶮甲" in county.read().villages["name"].tolist()


# --- files --------------------------------------------------------------------------------------------------------

RASTER_ELSEWHERE = """<VRTDataset rasterXSize="16" rasterYSize="16"><VRTRasterBand dataType="Float32" band="1">
<SimpleSource><SourceFilename relativeToVRT="1">real.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"""
LAYER_ELSEWHERE = """<OGRVRTDataSource><OGRVRTLayer name="r">
<SrcDataSource relativeToVRT="1">real.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


@pytest.mark.parametrize(("key", "name", "content"), [
    ("people", "people.tif", RASTER_ELSEWHERE), ("roads", "roads.geojson", LAYER_ELSEWHERE),
    ("roads", "roads.gpkg", LAYER_ELSEWHERE), ("boundary", "boundary.geojson", LAYER_ELSEWHERE),
    ("villages", "v.shp", LAYER_ELSEWHERE)])
def test_a_file_that_points_to_another_is_not_followed(county: County, key: str, name: str, content: str):
    """Read rasters by window with a driver allow-list …; no URLs or virtual paths in configs."""
    source = county.root / county.inputs[key]["file"]
    (county.root / f"real{source.suffix}").write_bytes(source.read_bytes())
    (county.root / name).write_text(content)
    for part in (".dbf", ".shx"):
        (county.root / name).with_suffix(part).write_bytes(b"")
    county.inputs[key]["file"] = name
    found = county.faults()
    assert found and {f.file for f in found} <= {name, Path(name).with_suffix(".dbf").name,
                                                  Path(name).with_suffix(".shx").name}


def test_every_raster_is_opened_with_a_named_driver():
    """Read rasters by window with a driver allow-list."""
    opened = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "rasterio.open":
                opened += 1
                assert "driver" in {k.arg for k in node.keywords}, f"{path}:{node.lineno}"
    assert opened


def test_every_file_reaches_the_disk_before_the_folder_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A process killed mid-write leaves a broken workbook …: write beside, fsync, rename."""
    events: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(number: int) -> None:
        events.append("fsync")
        sync(number)

    def noted_rename(path: Path, target: Path) -> Path:
        events.append("rename")
        return rename(path, target)

    monkeypatch.setattr(runfolder.os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    with RunFolder(tmp_path / "run").replacing() as target:
        assert target != tmp_path / "run" and target.parent == tmp_path
        for name in ("map.html", "plan.xlsx", "manifest.json"):
            (target / name).write_text("{}")
    assert events == ["fsync"] * 3 + ["rename", "fsync"], "files, then the rename, then the folder that holds it"


def test_the_manifest_is_written_last():
    """The manifest last: it holds the digest of everything else, and nothing is written after it."""
    written = ast.parse((PACKAGE / "workflow.py").read_text("utf-8"))
    blocks = [node for node in ast.walk(written)
              if isinstance(node, ast.With) and "replacing" in ast.unparse(node.items[0])]
    assert len(blocks) == 2  # run and assess
    for block in blocks:
        assert "manifest" in ast.unparse(block.body[-1])
        assert not any("manifest" in ast.unparse(line) for line in block.body[:-1])


def test_no_config_or_table_is_read_by_the_unsafe_loaders():
    """YAML: … duplicate keys win silently, merge-key bombs hang the loader; a pickle in a table runs."""
    banned = {"yaml.load", "yaml.safe_load", "yaml.full_load", "yaml.unsafe_load", "pd.read_pickle", "eval", "exec",
              "np.load"}
    ours = {"config/show.py", "demo/place.py"}  # a single word that we write ourselves, a file of the package
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name == "yaml.safe_load" and path.relative_to(PACKAGE).as_posix() in ours:
                    continue
                assert name not in banned, f"{path}:{node.lineno}: {name}"
