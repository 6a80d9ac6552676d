"""The schema as shapes: what kind of value each key takes. One source for reading, merging, showing and checking."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from facilityplan.config.schema import Config

ShapeKind = Literal["model", "list", "table", "text", "whole", "number", "flag", "any"]


@dataclass(frozen=True, eq=False)
class Shape:
    """What a key takes. ``choices`` lists the texts allowed where only some are."""

    kind: ShapeKind
    nullable: bool = False
    model: type[BaseModel] | None = None
    fields: Mapping[str, Shape] | None = None  # of a model
    item: Shape | None = None  # of a list or a table
    choices: tuple[str, ...] = ()

    @property
    def holds_values(self) -> bool:
        """A list or table of plain values, taken or left as a whole where a file meets the norms."""
        return self.kind in ("list", "table") and self.item is not None and self.item.kind != "model"

    @property
    def keyed_by_id(self) -> bool:
        """A list of models with an id, so that `standards.circle.limit_min` can address one of them."""
        return self.kind == "list" and self.item is not None and self.item.kind == "model" and "id" in self.item.fields

    @property
    def is_section(self) -> bool:
        """Takes keys or items, not a single value: written empty it counts as not written."""
        return self.kind in ("model", "list", "table")

    def child(self, key: str) -> Shape | None:
        """Return the shape below ``key`` (any key for lists and tables), or None where there is none."""
        return self.fields.get(key) if self.kind == "model" else self.item


def _shape(annotation: Any, *, nullable: bool = False) -> Shape:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(args[0], nullable=nullable)
    if origin in (Union, types.UnionType):
        (inner,) = [a for a in args if a is not type(None)]
        return _shape(inner, nullable=True)
    if origin is tuple:
        return Shape("list", nullable, item=_shape(args[0]))
    if origin is dict:
        return Shape("table", nullable, item=_shape(args[1]))
    if origin is Literal:
        if all(isinstance(a, int) for a in args):
            return Shape("whole", nullable, choices=tuple(str(a) for a in args))
        return Shape("text", nullable, choices=args)
    if annotation is Any:
        return Shape("any", nullable)
    if issubclass(annotation, BaseModel):
        return model_shape(annotation, nullable=nullable)
    if issubclass(annotation, Enum):
        return Shape("text", nullable, choices=tuple(str(e.value) for e in annotation))
    return Shape({str: "text", int: "whole", float: "number", bool: "flag"}[annotation], nullable)


@cache
def model_shape(model: type[BaseModel], *, nullable: bool = False) -> Shape:
    """Return the shape of a config model."""
    return Shape(
        "model", nullable, model, {name: _shape(_annotation(field)) for name, field in model.model_fields.items()}
    )


def _annotation(field: FieldInfo) -> Any:
    return field.annotation


CONFIG = model_shape(Config)


@cache
def places_of(key: str) -> tuple[str, ...]:
    """Return the dotted paths at which a key of that name exists, to point a misplaced one to its section."""
    return tuple(path for path in _paths(CONFIG, "") if path.rsplit(".", 1)[-1] == key)


def _paths(shape: Shape, prefix: str) -> Iterator[str]:
    if shape.kind == "model":
        for name, child in shape.fields.items():
            path = f"{prefix}.{name}" if prefix else name
            yield path
            yield from _paths(child, path)
    elif shape.item is not None and shape.item.kind == "model":
        yield from _paths(shape.item, f"{prefix}.*")
