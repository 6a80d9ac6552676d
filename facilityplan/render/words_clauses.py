"""The words of clauses and of the price of named mergers, beside those of `words`."""

from __future__ import annotations

from facilityplan.errors import Text

CLAUSE_WORDS: dict[str, Text] = {key: Text(zh, en) for key, zh, en in (
    ("compliance", "逐条对照", "Clause by clause"),
    ("compliance_text", "每条要求的数字、目标与依据；合成数据上的结论只说明方法，不代表该县达标与否。",
     "The figure, target and basis of what each clause asks. On synthetic data a verdict shows the method and says "
     "nothing of the county."),
    ("sheet_compliance", "合规对照", "Compliance"),
    ("clause", "条款", "Clause"),
    ("clause_asks", "衡量", "Measure"),
    ("clause_figure", "数字", "Figure"),
    ("clause_target", "目标", "Target"),
    ("clause_basis", "依据", "Basis"),
    ("clause_basis_real", "实际数据", "real data"),
    ("clause_basis_synthetic", "合成数据", "synthetic data"),
    ("clause_basis_assumed", "含假定值", "assumed amounts"),
    ("clause_verdict", "结论", "Verdict"),
    ("clause_standing", "性质", "Standing"),
    ("clause_needs", "所缺的列", "Columns missing"),
    ("clause_source", "出处", "Source"),
    ("clause_sentence", "说明", "In a sentence"),
    ("prices", "点名合并的代价", "The price of named mergers"),
    ("prices_text", "每项点名合并：要求它与不要它，各求一次最优（其余照情景的规则自由调整），两个最优之差；"
     "正数为要求它时增加的量。",
     "For each named merger the optimum with it less the optimum without it, everything else free under the scenario's "
     "rules; a positive figure is what it adds."),
    ("sheet_prices", "点名合并代价", "Prices"),
    ("price_merger", "点名合并", "Named merger"),
    ("price_free", "自由最优中已有", "In the free optimum"),
    ("price_into", "并入", "Merges into"),
    ("price_nothing", "无差别", "no difference"),
    ("price_impossible", "按现有规则做不到", "not possible under the rules"),
    ("price_unavoidable", "按现有规则非并不可", "unavoidable under the rules"),
    ("price_not_found", "时限内未求得", "none found in time"),
    ("price_not_found_without", "不要它的方案时限内未求得", "no plan without it was found in time"),
    ("price_proof", "证明", "Proof"),
    ("price_proven", "两边均已证明最优", "both sides proven optimal"),
    ("price_not_proven", "未证明", "not proven"),
)}
