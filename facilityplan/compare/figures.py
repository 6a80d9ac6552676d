"""The figures of several runs side by side, each as plan.json has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from facilityplan.compare.record import RunRecord
from facilityplan.config.schema import Standard
from facilityplan.domain.kinds import CLINIC_KINDS, ServiceMode
from facilityplan.errors import Text

Unit = Literal["count", "people", "share", "minutes", "cny"]


@dataclass(frozen=True)
class Figure:
    """One row: today as each run counts it, and the plan of each run; None where a run has no such figure."""

    key: str  # of the word table, or "standard" with ``name``
    unit: Unit
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]
    name: Text | None = None


def side_by_side(runs: tuple[RunRecord, ...]) -> list[Figure]:
    """Return what a meeting asks first: circles, minutes, clinics, staff, money."""
    figures = [_share(runs, standard) for standard in runs[0].config.standards]
    figures += [
        _plain(runs, "figure_outside", "people", _outside("before"), _outside("after")),
        _plain(runs, "figure_minutes", "minutes", "mean_minutes_before", "mean_minutes_after"),
        _plain(runs, "figure_unreachable", "people", "people_unreachable_before", "people_unreachable"),
        _plain(runs, "figure_beyond", "people", "people_beyond_horizon_before", "people_beyond_horizon"),
        _plain(runs, "figure_clinics", "count", "clinics_before", _clinics_open),
        _plain(runs, "figure_merged", "count", None, "clinics_merged"),
        _plain(runs, "figure_built", "count", None, "clinics_built"),
        _plain(runs, "figure_sub_centres", "count", None, "sub_centres"),
    ]
    modes = [m for m in (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR, ServiceMode.POSTED)
             if any((run.villages["mode"] == m).any() for run in runs)]
    figures += [Figure(f"villages_{mode}", "count", (None,) * len(runs),
                       tuple(int((run.villages["mode"] == mode).sum()) for run in runs)) for mode in modes]
    figures += [one for kind in ("consortia", "catchments") for one in (
        _plain(runs, f"figure_{kind}_changing", "people", None, _grouping(kind, "people_changing")),
        _plain(runs, f"figure_{kind}_imbalance", "share", _grouping(kind, "imbalance_before"),
               _grouping(kind, "imbalance_after")),
        _plain(runs, f"figure_{kind}_apart", "count", _grouping(kind, "apart_before"), _grouping(kind, "apart_after")))
        if any(value is not None for value in one.after)]
    figures += [
        _plain(runs, "figure_blank", "count", None, "blank_villages"),
        _plain(runs, "figure_clinic_doctors", "count", "clinic_doctors_before", "clinic_doctors_after"),
        _plain(runs, "figure_hires", "count", None, "hires"),
        _plain(runs, "figure_annual", "cny", "annual_cost_cny_before", "annual_cost_cny"),
        _plain(runs, "figure_capital", "cny", None, "capital_cost_cny"),
    ]
    return figures


def _outside(when: str):
    return lambda run: run.metrics["group_people"] - run.metrics[f"people_within_circle_{when}"]


def _grouping(kind: str, key: str):
    """A figure of consortia or catchments against today's; how many, where it is a list."""
    def of(run: RunRecord) -> float | None:
        found = next((one[key] for one in run.document.get("groupings", ()) if one["id"] == kind), None)
        return len(found) if isinstance(found, list) else found
    return of


def _clinics_open(run: RunRecord) -> int:
    """Public clinics open full-time: those visited by a circuit team or a neighbour's doctor are closed too."""
    closed = run.facilities["kind"].isin([str(kind) for kind in CLINIC_KINDS]) & (run.facilities["action"] == "close")
    return run.metrics["clinics_before"] - int(closed.sum()) + run.metrics["clinics_built"]


def _value(run: RunRecord, source) -> float | None:
    if source is None:
        return None
    try:
        return source(run) if callable(source) else run.metrics[source]
    except (KeyError, TypeError):  # the run left this block out
        return None


def _plain(runs: tuple[RunRecord, ...], key: str, unit: Unit, before, after) -> Figure:
    return Figure(key, unit, tuple(_value(run, before) for run in runs), tuple(_value(run, after) for run in runs))


def _share(runs: tuple[RunRecord, ...], standard: Standard) -> Figure:
    def share(run: RunRecord, when: str) -> float | None:
        ids = [s.id for s in run.config.standards]
        if standard.id not in ids:
            return None
        block = run.metrics if ids[0] == standard.id else run.metrics.get(standard.id, {})
        return block.get(f"share_within_{when}")
    return Figure("standard", "share", tuple(share(run, "before") for run in runs),
                  tuple(share(run, "after") for run in runs), Text(standard.name, standard.name_en))
