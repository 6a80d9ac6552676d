"""The plan's figures (contract: `metrics`): who is inside each circle before and after, how far they go, what it costs.

Every share has its denominator beside it. People count by whole minutes, rounded up once; means are of exact minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.config.schema import Standard
from facilityplan.domain.basis import verdict_figures
from facilityplan.domain.kinds import CLINIC_KINDS, Action, ServiceMode
from facilityplan.domain.sites import is_candidate, is_decided
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.assigned import Travel
from facilityplan.plan.counts import SiteCounts

CLINICS = tuple(str(k) for k in CLINIC_KINDS)
ADDED_BINS = ((0.0, "same"), (2.0, "up_to_2"), (5.0, "up_to_5"), (10.0, "up_to_10"), (np.inf, "over_10"))
WORST_VILLAGES = 10
LEAST_ADDED_MIN = 1e-6  # less is the noise of a mean
SHARE_TOLERANCE = 1e-12  # a target hit to the last person must not fail on the last bit of a quotient


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> float | None:
    """Return the weighted mean over the entries that have a value and a weight, None where there are none."""
    counted = ~np.isnan(values) & (weights > 0)
    total = weights[counted].sum()
    return float((values[counted] * weights[counted]).sum() / total) if total > 0 else None


def weighted_p90(values: np.ndarray, weights: np.ndarray) -> float | None:
    """Return the minutes that 90 % of all people do not exceed; None where that person has no value (NaN)."""
    total = weights.sum()
    if not total > 0:
        return None
    order = np.argsort(values, kind="stable")  # NaN goes last
    reached = np.cumsum(weights[order]) >= 0.9 * total * (1 - SHARE_TOLERANCE)
    value = values[order][int(np.argmax(reached))]
    return None if np.isnan(value) else float(value)


def travel_block(travel: Travel, people: np.ndarray, rural: np.ndarray, data_basis: str) -> dict[str, Any]:
    """Return the figures of one standard: counts of people, shares with their denominators, minutes, the verdict.

    ``people`` (float64 by cell) counts everybody, ``travel.weight`` the standard's group; ``rural`` (bool by cell);
    ``data_basis`` words the verdict.
    """
    standard, before, after, weight = travel.standard, travel.before, travel.after, travel.weight
    inside = {"before": before.inside(standard.limit_min), "after": after.inside(standard.limit_min)}
    everyone = np.ones(len(people), dtype=bool)
    block = _who_is_inside(travel, people, inside, everyone)
    for when, side in (("before", before), ("after", after)):
        suffix = "_before" if when == "before" else ""
        for state, key in (("unreachable", "people_unreachable"), ("beyond", "people_beyond_horizon")):
            block[key + suffix] = float(people[side.state == state].sum())
    block["people_leaving_circle"] = float(weight[inside["before"] & ~inside["after"]].sum())
    block["people_entering_circle"] = float(weight[~inside["before"] & inside["after"]].sum())
    if standard.target_share is not None:
        block["target_share"] = standard.target_share
        share = block["share_within_after"]
        if share is not None:
            block |= verdict_figures(data_basis, share >= standard.target_share - SHARE_TOLERANCE)
    block["added_minutes"] = added_minutes(travel)
    block["rural"] = _who_is_inside(travel, people, inside, rural)
    block["urban"] = _who_is_inside(travel, people, inside, ~rural)
    return block


def _who_is_inside(travel: Travel, people: np.ndarray, inside: dict[str, np.ndarray],
                   mask: np.ndarray) -> dict[str, Any]:
    group = float(travel.weight[mask].sum())
    block: dict[str, Any] = {"people": float(people[mask].sum()), "group_people": group}
    for when, side in (("before", travel.before), ("after", travel.after)):
        within = float(travel.weight[mask & inside[when]].sum())
        block[f"people_within_circle_{when}"] = within
        block[f"share_within_{when}"] = within / group if group > 0 else None
        block[f"mean_minutes_{when}"] = weighted_mean(side.minutes[mask], travel.weight[mask])
        block[f"people_with_minutes_{when}"] = float(travel.weight[mask & side.has_value].sum())
    return block


def added_minutes(travel: Travel) -> dict[str, float]:
    """Return how many of the group go how much farther (minutes added by the plan); the parts add up to the group."""
    both = travel.before.has_value & travel.after.has_value
    added = np.where(both, (travel.after.ds - travel.before.ds) / 600, np.nan)
    parts = {"nearer": float(travel.weight[both & (added < 0)].sum())}
    low = -1e-9
    for high, key in ADDED_BINS:
        parts[key] = float(travel.weight[both & (added > low) & (added <= high)].sum())
        low = high
    parts["lost"] = float(travel.weight[travel.before.has_value & ~travel.after.has_value].sum())
    parts["gained"] = float(travel.weight[~travel.before.has_value & travel.after.has_value].sum())
    parts["none"] = float(travel.weight[~travel.before.has_value & ~travel.after.has_value].sum())
    return parts


def worst_villages(villages: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the villages whose mean minutes grow most (at most ten), the worst first; ties by people, then id."""
    added = villages["minutes_after"] - villages["minutes_before"]
    hit = villages.assign(added_minutes=added)[added > LEAST_ADDED_MIN]
    hit = hit.sort_values(["added_minutes", "people", "id"], ascending=[False, False, True]).head(WORST_VILLAGES)
    keys = ["id", "people", "minutes_before", "minutes_after", "added_minutes"]
    return [{"village": row.pop("id"), **row} for row in hit[keys].to_dict("records")]


def plan_metrics(inputs: Inputs, travels: list[Travel], villages: pd.DataFrame, facilities: pd.DataFrame,
                 sites: SiteCounts, reserve_doctors: int, hires: int, doctor_cny: int,
                 served: set[str], data_basis: str, fairness: Mapping[str, Any]) -> dict[str, Any]:
    """Return `metrics` of `plan.json`: the first standard at the top, further ones under their id, then the counts.

    ``served`` holds the ids of villages in which a full-time site is open under the plan; ``fairness`` its block, empty
    where nobody asked for it.
    """
    people = inputs.cells["people"].to_numpy(float)
    kind = inputs.villages.set_index("id")["kind"].astype(str)
    rural = (inputs.cells["village"].map(kind) != "community").to_numpy(bool)
    metrics = travel_block(travels[0], people, rural, data_basis)
    metrics["worst_villages"] = worst_villages(villages)
    decided = is_decided(inputs.facilities)
    action = facilities["action"].astype(str)
    no_host = villages["mode"].astype(str) == ServiceMode.NONE
    metrics |= {
        "blank_villages": int((no_host & ~villages["id"].isin(served)).sum()),
        "villages": len(villages),
        "clinics_before": int(decided.sum()),
        "clinics_merged": int(((action == Action.CLOSE) & facilities["service"].isna()).sum()),
        "clinics_built": int(((action == Action.BUILD) & facilities["kind"].isin(CLINICS)).sum()),
        "clinics_candidate": int(is_candidate(inputs.facilities).sum()),
        "sub_centres": int(facilities["sub_centre"].sum()),
        "clinic_doctors_before": int(np.nansum(sites.doctors_before[decided])),
        "clinic_doctors_after": int(sites.clinic_doctors_after.sum()) + reserve_doctors,
        "doctors_in_reserve": reserve_doctors,
        "hires": hires,
        "capital_cost_cny": float(sites.capital_cny.sum()),
        "annual_cost_cny_before": float(sites.annual_before_cny.sum()),
        "annual_cost_cny": float(sites.annual_cny.sum() + doctor_cny * reserve_doctors),
    }
    if fairness:
        metrics["fairness"] = dict(fairness)
    for travel in travels[1:]:
        metrics[metric_key(travel.standard, metrics)] = travel_block(travel, people, rural, data_basis)
    return metrics


def metric_key(standard: Standard, taken: dict[str, Any]) -> str:
    """Return the key of a further standard in `metrics`: its id, prefixed where that is the name of a figure."""
    return f"standard:{standard.id}" if standard.id in taken else standard.id


def open_villages(inputs: Inputs, open_ids: frozenset[str]) -> set[str]:
    """Return the ids of villages in which a facility of any kind is open under the plan."""
    return set(inputs.facilities.loc[inputs.facilities["id"].isin(open_ids), "village"].dropna())
