"""Who gains and who loses minutes between two runs, by cell, village and age group, and which site carries it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from facilityplan.compare.record import RunRecord
from facilityplan.units import DECISECONDS_PER_MINUTE

GROUPS = {"all": "people", "age65": "people_65"}
BANDS = ("less_over_5", "less_to_5", "less_to_2", "same", "more_to_2", "more_to_5", "more_over_5", "lost", "gained",
         "none")
_EDGES_DS = np.array([-5, -2, 0, 2, 5]) * DECISECONDS_PER_MINUTE
VILLAGE_COLUMNS = ("id", "name", "township", "people", "people_65", "minutes_base", "minutes_run", "change_min",
                   "most_change_min", "out_base", "out_run", "mode_base", "mode_run", "host_base", "host_run")


@dataclass(frozen=True)
class CellChanges:
    """Cells of both runs, in order of the cell. ``change_ds`` has no meaning where ``band`` is lost, gained or none."""

    cell: np.ndarray  # int64
    village: np.ndarray  # object
    change_ds: np.ndarray  # int64, minutes under the run less those under the base, in deciseconds
    band: np.ndarray  # uint8, position in BANDS
    carrier: np.ndarray  # object: the site whose being open in one run only makes the difference; None = no change
    people: dict[str, np.ndarray]  # float64 by group of GROUPS
    entering: dict[str, float]  # people outside the circle under the base, inside under the run, by group
    leaving: dict[str, float]

    def by_band(self, group: str) -> dict[str, float]:
        """Return people by band."""
        return dict(zip(BANDS, np.bincount(self.band, weights=self.people[group], minlength=len(BANDS)).tolist(),
                        strict=True))

    def person_minutes(self) -> pd.Series:
        """Return the person-minutes that each carrying site adds (people · minutes, by facility id, sorted by id)."""
        known = np.array([c is not None for c in self.carrier], dtype=bool)
        minutes = self.change_ds[known] / DECISECONDS_PER_MINUTE * self.people["all"][known]
        return pd.Series(minutes, index=self.carrier[known]).groupby(level=0).sum().sort_index()


def cell_changes(base: RunRecord, run: RunRecord) -> CellChanges:
    """Hold each cell's minutes under ``run`` against those under ``base``; both must measure alike.

    A cell's time is that to its nearest open site, so where it grows its site under the base is closed under the run,
    and where it falls its site under the run is closed under the base: that one site carries the change. Cells farther
    than the horizon count as without a time.
    """
    a, b = base.cells, run.cells
    ds_a, ds_b = (np.rint(t["minutes_after"].to_numpy(float) * DECISECONDS_PER_MINUTE) for t in (a, b))
    has_a, has_b = np.isfinite(ds_a), np.isfinite(ds_b)
    change = np.where(has_a & has_b, np.nan_to_num(ds_b) - np.nan_to_num(ds_a), 0).astype(np.int64)
    band = np.searchsorted(_EDGES_DS[:2], change, side="right") + (change >= 0) + np.searchsorted(
        _EDGES_DS[2:], change, side="left")
    band = np.select([has_a & ~has_b, ~has_a & has_b, ~has_a & ~has_b], [7, 8, 9], band).astype(np.uint8)
    carrier = np.full(len(a), None, dtype=object)
    longer, shorter = (change > 0) | (has_a & ~has_b), (change < 0) | (~has_a & has_b)
    carrier[longer] = a["site_after"].to_numpy(object)[longer]
    carrier[shorter] = b["site_after"].to_numpy(object)[shorter]
    people = {group: a[column].to_numpy(float) for group, column in GROUPS.items()}
    inside_a = has_a & (ds_a <= base.standard.limit_min * DECISECONDS_PER_MINUTE)
    inside_b = has_b & (ds_b <= run.standard.limit_min * DECISECONDS_PER_MINUTE)
    return CellChanges(
        a["cell"].to_numpy(np.int64), a["village"].to_numpy(object), change, band, carrier, people,
        entering={g: float(w[~inside_a & inside_b].sum()) for g, w in people.items()},
        leaving={g: float(w[inside_a & ~inside_b].sum()) for g, w in people.items()})


def village_changes(base: RunRecord, run: RunRecord, comparable: bool) -> pd.DataFrame:
    """Return one row a village that both runs have; those that lose most person-minutes first.

    ``most_change_min``: of its worst-hit cell. Minutes and changes are missing where they cannot be compared.
    """
    both = base.villages.index.intersection(run.villages.index)
    a, b = base.villages.loc[both], run.villages.loc[both]
    table = pd.DataFrame({"id": both, "name": a["name"], "township": a["township"], "people": a["people"],
                          "people_65": a["people_65"], "minutes_base": a["minutes_after"].astype(float),
                          "minutes_run": b["minutes_after"].astype(float), "out_base": a["people_out_after"],
                          "out_run": b["people_out_after"], "mode_base": a["mode"], "mode_run": b["mode"],
                          "host_base": a["host"], "host_run": b["host"]}, index=both)
    table["change_min"] = table["minutes_run"] - table["minutes_base"] if comparable else np.nan
    table["most_change_min"] = np.nan
    if comparable:
        cells = cell_changes(base, run)
        held = (cells.band < BANDS.index("lost")) & (cells.people["all"] > 0)
        change = pd.Series(cells.change_ds[held] / DECISECONDS_PER_MINUTE, index=cells.village[held])
        most = change.groupby(level=0).max()
        table["most_change_min"] = most.reindex(both)
    loss = (table["change_min"].fillna(0) * table["people"]).round(3)
    return table.assign(loss=loss).sort_values(["loss", "id"], ascending=[False, True])[list(VILLAGE_COLUMNS)]
