"""Why a merger that would pay is still not made in a plan by years: the rule of the years that refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from facilityplan.model.choice import Choice, hires_by_stage, staff_needed
from facilityplan.model.evaluate import nearest_ds
from facilityplan.model.evaluate_stages import stage_findings
from facilityplan.model.sets import PlanningData
from facilityplan.model.staffing import settle_staff

Refusal = tuple[str | None, float | None, float | None]


def in_each_year(data: PlanningData, choice: Choice, guest: int) -> Iterator[Choice]:
    """Yield the plan with a clinic's change in each year, the last one first; as it is where there are no years."""
    if data.stages is None:
        yield choice
        return
    for s in reversed(range(data.stages.count)):
        stage = choice.stage.copy()
        stage[guest] = s
        yield replace(choice, stage=stage)


def refused_by_stages(data: PlanningData, choice: Choice, guest: int, host: int) -> Refusal | None:
    """Return the rule that breaks when ``guest`` alone merges into ``host`` in its best year; None where one year fits.

    The years are tried from the last: what breaks there is named where no year fits.
    """
    if data.stages is None:
        return None
    is_open, hosts = choice.open.copy(), choice.host.copy()
    is_open[guest], hosts[guest] = False, host
    refused: Refusal | None = None
    for flipped in in_each_year(data, replace(choice, open=is_open, host=hosts), guest):
        broken = _broken(data, flipped)
        if broken is None:
            return None
        refused = refused or broken
    return refused


def _broken(data: PlanningData, choice: Choice) -> Refusal | None:
    hires = np.zeros(len(data.townships), dtype=np.int64)
    doctors = np.zeros(len(data.site_ids), dtype=np.int64) if data.doctors is None else staff_needed(data, choice)
    if data.doctors is not None and data.holds("doctor_balance"):
        hires = settle_staff(data, choice.member, doctors).hires
        early = settle_staff(data, choice.member, doctors, hires_by_stage(data, choice, hires)[-1]).hires
        if not data.holds("hires") or early.sum() <= data.doctors.max_hires:  # else the year that lacks them is named
            hires = early
    for found in stage_findings(data, choice, hires, doctors, nearest_ds):
        if found.left < 0 and data.holds(found.rule):
            return found.rule, found.figure, found.limit
    return None
