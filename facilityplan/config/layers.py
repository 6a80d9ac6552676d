"""Layers of a config laid over each other. In one line: norms < file < scenario (base of extends first) < --set.

In a file, a list or a table of plain values (speeds, columns) takes the place of the norms' whole. A scenario or --set
is an edit: its lists replace whole too, but a table of values changes entry by entry (null takes one away). A list
whose items have ids can be addressed by id: `standards.circle.limit_min`. Keys of an edit may be nested or dotted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from facilityplan.config import messages
from facilityplan.config.shape import CONFIG, Shape
from facilityplan.config.tree import Items, Node, Origin, Scalar, Table, compose
from facilityplan.domain.characters import hidden_in
from facilityplan.errors import Fault, Text, UsageError

# A cost's figure and its source travel together: a layer that gives a new value drops these of the layers below.
_TIED_TO_VALUE = ("low", "high", "source", "standing")
# What no scenario and no --set may change.
FIXED = ("schema_version", "default_scenario", "scenarios")
DEFAULT = "default"  # the scenario that always exists: the file as it stands


def prune(node: Node, shape: Shape | None) -> Node:
    """Drop sections written empty (`rules:` with every line below it commented out): they count as not written."""
    if shape is None or shape.kind == "any":
        return node
    if isinstance(node, Table):
        entries = {}
        for key, value in node.entries.items():
            below = _below(shape, key)
            if not (isinstance(value, Scalar) and value.empty and below is not None and below.is_section):
                entries[key] = prune(value, below)
        return node.with_entries(entries)
    if isinstance(node, Items):
        return Items(
            tuple(prune(item, shape.item if shape.kind == "list" else None) for item in node.items), node.origin
        )
    return node


def _below(shape: Shape | None, key: str) -> Shape | None:
    """Return the shape under ``key``; a list of models with ids is addressed by id."""
    if shape is None or (shape.kind == "list" and not shape.keyed_by_id):
        return None
    return shape.child(key)


def overlay(
    base: Node | None, over: Node, shape: Shape | None, faults: list[Fault], *, edit: bool, path: str = ""
) -> Node:
    """Return ``base`` with ``over`` laid on top. ``edit`` is True for scenarios and --set."""
    if not isinstance(over, Table):
        return over
    if shape is not None and shape.keyed_by_id:
        return _overlay_by_id(base, over, shape, faults, edit=edit, path=path)
    if shape is not None and shape.holds_values and not edit:
        return over
    if not isinstance(base, Table):
        base = Table({}, over.origin)
    entries = dict(base.entries)
    if shape is not None and shape.model is not None and shape.model.__name__ == "Cost" and "value" in over.entries:
        tied = ("low", "high") if "source" in over.entries else _TIED_TO_VALUE
        entries = {k: v for k, v in entries.items() if k not in tied}
    for key, value in over.entries.items():
        below = _below(shape, key)
        if edit and shape is not None and shape.holds_values and isinstance(value, Scalar) and _is_null(value):
            entries.pop(key, None)
            continue
        entries[key] = overlay(entries.get(key), value, below, faults, edit=edit, path=_join(path, key))
    # What is missing from a section is missing from where it was written last, not from the norms.
    return Table(entries, over.origin if not edit or not base.entries else base.origin, {**base.keys, **over.keys})


def _overlay_by_id(base: Node | None, over: Table, shape: Shape, faults: list[Fault], *, edit: bool, path: str) -> Node:
    items = base.items if isinstance(base, Items) else ()
    ids = [item_id(item) for item in items]
    changed = list(items)
    for key, value in over.entries.items():
        if key not in ids:
            faults.append(
                messages.unknown_id(
                    over.keys.get(key, value.origin), _join(path, key), key, [i for i in ids if i is not None]
                )
            )
            continue
        at = ids.index(key)
        changed[at] = overlay(changed[at], value, shape.item, faults, edit=edit, path=_join(path, key))
    return Items(tuple(changed), base.origin if isinstance(base, Items) else over.origin)


def item_id(item: Node) -> str | None:
    """Return the id of a list's item, or None where it has none."""
    node = item.entries.get("id") if isinstance(item, Table) else None
    return node.text if isinstance(node, Scalar) else None


def _is_null(value: Scalar) -> bool:
    return value.plain and value.text in ("", "~", "null")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def segments(key: str, shape: Shape | None) -> list[str]:
    """Split a dotted key along the schema: below a table of values the rest is one key, dots and all."""
    parts, rest = [], key
    while True:
        if shape is not None and shape.kind == "table" and shape.holds_values:
            return [*parts, rest]
        head, dot, tail = rest.partition(".")
        parts.append(head)
        if not dot:
            return parts
        shape, rest = _below(shape, head), tail


def expand(table: Table, faults: list[Fault], *, shape: Shape | None = CONFIG, path: str = "") -> Table:
    """Return the table with dotted keys made nested. A value that is given twice is a fault and the first one stays."""
    result = Table({}, table.origin)
    for key, value in table.entries.items():
        origin = table.keys.get(key, value.origin)
        parts = segments(key, shape)
        below = shape
        for part in parts:
            below = _below(below, part)
        if isinstance(value, Table) and (below is None or below.kind != "any"):
            value = expand(value, faults, shape=below, path=_join(path, key))
        for part in reversed(parts):
            value = Table({part: value}, origin, {part: origin})
        result = _united(result, value, faults, path)
    return result


def _united(first: Table, second: Table, faults: list[Fault], path: str) -> Table:
    entries, keys = dict(first.entries), dict(first.keys)
    for key, value in second.entries.items():
        here = _join(path, key)
        old = entries.get(key)
        if old is None:
            entries[key], keys[key] = value, second.keys[key]
        elif isinstance(old, Table) and isinstance(value, Table) and old.entries and value.entries:
            entries[key] = _united(old, value, faults, here)
        else:
            faults.append(messages.clashing(second.keys[key], here, keys[key]))
    return Table(entries, first.origin, keys)


def without_fixed(table: Table, faults: list[Fault]) -> Table:
    """Drop, as faults, the keys that a scenario or --set may not change."""
    for key in FIXED:
        if key in table.entries:
            faults.append(messages.fixed_key(table.keys[key], key))
    return table.with_entries({k: v for k, v in table.entries.items() if k not in FIXED})


def read_overrides(overrides: Sequence[str], faults: list[Fault]) -> Table:
    """Read `key=value` texts. A value for a single setting is taken as it stands; lists and tables are YAML.

    Raises UsageError where a text has no `=`.
    """
    result = Table({}, Origin("override"))
    for text in overrides:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UsageError(
                Text(
                    f"--set 要写成 键=值，收到的是“{text}”",
                    f"--set wants key=value, not “{text}”; for example --set rules.hosts.limit_min=10",
                )
            )
        shape: Shape | None = CONFIG
        parts = segments(key, shape)
        for part in parts:
            shape = _below(shape, part)
        origin = Origin("override", file=f"--set {key}", name=key)
        node = _override_value(value.strip(), shape, origin, faults)
        if node is None:
            continue
        for part in reversed(parts):
            node = Table({part: node}, origin, {part: origin})
        result = _united(result, node, faults, "")
    return result


def _override_value(value: str, shape: Shape | None, origin: Origin, faults: list[Fault]) -> Node | None:
    section = shape is not None and shape.is_section
    if not section and value[:1] not in ("'", '"'):
        if hidden_in(value):
            faults.append(messages.unprintable(origin))
            return None
        return Scalar(value, True, origin)
    found: list[Fault] = []
    node = compose(value, file=origin.file or "--set", kind="override", name=origin.name, faults=found)
    faults.extend(found)
    if node is None:
        return None
    node = _placed(node, origin)
    return expand(node, faults, shape=shape) if isinstance(node, Table) else node


def _placed(node: Node, origin: Origin) -> Node:
    """Give every part of a --set value the origin of the --set."""
    if isinstance(node, Scalar):
        return Scalar(node.text, node.plain, origin)
    if isinstance(node, Items):
        return Items(tuple(_placed(item, origin) for item in node.items), origin)
    return Table({k: _placed(v, origin) for k, v in node.entries.items()}, origin, dict.fromkeys(node.entries, origin))


def chain(scenario: str, scenarios: Mapping[str, Node], faults: list[Fault]) -> list[str]:
    """Return the scenario and those it extends, base first. An unknown base or a cycle is a fault."""
    names = [scenario]
    while True:
        node = scenarios.get(names[-1])
        extends = node.entries.get("extends") if isinstance(node, Table) else None
        if not isinstance(extends, Scalar) or _is_null(extends):
            return names[::-1]
        field = f"scenarios.{names[-1]}.extends"
        if extends.text in names:
            faults.append(messages.cycle(extends.origin, field, [*names, extends.text]))
            return names[::-1]
        if extends.text not in scenarios:
            if extends.text != DEFAULT:
                faults.append(messages.unknown_scenario(extends.origin, field, extends.text, list(scenarios)))
            return names[::-1]
        names.append(extends.text)


def scenario_layer(name: str, node: Node, faults: list[Fault]) -> Table | None:
    """Return what a scenario sets, made nested, each value's origin naming the scenario; None where it sets nothing."""
    values = node.entries.get("set") if isinstance(node, Table) else None
    if not isinstance(values, Table):
        return None
    named = _named(values, name)
    return prune(without_fixed(expand(named, faults), faults), CONFIG)


def _named(node: Node, name: str) -> Node:
    def of(origin: Origin) -> Origin:
        return Origin("scenario", origin.file, origin.line, origin.column, name)

    if isinstance(node, Scalar):
        return Scalar(node.text, node.plain, of(node.origin))
    if isinstance(node, Items):
        return Items(tuple(_named(item, name) for item in node.items), of(node.origin))
    return Table(
        {k: _named(v, name) for k, v in node.entries.items()}, of(node.origin), {k: of(o) for k, o in node.keys.items()}
    )
