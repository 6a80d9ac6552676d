"""A config in, the folder of its tornado out: the scenario solved as it is and once for each changed assumption."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from facilityplan import render
from facilityplan.access.bridges import BridgeUse, most_used_bridge
from facilityplan.access.compute import counts_for
from facilityplan.compare.assumptions import (
    COST_CHANGE,
    SPEED_CHANGE,
    Changed,
    bridge_case,
    cost_cases,
    speed_cases,
    with_changes,
)
from facilityplan.compare.robust import Case, CaseFigures, Robustness, decisions_of, robust_core
from facilityplan.compare.robust_document import RobustRecord, robust_json
from facilityplan.config import LoadedConfig, load_config, placed
from facilityplan.errors import FacilityPlanError, FaultyInput, Infeasible, NoUsablePlan, Text, UsageError
from facilityplan.inputs.tables import Inputs
from facilityplan.places import find_data_root, results_folder
from facilityplan.plan import Plan, write
from facilityplan.plan.bill import bill_of
from facilityplan.plan.verify import broken_rules
from facilityplan.runfolder import RunFolder
from facilityplan.workflow import Prepared, Progress, provenance, silent, verified_plan

SUFFIX = ".robust"  # no scenario's id holds a dot, so no run's folder is ever meant
MOST_COSTS, MOST_SPEEDS = 0.95, 0.9  # shares that may be asked for: nothing becomes free, nobody stands still


@dataclass(frozen=True)
class RobustRun:
    """What `robust` found, and the folder that holds its files."""

    robustness: Robustness
    bridge: BridgeUse | None  # the most used bridge under the base plan; None where nobody crosses one
    folder: Path
    seconds: float


def robust(config_path: str | Path, *, scenario: str | None = None, overrides: Sequence[str] = (),
           data_root: str | Path | None = None, out: str | Path | None = None, costs: float = COST_CHANGE,
           speeds: float = SPEED_CHANGE, progress: Progress = silent, lang: str = "zh") -> RobustRun:
    """Change each assumption of a scenario, one by one, all else equal; say which mergers and centres stay.

    Each assumed unit cost in use and all together (± ``costs``, a share), the speeds of each mode in use (±
    ``speeds``), and the roads without the most used bridge. Every plan is verified; a case without a plan is kept and
    says why.
    Leaves robust.html, robust.xlsx, robust.json and manifest.json in ``<out>/<scenario>.robust``.

    Raises what a run raises where the scenario as it is has no plan; UsageError for shares that make no sense.
    """
    started = time.perf_counter()
    for name, share, most in (("--costs", costs, MOST_COSTS), ("--speeds", speeds, MOST_SPEEDS)):
        if not 0 < share <= most:
            raise UsageError(Text(f"{name} 要在 0 与 {most} 之间，0.3 表示 ±30 %",
                                  f"{name} lies above 0 and is at most {most}; 0.3 means ±30 %"))
    path = Path(config_path)
    loaded = load_config(path, scenario=scenario, overrides=overrides)
    if loaded.config.named.price:  # prices of named mergers are a run's business: each would be solved twice per case
        overrides = with_changes(overrides, ["named.price=false"])
        loaded = load_config(path, scenario=scenario, overrides=overrides)
    prepared = Prepared(find_data_root(path, data_root), progress, lang=lang)
    folder = RunFolder(results_folder(path, out) / f"{loaded.scenario}{SUFFIX}")
    timings: dict[str, float] = {}
    base_plan = verified_plan(loaded, prepared)
    config, inputs = loaded.config, prepared.read(loaded.config)
    base = _with_plan(None, config, inputs, base_plan, base_plan, ())
    timings["base"] = round(time.perf_counter() - started, 3)
    bridge = _bridge(loaded, inputs, prepared, base_plan)
    changes = [*cost_cases(config, inputs, costs), *speed_cases(config, speeds),
               *([bridge_case(config, bridge)] if bridge else [])]
    cases = []
    for number, changed in enumerate(changes, start=1):
        begun = time.perf_counter()
        progress(Text(f"情形 {number}/{len(changes)}：{changed.name.zh}，{changed.values.zh}",
                      f"case {number} of {len(changes)}: {changed.name.en}, {changed.values.en}"))
        quiet = Prepared(prepared.data_root, silent, None, lang, prepared.inputs, prepared.geographies,
                         prepared.accesses)
        cases.append(_case(path, scenario, overrides, changed, quiet, base_plan))
        timings[changed.id] = round(time.perf_counter() - begun, 3)
    robustness = robust_core(base, cases)
    record = RobustRecord(path.as_posix(), loaded.scenario, loaded.scenario_name, config, inputs, base_plan,
                          robustness, bridge, bool(inputs.roads.edges["bridge"].any()), costs, speeds, tuple(overrides))
    progress(Text("绘制稳健性报告", "drawing the report on robustness"))
    with folder.replacing() as target:
        for name, content in {"robust.json": robust_json(record),
                              "robust.html": render.render_robust_page(record, lang=lang).encode(),
                              "robust.xlsx": render.render_robust_book(record, lang=lang)}.items():
            (target / name).write_bytes(content)
        (target / "manifest.json").write_bytes(write.sealed_manifest(
            {**provenance(target, loaded, inputs), "lang": lang, "timings_s": timings}))
    return RobustRun(robustness, bridge, folder.path, time.perf_counter() - started)


def summary_lines(run: RobustRun) -> Iterator[Text]:
    """Yield what a console says: how many cases, what stays in all of them, what has no plan."""
    found = run.robustness
    planned, unproven = len(found.planned), sum(not case.proven for case in found.cases)
    yield Text(f"{len(found.cases)} 种情形，{planned} 种有方案，用时 {run.seconds:.0f} 秒"
               + (f"；其中 {unproven} 种未证明最优" if unproven else ""),
               f"{len(found.cases)} cases, {planned} with a plan, in {run.seconds:.0f} s"
               + (f"; {unproven} of them not proven" if unproven else ""))
    for kind, zh, en in (("merger", "合并", "mergers"), ("sub_centre", "次中心", "sub-centres"),
                         ("centre", "服务中心", "service centres")):
        listed = found.of_base(kind)
        if listed:
            always = sum(one.verdict == "always" for one in listed)
            yield Text(f"{zh}：{len(listed)} 个中有 {always} 个在每种情形中都保留",
                       f"{en}: {always} of {len(listed)} stay in every case")
    for case in found.cases:
        if not case.has_plan:
            why = case.without_plan[0] if case.without_plan else Text("", "")
            yield Text(f"没有方案：{case.name.zh}，{case.values.zh}：{why.zh}",
                       f"no plan: {case.name.en}, {case.values.en}: {why.en}")


def _bridge(loaded: LoadedConfig, inputs: Inputs, prepared: Prepared, plan: Plan) -> BridgeUse | None:
    standard = loaded.config.standards[0]
    is_open = inputs.facilities["id"].isin(plan.decisions.open_sites()).to_numpy(bool)
    return most_used_bridge(inputs, prepared.geography(loaded.config), standard.mode,
                            is_open & counts_for(standard, inputs))


def _case(path: Path, scenario: str | None, overrides: Sequence[str], changed: Changed, prepared: Prepared,
          base_plan: Plan) -> Case:
    """Solve one case. Where it has no plan, it says so and why: that is its answer."""
    texts = with_changes(overrides, changed.overrides)
    try:
        loaded = load_config(path, scenario=scenario, overrides=texts)
    except FaultyInput as error:
        return _without(changed, texts, "faulty", error)
    try:
        plan = verified_plan(loaded, prepared)
        inputs = prepared.read(loaded.config)
        return _with_plan(changed, loaded.config, inputs, plan, base_plan, texts)
    except (Infeasible, NoUsablePlan, FaultyInput) as error:
        error.locate(placed(error.faults, loaded))
        status = "infeasible" if isinstance(error, Infeasible) else \
            "no_solution" if isinstance(error, NoUsablePlan) else "faulty"
        return _without(changed, texts, status, error)


def _without(changed: Changed, texts: tuple[str, ...], status: str, error: FacilityPlanError) -> Case:
    faults = [Text(f"{fault.what.zh}：{fault.remedy.zh}", f"{fault.what.en}: {fault.remedy.en}")
              for fault in error.faults]
    return Case(changed.id, changed.assumption, changed.kind, changed.change, changed.name, changed.values, texts,
                status, without_plan=(error.message, *faults))


def _with_plan(changed: Changed | None, config, inputs: Inputs, plan: Plan, base_plan: Plan,
               texts: tuple[str, ...]) -> Case:
    m = plan.metrics
    bill = bill_of(config, inputs, base_plan.decisions, {})
    figures = CaseFigures(
        people_within=m["people_within_circle_after"], people_within_today=m["people_within_circle_before"],
        group_people=m["group_people"], people_unreachable=m["people_unreachable"], annual_cny=m["annual_cost_cny"],
        annual_today_cny=m["annual_cost_cny_before"], capital_cny=m["capital_cost_cny"], merged=m["clinics_merged"],
        sub_centres=m["sub_centres"], annual_base_plan_cny=float(bill.recurrent.value),
        capital_base_plan_cny=float(bill.capital.value))
    known = {"status": plan.solve.status, "gap": max((s.gap for s in plan.solve.stages), default=0.0),
             "stages": tuple((s.name, s.value) for s in plan.solve.stages), "figures": figures,
             "decisions": decisions_of(plan.decisions), "checks": plan.verified.checks if plan.verified else 0}
    if changed is None:
        return Case("base", "", None, None, Text("原方案", "the plan as it is"), Text("", ""), texts, **known)
    return Case(changed.id, changed.assumption, changed.kind, changed.change, changed.name, changed.values, texts,
                base_breaks=broken_rules(config, inputs, base_plan), **known)
