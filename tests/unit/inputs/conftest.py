from __future__ import annotations

import os
from pathlib import Path

import pytest
from inputs_county import County


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(tmp_path)


@pytest.fixture(scope="session")
def comoros() -> Path:
    """The real data set, where it is."""
    shared = os.environ.get("FACILITYPLAN_SHARED")
    root = Path(shared) if shared else Path(__file__).resolve().parents[4] / "shared"
    folder = root / "data" / "comoros"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder
