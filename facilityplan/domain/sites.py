"""What a facility is to the plan: which sites are decided, which are permanent, which are open today."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from facilityplan.domain.kinds import CLINIC_KINDS, Ownership, Status


def _exists(facilities: pd.DataFrame) -> np.ndarray:
    return (facilities["status"] != Status.CANDIDATE).to_numpy(bool)


def _is_clinic(facilities: pd.DataFrame) -> np.ndarray:
    return facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)


def is_candidate(facilities: pd.DataFrame) -> np.ndarray:
    """Sites where a clinic could be built (bool by row)."""
    return _is_clinic(facilities) & ~_exists(facilities)


def is_new_place(facilities: pd.DataFrame) -> np.ndarray:
    """Candidate sites of hospitals: one opens only where a work relocates a hospital to it (bool by row)."""
    return ~_is_clinic(facilities) & ~_exists(facilities)


def is_decided(facilities: pd.DataFrame) -> np.ndarray:
    """Existing public clinics and stations: each stays open or merges into a host (bool by row)."""
    public = (facilities["ownership"] == Ownership.PUBLIC).to_numpy(bool)
    return _is_clinic(facilities) & public & _exists(facilities)


def is_permanent(facilities: pd.DataFrame, moving: Collection[str] = ()) -> np.ndarray:
    """Hospitals and private sites: always open, never closed by a plan (bool by row).

    ``moving``: ids of hospitals that a work may relocate, which are not.
    """
    return _exists(facilities) & ~is_decided(facilities) & ~facilities["id"].isin(list(moving)).to_numpy(bool)


def open_today(facilities: pd.DataFrame, *, open_without_doctor: bool) -> np.ndarray:
    """Sites open full-time today (bool by row).

    A public clinic known to have no doctor counts as closed today unless ``open_without_doctor``; one whose doctors
    are not known counts as open.
    """
    empty = (facilities["doctors"].fillna(1) == 0).to_numpy(bool) & is_decided(facilities)
    return _exists(facilities) & (open_without_doctor | ~empty)
