"""Who retires: one definition for the model, the plan and the verifier."""

from __future__ import annotations

from heapq import heapify, heapreplace

import pandas as pd

from facilityplan.domain.sites import is_decided


def retirements(facilities: pd.DataFrame, share: float) -> pd.Series:
    """Return how many doctors of each public clinic retire (int, by facility id).

    At most floor(share · doctors of all public clinics), only doctors of 60 and over; one at a time from the site with
    most of them left, then the one with more doctors, then by id.
    """
    clinics = is_decided(facilities)
    ids = facilities["id"].to_numpy()[clinics].tolist()
    doctors, oldest = (facilities[column].fillna(0).to_numpy()[clinics].astype(int).tolist()
                       for column in ("doctors", "doctors_60_plus"))
    queue = [(-min(old, own), -own, i) for i, own, old in zip(ids, doctors, oldest, strict=True)]
    heapify(queue)
    retired = dict.fromkeys(ids, 0)
    for _ in range(int(share * sum(doctors) + 1e-9)):
        if not queue or queue[0][0] >= 0:
            break
        left, own, site = queue[0]
        heapreplace(queue, (left + 1, own, site))
        retired[site] += 1
    return pd.Series(retired, dtype=int)
