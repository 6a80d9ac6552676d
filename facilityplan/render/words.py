"""Every word that an output shows, in both languages, once. Data (names, notes, credits) are not words.

``{name}`` marks what is filled in: by `say` here, by ``t`` in draw.js.
"""

from __future__ import annotations

from facilityplan.config.schema import Standard
from facilityplan.domain.basis import NOTICES, VERDICTS
from facilityplan.errors import Text
from facilityplan.plan.types import Plan

HTML_LANG = {"zh": "zh-CN", "en": "en"}

WORDS: dict[str, Text] = {key: Text(zh, en) for key, zh, en in (
    # page
    ("language_zh", "中文", "中文"),
    ("language_en", "English", "English"),
    ("language_label", "语言", "Language"),
    ("map_title", "村卫生室布局方案", "village clinic plan"),
    ("map_label", "方案地图", "Map of the plan"),
    ("panel_label", "方案说明与图例", "The plan and its legend"),
    ("view_label", "现状或方案", "Today or under the plan"),
    ("view_before", "现状", "Today"),
    ("view_after", "方案", "Plan"),
    ("fit", "显示全县", "Show the whole county"),
    ("zoom_in", "放大", "Zoom in"),
    ("zoom_out", "缩小", "Zoom out"),
    ("close", "关闭", "Close"),
    ("moved_to", "已定位到 {name}", "Moved to {name}"),
    ("scenario", "情景", "Scenario"),
    ("colon", "：", ": "),
    ("comma", "；", "; "),
    ("noscript", "此页需要启用 JavaScript 才能显示地图。", "This page needs JavaScript to draw its map."),
    ("internal_map", "内部工作用图，未经审核", "Internal working map, not reviewed"),
    ("review_number", "审图号", "Review number"),
    ("share", "复制链接", "Copy a link"),
    ("link_copied", "链接已复制：位置、图层和语言都在其中", "Copied: place, layers and language are in the link"),
    ("link_in_address", "链接在地址栏中", "The link stands in the address bar"),
    ("print_view", "打印版（A3）", "Print view (A3)"),
    ("print_now", "打印", "Print"),
    ("print_back", "返回", "Back"),
    ("printed_on", "打印日期", "Printed on"),
    ("township_filter", "只看乡镇", "One township"),
    ("township_all", "全县", "The whole county"),
    ("review_none", "（未取得）", "(none)"),
    # verdict
    ("verdict_real_no_target", "未设达标线", "No target set"),
    ("verdict_synthetic_no_target", "演示：未设达标线", "Demo: no target set"),
    ("verdict_assumed_no_target", "假定数据：未设达标线", "Assumed data: no target set"),
    ("verdict_failed", "核验未通过，方案不可用", "Failed its verification: not to be used"),
    ("target_is", "达标线 {share}（竖线）", "Target {share} (upright mark)"),
    ("proven_line", "已证明最优（差距 0 %）", "Proven optimal (gap 0 %)"),
    ("not_proven_line", "未证明最优，差距 {gap}", "Not proven optimal, gap {gap}"),
    ("not_proven_no_gap_line", "未证明最优，差距未知", "Not proven optimal, gap unknown"),
    ("verified", "独立核验 {checks} 项，全部通过", "Independently verified: all {checks} checks passed"),
    ("verification_failed", "独立核验 {checks} 项，{failures} 项未通过",
     "Verification failed: {failures} of {checks} checks"),
    ("not_verified", "未经独立核验", "Not independently verified"),
    ("does_not_bind", "现状已有 99 % 以上达到该标准，它对方案不起约束作用",
     "At least 99 % meet this standard today already: it does not bind the plan"),
    ("not_reproducible", "求解因时限中止，重算结果可能不同", "Stopped by the clock: another run may differ"),
    ("standard_line", "{name}：{mode}，{limit} 分钟以内，{group}，全日开放机构",
     "{name}: {mode}, within {limit} minutes, {group}, sites open full-time"),
    ("group_all", "全体人口", "everybody"),
    ("group_age65", "65 岁及以上人口", "people of 65 and over"),
    ("mode_walk", "步行", "on foot"),
    ("mode_elderly_walk", "老年人步行", "elderly on foot"),
    ("mode_ebike", "电动自行车", "by e-bike"),
    ("mode_bike", "自行车", "by bicycle"),
    ("mode_drive", "驾车", "by car"),
    # figures
    ("figure_kept", "保留", "Kept"),
    ("figure_merged", "并入他处", "Merged"),
    ("figure_built", "新建", "Built"),
    ("figure_sub_centres", "次中心", "Sub-centres"),
    ("figure_minutes", "人均单程分钟", "Mean minutes, one way"),
    ("figure_outside", "圈外人口", "People outside the circle"),
    ("figure_annual", "年运行费用", "Recurrent cost a year"),
    ("figure_annual_unit", "年运行费用（万元）", "Recurrent, CNY m a year"),
    ("figure_capital", "建设投资", "Capital cost"),
    ("figure_capital_unit", "建设投资（万元）", "Capital, CNY m"),
    ("yuan_large", "{n} 万元", "CNY {n} m"),
    ("yuan_small", "{n} 元", "CNY {n}"),
    # symbols
    ("symbol_kept", "保留", "Kept"),
    ("symbol_host", "保留并承接他村", "Kept, takes others over"),
    ("symbol_merged", "并入他处", "Merged into another"),
    ("symbol_built", "新建", "Built"),
    ("symbol_today", "现有村卫生室、服务站", "Clinic or station today"),
    ("symbol_no_doctor", "现有，无在岗医生", "Clinic today without a doctor"),
    ("symbol_private", "民营，不作调整", "Private, not decided here"),
    ("symbol_no_clinic", "无卫生室的村（社区）", "Village without a clinic"),
    ("symbol_hospital", "乡镇卫生院", "Township hospital"),
    ("symbol_sub_centre", "县域医疗卫生次中心", "County sub-centre"),
    ("symbol_county_hospital", "县级医院", "County hospital"),
    # legend
    ("legend_places", "机构与安排", "Sites and decisions"),
    ("legend_minutes", "人口所在地到归属机构的分钟数", "People, by minutes to their site"),
    ("legend_ground", "底图", "Ground"),
    ("layer_minutes", "按分钟着色", "Shaded by minutes"),
    ("layer_outside", "圈外人口所在地", "Where people are outside"),
    ("layer_circle_before", "现状服务圈边界", "Circle's outline today"),
    ("layer_circle_after", "方案服务圈边界", "Circle's outline under the plan"),
    ("layer_merges", "并入方向", "Merges into"),
    ("layer_catchments", "次中心片区", "Sub-centre catchments"),
    ("layer_roads", "道路", "Roads"),
    ("layer_townships", "乡镇名称", "Township names"),
    ("layer_villages", "村名（放大后）", "Village names (zoomed in)"),
    ("up_to", "≤ {high} 分钟", "≤ {high} min"),
    ("from_to", "{low}–{high} 分钟", "{low}–{high} min"),
    ("more_than", "> {low} 分钟", "> {low} min"),
    ("unreachable", "无路可达", "No route"),
    ("limit_here", "{limit} 分钟：以下为圈外", "{limit} minutes: outside from here"),
    # lists
    ("search", "查找村或机构", "Find a village or a site"),
    ("nothing_found", "没有匹配的村或机构", "No village or site of that name"),
    ("list_outside", "有圈外人口的村", "Villages with people outside"),
    ("list_outside_hint", "按圈外人口排序；点选定位。少于 10 人不列具体数。",
     "Most people first; choose one to go there. Fewer than 10 are not counted out."),
    ("nobody_outside", "无人在圈外。", "Nobody is outside."),
    ("list_merges", "合并清单", "Mergers"),
    ("list_locked", "事先定下的安排", "Fixed in advance"),
    ("head_locked", "安排及理由", "What, and why"),
    ("list_sub_centres", "次中心", "Sub-centres"),
    ("show_all", "显示全部 {n} 条", "Show all {n}"),
    ("n_people", "{n} 人", "{n} people"),
    ("n_minutes", "{n} 分钟", "{n} min"),
    ("mean_minutes", "平均 {n} 分钟", "mean {n} min"),
    ("notes", "说明与假定", "Notes and assumptions"),
    ("sources", "数据来源", "Sources"),
    ("method_line", "方案由整数规划求得，并由不依赖求解器的程序重新核验；"
     "时间按道路计算，含到路边的步行。",
     "An integer program found the plan and a program that knows nothing of it checked the result; "
     "times are by road, the walk to the road included."),
    # cards
    ("village_or_community", "村（社区）", "village or community"),
    ("host", "承接机构", "Taken over by"),
    ("guests", "承接", "Takes over"),
    ("minutes_to_host", "到承接机构", "To its host"),
    ("doctors", "医生（现状→方案）", "Doctors (today → plan)"),
    ("people_served", "本村及并入村人口", "People of own and merged villages"),
    ("people_nearest", "就近人口", "People nearest to it"),
    ("served_by", "多数居民就近前往", "Most people go to"),
    ("no_clinic_because", "未设卫生室的原因", "Why it has no clinic"),
    ("village_minutes", "本村平均分钟", "Village's mean minutes"),
    ("village_outside", "本村圈外人口", "Village's people outside"),
    ("mode", "服务方式", "Service"),
    ("people", "人口", "People"),
    ("p90", "九成人口不超过（分钟）", "90 % of people within (min)"),
    ("catchment", "所属次中心", "Sub-centre"),
    ("sites_here", "本村机构", "Sites here"),
    ("why_merged", "为何并入该机构", "Why this host"),
    ("why_not_merged", "为何未并入", "Why it did not merge into"),
    ("accepted", "采纳", "in the plan"),
    ("figure_against_limit", "（{figure}，限 {limit}）", "({figure} against {limit})"),
    # workbook
    ("sheet_overview", "总览", "Overview"),
    ("sheet_mergers", "合并清单", "Mergers"),
    ("sheet_kept", "保留与新建", "Kept and built"),
    ("sheet_sub_centres", "次中心", "Sub-centres"),
    ("sheet_outside", "未覆盖人口", "People outside"),
    ("sheet_no_clinic", "无卫生室的村", "Without a clinic"),
    ("sheet_definitions", "口径说明", "Definitions"),
    ("head_item", "项目", "Item"),
    ("head_before", "现状", "Today"),
    ("head_after", "方案", "Plan"),
    ("head_unit", "单位", "Unit"),
    ("head_host_name", "承接机构名称", "name of its host"),
    ("head_village_name", "所在村名称", "name of its village"),
    ("head_guests", "承接机构数", "sites it takes over"),
    ("head_catchment_townships", "片区乡镇", "townships in its catchment"),
    ("head_catchment_people", "片区人口", "people in its catchment"),
    ("head_state", "无数值原因", "why there is no figure"),
    ("head_column", "字段", "Column"),
    ("head_unit_of", "计量单位", "Unit of the column"),
    ("head_meaning", "含义", "Meaning"),
    ("figure_people", "人口", "People"),
    ("figure_group_people", "首个标准所指人口", "People whose minutes the first standard counts"),
    ("figure_inside", "圈内人口", "People inside the circle"),
    ("figure_share", "圈内人口占比", "Share of people inside"),
    ("figure_unreachable", "无路可达人口", "People with no route to any site"),
    ("figure_beyond", "超出 240 分钟人口", "People beyond 240 minutes"),
    ("figure_blank", "空白村", "Villages without any site"),
    ("figure_clinic_doctors", "村卫生室医生（含乡镇调剂）", "Clinic doctors (township pools included)"),
    ("figure_reserve", "其中乡镇调剂", "of them in township pools"),
    ("figure_hires", "招聘", "Hires"),
    ("figure_clinics", "公立村卫生室、服务站", "Public clinics and stations"),
    ("unit_people", "人", "people"),
    ("unit_minutes", "分钟", "min"),
    ("unit_cny", "元", "CNY"),
    ("unit_sites", "个", "sites"),
    ("unit_doctors", "人", "doctors"),
    ("yes", "是", "yes"),
    ("no", "否", "no"),
    # GeoPackage
    ("gpkg_boundary", "县界", "boundary"),
    ("gpkg_cells", "人口栅格", "people's cells"),
    ("gpkg_villages", "村（社区）", "villages"),
    ("gpkg_merges", "并入关系", "mergers"),
    ("gpkg_facilities", "机构", "sites"),
    # report
    ("report_title", "村卫生室布局方案报告", "Report on the village clinic plan"),
    ("question", "问题", "The question"),
    ("question_text", "{county}哪些村卫生室并入邻近机构、哪些保留或新建，哪些乡镇卫生院升为县域医疗卫生次中心，"
     "才能在现有经费和人员之内守住健康服务圈？",
     "Which village clinics of {county} merge into a neighbour, which stay or are built, and which township hospitals "
     "become sub-centres, so that the health circle holds within the money and staff there are?"),
    ("answer", "结论", "The answer"),
    ("answer_text", "{kept} 个公立村卫生室（服务站）保留，{merged} 个并入邻近机构，新建 {built} 个；"
     "{sub_centres} 个乡镇卫生院升为次中心。圈内人口占比由 {before} 变为 {after}。",
     "{kept} public clinics (stations) stay, {merged} merge into a neighbour, {built} are built; {sub_centres} "
     "township hospitals become sub-centres. The share of people inside the circle goes from {before} to {after}."),
    ("who_changes", "对谁有变化", "What changes for whom"),
    ("who_changes_text", "单程时间按人计：方案与现状之差。", "People by how their one-way time differs from today's."),
    ("added_nearer", "变近", "nearer"),
    ("added_same", "不变", "the same"),
    ("added_up_to_2", "增加不超过 2 分钟", "up to 2 min more"),
    ("added_up_to_5", "增加 2–5 分钟", "2 to 5 min more"),
    ("added_up_to_10", "增加 5–10 分钟", "5 to 10 min more"),
    ("added_over_10", "增加 10 分钟以上", "more than 10 min more"),
    ("added_lost", "现状可达、方案不可达", "loses its way to any site"),
    ("added_gained", "现状不可达、方案可达", "gains a way to a site"),
    ("added_none", "两者均无数值", "no figure before or after"),
    ("leaving_entering", "{leaving} 人出圈，{entering} 人入圈",
     "{leaving} people leave this circle, {entering} enter it"),
    ("rural", "其中：村", "of them: villages"),
    ("urban", "其中：社区", "of them: communities"),
    ("worst_villages", "平均时间增加最多的村", "Villages whose mean time grows most"),
    ("head_village", "村（社区）", "Village"),
    ("head_township", "乡镇", "Township"),
    ("head_people", "人口", "People"),
    ("head_minutes_before", "现状分钟", "Min today"),
    ("head_minutes_after", "方案分钟", "Min, plan"),
    ("head_added", "增加", "Added"),
    ("head_outside_before", "现状圈外", "Outside today"),
    ("head_outside_after", "方案圈外", "Outside, plan"),
    ("head_clinic", "并入的卫生室", "Clinic that merges"),
    ("head_host", "承接机构", "Host"),
    ("head_minutes_to_host", "两地分钟", "Min apart"),
    ("head_share", "占比", "Share"),
    ("nobody_worse", "没有村的平均时间增加。", "No village's mean time grows."),
    ("list_no_clinic", "无卫生室的村（社区）", "Villages without a clinic of their own"),
    ("no_clinic_text", "空白村 {blank} 个，现状与方案中都没有任何机构；另有 {hospital} 个村没有卫生室，但医院或卫生院"
     "就在本村。并入他处的村见合并清单。",
     "{blank} villages have no site at all, today or under the plan; {hospital} more have no clinic, but a hospital "
     "stands in them. Villages whose clinic merges are among the mergers."),
    ("every_village_served", "每个村都有卫生室，或其卫生室已并入他处。",
     "Every village has a clinic, or one that merges."),
    ("head_served_by", "多数居民就近前往", "Most people go to"),
    ("head_no_clinic_because", "原因", "Why"),
    ("no_mergers", "没有合并。", "Nothing merges."),
    ("no_sub_centres", "本情景未选次中心。", "This scenario chooses no sub-centres."),
    ("cut_list", "仅列前 {n} 条，全部见工作簿。", "The first {n} only; the workbook has all."),
    ("staff_money", "人员与经费", "Staff and money"),
    ("cost_caution", "单价多为假定值，见口径说明；金额用于比较方案，不作预算依据。",
     "Unit costs are mostly assumed (see the notes): good for comparing plans, not for a budget."),
    ("rules_bound", "起约束作用的规则", "Which rules bound"),
    ("rules_bound_text", "余量为零的规则限制了方案。安排以整个机构为单位：余量不足以改变任何一个机构的规则"
     "（如剩余经费不够多保留一个卫生室）同样限制方案。",
     "A rule with nothing left limits the plan. Decisions are of whole sites: a rule also limits it where what is left "
     "is too little to change any one of them (money too short to keep one more clinic, say)."),
    ("head_rule", "规则", "Rule"),
    ("head_slack", "余量", "Left"),
    ("binds", "起约束", "binds"),
    ("slack_left", "尚余 {n}", "{n} left"),
    ("no_slacks", "求解器未给出余量。", "No figures of what is left were recorded."),
    ("refused", "未采纳的合并", "Mergers refused"),
    ("refused_text", "每个卫生室与每个可能的承接机构为一对。",
     "A pair is a clinic and a host that was considered for it."),
    ("head_pairs", "对数", "Pairs"),
    ("head_example", "例", "Example"),
    ("no_refusals", "没有可考虑而未采纳的合并。", "No merger was considered and refused."),
    ("stages", "目标分级与证明", "Stages of the objective and their proof"),
    ("head_stage", "目标", "Stage"),
    ("head_value", "数值", "Value"),
    ("head_bound", "界", "Bound"),
    ("head_gap", "差距", "Gap"),
    ("gap_given", "{gap}（以上级所得为前提）", "{gap} (given the stage above)"),
    ("gap_unknown", "未知", "unknown"),
    ("stages_given", "上级因时限中止时，下级的差距只是在上级所得结果之下的差距，不表示整个方案已证明。",
     "Where a stage was stopped, the gaps below it hold given what it found; they do not prove the plan as a whole."),
    ("stage_line", "{rank}. {name}：{value}，差距 {gap}", "{rank}. {name}: {value}, gap {gap}"),
    ("stage_uncovered", "圈外人口最少", "fewest people outside"),
    ("stage_person_minutes", "人·分钟最少", "fewest person-minutes"),
    ("stage_sub_centre_minutes", "到次中心的人·分钟最少", "fewest person-minutes to sub-centres"),
    ("stage_cost", "费用最低", "least cost"),
    ("stage_max_minutes", "最远者分钟最少", "fewest minutes for the farthest person"),
    ("stage_worst_decile", "最远十分之一人口的分钟最少", "fewest minutes for the worst-off tenth"),
    ("stage_kolm_pollak", "Kolm–Pollak 等效分钟最少", "fewest Kolm–Pollak equivalent minutes"),
    ("stage_weighted", "加权合计最小", "least weighted sum"),
    ("tolerance_used", "容差 {allowed}，用去 {used}", "{used} of a tolerance of {allowed} used"),
    ("fairness", "时间分得是否公平", "Is time shared fairly?"),
    ("fairness_text", "单程整分钟（向上取整）；四小时内没有开放机构的按四小时计。",
     "Whole minutes one way, rounded up; who has nothing open within four hours counts as four hours."),
    ("fairness_mean_minutes", "人均", "On average"),
    ("fairness_max_minutes", "最远的人", "The farthest person"),
    ("fairness_worst_decile", "最远的十分之一人口，人均", "The worst-off tenth, on average"),
    ("fairness_kolm_pollak", "人人相同时的等效值（不平等越大越高；Kolm–Pollak）",
     "If all had the same: equally bad as today's spread (Kolm–Pollak)"),
    ("fairness_note", "{name}：计 {people} 人；四小时内无任何机构可达的 {out} 人不计；不平等厌恶系数每分钟 {kappa}。",
     "{name}: {people} people; {out} whom no site can reach within four hours are left out; aversion to inequality "
     "{kappa} a minute."),
    ("head_standard", "标准", "Standard"),
    ("stage_changes", "变动最少", "fewest changes"),
    ("method", "方法", "Method"),
    ("method_text", "时间按道路计算：人从所在地步行到最近可用道路，沿路到机构一侧，再步行到机构，以十分之一秒累计。"
     "方案由整数规划按上述目标逐级求得，前一级的最优值在后一级中保持不变。"
     "所有数字由方案本身重新计算，并由不依赖求解器的程序核验。",
     "Times are by road: on foot to the nearest usable road, along it, and on foot to the site, summed in tenths of a "
     "second. An integer program found the plan stage by stage, each stage keeping the best value of the one before. "
     "Every figure is recomputed from the plan itself and checked by a program that knows "
     "nothing of the solver."),
    ("limits", "局限", "Limits"),
    ("limit_synthetic", "地理、人口、机构和道路为合成数据，只用于演示软件，不能据以对该县作任何判断。",
     "Geography, people, sites and roads are synthetic. They show the software; nothing about the county follows."),
    ("limit_assumed", "部分数据为假定值，结论随之变化。",
     "Part of the data is assumed, and the conclusions move with it."),
    ("limit_times", "时间为按道路等级设定的速度推算，未计拥堵、天气和候诊。",
     "Times follow speeds set by road class: no congestion, weather or waiting."),
    ("limit_unproven", "本方案未被证明最优，可能存在更好的方案。",
     "This plan is not proven optimal: a better one may exist."),
    ("limit_small", "少于 10 人的数字在地图、报告和工作簿中记为“< 10”；plan.json、CSV、Parquet 和 GeoPackage "
     "是机器读取的记录，保留原值，公开前须另行处理。",
     "Map, report and workbook write figures of fewer than 10 people as “< 10”; plan.json, CSV, Parquet and GeoPackage "
     "are the machine record and keep them exact: treat them before publishing."),
)}
WORDS |= {f"banner_{basis}": text for basis, text in NOTICES.items()}
WORDS |= {f"verdict_{basis}_{'met' if met else 'not_met'}": verdict.text for (basis, met), verdict in VERDICTS.items()}


def say(key: str, **values: object) -> Text:
    """Return a word with its marks filled in."""
    return Text(*(text.format(**values) for text in WORDS[key]))


def say_each(key: str, **values: Text) -> Text:
    """Return a word with its marks filled in by texts, each in its own language."""
    return Text(*(text.format(**{name: value[k] for name, value in values.items()})
                  for k, text in enumerate(WORDS[key])))


def county_name(plan: Plan) -> Text:
    """Return the county's name."""
    return Text(plan.county, plan.county_en)


def scenario_name(plan: Plan) -> Text:
    """Return the scenario's name."""
    return plan.scenario_name


def mode_name(mode: str) -> Text:
    """Return a travel mode's name; one that we do not know keeps its id."""
    return WORDS.get(f"mode_{mode}", Text(mode, mode))


def standard_text(standard: Standard) -> Text:
    """Return a standard in one line: name, mode, limit, whose minutes, which sites."""
    mode, group = mode_name(standard.mode), WORDS[f"group_{standard.group}"]
    return Text(*(template.format(name=name, mode=mode.in_language(lang), limit=standard.limit_min,
                                  group=group.in_language(lang))
                  for lang, template, name in zip(("zh", "en"), WORDS["standard_line"],
                                                  (standard.name, standard.name_en), strict=True)))
