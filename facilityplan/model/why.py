"""Why each merger that could have been made was not: the single rule that refuses it."""

from __future__ import annotations

import pandas as pd

from facilityplan.access.types import Access
from facilityplan.config.schema import Config
from facilityplan.domain.columns import REFUSALS, names
from facilityplan.domain.decisions import Decisions
from facilityplan.inputs.tables import Inputs


def explain_refusals(config: Config, inputs: Inputs, access: Access, decisions: Decisions) -> pd.DataFrame:
    """Return domain.columns.REFUSALS (to follow)."""
    return pd.DataFrame(columns=names(REFUSALS))
