"""An integer program as plain arrays, ids beside them: what the solver gets, what its answers are checked against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

ROW_TOLERANCE = (
    1e-6  # what a row may be broken by, relative to its largest coefficient (values are integers or sums of them)
)


@dataclass(frozen=True)
class Arrays:
    """min c·x subject to row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, some x integer. Costs are kept apart."""

    columns: tuple[str, ...]
    lower: np.ndarray  # float64 (columns,)
    upper: np.ndarray  # float64 (columns,)
    integer: np.ndarray  # bool (columns,)
    rows: tuple[str, ...]  # <rule>[<id>]
    row_lower: np.ndarray  # float64 (rows,)
    row_upper: np.ndarray  # float64 (rows,)
    indptr: np.ndarray  # int32 (rows + 1,)
    index: np.ndarray  # int32 (nonzeros,)
    value: np.ndarray  # float64 (nonzeros,)

    def with_rows(self, added: Sequence[tuple[str, np.ndarray, float, float]]) -> Arrays:
        """Return the program with further rows (name, dense coefficients, lower, upper)."""
        index = [np.flatnonzero(c) for _, c, _, _ in added]
        lengths = [len(i) for i in index]
        return Arrays(
            self.columns,
            self.lower,
            self.upper,
            self.integer,
            (*self.rows, *(name for name, *_ in added)),
            np.concatenate([self.row_lower, [low for *_, low, _ in added]]),
            np.concatenate([self.row_upper, [high for *_, high in added]]),
            np.concatenate([self.indptr, self.indptr[-1] + np.cumsum(lengths, dtype=np.int64)]).astype(np.int32),
            np.concatenate([self.index, *index]).astype(np.int32),
            np.concatenate([self.value, *(c[i] for (_, c, _, _), i in zip(added, index, strict=True))]),
        )

    def with_bounds(self, lower: np.ndarray, upper: np.ndarray) -> Arrays:
        """Return the program with other column bounds."""
        return Arrays(
            self.columns,
            lower,
            upper,
            self.integer,
            self.rows,
            self.row_lower,
            self.row_upper,
            self.indptr,
            self.index,
            self.value,
        )

    def broken_rows(self, x: np.ndarray, *, exact: bool = False) -> list[str]:
        """Return the names of the bounds, integrality conditions and rows that ``x`` breaks; none = a solution.

        ``exact``: no tolerance in rows but that of summing floats, for a whole ``x``. Otherwise relative to the row's
        largest coefficient, which with large ones can hide a whole unit.
        """
        broken = [
            f"bounds[{self.columns[k]}]"
            for k in np.flatnonzero((x < self.lower - ROW_TOLERANCE) | (x > self.upper + ROW_TOLERANCE))
        ]
        broken += [
            f"integer[{self.columns[k]}]" for k in np.flatnonzero(self.integer & (np.abs(x - np.rint(x)) > 1e-9))
        ]
        matrix = csr_array((self.value, self.index, self.indptr), shape=(len(self.rows), len(self.columns)))
        activity = matrix @ x
        largest = np.ones(len(self.rows))
        filled = np.diff(self.indptr) > 0
        if filled.any():
            largest[filled] = np.maximum(1, np.maximum.reduceat(np.abs(self.value), self.indptr[:-1][filled]))
        slack = np.full(len(self.rows), ROW_TOLERANCE) if exact else ROW_TOLERANCE * largest
        broken += [
            self.rows[k]
            for k in np.flatnonzero((activity < self.row_lower - slack) | (activity > self.row_upper + slack))
        ]
        return broken


def lp_text(program: Arrays, cost: np.ndarray | None = None, labels: Sequence[str] = ()) -> str:
    """Write the program in LP form, the same on every version of every library; ``labels`` explain the columns."""
    lines = [f"\\ {name}: {label}" for name, label in zip(program.columns, labels, strict=False)]
    lines += [
        "Minimize",
        " obj: "
        + (
            _terms(np.flatnonzero(cost), cost[cost != 0], program.columns) if cost is not None and np.any(cost) else "0"
        ),
        "Subject To",
    ]
    for k, name in enumerate(program.rows):
        part = slice(program.indptr[k], program.indptr[k + 1])
        order = np.argsort(program.index[part], kind="stable")
        terms = _terms(program.index[part][order], program.value[part][order], program.columns)
        low, high = program.row_lower[k], program.row_upper[k]
        if low == high:
            lines.append(f" {name}: {terms} = {_number(low)}")
        elif np.isfinite(high):
            lines.append(f" {name}: {terms} <= {_number(high)}")
        else:
            lines.append(f" {name}: {terms} >= {_number(low)}")
    lines.append("Bounds")
    lines += [
        f" {_number(low)} <= {name} <= {_number(high)}"
        for name, low, high in zip(program.columns, program.lower, program.upper, strict=True)
    ]
    lines += [
        "Generals",
        *(f" {name}" for name, whole in zip(program.columns, program.integer, strict=True) if whole),
        "End",
    ]
    return "\n".join(lines) + "\n"


def _terms(index: np.ndarray, value: np.ndarray, columns: Sequence[str]) -> str:
    text = " ".join(
        f"{'-' if v < 0 else '+'} {_number(abs(v))} {columns[k]}" for k, v in zip(index, value, strict=True)
    )
    return text or "0"


def _number(value: float) -> str:
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
