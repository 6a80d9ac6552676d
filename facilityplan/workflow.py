"""The only orchestrator: config and files in, a verified run folder out.

config + files → Inputs → Geography → Access → Decisions → Plan → map, workbook, report. Each arrow is a function of its
arguments; this module strings them together, decides what is kept between scenarios and where files go.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from facilityplan.access import Access, Geography, circle_outline, compute_access, prepare_geography
from facilityplan.config import (
    Config,
    LoadedConfig,
    load_config,
    load_configs,
    placed,
    untold,
    usable_part,
)
from facilityplan.config.clauses import measures_of
from facilityplan.config.works import moves
from facilityplan.domain.sites import open_today
from facilityplan.errors import (
    FacilityPlanError,
    Fault,
    FaultyInput,
    Infeasible,
    NotProven,
    NoUsablePlan,
    Text,
    UsageError,
    VerificationFailed,
)
from facilityplan.inputs import Inputs, check_rules, read_inputs
from facilityplan.inputs.clause_columns import clause_columns
from facilityplan.model import explain_refusals, price_named
from facilityplan.places import find_data_root, results_folder
from facilityplan.plan import Plan, Verification, build_plan, verify_plan, verify_run, write
from facilityplan.plan.fitting import solve_and_route
from facilityplan.plan.prices import price_records
from facilityplan.plan.today import TodaysAccess, todays_access
from facilityplan.render.aside import Aside, draw
from facilityplan.runfolder import RunFolder, sha256_of

Progress = Callable[[Text], None]
ASSESSMENT = "assessment"
PACKAGES = ("facilityplan", "pulp", "highspy", "numpy", "pandas", "geopandas", "shapely", "pyproj", "rasterio",
            "osmium", "numba", "folium", "pyvrp")


def silent(_: Text) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Run:
    """A finished scenario: the plan and the folder that holds its files."""

    plan: Plan
    folder: Path


@dataclass
class Prepared:
    """What scenarios of one config share, kept while its part of the config does not change. Not for the public."""

    data_root: Path
    progress: Progress
    aside: Aside | None = None
    lang: str = "zh"
    inputs: dict[str, Inputs] = field(default_factory=dict)
    geographies: dict[str, Geography] = field(default_factory=dict)
    accesses: dict[str, Access] = field(default_factory=dict)

    def read(self, config: Config) -> Inputs:
        """Return the inputs of ``config``, read once for each different inputs section."""
        key = _key(config, "county", "inputs") + _clauses_key(config)
        if key not in self.inputs:
            self.progress(Text("读取道路、人口、村与机构", "reading roads, people, villages and facilities"))
            self.inputs[key] = read_inputs(config, self.data_root)
        else:
            check_rules(config, self.inputs[key])
        return self.inputs[key]

    def geography(self, config: Config) -> Geography:
        """Return the networks and snapped points of ``config``."""
        key = "".join((_key(config, "county", "inputs", "modes", "standards"), _centre_key(config),
                       config.rules.modes.model_dump_json(), _leads_key(config, "mode"), _clauses_key(config)))
        if key not in self.geographies:
            inputs = self.read(config)
            self.progress(Text("建立路网", "building the road network"))
            self.geographies[key] = prepare_geography(config, inputs)
        return self.geographies[key]

    def access(self, config: Config) -> Access:
        """Return the travel times of ``config``."""
        doctors = config.rules.doctors
        rules = config.rules
        key = "".join((_key(config, "county", "inputs", "modes", "standards"), _centre_key(config),
                       rules.hosts.model_dump_json(), rules.no_harm.model_dump_json(),
                       doctors.model_dump_json() if doctors else "", rules.modes.model_dump_json(),
                       _leads_key(config, "mode", "leads"), json.dumps(moves(config)), _clauses_key(config)))
        if key not in self.accesses:
            geography = self.geography(config)
            self.progress(Text("计算出行时间", "computing travel times"))
            self.accesses[key] = compute_access(config, self.read(config), geography)
        return self.accesses[key]


def _leads_key(config: Config, *keys: str) -> str:
    consortia = config.rules.consortia
    return "" if consortia is None else consortia.model_dump_json(include=set(keys))


def _clauses_key(config: Config) -> str:
    """What clauses ask of data and roads: columns and travel modes, not their words or targets."""
    asked = {table: [tuple(map(str, (c.name, c.type))) for c in clause_columns(config, table)]
             for table in ("villages", "facilities")}
    return json.dumps([asked, sorted({m.mode for m in measures_of(config.clauses) if m.mode is not None})])


def _key(config: Config, *sections: str) -> str:
    return config.model_dump_json(include=set(sections))


def _centre_key(config: Config) -> str:
    """What travel to sub-centres, services and sites with an attribute depends on."""
    return config.rules.model_dump_json(include={"sub_centres", "centres", "attributes"})


def run(config_path: str | Path, *, scenarios: Sequence[str] = (), all_scenarios: bool = False,
        overrides: Sequence[str] = (), data_root: str | Path | None = None, out: str | Path | None = None,
        require_optimal: bool = False, progress: Progress = silent,
        finished: Callable[[Run], None] | None = None, aside: Aside | None = None, lang: str = "zh") -> list[Run]:
    """Solve one, some or all scenarios of a config and leave a verified run folder for each.

    ``finished`` is called with each run as soon as its folder stands; ``aside``, a process of its own for drawing;
    ``lang``, "zh" or "en", the language in which report and workbook open: they hold both.

    Of several scenarios each is tried; the first one without a plan is raised after the last.

    Raises FaultyInput, Infeasible, NoUsablePlan, VerificationFailed, or NotProven (after writing) where
    ``require_optimal`` is set and a stage is not proven.
    """
    path = Path(config_path)
    names = None if all_scenarios else list(dict.fromkeys(scenarios)) or [None]
    loaded = load_configs(path, names, overrides=overrides)
    if any(one.scenario == ASSESSMENT for one in loaded):
        raise UsageError(Text(f"情景不能命名为 {ASSESSMENT}：该目录属于 assess 命令，请改名",
                              f"a scenario cannot be called {ASSESSMENT}: assess uses that folder"))
    data_folder = find_data_root(path, data_root)
    base = results_folder(path, out)
    folders = [RunFolder(base / one.scenario) for one in loaded]  # faults of the target folders come before the work
    runs, without_plan = _run_each(loaded, Prepared(data_folder, progress, aside, lang), folders, finished)
    if without_plan:
        raise without_plan[0]
    if require_optimal and (unproven := [r.plan.scenario for r in runs if r.plan.solve.status != "optimal"]):
        names = ", ".join(unproven)
        raise NotProven(Text(f"方案可用但未证明最优：{names}；请增加 solver.time_limit_s",
                             f"usable but not proven optimal: {names}; raise solver.time_limit_s"))
    return runs


def _run_each(loaded: Sequence[LoadedConfig], prepared: Prepared, folders: Sequence[RunFolder],
              finished: Callable[[Run], None] | None) -> tuple[list[Run], list[FacilityPlanError]]:
    """Return the runs, and why the others have no plan; a single scenario without one is raised at once."""
    runs: list[Run] = []
    without_plan: list[FacilityPlanError] = []
    for one, folder in zip(loaded, folders, strict=True):
        try:
            runs.append(_run_one(one, prepared, folder))
        except FacilityPlanError as error:
            error.locate(placed(error.faults, one))
            if not isinstance(error, Infeasible | NoUsablePlan):
                raise
            if len(loaded) == 1:
                raise
            without_plan.append(error)  # the other scenarios may still have a plan; this one is reported at once
            prepared.progress(Text(f"情景 {one.scenario} 没有方案：{error.in_language('zh')}",
                                   f"scenario {one.scenario} has no plan: {error.in_language('en')}"))
            continue
        if finished:
            finished(runs[-1])
    return runs, without_plan


def _run_one(loaded: LoadedConfig, prepared: Prepared, folder: RunFolder) -> Run:
    started = time.perf_counter()
    timings: dict[str, float] = {}

    def lap(name: str) -> None:
        timings[name] = round(time.perf_counter() - started - sum(timings.values()), 3)

    plan = verified_plan(loaded, prepared, lap)
    inputs, geography = prepared.read(loaded.config), prepared.geography(loaded.config)
    prepared.progress(Text("绘制地图、工作簿与报告", "drawing map, workbook and report"))
    with folder.replacing() as target:
        _write_outputs(target, plan, loaded, inputs, geography, prepared)
        lap("write")
        _write_manifest(target, loaded, inputs, plan, timings, prepared.lang)
    return Run(plan, folder.path)


def verified_plan(loaded: LoadedConfig, prepared: Prepared, lap: Callable[[str], None] = lambda _: None) -> Plan:
    """Solve a scenario and verify its plan; write nothing. ``lap`` is told each part as it ends. Not for the public.

    Raises FaultyInput, Infeasible, NoUsablePlan or VerificationFailed.
    """
    config, progress = loaded.config, prepared.progress
    inputs = prepared.read(config)
    lap("read")
    geography, access = prepared.geography(config), prepared.access(config)
    lap("travel_times")
    progress(Text(f"求解情景 {loaded.scenario}", f"solving scenario {loaded.scenario}"))
    decisions, report, week, fitted = solve_and_route(config, inputs, geography, access, progress)
    lap("solve")
    refusals = explain_refusals(config, inputs, access, decisions)
    plan = build_plan(loaded, inputs, geography, access, decisions, report, refusals, week)
    plan = _say_overrides(plan if fitted is None else dataclasses.replace(plan, notes=(*plan.notes, fitted)), loaded)
    prices = price_named(config, inputs, access, progress)
    plan = dataclasses.replace(plan, prices=price_records(config, inputs, prices))
    lap("plan")
    progress(Text("独立复核", "verifying independently"))
    plan = dataclasses.replace(plan, verified=verify_plan(config, inputs, plan))
    if not plan.verified.ok:
        raise VerificationFailed(Text("独立复核未通过，结果未写出：",
                                      "the verifier refused the plan, nothing was written:"),
                                 [Fault("verify", Text(f, f), Text("请报告此问题", "please report this"))
                                  for f in plan.verified.failures])
    lap("verify")
    return plan


def _say_overrides(plan: Plan, loaded: LoadedConfig) -> Plan:
    """A scenario changed on the command line must not pass for the scenario itself: its name and notes say so."""
    if not loaded.overrides:
        return plan
    keys = ", ".join(sorted(loaded.overrides))
    name = Text(f"{plan.scenario_name.zh}（命令行有改动）", f"{plan.scenario_name.en} (changed on the command line)")
    note = Text(f"以下值由 --set 改动，与配置文件不同：{keys}", f"changed with --set, not as the config says: {keys}")
    return dataclasses.replace(plan, scenario_name=name, notes=(*plan.notes, note))


def _write_outputs(target: Path, plan: Plan, loaded: LoadedConfig, inputs: Inputs, geography: Geography,
                   prepared: Prepared) -> None:
    from facilityplan import render  # imports Folium, which commands that draw nothing should not wait for

    config, standard, aside = loaded.config, loaded.config.standards[0], prepared.aside
    doctors = config.rules.doctors
    today = inputs.facilities["id"][open_today(
        inputs.facilities, open_without_doctor=doctors is None or doctors.open_without_doctor)]
    outlines = {name: circle_outline(config, inputs, geography, standard, frozenset(ids))
                for name, ids in (("before", today), ("after", plan.decisions.open_sites()))}
    limits = render.Limits(None if doctors is None else doctors.people_per_doctor_cap,
                           config.rules.sub_centres.max_people)
    pages = {"render_map": ((plan, inputs, outlines),
                            {"water": inputs.water, "basemap": config.output.basemap, "limits": limits}),
             "render_report": ((plan, inputs), {"lang": prepared.lang, "water": inputs.water})}
    if aside:
        aside.begin(pages)
    contents = {**write.files_of(plan), "plan.xlsx": render.render_workbook(plan, inputs, lang=prepared.lang)}
    contents["notices.html"] = render.render_notices(plan, inputs, lang=prepared.lang, water=inputs.water).encode()
    render.write_geopackage(plan, inputs, target / "plan.gpkg")
    drawn = aside.pages() if aside else draw(pages)
    contents |= {f"{page}.html": drawn[f"render_{page}"].encode() for page in ("map", "report")}
    for name, content in contents.items():
        (target / name).write_bytes(content)


def _write_manifest(target: Path, loaded: LoadedConfig, inputs: Inputs, plan: Plan, timings: dict[str, float],
                    lang: str) -> None:
    (target / "manifest.json").write_bytes(write.sealed_manifest({
        **provenance(target, loaded, inputs), "lang": lang,
        "solver": {"name": "HiGHS", "threads": loaded.config.solver.threads, "seed": loaded.config.solver.seed,
                   "model_size": dict(plan.solve.model_size)},
        "timings_s": timings}))


def provenance(target: Path, loaded: LoadedConfig, inputs: Inputs) -> dict[str, Any]:
    """Return what every manifest says: digests of files and inputs, the whole config, versions. Not for the public."""
    return {
        "schema_version": 1,
        "scenario": loaded.scenario,
        "files": {p.name: sha256_of(p) for p in sorted(target.iterdir())},
        "inputs": dict(sorted(inputs.digests.items())),
        "config": loaded.config.model_dump(mode="json"),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }


def check(config_path: str | Path, *, scenario: str | None = None, overrides: Sequence[str] = (),
          data_root: str | Path | None = None) -> tuple[LoadedConfig, Inputs]:
    """Read a config and all its data; raise FaultyInput with every fault, or return both with the readers' notes."""
    path = Path(config_path)
    try:
        loaded = load_config(path, scenario=scenario, overrides=overrides)
        others = [name for name in loaded.scenarios if name != loaded.scenario]
        every = [loaded] if scenario else load_configs(path, [None, *others], overrides=overrides)
    except FaultyInput as error:  # the data are checked by what of the config can be used
        raise FaultyInput([*error.faults, *_faults_of_data(path, overrides, data_root, error.faults)]) from None
    return loaded, _read_for_every(every, find_data_root(path, data_root))


def _faults_of_data(path: Path, overrides: Sequence[str], data_root: str | Path | None, told: Sequence[Fault]
                    ) -> list[Fault]:
    config = usable_part(path, overrides)
    if config is None:
        return []
    try:
        read_inputs(config, find_data_root(path, data_root))
    except FaultyInput as error:
        return untold(error.faults, told)
    return []


def _read_for_every(every: Sequence[LoadedConfig], data_root: Path) -> Inputs:
    """Return the first scenario's inputs; raise FaultyInput with the faults that any scenario finds in its data."""
    read: dict[str, Inputs | None] = {}
    faults: list[Fault] = []
    for one in every:
        key = _key(one.config, "county", "inputs", "modes", "standards") + _clauses_key(one.config)
        try:
            if key not in read:
                read[key] = None
                read[key] = read_inputs(one.config, data_root)
            elif inputs := read[key]:
                check_rules(one.config, inputs)
        except FaultyInput as error:
            faults += [f for f in placed(error.faults, one) if f not in faults]
    if faults:
        raise FaultyInput(faults)
    inputs = next(iter(read.values()))
    assert inputs is not None
    return inputs


@dataclass(frozen=True)
class Assessment:
    """Today's access and the folder that holds its files."""

    access: TodaysAccess
    folder: Path


def assess(config_path: str | Path, *, scenario: str | None = None, overrides: Sequence[str] = (),
           data_root: str | Path | None = None, out: str | Path | None = None,
           progress: Progress = silent) -> Assessment:
    """Assess today's access, deciding nothing; leave assessment.json, villages.csv, cells.parquet, manifest.json."""
    path = Path(config_path)
    loaded = load_config(path, scenario=scenario, overrides=overrides)
    prepared = Prepared(find_data_root(path, data_root), progress)
    folder = RunFolder(results_folder(path, out) / ASSESSMENT)
    inputs = prepared.read(loaded.config)
    access = todays_access(loaded, inputs, prepared.access(loaded.config))
    with folder.replacing() as target:
        for name, content in access.files().items():
            (target / name).write_bytes(content)
        (target / "manifest.json").write_bytes(write.sealed_manifest(provenance(target, loaded, inputs)))
    return Assessment(access, folder.path)


def verify(run_folder: str | Path, *, data_root: str | Path | None = None) -> Verification:
    """Recheck a finished run from raw inputs and its own files; one changed byte fails it."""
    folder = Path(run_folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        config = Config.model_validate(manifest["config"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise FaultyInput([Fault("bad_manifest", Text("清单缺失或损坏", "the manifest is missing or broken"),
                                 Text("指定 run 生成的结果目录", "name a folder that `run` has left"),
                                 file=str(folder / "manifest.json"))]) from error
    inputs = read_inputs(config, find_data_root(folder / "manifest.json", data_root))
    return verify_run(folder, config, inputs)


def files_to_open(folder: Path) -> Iterable[Path]:
    """Return the files a person opens first: map, workbook, report."""
    return (folder / name for name in ("map.html", "plan.xlsx", "report.html"))
