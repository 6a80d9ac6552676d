"""Who pays for what in which year: the split of capital over sources where the plan has years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from facilityplan.config.schema import Config
from facilityplan.config.works import Work
from facilityplan.domain.decisions import Decisions
from facilityplan.domain.kinds import Action
from facilityplan.domain.payments import Bill, Payments, Source, paid_by_stage
from facilityplan.plan.counts import merges, yuan


@dataclass(frozen=True)
class YearlySplit:
    """Source → whole yuan: of each work, of other capital by year, of everything by year."""

    works: Mapping[str, Mapping[str, int]]
    other: Mapping[int, Mapping[str, int]]  # by year
    other_cny: Mapping[int, int]  # by year
    used: Mapping[str, Mapping[int, int]]  # source → year → yuan

    def other_in_all(self) -> dict[str, int]:
        """Return source → yuan of other capital, all years together."""
        total: dict[str, int] = {}
        for paid in self.other.values():
            for source, amount in paid.items():
                total[source] = total.get(source, 0) + amount
        return total

    def other_by_stage(self) -> dict[str, Any]:
        """Return year → what other capital costs then and who pays, as plan.json holds it."""
        return {str(year): {"capital_cost_cny": float(cost),
                            "funding": {s: float(n) for s, n in self.other.get(year, {}).items()}}
                for year, cost in self.other_cny.items()}


def yearly_split(config: Config, built: Iterable[str], decisions: Decisions, done: Iterable[Work],
                 vehicles: Mapping[int, int]) -> YearlySplit:
    """Return who pays for what in which year; ``built``: ids of the candidate sites of clinics; ``vehicles``: by year.

    Works by id, then other capital by year: each takes as much as it may from each source in turn, in the config's
    order, as leaves everything else payable (domain.payments).
    """
    years = [s.year for s in config.rules.stages]
    other = other_capital_by_year(config, frozenset(built), decisions, {y: vehicles.get(y, 0) for y in years})
    sources = sources_by_year(config)
    every = tuple(s.id for s in sources)
    last = len(years) - 1  # of what has no year
    when = {w: years.index(y) if y in years else last for w, y in decisions.work_years.items()}
    bills = [Bill(w.id, when.get(w.id, last), yuan(w.capital.value), tuple(w.sources) or every) for w in done]
    rest = {f"other capital {year}": year for year in years}  # no id of a work has a blank
    bills += [Bill(name, years.index(year), other[year], every) for name, year in rest.items()]
    split = Payments(bills, sources).split()
    by_stage = paid_by_stage(split, bills)
    return YearlySplit(
        works={name: paid for name, paid in split.items() if name not in rest},
        other={year: split[name] for name, year in rest.items() if name in split},
        other_cny=other,
        used={s.id: {year: by_stage.get(k, {}).get(s.id, 0) for k, year in enumerate(years)}
              for s in config.rules.funding})


def other_capital_by_year(config: Config, built: frozenset[str], decisions: Decisions, vehicles: Mapping[int, int]
                          ) -> dict[int, int]:
    """Return year → yuan of clinics built and merged, sub-centres and vehicles."""
    costs, total = config.costs, dict(vehicles)
    for i, made in decisions.sites.items():
        for cost, times in ((costs.build_clinic, made.action is Action.BUILD and i in built),
                            (costs.merge_works, merges(made)), (costs.upgrade_sub_centre, made.sub_centre)):
            if times:
                total[made.stage if made.stage in total else max(total)] += yuan(cost.value)
    return total


def sources_by_year(config: Config) -> list[Source]:
    """Return the sources that may pay, in the config's order; rules that are dropped limit nothing."""
    rules = config.rules
    totals, yearly = ("funding_amount" not in rules.without, "stage_funding" not in rules.without)
    no_debt = rules.no_debt and "no_debt" not in rules.without
    given = [{m.source: int(Decimal(str(m.amount_cny))) for m in s.funding} if yearly else {} for s in rules.stages]
    return [Source(
        s.id, int(Decimal(str(s.amount_cny))) if totals and s.amount_cny is not None else None,
        [row.get(s.id) for row in given],
        [k > 0 and stage.carry_over and s.id in given[k] and s.id in given[k - 1]
         for k, stage in enumerate(rules.stages)]) for s in rules.funding if not (s.debt and no_debt)]
