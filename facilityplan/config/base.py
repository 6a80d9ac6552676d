"""What every config model is made of: the frozen base and the kinds of value. Sections import it from here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
SpeedKmh = Annotated[float, Field(ge=0.1, le=200)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
# Ids that become keys, folder names and parts of dotted paths: letters, digits, Chinese characters, _ and -.
Name = Annotated[str, Field(pattern=r"^[0-9A-Za-z_一-鿿][0-9A-Za-z_一-鿿-]{0,59}$")]


class Model(BaseModel):
    """Base of every config model: immutable, no unknown keys, no silent conversions of text to numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _range_end(factor: float) -> Any:
    return Field(default_factory=lambda data: round(data["value"] * factor, 2))


class Cost(Model):
    """A unit cost with its range, source and standing. A figure and its source travel together: a config that
    changes the value and names no source or range gets "not stated", "assumed" and ±30 %, not those of the norm."""

    value: NonNegative
    """The figure."""
    low: NonNegative = _range_end(0.7)
    """Lower end of its range; 30 % less unless said."""
    high: NonNegative = _range_end(1.3)
    """Upper end of its range; 30 % more unless said."""
    unit: str
    """Unit, such as CNY/year."""
    source: str = "未注明 / not stated"
    """Where the figure comes from."""
    standing: Literal["official", "second_hand", "assumed"] = "assumed"
    """How sure it is: read in an official text, quoted second-hand, or assumed."""
