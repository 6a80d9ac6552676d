"""A strict subset of YAML, read into a tree in which every value knows its line.

No anchors, aliases, tags, merge keys, duplicate keys or second documents; at most 1 MB and 50 levels. Scalars stay
text: what they mean is decided by the schema, so that `010101` is a code where a code is wanted, never a number by
accident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from facilityplan.config import syntax_faults
from facilityplan.domain.characters import hidden_in
from facilityplan.errors import Fault

MAX_BYTES = 1_000_000
MAX_DEPTH = 50

OriginKind = Literal["norm", "default", "file", "scenario", "override", "option"]


@dataclass(frozen=True)
class Origin:
    """Where a value comes from. ``name`` is the norm's or the scenario's id, or the text of a --set."""

    kind: OriginKind
    file: str | None = None
    line: int | None = None  # 1-based
    column: int | None = None  # 1-based
    name: str | None = None


@dataclass(frozen=True)
class Scalar:
    """One value as it is written. ``plain`` is False where it stood in quotes or as a block of text."""

    text: str
    plain: bool
    origin: Origin

    @property
    def empty(self) -> bool:
        """Nothing was written at all."""
        return self.plain and self.text == ""


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    origin: Origin


@dataclass(frozen=True)
class Table:
    """Keys and their values, in the order of the file. ``keys`` holds where each key stands."""

    entries: Mapping[str, Node]
    origin: Origin
    keys: Mapping[str, Origin] = field(default_factory=dict)

    def with_entries(self, entries: Mapping[str, Node], keys: Mapping[str, Origin] = MappingProxyType({})) -> Table:
        """Return a table with other entries; origins of keys are kept and those of ``keys`` added."""
        return Table(dict(entries), self.origin, {**self.keys, **keys})


Node = Scalar | Items | Table


class _Events(Reader, Scanner, Parser):
    """PyYAML's events, without its composer or constructor: nothing is built that is not asked for."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class _TooDeepError(Exception):
    pass


@dataclass
class _Composer:
    events: Iterator[yaml.Event]
    file: str
    kind: OriginKind
    name: str | None
    faults: list[Fault]

    def origin(self, event: yaml.Event) -> Origin:
        mark = event.start_mark
        return Origin(self.kind, self.file, mark.line + 1, mark.column + 1, self.name)

    def refuse(self, code: str, event: yaml.Event, **words: Any) -> None:
        mark = event.start_mark
        self.faults.append(syntax_faults.refused(code, self.file, mark.line + 1, mark.column + 1, **words))

    def node(self, event: yaml.Event, depth: int = 1) -> Node:
        if depth > MAX_DEPTH:
            self.refuse("too_deep", event, limit=MAX_DEPTH)
            raise _TooDeepError
        origin = self.origin(event)
        if isinstance(event, yaml.AliasEvent):
            self.refuse("yaml_alias", event, name=event.anchor)
            return Scalar("", True, origin)
        if event.anchor is not None:
            self.refuse("yaml_anchor", event, name=event.anchor)
        if event.tag is not None:
            self.refuse("yaml_tag", event, name=event.tag)
        if isinstance(event, yaml.ScalarEvent):
            if hidden_in(event.value, "\n\t" if event.style in ("|", ">") else "\t"):
                self.refuse("control_character", event)
            return Scalar(event.value, event.style is None, origin)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(event, depth + 1))
            return Items(tuple(items), origin)
        return self.table(origin, depth)

    def table(self, origin: Origin, depth: int) -> Table:
        entries: dict[str, Node] = {}
        keys: dict[str, Origin] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if not isinstance(key, Scalar):
                self.refuse("key_not_text", event)
            elif key.plain and key.text == "<<":
                self.refuse("yaml_merge_key", event)
            elif key.text in entries:
                self.refuse("duplicate_key", event, name=key.text, first=keys[key.text].line)
            else:
                entries[key.text] = value
                keys[key.text] = key.origin
        return Table(entries, origin, keys)


def _is_control(character: str) -> bool:
    code = ord(character)
    return (code < 0x20 and character not in "\t\n") or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF


def compose(text: str, *, file: str, kind: OriginKind, name: str | None = None, faults: list[Fault]) -> Node | None:
    """Read one YAML document into a tree. Faults are appended; None where the text cannot be read as YAML at all."""
    text = text.removeprefix("\ufeff")
    for number, line in enumerate(text.splitlines(), start=1):
        for column, character in enumerate(line, start=1):
            if _is_control(character) and character != "\x85":
                faults.append(syntax_faults.refused("control_character", file, number, column))
                return None
    try:
        events = iter(_iterate(_Events(text)))
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            faults.append(syntax_faults.refused("empty_config", file, 1, 1))
            return None
        composer = _Composer(events, file, kind, name, faults)
        root = composer.node(next(events))
        next(events)  # end of the document
        if not isinstance(event := next(events), yaml.StreamEndEvent):
            composer.refuse("several_documents", event)
        return root
    except _TooDeepError:
        return None
    except yaml.YAMLError as error:
        faults.append(syntax_faults.translate(error, file, text))
        return None


def _iterate(parser: _Events) -> Iterator[yaml.Event]:
    """Yield the events after the start of the stream."""
    parser.get_event()
    while parser.check_event():
        yield parser.get_event()


def read_tree(data: bytes, *, file: str, kind: OriginKind, faults: list[Fault]) -> Node | None:
    """Decode a file's bytes (UTF-8, at most 1 MB) and read them into a tree; faults are appended."""
    if len(data) > MAX_BYTES:
        faults.append(syntax_faults.refused("too_large", file, None, None, size=len(data), limit=MAX_BYTES))
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.append(syntax_faults.refused("not_utf8", file, line, None))
        return None
    return compose(text, file=file, kind=kind, faults=faults)
