"""The norms: cited, typed, in step with the schema's own defaults."""

import dataclasses

from config_helpers import load

from facilityplan.config.norms import ROAD_CLASSES, STANDING_NAMES, load_norms
from facilityplan.config.schema import Config
from facilityplan.config.tree import Items, Node, Scalar, Table


def _scalars(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    below = node.items if isinstance(node, Items) else node.entries.values()
    return [scalar for item in below for scalar in _scalars(item)]


def test_each_norm_has_value_unit_source_and_standing():
    for norm in load_norms().norms.values():
        assert float(norm.value) > 0 and norm.unit and norm.line > 1
        assert norm.standing in STANDING_NAMES
        for text in (norm.name, norm.source):
            assert text.zh.strip() and text.en.strip() and text.zh != text.en
        assert (norm.low is None) == (norm.high is None)
        if norm.low is not None:
            assert float(norm.low) <= float(norm.value) <= float(norm.high)


def test_every_norm_is_used_and_every_figure_of_the_layer_is_a_norm():
    norms = load_norms()
    scalars = _scalars(norms.layer) + _scalars(norms.when_given)
    assert set(norms.norms) - {s.origin.name for s in scalars} == set()
    bare = [s.text for s in scalars if s.origin.name is None and s.text.replace(".", "").isdigit()]
    assert bare == []


def test_the_figures_that_the_design_settled(tmp_path):
    config = load(tmp_path).config
    speed = {name: mode.speeds_kmh["residential"] for name, mode in config.modes.items()}
    assert speed == {"walk": 4.5, "elderly_walk": 3, "ebike": 18, "drive": 25}
    assert {name: mode.off_road_kmh for name, mode in config.modes.items()} == {
        "walk": 4.5,
        "elderly_walk": 3,
        "ebike": 4.5,
        "drive": 4.5,
    }
    assert [(s.id, s.mode, s.limit_min, s.group, s.target_share) for s in config.standards] == [
        ("circle", "ebike", 15, "all", 0.9),
        ("elderly_walk", "elderly_walk", 15, "age65", None),
    ]
    assert (config.costs.clinic_fixed.value, config.costs.clinic_per_m2.value, config.costs.doctor.value) == (
        40_000,
        250,
        100_000,
    )
    assert config.costs.assumed_floor_area.value == 60 and config.costs.assumed_floor_area.standing == "official"
    doctors = config.rules.doctors
    assert (doctors.people_per_doctor_norm, doctors.people_per_doctor_cap) == (1000, 1500)


def test_nobody_walks_or_cycles_on_motorways_and_people_on_foot_may_go_against_one_way(tmp_path):
    modes = load(tmp_path).config.modes
    for name, mode in modes.items():
        assert ("motorway" in mode.speeds_kmh) == (name == "drive")
        assert mode.obeys_oneway == (name not in ("walk", "elderly_walk"))
        assert set(mode.speeds_kmh) <= set(ROAD_CLASSES)


def test_norms_agree_with_the_schemas_defaults(tmp_path):
    """A rule switched off and on again by a scenario falls back on the schema: it must say the same as the norms."""
    rules = load(tmp_path).config.rules
    assert rules == Config.model_fields["rules"].default


def test_what_a_config_leaves_out_says_that_the_norms_filled_it(tmp_path):
    where = load(tmp_path, "modes: {walk: {off_road_kmh: 4}}\n").provenance
    assert where["modes.walk.off_road_kmh"].kind == "file"
    speed = where["modes.walk.speeds_kmh.residential"]
    assert (speed.kind, speed.name, speed.file) == ("norm", "walk_speed", "norms.yaml")
    assert where["costs.doctor.value"].name == "doctor_cost"
    assert where["objectives.0.minimise"].kind == "norm"


def test_the_layer_is_shared_and_cannot_be_changed(tmp_path):
    before = dataclasses.asdict(load_norms())
    load(tmp_path, "modes: {walk: {name: 走}}\n", overrides=["modes.walk.off_road_kmh=3"])
    assert dataclasses.asdict(load_norms()) == before
    assert isinstance(load_norms().layer, Table)
