"""The verifier's checks of the refusals table: every merger considered, made or not, and why not."""

from __future__ import annotations

import math

import numpy as np

from facilityplan.domain.rules import HOST_RULES, OBJECTIVE, RULES
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, known
from facilityplan.plan.recount_consortia import led_by, one_consortium
from facilityplan.plan.recount_mergers import host_rules_broken, village_tenths

SAMPLE = 4  # clinics whose minutes to every host listed are counted again; those of made mergers always are
CLOSE = 1e-5


def check_refusals(r: Recount, ledger: Ledger) -> None:
    """Every pair is listed once; the accepted ones are those decided; the others name a rule that really refuses."""
    table = r.claims.refusals
    if table is None:
        return
    pairs = list(zip(table["clinic"], table["host"], strict=True))
    ledger.check("refusals", len(set(pairs)) == len(pairs), f"{len(pairs) - len(set(pairs))} pairs are listed twice")
    accepted = {pair for pair, yes in zip(pairs, table["accepted"], strict=True) if yes}
    for guest, host in sorted(r.hosts.items()):
        ledger.check("refusals", (guest, host) in accepted, f"{guest} merges into {host} but is not listed as accepted")
    times = _times(r, sorted({clinic for clinic, _ in pairs}))
    for row in table.to_dict("records"):
        _check_row(r, ledger, row, times)


def _check_row(r: Recount, ledger: Ledger, row: dict, times: dict[str, np.ndarray]) -> None:
    clinic, host, yes = row["clinic"], row["host"], bool(row["accepted"])
    rule = row["rule"] if known(row["rule"]) else None
    minutes = float(row["minutes"]) if known(row["minutes"]) else None
    what = f"{clinic} → {host}"
    guest, site = r.sites.get(clinic), r.sites.get(host)
    if not ledger.check("refusals", guest is not None and guest.decided and site is not None,
                        f"{what} is no pair of a public clinic and a facility"):
        return
    ledger.check("refusals", yes == (r.hosts.get(clinic) == host),
                 f"{what} is listed as {'accepted' if yes else 'refused'}, the plan says otherwise")
    named = rule in RULES or rule == OBJECTIVE
    ledger.check("refusals", rule is None if yes else named, f"{what}: rule {figure(rule)} does not fit")
    if clinic in times and minutes is not None:
        ds = int(times[clinic][site.row])
        ledger.check("refusals", ds >= 0 and abs(ds / 600 - minutes) <= CLOSE,
                     f"{what} takes {figure(minutes)} min, recounted {ds / 600:.6f}")
    if yes or not named:
        return
    broken = host_rules_broken(r, guest, site, -1 if minutes is None else round(600 * minutes))
    if rule in HOST_RULES and rule != "max_hosts":
        ledger.check("refusals", rule in broken, f"{what} is refused by {rule}, which it does not break")
    else:
        ledger.check("refusals", not broken, f"{what} is refused by {rule}, but it breaks {broken}")
    if rule == "consortium_mergers":
        ledger.check("refusals", not one_consortium(r, clinic, host),
                     f"{what} is refused by {rule}, but both belong to {led_by(r, clinic)}")
    _check_figures(r, ledger, row, what, rule, minutes)


def _check_figures(r: Recount, ledger: Ledger, row: dict, what: str, rule: str, minutes: float | None) -> None:
    if rule == "host_size":
        wanted = (village_tenths(r, r.sites[row["host"]]) / 10, village_tenths(r, r.sites[row["clinic"]]) / 10)
    elif rule == "host_limit":
        wanted = (minutes, r.rules.hosts.limit_min)
    else:
        return
    for name, value in zip(("figure", "limit"), wanted, strict=True):
        said = float(row[name]) if known(row[name]) else None
        same = said is None if value is None else said is not None and math.isclose(said, value, abs_tol=CLOSE)
        ledger.check("refusals", same, f"{what}, {rule}: {name} is {figure(said)}, recounted {figure(value)}")


def _times(r: Recount, clinics: list[str]) -> dict[str, np.ndarray]:
    """Deciseconds to every facility from the merged clinics and a sample of the others."""
    others = [c for c in clinics if c in r.sites and c not in r.merge_ds]
    picked = sorted({others[k] for k in np.linspace(0, len(others) - 1, SAMPLE).astype(int)}) if others else []
    points = r.joints(r.first.mode, "facilities")
    rows = np.array([r.sites[c].row for c in picked], dtype=np.int64)
    times = r.roads(r.first.mode).times_between(points.take(rows), points)
    return {**r.merge_ds, **dict(zip(picked, times, strict=True))}
