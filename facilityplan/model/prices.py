"""What each named merger costs: the optimum with it and without it, everything else being free to follow.

The free optimum obeys the scenario's rules but for locks of the mergers named; it is one of the two sides of every
merger, so each needs one solve more. Sides are compared stage by stage, never by one plan's minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from facilityplan.access.types import Access
from facilityplan.config.clauses import NamedMerger
from facilityplan.config.locks import Lock
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions
from facilityplan.errors import Infeasible, NoUsablePlan, Text
from facilityplan.inputs.tables import Inputs
from facilityplan.model.gather import planning_data
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.model.types import SolveReport

Progress = Callable[[Text], None]
Missing = Literal["infeasible", "not_found"]  # proven that no plan obeys the rules; or none was found in time
REASON = "named"


@dataclass(frozen=True)
class Side:
    """The best plan that was found with a merger, or without it; its report says whether it is proven the best."""

    decisions: Decisions
    report: SolveReport

    @property
    def values(self) -> tuple[float, ...]:
        """What the stages come to, in their order."""
        return tuple(stage.value for stage in self.report.stages)


@dataclass(frozen=True)
class Price:
    """A named merger with both its sides, or the reason why a side has no plan."""

    merger: NamedMerger
    in_free_optimum: bool
    made: Side | Missing
    not_made: Side | Missing


def price_named(config: Config, inputs: Inputs, access: Access, progress: Progress) -> tuple[Price, ...]:
    """Return the price of every named merger, in the config's order; () where the config asks for none."""
    if not config.named.price or not config.named.mergers:
        return ()
    named = {i for m in config.named.mergers for i in (m.site, m.host) if i is not None}
    base = tuple(lock for lock in config.rules.locks if lock.site not in named)
    with Solver(threads=config.solver.threads, seed=config.solver.seed) as solver:

        def best(options: Iterable[tuple[Lock, ...]]) -> Side | Missing:
            return better([_solve(config, inputs, access, solver, (*base, *locks)) for locks in options])

        def hosts_of(site: str) -> list[str]:
            data = planning_data(config, inputs, access)
            own = (data.pairs.guest == data.site_ids.index(site)) & data.allowed_pairs()
            return sorted(data.site_ids[h] for h in data.pairs.host[own].tolist())

        progress(Text("点名合并的代价：先求不受其约束的最优",
                      "the price of named mergers: the optimum free of them first"))
        free = best([()])
        prices = []
        for merger in config.named.mergers:
            progress(Text(f"点名合并的代价：{merger.name}", f"the price of named mergers: {merger.name_en}"))
            made = isinstance(free, Side) and makes(free.decisions, merger)
            other = best(_without(merger, config, hosts_of) if made else _with(merger, config, hosts_of))
            prices.append(Price(merger, made, free if made else other, other if made else free))
        return tuple(prices)


def better(sides: Iterable[Side | Missing]) -> Side | Missing:
    """Return the best plan of several ways to do the same: proven only where every way is proven, or impossible."""
    sides = list(sides)
    found = [side for side in sides if isinstance(side, Side)]
    if not found:
        return "not_found" if "not_found" in sides else "infeasible"
    best = min(found, key=lambda side: side.values)
    if "not_found" in sides or any(side.report.status != "optimal" for side in found):
        return Side(best.decisions, replace(best.report, status="feasible"))
    return best


def makes(decisions: Decisions, merger: NamedMerger) -> bool:
    """Does the plan close the clinic into a host; where two are named, either of them into the other?"""
    into = {i: d.merged_into for i, d in decisions.sites.items() if d.merged_into is not None}
    if merger.host is None:
        return merger.site in into
    return into.get(merger.site) == merger.host or into.get(merger.host) == merger.site


def _with(merger: NamedMerger, config: Config, hosts_of: Callable[[str], list[str]]) -> Iterable[tuple[Lock, ...]]:
    if merger.host is None:
        if not config.rules.modes.periodic:
            return [(Lock(site=merger.site, do="close", reason=REASON),)]
        # A clinic that closes might be visited instead: each host is tried by name.
        return [(Lock(site=merger.site, do="merge_into", host=host, reason=REASON),) for host in hosts_of(merger.site)]
    pairs = ((merger.site, merger.host), (merger.host, merger.site))
    return [(Lock(site=site, do="merge_into", host=host, reason=REASON, override=merger.override),)
            for site, host in pairs]


def _without(merger: NamedMerger, config: Config, hosts_of: Callable[[str], list[str]]) -> Iterable[tuple[Lock, ...]]:
    if merger.host is None:
        if not config.rules.modes.periodic:
            return [(Lock(site=merger.site, do="keep", reason=REASON),)]
        # Without the merger it may still close and be visited: only its hosts are ruled out.
        return [tuple(Lock(site=merger.site, do="forbid_merge_into", host=host, reason=REASON)
                      for host in hosts_of(merger.site))]
    pairs = ((merger.site, merger.host), (merger.host, merger.site))
    return [tuple(Lock(site=site, do="forbid_merge_into", host=host, reason=REASON) for site, host in pairs)]


def _solve(config: Config, inputs: Inputs, access: Access, solver: Solver, locks: tuple[Lock, ...]
           ) -> Side | Missing:
    rules = config.rules.model_copy(update={"locks": locks})
    try:
        data = planning_data(config.model_copy(update={"rules": rules}), inputs, access)
        return Side(*solve_data(data, solver, time_limit_s=config.solver.time_limit_s, explain=False))
    except Infeasible:
        return "infeasible"
    except NoUsablePlan:
        return "not_found"
