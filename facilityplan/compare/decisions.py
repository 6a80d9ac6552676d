"""Which facilities are decided otherwise in two runs, and how many person-minutes each of them carries."""

from __future__ import annotations

from typing import Any

import pandas as pd

from facilityplan.compare.minutes import CellChanges
from facilityplan.compare.record import RunRecord

COLUMNS = ("id", "name", "kind", "township", "action_base", "action_run", "host_base", "host_run", "service_base",
           "service_run", "sub_centre_base", "sub_centre_run", "doctors_base", "doctors_run", "person_minutes")
ABSENT = "absent"  # the run has no such facility: a candidate that is not built, or other inputs
# What makes a decision; the doctors that follow from it alone do not.
DECIDED = ("action", "host", "service", "sub_centre")


def differing_decisions(base: RunRecord, run: RunRecord, cells: CellChanges | None) -> pd.DataFrame:
    """Return the facilities that the two runs decide otherwise, those that carry most person-minutes first.

    ``host``: who takes it over, or sends doctors; ``service``: circuit, neighbour or posted, where it has one.

    ``person_minutes``: people · minutes that the run adds through this site being open in one of the two only; missing
    where minutes cannot be compared. Summed over the rows it is the whole difference (but for cells that gain or lose
    their only way).
    """
    carried = cells.person_minutes() if cells is not None else None
    rows = []
    for site in sorted({*base.facilities.index, *run.facilities.index}):
        a, b = _decision(base, site), _decision(run, site)
        if all(a[key] == b[key] for key in DECIDED):
            continue
        known = base.facilities.loc[site] if site in base.facilities.index else run.facilities.loc[site]
        rows.append({"id": site, "name": known["name"], "kind": known["kind"], "township": known["township"],
                     **{f"{key}_base": a[key] for key in a}, **{f"{key}_run": b[key] for key in b},
                     "person_minutes": None if carried is None else float(carried.get(site, 0.0))})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    weight = table["person_minutes"].astype(float).abs().fillna(0)
    table = table.assign(weight=weight).sort_values(["weight", "id"], ascending=[False, True])
    return table[list(COLUMNS)].reset_index(drop=True)


def _decision(run: RunRecord, site: str) -> dict[str, Any]:
    if site not in run.facilities.index:
        return {"action": ABSENT, "host": None, "service": None, "sub_centre": False, "doctors": None}
    row = run.facilities.loc[site]
    return {"action": row["action"], "host": _or_none(row["merged_into"]) or _or_none(row["served_from"]),
            "service": _or_none(row["service"]), "sub_centre": bool(row["sub_centre"]),
            "doctors": _or_none(row["doctors"])}


def _or_none(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
