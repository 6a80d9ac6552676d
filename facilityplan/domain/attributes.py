"""Which facilities have what an attribute floor asks for: one definition for the model, the plan and the verifier."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from facilityplan.domain.kinds import Ownership

FIGURES = ("beds", "doctors", "level")  # what works at a hospital may raise
GO_ALONG = ("tcm", "smart")  # what a hospital takes with it to another place, where the place has no value of its own


def with_moved(facilities: pd.DataFrame, column: str, places: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return the table with what hospitals would take along to the places they may move to (``places``: by hospital).

    Figures at such a place are the hospital's with its works, which no table knows: they are empty there.
    """
    origin = {place: hospital for hospital, found in places.items() for place in found}
    if not origin or column not in (*GO_ALONG, *FIGURES):
        return facilities
    own = facilities.set_index("id")[column]
    if column in FIGURES:
        return facilities.assign(**{column: own.mask(own.index.isin(list(origin))).array})
    moved = pd.Series(own.loc[[origin.get(i, i) for i in own.index]].array, index=own.index)
    return facilities.assign(**{column: own.fillna(moved).array})


def has_attribute(facilities: pd.DataFrame, column: str, value: bool, at_least: float | None) -> np.ndarray:
    """Return which facilities have the attribute (bool by row); a missing value counts as not having it.

    A yes/no column must equal ``value``; a column of figures (``at_least`` given) must be that or more.
    """
    known = facilities[column].notna().to_numpy(bool)
    if at_least is not None:
        return known & (facilities[column].fillna(-1).to_numpy(float) >= at_least)
    return known & (facilities[column].fillna(not value).to_numpy(bool) == value)


def can_be_equipped(facilities: pd.DataFrame, has: np.ndarray) -> np.ndarray:
    """Return which facilities could be given an attribute that they lack: public ones, candidate sites included."""
    public = facilities["ownership"].fillna(Ownership.PUBLIC) == Ownership.PUBLIC
    return public.to_numpy(bool) & ~has


def of_kinds(facilities: pd.DataFrame, kinds: tuple[str, ...]) -> np.ndarray:
    """Return which facilities are of these kinds (bool by row)."""
    return facilities["kind"].isin([str(kind) for kind in kinds]).to_numpy(bool)
