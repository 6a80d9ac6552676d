"""Tiny random counties with locks and caps on closures."""

from __future__ import annotations

import random

from tiny_counties import tiny_county

from facilityplan.config.schema import Config
from facilityplan.domain.rules import HOST_RULES
from facilityplan.domain.sites import is_candidate, is_decided


def locked_county(seed: int):
    """A tiny county of that seed with locks and caps laid on it, contradictions included."""
    config, inputs, access = tiny_county(seed)
    return laid_on(config, locks_of(seed, config, inputs)), inputs, access


def laid_on(config: Config, rules: dict) -> Config:
    """The config with more rules."""
    raw = config.model_dump(mode="json")
    return Config.model_validate({**raw, "rules": {**raw["rules"], **rules}})


def locks_of(seed: int, config: Config, inputs) -> dict:
    """Rules of locks and caps, at random."""
    rng = random.Random(10_000 + seed)
    table = inputs.facilities
    decided = table.loc[is_decided(table), "id"].tolist()
    candidates = table.loc[is_candidate(table), "id"].tolist()
    hosts = decided + table.loc[table["kind"] == "township_hospital", "id"].tolist()
    locks = []
    for i in decided:
        if rng.random() < 0.35:
            do = rng.choice(["keep", "close", "merge_into", "forbid_merge_into", "forbid_merge_into"])
            lock = {"site": i, "do": do, "reason": "因"}
            if do in ("merge_into", "forbid_merge_into"):
                others = [h for h in hosts if h != i]
                if not others:
                    continue
                lock["host"] = rng.choice(others)
            if do == "merge_into":
                lock["override"] = [r for r in HOST_RULES if rng.random() < rng.choice([0.3, 0.9])]
            locks.append(lock)
    for i in candidates:
        if rng.random() < 0.4:
            locks.append({"site": i, "do": rng.choice(["build", "forbid"]), "reason": "因"})
    closures = {}
    if rng.random() < 0.4:
        closures["max_total"] = rng.randint(0, 3)
    if rng.random() < 0.3:
        closures["max_per_township"] = rng.randint(0, 2)
    if rng.random() < 0.3:
        closures["max_share_per_township"] = rng.choice([0.2, 0.34, 0.5, 1.0])
    without = [*config.rules.without, *(r for r in ("locks", "closures_total", "closures_township")
                                        if rng.random() < 0.05)]
    return {"locks": locks, "closures": closures, "without": sorted(set(without))}
