"""The verifier's checks of the plan's tables: every cell of every column against its own count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facilityplan.domain.columns import PLAN_CELLS, PLAN_FACILITIES, PLAN_VILLAGES, names
from facilityplan.domain.kinds import CLINIC_KINDS
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, Site
from facilityplan.plan.recount_locks import locked_texts
from facilityplan.plan.recount_modes import days_of_contact, periodic_mean
from facilityplan.plan.recount_staffing import staff_columns
from facilityplan.plan.recount_stages import stage_of_village
from facilityplan.plan.recount_travel import NEVER, Nearest
from facilityplan.plan.recount_works import funding_source, shown_balances
from facilityplan.units import HORIZON_MIN

CLOSE = 1e-5  # figures in files carry 6 decimals
DEGREES = 1e-6
CLINICS = frozenset(str(k) for k in CLINIC_KINDS)


def check_villages_table(r: Recount, ledger: Ledger) -> None:
    """Every village: who it is, its mode and host, its people and minutes, its catchment."""
    table, raw = r.claims.villages, r.inputs.villages
    compare = Comparison("villages", table, names(PLAN_VILLAGES), raw["id"], ledger)
    if not compare.ready:
        return
    for column in ("name", "township"):
        compare.texts(column, raw[column])
    for column in ("lon", "lat"):
        compare.numbers(column, raw[column], DEGREES)
    fates = [village_fate(r, v) for v in raw["id"]]
    compare.texts("mode", [mode for mode, _, _ in fates])
    compare.texts("host", [host for _, _, host in fates])
    compare.texts("host_new_site", [host in r.sites and r.sites[host].candidate for _, _, host in fates])
    days = days_of_contact(r)
    compare.numbers("days_per_week", [days.get(mode, 0) for mode, _, _ in fates], 0)
    compare.numbers("minutes_periodic", [periodic_mean(r, v, mode, clinic)
                                         for v, (mode, clinic, _) in zip(raw["id"], fates, strict=True)], CLOSE)
    before, after = minutes(r.nearest(r.first, "before")), minutes(r.nearest(r.first, "after"))
    weight, limit = r.weight(r.first), r.first.limit_min
    out_before, out_after = (weight * ~r.nearest(r.first, when).within(limit) for when in ("before", "after"))
    rows = [r.village_rows[v] for v in raw["id"]]
    compare.numbers("people", [r.people[k].sum() for k in rows], CLOSE)
    compare.numbers("people_65", [r.people_65[k].sum() for k in rows], CLOSE)
    compare.numbers("minutes_before", [mean(before[k], r.people[k]) for k in rows], CLOSE)
    means = [mean(after[k], r.people[k]) for k in rows]
    compare.numbers("minutes_after", means, CLOSE)
    compare.numbers("minutes_nearest_after", means, CLOSE)
    compare.numbers("minutes_after_p90", [not_exceeded(after[k], r.people[k], 0.9) for k in rows], CLOSE)
    compare.numbers("minutes_to_host", [
        _to_host(r, clinic, host) if mode == "merge" else None for mode, clinic, host in fates], CLOSE)
    compare.numbers("people_out_before", [out_before[k].sum() for k in rows], CLOSE)
    compare.numbers("people_out_after", [out_after[k].sum() for k in rows], CLOSE)
    compare.texts("catchment_of", [r.decisions.catchments.get(r.township_of.get(v)) for v in raw["id"]])
    compare.texts("consortium", [r.decisions.consortia.get(r.township_of.get(v)) for v in raw["id"]])
    compare.texts("served_by", [_most_used(r, k) for k in rows])
    compare.numbers("stage", [stage_of_village(r, v, clinic)
                              for v, (_, clinic, _) in zip(raw["id"], fates, strict=True)], 0)
    compare.texts("no_clinic_because", [_why_no_clinic(r, v) if mode == "none" else None
                                        for v, (mode, _, _) in zip(raw["id"], fates, strict=True)])


def check_facilities_table(r: Recount, ledger: Ledger) -> None:
    """Every facility that stands or is built: who it is, what is decided, doctors, people and money."""
    made = [s for s in r.sites.values() if s.id in r.decisions.sites]
    compare = Comparison("facilities", r.claims.facilities, names(PLAN_FACILITIES), [s.id for s in made], ledger)
    if not compare.ready:
        return
    raw = r.inputs.facilities.iloc[[s.row for s in made]]
    for column in ("name", "kind", "township", "village"):
        compare.texts(column, raw[column])
    for column in ("lon", "lat"):
        compare.numbers(column, raw[column], DEGREES)
    decided = [r.decisions.sites[s.id] for s in made]
    compare.texts("action", [str(d.action) for d in decided])
    compare.texts("merged_into", [d.merged_into for d in decided])
    compare.texts("service", [None if d.service is None else str(d.service) for d in decided])
    compare.texts("served_from", [d.served_from for d in decided])
    compare.numbers("teams", [d.teams for d in decided], 0)
    compare.texts("sub_centre", [d.sub_centre for d in decided])
    compare.texts("consortium", [r.decisions.consortia.get(s.township) for s in made])
    compare.numbers("doctors_before", [s.doctors for s in made], 0)
    compare.numbers("doctors", [r.doctors_after(s) for s in made], 0)
    compare.numbers("people_served", [_served(r, s) for s in made], CLOSE)
    site = r.nearest(r.first, "after").site
    nearest = np.zeros(len(r.sites))
    np.add.at(nearest, site[site >= 0], r.people[site >= 0])
    compare.numbers("people_nearest", [nearest[s.row] for s in made], CLOSE)
    for column, values in staff_columns(r, made).items():
        compare.numbers(column, values, CLOSE)
    compare.numbers("capital_cost_cny", [r.capital_cny(s) for s in made], 0)
    compare.numbers("annual_cost_cny", [r.annual_cny(s) for s in made], 0)
    compare.numbers("stage", [d.stage for d in decided], 0)
    locked = [locked_texts(r, s.id) for s in made]
    compare.texts("locked", [zh for zh, _ in locked])
    compare.texts("locked_en", [en for _, en in locked])
    compare.texts("funding_source", [funding_source(r, s) for s in made])
    shown = [shown_balances(r, s) for s in made]
    compare.numbers("balance_cny_before", [b for b, _ in shown], 0)
    compare.numbers("balance_cny_after", [a for _, a in shown], 0)
    for column, sites_of in (("services", r.decisions.centre_hosts), ("equipped", r.decisions.equipped)):
        compare.texts(column, [";".join(k for k in sorted(sites_of) if s.id in sites_of[k]) or None for s in made])


def check_cells_table(r: Recount, ledger: Ledger) -> None:
    """Every demand cell: its people and village as in the inputs, its exact minutes, state and site."""
    table, raw = r.claims.cells, r.inputs.cells
    compare = Comparison("cells", table, names(PLAN_CELLS), raw["cell"], ledger, key="cell")
    if not compare.ready:
        return
    for column in ("lon", "lat"):
        compare.numbers(column, raw[column], DEGREES)
    for column in ("people", "people_65"):
        compare.numbers(column, raw[column], CLOSE)
    compare.texts("village", raw["village"])
    ids = r.inputs.facilities["id"].to_numpy(object)
    for when in ("before", "after"):
        times = r.nearest(r.first, when)
        compare.texts(f"state_{when}", state(times))
        compare.numbers(f"minutes_{when}", minutes(times), CLOSE)
        compare.texts(f"site_{when}", np.where(times.site >= 0, ids[times.site], None))


def check_sums(r: Recount, ledger: Ledger) -> None:
    """Cells, villages and `metrics.people` agree within half a person, and no figure of people is negative."""
    cells, villages = r.claims.cells, r.claims.villages
    total = r.claims.metrics.get("people", float("nan"))
    for what, column in (("cells", cells["people"]), ("villages", villages["people"]),
                         ("the inputs' cells", r.inputs.cells["people"])):
        people = column.to_numpy(float)
        ledger.check("sums", bool(np.isfinite(people).all() and (people >= 0).all()), f"{what} hold impossible people")
        ledger.check("sums", bool(abs(people.sum() - total) <= 0.5),
                     f"{what} add up to {people.sum():.3f} people, metrics.people says {figure(total)}")
    claimed = cells.groupby("village")["people"].sum()
    for village, people in zip(villages["id"], villages["people"], strict=True):
        ledger.check("sums", abs(claimed.get(village, 0.0) - people) <= 0.5,
                     f"village {village} has {people:.3f} people, its cells {claimed.get(village, 0.0):.3f}")


def village_fate(r: Recount, village: str) -> tuple[str, str | None, str | None]:
    """Return (mode, the clinic whose host counts, host) of a village as its clinics' decisions make it."""
    clinics = [s for s in r.sites.values() if s.village == village and s.kind in CLINICS]
    if any(r.is_open(s.id) and not r.has_posted_staff(s.id) for s in clinics):
        return "keep", None, None
    own = [s for s in clinics if s.decided]
    first = min([s for s in own if r.has_posted_staff(s.id)] or own,
                key=lambda s: (-(s.doctors or 0), -s.posts, s.id), default=None)
    if first is not None:
        decision = r.decisions.sites[first.id]
        if decision.service is None:
            return "merge", first.id, r.hosts.get(first.id)
        return str(decision.service), first.id, decision.served_from
    visit = r.decisions.visits.get(village)
    return ("none", None, None) if visit is None else (str(visit.service), None, visit.served_from)


def _most_used(r: Recount, rows: np.ndarray) -> str | None:
    """The site to which most people of these cells go; equal sites by id."""
    ids, site = r.inputs.facilities["id"].tolist(), r.nearest(r.first, "after").site
    users: dict[str, float] = {}
    for row in np.asarray(rows).tolist():
        if site[row] >= 0:
            users[ids[site[row]]] = users.get(ids[site[row]], 0.0) + float(r.people[row])
    return min(users, key=lambda i: (-users[i], i), default=None)


def _why_no_clinic(r: Recount, village: str) -> str:
    here = [s for s in r.sites.values() if s.village == village]
    if any(r.is_open(s.id) for s in here):
        return "hospital_here"
    return "candidate_not_built" if any(s.candidate for s in here) else "no_candidate_site"


def minutes(times: Nearest) -> np.ndarray:
    """Return exact minutes inside the horizon, NaN elsewhere (float64)."""
    return np.where(_inside_horizon(times), times.ds / 600, np.nan)


def state(times: Nearest) -> np.ndarray:
    """Return value, beyond or unreachable (object)."""
    without = np.where(times.ds == NEVER, "unreachable", "beyond")
    return np.where(_inside_horizon(times), "value", without).astype(object)


def _inside_horizon(times: Nearest) -> np.ndarray:
    return (times.ds != NEVER) & (times.ds <= 600 * HORIZON_MIN)


def mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean over people who have a value; NaN where nobody has."""
    has = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[has], weights=weights[has])) if has.any() else float("nan")


def not_exceeded(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the least value that at least ``share`` of all people do not exceed; NaN where so many have none."""
    has = ~np.isnan(values)
    reached, total = 0.0, weights.sum()
    for value, people in sorted(zip(values[has].tolist(), weights[has].tolist(), strict=True)):
        reached += people
        if total > 0 and reached >= share * total * (1 - 1e-12):
            return value
    return float("nan")


def _to_host(r: Recount, clinic: str | None, host: str | None) -> float | None:
    if clinic is None or host not in r.sites:
        return None
    ds = int(r.merge_ds[clinic][r.sites[host].row])
    return None if ds == NEVER else ds / 600


def _served(r: Recount, site: Site) -> float | None:
    guests = [r.own_people(r.sites[g]) for g in r.guests.get(site.id, ()) if g in r.sites]
    guests += [r.own_people(s) for s in r.visited_by.get(site.id, ())]
    own = [r.own_people(site)] if (site.decided or site.candidate) and r.is_open(site.id) else []
    return sum(own + guests) if own or guests else None


def _texts(values: Iterable[Any]) -> np.ndarray:
    found = np.empty(len(values := list(values)), dtype=object)
    found[:] = values
    found[pd.isna(found)] = None
    return found


def _numbers(values: Iterable[Any]) -> np.ndarray:
    series = pd.Series(values if isinstance(values, (pd.Series, np.ndarray)) else list(values)).reset_index(drop=True)
    return pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


class Comparison:
    """One table's columns against what they should hold, row by row in the order of ids."""

    def __init__(self, what: str, table: pd.DataFrame, columns: Sequence[str], ids: Iterable[Any], ledger: Ledger,
                 key: str = "id") -> None:
        self.what, self.table, self.ledger, self.ids = what, table, ledger, list(ids)
        self.ready = ledger.same_keys(what, table.columns, columns, f"columns of {what}") and self._same_rows(key)

    def _same_rows(self, key: str) -> bool:
        got = self.table[key].tolist()
        if got == self.ids:
            return self.ledger.check(self.what, True, "")
        lost, extra = sorted(set(self.ids) - set(got)), sorted(set(got) - set(self.ids))
        return self.ledger.check(self.what, False, f"rows differ from the inputs: missing {lost[:5]}, not expected "
                                                   f"{extra[:5]}, {len(got)} rows for {len(self.ids)}, or out of order")

    def texts(self, column: str, wanted: Iterable[Any]) -> None:
        """Book one check for every row of a column of texts or truths."""
        got, want = _texts(self.table[column]), _texts(wanted)
        self._book(column, np.array(got == want, dtype=bool), got, want)

    def numbers(self, column: str, wanted: Iterable[Any], tolerance: float) -> None:
        """Book one check for every row of a column of figures; missing equals missing only."""
        got, want = _numbers(self.table[column]), _numbers(wanted)
        with np.errstate(invalid="ignore"):
            ok = (np.abs(got - want) <= tolerance + 1e-9 * np.abs(want)) | (np.isnan(got) & np.isnan(want))
        self._book(column, ok, got, want)

    def _book(self, column: str, ok: np.ndarray, got: Sequence[Any], want: Sequence[Any]) -> None:
        text: Callable[[int], str] = lambda k: (  # noqa: E731
            f"{self.ids[k]}: {column} is {figure(got[k])}, recounted {figure(want[k])}")
        self.ledger.check_rows(self.what, ok, text)
