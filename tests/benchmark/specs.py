"""What is measured: shipped configs on their data, and synthetic planning data of two sizes."""

from __future__ import annotations

import dataclasses
import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("FACILITYPLAN_SHARED", ROOT.parent / "shared")) / "data"


FREE = frozenset({"no_harm", "same_township"})


@dataclass(frozen=True)
class CountySpec:
    """A config run through every phase from files to pages."""

    name: str
    config: str
    data_root: Path
    needs: str  # below data_root; where it is absent the spec is skipped

    @property
    def there(self) -> bool:
        """Are its data on this machine?"""
        return (self.data_root / self.needs).exists()


@dataclass(frozen=True)
class SyntheticSpec:
    """Planning data made directly (tests/oracle/model_counties.py): the model alone, without roads or files."""

    name: str
    villages: int
    cells: int
    townships: int
    without: frozenset[str] = frozenset()  # rules left out; all in force leave one clinic of three to decide
    seed: int = 2

    def data(self):
        """Return its PlanningData."""
        sys.path.insert(0, str(ROOT / "tests" / "oracle"))
        from model_counties import county_like

        data = county_like(self.seed, self.villages, self.cells, self.townships, hires=2)
        return dataclasses.replace(data, dropped=self.without)


COUNTIES = (
    CountySpec("small", "rules.yaml", ROOT / "data", "small"),
    CountySpec("deqing", "deqing.yaml", ROOT / "data", "deqing"),
    CountySpec("grande_comore", "grande_comore.yaml", SHARED, "comoros"),
    CountySpec("grande_comore_dense", "grande_comore_dense.yaml", SHARED, "comoros"),
)
SYNTHETIC = (
    SyntheticSpec("synthetic_40", 40, 2_000, 4),
    SyntheticSpec("synthetic_150", 150, 8_000, 13),
    SyntheticSpec("synthetic_150_free", 150, 8_000, 13, FREE),
    SyntheticSpec("synthetic_400", 400, 20_000, 34),
    SyntheticSpec("synthetic_400_free", 400, 20_000, 34, FREE),
)
