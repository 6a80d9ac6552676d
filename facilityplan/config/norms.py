"""The norms: cited figures that fill what a config leaves out. The data are in norms.yaml beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from facilityplan.config.tree import Items, Node, Origin, Scalar, Table, read_tree
from facilityplan.errors import Fault, Text

FILE = "norms.yaml"
STANDING_NAMES = {
    "official": Text("官方文本", "official"),
    "second_hand": Text("转引", "second-hand"),
    "assumed": Text("假定", "assumed"),
}
# OpenStreetMap's road classes, the vocabulary of `speeds_kmh` and of the road table.
ROAD_CLASSES = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "busway",
    "track",
    "cycleway",
    "path",
    "footway",
    "pedestrian",
    "steps",
    "bridleway",
    "corridor",
)


@dataclass(frozen=True)
class Norm:
    """One figure with its unit, source and standing."""

    id: str
    value: str  # as written
    unit: str
    name: Text
    source: Text
    standing: Literal["official", "second_hand", "assumed"]
    line: int
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Norms:
    """The norms of one version, and the lowest layer of every config, made from them."""

    version: str
    norms: Mapping[str, Norm]
    layer: Table
    when_given: Table  # the same for sections that are off unless a config gives them

    def record(self, norm_id: str) -> dict[str, float | str]:
        """Return a norm as the config holds a cost: value, range, unit, source, standing."""
        record = _record(self.norms[norm_id])
        return {k: float(v) if k in ("value", "low", "high") else v for k, v in record.items() if v is not None}

    def fill(self, tree: Table) -> Table:
        """Fill what the sections of ``tree`` that are off unless given leave out."""
        filled = _fill(tree, self.when_given)
        assert isinstance(filled, Table)
        return filled


@cache
def load_norms() -> Norms:
    """Read the packaged norms. They are ours, so a fault in them is a programming error (ValueError)."""
    faults: list[Fault] = []
    root = read_tree(files("facilityplan.config").joinpath(FILE).read_bytes(), file=FILE, kind="norm", faults=faults)
    if faults or not isinstance(root, Table):
        raise ValueError("\n".join(f.in_language("en") for f in faults))
    norms = {name: _norm(name, node) for name, node in _table(root, "norms").items()}
    layer = _filled(root.entries["config"], norms)
    when_given = _filled(root.entries["when_given"], norms)
    assert isinstance(layer, Table) and isinstance(when_given, Table)
    return Norms(_text(root.entries["version"]), norms, layer, when_given)


def _fill(node: Node, optional: Table) -> Node:
    if not isinstance(node, Table):
        return node
    entries = dict(node.entries)
    for key, value in optional.entries.items():
        if isinstance(value, Table):
            if key in entries:
                entries[key] = _fill(entries[key], value)
        else:
            entries.setdefault(key, value)
    return node.with_entries(entries)


def _table(node: Node, key: str) -> Mapping[str, Node]:
    below = node.entries[key] if isinstance(node, Table) else None
    if not isinstance(below, Table):
        raise ValueError(f"{FILE}: {key} is not a table")
    return below.entries


def _text(node: Node | None) -> str:
    if not isinstance(node, Scalar):
        raise ValueError(f"{FILE}: a text is missing")
    return node.text


def _norm(name: str, node: Node) -> Norm:
    entries = node.entries if isinstance(node, Table) else {}
    standing = _text(entries.get("standing"))
    if standing not in STANDING_NAMES:
        raise ValueError(f"{FILE}: {name} has the unknown standing {standing!r}")

    def words(key: str) -> Text:
        both = _table(node, key)
        return Text(_text(both.get("zh")), _text(both.get("en")))

    return Norm(
        name,
        _text(entries.get("value")),
        _text(entries.get("unit")),
        words("name"),
        words("source"),
        standing,
        node.origin.line or 0,
        *(_text(entries[end]) if end in entries else None for end in ("low", "high")),
    )


def _filled(node: Node, norms: Mapping[str, Norm]) -> Node:
    """Replace `$name` by the norm's figure and `$$name` by its whole record, with the norm as the origin."""
    if isinstance(node, Items):
        return Items(tuple(_filled(item, norms) for item in node.items), node.origin)
    if isinstance(node, Table):
        return node.with_entries({key: _filled(value, norms) for key, value in node.entries.items()})
    if not (node.plain and node.text.startswith("$")):
        return node
    norm = norms[node.text.lstrip("$")]
    origin = Origin("norm", FILE, norm.line, 1, norm.id)
    if not node.text.startswith("$$"):
        return Scalar(norm.value, True, origin)
    record = {key: Scalar(text, True, origin) for key, text in _record(norm).items() if text is not None}
    return Table(record, origin)


def _record(norm: Norm) -> dict[str, str | None]:
    return {
        "value": norm.value,
        "low": norm.low,
        "high": norm.high,
        "unit": norm.unit,
        "source": f"{norm.source.zh} / {norm.source.en}",
        "standing": norm.standing,
    }


def default_objectives(
    standards: list[str], *, sub_centres: bool, consortia: bool = False, centres: bool = False
) -> Items:
    """Return the stages for a config that names none: who is outside each circle, the way to the sub-centre, to the
    lead and to the service centres where such are chosen, person-minutes by the first standard, cost, number of
    changes."""
    origin = Origin("norm", FILE, name="default_objectives")

    def stage(minimise: str, standard: str | None = None) -> Table:
        words = {"minimise": minimise} | ({"standard": standard} if standard is not None else {})
        return Table({key: Scalar(text, True, origin) for key, text in words.items()}, origin)

    stages = [stage("uncovered", standard) for standard in standards]
    stages += [stage("sub_centre_minutes")] if sub_centres else []
    stages += [stage("consortium_minutes")] if consortia else []
    stages += [stage("centre_minutes")] if centres else []
    stages += [stage("person_minutes", standards[0])] if standards else []
    return Items((*stages, stage("cost"), stage("changes")), origin)
