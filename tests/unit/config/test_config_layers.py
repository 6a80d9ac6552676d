"""Precedence in one line: norms < file < scenario (base of extends first) < --set; clashes are refused."""

import pytest
from config_helpers import SMALL, faults, load

from facilityplan.config import list_scenarios, load_config
from facilityplan.errors import UsageError

SCENARIOS = """\
rules:
  hosts: {limit_min: 14}
  no_harm: {delta_min: 3}
  budget: {recurrent_cny: 5000}
default_scenario: tight
scenarios:
  loose:
    name: 宽
    name_en: Loose
    set:
      rules.hosts.limit_min: 20
      rules:
        hosts: {max_hosts: 3}
        no_harm: {delta_min: 4}
      standards.circle.limit_min: 30
  tight:
    name: 紧
    name_en: Tight
    extends: loose
    set:
      rules: {no_harm: {delta_min: 5}, budget: {recurrent_cny: null, recurrent_share_of_today: 0.9}}
"""


def test_each_layer_lies_over_the_one_before(tmp_path):
    tight = load(tmp_path, SCENARIOS, overrides=["rules.doctors.max_hires=7"])
    rules, where = tight.config.rules, tight.provenance
    assert (rules.hosts.limit_min, rules.hosts.max_hosts, rules.no_harm.delta_min) == (20, 3, 5)
    assert (rules.budget.recurrent_cny, rules.budget.recurrent_share_of_today) == (None, 0.9)
    assert (rules.doctors.max_hires, rules.doctors.people_per_doctor_cap) == (7, 1500)
    kinds = {
        key: where[f"rules.{key}"].kind
        for key in (
            "hosts.limit_min",
            "no_harm.delta_min",
            "doctors.max_hires",
            "doctors.people_per_doctor_cap",
            "no_harm.form",
            "hosts.max_hosts",
        )
    }
    assert kinds == {
        "hosts.limit_min": "scenario",
        "no_harm.delta_min": "scenario",
        "doctors.max_hires": "override",
        "doctors.people_per_doctor_cap": "norm",
        "no_harm.form": "default",
        "hosts.max_hosts": "scenario",
    }
    assert (where["rules.hosts.limit_min"].name, where["rules.no_harm.delta_min"].name) == ("loose", "tight")


def test_without_a_scenario_the_file_stands(tmp_path):
    plain = load(tmp_path, SCENARIOS, scenario="default")
    assert (plain.config.rules.hosts.limit_min, plain.config.standard("circle").limit_min) == (14, 15)
    assert plain.provenance["rules.hosts.limit_min"].kind == "file"
    assert plain.scenario_name.zh == "默认情景"


def test_a_resolved_config_lists_only_the_scenario_applied(tmp_path):
    tight = load(tmp_path, SCENARIOS)
    assert list(tight.config.scenarios) == ["tight"] and tight.config.default_scenario == "tight"
    assert tight.config.scenarios["tight"].set == {}
    assert list(tight.scenarios) == ["default", "loose", "tight"]
    assert list_scenarios(tight.path) == ("default", "loose", "tight")


def test_one_standard_is_addressed_by_its_id_and_the_others_stay(tmp_path):
    loose = load(tmp_path, SCENARIOS, scenario="loose")
    assert [(s.id, s.limit_min) for s in loose.config.standards] == [("circle", 30), ("elderly_walk", 15)]
    assert loose.provenance["standards.circle.limit_min"].kind == "scenario"


def test_a_file_may_change_one_standard_of_the_norms(tmp_path):
    loaded = load(tmp_path, "standards: {circle: {limit_min: 20}}\n")
    assert [(s.id, s.limit_min) for s in loaded.config.standards] == [("circle", 20), ("elderly_walk", 15)]


def test_a_list_takes_the_place_of_the_norms_whole(tmp_path):
    loaded = load(tmp_path, "standards: [{id: a, name: 甲, name_en: A, mode: walk, limit_min: 9}]\n")
    assert [s.id for s in loaded.config.standards] == ["a"]
    assert [(o.minimise, o.standard) for o in loaded.config.objectives] == [
        ("uncovered", "a"),
        ("person_minutes", "a"),
        ("cost", None),
        ("changes", None),
    ]


def test_a_table_of_values_in_the_file_takes_the_place_of_the_norms_whole(tmp_path):
    loaded = load(tmp_path, "modes: {walk: {speeds_kmh: {residential: 4}}}\n")
    assert dict(loaded.config.modes["walk"].speeds_kmh) == {"residential": 4.0}
    assert loaded.config.modes["walk"].off_road_kmh == 4.5


def test_an_edit_changes_a_table_of_values_entry_by_entry(tmp_path):
    before = load(tmp_path).config.modes["drive"].speeds_kmh
    after = load(tmp_path, overrides=["modes.drive.speeds_kmh.primary=45", "modes.drive.speeds_kmh.track=null"])
    expected = {**before, "primary": 45.0}
    del expected["track"]
    assert dict(after.config.modes["drive"].speeds_kmh) == expected


def test_a_new_cost_does_not_keep_the_old_ones_source(tmp_path):
    cost = load(tmp_path, overrides=["costs.doctor.value=200000"]).config.costs.doctor
    assert (cost.low, cost.high, cost.standing) == (140_000, 260_000, "assumed")
    assert "not stated" in cost.source and cost.unit == "CNY/year"
    cited = load(tmp_path, "costs: {doctor: {value: 9, source: 县财政局, standing: official}}\n").config.costs.doctor
    assert (cited.low, cited.high, cited.source, cited.standing) == (6.3, 11.7, "县财政局", "official")


def test_the_default_objectives_follow_the_sub_centre_block(tmp_path):
    off = [o.minimise for o in load(tmp_path).config.objectives]
    on = [o.minimise for o in load(tmp_path, "rules: {sub_centres: {max_count: 2}}\n").config.objectives]
    assert off == ["uncovered", "uncovered", "person_minutes", "cost", "changes"]
    assert on == ["uncovered", "uncovered", "sub_centre_minutes", "person_minutes", "cost", "changes"]


def test_no_doctors_and_doctors_again(tmp_path):
    more = "rules: {doctors: null}\nscenarios: {d: {name: 甲, name_en: d, set: {rules.doctors.max_hires: 2}}}\n"
    assert load(tmp_path, more).config.rules.doctors is None
    assert load(tmp_path, more, scenario="d").config.rules.doctors.max_hires == 2


@pytest.mark.parametrize(
    "lines",
    [
        "rules.hosts.limit_min: 3, rules: {hosts: {limit_min: 4}}",
        "rules: {hosts: {limit_min: 4}}, rules.hosts.limit_min: 3",
        "rules.doctors: null, rules.doctors.max_hires: 3",
        "rules: {hosts.limit_min: 3, hosts: {limit_min: 3}}",
    ],
)
def test_a_scenario_that_sets_a_value_twice_is_refused(tmp_path, lines):
    found = faults(tmp_path, f"scenarios: {{x: {{name: 甲, name_en: x, set: {{{lines}}}}}}}\n")
    assert [f.code for f in found] == ["clashing_keys"]


def test_the_same_key_twice_on_the_command_line_is_refused(tmp_path):
    found = faults(tmp_path, overrides=["solver.seed=1", "solver.seed=1"])
    assert [(f.code, f.field) for f in found] == [("clashing_keys", "solver.seed")]


def test_a_dotted_key_in_the_file_itself_is_refused_with_a_hint(tmp_path):
    (found,) = faults(tmp_path, "rules.hosts.limit_min: 3\n")
    assert found.code == "unknown_key" and "nest" in found.remedy.en


@pytest.mark.parametrize("key", ["scenarios.x.name=y", "default_scenario=x", "schema_version=2"])
def test_what_only_the_file_may_say_is_fixed(tmp_path, key):
    assert [f.code for f in faults(tmp_path, overrides=[key])] == ["fixed_key"]


def test_scenarios_in_a_circle_are_named(tmp_path):
    more = "scenarios:\n  a: {name: 甲, name_en: a, extends: b}\n  b: {name: 乙, name_en: b, extends: a}\n"
    found = faults(tmp_path, more)
    assert {f.code for f in found} == {"scenario_cycle"} and any("a → b → a" in f.what.en for f in found)


def test_a_scenario_may_extend_the_default_that_is_always_there(tmp_path):
    more = "scenarios: {a: {name: 甲, name_en: a, extends: default, set: {solver.seed: 4}}}\n"
    assert load(tmp_path, more, scenario="a").config.solver.seed == 4


def test_unknown_scenarios(tmp_path):
    more = "scenarios: {tight: {name: 紧, name_en: t, extends: lose}, loose: {name: 松, name_en: l}}\n"
    (found,) = faults(tmp_path, more)
    assert found.code == "unknown_reference" and "loose" in found.remedy.en
    (found,) = faults(tmp_path, "default_scenario: tihgt\nscenarios: {tight: {name: 紧, name_en: t}}\n")
    assert found.field == "default_scenario" and "tight" in found.remedy.en
    with pytest.raises(UsageError, match="default"):
        load(tmp_path, scenario="defualt")


def test_every_scenario_is_checked_whichever_runs_and_is_named(tmp_path):
    more = (
        "scenarios:\n  good: {name: 甲, name_en: a}\n"
        "  bad:\n    name: 乙\n    name_en: b\n    set:\n      rules: {hots: {limit_min: 3}}\n"
    )
    (found,) = faults(tmp_path, more, scenario="good")
    assert (found.code, found.line, found.id) == ("unknown_key", SMALL.count("\n") + 7, "bad")


@pytest.mark.parametrize(
    ("text", "get", "value"),
    [
        ("county.name=NO: a # b", lambda c: c.county.name, "NO: a # b"),
        ("county.code=0101", lambda c: c.county.code, "0101"),
        ('county.code="null"', lambda c: c.county.code, "null"),
        ("county.code=null", lambda c: c.county.code, None),
        ("rules.without=[host_size, adjacent]", lambda c: c.rules.without, ("host_size", "adjacent")),
        ("rules.hosts={limit_min: 3, max_hosts: 2}", lambda c: c.rules.hosts.max_hosts, 2),
        ("inputs.villages.columns.id=a.b", lambda c: c.inputs.villages.columns, {"id": "a.b"}),
        ("rules.doctors=null", lambda c: c.rules.doctors, None),
    ],
)
def test_values_on_the_command_line(tmp_path, text, get, value):
    assert get(load(tmp_path, overrides=[text]).config) == value


@pytest.mark.parametrize("text", ["solver.seed", "=3", " =3"])
def test_an_override_without_key_or_equals_is_a_usage_error(tmp_path, text):
    with pytest.raises(UsageError):
        load(tmp_path, overrides=[text])


@pytest.mark.parametrize("text", ["rules.without=[a", "rules.without=*x", "county.name=a\x00b", "rules.hosts=3"])
def test_a_value_that_cannot_be_read_is_a_fault_of_the_override(tmp_path, text):
    found = faults(tmp_path, overrides=[text])
    assert found and all((f.file or "").startswith("--set ") for f in found)


def test_a_faulty_override_leaves_the_files_faults_visible(tmp_path):
    found = faults(tmp_path, "solver: {seed: x}\n", overrides=["rules.hosts.limit_min=x"])
    assert [f.field for f in found] == ["solver.seed", "rules.hosts.limit_min"]


def test_a_scenario_asked_for_is_said_to_come_from_the_command_line(tmp_path):
    loaded = load(tmp_path, SCENARIOS, scenario="loose")
    assert loaded.provenance["default_scenario"].name == "-s"
    assert load_config(loaded.path).provenance["default_scenario"].kind == "file"
