"""The strict subset of YAML: what is refused, where, and what scalars become."""

import pytest
from config_helpers import SMALL, faults, load, write

from facilityplan.config import load_config
from facilityplan.errors import FaultyInput

LINES = SMALL.count("\n")


@pytest.mark.parametrize(
    ("more", "code", "line"),
    [
        ("solver: &s {seed: 1}\n", "yaml_anchor", 1),
        ("solver: {seed: 1}\noutput: *s\n", "yaml_alias", 2),
        ("solver: {seed: !!int 1}\n", "yaml_tag", 1),
        ("solver: !x {seed: 1}\n", "yaml_tag", 1),
        ("solver:\n  <<: {seed: 1}\n", "yaml_merge_key", 2),
        ("solver:\n  seed: 1\n  seed: 2\n", "duplicate_key", 3),
        ("solver:\n  ? [a, b]\n  : 2\n", "key_not_text", 2),
        ("---\nschema_version: 1\n", "several_documents", 1),
        ("x: " + "[" * 60 + "]" * 60 + "\n", "too_deep", 1),
        ('solver: {seed: "\\0"}\n', "control_character", 1),
        ('solver: {seed: "\\uD800"}\n', "control_character", 1),
        ('solver: {seed: "\\u202e1"}\n', "control_character", 1),
        ('solver: {seed: "1\\n"}\n', "control_character", 1),
        ("solver:\n\tseed: 1\n", "yaml_syntax", 2),
        ("solver: {seed: 1\n", "yaml_syntax", 2),
        ('solver: {seed: "1}\n', "yaml_syntax", 2),
    ],
)
def test_what_yaml_has_and_configs_do_not_is_refused_with_its_line(tmp_path, more, code, line):
    found = faults(tmp_path, more)
    assert (code, LINES + line) in [(f.code, f.line) for f in found]
    assert all(f.what.zh and f.what.en and f.remedy.zh and f.remedy.en for f in found)


def test_a_raw_nul_is_refused(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_bytes(SMALL.encode() + b"solver: {seed: 1\x00}\n")
    with pytest.raises(FaultyInput) as error:
        load_config(path)
    assert [(f.code, f.line) for f in error.value.faults] == [("control_character", LINES + 1)]


def test_a_full_width_colon_is_named(tmp_path):
    (found,) = faults(tmp_path, "solver：\n  seed: 1\n")
    assert (found.code, found.line) == ("yaml_syntax", LINES + 1)
    assert "全角冒号" in found.what.zh and "full-width" in found.what.en


def test_bytes_that_are_not_utf8_are_located(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_bytes("schema_version: 1\ncounty: {name: 德清}\n".encode("gb18030"))
    with pytest.raises(FaultyInput) as error:
        load_config(path)
    assert [(f.code, f.line) for f in error.value.faults] == [("not_utf8", 2)]


def test_more_than_a_megabyte_is_refused_before_it_is_parsed(tmp_path):
    assert [f.code for f in faults(tmp_path, "# " + "x" * 1_000_000)] == ["too_large"]


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_says_so(tmp_path, text):
    assert [f.code for f in faults(tmp_path, small=text)] == ["empty_config"]


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FaultyInput) as error:
        load_config(tmp_path / "none.yaml")
    assert [f.code for f in error.value.faults] == ["config_not_found"]


@pytest.mark.parametrize("text", ["just words\n", "[1, 2]\n"])
def test_a_file_without_keys_at_the_top_says_so(tmp_path, text):
    assert [f.code for f in faults(tmp_path, small=text)] == ["not_a_config"]


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_bytes(("\ufeff" + SMALL.replace("\n", "\r\n")).encode())
    assert load_config(path).config.county.name == "测试县"


@pytest.mark.parametrize("text", ["010101", "NO", "1_000", "0x1F", "1e3", "2024-01-01", "true", "12:30", ".5"])
def test_where_a_text_is_wanted_a_scalar_is_taken_as_it_is_written(tmp_path, text):
    small = SMALL.replace("code: 010101", f"code: {text}").replace("name_en: Test County", f"name_en: {text}")
    county = load(tmp_path, small=small).config.county
    assert county.code == text and county.name_en == text


@pytest.mark.parametrize("text", ["null", "~", ""])
def test_null_empties_what_may_be_empty(tmp_path, text):
    assert load(tmp_path, small=SMALL.replace("010101", text)).config.county.code is None


def test_a_quoted_null_is_a_text(tmp_path):
    assert load(tmp_path, small=SMALL.replace("010101", '"null"')).config.county.code == "null"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("1_000", "1000"), ("1,000", "1000"), ('"10"', "quotation"), ("0o17", None), ("017", "zeros"),
        ("10.0", "whole"),
        ("１０", "half-width"), ("10 min", "10"), ("ten", "figures"), ("0x1F", None), ("1e1", None), ("true", None),
        ("[10]", "colon"),
    ],
)  # fmt: skip
def test_where_a_whole_number_is_wanted_nothing_else_passes(tmp_path, text, remedy):
    (found,) = faults(tmp_path, f"rules:\n  hosts:\n    limit_min: {text}\n")
    assert (found.code, found.line, found.field) == ("wrong_type", LINES + 3, "rules.hosts.limit_min")
    assert remedy is None or remedy in found.remedy.en


@pytest.mark.parametrize(("text", "value"), [("1", 1.0), ("0.95", 0.95), ("1e0", 1.0), ("9.5e-1", 0.95)])
def test_a_number_is_written_as_json_writes_it(tmp_path, text, value):
    loaded = load(tmp_path, f"rules: {{budget: {{recurrent_share_of_today: {text}}}}}\n")
    assert loaded.config.rules.budget.recurrent_share_of_today == value


@pytest.mark.parametrize("text", ["95%", ".inf", "1e999", ".5", "nan", "+1", "1" * 400])
def test_what_json_does_not_call_a_number_is_none(tmp_path, text):
    (found,) = faults(tmp_path, f"rules: {{budget: {{recurrent_share_of_today: {text}}}}}\n")
    assert found.code == "wrong_type"


@pytest.mark.parametrize("text", ["yes", "NO", "on", "True", "1", '"true"'])
def test_only_true_and_false_are_yes_and_no(tmp_path, text):
    (found,) = faults(tmp_path, f"rules: {{hosts: {{adjacent: {text}}}}}\n")
    assert (found.code, found.field) == ("wrong_type", "rules.hosts.adjacent")
    assert ("true" in found.remedy.en) or ("false" in found.remedy.en)


def test_a_section_with_every_line_commented_out_counts_as_not_written(tmp_path):
    loaded = load(tmp_path, "rules:\n  # hosts: {limit_min: 3}\nstandards:\nobjectives:\ncosts:\n  doctor:\n")
    assert loaded.config.rules.hosts.limit_min == 15
    assert [s.id for s in loaded.config.standards] == ["circle", "elderly_walk"]
    assert loaded.config.rules.doctors is not None


def test_thirty_scenarios_are_listed_beside_the_default(tmp_path):
    names = "".join(f"  s{n}: {{name: 甲, name_en: a}}\n" for n in range(30))
    assert len(load(tmp_path, "scenarios:\n" + names).scenarios) == 31


def test_the_path_is_the_one_given(tmp_path):
    path = write(tmp_path, SMALL)
    assert load_config(str(path)).path == path
