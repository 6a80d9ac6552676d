"""The verifier's checks of locks and caps on closures, from the config and the decisions alone."""

from __future__ import annotations

import math
from collections import Counter

from facilityplan.domain.kinds import Action
from facilityplan.domain.locks import lock_text
from facilityplan.plan.claims import Ledger, figure
from facilityplan.plan.recount_base import Recount, share_of


def check_locks(r: Recount, ledger: Ledger) -> None:
    """Every lock is obeyed, and names sites that can do what it says; sites always open are never locked closed."""
    for lock in r.rules.locks:
        site, decision = r.sites.get(lock.site), r.decisions.sites.get(lock.site)
        what = f"{lock.site} is locked to {lock.do}" + (f" {lock.host}" if lock.host else "")
        if not ledger.check("locks", site is not None, f"{what}, but it is no facility"):
            continue
        host = None if decision is None else decision.merged_into
        is_open = decision is not None and decision.is_open
        obeyed = {
            "keep": is_open, "build": is_open and site.candidate,
            "close": not is_open, "forbid": not is_open,
            "merge_into": host is not None and host == lock.host, "forbid_merge_into": host != lock.host,
        }[lock.do]
        ledger.check("locks", obeyed, f"{what}, but it is {'open' if is_open else 'closed'} with host {figure(host)}")


def _closed(r: Recount) -> list[str]:
    return [i for i, d in r.decisions.sites.items() if d.action is Action.CLOSE]


def check_closures_total(r: Recount, ledger: Ledger) -> None:
    """No more clinics close in the county than allowed."""
    most = r.rules.closures.max_total
    if most is not None:
        count = len(_closed(r))
        ledger.check("closures_total", count <= most, f"{count} clinics close, at most {most} may")


def check_closures_township(r: Recount, ledger: Ledger) -> None:
    """No more clinics close in a township than allowed, in number and as a share of its public clinics today."""
    caps = r.rules.closures
    closed = Counter(r.sites[i].township for i in _closed(r) if i in r.sites)
    clinics = Counter(s.township for s in r.sites.values() if s.decided)
    for place, count in sorted(closed.items(), key=str):
        if caps.max_per_township is not None:
            ledger.check("closures_township", count <= caps.max_per_township,
                         f"{count} clinics of {place} close, at most {caps.max_per_township} may")
        if caps.max_share_per_township is not None:
            most = math.floor(share_of(caps.max_share_per_township, clinics[place]))
            ledger.check("closures_township", count <= most,
                         f"{count} of {clinics[place]} clinics of {place} close, at most {most} may")


def locked_texts(r: Recount, site: str) -> tuple[str | None, str | None]:
    """Return what the table must say of a site that was fixed in advance, in Chinese and English."""
    texts = [lock_text(k.do, k.host, k.reason, k.reason_en) for k in r.rules.locks if k.site == site]
    if not texts or not r.holds("locks"):
        return None, None
    return "；".join(t.zh for t in texts), "; ".join(t.en for t in texts)
