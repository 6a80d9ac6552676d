"""Which assumptions a scenario rests on: each in use is changed by its share, and every change loads as `--set`."""

from pathlib import Path

import pytest
import yaml

from facilityplan.access.bridges import BridgeUse
from facilityplan.compare.assumptions import bridge_case, cost_cases, costs_used, speed_cases
from facilityplan.config import load_config
from facilityplan.inputs import read_inputs

ROOT = Path(__file__).parents[3]
KEPT = ("sub_centres", "contact")  # every scenario of a file is checked at each reading: few are quick


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    config = yaml.safe_load((ROOT / "configs" / "rules.yaml").read_text("utf-8"))
    scenarios, wanted = config["scenarios"], set(KEPT)
    while more := {scenarios[name].get("extends") for name in wanted} - wanted - {None}:
        wanted |= more
    config["scenarios"] = {name: scenarios[name] for name in wanted}
    del config["default_scenario"]
    written = tmp_path_factory.mktemp("assumptions") / "few.yaml"
    written.write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    return written


@pytest.fixture(scope="module")
def inputs(path):
    return read_inputs(load_config(path).config, ROOT / "data")


def test_costs_follow_the_blocks_that_are_on(path, inputs):
    plain, centres, modes = (load_config(path, scenario=name).config for name in (None, "sub_centres", "contact"))
    assert costs_used(plain, inputs) == ("clinic_fixed", "clinic_per_m2", "doctor", "build_clinic", "merge_works")
    assert "upgrade_sub_centre" in costs_used(centres, inputs)
    assert {"circuit_team", "circuit_vehicle"} <= set(costs_used(modes, inputs)) or \
        "posted_doctor" in costs_used(modes, inputs)


def test_each_cost_goes_both_ways_and_all_go_together(path, inputs):
    config = load_config(path).config
    cases = {case.id: case for case in cost_cases(config, inputs, 0.3)}
    assert len(cases) == 12 and cases["costs.doctor.low"].overrides == ("costs.doctor.value=70000",)
    assert cases["costs.doctor.high"].values.en == "100,000 → 130,000 CNY/year"
    assert len(cases["costs.high"].overrides) == 5
    changed = load_config(path, overrides=cases["costs.low"].overrides).config
    assert changed.costs.clinic_fixed.value == pytest.approx(0.7 * config.costs.clinic_fixed.value)
    official = load_config(path, overrides=["costs.doctor.standing=official"]).config
    assert not any("doctor" in case.id for case in cost_cases(official, inputs, 0.3))


def test_speeds_go_together_by_mode_and_stay_inside_the_schema(path):
    config = load_config(path).config
    cases = {case.id: case for case in speed_cases(config, 0.2)}
    assert set(cases) == {f"modes.{mode}.{way}" for mode in ("ebike", "elderly_walk") for way in ("low", "high")}
    slow = load_config(path, overrides=cases["modes.ebike.low"].overrides).config.modes["ebike"]
    assert all(slow.speeds_kmh[name] == pytest.approx(0.8 * kmh)
               for name, kmh in config.modes["ebike"].speeds_kmh.items())
    assert slow.off_road_kmh == pytest.approx(0.8 * config.modes["ebike"].off_road_kmh)
    fast = load_config(path, overrides=["modes.ebike.speeds_kmh.primary=190"]).config
    (raised,) = [case for case in speed_cases(fast, 0.2) if case.id == "modes.ebike.high"]
    assert load_config(path, overrides=raised.overrides).config.modes["ebike"].speeds_kmh["primary"] == 200


def test_a_lost_bridge_joins_what_is_closed_already(path):
    entry = "inputs.roads.closed=[{lon: 123.0, lat: 31.0, what: road, reason: 'a \"b\" ☃ #c: {d}'}]"
    config = load_config(path, overrides=[entry]).config
    lost = bridge_case(config, BridgeUse(123.02, 30.99, "x", "tertiary", 80.0, (1,), 900.0, ()))
    closed = load_config(path, overrides=lost.overrides).config.inputs.roads.closed
    assert [one.what for one in closed] == ["road", "bridge"]
    assert closed[0] == config.inputs.roads.closed[0] and (closed[1].lon, closed[1].lat) == (123.02, 30.99)
