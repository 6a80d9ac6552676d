"""Service centres, attribute floors and sub-centres that make no sense: what is added, code, field, a word of help."""

CENTRE = "rules: {centres: [{id: a, name: 甲, name_en: a, %s}]}\n"
TWO = "rules: {centres: [{id: a, name: 甲, name_en: a}, {id: a, name: 乙, name_en: b}]}\n"
FLOOR = "rules: {attributes: [{id: a, name: 甲, name_en: a, %s}]}\n"
CENTRE_CASES = [
    (TWO, "duplicate_id", "rules.centres.1.id", "another id"),
    (CENTRE % "mode: drvie", "unknown_reference", "rules.centres.a.mode", "drive"),
    (CENTRE % "kinds: [village_clinic]", "unknown_choice", "rules.centres.a.kinds.0", "township_hospital"),
    (CENTRE % "min_count: 2", "min_above_max", "rules.centres.a.min_count", "max_count"),
    (CENTRE % "required: [A, B]", "too_many_required", "rules.centres.a.required", "max_count"),
    (CENTRE % "required: [A], forbidden: [A]", "required_and_forbidden", "rules.centres.a.required.0", "forbidden"),
    (CENTRE % "forbidden: [A, A]", "duplicate_entry", "rules.centres.a.forbidden.1", "keep one"),
    (CENTRE % "min_share: 0.5", "limit_missing", "rules.centres.a.min_share", "limit_min"),
    (FLOOR % "column: tcm", "no_floor", "rules.attributes.a", "min_count"),
    (FLOOR % "column: tmc, min_count: 3", "unknown_choice", "rules.attributes.a.column", "tcm"),
    (FLOOR % "column: tcm, min_count: 3, count: people, mode: ebike", "limit_missing", "rules.attributes.a",
     "limit_min"),
    (FLOOR % "column: tcm, min_count: 3, limit_min: 9", "limit_not_used", "rules.attributes.a.limit_min", "people"),
    (FLOOR % "column: tcm, min_count: 3, at_least: 1", "value_not_used", "rules.attributes.a.at_least", "value"),
    (FLOOR % "column: level, min_count: 3", "value_missing", "rules.attributes.a.column", "at_least"),
    (FLOOR % "column: tcm, min_count: 3, value: false, equip_cny: 1", "value_not_used", "rules.attributes.a.value",
     "value"),
    (FLOOR % "column: level, at_least: 2, min_count: 3, equip_cny: 1", "cannot_equip", "rules.attributes.a.equip_cny",
     "equip_cny"),
    ("rules: {sub_centres: {max_count: 1, min_people: 9, max_people: 8}}\n", "min_above_max",
     "rules.sub_centres.min_people", "max_people"),
    ("rules: {stages: [{year: 2026}, {year: 2027}], attributes: [{id: a, name: 甲, name_en: a, column: tcm, "
     "min_count: 1, equip_cny: 5}]}\n", "equipment_in_stages", "rules.attributes.a.equip_cny", "without"),
    ("objectives: [{minimise: centre_minutes}]\n", "centres_off", "objectives.0.minimise", "rules.centres"),
    ("objectives: [{minimise: sub_centre_worst}]\n", "centres_off", "objectives.0.minimise", "max_count"),
]
