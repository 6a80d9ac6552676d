"""Checks that join several settings. Each is one function that yields faults and leaves out what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from facilityplan.config import centre_checks, fairness_checks, messages, works_checks
from facilityplan.config.checks_locks import locks
from facilityplan.config.checks_staffing import staffing
from facilityplan.config.checks_stages import stages
from facilityplan.config.checks_stages_works import staged_works
from facilityplan.config.clause_checks import clauses
from facilityplan.config.consortia_checks import consortia, consortia_on
from facilityplan.config.file_checks import basemap, coordinate_systems, files, older_people
from facilityplan.config.messages import meant, unknown_reference
from facilityplan.config.mode_checks import service_modes
from facilityplan.config.norms import ROAD_CLASSES
from facilityplan.config.resolve import UNKNOWN, Path, View, fault_at
from facilityplan.domain.metric_names import METRIC_NAMES
from facilityplan.domain.rules import DROPPABLE, RULES
from facilityplan.errors import Fault, Text

MODE, STANDARD, RULE = Text("出行方式", "travel mode"), Text("标准", "standard"), Text("规则", "rule")
Check = Callable[[View], Iterator[Fault]]


def _texts(value: Any) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _standard_ids(view: View) -> list[str] | None:
    """Ids of the standards, or None where the list could not be read."""
    if view.value("standards") is UNKNOWN or not isinstance(view.value("standards"), list):
        return None
    return [i for n in view.keys("standards") if isinstance(i := view.value("standards", n, "id"), str)]


def references(view: View) -> Iterator[Fault]:
    """Modes, standards and rules that are called by a name must exist."""
    modes = [str(k) for k in view.keys("modes")]
    called = [("standards", n, "mode") for n in view.keys("standards")] + [("rules", "sub_centres", "mode")]
    called += [("rules", "consortia", "mode")] if consortia_on(view) else []
    called += [("rules", "modes", "travel_mode")]
    for path in called:
        mode = view.value(*path)
        if isinstance(mode, str) and modes and mode not in modes:
            yield unknown_reference(view.origin(*path), view.field(*path), MODE, mode, modes)
    standards = _standard_ids(view)
    if standards is not None:
        called = [("objectives", n, "standard") for n in view.keys("objectives")]
        called += [("rules", "circle_share", n, "standard") for n in view.keys("rules", "circle_share")]
        called += [("rules", "no_harm", "standards", n) for n in view.keys("rules", "no_harm", "standards")]
        called += fairness_checks.standards_called(view)
        called += [("rules", "patients", "standard")]
        for path in called:
            name = view.value(*path)
            if isinstance(name, str) and name not in standards:
                yield unknown_reference(view.origin(*path), view.field(*path), STANDARD, name, standards)
    for n in view.keys("rules", "without"):
        rule, path = view.value("rules", "without", n), ("rules", "without", n)
        if not isinstance(rule, str) or rule in DROPPABLE:
            continue
        if rule in RULES:
            names = RULES[rule]
            yield fault_at(
                view,
                "rule_not_droppable",
                path,
                Text(f"规则“{rule}”（{names.zh}）不能去掉", f"the rule “{rule}” ({names.en}) cannot be dropped"),
                Text("从 without 里删去：没有它就不成方案", "take it out of without: a plan is not a plan without it"),
            )
        else:
            yield unknown_reference(view.origin(*path), view.field(*path), RULE, rule, sorted(DROPPABLE))


def duplicates(view: View) -> Iterator[Fault]:
    """Ids of standards, stages of the objective and entries of plain lists stand once."""
    seen: dict[Any, Path] = {}
    for n in view.keys("standards"):
        path: Path = ("standards", n, "id")
        name = view.value(*path)
        if isinstance(name, str) and name in seen:
            yield fault_at(
                view,
                "duplicate_id",
                path,
                Text(f"有两条标准的编号都是“{name}”", f"two standards have the id “{name}”"),
                Text("改掉其中一个编号", "give one of them another id"),
            )
        seen.setdefault(name, path)
        if name in METRIC_NAMES:
            yield fault_at(
                view,
                "reserved_id",
                path,
                Text(f"“{name}”是 plan.json 中一个指标的名称", f"“{name}” is the name of a figure in plan.json"),
                Text(f"换一个编号，如 {name}_circle", f"choose another id, such as {name}_circle"),
            )
    first = (_standard_ids(view) or [None])[0]
    stages: set[Any] = set()
    for n in view.keys("objectives"):
        path = ("objectives", n)
        kind, standard = view.value(*path, "minimise"), view.value(*path, "standard")
        if kind in (UNKNOWN, None) or standard is UNKNOWN:
            continue
        stage = (kind, standard or first if fairness_checks.has_standard(kind) else None)
        if stage in stages:
            yield fault_at(
                view,
                "duplicate_objective",
                path,
                Text("这个目标前面已经有了", "this stage stands further up already"),
                Text("删去后面的一个：同一目标排两次不起作用", "take the later one away: a stage has no effect twice"),
            )
        stages.add(stage)
    for path in (
        ("rules", "without"),
        ("rules", "no_harm", "standards"),
        ("rules", "no_harm", "exempt_villages"),
        ("rules", "sub_centres", "required"),
        ("rules", "sub_centres", "forbidden"),
    ):
        values = _texts(view.value(*path))
        for n, value in enumerate(values):
            if value in values[:n]:
                yield fault_at(
                    view,
                    "duplicate_entry",
                    (*path, n),
                    Text(f"“{value}”列了两次", f"“{value}” is listed twice"),
                    Text("只留一个", "keep one"),
                )


_WITHOUT_STANDARD = ("cost", "capital", "changes", "sub_centre_minutes", "sub_centre_worst", "consortium_minutes",
                     "centre_minutes", "overload", "delay", "periodic")


def objectives(view: View) -> Iterator[Fault]:
    """A stage asks only for what the plan decides."""
    on = view.value("rules", "sub_centres", "max_count") not in (0, UNKNOWN)
    known = view.value("rules", "sub_centres", "max_count") is not UNKNOWN
    for path in fairness_checks.measures(view):
        kind, standard = view.value(*path, "minimise"), view.value(*path, "standard")
        if kind == "sub_centre_minutes" and known and not on:
            yield fault_at(
                view,
                "sub_centres_off",
                (*path, "minimise"),
                Text(
                    "目标里有到次中心的时间，但没有要选次中心",
                    "a stage minimises the way to sub-centres, but none are chosen",
                ),
                Text(
                    "删去这一目标，或在 rules.sub_centres 里写 max_count",
                    "take the stage away, or give rules.sub_centres a max_count",
                ),
            )
        if kind == "consortium_minutes" and consortia_on(view) is False:
            yield fault_at(
                view,
                "consortia_off",
                (*path, "minimise"),
                Text(
                    "目标里有到医共体牵头医院的时间，但没有要划分医共体",
                    "a stage minimises the way to the leads of consortia, but none are formed",
                ),
                Text("删去这一目标，或写 rules.consortia", "take the stage away, or give rules.consortia"),
            )
        if isinstance(standard, str) and kind in _WITHOUT_STANDARD:
            yield fault_at(
                view,
                "standard_not_used",
                (*path, "standard"),
                Text(f"目标“{kind}”与标准无关", f"the stage “{kind}” has no standard"),
                Text("删去 standard", "take standard away"),
            )


def budget(view: View) -> Iterator[Fault]:
    """Recurrent money is given once: as a share of today's or in yuan."""
    share, yuan = (view.value("rules", "budget", k) for k in ("recurrent_share_of_today", "recurrent_cny"))
    if isinstance(share, int | float) and isinstance(yuan, int | float):
        yield fault_at(
            view,
            "two_budgets",
            ("rules", "budget", "recurrent_cny"),
            Text(
                "年度运行经费给了两次：占现状的比例和金额",
                "the recurrent budget is given twice: as a share and in yuan",
            ),
            Text(
                "recurrent_share_of_today 与 recurrent_cny 只留一个；情景里可把另一个写成 null",
                "keep recurrent_share_of_today or recurrent_cny; a scenario can set the other one to null",
            ),
        )


def sub_centres(view: View) -> Iterator[Fault]:
    """Counts, required and forbidden sub-centres agree with one another."""
    at = ("rules", "sub_centres")
    low, high = view.value(*at, "min_count"), view.value(*at, "max_count")
    required, forbidden = _texts(view.value(*at, "required")), _texts(view.value(*at, "forbidden"))
    if isinstance(low, int) and isinstance(high, int):
        if low > high:
            yield fault_at(
                view,
                "min_above_max",
                (*at, "min_count"),
                Text(
                    f"次中心至少 {low} 个，至多 {high} 个，互相矛盾", f"at least {low} sub-centres but at most {high}"
                ),
                Text("让 min_count 不大于 max_count", "make min_count at most max_count"),
            )
        elif len(set(required)) > high:
            yield fault_at(
                view,
                "too_many_required",
                (*at, "required"),
                Text(
                    f"指定了 {len(set(required))} 个次中心，上限是 {high} 个",
                    f"{len(set(required))} sub-centres are required, {high} is the most",
                ),
                Text("提高 max_count，或少指定几个", "raise max_count, or require fewer"),
            )
    for n, name in enumerate(required):
        if name in forbidden:
            yield fault_at(
                view,
                "required_and_forbidden",
                (*at, "required", n),
                Text(f"“{name}”既被指定又被排除", f"“{name}” is both required and forbidden"),
                Text("从 required 或 forbidden 里删去", "take it out of required or of forbidden"),
            )


def costs(view: View) -> Iterator[Fault]:
    """A cost lies inside its range."""
    for name in view.keys("costs"):
        low, value, high = (view.value("costs", name, k) for k in ("low", "value", "high"))
        if isinstance(value, int | float) and isinstance(low, int | float) and low > value:
            yield fault_at(
                view,
                "cost_range",
                ("costs", name, "low"),
                Text(f"下限 {low:g} 高于取值 {value:g}", f"the lower end {low:g} is above the value {value:g}"),
                Text("让 low ≤ value ≤ high", "make low ≤ value ≤ high"),
            )
        if isinstance(value, int | float) and isinstance(high, int | float) and value > high:
            yield fault_at(
                view,
                "cost_range",
                ("costs", name, "high"),
                Text(f"上限 {high:g} 低于取值 {value:g}", f"the upper end {high:g} is below the value {value:g}"),
                Text("让 low ≤ value ≤ high", "make low ≤ value ≤ high"),
            )


def modes(view: View) -> Iterator[Fault]:
    """Speeds are given by OpenStreetMap's road classes, at least one a mode."""
    for mode in view.keys("modes"):
        path = ("modes", mode, "speeds_kmh")
        classes = view.keys(*path)
        if not classes and isinstance(view.value(*path), dict):
            yield fault_at(
                view,
                "no_roads",
                path,
                Text("没有一类道路可走", "no class of road may be used"),
                Text("至少写一类道路的速度", "give the speed on one class of road at least"),
            )
        for name in classes:
            if name not in ROAD_CLASSES:
                yield messages.fault(
                    "unknown_road_class",
                    view.key_origin(*path, name),
                    view.field(*path, name),
                    Text(f"没有“{name}”这类道路", f"there is no road class “{name}”"),
                    meant(str(name), ROAD_CLASSES),
                )


_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}


def scenario_names(view: View) -> Iterator[Fault]:
    """A scenario's id becomes a folder: the same on every system, and only once."""
    seen: dict[str, str] = {}
    for name in map(str, view.keys("scenarios")):
        if name.lower() in _RESERVED:
            yield messages.fault(
                "bad_name",
                view.key_origin("scenarios", name),
                view.field("scenarios", name),
                Text(f"“{name}”在 Windows 上不能作文件夹名", f"“{name}” cannot be a folder on Windows"),
                Text("换一个编号", "choose another id"),
            )
        if name.lower() in seen:
            yield messages.fault(
                "duplicate_id",
                view.key_origin("scenarios", name),
                view.field("scenarios", name),
                Text(
                    f"“{name}”与“{seen[name.lower()]}”只差大小写，会写进同一个文件夹",
                    f"“{name}” and “{seen[name.lower()]}” differ in case only and share a folder",
                ),
                Text("换一个编号", "choose another id"),
            )
        seen.setdefault(name.lower(), name)


ALL: tuple[Check, ...] = (
    references,
    duplicates,
    objectives,
    fairness_checks.objective_forms,
    fairness_checks.tolerances,
    fairness_checks.fairness_limits,
    budget,
    sub_centres,
    locks,
    consortia,
    stages,
    staged_works,
    service_modes,
    staffing,
    costs,
    modes,
    coordinate_systems,
    files,
    older_people,
    basemap,
    clauses,
    scenario_names,
    *works_checks.ALL,
    *centre_checks.CHECKS,
)


def check(view: View) -> list[Fault]:
    """Run every check."""
    return [fault for each in ALL for fault in each(view)]
