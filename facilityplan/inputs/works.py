"""Works named in the config against the table of facilities: every id is there and is of a kind that the work suits."""

from __future__ import annotations

import pandas as pd

from facilityplan.config.schema import Rules
from facilityplan.domain.kinds import CLINIC_KINDS, FacilityKind, Ownership, Status
from facilityplan.errors import Fault
from facilityplan.inputs.findings import fault, shown, some


def check_works(rules: Rules, facilities: pd.DataFrame, file: str) -> list[Fault]:
    """unknown_facility, not_a_place, work_of_another_kind: works at or to facilities that do not suit them."""
    public = facilities[(facilities["status"] == Status.EXISTING) & (facilities["ownership"] == Ownership.PUBLIC)]
    kind = dict(zip(public["id"], public["kind"].astype(str), strict=True))
    clinics = {str(k) for k in CLINIC_KINDS}
    candidate = facilities["status"] == Status.CANDIDATE
    places = set(facilities.loc[candidate & (facilities["kind"] == FacilityKind.TOWNSHIP_HOSPITAL), "id"])
    goes_to: dict[str, str] = {}
    faults = []
    for work in rules.works:
        at = {"field": f"rules.works.{work.id}.facility", "id": shown(work.facility)}
        if work.facility not in kind:
            faults.append(fault("unknown_facility", f"{file} 中没有现有公立机构 {shown(work.facility)}",
                                f"{file} has no existing public facility {shown(work.facility)}", "改正编号",
                                "correct the id", **at))
            continue
        clinic = kind[work.facility] in clinics
        if clinic and (work.kind in ("relocate", "level_up") or work.adds.beds or work.adds.doctors or work.adds.level):
            faults.append(fault("work_of_another_kind", f"{shown(work.facility)} 是卫生室：只能改扩建或增加诊室",
                                f"{shown(work.facility)} is a clinic: it can be rebuilt or get rooms only",
                                "改 kind 或 adds", "change kind or adds", **at))
        if not clinic and work.adds.rooms:
            faults.append(fault("work_of_another_kind", f"{shown(work.facility)} 是医院，rooms 只用于卫生室",
                                f"{shown(work.facility)} is a hospital; rooms are of clinics",
                                "用 beds、doctors 或 level", "use beds, doctors or level", **at))
        if work.kind == "relocate" and not clinic:
            if kind[work.facility] != FacilityKind.TOWNSHIP_HOSPITAL:
                faults.append(fault("work_of_another_kind", f"{shown(work.facility)} 不是乡镇卫生院，不能迁建",
                                    f"{shown(work.facility)} is no township hospital: it cannot relocate",
                                    "改 kind", "change the kind", **at))
            if work.to not in places or goes_to.setdefault(work.to, work.facility) != work.facility:
                faults.append(fault(
                    "not_a_place", f"{shown(work.to)} 不是可迁往的卫生院备选点，或已有另一所卫生院要迁往",
                    f"{shown(work.to)} is no candidate site of a township hospital, or another one moves there",
                    f"可用：{some(sorted(places)) or '无'}", f"it can be: {some(sorted(places)) or 'none'}",
                    field=f"rules.works.{work.id}.to", id=shown(work.to)))
    return faults
