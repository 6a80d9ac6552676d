"""Verdicts that are one way in one run and another way in the other: circles, and clauses where a run answers them."""

from __future__ import annotations

from dataclasses import dataclass

from facilityplan.compare.record import RunRecord
from facilityplan.errors import Text


@dataclass(frozen=True)
class Flip:
    """One verdict that differs."""

    id: str  # of the standard or clause
    name: Text
    base: str  # met, not_met, not_decidable
    run: str
    figure_base: float | None
    figure_run: float | None


def flips(base: RunRecord, run: RunRecord) -> tuple[Flip, ...]:
    """Return the verdicts that differ, circles first."""
    found = []
    for kind in (_circles, _clauses):
        a, b = kind(base), kind(run)
        found += [Flip(key, a[key][0], a[key][1], b[key][1], a[key][2], b[key][2])
                  for key in a if key in b and a[key][1] != b[key][1]]
    return tuple(found)


def _circles(run: RunRecord) -> dict[str, tuple[Text, str, float | None]]:
    verdicts = {}
    for k, standard in enumerate(run.config.standards):
        block = run.metrics if k == 0 else run.metrics.get(standard.id, {})
        share = block.get("share_within_after")
        if standard.target_share is not None and share is not None:
            verdict = "met" if share >= standard.target_share else "not_met"
            verdicts[standard.id] = (Text(standard.name, standard.name_en), verdict, share)
    return verdicts


def _clauses(run: RunRecord) -> dict[str, tuple[Text, str, float | None]]:
    return {row["clause"]: (Text(f"{row['clause']} {row['name_zh']}", f"{row['clause']} {row['name_en']}"),
                            row["verdict"], row["figure"]) for row in run.document.get("compliance", ())}
