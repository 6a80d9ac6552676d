"""A merger that would take Chinese medicine away from too many is refused by that floor, not by the objective."""

from __future__ import annotations

from pathlib import Path

import facilityplan

CONFIG = Path(__file__).parents[3] / "configs" / "rules.yaml"


def test_a_floor_of_people_near_an_attribute_is_named(tmp_path):
    (run,) = facilityplan.run(CONFIG, scenarios=["attribute_people"], out=tmp_path)
    named = run.plan.refusals[run.plan.refusals["rule"] == "attribute_people"]
    assert len(named) and (named["figure"] < named["limit"]).all()
