"""A weighted stage says what each of its measures comes to, patients beyond capacity among them."""

from __future__ import annotations

from pathlib import Path

import facilityplan

CONFIG = Path(__file__).parents[3] / "configs" / "rules.yaml"


def test_parts_of_a_weighted_stage_add_up_with_overload(tmp_path):
    asked = ["objectives=[{weighted: [{minimise: overload, weight: 2}, {minimise: changes, weight: 5}]}]",
             "rules.patients={capacity_per_doctor: 600, overload_share: null}"]
    (run,) = facilityplan.run(CONFIG, scenarios=["patient_overload"], overrides=asked, out=tmp_path)
    (stage,) = run.plan.solve.stages
    assert stage.parts[0].value > 0
    assert sum(part.weight * part.value for part in stage.parts) == stage.value
