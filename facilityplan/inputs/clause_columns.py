"""What clauses ask of the data: columns of their own, read beside those that the software knows, and ids that exist."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from facilityplan.config.clauses import measures_of
from facilityplan.config.messages import meant
from facilityplan.config.schema import Config
from facilityplan.domain.columns import FACILITIES, VILLAGES, Column, names
from facilityplan.domain.sites import is_decided
from facilityplan.errors import Fault, Text


def clause_columns(config: Config, table: str) -> tuple[Column, ...]:
    """Return the columns of ``table`` (facilities, villages) that clauses name and the software does not declare.

    All may be missing or empty: a clause that needs one then says so. A column asked for as a figure anywhere is read
    as figures, else as yes and no.
    """
    known = set(names(FACILITIES if table == "facilities" else VILLAGES))
    figures: dict[str, bool] = {}
    for measure in measures_of(config.clauses):
        for total in (*measure.numerator, *measure.denominator):
            if total.table == table:
                figures[total.column] = True
        if measure.column is not None and table == "facilities":
            figures[measure.column] = figures.get(measure.column, False) or measure.at_least is not None
    return tuple(Column(name, "number" if figures[name] else "boolean", "count" if figures[name] else "", True,
                        "asked for by a clause", "条款所需", False) for name in sorted(set(figures) - known))


def with_columns(table: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Return ``table`` with those of the columns that it lacks, empty."""
    for column in columns:
        if column.name not in table:
            number = column.type == "number"
            table = table.assign(**{column.name: pd.Series(np.nan if number else None, table.index,
                                                           dtype=float if number else object)})
    return table


def check_clauses(config: Config, facilities: pd.DataFrame) -> Iterable[Fault]:
    """unknown_site, no_clinic: facilities that a clause or a named merger calls by an id that is not there, or that no
    plan could merge."""
    ids = facilities["id"].tolist()
    known, decided = set(ids), set(facilities.loc[is_decided(facilities), "id"])
    asked = [(f"clauses.{c.id}.measures.{m.id}.{key}", site) for c in config.clauses for m in c.measures
             for key, sites in (("sites", m.sites),
                                *((side, [i for t in getattr(m, side) for i in t.sites])
                                  for side in ("numerator", "denominator"))) for site in sites]
    merging = [(f"named.mergers.{m.id}.{key}", site) for m in config.named.mergers
               for key, site in (("site", m.site), ("host", m.host)) if site is not None]
    for field, site in (*asked, *merging):
        if site not in known:
            yield Fault("unknown_site", Text(f"没有编号为“{site}”的机构", f"no facility has the id “{site}”"),
                        meant(site, ids), field=field, id=site)
    for field, site in merging:
        if site in known and field.endswith(".site") and site not in decided:
            yield Fault("no_clinic", Text(f"“{site}”不是现有公立卫生室（站），不会合并",
                                          f"“{site}” is no public clinic that stands: no plan merges it"),
                        Text("改正编号", "correct the id"), field=field, id=site)
