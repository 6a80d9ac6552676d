"""Facilities, from a table, a layer, or OpenStreetMap's tagged objects; and candidate sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from facilityplan.config.schema import FacilitiesSource
from facilityplan.domain.columns import FACILITIES, Column
from facilityplan.domain.kinds import CLINIC_KINDS, FacilityKind, Ownership, Status
from facilityplan.errors import Fault
from facilityplan.inputs.clause_columns import with_columns
from facilityplan.inputs.coordinates import Frame
from facilityplan.inputs.fields import check_part_of_whole, read_fields
from facilityplan.inputs.files import OSM_LIMITS, Files
from facilityplan.inputs.findings import Findings, fault, some
from facilityplan.inputs.layers import read_table
from facilityplan.inputs.osm import OsmFileError, OsmObject, broken, check_osm_file, read_objects, values_of
from facilityplan.inputs.places import drop_twins, place_objects, place_rows
from facilityplan.inputs.rawtable import RawTable

FIELD = "inputs.facilities"
PRIVATE = frozenset({"private", "private_for_profit", "private_non_profit", "business"})


@dataclass(frozen=True)
class Facilities:
    """Facilities with their places; ``village`` and ``township`` may still be empty."""

    file: str
    table: pd.DataFrame  # the columns of domain FACILITIES plus x, y (county CRS); sorted by id
    raw: RawTable | None  # the file's rows, for messages; None for OpenStreetMap
    row: Mapping[str, int]  # id → row of ``raw`` (0-based)

    def place(self, facility_id: str) -> dict[str, object]:
        """Return where a facility stands in the files, as keywords for a fault."""
        at = self.row.get(facility_id)
        return ({"file": self.file} if self.raw is None or at is None else self.raw.place(at)) | {"id": facility_id}


def read_facilities(source: FacilitiesSource, frame: Frame, files: Files, findings: Findings,
                    extra: tuple[Column, ...] = ()) -> Facilities | None:
    """Return the county's facilities; None, with faults, where that fails. ``extra``: columns that clauses ask for."""
    found = (_from_osm(source, frame, files, findings) if source.osm_tags else
             _from_table(source, frame, files, findings, extra))
    if found is None:
        return None
    table, raw = with_columns(found[0], extra), found[1]
    row = {i: k for k, i in enumerate(table["id"])} if raw is not None else {}
    table["status"] = table["status"].fillna(str(Status.EXISTING))
    table["ownership"] = table["ownership"].fillna(str(Ownership.PUBLIC))
    return Facilities(source.file, table.sort_values("id", kind="stable", ignore_index=True), raw, row)


def _from_table(source: FacilitiesSource, frame: Frame, files: Files, findings: Findings,
                extra: tuple[Column, ...]) -> tuple[pd.DataFrame, RawTable] | None:
    raw = read_table(source, FIELD, files, findings)
    table = None if raw is None else read_fields(raw, (*FACILITIES, *extra), source.columns, FIELD, findings)
    if raw is None or table is None:
        return None
    findings.extend(check_part_of_whole(raw, table, "doctors_60_plus", "doctors"))
    for group in ("doctors_under_40", "doctors_40_59"):
        findings.extend(check_part_of_whole(raw, table, group, "doctors"))
    findings.extend(check_age_groups(raw, table))
    placed = place_rows(raw, table, source, FIELD, frame, findings)
    if placed is None or table["id"].isna().any():
        return None
    table["x"], table["y"] = placed.xy[:, 0], placed.xy[:, 1]
    table["lon"], table["lat"] = placed.lonlat[:, 0], placed.lonlat[:, 1]
    return table, raw


def check_age_groups(raw: RawTable, table: pd.DataFrame) -> list[Fault]:
    """ages_exceed_doctors: the age groups of a site's doctors add up to more than its doctors."""
    groups = table[["doctors_under_40", "doctors_40_59", "doctors_60_plus"]].astype("Float64").fillna(0).to_numpy(float)
    doctors = table["doctors"].astype("Float64").to_numpy(float, na_value=np.nan)
    total = groups.sum(axis=1)
    wrong = (total > doctors) & (groups.max(axis=1) < total)  # a single group that is too large has its own fault
    return [fault("ages_exceed_doctors", f"各年龄段医生合计 {total[i]:g}，多于在岗医生 {doctors[i]:g}",
                  f"the age groups add up to {total[i]:g} doctors, more than the {doctors[i]:g} in post",
                  "核对 doctors 与三个年龄段", "check doctors and its three age groups", field="doctors_under_40",
                  id=table["id"].iloc[i], **raw.place(i)) for i in np.flatnonzero(wrong)]


def _from_osm(source: FacilitiesSource, frame: Frame, files: Files, findings: Findings
              ) -> tuple[pd.DataFrame, None] | None:
    """Objects within 1 km of the county; the extract's others are left out without a fault."""
    opened = files.open(source.file, OSM_LIMITS, FIELD)
    if not findings.extend(check_osm_tags(source)) or opened is None or frame.surroundings is None:
        return None
    if not findings.extend(check_osm_file(opened[0], source.file, FIELD)):
        return None
    wanted: dict[str, set[str]] = {}
    for tag in source.osm_tags:
        key, value = tag.split("=", 1)
        wanted.setdefault(key.strip(), set()).add(value.strip())
    try:
        objects = read_objects(opened[0], list(wanted), wanted)
    except OsmFileError as error:
        findings.add(broken(source.file, FIELD, error))
        return None
    table, shapes = place_objects(objects, frame)
    kinds = [_kind(o, source.osm_tags) for o in objects]
    table["kind"] = pd.Series([str(k) for k in kinds], dtype=object)
    table["ownership"] = pd.Series([_ownership(o) for o in objects], dtype=object)
    table["beds"] = [_count(o.tags.get("beds") or o.tags.get("capacity:beds")) for o in objects]
    near = shapely.contains_xy(frame.surroundings, table["x"], table["y"])
    table = drop_twins(table[near].reset_index(drop=True), shapes[near], "kind", source.file, findings)
    if not findings.extend(check_osm_facilities_found(table, source)):
        return None
    unnamed = table["name"].isna()
    if unnamed.any():
        findings.note(f"{source.file}：{unnamed.sum()} 个机构没有名称，以编号代替（{some(table['id'][unnamed])}）",
                      f"{source.file}: {unnamed.sum()} facilities have no name; their ids stand for it "
                      f"({some(table['id'][unnamed])})")
    table["name"] = table["name"].where(~unnamed, table["id"])
    for column in FACILITIES:
        if column.name not in table:
            number = column.type in ("integer", "number")
            table[column.name] = pd.Series(np.nan if number else None, table.index, dtype=float if number else object)
    return table, None


def check_osm_tags(source: FacilitiesSource) -> list[Fault]:
    """bad_osm_tag: a key of `osm_tags` is not of the form key=value."""
    return [fault("bad_osm_tag", f"“{tag}”不是 键=值", f"{tag} is not of the form key=value",
                  "写成 amenity=clinic 的形式",
                  "write it like amenity=clinic", file=source.file, field=f"{FIELD}.osm_tags.{tag}")
            for tag in source.osm_tags if not all(part.strip() for part in (*tag.split("=", 1), "")[:2])]


def check_osm_facilities_found(table: pd.DataFrame, source: FacilitiesSource) -> list[Fault]:
    """empty_table: no object with a wanted tag lies in the county."""
    if len(table):
        return []
    wanted = ", ".join(source.osm_tags)
    return [fault("empty_table", f"县域内没有带 {wanted} 标签的对象", f"no object tagged {wanted} lies in the county",
                  f"改 {FIELD}.osm_tags", f"change {FIELD}.osm_tags", file=source.file, field=f"{FIELD}.osm_tags")]


def _kind(thing: OsmObject, tags: Mapping[str, FacilityKind]) -> FacilityKind:
    for tag, kind in tags.items():
        key, value = tag.split("=", 1)
        if value.strip() in values_of(thing.tags, key.strip()):
            return kind
    raise AssertionError(thing.id)  # read_objects returns only objects with such a tag


def _ownership(thing: OsmObject) -> str:
    said = thing.tags.get("operator:type") or thing.tags.get("ownership") or ""
    return str(Ownership.PRIVATE if said in PRIVATE else Ownership.PUBLIC)


def _count(said: str | None) -> float:
    return float(said) if said and said.isascii() and said.isdigit() and len(said) < 7 else np.nan


def candidate_sites(villages: pd.DataFrame, facilities: pd.DataFrame, *, everywhere: bool = False) -> pd.DataFrame:
    """Return a candidate village clinic at the point of every village in which no clinic or station stands.

    ``everywhere``: of every village.
    Both tables with x, y; ``facilities`` with its villages filled in. Ids are ``candidate-<village id>``.
    """
    clinics = facilities["kind"].isin([str(k) for k in CLINIC_KINDS])
    bare = villages if everywhere else villages[~villages["id"].isin(facilities.loc[clinics, "village"].dropna())]
    sites = pd.DataFrame({c.name: pd.Series(np.nan, bare.index, dtype=float) if c.type in ("integer", "number")
                          else pd.Series(None, bare.index, dtype=object) for c in FACILITIES})
    for column in ("x", "y", "lon", "lat", "township", "consortium"):
        sites[column] = bare[column]
    sites["id"] = "candidate-" + bare["id"]
    sites["name"] = bare["name"] + "（备选）"
    sites["village"] = bare["id"]
    sites["kind"], sites["status"] = str(FacilityKind.VILLAGE_CLINIC), str(Status.CANDIDATE)
    sites["ownership"] = str(Ownership.PUBLIC)
    return sites.astype({c.name: object for c in FACILITIES if c.type == "text"})
