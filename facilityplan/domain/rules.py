"""The rules a plan obeys: one id each, used for row names, refusals, conflicts, `without` and the verifier alike."""

from __future__ import annotations

from facilityplan.errors import Text

# Rules that decide which host a clinic may merge into (they filter pairs before the model is built).
HOST_RULES = {
    "adjacent": Text("相邻村才能合并", "only adjacent villages merge"),
    "same_township": Text("合并不跨乡镇", "mergers stay inside a township"),
    "same_consortium": Text("合并不跨医共体", "mergers stay inside a consortium"),
    "host_limit": Text("到承接机构的路程限时", "travel limit from the old clinic to its host"),
    "host_size": Text("承接村人口不少于并入村", "the host village has at least as many people as the guest"),
    "max_hosts": Text("每个卫生室最多考虑的承接机构数", "number of hosts considered for each clinic"),
}
# Rules that decide which service mode may be offered where, and by whom (they filter choices likewise).
MODE_RULES = {
    "mode_eligible": Text("各服务方式的适用条件（人数、路程）",
                          "which villages a service mode is for: people and minutes"),
    "mode_base": Text("巡回和驻村由本乡镇卫生院承担",
                      "circuit teams and posted staff come from the township's own hospital"),
}
# Rules that are rows of the integer program.
ROW_RULES = {
    "one_mode": Text("每个卫生室只有一种安排", "one decision for each clinic"),
    "host_open": Text("承接机构须保留且不再并入他处", "a host stays open and is nobody's guest"),
    "blank_villages": Text("空白村数上限", "villages that may stay without a clinic"),
    "no_harm": Text("不受损：圈内不出圈，圈外不变远",
                    "no harm: nobody inside leaves the circle, nobody outside gets farther"),
    "circle_share": Text("健康服务圈覆盖率下限", "least share of people inside the circle"),
    "mean_minutes_limit": Text("人均分钟上限", "limit on mean minutes"),
    "max_minutes_limit": Text("最远者分钟上限", "limit on the minutes of the farthest person"),
    "worst_decile_limit": Text("最远十分之一人口人均分钟上限", "limit on mean minutes of the worst-off tenth"),
    "kolm_pollak_limit": Text("Kolm–Pollak 等效分钟上限", "limit on Kolm–Pollak's equivalent minutes"),
    "doctor_capacity": Text("每名医生服务人口上限", "people served by each doctor"),
    "doctor_rooms": Text("每个机构医生数上限", "doctors at one site"),
    "doctor_balance": Text("乡镇内人员平衡", "staff balance of each township"),
    "hires": Text("全县招聘人数上限", "number of hires in the county"),
    "doctor_minimum": Text("按服务人口的最少医生数", "least doctors by a clinic's people"),
    "fill_posts": Text("按标准岗位的补齐比例", "share of the posts by the norm that is filled"),
    "patient_overload": Text("超出接诊能力的人数上限", "people beyond the capacity of their nearest site"),
    "recurrent_budget": Text("年度运行经费上限", "annual recurrent budget"),
    "capital_budget": Text("建设资金上限", "capital budget"),
    "work_site": Text("项目只在保留的机构实施", "works only at sites that stay open"),
    "relocation": Text("迁建：旧址关闭，新址开办", "relocation: the old place closes, the new one opens"),
    "works_together": Text("同一机构至多做一个项目（注明可同时做的除外）",
                           "one work of an institution, unless they go together"),
    "works_required": Text("必做项目", "required works"),
    "works_forbidden": Text("不做的项目", "forbidden works"),
    "funding_amount": Text("各来源的资金额度", "what each source of money can give"),
    "no_debt": Text("不举债", "no borrowing"),
    "balance": Text("机构收支结余", "operating balance of institutions"),
    "levels": Text("应达到等级的医院数", "hospitals that reach a level"),
    "circuit_team": Text("巡回队每周工时", "hours of the circuit teams"),
    "circuit_staff": Text("一所卫生院的巡回队数上限", "circuit teams that one hospital can staff"),
    "neighbour_hours": Text("承接卫生室每周上门工时", "hours that a host's doctors have for visits"),
    "posted_pool": Text("一所卫生院可派驻的医生数", "doctors that one hospital can post"),
    "joint_site_guests": Text("新建联合卫生室至少并入的卫生室数", "clinics that merge into a new joint site at least"),
    "sub_centre_eligible": Text("次中心资格条件", "eligibility of sub-centres"),
    "sub_centre_count": Text("次中心数量", "number of sub-centres"),
    "sub_centre_required": Text("指定的次中心", "required sub-centres"),
    "sub_centre_forbidden": Text("排除的次中心", "forbidden sub-centres"),
    "sub_centre_catchment": Text("每个乡镇归属一个次中心片区", "each township belongs to one sub-centre's catchment"),
    "sub_centre_load": Text("次中心服务人口上限", "people in a sub-centre's catchment"),
    "locks": Text("事先定下的安排（锁定）", "decisions fixed in advance (locks)"),
    "closures_total": Text("全县关闭数上限", "number of clinics that may close in the county"),
    "closures_township": Text("各乡镇关闭数上限", "number of clinics that may close in one township"),
    "consortium_member": Text("每个乡镇归属一个医共体", "each township belongs to one consortium"),
    "consortium_leads": Text("指定的医共体牵头医院", "fixed leads of consortia"),
    "consortium_count": Text("医共体个数", "number of consortia"),
    "consortium_balance": Text("各医共体人口均衡", "consortia of like population"),
    "consortium_townships": Text("每个医共体的乡镇数下限", "least number of townships in a consortium"),
    "consortium_contiguous": Text("医共体连成一片", "each consortium hangs together"),
    "consortium_assigned": Text("预先确定的医共体归属", "townships assigned to a consortium beforehand"),
    "consortium_limit": Text("到医共体牵头医院的时限", "travel limit to the lead of the consortium"),
    "consortium_sub_centres": Text("每个医共体的次中心数下限", "least number of sub-centres in a consortium"),
    "consortium_catchments": Text("次中心片区不跨医共体", "sub-centre catchments stay inside a consortium"),
    "consortium_mergers": Text("合并不跨所定医共体", "mergers stay inside a consortium that the plan forms"),
    "consortium_staff": Text("村医只在医共体内调剂", "doctors are lent inside a consortium only"),
    "stage_once": Text("每项变动只在一个年份实施", "each change is made in one year"),
    "stage_closures": Text("各年关闭数上限", "closures by year"),
    "stage_capital": Text("各年建设资金上限", "capital by year"),
    "stage_recurrent": Text("各年年底运行经费上限", "recurrent budget at the end of each year"),
    "stage_doctors": Text("各年年底乡镇内人员平衡", "staff balance of each township at the end of each year"),
    "stage_no_harm": Text("各年年底不受损", "no harm at the end of each year"),
    "sub_centre_min_people": Text("次中心服务人口下限", "least people in a sub-centre's catchment"),
    "sub_centre_spread": Text("次中心之间的最短间隔", "minutes between sub-centres"),
    "sub_centre_contiguous": Text("次中心片区连成一片", "a sub-centre's catchment hangs together"),
    "centre_eligible": Text("服务中心资格条件", "eligibility of service centres"),
    "centre_count": Text("每项服务的中心数量", "number of centres of each service"),
    "centre_required": Text("指定的服务中心", "required service centres"),
    "centre_forbidden": Text("排除的服务中心", "forbidden service centres"),
    "centre_catchment": Text("每个乡镇每项服务归属一个中心", "each township uses one centre of each service"),
    "centre_load": Text("服务中心服务人口上限", "people that a service centre serves"),
    "centre_share": Text("服务中心时限内人口下限", "least share of people near a service centre"),
    "centres_per_host": Text("一所医院承担的服务数上限", "services that one hospital hosts"),
    "attribute_sites": Text("具备某项属性的机构下限", "least number or share of sites with an attribute"),
    "attribute_people": Text("具备某项属性的机构附近人口下限", "least people near a site with an attribute"),
    "stage_ready": Text("先建成后使用：次中心和承接机构等项目完成", "what rests on a work waits until it is done"),
    "stage_earliest": Text("项目不早于最早完成年份", "no work before its earliest year"),
    "stage_funding": Text("各来源各年的资金额度", "what each source of money can give in each year"),
}
RULES = {**HOST_RULES, **MODE_RULES, **ROW_RULES}
# Why an allowed merger was still not made: it breaks no rule, but the objective is worse with it.
OBJECTIVE = "objective"
RULE_NAMES = {**RULES, OBJECTIVE: Text("目标更差", "the objective is worse")}
# What a planner may drop under `rules.without` to see what a rule costs; the others are what a plan is.
_STRUCTURE = frozenset({"one_mode", "host_open", "sub_centre_catchment", "consortium_member", "work_site",
                        "relocation", "stage_once", "centre_catchment"})
DROPPABLE = frozenset(RULES) - _STRUCTURE
