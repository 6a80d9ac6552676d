"""Several runs side by side: the first is the one that the others are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from facilityplan.compare.comparable import caveats_of, minutes_comparable
from facilityplan.compare.decisions import differing_decisions
from facilityplan.compare.minutes import CellChanges, cell_changes, village_changes
from facilityplan.compare.record import RunRecord, read_record
from facilityplan.compare.verdicts import Flip, flips
from facilityplan.errors import Text, UsageError

LABELS = "ABCDEF"


@dataclass(frozen=True)
class Pair:
    """One run held against the first. Tables are empty, and ``cells`` None, where minutes cannot be compared."""

    run: RunRecord
    comparable: bool
    decisions: pd.DataFrame  # one row a facility decided otherwise: see `decisions.COLUMNS`
    cells: CellChanges | None
    villages: pd.DataFrame  # one row a village of both: see `minutes.VILLAGE_COLUMNS`
    flips: tuple[Flip, ...]


@dataclass(frozen=True)
class Comparison:
    """Two to six runs and their differences from the first."""

    runs: tuple[RunRecord, ...]
    pairs: tuple[Pair, ...]  # runs[1:], in order
    caveats: tuple[Text, ...]  # what could not be compared, and why

    @property
    def base(self) -> RunRecord:
        """The run that the others are held against."""
        return self.runs[0]


def summary_line(comparison: Comparison, pair: Pair) -> Text:
    """Return one pair in a line: decisions that differ, people who gain and lose."""
    base, run = comparison.base.label, pair.run.label
    decided = len(pair.decisions)
    if pair.cells is None:
        return Text(f"{run} 与 {base}：{decided} 个机构安排不同，分钟数不可比",
                    f"{run} against {base}: {decided} facilities decided otherwise, minutes not comparable")
    bands = pair.cells.by_band("all")
    gain = sum(people for band, people in bands.items() if band.startswith("less") or band == "gained")
    lose = sum(people for band, people in bands.items() if band.startswith("more") or band == "lost")
    return Text(f"{run} 与 {base}：{decided} 个机构安排不同，{gain:,.0f} 人更近，{lose:,.0f} 人更远",
                f"{run} against {base}: {decided} facilities decided otherwise, {gain:,.0f} people nearer, "
                f"{lose:,.0f} farther")


def comparison_of(folders: Sequence[Path]) -> Comparison:
    """Compare finished runs by their folders alone.

    Raises UsageError for fewer than two or more than six folders, or one named twice; FaultyInput for a folder that is
    no run or was changed.
    """
    if not 2 <= len(folders) <= len(LABELS):
        raise UsageError(Text(f"请给出 2 至 {len(LABELS)} 个结果目录", f"name two to {len(LABELS)} run folders"))
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError(Text("同一个结果目录给了两次", "one run folder is named twice"))
    runs = tuple(read_record(folder, label) for folder, label in zip(folders, LABELS, strict=False))
    return Comparison(runs, tuple(_pair(runs[0], run) for run in runs[1:]), caveats_of(runs))


def _pair(base: RunRecord, run: RunRecord) -> Pair:
    comparable = minutes_comparable(base, run)
    cells = cell_changes(base, run) if comparable else None
    return Pair(run, comparable, differing_decisions(base, run, cells), cells, village_changes(base, run, comparable),
                flips(base, run))
