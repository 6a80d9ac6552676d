"""A comparison as one JSON document: what programs read, and what the pages are checked against."""

from __future__ import annotations

from typing import Any

import pandas as pd

from facilityplan.compare.comparison import Comparison, Pair
from facilityplan.compare.figures import side_by_side
from facilityplan.compare.minutes import GROUPS
from facilityplan.plan.texts import canonical_json, plain

SCHEMA_VERSION = 1
LEAST_CHANGE_MIN = 0.05  # less is rounding of a village's mean


def document(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "county": comparison.base.document["county"],
        "data_basis": sorted({run.document["data_basis"] for run in comparison.runs}),
        "runs": [{"label": run.label, "scenario": run.document["scenario"], "name": run.name._asdict(),
                  "status": run.document["solve"]["status"]} for run in comparison.runs],
        "caveats": [text._asdict() for text in comparison.caveats],
        "figures": [{"key": f.key, "name": f.name._asdict() if f.name else None, "unit": f.unit,
                     "before": list(f.before), "after": list(f.after)} for f in side_by_side(comparison.runs)],
        "pairs": [_pair(pair) for pair in comparison.pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    changed = pair.villages[(pair.villages["change_min"].abs() >= LEAST_CHANGE_MIN)
                            | (pair.villages["mode_base"] != pair.villages["mode_run"])]
    return {
        "run": pair.run.label, "minutes_comparable": pair.comparable,
        "people_by_change": None if pair.cells is None else {g: pair.cells.by_band(g) for g in GROUPS},
        "entering": None if pair.cells is None else pair.cells.entering,
        "leaving": None if pair.cells is None else pair.cells.leaving,
        "decisions": _records(pair.decisions), "villages": _records(changed),
        "flips": [{"id": f.id, "name": f.name._asdict(), "base": f.base, "run": f.run, "figure_base": f.figure_base,
                   "figure_run": f.figure_run} for f in pair.flips],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{key: None if not isinstance(value, str) and pd.isna(value) else value for key, value in row.items()}
            for row in table.to_dict("records")]


def comparison_json(comparison: Comparison) -> bytes:
    """Return ``comparison.json``."""
    return canonical_json(plain(document(comparison)))
