"""Villages and communities, from a table, a layer, or OpenStreetMap's places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from facilityplan.config.schema import VillagesSource
from facilityplan.domain.columns import VILLAGES, Column
from facilityplan.domain.kinds import UnitKind
from facilityplan.errors import Fault
from facilityplan.inputs.clause_columns import with_columns
from facilityplan.inputs.coordinates import Frame
from facilityplan.inputs.fields import check_part_of_whole, read_fields
from facilityplan.inputs.files import OSM_LIMITS, Files
from facilityplan.inputs.findings import Findings, fault, some
from facilityplan.inputs.layers import read_table
from facilityplan.inputs.osm import OsmFileError, broken, check_osm_file, read_objects, values_of
from facilityplan.inputs.places import drop_twins, place_objects, place_rows

FIELD = "inputs.villages"


@dataclass(frozen=True)
class Villages:
    """Villages with their places; ``township`` may still be empty, to be named after a hospital."""

    file: str
    table: pd.DataFrame  # the columns of domain VILLAGES plus x, y (county CRS); sorted by id
    polygons: np.ndarray | None  # object (rows,), county CRS, where the layer has areas


def read_villages(source: VillagesSource, frame: Frame, files: Files, findings: Findings,
                  extra: tuple[Column, ...] = ()) -> Villages | None:
    """Return the county's villages; None, with faults, where that fails. ``extra``: columns that clauses ask for."""
    found = (_from_osm(source, frame, files, findings) if source.osm_places else
             _from_table(source, frame, files, findings, extra))
    if found is None:
        return None
    table, polygons = found
    ids = table["id"].tolist()
    table = with_columns(table, extra)
    order = sorted(range(len(ids)), key=ids.__getitem__)
    polygons = None if polygons is None else polygons[order]
    return Villages(source.file, table.iloc[order].reset_index(drop=True), polygons)


def _from_table(source: VillagesSource, frame: Frame, files: Files, findings: Findings,
                extra: tuple[Column, ...]) -> tuple[pd.DataFrame, np.ndarray | None] | None:
    raw = read_table(source, FIELD, files, findings)
    if raw is None:
        return None
    not_needed = ("township",) if source.township == "nearest_hospital" else ()
    table = read_fields(raw, (*VILLAGES, *extra), source.columns, FIELD, findings, not_needed=not_needed)
    if table is None:
        return None
    findings.extend(check_part_of_whole(raw, table, "people_65", "people"))
    table["kind"] = table["kind"].fillna(str(UnitKind.VILLAGE))
    placed = place_rows(raw, table, source, FIELD, frame, findings)
    if placed is None or table["id"].isna().any():
        return None
    table["x"], table["y"] = placed.xy[:, 0], placed.xy[:, 1]
    table["lon"], table["lat"] = placed.lonlat[:, 0], placed.lonlat[:, 1]
    return table, placed.polygons


def _from_osm(source: VillagesSource, frame: Frame, files: Files, findings: Findings
              ) -> tuple[pd.DataFrame, None] | None:
    """Places inside the boundary; the extract's others are left out without a fault."""
    opened = files.open(source.file, OSM_LIMITS, FIELD)
    if not findings.extend(check_osm_township(source)) or opened is None or frame.boundary is None:
        return None
    if not findings.extend(check_osm_file(opened[0], source.file, FIELD)):
        return None
    try:
        objects = read_objects(opened[0], ["place"], {"place": source.osm_places})
    except OsmFileError as error:
        findings.add(broken(source.file, FIELD, error))
        return None
    table, shapes = place_objects(objects, frame)
    table["place"] = [next(v for v in values_of(o.tags, "place") if v in source.osm_places) for o in objects]
    people = [o.tags.get("population", "") for o in objects]
    table["people"] = [float(p) if p.isascii() and p.isdigit() else np.nan for p in people]
    inside = shapely.contains_xy(frame.boundary, table["x"], table["y"])
    table = drop_twins(table[inside].reset_index(drop=True), shapes[inside], "place", source.file, findings)
    if not findings.extend(check_osm_places_found(table, source)):
        return None
    unnamed = table["name"].isna()
    if unnamed.any():
        findings.note(f"{source.file}：{unnamed.sum()} 个村没有名称，以编号代替（{some(table['id'][unnamed])}）",
                      f"{source.file}: {unnamed.sum()} villages have no name; their ids stand for it "
                      f"({some(table['id'][unnamed])})")
    table["name"] = table["name"].where(~unnamed, table["id"])
    findings.note(f"村取自 OpenStreetMap 的 {', '.join(source.osm_places)}，共 {len(table)} 个",
                  f"villages are OpenStreetMap's {', '.join(source.osm_places)}: {len(table)} in the county")
    table["kind"] = str(UnitKind.VILLAGE)
    for column in ("township", "consortium"):
        table[column] = pd.Series(None, table.index, dtype=object)
    table["people_65"] = np.nan
    return table.drop(columns="place"), None


def check_osm_township(source: VillagesSource) -> list[Fault]:
    """missing_column: OpenStreetMap has no column for the township."""
    if source.township == "nearest_hospital":
        return []
    return [fault("missing_column", "OpenStreetMap 没有乡镇列", "OpenStreetMap has no column for the township",
                  f"写 {FIELD}.township: nearest_hospital，或改用自备的村表",
                  f"write {FIELD}.township: nearest_hospital, or bring a table of villages", file=source.file,
                  field="township")]


def check_osm_places_found(table: pd.DataFrame, source: VillagesSource) -> list[Fault]:
    """empty_table: no place of the wanted kinds lies in the county."""
    if len(table):
        return []
    wanted = ", ".join(source.osm_places)
    return [fault("empty_table", f"县域内没有 place = {wanted} 的对象",
                  f"no object with place = {wanted} lies in the county",
                  f"改 {FIELD}.osm_places，如 [village, hamlet]",
                  f"change {FIELD}.osm_places, such as [village, hamlet]",
                  file=source.file, field=f"{FIELD}.osm_places")]
