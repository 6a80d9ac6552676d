"""Bad input: one clear error naming file, row, id and remedy; exit 1 or 3; no traceback; earlier results untouched."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from facilityplan.cli import main


def edit(path, old, new, count=1):
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, count), "utf-8-sig")


def drop_file(data):
    (data / "people.tif").unlink()


def break_file(data):
    (data / "people.tif").write_bytes(b"II*\x00 nothing of a raster")


def break_roads(data):
    (data / "roads.gpkg").write_bytes(b"not a database")


def wrong_crs(data):
    roads = gpd.read_file(data / "roads.gpkg").set_crs(4326, allow_override=True)
    (data / "roads.gpkg").unlink()
    roads.to_file(data / "roads.gpkg", layer="roads")


def swapped(data):
    path = data / "facilities.csv"
    lines = path.read_text("utf-8-sig").splitlines()
    header = lines[0].split(",")
    lon, lat = header.index("lon"), header.index("lat")
    header[lon], header[lat] = header[lat], header[lon]
    path.write_text("\n".join([",".join(header), *lines[1:]]), "utf-8-sig")


def people(change):
    def apply(data):
        with rasterio.open(data / "people.tif") as old:
            profile, bands = old.profile, old.read()
        change(bands, profile)
        with rasterio.open(data / "people.tif", "w", **profile) as new:
            new.write(bands)
    return apply


def negative(bands, profile):
    row, column = np.argwhere(bands[0] > 0)[0]
    bands[0, row, column] = -5


def untagged(bands, profile):
    bands[bands == profile["nodata"]] = -99999
    profile["nodata"] = None


def duplicate_id(data):
    edit(data / "villages.csv", "990001001201", "990001001200")


def unknown_village(data):
    edit(data / "facilities.csv", "990001001200", "990001999999")


def outside(data):
    path = data / "facilities.csv"
    text = path.read_text("utf-8-sig")
    lon = next(line for line in text.splitlines() if "C002" in line).split(",")[8]
    path.write_text(text.replace(lon, "121.5", 1), "utf-8-sig")


def empty_table(data):
    path = data / "villages.csv"
    path.write_text(path.read_text("utf-8-sig").splitlines()[0] + "\n", "utf-8-sig")


def no_roads(data):
    roads = gpd.read_file(data / "roads.gpkg")
    roads["road_class"] = "waterway"
    (data / "roads.gpkg").unlink()
    roads.to_file(data / "roads.gpkg", layer="roads")


FAULTS = {
    "missing file": (drop_file, "people.tif"), "broken raster": (break_file, "people.tif"),
    "broken roads": (break_roads, "roads.gpkg"), "wrong CRS": (wrong_crs, "roads.gpkg"),
    "swapped coordinates": (swapped, "facilities.csv"), "negative people": (people(negative), "people.tif"),
    "duplicate id": (duplicate_id, "990001001200"), "unknown village": (unknown_village, "990001999999"),
    "site outside the county": (outside, "C002"), "empty table": (empty_table, "villages.csv"),
    "no usable road": (no_roads, "roads.gpkg"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_clear_error(name, county, capsys):
    earlier = county / "maps" / "rules" / "recurrent_budget"
    earlier.mkdir(parents=True)
    (earlier / "manifest.json").write_text('{"files": {}}')
    spoil, word = FAULTS[name]
    spoil(county / "data" / "small")
    for lang in ("zh", "en"):
        assert main(["run", str(county / "configs" / "rules.yaml"), "--lang", lang]) == 1
        said = capsys.readouterr().err
        assert word in said
        assert "Traceback" not in said
        assert " — " in said, "no remedy"
    assert [p.name for p in earlier.iterdir()] == ["manifest.json"], "the earlier result was touched"
    assert (earlier / "manifest.json").read_text() == '{"files": {}}'


def test_the_untagged_no_data_value_is_known(county, capsys):
    """WorldPop's −99999 without a tag is no people, not minus a hundred thousand of them."""
    people(untagged)(county / "data" / "small")
    assert main(["check", str(county / "configs" / "rules.yaml"), "--lang", "en"]) in (0, 1)
    said = "".join(capsys.readouterr())
    assert "29,000 people" in said or "-99999" in said or "99999" in said


def test_an_impossible_target_names_the_rules_and_the_remedy(county, capsys):
    code = main(["run", str(county / "configs" / "rules.yaml"), "--lang", "en",
                 "--set", "rules.budget.recurrent_share_of_today=0.5"])
    said = capsys.readouterr().err
    assert code == 3
    assert "budget" in said and "Traceback" not in said


def said_by(county, capsys, *arguments, command="check"):
    code = main([command, str(county / "configs" / "rules.yaml"), "--lang", "en", *arguments])
    return code, capsys.readouterr().err


def test_faults_of_the_data_are_told_while_the_config_is_faulty(county, capsys):
    config = county / "configs" / "rules.yaml"
    edit(county / "data" / "small" / "villages.csv", "东湾镇", "")
    edit(config, "recurrent_share_of_today: 0.92", "recurent_share_of_today: 0.92")
    edit(config, "roads: {file", "roads: {fil")
    edit(config, "EPSG:4550", "EPSG:4326")
    code, said = said_by(county, capsys)
    assert code == 1 and said.startswith("5 faults")
    for word in ("recurrent_share_of_today", "inputs.roads.file", "no setting “fil”", "villages.csv:2 row 1",
                 "not a projected system"):
        assert word in said
    assert "crs" not in said.split("villages.csv:2")[1], "one fault told twice"


def test_a_fault_of_the_command_line_is_told_once_for_all_scenarios(county, capsys):
    code, said = said_by(county, capsys, "--set", "rules.hosts.limt=3")
    assert code == 1 and said.startswith("1 fault ")


def test_ids_that_a_scenario_names_are_looked_up_with_its_line(county, capsys):
    edit(county / "configs" / "rules.yaml", "required: [990001-T03]", "required: [990001-T99]")
    code, said = said_by(county, capsys)
    line = next(n for n, text in enumerate((county / "configs" / "rules.yaml").read_text().splitlines(), 1)
                if "T99" in text)
    assert code == 1 and f"rules.yaml:{line}:" in said and "990001-T01, 990001-T02, 990001-T03" in said


def test_rules_in_conflict_are_named_with_their_line(county, capsys):
    edit(county / "configs" / "rules.yaml", "recurrent_share_of_today: 0.92", "recurrent_share_of_today: 0.1")
    code, said = said_by(county, capsys, command="run")
    assert code == 3 and "rules.yaml:19:" in said and "field rules.budget" in said


@pytest.mark.parametrize("option", ["-o", "--data-root"])
def test_an_empty_folder_on_the_command_line_is_a_mistake(option, county, capsys):
    code, said = said_by(county, capsys, option, "", command="run")
    assert code == 2 and option in said


@pytest.mark.parametrize("content", ["[]", "[" * 100_000, "null", "{}", '{"config": []}'])
def test_a_manifest_of_nonsense_is_a_fault_of_the_folder_not_of_the_program(content, tmp_path, capsys):
    (tmp_path / "manifest.json").write_text(content)
    assert main(["verify", str(tmp_path), "--lang", "en"]) == 1
    assert "the manifest is missing or broken" in capsys.readouterr().err
