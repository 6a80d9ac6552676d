"""A small county of one's own to break: a copy of the small demonstration county with its config."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def county(tmp_path):
    """A project folder with data/small and configs/rules.yaml, the test's own."""
    shutil.copytree(ROOT / "data" / "small", tmp_path / "data" / "small")
    (tmp_path / "configs").mkdir()
    shutil.copy(ROOT / "configs" / "rules.yaml", tmp_path / "configs" / "rules.yaml")
    return tmp_path
