"""Names of the figures at the top of `metrics` in plan.json: no standard may bear one, its own figures stand there."""

METRIC_NAMES = frozenset((
    "added_minutes", "annual_cost_cny", "annual_cost_cny_before", "blank_villages", "capital_cost_cny",
    "doctors_retiring", "patients", "posts_by_norm", "posts_established", "posts_to_fill_after", "posts_to_fill_before",
    "posts_vacant_after", "posts_vacant_before",
    "circle_met", "circle_met_en", "circle_met_zh", "clinic_doctors_after", "clinic_doctors_before",
    "clinics_before", "clinics_built", "clinics_candidate", "clinics_merged", "doctors_in_reserve",
    "group_people", "hires", "mean_minutes_after", "mean_minutes_before", "people", "people_beyond_horizon",
    "people_beyond_horizon_before", "people_entering_circle", "people_leaving_circle", "people_unreachable",
    "people_unreachable_before", "people_with_minutes_after", "people_with_minutes_before",
    "people_within_circle_after", "people_within_circle_before", "people_within_circle_periodic_after", "rural",
    "share_within_after", "share_within_before", "sub_centres", "target_share", "urban", "villages",
    "worst_villages",
))
