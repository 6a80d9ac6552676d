"""What a facility is to the plan: which sites are decided, which are permanent, which are open today."""

from __future__ import annotations

import numpy as np
import pandas as pd

from facilityplan.domain.kinds import CLINIC_KINDS, Ownership, Status


def is_candidate(facilities: pd.DataFrame) -> np.ndarray:
    """Sites where a clinic could be built (bool by row)."""
    return (facilities["status"] == Status.CANDIDATE).to_numpy(bool)


def is_decided(facilities: pd.DataFrame) -> np.ndarray:
    """Existing public clinics and stations: each stays open or merges into a host (bool by row)."""
    kind = facilities["kind"].isin([str(k) for k in CLINIC_KINDS])
    public = facilities["ownership"] == Ownership.PUBLIC
    return (kind & public).to_numpy(bool) & ~is_candidate(facilities)


def is_permanent(facilities: pd.DataFrame) -> np.ndarray:
    """Hospitals and private sites: always open, never closed by a plan (bool by row)."""
    return ~is_candidate(facilities) & ~is_decided(facilities)


def open_today(facilities: pd.DataFrame, *, open_without_doctor: bool) -> np.ndarray:
    """Sites open full-time today (bool by row).

    A public clinic known to have no doctor counts as closed today unless ``open_without_doctor``; one whose doctors
    are not known counts as open.
    """
    empty = (facilities["doctors"].fillna(1) == 0).to_numpy(bool) & is_decided(facilities)
    return ~is_candidate(facilities) & (open_without_doctor | ~empty)
