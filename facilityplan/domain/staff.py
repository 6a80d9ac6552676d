"""Who retires: one definition for the model, the plan and the verifier."""

from __future__ import annotations

import pandas as pd

from facilityplan.domain.sites import is_decided


def retirements(facilities: pd.DataFrame, share: float) -> pd.Series:
    """Return how many doctors of each public clinic retire (int, by facility id).

    At most floor(share · doctors of all public clinics), only doctors of 60 and over; one at a time from the site with
    most of them left, then the one with more doctors, then by id.
    """
    clinics = facilities[is_decided(facilities)].set_index("id")
    doctors = clinics["doctors"].fillna(0).astype(int)
    left = clinics["doctors_60_plus"].fillna(0).astype(int).clip(upper=doctors).to_dict()
    retired = dict.fromkeys(clinics.index, 0)
    for _ in range(int(share * doctors.sum() + 1e-9)):
        site = min(left, key=lambda i: (-left[i], -doctors[i], i), default=None)
        if site is None or left[site] == 0:
            break
        left[site] -= 1
        retired[site] += 1
    return pd.Series(retired, dtype=int)
