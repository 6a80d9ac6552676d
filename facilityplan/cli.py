"""The command line, thin: parse, call the workflow, print, exit code.

Exit codes: 0 done · 1 faulty data or config · 2 usage · 3 proven infeasible · 4 stopped without a usable plan ·
5 usable but not proven, under --require-optimal. A traceback only with --debug.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import locale
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from facilityplan.errors import FacilityPlanError, Text, UsageError
from facilityplan.render.aside import Aside

if TYPE_CHECKING:
    from facilityplan.plan.types import Plan, Verification
    from facilityplan.workflow import Run

INTERRUPTED = 130
HELP = {
    "facilityplan": Text(
        "为县域决定哪些村卫生室合并、哪些卫生院成为次中心，并独立复核。",
        "Decide which village clinics merge and which township hospitals become sub-centres, and prove it."),
    "check": Text("一次列出配置与数据的全部错误", "list every fault of a config and its data at once"),
    "show": Text("显示解析后的配置及每个值的来源", "show the resolved config, each value with where it came from"),
    "schema": Text("输出配置的 JSON Schema，供编辑器使用", "print the JSON Schema of the config, for editors"),
    "assess": Text("只评估现状可及性，不做决策", "today's access only: no decisions"),
    "run": Text("求解一个、若干或全部情景", "solve one, some or all scenarios"),
    "verify": Text("从原始数据复核已完成的方案", "recheck a finished plan from raw inputs"),
    "compare": Text("并列比较若干方案：谁得谁失，哪些安排不同",
                    "hold plans against each other: who gains, what differs"),
    "robust": Text("逐一改变假定，看哪些合并与中心仍保留",
                   "change each assumption, see which mergers and centres stay"),
    "costs": Text("假定单价的变化幅度，0.3 表示 ±30 %%", "by how much assumed unit costs change; 0.3 means ±30 %%"),
    "speeds": Text("出行速度的变化幅度，0.2 表示 ±20 %%", "by how much speeds change; 0.2 means ±20 %%"),
    "RUNS": Text("两个至六个结果目录，第一个为基准", "two to six runs' folders; the first is the yardstick"),
    "out_compare": Text("输出目录，默认为首个结果目录旁的 comparison",
                        "where results go, by default `comparison` beside the first run"),
    "CONFIG": Text("配置文件（YAML）", "the config, a YAML file"),
    "RUN": Text("结果目录", "a run's folder"),
    "lang": Text("语言：zh 或 en，默认随系统", "language: zh or en, by default the system's"),
    "debug": Text("出错时显示完整调用栈", "show a traceback with an error"),
    "scenario": Text("情景，可重复", "a scenario; may be repeated"),
    "all": Text("全部情景", "all scenarios"),
    "set": Text("覆盖一个值，可重复：rules.budget.recurrent_cny=1e7", "override a value; may be repeated"),
    "data_root": Text("数据目录，默认为项目的 data/",
                      "the folder that data files lie under, by default the project's data/"),
    "out": Text("输出目录，默认 maps/<配置名>", "where results go, by default maps/<config>"),
    "require_optimal": Text("未证明最优时以代码 5 退出", "exit with 5 unless every stage is proven optimal"),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(Text(f"命令有误：{message}\n{self.format_usage()}", f"{message}\n{self.format_usage()}"))


def _parser(lang: str) -> argparse.ArgumentParser:
    def text(key: str) -> str:
        return HELP[key].in_language(lang)

    common = _Parser(add_help=False)
    common.add_argument("--lang", choices=("zh", "en"), default=lang, help=text("lang"))
    common.add_argument("--debug", action="store_true", help=text("debug"))
    parser = _Parser(prog="facilityplan", description=text("facilityplan"), parents=[common])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, *, config: bool = True) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text(name), description=text(name), parents=[common])
        if config:
            one.add_argument("config", metavar="CONFIG", help=text("CONFIG"))
            one.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=text("set"))
        return one

    for name in ("check", "show", "assess"):
        one = command(name)
        one.add_argument("-s", "--scenario", help=text("scenario"))
        if name != "show":
            one.add_argument("--data-root", metavar="DIR", help=text("data_root"))
        if name == "assess":
            one.add_argument("-o", "--out", metavar="DIR", help=text("out"))
    run = command("run")
    which = run.add_mutually_exclusive_group()
    which.add_argument("-s", "--scenario", action="append", default=[], help=text("scenario"))
    which.add_argument("--all", action="store_true", help=text("all"))
    run.add_argument("--data-root", metavar="DIR", help=text("data_root"))
    run.add_argument("-o", "--out", metavar="DIR", help=text("out"))
    run.add_argument("--require-optimal", action="store_true", help=text("require_optimal"))
    robust = command("robust")
    robust.add_argument("-s", "--scenario", help=text("scenario"))
    robust.add_argument("--data-root", metavar="DIR", help=text("data_root"))
    robust.add_argument("-o", "--out", metavar="DIR", help=text("out"))
    robust.add_argument("--costs", type=float, default=0.3, metavar="SHARE", help=text("costs"))
    robust.add_argument("--speeds", type=float, default=0.2, metavar="SHARE", help=text("speeds"))
    verify = command("verify", config=False)
    verify.add_argument("run", metavar="RUN", help=text("RUN"))
    verify.add_argument("--data-root", metavar="DIR", help=text("data_root"))
    compare = command("compare", config=False)
    compare.add_argument("runs", metavar="RUN", nargs="+", help=text("RUNS"))
    compare.add_argument("--data-root", metavar="DIR", help=text("data_root"))
    compare.add_argument("-o", "--out", metavar="DIR", help=text("out_compare"))
    command("schema", config=False)
    return parser


class Printer:
    """Says what goes on: results to standard output, progress with the elapsed time to standard error."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.started = time.perf_counter()

    def say(self, text: Text | str) -> None:
        """Print a result, one line."""
        print(text if isinstance(text, str) else text.in_language(self.lang), flush=True)

    def progress(self, text: Text) -> None:
        """Print what begins now, with the seconds since the start."""
        elapsed = time.perf_counter() - self.started
        print(f"[{elapsed:6.1f} s] {text.in_language(self.lang)}", file=sys.stderr, flush=True)


def _language(arguments: Sequence[str]) -> str:
    for i, word in enumerate(arguments):
        chosen = word.removeprefix("--lang=") if word.startswith("--lang=") else "".join(arguments[i + 1:i + 2])
        if word.startswith("--lang") and chosen in {"zh", "en"}:
            return chosen
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    system = next(filter(None, named), None) or locale.getlocale()[0]
    return "zh" if str(system or "").lower().startswith(("zh", "chinese")) else "en"


def _stop(*_: object) -> NoReturn:
    """Take the polite kill like Ctrl-C: half-written folders go, child processes end."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):  # a console in GBK or ASCII must not turn a message into a crash
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    lang = _language(arguments)
    debug = "--debug" in arguments
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
    try:
        options = _parser(lang).parse_args(arguments)
        return COMMANDS[options.command](options, Printer(lang))
    except FacilityPlanError as error:
        if debug:
            raise
        print(error.in_language(lang), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        stopped = Text("已中断，先前的结果未改动", "interrupted; earlier results are untouched")
        print(stopped.in_language(lang), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `facilityplan show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if debug:
            raise
        about = f"{error.filename}: " if error.filename else ""
        print(Text(f"{about}系统拒绝：{error.strerror or error}；检查权限与剩余空间",
                   f"{about}the system refused: {error.strerror or error}; check permissions and free space"
                   ).in_language(lang), file=sys.stderr)
        return 1
    except Exception as error:
        if debug:
            raise
        print(Text(f"程序错误（不是您的数据问题）：{type(error).__name__}: {error}；加 --debug 重试并报告",
                   f"a fault of the program, not of your data: {type(error).__name__}: {error}; "
                   "run again with --debug and report it").in_language(lang), file=sys.stderr)
        return 1


def _check(options: argparse.Namespace, out: Printer) -> int:
    workflow = _load_workflow()

    loaded, inputs = workflow.check(options.config, scenario=options.scenario, overrides=options.set,
                                    data_root=options.data_root)
    for note in inputs.notes:
        out.say(f"· {note.in_language(out.lang)}")
    counts = (len(inputs.villages), len(inputs.facilities), len(inputs.cells), len(inputs.roads.edges))
    people = inputs.cells["people"].sum()
    out.say(Text(f"没有错误：{loaded.config.county.name}，村（社区）{counts[0]}，机构 {counts[1]}，"
                 f"需求单元 {counts[2]}，路段 {counts[3]}，人口 {people:,.0f}",
                 f"no faults: {loaded.config.county.name_en}, {counts[0]} villages, {counts[1]} facilities, "
                 f"{counts[2]} cells, {counts[3]} road edges, {people:,.0f} people"))
    return 0


def _show(options: argparse.Namespace, out: Printer) -> int:
    from facilityplan.config import load_config, show_config

    out.say(show_config(load_config(options.config, scenario=options.scenario, overrides=options.set), out.lang))
    return 0


def _schema(_: argparse.Namespace, out: Printer) -> int:
    from facilityplan.config import json_schema

    out.say(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return 0


def _assess(options: argparse.Namespace, out: Printer) -> int:
    workflow = _load_workflow()

    result = workflow.assess(options.config, scenario=options.scenario, overrides=options.set,
                             data_root=options.data_root, out=options.out, progress=out.progress)
    for line in result.access.summary():
        out.say(line)
    out.say(str(result.folder))
    return 0


def _load_workflow() -> ModuleType:
    """Import the libraries; the collector has nothing to find while they load, and need not look at them again."""
    gc.disable()
    from facilityplan import workflow

    gc.freeze()
    gc.enable()
    return workflow


def _run(options: argparse.Namespace, out: Printer) -> int:
    with contextlib.ExitStack() as stack:
        drawn_before = "facilityplan.render.map" in sys.modules  # then its imports are paid for
        aside = None if drawn_before else stack.enter_context(Aside())
        workflow = _load_workflow()

        first: list[Plan] = []

        def finished(one: Run) -> None:
            from facilityplan.render.console import plan_lines

            for line in (*plan_lines(one.plan), *_against(one.plan, first)):
                out.say(line)
            for path in workflow.files_to_open(one.folder):
                out.say(f"  {path}")

        workflow.run(options.config, scenarios=options.scenario, all_scenarios=options.all, overrides=options.set,
                     data_root=options.data_root, out=options.out, require_optimal=options.require_optimal,
                     progress=out.progress, finished=finished, aside=aside, lang=out.lang)
    return 0


def _against(plan: Plan, first: list[Plan]) -> list[Text]:
    """Return what a further scenario changes against the first of this command, which it keeps in ``first``."""
    from facilityplan.plan.differences import difference

    if first:
        return [difference(plan, first[0])]
    first.append(plan)
    return []


def _verdict(result: Verification) -> Text:
    """Return the verifier's word, its checks parted: those of the plan are as many as when it was made."""
    plan, folder = f"{result.plan_checks:,}", f"{result.folder_checks:,}"
    if result.ok:
        return Text(f"复核通过：{result.checks:,} 项检查（方案 {plan} 项，结果目录的文件 {folder} 项）",
                    f"verified: {result.checks:,} checks ({plan} of the plan, {folder} of the run folder's files)")
    return Text(f"复核未通过：{result.checks:,} 项检查（方案 {plan} 项，结果目录的文件 {folder} 项）中有 "
                f"{result.failed:,} 项不符",
                f"not verified: {result.failed:,} of {result.checks:,} checks failed "
                f"({plan} of the plan, {folder} of the run folder's files)")


def _verify(options: argparse.Namespace, out: Printer) -> int:
    workflow = _load_workflow()

    result = workflow.verify(Path(options.run), data_root=options.data_root)
    for failure in result.failures:
        out.say(f"  {failure}")
    out.say(_verdict(result))
    return 0 if result.ok else 1


def _compare(options: argparse.Namespace, out: Printer) -> int:
    _load_workflow()
    from facilityplan.compare.comparison import summary_line
    from facilityplan.comparing import compare_runs

    comparison, folder = compare_runs(options.runs, data_root=options.data_root, out=options.out,
                                      progress=out.progress)
    for text in comparison.caveats:
        out.say(text)
    for pair in comparison.pairs:
        out.say(summary_line(comparison, pair))
    for name in ("map.html", "comparison.xlsx", "report.html"):
        out.say(f"  {folder / name}")
    return 0


def _robust(options: argparse.Namespace, out: Printer) -> int:
    _load_workflow()
    from facilityplan.robustness import robust, summary_lines

    found = robust(options.config, scenario=options.scenario, overrides=options.set, data_root=options.data_root,
                   out=options.out, costs=options.costs, speeds=options.speeds, progress=out.progress, lang=out.lang)
    for line in summary_lines(found):
        out.say(line)
    for name in ("robust.html", "robust.xlsx"):
        out.say(f"  {found.folder / name}")
    return 0


COMMANDS = {"check": _check, "show": _show, "schema": _schema, "assess": _assess, "run": _run, "robust": _robust,
            "verify": _verify, "compare": _compare}
