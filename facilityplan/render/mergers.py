"""Every merger with its reasons, for workbook, report and notices: who moves where, what it saves, what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from facilityplan.domain.rules import OBJECTIVE, RULE_NAMES
from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.few import counts_people, few_or_none, people
from facilityplan.render.summary import merged_sites, minutes_to_host
from facilityplan.render.words import say

SEMICOLON = Text("；", "; ")


@dataclass(frozen=True)
class Merger:
    """One clinic that merges. Rows are those of the plan's tables; None where there is none."""

    clinic: Any
    village: Any
    host: Any
    minutes: float | None  # from the old clinic to its host
    saves_cny: int | None  # running it a year, doctors left out: they move on
    why: Text
    refused: Text  # every other host that was considered, and the rule that ruled it out


def mergers(plan: Plan) -> list[Merger]:
    """Return the mergers in the order of the clinics' ids."""
    names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
    sites = {row.id: row for row in plan.facilities.itertuples(index=False)}
    villages = {row.id: row for row in plan.villages.itertuples(index=False)}
    considered: dict[str, list[Any]] = {}
    for pair in plan.refusals.sort_values(["clinic", "minutes", "host"], kind="stable").itertuples(index=False):
        considered.setdefault(pair.clinic, []).append(pair)
    minutes, running = minutes_to_host(plan), plan.bill.running_today if plan.bill else {}
    found = []
    for site in merged_sites(plan).itertuples(index=False):
        pairs = considered.get(site.id, [])
        found.append(Merger(site, villages.get(site.village), sites.get(site.merged_into), minutes.get(site.id),
                            running.get(site.id), _why(pairs, site), refused_text(pairs, names)))
    return found


def _why(pairs: list[Any], site: Any) -> Text:
    """Say how the host was found: fixed in advance, the only one that the rules allow, or the best of several."""
    allowed = sum(not pair.accepted and pair.rule == OBJECTIVE for pair in pairs)
    parts = []
    if pd.notna(site.locked):
        parts.append(Text(site.locked, site.locked_en))
    if allowed == 0:
        parts.append(say("why_only_host", n=len(pairs)))
    else:
        parts.append(say("why_best_host", n=len(pairs), allowed=allowed + 1))
    return Text(*(SEMICOLON[k].join(part[k] for part in parts) for k in (0, 1)))


def refused_text(pairs: list[Any], names: dict[str, str]) -> Text:
    """List the hosts that were considered and not taken, in the order given, each with its rule and figure."""
    parts = []
    for row in pairs:
        if row.accepted:
            continue
        rule = RULE_NAMES.get(row.rule, Text(str(row.rule), str(row.rule)))
        name = names.get(row.host, row.host)
        parts.append(Text(f"{name}：{rule.zh}{figures(row).zh}", f"{name}: {rule.en}{figures(row).en}"))
    return Text(*(SEMICOLON[k].join(part[k] for part in parts) for k in (0, 1)))


def figures(row: Any) -> Text:
    """Return " (figure against limit)" of a refusal, nothing where it has none; few people are not counted out."""
    if pd.isna(row.figure) or pd.isna(row.limit):
        return Text("", "")
    figure, limit = (_printed(row.rule, value) for value in (row.figure, row.limit))
    said = say("figure_against_limit", figure=figure, limit=limit)
    return Text(said.zh, f" {said.en}")


def _printed(rule: str, value: float) -> str:
    return people(value) if counts_people(rule) else few_or_none(rule, value) or f"{value:,.6g}"
