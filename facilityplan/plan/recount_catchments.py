"""The verifier's checks of the finer rules of sub-centres: least people, spread, catchments that hang together."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from facilityplan.plan.claims import Ledger, listed
from facilityplan.plan.recount_base import HORIZON_MIN, Recount
from facilityplan.plan.recount_centres import compare_records, way_figures
from facilityplan.plan.recount_resources import sub_centres
from facilityplan.plan.recount_travel import NEVER

if TYPE_CHECKING:
    import networkx as nx


def check_sub_centre_min_people(r: Recount, ledger: Ledger) -> None:
    """Every catchment has as many people as asked."""
    if (least := r.rules.sub_centres.min_people) is None:
        return
    for centre in sub_centres(r):
        tenths = sum(n for v, n in r.village_tenths.items() if _centre_of(r, v) == centre)
        ledger.check("sub_centre_min_people", tenths >= 10 * least,
                     f"{centre} has {tenths / 10:g} people in its catchment, at least {least} asked")


def check_sub_centre_spread(r: Recount, ledger: Ledger) -> None:
    """No two sub-centres are nearer to each other than asked, in whole minutes, the shorter way of both."""
    if (least := r.rules.sub_centres.min_minutes_apart) is None:
        return
    chosen = [c for c in sub_centres(r) if c in r.sites]
    if len(chosen) < 2:
        return
    mode = r.rules.sub_centres.mode
    points = r.joints(mode, "facilities").take(np.array([r.sites[c].row for c in chosen]))
    times = r.roads(mode).times_between(points, points, 600 * HORIZON_MIN)
    for a, b in combinations(range(len(chosen)), 2):
        ways = [-(-int(ds) // 600) for ds in (times[a, b], times[b, a]) if ds != NEVER]
        ledger.check("sub_centre_spread", not ways or min(ways) >= least,
                     f"{chosen[a]} and {chosen[b]} are {min(ways, default=0)} min apart, at least {least} asked")


def check_sub_centre_contiguous(r: Recount, ledger: Ledger) -> None:
    """Each catchment is one connected piece with its sub-centre's township, islands left out."""
    if not r.rules.sub_centres.contiguous:
        return
    import networkx as nx  # when it is needed: other commands need not wait for it

    towns, seats = _map_of_townships(r), _seats(r)
    part = {t: frozenset(p) for p in nx.connected_components(towns) for t in p}
    chosen = sub_centres(r)
    for centre in chosen:
        own = {t for t, c in r.decisions.catchments.items() if c == centre and t in towns}
        home = part.get(seats.get(centre), frozenset())
        inside = own & home
        piece = nx.node_connected_component(towns.subgraph(inside), seats[centre]) if seats.get(centre) in inside \
            else set()
        lost = sorted(inside - piece)
        ledger.check("sub_centre_contiguous", not lost,
                     f"{centre}: {listed(lost)} do not hang together with its township {seats.get(centre)}")
        stray = sorted(t for t in own - home if any(seats.get(c) in part[t] for c in chosen))
        ledger.check("sub_centre_contiguous", not stray,
                     f"{centre}: {listed(stray)} lie in another part of the county, which has a sub-centre of its own")


def check_catchments(r: Recount, ledger: Ledger) -> None:
    """`catchments` of plan.json, figure by figure; absent where no finer rule is in use."""
    rule = r.rules.sub_centres
    finer = rule.min_people is not None or rule.min_minutes_apart is not None or rule.contiguous or any(
        p.minimise == "sub_centre_worst" for o in r.config.objectives for p in (o, *o.weighted))
    wanted = [_record(r, c) for c in sub_centres(r)] if finer and rule.max_count > 0 else []
    compare_records(ledger, "catchments", r.claims.blocks.get("catchments", ()), wanted)


def sub_centre_worst_minutes(r: Recount) -> int:
    """Whole minutes of the village farthest from its sub-centre; villages that reach none are left out."""
    ways = [_ds(r, v, _centre_of(r, v)) for v in r.village_tenths]
    return max((-(-ds // 600) for ds in ways if ds != NEVER), default=0)


def _record(r: Recount, centre: str) -> dict[str, Any]:
    import networkx as nx  # when it is needed: other commands need not wait for it

    rule = r.rules.sub_centres
    people = {v: float(r.people[rows].sum()) for v, rows in r.village_rows.items()}
    mine = [v for v in r.inputs.villages["id"] if _centre_of(r, v) == centre]
    towns = sorted(t for t, c in r.decisions.catchments.items() if c == centre)
    graph, seat = _map_of_townships(r), _seats(r).get(centre)
    home = nx.node_connected_component(graph, seat) if seat in graph else set()

    def exact(village: str) -> float | None:
        ds = _ds(r, village, centre)
        return None if ds == NEVER else ds / 600

    return {"id": centre, "townships": towns, "people": sum(people[v] for v in mine), "min_people": rule.min_people,
            "max_people": rule.max_people, **way_figures(mine, people, exact),
            "islands": [t for t in towns if t not in home] if rule.contiguous else []}


def _centre_of(r: Recount, village: str) -> str | None:
    return r.decisions.catchments.get(r.township_of.get(village))


def _ds(r: Recount, village: str, centre: str | None) -> int:
    return int(r.village_ds(r.rules.sub_centres.mode, centre)[r.village_row[village]]) if centre in r.sites else NEVER


@lru_cache(maxsize=1)
def _map_of_townships(r: Recount) -> nx.Graph:
    """Townships that have villages, side by side where villages of theirs are adjacent."""
    import networkx as nx  # when it is needed: other commands need not wait for it

    graph = nx.Graph()
    graph.add_nodes_from(sorted(set(r.township_of.values())))
    graph.add_edges_from((r.township_of[a], r.township_of[b]) for a, b in sorted(r.adjacent)
                         if a in r.township_of and b in r.township_of)
    return graph


@lru_cache(maxsize=1)
def _seats(r: Recount) -> dict[str, str]:
    """Hospital → the township it stands in that has villages: its own, else its village's."""
    places, table = set(r.township_of.values()), r.inputs.facilities
    found = {}
    for site, own, village in zip(table["id"], table["township"], table["village"], strict=True):
        seat = own if own in places else r.township_of.get(village)
        if seat is not None:
            found[site] = seat
    return found
