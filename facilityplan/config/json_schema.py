"""JSON Schema of a config *file*, for editors: what the norms fill in is not required, and every key is described in
both languages. `configs/schema.json` holds it; a test keeps the two alike."""

from __future__ import annotations

import copy
import json
from typing import Any

from pydantic import BaseModel

from facilityplan.config.base import Model
from facilityplan.config.field_names_zh import ZH
from facilityplan.config.norms import ROAD_CLASSES, load_norms
from facilityplan.config.schema import Config
from facilityplan.config.tree import Table

# Models whose fields the norms fill in, wholly or where a built-in one (a mode, a cost) is only changed.
_FILLED = ("TravelMode", "Costs", "Cost", "CircuitRules", "NeighbourRules", "PostedRules")


def described(model: type[BaseModel], field: str) -> tuple[str, str]:
    """Return (Chinese, English) description of a model's field. Raises KeyError where the Chinese one is missing."""
    owner = next(c for c in model.__mro__ if field in vars(c).get("__annotations__", {}))
    return ZH[f"{owner.__name__}.{field}"], " ".join((model.model_fields[field].description or "").split())


def models() -> dict[str, type[BaseModel]]:
    """Return every config model by name, in whatever module it is declared."""
    found: dict[str, type[BaseModel]] = {}
    todo = list(Model.__subclasses__())
    while todo:
        model = todo.pop(0)
        todo += model.__subclasses__()
        if model.__module__.startswith(f"{__package__}."):
            found[model.__name__] = model
    return found


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a config file."""
    root = Config.model_json_schema(mode="validation")
    known = models()
    for name, part in [("Config", root), *root["$defs"].items()]:
        if name not in known:  # an enumeration
            continue
        part["description"] = f"{ZH[name]}\n{' '.join((known[name].__doc__ or '').split())}"
        for field, body in part.get("properties", {}).items():
            zh, en = described(known[name], field)
            part["properties"][field] = _with_description(body, f"{zh}\n{en}")
        if name in _FILLED:
            part.pop("required", None)
    filled = load_norms().layer.entries
    root["required"] = [key for key in root["required"] if key not in filled and key != "objectives"]
    speeds = root["$defs"]["TravelMode"]["properties"]["speeds_kmh"]
    speeds["propertyNames"] = {"enum": list(ROAD_CLASSES)}
    _allow_addressing(root)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "facilityplan config",
        **{k: v for k, v in root.items() if k != "title"},
    }


def _with_description(body: dict[str, Any], text: str) -> dict[str, Any]:
    return {**{k: v for k, v in body.items() if k not in ("description", "title")}, "description": text}


def _allow_addressing(root: dict[str, Any]) -> None:
    """Standards may be a list, or keys that change the norms' standards by their id."""
    partial = copy.deepcopy(root["$defs"]["Standard"])
    partial.pop("required", None)
    root["$defs"]["StandardChange"] = partial
    body = root["properties"]["standards"]
    listed = {k: v for k, v in body.items() if k != "description"}
    standards = load_norms().layer.entries["standards"]
    ids = [item.entries["id"].text for item in standards.items if isinstance(item, Table)]  # type: ignore[union-attr]
    root["properties"]["standards"] = {
        "description": body["description"],
        "anyOf": [
            listed,
            {
                "type": "object",
                "propertyNames": {"enum": ids},
                "additionalProperties": {"$ref": "#/$defs/StandardChange"},
            },
        ],
    }


def json_schema_text() -> str:
    """Return the JSON Schema as it stands in configs/schema.json; `facilityplan schema` prints it."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
