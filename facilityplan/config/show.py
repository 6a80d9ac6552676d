"""Show a resolved config as YAML, each value with where it came from. What is shown can be loaded again."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any

import yaml

from facilityplan.config.loader import LoadedConfig
from facilityplan.config.norms import STANDING_NAMES, load_norms
from facilityplan.config.shape import CONFIG, Shape
from facilityplan.config.tree import Origin
from facilityplan.errors import Text


def show_config(loaded: LoadedConfig, lang: str = "zh") -> str:
    """Return the resolved config as YAML; a comment behind each value tells its origin in ``lang`` ("zh" or "en")."""
    head = [
        Text(
            f"配置 {loaded.path}，情景 {loaded.scenario}，规范版本 {loaded.norms_version}",
            f"config {loaded.path}, scenario {loaded.scenario}, norms version {loaded.norms_version}",
        ),
        Text("后者覆盖前者：规范 < 文件 < 情景 < --set", "the later wins: norms < file < scenario < --set"),
    ]
    lines = [f"# {_one_line(text.in_language(lang))}" for text in head]
    rows = list(_rows(loaded.config, CONFIG, "", 0, loaded.provenance, lang))
    width = min(60, max(_width(text) for text, note in rows if note))
    lines += [f"{text}{' ' * max(0, width - _width(text))}  # {note}" if note else text for text, note in rows]
    return "\n".join([*lines, *_norms_used(loaded.provenance, lang)]) + "\n"


def _width(text: str) -> int:
    """Columns on screen: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _norms_used(provenance: Mapping[str, Origin], lang: str) -> list[str]:
    used = {o.name for o in provenance.values() if o.kind == "norm"}
    norms = [norm for norm in load_norms().norms.values() if norm.id in used]
    head = Text("用到的规范：", "norms used:").in_language(lang)
    return (
        [
            f"# {head}",
            *(
                f"#   {n.id} = {n.value} {n.unit}, {n.name.in_language(lang)} "
                f"({STANDING_NAMES[n.standing].in_language(lang)}): "
                f"{n.source.in_language(lang)}"
                for n in norms
            ),
        ]
        if norms
        else []
    )


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def origin_text(origin: Origin, lang: str) -> str:
    """Return where a value comes from, in words."""
    if origin.kind == "norm":
        norm = load_norms().norms.get(origin.name or "")
        if norm is None:
            return Text("规范", "norms").in_language(lang)
        standing = STANDING_NAMES[norm.standing].in_language(lang)
        return Text(f"规范 {norm.id}（{standing}）", f"norm {norm.id} ({standing})").in_language(lang)
    if origin.kind in ("override", "option"):
        return Text("命令行", "command line").in_language(lang) + f" {'-s' if origin.kind == 'option' else '--set'}"
    line = Text(f"第 {origin.line} 行", f"line {origin.line}").in_language(lang)
    if origin.kind == "scenario":
        return Text(f"情景 {origin.name}，{line}", f"scenario {origin.name}, {line}").in_language(lang)
    if origin.kind == "file":
        return line
    return Text("默认值", "default").in_language(lang)


def _rows(
    value: Any, shape: Shape, path: str, depth: int, provenance: Mapping[str, Origin], lang: str
) -> Iterator[tuple[str, str]]:
    """Yield (line, origin) of a model's or a table's entries."""
    pad = "  " * depth
    entries = (
        [(n, getattr(value, n), s) for n, s in shape.fields.items()]
        if shape.kind == "model"
        else [(k, v, shape.item) for k, v in value.items()]
    )
    for key, item, below in entries:
        here = f"{path}.{key}" if path else key
        yield from _entry(f"{pad}{_text(key)}:", item, below, here, depth, provenance, lang)


def _entry(
    lead: str, item: Any, below: Shape, here: str, depth: int, provenance: Mapping[str, Origin], lang: str
) -> Iterator[tuple[str, str]]:
    if (
        not below.is_section
        or item is None
        or (below.kind != "model" and (not item or (below.holds_values and below.kind == "list")))
    ):
        yield f"{lead} {_value(item, below)}", origin_text(provenance[here], lang)
    elif below.kind == "list":
        yield lead, ""
        for index, model in enumerate(item):
            name = str(getattr(model, "id", index))
            rows = list(_rows(model, below.item, f"{here}.{name}", depth + 2, provenance, lang))
            first, note = rows[0]
            yield "  " * (depth + 1) + "- " + first.lstrip(" "), note
            yield from rows[1:]
    else:
        yield lead, ""
        yield from _rows(item, below, here, depth + 1, provenance, lang)


def _value(value: Any, shape: Shape) -> str:
    if value is None:
        return "null"
    if shape.kind == "list":
        return "[" + ", ".join(_value(v, shape.item) for v in value) + "]"
    if shape.kind == "table":
        return "{}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    return _text(str(value.value if isinstance(value, Enum) else value))


@cache
def _text(text: str) -> str:
    """Return a text plain where every YAML reader takes it for that text, else in double quotes."""
    inner = text.replace("_", "").replace("-", "").replace("/", "").replace(".", "").replace("=", "")
    if inner.isalnum() and text[0].isalnum() and text.isprintable() and _is_plain(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() and c != "\ufeff" else f"\\U{ord(c):08x}" for c in quoted)


def _is_plain(text: str) -> bool:
    try:
        return yaml.safe_load(text) == text
    except (yaml.YAMLError, ValueError):
        return False
