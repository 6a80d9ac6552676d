"""What a plan's data rest on, and what follows: the notice on every output, and how a verdict may be worded.

A demonstration is never plainly "met" (design/requirements: every artefact says demo).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from facilityplan.errors import Text

DataBasis = Literal["real", "synthetic", "assumed"]
DATA_BASES: tuple[DataBasis, ...] = ("real", "synthetic", "assumed")

# Real data need no notice.
NOTICES: dict[str, Text] = {
    "synthetic": Text("演示数据：合成地理，非该县规划", "Demonstration: synthetic geography, not the county's plan"),
    "assumed": Text("部分数据为假定值，结果仅供讨论", "Part of the data is assumed: for discussion only"),
}


class Verdict(NamedTuple):
    """How it is said that a target is reached, or is not: a key for programs and words for people."""

    key: str
    text: Text


VERDICTS: dict[tuple[str, bool], Verdict] = {
    ("real", True): Verdict("met", Text("达标", "Met")),
    ("real", False): Verdict("not_met", Text("未达标", "Not met")),
    ("synthetic", True): Verdict("demo_met", Text("演示达标", "Demo met")),
    ("synthetic", False): Verdict("demo_not_met", Text("演示未达标", "Demo not met")),
    ("assumed", True): Verdict("met_on_assumed_data", Text("按假定数据达标", "Met on assumed data")),
    ("assumed", False): Verdict("not_met_on_assumed_data", Text("按假定数据未达标", "Not met on assumed data")),
}


def notice(data_basis: str) -> str:
    """Return the notice in both languages as one line; "" for real data."""
    return " · ".join(NOTICES[data_basis]) if data_basis in NOTICES else ""


def verdict_figures(data_basis: str, met: bool) -> dict[str, str]:
    """Return the verdict as `metrics` hold it: its key, and its words in both languages."""
    verdict = VERDICTS[data_basis, met]
    return {"circle_met": verdict.key, "circle_met_zh": verdict.text.zh, "circle_met_en": verdict.text.en}
