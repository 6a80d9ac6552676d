"""Answers to a place's clauses under given decisions, and that the verifier counts the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from facilityplan.access import Access, Geography, compute_access, prepare_geography
from facilityplan.config import load_config
from facilityplan.config.schema import Config
from facilityplan.domain.decisions import Decisions, SiteDecision
from facilityplan.domain.kinds import Action
from facilityplan.errors import Text
from facilityplan.inputs import Inputs, read_inputs
from facilityplan.model.types import SolveReport
from facilityplan.plan import build_plan
from facilityplan.plan.claims import Ledger, claims_of
from facilityplan.plan.recount_base import Recount
from facilityplan.plan.recount_clauses import check_compliance

ROOT = Path(__file__).parents[2]
REFUSALS = ("clinic", "host", "accepted", "rule", "figure", "limit", "minutes")


@dataclass(frozen=True)
class Place:
    """A demonstration place under one scenario of its config."""

    scenario: str
    config: Config
    inputs: Inputs
    geography: Geography
    access: Access

    @classmethod
    def of(cls, name: str, scenario: str) -> Place:
        config = load_config(ROOT / "configs" / f"{name}.yaml", scenario=scenario).config
        inputs = read_inputs(config, ROOT / "data")
        geography = prepare_geography(config, inputs)
        return cls(scenario, config, inputs, geography, compute_access(config, inputs, geography))

    def answers(self, inputs: Inputs, decisions: Decisions) -> dict[str, dict]:
        """Return the answer to each clause; ``inputs`` may differ from the place's in what clauses alone look at."""
        refusals = pd.DataFrame({name: [] for name in REFUSALS})
        loaded = SimpleNamespace(config=self.config, scenario=self.scenario, scenario_name=Text("甲", "a"))
        plan = build_plan(loaded, inputs, self.geography, self.access, decisions,
                          SolveReport("optimal", (), 0.1, True), refusals)
        ledger = Ledger()
        check_compliance(Recount(self.config, inputs, claims_of(plan)), ledger)
        assert ledger.failures == []
        return {row["clause"]: row for row in plan.compliance}


def standing(inputs: Inputs) -> dict[str, SiteDecision]:
    """Every site that stands stays as it is."""
    table = inputs.facilities[inputs.facilities["status"] == "existing"]
    return {i: SiteDecision(Action.KEEP, doctors=None if np.isnan(n) else int(n))
            for i, n in zip(table["id"], table["doctors"], strict=True)}
