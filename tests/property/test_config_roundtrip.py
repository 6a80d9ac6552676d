"""Any config that loads is shown as one that loads to the same; and no text at all makes the loader fail otherwise."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilityplan.config import load_config, show_config
from facilityplan.domain.characters import hidden_in
from facilityplan.errors import FaultyInput

texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=30)
awkward = [
    "NO", "null", "~", "010101", "1e3", "a:b", "a:\u00a0b", "-", "#", "'", '"', "{", "*a", "&a", "!x", "<<", "\ufeff",
    "\u2028", "\\", "é", "村", "true", "=", "@", "%", "|", ">", "", "a: b", "- a", " a ",
]  # fmt: skip
words = texts | st.sampled_from([text for text in awkward if hidden_in(text) is None])  # those are refused
names = st.from_regex(r"\A[0-9A-Za-z_一-鿿][0-9A-Za-z_一-鿿-]{0,8}\Z").filter(
    lambda n: not re.fullmatch("(?i)con|nul|aux|prn|(com|lpt)[1-9]", n)
)
counts = st.integers(0, 2**31 - 1)
shares = st.floats(0, 1, allow_nan=False)


@st.composite
def configs(draw) -> dict:
    """A config as plain data: what a user may write, in JSON, which is YAML."""
    ids = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    standards = [
        {
            "id": i,
            "name": draw(words),
            "name_en": draw(words),
            "limit_min": draw(st.integers(1, 240)),
            "mode": draw(st.sampled_from(["walk", "ebike", "drive"])),
            "target_share": draw(st.none() | shares),
        }
        for i in ids
    ]
    rules = draw(st.fixed_dictionaries({}, optional={
        "hosts": st.fixed_dictionaries({}, optional={"limit_min": st.integers(1, 240), "adjacent": st.booleans()}),
        "doctors": st.none() | st.fixed_dictionaries({}, optional={"max_hires": counts, "retire_share": shares}),
        "budget": st.just({}) | st.fixed_dictionaries({"recurrent_cny": st.floats(0, 1e300)}),
        "no_harm": st.fixed_dictionaries({"exempt_villages": st.lists(words.filter(bool), max_size=3, unique=True)}),
    }))  # fmt: skip
    scenarios = {
        i: {
            "name": draw(words),
            "name_en": draw(words),
            "set": draw(st.just({}) | st.fixed_dictionaries({"solver.seed": counts})),
        }
        for i in draw(st.lists(names, max_size=2, unique_by=str.lower))
    }
    return {
        "schema_version": 1,
        "county": {
            "name": draw(words),
            "name_en": draw(words),
            "code": draw(st.none() | words),
            "crs": "EPSG:4549",
            "data_basis": "synthetic",
        },
        "inputs": {
            "boundary": {"file": "b.geojson"},
            "roads": {"file": "r.gpkg"},
            "people": {"file": "p.tif", "nodata": draw(st.none() | st.floats(-1e30, 1e30))},
            "villages": {"file": "v.csv", "columns": {"id": draw(words), "name": draw(words)}},
            "facilities": {"file": "f.csv"},
        },
        **draw(st.just({}) | st.just({"standards": standards})),
        "rules": rules,
        "scenarios": scenarios,
        "default_scenario": draw(st.sampled_from([*scenarios, "default"])),
    }


@settings(max_examples=25, deadline=None)
@given(configs(), st.sampled_from(["zh", "en"]))
def test_shown_configs_load_to_the_same(data, lang):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        path.write_text(
            "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(data, ensure_ascii=False)), "utf-8"
        )
        loaded = load_config(path)
        assert loaded.config.county.name == data["county"]["name"]
        assert loaded.config.inputs.people.nodata == data["inputs"]["people"]["nodata"]
        path.write_text(show_config(loaded, lang), "utf-8")
        again = load_config(path)
        assert again.config == loaded.config
        path.write_text(show_config(again, lang), "utf-8")
        assert load_config(path).config == loaded.config


KEYS = [
    "schema_version",
    "county",
    "inputs",
    "rules",
    "hosts",
    "standards",
    "scenarios",
    "set",
    "extends",
    "costs",
    "doctor",
    "value",
    "circle",
    "objectives",
    "modes",
    "walk",
    "speeds_kmh",
    "a.b",
    "rules.hosts.limit_min",
    "<<",
    "",
    "columns",
]
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | texts, below, max_size=4),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), trees, max_size=6).map(lambda d: json.dumps(d, ensure_ascii=False))
    | st.text()
)
def test_whatever_stands_in_the_file_the_answer_is_a_list_of_faults(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        path.write_text(text, "utf-8", errors="replace")
        with pytest.raises(FaultyInput) as error:
            load_config(path)
        for fault in error.value.faults:
            assert fault.what.zh and fault.remedy.en and fault.file
