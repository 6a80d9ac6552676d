"""What named mergers cost, as plan.json `prices` holds it: stages, money and people with each of them and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from facilityplan.config.schema import Config
from facilityplan.inputs.tables import Inputs
from facilityplan.model.prices import Price, Side
from facilityplan.plan.counts import count_sites


def price_records(config: Config, inputs: Inputs, prices: Sequence[Price]) -> tuple[Mapping[str, Any], ...]:
    """Return one record a named merger: both sides' status, hosts and figures, and the difference that it makes.

    A figure is a stage of the objective in its own unit (people, person-minutes, yuan a year), and the capital in yuan.
    ``status`` says of each side: optimal (proven), feasible (a plan, not proven the best), infeasible (proven that no
    plan obeys the rules) or not_found (none was found in time). With the last two ``with`` or ``without`` is null, and
    so is the difference.
    """
    records = []
    for price in prices:
        both = {"with": price.made, "without": price.not_made}
        status = {key: side.report.status if isinstance(side, Side) else side for key, side in both.items()}
        sides = {key: _side(config, inputs, price, side) if isinstance(side, Side) else None
                 for key, side in both.items()}
        difference = None
        if sides["with"] is not None and sides["without"] is not None:
            with_it, without = sides["with"]["figures"], sides["without"]["figures"]
            difference = {key: with_it[key] - without[key] for key in with_it}
        merger = price.merger
        records.append({"id": merger.id, "name_zh": merger.name, "name_en": merger.name_en, "site": merger.site,
                        "host": merger.host, "in_free_optimum": price.in_free_optimum, "status": status, **sides,
                        "difference": difference})
    return tuple(records)


def _side(config: Config, inputs: Inputs, price: Price, side: Side) -> dict[str, Any]:
    sites, merger = side.decisions.sites, price.merger
    into = {i: sites[i].merged_into for i in (merger.site, merger.host) if i is not None and sites[i].merged_into}
    figures = {stage.name: float(stage.value) for stage in side.report.stages}
    figures["capital_cost_cny"] = float(count_sites(config, inputs, side.decisions).capital_cny.sum())
    return {"merged_into": dict(sorted(into.items())), "figures": figures}
