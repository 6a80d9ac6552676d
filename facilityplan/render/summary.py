"""What every output says first: is the circle met, is the plan proven, was it verified, who is outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.config.schema import Standard
from facilityplan.domain.kinds import (
    CLINIC_KINDS,
    MODE_NAMES,
    Action,
    FacilityKind,
    NoClinic,
    Ownership,
    ServiceMode,
)
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render.fairness import digits_of, stage_details
from facilityplan.render.few import few_or_none, people
from facilityplan.render.words import WORDS, say, say_each

PROVEN_GAP = 1e-6


@dataclass(frozen=True)
class Headline:
    """The plan in one breath. Shares are of the first standard's group; None where there is nobody to share."""

    verdict: str  # key of WORDS
    people: float  # of the standard's group
    inside_before: float
    inside_after: float
    share_before: float | None
    share_after: float | None
    target: float | None
    proof: str  # key of WORDS: proven | not_proven
    gap: float | None  # the largest over the stages; None = no bound at all
    verification: str  # key of WORDS: verified | not_verified | verification_failed

    @property
    def proven(self) -> bool:
        """Is every stage of the objective proven optimal?"""
        return self.proof == "proven"


def group_weight(table: pd.DataFrame, standard: Standard) -> pd.Series:
    """Return the people by row whose minutes count for ``standard``."""
    return table["people_65" if standard.group == "age65" else "people"]


def township_means(plan: Plan) -> dict[str, tuple[float, float]]:
    """Return township → people's mean minutes (today, under the plan); a township without any figure is left out.

    Weighed by the people of the first standard; cells without a figure on either side are left out of both, so that
    the difference is of the same people.
    """
    weight = group_weight(plan.cells, plan.standards[0]).to_numpy(float)
    before, after = (plan.cells[f"minutes_{when}"].to_numpy(float) for when in ("before", "after"))
    town = plan.cells["village"].map(plan.villages.set_index("id")["township"]).to_numpy(object)
    known = ~np.isnan(before) & ~np.isnan(after) & (weight > 0)
    found = {}
    for name in sorted(set(plan.villages["township"])):
        at = known & (town == name)
        if at.any():
            found[name] = tuple(float(np.average(minutes[at], weights=weight[at])) for minutes in (before, after))
    return found


def outside(minutes: pd.Series, standard: Standard) -> np.ndarray:
    """Return which cells are outside the circle (bool): farther than the limit, beyond the horizon or unreachable."""
    return ~(minutes.to_numpy(float) <= standard.limit_min)


def headline(plan: Plan) -> Headline:
    """Sum up ``plan``. A demonstration is never plainly "met", nor is a plan that failed its verification."""
    standard = plan.standards[0]
    people = float(group_weight(plan.cells, standard).sum())
    inside = [float(plan.metrics[f"people_within_circle_{when}"]) for when in ("before", "after")]
    shares = [min(1.0, count / people) if people > 0 else None for count in inside]
    worst = max(plan.solve.stages, key=lambda stage: _gap_size(stage.gap), default=None)
    size = float("inf") if worst is None else _gap_size(worst.gap)
    proven = plan.solve.status == "optimal" and size <= PROVEN_GAP
    gap = size if np.isfinite(size) else None
    checked = plan.verified
    verification = "not_verified" if checked is None else "verified" if checked.ok else "verification_failed"
    return Headline(
        verdict=_verdict(plan, shares[1], verification), people=people, inside_before=inside[0], inside_after=inside[1],
        share_before=shares[0], share_after=shares[1], target=standard.target_share,
        proof="proven" if proven else "not_proven", gap=0.0 if proven else gap,
        verification=verification)


def _gap_size(gap: float | None) -> float:
    return float("inf") if gap is None or np.isnan(gap) else gap


def _verdict(plan: Plan, share: float | None, verification: str) -> str:
    target = plan.standards[0].target_share
    if verification == "verification_failed":
        return "verdict_failed"
    if target is None or share is None:
        return f"verdict_{plan.data_basis}_no_target"
    # A share is a quotient of sums of floats: a target hit to the last person must not fail on the last bit.
    return f"verdict_{plan.data_basis}_{'met' if share >= target - 1e-12 else 'not_met'}"


def further_standards(plan: Plan) -> list[tuple[Standard, Mapping[str, Any]]]:
    """Return the standards after the first with their block of `metrics`, those that have one."""
    found = []
    for standard in plan.standards[1:]:
        block = plan.metrics.get(f"standard:{standard.id}", plan.metrics.get(standard.id))
        if isinstance(block, Mapping):
            found.append((standard, block))
    return found


def stage_name(plan: Plan, name: str) -> Text:
    """Return a stage of the objective in words; "uncovered[circle]" names its standard too."""
    kind, _, standard_id = name.removesuffix("]").partition("[")
    if kind.startswith("weighted "):  # the second and later ones count themselves
        word = WORDS["stage_weighted"]
        return Text(f"{word.zh}（{kind[9:]}）", f"{word.en} ({kind[9:]})")
    word = WORDS.get(f"stage_{kind}", Text(kind, kind))
    standard = next((one for one in plan.standards if one.id == standard_id), None)
    if standard is None:
        return word if not standard_id else Text(f"{word.zh}（{standard_id}）", f"{word.en} ({standard_id})")
    return Text(f"{word.zh}（{standard.name}）", f"{word.en} ({standard.name_en})")


@dataclass(frozen=True)
class StageRow:
    """One stage of the objective as every output lists it, in the order in which they were minimised."""

    key: str  # as plan.json names it
    name: Text
    value: float
    bound: float
    digits: int  # decimals with which value and bound are printed
    gap: Text  # as it is printed; says so where it holds only given a stage that was stopped

    def printed(self, figure: float) -> str:
        """Write value or bound as a published page does."""
        return few_or_none(self.key, figure) or number(figure, digits=self.digits)


def stage_rows(plan: Plan) -> list[StageRow]:
    """Return the stages in the order of the solve, which is that of the config and of plan.json."""
    rows, stopped = [], False
    for stage in plan.solve.stages:
        size = _gap_size(stage.gap)
        printed = "0\u00a0%" if size <= PROVEN_GAP else percent(size, digits=3)
        text = WORDS["gap_unknown"] if size == float("inf") else Text(printed, printed)
        name = stage_name(plan, stage.name)
        if details := stage_details(stage, lambda part: stage_name(plan, part), number=number):
            name = Text(f"{name.zh}：{details.zh}", f"{name.en}: {details.en}")
        rows.append(StageRow(stage.name, name, stage.value, stage.bound, digits_of(stage),
                             say_each("gap_given", gap=text) if stopped else text))
        stopped = stopped or size > PROVEN_GAP
    return rows


def any_given(plan: Plan) -> bool:
    """Does any stage come after one that was stopped?"""
    return any(_gap_size(stage.gap) > PROVEN_GAP for stage in plan.solve.stages[:-1])


def stage_lines(plan: Plan) -> list[Text]:
    """Return the stages as lines for a terminal."""
    return [say_each("stage_line", rank=Text(*[str(rank)] * 2), name=row.name, gap=row.gap,
                     value=Text(*[number(row.value, digits=row.digits)] * 2))
            for rank, row in enumerate(stage_rows(plan), start=1)]


def leaving_text(block: Mapping[str, Any]) -> Text | None:
    """Return who leaves a standard's circle and who enters it; None where ``block`` of `metrics` does not say."""
    if "people_leaving_circle" not in block:
        return None
    return say("leaving_entering", leaving=people(block["people_leaving_circle"]),
               entering=people(block["people_entering_circle"]))


def merged_sites(plan: Plan) -> pd.DataFrame:
    """Return the clinics that merge into a host; those that are visited instead are none of them."""
    return plan.facilities[(plan.facilities["action"] == Action.CLOSE) & plan.facilities["service"].isna()]


def without_clinic(plan: Plan) -> pd.DataFrame:
    """Return the villages without a clinic of which none merged: those with no site at all first, farthest first."""
    table = plan.villages[plan.villages["no_clinic_because"].notna()]
    table = table.assign(here=table["no_clinic_because"] == NoClinic.HOSPITAL_HERE)
    return table.sort_values(["here", "minutes_after", "id"], ascending=[True, False, True], na_position="first")


def minutes_to_host(plan: Plan) -> dict[str, float]:
    """Return the minutes from each merged clinic to its host, by clinic; a clinic without a figure is left out."""
    accepted = plan.refusals[plan.refusals["accepted"].astype(bool)].dropna(subset=["minutes"])
    minutes = dict(zip(accepted["clinic"], accepted["minutes"].astype(float), strict=True))
    # A village knows the way of its one clinic that merged; where it had more, only the pair of clinic and host tells.
    merged = merged_sites(plan).drop_duplicates("village", keep=False)
    known = plan.villages.dropna(subset=["minutes_to_host"]).set_index("id")["minutes_to_host"]
    for clinic, village in zip(merged["id"], merged["village"], strict=True):
        if clinic not in minutes and village in known.index:
            minutes[clinic] = float(known[village])
    return minutes


def verdict_tone(head: Headline) -> str:
    """Return "met", "" (not met, or failed) or "plain" (no target): the class that colours the verdict."""
    if head.verdict.endswith("_no_target"):
        return "plain"
    return "met" if head.verdict.endswith("_met") and not head.verdict.endswith("_not_met") else ""


def proof_text(head: Headline) -> Text:
    """Return the line that stands wherever the plan does: proven, or not and by how much."""
    if head.proven:
        return WORDS["proven_line"]
    if head.gap is None:
        return WORDS["not_proven_no_gap_line"]
    return say("not_proven_line", gap=percent(head.gap, digits=2))


def verification_text(plan: Plan, head: Headline) -> Text:
    """Return what the independent verifier said."""
    if plan.verified is None:
        return WORDS["not_verified"]
    key = {"verified": "verified", "verification_failed": "verification_failed"}[head.verification]
    return say(key, checks=f"{plan.verified.checks:,}", failures=f"{plan.verified.failed:,}")


def site_symbol(sites: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """Return the key of `palette.SYMBOLS` of every facility in ``sites``, a plan's table, by facility id."""
    private = set(inputs.facilities.loc[inputs.facilities["ownership"] == Ownership.PRIVATE, "id"])
    hosts = set(sites.loc[sites["action"] == Action.CLOSE, "merged_into"].dropna())
    keys = {}
    for site in sites.itertuples(index=False):
        if site.sub_centre:
            key = "sub_centre"
        elif site.kind == FacilityKind.COUNTY_HOSPITAL:
            key = "county_hospital"
        elif site.kind == FacilityKind.TOWNSHIP_HOSPITAL:
            works = {Action.RELOCATE: "hospital_left", Action.KEEP: "hospital"}
            key = works.get(Action(site.action), "hospital_works")
        elif pd.notna(site.service):
            key = str(site.service)
        elif site.action == Action.CLOSE:
            key = "merged"
        elif site.action == Action.BUILD:
            key = "built"
        elif site.id in private:
            key = "private"
        else:
            key = "host" if site.id in hosts else "kept"
        keys[site.id] = key
    return pd.Series(keys, dtype=object)


@dataclass(frozen=True)
class Counts:
    """How many sites of each fate."""

    kept: int
    merged: int
    built: int
    sub_centres: int


def counts(plan: Plan, inputs: Inputs) -> Counts:
    """Count the public clinics kept and merged, those built, and the sub-centres."""
    symbol = site_symbol(plan.facilities, inputs)
    return Counts(kept=int(symbol.isin(["kept", "host", "posted"]).sum()), merged=int((symbol == "merged").sum()),
                  built=int((symbol == "built").sum()),
                  sub_centres=int(plan.facilities["sub_centre"].sum()))


def modes_text(plan: Plan) -> Text | None:
    """Return how many villages are served in each way; None where only keep and merge are offered."""
    by_mode = plan.metrics.get("villages_by_mode")
    if by_mode is None:
        return None
    parts = [(MODE_NAMES[ServiceMode(mode)], n) for mode, n in by_mode.items() if n]
    listed = Text("、".join(f"{name.zh} {n}" for name, n in parts), ", ".join(f"{name.en} {n}" for name, n in parts))
    inside = people(plan.metrics["people_within_circle_periodic_after"])
    return say_each("modes_line", modes=listed, teams=Text(*[str(plan.metrics["circuit_teams"])] * 2),
                    posted=Text(*[str(plan.metrics["posted_doctors"])] * 2), inside=Text(*[inside] * 2))


def is_clinic(sites: pd.DataFrame) -> np.ndarray:
    """Clinics and stations (bool by row)."""
    return sites["kind"].isin([str(kind) for kind in CLINIC_KINDS]).to_numpy(bool)


def percent(share: float | None, *, digits: int = 1) -> str:
    """Write a share as per cent, the sign tied to it. Near 100 it is cut, not rounded: 99.98 never prints as 100."""
    if share is None:
        return "–"
    value = 100 * share
    text = f"{value:.{digits}f}"
    if float(text) >= 100 > value + 1e-9:
        text = f"{100 - 10 ** -digits:.{digits}f}"
    if float(text) == 0 < value - 1e-9:
        return f"<\u00a0{10 ** -digits:.{digits}f}\u00a0%"
    return f"{text}\u00a0%"


def number(value: float | None, *, digits: int = 1) -> str:
    """Write a figure, or a dash where there is none."""
    return "–" if value is None or pd.isna(value) else f"{value:,.{digits}f}"
