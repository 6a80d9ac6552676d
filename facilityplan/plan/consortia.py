"""The consortia of a plan, each with what it holds, and how its townships stand against those of today's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.sites import is_decided
from facilityplan.domain.staff import retirements
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.counts import SiteCounts
from facilityplan.units import DECISECONDS_PER_MINUTE, UNREACHABLE_DS


def site_consortium(inputs: Inputs, decisions: Decisions, ids: pd.Series) -> list[str | None]:
    """Return the lead of the township of each facility, None where its township has none."""
    township = dict(zip(inputs.facilities["id"], site_townships(inputs), strict=True))
    return [decisions.consortia.get(township[i]) for i in ids]


def site_townships(inputs: Inputs) -> list[str | None]:
    """Return the township of each facility: its own, else its village's."""
    of_village = dict(zip(inputs.villages["id"], inputs.villages["township"], strict=True))
    return [of_village.get(village) if pd.isna(own) else own
            for own, village in zip(inputs.facilities["township"], inputs.facilities["village"], strict=True)]


def doctors_moved(config: Config, inputs: Inputs, decisions: Decisions, sites: SiteCounts) -> dict[str, int]:
    """Return township → clinic doctors borrowed (lent: negative), where consortia pool their staff; zeros left out.

    Those at work and in reserve, less today's who stay and those hired.
    """
    rules, doctors = config.rules.consortia, config.rules.doctors
    if rules is None or not rules.pool_staff or doctors is None:
        return {}
    stay = retirements(inputs.facilities, doctors.retire_share).reindex(inputs.facilities["id"]).fillna(0).to_numpy()
    before = np.where(is_decided(inputs.facilities), np.nan_to_num(sites.doctors_before), 0) - stay
    moved = {t: decisions.reserve.get(t, 0) - decisions.hires.get(t, 0) for t in decisions.consortia}
    for town, was, now in zip(site_townships(inputs), before, sites.clinic_doctors_after, strict=True):
        if town in moved:
            moved[town] += int(now - was)
    return {t: n for t, n in sorted(moved.items()) if n}


def consortia_table(inputs: Inputs, access: Access, decisions: Decisions, villages: pd.DataFrame,
                    facilities: pd.DataFrame, moved: Mapping[str, int]) -> tuple[Mapping[str, Any], ...]:
    """Return one record for each consortium, by lead: plan.json `consortia`. Empty where none are formed.

    ``people``: of its villages; ``doctors``: at its facilities, as far as known, and in its townships' reserve;
    ``facilities``: open or built; ``mean_minutes`` and ``farthest_minutes``: from its villages to the lead, weighed by
    people, villages without a way left out; ``today``: the consortium that the data give the lead's township, None
    where they give none; ``joining``: its townships that the data give to another one; ``doctors_moved``: see there.
    """
    if not decisions.consortia:
        return ()
    names = dict(zip(inputs.facilities["id"], inputs.facilities["name"], strict=True))
    home = dict(zip(inputs.facilities["id"], site_townships(inputs), strict=True))
    total, today = villages["people"].sum(), consortium_today(inputs)
    open_sites = facilities[facilities["id"].isin(decisions.open_sites())]
    records = []
    for lead in sorted(set(decisions.consortia.values())):
        towns = sorted(t for t, of in decisions.consortia.items() if of == lead)
        own = villages[villages["township"].isin(towns)]
        sites = open_sites[[home[i] in towns for i in open_sites["id"]]]
        minutes, people = _minutes(access, lead, own["id"]), own["people"].to_numpy(float)
        known = ~np.isnan(minutes)
        weighed = known & (people > 0)
        before = today.get(home[lead])
        records.append({
            "lead": lead, "lead_name": names[lead], "townships": towns, "people": float(people.sum()),
            "share_of_people": float(people.sum() / total) if total > 0 else None,
            "doctors": int(sites["doctors"].fillna(0).sum()) + sum(decisions.reserve.get(t, 0) for t in towns),
            "facilities": len(sites), "sub_centres": sorted(sites.loc[sites["sub_centre"], "id"]),
            "mean_minutes": float(np.average(minutes[weighed], weights=people[weighed])) if weighed.any() else None,
            "farthest_minutes": float(minutes[known].max()) if known.any() else None,
            "today": before, "doctors_moved": {t: moved[t] for t in towns if t in moved},
            "joining": [t for t in towns if before is not None and today.get(t) is not None and today[t] != before]})
    return tuple(records)


def consortium_today(inputs: Inputs) -> dict[str, str]:
    """Return the consortium that the data give each township: that of most of its people, ties by name."""
    people = inputs.cells.groupby("village")["people"].sum()
    table = inputs.villages[["id", "township", "consortium"]].dropna()
    table = table.assign(people=table["id"].map(people).fillna(0.0))
    found: dict[str, str] = {}
    for township, group in table.groupby("township", sort=True):
        weight = group.groupby("consortium", sort=True)["people"].sum()
        found[str(township)] = str(weight.index[int(np.argmax(weight.to_numpy()))])
    return found


def exempt_townships(config: Config, inputs: Inputs, access: Access) -> list[str]:
    """Return the townships that contiguity cannot be asked of: no neighbour, or no lead in their part of the county."""
    rules = config.rules.consortia
    if rules is None:
        return []
    of = dict(zip(inputs.villages["id"], inputs.villages["township"], strict=True))
    home = dict(zip(inputs.facilities["id"], site_townships(inputs), strict=True))
    part = {t: t for t in sorted({*of.values(), *home.values()} - {None})}
    pairs = [(of[a], of[b]) for a, b in access.adjacency if a in of and b in of and of[a] != of[b]]
    for _ in part:
        for a, b in pairs:
            part[a] = part[b] = min(part[a], part[b])
    led, linked = {part[home[lead]] for lead in rules.leads}, {t for pair in pairs for t in pair}
    return [t for t in part if t not in linked or part[t] not in led]


def consortium_notes(config: Config, consortia: tuple[Mapping[str, Any], ...], decisions: Decisions,
                     exempt: list[str]) -> list[Text]:
    """Return what planners must know: townships that change sides, and those that contiguity could not be asked of."""
    notes = []
    joining = [(t, record["lead_name"]) for record in consortia for t in record["joining"]]
    if joining:
        listed = "、".join(f"{t}→{lead}" for t, lead in joining), ", ".join(f"{t} to {lead}" for t, lead in joining)
        notes.append(Text(f"与现状医共体相比，{len(joining)} 个乡镇改变归属：{listed[0]}",
                          f"townships that leave the consortium of today's data: {listed[1]}"))
    elif any(record["today"] is not None for record in consortia):
        notes.append(Text("各乡镇的医共体归属与现状相同",
                          "every township stays in the consortium that the data give it"))
    moved = {t: n for record in consortia for t, n in record["doctors_moved"].items()}
    if moved:
        lent, each = sum(n for n in moved.values() if n > 0), [f"{t} {n:+d}" for t, n in moved.items()]
        notes.append(Text(f"医共体内调剂村医 {lent} 名：{'、'.join(each)}",
                          f"clinic doctors lent inside consortia: {lent} ({', '.join(each)})"))
    rules = config.rules.consortia
    if exempt and rules is not None and rules.contiguous and decisions.consortia:
        notes.append(Text(f"以下乡镇与有牵头医院的乡镇无路相连，不要求与医共体连片：{'、'.join(exempt)}",
                          "no road leads to these townships from any township with a lead, so they need not hang "
                          f"together with their consortium: {', '.join(exempt)}"))
    return notes


def _minutes(access: Access, lead: str, villages: pd.Series) -> np.ndarray:
    """Minutes from each village to a lead (float64), NaN where there is no way within the horizon."""
    times = access.to_leads
    if times is None:
        return np.full(len(villages), np.nan)
    row = {v: k for k, v in enumerate(times.origin_ids)}
    found = np.full(len(villages), np.nan)
    for k, village in enumerate(villages):
        part = slice(times.indptr[row[village]], times.indptr[row[village] + 1])
        hit = np.flatnonzero(times.site_ids[times.site[part]] == lead)
        if len(hit) and times.ds[part][hit[0]] != UNREACHABLE_DS:
            found[k] = times.ds[part][hit[0]] / DECISECONDS_PER_MINUTE
    return found
