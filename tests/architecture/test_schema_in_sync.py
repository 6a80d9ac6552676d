"""configs/schema.json and the Chinese descriptions follow the schema; the configs that ship obey both."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from facilityplan.config import json_schema, load_configs
from facilityplan.config.field_names_zh import ZH
from facilityplan.config.json_schema import described, json_schema_text, models

CONFIGS = Path(__file__).parents[2] / "configs"
FILES = sorted(CONFIGS.glob("*.yaml"))


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(json_schema())


def test_the_schema_file_has_not_drifted():
    assert (CONFIGS / "schema.json").read_text("utf-8") == json_schema_text(), (
        "run: facilityplan schema > configs/schema.json"
    )


def test_every_model_and_field_is_described_in_both_languages():
    declared = set()
    for name, model in models().items():
        assert model.__doc__ and ZH.get(name), name
        declared.add(name)
        for field in model.model_fields:
            zh, en = described(model, field)
            assert re.search(r"[一-鿿]", zh), (name, field)
            assert en.strip() and not re.search(r"[一-鿿]", en.replace("审图号", "")), (name, field)
        declared |= {
            f"{name}.{field}" for field in vars(model).get("__annotations__", {}) if field in model.model_fields
        }
    assert set(ZH) == declared


def test_every_property_of_the_json_schema_carries_both():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")
    for part in (schema, *schema["$defs"].values()):
        for name, body in part.get("properties", {}).items():
            zh, en = body["description"].split("\n")
            assert re.search(r"[一-鿿]", zh) and en, name


@pytest.mark.parametrize("path", FILES, ids=[p.name for p in FILES])
def test_shipped_configs_obey_the_schema_and_load_with_every_scenario(path, validator):
    validator.validate(yaml.safe_load(path.read_text("utf-8")))
    loaded = load_configs(path, None)  # one reading for all: tests/unit/config/test_config_several.py says it is alike
    assert [one.scenario for one in loaded] == list(loaded[0].scenarios)
    written = yaml.safe_load(path.read_text("utf-8")).get("scenarios", {})
    assert set(written) <= set(loaded[0].scenarios)


def test_the_schema_refuses_what_the_loader_refuses_for_its_form(validator):
    good = yaml.safe_load(FILES[0].read_text("utf-8"))
    for key, value in (("rulse", {}), ("schema_version", 2), ("standards", []), ("county", {})):
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({**good, key: value})


def test_there_are_configs_to_check():
    assert FILES
    assert json.loads((CONFIGS / "schema.json").read_text("utf-8"))["title"] == "facilityplan config"
