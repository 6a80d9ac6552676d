"""Do the leads and townships that the config names for consortia exist in the data, and can they go together?"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from facilityplan.config.schema import Config
from facilityplan.domain.kinds import HOSPITAL_KINDS
from facilityplan.domain.sites import is_candidate
from facilityplan.errors import Fault
from facilityplan.inputs.findings import fault, shown, some

FIELD = "rules.consortia"


def check_consortia(config: Config, villages: pd.DataFrame, facilities: pd.DataFrame) -> list[Fault]:
    """Return the faults of ``rules.consortia`` against the data: unknown ids, leads that are no hospital, and
    memberships that cannot all hold. None where the section is not given."""
    if config.rules.consortia is None:
        return []
    return [*_leads(config, facilities), *_assigned(config, villages, facilities)]


def _leads(config: Config, table: pd.DataFrame) -> Iterator[Fault]:
    rules = config.rules.consortia
    file = config.inputs.facilities.file
    sites = {record["id"]: record for record in table[["id", "kind", "township"]].to_dict("records")}
    standing = dict(zip(table["id"], ~is_candidate(table), strict=True))
    hospitals = sorted(i for i, s in sites.items() if s["kind"] in HOSPITAL_KINDS and standing[i])
    fixed: dict[str, str] = {}  # township → fixed lead that stands there
    for n, lead in enumerate(rules.leads):
        where = {"file": file, "id": lead, "field": f"{FIELD}.leads.{n}"}
        if lead not in sites:
            yield fault("unknown_lead", f"机构表中没有编号 {shown(lead)}", f"there is no facility {shown(lead)}",
                        f"写医院的编号：{some(hospitals)}", f"give the id of a hospital: {some(hospitals)}", **where)
            continue
        if lead not in hospitals:
            yield fault("lead_no_hospital", f"{shown(lead)} 不是现有的医院，不能牵头医共体",
                        f"{shown(lead)} is no hospital that stands, so it cannot lead a consortium",
                        f"写医院的编号：{some(hospitals)}", f"give the id of a hospital: {some(hospitals)}", **where)
            continue
        town = sites[lead]["township"]
        if lead in rules.fixed_leads:
            if town in fixed:
                both = shown(fixed[town]), shown(lead)
                yield fault("leads_share_township",
                            f"{both[0]} 与 {both[1]} 都指定牵头，但同在{shown(town)}，一个乡镇只属于一个医共体",
                            f"{both[0]} and {both[1]} are both fixed as leads, but stand in one township, "
                            f"{shown(town)}, which belongs to one consortium only",
                            "fixed_leads 里只留一个", "keep one of them in fixed_leads", **where)
            fixed.setdefault(town, lead)


def _assigned(config: Config, villages: pd.DataFrame, facilities: pd.DataFrame) -> Iterator[Fault]:
    rules = config.rules.consortia
    towns = sorted({*villages["township"].dropna(), *facilities["township"].dropna()})
    home = dict(zip(facilities["id"], facilities["township"], strict=True))
    for town, lead in sorted(rules.assigned.items()):
        field = f"{FIELD}.assigned.{town}"
        if town not in towns:
            yield fault("unknown_township", f"村表中没有乡镇 {shown(town)}", f"there is no township {shown(town)}",
                        f"写村表里的乡镇名：{some(towns)}", f"write it as the villages' table does: {some(towns)}",
                        file=config.inputs.villages.file, id=town, field=field)
            continue
        own = [fixed for fixed in rules.fixed_leads if home.get(fixed) == town and fixed != lead]
        if own:
            yield fault("assigned_to_another",
                        f"{shown(town)}是指定牵头的 {shown(own[0])} 所在地，不能归 {shown(lead)}",
                        f"{shown(own[0])}, which is fixed as a lead, stands in {shown(town)}: it cannot belong to "
                        f"{shown(lead)}", "改 assigned 或 fixed_leads", "change assigned or fixed_leads",
                        file=config.inputs.facilities.file, id=town, field=field)
