"""The one table that declares every column: name, type, unit, whether it may be empty, English, 中文."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from facilityplan.domain.basis import DATA_BASES
from facilityplan.domain.kinds import Action, FacilityKind, NoClinic, Ownership, ServiceMode, Status, UnitKind

ColumnType = Literal["text", "integer", "number", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column of a table that users see or supply."""

    name: str
    type: ColumnType
    unit: str
    nullable: bool
    en: str
    zh: str
    required: bool = True  # must the column be present in a supplied file? (input tables only)
    choices: tuple[str, ...] = ()


def _column(name, type_, unit, en, zh, *, nullable=False, required=True, choices=()):
    return Column(name, type_, unit, nullable, en, zh, required, tuple(choices))


ROADS = (
    _column("road_class", "text", "", "OSM highway class", "道路等级（OSM highway）"),
    _column("oneway", "boolean", "", "one way in the drawn direction", "是否单行（沿绘制方向）", required=False),
    _column("bridge", "boolean", "", "bridge", "是否桥梁", required=False),
    _column("maxspeed_kmh", "number", "km/h", "posted speed", "限速", nullable=True, required=False),
    _column("name", "text", "", "name", "名称", nullable=True, required=False),
)
CELLS = (
    _column("cell", "integer", "", "demand cell (row * columns + column in the people raster)",
            "需求单元（栅格行列号）"),
    _column("x", "number", "m", "east, county CRS", "东向坐标（县域投影）"),
    _column("y", "number", "m", "north, county CRS", "北向坐标（县域投影）"),
    _column("lon", "number", "degree", "longitude, WGS 84", "经度 WGS 84"),
    _column("lat", "number", "degree", "latitude, WGS 84", "纬度 WGS 84"),
    _column("people", "number", "person", "people", "人口"),
    _column("people_65", "number", "person", "people of 65 and over", "65 岁及以上人口"),
    _column("village", "text", "", "id of its village or community", "所属村（社区）编号"),
)
VILLAGES = (
    _column("id", "text", "", "id", "编号"),
    _column("name", "text", "", "name", "名称"),
    _column("kind", "text", "", "village or community", "村或社区", required=False, choices=UnitKind),
    _column("township", "text", "", "township", "乡镇（街道）"),
    _column("consortium", "text", "", "consortium", "医共体", nullable=True, required=False),
    _column("lon", "number", "degree", "longitude, WGS 84", "经度 WGS 84"),
    _column("lat", "number", "degree", "latitude, WGS 84", "纬度 WGS 84"),
    _column("people", "number", "person", "people", "人口", nullable=True, required=False),
    _column("people_65", "number", "person", "people of 65 and over", "65 岁及以上人口", nullable=True, required=False),
)
FACILITIES = (
    _column("id", "text", "", "id", "编号"),
    _column("name", "text", "", "name", "名称"),
    _column("kind", "text", "", "kind of facility", "机构类别", choices=FacilityKind),
    _column("status", "text", "", "existing, or a candidate site", "现有或备选", required=False, choices=Status),
    _column("ownership", "text", "", "public or private", "公立或民营", required=False, choices=Ownership),
    _column("village", "text", "", "id of its village", "所在村编号", nullable=True, required=False),
    _column("township", "text", "", "township", "乡镇（街道）", nullable=True, required=False),
    _column("consortium", "text", "", "consortium", "医共体", nullable=True, required=False),
    _column("lon", "number", "degree", "longitude, WGS 84", "经度 WGS 84"),
    _column("lat", "number", "degree", "latitude, WGS 84", "纬度 WGS 84"),
    _column("doctors", "integer", "doctor", "doctors in post", "在岗医生", nullable=True, required=False),
    _column("doctors_60_plus", "integer", "doctor", "of them 60 and over",
            "其中 60 岁及以上", nullable=True, required=False),
    _column("doctors_under_40", "integer", "doctor", "of them under 40",
            "其中 40 岁以下", nullable=True, required=False),
    _column("doctors_40_59", "integer", "doctor", "of them 40 to 59", "其中 40–59 岁", nullable=True, required=False),
    _column("posts", "integer", "doctor", "established posts", "编制（核定岗位）", nullable=True, required=False),
    _column("beds", "integer", "bed", "beds", "床位", nullable=True, required=False),
    _column("floor_area_m2", "number", "m2", "floor area", "建筑面积", nullable=True, required=False),
    _column("level", "integer", "", "capability level: 1, 2 or 3",
            "能力等级（1、2、3）", nullable=True, required=False),
    _column("tcm", "boolean", "", "offers Chinese medicine", "提供中医药服务", nullable=True, required=False),
    _column("smart", "boolean", "", "smart clinic", "智慧化卫生室", nullable=True, required=False),
    _column("committee_building", "boolean", "", "in the village committee's building", "使用村委会用房", nullable=True,
            required=False),
    _column("tcm_beds", "integer", "bed", "beds of Chinese medicine", "中医床位", nullable=True, required=False),
    _column("reserved_beds", "integer", "bed", "beds reserved for patients whom family doctors refer",
            "预留给家庭医生转诊的床位", nullable=True, required=False),
    _column("flagship_tcm", "boolean", "", "has a flagship hall of Chinese medicine", "设有旗舰中医馆", nullable=True,
            required=False),
    _column("recommended_standard", "boolean", "", "has the recommended standard of the national programme for "
            "primary care", "达到优质服务基层行推荐标准", nullable=True, required=False),
    _column("income_cny", "number", "CNY/year", "income a year, but for the subsidies counted by the plan",
            "年收入（方案计算的补助除外）", nullable=True, required=False),
    _column("spending_cny", "number", "CNY/year",
            "spending a year: a hospital's whole, a clinic's beyond running it and its doctors",
            "年支出（医院为全部；卫生室为运行费和医生之外的）", nullable=True, required=False),
)
ADJACENCY = (
    _column("village_a", "text", "", "one village", "村甲"),
    _column("village_b", "text", "", "a village adjacent to it", "相邻村乙"),
)
# What a run writes. `plan.json` uses the same keys.
PLAN_VILLAGES = (
    _column("id", "text", "", "id", "编号"),
    _column("name", "text", "", "name", "名称"),
    _column("township", "text", "", "township", "乡镇（街道）"),
    _column("lon", "number", "degree", "longitude, WGS 84", "经度 WGS 84"),
    _column("lat", "number", "degree", "latitude, WGS 84", "纬度 WGS 84"),
    _column("mode", "text", "", "service mode", "服务方式", choices=ServiceMode),
    _column("host", "text", "", "id of the facility that takes its clinic over, or whose staff come", "承接机构编号",
            nullable=True),
    _column("host_new_site", "boolean", "", "the host is a new site", "承接机构为新建"),
    _column("days_per_week", "integer", "day", "days a week with a doctor in the village", "每周服务天数"),
    _column("people", "number", "person", "people", "人口"),
    _column("people_65", "number", "person", "people of 65 and over", "65 岁及以上人口"),
    _column("minutes_before", "number", "min", "mean minutes today, assigned site", "现状平均分钟", nullable=True),
    _column("minutes_after", "number", "min", "mean minutes under the plan, assigned site",
            "方案平均分钟", nullable=True),
    _column("minutes_after_p90", "number", "min", "minutes that 90 % of people do not exceed", "方案第 90 百分位分钟",
            nullable=True),
    _column("minutes_nearest_after", "number", "min", "mean minutes to the nearest site",
            "方案最近机构平均分钟", nullable=True),
    _column("minutes_to_host", "number", "min", "minutes from the old clinic to its host",
            "原卫生室到承接机构分钟", nullable=True),
    _column("people_out_before", "number", "person", "people outside the circle today", "现状圈外人口"),
    _column("people_out_after", "number", "person", "people outside the circle under the plan", "方案圈外人口"),
    _column("catchment_of", "text", "", "sub-centre whose catchment it lies in", "所属次中心片区", nullable=True),
    _column("served_by", "text", "", "id of the facility that is the assigned site of most of its people",
            "多数居民的归属机构编号", nullable=True),
    _column("minutes_periodic", "number", "min", "mean minutes to the place in the village that staff visit",
            "到定期服务点平均分钟", nullable=True),
    _column("no_clinic_because", "text", "", "why it has no clinic of its own, though none merged",
            "无卫生室（非合并）的原因", nullable=True, choices=NoClinic),
    _column("consortium", "text", "", "id of the lead of its consortium, where the plan forms consortia",
            "所属医共体牵头机构编号（方案划分医共体时）", nullable=True),
    _column("stage", "integer", "", "year in which its service changes", "服务变动年份", nullable=True),
)
PLAN_FACILITIES = (
    _column("id", "text", "", "id", "编号"),
    _column("name", "text", "", "name", "名称"),
    _column("kind", "text", "", "kind of facility", "机构类别", choices=FacilityKind),
    _column("township", "text", "", "township", "乡镇（街道）", nullable=True),
    _column("village", "text", "", "id of its village", "所在村编号", nullable=True),
    _column("lon", "number", "degree", "longitude, WGS 84", "经度 WGS 84"),
    _column("lat", "number", "degree", "latitude, WGS 84", "纬度 WGS 84"),
    _column("action", "text", "", "what happens to it", "安排", choices=Action),
    _column("merged_into", "text", "", "id of its host", "并入机构编号", nullable=True),
    _column("service", "text", "", "circuit, neighbour or posted, where the clinic is served so",
            "巡回、邻村延伸或驻村", nullable=True,
            choices=(ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR, ServiceMode.POSTED)),
    _column("served_from", "text", "", "id of the facility whose staff come", "服务人员所属机构编号", nullable=True),
    _column("teams", "integer", "team", "circuit teams based here", "巡回队数"),
    _column("sub_centre", "boolean", "", "becomes a sub-centre", "县域医疗卫生次中心"),
    _column("doctors_before", "integer", "doctor", "doctors today", "现有医生", nullable=True),
    _column("doctors", "integer", "doctor", "doctors under the plan", "方案医生", nullable=True),
    _column("people_served", "number", "person", "people of its own village and its guests",
            "本村及并入村服务人口", nullable=True),
    _column("people_nearest", "number", "person", "people for whom it is the assigned site", "就近人口"),
    _column("doctors_retiring", "integer", "doctor", "doctors who retire", "退休医生", nullable=True),
    _column("posts_vacant_before", "integer", "doctor", "established posts vacant today", "现状空编", nullable=True),
    _column("posts_vacant_after", "integer", "doctor", "established posts vacant under the plan, its guests' included",
            "方案空编（含并入机构）", nullable=True),
    _column("posts_by_norm", "integer", "doctor", "posts by the norm for the people it serves", "按标准应有岗位",
            nullable=True),
    _column("patients", "number", "person", "people who go there by the patients' standard", "就近就诊人口",
            nullable=True),
    _column("people_over_capacity", "number", "person", "of them beyond what its doctors can take", "超出接诊能力人口",
            nullable=True),
    _column("capital_cost_cny", "number", "CNY", "capital cost", "建设投资"),
    _column("annual_cost_cny", "number", "CNY/year", "recurrent cost a year", "年运行费用"),
    _column("stage", "integer", "", "year in which it closes, is built or upgraded", "实施年份", nullable=True),
    _column("locked", "text", "", "what was fixed in advance, and why (Chinese)", "事先定下的安排及理由",
            nullable=True),
    _column("locked_en", "text", "", "what was fixed in advance, and why", "事先定下的安排及理由（英文）",
            nullable=True),
    _column("consortium", "text", "", "id of the lead of its consortium, where the plan forms consortia",
            "所属医共体牵头机构编号（方案划分医共体时）", nullable=True),
    _column("funding_source", "text", "", "ids of the sources that pay for it", "资金来源编号", nullable=True),
    _column("balance_cny_before", "number", "CNY/year", "operating balance today", "现状年度收支结余", nullable=True),
    _column("balance_cny_after", "number", "CNY/year", "operating balance under the plan", "方案年度收支结余",
            nullable=True),
    _column("services", "text", "", "ids of the services that it hosts, separated by ;",
            "承担的服务中心编号（以 ; 分隔）", nullable=True),
    _column("equipped", "text", "", "ids of the attribute floors for which it is equipped, separated by ;",
            "为其添置的属性编号（以 ; 分隔）", nullable=True),
)
# Staff by township, beside what is decided there; where doctors are part of the plan.
PLAN_STAFFING = (
    _column("name", "text", "", "township", "乡镇（街道）"),
    _column("doctors_before", "integer", "doctor", "clinic doctors today", "现有医生"),
    _column("doctors_retiring", "integer", "doctor", "doctors who retire", "退休医生"),
    _column("doctors_hired", "integer", "doctor", "doctors hired", "招聘医生"),
    _column("doctors_borrowed", "integer", "doctor", "doctors borrowed inside a consortium, less those lent",
            "医共体内借入（借出为负）"),
    _column("doctors_after", "integer", "doctor", "clinic doctors under the plan, the pool included",
            "方案医生（含乡镇调剂）"),
    _column("doctors_moving", "integer", "doctor", "doctors who stay in the township but leave their site",
            "乡镇内调动医生"),
    _column("doctors_under_40", "integer", "doctor", "doctors under 40 today", "现有 40 岁以下", nullable=True),
    _column("doctors_40_59", "integer", "doctor", "doctors of 40 to 59 today", "现有 40–59 岁", nullable=True),
    _column("doctors_60_plus", "integer", "doctor", "doctors of 60 and over today", "现有 60 岁及以上", nullable=True),
    _column("doctors_60_plus_after", "integer", "doctor", "doctors of 60 and over once others have retired",
            "退休后 60 岁及以上", nullable=True),
    _column("doctors_age_unknown", "integer", "doctor", "doctors today whose age group is not known", "年龄不详"),
    _column("posts", "integer", "doctor", "established posts", "编制（核定岗位）", nullable=True),
    _column("posts_vacant_before", "integer", "doctor", "established posts vacant today", "现状空编", nullable=True),
    _column("posts_vacant_after", "integer", "doctor", "established posts vacant under the plan", "方案空编",
            nullable=True),
    _column("people", "number", "person", "people", "人口"),
    _column("posts_by_norm", "integer", "doctor", "posts by the norm for its people", "按标准应有岗位"),
    _column("posts_to_fill_before", "integer", "doctor", "posts by the norm without a doctor today", "现状应补岗位"),
    _column("posts_to_fill_after", "integer", "doctor", "posts by the norm without a doctor under the plan",
            "方案应补岗位"),
)
PLAN_CELLS = (
    _column("cell", "integer", "", "demand cell", "需求单元"),
    _column("lon", "number", "degree", "longitude, WGS 84", "经度 WGS 84"),
    _column("lat", "number", "degree", "latitude, WGS 84", "纬度 WGS 84"),
    _column("people", "number", "person", "people", "人口"),
    _column("people_65", "number", "person", "people of 65 and over", "65 岁及以上人口"),
    _column("village", "text", "", "id of its village", "所属村编号"),
    _column("minutes_before", "number", "min", "minutes today, first standard", "现状分钟（首个标准）", nullable=True),
    _column("minutes_after", "number", "min", "minutes under the plan, first standard",
            "方案分钟（首个标准）", nullable=True),
    _column("state_before", "text", "", "value, beyond the horizon, or unreachable", "现状状态",
            choices=("value", "beyond", "unreachable")),
    _column("state_after", "text", "", "value, beyond the horizon, or unreachable", "方案状态",
            choices=("value", "beyond", "unreachable")),
    _column("site_before", "text", "", "assigned site today", "现状归属机构", nullable=True),
    _column("site_after", "text", "", "assigned site under the plan", "方案归属机构", nullable=True),
)
REFUSALS = (
    _column("clinic", "text", "", "clinic that could have merged", "可并卫生室编号"),
    _column("host", "text", "", "host considered", "拟承接机构编号"),
    _column("accepted", "boolean", "", "the merger is in the plan", "是否采纳"),
    _column("rule", "text", "", "rule that refused it", "否决规则", nullable=True),
    _column("figure", "number", "", "the figure the rule looked at", "实际数值", nullable=True),
    _column("limit", "number", "", "what the rule allows", "规则限值", nullable=True),
    _column("minutes", "number", "min", "minutes from the clinic to the host", "到承接机构分钟", nullable=True),
)
# Every CSV that a run leaves has these after its first column, so that a table opened alone says what it is.
CSV_BASIS = (
    _column("data_basis", "text", "", "what the data rest on: real, synthetic or assumed",
            "数据依据：real 实际、synthetic 合成、assumed 假定", choices=DATA_BASES),
    _column("notice", "text", "", "what to say wherever the data are shown", "引用数据时须说明", nullable=True),
)
TABLES = {
    "roads": ROADS, "cells": CELLS, "villages": VILLAGES, "facilities": FACILITIES, "adjacency": ADJACENCY,
    "plan_villages": PLAN_VILLAGES, "plan_facilities": PLAN_FACILITIES, "plan_cells": PLAN_CELLS,
    "plan_staffing": PLAN_STAFFING, "refusals": REFUSALS,
}


def names(table: tuple[Column, ...]) -> list[str]:
    """Return the column names of ``table`` in order."""
    return [column.name for column in table]


def csv_names(table: tuple[Column, ...]) -> list[str]:
    """Return the header of ``table`` as a CSV of a run: its columns with those of CSV_BASIS after the first."""
    first, *others = names(table)
    return [first, *names(CSV_BASIS), *others]
