"""The same county told otherwise: its tables in another order, or everything in it by another name."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import numpy as np

from facilityplan.access.types import Access, NearestTimes, TravelTimes
from facilityplan.config.schema import Config
from facilityplan.inputs.tables import Inputs

TABLES = ("facilities", "villages", "cells")


def reordered(inputs: Inputs, access: Access, seed: int) -> tuple[Inputs, Access]:
    """Every table and every matrix of times in another order."""
    rng = random.Random(seed)
    order = {name: rng.sample(range(n), n) for name in TABLES for n in [len(getattr(inputs, name))]}
    tables = {name: getattr(inputs, name).iloc[rows].reset_index(drop=True) for name, rows in order.items()}
    cells = inputs.cells["cell"].tolist()
    turned: dict[int, TravelTimes] = {}

    def one(times: TravelTimes) -> TravelTimes:
        if id(times) not in turned:
            by_cell = list(times.origin_ids) == cells  # those stand in the order of the cells
            rows = order["cells"] if by_cell else rng.sample(range(len(times.origin_ids)), len(times.origin_ids))
            turned[id(times)] = _turned(times, rows, rng.sample(range(len(times.site_ids)), len(times.site_ids)))
        return turned[id(times)]

    changed = _each(access, one)
    today = {}
    for standard, found in access.today.items():
        at = {i: n for n, i in enumerate(changed.cells[standard].site_ids)}
        old = access.cells[standard].site_ids
        site = [-1 if s < 0 else at[old[s]] for s in found.site[order["cells"]]]
        today[standard] = NearestTimes(found.ds[order["cells"]], np.array(site, np.int32))
    return dataclasses.replace(inputs, **tables), dataclasses.replace(changed, today=today)


def renamed(config: Config, inputs: Inputs, access: Access, seed: int) -> tuple[Config, Inputs, Access]:
    """Facilities, villages and townships under other ids and names, in an order of their own."""
    rng = random.Random(seed)
    ids = [*inputs.facilities["id"], *inputs.villages["id"],
           *sorted({*inputs.villages["township"], *inputs.facilities["township"]})]  # fmt: skip
    new = dict(zip(ids, (f"n{k:03d}" for k in rng.sample(range(1_000), len(ids))), strict=True))

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {told(k): told(v) for k, v in value.items()}
        if isinstance(value, list):
            return [told(v) for v in value]
        return new.get(value, value) if isinstance(value, str) else value

    tables = {}
    for name in TABLES:
        table = getattr(inputs, name).copy()
        for column in ("id", "village", "township"):
            if column in table:
                table[column] = table[column].map(told)
        tables[name] = table

    def one(times: TravelTimes) -> TravelTimes:
        return dataclasses.replace(times, origin_ids=_ids(times.origin_ids, told), site_ids=_ids(times.site_ids, told))

    adjacency = frozenset((min(p), max(p)) for p in ((new[a], new[b]) for a, b in access.adjacency))
    rules = told(config.model_dump(mode="json"))
    return (Config.model_validate(rules), dataclasses.replace(inputs, **tables),
            dataclasses.replace(_each(access, one), adjacency=adjacency))  # fmt: skip


def _ids(array: np.ndarray, told) -> np.ndarray:
    out = np.empty(len(array), object)
    out[:] = [told(x) for x in array]
    return out


def _each(value: Any, change) -> Any:
    """A copy of nested dataclasses and mappings with every matrix of times changed."""
    if isinstance(value, TravelTimes):
        return change(value)
    if isinstance(value, dict):
        return {k: _each(v, change) for k, v in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, NearestTimes):
        fields = {f.name: _each(getattr(value, f.name), change) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def _turned(times: TravelTimes, rows: list[int], sites: list[int]) -> TravelTimes:
    place = np.argsort(sites)
    indptr, site, ds = [0], [], []
    for row in rows:
        span = range(times.indptr[row], times.indptr[row + 1])
        pairs = sorted((int(times.ds[k]), int(place[times.site[k]])) for k in span)
        site += [s for _, s in pairs]
        ds += [t for t, _ in pairs]
        indptr.append(len(site))
    return TravelTimes(times.mode, times.cutoff_ds, times.origin_ids[rows], times.site_ids[sites], np.array(indptr),
                       np.array(site, np.int32), np.array(ds, np.int32))  # fmt: skip
