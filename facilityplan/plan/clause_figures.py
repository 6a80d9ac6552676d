"""A figure of an indicator, the range it lies in where data are missing, and what columns would settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facilityplan.config.clauses import Total
from facilityplan.domain.sites import is_candidate, is_new_place
from facilityplan.inputs.tables import Inputs

TOLERANCE = 1e-9  # a target hit exactly must not fail on the last bit of a quotient


@dataclass(frozen=True)
class Figure:
    """What an indicator comes to: from ``low`` to ``high``, one figure where both are the same, None if not known."""

    low: float | None
    high: float | None
    needs: tuple[str, ...] = ()  # columns (table.column) that would settle it
    short_of: tuple[str, ...] = ()  # ids of what is missing, sorted
    assumed: bool = False  # rests on amounts that the config assumes


NOTHING = Figure(None, None)


def exact(value: float) -> Figure:
    """Return a figure that is known."""
    return Figure(float(value), float(value))


def counted(ids: Sequence[str], short: Sequence[str], unknown: Sequence[str] = (), column: str = "", *,
            share: bool = False, name: bool = True) -> Figure:
    """Return how many of ``ids`` have it, given those that have not and those not known; ``share``: of all of them.

    ``name``: say which ones have not.
    """
    whole = len(ids) if share else 1
    if share and not ids:
        return NOTHING
    low = (len(ids) - len(short) - len(unknown)) / whole
    return Figure(low, low + len(unknown) / whole, (column,) if unknown else (), tuple(sorted(short)) if name else ())


def share_of_all(ids: Sequence[str], short: Sequence[str]) -> Figure:
    """Return the share of ``ids`` that is not ``short`` of it; 1 where there are none."""
    return counted(ids, short, share=True) if ids else exact(1.0)


def totals(inputs: Inputs, parts: Sequence[Total]) -> tuple[float | None, tuple[str, ...]]:
    """Return (sum, columns that are missing or have gaps); the sum is None where there is any such column."""
    value, needs = 0.0, []
    for part in parts:
        if part.table == "villages" and part.column == "people":
            value += float(inputs.cells["people"].sum())
            continue
        table = inputs.facilities if part.table == "facilities" else inputs.villages
        if part.table == "facilities":
            rows = ~(is_candidate(table) | is_new_place(table))
            rows &= table["kind"].isin([str(k) for k in part.kinds]).to_numpy(bool) if part.kinds else True
            rows &= table["id"].isin(part.sites).to_numpy(bool) if part.sites else True
            table = table[rows]
        column = table[part.column].astype(float)
        if column.isna().any() or not len(column):
            needs.append(f"{part.table}.{part.column}")
        value += float(column.sum())
    return (None if needs else value), tuple(dict.fromkeys(needs))
