"""`show`: the resolved config, each value with where it came from, readable again."""

import pytest
import yaml
from config_helpers import load

from facilityplan.config import load_config, show_config

MORE = """\
rules: {doctors: null, budget: {recurrent_cny: 5000}}
scenarios:
  tight: {name: 紧, name_en: "no: #1", set: {rules.hosts.limit_min: 9, modes.drive.speeds_kmh.track: null}}
"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_value_tells_its_origin(tmp_path, lang):
    text = show_config(load(tmp_path, MORE, scenario="tight", overrides=["solver.seed=5"]), lang)
    lines = {
        line.split("  #")[0].strip(): line.split("  # ")[1].strip() for line in text.splitlines() if "  # " in line
    }
    words = {
        "zh": {"limit_min: 9": "情景 tight，第 16 行", "recurrent_cny: 5000": "第 14 行", "doctors: null": "第 14 行",
               "seed: 5": "命令行 --set", "max_hosts: 8": "默认值",
               "off_road_kmh: 3": "规范 elderly_walk_speed（转引）",
               "default_scenario: tight": "命令行 -s"},
        "en": {"limit_min: 9": "scenario tight, line 16", "recurrent_cny: 5000": "line 14", "doctors: null": "line 14",
               "seed: 5": "command line --set", "max_hosts: 8": "default",
               "off_road_kmh: 3": "norm elderly_walk_speed (second-hand)",
               "default_scenario: tight": "command line -s"},
    }  # fmt: skip
    assert {key: lines.get(key) for key in words[lang]} == words[lang]
    assert ("用到的规范" if lang == "zh" else "norms used") in text


def test_every_leaf_has_an_origin(tmp_path):
    loaded = load(tmp_path, MORE)

    def leaves(value, path):
        if isinstance(value, dict) and value:
            for key, item in value.items():
                yield from leaves(item, f"{path}.{key}" if path else key)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for n, item in enumerate(value):
                yield from leaves(item, f"{path}.{item.get('id', n)}")
        else:
            yield path

    assert set(leaves(loaded.config.model_dump(mode="json"), "")) == set(loaded.provenance)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scenario", ["default", "tight"])
def test_what_is_shown_loads_as_the_same_config(tmp_path, lang, scenario):
    loaded = load(tmp_path, MORE, scenario=scenario, overrides=["solver.time_limit_s=1e-5"])
    again = tmp_path / "again.yaml"
    again.write_text(show_config(loaded, lang), "utf-8")
    assert load_config(again).config == loaded.config
    assert load_config(again).scenario == scenario


def test_any_yaml_reader_gets_the_same_texts(tmp_path):
    loaded = load(tmp_path, overrides=["county.code=0101", "county.name=NO", "county.name_en=a # b: 'c' \"d\" \\ é"])
    county = yaml.safe_load(show_config(loaded, "en"))["county"]
    assert (county["code"], county["name"], county["name_en"]) == ("0101", "NO", "a # b: 'c' \"d\" \\ é")
