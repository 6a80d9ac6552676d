"""What of a faulty config can still be used, so that its data are checked in the same go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from facilityplan.config.layers import overlay, prune, read_overrides
from facilityplan.config.loader import read_file, with_objectives
from facilityplan.config.norms import load_norms
from facilityplan.config.resolve import plain
from facilityplan.config.schema import Config
from facilityplan.config.shape import CONFIG
from facilityplan.config.tree import Items, Node, Origin, Scalar, Table
from facilityplan.errors import Fault, FaultyInput, UsageError

STAND_IN = "?"  # for a file that the config does not name rightly: its absence is no fault of the data
TRIES = 30
_COUNTY = {"name": STAND_IN, "name_en": STAND_IN, "crs": STAND_IN, "data_basis": "assumed"}
_SOURCES = ("boundary", "roads", "people", "villages", "facilities")
# What config and data readers both check: told once, with the line of the config.
_TOLD_TWICE = {"unsafe_path", "bad_crs", "geographic_crs", "crs_not_metres", "unknown_column", "bad_osm_tag",
               "no_people_65", "wrong_encoding", "wrong_crs"}


def usable_part(path: Path, overrides: Sequence[str] = ()) -> Config | None:
    """Return the config with its faulty values taken out or replaced by stand-ins, to read data by; None if hopeless.

    Never to be planned with. Scenarios are left out.
    """
    ignored: list[Fault] = []
    try:
        root = read_file(path, ignored)
        edits = prune(read_overrides(overrides, ignored), CONFIG)
    except (FaultyInput, UsageError):
        return None
    norms = load_norms().layer
    tree = overlay(norms, prune(root, CONFIG), CONFIG, ignored, edit=False)
    tree = overlay(tree, edits, CONFIG, ignored, edit=True)
    assert isinstance(tree, Table)
    tree = _with(tree, "schema_version", Scalar("1", True, tree.origin))
    for key in ("scenarios", "default_scenario"):
        tree = _without(tree, (key,))
    for _ in range(TRIES):
        full = with_objectives(tree)
        try:
            return Config.model_validate_json(json.dumps(plain(full, CONFIG, {})), strict=True)
        except ValidationError as error:
            # The last item of a list first, so that taking it out moves no other.
            found = error.errors(include_url=False, include_input=False)
            for one in sorted(found, key=lambda e: [str(s).rjust(6) for s in e["loc"]], reverse=True):
                tree = _mended(tree, one["loc"], one["type"] == "missing", norms)
    return None


def untold(faults: Sequence[Fault], told: Sequence[Fault]) -> list[Fault]:
    """Return the faults of the data that neither a stand-in brought about nor the config's faults have told."""
    fields = {f.field for f in told if f.field}
    return [f for f in faults if f.file != STAND_IN and not (
        f.code in _TOLD_TWICE and f.field and any(t == f.field or t.startswith(f"{f.field}.") for t in fields))
        and not (f.field == "county.crs" and "county" in fields)]


def _mended(tree: Table, location: Sequence[str | int], missing: bool, norms: Table) -> Table:
    path = tuple(step for step in location if step != "[key]")
    if missing and len(path) > 1 and path[0] == "county":
        return _with(tree, "county", _with(_table(tree, "county"), str(path[1]), _text(_COUNTY.get(str(path[1]), "?"))))
    if path[:1] == ("inputs",) and len(path) > 1 and path[1] in _SOURCES and (missing or len(path) == 2):
        source = Table({"file": _text(STAND_IN)}, tree.origin)
        return _with(tree, "inputs", _with(_table(tree, "inputs"), str(path[1]), source))
    if (missing and len(path) == 1) or path in (("county",), ("inputs",)):
        return _with(tree, str(path[0]), norms.entries.get(str(path[0]), Table({}, tree.origin)))
    tree = _without(tree, path[:-1] if missing else path)
    return tree if path[0] in tree.entries or path[0] not in norms.entries else _with(
        tree, str(path[0]), norms.entries[str(path[0])])


def _table(tree: Table, key: str) -> Table:
    node = tree.entries.get(key)
    return node if isinstance(node, Table) else Table({}, tree.origin)


def _text(text: str) -> Scalar:
    return Scalar(text, False, Origin("default"))


def _with(tree: Table, key: str, node: Node) -> Table:
    return tree.with_entries({**tree.entries, key: node})


def _without(node: Node, path: Sequence[str | int]) -> Node:
    if isinstance(node, Table) and path and path[0] in node.entries:
        rest = {k: v for k, v in node.entries.items() if k != path[0]}
        return node.with_entries(rest if len(path) == 1 else
                                 {**node.entries, str(path[0]): _without(node.entries[str(path[0])], path[1:])})
    if isinstance(node, Items) and path and isinstance(path[0], int) and path[0] < len(node.items):
        at, items = path[0], node.items
        inner = () if len(path) == 1 else (_without(items[at], path[1:]),)
        return Items((*items[:at], *inner, *items[at + 1:]), node.origin)
    return node
