"""Which parts of two runs may be held against each other. What cannot be compared is said, never guessed."""

from __future__ import annotations

from collections.abc import Sequence

from facilityplan.compare.record import RunRecord
from facilityplan.errors import Text
from facilityplan.units import PEOPLE_TOLERANCE


def same_people(a: RunRecord, b: RunRecord) -> bool:
    """Do both runs count the same people in the same cells?"""
    return a.cells.index.equals(b.cells.index) and bool(
        (a.cells["people"] - b.cells["people"]).abs().max() <= PEOPLE_TOLERANCE)


def same_measure(a: RunRecord, b: RunRecord) -> bool:
    """Do both measure minutes alike: the first standard's mode with its speeds, and the kinds of site that count?"""
    def measure(run: RunRecord) -> tuple:
        return run.standard.mode, run.config.modes[run.standard.mode], run.standard.kinds, run.standard.opening
    return measure(a) == measure(b)


def minutes_comparable(a: RunRecord, b: RunRecord) -> bool:
    """May minutes of the same cell be subtracted?"""
    return same_people(a, b) and same_measure(a, b)


def caveats_of(runs: Sequence[RunRecord]) -> tuple[Text, ...]:
    """Return what a reader must know before reading the differences."""
    base, notes = runs[0], []
    for run in runs[1:]:
        pair = f"{base.label}, {run.label}"
        if run.document["county"] != base.document["county"]:
            notes.append(Text(f"{pair}：不是同一个县，只并列数字",
                              f"{pair}: not the same county; figures only side by side"))
            continue
        if changed := sorted(name for name in {*base.input_digests, *run.input_digests}
                             if base.input_digests.get(name) != run.input_digests.get(name)):
            notes.append(Text(f"{pair}：输入数据不同（{'、'.join(changed)}）",
                              f"{pair}: different inputs ({', '.join(changed)})"))
        if base.config.inputs.roads.closed != run.config.inputs.roads.closed:
            notes.append(Text(f"{pair}：按封闭计算的道路不同，分钟数的差别含道路封闭的影响",
                              f"{pair}: different roads are taken as closed; minutes differ by that too"))
        if not same_people(base, run):
            notes.append(Text(f"{pair}：人口格网不同，不逐格比较分钟数",
                              f"{pair}: different people or cells, so minutes are not compared cell by cell"))
        elif not same_measure(base, run):
            notes.append(Text(f"{pair}：首个标准的出行方式、速度或机构类别不同，分钟数不可相减",
                              f"{pair}: the first standard's mode, speeds or kinds differ: no subtracting minutes"))
        elif run.standard.limit_min != base.standard.limit_min:
            limits = base.standard.limit_min, run.standard.limit_min
            notes.append(Text(f"{pair}：圈的分钟限值不同（{limits[0]}、{limits[1]}）",
                              f"{pair}: circles of different minutes ({limits[0]}, {limits[1]})"))
    for run in runs:
        if run.document["solve"]["status"] != "optimal":
            notes.append(Text(f"{run.label}：未证明最优，与它的差别可能因继续求解而改变",
                              f"{run.label}: not proven optimal; a difference from it may vanish with more time"))
    return tuple(notes)
