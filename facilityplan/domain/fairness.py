"""How unevenly time is shared: the measures of fairness, their names, and the whole numbers in which they count.

A measure looks at the people of a standard's group who have a way: those for whom some counted site, existing or
candidate, lies within the horizon. The others are left out and counted beside it. Times are whole minutes; who has
nothing open within the horizon is charged the horizon.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from facilityplan.domain.kinds import CLINIC_KINDS
from facilityplan.domain.sites import is_candidate
from facilityplan.errors import Text

MEASURES = {
    "mean_minutes": Text("人均分钟", "mean minutes"),
    "max_minutes": Text("最远者分钟", "minutes of the farthest person"),
    "worst_decile": Text("最远十分之一人口的人均分钟", "mean minutes of the worst-off tenth"),
    "kolm_pollak": Text("Kolm–Pollak 等效分钟", "Kolm–Pollak equally-distributed equivalent minutes"),
}
LIMIT_RULES = {measure: f"{measure}_limit" for measure in MEASURES}  # measure → id of the rule that bounds it
STAGES = ("max_minutes", "worst_decile", "kolm_pollak")  # measures that a stage of the objective may minimise
OF_A_STANDARD = ("uncovered", "person_minutes", *STAGES)  # stages that speak of one standard
TENTH = 10  # the worst-off group is one person in so many
# Kolm–Pollak: φ(m) = e^{κ m} in hundred-thousandths; from where it reaches RATIO on it goes straight along its tangent,
# because no float could carry it to the horizon. w φ of a cell is rounded to tenths of people, or to a power of ten of
# them, the same for all of a standard, so that today's sum is at most TOTAL.
KP_UNIT, KP_RATIO, KP_TOTAL = 10**5, 10**4, 10**7
KAPPA_DIGITS, KAPPA_RANGE = 6, (0.001, 1.0)


def dead_sites(facilities: pd.DataFrame, moved_to: Collection[str]) -> np.ndarray:
    """Return the candidate hospital sites to which no work leads: they never open and serve nobody (bool by row)."""
    clinic = facilities["kind"].isin([str(k) for k in CLINIC_KINDS]).to_numpy(bool)
    return is_candidate(facilities) & ~clinic & ~facilities["id"].isin(list(moved_to)).to_numpy(bool)
