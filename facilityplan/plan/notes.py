"""What a plan says of itself in plain sentences: its notes, shown on every output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.sites import is_decided, open_today
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.locks import lock_notes


def plan_notes(config: Config, inputs: Inputs, binding: Mapping[str, bool], decisions: Decisions,
               metrics: Mapping[str, Any], slacks: Mapping[str, float]) -> list[Text]:
    """Return the notes of one plan: weak standards, gaps in the data, rules not in force, and why little changes."""
    notes = [Text(f"“{s.name}”：现状已有 99% 及以上的人在圈内，该标准对方案几乎没有约束，不足以支撑结论",
                  f"{s.name_en}: 99 % or more are inside today, so this standard hardly binds and proves little")
             for s in config.standards if not binding[s.id]]
    rules, facilities = config.rules.doctors, inputs.facilities
    without = rules is None or rules.open_without_doctor
    closed = facilities.loc[is_decided(facilities) & ~open_today(facilities, open_without_doctor=without), "id"]
    if len(closed):
        notes.append(Text(f"{len(closed)} 个公立卫生室（站）现无医生，现状按未全日开放计",
                          f"{len(closed)} public clinics have no doctor in post and count as not open full-time today"))
    if rules is not None and rules.assumed_per_clinic is not None:
        missing = int((facilities["doctors"].isna() & is_decided(facilities)).sum())
        if missing:
            notes.append(Text(f"{missing} 个卫生室（站）缺医生数，假定各有 {rules.assumed_per_clinic} 名",
                              f"doctors not known at {missing} clinics: {rules.assumed_per_clinic} assumed in each"))
    if config.rules.without:
        names = ", ".join(config.rules.without)
        notes.append(Text(f"本情景不执行以下规则：{names}", f"this scenario drops these rules: {names}"))
    if config.rules.no_harm.exempt_villages and config.rules.no_harm.form != "off":
        names = ", ".join(sorted(config.rules.no_harm.exempt_villages))
        notes.append(Text(f"以下村不受“不受损”规则保护：{names}", f"exempt from the no-harm rule by name: {names}"))
    notes += lock_notes(config)
    served = any(site.service is not None for site in decisions.sites.values())
    if not metrics["clinics_merged"] and not metrics["clinics_built"] and metrics["clinics_before"] and not served:
        notes.append(_nothing_changes(metrics, slacks))
    return notes + _across_lines(config, inputs, decisions)


def _nothing_changes(metrics: Mapping[str, Any], slacks: Mapping[str, float]) -> Text:
    """Say that every clinic stays as it is, whether money had a part in it, and where a change of cost comes from."""
    n, left = metrics["clinics_before"], slacks.get("recurrent_budget")
    zh, en = [f"本情景不合并、不新建：现有 {n} 个公立卫生室（站）全部保留，与现状相同"], [
        f"nothing merges and nothing is built: all {n} public clinics stay as they are today"]
    if left is not None and left > 0:
        zh.append(f"年运行经费上限不起约束（尚余 {left:,.0f} 元），没有规则迫使合并")
        en.append(f"the recurrent budget does not bind ({left:,.0f} CNY are left), so no rule compels a merger")
    fewer = metrics["clinic_doctors_before"] - metrics["clinic_doctors_after"]
    if fewer > 0 and metrics["annual_cost_cny"] < metrics["annual_cost_cny_before"]:
        zh.append(f"年运行费用下降，是因为医生减少 {fewer} 名（退休未补）")
        en.append(f"the cost falls because {fewer} doctors fewer are paid: they retire and are not replaced")
    return Text("；".join(zh), "; ".join(en))


def _across_lines(config: Config, inputs: Inputs, decisions: Decisions) -> list[Text]:
    """Where mergers may cross a township's or consortium's line: how many do, so that a freedom unused is seen."""
    hosts, notes = config.rules.hosts, []
    merged = [(guest, site.merged_into) for guest, site in decisions.sites.items() if site.merged_into is not None]
    table, villages = inputs.facilities.set_index("id"), inputs.villages.set_index("id")
    for column, rule, in_force, zh, en in (
            ("township", "same_township", hosts.same_township, "乡镇", "township"),
            ("consortium", "same_consortium", hosts.same_consortium, "医共体", "consortium")):
        if in_force and rule not in config.rules.without:
            continue
        if column == "consortium" and config.rules.consortia is not None:  # those of the data no longer count
            continue
        places = table[column].fillna(table["village"].map(villages[column])).dropna().to_dict()  # else its village's
        if len(set(places.values())) < 2:
            continue
        across = sum(g in places and h in places and places[g] != places[h] for g, h in merged)
        if across:
            notes.append(Text(f"允许跨{zh}合并：{len(merged)} 个合并中有 {across} 个跨{zh}",
                              f"mergers may cross a {en}'s line: {across} of {len(merged)} do"))
        else:
            notes.append(Text(f"允许跨{zh}合并，但没有一个合并跨{zh}：这条规则在本情景中不起约束",
                              f"mergers may cross a {en}'s line, but none does: that rule does not bind here"))
    return notes
