"""The words of service centres, attribute floors and the load of sub-centres, beside those of `words`."""

from __future__ import annotations

from facilityplan.errors import Text

OFFER_WORDS: dict[str, Text] = {key: Text(zh, en) for key, zh, en in (
    ("offer_services", "服务中心", "Service centres"),
    ("offer_attributes", "机构属性", "What sites offer"),
    ("offer_catchments", "次中心负荷", "Load of sub-centres"),
    ("offer_service", "服务", "Service"),
    ("offer_type", "类型", "Type"),
    ("offer_host", "承担医院", "Hosted by"),
    ("offer_townships", "使用的乡镇", "Townships that use it"),
    ("offer_people", "服务人口", "People"),
    ("offer_most", "人口上限", "People at most"),
    ("offer_least", "人口下限", "People at least"),
    ("offer_mean", "平均分钟", "Mean minutes"),
    ("offer_worst", "最远村分钟", "Farthest village, min"),
    ("offer_institutions", "使用机构数", "Institutions that use it"),
    ("offer_within", "全部中心时限内人口", "People near any centre"),
    ("offer_limit", "时限（分钟）", "Limit, min"),
    ("offer_floor", "属性", "Attribute"),
    ("offer_before", "现状", "Today"),
    ("offer_after", "方案", "Plan"),
    ("offer_whole", "方案合计", "Of all, plan"),
    ("offer_asked", "下限", "Asked"),
    ("offer_equipped", "添置", "Equipped"),
    ("offer_unknown", "未填写", "Not known"),
    ("offer_unit", "单位", "Counted"),
    ("offer_sites", "机构（个）", "sites"),
    ("offer_persons", "人", "people"),
    ("offer_sub_centre", "次中心", "Sub-centre"),
    ("offer_islands", "不相连的乡镇", "Townships not connected"),
    ("offer_type_emergency", "急诊急救中心", "emergency centre"),
    ("offer_type_shared", "资源共享中心", "shared centre"),
    ("offer_type_clinical", "临床服务中心", "clinical centre"),
)}
