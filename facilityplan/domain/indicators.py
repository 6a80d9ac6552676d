"""The indicators that a clause may name: what each counts, its unit, and the parameters that it needs or may take.

`plan.indicators` counts them for the plan, `plan.recount_indicators` once more for the verifier; tests hold the three
lists alike.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from facilityplan.errors import Text

Unit = Literal["share", "count", "min", "CNY", "people", ""]


class Indicator(NamedTuple):
    """One indicator. A unit of "count" turns into a share where the measure says `share: true`."""

    name: Text
    unit: Unit
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


# A column of the facilities' table and what is wanted there: `column` with `value` or `at_least`.
ATTRIBUTE = ("column",)
ATTRIBUTE_MAY = ("value", "at_least", "kinds", "ownership", "sites")

INDICATORS: dict[str, Indicator] = {
    "figure": Indicator(Text("方案指标", "figure of the plan"), "", ("key",)),
    "people_in_circle": Indicator(Text("圈内人口占比", "share of people inside the circle"), "share", (),
                                  ("standard",)),
    "mergers": Indicator(Text("合并的卫生室", "clinics that merge"), "count"),
    "mergers_adjacent": Indicator(Text("相邻村之间的合并占比", "share of mergers between adjacent villages"), "share"),
    "minutes_to_host": Indicator(Text("到承接机构最远分钟", "farthest minutes to a host"), "min"),
    "named_mergers": Indicator(Text("点名合并已落实", "named mergers made"), "count", (), ("mergers", "share")),
    "small_villages_served": Indicator(Text("小村有服务的占比", "share of small villages with a service"), "share",
                                       ("max_people",)),
    "villages_by_mode": Indicator(Text("采用所列服务方式的村", "villages served in these ways"), "count", ("modes",)),
    "sub_centres": Indicator(Text("次中心", "sub-centres"), "count", (), ("sites",)),
    "catchment_townships": Indicator(Text("归入次中心片区的乡镇占比", "share of townships in a catchment"), "share"),
    "services_hosted": Indicator(Text("有医院承担的服务中心", "services with a hospital that hosts them"), "count",
                                 ("services",), ("kinds", "sites", "share")),
    "hospitals_at_level": Indicator(Text("达到等级的医院", "hospitals that have the level"), "count", ("level",),
                                    ("kinds", "sites", "share")),
    "hospitals_decided": Indicator(Text("列入建设项目比选的医院", "hospitals with works to decide on"), "count",
                                   ("sites",)),
    "works_done": Indicator(Text("实施的项目", "works done"), "count", (), ("works", "by_year")),
    "works_capital": Indicator(Text("项目投资", "capital of works"), "CNY", (), ("works",)),
    "sites_with": Indicator(Text("具备该条件的机构", "sites that have it"), "count", ATTRIBUTE,
                            (*ATTRIBUTE_MAY, "share")),
    "people_near": Indicator(Text("服务覆盖人口占比", "share of people within reach"), "share",
                             (*ATTRIBUTE, "mode", "limit_min"), ATTRIBUTE_MAY),
    "total": Indicator(Text("合计", "total"), "", ("numerator",)),
    "ratio": Indicator(Text("比率", "ratio"), "", ("numerator", "denominator"), ("per",)),
    "consortia": Indicator(Text("医共体", "consortia"), "count"),
    "consortia_led_by": Indicator(Text("所列医院各自所在的医共体", "consortia that these hospitals carry"), "count",
                                  ("sites",)),
    "consortia_apart": Indicator(Text("不连片的医共体", "consortia that do not hang together"), "count"),
    "consortia_imbalance": Indicator(Text("医共体人口与平均的最大偏差", "largest deviation of a consortium's people"),
                                     "share"),
    "consortium_members": Indicator(Text("归入医共体的机构占比", "share of facilities in a consortium"), "share"),
    "debt_share": Indicator(Text("借款占建设资金", "borrowed share of capital"), "share"),
    "unfunded_share": Indicator(Text("未落实来源的建设资金占比", "share of capital without a source"), "share"),
    "sources_used": Indicator(Text("用到的资金来源", "sources of money in use"), "count"),
    "balance": Indicator(Text("各机构收支结余合计", "operating balance of institutions"), "CNY", (),
                         ("kinds",)),
    "institutions_in_balance": Indicator(Text("收支平衡的机构", "institutions in balance"), "count", (),
                                         ("kinds", "share")),
}
PARAMETERS = frozenset(p for one in INDICATORS.values() for p in (*one.needs, *one.may))
