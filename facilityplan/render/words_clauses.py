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
)}
