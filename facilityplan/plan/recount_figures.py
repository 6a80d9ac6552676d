"""The verifier's checks of `metrics`, the standards and the solver's report, each figure counted again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from facilityplan.config.objectives import Objective, WeightedPart
from facilityplan.config.schema import Standard
from facilityplan.domain.basis import VERDICTS
from facilityplan.domain.fairness import OF_A_STANDARD
from facilityplan.domain.kinds import Action
from facilityplan.plan.claims import Ledger, StageClaim, figure
from facilityplan.plan.recount_access import uncovered_tenths
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_catchments import sub_centre_worst_minutes
from facilityplan.plan.recount_centres import centre_tenth_minutes
from facilityplan.plan.recount_consortia import consortium_tenth_minutes
from facilityplan.plan.recount_fairness import (
    check_parts,
    check_tolerance,
    fairness_figures,
    part_value,
    weighted_units,
)
from facilityplan.plan.recount_modes import mode_figures, services_made, tenth_days_missed
from facilityplan.plan.recount_resources import sub_centre_tenth_minutes, sub_centres
from facilityplan.plan.recount_staffing import over_capacity_tenths, staff_figures
from facilityplan.plan.recount_stages import delay, expected_by_stage
from facilityplan.plan.recount_tables import mean, minutes, state, village_fate
from facilityplan.plan.recount_travel import NEVER
from facilityplan.plan.recount_works import expected_money_metrics
from facilityplan.units import HORIZON_MIN

PROVEN = 1e-6  # relative distance of value and bound under which a stage counts as proven
NOT_BINDING = 0.99


def check_metrics(r: Recount, ledger: Ledger) -> None:
    """Every figure of `metrics` equals its own count; none is missing and none is there that nobody can count."""
    wanted = _flat(expected_metrics(r))
    claimed = _flat({k: v for k, v in r.claims.metrics.items() if k != "worst_villages"})
    ledger.same_keys("metrics", sorted(claimed), sorted(wanted), "figures of metrics")
    for key in sorted(wanted.keys() & claimed.keys()):
        ledger.check("metrics", _same(claimed[key], wanted[key]),
                     f"{key} is {figure(claimed[key])}, recounted {figure(wanted[key])}")
    _check_worst(r, ledger)


def expected_metrics(r: Recount) -> dict[str, Any]:
    """Return `metrics` as the verifier counts them, the list of worst villages left out."""
    decided = [s for s in r.sites.values() if s.decided]
    made = r.decisions.sites.values()
    served = {s.village for s in r.sites.values() if r.is_open(s.id) and s.village is not None}
    fates = {v: village_fate(r, v)[0] for v in r.inputs.villages["id"]}
    reserve = sum(r.decisions.reserve.values())
    metrics = _standard_figures(r, r.first) | {
        "blank_villages": sum(mode == "none" and v not in served for v, mode in fates.items()),
        "villages": len(fates),
        "clinics_before": len(decided),
        "clinics_merged": sum(d.action is Action.CLOSE and d.service is None for d in made),
        "clinics_built": sum(d.action is Action.BUILD and i in r.sites and r.sites[i].candidate
                             for i, d in r.decisions.sites.items()),
        "clinics_candidate": sum(s.candidate for s in r.sites.values()),
        "sub_centres": len(sub_centres(r)),
        "clinic_doctors_before": sum(s.doctors or 0 for s in decided),
        "clinic_doctors_after": sum(map(r.clinic_doctors_after, r.sites.values())) + reserve,
        "doctors_in_reserve": reserve,
        "hires": sum(r.decisions.hires.values()),
        "capital_cost_cny": float(r.capital_total_cny),
        "annual_cost_cny_before": float(r.annual_before_cny),
        "annual_cost_cny": float(r.annual_after_cny),
    }
    metrics |= expected_money_metrics(r)
    if asked := fairness_figures(r):
        metrics["fairness"] = asked
    if r.rules.stages:
        metrics["by_stage"] = expected_by_stage(r)
    metrics |= staff_figures(r)
    for standard in r.config.standards[1:]:
        taken = standard.id in metrics or standard.id == "worst_villages"
        metrics[f"standard:{standard.id}" if taken else standard.id] = _standard_figures(r, standard)
    return metrics | mode_figures(r, fates)


def _standard_figures(r: Recount, standard: Standard) -> dict[str, Any]:
    before, after = r.nearest(standard, "before"), r.nearest(standard, "after")
    inside, stays = before.within(standard.limit_min), after.within(standard.limit_min)
    weight = r.weight(standard)
    kinds = dict(zip(r.inputs.villages["id"], r.inputs.villages["kind"].astype(str), strict=True))
    urban = np.array([kinds.get(v) == "community" for v in r.cell_village], dtype=bool)
    figures = _inside_figures(r, standard, np.full(len(weight), True))
    figures |= {"urban": _inside_figures(r, standard, urban), "rural": _inside_figures(r, standard, ~urban)}
    for name, times in (("_before", before), ("", after)):
        figures[f"people_unreachable{name}"] = float(r.people[state(times) == "unreachable"].sum())
        figures[f"people_beyond_horizon{name}"] = float(r.people[state(times) == "beyond"].sum())
    figures["people_leaving_circle"] = float(weight[inside & ~stays].sum())
    figures["people_entering_circle"] = float(weight[stays & ~inside].sum())
    figures["added_minutes"] = _added(minutes(before), minutes(after), weight)
    if standard.target_share is not None:
        figures["target_share"] = standard.target_share
        if weight.sum() > 0:
            met = weight[stays].sum() / weight.sum() >= standard.target_share - 1e-12
            verdict = VERDICTS[r.config.county.data_basis, bool(met)]
            figures |= {"circle_met": verdict.key, "circle_met_zh": verdict.text.zh, "circle_met_en": verdict.text.en}
    return figures


def _inside_figures(r: Recount, standard: Standard, who: np.ndarray) -> dict[str, Any]:
    weight = np.where(who, r.weight(standard), 0.0)
    figures: dict[str, Any] = {"people": float(r.people[who].sum()), "group_people": float(weight.sum())}
    for when in ("before", "after"):
        times = r.nearest(standard, when)
        within = float((weight * times.within(standard.limit_min)).sum())
        average = mean(minutes(times), weight)
        figures[f"people_within_circle_{when}"] = within
        figures[f"share_within_{when}"] = within / weight.sum() if weight.sum() > 0 else None
        figures[f"mean_minutes_{when}"] = None if math.isnan(average) else average
        figures[f"people_with_minutes_{when}"] = float(weight[state(times) == "value"].sum())
    return figures


def _added(before: np.ndarray, after: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    names = ("nearer", "same", "up_to_2", "up_to_5", "up_to_10", "over_10", "lost", "gained", "none")
    old, new = np.isnan(before), np.isnan(after)
    with np.errstate(invalid="ignore"):
        part = np.searchsorted(np.array([-1e-6, 1e-6, 2 + 1e-6, 5 + 1e-6, 10 + 1e-6]), after - before)
    part = np.select([old & new, old, new], [8, 7, 6], part)
    return dict(zip(names, np.bincount(part, weights=weight, minlength=len(names)).tolist(), strict=True))


def _check_worst(r: Recount, ledger: Ledger) -> None:
    """The villages listed as worst hit are the worst hit, with their own figures."""
    before, after = minutes(r.nearest(r.first, "before")), minutes(r.nearest(r.first, "after"))
    truth = {v: {"people": r.people[k].sum(), "minutes_before": mean(before[k], r.people[k]),
                 "minutes_after": mean(after[k], r.people[k])} for v, k in r.village_rows.items()}
    for figures in truth.values():
        figures["added_minutes"] = figures["minutes_after"] - figures["minutes_before"]
    listed = r.claims.metrics.get("worst_villages")
    if not ledger.check("metrics", listed is not None, "worst_villages is missing"):
        return
    for entry in listed:
        own = truth.get(entry.get("village"), {})
        for key, value in own.items():
            said = entry.get(key)
            ledger.check("metrics", _same(said, float(value)),
                         f"worst_villages {entry['village']}: {key} is {figure(said)}, recounted {figure(value)}")
        ledger.check("metrics", bool(own), f"worst_villages lists {entry.get('village')}, which is no village")
    added = [truth[e["village"]]["added_minutes"] for e in listed if e.get("village") in truth]
    ledger.check("metrics", all(a >= b - 1e-5 for a, b in pairwise(added)),
                 "worst_villages is not in order")
    rest = [f["added_minutes"] for v, f in truth.items() if v not in {e.get("village") for e in listed}]
    worst = max((a for a in rest if a > 1e-5), default=0.0)
    ledger.check("metrics", worst == 0.0 or (len(listed) == 10 and worst <= added[-1] + 1e-5),
                 f"worst_villages leaves out a village that loses {worst:.3f} minutes")


def check_standards(r: Recount, ledger: Ledger) -> None:
    """The standards are the config's, and `binding` says which of them most people do not meet today."""
    claimed = r.claims.standards
    if not ledger.check("standards", [s.get("id") for s in claimed] == [s.id for s in r.config.standards],
                        "the plan's standards are not the config's"):
        return
    for standard, claim in zip(r.config.standards, claimed, strict=True):
        for key, value in standard.model_dump(mode="json").items():
            ledger.check("standards", claim.get(key) == value,
                         f"{standard.id}: {key} is {claim.get(key)}, the config says {value}")
        weight = r.weight(standard)
        inside = weight[r.nearest(standard, "before").within(standard.limit_min)].sum()
        binds = not (weight.sum() > 0 and inside >= NOT_BINDING * weight.sum())
        ledger.check("standards", claim.get("binding") == binds,
                     f"{standard.id}: binding is {claim.get('binding')}, but {inside:.0f} of {weight.sum():.0f} people "
                     f"are inside today")
    ledger.check("standards", r.claims.county == r.config.county.name,
                 f"the plan is of {r.claims.county}, the config of {r.config.county.name}")
    ledger.check("standards", r.claims.data_basis == r.config.county.data_basis,
                 f"data_basis is {r.claims.data_basis}, the config says {r.config.county.data_basis}")


def check_status(r: Recount, ledger: Ledger) -> None:
    """The status is earned: optimal only where every stage's bound meets its value."""
    status, stages = r.claims.status, r.claims.stages
    ledger.check("status", status in ("optimal", "feasible"), f"{status} is no status of a usable plan")
    wanted = [stage_names(r, k) for k in range(len(r.config.objectives))]
    as_asked = len(stages) == len(wanted) and all(s.name in w for s, w in zip(stages, wanted, strict=True))
    ledger.check("status", as_asked,
                 f"stages are {[s.name for s in stages]}, asked are {[w[0] for w in wanted]}")
    for stage in stages:
        value, bound, gap = stage.value, stage.bound, stage.gap
        if not ledger.check("status", value is not None and math.isfinite(value), f"{stage.name} has no value"):
            continue
        value = stage.best
        scale = max(1.0, abs(value))
        if bound is None or not math.isfinite(bound):
            ledger.check("status", status != "optimal", f"called optimal, but {stage.name} has no bound")
            ledger.check("status", gap is None or not math.isfinite(gap),
                         f"{stage.name} has a gap of {figure(gap)} and no bound")
            continue
        ledger.check("status", bound <= value + PROVEN * scale,
                     f"{stage.name}: bound {bound:.10g} is above its value {value:.10g}")
        ledger.check("status", gap is not None and _gap_fits(stage),
                     f"{stage.name}: gap {figure(gap)} does not fit value {value:.10g} and bound {bound:.10g}")
        ledger.check("status", status != "optimal" or (value - bound <= PROVEN * scale and (gap or 0) <= PROVEN),
                     f"called optimal, but {stage.name} is {value:.10g} with a bound of only {bound:.10g}")


def _gap_fits(stage: StageClaim) -> bool:
    distance = max(0.0, stage.best - stage.bound)
    return any(abs(stage.gap - distance / scale) <= 2e-6 for scale in
               (max(1.0, abs(stage.best)), max(abs(stage.best), 1e-9), max(abs(stage.bound), 1e-9)))


def check_objectives(r: Recount, ledger: Ledger) -> None:
    """Every stage's value is what the decisions really come to."""
    for k, (objective, stage) in enumerate(zip(r.config.objectives, r.claims.stages, strict=False)):
        if stage.name not in stage_names(r, k) or stage.value is None:
            continue  # `status` says so
        values = [_stage_value(r, part) for part in objective.weighted]
        value = sum(p.weight * weighted_units(r, p, v) for p, v in zip(objective.weighted, values, strict=True))
        value = value if objective.weighted else _stage_value(r, objective)
        ledger.check("objectives", math.isclose(stage.value, value, rel_tol=1e-9, abs_tol=1e-5),
                     f"{stage.name} is {stage.value:.10g}, the decisions come to {value:.10g}")
        check_parts(objective, [_measure_names(r, p)[-1] for p in objective.weighted], values, stage, ledger)
        check_tolerance(r, objective, stage, ledger)


def stage_names(r: Recount, k: int) -> tuple[str, ...]:
    """Return the ways in which the k-th stage may be called."""
    objective = r.config.objectives[k]
    if not objective.weighted:
        return _measure_names(r, objective)
    before = sum(bool(o.weighted) for o in r.config.objectives[:k])
    return (f"weighted {before + 1}" if before else "weighted",)


def _measure_names(r: Recount, one: Objective | WeightedPart) -> tuple[str, ...]:
    if one.minimise not in OF_A_STANDARD:
        return (one.minimise,)
    standard = r.config.standard(one.standard).id
    return f"{one.minimise}:{standard}", f"{one.minimise}[{standard}]"


def _stage_value(r: Recount, objective: Objective | WeightedPart) -> float:
    standard = r.config.standard(objective.standard)
    match objective.minimise:
        case "uncovered":
            return uncovered_tenths(r, standard) / 10
        case "max_minutes" | "worst_decile" | "kolm_pollak":
            return part_value(r, objective)
        case "person_minutes":
            whole = r.nearest(standard, "after").whole_minutes()
            charged = np.where((whole == NEVER) | (whole > HORIZON_MIN), HORIZON_MIN, whole)
            return int((np.rint(r.weight(standard) * 10).astype(np.int64) * charged).sum()) / 10
        case "sub_centre_minutes":
            return sub_centre_tenth_minutes(r) / 10
        case "consortium_minutes":
            return consortium_tenth_minutes(r) / 10
        case "sub_centre_worst":
            return float(sub_centre_worst_minutes(r))
        case "centre_minutes":
            return centre_tenth_minutes(r) / 10
        case "overload":
            return sum(over_capacity_tenths(r, "after").values()) / 10
        case "cost":
            return float(r.annual_after_cny)
        case "delay":
            return delay(r, late=objective.late)
        case "changes":
            built = sum(s.candidate and r.is_open(s.id) for s in r.sites.values())
            chosen = [*r.decisions.centre_hosts.values(), *r.decisions.equipped.values()]
            return float(len(r.hosts) + built + len(sub_centres(r)) + len(r.works_done) + services_made(r)
                         + sum(map(len, chosen)))
        case "capital":
            return float(r.capital_total_cny)
        case "periodic":
            return tenth_days_missed(r) / 10
    raise ValueError(objective.minimise)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat


def _same(claimed: Any, wanted: Any) -> bool:
    numbers = (int, float, np.integer, np.floating)
    if isinstance(wanted, numbers) and isinstance(claimed, numbers):
        return math.isclose(claimed, wanted, rel_tol=1e-9, abs_tol=1e-5)
    return claimed == wanted
