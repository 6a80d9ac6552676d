"""Every fault at once, each with code, line, dotted path, and words in both languages."""

import re

import pytest
from centre_cases import CENTRE_CASES
from clause_cases import CLAUSE_CASES
from config_helpers import SMALL, faults, load

from facilityplan.config import checks, messages

LINES = SMALL.count("\n")
SUB = "rules: {sub_centres: %s}\n"
CON = "rules: {consortia: %s}\n"
WORK = "{id: a, name: 甲, name_en: a, facility: h, kind: rebuild, capital: {value: 5, unit: CNY}%s}"
WORKS = f"rules: {{works: [{WORK}]}}\n"
OTHER_WORK = (WORK % "").replace("id: a", "id: b").replace("h,", "k,")
SOURCE = "{id: s, name: 县, name_en: s}"
MORE = [
    # what is added, code, field, a word of the English remedy
    ("rules: {hots: {}}\n", "unknown_key", "rules.hots", "hosts"),
    ("rulse: {}\n", "unknown_key", "rulse", "rules"),
    ("rules: {max_hosts: 3}\n", "unknown_key", "rules.max_hosts", "rules.hosts.max_hosts"),
    ("zzz: 1\n", "unknown_key", "zzz", "one of"),
    ("rules: 3\n", "wrong_type", "rules", "indented"),
    ("standards: 3\n", "wrong_type", "standards", "one item a line"),
    ("rules: {without: host_size}\n", "wrong_type", "rules.without", "[a, b]"),
    ("rules: {hosts: {limit_min: 0}}\n", "out_of_range", "rules.hosts.limit_min", "inside"),
    ("rules: {hosts: {limit_min: 241}}\n", "out_of_range", "rules.hosts.limit_min", "inside"),
    ("rules: {doctors: {max_hires: -1}}\n", "out_of_range", "rules.doctors.max_hires", "inside"),
    (
        "rules: {budget: {recurrent_share_of_today: 95}}\n",
        "out_of_range",
        "rules.budget.recurrent_share_of_today",
        "0.95",
    ),
    ("rules: {no_harm: {form: strikt}}\n", "unknown_choice", "rules.no_harm.form", "strict"),
    ("solver: {time_limit_s: 0}\n", "out_of_range", "solver.time_limit_s", "inside"),
    (
        "modes: {walk: {speeds_kmh: {residential: 900}}}\n",
        "out_of_range",
        "modes.walk.speeds_kmh.residential",
        "inside",
    ),
    (
        "modes: {walk: {speeds_kmh: {residental: 4}}}\n",
        "unknown_road_class",
        "modes.walk.speeds_kmh.residental",
        "residential",
    ),
    ("modes: {walk: {speeds_kmh: {}}}\n", "no_roads", "modes.walk.speeds_kmh", "class"),
    ("modes: {horse: {name: 马}}\n", "missing", "modes.horse.name_en", "name_en"),
    (
        "modes: {a b: {name: 马, name_en: h, speeds_kmh: {road: 4}, off_road_kmh: 4}}\n",
        "bad_name",
        "modes.a b",
        "letters",
    ),
    ("standards: []\nobjectives: [{minimise: cost}]\n", "empty_list", "standards", "at least one"),
    ("objectives: []\n", "empty_list", "objectives", "at least one"),
    ("objectives: [{minimise: costs}]\n", "unknown_choice", "objectives.0.minimise", "cost"),
    ("objectives: [{minimise: uncovered, standard: cirkle}]\n", "unknown_reference", "objectives.0.standard", "circle"),
    ("objectives: [{minimise: cost, standard: circle}]\n", "standard_not_used", "objectives.0.standard", "take"),
    ("objectives: [{minimise: cost}, {minimise: cost}]\n", "duplicate_objective", "objectives.1", "later"),
    (
        "objectives: [{minimise: uncovered}, {minimise: uncovered, standard: circle}]\n",
        "duplicate_objective",
        "objectives.1",
        "later",
    ),
    ("objectives: [{standard: circle}]\n", "objective_form", "objectives.0", "keep one"),
    ("objectives: [{minimise: cost, weighted: [{minimise: cost, weight: 1}]}]\n", "objective_form", "objectives.0", ""),
    ("objectives: [{weighted: [{minimise: cost}]}]\n", "missing", "objectives.0.weighted.0.weight", "weight"),
    (
        "objectives: [{weighted: [{minimise: cost, weight: 1}, {minimise: cost, weight: 2}]}]\n",
        "duplicate_objective",
        "objectives.0.weighted.1",
        "add the weights",
    ),
    (
        "objectives: [{weighted: [{minimise: worst_decile, standard: cirkle, weight: 1}]}]\n",
        "unknown_reference",
        "objectives.0.weighted.0.standard",
        "circle",
    ),
    ("objectives: [{minimise: cost, kappa: 0.1}]\n", "kappa_not_used", "objectives.0.kappa", "take"),
    (
        "objectives: [{minimise: cost, tolerance: {share: 0.1, value: 3}}, {minimise: changes}]\n",
        "tolerance_form",
        "objectives.0.tolerance",
        "keep one",
    ),
    ("objectives: [{minimise: cost, tolerance: {value: 3}}]\n", "tolerance_of_last", "objectives.0.tolerance", "take"),
    (
        "objectives: [{minimise: kolm_pollak, tolerance: {value: 3}}, {minimise: cost}]\n",
        "tolerance_form",
        "objectives.0.tolerance.value",
        "share",
    ),
    ("rules: {fairness: [{measure: max_minutes}]}\n", "fairness_form", "rules.fairness.0", "keep one"),
    (
        "rules: {fairness: [{measure: max_minutes, limit: 9, no_worse_than_today: true}]}\n",
        "fairness_form",
        "rules.fairness.0",
        "keep one",
    ),
    (
        "rules: {fairness: [{measure: worst_decile, limit: 9}, {measure: worst_decile, limit: 8}]}\n",
        "duplicate_entry",
        "rules.fairness.1",
        "stricter",
    ),
    (
        "rules: {fairness: [{measure: max_minutes, limit: 9, standard: cirkle}]}\n",
        "unknown_reference",
        "rules.fairness.0.standard",
        "circle",
    ),
    ("objectives: [{minimise: sub_centre_minutes}]\n", "sub_centres_off", "objectives.0.minimise", "max_count"),
    ("standards: {circle: {mode: e-bike}}\n", "unknown_reference", "standards.circle.mode", "ebike"),
    ("standards: {cirkle: {mode: ebike}}\n", "unknown_id", "standards.cirkle", "circle"),
    ("standards: {circle: {kinds: []}}\n", "empty_list", "standards.circle.kinds", "at least one"),
    ("standards: {circle: {kinds: [clinic]}}\n", "unknown_choice", "standards.circle.kinds.0", "village_clinic"),
    (
        "standards: [{id: a, name: 甲, name_en: a, mode: walk, limit_min: 9}, "
        "{id: a, name: 甲, name_en: a, mode: walk, "
        "limit_min: 9}]\n",
        "duplicate_id",
        "standards.1.id",
        "another",
    ),
    ("rules: {without: [hostsize]}\n", "unknown_reference", "rules.without.0", "host_size"),
    ("rules: {without: [one_mode]}\n", "rule_not_droppable", "rules.without.0", "plan"),
    ("rules: {without: [adjacent, adjacent]}\n", "duplicate_entry", "rules.without.1", "one"),
    ("rules: {no_harm: {standards: [circel]}}\n", "unknown_reference", "rules.no_harm.standards.0", "circle"),
    (
        "rules: {circle_share: [{standard: x, min_share: 0.5}]}\n",
        "unknown_reference",
        "rules.circle_share.0.standard",
        "circle",
    ),
    (
        "rules: {circle_share: [{standard: circle, min_share: 90}]}\n",
        "out_of_range",
        "rules.circle_share.0.min_share",
        "0.95",
    ),
    (
        "rules: {budget: {recurrent_share_of_today: 0.9, recurrent_cny: 3}}\n",
        "two_budgets",
        "rules.budget.recurrent_cny",
        "null",
    ),
    (
        "rules: {locks: [{site: A, do: close, host: B, reason: 因}]}\n",
        "lock_host_not_used",
        "rules.locks.0.host",
        "take",
    ),
    ("rules: {stages: [{year: 2025}, {year: 2025}]}\n", "stages_out_of_order", "rules.stages.1.year", "order"),
    ("rules: {stages: [{year: 2025, carry_over: true}]}\n", "nothing_to_carry", "rules.stages.0.carry_over", "away"),
    (
        "rules: {stages: [{year: 2025, recurrent_cny: 1, recurrent_share_of_today: 1}]}\n",
        "two_budgets",
        "rules.stages.0.recurrent_cny",
        "keep",
    ),
    (
        "rules: {stages: [{year: 2025, retire_share: 0.1}, {year: 2026}]}\n",
        "retirements_do_not_add_up",
        "rules.stages",
        "each year",
    ),
    (
        "rules: {doctors: {retire_share: 0.3}, stages: [{year: 2025, retire_share: 0.1}]}\n",
        "retirements_do_not_add_up",
        "rules.stages",
        "0.3",
    ),
    (
        "rules: {stages: [{year: 2025, funding: [{source: county, amount_cny: 5}]}]}\n",
        "unknown_reference",
        "rules.stages.0.funding.0.source",
        "take it away",
    ),
    (
        "rules: {funding: [{id: county, name: 县, name_en: county}], stages: [{year: 2025, funding: [{source: county, "
        "amount_cny: 5}, {source: county, amount_cny: 6}]}]}\n",
        "duplicate_id",
        "rules.stages.0.funding.1.source",
        "once a year",
    ),
    (
        "rules: {stages: [{year: 2025}], levels: [{kind: township_hospital, min_level: 2, min_count: 1, year: 2026}]}"
        "\n",
        "no_such_year",
        "rules.levels.0.year",
        "2025",
    ),
    ("objectives: [{minimise: delay}]\n", "stages_off", "objectives.0.minimise", "rules.stages"),
    ("objectives: [{minimise: cost, late: true}]\n", "late_not_used", "objectives.0.late", "late"),
    ("rules: {modes: {circuit: {min_people: 900}}}\n", "min_above_max", "rules.modes.circuit.min_people", "max_people"),
    ("rules: {doctors: null, modes: {posted: {}}}\n", "mode_needs_doctors", "rules.modes.posted", "rules.doctors"),
    (
        "rules: {modes: {circuit: {max_doctor_share: 0.6}, posted: {max_doctor_share: 0.6}}}\n",
        "shares_above_one",
        "rules.modes.posted.max_doctor_share",
        "add up",
    ),
    ("objectives: [{minimise: periodic}]\n", "modes_off", "objectives.0.minimise", "rules.modes.circuit"),
    ("rules: {modes: {travel_mode: dirve}}\n", "unknown_reference", "rules.modes.travel_mode", "drive"),
    ("rules: {doctors: null, patients: {capacity_per_doctor: 900}}\n", "patients_without_doctors", "rules.patients",
     "take patients away"),
    ("rules: {patients: {capacity_per_doctor: 900, overload_people: 5, overload_share: 0.1}}\n", "two_limits",
     "rules.patients.overload_share", "null"),
    ("rules: {patients: {overload_people: 5}}\n", "missing", "rules.patients.capacity_per_doctor",
     "capacity_per_doctor"),
    ("rules: {patients: {standard: bus, capacity_per_doctor: 900}}\n", "unknown_reference", "rules.patients.standard",
     "circle"),
    ("objectives: [{minimise: overload}]\n", "patients_off", "objectives.0.minimise", "take the stage away"),
    ("rules: {patients: {capacity_per_doctor: 900}, balance: {form: no_worse}}\n", "patients_with_balance",
     "rules.patients", "rules.balance.form"),
    ("rules: {doctors: {fill_posts: {min_share: 0.5}}, balance: {form: no_worse, scope: township}}\n",
     "posts_with_balance", "rules.doctors.fill_posts", "institution"),
    ("rules: {doctors: {min_by_people: [{from_people: 9, doctors: 2}, {from_people: 8, doctors: 3}]}}\n",
     "bands_not_rising", "rules.doctors.min_by_people.1", "both rising"),
    ("rules: {doctors: {max_per_site: 2, min_by_people: [{from_people: 9, doctors: 3}]}}\n", "more_than_rooms",
     "rules.doctors.min_by_people.0.doctors", "max_per_site"),
    ("rules: {doctors: {fill_posts: {min_share: 0.5, per_township: true}}, consortia: {leads: [a], pool_staff: true}}"
     "\n",
     "posts_by_township_in_pools", "rules.doctors.fill_posts.per_township", "pool_staff"),
    (SUB % "{min_count: 3, max_count: 2}", "min_above_max", "rules.sub_centres.min_count", "max_count"),
    (SUB % "{min_count: 1}", "min_above_max", "rules.sub_centres.min_count", "max_count"),
    (SUB % "{max_count: 1, required: [a, b]}", "too_many_required", "rules.sub_centres.required", "raise"),
    (SUB % "{required: [a]}", "too_many_required", "rules.sub_centres.required", "raise"),
    (
        SUB % "{max_count: 1, required: [a], forbidden: [a]}",
        "required_and_forbidden",
        "rules.sub_centres.required.0",
        "take",
    ),
    (CON % "{leads: [a, a]}", "duplicate_entry", "rules.consortia.leads.1", "one"),
    (CON % "{leads: [a, b], fixed_leads: [c]}", "unknown_reference", "rules.consortia.fixed_leads.0", "a"),
    (CON % "{leads: [a, b], assigned: {甲镇: c}}", "unknown_reference", "rules.consortia.assigned.甲镇", "a"),
    (CON % "{leads: [a, b], min_count: 2, max_count: 1}", "min_above_max", "rules.consortia.min_count", "max_count"),
    (CON % "{leads: [a], min_count: 2}", "too_few_leads", "rules.consortia.min_count", "more leads"),
    (CON % "{leads: [a, b], fixed_leads: [a, b], max_count: 1}", "too_many_required", "rules.consortia.fixed_leads",
     "raise"),
    (CON % "{leads: [a], catchments_inside: true}", "sub_centres_off", "rules.consortia.catchments_inside", "take"),
    (CON % "{leads: [a], mode: car}", "unknown_reference", "rules.consortia.mode", "drive"),
    (CON % "{leads: []}", "empty_list", "rules.consortia.leads", "at least one"),
    (
        "rules: {sub_centres: {max_count: 2}, consortia: {leads: [a, b, c], min_count: 3}}\n",
        "too_few_sub_centres",
        "rules.consortia.min_sub_centres",
        "lower",
    ),
    ("objectives: [{minimise: consortium_minutes}]\n", "consortia_off", "objectives.0.minimise", "rules.consortia"),
    (SUB % "{mode: car}", "unknown_reference", "rules.sub_centres.mode", "drive"),
    (SUB % "{min_level: 4}", "out_of_range", "rules.sub_centres.min_level", "inside"),
    (WORKS % ", together_with: [b]", "unknown_reference", "rules.works.a.together_with.0", "a"),
    (WORKS % ", sources: [bank]", "unknown_reference", "rules.works.a.sources.0", ""),
    (WORKS % ", to: n", "place_not_used", "rules.works.a.to", "relocate"),
    (WORKS.replace("rebuild", "relocate") % "", "no_place", "rules.works.a", "to:"),
    (WORKS % ", required: true, forbidden: true", "required_and_forbidden", "rules.works.a.required", "keep"),
    (WORKS.replace("value: 5", "value: 5, low: 6") % "", "cost_range", "rules.works.a.capital.low", "low ≤ value"),
    (WORKS.replace("kind: rebuild", "kind: pull_down") % "", "unknown_choice", "rules.works.a.kind", "rebuild"),
    (f"rules: {{works: [{WORK % ''}, {WORK % ''}]}}\n", "duplicate_id", "rules.works.1.id", "another"),
    (
        f"rules: {{works: [{WORK % ', together_with: [b]'}, {OTHER_WORK}]}}\n",
        "other_institution",
        "rules.works.a.together_with.0",
        "anyway",
    ),
    (f"rules: {{funding: [{SOURCE}, {SOURCE}]}}\n", "duplicate_id", "rules.funding.1.id", "another"),
    (
        f"rules: {{funding: [{', '.join(SOURCE.replace('id: s', f'id: s{k}') for k in range(9))}]}}\n",
        "too_many",
        "rules.funding",
        "together",
    ),
    (
        f"rules: {{works: [{', '.join((WORK % '').replace('id: a', f'id: a{k}') for k in range(9))}]}}\n",
        "too_many",
        "rules.works",
        "together",
    ),
    (
        "rules: {balance: {form: no_worse, scope: township}, consortia: {leads: [a], pool_staff: true}}\n",
        "doctors_lent",
        "rules.balance.scope",
        "county",
    ),
    ("rules: {balance: {form: even}}\n", "unknown_choice", "rules.balance.form", "no_worse"),
    ("rules: {levels: [{kind: township_hospital, min_level: 2}]}\n", "count_or_share", "rules.levels.0", "min_count"),
    ("costs: {doctor: {value: 5, low: 6}}\n", "cost_range", "costs.doctor.low", "low ≤ value ≤ high"),
    ("costs: {doctor: {value: 5, high: 4}}\n", "cost_range", "costs.doctor.high", "low ≤ value ≤ high"),
    ("costs: {doctor: {value: -5}}\n", "out_of_range", "costs.doctor.value", "inside"),
    ("costs: {nurse: {value: 5}}\n", "unknown_key", "costs.nurse", "one of"),
    ("output: {basemap: 'http://t.example.org/{z}/{x}/{y}.png'}\n", "bad_basemap", "output.basemap", "https"),
    ("output: {basemap: 'https://t.example.org/{z}/{x}.png'}\n", "bad_basemap", "output.basemap", "https"),
    ("output: {basemap: 'https://u:p@t.example.org/{z}/{x}/{y}'}\n", "bad_basemap", "output.basemap", "https"),
    ("output: {basemap: 'https://t.example.org/{z}/{x}/{y}\"onload=1'}\n", "bad_basemap", "output.basemap", "https"),
    ("output: {basemap: 'javascript:alert({z}{x}{y})'}\n", "bad_basemap", "output.basemap", "https"),
    ("scenarios: {a/b: {name: 甲, name_en: a}}\n", "bad_name", "scenarios.a/b", "letters"),
    ("scenarios: {..: {name: 甲, name_en: a}}\n", "bad_name", "scenarios...", "letters"),
    ("scenarios: {nul: {name: 甲, name_en: a}}\n", "bad_name", "scenarios.nul", "another"),
    ("scenarios: {a: {name: 甲, name_en: a}, A: {name: 甲, name_en: a}}\n", "duplicate_id", "scenarios.A", "another"),
    ("scenarios: {a: {name: 甲}}\n", "missing", "scenarios.a.name_en", "name_en"),
    ("scenarios: {a: {name: 甲, name_en: a, set: 3}}\n", "wrong_type", "scenarios.a.set", "indented"),
    *CENTRE_CASES,
    *CLAUSE_CASES,
]


@pytest.mark.parametrize(("more", "code", "field", "remedy"), MORE, ids=[f"{m[1]}-{m[2]}" for m in MORE])
def test_a_fault_is_named_placed_and_can_be_mended(tmp_path, more, code, field, remedy):
    found = {(f.code, f.field): f for f in faults(tmp_path, more)}
    assert (code, field) in found
    fault = found[code, field]
    assert LINES < fault.line <= LINES + more.count("\n") and fault.column >= 1 and fault.file.endswith("c.yaml")
    assert remedy in fault.remedy.en
    assert len(found) == 1 or code in ("empty_list", "missing"), list(found)


INPUTS = [
    ("crs: EPSG:4549", "crs: EPSG:4490", "crs_not_metric", "county.crs"),
    ("crs: EPSG:4549", "crs: EPSG:2225", "crs_not_metric", "county.crs"),  # feet
    ("crs: EPSG:4549", "crs: EPSG:3857", "crs_too_wide", "county.crs"),
    ("crs: EPSG:4549", "crs: EPSG:999999", "unknown_crs", "county.crs"),
    ("crs: EPSG:4549", "crs: 4549", "unknown_crs", "county.crs"),
    ("crs: EPSG:4549", "crs: '+proj=utm +zone=50'", "unknown_crs", "county.crs"),
    ("schema_version: 1", "schema_version: 2", "unknown_choice", "schema_version"),
    ("data_basis: synthetic", "data_basis: real data", "unknown_choice", "county.data_basis"),
    ("  name: 测试县\n", "", "missing", "county.name"),
    ("{file: b.geojson}", "{file: /etc/passwd}", "path_outside", "inputs.boundary.file"),
    ("{file: b.geojson}", "{file: ../b.geojson}", "path_outside", "inputs.boundary.file"),
    ("{file: b.geojson}", "{file: a/../../b.geojson}", "path_outside", "inputs.boundary.file"),
    ("{file: b.geojson}", "{file: 'https://x.org/b.geojson'}", "path_outside", "inputs.boundary.file"),
    ("{file: b.geojson}", "{file: 'C:/b.geojson'}", "path_outside", "inputs.boundary.file"),
    ("{file: b.geojson}", "{file: 'a\\b.geojson'}", "path_outside", "inputs.boundary.file"),
    ("{file: b.geojson}", "{file: ''}", "path_outside", "inputs.boundary.file"),
    ("{file: b.geojson}", "{file: b.geojson, crs: EPSG:1}", "unknown_crs", "inputs.boundary.crs"),
    ("{file: villages.csv}", "{file: villages.csv, encoding: gbbk}", "unknown_encoding", "inputs.villages.encoding"),
    ("{file: villages.csv}", "{file: villages.csv, encoding: base64}", "unknown_encoding", "inputs.villages.encoding"),
    ("{file: villages.csv}", "{file: villages.csv, columns: {peopel: 人口}}", "unknown_column",
     "inputs.villages.columns.peopel"),
    ("{file: villages.csv}", "{file: villages.csv, osm_places: [village]}", "osm_only", "inputs.villages.osm_places"),
    ("{file: villages.csv}", "{file: v.osm.pbf}", "osm_nothing_chosen", "inputs.villages.file"),
    ("{file: facilities.csv}", "{file: f.osm.pbf}", "osm_nothing_chosen", "inputs.facilities.file"),
    ("{file: facilities.csv}", "{file: f.osm.pbf, osm_tags: {clinic: village_clinic}}", "bad_osm_tag",
     "inputs.facilities.osm_tags.clinic"),
    ("{file: facilities.csv}", "{file: f.osm.pbf, osm_tags: {amenity=clinic: clinic}}", "unknown_choice",
     "inputs.facilities.osm_tags.amenity=clinic"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "field"), INPUTS, ids=[f"{m[2]}-{m[1]}" for m in INPUTS])
def test_faults_of_county_and_inputs(tmp_path, old, new, code, field):
    assert old in SMALL
    assert [(f.code, f.field) for f in faults(tmp_path, small=SMALL.replace(old, new))] == [(code, field)]


@pytest.mark.parametrize("name", ["gb18030", "GBK", "utf-8-sig", "cp1252", "big5"])
def test_usual_encodings_are_known(tmp_path, name):
    assert not faults(tmp_path, small=SMALL.replace("villages.csv", f"villages.csv, encoding: {name}"))


def test_people_of_65_must_come_from_somewhere(tmp_path):
    small = SMALL.replace(", share_65: 0.16", "").replace("villages.csv", "v.osm.pbf, osm_places: [village]")
    assert [(f.code, f.field) for f in faults(tmp_path, small=small)] == [("no_people_65", "standards.elderly_walk")]
    assert not faults(tmp_path, small=SMALL.replace(", share_65: 0.16", ""))  # the village table may tell


def test_every_fault_comes_at_once_in_the_order_of_the_file(tmp_path):
    more = (
        "rules:\n  hots: {}\n  without: [nope]\n  sub_centres: {min_count: 2, max_count: 1}\n"
        "solver: {seed: x}\nscenarios: {a: {name: 甲, name_en: a, set: {rules.nope: 1}}}\n"
    )
    found = faults(tmp_path, more, small=SMALL.replace("crs: EPSG:4549", "crs: EPSG:4326"))
    assert [f.code for f in found] == [
        "crs_not_metric",
        "unknown_key",
        "unknown_reference",
        "min_above_max",
        "wrong_type",
        "unknown_key",
    ]
    assert [f.line for f in found] == sorted(f.line for f in found)


def test_a_faulty_value_does_not_silence_the_checks_beside_it(tmp_path):
    found = faults(tmp_path, "rules: {sub_centres: {min_count: x, max_count: 1, required: [a, b], forbidden: [a]}}\n")
    assert {f.code for f in found} == {"wrong_type", "required_and_forbidden"}


def test_no_fault_speaks_pydantics_english(tmp_path):
    for more, *_ in MORE:
        for fault in faults(tmp_path, more):
            assert re.search(r"[一-鿿]", fault.what.zh) and re.search(r"[一-鿿]", fault.remedy.zh), fault
            assert not re.search(r"[一-鿿]", re.sub(r"“.*?”", "", fault.what.en)), fault
            assert "Input should" not in fault.what.en and fault.code != "invalid", fault


def test_an_error_type_without_words_of_its_own_still_speaks_both_languages():
    fault = messages.translated({"type": "brand_new", "loc": ()}, None, "a.b", None, None)
    assert fault.code == "invalid" and "不合要求" in fault.what.zh and "not valid" in fault.what.en


def test_every_check_can_find_something(tmp_path):
    """Each registered check yields a fault somewhere in this file's cases."""
    from facilityplan.config.layers import overlay, prune
    from facilityplan.config.norms import load_norms
    from facilityplan.config.resolve import read
    from facilityplan.config.shape import CONFIG
    from facilityplan.config.tree import compose

    texts = [SMALL + more for more, *_ in MORE] + [SMALL.replace(old, new) for old, new, *_ in INPUTS]
    texts.append(SMALL.replace(", share_65: 0.16", "").replace("villages.csv", "v.osm.pbf, osm_places: [village]"))
    idle = set(checks.ALL)
    for text in texts:
        tree = overlay(
            load_norms().layer, prune(compose(text, file="c", kind="file", faults=[]), CONFIG), CONFIG, [], edit=False
        )
        _, view, _ = read(tree)
        idle -= {each for each in idle if list(each(view))}
    assert not idle


def test_a_clean_config_has_no_fault(tmp_path):
    assert not faults(tmp_path)
    assert load(tmp_path).scenario == "default"
    assert not faults(tmp_path, "output: {basemap: 'https://{s}.tiles.example.org/a/{z}/{x}/{y}{r}.png?k=v'}\n")


def test_a_standard_may_not_bear_the_name_of_a_figure(tmp_path):
    """Its own figures would otherwise be listed under another key than its id, without a word."""
    more = "standards: [{id: people, name: a, name_en: b, mode: ebike, limit_min: 15}]\n"
    (fault,) = [f for f in faults(tmp_path, more) if f.code == "reserved_id"]
    assert (fault.field, fault.line) == ("standards.people.id", LINES + 1) and "people_circle" in fault.remedy.en


def test_what_is_missing_is_missing_from_the_users_file(tmp_path):
    missing = faults(tmp_path, small="county: {name: a}\n")
    assert {f.field for f in missing} >= {"inputs", "schema_version", "county.crs"}
    assert {f.file for f in missing} == {str(tmp_path / "c.yaml")}
