"""`read_inputs`: every file of a config, checked, in the county's CRS. All faults are raised together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import shapely

from facilityplan.config.schema import Config
from facilityplan.domain.columns import FACILITIES, VILLAGES
from facilityplan.domain.sites import is_decided
from facilityplan.errors import FaultyInput
from facilityplan.inputs.boundary import read_boundary, read_water
from facilityplan.inputs.clause_columns import check_clauses, clause_columns
from facilityplan.inputs.consortia import check_consortia
from facilityplan.inputs.coordinates import Frame, check_county_crs
from facilityplan.inputs.facilities import Facilities, candidate_sites, read_facilities
from facilityplan.inputs.fields import check_duplicate_ids
from facilityplan.inputs.files import Files
from facilityplan.inputs.findings import Findings
from facilityplan.inputs.gcj02 import note_shifted_points
from facilityplan.inputs.linking import check_named_ids, inherit, link_facilities, name_townships, read_adjacency
from facilityplan.inputs.named_hospitals import check_service_hosts
from facilityplan.inputs.named_sites import check_locks
from facilityplan.inputs.people import read_people
from facilityplan.inputs.places import to_geoframe
from facilityplan.inputs.rawtable import RawTable
from facilityplan.inputs.reach import check_reach
from facilityplan.inputs.roads import read_roads
from facilityplan.inputs.tables import Inputs
from facilityplan.inputs.territories import assign_people
from facilityplan.inputs.villages import Villages, read_villages

STAND_IN_CRS = "EPSG:3857"  # only to go on checking where the county's own CRS is faulty


def read_inputs(config: Config, data_root: Path) -> Inputs:
    """Read and check every file that ``config`` names, all below ``data_root``.

    Tables are sorted by id, text is str or None (object dtype), numbers and nullable integers are float64 with NaN for
    "not known", coordinates are in ``config.county.crs`` (metres) with lon, lat in WGS 84 beside them. The result does
    not depend on the order of rows or features in the files.

    Raises FaultyInput with every fault of every file at once.
    """
    findings = Findings()
    files = Files(Path(data_root), findings)
    inputs = config.inputs
    sound = findings.extend(check_county_crs(config.county.crs))
    frame = Frame(config.county.crs if sound else STAND_IN_CRS)
    bounded = read_boundary(inputs.boundary, frame, files, findings)
    frame = bounded or frame
    roads = read_roads(inputs.roads, frame, files, findings)
    raster = read_people(inputs.people, frame, files, findings)
    asked = {table: clause_columns(config, table) for table in ("villages", "facilities")}
    villages = read_villages(inputs.villages, frame, files, findings, asked["villages"])
    facilities = read_facilities(inputs.facilities, frame, files, findings, asked["facilities"])
    adjacency = None if inputs.adjacency is None else read_adjacency(inputs.adjacency, villages, files, findings)
    water = None if inputs.water is None else read_water(inputs.water, frame, files, findings)
    people = None
    if raster is not None and villages is not None:
        people = assign_people(config, raster, villages, frame, findings)
    linked = None
    if villages is not None and facilities is not None:
        linked = _link(config, villages, facilities, people[1] if people else villages.table, findings)
        findings.extend(check_named_ids(config.rules, villages.table, facilities.table, villages.file, facilities.file))
    if linked is not None:
        findings.extend([*check_locks(config, linked[1]), *check_service_hosts(config, linked[1])])
        findings.extend(check_consortia(config, *linked))
        findings.extend(list(check_clauses(config, linked[1])))
    if people is not None and linked is not None and roads is not None and facilities is not None:
        sites = linked[1]
        if frame.surroundings is not None:  # a site elsewhere has its fault already
            sites = sites[shapely.contains_xy(frame.surroundings, sites["x"].to_numpy(), sites["y"].to_numpy())]
        check_reach(config, roads, people[0], linked[0], sites, facilities.place, findings)
        note_shifted_points(facilities.file, facilities.table[["x", "y"]].to_numpy(float), roads, frame, findings)
    if findings.faults:
        raise FaultyInput(findings.faults)
    assert bounded is not None and roads is not None and raster is not None and people is not None
    assert linked is not None and frame.boundary is not None
    return Inputs(
        crs=config.county.crs, boundary=frame.boundary, roads=roads, cells=people[0],
        villages=to_geoframe(linked[0], (*VILLAGES, *asked["villages"]), frame),
        facilities=to_geoframe(linked[1], (*FACILITIES, *asked["facilities"]), frame),
        adjacency=adjacency, raster_transform=raster.transform, raster_crs=raster.crs, raster_shape=raster.shape,
        digests=dict(sorted(files.digests.items())), notes=findings.notes, water=water)


def check_rules(config: Config, inputs: Inputs) -> None:
    """Raise FaultyInput where the rules of ``config`` name what ``inputs``, read for another scenario, do not have."""
    faults = check_named_ids(config.rules, inputs.villages, inputs.facilities, config.inputs.villages.file,
                             config.inputs.facilities.file)
    faults += check_locks(config, inputs.facilities)
    faults += check_consortia(config, inputs.villages, inputs.facilities)
    faults += check_clauses(config, inputs.facilities)
    if faults:
        raise FaultyInput(faults)


def _link(config: Config, villages: Villages, facilities: Facilities, village_table: pd.DataFrame, findings: Findings
          ) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return (villages, facilities) with villages, townships and candidate sites filled in."""
    table = link_facilities(facilities, villages, findings)
    if config.inputs.villages.township == "nearest_hospital":
        named = name_townships(village_table, table, findings, facilities.file)
        if named is None:
            return None
        village_table, table = named
    table = inherit(table, village_table)
    if (where := config.inputs.facilities.candidates) != "none":
        sites = candidate_sites(village_table, table, everywhere=where == "every_village")
        if len(sites):
            table = pd.concat([table, sites.reindex(columns=table.columns)], ignore_index=True)
            findings.note(f"{len(sites)} 个没有卫生室的村各设一个备选点",
                          f"each of the {len(sites)} villages without a clinic got a candidate site")
        findings.extend(check_duplicate_ids(RawTable(facilities.file, (), (), len(table)), "id",
    table["id"].to_numpy()))
    doctors = config.rules.doctors
    unknown = int((is_decided(table) & table["doctors"].isna().to_numpy()).sum())
    if doctors is not None and unknown:
        zh, en = ("", "") if doctors.assumed_per_clinic is None else (
            f"，假定各 {doctors.assumed_per_clinic} 名", f"; {doctors.assumed_per_clinic} in each is assumed")
        findings.note(f"{unknown} 个卫生室没有医生数{zh}", f"{unknown} clinics name no doctors{en}")
    return village_table, table
