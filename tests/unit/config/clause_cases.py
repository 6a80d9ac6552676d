"""Clauses that cannot be answered: what is added, code, field, a word of help."""

CLAUSE = "clauses: [{id: A-1, text_zh: 文, text_en: t, source: {document: 文}, measures: [%s]}]\n"
MEASURE = CLAUSE % "{id: m, indicator: %s}"
AT = "clauses.A-1.measures.m"
TWO = CLAUSE.replace("[{id", "[{id: A-1, text_zh: 文, text_en: t, source: {document: 文}, measures: [%s]}, {id")
GOOD = "{id: m, indicator: mergers, target: 1}"
MERGERS = "named: {mergers: [{id: a, name: 甲, name_en: a, site: x}, {id: a, name: 乙, name_en: b, site: y}]}\n"
CLAUSE_CASES = [
    (TWO % (GOOD, GOOD), "duplicate_id", "clauses.1.id", "another id"),
    (CLAUSE % f"{GOOD}, {GOOD}", "duplicate_id", "clauses.A-1.measures.1.id", "another id"),
    (MERGERS, "duplicate_id", "named.mergers.1.id", "another id"),
    (MEASURE % "mergres, target: 1", "unknown_indicator", f"{AT}.indicator", "mergers"),
    (MEASURE % "ratio, target: 1", "parameter_missing", AT, "numerator"),
    (MEASURE % "mergers, target: 1, max_people: 9", "parameter_not_taken", f"{AT}.max_people", "none"),
    (MEASURE % "sub_centres, target: 1, share: true", "parameter_not_taken", f"{AT}.share", "sites"),
    (MEASURE % "mergers", "missing", f"{AT}.target", "target"),
    (MEASURE % "mergers, target: 80%", "wrong_type", f"{AT}.target", "0.8"),
    (MEASURE % "mergers, target: 1, comparison: '>='", "unknown_choice", f"{AT}.comparison", "at_least"),
    (MEASURE % "mergers, target: 1, comparison: between", "target_high", AT, "target_high"),
    (MEASURE % "mergers, target: 4, target_high: 3, comparison: between", "target_high", f"{AT}.target_high", "round"),
    (MEASURE % "sites_with, column: tcm, target: 1", "value_or_least", AT, "at_least"),
    (MEASURE % "sites_with, column: beds, value: true, target: 1", "column_of_another_type", f"{AT}.column", "use"),
    (MEASURE % "sites_with, column: name, value: true, target: 1", "column_of_another_type", f"{AT}.column", "name"),
    (MEASURE % "total, target: 1, numerator: [{table: villages, column: township}]", "column_of_another_type",
     f"{AT}.numerator.0.column", "another"),
    (MEASURE % "total, target: 1, numerator: [{table: villages, column: people, sites: [a]}]", "parameter_not_taken",
     f"{AT}.numerator.0.sites", "take"),
    (MEASURE % "people_in_circle, target: 1, standard: cirkle", "unknown_reference", f"{AT}.standard", "circle"),
    (MEASURE % "people_near, target: 1, column: tcm, value: true, limit_min: 9, mode: drvie", "unknown_reference",
     f"{AT}.mode", "drive"),
    (MEASURE % "named_mergers, target: 1, mergers: [b]", "unknown_reference", f"{AT}.mergers.0", "take"),
    ("clauses: [{id: A-1, text_zh: 文, text_en: t, source: {document: 文}, measures: []}]\n", "empty_list",
     "clauses.A-1.measures", "at least one"),
]  # fmt: skip
