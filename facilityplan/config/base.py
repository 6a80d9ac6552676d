"""What every config model is made of: the frozen base and the kinds of value. Sections import it from here."""

from __future__ import annotations

from typing import Annotated

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
