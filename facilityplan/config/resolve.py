"""A merged tree becomes a Config, or all its faults; and the view of it that the checks look at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import ValidationError

from facilityplan.config import messages
from facilityplan.config.layers import item_id
from facilityplan.config.schema import Config
from facilityplan.config.shape import CONFIG, Shape
from facilityplan.config.tree import Items, Node, Origin, Scalar, Table
from facilityplan.errors import Fault, Text

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")  # as JSON writes them
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
UNKNOWN: Any = object()  # a value that is faulty or missing: checks that need it are left out

Path = tuple[str | int, ...]
Known = dict[tuple[int, int], tuple[Node, Any]]  # (id of a node, id of its shape) → the node, kept alive, and its data


def plain(node: Node, shape: Shape | None, known: Known) -> Any:
    """Return a node as plain data, read the way its place wants it; what does not fit stays text, to be faulted.

    Scenarios share what they do not change: ``known`` holds the tables and lists already read, which nobody may alter.
    """
    if isinstance(node, Scalar):
        return _plain(node, shape)
    at = id(node), id(shape)
    if at not in known:
        if isinstance(node, Table):
            data: Any = {key: plain(value, _below(shape, key), known) for key, value in node.entries.items()}
        else:
            item = shape.item if shape is not None and shape.kind == "list" else None
            data = [plain(value, item, known) for value in node.items]
        known[at] = node, data
    return known[at][1]


def _plain(node: Scalar, shape: Shape | None) -> Any:
    if node.empty or (shape is not None and shape.nullable and node.plain and node.text in ("null", "~")):
        return None
    if shape is None or not node.plain:
        return node.text
    if shape.kind == "whole" and _WHOLE.fullmatch(node.text):
        return int(node.text)
    if shape.kind == "number" and _NUMBER.fullmatch(node.text):
        value = float(node.text)
        return value if abs(value) < float("inf") else node.text
    if shape.kind == "flag" and node.text in ("true", "false"):
        return node.text == "true"
    return node.text


def _below(shape: Shape | None, key: str) -> Shape | None:
    return None if shape is None or shape.kind == "list" else shape.child(key)


@dataclass(frozen=True)
class View:
    """A merged config as far as it could be read: where a value is faulty, checks get UNKNOWN instead."""

    tree: Table
    data: dict[str, Any]
    faulty: frozenset[Path] = field(default_factory=frozenset)

    def node(self, *path: str | int) -> Node | None:
        """Return the node at a path, or None."""
        node: Node | None = self.tree
        for step in path:
            if isinstance(node, Table):
                node = node.entries.get(step)  # type: ignore[arg-type]
            elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                return None
        return node

    def origin(self, *path: str | int) -> Origin | None:
        """Return where the value at a path comes from, or that of the nearest section around it that is written."""
        for end in range(len(path), 0, -1):
            node = self.node(*path[:end])
            if node is not None:
                return node.origin
        return self.tree.origin

    def key_origin(self, *path: str | int) -> Origin | None:
        """Return where the last key of a path stands."""
        parent = self.node(*path[:-1])
        return parent.keys.get(path[-1]) if isinstance(parent, Table) else self.origin(*path)

    def value(self, *path: str | int) -> Any:
        """Return the value at a path, the schema's default where none is written, UNKNOWN where it is faulty."""
        if self.faulty and any(path[: len(bad)] == bad for bad in self.faulty):
            return UNKNOWN
        data, shape = self.data, CONFIG
        for step in path:
            if isinstance(data, dict):
                inside = step in data
            else:
                inside = isinstance(data, list) and isinstance(step, int) and step < len(data)
            data = data[step] if inside else _default(shape, step)
            if data is UNKNOWN:
                return UNKNOWN
            shape = shape.item if shape is not None and shape.kind == "list" else _below(shape, str(step))
        return data

    def keys(self, *path: str | int) -> list[str | int]:
        """Return the keys of a table or the indices of a list at a path; empty where it is neither."""
        value = self.value(*path)
        return list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []

    def field(self, *path: str | int) -> str:
        """Return a path as text: items of a list by their id where they have one, else by their index."""
        return dotted(path, self.tree)


def fault_at(view: View, code: str, path: Path, what: Text, remedy: Text) -> Fault:
    """Return a fault at the value of a path."""
    return messages.fault(code, view.origin(*path), view.field(*path), what, remedy)


@cache
def _default(shape: Shape | None, step: str | int) -> Any:
    if shape is None or shape.model is None or step not in shape.model.model_fields:
        return UNKNOWN
    info = shape.model.model_fields[str(step)]
    if info.is_required() or info.default_factory is not None:
        return UNKNOWN
    default = info.default
    dumped = default.model_dump(mode="json") if hasattr(default, "model_dump") else default
    return list(dumped) if isinstance(dumped, tuple) else dumped  # asked for often, and never changed


def dotted(path: Path, tree: Node) -> str:
    """Return a path as dotted text; an item whose id is unique in its list goes by its id."""
    parts: list[str] = []
    node: Node | None = tree
    for step in path:
        if isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            ids = [item_id(item) for item in node.items]
            own = ids[step]
            parts.append(own if own and ids.count(own) == 1 else str(step))
            node = node.items[step]
        else:
            parts.append(str(step))
            node = node.entries.get(str(step)) if isinstance(node, Table) else None
    return ".".join(parts)


def read(tree: Table, known: Known | None = None) -> tuple[Config | None, View, list[Fault]]:
    """Validate a merged tree by the schema. Returns the Config (None where faulty), the view, and the faults.

    ``known``: what `plain` has read of other trees that share nodes with this one.
    """
    data = plain(tree, CONFIG, {} if known is None else known)
    if isinstance(scenarios := data.get("scenarios"), dict):  # applied, and checked, as layers of their own
        data = {**data, "scenarios": {
            name: {**one, "set": {}} if isinstance(one, dict) and isinstance(one.get("set"), dict) else one
            for name, one in scenarios.items()}}
    try:
        config = Config.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    else:
        return config, View(tree, data), []
    # A list with a faulty item is called too short as well: only an empty one is.
    whole = View(tree, data)
    errors = [e for e in errors if e["type"] != "too_short" or whole.node(*e["loc"]).items == ()]
    view = View(tree, data, frozenset(_location(e["loc"]) for e in errors if e["type"] != "extra_forbidden"))
    faults = [found for e in errors if (found := _fault(e, view)) is not None]
    return None, view, faults


def _location(location: Path) -> Path:
    return location[:-1] if location and location[-1] == "[key]" else location


def _fault(error: dict[str, Any], view: View) -> Fault | None:
    path = _location(error["loc"])
    if error["type"] == "default_factory_not_called":  # its value has been faulted already
        return None
    field_name = view.field(*path)
    if error["type"] == "extra_forbidden":
        return messages.unknown_key(view.key_origin(*path), field_name, str(path[-1]), shape_at(path[:-1]))
    at_key = error["loc"] != path
    node = view.node(*path)
    if at_key:
        origin = view.key_origin(*path)
        return messages.translated(
            error, origin, field_name, Shape("text"), Scalar(str(path[-1]), True, origin or Origin("file"))
        )
    return messages.translated(error, view.origin(*path), field_name, shape_at(path), node)


def shape_at(path: Path) -> Shape | None:
    """Return what the schema takes at a path."""
    shape: Shape | None = CONFIG
    for step in path:
        if shape is None:
            return None
        shape = shape.item if shape.kind == "list" else _below(shape, str(step))
    return shape


def leaves(value: Any, tree: Node | None, shape: Shape, path: str = "") -> Iterator[tuple[str, Node | None]]:
    """Yield (dotted key, node or None) of every value of a resolved config; lists of plain values count as one."""

    def below(key: str) -> Node | None:
        return tree.entries.get(key) if isinstance(tree, Table) else None

    if shape.kind == "model" and value is not None:
        for name, child in shape.fields.items():
            yield from leaves(getattr(value, name), below(name), child, f"{path}.{name}" if path else name)
    elif shape.kind == "table" and value:
        for key, item in value.items():
            yield from leaves(item, below(key), shape.item, f"{path}.{key}")
    elif shape.kind == "list" and value and not shape.holds_values:
        nodes = tree.items if isinstance(tree, Items) else (None,) * len(value)
        for index, item in enumerate(value):
            name = str(getattr(item, "id", index))
            yield from leaves(item, nodes[index], shape.item, f"{path}.{name}")
    else:
        yield path, tree
