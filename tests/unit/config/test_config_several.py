"""Several scenarios from one reading of the file are what one reading for each gives."""

from pathlib import Path

import pytest

from facilityplan.config import load_config, load_configs
from facilityplan.config import loader as loader_module
from facilityplan.errors import FaultyInput, UsageError

CONFIG = Path(__file__).parents[3] / "configs" / "deqing.yaml"


def test_each_is_what_it_is_alone():
    every = load_configs(CONFIG, None, overrides=["solver.seed=7"])
    assert len(every) > 5 and [one.scenario for one in every] == list(every[0].scenarios)
    for one in (every[0], every[len(every) // 2], every[-1]):
        assert one == load_config(CONFIG, scenario=one.scenario, overrides=["solver.seed=7"])


def test_the_file_is_read_once(monkeypatch):
    read, counted = loader_module.read_file, []
    monkeypatch.setattr(loader_module, "read_file", lambda *a: counted.append(1) or read(*a))
    load_configs(CONFIG, None)
    assert counted == [1]


def test_faults_and_unknown_scenarios_are_told_as_for_one():
    with pytest.raises(UsageError, match="defualt"):
        load_configs(CONFIG, ["default", "defualt"])
    with pytest.raises(FaultyInput) as caught:
        load_configs(CONFIG, ["default", "same_money"], overrides=["solver.seed=-7"])
    assert [fault.field for fault in caught.value.faults] == ["solver.seed"]
