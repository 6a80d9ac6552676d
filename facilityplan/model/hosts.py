"""Which clinic could merge into which site, and which host rule refuses every other pair."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from facilityplan.domain.rules import HOST_RULES
from facilityplan.model.sets import HostPairs
from facilityplan.units import DECISECONDS_PER_MINUTE

RULE_BIT = {rule: 1 << k for k, rule in enumerate(HOST_RULES)}


def host_pairs(
    *,
    decided: np.ndarray,
    hospital: np.ndarray,
    village: np.ndarray,
    township: np.ndarray,
    consortium: np.ndarray,
    village_people: np.ndarray,
    rank: np.ndarray,
    ds: np.ndarray,
    limit_min: int,
    adjacent_villages: Iterable[tuple[int, int]],
    adjacent: bool,
    same_township: bool,
    same_consortium: bool,
    host_at_least_guest: bool,
    guests: np.ndarray | None = None,
    hosts: np.ndarray | None = None,
) -> HostPairs:
    """Return every pair (decided clinic, other decided clinic or township hospital) with the rules it breaks.

    ``guests`` and ``hosts`` (bool by site) put others in their place.

    ``village``, ``township`` and ``consortium`` are positions by site, -1 where not known; ``ds`` is the travel time
    from site to site in deciseconds (sites, sites), UNREACHABLE_DS where not known; ``village_people`` is in tenths.
    The four switches say which rules the config asks for at all; ``limit_min`` is in whole minutes, times rounded up.

    adjacent: the villages are the same or neighbours · same_township: both townships are the same · same_consortium:
    both are the same, or one is not known · host_limit: ds ≤ 600 · limit · host_size: the host's village has at least
    as many people as the guest's; not asked of hospitals nor inside one village (design: "Semantics that everyone
    shares").
    """
    guests = np.flatnonzero(decided if guests is None else guests)
    hosts = np.flatnonzero(decided | hospital if hosts is None else hosts)
    guest = np.repeat(guests, len(hosts))
    host = np.tile(hosts, len(guests))
    other = guest != host
    guest, host = guest[other], host[other]
    guest_village, host_village = village[guest], village[host]
    known = (guest_village >= 0) & (host_village >= 0)
    same_village = known & (guest_village == host_village)
    time = ds[guest, host]
    broken = np.zeros(len(guest), dtype=np.uint8)

    if adjacent:
        neighbours = _pair_lookup(adjacent_villages, len(village_people))
        near = known & _contains(neighbours, guest_village, host_village, len(village_people))
        broken[~(same_village | near)] |= RULE_BIT["adjacent"]
    if same_township:
        broken[(township[guest] != township[host]) | (township[guest] < 0)] |= RULE_BIT["same_township"]
    if same_consortium:
        differ = (consortium[guest] >= 0) & (consortium[host] >= 0) & (consortium[guest] != consortium[host])
        broken[differ] |= RULE_BIT["same_consortium"]
    broken[time > limit_min * DECISECONDS_PER_MINUTE] |= RULE_BIT["host_limit"]
    if host_at_least_guest:
        people_guest = np.where(guest_village >= 0, village_people[guest_village], 0)
        people_host = np.where(host_village >= 0, village_people[host_village], 0)
        smaller = ~hospital[host] & ~same_village & (people_host < people_guest)
        broken[smaller] |= RULE_BIT["host_size"]

    order = np.lexsort((rank[host], time, guest))
    return HostPairs(
        guest[order].astype(np.int32), host[order].astype(np.int32), time[order].astype(np.int32), broken[order]
    )


def first_broken(broken: int) -> str | None:
    """Return the first rule of HOST_RULES that a pair breaks, max_hosts left out; None where it breaks none."""
    return next((rule for rule, bit in RULE_BIT.items() if rule != "max_hosts" and broken & bit), None)


def _pair_lookup(pairs: Iterable[tuple[int, int]], villages: int) -> np.ndarray:
    """Sorted int64 keys low · villages + high of unordered pairs."""
    keys = {min(a, b) * villages + max(a, b) for a, b in pairs}
    return np.array(sorted(keys), dtype=np.int64)


def _contains(keys: np.ndarray, a: np.ndarray, b: np.ndarray, villages: int) -> np.ndarray:
    """Is the unordered pair (a, b) among ``keys``? (bool by element)"""
    if not len(keys):
        return np.zeros(len(a), dtype=bool)
    key = np.minimum(a, b).astype(np.int64) * villages + np.maximum(a, b)
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    return keys[at] == key
