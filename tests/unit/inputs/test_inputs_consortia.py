"""Leads and townships that the config names for consortia are checked against the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilityplan.config import load_config
from facilityplan.errors import FaultyInput
from facilityplan.inputs import check_rules, read_inputs

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "configs" / "rules.yaml"


@pytest.fixture(scope="module")
def inputs():
    return read_inputs(load_config(CONFIG).config, ROOT / "data")


@pytest.mark.parametrize(("section", "code", "named"), [
    ("{leads: [990001-T01, 990001-T99]}", "unknown_lead", "990001-T99"),
    ("{leads: [990001-C001]}", "lead_no_hospital", "990001-C001"),
    ("{leads: [990001-H01, 990001-T02], fixed_leads: [990001-H01, 990001-T02]}", "leads_share_township", "990001-T02"),
    ("{leads: [990001-T01], assigned: {东海镇: 990001-T01}}", "unknown_township", "东海镇"),
    ("{leads: [990001-T01, 990001-T03], fixed_leads: [990001-T03], assigned: {西岭镇: 990001-T01}}",
     "assigned_to_another", "西岭镇"),
])
def test_a_name_that_the_data_do_not_have_is_a_fault(inputs, section, code, named):
    config = load_config(CONFIG, overrides=[f"rules.consortia={section}"]).config
    for check in (lambda: check_rules(config, inputs), lambda: read_inputs(config, ROOT / "data")):
        with pytest.raises(FaultyInput) as raised:
            check()
        [fault] = [f for f in raised.value.faults if f.code == code]
        assert fault.id == named
        assert fault.field.startswith("rules.consortia.")
        assert fault.what.zh != fault.what.en and fault.remedy.zh != fault.remedy.en


def test_sound_consortia_have_no_fault(inputs):
    check_rules(load_config(CONFIG, scenario="consortium_mergers").config, inputs)
