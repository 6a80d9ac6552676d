"""Locks that make no sense, or contradict one another, are faults with both lines; ids are held against the data."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_helpers import SMALL, faults, load

from facilityplan.config import load_config
from facilityplan.errors import FaultyInput
from facilityplan.inputs import read_inputs

ROOT = Path(__file__).parents[3]
LINES = SMALL.count("\n")


def locks(*lines: str) -> str:
    return "rules:\n  locks:\n" + "".join(f"    - {{{line}, reason: 因}}\n" for line in lines)


BAD = [
    (("site: A, do: merge_into",), "lock_without_host"),
    (("site: A, do: keep, host: B",), "lock_host_not_used"),
    (("site: A, do: merge_into, host: A",), "lock_into_itself"),
    (("site: A, do: keep, override: [adjacent]",), "lock_override_not_used"),
    (("site: A, do: merge_into, host: B, override: [budget]",), "unknown_choice"),
    (("site: A, do: shut",), "unknown_choice"),
    (("site: A, do: keep", "site: A, do: keep"), "locks_contradict"),
    (("site: A, do: keep", "site: A, do: close"), "locks_contradict"),
    (("site: A, do: keep", "site: A, do: merge_into, host: B"), "locks_contradict"),
    (("site: A, do: merge_into, host: C", "site: A, do: merge_into, host: B"), "locks_contradict"),
    (("site: A, do: merge_into, host: B", "site: A, do: forbid_merge_into, host: B"), "locks_contradict"),
    (("site: A, do: merge_into, host: B", "site: B, do: close"), "locks_contradict"),
    (("site: B, do: merge_into, host: C", "site: A, do: merge_into, host: B"), "locks_contradict"),
    (("site: K, do: build", "site: K, do: forbid"), "locks_contradict"),
]


@pytest.mark.parametrize(("lines", "code"), BAD, ids=[" / ".join(lines) for lines, _ in BAD])
def test_bad_locks_are_refused_with_the_line(lines, code, tmp_path):
    (fault,) = faults(tmp_path, locks(*lines))
    assert fault.code == code
    assert fault.line == LINES + 2 + len(lines)
    assert fault.field.startswith("rules.locks.")
    if code == "locks_contradict":
        assert f"line {LINES + 3}" in fault.what.en
        assert f"第 {LINES + 3} 行" in fault.what.zh


def test_locks_that_agree_are_taken(tmp_path):
    good = locks("site: A, do: keep", "site: A, do: forbid_merge_into, host: B", "site: D, do: close",
                 "site: D, do: merge_into, host: A, override: [adjacent, max_hosts]", "site: K, do: build")
    assert [k.do for k in load(tmp_path, good).config.rules.locks] == [
        "keep", "forbid_merge_into", "close", "merge_into", "build"]


def test_a_reason_is_asked_for(tmp_path):
    (fault,) = faults(tmp_path, "rules: {locks: [{site: A, do: keep}]}\n")
    assert (fault.code, fault.field) == ("missing", "rules.locks.0.reason")


OF_THE_DATA = [
    ("{site: 990001-C999, do: keep, reason: 因}", "unknown_site"),
    ("{site: 990001-C008, do: merge_into, host: 990001-C998, reason: 因}", "unknown_site"),
    ("{site: 990001-C015, do: close, reason: 因}", "lock_cannot_close"),  # private
    ("{site: 990001-T02, do: close, reason: 因}", "lock_cannot_close"),
    ("{site: 990001-T02, do: merge_into, host: 990001-T01, reason: 因}", "lock_cannot_close"),
    ("{site: 990001-C008, do: merge_into, host: 990001-H01, reason: 因}", "lock_no_host"),
    ("{site: 990001-C008, do: merge_into, host: 990001-C015, reason: 因}", "lock_no_host"),
    ("{site: 990001-C008, do: build, reason: 因}", "lock_not_candidate"),
    ("{site: candidate-990001002200, do: keep, reason: 因}", "lock_candidate_kept"),
    ("{site: candidate-990001002200, do: close, reason: 因}", "lock_cannot_close"),
]


@pytest.mark.parametrize(("lock", "code"), OF_THE_DATA, ids=[lock for lock, _ in OF_THE_DATA])
def test_locks_are_held_against_the_data(lock, code):
    config = load_config(ROOT / "configs" / "rules.yaml", overrides=[f"rules.locks=[{lock}]"]).config
    with pytest.raises(FaultyInput) as caught:
        read_inputs(config, ROOT / "data")
    (fault,) = caught.value.faults
    assert fault.code == code
    assert fault.field.startswith("rules.locks.0")
    assert fault.remedy.zh
    assert fault.remedy.en
