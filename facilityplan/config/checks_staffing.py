"""Checks of staffing in depth: patients need doctors, one limit is enough, bands rise and fit the rooms."""

from __future__ import annotations

from collections.abc import Iterator

from facilityplan.config.resolve import UNKNOWN, View, fault_at
from facilityplan.errors import Fault, Text


def staffing(view: View) -> Iterator[Fault]:
    """rules.patients, rules.doctors.min_by_people and the stage overload make sense together."""
    yield from _patients(view)
    yield from _bands(view)
    at = ("rules", "doctors", "fill_posts")
    form, scope = (view.value("rules", "balance", key) for key in ("form", "scope"))
    if view.value(*at) not in (None, UNKNOWN) and form not in (None, UNKNOWN, "off") and scope == "township":
        yield fault_at(view, "posts_with_balance", at,
                       Text("各乡镇收支结余（balance.scope: township）不能与补岗同时要求：新招医生归哪里会左右结余",
                            "posts to fill cannot stand beside a balance of each township: where the hired doctors go "
                            "would decide whose balance falls"),
                       Text("把 rules.balance.scope 设为 county 或 institution，或删去 fill_posts",
                            "set rules.balance.scope to county or institution, or take fill_posts away"))
    at = ("rules", "doctors", "fill_posts", "per_township")
    if view.value(*at) is True and view.value("rules", "consortia", "pool_staff") is True:
        yield fault_at(view, "posts_by_township_in_pools", at,
                       Text("医共体内统一调配医生时，不能再要求每个乡镇各自补齐岗位",
                            "where consortia pool their staff, posts cannot be filled township by township"),
                       Text("去掉 per_township，或把 consortia.pool_staff 设为 false",
                            "take per_township away, or set consortia.pool_staff to false"))


def _patients(view: View) -> Iterator[Fault]:
    at = ("rules", "patients")
    patients, doctors = view.value(*at), view.value("rules", "doctors")
    if patients not in (None, UNKNOWN) and doctors is None:
        yield fault_at(view, "patients_without_doctors", at,
                       Text("接诊能力按医生数计算，但 rules.doctors 为 null",
                            "capacity is counted by doctors, but rules.doctors is null"),
                       Text("写上 rules.doctors，或删去 rules.patients", "give rules.doctors, or take patients away"))
    if all(isinstance(view.value(*at, key), int | float) for key in ("overload_people", "overload_share")):
        yield fault_at(view, "two_limits", (*at, "overload_share"),
                       Text("超出接诊能力的上限给了两次：人数和比例", "the limit on overload is given twice"),
                       Text("overload_people 与 overload_share 只留一个；情景里可把另一个写成 null",
                            "keep overload_people or overload_share; a scenario can set the other one to null"))
    form = view.value("rules", "balance", "form")
    if patients not in (None, UNKNOWN) and form not in (None, UNKNOWN, "off"):
        yield fault_at(view, "patients_with_balance", at,
                       Text("接诊能力不能与机构收支结余（rules.balance）同时要求：就诊人数不带来收入，多派的医生只会减少结余",
                            "patients cannot be counted with rules.balance: they bring no income, and a doctor placed "
                            "for them only lowers a balance"),
                       Text("把 rules.balance.form 设为 off，或删去 rules.patients",
                            "set rules.balance.form to off, or take patients away"))
    stages = [("objectives", n) for n in view.keys("objectives")]
    stages += [(*stage, "weighted", k) for stage in stages for k in view.keys(*stage, "weighted")]
    for stage in stages:
        if view.value(*stage, "minimise") == "overload" and patients is None:
            yield fault_at(view, "patients_off", (*stage, "minimise"),
                           Text("目标里有超出接诊能力的人数，但没有 rules.patients",
                                "a stage minimises people beyond capacity, but rules.patients is not there"),
                           Text("写上 rules.patients.capacity_per_doctor，或删去这一目标",
                                "give rules.patients.capacity_per_doctor, or take the stage away"))


def _bands(view: View) -> Iterator[Fault]:
    at = ("rules", "doctors", "min_by_people")
    rooms = view.value("rules", "doctors", "max_per_site")
    last: tuple[int, int] | None = None
    for n in view.keys(*at):
        people, least = (view.value(*at, n, key) for key in ("from_people", "doctors"))
        if not isinstance(people, int) or not isinstance(least, int):
            last = None
            continue
        if last is not None and (people <= last[0] or least <= last[1]):
            yield fault_at(view, "bands_not_rising", (*at, n),
                           Text(f"从 {people} 人起 {least} 名，没有高于前一档（{last[0]} 人起 {last[1]} 名）",
                                f"{least} doctors from {people} people on is no step up from {last[1]} from {last[0]}"),
                           Text("按人数从少到多写，医生数逐档增加", "list them by people, both rising"))
        if isinstance(rooms, int) and least > rooms:
            yield fault_at(view, "more_than_rooms", (*at, n, "doctors"),
                           Text(f"至少 {least} 名医生，而每个卫生室最多容纳 {rooms} 名（max_per_site）",
                                f"{least} doctors at least, but a clinic has room for {rooms} (max_per_site)"),
                           Text("提高 max_per_site，或减少这一档的医生数", "raise max_per_site, or ask for fewer"))
        last = (people, least)
