"""Stages from the config: budgets in whole yuan, doctors left at the end of each."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from facilityplan.config.schema import Config
from facilityplan.domain.staff import retirements
from facilityplan.domain.stages import retired_shares
from facilityplan.model.gather_rules import exact
from facilityplan.model.sets import DoctorData, MoneyData
from facilityplan.model.sets_stages import StageData


def stage_data(
    config: Config,
    facilities: pd.DataFrame,
    site_township: np.ndarray,
    townships: int,
    doctors: DoctorData | None,
    money: MoneyData,
) -> StageData | None:
    """Return the stages, None where the config has none. Budgets are rounded down, as those of the whole plan are.

    pool[s, t] = doctors today − retired by the end of s at the township's public clinics (domain.staff, 60 and over
    first; domain.stages says how many by when).
    """
    stages = config.rules.stages
    if not stages:
        return None
    pool, base = None, [money.doctors_base] * len(stages)
    if doctors is not None:
        shares = retired_shares(config.rules.doctors.retire_share, [s.retire_share for s in stages])
        known = site_township >= 0
        rows = []
        for share in shares:
            gone = retirements(facilities, share).reindex(facilities["id"]).fillna(0).to_numpy().astype(np.int64)
            rows.append(np.bincount(site_township[known], weights=(doctors.today - gone)[known], minlength=townships))
        pool = np.array(rows, dtype=np.int64)
        base = [int(doctors.today.sum()) - int(retirements(facilities, share).sum()) for share in shares]
    recurrent = []
    for stage in stages:
        limits = []
        if stage.recurrent_share_of_today is not None:
            limits.append(math.floor(exact(stage.recurrent_share_of_today) * money.today))
        if stage.recurrent_cny is not None:
            limits.append(math.floor(exact(stage.recurrent_cny)))
        recurrent.append(min(limits, default=None))
    return StageData(
        years=tuple(s.year for s in stages),
        capital=tuple(None if s.capital_cny is None else math.floor(exact(s.capital_cny)) for s in stages),
        carry_over=tuple(k > 0 and s.carry_over and stages[k - 1].capital_cny is not None
                         for k, s in enumerate(stages)),
        recurrent=tuple(recurrent),
        closures=tuple(s.max_closures for s in stages),
        closures_township=tuple(s.max_closures_per_township for s in stages),
        pool=pool,
        doctors_base=tuple(base),
        **_funding(config),
    )


def _funding(config: Config) -> dict[str, tuple]:
    """What each source gives in each stage, and whether what is left goes on to the next one."""
    sources, stages = [s.id for s in config.rules.funding], config.rules.stages
    given = [{m.source: math.floor(exact(m.amount_cny)) for m in s.funding} for s in stages]
    if not any(given):
        return {}
    carry = [tuple(k > 0 and s.carry_over and i in given[k] and i in given[k - 1] for i in sources)
             for k, s in enumerate(stages)]
    return {"funding": tuple(tuple(row.get(i) for i in sources) for row in given), "funding_carry": tuple(carry)}
