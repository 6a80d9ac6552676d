"""Works against the table of facilities: ids that are not there, works that do not suit their institution."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from facilityplan.config.works import Work
from facilityplan.inputs.works import check_works

TABLE = pd.DataFrame(
    [("C1", "village_clinic", "existing", "public"), ("P1", "station", "existing", "private"),
     ("T1", "township_hospital", "existing", "public"), ("T2", "township_hospital", "existing", "public"),
     ("H1", "county_hospital", "existing", "public"), ("N1", "township_hospital", "candidate", "public"),
     ("K1", "village_clinic", "candidate", "public")],
    columns=["id", "kind", "status", "ownership"])  # fmt: skip


def faults(*works: dict) -> list[tuple[str, str]]:
    whole = [Work.model_validate({"id": f"w{k}", "name": "项", "name_en": "w", "kind": "rebuild",
                                  "capital": {"value": 1, "unit": "CNY"}, **work}) for k, work in enumerate(works)]
    return [(f.code, f.field) for f in check_works(SimpleNamespace(works=whole), TABLE, "f.csv")]


@pytest.mark.parametrize(("work", "code"), [
    ({"facility": "X9"}, "unknown_facility"),
    ({"facility": "P1"}, "unknown_facility"),
    ({"facility": "N1"}, "unknown_facility"),
    ({"facility": "C1", "kind": "level_up"}, "work_of_another_kind"),
    ({"facility": "C1", "adds": {"beds": 3}}, "work_of_another_kind"),
    ({"facility": "T1", "adds": {"rooms": 1}}, "work_of_another_kind"),
    ({"facility": "T1", "kind": "relocate", "to": "K1"}, "not_a_place"),
    ({"facility": "T1", "kind": "relocate", "to": "T2"}, "not_a_place"),
])  # fmt: skip
def test_a_work_that_does_not_suit_is_named(work, code):
    assert [found for found, _ in faults(work)] == [code]


def test_a_county_hospital_stays_and_a_place_takes_one_hospital():
    assert ("work_of_another_kind", "rules.works.w0.facility") in faults(
        {"facility": "H1", "kind": "relocate", "to": "N1"})
    assert faults({"facility": "T1", "kind": "relocate", "to": "N1"},
                  {"facility": "T2", "kind": "relocate", "to": "N1"}) == [("not_a_place", "rules.works.w1.to")]


def test_works_that_suit_have_no_fault():
    assert faults({"facility": "T1", "kind": "relocate", "to": "N1"}, {"facility": "C1", "adds": {"rooms": 1}},
                  {"facility": "T1", "kind": "level_up"}, {"facility": "H1", "adds": {"beds": 9}}) == []
