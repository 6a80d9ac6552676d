"""A service that names a hospital which does not stand, or cannot host it, is refused with its field."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilityplan.config import load_config
from facilityplan.errors import FaultyInput
from facilityplan.inputs import read_inputs

ROOT = Path(__file__).parents[3]
SERVICE = "rules.centres=[{id: a, name: 影像, name_en: imaging, %s}]"


@pytest.mark.parametrize(("more", "field"), [
    ("required: [990001-H99]", "rules.centres.a.required"),  # nowhere in the table
    ("forbidden: [990001-T01]", "rules.centres.a.forbidden"),  # a township hospital, but county hospitals host it
    ("required: [990001-C001], kinds: [county_hospital, township_hospital]", "rules.centres.a.required"),  # a clinic
])
def test_a_hospital_that_cannot_host_is_refused(more, field):
    config = load_config(ROOT / "configs" / "rules.yaml", scenario="services", overrides=[SERVICE % more]).config
    with pytest.raises(FaultyInput) as error:
        read_inputs(config, ROOT / "data")
    (fault,) = error.value.faults
    assert (fault.code, fault.field) == ("unknown_hospital", field)
    assert "990001-H01" in fault.remedy.en


def test_hospitals_that_can_are_taken():
    more = "required: [990001-T01], forbidden: [990001-T02], kinds: [township_hospital]"
    config = load_config(ROOT / "configs" / "rules.yaml", scenario="services", overrides=[SERVICE % more]).config
    assert len(read_inputs(config, ROOT / "data").facilities)
