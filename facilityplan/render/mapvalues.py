"""Figures and texts as the map page holds them: rounded, and never a number of people under ten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from facilityplan.render.few import FEW_PEOPLE

FEW = -1  # stands for a number of people above 0 and under FEW_PEOPLE: the figure itself is not in the page


def few(count: float | None) -> int | None:
    """Round people to a whole number; fewer than ten become FEW, so that the page does not hold the figure."""
    if count is None or pd.isna(count):
        return None
    if round(float(count), 6) <= 0:
        return 0
    return FEW if count < FEW_PEOPLE else round(float(count))


def number_of(value: Any, digits: int) -> float | int | None:
    """Round a figure, whole ones as integers; None where there is none."""
    if value is None or pd.isna(value) or not np.isfinite(float(value)):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded == int(rounded) else rounded


def integers(column: pd.Series) -> list[int | None]:
    """Return whole numbers, None where there is none."""
    return [None if pd.isna(value) else int(value) for value in column]


def text_of(value: Any) -> str | None:
    """Return a text, None where there is none."""
    return None if value is None or pd.isna(value) else str(value)
