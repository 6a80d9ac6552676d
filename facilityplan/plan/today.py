"""Today's access only: who reaches what, and how soon, before anything is decided."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facilityplan.access.types import Access
from facilityplan.config.schema import Standard
from facilityplan.domain.columns import PLAN_CELLS, PLAN_VILLAGES
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.assigned import assigned
from facilityplan.plan.metrics import weighted_mean
from facilityplan.plan.tables import table
from facilityplan.plan.texts import basis_metadata, canonical_json, plain, table_csv

if TYPE_CHECKING:
    from facilityplan.config import LoadedConfig

_KEYS = {"id", "name", "township", "lon", "lat", "people", "people_65", "minutes_before", "people_out_before"}
VILLAGE_COLUMNS = tuple(c for c in PLAN_VILLAGES if c.name in _KEYS)
CELL_COLUMNS = tuple(c for c in PLAN_CELLS if not c.name.endswith("_after"))


@dataclass(frozen=True)
class TodaysAccess:
    """Today by village and cell for the first standard, and each standard's figures. Tables follow domain.columns."""

    county: Text
    data_basis: str
    villages: pd.DataFrame  # VILLAGE_COLUMNS, sorted by id
    cells: pd.DataFrame  # CELL_COLUMNS
    standards: Mapping[str, Mapping[str, Any]]  # standard id → figures
    notes: tuple[Text, ...]

    def files(self) -> dict[str, bytes]:
        """Return file name → content: assessment.json, villages.csv, cells.parquet."""
        document = {"schema_version": 1, "county": self.county.zh, "county_en": self.county.en,
                    "data_basis": self.data_basis, "standards": dict(self.standards),
                    "notes": [note._asdict() for note in self.notes]}
        parquet = io.BytesIO()
        cells = pa.Table.from_pandas(self.cells, preserve_index=False)
        pq.write_table(cells.replace_schema_metadata(basis_metadata(self.data_basis)), parquet)
        return {"assessment.json": canonical_json(plain(document)),
                "villages.csv": table_csv(VILLAGE_COLUMNS, self.villages, self.data_basis),
                "cells.parquet": parquet.getvalue()}

    def summary(self) -> list[Text]:
        """Return a line for each standard."""
        lines = []
        for figures in self.standards.values():
            minutes = figures["mean_minutes"]
            share = 100 * figures["people_within"] / figures["people"] if figures["people"] else 0.0
            mean = "—" if minutes is None else f"{minutes:.1f}"
            out = len(figures["villages_outside"])
            lines.append(Text(
                f"{figures['name']}：{figures['people_within']:,.0f} / {figures['people']:,.0f} 人在圈内"
                f"（{share:.1f} %），平均 {mean} 分钟，"
                f"无路可达 {figures['people_unreachable']:,.0f} 人，{out} 个村有人在圈外",
                f"{figures['name_en']}: {figures['people_within']:,.0f} of {figures['people']:,.0f} people inside "
                f"({share:.1f} %), mean {mean} min, {figures['people_unreachable']:,.0f} without a way, "
                f"people outside in {out} villages"))
        return lines


def todays_access(loaded: LoadedConfig, inputs: Inputs, access: Access) -> TodaysAccess:
    """Return today's access by every standard of the config, from the nearest sites open today."""
    config, cells = loaded.config, inputs.cells
    people = cells["people"].to_numpy(float)
    today = {s.id: assigned(access.today[s.id]) for s in config.standards}
    first, standard = today[config.standards[0].id], config.standards[0]
    rows_of = cells.groupby("village").indices
    rows = [rows_of.get(v, np.array([], dtype=np.int64)) for v in inputs.villages["id"]]
    outside = ~first.inside(standard.limit_min)
    weight = _weight(standard, cells)
    ids = inputs.facilities["id"].to_numpy(object)
    villages = table(VILLAGE_COLUMNS, {
        **{name: inputs.villages[name] for name in ("id", "name", "township", "lon", "lat")},
        "people": [people[r].sum() for r in rows],
        "people_65": [cells["people_65"].to_numpy(float)[r].sum() for r in rows],
        "minutes_before": [weighted_mean(first.minutes[r], people[r]) for r in rows],
        "people_out_before": [weight[r][outside[r]].sum() for r in rows]})
    cell_table = table(CELL_COLUMNS, {
        **{name: cells[name] for name in ("cell", "lon", "lat", "people", "people_65", "village")},
        "minutes_before": first.minutes, "state_before": first.state,
        "site_before": np.where(first.site >= 0, ids[first.site], None)})
    figures = {}
    for s in config.standards:
        side, weight = today[s.id], _weight(s, cells)
        inside = side.inside(s.limit_min)
        out = cells["village"][~inside & (weight > 0)]
        figures[s.id] = {
            "name": s.name, "name_en": s.name_en, "mode": s.mode, "limit_min": s.limit_min, "group": s.group,
            "people": float(weight.sum()), "people_within": float(weight[inside].sum()),
            "mean_minutes": weighted_mean(side.minutes, weight),
            "people_unreachable": float(weight[side.state == "unreachable"].sum()),
            "people_beyond_horizon": float(weight[side.state == "beyond"].sum()),
            "villages_outside": sorted(set(out))}
    return TodaysAccess(Text(config.county.name, config.county.name_en), config.county.data_basis, villages, cell_table,
                        figures, inputs.notes)


def _weight(standard: Standard, cells: pd.DataFrame) -> np.ndarray:
    return cells["people_65" if standard.group == "age65" else "people"].to_numpy(float)
