"""What hangs together across tables: a facility's village and township, a village's township, pairs of neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from facilityplan.config.schema import Rules, TableSource
from facilityplan.domain.columns import ADJACENCY
from facilityplan.domain.kinds import FacilityKind, Status
from facilityplan.errors import Fault
from facilityplan.inputs.facilities import Facilities
from facilityplan.inputs.fields import read_fields
from facilityplan.inputs.files import Files
from facilityplan.inputs.findings import Findings, fault, shown, some
from facilityplan.inputs.layers import read_table
from facilityplan.inputs.rawtable import RawTable
from facilityplan.inputs.territories import nearest_point, nearest_village
from facilityplan.inputs.villages import Villages
from facilityplan.inputs.works import check_works


def check_village_known(ids: np.ndarray, known: frozenset[str], place, header: str, villages_file: str) -> list[Fault]:
    """unknown_village: a table names a village that the villages' table does not have. ``place``: row → where it is."""
    return [fault("unknown_village", f"村表中没有编号 {shown(value)}", f"there is no village {shown(value)}",
                  f"改正编号，或在 {villages_file} 中补上该村",
                  f"correct the id, or add the village to {villages_file}",
                  field=header, **place(i)) for i, value in enumerate(ids) if not pd.isna(value) and value not in known]


def link_facilities(facilities: Facilities, villages: Villages, findings: Findings) -> pd.DataFrame:
    """Return the facilities with village filled in: as given, else the area that holds them, else the nearest."""
    table = facilities.table.copy()
    ids = villages.table["id"].to_numpy(dtype=object)
    findings.extend(check_village_known(table["village"].to_numpy(), frozenset(ids),
                                        lambda i: facilities.place(table["id"].iloc[i]), "village", villages.file))
    free = table["village"].isna().to_numpy()
    if free.any():
        table.loc[free, "village"] = ids[nearest_village(table.loc[free, ["x", "y"]].to_numpy(float), villages)]
        findings.note(f"{free.sum()} 个机构没有写明所在村，取最近的村",
                      f"{free.sum()} facilities name no village; the nearest was taken")
    return table


def check_named_ids(rules: Rules, villages: pd.DataFrame, facilities: pd.DataFrame, villages_file: str,
                    facilities_file: str) -> list[Fault]:
    """unknown_village, unknown_hospital: a rule names a village, or a township hospital, that the tables do not have.

    A rule that names nothing would be obeyed by every plan and mean nothing.
    """
    hospital = (facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL) & (facilities["status"] == Status.EXISTING)
    hospitals, others = set(facilities.loc[hospital, "id"]), set(facilities.loc[~hospital, "id"])
    faults = [fault("unknown_village", f"村表 {villages_file} 中没有编号 {shown(name)}",
                    f"{villages_file} has no village {shown(name)}", "改正编号，或从列表中删去",
                    "correct the id, or take it out of the list", field="rules.no_harm.exempt_villages", id=shown(name))
              for name in rules.no_harm.exempt_villages if name not in set(villages["id"])]
    for key in ("required", "forbidden"):
        for name in getattr(rules.sub_centres, key):
            if name in hospitals:
                continue
            what = (("不是现有的乡镇卫生院", "is not an existing township hospital") if name in others else
                    ("不在机构表中", "does not stand there"))
            faults.append(fault(
                "unknown_hospital", f"{facilities_file}：{shown(name)} {what[0]}",
                f"{facilities_file}: {shown(name)} {what[1]}", f"可用：{some(sorted(hospitals))}",
                f"it can be: {some(sorted(hospitals))}", field=f"rules.sub_centres.{key}", id=shown(name)))
    return faults + check_works(rules, facilities, facilities_file)


def name_townships(villages: pd.DataFrame, facilities: pd.DataFrame, findings: Findings, file: str
                   ) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Name every village's township after its nearest township hospital (straight line; the smallest id wins a tie).

    A hospital's township is the one its table gives, else its own name. None, with a fault, where there is no hospital.
    """
    hospital = ((facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL) & (facilities["status"] == Status.EXISTING))
    if not findings.extend(check_hospital_there(hospital.to_numpy(bool), file)):
        return None
    facilities, villages = facilities.copy(), villages.copy()
    own = hospital & facilities["township"].isna()
    facilities.loc[own, "township"] = facilities.loc[own, "name"]
    seats = facilities[hospital]
    nearest = nearest_point(villages[["x", "y"]].to_numpy(float), seats[["x", "y"]].to_numpy(float))
    villages["township"] = seats["township"].to_numpy(dtype=object)[nearest]
    findings.note(f"乡镇按最近的乡镇卫生院划分（直线距离），共 {villages['township'].nunique()} 个",
                  f"townships are named after the nearest township hospital (straight line): "
                  f"{villages['township'].nunique()}")
    return villages, facilities


def check_hospital_there(hospital: np.ndarray, file: str) -> list[Fault]:
    """no_township_hospital: townships are to be named after hospitals, and there is none."""
    if hospital.any():
        return []
    return [fault("no_township_hospital", "没有乡镇卫生院，无法按最近的卫生院划分乡镇",
                  "there is no township hospital to name townships after",
                  "写 inputs.villages.township: column，或在机构中加入 township_hospital",
                  "write inputs.villages.township: column, or add facilities of the kind township_hospital",
                  file=file, field="inputs.villages.township")]


def inherit(facilities: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """Fill an empty township or consortium of a facility from its village."""
    facilities = facilities.copy()
    for column in ("township", "consortium"):
        by_village = dict(zip(villages["id"], villages[column], strict=True))
        filled = [by_village.get(village) if pd.isna(own) else own
                  for own, village in zip(facilities[column], facilities["village"], strict=True)]
        facilities[column] = pd.Series(filled, facilities.index, dtype=object)
    return facilities


def read_adjacency(source: TableSource, villages: Villages | None, files: Files, findings: Findings
                   ) -> pd.DataFrame | None:
    """Return pairs of adjacent villages (village_a < village_b, once each, sorted); None, with faults, if broken."""
    field = "inputs.adjacency"
    raw = read_table(source, field, files, findings)
    table = None if raw is None else read_fields(raw, ADJACENCY, source.columns, field, findings, keys=())
    if raw is None or table is None or villages is None:
        return None
    known = frozenset(villages.table["id"])
    for column in ("village_a", "village_b"):
        findings.extend(check_village_known(table[column].to_numpy(), known, raw.place, column, villages.file))
    findings.extend(check_not_itself(raw, table))
    table = table.dropna()
    a, b = table["village_a"].to_numpy(dtype=object), table["village_b"].to_numpy(dtype=object)
    pairs = sorted({(min(p), max(p)) for p in zip(a, b, strict=True)})
    return pd.DataFrame(pairs, columns=["village_a", "village_b"], dtype=object)


def check_not_itself(raw: RawTable, table: pd.DataFrame) -> list[Fault]:
    """adjacent_to_itself: both ends of a pair are one village."""
    return [fault("adjacent_to_itself", f"{shown(a)} 与自身相邻", f"{shown(a)} is adjacent to itself", "删除该行",
                  "leave the row out", id=a, **raw.place(i))
            for i, (a, b) in enumerate(zip(table["village_a"], table["village_b"], strict=True))
            if not pd.isna(a) and a == b]
