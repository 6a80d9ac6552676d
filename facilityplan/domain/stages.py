"""Stages of a plan (years): how retirements and money spread over them. One definition for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def retired_shares(total: float, by_stage: Sequence[float | None]) -> list[float]:
    """Return the share of today's doctors who have retired by the end of each stage.

    ``by_stage``: the share that retires in each; where none is given, ``total`` spreads evenly. Sums are exact in the
    decimals that the config shows; the last one is ``total``.
    """
    n, whole = len(by_stage), Fraction(str(total))
    if any(share is None for share in by_stage):
        return [float(whole * (k + 1) / n) for k in range(n)]
    parts = [Fraction(str(share)) for share in by_stage]
    return [float(sum(parts[: k + 1])) for k in range(n - 1)] + [total] * bool(n)


def carried(stages: Sequence[bool], s: int) -> range:
    """Return the stages whose money counts together at the end of stage ``s``: back to the last that carries none."""
    first = s
    while first > 0 and stages[first]:
        first -= 1
    return range(first, s + 1)
