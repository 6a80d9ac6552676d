"""Service centres and attribute floors with works, relocations, service modes and years, on the small county."""

import json
from pathlib import Path

import pytest

from facilityplan import workflow

ROOT = Path(__file__).parents[3]
BOTH = "kinds: [county_hospital, township_hospital]"


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """Run a scenario of configs/rules.yaml with more rules; every plan must pass its own verification."""
    def make(scenario, *overrides):
        [run] = workflow.run(ROOT / "configs" / "rules.yaml", scenarios=[scenario], out=tmp_path_factory.mktemp("out"),
                             overrides=list(overrides))
        document = json.loads((run.folder / "plan.json").read_bytes())
        assert document["verified"]["failures"] == []
        return document
    return make


def of_id(records, key):
    return next(r for r in records if r["id"] == key)


def test_works_lift_hosts_and_figures_and_sources_pay_for_equipment(planned):
    document = planned(
        "works", f"rules.centres=[{{id: imaging, name: 影像, name_en: imaging, {BOTH}, required: [990001-T03],"
        " min_level: 2, max_count: 2}]",
        "rules.attributes=[{id: level, name: 二级, name_en: level 2, column: level, at_least: 2, min_count: 2,"
        " kinds: [township_hospital]}, {id: tcm, name: 中医, name_en: TCM, column: tcm, min_share: 0.6,"
        " equip_cny: 30000.5}]",
        "objectives=[{minimise: cost}, {minimise: centre_minutes}, {minimise: changes}]")
    assert of_id(document["works"], "lift")["done"]  # T03 reaches level 2 by it alone
    assert "990001-T03" in of_id(document["centres"], "imaging")["hosts"]
    level = of_id(document["attributes"], "level")
    assert level["sites_with_after"] == level["sites_with_before"] + 1 == 2
    given = of_id(document["attributes"], "tcm")["equipped"]
    assert given
    capital = document["metrics"]["capital_cost_cny"]
    works = sum(work["capital_cost_cny"] for work in document["works"] if work["done"])
    assert works + document["capital_other"]["capital_cost_cny"] == capital
    assert document["capital_other"]["capital_cost_cny"] >= 30_001 * len(given)
    assert sum(source["used_cny"] for source in document["funding"]) == capital
    assert of_id(document["funding"], "loan")["used_cny"] == 0  # no debt, for equipment neither
    assert sum(facility["capital_cost_cny"] for facility in document["facilities"]) == capital


def test_a_service_and_chinese_medicine_move_with_the_hospital(planned):
    document = planned(
        "relocation", "rules.works.move.required=true",
        f"rules.centres=[{{id: imaging, name: 影像, name_en: imaging, {BOTH}, required: [990001-T01], min_beds: 1}}]",
        "rules.attributes=[{id: tcm, name: 中医, name_en: TCM, column: tcm, min_share: 1, kinds: [township_hospital],"
        " equip_cny: 1000}]")
    imaging = of_id(document["centres"], "imaging")
    assert imaging["hosts"] == ["990001-N01"] == sorted(set(imaging["assignments"].values()))
    facilities = {f["id"]: f for f in document["facilities"]}
    assert facilities["990001-N01"]["services"] == "imaging" and facilities["990001-T01"]["services"] is None
    equipped = of_id(document["attributes"], "tcm")["equipped"]  # T01 has it; the table does not know of N01
    assert "990001-N01" not in equipped and facilities["990001-N01"]["equipped"] is None


def test_posted_clinics_count_as_open_and_visited_ones_do_not(planned):
    document = planned(
        "contact", "rules.modes={circuit: {}, neighbour: {}, posted: {max_people: 5000}}",
        "rules.doctors.retire_share=0.3", "rules.budget.recurrent_share_of_today=1.2",
        "rules.attributes=[{id: any, name: 诊室, name_en: a room, column: floor_area_m2, at_least: 1, min_count: 1}]")
    clinics = [f for f in document["facilities"] if f["kind"] in ("village_clinic", "station")]
    service = {f["id"]: f["service"] for f in clinics}
    assert {"posted"} < set(service.values()) and {"circuit", "neighbour"} & set(service.values())
    still = [f for f in clinics if f["action"] != "close"]
    assert any(f["service"] == "posted" for f in still)
    assert not any(f["service"] in ("circuit", "neighbour") for f in still)
    assert of_id(document["attributes"], "any")["sites_after"] == len(still)


def test_services_stand_beside_years(planned):
    document = planned(
        "phased", f"rules.centres=[{{id: imaging, name: 影像, name_en: imaging, {BOTH}, max_count: 2}}]",
        "rules.attributes=[{id: tcm, name: 中医, name_en: TCM, column: tcm, min_count: 1}]",
        "objectives=[{minimise: cost}, {minimise: centre_minutes}, {minimise: changes}, {minimise: delay}]")
    assert len(of_id(document["centres"], "imaging")["hosts"]) == 2
    assert {f["stage"] for f in document["facilities"]} - {None}
