"""One thing spoilt at a time: the code, the place, the id and both languages of each fault; then many at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from inputs_county import PIXEL, SIZE, SOUTH, VILLAGES, WEST, County, collection, feature, line, lonlat, ring

HEAD = "id,name,kind,township,lon,lat"
FAC = "id,name,kind,village,lon,lat,doctors,beds"
AT = [lonlat(*p) for p in VILLAGES]


def row(k: int = 0, **changed: object) -> str:
    values = {"id": f"0{k}", "name": "村", "kind": "village", "township": "甲乡",
    "lon": AT[k][0], "lat": AT[k][1]} | changed
    return ",".join(str(v) for v in values.values())


def site(k: int = 0, **changed: object) -> str:
    values = {"id": f"c{k}", "name": "室", "kind": "village_clinic", "village": f"0{k}",
              "lon": AT[k][0], "lat": AT[k][1],
              "doctors": 1, "beds": ""} | changed
    return ",".join(str(v) for v in values.values())


def villages(*rows: str, header: str = HEAD) -> Callable[[County], None]:
    return lambda c: c.villages(list(rows), header)


def facilities(*rows: str, header: str = FAC) -> Callable[[County], None]:
    return lambda c: c.facilities(list(rows), header)


def setting(path: str, value: object) -> Callable[[County], None]:
    def apply(c: County) -> None:
        *way, last = path.split(".")
        at = c.config
        for key in way:
            at = at[key]
        at[last] = value
    return apply


def both(*steps: Callable[[County], None]) -> Callable[[County], None]:
    return lambda c: [step(c) for step in steps] and None


def people(value: float, at: tuple[int, int] = (5, 5), **profile: object) -> Callable[[County], None]:
    def apply(c: County) -> None:
        bands = np.full((1, 16, 16), 10.0, dtype="float32")
        bands[0][at] = value
        c.raster(bands, **profile)
    return apply


def boundary(*features: dict) -> Callable[[County], None]:
    return lambda c: c.json("boundary.geojson", collection(*features))


def roads(*features: dict) -> Callable[[County], None]:
    return lambda c: c.json("roads.geojson", collection(*features))


def pairs(text: str) -> Callable[[County], None]:
    return both(lambda c: c.text("pairs.csv", text), setting("inputs.adjacency", {"file": "pairs.csv"}))


FOUR = [row(k) for k in range(4)]
OUT = lonlat(-3000, 3000)
CELL = str(5 * 16 + 5)
# name: (what is spoilt, expected (code, file, row, line, id) with None for "any")
SPOILT: dict[str, tuple[Callable[[County], None], tuple]] = {
    "missing file": (setting("inputs.villages.file", "nowhere.csv"), ("missing_file", "nowhere.csv", None, None, None)),
    "folder": (lambda c: (c.root / "d.csv").mkdir() or setting("inputs.villages.file", "d.csv")(c),
               ("missing_file", "d.csv", None, None, None)),
    "empty file": (lambda c: c.text("villages.csv", ""), ("broken_file", "villages.csv", None, None, None)),
    "broken geojson": (lambda c: c.text("roads.geojson", '{"type": "FeatureCollection", "features": ['),
                       ("broken_file", "roads.geojson", None, None, None)),
    "not json at all": (lambda c: c.text("roads.geojson", "<VRTDataset>"), ("broken_file", "roads.geojson",
    None, None, None)),
    "broken tif": (lambda c: c.text("people.tif", "II*\0garbage"), ("broken_file", "people.tif", None, None, None)),
    "not a tif": (lambda c: c.text("people.tif", "<VRTDataset/>"), ("broken_file", "people.tif", None, None, None)),
    "zip": (setting("inputs.roads.file", "roads.zip"), ("unsupported_format", "roads.zip", None, None, None)),
    "layer": (setting("inputs.roads.layer", "street"), ("missing_layer", "roads.geojson", None, None, None)),
    "gbk csv": (lambda c: c.villages(FOUR, HEAD, encoding="gb18030"), ("wrong_encoding", "villages.csv",
    None, 2, None)),
    "utf-8 said gbk": (setting("inputs.villages.encoding", "gb18030"), ("wrong_encoding", "villages.csv",
    None, None, None)),
    "no such encoding": (setting("inputs.villages.encoding", "klingon"), ("wrong_encoding", "villages.csv",
    None, None, None)),
    "codec not text": (setting("inputs.villages.encoding", "idna"), ("wrong_encoding", "villages.csv",
    None, None, None)),
    "geographic county crs": (setting("county.crs", "EPSG:4490"), ("geographic_crs", None, None, None, None)),
    "unknown county crs": (setting("county.crs", "EPSG:99999999"), ("bad_crs", None, None, None, None)),
    "feet": (setting("county.crs", "EPSG:2263"), ("crs_not_metres", None, None, None, None)),
    "crs of another place": (setting("county.crs", "EPSG:32738"), ("wrong_crs", None, None, None, None)),
    "unknown table crs": (setting("inputs.villages.crs", "EPSG:0"), ("bad_crs", None, None, None, None)),
    "raster without crs": (people(10.0, crs=None), ("missing_crs", "people.tif", None, None, None)),
    "out of range": (villages(*FOUR[:3], row(3, lon=500_000, lat=3_380_000)),
                     ("coordinates_out_of_range", "villages.csv", 4, 5, "03")),
    "all swapped": (villages(*[row(k, lon=AT[k][1], lat=AT[k][0]) for k in range(4)]),
                    ("swapped_coordinates", "villages.csv", None, None, None)),
    "one swapped": (villages(*FOUR[:3], row(3, lon=AT[3][1], lat=AT[3][0])),
                    ("swapped_coordinates", "villages.csv", 4, 5, "03")),
    "roads swapped": (roads(feature("LineString", [[30.55, 120.01], [30.56, 120.02]], road_class="tertiary")),
                      ("swapped_coordinates", "roads.geojson", None, None, None)),
    "outside": (facilities(site(0), site(1, lon=OUT[0], lat=OUT[1])), ("outside_county", "facilities.csv", 2, 3, "c1")),
    "all outside": (facilities(*[site(k, lon=OUT[0], lat=OUT[1]) for k in range(3)]),
                    ("outside_county", "facilities.csv", None, None, None)),
    "nan people": (people(np.nan), ("nan_people", "people.tif", None, None, CELL)),
    "infinite people": (people(np.inf), ("nan_people", "people.tif", None, None, CELL)),
    "negative people": (people(-3.0), ("negative_people", "people.tif", None, None, CELL)),
    "another nodata untagged": (people(-9999.0), ("negative_people", "people.tif", None, None, CELL)),
    "nobody": (lambda c: c.raster(np.zeros((1, 16, 16), dtype="float32")), ("no_people", "people.tif",
    None, None, None)),
    "no such band": (setting("inputs.people.band_65", 2), ("missing_band", "people.tif", None, None, None)),
    "raster elsewhere": (people(10.0, transform=(PIXEL, 0, WEST + 90_000, 0, -PIXEL, SOUTH)),
                         ("raster_outside_county", "people.tif", None, None, None)),
    "rotated": (people(10.0, transform=(PIXEL, 9, WEST, 9, -PIXEL, SOUTH + SIZE)),
                ("rotated_raster", "people.tif", None, None, None)),
    "older people unknown": (both(setting("inputs.people", {"file": "people.tif"}), setting("standards", [
        {"id": "old", "name": "老", "name_en": "old", "mode": "walk", "limit_min": 15, "group": "age65"}])),
        ("no_people_65", "people.tif", None, None, None)),
    "table rules without figures": (both(setting("inputs.people.rule", "table"), villages(*FOUR)),
                                    ("missing_value", "villages.csv", None, None, "00")),
    "duplicate village": (villages(*FOUR, row(2)), ("duplicate_id", "villages.csv", 5, 6, "02")),
    "duplicate facility": (facilities(site(0), site(1, id="c0")), ("duplicate_id", "facilities.csv", 2, 3, "c0")),
    "unknown village": (facilities(site(0), site(1, village="99")), ("unknown_village", "facilities.csv", 2, 3, "c1")),
    "unknown neighbour": (pairs("village_a,village_b\n00,01\n00,9\n"), ("unknown_village", "pairs.csv", 2, 3, None)),
    "own neighbour": (pairs("village_a,village_b\n00,00\n"), ("adjacent_to_itself", "pairs.csv", 1, 2, "00")),
    "header only": (villages(), ("empty_table", "villages.csv", None, None, None)),
    "empty column": (villages(*[row(k, township="") for k in range(4)]), ("empty_column", "villages.csv",
    None, None, None)),
    "empty cell": (villages(*FOUR[:3], row(3, township="")), ("missing_value", "villages.csv", 4, 5, "03")),
    "no id": (villages(*FOUR[:3], row(3, id="")), ("missing_value", "villages.csv", 4, 5, None)),
    "unknown kind": (facilities(site(0), site(1, kind="clinic")), ("unknown_value", "facilities.csv", 2, 3, "c1")),
    "unknown level": (facilities(site(0) + ",4", header=FAC + ",level"), ("unknown_value", "facilities.csv",
    1, 2, None)),
    "half a doctor": (facilities(site(0, doctors=1.5)), ("not_integer", "facilities.csv", 1, 2, "c0")),
    "doctors in words": (facilities(site(0, doctors="两名")), ("bad_number", "facilities.csv", 1, 2, None)),
    "nan doctors": (facilities(site(0, doctors="nan")), ("bad_number", "facilities.csv", 1, 2, None)),
    "negative doctors": (facilities(site(0, doctors=-1)), ("negative_number", "facilities.csv", 1, 2, None)),
    "negative beds": (facilities(site(0, beds=-1)), ("negative_number", "facilities.csv", 1, 2, None)),
    "more old doctors than doctors": (facilities(site(0) + ",3", header=FAC + ",doctors_60_plus"),
                                      ("part_exceeds_whole", "facilities.csv", 1, 2, "c0")),
    "more young doctors than doctors": (facilities(site(0) + ",2", header=FAC + ",doctors_under_40"),
                                        ("part_exceeds_whole", "facilities.csv", 1, 2, "c0")),
    "age groups add up to more than all": (
        facilities(site(0) + ",1,1", header=FAC + ",doctors_under_40,doctors_40_59"),
        ("ages_exceed_doctors", "facilities.csv", 1, 2, "c0")),
    "maybe": (facilities(site(0) + ",maybe", header=FAC + ",tcm"), ("bad_boolean", "facilities.csv", 1, 2, None)),
    "missing column": (villages(*FOUR, header="id,name,kind,乡镇,lon,lat"), ("missing_column", "villages.csv",
    None, None, None)),
    "renamed to nothing": (setting("inputs.villages.columns", {"township": "镇"}),
                           ("missing_column", "villages.csv", None, None, None)),
    "renaming what is not ours": (setting("inputs.villages.columns", {"towship": "township"}),
                                  ("unknown_column", "villages.csv", None, None, None)),
    "duplicate header": (villages(*[f"{r},x" for r in FOUR], header=HEAD + ",name"),
                         ("duplicate_header", "villages.csv", None, None, None)),
    "too many cells": (villages(*FOUR[:3], row(3) + ",1"), ("ragged_row", "villages.csv", 4, 5, None)),
    "open quote": (villages(*FOUR[:3], row(3, name='"村')), ("broken_file", "villages.csv", None, 5, None)),
    "line as boundary": (boundary(line((0, 0), (6000, 0))), ("not_a_polygon", "boundary.geojson", 1, None, None)),
    "no boundary": (boundary(), ("not_a_polygon", "boundary.geojson", None, None, None)),
    "boundary swapped": (boundary(feature("Polygon", [[[y, x] for x, y in ring((0, 0), (6000, 0), (6000, 6000))]])),
                         ("swapped_coordinates", "boundary.geojson", None, None, None)),
    "boundary beyond the globe": (boundary(feature("Polygon", [[[500, 600], [501, 600], [501, 601], [500, 600]]])),
                                  ("coordinates_out_of_range", "boundary.geojson", None, None, None)),
    "a formula as an id": (facilities(site(0), site(1, id="=1+1")), ("bad_id", "facilities.csv", 2, 3, "=1+1")),
    "a command as an id": (villages(*FOUR, row(0, id="@SUM(1)")), ("bad_id", "villages.csv", 5, 6, "@SUM(1)")),
    "a story as an id": (facilities(site(0), site(1, id="x" * 300)), ("bad_id", "facilities.csv", 2, 3, None)),
    "an id turned round": (facilities(site(0), site(1, id="a\u202eb")),
                           ("control_character", "facilities.csv", 2, 3, "a�b")),
    "a name with a null": (villages(*FOUR[:3], row(3, name="村\0")),
                           ("control_character", "villages.csv", 4, 5, "03")),
    "a township with a zero-width space": (villages(*FOUR[:3], row(3, township="甲\u200b乡")),
                                           ("control_character", "villages.csv", 4, 5, "03")),
    "a village of a rule": (setting("rules", {"no_harm": {"exempt_villages": ["00", "zz"]}}),
                            ("unknown_village", None, None, None, "zz")),
    "a hospital of a rule": (setting("rules", {"sub_centres": {"max_count": 1, "required": ["zz"]}}),
                             ("unknown_hospital", None, None, None, "zz")),
    "a clinic for a hospital": (setting("rules", {"sub_centres": {"max_count": 1, "forbidden": ["c0"]}}),
                                ("unknown_hospital", None, None, None, "c0")),
    "too many people": (people(1e30), ("implausible_people", "people.tif", None, None, CELL)),
    "bands exchanged": (lambda c: (c.raster(np.stack([np.full((16, 16), 2.0), np.full((16, 16), 10.0)]
                                                     ).astype("float32")),
                                   setting("inputs.people", {"file": "people.tif", "band_65": 2})(c)),
                        ("part_exceeds_whole", "people.tif", None, None, None)),
    "no roads": (roads(), ("empty_table", "roads.geojson", None, None, None)),
    "roads elsewhere": (roads(line((50_000, 0), (60_000, 0))), ("no_roads", "roads.geojson", None, None, None)),
    "points as roads": (roads(feature("Point", list(lonlat(0, 0)), road_class="tertiary")),
                        ("not_lines", "roads.geojson", 1, None, None)),
    "roads of no use": (roads(line((0, 3000), (6000, 3000), road_class="县道")),
                        ("no_usable_road", "roads.geojson", None, None, None)),
    "one way or not": (roads(line((0, 3000), (6000, 3000), oneway="perhaps")),
                       ("bad_boolean", "roads.geojson", 1, None, None)),
    "site far from roads": (roads(line((0, -900), (500, -900))), ("far_from_road", "facilities.csv", 4, 5, "c3")),
    "no hospital": (both(setting("inputs.villages.township", "nearest_hospital"), facilities(site(0))),
                    ("no_township_hospital", "facilities.csv", None, None, None)),
    "osm township": (setting("inputs.villages", {"file": "x.osm", "osm_places": ["village"]}),
                     ("missing_column", "x.osm", None, None, None)),
    "osm tag": (setting("inputs.facilities", {"file": "x.osm", "osm_tags": {"clinic": "village_clinic"}}),
                ("bad_osm_tag", "x.osm", None, None, None)),
    "village point missing": (both(lambda c: c.json("v.geojson", collection({
        "type": "Feature", "properties": {"id": "00", "name": "a", "township": "t"}, "geometry": None})),
        setting("inputs.villages", {"file": "v.geojson"})), ("missing_geometry", "v.geojson", 1, None, None)),
    "village line": (both(lambda c: c.json("v.geojson", collection(line((0, 0), (9, 9), id="00", name="a",
                          township="t"))),
                          setting("inputs.villages", {"file": "v.geojson"})), ("not_points", "v.geojson",
1, None, None)),
}


@pytest.mark.parametrize("name", SPOILT)
def test_fault(county: County, name: str):
    spoil, (code, file, number, text_line, thing) = SPOILT[name]
    spoil(county)
    faults = county.faults()
    found = [f for f in faults if f.code == code and f.file == file
             and (number is None or f.row == number) and (text_line is None or f.line == text_line)
             and (thing is None or f.id == thing)]
    assert found, faults
    for fault in faults:
        for text in (fault.what, fault.remedy):
            assert any("\u4e00" <= c <= "\u9fff" for c in text.zh), text
            assert text.en


@pytest.mark.parametrize("name", SPOILT)
def test_one_cause_one_kind_of_fault(county: County, name: str):
    SPOILT[name][0](county)
    codes = set(county.codes())
    allowed = {"osm township": {"missing_column", "missing_file"}, "osm tag": {"bad_osm_tag", "missing_file"}}
    assert codes == allowed.get(name, {SPOILT[name][1][0]})


def test_all_faults_of_all_files_come_together(county: County):
    for name in ("negative doctors", "duplicate village", "negative people", "geographic county crs", "one way or not",
                 "unknown neighbour", "line as boundary"):
        SPOILT[name][0](county)
    assert set(county.codes()) == {"negative_number", "duplicate_id", "geographic_crs", "bad_boolean",
                                   "unknown_village",
                                   "not_a_polygon"}  # people are not read without a boundary
    files = {f.file for f in county.faults()}
    assert files == {None, "boundary.geojson", "roads.geojson", "villages.csv", "facilities.csv", "pairs.csv"}


def test_remedies_name_what_to_write(county: County):
    county.villages(FOUR, "编号,name,kind,乡镇,lon,lat")
    remedies = {f.field: f.remedy.en for f in county.faults()}
    assert "write id: 编号 under inputs.villages.columns" in remedies["id"]
    assert "write township: 乡镇 under inputs.villages.columns" in remedies["township"]
    county.inputs["villages"]["columns"] = {"id": "编号", "township": "乡镇"}
    assert county.faults() == []
    county.villages(FOUR, HEAD, encoding="gb18030")
    assert "encoding: gb18030" in county.faults()[0].remedy.zh
    county.inputs["villages"] = {"file": "villages.csv", "encoding": "gbk"}
    assert county.faults() == []
    SPOILT["unknown kind"][0](county)
    assert "village_clinic, station, township_hospital, county_hospital" in county.faults()[0].remedy.en


@pytest.mark.parametrize("path", ["../x.csv", "/etc/passwd", "a/../../x.csv", "https://example.org/x.csv", "C:x.csv",
                                  "/vsizip/x.zip/x.csv", "/vsicurl/x", "a\\b.csv", "~/x.csv", "", "a\nb.csv",
                                  "GPKG:x.gpkg",
                                  "file:///etc/passwd", "zip://x.zip"])
@pytest.mark.parametrize("key", ["villages", "roads", "people", "boundary"])
def test_unsafe_paths_are_not_opened(county: County, path: str, key: str):
    county.inputs[key]["file"] = path
    assert "unsafe_path" in county.codes()


def test_links_may_not_lead_out(county: County, tmp_path_factory: pytest.TempPathFactory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "villages.csv").write_bytes((county.root / "villages.csv").read_bytes())
    (county.root / "villages.csv").unlink()
    (county.root / "villages.csv").symlink_to(outside / "villages.csv")
    assert county.codes() == ["unsafe_path"]
    (county.root / "folder").symlink_to(outside)
    county.inputs["villages"]["file"] = "folder/villages.csv"
    assert county.codes() == ["unsafe_path"]
    (county.root / "real.csv").write_bytes((outside / "villages.csv").read_bytes())
    (county.root / "inside.csv").symlink_to(county.root / "real.csv")
    county.inputs["villages"]["file"] = "inside.csv"
    assert county.faults() == []


def test_thousands_of_faults_are_counted_not_listed(county: County):
    at = AT[0]
    county.facilities([f"c{k},室,village_clinic,zz,{at[0]},{at[1]},-1," for k in range(2500)])
    faults = county.faults()
    assert sum(f.code == "negative_number" for f in faults) == 1001
    assert any("1500 more of the same kind" in f.what.en for f in faults)


def test_fault_messages_survive_wild_values(county: County):
    wild = "{{7*7}}${x}\x1b[31m<b>" + "y" * 10_000
    county.facilities([site(0, kind=wild, doctors="%s%n", village="\x07" + wild)])
    for fault in county.faults():
        for lang in ("zh", "en"):
            text = fault.in_language(lang)
            assert "\x1b" not in text
            assert len(fault.what.in_language(lang)) < 500


def test_note_on_points_in_gcj02(county: County):
    from facilityplan.inputs.gcj02 import shift_degrees

    grid = [(x, y) for x in range(400, 6000, 600) for y in (400, 3000, 5600)]
    county.json("roads.geojson", collection(
        *[line((0, y), (6000, y)) for y in (400, 3000, 5600)], line((3000, 0), (3000, 6000))))
    true = [lonlat(x, y + 20) for x, y in grid]
    shifted = []
    for lon, lat in true:
        d_lon, d_lat = shift_degrees(np.array(lon), np.array(lat))
        shifted.append((lon + float(d_lon), lat + float(d_lat)))
    for points, expected in ((true, False), (shifted, True)):
        county.facilities([f"c{k},室,village_clinic,00,{lon},{lat},1," for k, (lon, lat) in enumerate(points)])
        assert ("GCJ-02" in county.notes()) == expected


def test_a_name_may_begin_like_a_formula_and_an_emoji_may_be_joined(county: County):
    county.villages([*FOUR[:3], row(3, name="=1+1 👩\u200d⚕️")], HEAD)
    assert county.faults() == []


def test_an_open_quote_is_told_where_it_opens_and_a_missing_file_where_it_was_looked_for(county: County):
    county.villages([FOUR[0], row(1, name='"村'), *FOUR[2:]], HEAD)
    assert [f.line for f in county.faults()] == [3]
    county.inputs["villages"]["file"] = "nowhere.csv"
    assert str(county.root) in county.faults()[0].remedy.en
    (county.root / "d.csv").mkdir()
    county.inputs["villages"]["file"] = "d.csv"
    assert "capital letters" not in county.faults()[0].remedy.en


def test_the_first_of_several_sheets_is_taken_and_said(county: County):
    import openpyxl

    book = openpyxl.Workbook()
    for line_ in [HEAD, *FOUR]:
        book.active.append(line_.split(","))
    book.create_sheet("旧表")
    book.save(county.root / "villages.xlsx")
    county.inputs["villages"]["file"] = "villages.xlsx"
    assert county.faults() == []
    assert "旧表" in county.notes()
